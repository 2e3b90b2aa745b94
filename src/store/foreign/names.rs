//! The world as a masked reader may name it: the public views, and no table behind them.
//!
//! The authorizer alone is not enough: SQLite does not ask it about the columns that `USING` and `NATURAL`
//! compare, and `FULL JOIN … USING` even shows their values. So a masked reader's statement is compiled
//! twice: first here, on an empty database in which only the public names exist, with the same columns as
//! on the mirror. What compiles here names nothing else there, whatever words it is written with.

use rusqlite::{Connection, OpenFlags};

use super::authorizer::authorize_masked;
use super::{PublicView, limits};

/// What there is in every database, with the columns that the authorizer may not be asked about. No
/// name can be written without its letters.
const WORDS_REFUSED: &[&str] = &["sqlite_", "pragma_", "dbstat"];

/// An empty database with the public names.
#[derive(Debug)]
pub(super) struct Names(Connection);

impl Names {
    /// With the views' columns as `masked` has them.
    pub(super) fn of(masked: &Connection) -> rusqlite::Result<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(":memory:", flags)?;
        // Temporary, as on the mirror: `temp.` is the schema that both know them in.
        let mut views = String::from("BEGIN;");
        for view in PublicView::names() {
            let columns: Vec<String> = masked
                .prepare_cached("SELECT 'NULL AS \"' || name || '\"' FROM pragma_table_info(?1)")?
                .query_map([view], |row| row.get(0))?
                .collect::<rusqlite::Result<_>>()?;
            views.push_str(&format!("CREATE TEMP VIEW \"{view}\" AS SELECT {};", columns.join(", ")));
        }
        views.push_str("COMMIT");
        connection.execute_batch(&views)?;
        connection.pragma_update(None, "query_only", true)?;
        connection.pragma_update(None, "trusted_schema", false)?;
        limits::set(&connection)?;
        connection.authorizer(Some(authorize_masked))?;
        Ok(Self(connection))
    }

    /// Whether a statement names nothing but what is public; else, SQLite's own error.
    pub(super) fn check(&self, sql: &str) -> rusqlite::Result<()> {
        self.0.prepare(sql).map(|_compiled| ())
    }
}

/// The first refused word that a statement holds.
pub(super) fn find_refused_word(sql: &str) -> Option<&'static str> {
    let sql = sql.to_ascii_lowercase();
    WORDS_REFUSED.iter().copied().find(|word| sql.contains(word))
}
