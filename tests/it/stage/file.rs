//! The file as a reporting tool sees it, and whether it is exact.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use rusqlite::types::FromSql;
use rusqlite::{Connection, OpenFlags};
use serde_json::Value;

use super::Upstream;

const ROWS: &str = "SELECT registration_id, json_object('registration_id', registration_id, 'email', email, \
    'phone', phone, 'first_name', first_name, 'last_name', last_name, 'birth_date', birth_date, \
    'address', address, 'zip', zip, 'city', city, 'custom_1', custom_1, 'custom_2', custom_2, \
    'custom_3', custom_3, 'paid', paid, 'paid_until', paid_until, 'blocked', blocked, \
    'registered_at', registered_at) FROM registrations WHERE directory_id = ?1 AND missing_since IS NULL";
/// Whoever writes a registration or a change of one fails.
const FORBID_WRITES: [&str; 2] = ["registration", "registration_change"];

/// The file, read only.
pub struct File {
    connection: Connection,
}

impl File {
    pub fn open(path: &Path) -> Self {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
        let connection = Connection::open_with_flags(path, flags).unwrap();
        connection.busy_timeout(super::DEADLINE).unwrap();
        Self { connection }
    }

    /// The one value that a statement reads.
    #[track_caller]
    pub fn value<T: FromSql>(&self, sql: &str) -> T {
        self.connection.query_row(sql, [], |row| row.get(0)).unwrap()
    }

    /// How many rows a table or view has.
    #[track_caller]
    pub fn count(&self, from: &str) -> i64 {
        self.value(&format!("SELECT count(*) FROM {from}"))
    }

    /// The texts in a statement's first column.
    #[track_caller]
    pub fn texts(&self, sql: &str) -> Vec<String> {
        let mut statement = self.connection.prepare(sql).unwrap();
        let texts = statement.query_map([], |row| row.get(0)).unwrap();
        texts.map(Result::unwrap).collect()
    }

    /// What stands in a directory for all that the mirror knows, the missing left out.
    #[track_caller]
    pub fn standing(&self, directory: &str) -> BTreeMap<String, Value> {
        let mut statement = self.connection.prepare(ROWS).unwrap();
        let rows =
            statement.query_map([directory], |row| Ok((row.get(0)?, row.get::<_, String>(1)?))).unwrap();
        rows.map(|row| row.map(|(id, row)| (id, serde_json::from_str(&row).unwrap())).unwrap()).collect()
    }

    /// SQLite finds nothing wrong with it.
    #[track_caller]
    pub fn assert_whole(&self) {
        assert_eq!(self.value::<String>("PRAGMA integrity_check"), "ok");
    }

    /// Every directory has what stands upstream, value by value, and nothing else but missing rows.
    #[track_caller]
    pub fn assert_exact(&self, upstream: &Upstream) {
        self.assert_exact_but_for(upstream, &[]);
    }

    /// The same, but for these columns.
    #[track_caller]
    pub fn assert_exact_but_for(&self, upstream: &Upstream, columns: &[&str]) {
        self.assert_none_removed_falsely(upstream);
        for directory in upstream.truth() {
            let id = directory.directory_id;
            let (mut truth, mut mirrored) = (truth(upstream, &id), self.standing(&id));
            assert_eq!(keys(&mirrored), keys(&truth), "IDs of {id}");
            for row in truth.values_mut().chain(mirrored.values_mut()) {
                columns.iter().for_each(|column| drop(row.as_object_mut().unwrap().remove(*column)));
            }
            for (registration, row) in &truth {
                assert_eq!(&mirrored[registration], row);
            }
            let counted = format!("SELECT registrations FROM directories WHERE directory_id = '{id}'");
            let stand = format!("registrations WHERE directory_id = '{id}'");
            assert_eq!(self.value::<i64>(&counted), self.count(&stand), "count of {id}");
        }
    }

    /// Nothing that stands upstream is marked removed.
    #[track_caller]
    pub fn assert_none_removed_falsely(&self, upstream: &Upstream) {
        for directory in upstream.truth() {
            let id = directory.directory_id;
            let truth = truth(upstream, &id);
            let sql =
                format!("SELECT registration_id FROM removed_registrations WHERE directory_id = '{id}'");
            for removed in self.texts(&sql) {
                assert!(!truth.contains_key(&removed), "{removed} of {id} stands, and is removed here");
            }
        }
    }

    /// From now on every write of a registration or of a change fails, and with it the walk.
    pub fn forbid_writes(path: &Path) {
        let connection = Connection::open(path).unwrap();
        for table in FORBID_WRITES {
            for action in ["INSERT", "UPDATE", "DELETE"] {
                let trigger = format!(
                    "CREATE TRIGGER forbid_{action}_{table} BEFORE {action} ON {table} \
                     BEGIN SELECT RAISE(ABORT, 'a row was written'); END"
                );
                connection.execute_batch(&trigger).unwrap();
            }
        }
    }

    /// Allows them again.
    pub fn allow_writes(path: &Path) {
        let connection = Connection::open(path).unwrap();
        for table in FORBID_WRITES {
            for action in ["INSERT", "UPDATE", "DELETE"] {
                connection.execute_batch(&format!("DROP TRIGGER forbid_{action}_{table}")).unwrap();
            }
        }
    }

    /// Changes the file behind the program's back.
    pub fn execute(path: &Path, sql: &str) {
        Connection::open(path).unwrap().execute_batch(sql).unwrap();
    }
}

fn truth(upstream: &Upstream, directory: &str) -> BTreeMap<String, Value> {
    let standing = upstream.standing(directory).unwrap();
    standing
        .into_iter()
        .map(|row| (row.registration_id.clone(), serde_json::to_value(row).unwrap()))
        .collect()
}

fn keys(rows: &BTreeMap<String, Value>) -> BTreeSet<&String> {
    rows.keys().collect()
}
