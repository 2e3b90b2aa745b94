//! The scene of every test: an upstream whose truth is known, the program, and the file it writes.
//!
//! It holds no expectations but two: what the program says never holds personal data, and whether a
//! file is exact.

mod file;
mod program;
mod running;
mod upstream;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use coupontools_mirror::clock;

pub use self::file::File;
pub use self::program::{Ended, Mirror, PROGRAM};
pub use self::running::{Frozen, Running};
pub use self::upstream::Upstream;

/// Nothing on a slow machine takes longer.
pub const DEADLINE: Duration = Duration::from_secs(60);
/// Between two looks at a condition.
const LOOK_AGAIN: Duration = Duration::from_millis(5);
/// Programs that one test runs at the same time.
const AT_ONCE: usize = 8;

/// The directory that most tests are about.
pub const DIRECTORY: &str = "dir_10001";

/// Waits for a condition, up to the deadline.
pub fn until(what: &str, mut is_met: impl FnMut() -> bool) {
    let end = clock::steady_now() + DEADLINE;
    while !is_met() {
        assert!(clock::steady_now() < end, "waited in vain until {what}");
        std::thread::park_timeout(LOOK_AGAIN);
    }
}

/// Plays every case of a table, several at the same time; the cases that fail are all named.
pub fn play<C: Sync>(cases: &[C], name: impl Fn(&C) -> String + Sync, scene: impl Fn(&C) + Sync) {
    let next = AtomicUsize::new(0);
    let worker = || {
        let mut failed = Vec::new();
        while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
            let scene = std::panic::AssertUnwindSafe(|| scene(case));
            if std::panic::catch_unwind(scene).is_err() {
                failed.push(name(case));
            }
        }
        failed
    };
    let failed: Vec<String> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(worker)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    assert!(failed.is_empty(), "failed: {failed:?}");
}
