//! Manual pages and completions, made from the command line.

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

use crate::program::Folder;

/// The commands that the help lists, by name.
fn commands(folder: &Folder) -> Vec<String> {
    let help = folder.run(&["-h"]).stdout;
    let (_, list) = help.split_once("Commands:\n").unwrap();
    let named = list.lines().take_while(|line| !line.is_empty());
    let names: Vec<String> =
        named.filter_map(|line| line.split_whitespace().next()).map(Into::into).collect();
    assert!(names.len() > 10, "{names:?}");
    names.into_iter().filter(|name| name != "help").collect()
}

/// Whether a program reads a text without a complaint; `None` where it is not installed.
fn is_read_by(program: &str, arguments: &[&str], text: &str) -> Option<bool> {
    let mut command = Command::new(program);
    command.args(arguments).env("LC_ALL", "C.UTF-8").env("MANWIDTH", "80");
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().ok()?;
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let ended = child.wait_with_output().unwrap();
    Some(ended.status.success() && ended.stderr.is_empty())
}

#[test]
fn there_is_a_page_for_every_command_and_no_complaint_about_any() {
    let folder = Folder::new();
    let ended = folder.run(&["man", "--output", "pages/man1"]);
    assert_eq!((ended.code, ended.stdout.as_str(), ended.stderr.as_str()), (Some(0), "", ""));
    let mut expected: Vec<String> =
        commands(&folder).iter().map(|name| format!("coupontools-mirror-{name}.1")).collect();
    let nested = [
        "alert-test",
        "opt-out-add",
        "opt-out-list",
        "opt-out-remove",
        "send-email",
        "send-list",
        "send-settle",
        "send-sms",
        "token-add",
        "token-list",
        "token-remove",
    ];
    expected.extend(nested.iter().map(|name| format!("coupontools-mirror-{name}.1")));
    expected.push("coupontools-mirror.1".into());
    for name in &expected {
        let text = fs::read_to_string(folder.path("pages/man1").join(name)).expect(name);
        for part in [".TH ", ".SH NAME", ".SH SYNOPSIS", ".SH DESCRIPTION", ".SH OPTIONS"] {
            assert!(text.contains(part), "{name} lacks {part}");
        }
        assert_ne!(
            is_read_by("groff", &["-man", "-ww", "-z", "-Kutf8", "-Tutf8"], &text),
            Some(false),
            "{name}"
        );
    }
    assert_eq!(fs::read_dir(folder.path("pages/man1")).unwrap().count(), expected.len());
}

#[test]
fn the_main_page_has_variables_files_exit_codes_and_examples() {
    let page = Folder::new().run(&["man"]).stdout;
    for words in [
        ".SH ENVIRONMENT",
        "COUPONTOOLS_MIRROR_LISTEN",
        ".SH FILES",
        "/etc/coupontools\\-mirror/coupontools\\-mirror.toml",
        ".SH \"EXIT STATUS\"",
        "the keys were refused",
        ".SH EXAMPLES",
        "coupontools\\-mirror check",
        "coupontools\\-mirror\\-run(1)",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
}

#[test]
fn every_shells_completions_name_every_command_and_parse() {
    let folder = Folder::new();
    let parsers: [(&str, &str, &[&str]); 5] = [
        ("bash", "bash", &["-n"]),
        ("zsh", "zsh", &["-n"]),
        ("fish", "fish", &["--no-execute"]),
        ("elvish", "elvish", &["-compileonly"]),
        ("powershell", "pwsh-is-not-asked", &[]),
    ];
    for (shell, parser, arguments) in parsers {
        let ended = folder.run(&["completions", shell]);
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{shell}");
        for command in commands(&folder) {
            assert!(ended.stdout.contains(&command), "{shell} does not know {command}");
        }
        // A script of this name, as fish and elvish want one.
        let script = folder.write(shell, &ended.stdout);
        let with_script = [arguments, &[script.to_str().unwrap()]].concat();
        assert_ne!(is_read_by(parser, &with_script, ""), Some(false), "{shell}");
    }
    assert_eq!(folder.run(&["completions", "cmd"]).code, Some(2));
}
