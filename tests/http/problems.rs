//! What goes wrong is a problem with a hint, whatever it is.

use reqwest::Method;
use serde_json::json;

use crate::asker::Server;
use crate::promises::lively;

#[test]
fn every_error_is_a_problem_with_a_hint() {
    let (_upstream, mirror) = lively();
    let server = Server::serve(&mirror);
    let long = "x".repeat(40_000);
    let refused = [
        (404, "/nowhere"),
        (404, "/api"),
        (404, "/api/v1"),
        (404, "/api/v1/directories/"),
        (404, "/api/v1/directories/dir_99999"),
        (404, "/api/v1/directories/dir_99999/registrations"),
        (404, "/api/v1/directories/dir_10001/walks"),
        (404, "/api/v2/directories"),
        (404, "/API/v1/directories"),
        (400, "/api/v1/directories/%ff"),
        (400, "/api/v1/directories/%ff/registrations"),
        (400, "/api/v1/changes?after=-1"),
        (400, "/api/v1/changes?after=x"),
        (400, "/api/v1/changes?after=9223372036854775808"),
        (400, "/api/v1/changes?wait=61"),
        (400, "/api/v1/changes?wait=-1"),
        (400, "/api/v1/changes?wait=1.5"),
        (400, "/api/v1/changes?limit=0"),
        (400, "/api/v1/changes?limit=1001"),
        (400, "/api/v1/changes?limit="),
        (400, "/api/v1/changes?limit=1&limit=2"),
        (400, "/api/v1/changes?before=3"),
        (400, "/api/v1/walks?limit=-1"),
        (400, "/api/v1/walks?page=2"),
        (400, "/api/v1/walks?after=x"),
        (400, "/api/v1/query"),
        (400, "/api/v1/query?sql="),
        (400, "/api/v1/query?sql=SELECT+1&format=xml"),
        (400, "/api/v1/query?sql=SELECT+1&format=JSON"),
        (400, "/api/v1/query?sql=SELECT+1&exact=yes"),
        (400, "/api/v1/query?sql=SELECT+1&sql=SELECT+2"),
        (400, "/api/v1/query?sql=SELECT+:a&p.a=1&p.a=2"),
        (400, "/api/v1/query?sql=SELECT+1&limit=5"),
        (400, "/api/v1/query?sql=SELEC"),
        (400, "/api/v1/query?sql=SELECT+%00"),
        (400, "/api/v1/query?sql=SELECT+nothing"),
        (400, "/api/v1/query?sql=SELECT+?&p.1=1"),
        (400, "/api/v1/query?sql=SELECT+:a"),
        (400, "/api/v1/query?sql=SELECT+1&p.a=1"),
    ];
    for (status, path) in refused {
        let problem = server.get(path).send().problem(status);
        assert!(!problem.to_string().contains(mirror.folder().to_str().unwrap()), "{path}: {problem}");
    }
    server.get(&format!("/api/v1/query?sql={long}")).send().problem(414);
    server.get(&format!("/{long}")).send().problem(414);
    server.get("/api/v1/directories").with("since", "2026-11-23").send();
}

#[test]
fn a_body_that_is_none_is_a_problem_too() {
    let (_upstream, mirror) = lively();
    let server = Server::serve(&mirror);
    let post = |content_type: &str, body: &str| {
        server.ask(Method::POST, "/api/v1/query").body(content_type, body).send()
    };
    for body in ["", "[]", "null", "{", "{}", "{\"sql\":1}", "{\"sql\":\"SELECT 1\",\"x\":1}", "\u{0}"] {
        let answer = post("application/json", body);
        answer.problem(answer.status);
        assert!([400, 422].contains(&answer.status), "{body}: {}", answer.status);
    }
    for body in [
        json!({"sql": "SELECT :a", "parameters": {"a": [1]}}),
        json!({"sql": "SELECT :a", "parameters": {"a": {"b": 1}}}),
        json!({"sql": "SELECT :a", "parameters": {"b": 1}}),
        json!({"sql": "SELECT 1", "parameters": {"b": 1}}),
        json!({"sql": "SELECT 1", "format": "table"}),
        json!({"sql": "SELECT 1\u{0}"}),
    ] {
        let answer = server.post(&body).send();
        answer.problem(answer.status);
        assert!([400, 422].contains(&answer.status), "{body}: {}", answer.status);
    }
    post("text/plain", "{\"sql\":\"SELECT 1\"}").problem(415);
    post("application/x-www-form-urlencoded", "sql=SELECT+1").problem(415);
    let large = json!({ "sql": format!("SELECT 1 --{}", "x".repeat(3 << 20)) });
    server.post(&large).send().problem(413);
    let long = json!({ "sql": format!("SELECT 1 --{}", "x".repeat(1 << 20)) });
    server.post(&long).send().problem(400);
}

#[test]
fn nothing_but_reading_is_allowed_and_says_what_is() {
    let (_upstream, mirror) = lively();
    let server = Server::serve(&mirror);
    let methods = ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"]
        .map(|name| Method::from_bytes(name.as_bytes()).unwrap());
    for method in methods {
        for (path, allowed) in [
            ("/api/v1/directories", "GET,HEAD"),
            ("/api/v1/changes", "GET,HEAD"),
            ("/api/v1/query", "GET,HEAD,POST"),
            ("/healthz", "GET,HEAD"),
            ("/openapi.json", "GET,HEAD"),
        ] {
            let answer = server.ask(method.clone(), path).send();
            answer.problem(405);
            assert_eq!(answer.header("allow"), Some(allowed), "{method} {path}");
        }
    }
    let answer = server.ask(Method::POST, "/api/v1/directories").json(&json!({})).send();
    answer.problem(405);
    assert_eq!(answer.header("allow"), Some("GET,HEAD"));
}
