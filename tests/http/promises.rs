//! Every promise of paths, shapes and columns, judged by the views' rows in the file.

use serde_json::Value;

use crate::asker::Server;
use crate::rows::{assert_shown, of_answer, read};
use crate::stage::{DIRECTORY, Mirror, Upstream};

/// Two walked directories with newcomers, edits, removed and missing people; and one without anybody.
pub fn lively() -> (Upstream, Mirror) {
    let upstream = Upstream::of(&[230, 12, 0]);
    let mirror = Mirror::of(&upstream).http("without_token = \"full\"");
    mirror.sync(&[]).exits(0);
    for _ in 0..3 {
        upstream.stir(DIRECTORY);
        mirror.sync(&["--full"]).exits(0);
    }
    (upstream, mirror)
}

/// Each list: where it is, its key, and the view's rows in the same order.
const LISTS: [(&str, &str, &str); 5] = [
    ("/api/v1/directories", "directories", "SELECT * FROM directories ORDER BY account, directory_id"),
    ("/api/v1/changes?limit=1000", "changes", "SELECT * FROM registration_changes ORDER BY seq"),
    ("/api/v1/walks?limit=1000", "walks", "SELECT * FROM walks ORDER BY walk_id DESC"),
    (
        "/api/v1/directories/dir_10001/registrations?limit=1000",
        "registrations",
        "SELECT * FROM registrations WHERE directory_id = 'dir_10001'
            ORDER BY registered_at DESC, registration_id DESC",
    ),
    (
        "/api/v1/directories/dir_10001/registrations?state=removed&limit=1000",
        "registrations",
        "SELECT * FROM removed_registrations WHERE directory_id = 'dir_10001'
            ORDER BY registered_at DESC, registration_id DESC",
    ),
];

/// Rows of one second may stand in either order.
fn sorted(rows: &Value, key: &str) -> Value {
    let mut rows = rows.as_array().unwrap().clone();
    if key == "registrations" {
        rows.sort_by_key(|row| std::cmp::Reverse((text(row, "registered_at"), text(row, "registration_id"))));
    }
    Value::Array(rows)
}

fn text(row: &Value, column: &str) -> String {
    row[column].as_str().unwrap_or_default().to_owned()
}

#[test]
fn every_list_has_the_views_columns_and_rows_for_full_and_for_masked_readers() {
    let (_upstream, mirror) = lively();
    let token = mirror.call(&["token", "add", "masked", "--masked"]).exits(0).stdout;
    let server = Server::serve(&mirror);
    for (path, key, sql) in LISTS {
        let answer = server.get(path).send().ok();
        assert_eq!(answer.header("content-type"), Some("application/json"));
        let listed = sorted(&answer.json()[key], key);
        assert!(!listed.as_array().unwrap().is_empty(), "{path}");
        assert_shown(&read(&mirror.database(), sql), &listed);
        let masked = server.get(path).token(token.trim()).send().ok().json();
        let view = of_answer(&server.query(sql).token(token.trim()).send().ok().json());
        assert_shown(&view, &sorted(&masked[key], key));
    }
}

#[test]
fn one_directory_is_an_object_with_the_views_columns() {
    let (_upstream, mirror) = lively();
    let server = Server::serve(&mirror);
    for id in [DIRECTORY, "dir_10003"] {
        let view =
            read(&mirror.database(), &format!("SELECT * FROM directories WHERE directory_id = '{id}'"));
        assert_shown(&view, &vec![server.json(&format!("/api/v1/directories/{id}"))].into());
    }
}

#[test]
fn the_status_is_what_the_command_prints() {
    let (_upstream, mirror) = lively();
    let server = Server::serve(&mirror);
    let mut printed: Value =
        serde_json::from_str(&mirror.call(&["status", "--json"]).exits(0).stdout).unwrap();
    let mut answered = server.json("/api/v1/status");
    for status in [&mut printed, &mut answered] {
        for line in status["directories"].as_array_mut().unwrap() {
            assert!(line["age_s"].take().is_i64());
        }
    }
    assert_eq!(answered, printed);
}

#[test]
fn instants_are_utc_text_and_days_are_days() {
    let (_upstream, mirror) = lively();
    let server = Server::serve(&mirror);
    let is_instant = |value: &Value| {
        let shape: String =
            value.as_str().unwrap().chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
        shape == "0000-00-00T00:00:00Z"
    };
    for (path, key, _) in LISTS {
        for row in server.json(path)[key].as_array().unwrap() {
            for (column, value) in row.as_object().unwrap().iter().filter(|(_, value)| !value.is_null()) {
                if column.ends_with("_at") || column == "at" || column == "missing_since" {
                    assert!(is_instant(value), "{column}: {value}");
                }
                if column == "registered_on" {
                    assert_eq!(value.as_str().unwrap().len(), 10);
                }
            }
        }
    }
}

#[test]
fn every_path_of_the_description_answers_and_every_path_of_the_api_is_described() {
    let (_upstream, mirror) = lively();
    let server = Server::serve(&mirror);
    let described = server.json("/openapi.json");
    assert!(described["openapi"].as_str().unwrap().starts_with("3."));
    let paths: Vec<&String> = described["paths"].as_object().unwrap().keys().collect();
    for path in [
        "/api/v1/directories",
        "/api/v1/directories/{directory_id}",
        "/api/v1/directories/{directory_id}/registrations",
        "/api/v1/changes",
        "/api/v1/walks",
        "/api/v1/status",
        "/api/v1/query",
    ] {
        assert!(paths.iter().any(|one| *one == path), "{path} is not described in {paths:?}");
    }
    for path in paths.iter().filter(|path| path.starts_with("/api/")) {
        let path = path.replace("{directory_id}", DIRECTORY);
        server.get(&path).with("sql", "SELECT 1").send();
        let ask = server.get(&path);
        let ask = if path.ends_with("query") { ask.with("sql", "SELECT 1") } else { ask };
        ask.send().ok();
    }
}

#[test]
fn health_and_description_need_no_token_and_the_documentation_needs_no_network() {
    let (_upstream, mirror) = lively();
    let mirror = mirror.http("query_timeout_s = 5");
    std::fs::write(
        mirror.configuration(),
        std::fs::read_to_string(mirror.configuration())
            .unwrap()
            .replace("without_token = \"full\"", "without_token = \"nothing\""),
    )
    .unwrap();
    let server = Server::serve(&mirror);
    server.get("/api/v1/directories").send().problem(401);
    assert_eq!(server.get("/healthz").send().ok().text(), "ok\n");
    assert_eq!(server.get("/readyz").send().ok().text(), "fresh\n");
    server.json("/openapi.json");
    let page = server.get("/docs/").send().ok().text();
    assert!(page.contains("swagger") && !page.contains("https://"), "{page}");
}
