//! Erasure: nothing of the person in tables, feed, ledger and bytes, and none of it comes back.

use std::fs;

use coupontools_mirror::simulator::Mutation;
use coupontools_mirror::simulator::mutation::RegistrationNumber;
use rusqlite::{Connection, OpenFlags};
use serde_json::Value;

use crate::stage::{DIRECTORY, File, Mirror, Upstream, until};

/// Somebody of the mirror: their ID and texts that tell of them.
struct Somebody {
    id: String,
    email: String,
    texts: Vec<String>,
}

fn mirrored() -> (Upstream, Mirror) {
    let upstream = Upstream::of(&[300]);
    let mirror = Mirror::of(&upstream);
    mirror.sync(&[]).exits(0);
    (upstream, mirror)
}

fn somebody(mirror: &Mirror) -> Somebody {
    let whole =
        "FROM registrations WHERE email IS NOT NULL AND phone IS NOT NULL ORDER BY registration_id LIMIT 1";
    let text = |column: &str| mirror.file().value::<String>(&format!("SELECT {column} {whole}"));
    Somebody {
        id: text("registration_id"),
        email: text("email"),
        texts: ["email", "phone", "address"].map(text).into(),
    }
}

fn number(id: &str) -> RegistrationNumber {
    RegistrationNumber(id.trim_start_matches("reg_").parse().unwrap())
}

/// Whether the file or its log hold any of these texts.
pub fn is_held(mirror: &Mirror, texts: &[String]) -> bool {
    let of = |path: &std::path::Path| fs::read(path).unwrap_or_default();
    [mirror.database(), mirror.database().with_extension("db-wal")].iter().any(|path| {
        let bytes = of(path);
        texts.iter().any(|text| bytes.windows(text.len()).any(|window| window == text.as_bytes()))
    })
}

#[test]
fn without_yes_it_shows_what_is_held_and_erases_nothing() {
    let (_upstream, mirror) = mirrored();
    let who = somebody(&mirror);
    mirror.call(&["send", "email", "--directory", DIRECTORY, "--to", &who.email]).exits(0);
    let shown = mirror.call(&["erase", "--email", &who.email]).exits(0).stdout;
    for words in [&*who.id, &*who.email, "sends: 1", "--yes erases it"] {
        assert!(shown.contains(words), "{words} in {shown}");
    }
    let told: Value =
        serde_json::from_str(&mirror.call(&["erase", "--email", &who.email, "--json"]).exits(0).stdout)
            .unwrap();
    assert_eq!(
        (&told["registrations"][0]["registration_id"], &told["erased"]),
        (&who.id.into(), &false.into())
    );
    assert!(is_held(&mirror, &who.texts));
    let nobody = mirror.call(&["erase", "--email", "nobody@example.com"]).exits(0).stdout;
    assert!(nobody.contains("holds nothing of this person"), "{nobody}");
}

#[test]
fn nothing_of_the_person_stays_and_the_row_counts() {
    let (upstream, mirror) = mirrored();
    let who = somebody(&mirror);
    // They changed, were sent something, and opted out.
    upstream.change(DIRECTORY, Mutation { edit_ids: vec![number(&who.id)], ..Mutation::default() });
    mirror.sync(&["--full"]).exits(0);
    let who = Somebody { texts: [who.texts, somebody(&mirror).texts].concat(), ..who };
    mirror
        .call(&["send", "email", "--directory", DIRECTORY, "--to", &who.email, "--subject", "For you"])
        .exits(0);
    mirror.call(&["opt-out", "add", "--email", &who.email]).exits(0);

    mirror.call(&["erase", "--email", &who.email, "--yes"]).exits(0);
    assert!(!is_held(&mirror, &who.texts), "bytes of it are left");
    let file = mirror.file();
    assert_eq!(file.count("registrations"), 300);
    assert_eq!(file.count("registrations WHERE erased_at IS NOT NULL AND email IS NULL AND raw = '{}'"), 1);
    assert_eq!(file.value::<i64>("SELECT sum(registrations) FROM registrations_by_day"), 300);
    assert_eq!(file.count("sends WHERE recipient IS NULL AND text IS NULL"), 1);
    let told = format!("registration_changes WHERE registration_id = '{}'", who.id);
    // What changed is empty; that it was erased is told, and of no value what it was.
    assert_eq!((file.count(&told), file.count(&format!("{told} AND after IS NOT NULL"))), (2, 1));
    let last =
        file.value::<String>(&format!("SELECT after FROM {told} AND before IS NULL AND after IS NOT NULL"));
    let last: Value = serde_json::from_str(&last).unwrap();
    assert!(
        last["email"].is_null() && last["raw"] == serde_json::json!({}) && last["erased_at"].is_string(),
        "{last}"
    );
    // They are still sent nothing, although nobody knows any more who they are.
    mirror.call(&["send", "email", "--directory", DIRECTORY, "--to", &who.email]).exits(1).says("opted out");
    file.assert_whole();
}

