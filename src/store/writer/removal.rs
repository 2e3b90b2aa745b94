//! What leaves the standing registrations at a walk's end: those proved gone twice, unless the brake
//! is held; and, of those that a full walk did not show, who is missing from now on.

use roaring::RoaringTreemap;
use rusqlite::params;

use super::disk::Disk;
use super::row;
use super::statement;
use super::walk::WalkState;
use crate::instant::UtcInstant;
use crate::registration::RegistrationId;
use crate::store::brake::{Brake, Case, Verdict};
use crate::store::error::StoreError;

/// Marks what stood when the walk began, was found by another walk and is not among `seen`.
pub(super) fn mark_missing(
    disk: &Disk,
    state: &mut WalkState,
    seen: &RoaringTreemap,
    now: UtcInstant,
) -> Result<(), StoreError> {
    let mut unseen = RoaringTreemap::new();
    let last = state.last_registration;
    disk.each_key(statement::LIST_STANDING, [state.directory.0], |key| {
        if key <= last && !seen.contains(key.cast_unsigned()) {
            unseen.insert(key.cast_unsigned());
        }
    })?;
    let now = now.to_string();
    for key in unseen {
        let marked = disk.execute(statement::MARK_MISSING, params![key.cast_signed(), now, state.key.0])?;
        state.counts.missing += marked as u64;
    }
    Ok(())
}

/// What became of the brake.
pub(super) struct Braked {
    /// Why it had to be held now.
    pub held_now: Option<String>,
    /// Whether it is held.
    pub is_held: bool,
}

/// Removes what this walk proved gone for the second time, if the brake lets it.
pub(super) fn remove(
    disk: &Disk,
    state: &mut WalkState,
    brake: Brake,
    is_complete: bool,
    now: UtcInstant,
) -> Result<Braked, StoreError> {
    let mut gone = RoaringTreemap::new();
    disk.each_key(statement::LIST_GONE_TWICE, [state.key.0], |key| {
        gone.insert(key.cast_unsigned());
    })?;
    let (standing, is_held) = disk
        .find(statement::FIND_BRAKE, [state.directory.0], |row| {
            Ok((u64::try_from(row.get::<_, i64>(0)?).unwrap_or(0), row.get::<_, bool>(1)?))
        })?
        .ok_or(StoreError::Corrupt)?;
    let is_complete_full = is_complete && state.kind == crate::walk::Kind::Full;
    match brake.judge(Case { candidates: gone.len(), standing, is_held, is_complete_full }) {
        Verdict::KeepHolding => Ok(Braked { held_now: None, is_held: true }),
        Verdict::Hold => {
            disk.execute(statement::HOLD_BRAKE, params![state.directory.0, now.to_string()])?;
            let percent = brake.max_removed_percent;
            let why = format!(
                "cannot remove {} of {standing} registrations: more than max_removed_percent ({percent}) would go; \
                 hint: if they are really gone, run `sync --accept-removals`",
                gone.len()
            );
            Ok(Braked { held_now: Some(why), is_held: true })
        }
        Verdict::Remove => {
            let lets_go = is_held && (is_complete || !gone.is_empty());
            if lets_go {
                disk.execute(statement::RELEASE_BRAKE, [state.directory.0])?;
            }
            for key in gone {
                mark_removed(disk, state, key.cast_signed(), &now.to_string())?;
            }
            Ok(Braked { held_now: None, is_held: is_held && !lets_go })
        }
    }
}

fn mark_removed(disk: &Disk, state: &mut WalkState, key: i64, now: &str) -> Result<(), StoreError> {
    let id: String = disk.write(statement::MARK_REMOVED)?.query_row(params![key, now], |row| row.get(0))?;
    disk.count(1);
    state.counts.removed += 1;
    state.standing_change -= 1;
    let sides = (Some(row::removal(None)), Some(row::removal(Some(now))));
    row::record(disk, state, "removed", &RegistrationId::new(id), sides, now)
}
