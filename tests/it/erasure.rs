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
    assert_eq!((file.count(&told), file.count(&format!("{told} AND after IS NOT NULL"))), (1, 0));
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
    drop(reader);
    mirror.call(&["erase", "--email", &who.email, "--yes"]).exits(0);
    assert!(!is_held(&mirror, &who.texts));
}
