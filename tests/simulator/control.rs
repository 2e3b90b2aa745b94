//! Control over HTTP while it runs.

use coupontools_mirror::simulator::Options;
use serde_json::{Value, json};

use crate::asker::Asker;

const REGISTRATIONS: &str = "/simulator/directories/dir_10001/registrations";

#[tokio::test]
async fn the_truth_is_what_paging_yields_when_quiet() {
    let asker = Asker::start(Options::quiet(&[230, 5])).await;
    asker.control(REGISTRATIONS, json!({"insert": 20, "delete_random": 15, "edit": 40})).await;
    let truth = asker.get("/simulator/truth").await.json();
    assert_eq!(truth["directories"][0]["registrations"], 235);
    assert_eq!(truth["directories"][1]["directory_id"], "dir_10002");
    let lines = asker.get("/simulator/truth/dir_10001").await;
    assert_eq!(lines.headers["content-type"], "application/x-ndjson");
    let mut paged = Vec::new();
    for page in 1..=3 {
        paged.extend(asker.page(page).await.json()["user_info"].as_array().unwrap().clone());
    }
    let told: Vec<Value> = lines.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(told.len(), 235);
    for (told, paged) in told.iter().zip(&paged) {
        assert_eq!(&told["row"], paged);
        assert_eq!(told["id"], paged["ID"]);
        assert_eq!(told["standing"]["first_name"], paged["firstname"]);
        assert_eq!(told["standing"]["email"], paged["email"]);
        assert_eq!(told["standing"]["paid"].to_string(), paged["paid"].as_str().unwrap());
        let at = told["standing"]["registered_at"].as_str().unwrap().replace('T', " ").replace('Z', "");
        assert_eq!(at, paged["registered_utc"].as_str().unwrap());
    }
}

#[tokio::test]
async fn the_truth_does_not_depend_on_how_answers_are_spelt() {
    let asker = Asker::start(Options::quiet(&[30])).await;
    let plain = asker.get("/simulator/truth/dir_10001").await.text;
    asker
        .control("/simulator/behaviour", json!({"keys": "snake", "unset": "absent", "dates": "absent"}))
        .await;
    assert_eq!(asker.get("/simulator/truth/dir_10001").await.text, plain);
}

#[tokio::test]
async fn registrations_come_go_change_and_come_back() {
    let asker = Asker::start(Options::quiet(&[10])).await;
    let before = asker.page(1).await;
    let applied = asker.control(REGISTRATIONS, json!({"insert": 2})).await.json();
    assert_eq!(applied["inserted"], json!(["reg_1000011", "reg_1000012"]));
    let applied = asker.control(REGISTRATIONS, json!({"delete": ["reg_1000004", "reg_99"]})).await.json();
    assert_eq!(applied["deleted"], json!(["reg_1000004"]));
    let applied = asker.control(REGISTRATIONS, json!({"delete_newest": 2})).await.json();
    assert_eq!(applied["deleted"], json!(["reg_1000011", "reg_1000012"]));
    assert_eq!(asker.page(1).await.ids().len(), 9);
    let applied = asker.control(REGISTRATIONS, json!({"restore": ["reg_1000004"]})).await.json();
    assert_eq!(applied["restored"], json!(["reg_1000004"]));
    assert_eq!(asker.page(1).await.text, before.text, "back where it was");
    asker.control(REGISTRATIONS, json!({"edit_ids": ["reg_1000004"]})).await;
    let after = asker.page(1).await;
    let differing: Vec<_> = rows(&before).into_iter().zip(rows(&after)).filter(|(a, b)| a != b).collect();
    assert_eq!(differing.len(), 1);
    assert_eq!(differing[0].1["ID"], "reg_1000004");
    let applied = asker.control(REGISTRATIONS, json!({"edit": 4, "delete_random": 3})).await.json();
    assert_eq!(applied["edited"].as_array().unwrap().len(), 4);
    assert_eq!(asker.page(1).await.ids().len(), 7);
}

fn rows(answer: &crate::asker::Answer) -> Vec<Value> {
    answer.json()["user_info"].as_array().expect("rows").clone()
}

#[tokio::test]
async fn who_registers_again_gets_a_new_id() {
    let asker = Asker::start(Options::quiet(&[100])).await;
    asker.control(REGISTRATIONS, json!({"delete_random": 90})).await;
    let applied = asker.control(REGISTRATIONS, json!({"insert": 200})).await.json();
    assert_eq!(applied["inserted"].as_array().unwrap().len(), 200);
    let standing = asker.simulator.world().standing("dir_10001").unwrap();
    let again = standing.iter().filter(|row| {
        let number = row.registration_id.trim_start_matches("reg_");
        !row.email.as_deref().unwrap().contains(number)
    });
    assert!(again.count() > 3, "people who were deleted come back");
}

