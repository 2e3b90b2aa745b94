//! Phone numbers by the numbering plans of all countries (libphonenumber's data).

use std::str::FromStr;

use phonenumber::country::Id;
use phonenumber::metadata::DATABASE;
use phonenumber::{Mode, Type};

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

pub(super) fn normalize(text: &str, country: Option<Country>) -> Result<String, Invalid> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Invalid::Empty);
    }
    // Letters would be read as the digits on whose keys they stand, and an extension can't be texted.
    let plain = |c: char| c.is_ascii_digit() || "+()-./ \u{a0}\u{2010}\u{2011}\u{2013}".contains(c);
    if text.chars().count() > CHARACTERS_MAX || !text.chars().all(plain) {
        return Err(Invalid::NoPhone);
    }
    if country.is_none() && !text.starts_with('+') {
        return Err(Invalid::NoCountry);
    }
    let number = phonenumber::parse(country.map(|country| country.0), text).map_err(|_| Invalid::NoPhone)?;
    if !number.is_valid() {
        return Err(Invalid::NotInPlan);
    }
    match number.number_type(&DATABASE) {
        Type::Mobile | Type::FixedLineOrMobile | Type::PersonalNumber | Type::Voip | Type::Unknown => {
            Ok(number.format().mode(Mode::E164).to_string())
        }
        _ => Err(Invalid::NoMobile),
    }
}

#[cfg(test)]
mod tests {
    use super::{Country, Invalid, normalize};
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
    fn a_country_is_two_letters() {
        assert_eq!("be".parse::<Country>().unwrap().code(), "BE");
        assert!("Belgium".parse::<Country>().is_err());
        assert!(Recipient::phone("0470123456", "BE".parse().ok()).is_ok());
    }
}
