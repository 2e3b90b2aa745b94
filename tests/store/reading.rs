//! Reading: the views' promised columns, status, and a reader beside the writer.

use coupontools_mirror::store::{FileCounts, LastWalk, Reader, WalkOutcome};
use coupontools_mirror::walk::{Failure, Finish, Kind, Outcome};

use crate::fixture::{Mirror, complete, list, minute, people};

#[tokio::test]
async fn every_view_has_the_promised_columns() {
    let mirror = Mirror::new().await;
    let person =
        "directory_id, registration_id, email, phone, first_name, last_name, birth_date, address, zip, city,
        custom_1, custom_2, custom_3, paid, paid_until, blocked, registered_at, registered_on, first_seen_at,
        changed_at, missing_since, raw";
    let removed = format!("{person}, removed_at");
    let promised = [
        (
            "directories",
            "directory_id, account, name, url, status, registrations, first_seen_at, last_seen_at, removed_at, raw",
        ),
        ("registrations", person),
        ("removed_registrations", &removed),
        ("registration_changes", "seq, at, kind, directory_id, registration_id, before, after"),
        ("registrations_by_day", "directory_id, day, registrations"),
        (
            "walks",
            "walk_id, directory_id, kind, started_at, finished_at, outcome, pages, requests, rows_read, created,
             recovered, updated, removed, restored, missing, error",
        ),
        (
            "sync_status",
            "directory_id, name, registrations, last_complete_at, last_full_at, age_s, last_error",
        ),
    ];
    for (view, columns) in promised {
        let expected: Vec<&str> = columns.split(',').map(str::trim).collect();
        let found = mirror.list(&format!("SELECT name FROM pragma_table_info('{view}') ORDER BY cid"));
        assert_eq!(found[..expected.len()], expected, "{view}");
    }
}

#[tokio::test]
async fn every_table_is_strict() {
    let mirror = Mirror::new().await;
    let lax = "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND NOT strict
        AND name NOT LIKE 'sqlite%' AND name <> '_sqlx_migrations'";
    assert_eq!(mirror.list(lax), Vec::<String>::new());
}

#[tokio::test]
async fn lists_are_served_by_an_index_and_counts_by_day_are_kept() {
    let mirror = Mirror::new().await;
    let plan = |sql: &str| {
        let connection = mirror.sql();
        let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let steps = statement.query_map([], |row| row.get::<_, String>(3)).unwrap();
        steps.map(Result::unwrap).collect::<Vec<_>>().join("; ")
    };
    let newest =
        plan("SELECT * FROM registrations WHERE directory_id = 'dir_1' ORDER BY registered_at DESC LIMIT 9");
    assert!(newest.contains("registration_date") && !newest.contains("TEMP B-TREE"), "{newest}");
    let by_day = plan("SELECT * FROM registrations_by_day WHERE directory_id = 'dir_1'");
    assert!(by_day.contains("SEARCH r USING PRIMARY KEY (directory_key=?)"), "{by_day}");
    let lately =
        plan("SELECT day, sum(registrations) FROM registrations_by_day WHERE day > date('now') GROUP BY day");
    assert!(lately.contains("SEARCH r USING PRIMARY KEY (directory_key=? AND day>?)"), "{lately}");
    let standing =
        plan("SELECT registration_key FROM registration WHERE directory_key = 1 AND removed_at IS NULL");
    assert!(standing.contains("COVERING INDEX registration_date"), "{standing}");
}

