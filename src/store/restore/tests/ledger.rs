//! Two ledgers made one: nothing of either is lost, and no number tells two sends.

use super::*;

const READ_SENDS: &str = "SELECT send_key || ' ' || recipient_hash || ' ' || outcome || ' ' || at || ' ' \
    || coalesce(recipient, '-') FROM send ORDER BY send_key";

/// A mirror and a snapshot of it, with what the ledger said then.
struct Scene {
    _folder: tempfile::TempDir,
    mirror: PathBuf,
    file: PathBuf,
}

impl Scene {
    fn of(then: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (mirror, file) = (folder.path().join("the mirror.db"), folder.path().join("copy.db"));
        open_store(&mirror);
        execute(&mirror, then);
        snapshot::take(&mirror, &file, &Watch::nobody()).unwrap();
        Self { _folder: folder, mirror, file }
    }

    /// The mirror is lost and made anew, with the masks' key that it had.
    fn made_anew(self) -> Self {
        for ending in ["", "-wal", "-shm"] {
            let _ = fs::remove_file(lock::beside(&self.mirror, ending));
        }
        open_store(&self.mirror);
        self
    }

    fn restore(&self) -> Restored {
        restore(&self.mirror, &self.file, now(), &Watch::nobody()).unwrap()
    }

    fn list(&self, sql: &str) -> Vec<String> {
        let connection = Connection::open(&self.mirror).unwrap();
        let mut statement = connection.prepare(sql).unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }

    fn sends(&self) -> Vec<String> {
        self.list(READ_SENDS)
    }

    /// The number that the next send gets.
    fn next_send(&self) -> i64 {
        execute(&self.mirror, &send("NULL", 9, "next", "failed"));
        let connection = Connection::open(&self.mirror).unwrap();
        connection.query_row("SELECT max(send_key) FROM send", [], |row| row.get(0)).unwrap()
    }
}

fn execute(path: &Path, sql: &str) {
    Connection::open(path).unwrap().execute_batch(sql).unwrap();
}

fn minute(n: u32) -> String {
    format!("2026-11-24T01:{n:02}:00Z")
}

/// A send of the one campaign, begun at this minute and ended a minute later.
fn send(key: &str, at: u32, who: &str, outcome: &str) -> String {
    let ended = if outcome == "sending" { "NULL".into() } else { format!("'{}'", minute(at + 1)) };
    format!(
        "INSERT INTO send (send_key, at, ended_at, channel, directory_id, campaign, series, recipient, recipient_hash, \
            text, outcome) \
         VALUES ({key}, '{}', {ended}, 'email', 'dir_1', 'c', 'campaign c', '{who}@example.com', '{who}', 'For {who}', \
            '{outcome}');",
        minute(at)
    )
}

fn taken(sends: u64, opt_outs: u64, erasures: u64) -> TakenOver {
    TakenOver { sends, opt_outs, erasures }
}

#[test]
fn sends_are_what_the_replaced_file_says_of_them() {
    let then =
        [("1", "ann", "unknown"), ("2", "ben", "sending"), ("3", "eve", "unknown"), ("4", "fay", "sent")];
    let scene = Scene::of(&then.map(|(key, who, outcome)| send(key, 1, who, outcome)).concat());
    execute(
        &scene.mirror,
        &format!(
            "UPDATE send SET outcome = 'failed', settled_at = '{}' WHERE send_key = 1;
             UPDATE send SET outcome = 'sent', ended_at = '{}' WHERE send_key = 2; {}{}{}
             DELETE FROM send WHERE send_key = 9",
            minute(5),
            minute(2),
            send("7", 7, "ann", "sent"),
            send("8", 7, "gus", "sent"),
            send("9", 8, "hal", "sending"),
        ),
    );
    let there = scene.sends();
    assert_eq!(there.len(), 6);
    assert_eq!(scene.restore().taken_over, taken(4, 0, 0));
    assert_eq!(scene.sends(), there);
    assert_eq!(scene.restore().taken_over, taken(4, 0, 0));
    assert_eq!(scene.sends(), there, "once more changes nothing");
    assert_eq!(scene.next_send(), 10, "that of a send that was withdrawn is not given again");
}

