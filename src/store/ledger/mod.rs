//! The ledger: what was sent to whom, and who must not be sent to. It has a connection of its own, beside
//! whichever process mirrors: each row is durable on its own (synchronous FULL) before anything is asked of
//! anybody, and after.
//!
//! Deliberately not here: what an answer of the API means, and whether a recipient can be one.

mod departed;
mod statement;
mod turn;

use std::fs::File;
use std::path::Path;

use rusqlite::{Connection, OptionalExtension, params};

use super::beside::{self, Beside};
use super::error::{OpenError, StoreError};
use super::mask::Masks;
use super::setting;
use crate::directory::{AccountName, DirectoryId};
use crate::instant::UtcInstant;
use crate::recipient::{Channel, Recipient};

pub use self::departed::Departed;
pub use self::turn::{Begun, Turn, TurnError};

pub(super) use self::turn::lock as lock_turn;

/// What a send belongs to: nobody is sent the same series twice. It is the campaign's, or where none was
/// named the directory's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
    /// What is sent.
    pub directory: DirectoryId,
    /// Its name, if it has one.
    pub campaign: Option<String>,
}

impl Series {
    fn key(&self) -> String {
        match &self.campaign {
            Some(campaign) => format!("campaign {campaign}"),
            None => format!("directory {}", self.directory),
        }
    }
}

/// What stands in the way of a send.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Obstacle {
    /// They must not be sent to.
    OptedOut,
    /// They were sent this series.
    SentBefore,
    /// They may have been sent this series: the outcome is unknown, or somebody is sending it now.
    Unknown,
}

/// How a send ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The vendor took it.
    Sent,
    /// It was not sent.
    Failed,
    /// It may have been sent.
    Unknown,
}

impl Outcome {
    /// The word in the file.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
        }
    }
}

/// Somebody who must not be sent to.
#[derive(Clone, PartialEq, Eq)]
pub struct OptOut {
    /// Through what.
    pub channel: Channel,
    /// Whom; `None`: erased, and still not sent to.
    pub recipient: Option<String>,
    /// Since when, as the file writes it.
    pub since: String,
    /// `vendor` or `operator`.
    pub reason: String,
}

/// A send, as the view shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct Sent {
    /// Its number.
    pub send_id: i64,
    /// Before the request.
    pub at: String,
    /// Through what.
    pub channel: String,
    /// What was sent.
    pub directory_id: String,
    /// To whom; `None`: erased.
    pub recipient: Option<String>,
    /// `sending`, `sent`, `failed` or `unknown`.
    pub outcome: String,
    /// The vendor's code.
    pub error_code: Option<i64>,
    /// What was wrong, in our words.
    pub error: Option<String>,
    /// Its name, if it has one.
    pub campaign: Option<String>,
    /// Subject or body.
    pub text: Option<String>,
    /// When its outcome was known.
    pub ended_at: Option<String>,
    /// When the operator said what had become of it.
    pub settled_at: Option<String>,
}

/// Which sends to list: all of them, but for what is said here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Listed<'a> {
    /// Those of this campaign.
    pub campaign: Option<&'a str>,
    /// Those whose outcome is this word.
    pub outcome: Option<&'a str>,
    /// So many of the latest.
    pub most: Option<u32>,
}

/// What settling a send came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settled {
    /// It is what the operator said.
    Done,
    /// There is no such send.
    NoSuchSend,
    /// Its outcome is known: this.
    Known(String),
}

/// The ledger, open for writing.
pub struct Ledger {
    connection: Connection,
    masks: Masks,
    _no_restore: File,
}

impl Ledger {
    /// Opens that of the mirror at `path`, whichever process writes the rest of it.
    ///
    /// # Errors
    /// When the file is not there, not of this version, or may not be written, or the masks' key can't be
    /// read.
    pub fn open(path: &Path, key_file: Option<&Path>) -> Result<Self, OpenError> {
        let Beside { connection, masks, no_restore } = beside::open(path, key_file)?;
        Ok(Self { connection, masks, _no_restore: no_restore })
    }

    fn hash(&self, recipient: &Recipient) -> String {
        self.masks.recipient(recipient)
    }

