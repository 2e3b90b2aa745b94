//! What is asked: an address of ours, the SQL behind it word for word, and where there is one Datasette's
//! address for the same.
//!
//! Each question is asked of every directory in turn, so that no answer is only read from caches.

use anyhow::{Context, Result};
use rusqlite::{Connection, OpenFlags, Row};

use super::stage::mirror::Mirror;

/// `src/store/view/registration.rs` reads it row by row, and stops after one more than the page holds.
const PAGE: &str = "SELECT r.registration_id, r.email, r.phone, r.first_name, r.last_name, r.birth_date,
    r.address, r.zip, r.city, r.custom_1, r.custom_2, r.custom_3, r.paid, r.paid_until, r.blocked,
    r.registered_at, r.registered_on, r.first_seen_at, r.changed_at, r.missing_since, r.raw,
    r.removed_at, r.registered_text, r.registered_zone, r.registration_key
    FROM registration AS r :index
    WHERE r.directory_key = (SELECT directory_key FROM directory WHERE directory_id = ':directory')
    AND :condition AND r.registered_at BETWEEN ':since' AND ':at'
    AND (+r.registered_at, r.registration_key) < (':at', :key) AND :text
    ORDER BY r.registered_at DESC, r.registered_on DESC, r.registration_key DESC LIMIT 101";
const STANDING: &str = "r.removed_at IS NULL";
const DIRECTORIES: &str = "SELECT directory_id, account, name, url, status, registrations, first_seen_at,
    last_seen_at, removed_at, raw FROM directories ORDER BY account, directory_id";
/// `src/store/view/overview.rs`: the front page, and a directory's own.
const OVERVIEWS: &str =
    "SELECT d.directory_key, d.directory_id, d.name, a.name, d.url, d.status, d.registrations,
    d.last_complete_at, d.last_full_at, d.removed_at, d.last_error, a.last_error
    FROM directory AS d JOIN account AS a ON a.account_key = d.account_key";
const FRONT: &str = ":overviews WHERE d.removed_at IS NULL
    ORDER BY a.name, coalesce(d.name, d.directory_id) COLLATE NOCASE, d.directory_id;
    SELECT d.directory_key, r.day, r.registrations
    FROM directory AS d CROSS JOIN registration_day AS r
        ON r.directory_key = d.directory_key AND r.day BETWEEN date('now', '-89 days') AND date('now')
    WHERE d.removed_at IS NULL AND r.registrations > 0;
    SELECT name, last_error FROM account WHERE last_error IS NOT NULL ORDER BY name";
const OWN: &str = ":overviews WHERE d.directory_id = ':directory';
    SELECT directory_key, day, registrations FROM registration_day
    WHERE directory_key = (SELECT directory_key FROM directory WHERE directory_id = ':directory')
        AND registrations > 0 ORDER BY day;
    SELECT count(*) FROM registration INDEXED BY registration_missing
    WHERE directory_key = (SELECT directory_key FROM directory WHERE directory_id = ':directory')
        AND missing_since IS NOT NULL AND removed_at IS NULL;
    SELECT w.walk_key, d.directory_id, w.kind, w.started_at, w.finished_at, w.outcome, w.pages, w.requests,
        w.rows_read, w.created, w.recovered, w.updated, w.removed, w.restored, w.missing, w.error
    FROM walk AS w JOIN directory AS d ON d.directory_key = w.directory_key
    WHERE w.walk_key < 9223372036854775807
        AND w.directory_key = (SELECT directory_key FROM directory WHERE directory_id = ':directory')
    ORDER BY w.walk_key DESC LIMIT 10";
const REPORT: &str = include_str!("../../reports/registrations-per-day.sql");
const REPORT_DAYS: &str = "90";

/// One of the ways to ask.
pub struct Ask {
    pub path: String,
    pub sql: String,
    /// Datasette's path to the same.
    pub datasette: Option<String>,
}

/// The same question, to every directory.
pub struct Question {
    pub name: &'static str,
    /// One of those that the issue sets 50 ms for.
    pub is_promised: bool,
    pub asks: Vec<Ask>,
}

