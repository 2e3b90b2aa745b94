//! The log beside the file: cut whenever no reader holds it, and how long one does is known.

use std::fs::OpenOptions;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use coupontools_mirror::clock;

use crate::fixture::{Mirror, minute};

const DEADLINE: Duration = Duration::from_secs(40);

async fn until(what: &str, mut is_met: impl AsyncFnMut() -> bool) {
    let end = clock::steady_now() + DEADLINE;
    let mut looks = tokio::time::interval(Duration::from_millis(20));
    while !is_met().await {
        assert!(clock::steady_now() < end, "waited in vain until {what}");
        looks.tick().await;
    }
}

fn log_bytes(mirror: &Mirror) -> u64 {
    std::fs::metadata(mirror.folder.path().join("mirror.db-wal")).unwrap().len()
}

async fn write(mirror: &Mirror, first_page: u8) {
    mirror.store.save_first_page(mirror.account.key, Some(first_page)).await.unwrap();
}

#[tokio::test]
async fn a_log_that_a_reader_holds_is_cut_once_it_lets_go_though_nothing_is_written_meanwhile() {
    let mirror = Mirror::new().await;
    let reader = mirror.sql();
    reader.execute_batch("BEGIN; SELECT count(*) FROM account;").unwrap();
    write(&mirror, 1).await;
    until("it is known that the log is held", async || !mirror.store.log_held().is_zero()).await;
    let held = mirror.store.log_held();
    until("it is held for longer", async || mirror.store.log_held() > held + Duration::from_secs(6)).await;
    assert!(log_bytes(&mirror) > 0);
    reader.execute_batch("COMMIT").unwrap();
    until("it is cut", async || mirror.store.log_held().is_zero()).await;
    assert_eq!(log_bytes(&mirror), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_log_is_cut_under_load_though_readers_follow_each_other_without_a_gap() {
    let mirror = Mirror::new().await;
    let stops = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for delay_ms in [0, 20, 40] {
            let (mirror, stops) = (&mirror, &stops);
            scope.spawn(move || {
                let reader = mirror.sql();
                std::thread::park_timeout(Duration::from_millis(delay_ms));
                while !stops.load(Ordering::Relaxed) {
                    reader.execute_batch("BEGIN; SELECT count(*) FROM account;").unwrap();
                    std::thread::park_timeout(Duration::from_millis(60));
                    reader.execute_batch("COMMIT").unwrap();
                }
            });
        }
        tokio::task::block_in_place(|| {
            tokio::runtime::Handle::current().block_on(async {
                // What stands behind the last transaction of a log is nothing to SQLite: it is not read.
                write(&mirror, 1).await;
                let log = mirror.folder.path().join("mirror.db-wal");
                OpenOptions::new().write(true).open(log).unwrap().set_len(200 << 20).unwrap();
                let mut page = 0;
                let cut = tokio::time::timeout(DEADLINE, async {
                    while log_bytes(&mirror) > 100 << 20 {
                        page = 1 - page;
                        write(&mirror, page).await;
                    }
                });
                let is_cut = cut.await.is_ok();
                stops.store(true, Ordering::Relaxed);
                assert!(is_cut, "the log was never cut");
            });
        });
    });
    let found = mirror.sql().query_row("PRAGMA integrity_check", [], |row| row.get::<_, String>(0));
    assert_eq!(found.unwrap(), "ok");
    assert_eq!(mirror.store.list_status(minute(1)).await.unwrap().len(), 1);
}
