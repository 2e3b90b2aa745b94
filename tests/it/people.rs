//! What `sync` shows to people and to programs.

use coupontools_mirror::simulator::Mutation;
use coupontools_mirror::simulator::mutation::RegistrationNumber;
use serde_json::{Map, Value, json};

use crate::stage::{DIRECTORY, Mirror, Upstream};

/// Design, section 4; further keys may follow.
const PROMISED: [&str; 12] = [
    "directory_id",
    "kind",
    "outcome",
    "pages",
    "requests",
    "rows_read",
    "created",
    "updated",
    "removed",
    "restored",
    "missing",
    "error",
];

#[test]
fn sync_json_prints_one_object_with_the_promised_keys_and_nothing_else() {
    let upstream = Upstream::of(&[120, 30]);
    let whole: Map<String, Value> =
        serde_json::from_str(&Mirror::of(&upstream).sync(&[]).exits(0).stdout).unwrap();
    assert_eq!(whole.keys().collect::<Vec<_>>(), ["directories"]);
    let walks = whole["directories"].as_array().unwrap();
    assert_eq!(walks.len(), 2);
    for walk in walks {
        let keys: Vec<&str> = walk.as_object().unwrap().keys().map(String::as_str).collect();
        assert!(PROMISED.iter().all(|key| keys.contains(key)), "{keys:?}");
    }
}

#[test]
fn sync_prints_a_table_and_draws_nothing_where_there_is_no_terminal() {
    let upstream = Upstream::of(&[120]);
    let ended = Mirror::of(&upstream).call(&["sync"]).exits(0);
    assert!(ended.stdout.contains("DIRECTORY") && ended.stdout.contains(DIRECTORY), "{}", ended.stdout);
    let drawn = |text: &str| text.contains('\r') || text.contains('\u{1b}');
    assert!(!drawn(&ended.stdout) && !drawn(&ended.stderr), "{ended:?}");
    assert_eq!(ended.stderr.lines().count(), 1, "{}", ended.stderr);
}

#[test]
fn the_table_tells_newcomers_from_who_came_back() {
    let upstream = Upstream::of(&[250]);
    let mirror = Mirror::of(&upstream);
    let gone: Vec<_> = [1_000_100, 1_000_200].map(RegistrationNumber).into();
    let table = |arguments: &[&str]| {
        let shown = mirror.call(&[&["sync"], arguments].concat()).exits(0).stdout;
        let cells = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let rows: Vec<_> = shown.lines().map(cells).collect();
        let head = &rows[0];
        // The directory's name is of several words: figures are counted from the end.
        let cell = |name: &str| {
            let from_end = head.len() - head.iter().position(|word| word == name)?;
            Some(rows[2][rows[2].len() - from_end].clone())
        };
        (cell("CREATED").unwrap(), cell("RESTORED"))
    };
    assert_eq!(table(&[]), ("250".into(), None));
    upstream.change(DIRECTORY, Mutation { delete: gone.clone(), ..Mutation::default() });
    table(&["--full"]);
    table(&["--full"]);
    upstream.change(DIRECTORY, Mutation { restore: gone, insert: 1, ..Mutation::default() });
    assert_eq!(table(&["--full"]), ("1".into(), Some("2".into())));
}

#[test]
fn sync_draws_progress_at_a_terminal() {
    let upstream = Upstream::of(&[1_500]);
    upstream.set(json!({ "latency_ms": 60 }));
    let mirror = Mirror::of(&upstream);
    for total in ["rows", "/1500 rows"] {
        let arguments: &[&str] = if total == "rows" { &["sync"] } else { &["sync", "--full"] };
        let mut command = mirror.command(arguments);
        command.env("TERM", "xterm").env("COLUMNS", "120");
        let deadline_ms = u64::try_from(crate::stage::DEADLINE.as_millis()).unwrap();
        let mut terminal = rexpect::session::spawn_command(command, Some(deadline_ms)).unwrap();
        terminal.exp_string(DIRECTORY).unwrap();
        terminal.exp_string(total).unwrap();
        terminal.exp_string("page ").unwrap();
        terminal.exp_string(" DIRECTORY ").unwrap();
        let table = terminal.exp_eof().unwrap();
        // A terminal is 80 columns wide here.
        let whole = ["OUTCOME", "ROWS", DIRECTORY, "incremental", "complete", "1500"];
        let shown = if total == "rows" { &whole[..] } else { &whole[..3] };
        assert!(shown.iter().all(|word| table.contains(word)), "{table}");
    }
    mirror.file().assert_exact(&upstream);
}
