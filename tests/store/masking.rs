//! The masked columns: filled with what they mask, made anew when the key is another one, whatever
//! happens meanwhile. And the day counts, and a file of the version before either.

use std::path::Path;

use coupontools_mirror::registration::Registration;
use coupontools_mirror::store::{OpenError, Store};
use coupontools_mirror::walk::Kind;
use rusqlite::Connection;

use crate::fixture::{Mirror, minute, open_at, options, people, person, with_email};

pub const MASKS: &str = "SELECT coalesce(email_hash, '') || ' ' || coalesce(phone_hash, '') || ' ' ||
    coalesce(birth_year, '') FROM registration ORDER BY registration_key";

fn known(n: i64) -> Registration {
    let phone = Some(format!("+1500555{n:04}"));
    Registration { phone, birth_date: Some("1984-03-05".into()), ..person(n) }
}

pub fn write_key(folder: &Path, digit: &str) {
    std::fs::write(folder.join("mirror.db-key"), format!("{}\n", digit.repeat(64))).unwrap();
}

#[tokio::test]
async fn masks_are_written_with_what_they_mask_and_change_with_it() {
    let folder = tempfile::tempdir().unwrap();
    write_key(folder.path(), "0");
    let mirror = Mirror::in_folder(folder, chrono_tz::UTC).await;
    let ada = with_email(known(1), "ada@example.com");
    mirror.walk(Kind::Incremental, std::slice::from_ref(&ada), 10).await;
    let before = mirror.list(MASKS);
    assert_eq!(before[0].split(' ').next(), Some("438ee72f40c590c95297150e"), "made by openssl");
    assert!(before[0].ends_with(" 1984"), "{before:?}");

    let mut moved = with_email(ada.clone(), "eve@example.org");
    (moved.phone, moved.birth_date) = (None, Some("soon".into()));
    mirror.walk(Kind::Full, &[moved.clone()], 20).await;
    let after = mirror.list(MASKS);
    assert!(after[0].ends_with("  ") && after[0].len() == 26 && after != before, "{after:?}");
    mirror.walk(Kind::Full, &[ada], 30).await;
    assert_eq!(mirror.list(MASKS), before);
}

#[tokio::test]
async fn equal_texts_have_equal_masks_in_every_file_with_the_key_and_others_with_another() {
    let mut masks = Vec::new();
    for key in ["1", "1", "2"] {
        let folder = tempfile::tempdir().unwrap();
        write_key(folder.path(), key);
        let mirror = Mirror::in_folder(folder, chrono_tz::UTC).await;
        mirror.walk(Kind::Incremental, &[known(2), known(1)], 10).await;
        masks.push(mirror.list(MASKS));
        mirror.store.close().await;
    }
    assert_eq!(masks[0], masks[1]);
    assert!(masks[0].iter().zip(&masks[2]).all(|(one, other)| one[..49] != other[..49]), "{masks:?}");
    assert_ne!(masks[0][0], masks[0][1]);
}

#[tokio::test]
async fn a_change_is_masked_on_both_sides() {
    let mirror = Mirror::new().await;
    mirror.walk(Kind::Incremental, &people(1..=1), 10).await;
    let mut edited = with_email(person(1), "new@example.org");
    edited.first_name = Some("Grace".into());
    edited.city = Some("Antwerpen".into());
    mirror.walk(Kind::Full, &[person(2), edited], 20).await;
    let sides = mirror.list(
        "SELECT json_array(c.kind, json(before_masked), json(after_masked),
            c.after_masked ->> 'email' = r.email_hash) FROM registration_change AS c
        LEFT JOIN registration AS r USING (registration_id) ORDER BY seq",
    );
    let masks = mirror.list("SELECT email_hash FROM registration ORDER BY registration_key");
    let before =
        mirror.list("SELECT before_masked ->> 'email' FROM registration_change WHERE kind = 'updated'");
    assert_eq!(sides[0], r#"["loaded",null,null,null]"#);
    let created = format!(
        r#"["created",null,{{"email":"{}","first_name":null,"paid":0,"registered_at":"{at}","registered_text":null,"registered_zone":"assumed"}},1]"#,
        masks[1],
        at = minute(2)
    );
    assert_eq!(sides[1], created);
    let updated = format!(
        r#"["updated",{{"email":"{}","first_name":null,"city":null}},{{"email":"{}","first_name":null,"city":"Antwerpen"}},1]"#,
        before[0], masks[0]
    );
    assert_eq!(sides[2], updated);
}

