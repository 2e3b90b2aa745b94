//! What the vendor says no with, each: the sentence, the exit code, the ledger.

use serde_json::json;

use super::{mirrored, outcomes, received, send, told};
use crate::stage::DIRECTORY;

#[test]
fn each_of_the_vendors_errors_is_a_sentence_with_its_code() {
    let (upstream, mirror) = mirrored(3);
    let phone = "+32470123456";
    upstream.set(json!({ "email_connected": false, "sms_connected": false }));
    send(&mirror, "email", &["--to", "a@example.com"])
        .exits(1)
        .says("no email platform")
        .says("hint: connect");
    send(&mirror, "sms", &["--to", phone]).exits(1).says("no SMS platform").says("hint: connect");
    upstream.set(json!({ "email_connected": true, "sms_connected": true }));
    let elsewhere = ["send", "email", "--directory", "dir_77", "--to", "a@example.com"];
    mirror.call(&elsewhere).exits(1).says("the directory was not found (code 502)").says("hint: ");
    upstream.fault("refused-keys");
    send(&mirror, "email", &["--to", "a@example.com"]).exits(77).says("the keys were refused").says("hint: ");
    // None of these was sent, and none stands in the way of a later try.
    assert!(outcomes(&mirror).is_empty());

    upstream.set(json!({ "refused_recipients": ["b@example.com", phone] }));
    for (channel, to, code) in [("email", "b@example.com", 604), ("sms", phone, 602)] {
        let ended = send(&mirror, channel, &["--to", to]).exits(1);
        assert!(
            ended.stdout.contains(&format!("the provider did not send (code {code})")),
            "{}",
            ended.stdout
        );
    }
    upstream.set(json!({ "refused_recipients": [], "opted_out": [phone] }));
    let ended = send(&mirror, "sms", &["--to", phone]).exits(1);
    assert!(ended.stdout.contains("opted out at the vendor (remembered) (code 605)"), "{}", ended.stdout);
    upstream.fault("wrong-parameter,call=send-email");
    send(&mirror, "email", &["--to", "c@example.com"]).exits(1);
    assert_eq!(outcomes(&mirror), [("failed".into(), 4)].into());
    let codes = mirror.file().texts("SELECT CAST(error_code AS TEXT) FROM sends ORDER BY 1");
    assert_eq!(codes, ["301", "602", "604", "605"]);
    let quoted = mirror.file().count("sends WHERE error LIKE '%example.com%' OR error LIKE '%+32%'");
    assert_eq!(quoted, 0, "an error quotes its recipient");
    assert!(received(&upstream).is_empty());
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
        mirror.call(&["send", "settle", &id, "failed"]).exits(0);
        mirror.call(&["send", "settle", &id, "sent"]).exits(1).says("known to be failed");
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
    mirror.call(&["send", "settle", "1", "sent"]).exits(0);
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
