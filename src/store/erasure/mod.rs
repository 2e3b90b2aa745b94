//! What the mirror holds of a person, and its erasure: from tables, from the feed, from the ledger, and from
//! the file's bytes.
//!
//! Rows stay and count, emptied: a row that is gone would come back with the next walk, and a count that
//! falls is a change that nobody made. Deliberately not here: snapshots and exports, which are files of
//! their own.

pub(super) mod bytes;
pub(super) mod registration;
mod statement;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, Transaction, TransactionBehavior, params};

use super::beside;
use super::error::{OpenError, StoreError};
use super::mask::Masks;
use crate::directory::DirectoryId;
use crate::instant::UtcInstant;
use crate::recipient::{Channel, Country, Recipient};
use crate::registration::RegistrationId;

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
    recipients: Vec<Recipient>,
}

/// Of each registration, by its directory's key and its ID, what the feed tells of.
type Told = BTreeMap<(i64, String), Vec<Recipient>>;

impl Held {
    fn recipients(&self, country: Option<Country>) -> impl Iterator<Item = Recipient> {
        let email = self.email.as_deref().and_then(|text| Recipient::email(text).ok());
        let phone = self.phone.as_deref().and_then(|text| Recipient::phone(text, country).ok());
        email.into_iter().chain(phone)
    }
}

/// How sure it is that the bytes are gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Traces {
    /// The file and its log were searched, and hold none of them.
    Gone,
    /// A reader keeps the log from being cut: it holds them as long.
    InLog,
    /// They are still found, although no row holds them.
    InFile,
}

/// The mirror, open for an erasure.
pub struct Eraser {
    path: PathBuf,
    connection: Connection,
    masks: Masks,
}

impl Eraser {
    /// Opens the mirror at `path`, beside whichever process writes it.
    ///
    /// # Errors
    /// When the file is not there, not of this version, or may not be written, or the masks' key can't be
    /// read.
    pub fn open(path: &Path, key_file: Option<&Path>) -> Result<Self, OpenError> {
        let (connection, masks) = beside::open(path, key_file)?;
        Ok(Self { path: path.into(), connection, masks })
    }

    /// What the mirror holds of a person; national numbers are read as this country's.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn find(&self, person: &Person, country: Option<Country>) -> Result<Dossier, StoreError> {
        let told = self.list_told(country)?;
        let mut registrations = match person {
            Person::Registration(directory, id) => {
                self.list(statement::FIND_BY_ID, params![directory.as_str(), id.as_str()], |_| true)?
            }
            Person::Recipient(recipient) => {
                let is_theirs = |held: &Held| held.recipients(country).any(|theirs| theirs.is(recipient));
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
        let mut dossier = Dossier { registrations, recipients, ..Dossier::default() };
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
            let emails = [2, 3].into_iter().filter_map(|n| Recipient::email(text(n)?).ok());
            let phones = [4, 5].into_iter().filter_map(|n| Recipient::phone(text(n)?, country).ok());
            let found: Vec<Recipient> = emails.chain(phones).collect();
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
        is_theirs: impl Fn(&Held) -> bool,
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
                held.traces = registration::find_traces(&self.connection, held.key)?;
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
            registration::empty(&transaction, held.key, &at)?;
            registration::empty_changes(&transaction, held.directory_key, &held.registration_id)?;
        }
        for recipient in &dossier.recipients {
            let (channel, hash) = (recipient.channel().as_str(), self.masks.recipient(recipient));
            transaction.execute(statement::EMPTY_SENDS, [channel, &hash])?;
            transaction.execute(statement::EMPTY_OPT_OUTS, [channel, &hash])?;
            // One registration's erasure says nothing of others with the same address.
            if matches!(person, Person::Recipient(_)) {
                transaction.execute(statement::SAVE_ERASURE, [channel, &hash, &at])?;
            }
        }
        transaction.commit()?;
        Ok(dossier)
    }

    /// Sees that no byte of what was erased is left in the file or its log: cuts the log, searches, and
    /// where older versions of a row left something, writes the file anew.
    ///
    /// # Errors
    /// When the file can't be read or written.
    pub fn wipe(self, dossier: &Dossier) -> Result<Traces, StoreError> {
        if !cut_log(&self.connection)? {
            return Ok(Traces::InLog);
        }
        let mut traces: Vec<&str> = dossier.recipients.iter().map(Recipient::address).collect();
        traces.extend(dossier.registrations.iter().flat_map(|held| held.traces.iter().map(String::as_str)));
        // Who has the same address in a registration that stays is not erased.
        let theirs = bytes::only_theirs(&self.connection, &traces)?;
        // SQLite's locks end with any other handle of the file in this process: not while it has one.
        drop(self.connection);
        if !bytes::find(&self.path, &theirs)? {
            return Ok(Traces::Gone);
        }
        let connection = beside::connect(&self.path)?;
        connection.execute_batch("VACUUM")?;
        if !cut_log(&connection)? {
            return Ok(Traces::InLog);
        }
        drop(connection);
        Ok(if bytes::find(&self.path, &theirs)? { Traces::InFile } else { Traces::Gone })
    }
}

/// Puts the log into the file and empties it; `false`: a reader holds it.
fn cut_log(connection: &Connection) -> Result<bool, StoreError> {
    let is_busy: i64 = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    Ok(is_busy == 0)
}

impl Dossier {
    /// The addresses and numbers.
    pub fn recipients(&self) -> impl Iterator<Item = (Channel, &str)> {
        self.recipients.iter().map(|recipient| (recipient.channel(), recipient.address()))
    }
}
