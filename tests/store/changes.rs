//! What a walk writes of registrations, and the feed of changes.

use coupontools_mirror::store::WalkOutcome;
use coupontools_mirror::walk::Kind;
use serde_json::{Value, json};

use crate::fixture::{Mirror, fingerprint, minute, people, person, with_email};

fn feed(mirror: &Mirror) -> Vec<Value> {
    let rows = mirror.list(
        "SELECT json_array(kind, registration_id, json(before), json(after)) FROM registration_changes ORDER BY seq",
    );
    rows.iter().map(|row| serde_json::from_str(row).unwrap()).collect()
}

#[tokio::test]
async fn a_first_walk_is_marked_by_one_loaded_change_and_no_other() {
    let mirror = Mirror::new().await;
    let figures = mirror.walk(Kind::Incremental, &people(1..=3), 10).await;
    assert_eq!((figures.outcome, figures.counts.created), (WalkOutcome::Complete, 3));
    assert_eq!(feed(&mirror), [json!(["loaded", null, null, null])]);
    assert_eq!(mirror.number("SELECT registrations FROM directories"), 3);
}

#[tokio::test]
async fn a_row_holds_every_value_and_both_forms_of_its_date() {
    let folder = tempfile::tempdir().unwrap();
    let mirror = Mirror::in_folder(folder, chrono_tz::Pacific::Auckland).await;
    let mut r = person(5 * 60);
    r.paid = None;
    r.blocked = Some(true);
    r.paid_until = Some(minute(1));
    mirror.walk(Kind::Incremental, &[r], 10).await;
    let row = mirror.list(
        "SELECT json_array(directory_id, registration_id, email, phone, paid, paid_until, blocked, registered_at,
             registered_on, first_seen_at, changed_at, missing_since, registered_zone) FROM registrations",
    );
    let expected = json!([
        "dir_1",
        "reg_300",
        "p300@example.com",
        null,
        null,
        "2026-11-23T09:01:00Z",
        1,
        "2026-11-23T14:00:00Z",
        "2026-11-24",
        "2026-11-23T09:10:00Z",
        "2026-11-23T09:10:00Z",
        null,
        "assumed"
    ]);
    assert_eq!(serde_json::from_str::<Value>(&row[0]).unwrap(), expected);
}

#[tokio::test]
async fn after_the_first_walk_what_is_created_and_updated_is_recorded_with_what_differs() {
    let mirror = Mirror::new().await;
    mirror.walk(Kind::Incremental, &people(1..=2), 10).await;
    let list = [person(3), with_email(person(2), "new@example.org"), person(1)];
    let figures = mirror.walk(Kind::Full, &list, 20).await;
    assert_eq!((figures.counts.created, figures.counts.updated), (1, 1));
    let feed = feed(&mirror);
    assert_eq!(feed.len(), 3);
    assert_eq!((&feed[1][0], &feed[1][1]), (&json!("created"), &json!("reg_3")));
    assert_eq!(feed[1][2], json!(null));
    assert_eq!(feed[1][3]["email"], "p3@example.com");
    assert_eq!(feed[1][3].get("phone"), None);
    let updated = json!(["updated", "reg_2", {"email": "p2@example.com"}, {"email": "new@example.org"}]);
    assert_eq!(feed[2], updated);
    assert_eq!(
        mirror.list("SELECT changed_at FROM registrations ORDER BY registration_id"),
        ["2026-11-23T09:10:00Z", "2026-11-23T09:20:00Z", "2026-11-23T09:20:00Z",]
    );
}

#[tokio::test]
async fn what_no_column_holds_is_recorded_by_its_keys_in_the_raw_row() {
    let mirror = Mirror::new().await;
    mirror.walk(Kind::Incremental, &people(1..=1), 10).await;
    let mut r = with_email(person(1), "new@example.org");
    r.raw = r.raw.replace(r#""shoe":"1""#, r#""hat":2"#).into();
    r.fingerprint = fingerprint(&r.raw);
    mirror.walk(Kind::Full, &[r], 20).await;
    let updated = json!(["updated", "reg_1", {"email": "p1@example.com", "raw": {"shoe": "1"}},
        {"email": "new@example.org", "raw": {"hat": 2}}]);
    assert_eq!(feed(&mirror)[1], updated);
}

#[tokio::test]
async fn the_same_row_in_another_spelling_is_not_written() {
    let mirror = Mirror::new().await;
    mirror.walk(Kind::Incremental, &people(1..=1), 10).await;
    let mut r = person(1);
    r.raw = r#"{ "shoe":"1", "email":"p1@example.com", "ID":"reg_1" }"#.into();
    r.fingerprint = fingerprint(&r.raw);
    let before = mirror.list("SELECT fingerprint FROM registration");
    let figures = mirror.walk(Kind::Full, &[r], 20).await;
    assert_eq!(figures.counts.updated, 0);
    assert_eq!(mirror.list("SELECT fingerprint FROM registration"), before);
    assert_eq!(feed(&mirror).len(), 1);
}

#[tokio::test]
async fn a_row_that_became_known_between_look_up_and_save_is_not_created_twice() {
    let mirror = Mirror::new().await;
    let mut walk = mirror.begin(Kind::Incremental, 10).await;
    let stale = mirror.look_up(&people(1..=2)).await;
    walk.save_rows(&people(1..=2)).await;
    let save = coupontools_mirror::walk::Save { rows: stale, ..walk.empty() };
    walk.save(save).await;
    let figures = walk.finish(crate::fixture::complete()).await;
    assert_eq!((figures.counts.created, figures.counts.updated), (2, 0));
    assert_eq!(mirror.number("SELECT count(*) FROM registrations"), 2);
}
