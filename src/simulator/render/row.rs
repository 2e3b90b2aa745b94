//! A row as an answer spells it: a registration, a directory.

use super::date::{brussels_offset_s, registered_s, write_date, write_day, write_offset_date};
use super::names::Names;
use super::write_text;
use crate::simulator::behaviour::Behaviour;
use crate::simulator::list::Row;
use crate::simulator::person::{Person, write_number};
use crate::simulator::variant::{Dates, DoubleKeys, EmptyMap, Ids, RowIds, Scalars, Secrets, Unset, Values};

const NO_DATES: [&str; 4] = ["yesterday", "2026-13-45 25:61:00", "n/a", "1.2.26"];

/// A directory as an answer shows it.
pub struct DirectoryRow<'a> {
    /// Its ID.
    pub id: &'a str,
    /// Its name.
    pub name: &'a str,
    /// Its public address.
    pub url: &'a str,
    /// Whether people can register.
    pub takes_registrations: bool,
    /// How many registrations stand.
    pub registrations: usize,
}

/// Writes rows, one after the other, in one spelling.
pub struct RowWriter<'b> {
    behaviour: &'b Behaviour,
    names: &'static Names,
    /// The directory's seed.
    seed: u64,
    scratch: String,
}

impl<'b> RowWriter<'b> {
    /// For rows of the directory of this seed.
    #[must_use]
    pub fn new(behaviour: &'b Behaviour, seed: u64) -> Self {
        Self { behaviour, names: Names::of(behaviour.keys), seed, scratch: String::with_capacity(128) }
    }

    /// Appends a directory.
    pub fn write_directory(&mut self, out: &mut String, row: &DirectoryRow<'_>) {
        out.push('{');
        self.text(out, self.names.directory_id, row.id);
        self.text(out, "name", row.name);
        self.text(out, "url", row.url);
        self.text(out, "status", "active");
        self.flag(out, "registration", row.takes_registrations);
        self.number(out, "amount_of_users", row.registrations as u64);
        close(out);
    }

    /// Appends a registration.
    pub fn write_registration(&mut self, out: &mut String, row: &Row) {
        let person = Person::of(self.seed, row);
        let odd = self.behaviour.values == Values::Odd && row.number.is_multiple_of(5);
        out.push('{');
        self.id(out, row.number);
        self.built(out, "email", |text| person.write_email(text));
        self.built(out, "phone", |text| person.write_phone(text));
        self.twice(out, self.names.first_name, person.first_name());
        self.twice(out, self.names.last_name, person.last_name());
        self.birth_date(out, &person);
        self.built(out, "address", |text| person.write_address(text));
        if odd {
            out.push_str("\"zip\":1234.5,\"city\":[\"a\",\"b\"],");
        } else {
            self.built(out, "zip", |text| person.write_zip(text));
            self.text(out, "city", person.city());
        }
        self.text(out, self.names.custom[0], person.source);
        if odd {
            key(out, self.names.custom[1]);
            out.push_str("{\"note\":null},");
        } else {
            self.text(out, self.names.custom[1], person.note);
        }
        self.number(out, self.names.custom[2], u64::from(person.points));
        self.flag(out, "paid", person.paid);
        match person.paid_until_s {
            Some(at_s) => self.built(out, self.names.paid_until, |text| write_date(text, at_s)),
            None => self.unset_date(out, self.names.paid_until),
        }
        self.flag(out, "blocked", person.blocked);
        self.registered(out, row);
        self.labels(out, &person);
        if self.behaviour.secrets == Secrets::Present {
            self.text(out, "password_hash", "$2y$10$abcdefghijklmnopqrstuv");
            self.text(out, "login_token", "0123456789abcdef");
        }
        close(out);
    }

    fn id(&self, out: &mut String, number: u32) {
        let absent = match self.behaviour.row_ids {
            RowIds::All => false,
            RowIds::SomeAbsent => number.is_multiple_of(10),
            RowIds::Absent => true,
        };
        if absent {
            return;
        }
        key(out, self.names.id);
        let (before, after) = match self.behaviour.ids {
            Ids::Prefixed => ("\"reg_", "\","),
            Ids::Number => ("", ","),
            Ids::NumberText => ("\"", "\","),
        };
        out.push_str(before);
        write_number(out, u64::from(number), 1);
        out.push_str(after);
    }

