//! The ledger: durable before and after each request, listed, never written where it can't be.

use super::{mirrored, outcomes, received, send, told, write_list};
use crate::stage::{File, Mirror, Upstream};

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
    for words in ["RECIPIENT", "ann@example.com", "spring", "sent"] {
        assert!(table.contains(words), "{table}");
    }
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
