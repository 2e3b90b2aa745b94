//! Sees that no byte of what was erased is left in the file or its log.
//!
//! What is overwritten is overwritten with zeros (`secure_delete`), so that cutting the log is mostly enough.
//! Where older versions of a row left something, or an earlier wipe was not finished, the file is written
//! anew: then it holds what its rows hold, and nothing else.

use std::thread;
use std::time::Duration;

use rusqlite::{Connection, params};

use super::{Dossier, Eraser, bytes, statement};
use crate::clock;
use crate::recipient::Recipient;
use crate::store::beside::{self, BUSY_WAIT};
use crate::store::error::StoreError;
use crate::store::setting;

/// How long a try to cut the log waits for a reader.
const TRY: Duration = Duration::from_millis(250);
/// Between two tries to cut the log: each holds the writer up.
const PAUSE: Duration = Duration::from_millis(250);

/// What became of a wipe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wiped {
    /// There was nothing to wipe.
    Nothing,
    /// Neither the file nor its log hold any of it.
    Done,
    /// A reader keeps the log from being cut: it holds it as long. The next wipe goes on.
    LogHeld,
}

impl Eraser {
    /// Wipes what `erase` emptied, and what an earlier wipe left.
    ///
    /// # Errors
    /// When the file can't be read or written: then the next wipe goes on.
    pub fn wipe(self, dossier: &Dossier) -> Result<Wiped, StoreError> {
        if !is_unwiped(&self.connection)? {
            return Ok(Wiped::Nothing);
        }
        if !cut_log(&self.connection)? {
            return Ok(Wiped::LogHeld);
        }
        let mut traces: Vec<&str> = dossier.recipients.iter().map(Recipient::address).collect();
        traces.extend(dossier.registrations.iter().flat_map(|held| held.traces.iter().map(String::as_str)));
        // SQLite's locks end with any other handle of the file in this process: not while it has one.
        drop(self.connection);
        let found = bytes::find(&self.path, &traces)?;
        let connection = beside::connect(&self.path)?;
        // Of what was deleted before, nobody knows what to look for.
        if self.is_overdue || has(&connection, setting::DELETED_BEFORE)? || is_any_left(&connection, &found)?
        {
            connection.execute_batch("VACUUM")?;
            if !cut_log(&connection)? {
                return Ok(Wiped::LogHeld);
            }
        }
        // Who was erased by others meanwhile is not wiped by this one.
        connection
            .execute(statement::FORGET_UNWIPED, params![setting::UNWIPED_SINCE, dossier.last_erasure])?;
        Ok(Wiped::Done)
    }
}

/// Whether something was erased whose bytes may be there still.
pub(super) fn is_unwiped(connection: &Connection) -> rusqlite::Result<bool> {
    has(connection, setting::UNWIPED_SINCE)
}

fn has(connection: &Connection, name: &str) -> rusqlite::Result<bool> {
    Ok(setting::find(connection, name)?.is_some())
}

/// Whether any of the texts is not there by right, in other people's rows.
pub(in crate::store) fn is_any_left(connection: &Connection, found: &[&str]) -> rusqlite::Result<bool> {
    let mut is_elsewhere = connection.prepare(statement::IS_ANYWHERE)?;
    for trace in found {
        if !is_elsewhere.query_row([trace], |row| row.get::<_, bool>(0))? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Puts the log into the file and empties it; `false`: a reader holds it.
fn cut_log(connection: &Connection) -> rusqlite::Result<bool> {
    let end = clock::steady_now() + BUSY_WAIT;
    let mut is_told = false;
    connection.busy_timeout(TRY)?;
    let is_cut = loop {
        let is_busy: i64 = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
        // Readers are waited for by SQLite, another checkpoint is not.
        if is_busy == 0 || clock::steady_now() >= end {
            break is_busy == 0;
        }
        if !is_told {
            tracing::info!("waiting for a reader to let go of the mirror's log");
            is_told = true;
        }
        thread::sleep(PAUSE);
    };
    connection.busy_timeout(BUSY_WAIT)?;
    Ok(is_cut)
}