#[test]
fn walks_do_not_bring_it_back_while_the_vendor_goes_on_listing_them() {
    let (upstream, mirror) = mirrored();
    let who = somebody(&mirror);
    mirror.call(&["erase", "--email", &who.email, "--yes"]).exits(0);
    let changes = mirror.file().count("registration_changes");
    for edit in [Vec::new(), vec![number(&who.id)], Vec::new()] {
        upstream.change(DIRECTORY, Mutation { edit_ids: edit, ..Mutation::default() });
        let walk = mirror.sync(&["--full"]).exits(0).walk();
        assert_eq!((&walk["updated"], &walk["missing"]), (&0.into(), &0.into()));
        assert!(!is_held(&mirror, &who.texts));
    }
    assert_eq!(mirror.file().count("registration_changes"), changes);
    // Gone upstream, the row is removed as any other.
    upstream.change(DIRECTORY, Mutation { delete: vec![number(&who.id)], ..Mutation::default() });
    mirror.sync(&["--full"]).exits(0);
    mirror.sync(&["--full"]).exits(0);
    assert_eq!(mirror.file().count("removed_registrations WHERE erased_at IS NOT NULL"), 1);
    upstream.change(DIRECTORY, Mutation { restore: vec![number(&who.id)], ..Mutation::default() });
    mirror.sync(&["--full"]).exits(0);
    assert_eq!(mirror.file().count("registrations WHERE erased_at IS NOT NULL AND email IS NULL"), 1);
    assert!(!is_held(&mirror, &who.texts));
}

#[test]
fn who_comes_in_later_with_an_erased_address_comes_in_emptied() {
    // Two directories of one person: the second is mirrored only after the erasure.
    let upstream = Upstream::of(&[300, 40]);
    let mirror = Mirror::of(&upstream).with("[sync]\ninclude = [\"dir_10001\"]");
    mirror.sync(&[]).exits(0);
    let later = upstream.standing("dir_10002").unwrap();
    let email =
        later.iter().find_map(|row| serde_json::to_value(row).unwrap()["email"].as_str().map(str::to_owned));
    let email = email.unwrap();
    mirror.call(&["erase", "--email", &email, "--yes"]).exits(0);
    let both = fs::read_to_string(mirror.configuration()).unwrap().replace("[\"dir_10001\"]", "[]");
    fs::write(mirror.configuration(), both).unwrap();
    mirror.sync(&[]).exits(0);
    let erased = "registrations WHERE directory_id = 'dir_10002' AND erased_at IS NOT NULL AND email IS NULL";
    assert_eq!((mirror.file().count(erased), mirror.file().count("registrations")), (1, 340));
    assert!(!is_held(&mirror, &[email]));
}

#[test]
fn one_registration_is_erased_by_its_id() {
    let (_upstream, mirror) = mirrored();
    let who = somebody(&mirror);
    let named = format!("{DIRECTORY}/{}", who.id);
    mirror.call(&["erase", "--registration", &named, "--yes", "--json"]).exits(0);
    assert_eq!(mirror.file().count("registrations WHERE erased_at IS NOT NULL"), 1);
    assert!(!is_held(&mirror, &who.texts));
    mirror.call(&["erase", "--registration", "reg_1"]).exits(2).says("dir_12345/reg_67890");
    mirror.call(&["erase"]).exits(2);
}

#[test]
fn an_address_that_only_the_feed_still_tells_of_finds_the_person() {
    let (upstream, mirror) = mirrored();
    let who = somebody(&mirror);
    let old = format!(
        "UPDATE registration_change SET before = json_object('email', 'old@example.com'), \
        after = json_object('email', '{}') WHERE registration_id = '{}'",
        who.email, who.id
    );
    upstream.change(DIRECTORY, Mutation { edit_ids: vec![number(&who.id)], ..Mutation::default() });
    mirror.sync(&["--full"]).exits(0);
    File::execute(&mirror.database(), &old);
    mirror.call(&["send", "email", "--directory", DIRECTORY, "--to", "old@example.com"]).exits(0);
    mirror.call(&["send", "email", "--directory", DIRECTORY, "--to", &who.email]).exits(0);
    mirror.call(&["erase", "--email", "old@example.com", "--yes"]).exits(0);
    assert_eq!(mirror.file().count("registrations WHERE erased_at IS NOT NULL"), 1);
    assert_eq!(mirror.file().count("sends WHERE recipient IS NULL"), 2);
    assert!(!is_held(&mirror, &[vec!["old@example.com".into()], who.texts].concat()));
}

