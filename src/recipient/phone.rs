//! Phone numbers by the numbering plans of all countries (libphonenumber's data).

use std::str::FromStr;

use phonenumber::country::Id;
use phonenumber::metadata::{DATABASE, Descriptor};
use phonenumber::{Metadata, Mode, PhoneNumber, Type};

use super::Invalid;

/// With every prefix, a number has fewer digits.
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
    let takes_texts = match number.number_type(&DATABASE) {
        Type::Mobile | Type::FixedLineOrMobile | Type::PersonalNumber | Type::Voip => true,
        Type::Unknown => !is_landline(&number),
        _ => false,
    };
    if takes_texts { Ok(e164(&number)) } else { Err(Invalid::NoMobile) }
}

/// In E.164, whatever it is the number of, and whether or not a plan has it.
pub(super) fn read(text: &str, country: Option<Country>) -> Result<String, Invalid> {
    parse(text, country).map(|number| e164(&number))
}

/// What the spellings of a national number have in common, where nobody says of which country it is.
pub(super) fn national_digits(text: &str) -> Option<String> {
    let is_national = matches!(parse(text, None), Err(Invalid::NoCountry));
    is_national.then(|| text.chars().filter_map(digit).collect())
}

fn e164(number: &PhoneNumber) -> String {
    number.format().mode(Mode::E164).to_string()
}

/// A number, which no plan need have.
fn parse(text: &str, country: Option<Country>) -> Result<PhoneNumber, Invalid> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Invalid::Empty);
    }
    let dialled = dialled(text)?;
    let read = |country: Option<Country>, dialled: &str| {
        phonenumber::parse(country.map(|country| country.0), dialled).map_err(|_| Invalid::NoPhone)
    };
    if dialled.starts_with('+') {
        return read(None, &dialled);
    }
    let Some(country) = country else {
        // Most of the world dials two zeros for abroad.
        let abroad = dialled.strip_prefix("00").and_then(|rest| read(None, &format!("+{rest}")).ok());
        return abroad.filter(PhoneNumber::is_valid).ok_or(Invalid::NoCountry);
    };
    // The library would take the given country's prefix off what is dialled for abroad, and make somebody else's of
    // it. Some plans have a carrier's digits behind the zeros, and with those two readings.
    let by_plan = international(&dialled, country).map(|dialled| read(None, &dialled));
    let abroad = dialled.strip_prefix("00").map(|rest| read(None, &format!("+{rest}")));
    if by_plan.is_some() || abroad.is_some() {
        let readings =
            [by_plan, abroad].into_iter().flatten().filter_map(Result::ok).filter(PhoneNumber::is_valid);
        let numbers: Vec<PhoneNumber> = readings.collect();
        match &numbers[..] {
            [number] => return Ok(number.clone()),
            [one, other] if e164(one) == e164(other) => return Ok(one.clone()),
            [_, _] => return Err(Invalid::NoPhone),
            _ => {}
        }
    }
    let national = read(Some(country), &dialled);
    if national.as_ref().is_ok_and(PhoneNumber::is_valid) {
        return national;
    }
    read(None, &with_code(&dialled, country)).ok().filter(PhoneNumber::is_valid).map_or(national, Ok)
}

/// The library takes the beginning of some numbers for their country's code: 7 of Kazakhstan's 708 931 57 58.
fn with_code(dialled: &str, country: Country) -> String {
    let code = DATABASE.by_id(country.code()).map_or(0, Metadata::country_code);
    format!("+{code}{dialled}")
}

/// The digits, and the plus before them. Letters would be read as the digits on whose keys they stand, and an
/// extension can't be texted.
fn dialled(text: &str) -> Result<String, Invalid> {
    let mut dialled = String::new();
    for c in text.chars() {
        match c {
            _ if dialled.len() > CHARACTERS_MAX => return Err(Invalid::NoPhone),
            '+' | '\u{ff0b}' if dialled.is_empty() => dialled.push('+'),
            '('
            | ')'
            | '-'
            | '.'
            | '/'
            | ' '
            | '\u{a0}'
            | '\u{2000}'..='\u{2015}'
            | '\u{202f}'
            | '\u{2212}' => {}
            // What directs the line: phones put it around a number that is copied.
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' => {}
            c => dialled.push(digit(c).ok_or(Invalid::NoPhone)?),
        }
    }
    if dialled.ends_with(|c: char| c.is_ascii_digit()) { Ok(dialled) } else { Err(Invalid::NoPhone) }
}

