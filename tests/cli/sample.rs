//! The sample configuration that is installed: right as it is, right with everything set, and complete.

use coupontools_mirror::config::{Environment, Flags, Settings};

use crate::program::Folder;

const SAMPLE: &str = include_str!("../../deploy/package/coupontools-mirror.toml");

fn load(toml: &str) -> Settings {
    let folder = Folder::new();
    folder.write("coupontools-mirror.toml", toml);
    folder.write("webhook", "https://alerts.example.com/hook\n");
    let environment = Environment::new([("CONFIGURATION_DIRECTORY".into(), folder.path("").into())]);
    Settings::load(&Flags::default(), &environment).unwrap()
}

/// With the `#` taken away before every option, as its first lines say.
fn everything_set() -> String {
    let is_option = |line: &str| line.starts_with(|c: char| c == '[' || c.is_ascii_lowercase());
    let lines =
        SAMPLE.lines().map(|line| line.strip_prefix('#').filter(|line| is_option(line)).unwrap_or(line));
    lines.collect::<Vec<_>>().join("\n")
}

/// The keys that the program would take in a table, as it tells who misspells one.
fn known(table: &str) -> Vec<String> {
    let folder = Folder::new();
    folder.write("coupontools-mirror.toml", &format!("{table}\nnonsense = 1\n"));
    let said = folder.run(&["token", "list"]).stderr;
    let (_, expected) = said.split_once(", expected ").expect(&said);
    let names = expected.lines().next().unwrap().split('`').skip(1).step_by(2);
    names.map(Into::into).collect()
}

#[test]
fn it_is_right_as_it_is_and_sets_nothing_but_where_things_lie() {
    let (sample, nothing) = (load(SAMPLE), load("database = '/var/lib/coupontools-mirror/mirror.db'"));
    assert_eq!(sample.database, nothing.database);
    assert!(sample.reports.folder.as_ref().unwrap().ends_with("reports"));
    assert!(sample.accounts.is_empty());
    let rest = |settings: &Settings| {
        let Settings { api, sync, schedule, http, masking, snapshots, alerts, retention, sends, .. } =
            settings.clone();
        format!(
            "{api:?} {sync:?} {schedule:?} {http:?} {masking:?} {snapshots:?} {alerts:?} {retention:?} {sends:?}"
        )
    };
    assert_eq!(rest(&sample), rest(&nothing));
}

#[test]
fn it_is_right_with_every_option_set_and_what_has_a_default_says_it() {
    let (all, nothing) =
        (load(&everything_set()), load("database = '/var/lib/coupontools-mirror/mirror.db'"));
    let same = |settings: &Settings| {
        let Settings { api, sync, schedule, http, snapshots, alerts, reports, sends, .. } = settings.clone();
        let snapshots = (snapshots.keep, snapshots.folder);
        format!(
            "{api:?} {sync:?} {schedule:?} {http:?} {snapshots:?} {sends:?} {:?} {:?}",
            alerts.after_failures, reports.time_zone
        )
    };
    assert_eq!(same(&all), same(&nothing));
    assert_eq!(all.accounts.len(), 1);
    assert_eq!(format!("{:?}", all.accounts[0].api), format!("{:?}", nothing.api));
    assert!(all.snapshots.schedule.is_some() && all.alerts.command.is_some() && all.alerts.webhook.is_some());
    let days = all.retention;
    assert!(days.changes_days.is_some() && days.removed_days.is_some() && days.walks_days.is_some());
    assert!(days.sends_days.is_some());
}

#[test]
fn it_names_every_table_and_every_key_that_the_program_knows() {
    let all = everything_set();
    let mut keys = 0;
    let tables = known("");
    assert!(tables.contains(&"retention".to_owned()), "{tables:?}");
    for table in tables {
        if table == "database" {
            assert!(all.contains("\ndatabase = "));
            continue;
        }
        let heading = if table == "accounts" { "[accounts.north]".into() } else { format!("[{table}]") };
        let (_, rest) = all.split_once(&format!("\n{heading}\n")).expect(&heading);
        let section = rest.split("\n[").next().unwrap();
        for key in known(&heading) {
            // It can't stand beside the file that holds it.
            let is_named =
                section.contains(&format!("\n{key} = ")) || section.starts_with(&format!("{key} = "));
            assert!(
                is_named || key == "webhook_url" && section.contains("as webhook_url."),
                "{heading} {key}"
            );
            keys += 1;
        }
    }
    assert!(keys > 30, "{keys} keys");
}