#[test]
fn a_number_finds_the_person_also_in_its_national_form() {
    let (_upstream, mirror) = mirrored();
    let who = somebody(&mirror);
    let national =
        format!("UPDATE registration SET phone = '0470 12 34 56' WHERE registration_id = '{}'", who.id);
    File::execute(&mirror.database(), &national);
    let to = ["send", "sms", "--directory", DIRECTORY, "--to", "+32470123456"];
    mirror.call(&to).exits(0);
    mirror.call(&["erase", "--phone", "0470123456"]).exits(2).says("without a country");
    mirror.call(&["erase", "--phone", "0470123456", "--country", "BE", "--yes"]).exits(0);
    assert_eq!(mirror.file().count("registrations WHERE erased_at IS NOT NULL"), 1);
    assert_eq!(mirror.file().count("sends WHERE recipient IS NULL"), 1);
    assert!(!is_held(&mirror, &["+32470123456".into(), "0470 12 34 56".into()]));
}

#[test]
fn it_erases_beside_a_daemon_that_writes() {
    let (upstream, mirror) = mirrored();
    let mirror = mirror.with("[schedule]\nincremental = \"* * * * * *\"\nfull = \"*/2 * * * * *\"");
    let who = somebody(&mirror);
    let daemon = mirror.start(&["run"]);
    daemon.until_says("listening");
    for _ in 0..3 {
        upstream.change(
            DIRECTORY,
            Mutation { edit_ids: vec![number(&who.id)], insert: 3, ..Mutation::default() },
        );
        mirror.call(&["erase", "--registration", &format!("{DIRECTORY}/{}", who.id), "--yes"]).exits(0);
    }
    let full = "walks WHERE kind = 'full' AND outcome = 'complete'";
    let before = mirror.file().count(full);
    until("two more full walks", || mirror.file().count(full) > before + 2);
    daemon.signal(rustix::process::Signal::TERM);
    daemon.end().exits(0);
    assert_eq!(mirror.file().count("registrations WHERE erased_at IS NOT NULL AND email IS NULL"), 1);
    assert!(!is_held(&mirror, &who.texts));
}

#[test]
fn what_older_versions_of_the_row_left_in_the_file_is_wiped_too() {
    let (_upstream, mirror) = mirrored();
    let who = somebody(&mirror);
    // A program without secure_delete moved the row about.
    let moved = format!(
        "PRAGMA secure_delete = OFF; \
         UPDATE registration SET raw = raw || zeroblob(3000) WHERE registration_id < '{0}z'; \
         UPDATE registration SET raw = '{{}}' WHERE registration_id < '{0}z';",
        who.id
    );
    File::execute(&mirror.database(), &moved);
    mirror.call(&["erase", "--email", &who.email, "--yes"]).exits(0);
    assert!(!is_held(&mirror, &who.texts));
    mirror.file().assert_whole();
}

#[test]
fn a_reader_that_holds_the_log_is_named_as_what_is_in_the_way() {
    let (upstream, mirror) = mirrored();
    let who = somebody(&mirror);
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
    let reader = Connection::open_with_flags(mirror.database(), flags).unwrap();
    reader.execute_batch("BEGIN").unwrap();
    reader.query_row("SELECT count(*) FROM registrations", [], |_| Ok(())).unwrap();
    upstream.change(DIRECTORY, Mutation { edit_ids: vec![number(&who.id)], ..Mutation::default() });
    let running = mirror.start(&["erase", "--email", &who.email, "--yes"]);
    until("the tables are emptied", || mirror.file().count("registrations WHERE erased_at IS NOT NULL") == 1);
    running.end().exits(1).says("cannot wipe the log: a reader holds it").says("hint: ");
    assert!(mirror.call(&["check"]).exits(0).stdout.contains("an erasure was not finished"));
    drop(reader);
    // Nothing tells any more what to look for.
    let again = mirror.call(&["erase", "--email", &who.email, "--yes"]).exits(0).stdout;
    assert!(again.contains("holds nothing") && again.contains("what an earlier erasure had left"), "{again}");
    assert!(!is_held(&mirror, &who.texts));
    let again = mirror.call(&["erase", "--email", &who.email, "--yes", "--json"]).exits(0).stdout;
    let told: Value = serde_json::from_str(&again).unwrap();
    assert_eq!((&told["erased"], &told["wiped"]), (&false.into(), &Value::Null));
    assert!(!mirror.call(&["check"]).exits(0).stdout.contains("an erasure was not finished"));
}

