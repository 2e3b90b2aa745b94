//! What the mirror holds of a person: found by address or number in registrations and in the feed, in
//! whatever spelling, or by a registration's ID.

use std::collections::BTreeSet;

use aho_corasick::AhoCorasick;
use rusqlite::params;

use super::{Eraser, Person, registration, statement};
use crate::recipient::{Channel, Country, Invalid, Recipient};
use crate::store::error::StoreError;

/// So many registrations of others are told at most.
const MENTIONS_MAX: usize = 20;

/// A registration of the person's.
#[derive(Clone, PartialEq, Eq)]
pub struct Held {
    pub(super) key: i64,
    pub(super) directory_key: i64,
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
    /// Whether it had what was named before, as the feed tells, and has it no more.
    pub is_by_feed: bool,
    /// Texts whose bytes are looked for in the file, once they should be gone.
    pub(super) traces: Vec<String>,
    /// Addresses and numbers that the feed tells of.
    told: Vec<(Channel, String)>,
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
    pub(super) recipients: Vec<Recipient>,
    /// The number of the file's last erasure, once this one is done.
    pub(super) last_erasure: i64,
}

impl Held {
    fn recipients(&self, country: Option<Country>) -> impl Iterator<Item = Recipient> {
        let named =
            |channel, text: &Option<String>| Recipient::named(channel, text.as_deref()?, country).ok();
        named(Channel::Email, &self.email).into_iter().chain(named(Channel::Sms, &self.phone))
    }

    fn has_roughly(&self, recipient: &Recipient) -> bool {
        let text = match recipient.channel() {
            Channel::Email => &self.email,
            Channel::Sms => &self.phone,
        };
        text.as_deref().is_some_and(|text| is_roughly(recipient, text))
    }

    /// Their number in its national form, if it is the one that was named.
    pub(super) fn national(&self, person: &Person, country: Option<Country>) -> Option<Recipient> {
        let (Person::Recipient(named), Some(text)) = (person, self.phone.as_deref()) else { return None };
        let is_named = Recipient::named(Channel::Sms, text, country).is_ok_and(|theirs| theirs.is(named));
        Recipient::national(text).filter(|_| is_named)
    }

    fn is_number_unread(&self, country: Option<Country>) -> bool {
        let read = self.phone.as_deref().map(|text| Recipient::named(Channel::Sms, text, country));
        matches!(read, Some(Err(Invalid::NoCountry)))
    }
}

