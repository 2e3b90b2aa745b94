//! What is long past: emptied by the daemon, and still in the way of a second time.

use coupontools_mirror::simulator::Call;
use rustix::process::Signal;

use super::{mirrored, outcomes, received, send, told, write_list};
use crate::stage::{File, until};

const MONTH: &str = "[retention]\nsends_days = 30";

#[test]
fn past_sends_days_nobody_is_named_and_nobody_gets_the_campaign_again() {
    let (upstream, mirror) = mirrored(3);
    let list = write_list(&mirror, 20);
    let campaign = ["--to-file", &*list, "--campaign", "spring", "--subject", "Your card", "--yes", "--json"];
    upstream.fault("hang-after,call=send-email,skip=7");
    send(&mirror, "email", &campaign).exits(1);
    assert_eq!(outcomes(&mirror), [("sent".into(), 19), ("unknown".into(), 1)].into());
    let long_ago = "UPDATE send SET at = strftime('%Y-%m-%dT%H:%M:%SZ', at, '-31 days'),
        ended_at = strftime('%Y-%m-%dT%H:%M:%SZ', ended_at, '-31 days')";
    File::execute(&mirror.database(), long_ago);
    send(&mirror, "email", &["--to", "late@example.com", "--campaign", "spring"]).exits(0);

    let mirror = mirror.with(MONTH);
    let daemon = mirror.start(&["run"]);
    let named = "sends WHERE recipient IS NOT NULL OR text IS NOT NULL";
    until("what is past names nobody", || mirror.file().count(named) == 2);
    daemon.until_says("sends=19");
    daemon.signal(Signal::TERM);
    daemon.end().exits(0);
    let kept = mirror.file().texts("SELECT outcome FROM sends WHERE recipient IS NOT NULL ORDER BY 1");
    assert_eq!(kept, ["sent", "unknown"], "the young one, and the one that nobody knows of");
    assert_eq!(mirror.file().count("sends"), 21);

    let asked = upstream.requests().of(Call::SendEmail);
    let again = told(&send(&mirror, "email", &campaign).exits(0));
    assert_eq!((&again["left_out"]["sent_before"], &again["left_out"]["unknown"]), (&19.into(), &1.into()));
    assert_eq!(again["outcome"]["sent"], 0);
    assert_eq!(upstream.requests().of(Call::SendEmail), asked);
    // Once settled as failed it is sent again, to that one alone.
    let unknown = told(&mirror.call(&["send", "list", "--unknown", "--json"]).exits(0));
    mirror.call(&["send", "settle", &unknown["sends"][0]["send_id"].to_string(), "failed"]).exits(0);
    assert_eq!(told(&send(&mirror, "email", &campaign).exits(0))["outcome"]["sent"], 1);
    assert_eq!(received(&upstream).values().filter(|times| **times > 1).count(), 1);
}

#[test]
fn a_new_key_recognises_who_is_still_named_and_says_that_it_does_not_the_others() {
    let (upstream, mirror) = mirrored(3);
    for to in ["ann@example.com", "bob@example.com"] {
        send(&mirror, "email", &["--to", to]).exits(0);
    }
    mirror.call(&["opt-out", "add", "--email", "eve@example.com"]).exits(0);
    let key = mirror.path("mirror.db-key");
    let rekey = |digit: &str| {
        std::fs::write(&key, digit.repeat(64)).unwrap();
        mirror.sync(&[]).exits(0)
    };
    let warning = "are not recognised by another masking key";
    assert!(!rekey("1").stderr.contains(warning), "everybody is named");
    send(&mirror, "email", &["--to", "ann@example.com"]).exits(1).says("sent before");
    send(&mirror, "email", &["--to", "eve@example.com"]).exits(1).says("opted out");
    // As past sends_days.
    File::execute(&mirror.database(), "UPDATE send SET recipient = NULL WHERE recipient LIKE 'bob%'");
    rekey("2").says(warning).says("sends_days");
    send(&mirror, "email", &["--to", "ann@example.com"]).exits(1).says("sent before");
    assert_eq!(received(&upstream)["ann@example.com"], 1);
}