/// A digit as 0 to 9: also Arabic, Persian and full-width ones.
pub(super) fn digit(c: char) -> Option<char> {
    let zeros = ['0', '\u{660}', '\u{6f0}', '\u{ff10}'];
    zeros.into_iter().find_map(|zero| char::from_digit(u32::from(c).checked_sub(zero.into())?, 10))
}

/// The number with a plus, if it begins with what is dialled for one in the given country.
fn international(dialled: &str, country: Country) -> Option<String> {
    let prefix = DATABASE.by_id(country.code())?.international_prefix()?;
    let found = prefix.find(dialled).filter(|found| found.start() == 0)?;
    let rest = &dialled[found.end()..];
    (!rest.starts_with('0')).then(|| format!("+{rest}"))
}

/// Of a number whose type the library does not find, since it looks without leading zeros: Italy's landlines
/// have one, the Ivory Coast's mobiles, too.
fn is_landline(number: &PhoneNumber) -> bool {
    let national = number.national().to_string();
    let has = |kind: Option<&Descriptor>| kind.is_some_and(|kind| kind.is_match(&national));
    let mut plans = DATABASE.by_code(&number.code().value()).into_iter().flatten().map(Metadata::descriptors);
    plans.any(|kinds| has(kinds.fixed_line()) && !has(kinds.mobile()))
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

    /// By the plans; a refusal says which.
    const PLANS: &[(&str, &str, Result<&str, Invalid>)] = &[
        // Italy keeps the zero of its landlines; the Vatican is among them.
        ("", "+39 347 123 4567", Ok("+393471234567")),
        ("IT", "06 1234 5678", Err(Invalid::NoMobile)),
        ("", "+39 06 1234 5678", Err(Invalid::NoMobile)),
        ("BE", "+39 06 698 12345", Err(Invalid::NoMobile)),
        // Argentina's mobiles have a 9 from abroad, and a 15 after the area code at home.
        ("", "+54 9 11 2345 6789", Ok("+5491123456789")),
        ("AR", "011 15-2345-6789", Ok("+5491123456789")),
        ("", "+54 11 2345 6789", Err(Invalid::NoMobile)),
        ("", "+44 7911 123456", Ok("+447911123456")),
        ("GB", "070 1234 5678", Ok("+447012345678")),
        ("", "+44 7781 123456", Ok("+447781123456")),
        ("", "+44 909 879 0000", Err(Invalid::NoMobile)),
        // One code, several countries.
        ("RU", "8 912 345-67-89", Ok("+79123456789")),
        ("", "+7 701 234 5678", Ok("+77012345678")),
        ("KZ", "8 708 931 57 58", Ok("+77089315758")),
        ("KZ", "708 931 57 58", Ok("+77089315758")),
        ("RE", "0692 12 34 56", Ok("+262692123456")),
        ("YT", "0639 01 23 45", Ok("+262639012345")),
        ("", "+262 639 01 23 45", Ok("+262639012345")),
        ("GP", "0690 12 34 56", Ok("+590690123456")),
        ("BL", "0690 12 34 56", Ok("+590690123456")),
        ("BS", "242-359-1234", Ok("+12423591234")),
        ("US", "1 415 555 2671", Ok("+14155552671")),
        ("CA", "(506) 234-5678", Ok("+15062345678")),
        ("", "+1 800 234 5678", Err(Invalid::NoMobile)),
        ("", "+1 900 234 5678", Err(Invalid::NoMobile)),
        // Mexico dropped the 1 of its mobiles, and the 044, in 2019.
        ("MX", "55 1234 5678", Ok("+525512345678")),
        ("", "+52 1 55 1234 5678", Err(Invalid::NotInPlan)),
        ("MX", "044 55 1234 5678", Err(Invalid::NotInPlan)),
        ("DE", "0151 23456789", Ok("+4915123456789")),
        ("HK", "5123 4567", Ok("+85251234567")),
        ("CU", "53401725", Ok("+5353401725")),
        ("BR", "0 21 11 91234-5678", Ok("+5511912345678")),
        // A zero that is the number's own, of mobiles.
        ("", "+225 07 12 34 56 78", Ok("+2250712345678")),
        ("GA", "06 03 12 34", Ok("+24106031234")),
        // The given country is that of national forms only.
        ("US", "+49 151 23456789", Ok("+4915123456789")),
        ("US", "+86 138 1234 5678", Ok("+8613812345678")),
        ("RU", "+84 81 234 5678", Ok("+84812345678")),
        ("GU", "+43 683 3872", Ok("+436833872")),
        ("TT", "+685 843 1289", Ok("+6858431289")),
        // What is dialled for a plus.
        ("BE", "0044 7911 123456", Ok("+447911123456")),
        ("US", "011 44 7911 123456", Ok("+447911123456")),
        ("US", "011 86 138 1234 5678", Ok("+8613812345678")),
        ("AU", "0011 44 7911 123456", Ok("+447911123456")),
        ("US", "0044 7911 123456", Ok("+447911123456")),
        ("", "0044 7911 123456", Ok("+447911123456")),
        ("", "00", Err(Invalid::NoCountry)),
        // Behind the zeros a carrier may be dialled: what has two readings is nobody's for sure.
        ("KR", "0091 97255 51234", Err(Invalid::NoPhone)),
        ("BR", "0055 11 91234 5678", Ok("+5511912345678")),
        ("HK", "00852 5123 4567", Ok("+85251234567")),
        ("SG", "0065 8123 4567", Ok("+6581234567")),
        ("AU", "0011 32 470 12 34 56", Ok("+32470123456")),
        ("", "+32 (0)470 12 34 56", Ok("+32470123456")),
        ("BE", "0032 (0)470 12 34 56", Ok("+32470123456")),
        ("", "(+32) 470-12-34-56", Ok("+32470123456")),
        ("", "+61 (0)412 345 678", Ok("+61412345678")),
        // Other scripts' digits, and what a phone puts around a number that is copied.
        ("SA", "٠٥٠١٢٣٤٥٦٧", Ok("+966501234567")),
        ("IR", "۰۹۱۲۳۴۵۶۷۸۹", Ok("+989123456789")),
        ("BE", "０４７０１２３４５６", Ok("+32470123456")),
        ("", "\u{202a}+32\u{202f}470\u{2009}12 34\u{2011}56\u{202c}", Ok("+32470123456")),
        ("", "+32 2 512 34 56 ext. 5", Err(Invalid::NoPhone)),
        ("", "+32 470 12 34 56, 7", Err(Invalid::NoPhone)),
        ("BE", "0470+123456", Err(Invalid::NoPhone)),
        ("BE", "()", Err(Invalid::NoPhone)),
    ];

    #[test]
    fn the_edges_of_the_numbering_plans() {
        for (country, text, expected) in PLANS {
            let country = (!country.is_empty()).then(|| country.parse().unwrap());
            assert_eq!(normalize(text, country), expected.map(str::to_owned), "{text} {country:?}");
        }
    }

    #[test]
    fn every_countrys_mobile_is_one_in_each_form_whatever_country_is_given() {
        let anywhere = ["BE", "US", "RU", "HU", "GU"].map(|code| code.parse::<Country>().unwrap());
        for plan in phonenumber::metadata::DATABASE.iter() {
            let mobile = plan.descriptors().mobile().and_then(|mobile| mobile.example());
            let (Some(mobile), Ok(own)) = (mobile, plan.id().parse::<Country>()) else { continue };
            let expected = Ok(format!("+{}{mobile}", plan.country_code()));
            let written = expected.clone().unwrap();
            assert_eq!(normalize(&written, None), expected);
            assert_eq!(normalize(mobile, Some(own)), expected, "{}", plan.id());
            for country in anywhere {
                assert_eq!(normalize(&written, Some(country)), expected, "from {}", country.code());
            }
        }
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
