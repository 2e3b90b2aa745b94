//! Dates in every form, and dates that are no dates.

use crate::answers::{reading_in, row, row_by};
use coupontools_mirror::registration::Zone;

#[test]
fn a_date_is_read_in_every_form() {
    for (value, expected) in [
        (r#""2026-11-23 09:05:10""#, "2026-11-23T09:05:10Z assumed"),
        (r#""2026-11-23 09:05""#, "2026-11-23T09:05:00Z assumed"),
        (r#""2026-11-23T09:05:10""#, "2026-11-23T09:05:10Z assumed"),
        (r#""2026-11-23 09:05:10.123456""#, "2026-11-23T09:05:10Z assumed"),
        (r#""2026-11-23T09:05:10Z""#, "2026-11-23T09:05:10Z stated"),
        (r#""2026-11-23T09:05:10.5+02:00""#, "2026-11-23T07:05:10Z stated"),
        (r#""2026-11-23 09:05:10 -0130""#, "2026-11-23T10:35:10Z stated"),
        (r#""2026-11-23 09:05:10+02""#, "2026-11-23T07:05:10Z stated"),
        (r#""2026-11-23 09:05:10 UTC""#, "2026-11-23T09:05:10Z stated"),
        (r#""2026-11-23""#, "2026-11-23T00:00:00Z assumed"),
        (r#""2026/11/23 09:05:10""#, "2026-11-23T09:05:10Z assumed"),
        (r#"" 2026-11-23 09:05:10 ""#, "2026-11-23T09:05:10Z assumed"),
        (r#""20261123""#, "2026-11-23T00:00:00Z assumed"),
        (r#""20261123090510""#, "2026-11-23T09:05:10Z assumed"),
        ("1795424710", "2026-11-23T09:05:10Z stated"),
        (r#""1795424710""#, "2026-11-23T09:05:10Z stated"),
        ("1795424710.25", "2026-11-23T09:05:10Z stated"),
        ("1795424710123", "2026-11-23T09:05:10Z stated"),
        (r#""Mon, 23 Nov 2026 09:05:10 +0000""#, "2026-11-23T09:05:10Z stated"),
        (
            r#"{"date":"2026-11-23 10:05:10.000000","timezone_type":3,"timezone":"Europe/Paris"}"#,
            "2026-11-23T09:05:10Z stated",
        ),
        (r#""2016-12-31 23:59:60""#, "2017-01-01T00:00:00Z assumed"),
    ] {
        let (registration, warnings) = row(&format!(r#""date":{value}"#));
        let zone = registration.registered_zone.map_or("", Zone::as_str);
        let at = registration.registered_at.map(|at| at.to_string()).unwrap_or_default();
        assert_eq!(format!("{at} {zone}"), expected, "{value}");
        assert!(registration.registered_text.is_some() && warnings.is_empty(), "{value}");
    }
}

#[test]
fn a_date_that_is_none_is_null_without_a_warning() {
    for value in [
        "null",
        r#""""#,
        r#"" ""#,
        "0",
        r#""0""#,
        "false",
        "[]",
        "{}",
        r#""0000-00-00""#,
        r#""0000-00-00 00:00:00""#,
        r#""0000-00-00T00:00:00Z""#,
        r#""-0001-11-30 00:00:00""#,
    ] {
        let (registration, warnings) =
            row(&format!(r#""registered":{value},"paid_until":{value},"birthday":{value}"#));
        assert_eq!((registration.registered_at, registration.paid_until), (None, None), "{value}");
        assert_eq!((registration.birth_date, registration.registered_zone), (None, None), "{value}");
        assert_eq!(warnings, [], "{value}");
    }
}

#[test]
fn what_is_no_date_is_null_with_a_warning_and_keeps_its_text() {
    for (value, text) in [
        (r#""yesterday""#, Some("yesterday")),
        (r#""2026-13-01""#, Some("2026-13-01")),
        (r#""2026-02-30 00:00:00""#, Some("2026-02-30 00:00:00")),
        (r#""2026-11-23 25:00:00""#, Some("2026-11-23 25:00:00")),
        (r#""2026-11-23 09:05:10 CEST?""#, Some("2026-11-23 09:05:10 CEST?")),
        (r#""23/11/2026""#, Some("23/11/2026")),
        ("5", Some("5")),
        ("-1", Some("-1")),
        ("99999999999999999999", Some("99999999999999999999")),
        ("true", None),
        (r#"["2026-11-23"]"#, None),
        (r#"{"year":2026}"#, None),
    ] {
        let (registration, warnings) = row(&format!(r#""created_at":{value}"#));
        assert_eq!(
            (registration.registered_at, registration.registered_text.as_deref()),
            (None, text),
            "{value}"
        );
        let warnings: Vec<String> = warnings.iter().map(ToString::to_string).collect();
        assert_eq!(warnings, ["registered_at: not a date"], "{value}");
    }
}

#[test]
fn the_zone_is_the_keys_or_the_accounts() {
    let paris = reading_in("Europe/Paris");
    for (keys, expected) in [
        (r#""registered":"2026-11-23 10:05:10""#, "2026-11-23T09:05:10Z Assumed"),
        (r#""registered_utc":"2026-11-23 09:05:10""#, "2026-11-23T09:05:10Z Stated"),
        (r#""registered_utc":"2026-11-23 09:05:10+01:00""#, "2026-11-23T08:05:10Z Stated"),
        (r#""registered":"2020-01-01","date_utc":"2026-11-23 09:05:10""#, "2026-11-23T09:05:10Z Stated"),
        (r#""registered_utc":"","created":"2026-11-23 10:05:10""#, "2026-11-23T09:05:10Z Assumed"),
        // The hour that comes twice is the earlier one; the hour that never was moves forward.
        (r#""registered":"2026-10-25 02:30:00""#, "2026-10-25T00:30:00Z Assumed"),
        (r#""registered":"2026-03-29 02:30:00""#, "2026-03-29T01:30:00Z Assumed"),
    ] {
        let (registration, _) = row_by(&paris, keys);
        let at = registration.registered_at.unwrap();
        assert_eq!(format!("{at} {:?}", registration.registered_zone.unwrap()), expected, "{keys}");
    }
    let (samoa, _) = row_by(&reading_in("Pacific/Apia"), r#""date":"2011-12-30 12:00:00""#);
    assert_eq!(samoa.registered_at.unwrap().to_string(), "2011-12-30T22:00:00Z");
}

#[test]
fn the_registration_date_is_the_most_telling_key() {
    let keys = [
        "date",
        "created",
        "created_date",
        "created_at",
        "reg_date",
        "registration",
        "registration_date",
        "registered",
        "registered_date",
        "registered_at",
        "date_utc",
        "created_at_utc",
        "registered_utc",
    ];
    for (at, key) in keys.iter().enumerate() {
        let row_keys: Vec<String> = keys[..=at]
            .iter()
            .map(|other| format!(r#""{other}":"20{:02}-01-01""#, if other == key { 26 } else { 20 }))
            .collect();
        let (registration, _) = row(&row_keys.join(","));
        assert_eq!(registration.registered_text.as_deref(), Some("2026-01-01"), "{key}");
    }
}

#[test]
fn a_birth_date_is_a_day() {
    for (value, expected) in [
        (r#""1980-05-04""#, Some("1980-05-04")),
        (r#""1980-05-04 00:00:00""#, Some("1980-05-04")),
        (r#""1980-05-04T00:00:00+02:00""#, Some("1980-05-04")),
        (r#""19800504""#, Some("1980-05-04")),
        ("19800504", Some("1980-05-04")),
        (r#""1980/05/04""#, Some("1980-05-04")),
        (r#""1980-00-00""#, None),
        (r#""1981-02-29""#, None),
        (r#""04.05.1980""#, None),
        (r#""1980-05-04 or so""#, None),
    ] {
        for key in ["birth_date", "birthday", "Birth-Date", "dateOfBirth"] {
            let (registration, warnings) = row(&format!(r#""{key}":{value}"#));
            assert_eq!(registration.birth_date.as_deref(), expected, "{value}");
            assert_eq!(warnings.is_empty(), expected.is_some(), "{value}");
        }
    }
}
