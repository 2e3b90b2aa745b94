//! `check` tells everything that is wrong, not only the first, and ends as it says.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::program::{Ended, Folder};

/// A port that nobody listens on.
const NOBODY: &str = "http://127.0.0.1:9";

fn check(folder: &Folder, variables: &[(&str, &str)]) -> (Ended, Vec<(String, String)>) {
    let ended = folder.run_with(variables, &["--base-url", NOBODY, "check", "--json"]);
    let parsed: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    let findings = parsed["findings"].as_array().unwrap().iter();
    let told = findings.map(|finding| {
        let word = |key: &str| finding[key].as_str().unwrap_or_default().to_owned();
        (word("level"), format!("{} — {}", word("what"), word("advice")))
    });
    let told = told.collect();
    (ended, told)
}

/// What is told of the database at a path.
pub(crate) fn check_at(folder: &Folder, database: &Path) -> Vec<(String, String)> {
    check(folder, &[("COUPONTOOLS_MIRROR_DATABASE", database.to_str().unwrap())]).1
}

#[track_caller]
pub(crate) fn assert_told(findings: &[(String, String)], level: &str, words: &str) {
    assert!(findings.iter().any(|(at, text)| at == level && text.contains(words)), "{words}: {findings:#?}");
}

fn private(folder: &Folder, name: &str, content: &str, mode: u32) {
    let path = folder.write(name, content);
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_wrong_configuration_is_told_with_its_line_and_ends_with_78() {
    let folder = Folder::new();
    folder.write("coupontools-mirror.toml", "[sync]\nnonsense = 1\n");
    let (ended, findings) = check(&folder, &[]);
    assert_eq!(ended.code, Some(78));
    assert_told(&findings, "error", "line 2, column 1: unknown key `nonsense`");
    for (section, says) in
        [("[sends]\nper_second = 0", "1 to 1000"), ("[retention]\nsends_days = 0", "1 to 36500")]
    {
        folder.write("coupontools-mirror.toml", section);
        let (ended, findings) = check(&folder, &[]);
        assert_eq!(ended.code, Some(78));
        assert_told(
            &findings,
            "error",
            &format!(
                "line 2, column {}: it must be {says}",
                section.rfind(' ').unwrap() - section.find('\n').unwrap() + 1
            ),
        );
    }
}

#[test]
fn missing_and_half_keys_end_with_78_after_everything_else_was_looked_at() {
    let folder = Folder::new();
    let (ended, findings) = check(&folder, &[]);
    assert_eq!(ended.code, Some(78));
    assert_told(&findings, "error", "keys of account default: there are none");
    assert_told(&findings, "ok", "schedule: incremental \"0 */5 * * * *\", next 20");
    assert_told(&findings, "ok", "will be made by the first sync");
    let half = [("COUPONTOOLS_CLIENT_SECRET", "x"), ("COUPONTOOLS_CLIENTID", "y")];
    let (ended, findings) = check(&folder, &half);
    assert_eq!(ended.code, Some(78));
    assert_told(&findings, "error", "COUPONTOOLS_CLIENT_ID is not");
    assert_told(&findings, "warning", "COUPONTOOLS_CLIENTID is set and means nothing");
}

#[test]
fn everything_that_is_odd_is_told_at_once() {
    let folder = Folder::with_database("");
    fs::set_permissions(folder.path("mirror.db"), fs::Permissions::from_mode(0o644)).unwrap();
    private(&folder, "id", "an-id\n", 0o600);
    private(&folder, "secret", "a-secret\n", 0o644);
    let toml = "database = 'elsewhere.db'\n\
        [api]\nbase_url = 'https://api.example.com'\n\
        [sync]\nmax_removed_percent = 100\n\
        [schedule]\nincremental = '0 0 * * * *'\nfull = '*/5 * * * * *'\n\
        [accounts.default]\nclient_id_file = 'id'\nclient_secret_file = 'secret'\n";
    folder.write("coupontools-mirror.toml", toml);
    let variables = [("COUPONTOOLS_MIRROR_DATABASE", "mirror.db")];
    let (ended, findings) = check(&folder, &variables);
    assert_told(&findings, "warning", "[api] base_url does not count: --base-url says it too");
    assert_told(&findings, "warning", "database does not count: COUPONTOOLS_MIRROR_DATABASE");
    assert_told(&findings, "warning", "the brake is off");
    assert_told(&findings, "warning", "full comes more often than incremental");
    assert_told(&findings, "warning", "read the personal data in mirror.db — chmod o-rwx");
    assert_told(&findings, "warning", "may read or change the key in");
    assert_eq!(findings.iter().filter(|(_, text)| text.contains("may read or change the key")).count(), 1);
    assert!(!ended.stdout.contains("a-secret") && !ended.stdout.contains("an-id"), "{ended:?}");
}

#[test]
fn keys_that_are_given_twice_are_told() {
    let folder = Folder::new();
    private(&folder, "client_id", "credential-id", 0o400);
    private(&folder, "client_secret", "credential-secret", 0o400);
    let credentials = folder.path("");
    let variables = [
        ("COUPONTOOLS_CLIENT_ID", "an-id"),
        ("COUPONTOOLS_CLIENT_SECRET", "a-secret"),
        ("CREDENTIALS_DIRECTORY", credentials.to_str().unwrap()),
    ];
    let (ended, findings) = check(&folder, &variables);
    assert_told(&findings, "warning", "systemd's credentials do not count");
    assert_told(&findings, "ok", "keys of account default: from COUPONTOOLS_CLIENT_ID");
    assert!(!ended.stdout.contains("credential-id") && !ended.stdout.contains("a-secret"), "{ended:?}");
}

#[test]
fn a_folder_that_is_not_there_is_an_error_with_what_to_do() {
    let folder = Folder::new();
    let variables = [("STATE_DIRECTORY", "nowhere")];
    let (_, findings) = check(&folder, &variables);
    assert_told(&findings, "error", "the folder nowhere does not exist — make it");
}

#[test]
fn lines_for_people_hold_level_what_and_what_to_do() {
    let ended = Folder::new().run(&["check"]);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(78), ""));
    for line in ended.stdout.lines() {
        let level = line.split_whitespace().next().unwrap();
        assert!(["ok", "warning", "error"].contains(&level), "{line}");
    }
    assert!(ended.stdout.contains("\nerror    cannot read the keys"), "{}", ended.stdout);
    assert!(
        ended.stdout.contains(" — give them with `coupontools-mirror keys`, or set COUPONTOOLS_CLIENT_ID"),
        "{}",
        ended.stdout
    );
}

