//! The ledger: durable before and after each request, listed, never written where it can't be.

use super::{at_a_terminal, mirrored, outcomes, received, send, told, write_list};
use crate::stage::{DIRECTORY, File, Mirror, Upstream, until};

#[test]
fn without_a_mirror_nothing_is_sent() {
    let upstream = Upstream::of(&[3]);
    let mirror = Mirror::of(&upstream);
    send(&mirror, "email", &["--to", "ann@example.com"]).exits(1).says("no such file").says("hint: ");
    assert!(upstream.sends().is_empty());
}

#[test]
fn what_the_ledger_does_not_take_is_not_sent() {
    let (upstream, mirror) = mirrored(3);
    File::execute(
        &mirror.database(),
        "CREATE TRIGGER refuse BEFORE INSERT ON send BEGIN SELECT RAISE(ABORT, 'no'); END",
    );
    let asked = upstream.requests().total;
    send(&mirror, "email", &["--to", "ann@example.com"]).exits(1);
    assert_eq!((upstream.requests().total, upstream.sends().len()), (asked, 0));
}

#[test]
fn a_ledger_that_breaks_in_the_middle_ends_it_and_what_was_done_is_told() {
    for (breaks, sent, unknown, left) in [("INSERT", 5, 0, 5), ("UPDATE", 5, 1, 4)] {
        let (upstream, mirror) = mirrored(3);
        let list = write_list(&mirror, 10);
        let trigger = format!(
            "CREATE TRIGGER refuse BEFORE {breaks} ON send WHEN NEW.recipient = 'person5@example.com' \
             BEGIN SELECT RAISE(ABORT, 'no'); END"
        );
        File::execute(&mirror.database(), &trigger);
        let ended = send(&mirror, "email", &["--to-file", &list, "--yes", "--json"]).exits(1);
        let outcome = told(&ended)["outcome"].clone();
        ended.says("cannot use the database");
        assert_eq!(outcome["ended"], "early");
        assert_eq!([&outcome["sent"], &outcome["unknown"], &outcome["left"]], [sent, unknown, left]);
        File::execute(&mirror.database(), "DROP TRIGGER refuse");
        send(&mirror, "email", &["--to-file", &list, "--yes"]).exits(0);
        assert!(received(&upstream).len() == 10 && received(&upstream).values().all(|times| *times == 1));
    }
}

#[test]
fn the_file_itself_keeps_a_series_from_being_sent_twice() {
    let (_upstream, mirror) = mirrored(3);
    send(&mirror, "email", &["--to", "ann@example.com", "--campaign", "spring"]).exits(0);
    let again = "INSERT INTO send (at, channel, directory_id, campaign, series, recipient, recipient_hash, outcome) \
        SELECT at, channel, directory_id, campaign, series, recipient, recipient_hash, 'sending' FROM send";
    let connection = rusqlite::Connection::open(mirror.database()).unwrap();
    assert!(connection.execute_batch(again).is_err());
    assert_eq!(outcomes(&mirror), [("sent".into(), 1)].into());
}

#[test]
fn the_list_is_a_table_for_people() {
    let (_upstream, mirror) = mirrored(3);
    assert_eq!(mirror.call(&["send", "list"]).exits(0).stdout, "nothing\n");
    send(&mirror, "email", &["--to", "ann@example.com", "--campaign", "spring"]).exits(0);
    let table = mirror.call(&["send", "list"]).exits(0).stdout;
    for words in ["RECIPIENT", "ann@example.com", "email of dir_10001, campaign spring", "sent"] {
        assert!(table.contains(words), "{table}");
    }
    mirror.call(&["erase", "--email", "ann@example.com", "--yes"]).exits(0);
    let table = mirror.call(&["send", "list"]).exits(0).stdout;
    assert!(table.contains(" emptied ") && !table.contains("ann@"), "{table}");
}

#[test]
fn what_is_listed_fits_a_terminal_and_stays_readable() {
    let (upstream, mirror) = mirrored(3);
    let long = "somebody.with.a.rather.long.name@department.of.a.company.example.com";
    send(&mirror, "email", &["--to", long, "--campaign", "a campaign with a name of many words"]).exits(0);
    upstream
        .set(serde_json::json!({ "refused_recipients": ["+32470123456"], "opted_out": ["+32470123457"] }));
    send(&mirror, "sms", &["--to", "+32470123456"]).exits(1);
    send(&mirror, "sms", &["--to", "+32470123457"]).exits(1);
    mirror.call(&["opt-out", "add", "--email", long]).exits(0);
    for (arguments, whole) in [
        (
            &["send", "list"][..],
            &["failed: the", "provider did", "+32470123456", "email of", "dir_10001,"][..],
        ),
        (&["opt-out", "list"], &["REASON", "operator", "vendor", "+32470123457"]),
    ] {
        let shown = at_a_terminal(&mirror, arguments);
        // The line under the header is as wide, in characters that are not read as such here.
        let rows = shown.lines().filter(|line| line.is_ascii());
        let widest = rows.map(|line| line.trim_end().len()).max();
        assert!(widest <= Some(80) && widest > Some(60), "{widest:?}: {shown}");
        assert!(whole.iter().all(|words| shown.contains(words)), "{shown}");
        let piped = mirror.call(arguments).exits(0).stdout;
        assert!(piped.contains(long), "{piped}");
    }
}

