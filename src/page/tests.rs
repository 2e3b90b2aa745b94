//! Every page, over friendly and hostile content: what must hold of any markup.

use std::collections::HashSet;

use chrono::NaiveDate;
use maud::Markup;

use super::{
    AccountError, Broken, Change, ChangesPage, Days, DirectoryLine, DirectoryPage, ErrorPage, Filter, Frame,
    FrontPage, Parameter, Registration, Registrations, ReportLine, ReportPage, ReportsPage, State, Table,
    Value, Walk, assets,
};
use crate::instant::UtcInstant;
use crate::report::{Chart, ChartKind};
use crate::store::Access;

const HOSTILE: &str = "<script>alert('x')</script>\" onload=\"x\" style=\"x\u{202e}\u{0}&amp;";

/// A reader who sees everything.
pub(super) fn frame() -> Frame {
    Frame {
        access: Access::Full,
        now: UtcInstant::parse("2026-11-23T09:05:10Z").unwrap(),
        time_zone: chrono_tz::UTC,
        stale_after_s: 900,
    }
}

fn masked() -> Frame {
    Frame { access: Access::Masked, ..frame() }
}

fn earlier(seconds: i64) -> Option<UtcInstant> {
    UtcInstant::from_unix_s(frame().now.unix_s() - seconds)
}

fn by_day(days: u64, most: u64) -> Vec<(NaiveDate, u64)> {
    let today = frame().today();
    (0..days)
        .rev()
        .map(|back| (today - chrono::Days::new(back), (back * 7 + back * back) % (most + 1)))
        .collect()
}

fn directory_line(number: usize, name: Option<&str>, account: &str) -> DirectoryLine {
    DirectoryLine {
        directory_id: format!("dir_{number}"),
        name: name.map(str::to_owned),
        account: account.into(),
        registrations: number as u64 * 1237,
        days: Days::new(frame().today(), 90, by_day(90, number as u64 % 17)),
        last_complete_at: (number % 5 != 3).then(|| earlier(40 * number as i64)).flatten(),
        last_error: (number % 7 == 6).then(|| "cannot reach the API: timed out after 30 s".into()),
        is_mirrored: true,
    }
}

fn front(directories: usize, accounts: usize) -> FrontPage {
    let line = |number: usize| {
        let account = format!("account-{}", number * accounts / directories.max(1));
        directory_line(number, [Some("Bakery Antwerpen"), None, Some(HOSTILE)][number % 3], &account)
    };
    FrontPage {
        directories: (0..directories).map(line).collect(),
        account_errors: vec![AccountError { account: "north".into(), error: HOSTILE.into() }],
    }
}

fn registration(text: Option<&str>) -> Registration {
    let text = text.map(str::to_owned);
    Registration {
        registration_id: text.clone().unwrap_or_default(),
        registered_at: text.is_some().then(|| earlier(90)).flatten(),
        first_name: text.clone(),
        last_name: text.clone(),
        email: text.clone(),
        city: text.clone(),
        paid: text.is_some().then_some(true),
        blocked: text.is_some().then_some(true),
        missing_since: text.is_some().then(|| earlier(90)).flatten(),
        removed_at: None,
    }
}

fn walk(text: Option<&str>) -> Walk {
    Walk {
        kind: "full".into(),
        started_at: earlier(500),
        finished_at: text.and(earlier(90)),
        outcome: text.map(str::to_owned),
        pages: 12,
        created: 3,
        recovered: 0,
        updated: 1,
        removed: 0,
        restored: 0,
        error: text.map(str::to_owned),
    }
}

fn directory(text: Option<&str>) -> DirectoryPage {
    let owned = text.map(str::to_owned);
    DirectoryPage {
        directory_id: text.unwrap_or("dir_1").into(),
        name: owned.clone(),
        account: text.unwrap_or("default").into(),
        url: owned.clone(),
        status: owned.clone(),
        registrations: 3,
        missing: 1,
        by_day: if text.is_some() { by_day(400, 9) } else { Vec::new() },
        undated: 1,
        last_complete_at: None,
        last_full_at: None,
        removed_at: text.and(earlier(9)),
        last_error: owned.clone(),
        is_mirrored: true,
        latest: Registrations {
            filter: Filter {
                since: text.unwrap_or("").into(),
                text: text.unwrap_or("").into(),
                ..Filter::default()
            },
            rows: vec![registration(text), registration(None)],
            next: owned.clone(),
            is_continued: text.is_some(),
            error: owned,
        },
        walks: vec![walk(text), walk(None), walk(Some("complete"))],
    }
}