#[test]
fn a_text_that_begins_in_one_column_of_somebody_else_and_ends_in_the_next_is_theirs() {
    let (_upstream, mirror) = mirrored();
    let who = somebody(&mirror);
    let streets = format!(
        "UPDATE registration SET address = 'Kerkstraat 1', zip = '9000' WHERE registration_id <> '{0}'; \
         UPDATE registration SET address = 'Kerkstraat 19' WHERE registration_id = '{0}'; VACUUM",
        who.id
    );
    File::execute(&mirror.database(), &streets);
    mirror.call(&["erase", "--email", &who.email, "--yes"]).exits(0);
    assert!(!is_held(&mirror, &[who.email]));
}

#[test]
fn whoever_is_held_can_be_erased_also_where_nobody_could_be_sent_to() {
    let (_upstream, mirror) = mirrored();
    for (column, held, named) in [
        ("phone", "+32 2 512 34 56", ["--phone", "0032 2 512 34 56"]),
        ("phone", "+33639981354", ["--phone", "+33639981354"]),
        ("email", "Ann.@example.com", ["--email", "ann.@example.com"]),
        ("email", "ann@localhost", ["--email", "ann@localhost"]),
    ] {
        let who = somebody(&mirror);
        let change =
            format!("UPDATE registration SET {column} = '{held}' WHERE registration_id = '{}'", who.id);
        File::execute(&mirror.database(), &change);
        mirror.call(&["opt-out", "add", named[0], named[1]]).exits(0);
        let erased = mirror.call(&["erase", named[0], named[1], "--yes"]).exits(0).stdout;
        assert!(erased.contains(&who.id) && erased.contains("opt-outs: 1"), "{erased}");
        assert!(!is_held(&mirror, &[held.into()]));
    }
    mirror.call(&["erase", "--email", "ann"]).exits(2).says("no email address").says("--registration");
}

#[test]
fn who_shares_a_number_with_somebody_erased_by_address_comes_in_whole() {
    let upstream = Upstream::of(&[300, 40]);
    let mirror = Mirror::of(&upstream).with("[sync]\ninclude = [\"dir_10001\"]");
    mirror.sync(&[]).exits(0);
    let (who, later) = (somebody(&mirror), upstream.standing("dir_10002").unwrap());
    let shared = later.iter().find_map(|row| {
        let row = serde_json::to_value(row).unwrap();
        Some((row["email"].as_str()?.to_owned(), row["phone"].as_str()?.to_owned()))
    });
    let (email, phone) = shared.unwrap();
    let family = format!("UPDATE registration SET phone = '{phone}' WHERE registration_id = '{}'", who.id);
    File::execute(&mirror.database(), &family);
    mirror.call(&["erase", "--email", &who.email, "--yes"]).exits(0);
    let both = fs::read_to_string(mirror.configuration()).unwrap().replace("[\"dir_10001\"]", "[]");
    fs::write(mirror.configuration(), both).unwrap();
    mirror.sync(&[]).exits(0);
    let whole = format!("registrations WHERE email = '{email}' AND phone = '{phone}' AND erased_at IS NULL");
    assert_eq!(mirror.file().count(&whole), 1);
    // Erased by the number, everybody who has it is.
    let erased = mirror.call(&["erase", "--phone", &phone, "--yes"]).exits(0).stdout;
    assert!(erased.contains(&email), "{erased}");
}

