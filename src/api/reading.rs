//! The rules of reading: from an answer's bytes to what it says.
//!
//! Pure: no clock, no network. The same bytes and the same rules give the same answer.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use chrono_tz::Tz;
use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::aliases::Field;
use super::call::Call;
use super::container::{NoRows, Sought};
use super::envelope::{self, Entries, Envelope};
use super::error::{ApiError, Cause, Limit};
use super::json::{ENTRIES_MAX, Json, TooMany, text_of};
use super::lookup::Aliases;
use super::registration::{self, FieldWarning};
use super::row::{UserRow, directory_id, unwrapped, user_id};
use super::shallow::usual_page;
use super::shape::Shape;
use crate::directory::{Directory, DirectoryId};
use crate::registration::Registration;

/// Raised whenever the code reads a row differently, so that every row is read again.
const READING_VERSION: u64 = 2;

/// How one account's answers are read: spellings of keys, and the zone of dates that state none.
#[derive(Clone)]
pub struct Reading {
    pub(super) aliases: Arc<Aliases>,
    pub(super) zone: Tz,
    fingerprint: i64,
}

/// What `directory/list` answered.
#[derive(Clone, Debug, Default)]
pub struct DirectoryList {
    /// No ID twice: the first is kept.
    pub directories: Vec<Directory>,
    /// Rows that had no ID: the list is not complete.
    pub rows_without_id: usize,
}

/// What `directoryusers/list` answered.
#[derive(Clone, Debug, Default)]
pub struct UsersPage {
    /// In the answer's order, no ID twice: the first is kept.
    pub rows: Vec<UserRow>,
    /// How many rows the answer held, those without an ID and those given twice included.
    pub rows_answered: usize,
    /// Rows that had no ID: what they were read in is not complete.
    pub rows_without_id: usize,
}

/// A send that the API took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent;

impl fmt::Debug for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reading").field("zone", &self.zone).field("fingerprint", &self.fingerprint).finish()
    }
}

impl Reading {
    /// Reads by these spellings; dates that state no zone are in this one.
    #[must_use]
    pub fn new(aliases: &Aliases, zone: Tz) -> Self {
        let seed = aliases.fingerprint() ^ READING_VERSION;
        let fingerprint = xxh3_64_with_seed(zone.name().as_bytes(), seed) as i64;
        Self { aliases: Arc::new(aliases.clone()), zone, fingerprint }
    }

    /// Of the rules: changes when the spellings, the zone or this code change.
    #[must_use]
    pub fn fingerprint(&self) -> i64 {
        self.fingerprint
    }

    /// Reads the whole row. What can't be read is `None` with a warning; nothing drops the row.
    #[must_use]
    pub fn registration(&self, row: &UserRow) -> (Registration, Vec<FieldWarning>) {
        registration::read(self, row)
    }

    /// Reads an answer of `directoryusers/list`.
    ///
    /// # Errors
    /// What the envelope or the HTTP status say, or that the answer's shape is not known.
    pub fn users_page(&self, http_status: u16, body: Vec<u8>) -> Result<UsersPage, ApiError> {
        let text: Arc<str> = text_of(body).into();
        if let Some(page) = self.usual_users_page(&text) {
            return Ok(page);
        }
        let call = Call::UsersList(&DirectoryId::new(""), 1);
        let top = self.opened(&text, call, http_status)?;
        let rows = self.rows(Field::Registrations, &top, http_status)?;
        let mut page = UsersPage { rows_answered: rows.len(), ..UsersPage::default() };
        let mut seen = HashSet::with_capacity(rows.len());
        for row in rows {
            let row = unwrapped(row, &self.aliases, Field::Registrations)?;
            match user_id(row, &self.aliases) {
                None => page.rows_without_id += 1,
                Some(id) if !seen.insert(id.clone()) => {}
                Some(id) => page.rows.push(UserRow::new(&text, row, id, self.fingerprint)),
            }
        }
        Ok(page)
    }

    /// `None`: leave it to the thorough way.
    fn usual_users_page(&self, text: &Arc<str>) -> Option<UsersPage> {
        let usual = usual_page(text, &self.aliases)?;
        let status = vec![("status".into(), usual.status)];
        if envelope::envelope(&status, &self.aliases).ok()? != Some(Envelope::Good) {
            return None;
        }
        let mut rows = Vec::with_capacity(usual.rows.len());
        for row in &usual.rows {
            let id = user_id(*row, &self.aliases)?;
            rows.push(UserRow::new(text, *row, id, self.fingerprint));
        }
        let mut seen = HashSet::with_capacity(rows.len());
        let twice: Vec<bool> = rows.iter().map(|row| !seen.insert(row.id.as_str())).collect();
        if twice.contains(&true) {
            return None;
        }
        Some(UsersPage { rows, rows_answered: usual.rows.len(), rows_without_id: 0 })
    }