/// Registrations and changes as many as several batches of masking, without their masks.
pub fn fill(path: &Path) {
    let sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12000)
        INSERT INTO registration (directory_key, registration_id, walk_key, fingerprint, first_seen_at,
            changed_at, email, phone, birth_date, registered_at, registered_on, raw)
        SELECT 1, 'reg_' || i, 1, i, '', '', 'p' || i || '@example.com', '+1' || i, '1984-01-01',
            '2026-11-' || (10 + i % 5) || 'T09:00:00Z', '2026-11-' || (10 + i % 5), '{}' FROM n;
        INSERT INTO registration_change (at, kind, directory_key, registration_id, before, after)
        SELECT '', 'updated', 1, registration_id, json_object('email', email), json_object('phone', phone)
        FROM registration";
    Connection::open(path).unwrap().execute_batch(sql).unwrap();
}

pub const NOT_MASKED: &str =
    "SELECT (SELECT count(*) FROM registration WHERE email_hash IS NULL OR phone_hash IS NULL
        OR birth_year IS NOT '1984')
    + (SELECT count(*) FROM registration_change WHERE before_masked IS NULL OR after_masked IS NULL)";

#[tokio::test]
async fn another_key_masks_everything_anew_also_after_it_was_broken_off() {
    let folder = tempfile::tempdir().unwrap();
    write_key(folder.path(), "a");
    let mirror = Mirror::in_folder(folder, chrono_tz::UTC).await;
    let path = mirror.path();
    fill(&path);
    mirror.store.close().await;
    // As a file that was masked by nobody: what a migration leaves.
    let other = Connection::open(&path).unwrap();
    other.execute_batch("DELETE FROM setting WHERE name = 'masking_key_id'").unwrap();
    let mirror = Mirror::in_folder(mirror.folder, chrono_tz::UTC).await;
    assert_eq!(mirror.number(NOT_MASKED), 0);
    let of_a = mirror.list(MASKS);
    let changes = "SELECT before_masked || after_masked FROM registration_change ORDER BY seq";
    let changes_of_a = mirror.list(changes);
    mirror.store.close().await;

    // Broken off in the second batch, as a kill breaks it off: what was committed stays.
    write_key(mirror.folder.path(), "b");
    let refuse = "CREATE TRIGGER refuse BEFORE UPDATE OF email_hash ON registration
        WHEN new.registration_key = 7000 BEGIN SELECT RAISE(ABORT, 'refused'); END";
    other.execute_batch(refuse).unwrap();
    let opened = Store::open(&path, &options(chrono_tz::UTC), minute(0)).await.map(|_| ());
    assert!(matches!(opened, Err(OpenError::Failed { .. })), "{opened:?}");
    let half = crate::fixture::list(&other, MASKS);
    let renewed = half.iter().zip(&of_a).filter(|(now, before)| now != before).count();
    assert_eq!(renewed, 5000, "a batch is committed, the other undone");
    other.execute_batch("DROP TRIGGER refuse").unwrap();

    // The key of before does not take the half for whole.
    write_key(mirror.folder.path(), "a");
    let mirror = Mirror::in_folder(mirror.folder, chrono_tz::UTC).await;
    assert_eq!((mirror.list(MASKS), mirror.list(changes)), (of_a.clone(), changes_of_a.clone()));
    mirror.store.close().await;
    write_key(mirror.folder.path(), "b");
    let mirror = Mirror::in_folder(mirror.folder, chrono_tz::UTC).await;
    let of_b = mirror.list(MASKS);
    assert!(of_b.iter().zip(&of_a).all(|(one, other)| one != other));
    let both = half.iter().zip(of_a.iter().zip(&of_b));
    assert!(both.into_iter().all(|(half, (a, b))| half == a || half == b), "nobody was shown in the clear");
    assert!(mirror.list(changes).iter().zip(&changes_of_a).all(|(one, other)| one != other));
    assert_eq!(mirror.number(NOT_MASKED), 0);
    mirror.store.close().await;
}

