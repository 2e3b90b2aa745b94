//! What the vendor says no with, each: the sentence, the exit code, the ledger.

use serde_json::json;

use super::{mirrored, outcomes, received, send, told, write_list};
use crate::stage::DIRECTORY;

#[test]
fn each_of_the_vendors_errors_is_a_sentence_with_a_hint_and_an_exit_code() {
    let (upstream, mirror) = mirrored(3);
    let (email, phone) = ("b@example.com", "+32470123456");
    let one = |channel: &str, code: i64, exit: i32, words: &str, hint: &str| {
        let to = if channel == "email" { email } else { phone };
        send(&mirror, channel, &["--to", to])
            .exits(exit)
            .says(&format!("cannot send: {words} (code {code})"))
            .says(&format!("hint: {hint}"));
    };
    upstream.set(json!({ "email_connected": false, "sms_connected": false }));
    one("sms", 103, 1, "the account has no SMS platform connected", "connect the platform");
    one("email", 104, 1, "the account has no email platform connected", "connect the platform");
    upstream.set(json!({ "email_connected": true, "sms_connected": true }));
    upstream.fault("missing-parameter");
    one(
        "email",
        200,
        1,
        "the API found a parameter missing or wrong",
        "see that the directory's ID is right",
    );
    upstream.fault("gone-directory");
    one("sms", 502, 1, "the directory was not found", "the directory was deleted");
    upstream.fault("refused-keys");
    one("email", 1000, 77, "the keys were refused", "check the client ID");
    // None of these was sent, and none stands in the way of a later try.
    assert!(outcomes(&mirror).is_empty());

    upstream.set(json!({ "invalid_recipients": [email, phone] }));
    one("sms", 301, 1, "the recipient is not valid", "see whether the number is right");
    one("email", 305, 1, "the recipient is not valid", "see whether the address is right");
    upstream.set(json!({ "invalid_recipients": [], "refused_recipients": [email, phone] }));
    one("sms", 602, 1, "the provider did not send", "the SMS platform's own records say why");
    one("email", 604, 1, "the provider did not send", "the email platform's own records say why");
    upstream.set(json!({ "refused_recipients": [], "opted_out": [phone] }));
    one("sms", 605, 1, "the recipient has opted out", "it is remembered");
    assert_eq!(outcomes(&mirror), [("failed".into(), 5)].into());
    let codes = mirror.file().texts("SELECT CAST(error_code AS TEXT) FROM sends ORDER BY 1");
    assert_eq!(codes, ["301", "305", "602", "604", "605"]);
    let quoted = mirror.file().count("sends WHERE error LIKE '%example.com%' OR error LIKE '%+32%'");
    assert_eq!(quoted, 0, "an error quotes its recipient");
    assert!(received(&upstream).is_empty());
}

#[test]
fn what_concerns_one_of_many_is_told_by_how_many_it_concerns() {
    let (upstream, mirror) = mirrored(3);
    upstream.set(json!({
        "invalid_recipients": ["+32470123451"], "refused_recipients": ["+32470123452"], "opted_out": ["+32470123453"],
    }));
    let list: String = (0..6).map(|n| format!("+3247012345{n}\n")).collect();
    std::fs::write(mirror.path("list"), list).unwrap();
    let file = mirror.path("list").display().to_string();
    let ended = send(&mirror, "sms", &["--to-file", &file, "--yes"]).exits(1);
    for line in [
        "3  sent\n",
        "1  not sent: the vendor takes the recipient for none (code 301)\n",
        "1  not sent: the SMS platform did not send (code 602): its own records say why\n",
        "1  not sent: opted out at the vendor (code 605): remembered, see `opt-out list`\n",
    ] {
        assert!(ended.stdout.contains(line), "{line} in {}", ended.stdout);
    }
    assert_eq!(received(&upstream).len(), 3);
}

#[test]
fn the_same_command_is_said_to_go_on_only_where_it_would() {
    for (fault, exit, line) in [
        ("gone-directory", 1, "2  left: not asked for\n"),
        ("refused-keys", 77, "2  left: not asked for\n"),
        ("missing-parameter", 1, "2  left: not asked for\n"),
        ("not-json,times=3", 1, "2  left (ended early): the same command goes on with them\n"),
    ] {
        let (upstream, mirror) = mirrored(3);
        let list = write_list(&mirror, if exit == 1 && fault.starts_with("not-json") { 5 } else { 2 });
        upstream.fault(fault);
        let ended = send(&mirror, "email", &["--to-file", &list, "--yes"]).exits(exit);
        assert!(ended.stdout.ends_with(line), "{fault}: {}", ended.stdout);
        ended.says("hint: ");
    }
}

#[test]
fn a_wrong_parameter_again_and_again_concerns_everybody() {
    let (upstream, mirror) = mirrored(3);
    let list = super::write_list(&mirror, 10);
    // Once, it may be the recipient's.
    upstream.fault("wrong-parameter,call=send-email,skip=1");
    send(&mirror, "email", &["--to-file", &list, "--campaign", "one", "--yes"]).exits(1);
    assert_eq!(outcomes(&mirror), [("failed".into(), 1), ("sent".into(), 9)].into());
    upstream.fault("wrong-parameter,call=send-email,skip=1,times=100");
    let ended = send(&mirror, "email", &["--to-file", &list, "--campaign", "two", "--yes", "--json"])
        .exits(1)
        .says("a parameter missing or wrong (code 301)");
    let outcome = told(&ended)["outcome"].clone();
    assert_eq!([&outcome["sent"], &outcome["failed"], &outcome["left"]], [1, 3, 6]);
}