fn changes(text: Option<&str>) -> ChangesPage {
    let json =
        text.map(|text| serde_json::json!({"email": text, text: {"a": text}, "paid": null}).to_string());
    let change = |kind: &str, before: Option<String>, after: Option<String>| Change {
        seq: 7,
        at: earlier(9),
        kind: kind.into(),
        directory_id: text.unwrap_or("dir_1").into(),
        directory_name: text.map(str::to_owned),
        registration_id: text.map(str::to_owned),
        before,
        after,
    };
    ChangesPage {
        changes: vec![
            change("updated", json.clone(), json.clone()),
            change("created", None, json),
            change("loaded", None, None),
            change(text.unwrap_or("removed"), Some("not JSON".into()), Some("[1]".into())),
        ],
        seq: Some(7),
        has_older: true,
    }
}

fn parameter(text: &str, choices: Vec<(String, String)>) -> Parameter {
    Parameter {
        name: text.into(),
        label: text.into(),
        hint: text.into(),
        kind: "text",
        value: text.into(),
        choices,
    }
}

fn report(text: &str, kind: Option<ChartKind>) -> ReportPage {
    let row = |n: i64| {
        vec![
            Value::Text(text.into()),
            Value::Integer(n),
            Value::Real(f64::from(n as i32) / 3.0),
            Value::Null,
            Value::Blob(3),
        ]
    };
    ReportPage {
        name: text.into(),
        title: text.into(),
        description: Some(text.into()),
        parameters: vec![
            parameter(text, Vec::new()),
            parameter(&format!("{text} 2"), vec![(text.into(), text.into()), ("x".into(), "X".into())]),
        ],
        chart: kind.map(|kind| Chart { kind, x: text.into(), y: "n".into(), series: Some("share".into()) }),
        result: Ok(Table {
            columns: vec![text.into(), "n".into(), "share".into(), "nothing".into(), "bytes".into()],
            rows: (0..5).map(row).collect(),
            has_more: true,
        }),
    }
}

/// Every page there is, by what it is over.
fn pages() -> Vec<(&'static str, Markup)> {
    let broken = Broken { error: HOSTILE.into(), hint: Some(HOSTILE.into()) };
    let line = ReportLine {
        name: HOSTILE.into(),
        title: HOSTILE.into(),
        description: Some(HOSTILE.into()),
        error: Some(HOSTILE.into()),
    };
    vec![
        ("front, empty", front(0, 1).render(&frame())),
        ("front, one", front(1, 1).render(&frame())),
        ("front, 50", front(50, 3).render(&masked())),
        ("directory, nothing", directory(None).render(&frame())),
        ("directory, hostile", directory(Some(HOSTILE)).render(&frame())),
        ("directory, masked", directory(Some("a1b2")).render(&masked())),
        ("directory, long", directory(Some(&"W".repeat(5000))).render(&frame())),
        ("changes, nothing", changes(None).render(&frame())),
        ("changes, hostile", changes(Some(HOSTILE)).render(&frame())),
        ("changes, masked", changes(Some("a1b2")).render(&masked())),
        ("reports, none", ReportsPage { reports: vec![], error: Some(HOSTILE.into()) }.render(&frame())),
        ("reports, hostile", ReportsPage { reports: vec![line], error: None }.render(&frame())),
        ("report, line", report(HOSTILE, Some(ChartKind::Line)).render(&frame())),
        ("report, bars", report("2026-11", None).render(&frame())),
        ("report, heat map", report(HOSTILE, Some(ChartKind::Heatmap)).render(&frame())),
        ("report, broken", ReportPage { result: Err(broken), ..report(HOSTILE, None) }.render(&frame())),
        ("report, empty", ReportPage { result: Ok(Table::default()), ..report("x", None) }.render(&frame())),
        (
            "error",
            ErrorPage { status: 404, error: HOSTILE.into(), hint: Some(HOSTILE.into()) }.render(&frame()),
        ),
    ]
}

