//! What is kept of a row as it came.

use crate::answers::{directories, good, row, users};
use coupontools_mirror::api::RAW_BYTES_MAX;

fn raw(keys: &str) -> String {
    row(keys).0.raw.into()
}

#[test]
fn a_row_is_kept_byte_for_byte() {
    for keys in [
        r#""a":1"#,
        r#""B" : [ 1 , {"x":null} ], "n": 1.50, "big": 123456789012345678901234567890"#,
        r#""text":"\u00e9\u0000 \/ \"quoted\"","empty":{},"none":[]"#,
        r#""hashes_not":1"#.replace("hashes", "hats").as_str(),
    ] {
        assert_eq!(raw(keys), format!(r#"{{"ID":"reg_1",{keys}}}"#));
    }
}

#[test]
fn secret_like_keys_are_left_out_at_any_depth() {
    for key in [
        "password",
        "Password",
        "user_password",
        "pass_word",
        "passwd",
        "pwd",
        "hash",
        "email_hash",
        "PasswordHash",
        "token",
        "access-token",
        "secret",
        "client_secret",
        "api_key",
        "pass",
        "salt",
        "pass.word",
        "api.key",
        "access/key",
        "Wachtwoord",
        "mot de passe",
        "contrasena",
        "Contrase\\u00f1a",
        "Authorization",
        "bearer",
        "user.jwt",
        "cookies",
        "session_id",
        "session.id",
        "otp",
        "cvv",
        "pin",
        "auth",
        "session",
        "user_pass",
        "reset\\u005ftoken",
        "very_long_prefix_of_a_key_that_nobody_would_ever_write_but_for_a_test_of_password_in_it",
    ] {
        assert_eq!(raw(&format!(r#""{key}":"x","a":1"#)), r#"{"ID":"reg_1","a":1}"#, "{key}");
        let nested = raw(&format!(r#""a":[{{"b":{{"{key}":"x","c":1}}}}]"#));
        assert_eq!(nested, r#"{"ID":"reg_1","a":[{"b":{"c":1}}]}"#, "{key}");
    }
    let list = directories(&good(r#""directories":[{"ID":"dir_1","api_token":"x"}]"#)).unwrap();
    assert_eq!(&*list.directories[0].raw, r#"{"ID":"dir_1"}"#);
}

#[test]
fn words_that_only_look_secret_are_kept() {
    for key in ["passport", "compass", "bus_pass", "passenger", "shipping", "pinterest", "author", "hotpot"] {
        let keys = format!(r#""{key}":"x","a":1"#);
        assert_eq!(raw(&keys), format!(r#"{{"ID":"reg_1",{keys}}}"#));
    }
}

#[test]
fn a_text_that_is_a_map_or_a_list_with_a_secret_like_key_becomes_null() {
    for text in [
        r#""{\"pin\":1}""#,
        r#"" [1,{\"a\":{\"password\":\"x\"}}] ""#,
        r#""\u007b\"user_pass\":1}""#,
        r#""{\"a\":\"{\\\"token\\\":1}\"}""#,
    ] {
        assert_eq!(raw(&format!(r#""a":{text},"b":1"#)), r#"{"ID":"reg_1","a":null,"b":1}"#, "{text}");
        let nested = raw(&format!(r#""a":[{{"b":{text}}}]"#));
        assert_eq!(nested, r#"{"ID":"reg_1","a":[{"b":null}]}"#, "{text}");
    }
    for text in [r#""{\"a\":1}""#, r#""{pin:1}""#, r#""[\"pin\"]""#, r#""\\{""#, r#""{""#] {
        assert_eq!(raw(&format!(r#""a":{text}"#)), format!(r#"{{"ID":"reg_1","a":{text}}}"#));
    }
}

#[test]
fn of_equal_keys_the_one_that_was_read_is_kept() {
    assert_eq!(raw(r#""a":1,"b":2,"a":3"#), r#"{"ID":"reg_1","b":2,"a":3}"#);
    assert_eq!(raw(r#""a":1,"a":"""#), r#"{"ID":"reg_1","a":1}"#);
    assert_eq!(raw(r#""x":{"a":1,"a":2}"#), r#"{"ID":"reg_1","x":{"a":2}}"#);
}

#[test]
fn a_huge_row_is_cut_with_a_warning_and_still_read() {
    let (registration, warnings) =
        row(&format!(r#""email":"a@example.com","essay":"{}","list":[1]"#, "x".repeat(RAW_BYTES_MAX)));
    assert_eq!(&*registration.raw, r#"{"ID":"reg_1","email":"a@example.com","essay":null,"list":[1]}"#);
    assert_eq!(registration.email.as_deref(), Some("a@example.com"));
    assert_eq!(warnings[0].to_string(), "raw: too long");
    let many: Vec<String> = (0..20_000).map(|n| format!(r#""k{n}":{n}"#)).collect();
    assert!(raw(&many.join(",")) == "{}");
}

#[test]
fn depth_breaks_nothing() {
    let deep = |levels: usize| format!(r#""deep":{}1{}"#, "[".repeat(levels), "]".repeat(levels));
    let kept = raw(&deep(20));
    assert_eq!(kept, format!(r#"{{"ID":"reg_1",{}}}"#, deep(20)));
    let cut = raw(&deep(5_000));
    assert!(cut.len() < 200 && cut.contains("null"), "{cut}");
    let page = users(&good(&format!(r#""users":{}{}"#, "[".repeat(100_000), "]".repeat(100_000))));
    assert!(page.is_err());
}
