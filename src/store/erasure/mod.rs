//! What the mirror holds of a person, and its erasure: from tables, from the feed, from the ledger, and from
//! the file's bytes.
//!
//! Rows stay and count, emptied: a row that is gone would come back with the next walk, and a count that
//! falls is a change that nobody made. Deliberately not here: snapshots and exports, which are files of
//! their own.

pub(super) mod bytes;
mod dossier;
pub(super) mod registration;
mod statement;
mod wipe;

use std::fs::File;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, Transaction, TransactionBehavior, params};
use serde_json::Value;

use super::beside::{self, Beside};
use super::error::{OpenError, StoreError};
use super::mask::Masks;
use super::setting;
use crate::directory::DirectoryId;
use crate::instant::UtcInstant;
use crate::recipient::{Country, Recipient};
use crate::registration::RegistrationId;

pub use self::dossier::{Dossier, Held};
pub(super) use self::registration::emptied;
pub(super) use self::statement::{EMPTY_CHANGES, EMPTY_REGISTRATION, LAST_ERASURE};
pub use self::wipe::Wiped;
pub(super) use self::wipe::is_any_left;

/// Whom it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Person {
    /// Everything with this address or number, in every directory, also where it stood there before.
    Recipient(Recipient),
    /// This one registration, and what was sent to its addresses and numbers.
    Registration(DirectoryId, RegistrationId),
}

/// The mirror, open for an erasure.
pub struct Eraser {
    path: PathBuf,
    connection: Connection,
    masks: Masks,
    /// An earlier wipe was not finished.
    is_overdue: bool,
    _no_restore: File,
}

impl Eraser {
    /// Opens the mirror at `path`, beside whichever process writes it.
    ///
    /// # Errors
    /// When the file is not there, not of this version, or may not be written, or the masks' key can't be
    /// read.
    pub fn open(path: &Path, key_file: Option<&Path>) -> Result<Self, OpenError> {
        let Beside { connection, masks, no_restore } = beside::open(path, key_file)?;
        let is_overdue =
            wipe::is_unwiped(&connection).map_err(|error| OpenError::from_rusqlite(path.into(), &error))?;
        Ok(Self { path: path.into(), connection, masks, is_overdue, _no_restore: no_restore })
    }

    /// Whether an earlier erasure was not wiped from the file's bytes.
    #[must_use]
    pub fn is_overdue(&self) -> bool {
        self.is_overdue
    }

    /// Erases a person, in one transaction.
    ///
    /// # Errors
    /// When the file can't be written: then nothing is erased.
    pub fn erase(
        &mut self,
        person: &Person,
        country: Option<Country>,
        at: UtcInstant,
    ) -> Result<Dossier, StoreError> {
        // Whatever came meanwhile is found by the look that holds the file's lock.
        let transaction = Transaction::new_unchecked(&self.connection, TransactionBehavior::Immediate)?;
        if setting::find(&transaction, setting::MASKING_KEY_ID)?.as_deref() != Some(self.masks.id()) {
            return Err(StoreError::OtherKey);
        }
        let mut dossier = self.find(person, country)?;
        let at = at.to_string();
        for held in &dossier.registrations {
            registration::empty(&transaction, held.key, &at)?;
            registration::empty_changes(&transaction, held.directory_key, &held.registration_id)?;
            if held.erased_at.is_none() {
                let told = Value::Object(emptied(&at)).to_string();
                let masked = self.masks.change(&told);
                let of = params![at, held.directory_key, held.registration_id, told, masked];
                transaction.execute(statement::TELL_EMPTIED, of)?;
            }
        }
        for recipient in &dossier.recipients {
            let (channel, hash) = (recipient.channel().as_str(), self.masks.recipient(recipient));
            transaction.execute(statement::EMPTY_SENDS, [channel, &hash])?;
            transaction.execute(statement::EMPTY_OPT_OUTS, [channel, &hash])?;
            // One registration's erasure says nothing of others with the same address.
            let is_named = matches!(person, Person::Recipient(named) if named.is(recipient));
            transaction.execute(statement::SAVE_ERASURE, params![channel, hash, at, is_named])?;
        }
        // Where a walk finds the named number as it stood here, nobody tells it the country.
        for national in dossier.registrations.iter().filter_map(|held| held.national(person, country)) {
            let hash = self.masks.recipient(&national);
            transaction
                .execute(statement::SAVE_ERASURE, params![national.channel().as_str(), hash, at, true])?;
        }
        if !dossier.is_empty() {
            transaction.execute(statement::SAVE_UNWIPED, [setting::UNWIPED_SINCE, &*at])?;
        }
        dossier.last_erasure = transaction.query_row(statement::LAST_ERASURE, [], |row| row.get(0))?;
        transaction.commit()?;
        Ok(dossier)
    }
}
