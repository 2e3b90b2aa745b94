//! Times and sizes, and an API that is not there.

use std::sync::atomic::Ordering;
use std::time::Duration;

use coupontools_mirror::api::{ApiError, BODY_BYTES_MAX, Cause, Class, Limit, Settings};

use crate::answers::users;
use crate::vendor::{Reply, Then, Vendor, client_of, dir, one_user, raw_vendor, says};

fn impatient(settings: &mut Settings) {
    settings.timeout = Duration::from_secs(2);
    settings.retry.attempts = 2;
}

#[tokio::test]
async fn silence_times_out_and_is_tried_again() {
    let vendor = Vendor::start([Reply::Hangs]).await;
    let answer = vendor.client_with(impatient).fetch_users(&dir(), 1).await;
    let error = answer.result.unwrap_err();
    assert_eq!(error, ApiError::Passing { cause: Cause::TimedOut, attempts: 2, answered: false });
    assert!(error.is_unreachable());
    let vendor = Vendor::start([Reply::Hangs, one_user()]).await;
    assert!(vendor.client_with(impatient).fetch_users(&dir(), 1).await.result.is_ok());
}

#[tokio::test]
async fn an_answer_that_stops_in_the_middle_times_out_or_breaks() {
    let half = "HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{\"status\":{\"status\":\"OK\"},\"users\":[";
    for (then, cause) in [(Then::Hangs, Cause::TimedOut), (Then::BreaksOff, Cause::Broken)] {
        let (url, asked) = raw_vendor(half, then);
        let error = client_of(&url, impatient).fetch_users(&dir(), 1).await.result.unwrap_err();
        assert_eq!(error, ApiError::Passing { cause, attempts: 2, answered: true });
        assert_eq!((asked.load(Ordering::SeqCst), error.is_unreachable()), (2, false));
    }
}

#[tokio::test]
async fn nobody_there_is_unreachable() {
    let error = client_of("http://127.0.0.1:1", |_| {}).fetch_directories().await.result.unwrap_err();
    assert!(error.is_unreachable());
    assert!(error.to_string().starts_with("no connection: Connection refused"), "{error}");
    assert!(error.to_string().ends_with("3 times in a row"), "{error}");
    assert_eq!(error.hint(), Some("check the network and [api] base_url"));
}

#[tokio::test]
async fn what_is_no_http_breaks_off() {
    let (url, _) = raw_vendor("SSH-2.0-x\r\n\r\n", Then::BreaksOff);
    let error = client_of(&url, impatient).fetch_directories().await.result.unwrap_err();
    assert_eq!((error.class(), error.is_unreachable()), (Class::Passing, true));
}

#[tokio::test]
async fn a_body_is_read_up_to_its_limit() {
    let too_large = ApiError::TooLarge { limit: Limit::Bytes(BODY_BYTES_MAX) };
    let announced = "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n";
    for words in ["HTTP/1.1 200 OK\r\n\r\n", announced] {
        let (url, asked) = raw_vendor(words, Then::GoesOn);
        let answer = client_of(&url, |_| {}).fetch_users(&dir(), 1).await;
        assert_eq!((answer.result.unwrap_err(), answer.requests), (too_large.clone(), 1));
        assert_eq!(asked.load(Ordering::SeqCst), 1);
    }
    // Compressed on the way, it is small; what counts is what it becomes.
    let vendor = Vendor::start([says(200, " ".repeat(BODY_BYTES_MAX + 1))]).await;
    assert_eq!(vendor.client().fetch_users(&dir(), 1).await.result.unwrap_err(), too_large);
}

#[test]
fn entries_are_read_up_to_their_limit() {
    let many = "{},".repeat(100_001);
    let body = format!(r#"{{"status":"OK","users":[{}]}}"#, many.trim_end_matches(','));
    assert!(matches!(users(&body), Err(ApiError::TooLarge { limit: Limit::Entries(_) })));
}