impl Eraser {
    /// What the mirror holds of a person; national numbers are read as this country's.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn find(&self, person: &Person, country: Option<Country>) -> Result<Dossier, StoreError> {
        let mut dossier = match person {
            Person::Registration(directory, id) => {
                let ids = params![directory.as_str(), id.as_str()];
                Dossier {
                    registrations: self.list(statement::FIND_BY_ID, ids, |_| true)?,
                    ..Dossier::default()
                }
            }
            Person::Recipient(recipient) => self.find_by(recipient, country)?,
        };
        for held in &dossier.registrations {
            let told =
                held.told.iter().filter_map(|(channel, text)| Recipient::named(*channel, text, country).ok());
            for recipient in held.recipients(country).chain(told) {
                if !dossier.recipients.iter().any(|known| known.is(&recipient)) {
                    dossier.recipients.push(recipient);
                }
            }
        }
        for recipient in &dossier.recipients {
            let values = [recipient.channel().as_str(), &self.masks.recipient(recipient)];
            dossier.sends += self.count(statement::COUNT_SENDS, values)?;
            dossier.opt_outs += self.count(statement::COUNT_OPT_OUTS, values)?;
        }
        Ok(dossier)
    }

    /// Everybody who has this address or number, or had it.
    fn find_by(&self, recipient: &Recipient, country: Option<Country>) -> Result<Dossier, StoreError> {
        let mut unread_numbers = 0;
        let is_theirs = |held: &Held| {
            let is_theirs =
                held.has_roughly(recipient) && held.recipients(country).any(|theirs| theirs.is(recipient));
            let is_looked_for = is_theirs || recipient.channel() == Channel::Sms;
            unread_numbers += u64::from(is_looked_for && held.is_number_unread(country));
            is_theirs
        };
        let mut registrations = self.list(statement::LIST_WITH_RECIPIENTS, [], is_theirs)?;
        for (directory, id) in self.list_told(recipient, country)? {
            let is_known = |held: &Held| held.directory_key == directory && held.registration_id == id;
            if !registrations.iter().any(is_known) {
                let mut had = self.list(statement::FIND_BY_KEYS, params![directory, id], |_| true)?;
                had.iter_mut().for_each(|held| held.is_by_feed = true);
                registrations.extend(had);
            }
        }
        Ok(Dossier {
            registrations,
            unread_numbers,
            recipients: vec![recipient.clone()],
            ..Dossier::default()
        })
    }

    /// Registrations of which the feed tells that they have this address or number, or had it.
    fn list_told(
        &self,
        recipient: &Recipient,
        country: Option<Country>,
    ) -> Result<BTreeSet<(i64, String)>, StoreError> {
        let mut statement = self.connection.prepare(match recipient.channel() {
            Channel::Email => statement::LIST_EMAILS_OF_CHANGES,
            Channel::Sms => statement::LIST_PHONES_OF_CHANGES,
        })?;
        let mut rows = statement.query([])?;
        let mut found = BTreeSet::new();
        while let Some(row) = rows.next()? {
            let is_theirs = [2, 3].into_iter().any(|column| {
                let text = row.get_ref(column).ok().and_then(|value| value.as_str().ok());
                text.is_some_and(|text| {
                    is_roughly(recipient, text)
                        && Recipient::named(recipient.channel(), text, country)
                            .is_ok_and(|told| told.is(recipient))
                })
            });
            if is_theirs {
                found.insert((row.get(0)?, row.get(1)?));
            }
        }
        Ok(found)
    }

    /// Registrations of others in which an address or number of the person's stands, as far as it is written
    /// in the same way: `dir_12345/reg_67890`. They stay as they are.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn find_mentions(&self, dossier: &Dossier) -> Result<BTreeSet<String>, StoreError> {
        let mut mentions = BTreeSet::new();
        let texts: BTreeSet<&str> =
            dossier.recipients.iter().map(Recipient::address).chain(dossier.spellings()).collect();
        if texts.is_empty() {
            return Ok(mentions);
        }
        let theirs: BTreeSet<i64> = dossier.registrations.iter().map(|held| held.key).collect();
        let any = AhoCorasick::builder().ascii_case_insensitive(true).build(texts);
        let any = any.map_err(|error| StoreError::Failed(error.to_string()))?;
        let mut statement = self.connection.prepare(statement::LIST_TEXTS)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let is_named = row.get_ref(3)?.as_bytes().is_ok_and(|texts| any.is_match(texts));
            if is_named && !theirs.contains(&row.get(0)?) {
                mentions.insert(format!("{}/{}", row.get::<_, String>(1)?, row.get::<_, String>(2)?));
            }
            if mentions.len() == MENTIONS_MAX {
                break;
            }
        }
        Ok(mentions)
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
                is_by_feed: false,
                told: Vec::new(),
                traces: Vec::new(),
            };
            if is_theirs(&held) {
                let changes =
                    registration::find_changes(&self.connection, held.directory_key, &held.registration_id)?;
                held.traces = registration::find_traces(&self.connection, held.key)?;
                held.traces.extend(changes.traces);
                held.traces.sort_unstable();
                held.traces.dedup();
                (held.changes, held.told) = (changes.count, changes.recipients);
                found.push(held);
            }
        }
        Ok(found)
    }
}

fn is_roughly(recipient: &Recipient, text: &str) -> bool {
    let channel = recipient.channel();
    Recipient::roughly(channel, text) == Recipient::roughly(channel, recipient.address())
}

impl Dossier {
    /// How many different email addresses its registrations have.
    #[must_use]
    pub fn count_addresses(&self) -> usize {
        let named = |held: &Held| Recipient::named(Channel::Email, held.email.as_deref()?, None).ok();
        self.registrations
            .iter()
            .filter_map(named)
            .map(|email| email.identity())
            .collect::<BTreeSet<_>>()
            .len()
    }

    /// Whether the mirror holds nothing of the person.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.registrations.is_empty() && self.sends + self.opt_outs == 0
    }

    /// Addresses and numbers as the mirror has them.
    fn spellings(&self) -> impl Iterator<Item = &str> {
        self.registrations.iter().flat_map(|held| held.email.iter().chain(&held.phone)).map(String::as_str)
    }

    /// The addresses and numbers.
    pub fn recipients(&self) -> impl Iterator<Item = (Channel, &str)> {
        self.recipients.iter().map(|recipient| (recipient.channel(), recipient.address()))
    }
}
