//! A masked reader sees no clear value, whatever path is asked for.

use coupontools_mirror::simulator::Options;
use serde_json::json;

use crate::asker::{Answer, Server};
use crate::stage::{DIRECTORY, Mirror, Upstream};

/// What must not be seen: everybody's email, phone, street, family name and free fields.
fn personal(upstream: &Upstream) -> Vec<String> {
    let mut words = Vec::new();
    for row in upstream.standing(DIRECTORY).unwrap() {
        words.extend([row.email, row.phone, row.address].into_iter().flatten());
        words.extend(row.last_name.into_iter().filter(|name| name.chars().count() >= 6));
        words.extend(row.birth_date);
    }
    words
}

#[track_caller]
fn assert_discreet(path: &str, answer: &Answer, words: &[String]) {
    let text = answer.text();
    for word in words {
        assert!(!text.contains(word.as_str()), "{word:?} is shown at {path}: {text:.500}");
    }
}

#[test]
fn no_path_of_the_api_shows_a_masked_reader_anything_clear() {
    let upstream = Upstream::start(Options { seed: 7, ..Options::quiet(&[180]) });
    let mirror = Mirror::of(&upstream);
    mirror.sync(&[]).exits(0);
    let mut words = personal(&upstream);
    for _ in 0..3 {
        upstream.stir(DIRECTORY);
        mirror.sync(&["--full"]).exits(0);
        words.extend(personal(&upstream));
    }
    words.sort();
    words.dedup();
    let token = mirror.call(&["token", "add", "m", "--masked"]).exits(0).stdout;
    let full = mirror.call(&["token", "add", "f"]).exits(0).stdout;
    let server = Server::serve(&mirror);
    let described = server.json("/openapi.json");
    let mut paths: Vec<String> = described["paths"].as_object().unwrap().keys().cloned().collect();
    assert!(paths.len() >= 7);
    let pages = ["/", "/directories/{directory_id}", "/changes", "/reports", "/reports.json", "/metrics"];
    paths.extend(pages.map(str::to_owned));
    for report in server.json("/reports.json")["reports"].as_array().unwrap() {
        let name = report["name"].as_str().unwrap();
        paths.extend(["", ".csv", ".json"].map(|ending| format!("/reports/{name}{ending}")));
    }
    let mut shown = 0;
    for path in &paths {
        let path = path.replace("{directory_id}", DIRECTORY);
        let variants = [
            "",
            "?limit=1000",
            "?limit=1000&state=removed",
            "?limit=1000&state=missing",
            "?text=@",
            "?limit=x",
        ];
        for variant in variants {
            let asked = format!("{path}{variant}");
            for ask in [server.get(&asked), server.get(&asked).token(token.trim())] {
                let answer = ask.send();
                assert_discreet(&asked, &answer, &words);
                shown += answer.bytes.len();
            }
        }
    }
    assert!(shown > 100_000, "{shown} bytes");
    // The same words stand in what a full reader sees, or nothing was tested.
    let clear = server
        .get("/api/v1/directories/dir_10001/registrations?limit=1000")
        .token(full.trim())
        .send()
        .ok()
        .text();
    let seen = words.iter().filter(|word| clear.contains(word.as_str())).count();
    assert!(seen > 300, "{seen} of {} words", words.len());
    for sql in [
        "SELECT * FROM registrations",
        "SELECT * FROM removed_registrations",
        "SELECT * FROM registration_changes",
        "SELECT * FROM registration",
        "SELECT email FROM registration",
        "SELECT raw FROM registration",
        "WITH registrations AS (SELECT email FROM registration) SELECT * FROM registrations",
        "SELECT * FROM directories",
        "SELECT count(*) FROM registration WHERE email LIKE '%@%'",
        "SELECT 1 FROM registrations ORDER BY (SELECT email FROM registration LIMIT 1)",
        "SELECT * FROM main.registrations",
        "SELECT * FROM registration_change",
        "EXPLAIN SELECT * FROM registration",
        "SELECT sql FROM sqlite_schema",
        "SELECT json_extract('{', email) FROM registration",
    ] {
        for format in ["json", "csv", "ndjson"] {
            let answer = server.query(sql).with("format", format).token(token.trim()).send();
            assert_discreet(sql, &answer, &words);
        }
    }
    let counted = server.query("SELECT count(DISTINCT email) AS n FROM registrations").send().ok().json();
    assert!(
        counted["rows"][0][0].as_i64().unwrap() > 100,
        "masked emails still tell people apart: {counted}"
    );
    assert_eq!(
        server.post(&json!({"sql": "SELECT max(first_name) AS a FROM registrations"})).send().ok().json()["rows"],
        json!([[null]])
    );
}
