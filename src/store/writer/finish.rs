//! The end of a walk, in one transaction, in the order that `walk::Finish` states; then what it may
//! remove, and whether its directory is loaded from now on.

use rusqlite::params;

use super::Writer;
use super::disk::Disk;
use super::save::{learn, settle};
use super::walk::WalkState;
use super::{evidence, removal, statement};
use crate::instant::UtcInstant;
use crate::store::brake::Brake;
use crate::store::error::StoreError;
use crate::store::walk::{Figures, Progress, WalkHandle, WalkOutcome};
use crate::walk::{Finish, Kind, Outcome};

impl Writer {
    /// Ends a walk. Of one that is broken only the row is written.
    pub(in crate::store) fn finish_walk(
        &mut self,
        handle: WalkHandle,
        finish: &Finish,
        error: Option<String>,
        progress: Progress,
        brake: Brake,
        now: UtcInstant,
    ) -> Result<Figures, StoreError> {
        let mut state = self.take_walk(handle)?;
        let disk = &self.disk;
        let mut outcome = match finish.outcome {
            Outcome::Complete => WalkOutcome::Complete,
            Outcome::Failed(_) => WalkOutcome::Failed,
            Outcome::Cancelled => WalkOutcome::Cancelled,
        };
        let mut error = error;
        let mut is_brake_held = None;
        if state.is_broken {
            outcome = WalkOutcome::Failed;
            error = error.or_else(|| Some(StoreError::WalkBroken.to_string()));
        } else {
            apply(disk, &mut state, finish, now)?;
            let is_complete = outcome == WalkOutcome::Complete;
            let braked = removal::remove(disk, &mut state, brake, is_complete, now)?;
            is_brake_held = Some(braked.is_held);
            if let Some(held) = braked.held_now {
                outcome = WalkOutcome::Failed;
                error = Some(error.map_or_else(|| held.clone(), |error| format!("{error}; {held}")));
            }
        }
        state.save(disk, progress, Some((outcome, now)), error.as_deref())?;
        save_outcome(disk, &state, outcome, error.as_deref(), now)?;
        Ok(Figures {
            walk: state.key,
            kind: state.kind,
            started_at: state.started_at,
            finished_at: now,
            outcome,
            progress,
            counts: state.counts,
            error,
            is_brake_held,
        })
    }
}

fn apply(disk: &Disk, state: &mut WalkState, finish: &Finish, now: UtcInstant) -> Result<(), StoreError> {
    if finish.settles {
        settle(disk, state)?;
    }
    if let Some(evidence) = &finish.evidence {
        evidence::prove(disk, state, evidence, Default::default(), now)?;
    }
    if let Some(seen) = &finish.seen {
        removal::mark_missing(disk, state, seen, now)?;
    }
    if finish.proves_order && !state.in_order {
        state.in_order = true;
        disk.execute(statement::RESTORE_ORDER, [state.directory.0])?;
        disk.execute(statement::VOID_DATES_OF_MISSING, [state.directory.0])?;
    }
    learn(disk, state, finish.learned)
}

/// What the directory remembers of the walk.
fn save_outcome(
    disk: &Disk,
    state: &WalkState,
    outcome: WalkOutcome,
    error: Option<&str>,
    now: UtcInstant,
) -> Result<(), StoreError> {
    let directory = state.directory.0;
    let now = now.to_string();
    match outcome {
        WalkOutcome::Complete => {
            disk.execute(statement::SET_COMPLETE, params![directory, now, state.kind == Kind::Full])?;
            if !state.is_loaded {
                disk.execute(statement::SET_LOADED, params![directory, now])?;
                let none: Option<&str> = None;
                disk.execute(statement::RECORD_CHANGE, params![now, "loaded", directory, none, none, none])?;
            }
        }
        WalkOutcome::Failed => {
            disk.execute(statement::SET_LAST_ERROR, params![directory, error])?;
        }
        WalkOutcome::Cancelled | WalkOutcome::Interrupted => {}
    }
    Ok(())
}