#[test]
fn a_directory_that_the_mirror_does_not_know_is_a_slip() {
    let (upstream, mirror) = mirrored(3);
    let asked = upstream.requests().total;
    for slip in ["10001", "DIR_10001", "dir_99999", ""] {
        mirror
            .call(&["send", "email", "--directory", slip, "--to", "a@example.com"])
            .exits(2)
            .says("the mirror does not know the directory")
            .says("--account");
    }
    assert_eq!(upstream.requests().total, asked);
    let named = ["--to", "a@example.com", "--account", "default"];
    let elsewhere = mirror.call(&[&["send", "email", "--directory", "dir_99999"], &named[..]].concat());
    elsewhere.exits(1).says("the directory was not found (code 502)");
    mirror.call(&["send", "email", "--directory", " dir_10001 ", "--to", "a@example.com"]).exits(0);
    send(&mirror, "email", &["--to", "a@example.com"]).exits(1).says("sent before");
}

#[test]
fn who_failed_may_be_tried_again() {
    let (upstream, mirror) = mirrored(3);
    upstream.set(json!({ "refused_recipients": ["b@example.com"] }));
    send(&mirror, "email", &["--to", "b@example.com"]).exits(1);
    upstream.set(json!({ "refused_recipients": [] }));
    send(&mirror, "email", &["--to", "b@example.com"]).exits(0);
    assert_eq!(received(&upstream), [("b@example.com".into(), 1)].into());
    assert_eq!(outcomes(&mirror), [("failed".into(), 1), ("sent".into(), 1)].into());
}

#[test]
fn a_time_out_on_either_side_of_the_vendors_acceptance_is_unknown_and_never_repeated_by_itself() {
    for (fault, is_sent) in [("hang", 0), ("hang-after", 1), ("redirect", 0)] {
        let (upstream, mirror) = mirrored(3);
        upstream.fault(fault);
        send(&mirror, "email", &["--to", "a@example.com"]).exits(1);
        assert_eq!(upstream.sends().len(), is_sent);
        assert_eq!(outcomes(&mirror), [("unknown".into(), 1)].into());
        send(&mirror, "email", &["--to", "a@example.com"])
            .exits(1)
            .says("perhaps sent before")
            .says("settle");
        assert_eq!(upstream.sends().len(), is_sent, "it was repeated");

        let unknown = told(&mirror.call(&["send", "list", "--unknown", "--json"]).exits(0));
        let id = unknown["sends"][0]["send_id"].to_string();
        let settled = mirror.call(&["send", "settle", &id, "failed"]).exits(0).stdout;
        assert_eq!(settled, format!("{id} failed: it can be sent again\n"));
        mirror.call(&["send", "settle", &id, "sent"]).exits(1).says("known to be failed").says("hint: ");
        send(&mirror, "email", &["--to", "a@example.com"]).exits(0);
        assert_eq!(upstream.sends().len(), is_sent + 1);
        let none = told(&mirror.call(&["send", "list", "--unknown", "--json"]).exits(0));
        assert_eq!(none["sends"], json!([]));
    }
}

#[test]
fn what_was_settled_as_sent_is_not_sent_again() {
    let (upstream, mirror) = mirrored(3);
    upstream.fault("hang-after");
    send(&mirror, "email", &["--to", "a@example.com"]).exits(1);
    let unknown = mirror.call(&["send", "list"]).exits(0).stdout;
    assert!(unknown.contains(" unknown: timed out"), "{unknown}");
    let settled = mirror.call(&["send", "settle", "1", "sent"]).exits(0).stdout;
    assert_eq!(settled, "1 is sent: nobody gets it again\n");
    let listed = mirror.call(&["send", "list"]).exits(0).stdout;
    assert!(listed.contains(" sent") && !listed.contains("timed out"), "{listed}");
    assert_eq!(mirror.file().count("sends WHERE error LIKE 'timed out%'"), 0);
    send(&mirror, "email", &["--to", "a@example.com"]).exits(1).says("sent before");
    mirror.call(&["send", "settle", "99", "sent"]).exits(1).says("no such send").says("hint: ");
    assert_eq!(upstream.sends().len(), 1);
}

#[test]
fn an_api_that_cannot_be_reached_leaves_nothing_unknown() {
    let (upstream, mirror) = mirrored(3);
    let base_url = upstream.base_url();
    drop(upstream);
    let mut command = mirror.command(&["send", "email", "--directory", DIRECTORY, "--to", "a@example.com"]);
    command.env("COUPONTOOLS_BASE_URL", base_url);
    let ended = crate::stage::Running::start(&mut command).end().exits(75);
    assert!(ended.stderr.contains("no connection"), "{}", ended.stderr);
    assert!(outcomes(&mirror).is_empty());
}
