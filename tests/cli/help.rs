//! What the program says of itself.

use crate::program::Folder;

const COMMANDS: &[&str] = &[
    "run",
    "sync",
    "status",
    "query",
    "report",
    "export",
    "serve",
    "token",
    "snapshot",
    "restore",
    "send",
    "opt-out",
    "erase",
    "alert",
    "keys",
    "check",
    "probe",
    "demo",
    "completions",
    "man",
];

#[test]
fn the_help_names_every_command_variable_and_exit_code() {
    let ended = Folder::new().run(&["--help"]);
    assert_eq!(ended.code, Some(0));
    for command in COMMANDS {
        assert!(ended.stdout.contains(&format!("\n  {command}")), "{command}: {}", ended.stdout);
    }
    for word in [
        "COUPONTOOLS_CLIENT_ID",
        "COUPONTOOLS_CLIENT_SECRET",
        "COUPONTOOLS_BASE_URL",
        "COUPONTOOLS_MIRROR_CONFIG",
        "COUPONTOOLS_MIRROR_DATABASE",
        "COUPONTOOLS_MIRROR_LISTEN",
        "COUPONTOOLS_MIRROR_LOG",
        "75",
        "77",
        "78",
    ] {
        assert!(ended.stdout.contains(word), "{word}: {}", ended.stdout);
    }
}

#[test]
fn every_commands_help_has_examples_that_name_it() {
    for command in COMMANDS {
        for flag in ["-h", "--help"] {
            let ended = Folder::new().run(&[command, flag]);
            assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{command}");
            let examples = ended.stdout.split_once("\nExamples:\n").map(|(_, examples)| examples);
            let example = format!("  coupontools-mirror {command}");
            assert!(examples.is_some_and(|text| text.contains(&example)), "{command}: {}", ended.stdout);
        }
    }
}

#[test]
fn help_fits_a_terminal_of_100_columns_without_breaking_an_example() {
    let folder = Folder::new();
    for command in COMMANDS {
        let help = folder.run(&[command, "--help"]).stdout;
        let (_, examples) = help.split_once("\nExamples:\n").unwrap();
        let odd = examples
            .lines()
            .take_while(|line| !line.is_empty())
            .find(|line| !line.starts_with("  coupontools-mirror ") && !line.starts_with("  sudo "));
        assert_eq!(odd, None, "{command}");
    }
}

#[test]
fn an_example_of_a_list_takes_one_directorys_people_and_nobody_who_is_blocked() {
    let folder = Folder::new();
    for (channel, column) in [("email", "email"), ("sms", "phone")] {
        let help = folder.run(&["send", channel, "--help"]).stdout;
        let queries: Vec<_> = help.lines().filter(|line| line.contains("SELECT")).collect();
        let whole = format!(
            "      \"SELECT {column} FROM registrations WHERE directory_id = 'dir_12345' AND blocked IS NOT 1\""
        );
        assert!(!queries.is_empty() && queries.iter().all(|query| *query == whole), "{help}");
    }
}

#[test]
fn a_wrong_command_line_is_a_usage_error() {
    let folder = Folder::new();
    for arguments in [
        &[][..],
        &["nonsense"],
        &["query"],
        &["query", "SELECT 1", "--format", "xml"],
        &["query", "SELECT 1", "--timeout", "0"],
        &["query", "SELECT 1", "--timeout", "86401"],
        &["sync", "--directory"],
        &["--log-level", "loud", "status"],
        &["--log-format", "xml", "status"],
    ] {
        let ended = folder.run(arguments);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{arguments:?}: {ended:?}");
        assert!(ended.stderr.contains("Usage:") || ended.stderr.contains("--help"), "{ended:?}");
    }
}

#[test]
fn the_version_is_the_packages() {
    let ended = Folder::new().run(&["--version"]);
    assert_eq!(ended.stdout, format!("coupontools-mirror {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn flags_are_understood_before_and_after_the_command() {
    let folder = Folder::with_database("");
    let file = folder.path("mirror.db");
    let file = file.to_str().unwrap();
    let elsewhere = Folder::new();
    for arguments in [["--database", file, "query", "SELECT 1"], ["query", "SELECT 1", "--database", file]] {
        assert_eq!(elsewhere.run(&arguments).code, Some(0), "{arguments:?}");
    }
}
