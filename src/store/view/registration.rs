//! The views `registrations` and `removed_registrations` of one directory: filtered, newest first, page by
//! page from where the last one ended. Never by an offset: what registers meanwhile moves nothing.

use std::fmt;
use std::str::FromStr;

use rusqlite::{Row, ToSql, named_params};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::pool::View;
use super::sought::Sought;
use crate::instant::UtcInstant;
use crate::store::access::Access;
use crate::store::error::StoreError;

/// A row of the view `registrations` or `removed_registrations`. For masked readers `email` and `phone`
/// are hashes, `birth_date` is a year, and names, `address`, `custom_…`, `raw` and `registered_text` null.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Registration {
    /// The directory.
    pub directory_id: String,
    /// The vendor's ID, unique within the directory.
    #[schema(example = "reg_1000275")]
    pub registration_id: String,
    /// As sent.
    pub email: Option<String>,
    /// As sent.
    pub phone: Option<String>,
    /// Given name.
    pub first_name: Option<String>,
    /// Family name.
    pub last_name: Option<String>,
    /// A date.
    #[schema(example = "1984-05-17")]
    pub birth_date: Option<String>,
    /// Street and number.
    pub address: Option<String>,
    /// Postal code.
    pub zip: Option<String>,
    /// City.
    pub city: Option<String>,
    /// The operator's first free field.
    pub custom_1: Option<String>,
    /// The operator's second free field.
    pub custom_2: Option<String>,
    /// The operator's third free field.
    pub custom_3: Option<String>,
    /// 1: access was paid for; 0: it was not.
    #[schema(minimum = 0, maximum = 1)]
    pub paid: Option<i64>,
    /// When paid access ends.
    pub paid_until: Option<String>,
    /// 1: the operator disabled this user; 0: not.
    #[schema(minimum = 0, maximum = 1)]
    pub blocked: Option<i64>,
    /// When the person registered.
    #[schema(example = "2026-11-23T09:05:10Z")]
    pub registered_at: Option<String>,
    /// The local date of it.
    #[schema(example = "2026-11-23")]
    pub registered_on: Option<String>,
    /// When the mirror first saw it.
    pub first_seen_at: String,
    /// When a value last changed.
    pub changed_at: String,
    /// Since when it was not seen, and is not yet proved gone.
    pub missing_since: Option<String>,
    /// The row as it came, as JSON text.
    pub raw: Option<String>,
    /// When it was proved gone.
    pub removed_at: Option<String>,
    /// The registration date as sent.
    pub registered_text: Option<String>,
    /// `stated` or `assumed`: whether that date said which zone it is in.
    pub registered_zone: Option<String>,
    /// When the person was erased: what was known of them is gone.
    pub erased_at: Option<String>,
}

/// Which registrations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Those that stand, the missing included: the view `registrations`.
    #[default]
    Standing,
    /// Of these, those that were not seen and are not yet proved gone.
    Missing,
    /// Those that were proved gone: the view `removed_registrations`.
    Removed,
}

/// Which registrations of a directory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Registered then or later.
    pub since: Option<UtcInstant>,
    /// Registered before.
    pub until: Option<UtcInstant>,
    /// Stands, in whatever case, in what the reader sees of an email, phone, name, address, zip, city,
    /// custom field or ID.
    pub text: Option<String>,
    /// Which of them.
    pub state: State,
}

/// Where a page ended: the next one begins below. Whoever has it may keep it for as long as they like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    registered_at: Option<UtcInstant>,
    key: i64,
}

/// A page of registrations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registrations {
    /// At most as many as were asked for.
    pub rows: Vec<Registration>,
    /// Where they go on, if they do.
    pub next: Option<Cursor>,
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(at) = self.registered_at {
            write!(f, "{at}")?;
        }
        write!(f, "_{}", self.key)
    }
}

impl FromStr for Cursor {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const WRONG: &str = "it is not what `next` of an earlier page said";
        let (at, key) = text.split_once('_').ok_or(WRONG)?;
        let key = key.parse().map_err(|_| WRONG)?;
        let registered_at = match at {
            "" => None,
            at => Some(UtcInstant::parse(at).ok_or(WRONG)?),
        };
        Ok(Self { registered_at, key })
    }
}