/// The opening tags of that element.
fn tags<'a>(page: &'a str, name: &str) -> Vec<&'a str> {
    let open = format!("<{name}");
    let ends = |rest: &str| rest.starts_with(['>', ' ']);
    page.split(open.as_str())
        .skip(1)
        .filter(|rest| ends(rest))
        .map(|rest| rest.split_once('>').map_or(rest, |(tag, _)| tag))
        .collect()
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    tag.split_once(&format!(" {name}=\""))?.1.split_once('"').map(|(value, _)| value)
}

/// The page without the values of that attribute: a field keeps what was typed into it.
fn without(page: &str, attribute: &str) -> String {
    let open = format!(" {attribute}=\"");
    let mut parts = page.split(open.as_str());
    let first = parts.next().unwrap().to_owned();
    parts.fold(first, |all, part| all + part.split_once('"').unwrap().1)
}

#[test]
fn no_page_has_markup_of_strangers_inline_style_or_inline_script() {
    for (name, page) in pages() {
        let page = page.into_string();
        assert!(!page.contains("<script>"), "{name}");
        for tag in page.split('<').skip(1).map(|rest| rest.split_once('>').map_or(rest, |(tag, _)| tag)) {
            assert!(!tag.contains(" style=\"") && !tag.contains(" onload=\""), "{name}: {tag}");
        }
        assert!(tags(&page, "script").iter().all(|tag| attribute(tag, "src").is_some()), "{name}");
        let shown = without(&without(&page, "value"), "name");
        assert!(!shown.contains('\u{202e}') && !shown.contains('\u{0}'), "{name}");
        assert!(page.len() < 700_000, "{name}: {}", page.len());
    }
}

#[test]
fn every_page_has_one_heading_its_landmarks_and_a_way_past_the_navigation() {
    for (name, page) in pages() {
        let page = page.into_string();
        assert_eq!(tags(&page, "h1").len(), 1, "{name}");
        assert_eq!(tags(&page, "main").len(), 1, "{name}");
        assert!(
            tags(&page, "nav").len() == 1 || tags(&page, "nav").iter().all(|tag| tag.contains("aria-label"))
        );
        assert!(page.contains("<html lang=\"en\">") && page.contains("href=\"#content\""), "{name}");
        let ids: Vec<_> = page.split(" id=\"").skip(1).map(|rest| rest.split_once('"').unwrap().0).collect();
        assert_eq!(ids.iter().collect::<HashSet<_>>().len(), ids.len(), "{name}: {ids:?}");
    }
}

#[test]
fn every_table_has_a_caption_every_heading_cell_a_scope_and_every_field_a_label() {
    for (name, page) in pages() {
        let page = page.into_string();
        for table in page.split("<table").skip(1) {
            let after = table.split_once('>').unwrap().1;
            assert!(after.starts_with("<caption"), "{name}: {}", &after[..60.min(after.len())]);
        }
        assert!(tags(&page, "th").iter().all(|tag| attribute(tag, "scope").is_some()), "{name}");
        for field in tags(&page, "input").into_iter().chain(tags(&page, "select")) {
            let id = attribute(field, "id").unwrap();
            assert!(page.contains(&format!("<label for=\"{id}\">")), "{name}: {field}");
        }
        for chart in page.split("<svg").skip(1) {
            assert!(chart.contains(" role=\"img\"><title>") && chart.contains("<desc>"), "{name}");
        }
    }
}

#[test]
fn nothing_is_loaded_from_elsewhere() {
    for (name, page) in pages() {
        let page = page.into_string();
        for source in page.split(" src=\"").skip(1) {
            assert!(source.starts_with("/assets/"), "{name}");
        }
        assert!(
            tags(&page, "link").iter().all(|tag| attribute(tag, "href").unwrap().starts_with("/assets/"))
        );
    }
    for asset in assets::ASSETS {
        let outside = asset.content.replace("http://www.w3.org/2000/svg", "");
        assert!(!outside.contains("//") || asset.name == "live.js", "{}", asset.name);
        assert!(
            !outside.contains("url(") && !outside.contains("@import") && !outside.contains("http"),
            "{}",
            asset.name
        );
        assert!(!outside.contains("innerHTML") && !outside.contains("insertAdjacentHTML"), "{}", asset.name);
    }
}

