//! The file's rows beside the server's, as JSON.

use std::path::Path;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};
use serde_json::{Map, Value};

/// Rows that a statement reads from the file itself, each as an object.
#[track_caller]
pub fn read(database: &Path, sql: &str) -> Vec<Value> {
    let connection = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    connection.busy_timeout(crate::stage::DEADLINE).unwrap();
    let mut statement = connection.prepare(sql).unwrap();
    let columns: Vec<String> = statement.column_names().into_iter().map(str::to_owned).collect();
    let row = |row: &rusqlite::Row<'_>| {
        let value = |column| match row.get_ref(column).unwrap() {
            ValueRef::Null => Value::Null,
            ValueRef::Integer(integer) => integer.into(),
            ValueRef::Real(real) => real.into(),
            ValueRef::Text(text) => String::from_utf8_lossy(text).into(),
            ValueRef::Blob(_) => panic!("no view has a BLOB"),
        };
        let named = columns.iter().enumerate().map(|(n, name)| (name.clone(), value(n)));
        Ok(Value::Object(named.collect::<Map<_, _>>()))
    };
    let rows = statement.query_map([], row).unwrap();
    rows.map(Result::unwrap).collect()
}

/// Rows as `/api/v1/query` answers with them, each as an object.
#[track_caller]
pub fn of_answer(answer: &Value) -> Vec<Value> {
    let columns = answer["columns"].as_array().unwrap();
    let row = |row: &Value| {
        let cells = row.as_array().unwrap();
        assert_eq!(cells.len(), columns.len());
        let named =
            columns.iter().zip(cells).map(|(name, cell)| (name.as_str().unwrap().into(), cell.clone()));
        Value::Object(named.collect())
    };
    answer["rows"].as_array().unwrap().iter().map(row).collect()
}

/// Every column of each view's row stands in the API's row, and is equal there.
#[track_caller]
pub fn assert_shown(view: &[Value], api: &Value) {
    let api = api.as_array().unwrap();
    assert_eq!(api.len(), view.len());
    for (view, api) in view.iter().zip(api) {
        for (column, value) in view.as_object().unwrap() {
            assert_eq!(api.get(column), Some(value), "{column} in {api}");
        }
    }
}

/// One text of each row.
#[track_caller]
pub fn texts(rows: &Value, column: &str) -> Vec<String> {
    rows.as_array().unwrap().iter().map(|row| row[column].as_str().unwrap().to_owned()).collect()
}
