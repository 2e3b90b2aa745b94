//! The reports that come with the program, over a real mirror, judged by naive SQL; the operator's own ones.

use coupontools_mirror::simulator::Mutation;
use serde_json::{Value, json};

use crate::stage::{DIRECTORY, File, Mirror, Upstream};

const BUILT_IN: [&str; 10] = [
    "changes-this-week",
    "duplicates",
    "freshness",
    "growth",
    "hour-of-week",
    "overlap",
    "paid",
    "registrations-per-day",
    "registrations-per-month",
    "registrations-per-week",
];

/// Two directories, some people in both, some changes.
fn mirrored() -> (Upstream, Mirror) {
    let upstream = Upstream::of(&[700, 90]);
    let mirror = Mirror::of(&upstream);
    mirror.sync(&["--full"]).exits(0);
    upstream.change(DIRECTORY, Mutation { insert: 7, edit: 5, delete_random: 30, ..Mutation::default() });
    mirror.sync(&["--full"]).exits(0);
    mirror.sync(&["--full"]).exits(0);
    File::execute(
        &mirror.database(),
        "UPDATE registration SET email = (SELECT upper(email) FROM registration WHERE directory_key = 1
             AND removed_at IS NULL AND email IS NOT NULL ORDER BY registration_id LIMIT 1)
         WHERE directory_key = 2 AND registration_id = (SELECT min(registration_id) FROM registration
             WHERE directory_key = 2)",
    );
    (upstream, mirror)
}

fn rows(mirror: &Mirror, arguments: &[&str]) -> Vec<Value> {
    let ended = mirror.call(&[&["report", "--format", "json"], arguments].concat()).exits(0);
    serde_json::from_str(&ended.stdout).unwrap()
}

fn sum(rows: &[Value], column: &str) -> i64 {
    rows.iter().map(|row| row[column].as_i64().unwrap()).sum()
}

#[test]
fn every_built_in_report_is_listed_and_runs_in_every_format_for_everybody() {
    let (_upstream, mirror) = mirrored();
    let listed: Value = serde_json::from_str(&mirror.call(&["report", "--json"]).exits(0).stdout).unwrap();
    let names: Vec<&str> =
        listed["reports"].as_array().unwrap().iter().map(|report| report["name"].as_str().unwrap()).collect();
    assert_eq!(names, BUILT_IN);
    assert!(listed["reports"].as_array().unwrap().iter().all(|report| report["error"].is_null()), "{listed}");
    let days = &listed["reports"][7]["parameters"][0];
    let promised = [&days["name"], &days["type"], &days["default"], &days["required"]];
    assert_eq!(promised, [&json!("days"), &json!("integer"), &json!(90), &json!(false)]);
    let table = mirror.call(&["report"]).exits(0).stdout;
    for name in BUILT_IN {
        assert!(table.contains(name), "{table}");
        for format in ["table", "csv", "json", "ndjson"] {
            let full = mirror.call(&["report", name, "--format", format]).exits(0);
            assert!(!full.stdout.is_empty() && full.stderr.is_empty(), "{name} {format}: {full:?}");
        }
        mirror.call(&["report", name, "--masked"]).exits(0);
    }
    assert!(table.contains("days=90 directory="), "{table}");
}

