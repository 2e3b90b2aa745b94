//! A wrong configuration ends the program with 78, whatever it was asked for; the details of what is
//! wrong are tested beside the code.

use crate::program::Folder;

#[test]
fn an_unknown_key_is_named_with_its_line_and_the_known_ones() {
    let folder = Folder::new();
    let file =
        folder.write("coupontools-mirror.toml", "[sync]\n# four is the default\ndirectory_at_once = 8\n");
    let ended = folder.run(&["status"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(78), ""), "{ended:?}");
    let expected = format!(
        "cannot read {}, line 3, column 1: unknown key `directory_at_once`, expected one of `directories_at_once`, \
         `max_removed_percent`, `include`, `exclude`\n",
        file.display()
    );
    assert_eq!(ended.stderr, expected);
}

#[test]
fn a_five_field_expression_is_refused_with_what_to_write() {
    let folder = Folder::new();
    folder.write("coupontools-mirror.toml", "[schedule]\nincremental = \"*/5 * * * *\"\n");
    let ended = folder.run(&["run"]);
    ended.assert_failed(78, "six fields");
    assert!(ended.stderr.contains("\"0 */5 * * * *\""), "{ended:?}");
}

#[test]
fn a_named_file_that_is_not_there_is_an_error_by_flag_and_by_variable() {
    let folder = Folder::new();
    folder.run(&["--config", "nowhere.toml", "status"]).assert_failed(78, "nowhere.toml");
    let variables = [("COUPONTOOLS_MIRROR_CONFIG", "nowhere.toml")];
    folder.run_with(&variables, &["status"]).assert_failed(78, "nowhere.toml");
}

#[test]
fn the_flag_names_the_file_before_the_variable_and_the_variable_before_the_default() {
    let folder = Folder::new();
    for name in ["coupontools-mirror", "variable", "flag"] {
        folder.write(&format!("{name}.toml"), &format!("database = '{name}.db'"));
    }
    let variable = [("COUPONTOOLS_MIRROR_CONFIG", "variable.toml")];
    folder.run(&["query", "SELECT 1"]).assert_failed(1, "coupontools-mirror.db: there is no such file");
    folder.run_with(&variable, &["query", "SELECT 1"]).assert_failed(1, "variable.db");
    folder.run_with(&variable, &["--config", "flag.toml", "query", "SELECT 1"]).assert_failed(1, "flag.db");
    let empty = [("COUPONTOOLS_MIRROR_CONFIG", "")];
    folder.run_with(&empty, &["query", "SELECT 1"]).assert_failed(1, "coupontools-mirror.db");
}

#[test]
fn the_flag_names_the_database_before_the_variable_and_the_variable_before_the_folders() {
    let folder = Folder::new();
    let state = ("STATE_DIRECTORY", "state");
    let variable = ("COUPONTOOLS_MIRROR_DATABASE", "variable.db");
    let query = ["query", "SELECT 1"];
    folder.run(&query).assert_failed(1, "open mirror.db");
    folder.run_with(&[state], &query).assert_failed(1, "open state/mirror.db");
    folder.run_with(&[state, variable], &query).assert_failed(1, "open variable.db");
    folder
        .run_with(&[state, variable], &["query", "SELECT 1", "--database", "flag.db"])
        .assert_failed(1, "open flag.db");
}

#[test]
fn a_pipe_or_a_folder_in_a_files_place_is_refused_without_waiting_for_its_other_end() {
    use rustix::fs::{CWD, FileType, Mode, mknodat};
    let folder = Folder::new();
    mknodat(CWD, folder.path("pipe"), FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
    std::fs::create_dir(folder.path("folder")).unwrap();
    for name in ["pipe", "folder", "/dev/zero"] {
        folder.run(&["--config", name, "status"]).assert_failed(78, "not a regular file");
        folder.run(&["--database", name, "status"]).assert_failed(1, "not a SQLite file");
        folder.run(&["--database", name, "query", "SELECT 1"]).assert_failed(1, "no file");
        let keys = format!("[accounts.default]\nclient_id_file = '{name}'\nclient_secret_file = '{name}'\n");
        folder.write("keys.toml", &keys);
        folder.run(&["--config", "keys.toml", "sync"]).assert_failed(78, "not a regular file");
    }
}

#[test]
fn who_names_the_database_needs_no_configuration() {
    let folder = Folder::with_database("");
    folder.write("coupontools-mirror.toml", "nonsense");
    let ended = folder.run(&["query", "SELECT 1"]);
    assert_eq!(ended.code, Some(78));
    assert!(ended.stderr.contains("line 1"), "{ended:?}");
    let ended = folder.run(&["--database", "mirror.db", "query", "--format", "csv", "SELECT 1 AS one"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), "one\n1\n"), "{ended:?}");
}

#[test]
fn without_keys_or_with_half_a_pair_nothing_is_mirrored() {
    let folder = Folder::new();
    for command in [&["sync"][..], &["run"], &["probe"]] {
        folder.run(command).assert_failed(78, "there are none");
        let half = [("COUPONTOOLS_CLIENT_ID", "x"), ("COUPONTOOLS_CLIENT_SECRET", "")];
        folder.run_with(&half, command).assert_failed(78, "COUPONTOOLS_CLIENT_SECRET is not");
    }
}

#[test]
fn keys_don_t_go_over_a_network_in_the_clear() {
    let folder = Folder::new();
    let keys = [("COUPONTOOLS_CLIENT_ID", "x"), ("COUPONTOOLS_CLIENT_SECRET", "y")];
    let ended = folder.run_with(&keys, &["--base-url", "http://api.example.com", "sync"]);
    ended.assert_failed(78, "--base-url: keys and personal data would travel in the clear");
}

#[test]
fn a_secret_in_the_file_is_refused_and_not_repeated() {
    let folder = Folder::new();
    folder.write("coupontools-mirror.toml", "[accounts.acme]\nclient_secret = 's3cr3t'\n");
    let ended = folder.run(&["sync"]);
    ended.assert_failed(78, "line 2, column 1: `client_secret` does not belong into this file");
    assert!(!ended.stderr.contains("s3cr3t"), "{ended:?}");
}

#[test]
fn a_log_level_that_does_not_exist_is_an_error_of_the_environment() {
    let folder = Folder::new();
    let loud = [("COUPONTOOLS_MIRROR_LOG", "loud")];
    folder.run_with(&loud, &["status"]).assert_failed(78, "COUPONTOOLS_MIRROR_LOG");
}
