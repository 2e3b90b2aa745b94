//! Whose turn it is to send: one process at a time for each mirror. What that turn finds half sent was
//! left by a process that is no more, and is unknown from then on.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use rusqlite::params;

use super::{Ledger, Outcome, Series, statement};
use crate::instant::UtcInstant;
use crate::recipient::Recipient;
use crate::store::erasure::LAST_ERASURE;
use crate::store::error::StoreError;
use crate::store::{beside_lock, lock, setting};

/// Behind the mirror's name.
const SENDS_LOCK: &str = "-sends-lock";

/// Why it is not this process's turn.
#[derive(Debug, thiserror::Error)]
pub enum TurnError {
    /// Another process is sending.
    #[error("cannot send: another process is sending from this mirror")]
    Taken,
    /// The lock can't be had.
    #[error("cannot send: {path}: {cause}")]
    Lock {
        /// Its file.
        path: PathBuf,
        /// The system's words.
        cause: std::io::Error,
    },
    /// The file can't be written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// It is this process's turn; until it is dropped.
pub struct Turn {
    ledger: Ledger,
    abandoned: usize,
    /// Whoever was erased later is not sent to. A number: clocks are set back.
    last_erasure: i64,
    _lock: File,
}

/// A send that has begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Begun(i64);

impl Turn {
    /// Takes the turn for the mirror at `path`.
    ///
    /// # Errors
    /// When another process has it, or the file can't be written.
    pub fn take(ledger: Ledger, path: &Path, now: UtcInstant) -> Result<Self, TurnError> {
        let held = lock(path)?;
        let abandoned = ledger.abandon(now)?;
        let last_erasure = ledger.find_last_erasure()?;
        Ok(Self { ledger, abandoned, last_erasure, _lock: held })
    }

    /// How many sends a process that is no more had left half done.
    #[must_use]
    pub fn abandoned(&self) -> usize {
        self.abandoned
    }

    /// The ledger.
    #[must_use]
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Writes, durably, that this recipient is about to be sent this; `None`: they were sent it before,
    /// may have been, or opted out or were erased since the turn was taken.
    ///
    /// # Errors
    /// When the file can't be written: then nothing may be sent.
    pub fn begin(
        &self,
        recipient: &Recipient,
        series: &Series,
        text: Option<&str>,
        at: UtcInstant,
    ) -> Result<Option<Begun>, StoreError> {
        let connection = &self.ledger.connection;
        let inserted = connection.prepare_cached(statement::BEGIN)?.execute(params![
            at.to_string(),
            recipient.channel().as_str(),
            series.directory.as_str(),
            series.campaign,
            series.key(),
            recipient.address(),
            self.ledger.hash(recipient),
            text,
            self.last_erasure,
            setting::MASKING_KEY_ID,
            self.ledger.masks.id(),
        ])?;
        if inserted == 0 {
            self.ledger.check_key()?;
            return Ok(None);
        }
        Ok(Some(Begun(connection.last_insert_rowid())))
    }

    /// Writes, durably, how it ended; `error` in our words, without anything of the recipient.
    ///
    /// # Errors
    /// When the file can't be written: then the next turn finds it half done.
    pub fn end(
        &self,
        begun: Begun,
        outcome: Outcome,
        error: Option<(Option<i64>, &str)>,
        at: UtcInstant,
    ) -> Result<(), StoreError> {
        let (code, text) = error.map_or((None, None), |(code, text)| (code, Some(text)));
        let values = params![begun.0, outcome.as_str(), at.to_string(), code, text];
        self.ledger.connection.prepare_cached(statement::END)?.execute(values)?;
        Ok(())
    }

    /// The same of a send that the vendor refused since its recipient has opted out: remembered.
    ///
    /// # Errors
    /// When the file can't be written: then the next turn finds it half done.
    pub fn end_opted_out(
        &self,
        begun: Begun,
        error: (Option<i64>, &str),
        at: UtcInstant,
    ) -> Result<(), StoreError> {
        let transaction = self.ledger.connection.unchecked_transaction()?;
        transaction.execute(statement::SAVE_VENDORS_OPT_OUT, params![begun.0, at.to_string()])?;
        self.end(begun, Outcome::Failed, Some(error), at)?;
        Ok(transaction.commit()?)
    }

    /// The API did not take it, and it is to be asked again: as if it had not begun.
    ///
    /// # Errors
    /// When the file can't be written.
    pub fn withdraw(&self, begun: Begun) -> Result<(), StoreError> {
        self.ledger.connection.prepare_cached(statement::WITHDRAW)?.execute([begun.0])?;
        Ok(())
    }
}

impl Ledger {
    /// Finds out what a process that is no more had left half sent, unless one is sending now.
    ///
    /// # Errors
    /// When the lock can't be looked at, or the file can't be written.
    pub fn abandon_dead(&self, path: &Path, now: UtcInstant) -> Result<usize, TurnError> {
        match lock(path) {
            Ok(_held) => Ok(self.abandon(now)?),
            Err(TurnError::Taken) => Ok(0),
            Err(error) => Err(error),
        }
    }

    fn find_last_erasure(&self) -> Result<i64, StoreError> {
        Ok(self.connection.query_row(LAST_ERASURE, [], |row| row.get(0))?)
    }

    fn abandon(&self, now: UtcInstant) -> Result<usize, StoreError> {
        Ok(self.connection.execute(statement::ABANDON, [now.to_string()])?)
    }
}

/// The lock of whoever sends, let go of when it is dropped.
pub(in crate::store) fn lock(path: &Path) -> Result<File, TurnError> {
    let failed = |cause| TurnError::Lock { path: lock::beside(path, SENDS_LOCK), cause };
    let file = beside_lock::open(path, SENDS_LOCK).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(TurnError::Taken),
        Err(TryLockError::Error(cause)) => Err(failed(cause)),
    }
}