/// What there is to ask about a directory.
struct Known {
    id: String,
    since: String,
    until: String,
    cursor_at: String,
    cursor_key: i64,
    name: String,
}

/// Every question, about what stands in a mirror.
pub fn questions(mirror: &Mirror) -> Result<Vec<Question>> {
    let known = known(mirror)?;
    let one =
        |path: &str, sql: String, datasette: Option<String>| vec![Ask { path: path.into(), sql, datasette }];
    let each = |make: &dyn Fn(&Known) -> Ask| known.iter().map(make).collect::<Vec<_>>();
    let report = REPORT.replace(":days", REPORT_DAYS).replace(":directory", "NULL");
    let report_in_datasette = format!("/mirror.json?_size=max&sql={}", encoded(&report));
    let days = "/reports/registrations-per-day";
    Ok(vec![
        Question {
            name: "Front page",
            is_promised: true,
            asks: one("/", FRONT.replace(":overviews", OVERVIEWS), None),
        },
        Question { name: "A directory's page", is_promised: true, asks: each(&own) },
        Question { name: "A directory's page, searched", is_promised: true, asks: each(&own_searched) },
        Question { name: "Daily report (page)", is_promised: true, asks: one(days, report.clone(), None) },
        Question {
            name: "Directories (JSON)",
            is_promised: false,
            asks: one("/api/v1/directories", DIRECTORIES.into(), Some("/mirror/directories.json".into())),
        },
        Question {
            name: "Daily report (JSON)",
            is_promised: true,
            asks: one("/reports/registrations-per-day.json", report, Some(report_in_datasette)),
        },
        Question { name: "Newest registrations", is_promised: true, asks: each(&newest) },
        Question { name: "Registrations between two moments", is_promised: true, asks: each(&between) },
        Question { name: "Registrations far down, by cursor", is_promised: true, asks: each(&far_down) },
        Question { name: "Registrations with a family name", is_promised: true, asks: each(&with_name) },
        Question {
            name: "Registrations with a text that nobody has",
            is_promised: true,
            asks: each(&with_nothing),
        },
        Question { name: "Missing registrations", is_promised: true, asks: each(&missing) },
        Question { name: "Removed registrations", is_promised: true, asks: each(&removed) },
    ])
}

fn registrations(known: &Known, parameters: &str) -> String {
    format!("/api/v1/directories/{}/registrations?limit=100{parameters}", known.id)
}

/// What of the page's SQL differs.
#[derive(Clone, Copy)]
struct Part<'a> {
    index: &'a str,
    condition: &'a str,
    since: &'a str,
    at: &'a str,
    key: i64,
    text: Option<&'a str>,
}

const ALL: Part<'static> =
    Part { index: "", condition: STANDING, since: "", at: "~", key: i64::MIN, text: None };

fn page(known: &Known, part: Part<'_>) -> String {
    let texts = [
        "registration_id",
        "email",
        "phone",
        "first_name",
        "last_name",
        "birth_date",
        "address",
        "zip",
        "city",
        "custom_1",
        "custom_2",
        "custom_3",
    ];
    let like = |text: &str| texts.map(|column| format!("r.{column} LIKE '%{text}%'")).join(" OR ");
    let text = part.text.map_or_else(|| "1".to_owned(), |text| format!("({})", like(text)));
    PAGE.replace(":directory", &known.id)
        .replace(":condition", part.condition)
        .replace(":since", part.since)
        .replace(":index", part.index)
        .replace(":at", part.at)
        .replace(":key", &part.key.to_string())
        .replace(":text", &text)
}

fn in_datasette(known: &Known, more: &str) -> Option<String> {
    Some(format!(
        "/mirror/registrations.json?directory_id={}&_sort_desc=registered_at&_size=100{more}",
        known.id
    ))
}

fn own(known: &Known) -> Ask {
    let sql = OWN.replace(":overviews", OVERVIEWS).replace(":directory", &known.id);
    let registrations = page(known, ALL).replace("LIMIT 101", "LIMIT 21");
    Ask {
        path: format!("/directories/{}", known.id),
        sql: format!("{sql}; {registrations}"),
        datasette: in_datasette(known, "").map(|path| path.replace(".json", "")),
    }
}