#[test]
fn the_list_is_narrowed_by_campaign_and_outcome() {
    let (upstream, mirror) = mirrored(3);
    upstream.set(serde_json::json!({ "refused_recipients": ["bob@example.com"] }));
    for (to, campaign, exit) in [("ann", "spring", 0), ("bob", "spring", 1), ("eve", "autumn", 0)] {
        let to = format!("{to}@example.com");
        send(&mirror, "email", &["--to", &to, "--campaign", campaign]).exits(exit);
    }
    let listed = |more: &[&str]| -> Vec<String> {
        let listed = told(&mirror.call(&[&["send", "list", "--json"], more].concat()).exits(0));
        let sends = listed["sends"].as_array().unwrap().clone();
        sends
            .iter()
            .map(|send| send["recipient"].as_str().unwrap().split('@').next().unwrap().into())
            .collect()
    };
    assert_eq!(listed(&[]), ["eve", "bob", "ann"]);
    assert_eq!(listed(&["--campaign", "spring"]), ["bob", "ann"]);
    assert_eq!(listed(&["--campaign", " spring ", "--limit", "1"]), ["bob"]);
    assert_eq!(listed(&["--outcome", "sent"]), ["eve", "ann"]);
    assert_eq!(listed(&["--campaign", "spring", "--outcome", "failed"]), ["bob"]);
    assert_eq!(listed(&["--campaign", "spring", "--unknown"]), [""; 0]);
    mirror.call(&["send", "list", "--unknown", "--outcome", "sent"]).exits(2);
}

#[test]
fn with_another_masking_key_nothing_is_sent() {
    let (upstream, mirror) = mirrored(3);
    send(&mirror, "email", &["--to", "ann@example.com"]).exits(0);
    let key = mirror.path("mirror.db-key");
    std::fs::rename(&key, mirror.path("kept")).unwrap();
    let lost = send(&mirror, "email", &["--to", "ann@example.com"]);
    assert_ne!(lost.says("it is not there").code(), Some(0));
    assert!(!key.exists());
    std::fs::write(&key, "0".repeat(64)).unwrap();
    send(&mirror, "email", &["--to", "ann@example.com"])
        .says("not the one that the database was masked with");
    std::fs::rename(mirror.path("kept"), &key).unwrap();
    send(&mirror, "email", &["--to", "ann@example.com"]).exits(1).says("sent before");
    assert_eq!(received(&upstream), [("ann@example.com".into(), 1)].into());
}

#[test]
fn a_key_that_is_replaced_while_a_campaign_runs_ends_it() {
    let (upstream, mirror) = mirrored(3);
    let list = write_list(&mirror, 2_000);
    let arguments = ["send", "email", "--directory", DIRECTORY, "--to-file", &list, "--yes"];
    let running = mirror.start(&arguments);
    until("some have it", || upstream.sends().len() > 10);
    std::fs::remove_file(mirror.path("mirror.db-key")).unwrap();
    mirror.sync(&[]).exits(0);
    running.end().exits(1).says("masked with another key meanwhile").says("hint: ");
    assert!(upstream.sends().len() < 2_000, "it was replaced too late");
    mirror.call(&arguments).exits(0);
    assert!(received(&upstream).len() == 2_000 && received(&upstream).values().all(|times| *times == 1));
}

#[test]
fn whom_another_key_does_not_recognise_is_told() {
    let (_upstream, mirror) = mirrored(3);
    let list = write_list(&mirror, 3);
    mirror.call(&["opt-out", "add", "--email", "person1@example.com"]).exits(0);
    mirror.call(&["erase", "--email", "person1@example.com", "--yes"]).exits(0);
    let plan = || send(&mirror, "email", &["--to-file", &list]).exits(0).stdout;
    assert!(plan().contains("1  left out: opted out") && !plan().contains("beware"));
    let key = mirror.path("mirror.db-key");
    std::fs::rename(&key, mirror.path("kept")).unwrap();
    mirror.sync(&[]).exits(0);
    assert!(plan().contains("beware: the masks' key is not the one of earlier erasures"), "{}", plan());
    assert!(mirror.call(&["check"]).exits(0).stdout.contains("is not the one of earlier erasures"));
    // Under that key, too, somebody is erased; and the first key is put back: it recognises those of its time.
    mirror.call(&["opt-out", "add", "--email", "person2@example.com"]).exits(0);
    mirror.call(&["erase", "--email", "person2@example.com", "--yes"]).exits(0);
    std::fs::rename(&key, mirror.path("second")).unwrap();
    assert!(
        mirror.call(&["check"]).exits(0).stdout.contains("with which the mirror was masked, is not there")
    );
    std::fs::copy(mirror.path("kept"), &key).unwrap();
    mirror.sync(&[]).exits(0);
    assert!(plan().contains("1  left out: opted out") && plan().contains("beware"), "{}", plan());
    // The second one knows nothing of the first one's; whom the mirror forgot is none of its own.
    std::fs::copy(mirror.path("second"), &key).unwrap();
    mirror.sync(&[]).exits(0);
    assert!(plan().contains("1  left out: opted out") && plan().contains("beware"), "{}", plan());
}

#[test]
fn a_key_that_is_put_back_recognises_everybody_if_nobody_was_erased_by_another() {
    let (_upstream, mirror) = mirrored(3);
    let list = write_list(&mirror, 3);
    mirror.call(&["opt-out", "add", "--email", "person1@example.com"]).exits(0);
    mirror.call(&["erase", "--email", "person1@example.com", "--yes"]).exits(0);
    let plan = || send(&mirror, "email", &["--to-file", &list]).exits(0).stdout;
    let key = mirror.path("mirror.db-key");
    for _ in 0..2 {
        std::fs::rename(&key, mirror.path("kept")).unwrap();
        mirror.sync(&[]).exits(0);
        assert!(plan().contains("beware"), "{}", plan());
        std::fs::rename(mirror.path("kept"), &key).unwrap();
        mirror.sync(&[]).exits(0);
        assert!(plan().contains("1  left out: opted out") && !plan().contains("beware"), "{}", plan());
    }
}
