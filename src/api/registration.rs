//! Reading a whole row: a user's or a directory's.
//!
//! Which key means what stands in `aliases.rs`; what a value may look like in `field.rs` and
//! `date.rs`; what of the row is kept as it came in `raw.rs`.

use std::fmt;

use super::aliases::Field;
use super::date::{self, Dated};
use super::envelope::Entries;
use super::field;
use super::json::{Json, TooMany};
use super::key::Key;
use super::raw;
use super::reading::Reading;
use super::row::UserRow;
use crate::directory::{Directory, DirectoryId};
use crate::registration::Registration;

/// A field that is `None`, or not as it came, though the row had something there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldWarning {
    /// The column's name.
    pub field: &'static str,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What can be wrong with a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// A list or a map, or a flag, where a text belongs.
    NotText,
    /// Not a date.
    NotADate,
    /// Neither yes nor no.
    NotAFlag,
    /// Longer than is kept.
    TooLong,
}

impl fmt::Display for FieldWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let problem = match self.problem {
            Problem::NotText => "not a text",
            Problem::NotADate => "not a date",
            Problem::NotAFlag => "neither yes nor no",
            Problem::TooLong => "too long",
        };
        write!(f, "{}: {problem}", self.field)
    }
}

/// What a row gave for each field: its value, how preferred its key is, and whether the key says UTC.
struct Given<'a> {
    field: Field,
    rank: u16,
    utc: bool,
    value: Json<'a>,
}

/// What could be read of a row, and the warnings on the way.
struct Row<'a> {
    given: Vec<Given<'a>>,
    warnings: Vec<FieldWarning>,
}

impl<'a> Row<'a> {
    /// The value of the most preferred key that holds one; of equal keys the last, as everybody
    /// else's JSON parser has it.
    fn value(&self, field: Field) -> Option<Json<'a>> {
        let of_field = self.given.iter().rev().filter(|given| given.field == field);
        of_field.filter(|given| !field::is_unset(given.value)).min_by_key(|given| given.rank).map(|g| g.value)
    }

    fn read<T>(&mut self, field: Field, read: fn(Json<'a>) -> Result<Option<T>, Problem>) -> Option<T> {
        let value = self.value(field)?;
        read(value).unwrap_or_else(|problem| {
            self.warnings.push(FieldWarning { field: field.name(), problem });
            None
        })
    }

    fn text(&mut self, field: Field) -> Option<String> {
        self.read(field, field::text)
    }

    /// The first date that can be read, keys that say UTC first; else the first text there is.
    fn date(&mut self, field: Field, reading: &Reading) -> Dated {
        let of_field = self.given.iter().rev().filter(|given| given.field == field);
        let mut given: Vec<_> = of_field.filter(|given| !field::is_unset(given.value)).collect();
        given.sort_by_key(|given| (!given.utc, given.rank));
        let mut dates = given.into_iter().map(|given| date::read(given.value, given.utc, reading.zone));
        let Some(first) = dates.next() else { return Dated::default() };
        if first.at.is_some() {
            return first;
        }
        if let Some(readable) = dates.find(|date| date.at.is_some()) {
            return readable;
        }
        if !first.unset {
            self.warnings.push(FieldWarning { field: field.name(), problem: Problem::NotADate });
        }
        first
    }
}

/// Reads a user's row.
pub(super) fn read(reading: &Reading, row: &UserRow) -> (Registration, Vec<FieldWarning>) {
    let json = row.json();
    let entries = json.entries().unwrap_or_default();
    let (given, has_secret) = given(reading, &entries);
    let mut fields = Row { given, warnings: Vec::new() };
    let (raw, raw_is_cut) = raw::kept(json, &entries, has_secret);
    if raw_is_cut {
        fields.warnings.push(FieldWarning { field: "raw", problem: Problem::TooLong });
    }
    let registered = fields.date(Field::RegisteredAt, reading);
    let registration = Registration {
        id: row.id.clone(),
        fingerprint: row.fingerprint,
        email: fields.text(Field::Email),
        phone: fields.text(Field::Phone),
        first_name: fields.text(Field::FirstName),
        last_name: fields.text(Field::LastName),
        birth_date: fields.read(Field::BirthDate, date::birth_date),
        address: fields.text(Field::Address),
        zip: fields.text(Field::Zip),
        city: fields.text(Field::City),
        custom_1: fields.text(Field::Custom1),
        custom_2: fields.text(Field::Custom2),
        custom_3: fields.text(Field::Custom3),
        paid: fields.read(Field::Paid, field::flag),
        paid_until: fields.date(Field::PaidUntil, reading).at,
        blocked: fields.read(Field::Blocked, field::flag),
        registered_at: registered.at,
        registered_text: registered.text,
        registered_zone: registered.zone,
        raw,
    };
    (registration, fields.warnings)
}

/// What the row's keys mean, and whether any of them is secret-like.
fn given<'a>(reading: &Reading, entries: &Entries<'a>) -> (Vec<Given<'a>>, bool) {
    let mut all = Vec::with_capacity(entries.len());
    let mut has_secret = false;
    for (spelling, value) in entries {
        let key = Key::of(spelling);
        match key.as_ref().and_then(|key| reading.aliases.of_user(key)) {
            Some((spelling, utc)) => {
                has_secret |= spelling.secret;
                all.push(Given { field: spelling.field, rank: spelling.rank, utc, value: *value });
            }
            None => has_secret |= raw::is_secret_spelling(spelling, key.as_ref()),
        }
    }
    (all, has_secret)
}

/// Reads a directory's row.
pub(super) fn directory(reading: &Reading, row: Json<'_>, id: String) -> Result<Directory, TooMany> {
    let entries = row.entries()?;
    let mut given = Vec::with_capacity(entries.len());
    for (key, value) in entries.iter().rev() {
        let spelling = Key::of(key).and_then(|key| reading.aliases.of_directory(&key));
        given.extend(spelling.map(|spelling| (spelling.field, spelling.rank, *value)));
    }
    given.sort_by_key(|(_, rank, _)| *rank);
    let text = |wanted| {
        let of_field = given.iter().filter(|(field, _, _)| *field == wanted);
        of_field.filter_map(|(_, _, value)| field::text(*value).ok().flatten()).next()
    };
    Ok(Directory {
        name: text(Field::DirectoryName),
        url: text(Field::DirectoryUrl),
        status: text(Field::DirectoryStatus),
        raw: raw::kept(row, &entries, true).0,
        id: DirectoryId::new(id),
    })
}