#[tokio::test]
async fn status_tells_freshness_and_the_last_error() {
    let mirror = Mirror::new().await;
    mirror.walk(Kind::Full, &people(1..=3), 10).await;
    let reader = Reader::open(&mirror.path()).await.unwrap();
    let status = &reader.list_status(minute(11)).await.unwrap()[0];
    assert_eq!((status.registrations, status.age_s, status.last_full_at), (3, Some(60), Some(minute(10))));
    assert_eq!((status.directory_id.as_str(), status.account.as_str()), ("dir_1", "default"));

    let walk = mirror.begin(Kind::Incremental, 20).await;
    let finish = Finish { outcome: Outcome::Failed(Failure::Unanswered), settles: false, ..complete() };
    let error = Some("cannot fetch the page: time-out".to_owned());
    let brake = crate::fixture::BRAKE;
    mirror.store.finish(&walk.handle, finish, error.clone(), walk.progress, brake, minute(21)).await.unwrap();
    let status = &reader.list_status(minute(30)).await.unwrap()[0];
    assert_eq!((status.last_complete_at, &status.last_error), (Some(minute(10)), &error));
    let outcome = Some(WalkOutcome::Failed);
    assert_eq!(status.last_walk, Some(LastWalk { kind: Kind::Incremental, started_at: minute(20), outcome }));

    mirror.walk(Kind::Incremental, &people(1..=3), 40).await;
    assert_eq!(reader.list_status(minute(40)).await.unwrap()[0].last_error, None);
    mirror.walk(Kind::Full, &people(2..=3), 50).await;
    let counts = FileCounts { accounts: 1, directories: 1, registrations: 3, missing: 1, brakes_held: 0 };
    assert_eq!(reader.count_all().await, Ok(counts));
    let age_s = mirror.number("SELECT age_s FROM sync_status");
    let elsewhere = mirror.number("SELECT unixepoch('now') - unixepoch('2026-11-23T09:50:00Z')");
    assert!((age_s - elsewhere).abs() <= 1);
}

#[tokio::test]
async fn a_look_up_answers_in_the_pages_order_and_sees_what_was_saved() {
    let mirror = Mirror::new().await;
    mirror.walk(Kind::Incremental, &people(2..=3), 10).await;
    let mut page = people(1..=3);
    page[0] = crate::fixture::with_email(page[0].clone(), "new@example.org");
    page[2].id = coupontools_mirror::registration::RegistrationId::new("o'neil \"\u{0}\\");
    let rows: Vec<_> = page.iter().map(|r| (r.id.clone(), r.fingerprint)).collect();
    let known = mirror.store.find_known(mirror.directory, &rows).await.unwrap();
    assert_eq!(
        known.iter().map(|k| k.map(|k| k.is_unchanged)).collect::<Vec<_>>(),
        [Some(false), Some(true), None]
    );
    assert_eq!(known[1].unwrap().registered_at, Some(minute(2)));
    assert_eq!(mirror.store.find_known(mirror.directory, &[]).await.unwrap(), []);
}

#[tokio::test]
async fn a_reader_reads_whole_saves_while_the_writer_writes() {
    let mirror = Mirror::new().await;
    let path = mirror.path();
    let (stop, stopped) = std::sync::mpsc::channel::<()>();
    let reader = std::thread::spawn(move || {
        let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
        let connection = rusqlite::Connection::open_with_flags(path, flags).unwrap();
        let mut most = 0;
        while stopped.try_recv().is_err() {
            let n: i64 = list(&connection, "SELECT count(*) FROM registrations")[0].parse().unwrap();
            assert_eq!(n % 50, 0, "a save is seen whole or not at all");
            assert!(n >= most);
            most = n;
        }
        most
    });
    let mut walk = mirror.begin(Kind::Full, 10).await;
    for page in 0..60 {
        walk.save_rows(&people(page * 50 + 1..=page * 50 + 50)).await;
    }
    walk.finish(complete()).await;
    stop.send(()).unwrap();
    assert!(reader.join().unwrap() <= 3000);
    assert_eq!(mirror.number("SELECT count(*) FROM registrations"), 3000);
}

#[tokio::test]
async fn an_idle_writer_puts_its_log_into_the_file() {
    let mirror = Mirror::new().await;
    mirror.walk(Kind::Full, &people(1..=500), 10).await;
    let log = mirror.folder.path().join("mirror.db-wal");
    assert!(log.metadata().unwrap().len() > 0);
    let is_empty = async {
        let mut looks = tokio::time::interval(std::time::Duration::from_millis(20));
        while log.metadata().unwrap().len() > 0 {
            looks.tick().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), is_empty).await.expect("the log is put away");
    assert_eq!(mirror.number("SELECT count(*) FROM registrations"), 500);
    mirror.walk(Kind::Full, &people(1..=501), 20).await;
    assert_eq!(mirror.number("SELECT count(*) FROM registrations"), 501);
}
