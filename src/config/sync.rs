//! `[sync]`: what a tick does.

use std::collections::BTreeSet;

use serde::Deserialize;
use toml::Spanned;

use super::error::Wrong;

const DIRECTORIES_AT_ONCE_MAX: i64 = 64;
const LISTED_MAX: usize = 10_000;
const ID_CHARACTERS_MAX: usize = 200;

/// The section as it stands.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SyncSection {
    directories_at_once: Option<Spanned<i64>>,
    max_removed_percent: Option<Spanned<i64>>,
    include: Option<Spanned<Vec<Spanned<String>>>>,
    exclude: Option<Spanned<Vec<Spanned<String>>>>,
}

/// What a tick does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sync {
    /// Walks at once, in each account; 1 to 64, 4.
    pub directories_at_once: usize,
    /// The brake: the largest part of a directory that a walk may remove; 0 to 100, 20.
    pub max_removed_percent: u8,
    /// The directories that are mirrored; empty: all.
    pub include: BTreeSet<String>,
    /// The directories that are not.
    pub exclude: BTreeSet<String>,
}

impl Sync {
    /// Whether a directory that is listed is mirrored.
    #[must_use]
    pub fn wants(&self, directory: &str) -> bool {
        (self.include.is_empty() || self.include.contains(directory)) && !self.exclude.contains(directory)
    }
}

impl SyncSection {
    pub(super) fn validate(&self) -> Result<Sync, Wrong> {
        let at_once = within(self.directories_at_once.as_ref(), 1, DIRECTORIES_AT_ONCE_MAX)?;
        let percent = within(self.max_removed_percent.as_ref(), 0, 100)?;
        let include = ids(self.include.as_ref())?;
        let exclude = ids(self.exclude.as_ref())?;
        let listed = self.exclude.iter().flat_map(|list| list.get_ref());
        if let Some(both) = listed.into_iter().find(|id| include.contains(id.get_ref())) {
            let cause = format!("directory {} is both included and excluded", both.get_ref());
            return Err(Wrong::new(both.span(), cause).hint("take it out of one of the two lists"));
        }
        Ok(Sync {
            directories_at_once: at_once.map_or(4, |n| usize::try_from(n).unwrap_or(4)),
            max_removed_percent: percent.map_or(20, |n| u8::try_from(n).unwrap_or(20)),
            include,
            exclude,
        })
    }
}

/// A whole number between two bounds, both allowed.
pub(super) fn within(value: Option<&Spanned<i64>>, least: i64, most: i64) -> Result<Option<i64>, Wrong> {
    let Some(value) = value else { return Ok(None) };
    let number = *value.get_ref();
    if (least..=most).contains(&number) {
        return Ok(Some(number));
    }
    Err(Wrong::new(value.span(), format!("it must be {least} to {most}, and this is {number}")))
}

fn ids(list: Option<&Spanned<Vec<Spanned<String>>>>) -> Result<BTreeSet<String>, Wrong> {
    let Some(list) = list else { return Ok(BTreeSet::new()) };
    if list.get_ref().len() > LISTED_MAX {
        return Err(Wrong::new(list.span(), format!("it lists more than {LISTED_MAX} directories")));
    }
    for id in list.get_ref() {
        let text = id.get_ref();
        let odd = text.chars().any(|c| c.is_whitespace() || c.is_control());
        if text.is_empty() || text.chars().count() > ID_CHARACTERS_MAX || odd {
            return Err(Wrong::new(id.span(), "it is no directory's ID")
                .hint("write IDs as the API gives them, such as \"dir_12345\""));
        }
    }
    Ok(list.get_ref().iter().map(|id| id.get_ref().clone()).collect())
}
