//! `keys`: from a pipe and at a terminal, whole or not at all, and never shown.

use std::fs;
use std::io::Write;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Stdio};

use coupontools_mirror::config::{Environment, Flags, Settings};
use rexpect::session::{PtySession, spawn_command};
use secrecy::ExposeSecret;

use crate::program::{Ended, Folder};

const DEADLINE_MS: u64 = 20_000;

fn piped(folder: &Folder, arguments: &[&str], input: &[u8]) -> Ended {
    let mut command = folder.command(&[&["keys"], arguments].concat());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // It may have seen enough, and left.
    let _ = child.stdin.take().unwrap().write_all(input);
    let ended = Ended::of(&child.wait_with_output().unwrap());
    let said = format!("{}{}", ended.stdout, ended.stderr);
    assert!(!said.contains("an-id") && !said.contains("s3cr3t"), "{said}");
    ended
}

/// The pair that the program itself would use.
fn pair(folder: &Folder) -> (String, String) {
    let variable = ("CONFIGURATION_DIRECTORY".into(), folder.path("").into());
    let environment = Environment::new([variable]);
    let config = Settings::load(&Flags::default(), &environment).unwrap().read_keys(&environment).unwrap();
    let account = &config.accounts[0];
    assert_eq!(account.name.as_str(), "default");
    (account.client_id.expose_secret().into(), account.client_secret.expose_secret().into())
}

fn mode(path: &Path) -> u32 {
    path.metadata().unwrap().permissions().mode() & 0o7777
}

#[test]
fn two_lines_from_a_pipe_become_two_files_for_their_owner_alone_and_the_program_reads_them() {
    for input in ["an-id\ns3cr3t\n", " an-id \r\ns3cr3t", "an-id\ns3cr3t\n\n"] {
        let folder = Folder::new();
        let ended = piped(&folder, &[], input.as_bytes());
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{ended:?}");
        assert!(ended.stdout.contains("systemctl enable --now coupontools-mirror"), "{ended:?}");
        assert!(ended.stdout.contains("systemctl restart coupontools-mirror"), "{ended:?}");
        assert_eq!(folder.names(), ["client_id", "client_secret"]);
        assert_eq!(pair(&folder), ("an-id".into(), "s3cr3t".into()));
        assert_eq!([mode(&folder.path("client_id")), mode(&folder.path("client_secret"))], [0o600, 0o600]);
    }
}

#[test]
fn what_is_no_pair_of_keys_is_refused_and_changes_nothing() {
    let long = format!("an-id\n{}\n", "s3cr3t".repeat(2000));
    for (input, cause) in [
        ("", "client ID: it is empty"),
        ("an-id\n", "client secret: it is empty"),
        ("\ns3cr3t\n", "client ID: it is empty"),
        ("an-id s3cr3t\n", "client ID: it holds more than one key"),
        ("an-id\ns3crét s3cr3t\n", "client secret: it holds more than one key"),
        ("an-id\ns3cr3t\nan-id\n", "more than two lines"),
        (long.as_str(), "client secret: it is too long"),
    ] {
        let folder = Folder::new();
        folder.write("client_id", "before-id");
        folder.write("client_secret", "before-secret");
        piped(&folder, &[], input.as_bytes()).assert_failed(2, cause);
        assert_eq!(pair(&folder), ("before-id".into(), "before-secret".into()), "{cause}");
        assert_eq!(folder.names(), ["client_id", "client_secret"]);
    }
    let folder = Folder::new();
    piped(&folder, &[], b"an-id\n\xff\n").assert_failed(2, "standard input");
    assert_eq!(folder.names(), [""; 0]);
}

#[test]
fn new_keys_replace_both_old_ones_and_keep_owner_mode_and_links() {
    let folder = Folder::new();
    fs::create_dir(folder.path("elsewhere")).unwrap();
    folder.write("elsewhere/id", "before-id");
    symlink("elsewhere/id", folder.path("client_id")).unwrap();
    folder.write("client_secret", "");
    // What a killed process left.
    folder.write("client_secret.partial", "half");
    folder.write("client_secret.previous", "older");
    for (name, mode) in [("client_id", 0o640), ("client_secret", 0o400)] {
        fs::set_permissions(folder.path(name), fs::Permissions::from_mode(mode)).unwrap();
    }
    let is_root = folder.path("client_secret").metadata().unwrap().uid() == 0;
    if is_root {
        std::os::unix::fs::chown(folder.path("client_secret"), Some(7), Some(8)).unwrap();
    }
    assert_eq!(piped(&folder, &[], b"an-id\ns3cr3t\n").code, Some(0));
    assert_eq!(pair(&folder), ("an-id".into(), "s3cr3t".into()));
    assert_eq!(fs::read_to_string(folder.path("elsewhere/id")).unwrap(), "an-id\n");
    assert_eq!([mode(&folder.path("client_id")), mode(&folder.path("client_secret"))], [0o640, 0o400]);
    assert_eq!(folder.names(), ["client_id", "client_secret", "elsewhere"]);
    if is_root {
        let secret = folder.path("client_secret").metadata().unwrap();
        assert_eq!((secret.uid(), secret.gid()), (7, 8));
    }
}

