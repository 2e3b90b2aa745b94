//! Reads over a real socket: what is asked, what is tried again, and when it stops for good.

use std::time::Duration;

use coupontools_mirror::api::{ApiError, Cause, Class, RETRY_AFTER_MAX};
use coupontools_mirror::clock::steady_now;

use crate::answers::user_ids;
use crate::vendor::{
    ID, Reply, SECRET, Vendor, client_of, dir, keys, one_user, quick, says, says_with, until,
};

#[tokio::test]
async fn each_read_asks_as_the_vendor_documents() {
    let vendor = Vendor::start([
        says(200, r#"{"status":{"status":"OK"},"directories":[{"ID":"dir_1"}]}"#),
        says(200, r#"{"status":{"status":"OK"},"directory_info":{"ID":"dir_1","name":"North"}}"#),
        one_user(),
    ])
    .await;
    let client = vendor.client();
    assert_eq!(client.fetch_directories().await.result.unwrap().directories.len(), 1);
    assert_eq!(client.fetch_directory(&dir()).await.result.unwrap().name.as_deref(), Some("North"));
    let users = client.fetch_users(&dir(), 7).await;
    assert_eq!((user_ids(&users.result.unwrap()), users.requests), (vec!["reg_1"], 1));
    for (nth, path, body) in [
        (0, "/v3/directory/list", "{}"),
        (1, "/v3/directory/info", r#"{"directory":"dir_1"}"#),
        (2, "/v3/directoryusers/list", r#"{"directory":"dir_1","page":7}"#),
    ] {
        vendor.nth(nth, |asked| {
            assert_eq!((asked.path.as_str(), asked.body.as_str()), (path, body));
            assert_eq!(asked.headers["content-type"], "application/json");
            assert_eq!(asked.headers["x-client-id"], ID);
            assert_eq!(asked.headers["x-client-secret"], SECRET);
            assert!(asked.headers["accept-encoding"].to_str().unwrap().contains("gzip"));
            assert!(!asked.headers.contains_key("cookie"));
        });
    }
}

#[tokio::test]
async fn a_base_url_may_have_a_path() {
    let vendor = Vendor::start([one_user()]).await;
    for base in ["/proxy/ct", "/proxy/ct/"] {
        let client = client_of(&format!("{}{base}", vendor.url), |_| {});
        assert!(client.fetch_users(&dir(), 1).await.result.is_ok());
    }
    assert_eq!(vendor.nth(1, |asked| asked.path.clone()), "/proxy/ct/v3/directoryusers/list");
}

#[tokio::test]
async fn no_cookie_is_kept() {
    let reply = says_with(200, "set-cookie", "PHPSESSID=abc; path=/", r#"{"status":"OK","users":[]}"#);
    let vendor = Vendor::start([reply]).await;
    let client = vendor.client();
    for _ in 0..2 {
        assert!(client.fetch_users(&dir(), 1).await.result.is_ok());
    }
    assert!(vendor.nth(1, |asked| !asked.headers.contains_key("cookie")));
}

#[tokio::test]
async fn a_compressed_answer_is_read() {
    let padding = "x".repeat(10_000);
    let vendor = Vendor::start([says(
        200,
        format!(r#"{{"status":{{"status":"OK"}},"users":[{{"ID":"reg_1","a":"{padding}"}}]}}"#),
    )])
    .await;
    assert_eq!(user_ids(&vendor.client().fetch_users(&dir(), 1).await.result.unwrap()), ["reg_1"]);
}

#[tokio::test]
async fn what_passes_is_tried_again() {
    for passing in [
        says(429, ""),
        says(500, "<html>oops</html>"),
        says(502, "{}"),
        says(503, r#"{"message":"busy"}"#),
        says(200, "<b>Warning</b>: not JSON"),
        says(200, ""),
        says(429, r#"{"status":{"status":"failed","errors":{"error_code":9429}}}"#),
    ] {
        let vendor = Vendor::start([passing.clone(), passing, one_user()]).await;
        let answer = vendor.client().fetch_users(&dir(), 1).await;
        assert_eq!((answer.result.unwrap().rows.len(), answer.requests), (1, 3));
    }
}

#[tokio::test]
async fn what_does_not_pass_ends_after_so_many_tries() {
    let vendor = Vendor::start([says(503, "")]).await;
    let answer = vendor.client().fetch_users(&dir(), 1).await;
    let error = answer.result.unwrap_err();
    assert_eq!(error, ApiError::Passing { cause: Cause::Server(503), attempts: 3, answered: true });
    assert_eq!((answer.requests, vendor.asked(), error.is_unreachable()), (3, 3, false));
    assert_eq!(error.to_string(), "the server failed (HTTP 503), 3 times in a row");
}

#[tokio::test]
async fn what_is_for_good_is_not_tried_again() {
    for (reply, class) in [
        (says(200, r#"{"status":{"status":"failed","errors":{"error_code":507}}}"#), Class::Gone),
        (says(422, r#"{"status":{"status":"failed","errors":{"error_code":[301]}}}"#), Class::Parameter),
        (says(200, r#"{"status":{"status":"failed","errors":{"error_code":[9999]}}}"#), Class::Unknown),
        (says(500, r#"{"status":{"status":"failed","errors":{"error_code":[507]}}}"#), Class::Gone),
        (says(200, r#"{"hello":"world"}"#), Class::Unreadable),
        (says(404, r#"{"message":"Not Found"}"#), Class::Unreadable),
    ] {
        let vendor = Vendor::start([reply]).await;
        let answer = vendor.client().fetch_users(&dir(), 1).await;
        assert_eq!((answer.result.unwrap_err().class(), answer.requests), (class, 1));
    }
}

#[tokio::test]
async fn refused_keys_silence_the_account() {
    for reply in [
        says(200, r#"{"status":{"status":"failed","errors":{"error_code":1000}}}"#),
        says(401, "<html></html>"),
        says(403, ""),
    ] {
        let vendor = Vendor::start([reply]).await;
        let client = vendor.client();
        let clone = client.clone();
        let first = client.fetch_users(&dir(), 1).await;
        assert_eq!((first.result.unwrap_err().class(), first.requests), (Class::Credentials, 1));
        for _ in 0..2 {
            let later = clone.fetch_directories().await;
            assert_eq!((later.result.unwrap_err().class(), later.requests), (Class::Credentials, 0));
            assert_eq!(clone.send_email(&dir(), "a@example.com", None).await.requests, 0);
        }
        assert!(client.is_refused() && clone.is_refused());
        assert_eq!(vendor.asked(), 1);
    }
}

#[tokio::test]
async fn who_waited_for_a_turn_when_the_keys_were_refused_asks_nothing() {
    let vendor = Vendor::start([says(401, "")]).await;
    let client = vendor.client_with(|settings| settings.requests_per_second = 1);
    let directory = dir();
    let (first, waited) = tokio::join!(client.fetch_users(&directory, 1), client.fetch_users(&directory, 2));
    assert_eq!((first.requests, waited.requests, vendor.asked()), (1, 0, 1));
    assert_eq!(waited.result.unwrap_err().class(), Class::Credentials);
}

#[tokio::test]
async fn retry_after_is_honoured_in_both_forms_by_every_clone() {
    let in_three_s = || {
        let now = std::time::SystemTime::from(coupontools_mirror::clock::now().datetime());
        httpdate::fmt_http_date(now + Duration::from_secs(3))
    };
    for is_date in [false, true] {
        // Before the date is computed: however late the answer is read, it is honoured from here on.
        let began = steady_now();
        let value = if is_date { in_three_s() } else { "1".to_owned() };
        let vendor = Vendor::start([says_with(429, "retry-after", value, ""), one_user()]).await;
        let client = vendor.client();
        let first = {
            let client = client.clone();
            tokio::spawn(async move { client.fetch_users(&dir(), 1).await })
        };
        until(|| vendor.asked() == 1).await;
        let directory = dir();
        let (first, other) = tokio::join!(first, client.fetch_users(&directory, 1));
        assert_eq!((first.unwrap().requests, other.requests), (2, 1));
        assert!(began.elapsed() >= Duration::from_millis(990), "{:?}", began.elapsed());
    }
    assert_eq!(RETRY_AFTER_MAX, Duration::from_secs(120));
}

#[tokio::test]
async fn no_redirect_is_followed() {
    let elsewhere = Vendor::start([one_user()]).await;
    for status in [301, 302, 303, 307, 308] {
        let target = format!("{}/v3?secret=1", elsewhere.url.replace("127.0.0.1", "localhost"));
        let vendor = Vendor::start([says_with(status, "location", target, "")]).await;
        let answer = vendor.client().fetch_users(&dir(), 1).await;
        let error = answer.result.unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("the API redirects to localhost (HTTP {status}), which is not followed")
        );
        assert_eq!((error.class(), answer.requests), (Class::Unreadable, 1));
    }
    assert_eq!(elsewhere.asked(), 0);
}

#[tokio::test]
async fn clones_share_one_rate_limit() {
    let vendor = Vendor::start([one_user()]).await;
    let client = vendor.client_with(|settings| settings.requests_per_second = 20);
    let ask = |client: coupontools_mirror::api::Client| async move {
        loop {
            assert!(client.fetch_users(&dir(), 1).await.result.is_ok());
        }
    };
    let all = async { tokio::join!(ask(client.clone()), ask(client.clone()), ask(client.clone())) };
    let began = steady_now();
    let stopped = tokio::time::timeout(Duration::from_secs(2), all).await;
    assert!(stopped.is_err());
    let asked = vendor.asked();
    // The time-out may be late.
    let most = 1 + (began.elapsed().as_secs_f64() * 20.0).ceil() as usize;
    assert!((5..=most).contains(&asked), "{asked} of {most}");
}

#[tokio::test]
async fn a_dropped_fetch_is_over_and_the_client_goes_on() {
    let vendor = Vendor::start([Reply::Hangs, one_user()]).await;
    let client = vendor.client();
    let directory = dir();
    tokio::select! {
        _ = client.fetch_users(&directory, 1) => panic!("it hangs"),
        () = until(|| vendor.asked() == 1) => {}
    }
    assert!(client.fetch_users(&dir(), 1).await.result.is_ok());
    assert_eq!(vendor.asked(), 2);
}

#[tokio::test]
async fn nothing_that_is_printed_shows_a_key() {
    let vendor = Vendor::start([says(401, "")]).await;
    let client = vendor.client();
    let answer = client.fetch_users(&dir(), 1).await;
    let printed = format!("{client:?} {answer:?} {:?} {:?}", keys(), quick(&vendor.url));
    assert!(!printed.contains(ID) && !printed.contains(SECRET), "{printed}");
}
