//! Filters: since, until, text.

use serde_json::Value;

use crate::asker::Server;
use crate::rows::texts;
use crate::stage::{File, Mirror, Upstream};

const PATH: &str = "/api/v1/directories/dir_10001/registrations";
/// A registration, when it was registered, and its city.
const PEOPLE: [(u32, &str, &str); 5] = [
    (1, "2026-11-21T22:59:59Z", "Zürich"),
    (2, "2026-11-21T23:00:00Z", "ZÜRICH"),
    (3, "2026-11-22T22:59:59Z", "zurich"),
    (4, "2026-11-22T23:00:00Z", "100%_\\'x"),
    (5, "2026-11-23T09:05:10Z", "Łódź"),
];

/// Parameters, and who is shown.
type Asked<'a> = (&'a [(&'a str, &'a str)], &'a [u32]);

/// A mirror with those people, whose reports are of Brussels.
fn mirror(upstream: &Upstream) -> Mirror {
    let mirror = Mirror::of(upstream).with("[reports]\ntime_zone = \"Europe/Brussels\"");
    mirror.sync(&[]).exits(0);
    for (number, at, city) in PEOPLE {
        let city = city.replace('\'', "''");
        let id = format!("reg_{}", 1_000_000 + number);
        let sql = format!(
            "UPDATE registration SET registered_at = '{at}', city = '{city}', first_name = 'Åsa-{number}',
                 email = 'asa-{number}@example.com' WHERE registration_id = '{id}'"
        );
        File::execute(&mirror.database(), &sql);
    }
    mirror
}

/// The numbers of the people who are shown, oldest first.
fn numbers(page: &Value) -> Vec<u32> {
    let ids = texts(&page["registrations"], "registration_id");
    let numbers =
        ids.iter().rev().map(|id| id.trim_start_matches("reg_").parse::<u32>().unwrap() - 1_000_000);
    numbers.collect()
}

#[test]
fn since_is_from_then_on_and_until_is_before_by_the_moment_or_by_the_local_day() {
    let upstream = Upstream::of(&[5]);
    let mirror = mirror(&upstream);
    let server = Server::serve(&mirror);
    let asked: [Asked; 9] = [
        (&[("since", "2026-11-22")], &[2, 3, 4, 5]),
        (&[("until", "2026-11-22")], &[1]),
        (&[("since", "2026-11-22"), ("until", "2026-11-23")], &[2, 3]),
        (&[("since", "2026-11-21T23:00:00Z"), ("until", "2026-11-22T22:59:59Z")], &[2]),
        (&[("since", "2026-11-22T00:00:00+01:00")], &[2, 3, 4, 5]),
        (&[("since", "2026-11-23T09:05:11Z")], &[]),
        (&[("since", "2026-11-23"), ("until", "2026-11-22")], &[]),
        (&[("since", ""), ("until", "")], &[1, 2, 3, 4, 5]),
        (&[("since", "1999-01-01"), ("until", "2099-01-01")], &[1, 2, 3, 4, 5]),
    ];
    for (parameters, people) in asked {
        let ask = parameters.iter().fold(server.get(PATH), |ask, (name, value)| ask.with(name, value));
        assert_eq!(numbers(&ask.send().ok().json()), people, "{parameters:?}");
    }
    for wrong in ["yesterday", "2026-02-30", "22.11.2026", "1763766000", "2026-11-22T00:00", "2026-11-22' --"]
    {
        for name in ["since", "until"] {
            server.get(PATH).with(name, wrong).send().problem(400);
        }
    }
}

#[test]
fn a_text_is_found_whatever_its_case_in_what_the_reader_sees_and_nowhere_else() {
    let upstream = Upstream::of(&[5]);
    let mirror = mirror(&upstream).http("without_token = \"full\"");
    let token = mirror.call(&["token", "add", "m", "--masked"]).exits(0).stdout;
    let server = Server::serve(&mirror);
    // A text, and who is found by a full and by a masked reader.
    let asked: [(&str, &[u32], &[u32]); 9] = [
        ("zürich", &[1, 2], &[1, 2]),
        ("ZUR", &[3], &[3]),
        ("łÓD", &[5], &[5]),
        ("100%_\\'x", &[4], &[4]),
        ("%", &[4], &[4]),
        ("åsa-3", &[3], &[]),
        ("ASA-4@EXAMPLE.com", &[4], &[]),
        ("@", &[1, 2, 3, 4, 5], &[]),
        ("reg_1000002", &[2], &[2]),
    ];
    for (text, full, masked) in asked {
        let ask = || server.get(PATH).with("text", text);
        assert_eq!(numbers(&ask().send().ok().json()), full, "{text}");
        assert_eq!(numbers(&ask().token(token.trim()).send().ok().json()), masked, "{text}, masked");
    }
    assert_eq!(numbers(&server.get(PATH).with("text", "").send().ok().json()).len(), 5);
    server.get(PATH).with("text", &"ä".repeat(200)).send().ok();
    server.get(PATH).with("text", &"ä".repeat(201)).send().problem(400);
}

#[test]
fn walks_are_paged_and_can_be_one_directorys() {
    let upstream = Upstream::of(&[5, 5]);
    let mirror = Mirror::of(&upstream);
    for _ in 0..4 {
        mirror.sync(&[]).exits(0);
    }
    let server = Server::serve(&mirror);
    let (mut seen, mut after) = (Vec::new(), String::new());
    loop {
        let page = server.json(&format!("/api/v1/walks?limit=3{after}"));
        seen.extend(page["walks"].as_array().unwrap().iter().map(|walk| walk["walk_id"].as_i64().unwrap()));
        match page["next"].as_i64() {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    assert_eq!(seen, [8, 7, 6, 5, 4, 3, 2, 1]);
    let of_one = server.json("/api/v1/walks?directory=dir_10002");
    let directories = texts(&of_one["walks"], "directory_id");
    assert_eq!(directories, ["dir_10002"; 4]);
    assert_eq!(server.json("/api/v1/walks?directory=dir_99999")["walks"].as_array().unwrap().len(), 0);
}