/// The column of the key.
const KEY: usize = 25;

const FULL: &str = "r.registration_id, r.email, r.phone, r.first_name, r.last_name, r.birth_date,
    r.address, r.zip, r.city, r.custom_1, r.custom_2, r.custom_3, r.paid, r.paid_until, r.blocked,
    r.registered_at, r.registered_on, r.first_seen_at, r.changed_at, r.missing_since, r.raw,
    r.removed_at, r.registered_text, r.registered_zone, r.erased_at, r.registration_key";
const MASKED: &str = "r.registration_id, r.email_hash, r.phone_hash, NULL, NULL, r.birth_year,
    NULL, r.zip, r.city, NULL, NULL, NULL, r.paid, r.paid_until, r.blocked,
    r.registered_at, r.registered_on, r.first_seen_at, r.changed_at, r.missing_since, NULL,
    r.removed_at, NULL, r.registered_zone, r.erased_at, r.registration_key";

/// The key, and what is searched for a text: the rest of a row is read only where it is found.
const FULL_TEXTS: &str = "r.registration_key, r.registration_id, r.email, r.phone, r.first_name, r.last_name,
    r.birth_date, r.address, r.zip, r.city, r.custom_1, r.custom_2, r.custom_3";
const MASKED_TEXTS: &str = "r.registration_key, r.registration_id, r.email_hash, r.phone_hash, r.birth_year,
    r.zip, r.city";

/// By the index on dates: `registered_on` follows from `registered_at`, and is named for its sake.
/// The index is read between the two dates; `+` keeps it from being read between others.
const DATED: &str = "r.registered_at BETWEEN :since AND :at
    AND (+r.registered_at, r.registration_key) < (:at, :key)
    ORDER BY r.registered_at DESC, r.registered_on DESC, r.registration_key DESC";
/// What has no date stands below all that have one.
const UNDATED: &str = "r.registered_at IS NULL AND r.registration_key < :key
    ORDER BY r.registered_on DESC, r.registration_key DESC";

/// Before and after every instant's text.
const BEFORE_ALL: &str = "";
const AFTER_ALL: &str = "~";

impl State {
    fn condition(self) -> &'static str {
        match self {
            Self::Standing => "r.removed_at IS NULL",
            Self::Missing => "r.removed_at IS NULL AND r.missing_since IS NOT NULL",
            Self::Removed => "r.removed_at IS NOT NULL",
        }
    }

    /// The missing are few: they are found by their own index, and sorted.
    fn table(self) -> &'static str {
        match self {
            Self::Missing => "registration AS r INDEXED BY registration_missing",
            Self::Standing | Self::Removed => "registration AS r",
        }
    }
}

