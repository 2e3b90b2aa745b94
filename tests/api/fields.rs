//! Values that are no dates: keys in every spelling, numbers as texts and texts as numbers, flags.

use std::collections::BTreeMap;

use crate::answers::{good, reading, reading_in, reading_with, row, row_by};
use coupontools_mirror::api::{AliasError, Aliases};

#[test]
fn one_thing_is_found_under_every_spelling() {
    for key in ["firstname", "first_name", "first_Name", "FirstName", "first-name", "FIRST NAME"] {
        assert_eq!(row(&format!(r#""{key}":"Jane""#)).0.first_name.as_deref(), Some("Jane"), "{key}");
    }
}

#[test]
fn every_field_is_read() {
    let (r, warnings) =
        row(r#""email":"jane@example.com","phone":"+15005550006","first_name":"Jane","last_name":"Doe",
           "birth_date":"1980-05-04","address":"1 Main St","zip":"01234","city":"Springfield","custom_1":"a",
           "custom_2":"b","custom_3":"c","paid":"1","paid_until_utc":"2027-01-01 00:00:00","blocked":"0",
           "registered":"2026-11-23 09:05:10""#);
    let texts = [&r.email, &r.phone, &r.first_name, &r.last_name, &r.birth_date, &r.address, &r.zip, &r.city];
    let texts = texts.map(|text| text.as_deref().unwrap());
    let expected = [
        "jane@example.com",
        "+15005550006",
        "Jane",
        "Doe",
        "1980-05-04",
        "1 Main St",
        "01234",
        "Springfield",
    ];
    assert_eq!(texts, expected);
    assert_eq!([&r.custom_1, &r.custom_2, &r.custom_3].map(|text| text.as_deref().unwrap()), ["a", "b", "c"]);
    assert_eq!((r.paid, r.blocked), (Some(true), Some(false)));
    assert_eq!(r.paid_until.unwrap().to_string(), "2027-01-01T00:00:00Z");
    assert_eq!(r.registered_at.unwrap().to_string(), "2026-11-23T09:05:10Z");
    assert_eq!(warnings, []);
}

#[test]
fn a_text_is_read_from_whatever_holds_one() {
    for (value, expected, warns) in [
        (r#""01234""#, Some("01234"), false),
        ("1234", Some("1234"), false),
        ("447911123456000000000", Some("447911123456000000000"), false),
        ("1.50", Some("1.50"), false),
        (r#"" spaced ""#, Some(" spaced "), false),
        (r#""caf\u00e9 \ud83d\ude00""#, Some("café 😀"), false),
        (r#""nul\u0000char""#, Some("nulchar"), false),
        (r#""half \ud83d, half \ude00""#, Some("half \u{fffd}, half \u{fffd}"), false),
        (r#""\\ud83d""#, Some("\\ud83d"), false),
        ("null", None, false),
        (r#""""#, None, false),
        (r#""  ""#, None, false),
        ("false", None, false),
        ("[]", None, false),
        ("{}", None, false),
        ("true", None, true),
        (r#"["a"]"#, None, true),
        (r#"{"a":1}"#, None, true),
    ] {
        let (registration, warnings) = row(&format!(r#""zip":{value}"#));
        assert_eq!(registration.zip.as_deref(), expected, "{value}");
        assert_eq!(
            warnings.iter().map(ToString::to_string).collect::<Vec<_>>().join(""),
            if warns { "zip: not a text" } else { "" },
            "{value}"
        );
    }
}

#[test]
fn a_text_of_unreasonable_length_is_null_with_a_warning() {
    let (registration, warnings) = row(&format!(r#""city":"{}""#, "x".repeat(20_000)));
    assert_eq!((registration.city, warnings[0].to_string().as_str()), (None, "city: too long"));
}

#[test]
fn a_flag_is_read_in_every_form() {
    for (value, expected, warns) in [
        ("1", Some(true), false),
        (r#""1""#, Some(true), false),
        ("true", Some(true), false),
        (r#""Yes""#, Some(true), false),
        (r#""on""#, Some(true), false),
        (r#""TRUE""#, Some(true), false),
        ("0", Some(false), false),
        (r#""0""#, Some(false), false),
        ("false", Some(false), false),
        (r#""no""#, Some(false), false),
        (r#""n""#, Some(false), false),
        ("0.0", Some(false), false),
        ("null", None, false),
        (r#""""#, None, false),
        ("[]", None, false),
        ("2", None, true),
        (r#""maybe""#, None, true),
        (r#"{"a":1}"#, None, true),
        ("[1]", None, true),
    ] {
        let (registration, warnings) = row(&format!(r#""paid":{value},"is_blocked":{value}"#));
        assert_eq!((registration.paid, registration.blocked), (expected, expected), "{value}");
        assert_eq!(warnings.len(), if warns { 2 } else { 0 }, "{value}");
    }
}

#[test]
fn of_two_keys_the_one_that_holds_something_counts() {
    for (keys, expected) in [
        (r#""email":"a@example.com","email":"b@example.com""#, "b@example.com"),
        (r#""email":"a@example.com","email":"""#, "a@example.com"),
        (r#""email":null,"mail":"m@example.com""#, "m@example.com"),
        (r#""mail":"m@example.com","email":"a@example.com""#, "a@example.com"),
        (r#""EMAIL":"a@example.com","e_mail":"b@example.com""#, "b@example.com"),
    ] {
        assert_eq!(row(keys).0.email.as_deref(), Some(expected), "{keys}");
    }
}

#[test]
fn the_operators_spellings_are_preferred() {
    let keys = r#""Courriel":"c@example.com","email":"a@example.com""#;
    let (registration, _) = row_by(&reading_with("email", &["courriel"]), keys);
    assert_eq!(registration.email.as_deref(), Some("c@example.com"));
    let (moved, _) = row_by(&reading_with("custom_1", &["city"]), r#""city":"Springfield""#);
    assert_eq!((moved.custom_1.as_deref(), moved.city), (Some("Springfield"), None));
    let (utc, _) =
        row_by(&reading_with("registered_at", &["joined"]), r#""joined_utc":"2026-11-23 09:05:10""#);
    assert_eq!(utc.registered_zone.unwrap().as_str(), "stated");
}

#[test]
fn wrong_additions_say_what_is_wrong() {
    let add = |field: &str, spelling: &str| {
        Aliases::with_additions(BTreeMap::from([(field.to_owned(), vec![spelling.to_owned()])]))
    };
    let unknown = add("e-mail", "x").unwrap_err();
    assert!(unknown.to_string().contains("`e-mail`") && unknown.to_string().contains("registered_at"));
    for spelling in ["", "_-_", &"x".repeat(65)] {
        assert!(matches!(add("email", spelling), Err(AliasError::BadSpelling { .. })));
    }
    let many = (0..33).map(|n| format!("key{n}")).collect();
    let many = Aliases::with_additions(BTreeMap::from([("email".to_owned(), many)]));
    assert!(matches!(many, Err(AliasError::TooMany { .. })));
    let twice = [("email", "Contact"), ("phone", "contact")]
        .map(|(field, spelling)| (field.to_owned(), vec![spelling.to_owned()]));
    let twice = Aliases::with_additions(BTreeMap::from(twice));
    assert!(matches!(twice, Err(AliasError::Twice { .. })));
}

#[test]
fn fingerprints_follow_the_row_and_the_rules() {
    let body = |email: &str| good(&format!(r#""users":[{{"ID":"reg_1","email":"{email}"}}]"#)).into_bytes();
    let of = |reading: coupontools_mirror::api::Reading, email| {
        reading.users_page(200, body(email)).unwrap().rows[0].fingerprint
    };
    let plain = of(reading(), "a@example.com");
    assert_eq!(plain, of(reading(), "a@example.com"));
    assert_ne!(plain, of(reading(), "b@example.com"));
    assert_ne!(plain, of(reading_in("Europe/Paris"), "a@example.com"));
    assert_ne!(plain, of(reading_with("email", &["courriel"]), "a@example.com"));
    let fingerprints =
        [reading(), reading_in("Europe/Paris"), reading_with("email", &[])].map(|r| r.fingerprint());
    assert_ne!(fingerprints[0], fingerprints[1]);
    assert_eq!(fingerprints[0], fingerprints[2]);
}