#[test]
fn registrations_are_counted_by_day_week_and_month_without_a_gap() {
    let (_upstream, mirror) = mirrored();
    let file = mirror.file();
    let counted = |since: &str| {
        file.value::<i64>(&format!(
            "SELECT count(*) FROM registrations WHERE registered_on >= date('now', {since})"
        ))
    };
    let by_day = rows(&mirror, &["registrations-per-day"]);
    assert_eq!((by_day.len(), sum(&by_day, "registrations")), (90, counted("'-89 days'")));
    let days = file.texts("SELECT date('now', -value || ' days') FROM json_each('[89,88,1,0]')");
    let at = |position: usize| by_day[position]["day"].as_str().unwrap();
    assert_eq!([at(0), at(1), at(88), at(89)], days[..]);
    for row in &by_day {
        let day = row["day"].as_str().unwrap();
        let count = file.count(&format!("registrations WHERE registered_on = '{day}'"));
        assert_eq!(row["registrations"], count, "{day}");
    }
    let of_one =
        rows(&mirror, &["registrations-per-day", "--param", "days=7", "--param", "directory=dir_10002"]);
    let expected = file
        .count("registrations WHERE directory_id = 'dir_10002' AND registered_on >= date('now', '-6 days')");
    assert_eq!((of_one.len(), sum(&of_one, "registrations")), (7, expected));

    let by_week = rows(&mirror, &["registrations-per-week", "--param", "weeks=30"]);
    let weeks = "'-6 days', 'weekday 1', '-203 days'";
    assert_eq!((by_week.len(), sum(&by_week, "registrations")), (30, counted(weeks)));
    let monday = file.texts(&format!("SELECT date('now', {weeks})"));
    assert_eq!(by_week[0]["monday"], monday[0]);
    for week in rows(&mirror, &["registrations-per-week", "--param", "weeks=600"]) {
        let monday = week["monday"].as_str().unwrap();
        let iso = file.texts(&format!("SELECT strftime('%G-W%V', '{monday}')"));
        assert_eq!(week["week"], iso[0], "{monday}");
    }
    let by_month = rows(&mirror, &["registrations-per-month", "--param", "months=14"]);
    let months = "'start of month', '-13 months'";
    assert_eq!((by_month.len(), sum(&by_month, "registrations")), (14, counted(months)));
    assert!(rows(&mirror, &["registrations-per-day", "--param", "days=0"]).is_empty());
}

#[test]
fn growth_hours_and_payments_are_what_naive_sql_counts() {
    let (_upstream, mirror) = mirrored();
    let file = mirror.file();
    let growth = rows(&mirror, &["growth"]);
    assert_eq!(growth.len(), 2);
    for row in &growth {
        let of = format!(
            "registrations WHERE directory_id = {}",
            row["directory_id"].to_string().replace('"', "'")
        );
        let old = |days: u32| {
            file.count(&format!("{of} AND coalesce(registered_on, '') <= date('now', '-{days} days')"))
        };
        assert_eq!(row["registrations"], file.count(&of));
        assert_eq!((&row["7_days_ago"], &row["90_days_ago"]), (&json!(old(7)), &json!(old(90))));
        let percent = 100.0 * (file.count(&of) - old(30)) as f64 / old(30) as f64;
        assert!((row["30_days_percent"].as_f64().unwrap() - percent).abs() < 0.06, "{row}");
    }

    let recent = "registrations WHERE registered_at >= strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-84 days')";
    let hours = rows(&mirror, &["hour-of-week"]);
    let counted = file.count(recent);
    assert!((sum(&hours, "registrations") - counted).abs() <= 1, "a second may have passed");
    let shifted = rows(&mirror, &["hour-of-week", "--param", "utc_offset_hours=5.5"]);
    let busiest = shifted.iter().max_by_key(|row| row["registrations"].as_i64()).unwrap();
    let (weekday, hour) = (busiest["weekday"].as_str().unwrap(), busiest["hour"].as_i64().unwrap());
    let number =
        ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"].iter().position(|day| *day == weekday).unwrap();
    let local = "datetime(substr(registered_at, 1, 13) || ':00', '330 minutes')";
    let naive = file.count(&format!(
        "{recent} AND strftime('%w', {local}) = '{number}' AND CAST(strftime('%H', {local}) AS INTEGER) = {hour}"
    ));
    assert!((busiest["registrations"].as_i64().unwrap() - naive).abs() <= 1, "{busiest} {naive}");

    let paid = rows(&mirror, &["paid", "--param", "months=6"]);
    let since = "registered_on >= date('now', 'start of month', '-5 months')";
    assert_eq!(sum(&paid, "registrations"), file.count(&format!("registrations WHERE {since}")));
    assert_eq!(sum(&paid, "paid"), file.count(&format!("registrations WHERE paid = 1 AND {since}")));
    assert!(sum(&paid, "paid") > 0);
}

