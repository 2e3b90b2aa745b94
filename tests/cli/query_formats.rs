//! Every format, to the byte.

use crate::program::Folder;

const VALUES: &str = "CREATE TABLE v (i INTEGER, r REAL, t TEXT, b BLOB);
    INSERT INTO v VALUES
      (9223372036854775807, 0.1, 'plain', x'00ff'),
      (-1, 1e300, 'a \"quoted\", split
line', NULL),
      (NULL, 9e999, '', x''),
      (0, -0.5, 'Zoë 東京 ' || char(27) || '[31m', x'CAFE');";

fn print(format: &str, sql: &str) -> String {
    let ended = Folder::with_database(VALUES).run(&["query", "--format", format, sql]);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{sql}");
    ended.stdout
}

#[test]
fn csv_quotes_what_needs_it_and_keeps_every_digit() {
    let expected = "i,r,t,b\n\
        9223372036854775807,0.1,plain,00FF\n\
        -1,1e+300,\"a \"\"quoted\"\", split\nline\",\n\
        ,Inf,,\n\
        0,-0.5,Zoë 東京 \u{1b}[31m,CAFE\n";
    assert_eq!(print("csv", "SELECT * FROM v"), expected);
}

#[test]
fn csv_runs_nothing_in_a_spreadsheet_unless_it_is_asked_for_exactly() {
    let folder = Folder::with_database("");
    let sql = "SELECT '+15005550006' AS phone, -1 AS number, -0.5 AS real, '=cmd(\"x\")' AS \"=name\",
        '@a' || char(10) || '=b' AS two, 'a;-b' AS other";
    let csv =
        |arguments: &[&str]| folder.run(&[&["query", "--format", "csv", sql], arguments].concat()).stdout;
    let guarded = "phone,number,real,'=name,two,other\n\
        '+15005550006,-1,-0.5,\"'=cmd(\"\"x\"\")\",\"'@a\n'=b\",a;'-b\n";
    let exact = "phone,number,real,=name,two,other\n\
        +15005550006,-1,-0.5,\"=cmd(\"\"x\"\")\",\"@a\n=b\",a;-b\n";
    assert_eq!(csv(&[]), guarded);
    assert_eq!(csv(&["--exact"]), exact);
    let json =
        |arguments: &[&str]| folder.run(&[&["query", "--format", "json", sql], arguments].concat()).stdout;
    assert_eq!(json(&[]), json(&["--exact"]), "only CSV is guarded");
}

#[test]
fn ndjson_is_an_object_a_line() {
    let expected = "{\"i\":9223372036854775807,\"r\":0.1,\"t\":\"plain\",\"b\":\"00FF\"}\n\
        {\"i\":-1,\"r\":1e+300,\"t\":\"a \\\"quoted\\\", split\\nline\",\"b\":null}\n\
        {\"i\":null,\"r\":9e999,\"t\":\"\",\"b\":\"\"}\n\
        {\"i\":0,\"r\":-0.5,\"t\":\"Zoë 東京 \\u001b[31m\",\"b\":\"CAFE\"}\n";
    assert_eq!(print("ndjson", "SELECT * FROM v"), expected);
}

#[test]
fn json_is_one_array_that_a_parser_takes() {
    let text = print("json", "SELECT i, t FROM v WHERE r < 2");
    let parsed: serde_json::Value = serde_json::from_str(&text).unwrap();
    let expected = serde_json::json!([
        {"i": i64::MAX, "t": "plain"},
        {"i": 0, "t": "Zoë 東京 \u{1b}[31m"}
    ]);
    assert_eq!(parsed, expected);
    assert_eq!(text.lines().count(), 4, "a line for each object and bracket");
}

#[test]
fn two_columns_of_one_name_stay_two_in_json() {
    let row = print("ndjson", "SELECT 1 AS a, 2 AS a, 3 AS a_2");
    assert_eq!(row, "{\"a\":1,\"a_3\":2,\"a_2\":3}\n");
    assert_eq!(print("csv", "SELECT 1 AS a, 2 AS a"), "a,a\n1,2\n");
}

#[test]
fn no_rows_are_an_empty_whole_in_every_format() {
    let none = "SELECT i, t FROM v WHERE 0";
    assert_eq!(print("csv", none), "i,t\n");
    assert_eq!(print("json", none), "[]\n");
    assert_eq!(print("ndjson", none), "");
    assert_eq!(print("table", none), " i   t\n───────\n");
}

#[test]
fn a_table_puts_numbers_to_the_right_and_lets_no_text_act_on_the_terminal() {
    let expected = "                   i      r   t\n\
        ────────────────────────────────────────────────────\n \
        9223372036854775807    0.1   plain\n                  \
        -1  1e+300   a \"quoted\", split\\nline\n                   \
        0   -0.5   Zoë 東京 \\u{1b}[31m\n";
    let shown = print("table", "SELECT i, r, t FROM v WHERE i IS NOT NULL");
    assert!(!shown.contains('\u{1b}'), "{shown:?}");
    let squeezed = |text: &str| {
        let lines = text.lines().filter(|line| !line.contains('─'));
        lines.map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect::<Vec<_>>()
    };
    assert_eq!(squeezed(&shown), squeezed(expected));
    let ends = shown.lines().skip(2).map(|line| {
        let number = line.trim_start().split(' ').next().unwrap();
        line.find(number).unwrap() + number.len()
    });
    assert_eq!(ends.collect::<Vec<_>>(), [20, 20, 20], "{shown}");
}

#[test]
fn text_that_is_not_utf_8_survives_csv_and_is_marked_elsewhere() {
    let folder = Folder::with_database(VALUES);
    let sql = "SELECT CAST(x'41ff42' AS TEXT) AS odd";
    let csv = folder.command(&["query", "--format", "csv", sql]).output().unwrap();
    assert_eq!(csv.stdout, b"odd\nA\xffB\n");
    assert_eq!(print("ndjson", sql), "{\"odd\":\"A\u{fffd}B\"}\n");
}

#[test]
fn a_wide_table_is_a_table_still_when_nobody_says_how_wide_it_may_be() {
    let shown = print("table", "SELECT printf('%.*c', 5000, 'x') AS long, 1 AS one");
    assert!(shown.lines().last().unwrap().ends_with('1'), "{}", shown.len());
    assert!(shown.contains('…'), "a cell is cut");
}