    fn birth_date(&mut self, out: &mut String, person: &Person) {
        match person.birth {
            None if self.behaviour.unset == Unset::ZeroDate => {
                self.text(out, self.names.birth_date, "0000-00-00");
            }
            None => self.text(out, self.names.birth_date, ""),
            Some(day) => self.built(out, self.names.birth_date, |text| {
                write_day(text, u64::from(day.year), u64::from(day.month), u64::from(day.day));
            }),
        }
    }

    fn registered(&mut self, out: &mut String, row: &Row) {
        let at_s = registered_s(row, self.behaviour.order);
        let names = self.names;
        match self.behaviour.dates {
            Dates::Absent => {}
            Dates::Sometimes if row.number.is_multiple_of(3) => {}
            Dates::Utc | Dates::Sometimes => {
                self.built(out, names.registered_utc, |text| write_date(text, at_s))
            }
            Dates::Local => self.built(out, names.registered, |text| {
                write_date(text, at_s + brussels_offset_s(at_s));
            }),
            Dates::Offset => self.built(out, names.registered, |text| write_offset_date(text, at_s)),
            Dates::Empty => {
                key(out, names.registered_utc);
                out.push_str("\"\",");
            }
            Dates::Zero => {
                key(out, names.registered_utc);
                out.push_str("\"0000-00-00 00:00:00\",");
            }
            Dates::NoDates => {
                let text = NO_DATES[row.number as usize % NO_DATES.len()];
                self.text(out, names.registered, text);
            }
        }
    }

    fn labels(&self, out: &mut String, person: &Person) {
        key(out, "labels");
        match (person.points % 30, self.behaviour.empty_map) {
            (0, EmptyMap::List) => out.push_str("[],"),
            (0, EmptyMap::Map) => out.push_str("{},"),
            _ => out.push_str("{\"newsletter\":\"1\"},"),
        }
    }

    fn twice(&self, out: &mut String, name: &str, value: &str) {
        match self.behaviour.double_keys {
            DoubleKeys::None => {}
            DoubleKeys::Equal => self.text(out, name, value),
            DoubleKeys::LastCounts => {
                key(out, name);
                out.push_str("\"\",");
            }
        }
        self.text(out, name, value);
    }

    fn built(&mut self, out: &mut String, name: &str, build: impl FnOnce(&mut String)) {
        let mut scratch = std::mem::take(&mut self.scratch);
        scratch.clear();
        build(&mut scratch);
        self.text(out, name, &scratch);
        self.scratch = scratch;
    }

    fn text(&self, out: &mut String, name: &str, value: &str) {
        if value.is_empty() && self.behaviour.unset == Unset::Absent {
            return;
        }
        key(out, name);
        if value.is_empty() && self.behaviour.unset == Unset::Null {
            out.push_str("null");
        } else {
            write_text(out, value, self.behaviour.text);
        }
        out.push(',');
    }

    fn unset_date(&self, out: &mut String, name: &str) {
        let zero = self.behaviour.unset == Unset::ZeroDate;
        self.text(out, name, if zero { "0000-00-00 00:00:00" } else { "" });
    }

    fn flag(&self, out: &mut String, name: &str, value: bool) {
        key(out, name);
        out.push_str(match (self.behaviour.scalars, value) {
            (Scalars::Text, false) => "\"0\",",
            (Scalars::Text, true) => "\"1\",",
            (Scalars::Number, false) => "0,",
            (Scalars::Number, true) => "1,",
            (Scalars::Bool, false) => "false,",
            (Scalars::Bool, true) => "true,",
        });
    }

    fn number(&self, out: &mut String, name: &str, value: u64) {
        key(out, name);
        let quote = if self.behaviour.scalars == Scalars::Text { "\"" } else { "" };
        out.push_str(quote);
        write_number(out, value, 1);
        out.push_str(quote);
        out.push(',');
    }
}

fn key(out: &mut String, name: &str) {
    out.push('"');
    out.push_str(name);
    out.push_str("\":");
}

fn close(out: &mut String) {
    if out.ends_with(',') {
        out.pop();
    }
    out.push('}');
}