#[test]
fn people_in_several_directories_and_changes_are_found() {
    let (_upstream, mirror) = mirrored();
    let file = mirror.file();
    let people = file.value::<i64>(
        "SELECT count(*) FROM (SELECT 1 FROM registrations WHERE email IS NOT NULL GROUP BY lower(email)
         HAVING count(DISTINCT directory_id) > 1)",
    );
    assert!(people >= 1);
    let duplicates = rows(&mirror, &["duplicates"]);
    assert_eq!(duplicates[0]["people"], people);
    assert_eq!(duplicates[0]["directories"], 2);
    assert_eq!(rows(&mirror, &["duplicates", "--param", "rows=0"]), Vec::<Value>::new());
    let overlap = rows(&mirror, &["overlap"]);
    assert_eq!(overlap.len(), 2);
    assert!(overlap.iter().all(|row| row["people"] == people), "{overlap:?}");
    let of_second = rows(&mirror, &["overlap", "--param", "directory=dir_10002"]);
    assert_eq!((of_second.len(), &of_second[0]["other_directory_id"]), (1, &json!(DIRECTORY)));

    let changes = rows(&mirror, &["changes-this-week"]);
    for kind in ["created", "updated", "removed", "restored"] {
        let counted = file.count(&format!("registration_changes WHERE kind = '{kind}'"));
        assert_eq!(sum(&changes, kind), counted, "{kind}");
        assert!(counted > 0 || kind == "restored", "{kind}");
    }
    let freshness = rows(&mirror, &["freshness"]);
    assert_eq!((freshness.len(), &freshness[0]["last_error"]), (2, &Value::Null));
}

#[test]
fn the_operators_reports_are_found_run_and_break_nothing_when_they_are_wrong() {
    let (_upstream, mirror) = mirrored();
    let mirror = mirror.with("[reports]\nfolder = \"own\"");
    mirror.call(&["report"]).exits(1).says("cannot read all reports in");
    std::fs::create_dir(mirror.path("own")).unwrap();
    let write = |name: &str, text: &str| std::fs::write(mirror.path("own").join(name), text).unwrap();
    write(
        "cities.sql",
        "-- title: Cities\n-- parameter: least integer\nSELECT city, count(*) AS people
        FROM registrations GROUP BY city HAVING people >= :least ORDER BY people DESC",
    );
    write("no-column.sql", "SELECT height FROM registrations");
    write("deletes.sql", "DELETE FROM registration");
    write("two.sql", "SELECT 1; SELECT 2");
    write("undeclared.sql", "SELECT :name");
    write("unused.sql", "-- parameter: name text\nSELECT 1");
    write("odd-chart.sql", "-- chart: bar x=a y=b\nSELECT 1 AS a");
    write("wrong.sql", "-- title: a\n-- titel: b\nSELECT 1");
    write("freshness.sql", "-- title: Mine\nSELECT 7 AS seven");

    let cities = rows(&mirror, &["cities", "--param", "least=2"]);
    assert!(cities.iter().all(|row| row["people"].as_i64().unwrap() >= 2) && cities.len() > 1);
    assert_eq!(rows(&mirror, &["freshness"]), [json!({ "seven": 7 })]);
    let broken = [
        ("no-column", "cannot run the report no-column: no such column: height"),
        ("deletes", "cannot run the report deletes: it does something else than read"),
        ("two", "cannot run the report two: it is more than one"),
        ("undeclared", "cannot run the report undeclared: the parameter name has no value"),
        ("unused", "cannot run the report unused: it has no parameter name"),
        ("odd-chart", "cannot run the report odd-chart: its chart needs the column b"),
        ("wrong", "cannot read the report wrong: wrong.sql, line 2: `titel:` is no line of a header"),
    ];
    let list = mirror.call(&["report"]).exits(0).stdout;
    let check = mirror.call(&["check"]).exits(0).stdout;
    for (name, cause) in broken {
        let parameter: &[&str] = if name == "unused" { &["--param", "name=x"] } else { &[] };
        let ended =
            mirror.call(&[&["report", name], parameter].concat()).exits(1).says(cause).says("\nhint: ");
        assert_eq!(ended.stdout, "");
        assert!(list.contains(cause), "{list}");
        assert!(check.contains(&format!("warning  reports: {cause}")), "{check}");
    }
    assert!(check.contains("ok       reports: 11 can be run"), "{check}");

    let refused = |arguments: &[&str], cause: &str| {
        let ended = mirror.call(&[&["report"], arguments].concat()).exits(2).says(cause).says("hint: ");
        assert_eq!(ended.stdout, "");
    };
    refused(&["nobody"], "cannot find the report nobody: there is none of this name");
    refused(&["cities"], "the parameter least has no value, and no default");
    refused(&["cities", "--param", "least=x1"], "the parameter least is no whole number");
    refused(&["cities", "--param", "least=1", "--param", "most=2"], "it has no parameter most");
    mirror.call(&["report", "cities", "--param", "least"]).exits(2).says("write it as NAME=VALUE");
    write(
        "endless.sql",
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
    );
    mirror.call(&["report", "endless", "--timeout", "1"]).exits(1).says("1 s are over");
}
