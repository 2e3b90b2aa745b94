//! What an account counts pages from, 0 or 1: found out once, by overlap and not by equality, since
//! newcomers come between two looks (`coupontools-api.md`, "The users list").
//!
//! To be wrong here is to lose the newest page for good: nothing is concluded from one look that a
//! single wrong answer could have faked.

use std::collections::HashSet;

use crate::api::{ApiError, Client, UsersPage};
use crate::directory::DirectoryId;
use crate::registration::RegistrationId;

/// Looks that contradict each other are repeated until two in a row agree, this often at most.
const ROUNDS_MAX: u32 = 4;

/// What was found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Numbering {
    /// Counted from this; to be remembered.
    From(u8),
    /// Nothing here tells; asking for this one as the first page is right either way.
    Undecided(u8),
}

/// What pages 1 and 0, looked at one after the other, say together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pair {
    Neither,
    OnlyOne,
    OnlyZero,
    /// Mostly the same rows: one page by two numbers.
    Same,
    Different,
    /// Page 1 has rows; asking for page 0 failed in a way that may pass.
    OneAndAnError,
}

/// The IDs of a page; none if there is no such page.
type Look = Option<Vec<RegistrationId>>;

/// Finds out with one directory's pages.
///
/// # Errors
/// When a page that has to be there is not answered.
pub(super) async fn find_out(client: &Client, directory: &DirectoryId) -> Result<Numbering, ApiError> {
    let mut last = None;
    for _ in 0..ROUNDS_MAX {
        let (pair, one) = look_at_both(client, directory).await?;
        if last == Some(pair) {
            return match pair {
                Pair::OnlyOne => Ok(Numbering::From(1)),
                Pair::OnlyZero | Pair::Different => Ok(Numbering::From(0)),
                Pair::Same => look_further(client, directory, &one).await,
                Pair::Neither | Pair::OneAndAnError => Ok(Numbering::Undecided(1)),
            };
        }
        last = Some(pair);
    }
    Ok(Numbering::Undecided(1))
}

/// Page 1 before page 0: newcomers then push rows away from an overlap, not into one.
async fn look_at_both(
    client: &Client,
    directory: &DirectoryId,
) -> Result<(Pair, Vec<RegistrationId>), ApiError> {
    let one = look(client.fetch_users(directory, 1).await.result)?;
    // A server that counts from 1 may well fail on page 0: not worth five tries.
    let zero = look(client.asking_once().fetch_users(directory, 0).await.result);
    let zero = match (zero, &one) {
        (Err(ApiError::Passing { .. }), Some(one)) => return Ok((Pair::OneAndAnError, one.clone())),
        (zero, _) => zero?,
    };
    let pair = match (&zero, &one) {
        (None, None) => Pair::Neither,
        (None, Some(_)) => Pair::OnlyOne,
        (Some(_), None) => Pair::OnlyZero,
        (Some(zero), Some(one)) if is_mostly_the_same(zero, one) => Pair::Same,
        (Some(_), Some(_)) => Pair::Different,
    };
    Ok((pair, one.unwrap_or_default()))
}

/// Pages 0 and 1 are the same: page 0 stands for page 1, or every page number gives these rows.
async fn look_further(
    client: &Client,
    directory: &DirectoryId,
    one: &[RegistrationId],
) -> Result<Numbering, ApiError> {
    for _ in 0..2 {
        let two = look(client.fetch_users(directory, 2).await.result)?;
        if two.is_some_and(|two| is_mostly_the_same(one, &two)) {
            return Ok(Numbering::Undecided(0));
        }
    }
    Ok(Numbering::From(1))
}

fn look(answer: Result<UsersPage, ApiError>) -> Result<Look, ApiError> {
    match answer {
        Ok(page) if page.rows.is_empty() => Ok(None),
        Ok(page) => Ok(Some(page.rows.into_iter().map(|row| row.id).collect())),
        Err(ApiError::WrongParameter { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

fn is_mostly_the_same(one: &[RegistrationId], other: &[RegistrationId]) -> bool {
    let ids: HashSet<_> = one.iter().collect();
    let shared = other.iter().filter(|id| ids.contains(id)).count();
    shared * 2 > one.len().min(other.len())
}
