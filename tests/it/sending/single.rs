//! One recipient, named on the command line.

use super::{mirrored, outcomes, received, send, told};
use crate::stage::DIRECTORY;

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
    assert!(shown.stdout.contains("0470/12.34.56 → +32470123456"), "{}", shown.stdout);
    send(&mirror, "sms", &["--to", "+44 7911 123456"]).exits(0);
    assert_eq!(received(&upstream), [("+32470123456".into(), 1), ("+447911123456".into(), 1)].into());
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
    to("dir_99999").exits(2).says("whose directory").says("--account");
}