#[test]
fn what_was_not_looked_at_is_told_and_other_files_are_named() {
    let (_upstream, mirror) = mirrored();
    let who = somebody(&mirror);
    let national =
        format!("UPDATE registration SET phone = '0470 12 34 56' WHERE registration_id = '{}'", who.id);
    File::execute(&mirror.database(), &national);
    for named in [["--phone", "+32470123456"], ["--email", &who.email]] {
        let shown = mirror.call(&[&["erase"], &named[..]].concat()).exits(0).stdout;
        assert!(shown.contains("national form that were not compared: 1; --country BE"), "{shown}");
    }
    fs::create_dir(mirror.path("snapshots")).unwrap();
    let copies = ["mirror.db.replaced-2026-11-24T02-30-00Z", "mirror.db-before-0011", "mirror.db.partial"];
    for copy in copies {
        fs::write(mirror.path(copy), "whatever").unwrap();
    }
    for by_hand in ["by-hand.db", "mirror.db-2026-11-25"] {
        mirror.call(&["snapshot", &mirror.path(by_hand).display().to_string()]).exits(0);
    }
    mirror
        .call(&["snapshot", &mirror.path("snapshots/mirror-2026-11-24T02-30-00Z.db").display().to_string()])
        .exits(0);
    let erased = mirror.call(&["erase", "--email", &who.email, "--country", "BE", "--yes"]).exits(0).stdout;
    for copy in
        [&copies[..], &["mirror-2026-11-24T02-30-00Z.db", "by-hand.db", "mirror.db-2026-11-25"]].concat()
    {
        assert!(erased.contains(copy), "{copy} in {erased}");
    }
    let named = format!("{DIRECTORY}/reg_1");
    mirror.call(&["erase", "--registration", &named, "--yes"]).exits(1).says("has no registration reg_1 in");
}