#[test]
fn where_one_of_the_two_can_not_be_written_neither_is() {
    let folder = Folder::new();
    folder.write("client_id", "before-id");
    fs::create_dir(folder.path("client_secret")).unwrap();
    piped(&folder, &[], b"an-id\ns3cr3t\n").assert_failed(1, "client_secret: it is no regular file");
    assert_eq!(fs::read_to_string(folder.path("client_id")).unwrap(), "before-id");
    assert_eq!(folder.names(), ["client_id", "client_secret"]);

    let folder = Folder::new();
    let variables = [("CONFIGURATION_DIRECTORY", "/proc/nowhere")];
    folder.run_with(&variables, &["keys"]).assert_failed(2, "client ID: it is empty");
    let mut command = folder.command(&["keys"]);
    command.envs(variables).stdin(fs::File::open(folder.write("input", "an-id\ns3cr3t\n")).unwrap());
    Ended::of(&command.output().unwrap()).assert_failed(1, "make /proc/nowhere");
}

#[test]
fn another_accounts_keys_go_where_the_configuration_says_to_whom_the_daemons_folder_belongs() {
    let folder = Folder::new();
    fs::create_dir(folder.path("state")).unwrap();
    let is_root = folder.path("state").metadata().unwrap().uid() == 0;
    if is_root {
        std::os::unix::fs::chown(folder.path("state"), Some(7), Some(8)).unwrap();
    }
    let toml = "database = 'state/mirror.db'\n\
        [accounts.south]\nclient_id_file = 'south.id'\nclient_secret_file = 'south.secret'\n\
        [accounts.north]\ntimeout_s = 3\n";
    folder.write("coupontools-mirror.toml", toml);
    let ended = piped(&folder, &["--account", "south"], b"an-id\ns3cr3t\n");
    assert_eq!(ended.code, Some(0));
    // Those the daemon reads itself.
    assert!(ended.stdout.contains("reloaded: sudo systemctl reload coupontools-mirror"), "{ended:?}");
    assert_eq!(fs::read_to_string(folder.path("south.id")).unwrap(), "an-id\n");
    assert_eq!(fs::read_to_string(folder.path("south.secret")).unwrap(), "s3cr3t\n");
    assert_eq!(mode(&folder.path("south.secret")), 0o600);
    if is_root {
        let secret = folder.path("south.secret").metadata().unwrap();
        assert_eq!((secret.uid(), secret.gid()), (7, 8));
    }
    for unnamed in ["north", "east"] {
        let ended = piped(&folder, &["--account", unnamed], b"an-id\ns3cr3t\n");
        ended.assert_failed(78, &format!("keys of account {unnamed}: the configuration names no files"));
        let advice = format!("[accounts.{unnamed}] client_id_file = \"{unnamed}.id\"");
        assert!(ended.stderr.contains(&advice), "{ended:?}");
    }
    assert_eq!(folder.names(), ["coupontools-mirror.toml", "south.id", "south.secret", "state"]);
}

#[test]
fn the_pair_beside_the_configuration_counts_last_and_empty_files_are_none() {
    let folder = Folder::new();
    folder.write("client_id", "");
    folder.write("client_secret", "");
    folder.run(&["sync"]).assert_failed(78, "keys of account default: there are none");
    let here = folder.path("");
    let variables = [("CREDENTIALS_DIRECTORY", here.to_str().unwrap())];
    folder.run_with(&variables, &["sync"]).assert_failed(78, "keys of account default: there are none");
    folder.write("client_id", "an-id");
    folder.run(&["sync"]).assert_failed(78, "client_secret is not");
    // They are somebody's by name: no second account.
    let toml = "[accounts.south]\nclient_id_file = 'client_id'\nclient_secret_file = 'client_secret'\n";
    folder.write("coupontools-mirror.toml", toml);
    folder.run(&["sync"]).assert_failed(78, "keys of account south");
}

/// In a terminal that shows what is typed, as people's do; a shell tells how it was left.
fn terminal(folder: &Folder) -> PtySession {
    let mut command = Command::new("sh");
    command.args(["-c", "trap : INT; stty echo; \"$0\" keys; echo ended $?; stty -a"]);
    command.arg(folder.command(&[]).get_program()).current_dir(folder);
    command.env("CONFIGURATION_DIRECTORY", folder.path(""));
    let mut terminal = spawn_command(command, Some(DEADLINE_MS)).unwrap();
    terminal.exp_string("Client ID: ").unwrap();
    terminal.send_line("an-id").unwrap();
    let echoed = terminal.exp_string("Client secret (is not shown): ").unwrap();
    assert!(echoed.contains("an-id"), "{echoed}");
    terminal
}

/// How it ended, and whether the terminal shows again what is typed.
fn rest(mut terminal: PtySession) -> String {
    let rest = terminal.exp_eof().unwrap();
    assert!(rest.contains(" echo ") && !rest.contains("-echo "), "{rest}");
    rest
}

#[test]
fn at_a_terminal_it_asks_and_does_not_show_the_secret() {
    let folder = Folder::new();
    let mut terminal = terminal(&folder);
    terminal.send_line("s3cr3t").unwrap();
    let rest = rest(terminal);
    assert!(rest.contains("written: ") && rest.contains("ended 0") && !rest.contains("s3cr3t"), "{rest}");
    assert_eq!(pair(&folder), ("an-id".into(), "s3cr3t".into()));
}

#[test]
fn stopped_at_a_terminal_it_has_written_nothing_and_leaves_the_terminal_as_it_was() {
    let folder = Folder::new();
    let mut terminal = terminal(&folder);
    terminal.send_control('c').unwrap();
    let rest = rest(terminal);
    assert!(rest.contains("cannot take the keys: stopped") && rest.contains("ended 1"), "{rest}");
    assert_eq!(folder.names(), [""; 0]);
}
