//! How much memory SQLite uses, in the whole process: what a statement collects in JSON has no limit of
//! its own.

/// Pages, sorters and texts of a few statements at a time are a tenth of it.
const BYTES_MAX: i64 = 512 << 20;

/// Whether it is too much for one more row.
#[expect(unsafe_code, reason = "SQLite's own count has no safe wrapper")]
pub(super) fn is_used_up() -> bool {
    // SAFETY: it takes nothing, and may be called at any time from any thread.
    let used = unsafe { rusqlite::ffi::sqlite3_memory_used() };
    used > BYTES_MAX
}
