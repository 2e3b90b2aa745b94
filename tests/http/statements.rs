//! SQL over HTTP: one reading statement, its parameters, its formats.

use reqwest::Method;
use rusqlite::Connection;
use serde_json::{Value, json};

use crate::asker::Server;
use crate::promises::lively;

#[test]
fn everything_but_one_reading_statement_is_refused_and_changes_nothing() {
    let (_upstream, mirror) = lively();
    let token = mirror.call(&["token", "add", "m", "--masked"]).exits(0).stdout;
    let server = Server::serve(&mirror);
    let other = mirror.path("other.db");
    Connection::open(&other)
        .unwrap()
        .execute_batch("CREATE TABLE t (secret); INSERT INTO t VALUES ('x')")
        .unwrap();
    let before = mirror.file().texts("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name");
    for sql in [
        "SELECT 1; SELECT 2",
        "SELECT 1; DELETE FROM registration",
        "DELETE FROM registration",
        "DELETE FROM registration RETURNING email",
        "UPDATE registration SET email = NULL",
        "INSERT INTO setting VALUES ('x', 'y')",
        "REPLACE INTO setting VALUES ('x', 'y')",
        "WITH x(a) AS (VALUES (1)) DELETE FROM registration",
        "DROP TABLE registration",
        "CREATE TABLE x (a)",
        "CREATE TEMP TABLE x (a)",
        "CREATE TEMP VIEW registrations AS SELECT 1",
        "CREATE VIRTUAL TABLE x USING fts5(a)",
        &format!("ATTACH '{}' AS other", other.display()),
        "ATTACH ':memory:' AS other",
        "DETACH main",
        "PRAGMA journal_mode = DELETE",
        "PRAGMA query_only = 0",
        "PRAGMA trusted_schema = 1",
        "PRAGMA writable_schema = 1",
        "PRAGMA wal_checkpoint(TRUNCATE)",
        "PRAGMA temp_store_directory = '/'",
        "PRAGMA database_list",
        "VACUUM",
        "VACUUM INTO 'copy.db'",
        "BEGIN",
        "COMMIT",
        "ROLLBACK",
        "SAVEPOINT x",
        "ANALYZE",
        "REINDEX",
        "SELECT load_extension('x')",
        "SELECT readfile('/etc/passwd')",
        "SELECT writefile('x', 'y')",
        "SELECT * FROM pragma_database_list",
        "SELECT fts3_tokenizer('x')",
        "",
        ";",
        "-- nothing",
        "SELECT 1\u{0}; DELETE FROM registration",
    ] {
        for ask in
            [server.query(sql), server.query(sql).token(token.trim()), server.post(&json!({ "sql": sql }))]
        {
            let answer = ask.send();
            assert!([400, 403].contains(&answer.status), "{sql}: {} {}", answer.status, answer.text());
            let problem = answer.problem(answer.status);
            assert!(!problem.to_string().contains(mirror.folder().to_str().unwrap()), "{sql}: {problem}");
        }
    }
    let after = mirror.file().texts("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name");
    assert_eq!(after, before);
    assert!(!mirror.path("copy.db").exists());
    mirror.file().assert_whole();
}

#[test]
fn parameters_are_values_and_never_sql() {
    let (_upstream, mirror) = lively();
    let server = Server::serve(&mirror);
    let nasty = "'; DROP TABLE registration; -- \u{1f600} \" \\ %";
    let answer = server
        .query("SELECT :a AS a, typeof(:a) AS t, @b, $c")
        .with("p.a", nasty)
        .with("p.b", "1")
        .with("p.c", "");
    assert_eq!(answer.send().ok().json()["rows"], json!([[nasty, "text", "1", ""]]));
    let body = json!({
        "sql": "SELECT :text, :integer, :real, :null, :yes, :no, typeof(:integer), typeof(:real)",
        "parameters": {"text": nasty, "integer": -9_007_199_254_740_993_i64, "real": 0.5, "null": null, "yes": true, "no": false},
    });
    assert_eq!(
        server.post(&body).send().ok().json()["rows"],
        json!([[nasty, -9_007_199_254_740_993_i64, 0.5, null, 1, 0, "integer", "real"]])
    );
}

#[test]
fn each_format_is_what_it_says() {
    let (_upstream, mirror) = lively();
    let server = Server::serve(&mirror);
    let sql = "SELECT '=1+1' AS f, 'ä,\"b\"' AS t, NULL AS n, 1.5 AS r UNION ALL SELECT 'x', '', 2, 3";
    let json = server.query(sql).send().ok();
    assert_eq!(json.header("content-type"), Some("application/json"));
    assert_eq!(json.json()["columns"], json!(["f", "t", "n", "r"]));
    assert_eq!(json.json()["rows"], json!([["=1+1", "ä,\"b\"", null, 1.5], ["x", "", 2, 3]]));
    let lines = server.query(sql).with("format", "ndjson").send().ok();
    assert_eq!(lines.header("content-type"), Some("application/x-ndjson"));
    let lines: Vec<Value> = lines.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines[0], json!({"f": "=1+1", "t": "ä,\"b\"", "n": null, "r": 1.5}));
    let csv = server.query(sql).with("format", "csv").send().ok();
    assert!(csv.header("content-type").unwrap().starts_with("text/csv; charset=utf-8"));
    assert!(csv.text().starts_with("f,t,n,r") && !csv.text().contains("\n=1+1"), "{}", csv.text());
    let exact = server.query(sql).with("format", "csv").with("exact", "true").send().ok();
    assert!(exact.text().contains("\n=1+1,"), "{}", exact.text());
    let posted =
        server.ask(Method::POST, "/api/v1/query").json(&json!({"sql": sql, "format": "csv", "exact": true}));
    assert_eq!(posted.send().ok().text(), exact.text());
    let none = server.query("SELECT 1 AS a WHERE 0").send().ok().json();
    assert_eq!(none, json!({"columns": ["a"], "rows": []}));
}
