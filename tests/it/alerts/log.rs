//! A reader that never lets go is noticed, and the log is cut as soon as it does.

use std::fs::OpenOptions;

use rusqlite::Connection;

use super::{EVERY_SECOND, TAKE, stop, until_told, with_command};
use crate::stage::{Mirror, Upstream, play, until};

/// Sparse: what stands behind the last transaction of a log is nothing to SQLite.
const LARGE: u64 = 300 << 20;

#[test]
fn a_large_log_that_a_reader_holds_is_told_of_and_cut_once_the_reader_lets_go() {
    play(
        &[EVERY_SECOND, ""],
        |schedule| if schedule.is_empty() { "at rest".into() } else { "under load".into() },
        |schedule| {
            let upstream = Upstream::of(&[120]);
            let mirror = with_command(Mirror::of(&upstream).with(schedule), TAKE);
            mirror.sync(&[]).exits(0);
            let reader = Connection::open(mirror.database()).unwrap();
            reader.execute_batch("BEGIN; SELECT count(*) FROM registrations;").unwrap();
            let daemon = mirror.start(&["run"]);
            until("a walk is over", || daemon.stderr().contains(" walk "));
            let log = mirror.path("mirror.db-wal");
            OpenOptions::new().write(true).open(&log).unwrap().set_len(LARGE).unwrap();
            let firing = "wal_large firing - -";
            let told = until_told(&mirror, &[firing]);
            let message = told[0]["message"].as_str().unwrap();
            assert!(message.contains("300 MiB") && message.contains("mirror.db-shm"), "{message}");
            assert_eq!(std::fs::metadata(&log).unwrap().len(), LARGE);
            reader.execute_batch("COMMIT").unwrap();
            until("the log is cut", || std::fs::metadata(&log).unwrap().len() < 1 << 20);
            until_told(&mirror, &[firing, "wal_large resolved - -"]);
            stop(daemon);
            mirror.file().assert_exact(&upstream);
        },
    );
}
