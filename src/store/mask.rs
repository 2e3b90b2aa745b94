//! What masked readers see in the place of a person's values. Pure, but for where keys come from.
//!
//! What identifies a person is hashed with a key, over the exact text: equal texts have equal masks, so
//! that counting, grouping and joining give what they give unmasked, and who lacks the key can't try
//! addresses or numbers out. The rest is coarse or null.

use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretBox};
use serde_json::{Map, Value};
use sha2::Sha256;

use crate::recipient::{Channel, Recipient};

/// A key's bytes.
const KEY_BYTES: usize = 32;

/// A mask's bytes: among a billion texts two share one by a chance of one in 10^11.
const MASK_BYTES: usize = 12;

/// Counted up when masks are made differently: then every file is masked anew.
const RULES: u32 = 1;

/// What of a change is shown as it is. Whatever is in no list here is not even named.
const SHOWN: &[&str] = &[
    "zip",
    "city",
    "paid",
    "paid_until",
    "blocked",
    "registered_at",
    "registered_zone",
    "removed_at",
    "erased_at",
];

/// What of a change is only named: one sees that it changed.
const NAMED: &[&str] =
    &["first_name", "last_name", "address", "custom_1", "custom_2", "custom_3", "registered_text", "raw"];

/// What masks are made with. Nothing prints it.
#[derive(Debug)]
pub(super) struct MaskingKey(SecretBox<[u8; KEY_BYTES]>);

impl MaskingKey {
    /// From 64 hexadecimal digits.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut bytes = Box::new([0; KEY_BYTES]);
        hex::decode_to_slice(text, bytes.as_mut_slice()).ok()?;
        Some(Self(SecretBox::new(bytes)))
    }

    /// A new one's text, from the system's randomness.
    pub(super) fn make_text() -> Result<secrecy::SecretString, getrandom::Error> {
        let mut bytes = [0; KEY_BYTES];
        getrandom::fill(&mut bytes)?;
        Ok(hex::encode(bytes).into())
    }
}

/// The key, ready for use: absorbing it is half of a mask's work, and done once.
#[derive(Clone)]
pub(super) struct Masks {
    email: Hmac<Sha256>,
    phone: Hmac<Sha256>,
    id: String,
}

impl Masks {
    pub(super) fn new(key: &MaskingKey) -> Self {
        let keyed = |domain: &str| {
            let mut state = Hmac::<Sha256>::new_from_slice(key.0.expose_secret())
                .expect("Invariant: HMAC takes a key of any length");
            state.update(domain.as_bytes());
            state.update(b"\0");
            state
        };
        let id = format!("{RULES}:{}", mask(&keyed("key"), b""));
        Self { email: keyed("email"), phone: keyed("phone"), id }
    }

    /// What tells keys apart, and tells nothing of the key.
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn email(&self, text: &str) -> String {
        mask(&self.email, text.as_bytes())
    }

    pub(super) fn phone(&self, text: &str) -> String {
        mask(&self.phone, text.as_bytes())
    }

    /// What all spellings of a recipient have in common.
    pub(super) fn recipient(&self, recipient: &Recipient) -> String {
        match recipient.channel() {
            Channel::Email => self.email(&recipient.identity()),
            Channel::Sms => self.phone(&recipient.identity()),
        }
    }

    /// The same of somebody by what is held of them, if it can be anybody's.
    pub(super) fn identity(&self, channel: Channel, text: &str) -> Option<String> {
        Some(self.recipient(&Recipient::named(channel, text, None).ok()?))
    }

    /// The same of a number in a national form of which nobody says the country.
    pub(super) fn national(&self, text: &str) -> Option<String> {
        Some(self.recipient(&Recipient::national(text)?))
    }

    /// One side of a change, masked; `None` if it is no JSON object.
    pub(super) fn change(&self, side: &str) -> Option<String> {
        let side: Map<String, Value> = serde_json::from_str(side).ok()?;
        let masked = side.into_iter().filter_map(|(name, value)| {
            let text = value.as_str();
            let value = match name.as_str() {
                "email" => text.map_or(Value::Null, |text| self.email(text).into()),
                "phone" => text.map_or(Value::Null, |text| self.phone(text).into()),
                "birth_date" => text.and_then(birth_year).into(),
                shown if SHOWN.contains(&shown) && !value.is_object() && !value.is_array() => value,
                named if SHOWN.contains(&named) || NAMED.contains(&named) => Value::Null,
                _ => return None,
            };
            Some((name, value))
        });
        Some(Value::Object(masked.collect()).to_string())
    }
}

