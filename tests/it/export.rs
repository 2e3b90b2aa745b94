//! Whole views into files: every value, whole files only, and what the feed stands at.

use std::collections::BTreeMap;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use coupontools_mirror::simulator::Mutation;
use rustix::process::Signal;
use serde_json::{Value, json};

use crate::stage::{DIRECTORY, File, Mirror, Upstream, until};

const VIEWS: [&str; 7] = [
    "directories",
    "registrations",
    "removed_registrations",
    "registration_changes",
    "registrations_by_day",
    "walks",
    "sync_status",
];

fn mirrored() -> (Upstream, Mirror) {
    let upstream = Upstream::of(&[400, 60]);
    let mirror = Mirror::of(&upstream);
    mirror.sync(&["--full"]).exits(0);
    upstream.change(DIRECTORY, Mutation { insert: 7, edit: 5, delete_random: 12, ..Mutation::default() });
    mirror.sync(&["--full"]).exits(0);
    mirror.sync(&["--full"]).exits(0);
    (upstream, mirror)
}

fn export<'a>(view: &'a str, format: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&["export", "--view", view, "--format", format], more].concat()
}

/// The rows of a view, each as JSON, in an order of their own.
fn rows(text: &str) -> Vec<String> {
    let mut rows: Vec<String> = text.lines().map(str::to_owned).collect();
    rows.sort();
    rows
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !name.starts_with("mirror."))
        .collect();
    names.sort();
    names
}

#[test]
fn every_view_is_exported_as_query_prints_it_and_tells_where_the_feed_stands() {
    let (_upstream, mirror) = mirrored();
    let seq = mirror.file().value::<i64>("SELECT max(seq) FROM registration_changes");
    for view in VIEWS.into_iter().filter(|view| *view != "sync_status") {
        for format in ["csv", "ndjson"] {
            let sql = format!("SELECT * FROM {view}");
            let printed = mirror.call(&["query", "--format", format, &sql]).exits(0).stdout;
            let exported = mirror.call(&export(view, format, &[])).exits(0);
            assert_eq!(exported.stdout, printed, "{view} {format}");
            assert_eq!(exported.stderr, format!("seq: {seq}\n"));
            let told = mirror.call(&export(view, format, &["--output", "out"])).exits(0);
            let rows = mirror.file().count(view);
            let expected = json!({ "view": view, "rows": rows, "seq": seq, "files": ["out"] });
            assert_eq!(serde_json::from_str::<Value>(&told.stdout).unwrap(), expected);
            assert_eq!(std::fs::read_to_string(mirror.path("out")).unwrap(), printed);
        }
    }
    mirror.call(&export("sync_status", "ndjson", &[])).exits(0);
    let mode = std::fs::metadata(mirror.path("out")).unwrap().permissions().mode();
    assert_eq!(mode & 0o007, 0, "{mode:o}: people are in it");
    let guarded = mirror.call(&export("registrations", "csv", &[])).exits(0).stdout;
    let exact = mirror.call(&export("registrations", "csv", &["--exact"])).exits(0).stdout;
    assert!(guarded.contains(",'+") && !guarded.contains(",+"), "{}", &guarded[..1000]);
    assert_eq!(exact, guarded.replace(",'+", ",+").replace(",'-", ",-"));
    let masked = mirror.call(&export("registrations", "csv", &["--masked"])).exits(0).stdout;
    assert!(!masked.contains('@') && masked.lines().next() == guarded.lines().next());
}

#[test]
fn rows_are_left_out_that_are_older_and_a_view_without_a_time_says_so() {
    let (_upstream, mirror) = mirrored();
    let file = mirror.file();
    let at = file.value::<String>(
        "SELECT registered_at FROM registrations WHERE registered_at IS NOT NULL ORDER BY registered_at LIMIT 1 OFFSET 200",
    );
    let count = |view: &str, since: &str| {
        mirror.call(&export(view, "ndjson", &["--since", since])).exits(0).stdout.lines().count() as i64
    };
    let expected = file.count(&format!("registrations WHERE registered_at >= '{at}'"));
    assert_eq!(count("registrations", &at), expected);
    let day = &at[..10];
    assert_eq!(
        count("registrations", day),
        file.count(&format!("registrations WHERE registered_at >= '{day}'"))
    );
    assert_eq!(
        count("registrations_by_day", &at),
        file.count(&format!("registrations_by_day WHERE day >= '{day}'"))
    );
    for view in ["registration_changes", "walks", "removed_registrations"] {
        assert_eq!((count(view, "2000-01-01"), count(view, "2999-01-01")), (file.count(view), 0), "{view}");
    }
    mirror
        .call(&export("directories", "csv", &["--since", day]))
        .exits(2)
        .says("don't say when they came to be");
    mirror.call(&export("registrations", "csv", &["--since", "soon"])).exits(2).says("2026-11-23");
    let unknown = mirror.call(&export("registration", "csv", &[])).exits(2);
    VIEWS.iter().for_each(|view| assert!(unknown.stderr.contains(view), "{}", unknown.stderr));
}