#[tokio::test]
async fn an_open_with_the_same_key_writes_nothing_anew() {
    let mirror = Mirror::new().await;
    mirror.walk(Kind::Incremental, &[known(1)], 10).await;
    mirror.store.close().await;
    let other = Connection::open(mirror.folder.path().join("mirror.db")).unwrap();
    let refuse =
        "CREATE TRIGGER refuse BEFORE UPDATE ON registration BEGIN SELECT RAISE(ABORT, 'refused'); END;
        CREATE TRIGGER refuse_too BEFORE UPDATE ON setting BEGIN SELECT RAISE(ABORT, 'refused'); END";
    other.execute_batch(refuse).unwrap();
    Mirror::in_folder(mirror.folder, chrono_tz::UTC).await.store.close().await;
}

/// A file as the version before masks and counted days left it.
async fn older_file(path: &Path) {
    use sqlx::{ConnectOptions, Connection as _};
    let migrations = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir("migrations").unwrap() {
        let entry = entry.unwrap();
        if entry.file_name().to_str().unwrap() < "0007" {
            std::fs::copy(entry.path(), migrations.path().join(entry.file_name())).unwrap();
        }
    }
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path).create_if_missing(true);
    let mut connection = options.connect().await.unwrap();
    let migrator = sqlx::migrate::Migrator::new(migrations.path()).await.unwrap();
    assert_eq!(migrator.iter().count(), 6);
    migrator.run(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    let sql = "INSERT INTO account (name, reading) VALUES ('default', 7);
        INSERT INTO directory (account_key, directory_id, raw, first_seen_at, last_seen_at)
        VALUES (1, 'dir_1', '{}', '', '')";
    Connection::open(path).unwrap().execute_batch(sql).unwrap();
}

#[tokio::test]
async fn a_file_of_the_version_before_is_masked_and_its_days_are_counted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mirror.db");
    older_file(&path).await;
    fill(&path);
    let removed =
        "UPDATE registration SET removed_at = '2026-11-23T09:00:00Z' WHERE registration_key % 3 = 0;
        UPDATE registration SET registered_at = NULL, registered_on = NULL WHERE registration_key % 7 = 0";
    Connection::open(&path).unwrap().execute_batch(removed).unwrap();
    let naive = Connection::open(&path).unwrap();
    let before = crate::fixture::list(&naive, DAYS_BY_VIEW);

    let mirror = Mirror::in_folder(folder, chrono_tz::UTC).await;
    assert_eq!(mirror.number(NOT_MASKED), 0);
    assert_eq!(before.len(), 6);
    assert_eq!(mirror.list(DAYS_BY_VIEW), before);
    assert_eq!(mirror.list(DAYS_COUNTED), before);
    assert_eq!(mirror.list("PRAGMA integrity_check"), ["ok"]);
    mirror.store.close().await;
}

/// What the view says, and what stands.
pub const DAYS_BY_VIEW: &str = "SELECT directory_id || ' ' || coalesce(day, '') || ' ' || registrations FROM registrations_by_day ORDER BY 1";
pub const DAYS_COUNTED: &str =
    "SELECT directory_id || ' ' || coalesce(registered_on, '') || ' ' || count(*) FROM registrations
        GROUP BY directory_id, registered_on ORDER BY 1";

#[tokio::test]
async fn masks_are_there_for_whoever_opens_the_file_by_a_link() {
    let mirror = Mirror::new().await;
    mirror.walk(Kind::Incremental, &[known(1)], 10).await;
    let masks = mirror.list(MASKS);
    mirror.store.close().await;
    let elsewhere = tempfile::tempdir().unwrap();
    let link = elsewhere.path().join("link.db");
    std::os::unix::fs::symlink(mirror.folder.path().join("mirror.db"), &link).unwrap();
    open_at(link, chrono_tz::UTC).await.close().await;
    let other = Connection::open(mirror.folder.path().join("mirror.db")).unwrap();
    assert_eq!(crate::fixture::list(&other, MASKS), masks);
    assert_eq!(std::fs::read_dir(elsewhere.path()).unwrap().count(), 1, "no second key");
}