#[tokio::test]
async fn directories_appear_and_vanish() {
    let asker = Asker::start(Options::quiet(&[1])).await;
    let added = asker.control("/simulator/directories", json!({"registrations": 7})).await.json();
    assert_eq!(added["directory_id"], "dir_10002");
    let users = json!({"directory": "dir_10002"});
    assert_eq!(asker.ask("/v3/directoryusers/list", users.clone()).await.ids().len(), 7);
    assert_eq!(asker.delete("/simulator/directories/dir_10002").await.status, 200);
    assert_eq!(asker.ask("/v3/directoryusers/list", users).await.error_code(), Some(507));
    assert_eq!(asker.delete("/simulator/directories/dir_10002").await.status, 404);
    let next = asker.control("/simulator/directories", json!({"account": "demo-id"})).await.json();
    assert_eq!(next["directory_id"], "dir_10003", "IDs are not used again");
}

#[tokio::test]
async fn the_behaviour_is_merged_and_set_back() {
    let asker = Asker::start(Options::quiet(&[150])).await;
    let changed = json!({"rows_a_page": 30, "before_each_page": {"insert": 1}});
    let now = asker.control("/simulator/behaviour", changed).await.json();
    assert_eq!(
        now["before_each_page"],
        json!({"insert": 1, "edit": 0, "delete_newest": 0, "delete_random": 0})
    );
    assert_eq!(asker.page(1).await.ids().len(), 30);
    let now = asker.control("/simulator/behaviour", json!({"rows_a_page": null})).await.json();
    assert_eq!((&now["rows_a_page"], &now["before_each_page"]["insert"]), (&json!(100), &json!(1)));
    assert_eq!(asker.get("/simulator/behaviour").await.json(), now);
}

#[tokio::test]
async fn what_is_unknown_or_makes_no_sense_is_refused_and_changes_nothing() {
    let asker = Asker::start(Options::quiet(&[5])).await;
    let before = asker.get("/simulator/behaviour").await.text;
    for (path, body) in [
        ("/simulator/behaviour", json!([])),
        ("/simulator/behaviour", json!({"life": []})),
        ("/simulator/behaviour", json!({"past-end": "null"})),
        ("/simulator/behaviour", json!({"past_end": "nothing"})),
        ("/simulator/behaviour", json!({"life": {"births_per_minute": 1}})),
        ("/simulator/behaviour", json!({"rows_a_page": 0})),
        ("/simulator/behaviour", json!({"hide_every": 1})),
        ("/simulator/behaviour", json!({"latency_ms": 86_400_000})),
        ("/simulator/faults", json!({"kind": "http-500", "pages": 1})),
        ("/simulator/faults", json!({"kind": "http-500", "probability": -1})),
        ("/simulator/faults", json!({})),
        ("/simulator/directories", json!({"size": 1})),
        ("/simulator/directories", json!({"registrations": 4_000_000_000_u32})),
        ("/simulator/directories", json!({"account": "nobody"})),
        (REGISTRATIONS, json!({"inserts": 1})),
        (REGISTRATIONS, json!({"insert": 4_000_000_000_u32})),
        (REGISTRATIONS, json!({"delete": ["somebody"]})),
        (REGISTRATIONS, json!([])),
    ] {
        let answer = asker.control(path, body.clone()).await;
        assert_eq!(answer.status, 400, "{path} {body}");
        assert!(answer.json()["error"].is_string());
    }
    assert_eq!(asker.get("/simulator/behaviour").await.text, before);
    assert_eq!(asker.get("/simulator/truth").await.json()["directories"][0]["registrations"], 5);
    let nowhere = "/simulator/directories/dir_9/registrations";
    assert_eq!(asker.control(nowhere, json!({"insert": 1})).await.status, 404);
    assert_eq!(asker.get("/simulator/truth/dir_9").await.status, 404);
}

#[tokio::test]
async fn requests_are_counted_and_listed() {
    let asker = Asker::start(Options::quiet(&[150, 1])).await;
    asker.control("/simulator/faults", json!({"kind": "http-503", "page": 2})).await;
    assert_eq!(asker.get("/simulator/faults").await.json()["faults"][0]["kind"], "http-503");
    asker.page(1).await;
    asker.page(2).await;
    asker.ask("/v3/directory/list", json!({})).await;
    asker.ask("/v3/directory/info", json!({"directory": "dir_10002"})).await;
    let requests = asker.get("/simulator/requests").await.json();
    assert_eq!(requests["total"], 4);
    assert_eq!(requests["by_call"], json!({"directory-list": 1, "directory-info": 1, "users-list": 2}));
    assert_eq!(requests["by_directory"], json!({"dir_10001": 2, "dir_10002": 1}));
    let second = &requests["requests"][1];
    assert_eq!((&second["page"], &second["fault"]), (&json!("2"), &json!("http-503")));
    assert_eq!((&second["cookie"], &second["keys_in"]), (&json!(false), &json!("headers")));
    asker.control("/simulator/requests/reset", json!({})).await;
    assert_eq!(asker.get("/simulator/requests").await.json()["total"], 0);
}

#[tokio::test]
async fn every_variant_is_listed_with_what_it_does() {
    let asker = Asker::start(Options::quiet(&[])).await;
    let listed = asker.get("/simulator/variants").await.json();
    let listed = listed["variants"].as_array().unwrap();
    assert!(listed.len() > 90);
    assert!(listed.iter().all(|variant| variant["what"].as_str().is_some_and(|what| !what.is_empty())));
}