#[test]
fn days_are_folders_that_together_hold_everything() {
    let (_upstream, mirror) = mirrored();
    File::execute(
        &mirror.database(),
        "UPDATE registration SET registered_at = NULL, registered_on = NULL WHERE registration_key % 50 = 0",
    );
    let told = mirror
        .call(&export("registrations", "ndjson", &["--partition-by", "day", "--output", "lake"]))
        .exits(0);
    let told: Value = serde_json::from_str(&told.stdout).unwrap();
    let mut all = Vec::new();
    for path in told["files"].as_array().unwrap() {
        let path = path.as_str().unwrap();
        let day = path.strip_prefix("lake/registered_on=").unwrap().strip_suffix("/part-0.ndjson").unwrap();
        let text = std::fs::read_to_string(mirror.path(path)).unwrap();
        for line in text.lines() {
            let mut row: BTreeMap<String, Value> = serde_json::from_str(line).unwrap();
            let day = if day == "__HIVE_DEFAULT_PARTITION__" { Value::Null } else { day.into() };
            assert_eq!(row.insert("registered_on".into(), day), None);
            all.push(serde_json::to_string(&row).unwrap());
        }
    }
    assert_eq!(told["rows"], all.len());
    assert_eq!(names(&mirror.path("lake")).len(), told["files"].as_array().unwrap().len());
    let whole = mirror.call(&export("registrations", "ndjson", &[])).exits(0).stdout;
    let whole = whole.lines().map(|line| {
        serde_json::to_string(&serde_json::from_str::<BTreeMap<String, Value>>(line).unwrap()).unwrap()
    });
    all.sort();
    assert_eq!(all, rows(&whole.collect::<Vec<_>>().join("\n")));

    for (view, column) in
        [("registration_changes", "changed_on"), ("walks", "started_on"), ("registrations_by_day", "day")]
    {
        mirror.call(&export(view, "csv", &["--partition-by", "day", "--output", view])).exits(0);
        assert!(
            names(&mirror.path(view)).iter().all(|name| name.starts_with(&format!("{column}="))),
            "{view}"
        );
    }
    mirror
        .call(&export("directories", "csv", &["--partition-by", "day", "--output", "x"]))
        .exits(2)
        .says("cannot part directories by day");
    mirror.call(&export("registrations", "csv", &["--partition-by", "day"])).exits(2).says("--output");
}

