//! What the front page shows of each directory, and a directory's page of its own: counted days, never
//! counted people.

use std::collections::HashMap;

use chrono::NaiveDate;
use rusqlite::Row;

use super::pool::View;
use crate::instant::UtcInstant;
use crate::store::error::StoreError;

/// A directory and how fresh it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overview {
    /// The vendor's ID.
    pub directory_id: String,
    /// Its name, if it has one.
    pub name: Option<String>,
    /// The account that lists it.
    pub account: String,
    /// Its public address, if it has one.
    pub url: Option<String>,
    /// The vendor's word for its state.
    pub status: Option<String>,
    /// How many registrations stand.
    pub registrations: u64,
    /// When a walk was last complete.
    pub last_complete_at: Option<UtcInstant>,
    /// When a full walk was last complete.
    pub last_full_at: Option<UtcInstant>,
    /// When its account was found to list it no longer.
    pub removed_at: Option<UtcInstant>,
    /// Why its last walk failed.
    pub last_error: Option<String>,
    /// Why its account's directories could not be listed.
    pub account_error: Option<String>,
    /// Registrations by day, oldest first; days without one are left out.
    pub by_day: Vec<(NaiveDate, u64)>,
    key: i64,
}

/// One directory, closer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detail {
    /// With every day that somebody registered on.
    pub overview: Overview,
    /// Registrations without a date.
    pub undated: u64,
    /// Registrations that were not seen and are not yet proved gone.
    pub missing: u64,
}

macro_rules! overviews {
    ($rest:literal) => {
        concat!(
            "SELECT d.directory_key, d.directory_id, d.name, a.name, d.url, d.status, d.registrations,
                 d.last_complete_at, d.last_full_at, d.removed_at, d.last_error, a.last_error
             FROM directory AS d JOIN account AS a ON a.account_key = d.account_key ",
            $rest
        )
    };
}

const LIST: &str = overviews!(
    "WHERE d.removed_at IS NULL
     ORDER BY a.name, coalesce(d.name, d.directory_id) COLLATE NOCASE, d.directory_id"
);
const FIND: &str = overviews!("WHERE d.directory_id = ?1");
/// Each directory's days are looked up by themselves: all of it would be read for a few of them.
const DAYS: &str = "SELECT d.directory_key, r.day, r.registrations
     FROM directory AS d CROSS JOIN registration_day AS r
         ON r.directory_key = d.directory_key AND r.day BETWEEN ?1 AND ?2
     WHERE d.removed_at IS NULL AND r.registrations > 0";
const DAYS_OF: &str = "SELECT directory_key, day, registrations FROM registration_day
     WHERE directory_key = ?1 AND registrations > 0 ORDER BY day";
const MISSING: &str = "SELECT count(*) FROM registration INDEXED BY registration_missing
     WHERE directory_key = ?1 AND missing_since IS NOT NULL AND removed_at IS NULL";
const UNLISTED: &str = "SELECT name, last_error FROM account WHERE last_error IS NOT NULL ORDER BY name";

impl Overview {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let instant = |column: usize| -> rusqlite::Result<Option<UtcInstant>> {
            Ok(row.get::<_, Option<String>>(column)?.as_deref().and_then(UtcInstant::parse))
        };
        Ok(Self {
            key: row.get(0)?,
            directory_id: row.get(1)?,
            name: row.get(2)?,
            account: row.get(3)?,
            url: row.get(4)?,
            status: row.get(5)?,
            registrations: count(row.get(6)?),
            last_complete_at: instant(7)?,
            last_full_at: instant(8)?,
            removed_at: instant(9)?,
            last_error: row.get(10)?,
            account_error: row.get(11)?,
            by_day: Vec::new(),
        })
    }
}

fn count(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

impl View {
    /// Every directory that is listed, by account and name, with its days from `since` to `until`.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn list_overviews(&self, since: NaiveDate, until: NaiveDate) -> Result<Vec<Overview>, StoreError> {
        let mut overviews = self.list(LIST, [], Overview::read)?;
        let places: HashMap<i64, usize> =
            overviews.iter().enumerate().map(|(place, overview)| (overview.key, place)).collect();
        for (key, day, count) in self.list(DAYS, [since.to_string(), until.to_string()], read_day)? {
            let overview = places.get(&key).and_then(|place| overviews.get_mut(*place));
            if let (Some(overview), Ok(day)) = (overview, day.parse()) {
                overview.by_day.push((day, count));
            }
        }
        Ok(overviews)
    }

    /// One directory with all its days, also one that is no longer listed.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn find_detail(&self, directory_id: &str) -> Result<Option<Detail>, StoreError> {
        let Some(mut overview) = self.list(FIND, [directory_id], Overview::read)?.pop() else {
            return Ok(None);
        };
        let mut undated = 0;
        for (_, day, count) in self.list(DAYS_OF, [overview.key], read_day)? {
            match day.parse() {
                Ok(day) => overview.by_day.push((day, count)),
                Err(_) => undated += count,
            }
        }
        let missing = self.list(MISSING, [overview.key], |row| row.get(0).map(count))?;
        Ok(Some(Detail { overview, undated, missing: missing.into_iter().sum() }))
    }

    /// Accounts whose directories could not be listed, and why.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn list_account_errors(&self) -> Result<Vec<(String, String)>, StoreError> {
        self.list(UNLISTED, [], |row| Ok((row.get(0)?, row.get(1)?)))
    }
}

fn read_day(row: &Row<'_>) -> rusqlite::Result<(i64, String, u64)> {
    Ok((row.get(0)?, row.get(1)?, count(row.get(2)?)))
}

#[cfg(test)]
mod tests {
    use super::{DAYS, DAYS_OF, FIND, LIST, MISSING};
    use rusqlite::Connection;

    /// How SQLite reads for a statement, over the schema as it is.
    fn plan(sql: &str) -> Vec<String> {
        let connection = Connection::open_in_memory().unwrap();
        let mut migrations: Vec<_> =
            std::fs::read_dir("migrations").unwrap().map(|entry| entry.unwrap().path()).collect();
        migrations.sort();
        for path in migrations {
            connection.execute_batch(&std::fs::read_to_string(path).unwrap()).unwrap();
        }
        let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        for parameter in 1..=statement.parameter_count() {
            statement.raw_bind_parameter(parameter, "2026-11-23").unwrap();
        }
        let mut rows = statement.raw_query();
        let mut steps = Vec::new();
        while let Some(row) = rows.next().unwrap() {
            steps.push(row.get(3).unwrap());
        }
        steps
    }

    #[test]
    fn days_and_people_are_looked_up_by_directory_never_read_whole() {
        for sql in [LIST, FIND, DAYS, DAYS_OF, MISSING] {
            let steps = plan(sql);
            for step in &steps {
                let is_small = step.starts_with("SCAN d") || step.starts_with("USE TEMP B-TREE FOR ORDER BY");
                assert!(is_small || step.starts_with("SEARCH"), "{steps:?}");
            }
        }
    }
}