#[test]
fn the_key_of_the_masks_is_looked_at() {
    let folder = Folder::new();
    let (_, findings) = check(&folder, &[]);
    assert_told(&findings, "ok", "the key mirror.db-key will be made by the next sync");
    private(&folder, "mirror.db-key", &"5ec4e7a0".repeat(8), 0o644);
    let (_, findings) = check(&folder, &[]);
    assert_told(&findings, "ok", "masking: the key is mirror.db-key");
    assert_told(
        &findings,
        "warning",
        "others than its owner may read or change the key in mirror.db-key — chmod 600",
    );
    private(&folder, "mirror.db-key", "5ec4e7a0", 0o600);
    let (ended, findings) = check(&folder, &[]);
    assert_eq!(ended.code, Some(78));
    assert_told(&findings, "error", "cannot read the masking key mirror.db-key: it does not hold 64");
    assert!(!ended.stdout.contains("5ec4e7a0"), "{ended:?}");
}

#[test]
fn a_key_that_is_none_ends_a_sync_with_78() {
    let folder = Folder::new();
    private(&folder, "mirror.db-key", "5ec4e7a0", 0o600);
    let variables = [("COUPONTOOLS_CLIENT_ID", "an-id"), ("COUPONTOOLS_CLIENT_SECRET", "a-secret")];
    let ended = folder.run_with(&variables, &["--base-url", NOBODY, "sync"]);
    ended.assert_failed(78, "cannot read the masking key");
    assert!(!ended.stderr.contains("5ec4e7a0"), "{ended:?}");
}