#[test]
fn what_stands_there_is_replaced_as_a_whole_or_not_at_all() {
    let (_upstream, mirror) = mirrored();
    let to = |output: &str| mirror.call(&export("walks", "csv", &["--output", output]));
    std::fs::write(mirror.path("old.csv"), "old").unwrap();
    symlink("old.csv", mirror.path("link.csv")).unwrap();
    to("link.csv").exits(0);
    let text = std::fs::read_to_string(mirror.path("old.csv")).unwrap();
    assert!(text.starts_with("walk_id,") && mirror.path("link.csv").is_symlink(), "the link stays one");
    to("/dev/null").exits(1).says("cannot write /dev/null: it is no regular file");
    to("nowhere/out.csv").exits(1).says("cannot write nowhere/out.csv: No such file");
    std::fs::create_dir(mirror.path("folder")).unwrap();
    to("folder").exits(1).says("it is no regular file");

    // A failure on the way leaves what was there, and nothing half.
    let view = mirror.file().value::<String>("SELECT sql FROM sqlite_schema WHERE name = 'walks'");
    let wrong = "CREATE VIEW walks AS SELECT abs(value) AS a FROM json_each('[1,2,-9223372036854775808]')";
    File::execute(&mirror.database(), &format!("DROP VIEW walks; {wrong}"));
    to("old.csv").exits(1).says("cannot run the statement: integer overflow");
    File::execute(&mirror.database(), &format!("DROP VIEW walks; {view}"));
    assert_eq!(std::fs::read_to_string(mirror.path("old.csv")).unwrap(), text);
    // What a killed export left is written over.
    std::fs::write(mirror.path("old.csv.partial"), "half").unwrap();
    to("old.csv").exits(0);
    assert_eq!(std::fs::read_to_string(mirror.path("old.csv")).unwrap(), text);

    let parted =
        |output: &str| mirror.call(&export("walks", "csv", &["--partition-by", "day", "--output", output]));
    std::fs::create_dir_all(mirror.path("lake/started_on=1999-01-01")).unwrap();
    std::fs::write(mirror.path("lake/started_on=1999-01-01/part-0.csv"), "old").unwrap();
    parted("lake").exits(0);
    assert!(!names(&mirror.path("lake")).contains(&"started_on=1999-01-01".to_owned()));
    std::fs::write(mirror.path("lake/diary.txt"), "mine").unwrap();
    parted("lake").exits(1).says("there is something in it that is no export");
    parted(".").exits(1).says("there is something in it that is no export");
    assert_eq!(std::fs::read_to_string(mirror.path("lake/diary.txt")).unwrap(), "mine");
    assert_eq!(names(mirror.folder()).iter().filter(|name| name.contains("partial")).count(), 0);
}

