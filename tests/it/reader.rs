//! A reporting tool reads throughout: never locked out, and whatever it sees is of one moment.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};
use serde_json::json;

use crate::stage::{DIRECTORY, Mirror, Upstream, until};

/// Counts that a reader saw.
struct Seen {
    counts: Vec<i64>,
}

impl Seen {
    fn distinct(&self) -> usize {
        self.counts.iter().collect::<BTreeSet<_>>().len()
    }
}

/// As long as a process that opens the file to write it may take with its log.
const OPENING: Duration = Duration::from_secs(1);

/// Reads over and over until it is told to stop, without ever waiting for what a walk writes.
fn read(mirror: &Mirror, stop: &AtomicBool) -> Seen {
    let database = mirror.database();
    until("there is a file", || mirror.folder().join("mirror.db-wal").exists());
    let open = || Connection::open_with_flags(&database, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let mut reader = open();
    let has_views = |reader: &Connection| reader.prepare("SELECT * FROM sync_status").is_ok();
    until("the file has its views", || has_views(&reader));
    reader.busy_timeout(OPENING).unwrap();
    let mut seen = Seen { counts: Vec::new() };
    while !stop.load(Ordering::Relaxed) {
        let moment = reader.transaction().unwrap();
        let one = |sql: &str| moment.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
        let stand = one("SELECT count(*) FROM registrations");
        assert_eq!(stand, one("SELECT coalesce(sum(registrations), 0) FROM directories"));
        assert_eq!(stand, one("SELECT coalesce(sum(registrations), 0) FROM registrations_by_day"));
        assert_eq!(stand, one("SELECT count(*) FROM registrations WHERE raw IS NOT NULL"));
        moment.commit().unwrap();
        seen.counts.push(stand);
        if seen.counts.len().is_multiple_of(50) {
            reader = open();
            reader.busy_timeout(OPENING).unwrap();
        }
    }
    assert!(seen.counts.is_sorted(), "what stood is gone: {:?}", seen.counts);
    seen
}

/// Syncs while a reader reads.
fn sync_with_reader(mirror: &Mirror, arguments: &[&str]) -> Seen {
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| read(mirror, &stop));
        let ended = mirror.sync(arguments);
        stop.store(true, Ordering::Relaxed);
        ended.exits(0);
        reader.join().unwrap()
    })
}

#[test]
fn a_reader_is_never_locked_out_and_sees_whole_moments_throughout_a_first_and_a_full_walk() {
    let upstream = Upstream::of(&[3_000, 500]);
    upstream.set(json!({ "latency_ms": 10 }));
    let mirror = Mirror::of(&upstream);
    let first = sync_with_reader(&mirror, &[]);
    assert!(first.distinct() >= 5, "{:?}", first.counts);

    upstream.set(json!({ "before_each_page": { "edit": 20, "insert": 1 } }));
    let full = sync_with_reader(&mirror, &["--full"]);
    assert!(full.counts.len() >= 5 && full.counts[0] == 3_500, "{:?}", full.counts);
    upstream.set(json!({ "before_each_page": null, "latency_ms": null }));
    mirror.sync(&["--full"]).exits(0);
    mirror.file().assert_exact(&upstream);
}

#[test]
fn a_reader_that_keeps_one_moment_open_keeps_seeing_it_and_stops_nobody() {
    let upstream = Upstream::of(&[350]);
    let mirror = Mirror::of(&upstream);
    mirror.sync(&[]).exits(0);
    let mut reader =
        Connection::open_with_flags(mirror.database(), OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let moment = reader.transaction().unwrap();
    let count =
        || moment.query_row("SELECT count(*) FROM registrations", [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(count(), 350);
    upstream.change(DIRECTORY, coupontools_mirror::simulator::Mutation { insert: 9, ..Default::default() });
    mirror.sync(&[]).exits(0);
    assert_eq!(count(), 350);
    mirror.file().assert_exact(&upstream);
}
