//! What an answer says of itself, in every form, and what the HTTP status may add.

use crate::answers::{good, reading, users};
use coupontools_mirror::api::{ApiError, Cause, Class};

fn failed(errors: &str) -> String {
    format!(r#"{{"status":{{"status":"failed","errors":{errors}}}}}"#)
}

#[test]
fn a_good_envelope_wins_over_any_http_status() {
    for status in [200, 201, 302, 401, 404, 422, 500, 503] {
        let page = reading().users_page(status, good(r#""users":[{"ID":"reg_1"}]"#).into_bytes());
        assert_eq!(page.unwrap().rows.len(), 1, "{status}");
    }
}

#[test]
fn success_is_recognised_in_every_spelling() {
    for status in [r#"{"status":"OK"}"#, r#"{"Status":"ok"}"#, r#""OK""#, r#""Success""#, "true"] {
        let body = format!(r#"{{"status":{status},"users":[{{"ID":"reg_1"}}]}}"#);
        assert_eq!(users(&body).unwrap().rows.len(), 1, "{status}");
    }
    for rest in [r#"{"status":"OK","code":200}"#, r#"{"status":"OK","errors":[]}"#] {
        assert!(users(&format!(r#"{{"STATUS":{rest},"users":[]}}"#)).is_ok(), "{rest}");
    }
}

#[test]
fn every_code_has_its_class_on_a_read() {
    for (code, class) in [
        (1000, Class::Credentials),
        (101, Class::Credentials),
        (102, Class::Credentials),
        (103, Class::Setup),
        (104, Class::Setup),
        (200, Class::Parameter),
        (300, Class::Parameter),
        (301, Class::Parameter),
        (302, Class::Parameter),
        (303, Class::Parameter),
        (304, Class::Parameter),
        (305, Class::Recipient),
        (605, Class::Recipient),
        (507, Class::Gone),
        (502, Class::Unknown),
        (602, Class::Provider),
        (604, Class::Provider),
        (509, Class::Unknown),
        (429, Class::Passing),
        (-1, Class::Unknown),
    ] {
        for form in [format!("{code}"), format!("[{code}]"), format!(r#""{code}""#), format!(r#"["{code}"]"#)]
        {
            for status in [200, 401, 422, 500] {
                let body = failed(&format!(r#"{{"error_code":{form},"error_message":"x"}}"#));
                let error = reading().users_page(status, body.into_bytes()).unwrap_err();
                assert_eq!(error.class(), class, "{form} HTTP {status}");
                assert!(error.to_string().contains(&code.to_string()), "{error}");
            }
        }
    }
}

#[test]
fn a_failure_is_recognised_in_every_form() {
    for body in [
        failed(r#"{"error_code":1000,"error_message":"HTTP/1.0 401 Unauthorized."}"#),
        failed(r#"{"error_message":"m","error_message_description":["d"],"error_code":[1000]}"#),
        failed(r#"[{"error_code":"1000"}]"#),
        failed(r#"{"0":{"x":1},"error_code":{"0":1000}}"#),
        failed(r#"{"errorCode":[509,1000]}"#),
        r#"{"status":{"status":"failed","error":{"code":1000}}}"#.to_owned(),
        r#"{"status":{"status":"failed","error_code":1000}}"#.to_owned(),
        r#"{"status":"failed","errors":{"error_code":1000}}"#.to_owned(),
        r#"{"status":false,"errors":[{"error_code":1000}],"users":[]}"#.to_owned(),
        r#"{"errors":{"error_code":1000}}"#.to_owned(),
        r#"{"response":{"status":{"status":"failed","errors":{"error_code":1000}}}}"#.to_owned(),
        r#"{"status":{"status":"OK","errors":{"error_code":1000}},"users":[]}"#.to_owned(),
        format!("\u{feff}{}", failed(r#"{"error_code":1000}"#)),
    ] {
        assert_eq!(users(&body).unwrap_err(), ApiError::Refused { code: 1000 }, "{body}");
    }
}

#[test]
fn a_failure_without_a_code_is_judged_by_the_http_status() {
    let of = |status| reading().users_page(status, failed("{}").into_bytes()).unwrap_err();
    assert_eq!(of(200), ApiError::Unknown { codes: vec![] });
    assert_eq!(of(422), ApiError::Unknown { codes: vec![] });
    assert_eq!(of(401), ApiError::Refused { code: 401 });
    assert_eq!(of(503).class(), Class::Passing);
}

#[test]
fn without_an_envelope_the_http_status_decides() {
    for body in
        ["", "<html>no</html>", "[]", "{}", r#"{"message":"no"}"#, r#"{"status":{"status":"perhaps"}}"#]
    {
        let of = |status| reading().users_page(status, body.as_bytes().to_vec()).unwrap_err();
        assert_eq!(of(401), ApiError::Refused { code: 401 }, "{body}");
        assert_eq!(of(403), ApiError::Refused { code: 403 }, "{body}");
        assert!(matches!(of(429), ApiError::Passing { cause: Cause::TooManyRequests, .. }), "{body}");
        for status in [408, 500, 502, 599] {
            assert!(matches!(of(status), ApiError::Passing { cause: Cause::Server(_), .. }), "{body}");
        }
        assert!(matches!(of(302), ApiError::Redirected { .. }), "{body}");
    }
}

#[test]
fn no_json_passes_and_json_without_an_envelope_does_not() {
    for body in ["", " ", "<html></html>", "OK", "{", r#"{"status":{"status":"OK"}} <b>Warning</b>"#, "nul"] {
        let error = users(body).unwrap_err();
        assert!(matches!(error, ApiError::Passing { cause: Cause::NotJson(200), .. }), "{body}: {error}");
    }
    for body in ["[]", "{}", "null", "5", r#""text""#, r#"{"users":[{"ID":"reg_1"}]}"#, r#"{"status":5}"#] {
        assert!(matches!(users(body), Err(ApiError::Unreadable { .. })), "{body}");
    }
}

#[test]
fn no_error_repeats_the_vendors_words() {
    for code in [1000, 103, 301, 305, 507, 602, 605, 999] {
        let error = users(&failed(&format!(
            r#"{{"error_code":{code},"error_message":"Phone +15005550006 of jane@example.com"}}"#
        )));
        let error = error.unwrap_err();
        let said = format!("{error} {error:?} {:?}", error.hint());
        assert!(!said.contains("jane") && !said.contains("555"), "{said}");
    }
}