/// The year of a day of birth, `1984`; nothing of a text that is none.
pub(super) fn birth_year(date: &str) -> Option<&str> {
    let (year, day) = date.split_once('-')?;
    let is_date = year.len() == 4
        && year.bytes().all(|byte| byte.is_ascii_digit())
        && day.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    is_date.then_some(year)
}

fn mask(keyed: &Hmac<Sha256>, text: &[u8]) -> String {
    let mut state = keyed.clone();
    state.update(text);
    hex::encode(&state.finalize().into_bytes()[..MASK_BYTES])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masks(digit: &str) -> Masks {
        Masks::new(&MaskingKey::parse(&digit.repeat(64)).unwrap())
    }

    #[test]
    fn a_mask_is_the_same_in_every_version() {
        let masks = masks("0");
        // printf 'email\0ada@example.com' | openssl dgst -sha256 -mac HMAC -macopt hexkey:000…
        assert_eq!(masks.email("ada@example.com"), "438ee72f40c590c95297150e");
        assert_eq!(masks.phone("+15005550001"), "cf81e5ae38545086b3c3f102");
        assert_eq!(masks.id(), "1:8379c7768d0694dbfe6f1be4");
    }

    #[test]
    fn masks_tell_keys_words_and_texts_apart() {
        let (one, other) = (masks("1"), masks("a"));
        assert_ne!(one.email("x"), other.email("x"));
        assert_ne!(one.email("x"), one.phone("x"));
        assert_ne!(one.email("x"), one.email("X"));
        assert_ne!(one.id(), other.id());
    }

    #[test]
    fn no_debug_output_shows_a_key() {
        let key = MaskingKey::parse(&"5a".repeat(32)).unwrap();
        let told = format!("{key:?}");
        assert!(!told.contains("5a") && !told.contains("90"), "{told}");
    }

    #[test]
    fn a_key_is_64_hexadecimal_digits() {
        let made = MaskingKey::make_text().unwrap();
        assert!(MaskingKey::parse(made.expose_secret()).is_some());
        for wrong in ["", "00", &"0".repeat(63), &"0".repeat(65), &"g".repeat(64), &"+1".repeat(32)] {
            assert!(MaskingKey::parse(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn a_birth_date_becomes_its_year_and_any_other_text_nothing() {
        assert_eq!(birth_year("1984-03-05"), Some("1984"));
        for text in ["", "1984", "1984-Ada", "84-03-05", "Ada-03-05", "05/03/1984", "+198-01-01"] {
            assert_eq!(birth_year(text), None, "{text}");
        }
    }

    #[test]
    fn a_change_keeps_what_may_be_shown_and_drops_what_nobody_listed() {
        let masks = masks("1");
        let (email, phone) = (masks.email("a@example.com"), masks.phone("+1"));
        let side = r#"{"email":"a@example.com","phone":"+1","first_name":"Ada","birth_date":"1984-03-05",
            "zip":"2000","city":"Antwerpen","paid":1,"raw":{"shoe":"1"},"new_column":"Ada","custom_1":null}"#;
        let masked = format!(
            r#"{{"email":"{email}","phone":"{phone}","first_name":null,"birth_date":"1984","zip":"2000","city":"Antwerpen","paid":1,"raw":null,"custom_1":null}}"#
        );
        assert_eq!(masks.change(side), Some(masked));
        let odd = r#"{"email":["Ada"],"phone":null,"birth_date":7,"city":{"Ada":1}}"#;
        let masked = r#"{"email":null,"phone":null,"birth_date":null,"city":null}"#;
        assert_eq!(masks.change(odd).as_deref(), Some(masked));
        assert_eq!(masks.change("Ada"), None);
        assert_eq!(masks.change(r#"["Ada"]"#), None);
    }
}