#[test]
fn what_was_killed_before_it_wiped_is_wiped_by_the_next_erasure() {
    let (_upstream, mirror) = mirrored();
    let who = somebody(&mirror);
    let reader = Connection::open_with_flags(mirror.database(), OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    reader.execute_batch("BEGIN").unwrap();
    reader.query_row("SELECT count(*) FROM registrations", [], |_| Ok(())).unwrap();
    let running = mirror.start(&["erase", "--email", &who.email, "--yes"]);
    until("the tables are emptied", || mirror.file().count("registrations WHERE erased_at IS NOT NULL") == 1);
    running.kill();
    drop(reader);
    assert!(is_held(&mirror, &who.texts));
    mirror.call(&["erase", "--email", "nobody@example.com", "--yes"]).exits(0);
    assert!(!is_held(&mirror, &who.texts));
}

#[test]
fn registrations_of_others_that_name_the_person_are_told_and_stay() {
    let (_upstream, mirror) = mirrored();
    let who = somebody(&mirror);
    let other = mirror.file().value::<String>("SELECT max(registration_id) FROM registrations");
    let named = format!(
        "UPDATE registration SET custom_1 = 'by {}' WHERE registration_id = '{other}'",
        who.email.to_uppercase()
    );
    File::execute(&mirror.database(), &named);
    for more in [&[][..], &["--yes"]] {
        let told = mirror.call(&[&["erase", "--email", &who.email], more].concat()).exits(0).stdout;
        assert!(told.contains(&format!("{DIRECTORY}/{other}")), "{told}");
    }
    assert_eq!(mirror.file().count("registrations WHERE erased_at IS NOT NULL"), 1);
    assert_eq!(
        mirror.file().count(&format!("registrations WHERE custom_1 = 'by {}'", who.email.to_uppercase())),
        1
    );
}

#[test]
fn what_was_deleted_as_past_is_wiped_although_nobody_knows_what_it_was() {
    let (_upstream, mirror) = mirrored();
    let who = somebody(&mirror);
    // An old value, which only the feed tells of, is past; the pages that held it are free.
    let long = "Geheimstraat 1001, which nobody else has";
    let pages = format!(
        "UPDATE registration_change SET at = '2020-01-01T00:00:00Z'; WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 400) \
         INSERT INTO registration_change (at, kind, directory_key, registration_id, before, after) \
         SELECT '2020-01-01T00:00:00Z', 'updated', 1, '{}', json_object('address', '{long}'), '{{}}' FROM n",
        who.id
    );
    File::execute(&mirror.database(), &pages);
    let mirror = mirror.with("[retention]\nchanges_days = 1");
    let daemon = mirror.start(&["run"]);
    until("changes are past", || mirror.file().count("registration_changes WHERE kind = 'updated'") == 0);
    daemon.signal(rustix::process::Signal::TERM);
    daemon.end().exits(0);
    assert!(is_held(&mirror, &[long.into()]), "nothing is to be wiped");
    mirror.call(&["erase", "--email", &who.email, "--yes"]).exits(0);
    assert!(!is_held(&mirror, &[vec![long.into()], who.texts].concat()));
    mirror.file().assert_whole();
}

#[test]
fn who_is_corrected_to_an_erased_address_is_emptied() {
    let (upstream, mirror) = mirrored();
    let who = somebody(&mirror);
    let typo = format!(
        "UPDATE registration SET email = 'mistyped@example.com', fingerprint = 1 WHERE registration_id = '{}'",
        who.id
    );
    File::execute(&mirror.database(), &typo);
    mirror.call(&["erase", "--email", &who.email, "--yes"]).exits(0);
    assert_eq!(mirror.file().count("registrations WHERE erased_at IS NOT NULL"), 0);
    // The vendor has the right address.
    upstream.change(DIRECTORY, Mutation::default());
    mirror.sync(&["--full"]).exits(0);
    let emptied = format!(
        "registrations WHERE registration_id = '{}' AND email IS NULL AND erased_at IS NOT NULL",
        who.id
    );
    assert_eq!((mirror.file().count(&emptied), mirror.file().count("registrations")), (1, 300));
    mirror.sync(&["--full"]).exits(0);
    assert_eq!(mirror.file().count(&emptied), 1);
}

#[test]
fn a_national_number_is_recognised_when_it_is_listed_anew() {
    let upstream = Upstream::of(&[300, 40]);
    let mirror = Mirror::of(&upstream).with("[sync]\ninclude = [\"dir_10001\"]");
    mirror.sync(&[]).exits(0);
    let who = somebody(&mirror);
    let listed = "UPDATE registration SET phone = '0470 12 34 56', email = NULL, fingerprint = 1 WHERE registration_id = ";
    File::execute(&mirror.database(), &format!("{listed}'{}'", who.id));
    mirror.call(&["erase", "--phone", "+32470123456", "--country", "BE", "--yes"]).exits(0);
    // As a walk finds out: by the writer's own statement.
    let file = mirror.file();
    assert_eq!(file.count("registrations WHERE erased_at IS NOT NULL"), 1);
    let hashes = "SELECT count(*) FROM erasure WHERE channel = 'sms' AND is_named";
    let connection =
        Connection::open_with_flags(mirror.database(), OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    assert_eq!(connection.query_row(hashes, [], |row| row.get::<_, i64>(0)).unwrap(), 2);
}

#[test]
fn an_erased_registration_is_not_deleted_as_past() {
    let (upstream, mirror) = mirrored();
    let who = somebody(&mirror);
    mirror.call(&["erase", "--registration", &format!("{DIRECTORY}/{}", who.id), "--yes"]).exits(0);
    upstream.change(
        DIRECTORY,
        Mutation { delete: vec![number(&who.id)], delete_random: 3, ..Mutation::default() },
    );
    mirror.sync(&["--full"]).exits(0);
    mirror.sync(&["--full"]).exits(0);
    File::execute(
        &mirror.database(),
        "UPDATE registration SET removed_at = '2020-01-01T00:00:00Z' WHERE removed_at IS NOT NULL",
    );
    let mirror = mirror.with("[retention]\nremoved_days = 1");
    let daemon = mirror.start(&["run"]);
    until("the others are past", || mirror.file().count("removed_registrations") == 1);
    daemon.signal(rustix::process::Signal::TERM);
    daemon.end().exits(0);
    upstream.change(DIRECTORY, Mutation { restore: vec![number(&who.id)], ..Mutation::default() });
    mirror.sync(&["--full"]).exits(0);
    assert!(!is_held(&mirror, &who.texts));
}

#[test]
fn an_erased_row_has_the_date_that_walks_read_and_others_are_removed_by_it() {
    let upstream = Upstream::of(&[300]);
    let mirror = Mirror::of(&upstream).api("time_zone = \"Europe/Brussels\"");
    upstream.set(serde_json::json!({ "dates": "local" }));
    mirror.sync(&[]).exits(0);
    let who = somebody(&mirror);
    mirror.call(&["erase", "--registration", &format!("{DIRECTORY}/{}", who.id), "--yes"]).exits(0);
    let zone =
        fs::read_to_string(mirror.configuration()).unwrap().replace("Europe/Brussels", "America/Los_Angeles");
    fs::write(mirror.configuration(), zone).unwrap();
    mirror.sync(&["--full"]).exits(0);
    upstream.change(DIRECTORY, Mutation { delete_random: 5, ..Mutation::default() });
    for _ in 0..3 {
        mirror.sync(&["--full"]).exits(0);
    }
    let gone = 300 - upstream.standing(DIRECTORY).unwrap().len() as i64;
    assert_eq!((mirror.file().count("removed_registrations"), gone), (5, 5));
    assert!(!is_held(&mirror, &who.texts));
}
