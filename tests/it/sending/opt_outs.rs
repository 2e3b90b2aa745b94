//! Who must not be sent to.

use serde_json::json;

use super::{mirrored, outcomes, patient, received, send, told};
use crate::stage::{DIRECTORY, until};

#[test]
fn an_opted_out_number_is_remembered_and_left_out_of_every_later_send() {
    let (upstream, mirror) = mirrored(3);
    upstream.set(json!({ "opted_out": ["+32470123456"] }));
    send(&mirror, "sms", &["--to", "+32470123456"]).exits(1);
    upstream.set(json!({ "opted_out": [] }));
    let asked = upstream.requests().total;
    send(&mirror, "sms", &["--to", "0470 12 34 56", "--country", "BE", "--campaign", "other"])
        .exits(1)
        .says("cannot send: opted out");
    std::fs::write(mirror.path("list"), "0470123456\n0470123457\n").unwrap();
    let file = mirror.path("list").display().to_string();
    let plan = send(&mirror, "sms", &["--to-file", &file, "--country", "BE", "--json"]).exits(0);
    assert_eq!((&told(&plan)["recipients"], &told(&plan)["left_out"]["opted_out"]), (&json!(1), &json!(1)));
    assert_eq!(upstream.requests().total, asked);
    let listed = told(&mirror.call(&["opt-out", "list", "--json"]).exits(0));
    assert_eq!(listed["opt_outs"][0]["recipient"], "+32470123456");
    assert_eq!(listed["opt_outs"][0]["reason"], "vendor");
    let removed = mirror.call(&["opt-out", "remove", "--phone", "+32470123456"]).exits(0).stdout;
    assert!(
        removed.contains("the vendor itself refuses this number (605) until it is lifted there, too"),
        "{removed}"
    );
}

#[test]
fn who_is_erased_while_their_own_request_is_in_flight_is_not_named_again_by_its_answer() {
    for (is_opted_out, code, outcome) in [(false, 0, "sent"), (true, 1, "failed")] {
        let (upstream, mirror) = patient(3, 60);
        upstream.set(json!({ "opted_out": if is_opted_out { vec!["+32470123456"] } else { vec![] } }));
        upstream.fault("slow-body,call=send-sms,delay_ms=3000");
        let running = mirror.start(&["send", "sms", "--directory", DIRECTORY, "--to", "+32470123456"]);
        until("it is being sent", || outcomes(&mirror).contains_key("sending"));
        mirror.call(&["erase", "--phone", "+32470123456", "--yes"]).exits(0);
        assert_eq!(outcomes(&mirror), [("sending".into(), 1)].into(), "it was answered too soon");
        running.end().exits(code);
        assert_eq!(outcomes(&mirror), [(outcome.into(), 1)].into());
        let file = mirror.file();
        assert_eq!(file.count("sends WHERE recipient IS NOT NULL"), 0);
        assert_eq!(file.count("opt_outs WHERE recipient IS NOT NULL"), 0);
        assert_eq!(file.count("opt_outs"), i64::from(is_opted_out));
        upstream.set(json!({ "opted_out": [] }));
        let says = if is_opted_out { "opted out" } else { "sent before" };
        send(&mirror, "sms", &["--to", "+32470123456"]).exits(1).says(says);
    }
}

#[test]
fn the_operator_adds_and_takes_back() {
    let (upstream, mirror) = mirrored(3);
    mirror.call(&["opt-out", "add", "--email", "Ann@Example.com"]).exits(0);
    mirror.call(&["opt-out", "add", "--phone", "0470123456", "--country", "BE"]).exits(0);
    send(&mirror, "email", &["--to", "ann@example.com"]).exits(1).says("opted out").says("opt-out remove");
    send(&mirror, "sms", &["--to", "+32470123456"]).exits(1).says("opted out");
    let removed = mirror.call(&["opt-out", "remove", "--email", "ann@example.com"]).exits(0).stdout;
    assert_eq!(removed, "may be sent to again: ann@example.com\n");
    mirror.call(&["opt-out", "remove", "--email", "ann@example.com"]).exits(1).says("there is none");
    send(&mirror, "email", &["--to", "ann@example.com"]).exits(0);
    assert_eq!(received(&upstream), [("ann@example.com".into(), 1)].into());
    mirror.call(&["opt-out", "add", "--email", "nobody"]).exits(2).says("no email address");
}

#[test]
fn masked_readers_see_neither_recipient_nor_text() {
    let (_upstream, mirror) = mirrored(3);
    send(&mirror, "email", &["--to", "ann@example.com", "--subject", "For Ann"]).exits(0);
    mirror.call(&["opt-out", "add", "--email", "eve@example.com"]).exits(0);
    for view in ["sends", "opt_outs"] {
        let sql = format!("SELECT * FROM {view}");
        let seen = mirror.call(&["query", &sql, "--masked", "--format", "json"]).exits(0).stdout;
        assert!(!seen.contains("ann@") && !seen.contains("eve@") && !seen.contains("For Ann"), "{seen}");
        let full = mirror.call(&["query", &sql, "--format", "json"]).exits(0).stdout;
        assert!(full.contains("@example.com"), "{full}");
    }
    let masked = |sql: &str| mirror.call(&["query", sql, "--masked"]);
    masked("SELECT recipient FROM send").exits(1);
    masked("SELECT count(*) FROM sends WHERE outcome = 'sent'").exits(0);
}

#[test]
fn who_was_erased_is_left_out_of_lists_from_elsewhere() {
    let (upstream, mirror) = mirrored(3);
    let column = |name: &str| {
        mirror.file().value::<String>(&format!("SELECT {name} FROM registrations WHERE email <> ''"))
    };
    let (email, id) = (column("email"), column("registration_id"));
    mirror.call(&["erase", "--email", &email, "--yes"]).exits(0);
    send(&mirror, "email", &["--to", &email]).exits(1).says("cannot send: erased").says("--include-erased");
    std::fs::write(mirror.path("list"), format!("{email}\nann@example.com\n")).unwrap();
    let list = mirror.path("list").display().to_string();
    let plan = told(&send(&mirror, "email", &["--to-file", &list, "--json"]).exits(0));
    assert_eq!((&plan["recipients"], &plan["left_out"]["erased"]), (&json!(1), &json!(1)));
    let all = told(&send(&mirror, "email", &["--to-file", &list, "--include-erased", "--json"]).exits(0));
    assert_eq!(all["recipients"], 2);
    // Who registers again is in the mirror again.
    let anew =
        format!("UPDATE registration SET email = '{email}', erased_at = NULL WHERE registration_id = '{id}'");
    crate::stage::File::execute(&mirror.database(), &anew);
    let query = format!("SELECT email FROM registrations WHERE registration_id = '{id}'");
    send(&mirror, "email", &["--to-query", &query, "--yes"]).exits(0);
    assert_eq!(received(&upstream), [(email, 1)].into());
}
