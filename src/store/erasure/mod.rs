//! What the mirror holds of a person, and its erasure: from tables, from the feed, from the ledger, and from
//! the file's bytes.
//!
//! Rows stay and count, emptied: a row that is gone would come back with the next walk, and a count that
//! falls is a change that nobody made. Deliberately not here: snapshots and exports, which are files of
//! their own.

mod bytes;
mod statement;
mod wipe;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, Transaction, TransactionBehavior, params};

use super::beside;
use super::error::{OpenError, StoreError};
use super::mask::Masks;
use super::setting;
use crate::directory::DirectoryId;
use crate::instant::UtcInstant;
use crate::recipient::{Channel, Country, Invalid, Recipient};
use crate::registration::RegistrationId;

pub use self::wipe::Wiped;

/// Whom it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Person {
    /// Everything with this address or number, in every directory, also where it stood there before.
    Recipient(Recipient),
    /// This one registration, and what was sent to its addresses and numbers.
    Registration(DirectoryId, RegistrationId),
}

/// A registration of the person's.
#[derive(Clone, PartialEq, Eq)]
pub struct Held {
    key: i64,
    directory_key: i64,
    /// Whose list.
    pub directory_id: String,
    /// The vendor's ID.
    pub registration_id: String,
    /// Address, number and names, as the mirror has them.
    pub email: Option<String>,
    /// Phone number.
    pub phone: Option<String>,
    /// Given name.
    pub first_name: Option<String>,
    /// Family name.
    pub last_name: Option<String>,
    /// When the person registered.
    pub registered_at: Option<String>,
    /// Whether it was removed upstream.
    pub removed_at: Option<String>,
    /// Whether it was erased before.
    pub erased_at: Option<String>,
    /// Changes in the feed that tell of it.
    pub changes: u64,
    /// Texts whose bytes are looked for in the file, once they should be gone.
    traces: Vec<String>,
}

/// What the mirror holds of a person.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Dossier {
    /// Registrations, by directory and ID.
    pub registrations: Vec<Held>,
    /// Sends that have their address or number.
    pub sends: u64,
    /// Opt-outs that have it.
    pub opt_outs: u64,
    /// Numbers in a national form that were not compared, since nobody said of which country they are.
    pub unread_numbers: u64,
    recipients: Vec<Recipient>,
}

/// Of each registration, by its directory's key and its ID, what the feed tells of.
type Told = BTreeMap<(i64, String), Vec<Recipient>>;

impl Held {
    fn recipients(&self, country: Option<Country>) -> impl Iterator<Item = Recipient> {
        let named =
            |channel, text: &Option<String>| Recipient::named(channel, text.as_deref()?, country).ok();
        named(Channel::Email, &self.email).into_iter().chain(named(Channel::Sms, &self.phone))
    }

    fn is_number_unread(&self, country: Option<Country>) -> bool {
        let read = self.phone.as_deref().map(|text| Recipient::named(Channel::Sms, text, country));
        matches!(read, Some(Err(Invalid::NoCountry)))
    }
}

/// The mirror, open for an erasure.
pub struct Eraser {
    path: PathBuf,
    connection: Connection,
    masks: Masks,
    /// An earlier wipe was not finished.
    is_overdue: bool,
}

impl Eraser {
    /// Opens the mirror at `path`, beside whichever process writes it.
    ///
    /// # Errors
    /// When the file is not there, not of this version, or may not be written, or the masks' key can't be
    /// read.
    pub fn open(path: &Path, key_file: Option<&Path>) -> Result<Self, OpenError> {
        let (connection, masks) = beside::open(path, key_file)?;
        let is_overdue =
            wipe::is_unwiped(&connection).map_err(|error| OpenError::from_rusqlite(path.into(), &error))?;
        Ok(Self { path: path.into(), connection, masks, is_overdue })
    }

