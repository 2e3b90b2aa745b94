//! A restore, and then: nobody is sent twice what they were sent since the snapshot, nobody who opted out since is sent
//! anything, and nobody who was erased since comes back.

use std::collections::BTreeSet;

use coupontools_mirror::simulator::Mutation;
use serde_json::{Value, json};

use super::{mirrored, received, send, told};
use crate::erasure::is_held;
use crate::stage::{DIRECTORY, File, Mirror, Upstream};

fn restore(mirror: &Mirror) -> Value {
    told(&mirror.call(&["restore", "copy.db", "--yes", "--json"]).exits(0))
}

fn erase(mirror: &Mirror, directory: &str, id: &str) {
    mirror.call(&["erase", "--registration", &format!("{directory}/{id}"), "--yes"]).exits(0);
}

/// IDs that stand upstream, in no order that matters.
fn standing(upstream: &Upstream, directory: &str) -> BTreeSet<String> {
    upstream.standing(directory).unwrap().into_iter().map(|row| row.registration_id).collect()
}

fn mirrored_ids(mirror: &Mirror, directory: &str) -> BTreeSet<String> {
    let sql = format!("SELECT registration_id FROM registrations WHERE directory_id = '{directory}'");
    mirror.file().texts(&sql).into_iter().collect()
}

/// The texts of somebody's row that are nobody else's.
fn texts(mirror: &Mirror, directory: &str, id: &str) -> Vec<String> {
    let of = |column: &str| {
        format!(
            "SELECT {column} FROM registrations AS r WHERE directory_id = '{directory}' \
             AND registration_id = '{id}' AND length({column}) > 7 \
             AND (SELECT count(*) FROM registrations AS o WHERE instr(o.raw, r.{column})) = 1"
        )
    };
    ["email", "phone", "address"].iter().flat_map(|column| mirror.file().texts(&of(column))).collect()
}

#[test]
fn nobody_gets_it_twice_or_against_their_will_and_nobody_who_was_erased_is_back() {
    let (upstream, mirror) = mirrored(250);
    let list = |sql: &str| mirror.file().texts(sql);
    let with_both = "FROM registrations WHERE email IS NOT NULL AND phone LIKE '+%' ORDER BY registration_id";
    let erased = &list(&format!("SELECT registration_id {with_both} LIMIT 1"))[0];
    let value = |column: &str, id: &str| -> String {
        mirror.file().value(&format!("SELECT {column} FROM registrations WHERE registration_id = '{id}'"))
    };
    let number = "+32470123456";
    // Before the snapshot: the first of them.
    let campaign = |select: &str| {
        let sql = format!("SELECT email FROM registrations {select}");
        send(&mirror, "email", &["--to-query", &sql, "--campaign", "spring", "--yes", "--json"])
    };
    campaign("ORDER BY registration_id LIMIT 20").exits(0);
    mirror.call(&["snapshot", "copy.db"]).exits(0);

    // After it: more of them, one does not want to, one is erased.
    campaign("ORDER BY registration_id LIMIT 100").exits(0);
    upstream.set(json!({ "opted_out": [number] }));
    send(&mirror, "sms", &["--to", number]).exits(1);
    upstream.set(json!({ "opted_out": [] }));
    let unwilling: String =
        mirror.file().value("SELECT email FROM registrations ORDER BY registration_id DESC LIMIT 1");
    mirror.call(&["opt-out", "add", "--email", &unwilling]).exits(0);
    let (email, gone) = (value("email", erased), texts(&mirror, DIRECTORY, erased));
    assert!(gone.len() >= 2 && is_held(&mirror, &gone));
    mirror.call(&["erase", "--email", &email, "--yes"]).exits(0);

    let looked = mirror.call(&["restore", "copy.db"]).exits(0).stdout;
    assert!(
        looked.contains("sends, opt-outs and erasures since the snapshot will be taken over"),
        "{looked}"
    );
    let before =
        mirror.file().texts("SELECT json_array(send_key, outcome, recipient, text, ended_at) FROM send");
    let restored = restore(&mirror);
    // Eighty of the campaign and the refused text message.
    assert_eq!(restored["taken_over"], json!({ "sends": 81, "opt_outs": 2, "erasures": 1 }));
    assert_eq!(restored["not_taken_over"], Value::Null);
    let after =
        mirror.file().texts("SELECT json_array(send_key, outcome, recipient, text, ended_at) FROM send");
    assert_eq!(before, after);
    assert!(!is_held(&mirror, &gone), "bytes of it are left");

    mirror.sync(&["--full"]).exits(0);
    assert!(!is_held(&mirror, &gone), "a walk brought it back");
    assert_eq!(
        mirror.file().count("registrations WHERE erased_at IS NOT NULL AND email IS NULL AND raw = '{}'"),
        1
    );
    mirror.file().assert_whole();
    campaign("").exits(0);
    let received = received(&upstream);
    assert!(received.values().all(|times| *times == 1), "somebody got it twice: {received:?}");
    assert!(received.len() == 249 && !received.contains_key(&unwilling));
    send(&mirror, "sms", &["--to", number]).exits(1).says("opted out");
    send(&mirror, "email", &["--to", &email, "--campaign", "spring"]).exits(1).says("sent before");
}

