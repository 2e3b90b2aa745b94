//! What a list may be, and the file that says who of it is left out.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use serde_json::json;

use super::{mirrored, outcomes, received, send, told, write_list};
use crate::stage::{DIRECTORY, Running};

#[test]
fn a_list_that_is_not_utf_8_is_refused_by_its_line() {
    let (upstream, mirror) = mirrored(3);
    let path = mirror.path("list.txt").display().to_string();
    let utf_16: Vec<u8> = "\u{feff}ann@example.com\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (content, cause) in [
        (&b"ann@example.com\n\nm\xe9lanie@example.com\neve@example.com\n"[..], "line 3 is not UTF-8"),
        (b"ann@caf\xe9.com", "line 1 is not UTF-8"),
        (&utf_16, "it is UTF-16, not UTF-8"),
        (b"\xfe\xff\0a", "it is UTF-16, not UTF-8"),
    ] {
        fs::write(&path, content).unwrap();
        send(&mirror, "email", &["--to-file", &path, "--yes"])
            .exits(2)
            .says(&format!("cannot read {path}: {cause}"))
            .says("hint: save it as UTF-8");
    }
    assert!(upstream.sends().is_empty() && outcomes(&mirror).is_empty());
    fs::write(&path, "\u{feff}ann@example.com\r\nm\u{e9}lanie@example.com\r\n").unwrap();
    send(&mirror, "email", &["--to-file", &path, "--yes"]).exits(0);
    let expected = ["ann@example.com", "m\u{e9}lanie@example.com"].map(|to| (to.to_owned(), 1));
    assert_eq!(received(&upstream), expected.into());
    let missing = send(&mirror, "email", &["--to-file", "nofile"]).exits(1);
    missing.says("cannot read nofile: ").says("hint: name a file");
    send(&mirror, "email", &["--to-file", "mirror.db"]).exits(2).says("it is the mirror's own file");
}

#[test]
fn what_is_no_text_in_a_query_is_nobody() {
    let (upstream, mirror) = mirrored(3);
    let plan = |channel: &str, sql: &str, more: &[&str]| {
        told(&send(&mirror, channel, &[&["--to-query", sql, "--json"], more].concat()).exits(0))
    };
    // m\xe9@example.com as text, ann@example.com as bytes, nothing, a text with what could not be read.
    let emails = plan(
        "email",
        "SELECT CAST(x'6de9406578616d706c652e636f6d' AS TEXT) UNION ALL SELECT x'616e6e406578616d706c652e636f6d' \
         UNION ALL SELECT NULL UNION ALL SELECT 'm\u{fffd}@example.com' UNION ALL SELECT 'eve@example.com'",
        &[],
    );
    assert_eq!((&emails["recipients"], &emails["left_out"]["invalid"]), (&json!(1), &json!(4)));
    let reasons = &emails["invalid_by_reason"];
    assert_eq!([&reasons["no_email"], &reasons["empty"], &reasons["no_mobile"]], [3, 1, 0]);
    let numbers = plan(
        "sms",
        "SELECT 32470123456.0 UNION ALL SELECT 470123456 UNION ALL SELECT x'30343730313233343536'",
        &["--country", "BE"],
    );
    assert_eq!((&numbers["recipients"], &numbers["invalid_by_reason"]["no_phone"]), (&json!(1), &json!(2)));
    assert!(upstream.sends().is_empty());
}

