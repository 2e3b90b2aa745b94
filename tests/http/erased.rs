//! Who was erased, beside a daemon that goes on: an empty row that counts, whatever is asked, and no byte of them in
//! any file of the mirror's.

use std::fs;
use std::path::{Path, PathBuf};

use coupontools_mirror::simulator::Mutation;
use coupontools_mirror::simulator::mutation::RegistrationNumber;
use serde_json::{Value, json};

use crate::asker::Server;
use crate::stage::{DIRECTORY, File, Mirror, Upstream, until};

const VIEWS: [&str; 9] = [
    "directories",
    "registrations",
    "removed_registrations",
    "registration_changes",
    "registrations_by_day",
    "walks",
    "sync_status",
    "sends",
    "opt_outs",
];
/// Somebody whose family name nobody else has.
const SOMEBODY: &str = "FROM registrations AS r WHERE length(last_name) > 5 AND phone IS NOT NULL \
    AND address IS NOT NULL AND email IS NOT NULL \
    AND (SELECT count(*) FROM registrations AS o WHERE instr(o.raw, r.last_name)) = 1 \
    ORDER BY registration_id LIMIT 1";
const TEXTS: [&str; 4] = ["email", "phone", "address", "last_name"];

fn mirrored() -> (Upstream, Mirror) {
    let upstream = Upstream::of(&[300]);
    let mirror = Mirror::of(&upstream)
        .http("without_token = \"full\"")
        .with("[sends]\nper_second = 1000\n[schedule]\nincremental = \"* * * * * *\"");
    mirror.sync(&[]).exits(0);
    (upstream, mirror)
}