#[test]
fn a_masked_reader_is_told_so_and_sees_masks_as_masks() {
    let page = directory(Some("a1b2c3")).render(&masked()).into_string();
    assert!(page.contains("class=\"masked-note\""));
    assert!(page.contains("<span class=\"unseen\">masked </span>a1b2c3"), "{page}");
    assert!(!directory(Some("a1b2c3")).render(&frame()).into_string().contains("masked"));
    assert!(
        changes(Some("a1b2c3"))
            .render(&masked())
            .into_string()
            .contains("<span class=\"unseen\">masked </span>a1b2c3")
    );
}

#[test]
fn the_front_page_says_whether_all_is_fresh() {
    let mut page = front(3, 1);
    let fresh = page.render(&frame()).into_string();
    assert!(fresh.contains("every directory was read within the last 80\u{a0}s"), "{fresh}");
    page.directories[0].last_error = Some("cannot".into());
    page.directories[1].last_complete_at = None;
    page.directories[2].last_complete_at = earlier(901);
    let not = page.render(&frame()).into_string();
    assert!(
        not.contains("3 of 3\u{a0}directories not fresh</span>: 1 failed, 1 stale, 1 never read"),
        "{not}"
    );
}

#[test]
fn two_thousand_directories_are_a_page_too() {
    let page = front(2000, 4).render(&frame()).into_string();
    assert_eq!(page.matches("<h2>").count(), 4);
    assert!(page.len() < 6_000_000, "{}", page.len());
}

#[test]
fn the_next_page_keeps_the_filter() {
    let mut page = directory(None);
    page.latest.filter = Filter {
        since: "2026-01-01".into(),
        until: String::new(),
        text: "a&b=c".into(),
        state: State::Missing,
    };
    page.latest.next = Some("cursor/1".into());
    let shown = page.render(&frame()).into_string();
    let address = "/directories/dir_1?since=2026-01-01&amp;text=a%26b%3Dc&amp;state=missing&amp;after=cursor%2F1#registrations";
    assert!(shown.contains(address), "{shown}");
    assert!(shown.contains("<option value=\"missing\" selected>"));
}

/// Relative luminance, as WCAG defines it.
fn luminance(hex: &str) -> f64 {
    let channel = |at: usize| {
        let value = f64::from(u8::from_str_radix(&hex[at..at + 2], 16).unwrap()) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(0) + 0.7152 * channel(2) + 0.0722 * channel(4)
}

#[test]
fn text_stands_out_from_what_is_behind_it_light_and_dark() {
    let style = assets::find("style.css").unwrap().content;
    let (light, dark) = style.split_once("prefers-color-scheme: dark").unwrap();
    for theme in [light, dark] {
        let colour = |name: &str| {
            let value = theme.split_once(&format!("--{name}: #")).unwrap_or_else(|| panic!("{name}")).1;
            luminance(&value[..6])
        };
        let contrast = |one: f64, other: f64| (one.max(other) + 0.05) / (one.min(other) + 0.05);
        for text in ["text", "quiet", "accent", "fresh", "stale", "failed"] {
            for ground in ["ground", "surface", "sunken"] {
                let found = contrast(colour(text), colour(ground));
                assert!(found >= 4.5, "{text} on {ground}: {found:.2}");
            }
        }
        for (text, ground) in [("text", "failed-ground"), ("quiet", "mask-ground"), ("ground", "accent")] {
            let found = contrast(colour(text), colour(ground));
            assert!(found >= 4.5, "{text} on {ground}: {found:.2}");
        }
        for mark in ["series", "overlay", "line-strong"] {
            let found = contrast(colour(mark), colour("surface"));
            assert!(found >= 3.0, "{mark} on surface: {found:.2}");
        }
    }
}

#[test]
fn a_directory_that_is_left_out_is_said_to_be_and_makes_nothing_stale() {
    let left_out =
        DirectoryLine { last_complete_at: None, is_mirrored: false, ..directory_line(1, None, "one") };
    let mirrored = DirectoryLine { last_complete_at: earlier(1), ..directory_line(2, None, "one") };
    let page = FrontPage { directories: vec![left_out, mirrored], account_errors: Vec::new() };
    let text = page.render(&frame()).into_string();
    assert!(text.contains("not mirrored") && text.contains("every directory was read"), "{text}");
    assert!(!text.contains("never read") && !text.contains("not fresh"), "{text}");
}