    /// Whose a directory is, if the mirror knows it.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn find_account(&self, directory: &DirectoryId) -> Result<Option<AccountName>, StoreError> {
        let mut statement = self.connection.prepare_cached(statement::FIND_ACCOUNT)?;
        let name = statement.query_row([directory.as_str()], |row| row.get::<_, String>(0)).optional()?;
        Ok(name.map(AccountName::new))
    }

    /// Whether there is anybody whom the masks' key does not recognise: erased, or past `sends_days`, when
    /// another key was in use.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn is_anybody_unrecognised(&self) -> Result<bool, StoreError> {
        Ok(setting::find(&self.connection, setting::ERASED_KEY_IDS)?.is_some())
    }

    /// What stands in the way of sending this series to this recipient; `None`: nothing.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn find_obstacle(
        &self,
        recipient: &Recipient,
        series: &Series,
    ) -> Result<Option<Obstacle>, StoreError> {
        let (channel, hash) = (recipient.channel().as_str(), self.hash(recipient));
        let mut opted_out = self.connection.prepare_cached(statement::IS_OPTED_OUT)?;
        if opted_out.exists([channel, &hash])? {
            return Ok(Some(Obstacle::OptedOut));
        }
        let mut before = self.connection.prepare_cached(statement::FIND_OUTCOME)?;
        let outcome: Option<String> =
            before.query_row([&series.key(), channel, &hash], |row| row.get(0)).optional()?;
        Ok(outcome.map(|outcome| match outcome.as_str() {
            "sent" => Obstacle::SentBefore,
            _ => Obstacle::Unknown,
        }))
    }

    /// When this series was begun through this channel, if anybody was sent it or may have been.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn find_begun_at(&self, channel: Channel, series: &Series) -> Result<Option<String>, StoreError> {
        let mut statement = self.connection.prepare_cached(statement::FIND_BEGUN_AT)?;
        Ok(statement.query_row([&series.key(), channel.as_str()], |row| row.get(0))?)
    }

    /// Whether somebody was erased by this address or number.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn is_erased(&self, recipient: &Recipient) -> Result<bool, StoreError> {
        let values = [recipient.channel().as_str(), &self.hash(recipient)];
        Ok(self.connection.prepare_cached(statement::IS_ERASED)?.exists(values)?)
    }

    /// Remembers that the operator does not want somebody to be sent to; `false`: that was known.
    ///
    /// # Errors
    /// When the file can't be written.
    pub fn save_opt_out(&self, recipient: &Recipient, at: UtcInstant) -> Result<bool, StoreError> {
        let (channel, hash) = (recipient.channel().as_str(), self.hash(recipient));
        let key = (setting::MASKING_KEY_ID, self.masks.id());
        let values = params![channel, hash, recipient.address(), at.to_string(), key.0, key.1];
        let is_new = self.connection.prepare_cached(statement::SAVE_OPT_OUT)?.execute(values)? > 0;
        if !is_new {
            self.check_key()?;
        }
        Ok(is_new)
    }

    /// Sees that the file is still masked with the key that recipients are hashed with here.
    fn check_key(&self) -> Result<(), StoreError> {
        if setting::find(&self.connection, setting::MASKING_KEY_ID)?.as_deref() == Some(self.masks.id()) {
            return Ok(());
        }
        Err(StoreError::OtherKey)
    }

    /// Forgets that somebody must not be sent to; returns who had said so, `vendor` or `operator`, if anybody.
    ///
    /// # Errors
    /// When the file can't be written.
    pub fn remove_opt_out(&self, recipient: &Recipient) -> Result<Option<String>, StoreError> {
        let values = [recipient.channel().as_str(), &self.hash(recipient)];
        let mut statement = self.connection.prepare_cached(statement::REMOVE_OPT_OUT)?;
        Ok(statement.query_row(values, |row| row.get(0)).optional()?)
    }

    /// Everybody who must not be sent to, the latest first.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn list_opt_outs(&self) -> Result<Vec<OptOut>, StoreError> {
        let mut statement = self.connection.prepare_cached(statement::LIST_OPT_OUTS)?;
        let rows = statement.query_map([], |row| {
            let channel: String = row.get(0)?;
            Ok(OptOut {
                channel: Channel::parse(&channel).expect("Invariant: the table allows no other word"),
                recipient: row.get(1)?,
                since: row.get(2)?,
                reason: row.get(3)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Sends, the latest first.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn list_sends(&self, listed: Listed<'_>) -> Result<Vec<Sent>, StoreError> {
        let most = listed.most.map_or(i64::MAX, i64::from);
        let mut statement = self.connection.prepare_cached(statement::LIST_SENDS)?;
        let rows = statement.query_map(params![listed.campaign, listed.outcome, most], |row| {
            Ok(Sent {
                send_id: row.get(0)?,
                at: row.get(1)?,
                channel: row.get(2)?,
                directory_id: row.get(3)?,
                recipient: row.get(4)?,
                outcome: row.get(5)?,
                error_code: row.get(6)?,
                error: row.get(7)?,
                campaign: row.get(8)?,
                text: row.get(9)?,
                ended_at: row.get(10)?,
                settled_at: row.get(11)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Lets the operator say what became of a send whose outcome is unknown.
    ///
    /// # Errors
    /// When the file can't be written.
    pub fn settle(&self, send_id: i64, outcome: Outcome, at: UtcInstant) -> Result<Settled, StoreError> {
        let values = params![send_id, outcome.as_str(), at.to_string()];
        if self.connection.prepare_cached(statement::SETTLE)?.execute(values)? > 0 {
            return Ok(Settled::Done);
        }
        let mut statement = self.connection.prepare_cached(statement::FIND_SEND)?;
        let outcome: Option<String> = statement.query_row([send_id], |row| row.get(0)).optional()?;
        Ok(outcome.map_or(Settled::NoSuchSend, Settled::Known))
    }
}