    /// What the mirror holds of a person; national numbers are read as this country's.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn find(&self, person: &Person, country: Option<Country>) -> Result<Dossier, StoreError> {
        let told = self.list_told(country)?;
        let mut unread_numbers = 0;
        let mut registrations = match person {
            Person::Registration(directory, id) => {
                self.list(statement::FIND_BY_ID, params![directory.as_str(), id.as_str()], |_| true)?
            }
            Person::Recipient(recipient) => {
                let is_theirs = |held: &Held| {
                    let is_theirs = held.recipients(country).any(|theirs| theirs.is(recipient));
                    let is_looked_for = is_theirs || recipient.channel() == Channel::Sms;
                    unread_numbers += u64::from(is_looked_for && held.is_number_unread(country));
                    is_theirs
                };
                self.list(statement::LIST_WITH_RECIPIENTS, [], is_theirs)?
            }
        };
        if let Person::Recipient(recipient) = person {
            for ((directory, id), theirs) in &told {
                let is_known = |held: &Held| held.directory_key == *directory && held.registration_id == *id;
                if theirs.iter().any(|told| told.is(recipient)) && !registrations.iter().any(is_known) {
                    registrations.extend(self.list(
                        statement::FIND_BY_KEYS,
                        params![directory, id],
                        |_| true,
                    )?);
                }
            }
        }
        let mut recipients: Vec<Recipient> = match person {
            Person::Recipient(recipient) => vec![recipient.clone()],
            Person::Registration(..) => Vec::new(),
        };
        for held in &registrations {
            let key = (held.directory_key, held.registration_id.clone());
            let before = told.get(&key).into_iter().flatten().cloned();
            for recipient in held.recipients(country).chain(before) {
                if !recipients.iter().any(|known| known.is(&recipient)) {
                    recipients.push(recipient);
                }
            }
        }
        let mut dossier = Dossier { registrations, recipients, unread_numbers, ..Dossier::default() };
        for recipient in &dossier.recipients {
            let values = [recipient.channel().as_str(), &self.masks.recipient(recipient)];
            dossier.sends += self.count(statement::COUNT_SENDS, values)?;
            dossier.opt_outs += self.count(statement::COUNT_OPT_OUTS, values)?;
        }
        Ok(dossier)
    }

    /// Addresses and numbers that the feed tells of, by registration.
    fn list_told(&self, country: Option<Country>) -> Result<Told, StoreError> {
        let mut statement = self.connection.prepare(statement::LIST_RECIPIENTS_OF_CHANGES)?;
        let mut rows = statement.query([])?;
        let mut told = Told::new();
        while let Some(row) = rows.next()? {
            let text = |column| row.get_ref(column).ok().and_then(|value| value.as_str().ok());
            let columns =
                [(2, Channel::Email), (3, Channel::Email), (4, Channel::Sms), (5, Channel::Sms)].into_iter();
            let found: Vec<Recipient> = columns
                .filter_map(|(column, channel)| Recipient::named(channel, text(column)?, country).ok())
                .collect();
            if !found.is_empty() {
                told.entry((row.get(0)?, row.get(1)?)).or_default().extend(found);
            }
        }
        Ok(told)
    }

    fn count(&self, sql: &'static str, values: [&str; 2]) -> Result<u64, StoreError> {
        let count: i64 = self.connection.query_row(sql, values, |row| row.get(0))?;
        Ok(u64::try_from(count).unwrap_or(0))
    }

    fn list(
        &self,
        sql: &'static str,
        values: impl rusqlite::Params,
        mut is_theirs: impl FnMut(&Held) -> bool,
    ) -> Result<Vec<Held>, StoreError> {
        let mut statement = self.connection.prepare(sql)?;
        let mut rows = statement.query(values)?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let text = |n| row.get::<_, Option<String>>(n);
            let mut held = Held {
                key: row.get(0)?,
                directory_key: row.get(1)?,
                directory_id: row.get(2)?,
                registration_id: row.get(3)?,
                email: text(4)?,
                phone: text(5)?,
                first_name: text(6)?,
                last_name: text(7)?,
                registered_at: text(8)?,
                removed_at: text(9)?,
                erased_at: text(10)?,
                changes: 0,
                traces: Vec::new(),
            };
            if is_theirs(&held) {
                let changes: i64 = self.connection.query_row(
                    statement::COUNT_CHANGES,
                    params![held.directory_key, held.registration_id],
                    |row| row.get(0),
                )?;
                held.changes = u64::try_from(changes).unwrap_or(0);
                held.traces = self.connection.query_row(statement::TRACES, [held.key], bytes::of_row)?;
                found.push(held);
            }
        }
        Ok(found)
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
        let dossier = self.find(person, country)?;
        let at = at.to_string();
        for held in &dossier.registrations {
            transaction.execute(statement::EMPTY_REGISTRATION, params![held.key, at])?;
            let of = params![held.directory_key, held.registration_id];
            transaction.execute(statement::EMPTY_CHANGES, of)?;
        }
        for recipient in &dossier.recipients {
            let (channel, hash) = (recipient.channel().as_str(), self.masks.recipient(recipient));
            transaction.execute(statement::EMPTY_SENDS, [channel, &hash])?;
            transaction.execute(statement::EMPTY_OPT_OUTS, [channel, &hash])?;
            // One registration's erasure says nothing of others with the same address.
            if let Person::Recipient(named) = person {
                let values = params![channel, hash, at, named.is(recipient)];
                transaction.execute(statement::SAVE_ERASURE, values)?;
            }
        }
        if !dossier.is_empty() {
            transaction.execute(statement::SAVE_UNWIPED, [setting::UNWIPED_SINCE, &*at])?;
        }
        transaction.commit()?;
        Ok(dossier)
    }
}

impl Dossier {
    /// Whether the mirror holds nothing of the person.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.registrations.is_empty() && self.sends + self.opt_outs == 0
    }

    /// The addresses and numbers.
    pub fn recipients(&self) -> impl Iterator<Item = (Channel, &str)> {
        self.recipients.iter().map(|recipient| (recipient.channel(), recipient.address()))
    }
}