#[test]
fn who_came_after_the_snapshot_and_was_erased_stays_so_and_walks_find_everybody_around_them() {
    let (upstream, mirror) = mirrored(120);
    mirror.call(&["snapshot", "copy.db"]).exits(0);
    upstream.change(DIRECTORY, Mutation { insert: 350, ..Mutation::default() });
    mirror.sync(&[]).exits(0);
    // The last of the first page, alone there; then one of ten.
    let newest_first = upstream.standing(DIRECTORY).unwrap().into_iter().map(|row| row.registration_id);
    let erased: Vec<String> = newest_first.take(350).skip(99).step_by(10).collect();
    let gone: Vec<String> = erased.iter().flat_map(|id| texts(&mirror, DIRECTORY, id)).collect();
    assert!(gone.len() > erased.len() && is_held(&mirror, &gone));
    erased.iter().for_each(|id| erase(&mirror, DIRECTORY, id));
    assert_eq!(restore(&mirror)["taken_over"]["erasures"], erased.len());
    let file = mirror.file();
    assert_eq!(file.count("registrations"), 120 + erased.len() as i64);
    assert_eq!(
        file.value::<i64>("SELECT sum(registrations) FROM registrations_by_day"),
        file.count("registrations")
    );
    assert_eq!(file.value::<i64>("SELECT registrations FROM directories"), file.count("registrations"));
    drop(file);

    mirror.sync(&[]).exits(0);
    assert_eq!(mirrored_ids(&mirror, DIRECTORY), standing(&upstream, DIRECTORY));
    for _ in 0..2 {
        mirror.sync(&["--full"]).exits(0);
    }
    assert_eq!(mirrored_ids(&mirror, DIRECTORY), standing(&upstream, DIRECTORY));
    mirror.file().assert_none_removed_falsely(&upstream);
    assert_eq!(mirror.file().count("registrations WHERE erased_at IS NOT NULL"), erased.len() as i64);
    assert!(!is_held(&mirror, &gone));
    // Once more, with rows that the first restore made.
    assert_eq!(restore(&mirror)["taken_over"]["erasures"], erased.len());
    mirror.sync(&[]).exits(0);
    assert_eq!(mirrored_ids(&mirror, DIRECTORY), standing(&upstream, DIRECTORY));
    assert!(!is_held(&mirror, &gone));
}

#[test]
fn also_in_a_directory_that_the_snapshot_does_not_know() {
    let upstream = Upstream::of(&[30, 250]);
    let mirror = Mirror::of(&upstream).with("[sync]\ninclude = [\"dir_10001\"]");
    mirror.sync(&[]).exits(0);
    mirror.call(&["snapshot", "copy.db"]).exits(0);
    let both = std::fs::read_to_string(mirror.configuration()).unwrap().replace("[\"dir_10001\"]", "[]");
    std::fs::write(mirror.configuration(), both).unwrap();
    mirror.sync(&[]).exits(0);
    let id = standing(&upstream, "dir_10002").first().unwrap().clone();
    let gone = texts(&mirror, "dir_10002", &id);
    assert!(is_held(&mirror, &gone));
    erase(&mirror, "dir_10002", &id);
    File::execute(&mirror.path("copy.db"), "DELETE FROM directory WHERE directory_id = 'dir_10002'");
    assert_eq!(restore(&mirror)["taken_over"]["erasures"], 1);
    mirror.sync(&[]).exits(0);
    assert_eq!(mirrored_ids(&mirror, "dir_10002"), standing(&upstream, "dir_10002"));
    assert_eq!(mirror.file().count("registrations WHERE erased_at IS NOT NULL AND email IS NULL"), 1);
    assert!(!is_held(&mirror, &gone));
    mirror.file().assert_whole();
}

