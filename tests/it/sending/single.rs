//! One recipient, named on the command line.

use super::{mirrored, outcomes, received, send, told};
use crate::stage::{DIRECTORY, until};

#[test]
fn one_is_sent_the_link_once_and_the_ledger_says_so() {
    let (upstream, mirror) = mirrored(3);
    send(&mirror, "email", &["--to", "ann@example.com", "--subject", "Your card"]).exits(0);
    let sends = upstream.sends();
    assert_eq!((sends.len(), sends[0].recipient.as_str()), (1, "ann@example.com"));
    assert_eq!((sends[0].directory.as_str(), sends[0].text.as_deref()), (DIRECTORY, Some("Your card")));

    let listed = told(&mirror.call(&["send", "list", "--json"]).exits(0));
    let row = &listed["sends"][0];
    assert_eq!((&row["recipient"], &row["outcome"]), (&"ann@example.com".into(), &"sent".into()));
    assert_eq!((&row["channel"], &row["directory_id"]), (&"email".into(), &DIRECTORY.into()));

    send(&mirror, "email", &["--to", "Ann@Example.com"])
        .exits(1)
        .says("cannot send: sent before")
        .says("hint: ");
    assert_eq!(upstream.sends().len(), 1);
    send(&mirror, "email", &["--to", "ann@example.com", "--campaign", "again"]).exits(0);
    assert_eq!(upstream.sends().len(), 2);
}

#[test]
fn a_national_number_goes_out_as_the_numbering_plan_has_it() {
    let (upstream, mirror) = mirrored(3);
    let shown =
        send(&mirror, "sms", &["--to", "0470/12.34.56", "--country", "BE", "--body", "Hello"]).exits(0);
    assert_eq!(shown.stdout, "sms of dir_10001 to 0470/12.34.56 → +32470123456\ntext: Hello\nsent\n");
    send(&mirror, "sms", &["--to", "+44 7911 123456"]).exits(0);
    assert_eq!(received(&upstream), [("+32470123456".into(), 1), ("+447911123456".into(), 1)].into());
}

#[test]
fn one_who_is_refused_is_told_to_programs_too() {
    let (upstream, mirror) = mirrored(3);
    let shown = send(&mirror, "email", &["--to", "ann@example.com", "--campaign", "spring"]).exits(0).stdout;
    assert_eq!(
        shown,
        "email of dir_10001 to ann@example.com, campaign spring (new)\ntext: the vendor's\nsent\n"
    );
    send(&mirror, "email", &["--to", "ann@example.com"]).exits(0);
    mirror.call(&["opt-out", "add", "--email", "eve@example.com"]).exits(0);
    for (to, exit, says, counted) in [
        ("ann@example.com", 1, "cannot send: sent before", "/left_out/sent_before"),
        ("eve@example.com", 1, "cannot send: opted out", "/left_out/opted_out"),
        ("eve", 2, "cannot send: no email address", "/invalid_by_reason/no_email"),
    ] {
        let ended = send(&mirror, "email", &["--to", to, "--json"]).exits(exit);
        let plan = told(&ended);
        assert_eq!((plan.pointer(counted), &plan["recipients"]), (Some(&1.into()), &0.into()), "{plan}");
        assert!(plan.get("outcome").is_some_and(serde_json::Value::is_null), "{plan}");
        ended.says(says).says("hint: ");
        assert_eq!(send(&mirror, "email", &["--to", to]).exits(exit).stdout, "");
    }
    upstream.set(serde_json::json!({ "refused_recipients": ["bob@example.com"] }));
    let failed = send(&mirror, "email", &["--to", "bob@example.com"]).exits(1);
    assert_eq!(failed.stdout, "email of dir_10001 to bob@example.com\ntext: the vendor's\n");
    failed.says("the provider did not send (code 604)");
}

#[test]
fn one_who_is_waited_for_and_stopped_gets_nothing_and_that_is_said() {
    let (upstream, mirror) = mirrored(3);
    upstream.fault("http-429,call=send-email,retry_after_s=100");
    let running = mirror.start(&["send", "email", "--directory", DIRECTORY, "--to", "ann@example.com"]);
    let asked = || upstream.requests().of(coupontools_mirror::simulator::Call::SendEmail);
    until("the API asked for silence", || asked() == 1);
    until("nobody is being sent to", || outcomes(&mirror).is_empty());
    running.signal(rustix::process::Signal::TERM);
    running.end().exits(1).says("cannot send: stopped before it was asked for").says("hint: ");
    assert!(upstream.sends().is_empty() && outcomes(&mirror).is_empty());
}

#[test]
fn an_international_domain_goes_out_in_the_form_of_the_wire() {
    let (upstream, mirror) = mirrored(3);
    send(&mirror, "email", &["--to", "info@käse.example"]).exits(0);
    assert_eq!(received(&upstream), [("info@xn--kse-qla.example".into(), 1)].into());
    send(&mirror, "email", &["--to", "info@xn--kse-qla.example"]).exits(1).says("sent before");
}

#[test]
fn what_can_be_nobodys_is_refused_before_anything_is_asked() {
    let (upstream, mirror) = mirrored(3);
    let asked = upstream.requests().total;
    for (channel, to, says) in [
        ("email", "ann", "no email address"),
        ("email", "ann@example", "no email address"),
        ("sms", "0470123456", "a national number without a country"),
        ("sms", "+32 2 512 34 56", "takes no text messages"),
        ("sms", "+999123", "no phone number"),
        ("sms", "+3247012", "no numbering plan"),
    ] {
        send(&mirror, channel, &["--to", to]).exits(2).says(says).says("hint: ");
    }
    send(&mirror, "sms", &["--to", "0470123456", "--country", "Belgium"]).exits(2).says("two letters");
    assert_eq!(upstream.requests().total, asked);
    assert!(outcomes(&mirror).is_empty());
}

#[test]
fn of_several_accounts_the_one_whose_directory_it_is_sends() {
    use crate::stage::{Mirror, Upstream};
    use coupontools_mirror::simulator::{AccountKeys, Options};
    let accounts =
        vec![AccountKeys::new("demo-id-1", "demo-secret-1"), AccountKeys::new("demo-id-2", "demo-secret-2")];
    let upstream = Upstream::start(Options { accounts, ..Options::quiet(&[3, 3]) });
    let mirror = Mirror::of(&upstream).account("north", "demo-id-1", "demo-secret-1").account(
        "south",
        "demo-id-2",
        "demo-secret-2",
    );
    mirror.sync(&[]).exits(0);
    let to = |directory: &str| {
        mirror.call(&["send", "email", "--directory", directory, "--to", "ann@example.com"])
    };
    to("dir_10002").exits(0);
    assert_eq!(upstream.sends()[0].account, "demo-id-2");
    to("dir_99999").exits(2).says("does not know the directory").says("--account");
}
