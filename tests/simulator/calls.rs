//! The five calls and every error that the vendor's page names.

use coupontools_mirror::simulator::{AccountKeys, Call, DirectorySpec, Options};
use serde_json::{Value, json};

use crate::asker::{Asker, read};

const USERS: &str = "/v3/directoryusers/list";
const INFO: &str = "/v3/directory/info";
const LIST: &str = "/v3/directory/list";
const EMAIL: &str = "/v3/send/email";
const SMS: &str = "/v3/send/sms";

#[tokio::test]
async fn the_directory_list_names_every_directory_of_the_account() {
    let mut options = Options::quiet(&[12, 3]);
    options.directories.push(DirectorySpec::without_registration());
    let asker = Asker::start(options).await;
    let answer = asker.ask(LIST, json!({})).await;
    let json = answer.json();
    assert_eq!(json["status"], json!({"status": "OK"}));
    let rows = json["directory_info"].as_array().unwrap();
    let seen: Vec<_> =
        rows.iter().map(|row| (&row["ID"], &row["amount_of_users"], &row["registration"])).collect();
    let (one, zero) = (json!("1"), json!("0"));
    assert_eq!(
        seen,
        [
            (&json!("dir_10001"), &json!("12"), &one),
            (&json!("dir_10002"), &json!("3"), &one),
            (&json!("dir_10003"), &zero, &zero),
        ]
    );
    assert_eq!(answer.headers["set-cookie"], "PHPSESSID=0123456789abcdef0123456789; path=/");
}

#[tokio::test]
async fn directory_info_gives_one_directory() {
    let asker = Asker::start(Options::quiet(&[12, 3])).await;
    let json = asker.ask(INFO, json!({"directory": "dir_10002"})).await.json();
    assert_eq!(json["directory_info"]["ID"], "dir_10002");
    assert_eq!(json["directory_info"]["amount_of_users"], "3");
}

#[tokio::test]
async fn a_page_holds_the_newest_hundred_and_an_absent_page_is_the_first() {
    let asker = Asker::start(Options::quiet(&[250])).await;
    let first = asker.page(1).await.ids();
    assert_eq!(first.len(), 100);
    assert_eq!(first[0], "reg_1000250");
    assert_eq!(asker.ask(USERS, json!({"directory": "dir_10001"})).await.ids(), first);
    assert_eq!(asker.page(3).await.ids().len(), 50);
    assert_eq!(asker.page(4).await.ids().len(), 0);
    assert_eq!(asker.all_ids().await, asker.true_ids());
}