#[test]
fn what_older_versions_of_a_row_left_in_the_snapshot_is_wiped_and_who_is_past_is_known_by_the_address() {
    let (_upstream, mirror) = mirrored(300);
    let ids = mirror.file().texts(
        "SELECT registration_id FROM registrations WHERE email = lower(email) AND phone LIKE '+%' \
         ORDER BY registration_id LIMIT 2",
    );
    let gone: Vec<String> = ids.iter().flat_map(|id| texts(&mirror, DIRECTORY, id)).collect();
    let emails: Vec<String> = mirror.file().texts(
        "SELECT email FROM registrations WHERE email = lower(email) AND phone LIKE '+%' \
         ORDER BY registration_id LIMIT 2",
    );
    mirror.call(&["snapshot", "copy.db"]).exits(0);
    // A program without secure_delete moved rows about.
    let moved = "PRAGMA secure_delete = OFF; UPDATE registration SET raw = raw || zeroblob(3000); \
         UPDATE registration SET raw = '{}'";
    File::execute(&mirror.path("copy.db"), moved);
    emails.iter().for_each(|email| drop(mirror.call(&["erase", "--email", email, "--yes"]).exits(0)));
    // As the retention of what was removed leaves it.
    File::execute(
        &mirror.database(),
        &format!("DELETE FROM registration WHERE registration_id = '{}'", ids[1]),
    );
    assert_eq!(restore(&mirror)["taken_over"]["erasures"], 2);
    assert!(!is_held(&mirror, &gone), "bytes of it are left");
    mirror.file().assert_whole();
    mirror.sync(&["--full"]).exits(0);
    assert_eq!(mirror.file().count("registrations WHERE erased_at IS NOT NULL AND email IS NULL"), 2);
    assert!(!is_held(&mirror, &gone));
}

#[test]
fn what_could_not_be_taken_over_is_said_with_what_to_do() {
    let (_upstream, mirror) = mirrored(3);
    mirror.call(&["snapshot", "copy.db"]).exits(0);
    send(&mirror, "email", &["--to", "ann@example.com"]).exits(0);
    File::execute(&mirror.database(), "UPDATE setting SET value = '1:0' WHERE name = 'masking_key_id'");
    let said = |words: &str, ended: String| assert!(ended.contains(words), "{words} in {ended}");
    let other_key = "NOT taken over is what was sent, opted out or erased since";
    for more in [&[][..], &["--yes"]] {
        let ended = mirror.call(&[&["restore", "copy.db"], more].concat()).exits(0).stdout;
        said(other_key, ended.clone());
        said("the masks' key is another one there", ended.clone());
        said("Send no campaign of that time again", ended.clone());
        assert!(!ended.contains("taken over from"), "{ended}");
    }
    std::fs::write(mirror.database(), vec![0x5a; 70_000]).unwrap();
    let unreadable = restore(&mirror);
    assert_eq!(unreadable["taken_over"], json!({ "sends": 0, "opt_outs": 0, "erasures": 0 }));
    said("what was there can't be read", unreadable["not_taken_over"].to_string());
}

#[test]
fn whom_another_key_does_not_recognise_is_told_after_a_restore_too() {
    let (_upstream, mirror) = mirrored(3);
    let (key, file) = (mirror.path("mirror.db-key"), mirror.path("copy").display().to_string());
    mirror.call(&["snapshot", &file]).exits(0);
    std::fs::rename(&key, mirror.path("first")).unwrap();
    mirror.sync(&[]).exits(0);
    mirror.call(&["opt-out", "add", "--email", "ann@example.com"]).exits(0);
    mirror.call(&["erase", "--email", "ann@example.com", "--yes"]).exits(0);
    std::fs::rename(mirror.path("first"), &key).unwrap();
    mirror.sync(&[]).exits(0);
    let is_told = || {
        let plan =
            told(&send(&mirror, "email", &["--to-query", "SELECT 'ann@example.com'", "--json"]).exits(0));
        let check = mirror.call(&["check"]).exits(0).stdout;
        (plan["unrecognised"] == true, check.contains("is not the one of earlier erasures"))
    };
    assert_eq!(is_told(), (true, true));
    mirror.call(&["restore", &file, "--yes"]).exits(0);
    assert_eq!(is_told(), (true, true));
}