#[test]
fn a_ledger_that_was_begun_anew_under_the_same_numbers_is_kept_beside_the_snapshots() {
    let then = [("1", "ann", "sent"), ("2", "ben", "unknown"), ("3", "dan", "failed"), ("4", "eve", "sent")];
    let scene = Scene::of(&then.map(|(key, who, outcome)| send(key, 1, who, outcome)).concat()).made_anew();
    let anew = [
        ("1", "ben", "sent"),
        ("2", "ann", "failed"),
        ("3", "gus", "unknown"),
        ("4", "dan", "sent"),
        ("6", "eve", "unknown"),
        ("7", "hal", "sent"),
    ];
    execute(&scene.mirror, &anew.map(|(key, who, outcome)| send(key, 5, who, outcome)).concat());
    assert_eq!(scene.restore().taken_over, taken(5, 0, 0));
    let both = [
        ("1 ann sent", 1, "ann"),
        // Sent in the one, it can't be sent again by being settled as failed in the other.
        ("2 ben sent", 5, "ben"),
        ("3 dan failed", 1, "dan"),
        ("4 eve sent", 1, "eve"),
        ("7 hal sent", 5, "hal"),
        ("8 ann failed", 5, "ann"),
        ("9 gus unknown", 5, "gus"),
        ("10 dan sent", 5, "dan"),
    ]
    .map(|(send, at, who)| format!("{send} {} {who}@example.com", minute(at)));
    assert_eq!(scene.sends(), both);
    // From here on the snapshot's sends stand under two numbers in two files, and are the same ones.
    execute(
        &scene.mirror,
        &format!("UPDATE send SET outcome = 'sent', settled_at = '{}' WHERE send_key = 9", minute(8)),
    );
    let settled = scene.sends();
    let replaced = scene.restore();
    assert_eq!(scene.sends(), settled);
    assert_eq!(scene.next_send(), 11);
    restore(&scene.mirror, &replaced.kept.unwrap(), now(), &Watch::nobody()).unwrap();
    assert_eq!(scene.sends()[..8], settled, "undone, it is as it was");
}

#[test]
fn nobody_is_sent_a_campaign_again_whom_either_ledger_keeps_from_it() {
    let outcomes = ["sending", "sent", "failed", "unknown"];
    for (here, there) in outcomes.iter().flat_map(|here| outcomes.map(|there| (*here, there))) {
        for (key, at) in [("1", 1), ("1", 5), ("3", 1), ("3", 5)] {
            let scene = Scene::of(&send("1", 1, "ann", here)).made_anew();
            execute(&scene.mirror, &send(key, at, "ann", there));
            scene.restore();
            let found = scene.list("SELECT outcome FROM send");
            let case = format!("{here} and {there} at {at} by {key}: {found:?}");
            assert_eq!(found.iter().any(|it| it == "sent"), here == "sent" || there == "sent", "{case}");
            // Of one send the later word holds, which is never that it is being sent.
            let is_settled =
                at == 1 && matches!((here, there), ("sending" | "unknown", "failed") | ("failed", "sending"));
            let is_free = found.iter().all(|it| it == "failed");
            assert_eq!(is_free, here == "failed" && there == "failed" || is_settled, "{case}");
        }
    }
}

#[test]
fn opt_outs_and_erasures_are_those_of_both_and_who_is_empty_in_one_is_empty() {
    let opt_out = |who: &str, recipient: &str, at| {
        format!("INSERT INTO opt_out VALUES ('email', '{who}', {recipient}, '{}', 'operator');", minute(at))
    };
    let erasure =
        |who: &str, at| format!("INSERT INTO erasure VALUES ('email', '{who}', '{}', 1, 1);", minute(at));
    let then = [
        send("1", 1, "ann", "sent"),
        send("2", 1, "ben", "sent"),
        send("3", 1, "eve", "sent"),
        send("4", 1, "hal", "sent"),
        opt_out("ann", "'ann@example.com'", 1),
        opt_out("ben", "'ben@example.com'", 1),
        erasure("eve", 3),
        erasure("fay", 3),
    ];
    let scene = Scene::of(&then.concat());
    let since = [
        // Ann is erased, with all that was sent to her, and a registration of Hal's; Ben is no longer opted out; Gus is.
        "UPDATE send SET recipient = NULL, text = NULL WHERE send_key = 1;
         UPDATE opt_out SET recipient = NULL WHERE recipient_hash = 'ann';
         UPDATE send SET recipient = NULL, text = NULL WHERE recipient_hash = 'hal';
         DELETE FROM opt_out WHERE recipient_hash = 'ben';
         DELETE FROM erasure WHERE recipient_hash = 'eve';
         UPDATE erasure SET at = '2026-11-24T01:02:00Z' WHERE recipient_hash = 'fay';"
            .into(),
        erasure("ann", 5),
        opt_out("gus", "NULL", 5),
        // Who was sent something after their erasure gave their address anew.
        send("5", 8, "eve", "failed"),
    ];
    execute(&scene.mirror, &since.concat());
    assert_eq!(scene.restore().taken_over, taken(1, 1, 0));
    let opt_outs = scene.list("SELECT recipient_hash || coalesce(recipient, '') FROM opt_out ORDER BY 1");
    assert_eq!(opt_outs, ["ann", "benben@example.com", "gus"]);
    let erasures = scene.list("SELECT recipient_hash || substr(at, 12, 5) FROM erasure ORDER BY 1");
    assert_eq!(erasures, ["ann01:05", "eve01:03", "fay01:03"]);
    let recipients =
        scene.list("SELECT coalesce(recipient, '') || coalesce(text, '') FROM send ORDER BY send_key");
    assert_eq!(recipients, ["", "ben@example.comFor ben", "", "", "eve@example.comFor eve"]);
    let bytes = fs::read(&scene.mirror).unwrap();
    for who in ["ann", "hal"] {
        assert!(memchr::memmem::find(&bytes, format!("{who}@example.com").as_bytes()).is_none(), "{who}");
    }
}