#[test]
fn an_export_that_is_stopped_leaves_nothing_half_and_two_don_t_mix() {
    let (_upstream, mirror) = mirrored();
    // A view that never ends, in the place of one.
    File::execute(
        &mirror.database(),
        "DROP VIEW walks; CREATE VIEW walks AS WITH RECURSIVE n(walk_id) AS
             (SELECT 1 UNION ALL SELECT walk_id + 1 FROM n) SELECT walk_id FROM n",
    );
    for more in [&["--output", "out.csv"][..], &["--output", "lake", "--partition-by", "day"]] {
        let view = if more.len() > 2 { "registrations" } else { "walks" };
        if view == "registrations" {
            File::execute(
                &mirror.database(),
                "DROP VIEW registrations; CREATE VIEW registrations AS WITH RECURSIVE n(i) AS
                     (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i, '2026-11-23' AS registered_on FROM n",
            );
        }
        let partial = mirror.path(&format!("{}.partial", more[1]));
        let running = mirror.start(&export(view, "csv", more));
        until("it has begun", || partial.exists());
        mirror.call(&export(view, "csv", more)).exits(1).says("another process is writing it");
        running.signal(Signal::TERM);
        running.end().exits(1).says("cannot finish the export: it was stopped");
        assert!(!partial.exists() && !mirror.path(more[1]).exists());
    }
}

#[cfg(feature = "parquet")]
mod parquet {
    use std::fs::File;

    use parquet::basic::{LogicalType, Type};
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::Field;

    use super::{export, mirrored, names};
    use crate::stage::Mirror;

    fn read(mirror: &Mirror, name: &str) -> SerializedFileReader<File> {
        SerializedFileReader::new(File::open(mirror.path(name)).unwrap()).unwrap()
    }

    /// A row, as `json_array` writes the same row's columns.
    fn shown(field: &Field) -> serde_json::Value {
        match field {
            Field::Null => serde_json::Value::Null,
            Field::Bool(truth) => i64::from(*truth).into(),
            Field::Long(number) => (*number).into(),
            Field::Str(text) => text.as_str().into(),
            Field::Date(days) => {
                let day = chrono::DateTime::from_timestamp(i64::from(*days) * 86_400, 0).unwrap();
                day.format("%Y-%m-%d").to_string().into()
            }
            Field::TimestampMicros(micros) => {
                let at = chrono::DateTime::from_timestamp_micros(*micros).unwrap();
                at.format("%Y-%m-%dT%H:%M:%SZ").to_string().into()
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn parquet_has_types_and_every_value() {
        let (_upstream, mirror) = mirrored();
        for view in super::VIEWS {
            mirror.call(&export(view, "parquet", &["--output", view])).exits(0);
            let reader = read(&mirror, view);
            let metadata = reader.metadata().file_metadata();
            let told = |key: &str| {
                let all = metadata.key_value_metadata().unwrap();
                all.iter().find(|told| told.key == key).unwrap().value.clone().unwrap()
            };
            let seq = mirror.file().value::<i64>("SELECT max(seq) FROM registration_changes");
            assert_eq!(told("coupontools_mirror.seq"), seq.to_string());
            assert_eq!(told("coupontools_mirror.view"), view);
            assert!(told("coupontools_mirror.created_at").ends_with('Z'));
            if view == "sync_status" {
                continue; // its ages are of now
            }
            let columns: Vec<&str> =
                metadata.schema_descr().columns().iter().map(|column| column.name()).collect();
            let sql = format!("SELECT json_array({}) FROM {view}", columns.join(", "));
            let mut stored = mirror.file().texts(&sql);
            let rows = reader.get_row_iter(None).unwrap().map(|row| {
                let row = row.unwrap();
                let values = row.get_column_iter().map(|(_, field)| shown(field));
                serde_json::to_string(&values.collect::<Vec<_>>()).unwrap()
            });
            let mut exported: Vec<String> = rows.collect();
            let same = |text: &String| serde_json::from_str::<serde_json::Value>(text).unwrap().to_string();
            stored = stored.iter().map(same).collect();
            stored.sort();
            exported.sort();
            assert_eq!(exported, stored, "{view}");
        }
        let descriptor = read(&mirror, "registrations").metadata().file_metadata().schema_descr_ptr();
        let of = |name: &str| {
            let column = descriptor.columns().iter().find(|column| column.name() == name).unwrap();
            (column.physical_type(), column.logical_type_ref().cloned())
        };
        assert!(matches!(of("registered_at"), (Type::INT64, Some(LogicalType::Timestamp { .. }))));
        assert_eq!(of("registered_on"), (Type::INT32, Some(LogicalType::Date)));
        assert_eq!((of("paid"), of("email").0), ((Type::BOOLEAN, None), Type::BYTE_ARRAY));
    }

    #[test]
    fn what_does_not_fit_its_column_is_null_and_masked_birth_dates_are_years() {
        let (_upstream, mirror) = mirrored();
        crate::stage::File::execute(
            &mirror.database(),
            "UPDATE registration SET registered_at = 'soon', birth_date = '1.4.1970', birth_year = '1970',
                 zip = CAST(x'41ff' AS TEXT) WHERE registration_key = 1",
        );
        let one = |arguments: &[&str], column: &str| {
            let arguments = [&["--output", "out"], arguments].concat();
            mirror.call(&export("registrations", "parquet", &arguments)).exits(0);
            let id = mirror.file().value::<String>(
                "SELECT registration_id FROM registration WHERE registration_key = 1 AND removed_at IS NULL",
            );
            let reader = read(&mirror, "out");
            let rows = reader.get_row_iter(None).unwrap();
            let mut values = rows.map(|row| {
                let row: Vec<_> = row.unwrap().into_columns();
                let at = |name: &str| shown(&row.iter().find(|(column, _)| column == name).unwrap().1);
                (at("registration_id"), at(column))
            });
            values.find(|(registration, _)| *registration == id).unwrap().1
        };
        assert!(one(&[], "registered_at").is_null() && one(&[], "birth_date").is_null());
        assert_eq!(one(&[], "zip"), "A\u{fffd}");
        assert_eq!(one(&["--masked"], "birth_date"), "1970");
        assert!(one(&["--masked"], "raw").is_null());
    }

    #[test]
    fn parquet_goes_into_a_pipe_and_into_days_too() {
        let (_upstream, mirror) = mirrored();
        let mut command = mirror.command(&export("registrations", "parquet", &[]));
        let bytes = command.output().unwrap().stdout;
        mirror.call(&export("registrations", "parquet", &["--output", "out"])).exits(0);
        assert_eq!((&bytes[..4], &bytes[bytes.len() - 4..]), (&b"PAR1"[..], &b"PAR1"[..]));
        mirror
            .call(&export("registrations", "parquet", &["--output", "lake", "--partition-by", "day"]))
            .exits(0);
        let count: i64 = names(&mirror.path("lake"))
            .iter()
            .map(|day| {
                let reader = read(&mirror, &format!("lake/{day}/part-0.parquet"));
                let metadata = reader.metadata().file_metadata().clone();
                assert!(
                    metadata.schema_descr().columns().iter().all(|column| column.name() != "registered_on")
                );
                metadata.num_rows()
            })
            .sum();
        assert_eq!(count, mirror.file().count("registrations"));
    }
}
