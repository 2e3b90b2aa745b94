//! `query` on many rows: constant memory, a time limit, readers who leave.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ChildStdout, Stdio};
use std::time::{Duration, Instant};

use crate::program::{Ended, Folder};

const ROWS: usize = 300_000;
const ENDLESS: &str =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";

fn many_rows() -> Folder {
    Folder::with_database(&format!(
        "CREATE TABLE person (id INTEGER PRIMARY KEY, name TEXT, note TEXT);
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {ROWS})
         INSERT INTO person SELECT i, 'person ' || i, printf('%.*c', 80, 'x') FROM n;"
    ))
}

fn spawn(folder: &Folder, arguments: &[&str]) -> (Child, ChildStdout) {
    let mut command = folder.command(arguments);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let stdout = child.stdout.take().unwrap();
    (child, stdout)
}

/// The most memory that the process ever had, in kB, without the program's own file: how much of that is
/// mapped depends on the machine.
fn peak_kb(child: &Child) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let kb = |name: &str| -> u64 {
        let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    };
    kb("VmHWM:").saturating_sub(kb("RssFile:"))
}

#[expect(clippy::disallowed_methods, reason = "a deadline of a test on another process")]
fn wait_within(child: &mut Child, limit: Duration) -> std::process::ExitStatus {
    let end = Instant::now() + limit;
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status;
        }
        if Instant::now() > end {
            child.kill().unwrap();
            panic!("it still runs after {limit:?}");
        }
        std::thread::yield_now();
    }
}

#[test]
fn hundreds_of_thousands_of_rows_are_printed_in_constant_memory_in_every_format() {
    let folder = many_rows();
    for (format, rows, lines_besides) in
        [("csv", ROWS, 1), ("ndjson", ROWS, 0), ("json", ROWS, 2), ("table", 30_000, 2 * 30)]
    {
        let sql = format!("SELECT * FROM person LIMIT {rows}");
        let (mut child, stdout) = spawn(&folder, &["query", "--format", format, &sql]);
        let mut lines = BufReader::new(stdout).lines();
        let most = rows * 9 / 10;
        for _ in 0..most {
            lines.next().unwrap().unwrap();
        }
        let peak = peak_kb(&child);
        let rest = lines.map(Result::unwrap).count();
        assert!(child.wait().unwrap().success(), "{format}");
        assert_eq!(most + rest, rows + lines_besides, "{format}");
        assert!(peak < 32 << 10, "{format}: {peak} kB");
    }
}

#[test]
fn sorted_rows_don_t_need_memory_for_all_of_them() {
    let folder = many_rows();
    let (mut child, mut stdout) =
        spawn(&folder, &["query", "--format", "csv", "SELECT * FROM person ORDER BY note, name DESC"]);
    let mut first = [0; 1000];
    stdout.read_exact(&mut first).unwrap();
    let peak = peak_kb(&child);
    drop(stdout);
    child.wait().unwrap();
    assert!(String::from_utf8_lossy(&first).contains("person 99999"), "sorted");
    assert!(peak < 64 << 10, "{peak} kB");
}

#[test]
fn a_reader_who_leaves_is_no_error() {
    let folder = many_rows();
    for format in ["csv", "json", "ndjson", "table"] {
        let (mut child, stdout) = spawn(&folder, &["query", "--format", format, "SELECT * FROM person"]);
        let mut lines = BufReader::new(stdout).lines();
        lines.next().unwrap().unwrap();
        drop(lines);
        let status = wait_within(&mut child, Duration::from_secs(20));
        let mut errors = String::new();
        child.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
        assert_eq!((status.code(), errors.as_str()), (Some(0), ""), "{format}");
    }
}

#[test]
fn help_and_check_survive_a_reader_who_left_before_they_began() {
    let folder = Folder::new();
    for arguments in [&["--help"][..], &["check"]] {
        let (mut child, stdout) = spawn(&folder, arguments);
        drop(stdout);
        wait_within(&mut child, Duration::from_secs(20));
        let mut errors = String::new();
        child.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
        assert_eq!(errors, "", "{arguments:?}");
    }
}

#[test]
fn a_full_disk_under_standard_output_is_an_error() {
    let folder = many_rows();
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = folder.command(&["query", "SELECT * FROM person"]).stdout(full).output().unwrap();
    let ended = Ended::of(&output);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.stderr.starts_with("cannot write to standard output: No space left"), "{ended:?}");
}

#[test]
fn a_statement_that_takes_too_long_ends_at_its_limit() {
    let folder = many_rows();
    for sql in [ENDLESS, "SELECT count(*) FROM person a, person b, person c"] {
        let ended = folder.run(&["query", "--timeout", "1", sql]);
        ended.assert_failed(1, "cannot finish the statement: 1 s are over");
        assert!(ended.stderr.contains("--timeout"), "{ended:?}");
    }
}

#[test]
fn a_reader_who_stays_and_does_not_read_can_t_hold_the_mirror_beyond_the_limit() {
    let folder = many_rows();
    let (mut child, stdout) =
        spawn(&folder, &["query", "--timeout", "1", "--format", "csv", "SELECT * FROM person"]);
    let status = wait_within(&mut child, Duration::from_secs(20));
    assert_eq!(status.code(), Some(1));
    drop(stdout);
    let mut errors = String::new();
    child.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
    assert!(errors.starts_with("cannot finish the statement: 1 s are over\nhint: "), "{errors}");
}

#[test]
fn an_interrupt_ends_it_at_once() {
    let folder = many_rows();
    let (mut child, _stdout) = spawn(&folder, &["query", "--timeout", "3600", ENDLESS]);
    let process = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(process, rustix::process::Signal::INT).unwrap();
    let status = wait_within(&mut child, Duration::from_secs(20));
    assert_eq!(status.signal(), Some(2));
}
