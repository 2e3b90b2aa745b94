//! What a foreign statement may use up, set on its connection.

use rusqlite::Connection;
use rusqlite::limits::Limit;

/// The longest statement.
pub const SQL_BYTES_MAX: usize = 1 << 20;

/// The longest value and row. Functions look at a value as a whole, and nothing ends them on their way.
pub(super) const VALUE_BYTES_MAX: usize = 16 << 20;

/// Rows, values and intermediate results longer than the first are an error, not memory. `Limit` has no
/// floor but 0 for most; these are far above what people write and far below what hurts.
const LIMITS: &[(Limit, i32)] = &[
    (Limit::SQLITE_LIMIT_LENGTH, VALUE_BYTES_MAX as i32),
    (Limit::SQLITE_LIMIT_SQL_LENGTH, SQL_BYTES_MAX as i32),
    (Limit::SQLITE_LIMIT_COLUMN, 1000),
    (Limit::SQLITE_LIMIT_EXPR_DEPTH, 200),
    (Limit::SQLITE_LIMIT_COMPOUND_SELECT, 200),
    (Limit::SQLITE_LIMIT_VDBE_OP, 1_000_000),
    (Limit::SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 250),
    (Limit::SQLITE_LIMIT_ATTACHED, 0),
    (Limit::SQLITE_LIMIT_TRIGGER_DEPTH, 0),
    (Limit::SQLITE_LIMIT_WORKER_THREADS, 0),
];

pub(super) fn set(connection: &Connection) -> rusqlite::Result<()> {
    for (limit, most) in LIMITS {
        connection.set_limit(*limit, *most)?;
    }
    Ok(())
}
