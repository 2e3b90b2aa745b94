//! Whether somebody who is listed anew, or by another address than until now, was erased before: by address
//! and number, since the row's ID tells nothing.

use rusqlite::params;

use super::disk::Disk;
use super::row::record;
use super::statement;
use super::walk::WalkState;
use crate::registration::Registration;
use crate::store::erasure::{EMPTY_CHANGES, EMPTY_REGISTRATION, emptied};
use crate::store::error::StoreError;
use crate::store::setting;

/// Whether there is anybody to look for: seldom, and looking costs more than the row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Erasures {
    None,
    Some,
}

impl Erasures {
    pub(super) fn look(disk: &Disk) -> Result<Self, StoreError> {
        let is_any = disk.find(statement::IS_ANYBODY_ERASED, [], |row| row.get(0))?;
        Ok(if is_any == Some(true) { Self::Some } else { Self::None })
    }

    /// When this person was erased, if it was after they registered: who registers again gives their data
    /// anew.
    pub(super) fn find(self, disk: &Disk, r: &Registration) -> Result<Option<String>, StoreError> {
        if self == Self::None || (r.email.is_none() && r.phone.is_none()) {
            return Ok(None);
        }
        let registered_at = r.registered_at.map(|at| at.to_string());
        let found =
            disk.find(statement::FIND_ERASURE, params![r.email, r.phone, registered_at], |row| row.get(0))?;
        Ok(found.flatten())
    }
}

/// Empties a row and what the feed tells of it, and tells the feed.
pub(super) fn empty(
    disk: &Disk,
    state: &mut WalkState,
    key: i64,
    r: &Registration,
    erased_at: &str,
    now: &str,
) -> Result<(), StoreError> {
    disk.execute(EMPTY_REGISTRATION, params![key, erased_at, now])?;
    disk.execute(EMPTY_CHANGES, params![state.directory.0, r.id.as_str()])?;
    // Its values may be left in pages that were freed.
    disk.execute(statement::NOTE_SETTING, [setting::UNWIPED_SINCE, now])?;
    state.counts.updated += 1;
    record(disk, state, "updated", &r.id, (None, Some(emptied(erased_at))), now)
}
