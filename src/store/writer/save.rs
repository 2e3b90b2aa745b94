//! A save: one page's worth of a walk, in the order that `walk::Save` states. A save that finds
//! nothing to write writes nothing, not even the walk's row.

use rusqlite::params;

use super::Writer;
use super::disk::Disk;
use super::statement;
use super::walk::WalkState;
use super::{evidence, row};
use crate::instant::UtcInstant;
use crate::store::error::StoreError;
use crate::store::walk::{Content, DirectoryKey, Progress, WalkHandle};
use crate::walk::{Learned, Save, WalkKey};

impl Writer {
    /// Makes a save part of the transaction.
    pub(in crate::store) fn save_walk(
        &mut self,
        handle: WalkHandle,
        save: &Save<Content>,
        progress: Progress,
        now: UtcInstant,
    ) -> Result<(), StoreError> {
        let mut state = self.take_walk(handle)?;
        let result = if state.is_broken {
            Err(StoreError::WalkBroken)
        } else {
            self.apply(&mut state, save, progress, now)
        };
        self.walks.insert(state.key, state);
        result
    }

    fn apply(
        &self,
        state: &mut WalkState,
        save: &Save<Content>,
        progress: Progress,
        now: UtcInstant,
    ) -> Result<(), StoreError> {
        let disk = &self.disk;
        let changes = disk.changes();
        if save.breaks_order && state.in_order {
            break_order(disk, state.directory)?;
            state.in_order = false;
        }
        if let Some(evidence) = &save.evidence {
            let shown = save.rows.iter().filter_map(|row| row.stored).map(|stored| stored.key);
            evidence::prove(disk, state, evidence, shown.collect(), now)?;
        }
        row::save_rows(disk, state, &save.rows, self.zone, now)?;
        state.has_gap |= save.leaves_gap;
        state.counts.recovered += save.recovered;
        for joined in &save.joins {
            join(disk, state, *joined)?;
        }
        if save.settles {
            settle(disk, state)?;
        }
        learn(disk, state, save.learned)?;
        if disk.changes() != changes {
            state.save(disk, progress, None, None)?;
        }
        Ok(())
    }
}

/// Dates no longer prove anything in this directory, and what is half proven is void.
pub(super) fn break_order(disk: &Disk, directory: DirectoryKey) -> Result<(), StoreError> {
    disk.execute(statement::BREAK_ORDER, [directory.0])?;
    disk.execute(statement::VOID_PROOFS, [directory.0])?;
    Ok(())
}

/// Whatever is one stretch with `joined` is one stretch with this walk from now on.
fn join(disk: &Disk, state: &WalkState, joined: WalkKey) -> Result<(), StoreError> {
    disk.execute(statement::JOIN, params![state.directory.0, joined.0, state.key.0])?;
    Ok(())
}

/// This walk and every earlier one of its directory is settled. The walk's own row says so when it
/// is written next.
pub(super) fn settle(disk: &Disk, state: &mut WalkState) -> Result<(), StoreError> {
    state.is_settled = true;
    state.unsettled.clear();
    let has_unsettled = disk.find(statement::HAS_UNSETTLED, [state.directory.0], |row| row.get(0))?;
    if has_unsettled == Some(true) {
        disk.execute(statement::SETTLE, [state.directory.0])?;
    }
    Ok(())
}

/// Remembers what is newly known of the account's answers.
pub(super) fn learn(disk: &Disk, state: &mut WalkState, learned: Learned) -> Result<(), StoreError> {
    let known = Learned {
        gives_short_pages: learned.gives_short_pages || state.learned.gives_short_pages,
        tells_pages_apart: learned.tells_pages_apart || state.learned.tells_pages_apart,
    };
    if known != state.learned {
        state.learned = known;
        disk.execute(
            statement::LEARN,
            params![state.account.0, known.gives_short_pages, known.tells_pages_apart],
        )?;
    }
    Ok(())
}