#[test]
fn who_is_left_out_stands_in_a_file_of_its_owners_before_anything_is_sent() {
    let (upstream, mirror) = mirrored(3);
    send(&mirror, "email", &["--to", "ann@example.com"]).exits(0);
    mirror.call(&["opt-out", "add", "--email", "eve@example.com"]).exits(0);
    let list = mirror.path("list.txt").display().to_string();
    fs::write(&list, "ann@example.com\n\nbob@example.com\n=1+1\neve@example.com\nBob@example.com\na, b\n")
        .unwrap();
    let file = mirror.path("left.csv");
    let expected = "number,recipient,reason,word\n\
        1,ann@example.com,sent before,sent_before\n\
        4,'=1+1,no email address,no_email\n\
        5,eve@example.com,opted out,opted_out\n\
        6,Bob@example.com,twice in the list,duplicate\n\
        7,\"a, b\",no email address,no_email\n";
    let arguments = ["--to-file", &list, "--left-out", "left.csv"];
    let plan = send(&mirror, "email", &arguments).exits(0).stdout;
    assert!(plan.contains("who is left out: left.csv\n"), "{plan}");
    assert_eq!(fs::read_to_string(&file).unwrap(), expected);
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o7777, 0o600);
    assert_eq!(upstream.sends().len(), 1);

    let sent = told(&send(&mirror, "email", &[&arguments[..], &["--yes", "--json"]].concat()).exits(0));
    assert_eq!((&sent["outcome"]["sent"], &sent["left_out"]["invalid"]), (&json!(1), &json!(2)));
    assert_eq!(fs::read_to_string(&file).unwrap(), expected);
    send(&mirror, "email", &["--to", "x", "--left-out", "left.csv"]).exits(2).says("no email address");
    let one = "number,recipient,reason,word\n1,x,no email address,no_email\n";
    assert_eq!(fs::read_to_string(&file).unwrap(), one);
}

#[test]
fn nothing_else_is_written_over_and_nothing_is_sent_where_it_cannot_be_written() {
    let (upstream, mirror) = mirrored(3);
    let list = write_list(&mirror, 2);
    let before = fs::read(mirror.database()).unwrap();
    fs::write(mirror.path("empty"), "").unwrap();
    std::os::unix::fs::symlink(&list, mirror.path("link")).unwrap();
    for (file, exit, cause) in [
        (&*list, 2, "it is the list itself"),
        ("link", 2, "it is the list itself"),
        ("mirror.db", 2, "something else stands there"),
        ("mirror.db-key", 2, "something else stands there"),
        ("mirror.toml", 2, "something else stands there"),
        ("empty", 2, "something else stands there"),
        ("mirror.db-journal", 2, "what is called so is the mirror's"),
        (".", 2, "it is no regular file"),
        ("nowhere/left.csv", 1, "No such file"),
    ] {
        send(&mirror, "email", &["--to-file", &list, "--yes", "--left-out", file])
            .exits(exit)
            .says("cannot write ")
            .says(cause)
            .says("hint: ");
    }
    let mut command =
        mirror.command(&["send", "email", "--directory", DIRECTORY, "--to-file", "-", "--left-out", &list]);
    command.stdin(fs::File::open(&list).unwrap());
    Running::start(&mut command).end().exits(2).says("it is the list itself");
    assert!(upstream.sends().is_empty());
    assert_eq!(fs::read_to_string(&list).unwrap(), "person0@example.com\nperson1@example.com\n");
    assert_eq!(fs::read(mirror.database()).unwrap(), before);
    let left = |entry: fs::DirEntry| entry.file_name().into_string().unwrap().ends_with(".partial");
    assert!(!fs::read_dir(mirror.folder()).unwrap().any(|entry| left(entry.unwrap())));
}

#[test]
fn without_recipients_the_three_ways_to_name_them_are_told() {
    let (_upstream, mirror) = mirrored(3);
    send(&mirror, "email", &[]).exits(2).says("<--to <RECIPIENT>|--to-query <SQL>|--to-file <FILE>>");
    send(&mirror, "email", &["--to", "x", "--to-file", "y"]).exits(2).says("cannot be used with");
    send(&mirror, "email", &["--to", "x", "--include-removed"]).exits(2).says("cannot be used with");
    for action in ["add", "remove"] {
        mirror.call(&["opt-out", action]).exits(2).says("<--email <ADDRESS>|--phone <NUMBER>>");
    }
}

#[test]
fn a_list_of_nothing_but_nonsense_is_an_error_and_an_empty_one_is_none() {
    let (upstream, mirror) = mirrored(3);
    std::fs::write(mirror.path("list"), "ann\nbob\n").unwrap();
    let list = mirror.path("list").display().to_string();
    for more in [&[][..], &["--yes"]] {
        send(&mirror, "email", &[&["--to-file", &list], more].concat())
            .exits(2)
            .says("nobody in the list can be sent to");
    }
    for nobody in ["SELECT NULL", "SELECT 'x' WHERE false"] {
        send(&mirror, "email", &["--to-query", nobody, "--yes"]).exits(0);
    }
    send(&mirror, "email", &["--to-file", &list, "--left-out", "-"]).exits(2).says("cannot write -");
    assert!(upstream.sends().is_empty());
}
