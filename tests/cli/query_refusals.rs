//! `query` does nothing but read, and only one statement at a time.

use std::io::Write;
use std::process::Stdio;

use rusqlite::Connection;

use crate::program::{Ended, Folder};

const SCHEMA: &str = "CREATE TABLE person (name TEXT, age INTEGER);
    INSERT INTO person VALUES ('Ada', 36);
    CREATE VIEW people AS SELECT * FROM person;";

#[test]
fn everything_but_one_reading_statement_is_refused_and_changes_nothing() {
    let refused = [
        ("INSERT INTO person VALUES ('Eve', 1)", "something else than read"),
        ("INSERT INTO person VALUES ('Eve', 1) RETURNING *", "something else than read"),
        (
            "WITH new(n) AS (VALUES ('Eve')) INSERT INTO person SELECT n, 1 FROM new",
            "something else than read",
        ),
        ("UPDATE person SET age = 1", "something else than read"),
        ("DELETE FROM person", "something else than read"),
        ("REPLACE INTO person VALUES ('Eve', 1)", "something else than read"),
        ("DROP TABLE person", "something else than read"),
        ("DROP VIEW people", "something else than read"),
        ("ALTER TABLE person ADD COLUMN x", "something else than read"),
        ("CREATE TABLE other (a)", "something else than read"),
        ("CREATE TABLE other AS SELECT * FROM person", "something else than read"),
        ("CREATE TEMP TABLE other (a)", "something else than read"),
        ("CREATE TEMP VIEW other AS SELECT 1", "something else than read"),
        ("CREATE VIRTUAL TABLE other USING fts5(a)", "something else than read"),
        ("CREATE INDEX i ON person (name)", "something else than read"),
        ("CREATE TRIGGER t AFTER INSERT ON person BEGIN SELECT 1; END", "something else than read"),
        ("ATTACH 'other.db' AS other", "something else than read"),
        ("ATTACH ':memory:' AS other", "something else than read"),
        ("DETACH main", "something else than read"),
        ("VACUUM", "something else than read"),
        ("VACUUM INTO 'copy.db'", "something else than read"),
        ("REINDEX", "something else than read"),
        ("ANALYZE", "something else than read"),
        ("BEGIN", "something else than read"),
        ("BEGIN IMMEDIATE", "something else than read"),
        ("COMMIT", "something else than read"),
        ("ROLLBACK", "something else than read"),
        ("SAVEPOINT s", "something else than read"),
        ("PRAGMA journal_mode = DELETE", "something else than read"),
        ("PRAGMA user_version = 7", "something else than read"),
        ("PRAGMA query_only = 0", "something else than read"),
        ("PRAGMA wal_checkpoint(TRUNCATE)", "something else than read"),
        ("PRAGMA writable_schema = 1", "something else than read"),
        ("PRAGMA optimize", "something else than read"),
        ("SELECT * FROM pragma_wal_checkpoint", "no such table"),
        ("SELECT load_extension('x')", ""),
        ("SELECT writefile('x', 'y')", "no such function"),
        ("SELECT 1; SELECT 2", "more than one"),
        ("SELECT 1; DELETE FROM person", ""),
        ("", "it is empty"),
        (" \n -- nothing\n /* at all */ ", "it is empty"),
        (";", "it is empty"),
        ("SELECT * FROM nobody", "no such table: nobody"),
        ("SELECT height FROM people", "no such column: height"),
        ("SELEC 1", "syntax error"),
        ("SELECT ?", "a parameter has no name"),
        ("SELECT :name", "the parameter name has no value"),
        ("SELECT randomblob(100000000)", "longer than 16 MiB"),
    ];
    let folder = Folder::with_database(SCHEMA);
    let before = folder.names();
    for (sql, cause) in refused {
        folder.run(&["query", sql]).assert_failed(1, cause);
    }
    let hint = folder.run(&["query", "SELECT * FROM nobody"]).stderr;
    for view in ["directories", "sync_status", "sends", "opt_outs"] {
        assert!(hint.contains(view), "{view}: {hint}");
    }
    let left = folder.run(&["query", "--format", "csv", "SELECT * FROM people"]);
    assert_eq!(left.stdout, "name,age\nAda,36\n");
    let connection = Connection::open(folder.path("mirror.db")).unwrap();
    let mode: String = connection.query_row("PRAGMA journal_mode", [], |row| row.get(0)).unwrap();
    let version: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
    assert_eq!((mode.as_str(), version), ("wal", 0));
    for name in folder.names() {
        assert!(before.contains(&name) || name.starts_with("mirror.db-"), "{name}");
    }
}

#[test]
fn reading_in_all_its_forms_is_allowed() {
    let folder = Folder::with_database(SCHEMA);
    for sql in [
        "SELECT name FROM people;",
        "; ; SELECT name FROM people",
        "SELECT name FROM people; -- and that is all",
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9) SELECT sum(i) FROM n",
        "VALUES (1, 2), (3, 4)",
        "SELECT name, row_number() OVER (ORDER BY age) FROM people",
        "SELECT json_group_array(name) FROM people",
        "SELECT * FROM json_each('[1,2]')",
        "SELECT name FROM sqlite_schema",
        "EXPLAIN QUERY PLAN SELECT * FROM people",
        "PRAGMA table_info(person)",
        "SELECT name FROM pragma_table_info('people')",
        "SELECT date('now')",
    ] {
        let ended = folder.run(&["query", sql]);
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{sql}");
        assert_ne!(ended.stdout, "", "{sql}");
    }
}

#[test]
fn a_file_that_is_missing_or_something_else_is_told_apart() {
    let folder = Folder::new();
    folder.write("text.db", &"this is no database, whatever its name says. ".repeat(50));
    folder.write("short.db", "short");
    let query = |file: &str| folder.run(&["query", "SELECT 1", "--database", file]);
    query("missing.db").assert_failed(1, "there is no such file");
    assert!(query("missing.db").stderr.contains("sync"), "it says how to make one");
    assert!(!folder.path("missing.db").exists());
    query("text.db").assert_failed(1, "it is no SQLite database");
    query("short.db").assert_failed(1, "it is no SQLite database");
    query(".").assert_failed(1, "it is no file");
    query("nowhere/mirror.db").assert_failed(1, "there is no such file");
}

#[test]
fn a_file_that_somebody_keeps_locked_is_told() {
    let folder = Folder::with_database(SCHEMA);
    let connection = Connection::open(folder.path("mirror.db")).unwrap();
    connection.pragma_update(None, "locking_mode", "exclusive").unwrap();
    connection.execute_batch("BEGIN EXCLUSIVE; INSERT INTO person VALUES ('Eve', 1);").unwrap();
    folder.run(&["query", "SELECT * FROM people"]).assert_failed(1, "keeps it locked");
}

#[test]
fn a_statement_that_is_too_long_is_refused_from_standard_input_too() {
    let folder = Folder::with_database(SCHEMA);
    let from_stdin = |sql: &[u8]| {
        let mut command = folder.command(&["query", "--format", "csv", "-"]);
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let _closed_early = child.stdin.take().unwrap().write_all(sql);
        Ended::of(&child.wait_with_output().unwrap())
    };
    assert_eq!(from_stdin(b"SELECT name\nFROM people\n").stdout, "name\nAda\n");
    let long = format!("SELECT '{}'", "x".repeat(1 << 20));
    from_stdin(long.as_bytes()).assert_failed(1, "it has more than 1048576 bytes");
    let not_text = from_stdin(b"SELECT '\xff'");
    assert_eq!(not_text.code, Some(1));
    assert!(not_text.stderr.contains("it is not UTF-8"), "{not_text:?}");
}
