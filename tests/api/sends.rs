//! Sends: asked once whatever happens, with error codes of their own.

use std::sync::atomic::Ordering;
use std::time::Duration;

use coupontools_mirror::api::{ApiError, Cause, Class, Sent};

use crate::vendor::{Reply, Then, Vendor, client_of, dir, raw_vendor, says, says_with};

const PHONE: &str = "+15005550006";

fn failed(errors: &str) -> String {
    format!(r#"{{"status":{{"status":"failed","errors":{errors}}}}}"#)
}

#[tokio::test]
async fn each_send_asks_as_the_vendor_documents() {
    let vendor = Vendor::start([says(200, r#"{"status":{"status":"OK"}}"#)]).await;
    let client = vendor.client();
    for sent in [
        client.send_email(&dir(), "a@example.com", None).await,
        client.send_email(&dir(), "a@example.com", Some("Hi \"you\"")).await,
        client.send_sms(&dir(), PHONE, None).await,
        client.send_sms(&dir(), PHONE, Some("Hi")).await,
    ] {
        assert_eq!((sent.result, sent.requests), (Ok(Sent), 1));
    }
    for (nth, path, body) in [
        (0, "/v3/send/email", r#"{"campaign":"dir_1","email":"a@example.com"}"#),
        (1, "/v3/send/email", r#"{"campaign":"dir_1","email":"a@example.com","subject":"Hi \"you\""}"#),
        (2, "/v3/send/sms", r#"{"campaign":"dir_1","phone":"+15005550006"}"#),
        (3, "/v3/send/sms", r#"{"campaign":"dir_1","phone":"+15005550006","body":"Hi"}"#),
    ] {
        vendor.nth(nth, |asked| assert_eq!((asked.path.as_str(), asked.body.as_str()), (path, body)));
    }
}

#[tokio::test]
async fn every_code_has_its_class_on_a_send() {
    for (errors, expected) in [
        (r#"{"error_code":502}"#, ApiError::Gone { code: 502 }),
        (r#"{"error_code":[507]}"#, ApiError::Gone { code: 507 }),
        (r#"{"error_code":103}"#, ApiError::Setup { code: 103 }),
        (r#"{"error_code":"104"}"#, ApiError::Setup { code: 104 }),
        (r#"{"error_code":305}"#, ApiError::Recipient { code: 305, opt_out: false }),
        (r#"{"error_code":605,"error_message":"x"}"#, ApiError::Recipient { code: 605, opt_out: true }),
        (
            r#"{"error_code":301,"error_message":"Phone number not valid"}"#,
            ApiError::Recipient { code: 301, opt_out: false },
        ),
        (
            r#"{"error_code":[301],"error_message":"422","error_message_description":["The phone is bad"]}"#,
            ApiError::Recipient { code: 301, opt_out: false },
        ),
        (
            r#"{"error_code":301,"error_message":"Campaign missing"}"#,
            ApiError::WrongParameter { codes: vec![301] },
        ),
        (r#"{"error_code":200}"#, ApiError::WrongParameter { codes: vec![200] }),
        (r#"{"error_code":602}"#, ApiError::NotSent { code: 602 }),
        (r#"{"error_code":604}"#, ApiError::NotSent { code: 604 }),
        (r#"{"error_code":[604,1000]}"#, ApiError::Refused { code: 1000 }),
        (r#"{"error_code":[601]}"#, ApiError::Unknown { codes: vec![601] }),
    ] {
        let vendor = Vendor::start([says(200, failed(errors))]).await;
        let answer = vendor.client().send_sms(&dir(), PHONE, None).await;
        assert_eq!((answer.result, answer.requests), (Err(expected), 1), "{errors}");
    }
}

#[tokio::test]
async fn a_send_is_asked_once_and_says_whether_it_may_have_happened() {
    for (reply, may_have_happened) in [
        (says_with(429, "retry-after", "0", ""), false),
        (says(429, r#"{"status":{"status":"failed","errors":{"error_code":9000}}}"#), false),
        (says(500, ""), true),
        (says(503, r#"{"status":{"status":"failed","errors":{"error_code":9999}}}"#), true),
        (says(200, "not JSON"), true),
        (says(200, "{}"), true),
        // It may come after the call was carried out.
        (says_with(302, "location", "https://example.com/", ""), true),
        (says(200, failed(r#"{"error_code":604}"#)), false),
        (Reply::Hangs, true),
    ] {
        let vendor = Vendor::start([reply]).await;
        let client = vendor.client_with(|settings| settings.timeout = Duration::from_secs(2));
        let answer = client.send_email(&dir(), "a@example.com", None).await;
        let error = answer.result.unwrap_err();
        assert_eq!(error.may_have_happened(), may_have_happened, "{error}");
        assert_eq!((answer.requests, vendor.asked()), (1, 1), "{error}");
    }
}

#[tokio::test]
async fn a_send_whose_connection_breaks_is_asked_once() {
    let (url, asked) = raw_vendor("", Then::BreaksOff);
    let answer = client_of(&url, |_| {}).send_sms(&dir(), PHONE, None).await;
    let error = answer.result.unwrap_err();
    assert!(matches!(error, ApiError::Passing { cause: Cause::Broken, attempts: 1, .. }), "{error}");
    assert!(error.may_have_happened());
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_send_that_never_left_did_not_happen() {
    let answer = client_of("http://127.0.0.1:1", |_| {}).send_sms(&dir(), PHONE, None).await;
    let error = answer.result.unwrap_err();
    assert_eq!((error.class(), error.may_have_happened(), answer.requests), (Class::Passing, false, 1));
}