fn own_searched(known: &Known) -> Ask {
    let sql = OWN.replace(":overviews", OVERVIEWS).replace(":directory", &known.id);
    let part = Part { text: Some(&known.name), ..ALL };
    let registrations = page(known, part).replace("LIMIT 101", "LIMIT 21");
    Ask {
        path: format!("/directories/{}?text={}", known.id, encoded(&known.name)),
        sql: format!("{sql}; {registrations}"),
        datasette: None,
    }
}

fn newest(known: &Known) -> Ask {
    Ask { path: registrations(known, ""), sql: page(known, ALL), datasette: in_datasette(known, "") }
}

fn between(known: &Known) -> Ask {
    let Known { since, until, .. } = known;
    let more = format!("&registered_at__gte={}&registered_at__lt={}", encoded(since), encoded(until));
    Ask {
        path: registrations(known, &format!("&since={since}&until={until}")),
        sql: page(known, Part { since, at: until, ..ALL }),
        datasette: in_datasette(known, &more),
    }
}

fn far_down(known: &Known) -> Ask {
    let Known { cursor_at, cursor_key, .. } = known;
    Ask {
        path: registrations(known, &format!("&after={cursor_at}_{cursor_key}")),
        sql: page(known, Part { at: cursor_at, key: *cursor_key, ..ALL }),
        datasette: None,
    }
}

fn with_name(known: &Known) -> Ask {
    let text = Some(known.name.as_str());
    Ask {
        path: registrations(known, &format!("&text={}", encoded(&known.name))),
        sql: page(known, Part { text, ..ALL }),
        datasette: None,
    }
}

fn with_nothing(known: &Known) -> Ask {
    Ask {
        path: registrations(known, "&text=qqqq"),
        sql: format!("/* none */ {}", page(known, Part { text: Some("qqqq"), ..ALL })),
        datasette: None,
    }
}

fn missing(known: &Known) -> Ask {
    let condition = "r.removed_at IS NULL AND r.missing_since IS NOT NULL";
    Ask {
        path: registrations(known, "&state=missing"),
        sql: format!(
            "/* none */ {}",
            page(known, Part { index: "INDEXED BY registration_missing", condition, ..ALL })
        ),
        datasette: None,
    }
}

fn removed(known: &Known) -> Ask {
    Ask {
        path: registrations(known, "&state=removed"),
        sql: format!("/* none */ {}", page(known, Part { condition: "r.removed_at IS NOT NULL", ..ALL })),
        datasette: None,
    }
}

/// Moments, cursors and names that are there, from the middle of each of the large directories.
fn known(mirror: &Mirror) -> Result<Vec<Known>> {
    let connection = Connection::open_with_flags(mirror.file(), OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let place = "SELECT registered_at, registration_key, last_name FROM registration
        WHERE directory_key = ?1 AND removed_at IS NULL AND registered_at IS NOT NULL
        ORDER BY registered_at DESC, registration_key DESC LIMIT 1 OFFSET ?2";
    let mut place = connection.prepare(place)?;
    let mut directories = connection.prepare(
        "SELECT directory_key, directory_id, registrations FROM directory WHERE loaded_at IS NOT NULL",
    )?;
    let directories = directories.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let mut known = Vec::new();
    for directory in directories {
        let (key, id, rows): (i64, String, i64) = directory?;
        let read = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
        let mut at = |part: i64| place.query_row((key, rows * part / 100), read);
        let (until, _, _): (String, i64, Option<String>) = at(25)?;
        let (since, _, name) = at(50)?;
        let (cursor_at, cursor_key, _) = at(75)?;
        let name = name.filter(|name| name.is_ascii() && !name.contains('\'')).unwrap_or("mar".into());
        known.push(Known { id, since, until, cursor_at, cursor_key, name });
    }
    known.first().context("the mirror holds no directory")?;
    Ok(known)
}

fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