/// Every file in a folder and below it.
fn files(folder: &Path) -> Vec<PathBuf> {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    paths.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[track_caller]
fn assert_without(place: &str, bytes: &[u8], texts: &[String]) {
    for text in texts {
        let is_held = bytes.windows(text.len()).any(|window| window == text.as_bytes());
        assert!(!is_held, "{text} in {place}");
    }
}

/// No file of the mirror's folder holds any of these texts; but for those named.
#[track_caller]
fn assert_gone(mirror: &Mirror, texts: &[String], but_for: &[&str]) {
    let paths = files(mirror.folder());
    assert!(paths.len() > 3, "{paths:?}");
    for path in paths {
        let name = path.strip_prefix(mirror.folder()).unwrap().display().to_string();
        if !but_for.iter().any(|kept| name.starts_with(kept)) {
            assert_without(&name, &fs::read(&path).unwrap(), texts);
        }
    }
}

/// Every path that shows rows.
fn paths(server: &Server) -> Vec<String> {
    let of_directory = format!("/api/v1/directories/{DIRECTORY}");
    let mut paths: Vec<String> =
        ["/", "/changes", "/reports", "/reports.json", "/metrics", "/readyz"].map(str::to_owned).into();
    paths.push(format!("/directories/{DIRECTORY}"));
    paths.extend(
        ["directories", "walks", "status", "changes?after=0&limit=1000"].map(|p| format!("/api/v1/{p}")),
    );
    paths.push(format!("{of_directory}/registrations?limit=1000"));
    paths.push(of_directory);
    let reports = server.json("/reports.json");
    for report in reports["reports"].as_array().unwrap() {
        let name = report["name"].as_str().unwrap();
        paths.extend(["", ".csv", ".json"].map(|kind| format!("/reports/{name}{kind}")));
    }
    for view in VIEWS {
        let sql = format!("SELECT+*+FROM+{view}");
        paths.extend(["csv", "ndjson", "json"].map(|form| format!("/api/v1/query?format={form}&sql={sql}")));
    }
    paths
}

#[test]
fn nothing_that_is_asked_or_exported_tells_of_who_was_erased_and_the_row_counts() {
    let (upstream, mirror) = mirrored();
    let text = |column: &str| mirror.file().value::<String>(&format!("SELECT {column} {SOMEBODY}"));
    let (id, email) = (text("registration_id"), text("email"));
    let mut texts: Vec<String> = TEXTS.map(text).into();
    mirror.call(&["snapshot", mirror.path("before.db").to_str().unwrap()]).exits(0);
    let server = Server::run(&mirror);
    // They change while the daemon looks, are sent something, and opt out.
    let number = RegistrationNumber(id.trim_start_matches("reg_").parse().unwrap());
    upstream.change(DIRECTORY, Mutation { edit_ids: vec![number], insert: 1, ..Mutation::default() });
    until("the newcomer is there", || mirror.file().count("registrations") == 301);
    let sent = ["send", "email", "--directory", DIRECTORY, "--to", &email, "--subject", "For nobody else"];
    mirror.call(&sent).exits(0);
    mirror.call(&["opt-out", "add", "--email", &email]).exits(0);
    texts.push("For nobody else".into());
    let shown = |path: &str| server.get(path).send().ok().text();
    let list = format!("/api/v1/directories/{DIRECTORY}/registrations?limit=1000");
    assert!(TEXTS.into_iter().zip(&texts).all(|(_, text)| shown(&list).contains(text)));
    assert!(shown("/api/v1/query?sql=SELECT+*+FROM+sends").contains("For nobody else"));

    mirror.call(&["erase", "--email", &email, "--yes"]).exits(0);
    let walks = mirror.file().count("walks");
    until("it goes on walking", || mirror.file().count("walks") > walks + 1);
    for path in paths(&server) {
        let answer = server.get(&path).send().ok();
        assert_without(&path, &answer.bytes, &texts);
    }
    let rows = server.json(&list);
    let rows = rows["registrations"].as_array().unwrap();
    let row = rows.iter().find(|row| row["registration_id"] == *id).unwrap();
    assert_eq!(rows.len(), 301);
    assert!(row["erased_at"].is_string() && row["registered_at"].is_string(), "{row}");
    assert!(TEXTS.iter().all(|column| row[column] == Value::Null) && row["raw"] == "{}", "{row}");
    let found = server.get(&list).with("text", &email).send().ok().json();
    assert_eq!(found["registrations"], json!([]));
    assert_eq!(server.json(&format!("/api/v1/directories/{DIRECTORY}"))["registrations"], 301);
    assert!(shown("/").contains("301"));

    // What is made of the mirror from now on, and what is of it.
    for view in VIEWS {
        for format in ["csv", "ndjson", "parquet"] {
            let output = mirror.path(&format!("{view}.{format}")).display().to_string();
            mirror.call(&["export", "--view", view, "--format", format, "--output", &output]).exits(0);
        }
    }
    let days = mirror.path("days").display().to_string();
    mirror
        .call(&[
            "export",
            "--view",
            "registrations",
            "--format",
            "csv",
            "--partition-by",
            "day",
            "--output",
            &days,
        ])
        .exits(0);
    mirror.call(&["snapshot", mirror.path("after.db").to_str().unwrap()]).exits(0);
    let exported = fs::read_to_string(mirror.path("registrations.ndjson")).unwrap();
    assert_eq!(exported.lines().count(), 301);
    assert_gone(&mirror, &texts, &["before.db"]);
    let ended = server.stop().exits(0);
    assert_without("the log", ended.stderr.as_bytes(), &texts);
    assert_gone(&mirror, &texts, &["before.db"]);
    assert!(
        fs::read(mirror.path("before.db")).unwrap().windows(email.len()).any(|at| at == email.as_bytes())
    );
}

#[test]
fn either_spelling_of_a_domain_finds_the_other_and_neither_is_left() {
    const UNICODE: &str = "zoë.marker@käsemarker.example";
    const WIRE: &str = "zoë.marker@xn--ksemarker-v2a.example";
    for (stands, stood, erased_by) in
        [(UNICODE, "", WIRE), (WIRE, "", UNICODE), ("", UNICODE, WIRE), ("", WIRE, UNICODE)]
    {
        let (_upstream, mirror) = mirrored();
        let id = mirror.file().value::<String>(&format!("SELECT registration_id {SOMEBODY}"));
        let planted = if stands.is_empty() {
            // Only the feed still tells of it.
            format!(
                "INSERT INTO registration_change (at, kind, directory_key, registration_id, before, after)
                 SELECT first_seen_at, 'updated', directory_key, registration_id, json_object('email', '{stood}'),
                     json_object('email', email) FROM registration WHERE registration_id = '{id}'"
            )
        } else {
            format!(
                "UPDATE registration SET email = '{stands}', raw = replace(raw, email, '{stands}')
                 WHERE registration_id = '{id}'"
            )
        };
        File::execute(&mirror.database(), &planted);
        let server = Server::run(&mirror);
        mirror.call(&["send", "email", "--directory", DIRECTORY, "--to", UNICODE]).exits(0);
        mirror.call(&["erase", "--email", erased_by, "--yes"]).exits(0);
        let erased = format!("registrations WHERE registration_id = '{id}' AND erased_at IS NOT NULL");
        assert_eq!(mirror.file().count(&erased), 1, "{stands} {stood} by {erased_by}");
        let both = [UNICODE, WIRE, "zoë.marker"].map(str::to_owned);
        assert_gone(&mirror, &both, &[]);
        server.stop().exits(0);
        assert_gone(&mirror, &both, &[]);
    }
}