#[tokio::test]
async fn a_directory_without_registration_has_no_users_and_no_error() {
    let mut options = Options::quiet(&[]);
    options.directories.push(DirectorySpec::without_registration());
    let asker = Asker::start(options).await;
    assert_eq!(asker.page(1).await.text, r#"{"status":{"status":"OK"},"user_info":[]}"#);
}

#[tokio::test]
async fn forms_and_keys_in_the_body_are_taken_too() {
    let asker = Asker::start(Options::quiet(&[150])).await;
    let form = asker
        .post(USERS)
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body("client_id=demo-id&client_secret=demo-secret&directory=dir_10001&page=2");
    assert_eq!(read(form).await.unwrap().ids().len(), 50);
    let body = json!({"client_id": "demo-id", "client_secret": "demo-secret", "directory": "dir_10001", "page": "2"});
    let in_json = asker.post(USERS).header("Content-Type", "application/json").body(body.to_string());
    assert_eq!(read(in_json).await.unwrap().ids().len(), 50);
    let requests = serde_json::to_value(asker.simulator.world().requests()).unwrap();
    assert_eq!(requests["requests"][0]["keys_in"], "body");
    assert_eq!(requests["requests"][1]["page"], "2");
}

#[tokio::test]
async fn wrong_keys_are_error_1000_with_http_401() {
    let asker = Asker::start(Options::quiet(&[1])).await;
    for keys in [None, Some(("demo-id", "wrong")), Some(("wrong", "demo-secret"))] {
        let mut request = asker.post(LIST).header("Content-Type", "application/json").body("{}");
        if let Some((id, secret)) = keys {
            request = request.header("X-Client-Id", id).header("X-Client-Secret", secret);
        }
        let answer = read(request).await.unwrap();
        assert_eq!(answer.status, 401);
        assert_eq!(
            answer.json()["status"],
            json!({"status": "failed", "errors": {"error_code": 1000, "error_message":
                "HTTP/1.0 401 Unauthorized. Client ID or Secret not correct."}})
        );
    }
}

#[tokio::test]
async fn every_documented_error_comes_when_it_should() {
    let asker = Asker::start(Options::quiet(&[1])).await;
    let to = |who: &str| json!({"campaign": "dir_10001", "email": who, "phone": who});
    let table: [(&str, Value, Value, u64); 22] = [
        (INFO, json!({}), json!({}), 301),
        (INFO, json!({}), json!({"directory": ""}), 301),
        (INFO, json!({}), json!({"directory": "dir_99999"}), 507),
        (USERS, json!({}), json!({}), 301),
        (USERS, json!({}), json!({"directory": "10001"}), 507),
        (USERS, json!({}), json!({"directory": "dir_10001", "page": "two"}), 301),
        (EMAIL, json!({}), json!({"email": "a@example.com"}), 200),
        (EMAIL, json!({}), json!({"campaign": "dir_10001"}), 200),
        (EMAIL, json!({}), json!({"campaign": "cam_1", "email": "a@example.com"}), 301),
        (EMAIL, json!({}), json!({"campaign": "dir_9", "email": "a@example.com"}), 502),
        (EMAIL, json!({}), to("not an address"), 305),
        (EMAIL, json!({"invalid_recipients": ["a@example.com"]}), to("a@example.com"), 305),
        (EMAIL, json!({"email_connected": false}), to("a@example.com"), 104),
        (EMAIL, json!({"refused_recipients": ["a@example.com"]}), to("a@example.com"), 604),
        (SMS, json!({}), json!({"campaign": "dir_10001"}), 200),
        (SMS, json!({}), json!({"campaign": "dir_9", "phone": "+447700900123"}), 502),
        (SMS, json!({}), to("07700900123"), 301),
        (SMS, json!({}), to("+0447700900123"), 301),
        (SMS, json!({"invalid_recipients": ["+447700900123"]}), to("+447700900123"), 301),
        (SMS, json!({"sms_connected": false}), to("+447700900123"), 103),
        (SMS, json!({"opted_out": ["+447700900123"]}), to("+447700900123"), 605),
        (SMS, json!({"refused_recipients": ["+447700900123"]}), to("+447700900123"), 602),
    ];
    for (path, behaviour, parameters, code) in table {
        asker.simulator.world().set_behaviour(Default::default());
        asker.simulator.world().merge_behaviour(behaviour).unwrap();
        let answer = asker.ask(path, parameters.clone()).await;
        assert_eq!((answer.error_code(), answer.status), (Some(code), 422), "{path} {parameters}");
    }
    let bad_phone = asker.ask(SMS, to("07700900123")).await;
    assert!(bad_phone.text.contains("Phone number not valid"));
    assert_eq!(asker.simulator.world().sends(), []);
}

#[tokio::test]
async fn a_body_that_cannot_be_read_is_an_error_of_the_request() {
    let asker = Asker::start(Options::quiet(&[1])).await;
    for (kind, body) in [("application/json", "{"), ("application/json", "[1]"), ("text/plain", "page=1")] {
        let request = asker
            .post(LIST)
            .header("X-Client-Id", "demo-id")
            .header("X-Client-Secret", "demo-secret")
            .header("Content-Type", kind)
            .body(body);
        assert_eq!(read(request).await.unwrap().error_code(), Some(300), "{kind} {body}");
    }
}

#[tokio::test]
async fn every_send_is_kept() {
    let asker = Asker::start(Options::quiet(&[1])).await;
    let email = json!({"campaign": "dir_10001", "email": "a@example.com", "subject": "Hello"});
    assert_eq!(asker.ask(EMAIL, email).await.text, r#"{"status":{"status":"OK"}}"#);
    let sms = json!({"campaign": "dir_10001", "phone": "+447700900123"});
    assert_eq!(asker.ask(SMS, sms).await.status, 200);
    let sends = asker.get("/simulator/sends").await.json();
    assert_eq!(
        sends["sends"],
        json!([
            {"send_id": 1, "channel": "email", "account": "demo-id", "directory": "dir_10001",
             "recipient": "a@example.com", "text": "Hello"},
            {"send_id": 2, "channel": "sms", "account": "demo-id", "directory": "dir_10001",
             "recipient": "+447700900123", "text": null},
        ])
    );
}

#[tokio::test]
async fn an_account_sees_its_own_directories_only() {
    let mut options = Options::quiet(&[5, 6, 7]);
    options.accounts.push(AccountKeys::new("other-id", "other-secret"));
    let asker = Asker::start(options).await;
    let other = |path: &str, parameters: Value| {
        let request = asker
            .post(path)
            .header("X-Client-Id", "other-id")
            .header("X-Client-Secret", "other-secret")
            .header("Content-Type", "application/json")
            .body(parameters.to_string());
        async { read(request).await.unwrap() }
    };
    let ids = |json: Value| {
        let rows = json["directory_info"].as_array().unwrap().clone();
        rows.into_iter().map(|row| row["ID"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(ids(asker.ask(LIST, json!({})).await.json()), ["dir_10001", "dir_10003"]);
    assert_eq!(ids(other(LIST, json!({})).await.json()), ["dir_10002"]);
    assert_eq!(other(USERS, json!({"directory": "dir_10001"})).await.error_code(), Some(507));
    assert_eq!(asker.simulator.world().requests().of(Call::DirectoryList), 2);
}
