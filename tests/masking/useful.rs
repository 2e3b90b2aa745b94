//! What masked readers can do: every view whole, and counts, groups and joins that equal those of full
//! readers.

use coupontools_mirror::store::Access;

use crate::people::{World, ask};

const VIEWS: [&str; 7] = [
    "directories",
    "registrations",
    "removed_registrations",
    "registration_changes",
    "registrations_by_day",
    "walks",
    "sync_status",
];

/// Statements that tell nobody and give everybody the same.
const SAME: &[&str] = &[
    "SELECT count(*), count(email), count(phone) FROM registrations",
    "SELECT count(DISTINCT email), count(DISTINCT phone) FROM registrations",
    "SELECT count(*) FROM registrations GROUP BY email ORDER BY 1",
    "SELECT count(*) FROM registrations GROUP BY email, phone ORDER BY 1",
    "SELECT n, count(*) FROM (SELECT count(*) AS n FROM registrations GROUP BY phone) GROUP BY n ORDER BY n",
    "SELECT a.registration_id, b.directory_id FROM registrations AS a JOIN registrations AS b
        ON a.email = b.email AND a.directory_id <> b.directory_id ORDER BY 1, 2",
    "SELECT a.registration_id, b.directory_id FROM registrations AS a JOIN registrations AS b USING (phone)
        WHERE a.directory_id < b.directory_id ORDER BY 1, 2",
    "SELECT registration_id FROM registrations WHERE phone IN (SELECT phone FROM removed_registrations)",
    "SELECT registration_id FROM registrations WHERE email IS NULL ORDER BY 1",
    "SELECT city, zip, count(*) FROM registrations GROUP BY city, zip ORDER BY city",
    "SELECT * FROM registrations_by_day ORDER BY directory_id, day",
    "SELECT day, sum(b.registrations) OVER (ORDER BY day) FROM registrations_by_day AS b JOIN directories
        USING (directory_id) ORDER BY day",
    "SELECT substr(birth_date, 1, 4) AS year, count(*) FROM registrations GROUP BY year ORDER BY year",
    "SELECT registered_on, count(*) FILTER (WHERE paid) FROM registrations GROUP BY 1 ORDER BY 1",
    "SELECT kind, count(*) FROM registration_changes GROUP BY kind ORDER BY kind",
    "SELECT seq, j.key FROM registration_changes, json_each(after) AS j ORDER BY seq, j.id",
    "SELECT seq, registration_id, j.value FROM registration_changes, json_each(after) AS j
        WHERE j.key IN ('city', 'paid', 'registered_at', 'removed_at') ORDER BY seq, j.key",
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4)
        SELECT i, (SELECT count(*) FROM registrations WHERE paid = i % 2) FROM n",
    "SELECT count(*) FROM registrations AS r JOIN registration_changes AS c USING (directory_id, registration_id)
        WHERE c.after ->> 'email' = r.email",
    "SELECT outcome, count(*) FROM walks GROUP BY outcome",
    "SELECT directory_id, name, registrations, last_error FROM sync_status ORDER BY 1",
];

#[test]
fn counts_groups_and_joins_are_the_same_for_masked_and_full_readers() {
    let world = World::new();
    let (masked, full) = (world.reader(Access::Masked), world.reader(Access::Full));
    for sql in SAME {
        let answer = ask(&full, sql).unwrap();
        assert_eq!(ask(&masked, sql).unwrap(), answer, "{sql}");
        assert!(!answer.1.is_empty(), "nothing was compared: {sql}");
    }
}

#[test]
fn every_view_has_the_same_columns_and_as_many_rows_for_both() {
    let world = World::new();
    let (masked, full) = (world.reader(Access::Masked), world.reader(Access::Full));
    for view in VIEWS {
        let sql = format!("SELECT * FROM {view}");
        let (one, other) = (ask(&masked, &sql).unwrap(), ask(&full, &sql).unwrap());
        assert_eq!(one.0, other.0, "{view}");
        assert_eq!(one.1.len(), other.1.len(), "{view}");
        assert!(!one.1.is_empty(), "{view} is empty");
    }
}

#[test]
fn masks_null_years_and_the_rest_are_shown_as_promised() {
    let world = World::new();
    let sql =
        "SELECT email, phone, first_name, last_name, birth_date, address, zip, city, custom_1, custom_3, raw,
            registered_text, registered_at, registered_zone
        FROM registrations WHERE directory_id = 'dir_2' ORDER BY registration_id";
    let (_, rows) = ask(&world.reader(Access::Masked), sql).unwrap();
    let is_mask = |text: &str| text.len() == 24 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    assert!(is_mask(&rows[0][0]) && is_mask(&rows[0][1]), "{rows:?}");
    let rest = ["-", "-", "1991", "-", "1000", "Brussel", "-", "-", "-", "-"];
    assert_eq!(rows[0][2..12], rest);
    assert_eq!(rows[0][12..], ["2026-11-23T19:00:00Z", "assumed"]);
    assert_eq!(rows[3][..2], ["-", "-"], "who has none, has no mask");
}
