//! What an account counts pages from, 0 or 1: found out once, by overlap and not by equality, since
//! newcomers come between two looks (`coupontools-api.md`, "The users list").

use std::collections::HashSet;

use crate::api::{ApiError, Client, UsersPage};
use crate::directory::DirectoryId;
use crate::registration::RegistrationId;

/// Looks that contradict each other are repeated this often.
const ROUNDS_MAX: u32 = 3;

/// What was found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Numbering {
    /// Counted from this; to be remembered.
    From(u8),
    /// Nothing here tells; asking for this one as the first page is right either way.
    Undecided(u8),
}

/// The IDs of a page; none if there is no such page.
type Look = Option<Vec<RegistrationId>>;

/// Finds out with one directory's pages. Page 1 is looked at before page 0: newcomers then push rows
/// away from an overlap, not into one. What a single wrong answer could fake is looked at twice.
pub(super) async fn find_out(client: &Client, directory: &DirectoryId) -> Result<Numbering, ApiError> {
    let look = async |page| look(client.fetch_users(directory, page).await.result);
    let mut one = look(1).await?;
    let mut zero = look(0).await?;
    for _ in 0..ROUNDS_MAX {
        match (&zero, &one) {
            (None, None) => return Ok(Numbering::Undecided(1)),
            (None, Some(_)) => {
                zero = look(0).await?;
                if zero.is_none() {
                    return Ok(Numbering::From(1));
                }
            }
            (Some(_), None) => {
                one = look(1).await?;
                if one.is_none() {
                    return Ok(Numbering::From(0));
                }
            }
            (Some(above), Some(below)) if is_mostly_the_same(above, below) => {
                return Ok(match (look(2).await?, look(2).await?) {
                    (None, None) => Numbering::From(1),
                    (Some(two), Some(_)) if !is_mostly_the_same(below, &two) => Numbering::From(1),
                    // Every page number gives the same rows here: the first page is either.
                    _ => Numbering::Undecided(0),
                });
            }
            (Some(above), Some(_)) => {
                one = look(1).await?;
                if one.as_ref().is_some_and(|again| !is_mostly_the_same(above, again)) {
                    return Ok(Numbering::From(0));
                }
            }
        }
    }
    Ok(Numbering::Undecided(1))
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