impl View {
    /// At most `limit` registrations of a directory below `after`, newest first, then those without a
    /// date; `None` if there is no such directory.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn list_registrations(
        &self,
        directory_id: &str,
        filter: &Filter,
        after: Option<&Cursor>,
        limit: usize,
    ) -> Result<Option<Registrations>, StoreError> {
        let keys = self.list(
            "SELECT directory_key FROM directory WHERE directory_id = ?1",
            [directory_id],
            |row| row.get::<_, i64>(0),
        )?;
        let Some(key) = keys.into_iter().next() else { return Ok(None) };
        let mut page = Page { directory_id, filter, limit, rows: Vec::new(), last_key: 0, next: None };
        let is_among_undated = after.is_some_and(|after| after.registered_at.is_none());
        if !is_among_undated {
            let since = filter.since.map_or_else(|| BEFORE_ALL.to_owned(), |at| at.to_string());
            let until = filter.until.map_or_else(|| AFTER_ALL.to_owned(), |at| at.to_string());
            let cursor = after.and_then(|after| Some((after.registered_at?.to_string(), after.key)));
            // Below the cursor, or below every registration of the moment `until`.
            let (at, below) = cursor.filter(|(at, _)| *at < until).unwrap_or((until, i64::MIN));
            let params = named_params! { ":directory": key, ":since": since, ":at": at, ":key": below };
            self.read_on(DATED, params, &mut page)?;
        }
        let has_bounds = filter.since.is_some() || filter.until.is_some();
        if page.next.is_none() && !has_bounds {
            let below = after.filter(|_| is_among_undated).map_or(i64::MAX, |after| after.key);
            self.read_on(UNDATED, named_params! { ":directory": key, ":key": below }, &mut page)?;
        }
        Ok(Some(Registrations { rows: page.rows, next: page.next }))
    }

    fn read_on(
        &self,
        order: &str,
        params: &[(&str, &dyn ToSql)],
        page: &mut Page<'_>,
    ) -> Result<(), StoreError> {
        let (columns, texts) = match self.access {
            Access::Full => (FULL, FULL_TEXTS),
            Access::Masked => (MASKED, MASKED_TEXTS),
        };
        let sought = page.filter.text.as_deref().map(Sought::new);
        let read = if sought.is_some() { texts } else { columns };
        let (table, state) = (page.filter.state.table(), page.filter.state.condition());
        let sql =
            format!("SELECT {read} FROM {table} WHERE r.directory_key = :directory AND {state} AND {order}");
        let mut statement = self.prepare(&sql)?;
        let mut rows = statement.query(params)?;
        while page.next.is_none()
            && let Some(row) = rows.next()?
        {
            match &sought {
                None => page.take(row)?,
                Some(sought) if sought.stands_in_row(row, 1)? => {
                    let sql =
                        format!("SELECT {columns} FROM registration AS r WHERE r.registration_key = ?1");
                    self.prepare(&sql)?.query_row([row.get::<_, i64>(0)?], |row| page.take(row))?;
                }
                Some(_) => {}
            }
        }
        Ok(())
    }
}

/// A page that is being filled.
struct Page<'a> {
    directory_id: &'a str,
    filter: &'a Filter,
    limit: usize,
    rows: Vec<Registration>,
    last_key: i64,
    next: Option<Cursor>,
}

impl Page<'_> {
    /// One row more than the page holds tells that it goes on.
    fn take(&mut self, row: &Row<'_>) -> rusqlite::Result<()> {
        match self.rows.last() {
            Some(last) if self.rows.len() >= self.limit => {
                let registered_at = last.registered_at.as_deref().and_then(UtcInstant::parse);
                self.next = Some(Cursor { registered_at, key: self.last_key });
            }
            _ => {
                self.rows.push(self.read(row)?);
                self.last_key = row.get(KEY)?;
            }
        }
        Ok(())
    }

    fn read(&self, row: &Row<'_>) -> rusqlite::Result<Registration> {
        Ok(Registration {
            directory_id: self.directory_id.to_owned(),
            registration_id: row.get(0)?,
            email: row.get(1)?,
            phone: row.get(2)?,
            first_name: row.get(3)?,
            last_name: row.get(4)?,
            birth_date: row.get(5)?,
            address: row.get(6)?,
            zip: row.get(7)?,
            city: row.get(8)?,
            custom_1: row.get(9)?,
            custom_2: row.get(10)?,
            custom_3: row.get(11)?,
            paid: row.get(12)?,
            paid_until: row.get(13)?,
            blocked: row.get(14)?,
            registered_at: row.get(15)?,
            registered_on: row.get(16)?,
            first_seen_at: row.get(17)?,
            changed_at: row.get(18)?,
            missing_since: row.get(19)?,
            raw: row.get(20)?,
            removed_at: row.get(21)?,
            registered_text: row.get(22)?,
            registered_zone: row.get(23)?,
            erased_at: row.get(24)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Cursor;

    #[test]
    fn a_cursor_is_read_back_as_it_was_written() {
        for text in ["2026-11-23T09:05:10Z_17", "_9", "_-1"] {
            assert_eq!(text.parse::<Cursor>().unwrap().to_string(), text);
        }
        for text in ["", "17", "2026-11-23_17", "2026-11-23T09:05:10Z_", "x_1", "_1_2"] {
            assert!(text.parse::<Cursor>().is_err(), "{text}");
        }
    }
}
