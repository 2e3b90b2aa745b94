//! The second wall alone: what the authorizer refuses where a statement's names were not looked at.
//! Both walls together are attacked from outside, in `tests/masking`.

use rusqlite::Connection;
use tempfile::TempDir;

use super::authorizer::authorize_masked;
use super::names::Names;
use super::reader::ForeignReader;
use super::{PublicView, connection, masking};
use crate::store::access::Access;
use crate::store::open::MIGRATOR;

/// What a masked reader may read, besides keys and what every table's rows are counted by. A column
/// that is new is missing here, and has to be thought about.
const SHOWN: &[&str] = &[
    "account.name last_error",
    "directory.directory_id name url status first_seen_at last_seen_at removed_at loaded_at brake_held_at \
     registrations last_complete_at last_full_at last_error",
    "registration.registration_id first_seen_at changed_at missing_since removed_at zip city paid paid_until \
     blocked registered_at registered_on registered_zone erased_at email_hash phone_hash birth_year",
    "registration_change.seq at kind registration_id before_masked after_masked",
    "registration_day.day registrations",
    "send.at channel directory_id recipient_hash outcome error_code error campaign ended_at settled_at",
    "opt_out.channel recipient_hash since reason",
    "walk.kind started_at finished_at outcome pages requests rows_read created recovered updated removed \
     restored missing error",
];

const KEYS: [&str; 5] = ["account_key", "directory_key", "registration_key", "send_key", "walk_key"];

fn masked() -> (TempDir, Connection) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mirror.db");
    let writer = Connection::open(&path).unwrap();
    for migration in MIGRATOR.iter() {
        writer.execute_batch(migration.sql.as_str()).unwrap();
    }
    (folder, connection::open(&path, Access::Masked).unwrap())
}

fn columns(connection: &Connection, kind: &str) -> Vec<(String, String)> {
    let sql = "SELECT s.name, c.name FROM main.sqlite_schema AS s, pragma_table_xinfo(s.name, 'main') AS c
        WHERE s.type = ?1 ORDER BY s.name, c.cid";
    let mut statement = connection.prepare(sql).unwrap();
    let rows = statement.query_map([kind], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

#[test]
fn the_authorizer_lets_no_column_through_that_is_not_known_to_be_shown() {
    let (_folder, connection) = masked();
    let columns = columns(&connection, "table");
    assert!(columns.len() > 80, "{columns:?}");
    connection.authorizer(Some(authorize_masked)).unwrap();
    for (table, column) in columns {
        let listed = SHOWN.iter().filter_map(|line| line.strip_prefix(&format!("{table}.")));
        let is_shown = listed.flat_map(str::split_whitespace).any(|shown| shown == column);
        for sql in [
            format!("SELECT {column} FROM main.{table}"),
            format!("SELECT 1 FROM {table} ORDER BY {column}"),
            format!("SELECT count(*) FROM {table} WHERE {column} > 'm'"),
            format!("WITH registrations AS (SELECT {column} FROM {table}) SELECT * FROM registrations"),
            format!(
                "SELECT (SELECT {column} FROM {table} AS x WHERE x.rowid = y.a) FROM (SELECT 1 AS a) AS y"
            ),
        ] {
            let is_compiled = connection.prepare(&sql).is_ok();
            let may = is_shown || KEYS.contains(&column.as_str());
            assert!(may || !is_compiled, "{sql}");
        }
    }
    for (table, sql) in [("registration", "email"), ("setting", "value"), ("sqlite_schema", "sql")] {
        assert!(!masking::may_read(table, sql));
    }
}

#[test]
fn every_public_view_is_known_to_masked_readers_by_all_its_columns() {
    let (_folder, connection) = masked();
    let views = columns(&connection, "view");
    let names: Vec<_> = PublicView::names().collect();
    assert!(views.iter().all(|(view, _)| names.contains(&view.as_str())), "{views:?}");
    let known = Names::of(&connection).unwrap();
    for (view, column) in &views {
        let sql = format!("SELECT [{column}] FROM {view}");
        known.check(&sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
        connection.prepare(&sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
}

#[test]
fn only_public_names_are_known_to_a_masked_readers_statement() {
    let (_folder, connection) = masked();
    let known = Names::of(&connection).unwrap();
    for sql in [
        "SELECT 1 FROM registration",
        "SELECT 1 FROM main.registrations",
        "SELECT email FROM registration FULL JOIN (SELECT NULL AS email) USING (email)",
        "SELECT value FROM setting NATURAL FULL JOIN (SELECT NULL AS value)",
        "SELECT email_hash FROM registrations",
    ] {
        assert!(known.check(sql).is_err(), "{sql}");
    }
    for sql in
        ["SELECT 1 FROM registrations, temp.walks", "SELECT email FROM registrations NATURAL JOIN walks"]
    {
        known.check(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
}

#[test]
fn an_error_on_the_way_quotes_no_value() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mirror.db");
    let writer = Connection::open(&path).unwrap();
    writer
        .execute_batch("CREATE TABLE person (email TEXT); INSERT INTO person VALUES ('ada@example.com')")
        .unwrap();
    let reader = ForeignReader::open(&path, Access::Full, || false).unwrap();
    for sql in
        ["json_extract('{}', email)", "json(email)", "'{}' ->> ('$' || email)", "json_set('{}', email, 1)"]
    {
        let mut statement = reader.prepare(&format!("SELECT {sql} FROM person")).unwrap();
        if let Err(error) = statement.rows().next_row() {
            assert!(!error.to_string().contains("ada"), "{sql}: {error}");
        }
    }
    let mut statement = reader.prepare("SELECT json_extract('{}', email) FROM person").unwrap();
    let error = statement.rows().next_row().map(|_| ()).unwrap_err();
    assert_eq!(error.to_string(), "cannot run the statement: bad JSON path");
}