#[test]
fn by_another_masking_key_nobody_is_recognised_and_it_is_told() {
    let scene = Scene::of(&send("1", 1, "ann", "sent"));
    execute(
        &scene.mirror,
        &(send("5", 5, "gus", "sent") + "UPDATE setting SET value = '1:0' WHERE name = 'masking_key_id'"),
    );
    let restored = scene.restore();
    assert_eq!(
        (restored.taken_over, restored.plan.not_taken_over),
        (taken(0, 0, 0), Some(NotTakenOver::OtherKey))
    );
    assert_eq!(scene.sends().len(), 1);
    assert_eq!(scene.next_send(), 6);
    // A ledger in which nothing stands has nothing that could be lost.
    let scene = Scene::of("");
    execute(&scene.mirror, "DELETE FROM setting WHERE name = 'masking_key_id'");
    assert_eq!(scene.restore().plan.not_taken_over, None);
}

#[test]
fn a_snapshot_of_a_version_without_a_ledger_is_told_what_it_can_not_take_over() {
    let erased = "INSERT INTO erasure VALUES ('email', 'ann', '2026-11-24T01:05:00Z', 1, 1);";
    for (version, now_there, is_told) in [
        ("0011", send("1", 1, "ann", "sent"), true),
        ("0011", String::new(), false),
        ("0012", erased.into(), true),
    ] {
        let scene = Scene::of("");
        execute(&scene.mirror, &now_there);
        fs::remove_file(&scene.file).unwrap();
        let sample = format!("{}/tests/store/samples/{version}.sql", env!("CARGO_MANIFEST_DIR"));
        execute(&scene.file, &fs::read_to_string(sample).unwrap());
        let plan = plan_restore(&scene.mirror, &scene.file, &Watch::nobody()).unwrap();
        assert_eq!(plan.not_taken_over, is_told.then_some(NotTakenOver::OlderSnapshot), "{version}");
        let restored = scene.restore();
        assert_eq!(restored.plan.not_taken_over, plan.not_taken_over, "{version}");
        assert_eq!(restored.taken_over, taken(0, 0, 0));
    }
}

#[test]
fn what_can_not_be_read_there_any_more_is_told() {
    let scene = Scene::of(&send("1", 1, "ann", "sent"));
    let none =
        |scene: &Scene| plan_restore(&scene.mirror, &scene.file, &Watch::nobody()).unwrap().not_taken_over;
    assert_eq!(none(&scene), None);
    // Its ledger's pages alone are damaged.
    let many: String = (2..400).map(|n| send(&n.to_string(), 5, &format!("person{n}"), "sent")).collect();
    execute(&scene.mirror, &format!("{many} PRAGMA wal_checkpoint(TRUNCATE)"));
    let page: u64 = scene.list("SELECT CAST(rootpage AS TEXT) FROM sqlite_schema WHERE name = 'send'")[0]
        .parse()
        .unwrap();
    let mut bytes = fs::read(&scene.mirror).unwrap();
    let at = usize::try_from((page - 1) * 4096).unwrap();
    bytes[at..at + 4096].fill(0x5a);
    fs::write(&scene.mirror, bytes).unwrap();
    let restored = scene.restore();
    assert_eq!(
        (restored.taken_over, restored.plan.not_taken_over),
        (taken(0, 0, 0), Some(NotTakenOver::Unreadable))
    );
    assert_eq!(scene.sends().len(), 1);
    fs::write(&scene.mirror, [0x5a; 9_000]).unwrap();
    assert_eq!(none(&scene), Some(NotTakenOver::Unreadable));
    fs::remove_file(&scene.mirror).unwrap();
    assert_eq!(none(&scene), Some(NotTakenOver::Nothing));
}

#[test]
fn beside_a_process_that_sends_it_refuses() {
    let scene = Scene::of("");
    let turn = lock_turn(&scene.mirror).unwrap();
    let refused = restore(&scene.mirror, &scene.file, now(), &Watch::nobody());
    assert!(matches!(refused, Err(SnapshotError::Sending { .. })));
    drop(turn);
    scene.restore();
}