    /// Reads an answer of `directory/list`.
    ///
    /// # Errors
    /// As [`Self::users_page`].
    pub fn directories(&self, http_status: u16, body: Vec<u8>) -> Result<DirectoryList, ApiError> {
        let text = text_of(body);
        let top = self.opened(&text, Call::DirectoryList, http_status)?;
        let mut list = DirectoryList::default();
        let mut seen = HashSet::new();
        for row in self.rows(Field::Directories, &top, http_status)? {
            let row = unwrapped(row, &self.aliases, Field::Directories)?;
            match directory_id(row, &self.aliases)? {
                None => list.rows_without_id += 1,
                Some(id) if !seen.insert(id.clone()) => {}
                Some(id) => list.directories.push(registration::directory(self, row, id)?),
            }
        }
        Ok(list)
    }

    /// Reads an answer of `directory/info` that was asked for this directory.
    ///
    /// # Errors
    /// As [`Self::users_page`]; an answer without exactly one directory is not understood.
    pub fn directory(
        &self,
        asked: &DirectoryId,
        http_status: u16,
        body: Vec<u8>,
    ) -> Result<Directory, ApiError> {
        let text = text_of(body);
        let top = self.opened(&text, Call::DirectoryInfo(asked), http_status)?;
        let rows = match self.rows(Field::Directories, &top, http_status) {
            Ok(rows) if rows.is_empty() => match top_level_row(&text, &self.aliases)? {
                Some(row) => vec![row],
                None => rows,
            },
            rows => rows?,
        };
        let [row] = rows.as_slice() else {
            return Err(unreadable("exactly one directory", &top, http_status));
        };
        let row = unwrapped(*row, &self.aliases, Field::Directories)?;
        let id = directory_id(row, &self.aliases)?.unwrap_or_else(|| asked.as_str().to_owned());
        Ok(registration::directory(self, row, id)?)
    }

    /// Reads an answer of `send/email` or `send/sms`.
    pub(super) fn sent(&self, call: Call<'_>, http_status: u16, body: Vec<u8>) -> Result<Sent, ApiError> {
        self.opened(&text_of(body), call, http_status).map(|_| Sent)
    }

    /// The top of an answer whose envelope is good.
    fn opened<'a>(&self, text: &'a str, call: Call<'_>, http_status: u16) -> Result<Entries<'a>, ApiError> {
        let by_status = || envelope::by_http_status(http_status);
        let not_json = ApiError::Passing { cause: Cause::NotJson(http_status), attempts: 1, answered: true };
        let json = Json::parse(text).ok_or_else(|| by_status().unwrap_or(not_json))?;
        let top = json.entries()?;
        match envelope::envelope(&top, &self.aliases)? {
            Some(Envelope::Good) => Ok(top),
            Some(Envelope::Failed { codes, speaks_of_phone }) => {
                Err(envelope::failure(codes, speaks_of_phone, call, http_status))
            }
            None => Err(by_status().unwrap_or_else(|| unreadable("the status", &top, http_status))),
        }
    }

    fn rows<'a>(
        &self,
        container: Field,
        top: &Entries<'a>,
        http_status: u16,
    ) -> Result<Vec<Json<'a>>, ApiError> {
        let wanted = match container {
            Field::Registrations => "a list of users",
            _ => "a list of directories",
        };
        Sought { aliases: &self.aliases, container }.rows(top).map_err(|error| match error {
            NoRows::TooMany => TooMany.into(),
            NoRows::NotFound => unreadable(wanted, top, http_status),
        })
    }
}

/// The whole answer, where a directory's keys stand beside the envelope.
fn top_level_row<'a>(text: &'a str, aliases: &Aliases) -> Result<Option<Json<'a>>, TooMany> {
    let Some(row) = Json::parse(text) else { return Ok(None) };
    Ok(directory_id(row, aliases)?.map(|_| row))
}

fn unreadable(wanted: &'static str, top: &Entries<'_>, http_status: u16) -> ApiError {
    let shape = Shape::of(top.iter().map(|(key, value)| (key.as_ref(), *value)));
    ApiError::Unreadable { wanted, shape, http_status }
}

impl From<TooMany> for ApiError {
    fn from(_: TooMany) -> Self {
        Self::TooLarge { limit: Limit::Entries(ENTRIES_MAX) }
    }
}
