//! What goes wrong on the way, and which request it hits.

use std::time::Duration;

use coupontools_mirror::simulator::fault::RetryAfterForm;
use coupontools_mirror::simulator::{Fault, FaultKind, Options};
use serde_json::json;

use crate::asker::{Asker, DEADLINE, read};

const USERS: &str = "/v3/directoryusers/list";

async fn quiet() -> Asker {
    Asker::start(Options::quiet(&[250, 20])).await
}

#[tokio::test]
async fn http_failures_come_as_html_and_once() {
    let asker = quiet().await;
    for (kind, status) in [
        (FaultKind::Http500, 500),
        (FaultKind::Http502, 502),
        (FaultKind::Http503, 503),
        (FaultKind::Http429, 429),
        (FaultKind::NotJson, 200),
        (FaultKind::Redirect, 302),
    ] {
        asker.simulator.world().add_fault(kind.into()).unwrap();
        let answer = asker.page(1).await;
        assert_eq!(answer.status, status, "{kind:?}");
        assert!(answer.text.starts_with("<html>"), "{kind:?}");
        assert!(!answer.headers.contains_key("retry-after"));
        assert_eq!(asker.page(1).await.ids().len(), 100, "{kind:?} is used up");
    }
}

#[tokio::test]
async fn retry_after_is_seconds_or_a_date() {
    let asker = quiet().await;
    let fault = Fault { retry_after_s: Some(7), ..FaultKind::Http503.into() };
    asker.simulator.world().add_fault(fault.clone()).unwrap();
    assert_eq!(asker.page(1).await.headers["retry-after"], "7");
    asker.simulator.world().add_fault(Fault { retry_after_form: RetryAfterForm::Date, ..fault }).unwrap();
    let date = asker.page(1).await.headers["retry-after"].to_str().unwrap().to_owned();
    assert!(httpdate::parse_http_date(&date).is_ok(), "{date}");
}

#[tokio::test]
async fn refusals_come_as_errors_of_the_api() {
    let asker = quiet().await;
    for (kind, code, status) in [
        (FaultKind::RefusedKeys, 1000, 401),
        (FaultKind::ExpiredKeys, 101, 401),
        (FaultKind::SubaccountKeys, 102, 401),
        (FaultKind::GoneDirectory, 507, 422),
        (FaultKind::WrongParameter, 301, 422),
        (FaultKind::MissingParameter, 300, 422),
    ] {
        asker.simulator.world().add_fault(kind.into()).unwrap();
        let answer = asker.page(1).await;
        assert_eq!((answer.error_code(), answer.status), (Some(code), status), "{kind:?}");
    }
    asker.simulator.world().add_fault(FaultKind::UnknownShape.into()).unwrap();
    assert!(asker.page(1).await.json()["payload"]["part_1"]["entries"].is_array());
}

#[tokio::test]
async fn a_reset_breaks_the_connection_before_or_in_the_middle_of_the_body() {
    let asker = quiet().await;
    let parameters = json!({"directory": "dir_10001"});
    asker.simulator.world().add_fault(FaultKind::Reset.into()).unwrap();
    asker.call(USERS, &parameters).send().await.expect_err("no answer at all");
    asker.simulator.world().add_fault(FaultKind::ResetMidBody.into()).unwrap();
    let mut response = asker.call(USERS, &parameters).send().await.expect("headers");
    assert_eq!(response.status(), 200);
    let mut read = 0;
    let error = loop {
        match response.chunk().await {
            Ok(Some(chunk)) => read += chunk.len(),
            Ok(None) => panic!("the body ended properly"),
            Err(error) => break error,
        }
    };
    assert!(read > 0 && !error.is_timeout(), "{read} bytes, then {error:?}");
    assert_eq!(asker.page(1).await.ids().len(), 100);
}

#[tokio::test]
async fn truncated_json_ends_properly_and_is_not_json() {
    let asker = quiet().await;
    asker.simulator.world().add_fault(FaultKind::TruncatedJson.into()).unwrap();
    let answer = asker.page(1).await;
    assert!(answer.text.len() > 1_000);
    serde_json::from_str::<serde_json::Value>(&answer.text).expect_err("half of it");
}

#[tokio::test]
async fn a_slow_body_is_right_in_the_end_and_a_huge_one_is_huge() {
    let asker = quiet().await;
    let right = asker.page(1).await.text;
    asker.simulator.world().add_fault(Fault { delay_ms: Some(200), ..FaultKind::SlowBody.into() }).unwrap();
    assert_eq!(asker.page(1).await.text, right);
    asker
        .simulator
        .world()
        .add_fault(Fault { bytes: Some(3_000_000), ..FaultKind::HugeBody.into() })
        .unwrap();
    assert_eq!(asker.page(1).await.text.len(), right.len() + 3_000_000);
}

