//! `check`, `probe` and `status` against the simulated API over a real socket.

use coupontools_mirror::simulator::{Options, Simulator};
use tokio::runtime::Runtime;

use crate::program::{Ended, Folder};

const KEYS: [(&str, &str); 2] =
    [("COUPONTOOLS_CLIENT_ID", "demo-id"), ("COUPONTOOLS_CLIENT_SECRET", "demo-secret")];

/// Nobody is disturbed by a simulated API's requests.
const FAST: &str = "api.requests_per_second = 1000\n";

/// The API for as long as it is needed.
struct Api {
    _runtime: Runtime,
    simulator: Simulator,
    folder: Folder,
}

impl Api {
    fn with_directories_of(sizes: &[u32]) -> Self {
        let runtime = Runtime::new().unwrap();
        let simulator = runtime.block_on(Simulator::start(Options::quiet(sizes))).unwrap();
        let folder = Folder::new();
        folder.write("coupontools-mirror.toml", FAST);
        Self { _runtime: runtime, simulator, folder }
    }

    fn run(&self, keys: &[(&str, &str)], arguments: &[&str]) -> Ended {
        let base_url = self.simulator.base_url();
        let arguments = [&["--base-url", base_url.as_str()], arguments].concat();
        self.folder.run_with(keys, &arguments)
    }
}

#[test]
fn check_makes_one_real_call_and_finds_everything_right() {
    let api = Api::with_directories_of(&[12, 0]);
    let ended = api.run(&KEYS, &["check"]);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{ended:?}");
    assert!(ended.stdout.contains("took the keys and lists 2 directories"), "{}", ended.stdout);
    assert!(!ended.stdout.contains("demo-secret"), "{}", ended.stdout);
}

#[test]
fn check_tells_directories_that_nobody_lists() {
    let api = Api::with_directories_of(&[12]);
    api.folder.write("coupontools-mirror.toml", "[sync]\ninclude = ['dir_99999']\n");
    let ended = api.run(&KEYS, &["check"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.stdout.contains("include names dir_99999, which no account lists"), "{}", ended.stdout);
    assert!(ended.stdout.contains("leave no directory"), "{}", ended.stdout);
}

#[test]
fn refused_keys_and_an_api_out_of_reach_have_their_own_exit_codes() {
    let api = Api::with_directories_of(&[12]);
    let wrong = [("COUPONTOOLS_CLIENT_ID", "demo-id"), ("COUPONTOOLS_CLIENT_SECRET", "wr0ng")];
    for command in [["check"], ["probe"]] {
        let refused = api.run(&wrong, &command);
        assert_eq!(refused.code, Some(77), "{refused:?}");
        assert!(refused.stdout.contains("the keys were refused"), "{refused:?}");
        assert!(!format!("{refused:?}").contains("wr0ng"), "{refused:?}");
    }
    let nowhere = ["--base-url", "http://127.0.0.1:9"];
    let unreached = api.folder.run_with(&KEYS, &[&nowhere[..], &["check"]].concat());
    assert_eq!(unreached.code, Some(75), "{unreached:?}");
    assert!(unreached.stdout.contains("no connection"), "{unreached:?}");
    let unreached = api.folder.run_with(&KEYS, &[&nowhere[..], &["--log-level", "error", "probe"]].concat());
    unreached.assert_failed(75, "cannot ask the API");
}

#[test]
fn probe_shows_keys_and_kinds_of_values_and_never_a_value() {
    let api = Api::with_directories_of(&[0, 12]);
    assert_eq!(api.run(&KEYS, &["sync"]).code, Some(0));
    let ended = api.run(&KEYS, &["probe", "--json"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let parsed: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    let probes = parsed["probes"].as_array().unwrap();
    let rows: Vec<_> = probes.iter().map(|probe| probe["rows"].as_u64().unwrap()).collect();
    assert_eq!(rows, [2, 1, 12], "the directory that has users was found");

    let people = "SELECT email, phone, last_name FROM registrations";
    let mirrored = api.folder.run(&["query", "--format", "ndjson", people]).stdout;
    let mut values = 0;
    for line in mirrored.lines() {
        let row: serde_json::Value = serde_json::from_str(line).unwrap();
        for value in row.as_object().unwrap().values().filter_map(|value| value.as_str()) {
            assert!(value.len() < 4 || !ended.stdout.contains(value), "{value}");
            values += 1;
        }
    }
    assert!(values > 12, "{mirrored}");
}

#[test]
fn probe_of_an_account_that_does_not_exist_names_those_that_do() {
    let api = Api::with_directories_of(&[12]);
    let ended = api.run(&KEYS, &["probe", "--account", "nobody"]);
    ended.assert_failed(2, "no account has this name");
    assert!(ended.stderr.contains("default"), "{ended:?}");
}

#[test]
fn status_tells_what_a_sync_left() {
    let api = Api::with_directories_of(&[12, 0]);
    api.folder.run(&["status"]).assert_failed(1, "there is no such file");
    assert_eq!(api.run(&KEYS, &["sync"]).code, Some(0));
    let ended = api.folder.run(&["status", "--json"]);
    let parsed: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    let directories = parsed["directories"].as_array().unwrap();
    let mut counts: Vec<_> =
        directories.iter().map(|directory| directory["registrations"].as_u64()).collect();
    counts.sort_unstable();
    assert_eq!(counts, [Some(0), Some(12)]);
    for directory in directories {
        assert!(directory["age_s"].as_i64().is_some_and(|age_s| (0..600).contains(&age_s)), "{directory}");
        assert!(
            directory["last_complete_at"].is_string() && directory["last_error"].is_null(),
            "{directory}"
        );
    }
    let table = api.folder.run(&["status"]).stdout;
    assert!(table.contains("DIRECTORY") && table.contains(" 12 "), "{table}");
}

#[test]
fn check_looks_at_the_file_that_a_sync_made() {
    let api = Api::with_directories_of(&[12]);
    assert_eq!(api.run(&KEYS, &["sync"]).code, Some(0));
    let ended = api.run(&KEYS, &["check"]);
    assert!(ended.stdout.contains("ok       database: no process writes it now"), "{}", ended.stdout);
    assert!(ended.stdout.contains("ok       database: SQLite finds it whole"), "{}", ended.stdout);

    let foreign = Folder::with_database("CREATE TABLE theirs (a); INSERT INTO theirs VALUES (1);");
    let file = foreign.path("mirror.db");
    let ended = api.run(&KEYS, &["--database", file.to_str().unwrap(), "check"]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.stdout.contains("it belongs to another program"), "{}", ended.stdout);
}
