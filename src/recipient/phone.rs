//! Phone numbers by the numbering plans of all countries (libphonenumber's data).

use std::str::FromStr;

use phonenumber::country::Id;
use phonenumber::metadata::DATABASE;
use phonenumber::{Mode, PhoneNumber, Type};

use super::Invalid;

/// What people write around a number: more is none.
const CHARACTERS_MAX: usize = 40;

/// A country whose national numbers are understood: `BE`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Country(Id);

impl FromStr for Country {
    type Err = &'static str;

    fn from_str(code: &str) -> Result<Self, Self::Err> {
        let known = Id::from_str(&code.to_ascii_uppercase()).map(Self);
        known.map_err(|_| "no country has this code; write two letters, as in BE, GB or US")
    }
}

impl Country {
    /// Its two letters.
    #[must_use]
    pub fn code(&self) -> &str {
        self.0.as_ref()
    }
}

/// In E.164, for what takes text messages.
pub(super) fn normalize(text: &str, country: Option<Country>) -> Result<String, Invalid> {
    let number = parse(text, country)?;
    if !number.is_valid() {
        return Err(Invalid::NotInPlan);
    }
    match number.number_type(&DATABASE) {
        Type::Mobile | Type::FixedLineOrMobile | Type::PersonalNumber | Type::Voip | Type::Unknown => {
            Ok(e164(&number))
        }
        _ => Err(Invalid::NoMobile),
    }
}

/// In E.164, whatever it is the number of, and whether or not a plan has it.
pub(super) fn read(text: &str, country: Option<Country>) -> Result<String, Invalid> {
    parse(text, country).map(|number| e164(&number))
}

/// What the spellings of a national number have in common, where nobody says of which country it is.
pub(super) fn national_digits(text: &str) -> Option<String> {
    let is_national = matches!(parse(text, None), Err(Invalid::NoCountry));
    is_national.then(|| text.chars().filter(char::is_ascii_digit).collect())
}

fn e164(number: &PhoneNumber) -> String {
    number.format().mode(Mode::E164).to_string()
}

fn parse(text: &str, country: Option<Country>) -> Result<PhoneNumber, Invalid> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Invalid::Empty);
    }
    // Letters would be read as the digits on whose keys they stand, and an extension can't be texted.
    let plain = |c: char| c.is_ascii_digit() || "+()-./ \u{a0}\u{2010}\u{2011}\u{2013}".contains(c);
    if text.chars().count() > CHARACTERS_MAX || !text.chars().all(plain) {
        return Err(Invalid::NoPhone);
    }
    let national = match country {
        None if !text.starts_with('+') => Err(Invalid::NoCountry),
        country => phonenumber::parse(country.map(|country| country.0), text).map_err(|_| Invalid::NoPhone),
    };
    // Most of the world dials 00 for abroad; a plan of which that is not true reads it first.
    match text.strip_prefix("00") {
        Some(abroad) if !national.as_ref().is_ok_and(PhoneNumber::is_valid) => {
            phonenumber::parse(None, format!("+{abroad}")).or(national)
        }
        _ => national,
    }
}

#[cfg(test)]
mod tests {
    use super::{Country, Invalid, normalize, read};
    use crate::recipient::Recipient;

    fn of(country: &str, text: &str) -> Result<String, Invalid> {
        normalize(text, Some(country.parse().unwrap()))
    }

    #[test]
    fn national_and_foreign_forms_are_one_number() {
        for text in
            ["0470 12 34 56", "0470/12.34.56", "+32 470 12 34 56", "0032470123456", "+32 (0)470 12 34 56"]
        {
            assert_eq!(of("BE", text), Ok("+32470123456".into()), "{text}");
        }
        assert_eq!(of("GB", "07911 123456"), Ok("+447911123456".into()));
        assert_eq!(of("BE", "+44 7911 123456"), Ok("+447911123456".into()));
        assert_eq!(of("US", "(415) 555-2671"), Ok("+14155552671".into()));
        assert_eq!(of("IT", "347 123 4567"), Ok("+393471234567".into()));
        assert_eq!(normalize("+33 6 12 34 56 78", None), Ok("+33612345678".into()));
    }

    #[test]
    fn without_a_country_a_national_number_is_nobodys() {
        assert_eq!(normalize("0470123456", None), Err(Invalid::NoCountry));
        assert_eq!(normalize("447911123456", None), Err(Invalid::NoCountry));
    }

    #[test]
    fn what_no_plan_has_and_what_takes_no_text_is_refused() {
        assert_eq!(normalize("+32 470 12 34", None), Err(Invalid::NotInPlan));
        assert_eq!(normalize("+999 1234567", None), Err(Invalid::NoPhone));
        assert_eq!(normalize("+32 2 512 34 56", None), Err(Invalid::NoMobile));
        assert_eq!(normalize("+32 800 12 345", None), Err(Invalid::NoMobile));
        for text in
            ["+1 800 FLOWERS", "+32470123456 ext 5", "+32470123456;+32470123457", "+", "tel:+32470123456"]
        {
            assert_eq!(normalize(text, None), Err(Invalid::NoPhone), "{text}");
        }
        assert_eq!(normalize(" ", None), Err(Invalid::Empty));
    }

    #[test]
    fn abroad_is_dialled_by_two_zeros_too() {
        assert_eq!(normalize("00 32 470 12 34 56", None), Ok("+32470123456".into()));
        assert_eq!(of("US", "0032470123456"), Ok("+32470123456".into()));
        assert_eq!(of("AU", "0011 32 470 12 34 56"), Ok("+32470123456".into()));
        assert_eq!(normalize("00", None), Err(Invalid::NoCountry));
    }

    #[test]
    fn what_takes_no_text_is_a_number_all_the_same() {
        for text in ["+32 2 512 34 56", "0032 2 512 34 56", "+32 (0)2 512 34 56"] {
            assert_eq!(read(text, None), Ok("+3225123456".into()), "{text}");
        }
        assert_eq!(read("+33639981354", None), Ok("+33639981354".into()));
        assert_eq!(read("02 512 34 56", None), Err(Invalid::NoCountry));
        assert_eq!(read("ask my wife", None), Err(Invalid::NoPhone));
    }

    #[test]
    fn a_country_is_two_letters() {
        assert_eq!("be".parse::<Country>().unwrap().code(), "BE");
        assert!("Belgium".parse::<Country>().is_err());
        assert!(Recipient::phone("0470123456", "BE".parse().ok()).is_ok());
    }
}