#[tokio::test]
async fn a_hang_gives_no_answer_and_a_stop_ends_it() {
    let asker = quiet().await;
    asker.simulator.world().add_fault(Fault { times: Some(2), ..FaultKind::Hang.into() }).unwrap();
    let parameters = json!({"directory": "dir_10001"});
    let short = asker.call(USERS, &parameters).timeout(Duration::from_millis(200));
    assert!(read(short).await.expect_err("no answer").is_timeout());
    let hanging = tokio::spawn(asker.call(USERS, &parameters).send());
    let deadline = tokio::time::timeout(DEADLINE, async {
        while asker.simulator.world().requests().total < 2 {
            tokio::task::yield_now().await;
        }
    });
    deadline.await.expect("asked twice");
    tokio::time::timeout(DEADLINE, asker.simulator.stop()).await.expect("stopped");
    assert_ne!(hanging.await.unwrap().map(|response| response.status().as_u16()).unwrap_or(0), 200);
}

#[tokio::test]
async fn a_hanging_send_is_carried_out_only_if_told_so() {
    let asker = quiet().await;
    let to = json!({"campaign": "dir_10001", "email": "a@example.com"});
    for (kind, sends) in [(FaultKind::Hang, 0), (FaultKind::Http500, 0), (FaultKind::HangAfter, 1)] {
        asker.simulator.world().add_fault(kind.into()).unwrap();
        let request = asker.call("/v3/send/email", &to).timeout(Duration::from_millis(200));
        let _ = read(request).await;
        assert_eq!(asker.simulator.world().sends().len(), sends, "{kind:?}");
    }
    asker.simulator.world().add_fault(FaultKind::ProviderRefuses.into()).unwrap();
    assert_eq!(asker.page(1).await.status, 200, "a provider's refusal hits sends only");
    assert_eq!(asker.ask("/v3/send/email", to).await.error_code(), Some(604));
}

#[tokio::test]
async fn a_fault_hits_the_requests_that_it_names() {
    let asker = quiet().await;
    let world = asker.simulator.world();
    let table = [
        "http-500,call=users-list,directory=dir_10002",
        "http-500,page=2,directory=dir_10001",
        "http-500,account=somebody-else",
        "http-500,call=directory-info,skip=1",
    ];
    for fault in table {
        world.add_fault(fault.parse().unwrap()).unwrap();
    }
    let info = || asker.ask("/v3/directory/info", json!({"directory": "dir_10001"}));
    assert_eq!(asker.page(1).await.status, 200);
    assert_eq!(asker.page(2).await.status, 500);
    assert_eq!((info().await.status, info().await.status, info().await.status), (200, 500, 200));
    assert_eq!(asker.ask(USERS, json!({"directory": "dir_10002"})).await.status, 500);
    assert_eq!(world.faults().len(), 1, "the one of another account still waits");
    world.clear_faults();
    assert_eq!(world.faults(), []);
}

#[tokio::test]
async fn a_page_is_counted_from_one_even_where_the_account_counts_from_zero() {
    let asker = quiet().await;
    asker.simulator.world().merge_behaviour(json!({"page_numbers": "from-zero"})).unwrap();
    asker.simulator.world().add_fault("http-500,page=2".parse().unwrap()).unwrap();
    assert_eq!(asker.page(2).await.status, 200);
    assert_eq!(asker.page(1).await.status, 500);
}

#[tokio::test]
async fn chances_fall_by_the_seed() {
    let mut histories = Vec::new();
    for _ in 0..2 {
        let asker = quiet().await;
        asker.simulator.world().add_fault("http-500,probability=0.5".parse().unwrap()).unwrap();
        let mut history = Vec::new();
        for _ in 0..40 {
            history.push(asker.page(1).await.status);
        }
        histories.push(history);
    }
    assert_eq!(histories[0], histories[1]);
    let hits = histories[0].iter().filter(|&&status| status == 500).count();
    assert!((5..35).contains(&hits), "{hits} of 40");
}

#[test]
fn faults_that_make_no_sense_are_refused() {
    for (text, why) in [
        ("http-501", "unknown variant"),
        ("http-500,pages=2", "unknown field"),
        ("http-500,page", "not key=value"),
        ("http-500,probability=2", "0 to 1"),
    ] {
        let error = text.parse::<Fault>().expect_err(text).to_string();
        assert!(error.contains(why), "{text}: {error}");
    }
}
