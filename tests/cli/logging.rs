//! Log lines: on stderr, one an event, as asked for.

use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;

use crate::program::Folder;

fn log(variables: &[(&str, &str)], flags: &[&str]) -> String {
    let arguments = [flags, &["query", "--format", "csv", "SELECT 1 AS one"]].concat();
    let ended = Folder::with_database("").run_with(variables, &arguments);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), "one\n1\n"), "{ended:?}");
    ended.stderr
}

#[test]
fn nothing_is_logged_of_a_query_unless_it_is_asked_for() {
    assert_eq!(log(&[], &[]), "");
    assert_eq!(log(&[("COUPONTOOLS_MIRROR_LOG", "")], &[]), "");
}

#[test]
fn json_is_an_object_a_line_with_its_figures_at_the_top() {
    let text = log(&[], &["--log-level", "debug", "--log-format", "json"]);
    let lines: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 1, "{text}");
    assert_eq!((&lines[0]["level"], &lines[0]["rows"]), (&"DEBUG".into(), &1.into()), "{text}");
    assert!(lines[0]["timestamp"].is_string() && lines[0]["message"].is_string(), "{text}");
}

#[test]
fn the_flags_level_wins_over_the_environments() {
    let debug = [("COUPONTOOLS_MIRROR_LOG", "DEBUG")];
    assert_eq!(log(&debug, &[]).lines().count(), 1);
    assert_eq!(log(&debug, &["--log-level", "info"]), "");
}

#[test]
fn text_has_a_time_and_no_colours_where_there_is_no_terminal() {
    let text = log(&[], &["--log-level", "debug"]);
    assert!(text.starts_with("20") && text.contains("DEBUG") && text.contains("rows=1"), "{text}");
    assert!(!text.contains('\u{1b}'), "{text:?}");
}

#[test]
fn the_journal_gets_a_priority_and_neither_time_nor_level() {
    let folder = Folder::with_database("");
    for (format, start) in [("text", "<7>the statement"), ("json", "<7>{")] {
        let stderr = File::create(folder.path(format)).unwrap();
        let metadata = stderr.metadata().unwrap();
        let stream = format!("{}:{}", metadata.dev(), metadata.ino());
        let arguments = ["--log-level", "debug", "--log-format", format, "query", "SELECT 1"];
        folder.command(&arguments).env("JOURNAL_STREAM", stream).stderr(stderr).output().unwrap();
        let logged = fs::read_to_string(folder.path(format)).unwrap();
        assert!(logged.starts_with(start), "{logged}");
    }
}

#[test]
fn a_journal_that_somebody_else_writes_to_is_not_ours() {
    let text = log(&[("JOURNAL_STREAM", "8:1")], &["--log-level", "debug"]);
    assert!(text.starts_with("20"), "{text}");
}

#[test]
fn the_statement_itself_is_never_logged() {
    let arguments = ["--log-level", "trace", "query", "SELECT 'ada@example.com'"];
    let ended = Folder::with_database("").run(&arguments);
    assert!(ended.stderr.contains("rows=1") && !ended.stderr.contains("ada@"), "{ended:?}");
}
