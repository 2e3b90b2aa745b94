//! Who a registered person is: everything about them follows from a seed, so that a million of them
//! need no memory.
//!
//! Nobody here exists. It does not know how an answer spells a person: that is `render`'s.

mod country;

use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};

use self::country::{COUNTRIES, City, Country, Name};
use super::list::Row;

/// Edits further back than this no longer show; each edit shows in `points`.
const EDITS_SHOWN_MAX: u32 = 6;
const SOURCES: &[&str] = &["website", "shop counter", "QR code", "newsletter", "trade fair", "friend", ""];
const NOTES: &[&str] = &[
    "",
    "",
    "",
    "",
    "",
    "gluten-free",
    "Prefers \"no phone calls\"",
    "speaks FR/NL",
    "back\\slash",
    "🎂 in May",
    "first line\nsecond line",
];
const DAY_S: i64 = 86_400;

/// A calendar day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day {
    /// Year.
    pub year: u16,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 28.
    pub day: u8,
}

/// One registered person, as they are after their latest edit.
pub struct Person {
    country: &'static Country,
    given: &'static Name,
    family: &'static Name,
    mail_domain: &'static str,
    number: u32,
    phone: Option<(&'static str, u32, u32)>,
    city: &'static City,
    zip_digits: u64,
    street: &'static str,
    house: u32,
    /// Birth date, if given.
    pub birth: Option<Day>,
    /// Where they come from (`custom_1`).
    pub source: &'static str,
    /// A remark (`custom_2`).
    pub note: &'static str,
    /// Loyalty points (`custom_3`): every edit changes them.
    pub points: u32,
    /// Whether access was paid for.
    pub paid: bool,
    /// When paid access ends, seconds since 1970.
    pub paid_until_s: Option<i64>,
    /// Whether the operator disabled them.
    pub blocked: bool,
}

impl Person {
    /// The person of a row in the directory of this seed.
    #[must_use]
    pub fn of(seed: u64, row: &Row) -> Self {
        let mut dice = Dice(Xoshiro256PlusPlus::seed_from_u64(seed ^ u64::from(row.person)));
        let country = dice.pick(COUNTRIES.as_slice());
        let mut person = Self {
            country,
            given: dice.pick(&country.given),
            family: dice.pick(&country.family),
            mail_domain: *dice.pick(&["example.com", "example.org", "example.net"]),
            number: row.person,
            phone: None,
            city: dice.pick(&country.cities),
            zip_digits: dice.number(),
            street: *dice.pick(country.streets),
            house: 1 + dice.below(180),
            birth: None,
            source: *dice.pick(SOURCES),
            note: *dice.pick(NOTES),
            points: dice.below(50) * 10,
            paid: dice.below(100) < 30,
            paid_until_s: None,
            blocked: dice.below(100) < 2,
        };
        if dice.below(100) < 90 {
            person.phone = Some(dice.phone(country));
        }
        if dice.below(100) < 65 {
            person.birth = Some(dice.day());
        }
        person.set_paid(person.paid, row.registered_s);
        person.edit(seed, row);
        person
    }

    fn set_paid(&mut self, paid: bool, registered_s: u32) {
        self.paid = paid;
        self.paid_until_s =
            paid.then(|| i64::from(registered_s) + 365 * DAY_S * i64::from(1 + self.number % 3));
    }

    fn edit(&mut self, seed: u64, row: &Row) {
        for version in row.version.saturating_sub(EDITS_SHOWN_MAX) + 1..=row.version {
            let edit = (u64::from(version) << 40) ^ (1 << 63);
            let mut dice = Dice(Xoshiro256PlusPlus::seed_from_u64(seed ^ u64::from(row.person) ^ edit));
            match dice.below(6) {
                0 => {
                    self.city = dice.pick(&self.country.cities);
                    self.zip_digits = dice.number();
                    self.street = *dice.pick(self.country.streets);
                    self.house = 1 + dice.below(180);
                }
                1 => self.phone = Some(dice.phone(self.country)),
                2 => self.set_paid(!self.paid, row.registered_s),
                3 => self.blocked = !self.blocked,
                4 => self.family = dice.pick(&self.country.family),
                _ => self.note = *dice.pick(NOTES),
            }
        }
        self.points = self.points.saturating_add(row.version.saturating_mul(10));
    }

    /// Given name.
    #[must_use]
    pub fn first_name(&self) -> &'static str {
        self.given.written
    }

    /// Family name.
    #[must_use]
    pub fn last_name(&self) -> &'static str {
        self.family.written
    }

    /// City.
    #[must_use]
    pub fn city(&self) -> &'static str {
        self.city.name
    }

    /// Appends the email address, in a domain that is reserved for examples.
    pub fn write_email(&self, out: &mut String) {
        for (part, after) in [(&self.given.ascii, "."), (&self.family.ascii, "")] {
            out.push_str(if part.is_empty() { "person" } else { part });
            out.push_str(after);
        }
        write_number(out, u64::from(self.number), 1);
        out.push('@');
        out.push_str(self.mail_domain);
    }

    /// Appends the telephone number in E.164, of a range kept for fiction; nothing if there is none.
    pub fn write_phone(&self, out: &mut String) {
        if let Some((prefix, digits, number)) = self.phone {
            out.push_str(prefix);
            write_number(out, u64::from(number), digits as usize);
        }
    }

    /// Appends street and house number in the country's order.
    pub fn write_address(&self, out: &mut String) {
        if self.country.number_first {
            write_number(out, u64::from(self.house), 1);
            out.push(' ');
        }
        out.push_str(self.street);
        if !self.country.number_first {
            out.push(' ');
            write_number(out, u64::from(self.house), 1);
        }
    }

    /// Appends the postal code.
    pub fn write_zip(&self, out: &mut String) {
        let mut left = self.zip_digits;
        for form in self.city.zip.bytes() {
            let (base, first) = match form {
                b'#' => (10, b'0'),
                b'$' => (26, b'A'),
                other => {
                    out.push(char::from(other));
                    continue;
                }
            };
            let digit = u8::try_from(left % base).expect("Invariant: a rest below 26");
            out.push(char::from(first + digit));
            left /= base;
        }
    }
}

/// Appends a number in decimal, with zeros in front up to `digits`.
pub fn write_number(out: &mut String, number: u64, digits: usize) {
    let mut text = [b'0'; 20];
    let mut from = text.len();
    let mut left = number;
    while left > 0 || from == text.len() {
        from -= 1;
        text[from] = b'0' + u8::try_from(left % 10).expect("Invariant: a rest below 10");
        left /= 10;
    }
    let from = from.min(text.len() - digits.min(text.len()));
    out.push_str(std::str::from_utf8(&text[from..]).expect("Invariant: digits only"));
}

struct Dice(Xoshiro256PlusPlus);

impl Dice {
    fn number(&mut self) -> u64 {
        self.0.random()
    }

    fn below(&mut self, end: u32) -> u32 {
        self.0.random_range(0..end)
    }

    fn pick<T>(&mut self, from: &'static [T]) -> &'static T {
        &from[self.0.random_range(0..from.len())]
    }

    fn phone(&mut self, country: &'static Country) -> (&'static str, u32, u32) {
        let &(prefix, digits) = self.pick(country.phones);
        (prefix, digits, self.below(10_u32.pow(digits)))
    }

    fn day(&mut self) -> Day {
        Day {
            year: 1940 + u16::try_from(self.below(68)).expect("Invariant: below 68"),
            month: 1 + u8::try_from(self.below(12)).expect("Invariant: below 12"),
            day: 1 + u8::try_from(self.below(28)).expect("Invariant: below 28"),
        }
    }
}
