//! What the operator was told, and is yet to be: it happened, and no restore makes it undone. Who was told of a
//! beginning would else never be told of its end.

use std::path::Path;

use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags, params_from_iter};

/// Each with its columns, as the program's own schema has them.
const TABLES: [(&str, usize, &str); 2] = [
    ("alert", 7, "alert, account, directory_id, since, message, by_command, by_webhook"),
    ("alert_due", 8, "via, number, alert, state, account, directory_id, since, message"),
];

/// Takes over into the file at `path` what the file at `replaced` says. One of a schema that has none of it says nothing.
pub(super) fn take_over(replaced: &Path, path: &Path) -> rusqlite::Result<()> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let replaced = Connection::open_with_flags(replaced, flags)?;
    let mut connection = Connection::open(path)?;
    let transaction = connection.transaction()?;
    for (table, count, columns) in TABLES {
        if !(replaced.table_exists(None, table)? && transaction.table_exists(None, table)?) {
            continue;
        }
        transaction.execute(&format!("DELETE FROM {table}"), [])?;
        let marks = vec!["?"; count].join(", ");
        let mut save = transaction.prepare(&format!("INSERT INTO {table} ({columns}) VALUES ({marks})"))?;
        let mut told = replaced.prepare(&format!("SELECT {columns} FROM {table}"))?;
        let mut rows = told.query([])?;
        while let Some(row) = rows.next()? {
            let values =
                (0..count).map(|column| row.get(column)).collect::<rusqlite::Result<Vec<Value>>>()?;
            save.execute(params_from_iter(values))?;
        }
    }
    transaction.commit()?;
    connection.close().map_err(|(_, error)| error)
}
