//! What the log of a server says: nothing that a request or an answer holds.

use reqwest::Method;
use serde_json::json;

use crate::raw;
use crate::stage::{DIRECTORY, Mirror, Upstream};

#[test]
fn no_token_no_statement_no_parameter_and_nobodys_data_is_logged() {
    let upstream = Upstream::of(&[60]);
    for format in ["text", "json"] {
        let mirror = Mirror::of(&upstream).http("query_timeout_s = 1");
        mirror.sync(&[]).exits(0);
        let token = mirror.call(&["token", "add", "f"]).exits(0).stdout;
        let token = token.trim();
        let mut running = mirror.start(&[
            "--log-format",
            format,
            "--log-level",
            "trace",
            "serve",
            "--listen",
            "127.0.0.1:0",
        ]);
        let mut port = None;
        crate::stage::until("it listens", || {
            assert!(!running.has_ended());
            let said = running.stderr();
            port = said
                .split("http://127.0.0.1:")
                .nth(1)
                .map(|rest| rest.chars().take_while(char::is_ascii_digit).collect::<String>());
            port.is_some()
        });
        let url = format!("http://127.0.0.1:{}", port.unwrap());
        let ask = |method: Method, path: &str| crate::asker::Ask::new(method, &format!("{url}{path}"));
        let get = |path: &str| ask(Method::GET, path);
        get("/api/v1/directories/dir_10001/registrations?limit=1000").token(token).send().ok();
        get("/api/v1/directories/dir_10001/registrations?text=Marker-Text").token(token).send().ok();
        get("/api/v1/directories/dir_10001/registrations?after=Marker-Cursor")
            .token(token)
            .send()
            .problem(400);
        get("/api/v1/directories/Marker-Directory").token(token).send().problem(404);
        get("/api/v1/query")
            .with("sql", "SELECT 'Marker-Sql', email FROM registrations")
            .token(token)
            .send()
            .ok();
        get("/api/v1/query").with("sql", "SELECT Marker_Name").token(token).send().problem(400);
        get("/api/v1/query").with("sql", "SELECT :a").with("p.a", "Marker-Value").token(token).send().ok();
        ask(Method::POST, "/api/v1/query")
            .json(&json!({"sql": "SELECT 'Marker-Body'"}))
            .token(token)
            .send()
            .ok();
        let endless =
            "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n) SELECT i, 'Marker-Cut' FROM n";
        assert!(get("/api/v1/query").with("sql", endless).token(token).try_send().is_err());
        get("/api/v1/query").with("sql", &endless.replace("i, 'Marker-Cut'", "count(*)")).send().problem(400);
        get("/api/v1/directories").token("Marker-Wrong-Token").send().problem(401);
        get("/api/v1/directories").basic("Marker-User", "Marker-Password").send().problem(401);
        get("/Marker-Path?x=Marker-Query").header("origin", "http://marker-origin").send().problem(403);
        get("/api/v1/directories").header("host", "Marker-Host").send().problem(421);
        let address = url.strip_prefix("http://").unwrap().parse().unwrap();
        raw::exchange(address, "Marker-Garbage\r\n\r\n");
        drop(raw::send(address, b"GET /Marker-Half HTTP/1.1\r\nX: "));
        std::fs::write(mirror.path("mirror.db-tokens"), "Marker-Line garbled\n").unwrap();
        get("/api/v1/directories").token(token).send().problem(500);
        std::fs::rename(mirror.database(), mirror.path("aside.db")).unwrap();
        get("/api/v1/directories").send().problem(503);
        running.signal(rustix::process::Signal::TERM);
        let ended = running.end().exits(0);
        assert!(ended.stderr.contains("cannot"), "something was logged: {}", ended.stderr);
        let told = ended.stderr.to_lowercase();
        assert!(!told.contains("marker"), "{}", ended.stderr);
        assert!(!ended.stderr.contains(token) && !ended.stderr.contains("cmt_"));
        for row in upstream.standing(DIRECTORY).unwrap() {
            let words = [row.email, row.phone].into_iter().flatten();
            words.for_each(|word| assert!(!ended.stderr.contains(&word), "{word}"));
        }
    }
}
