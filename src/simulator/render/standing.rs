//! A registration as it truly stands, field by field: what a mirror is judged by.

use serde::Serialize;

use super::registered_s;
use crate::instant::UtcInstant;
use crate::simulator::behaviour::Behaviour;
use crate::simulator::list::Row;
use crate::simulator::person::Person;
use crate::simulator::variant::Ids;

/// A registration that stands, in the names and forms of the mirror's views. What isn't set is
/// `None`, whatever the answers' spelling makes of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the names are the views' columns")]
pub struct Standing {
    /// As the answers give it.
    pub registration_id: String,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub birth_date: Option<String>,
    pub address: Option<String>,
    pub zip: Option<String>,
    pub city: Option<String>,
    pub custom_1: Option<String>,
    pub custom_2: Option<String>,
    pub custom_3: Option<String>,
    pub paid: u8,
    pub paid_until: Option<String>,
    pub blocked: u8,
    pub registered_at: Option<String>,
}

impl Standing {
    /// The registration of a row in the directory of this seed.
    #[must_use]
    pub fn of(behaviour: &Behaviour, seed: u64, row: &Row) -> Self {
        let person = Person::of(seed, row);
        Self {
            registration_id: registration_id(behaviour, row.number),
            email: built(|text| person.write_email(text)),
            phone: built(|text| person.write_phone(text)),
            first_name: set(person.first_name()),
            last_name: set(person.last_name()),
            birth_date: person.birth.map(|day| format!("{:04}-{:02}-{:02}", day.year, day.month, day.day)),
            address: built(|text| person.write_address(text)),
            zip: built(|text| person.write_zip(text)),
            city: set(person.city()),
            custom_1: set(person.source),
            custom_2: set(person.note),
            custom_3: Some(person.points.to_string()),
            paid: person.paid.into(),
            paid_until: person.paid_until_s.and_then(instant),
            blocked: person.blocked.into(),
            registered_at: instant(registered_s(row, behaviour.order)),
        }
    }
}

/// A registration's ID as the answers give it.
fn registration_id(behaviour: &Behaviour, number: u32) -> String {
    match behaviour.ids {
        Ids::Prefixed => format!("reg_{number}"),
        Ids::Number | Ids::NumberText => number.to_string(),
    }
}

fn set(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn built(build: impl FnOnce(&mut String)) -> Option<String> {
    let mut text = String::new();
    build(&mut text);
    set(&text)
}

fn instant(at_s: i64) -> Option<String> {
    UtcInstant::from_unix_s(at_s).map(|at| at.to_string())
}
