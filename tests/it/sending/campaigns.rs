//! Many at once: planned, sent, stopped, killed, gone on with.

use rustix::process::Signal;
use serde_json::json;

use super::{mirrored, outcomes, patient, received, send, told, write_list};
use crate::stage::{DIRECTORY, until};

#[test]
fn without_yes_the_plan_is_shown_and_nothing_is_sent() {
    let (upstream, mirror) = mirrored(250);
    let asked = upstream.requests().total;
    let sql = "SELECT email FROM registrations UNION ALL SELECT 'x' UNION ALL SELECT NULL \
        UNION ALL SELECT email FROM registrations";
    let shown = send(&mirror, "email", &["--to-query", sql, "--subject", "Spring"]).exits(0).stdout;
    for words in [
        "250  to be sent",
        "250  left out: twice in the list",
        "1  left out: no email address",
        "Spring",
        "nothing was sent; --yes sends it",
    ] {
        assert!(shown.contains(words), "{words} in {shown}");
    }
    assert_eq!(shown.matches('@').count(), 5, "the first few: {shown}");
    let plan = told(&send(&mirror, "email", &["--to-query", sql, "--json"]).exits(0));
    assert_eq!((&plan["recipients"], &plan["left_out"]["duplicate"]), (&json!(250), &json!(250)));
    assert_eq!((upstream.requests().total, upstream.sends().len()), (asked, 0));
    let nobody = send(&mirror, "email", &["--to-query", "SELECT 'x'"]).exits(2).stdout;
    assert!(
        nobody.contains("0  to be sent") && nobody.ends_with("\n\nnobody is to be sent to\n"),
        "{nobody}"
    );
}

#[test]
fn everybody_gets_a_campaign_once_however_often_it_is_sent() {
    let (upstream, mirror) = mirrored(250);
    let sql = "SELECT email FROM registrations";
    for _ in 0..2 {
        send(&mirror, "email", &["--to-query", sql, "--campaign", "spring", "--yes"]).exits(0);
        let received = received(&upstream);
        assert_eq!(received.len(), 250);
        assert!(received.values().all(|times| *times == 1), "{received:?}");
    }
    assert_eq!(outcomes(&mirror), [("sent".into(), 250)].into());
}

#[test]
fn the_plan_tells_a_new_campaign_from_one_that_is_gone_on_with() {
    let (upstream, mirror) = mirrored(3);
    let list = write_list(&mirror, 3);
    let plan = |name: &str| send(&mirror, "email", &["--to-file", &list, "--campaign", name]).exits(0).stdout;
    assert!(plan("\u{e9}t\u{e9}").contains("campaign \u{e9}t\u{e9} (new)"));
    send(&mirror, "email", &["--to-file", &list, "--campaign", "\u{e9}t\u{e9}", "--yes"]).exits(0);
    // However the keyboard writes its letters.
    let again = plan("e\u{301}te\u{301}");
    assert!(
        again.contains("campaign \u{e9}t\u{e9} (begun 20") && again.contains("3  left out: sent before"),
        "{again}"
    );
    assert!(plan("\u{c9}t\u{e9}").contains("(new)"));
    assert_eq!(upstream.sends().len(), 3);
}

#[test]
fn a_list_comes_from_a_file_and_from_standard_input() {
    let (upstream, mirror) = mirrored(3);
    let list = write_list(&mirror, 20);
    let mut command =
        mirror.command(&["send", "email", "--directory", DIRECTORY, "--to-file", "-", "--yes", "--json"]);
    command.stdin(std::fs::File::open(&list).unwrap());
    let ended = crate::stage::Running::start(&mut command).end().exits(0);
    assert_eq!(told(&ended)["outcome"]["sent"], 20);
    let again = send(&mirror, "email", &["--to-file", &list, "--yes", "--json"]).exits(0);
    assert_eq!(told(&again)["left_out"]["sent_before"], 20);
    assert_eq!(upstream.sends().len(), 20);
    send(&mirror, "email", &["--to-file", "nowhere"]).exits(1).says("cannot read nowhere");
}

#[test]
fn ten_thousand_get_it_once_although_the_program_is_killed_in_the_middle() {
    let (upstream, mirror) = mirrored(3);
    let list = write_list(&mirror, 10_000);
    let arguments =
        ["send", "email", "--directory", DIRECTORY, "--to-file", &list, "--campaign", "big", "--yes"];
    let running = mirror.start(&arguments);
    until("half of them have it", || upstream.sends().len() > 4_000);
    running.kill();
    assert!(upstream.sends().len() < 10_000, "it was killed too late");
    mirror.call(&arguments).exits(0);

    let received = received(&upstream);
    assert!(received.values().all(|times| *times == 1), "somebody got it twice");
    let unknown = mirror.file().count("sends WHERE outcome = 'unknown'");
    let lacking = 10_000 - received.len() as i64;
    assert!(lacking <= unknown && unknown <= 1, "{lacking} lack it, {unknown} are unknown");
    assert_eq!(mirror.file().count("sends WHERE outcome = 'sent'") + unknown, 10_000);
}

#[test]
fn killed_between_the_two_entries_of_the_ledger_it_is_unknown() {
    let (upstream, mirror) = patient(3, 60);
    upstream.fault("hang-after");
    let list = write_list(&mirror, 3);
    let arguments = ["send", "email", "--directory", DIRECTORY, "--to-file", &list, "--yes"];
    let running = mirror.start(&arguments);
    until("the vendor took it", || upstream.sends().len() == 1);
    assert_eq!(outcomes(&mirror), [("sending".into(), 1)].into());
    running.kill();
    mirror.call(&arguments).exits(0).says("a process died while it sent");
    assert_eq!(outcomes(&mirror), [("sent".into(), 2), ("unknown".into(), 1)].into());
    assert!(received(&upstream).values().all(|times| *times == 1));
}

#[test]
fn a_signal_stops_it_and_the_same_command_goes_on() {
    let (upstream, mirror) = mirrored(3);
    let list = write_list(&mirror, 3_000);
    let arguments = ["send", "email", "--directory", DIRECTORY, "--to-file", &list, "--yes", "--json"];
    let running = mirror.start(&arguments);
    until("some have it", || upstream.sends().len() > 100);
    running.signal(Signal::INT);
    let stopped = told(&running.end().exits(1));
    assert_eq!(stopped["outcome"]["ended"], "stopped");
    assert_eq!(stopped["outcome"]["unknown"], 0);
    assert!(stopped["outcome"]["left"].as_u64().unwrap() > 0);
    mirror.call(&arguments).exits(0);
    let received = received(&upstream);
    assert_eq!(received.len(), 3_000);
    assert!(received.values().all(|times| *times == 1));
    assert_eq!(outcomes(&mirror), [("sent".into(), 3_000)].into());
}

#[test]
fn a_rate_limit_is_waited_for_and_nobody_gets_it_twice() {
    let (upstream, mirror) = mirrored(3);
    upstream.fault("http-429,skip=5,times=2,retry_after_s=1");
    let list = write_list(&mirror, 10);
    send(&mirror, "email", &["--to-file", &list, "--yes"]).exits(0);
    assert_eq!(received(&upstream).len(), 10);
    assert_eq!(outcomes(&mirror), [("sent".into(), 10)].into());
}

#[test]
fn what_concerns_everybody_stops_it_at_once_and_what_concerns_one_stops_nobody_else() {
    let (upstream, mirror) = mirrored(3);
    let list = write_list(&mirror, 10);
    upstream.set(json!({ "refused_recipients": ["person1@example.com", "person2@example.com"] }));
    upstream.fault("refused-keys,call=send-email,skip=6");
    let ended = send(&mirror, "email", &["--to-file", &list, "--yes", "--json"]).exits(77);
    let outcome = told(&ended)["outcome"].clone();
    assert_eq!((&outcome["sent"], &outcome["failed"], &outcome["left"]), (&json!(4), &json!(2), &json!(4)));
    assert_eq!((&outcome["ended"], &outcome["failed_by_code"]["604"]), (&json!("early"), &json!(2)));
    // Those who failed are tried again, too.
    upstream.set(json!({ "refused_recipients": [] }));
    send(&mirror, "email", &["--to-file", &list, "--yes"]).exits(0);
    let received = received(&upstream);
    assert!(received.len() == 10 && received.values().all(|times| *times == 1), "{received:?}");
}

#[test]
fn answers_that_nobody_understands_end_it_before_everybody_is_unknown() {
    let (upstream, mirror) = mirrored(3);
    upstream.fault("not-json,call=send-email,skip=2,times=100");
    let list = write_list(&mirror, 10);
    send(&mirror, "email", &["--to-file", &list, "--yes"]).exits(1).says("not JSON");
    assert_eq!(outcomes(&mirror), [("sent".into(), 2), ("unknown".into(), 3)].into());
}

#[test]
fn a_long_silence_is_stopped_at_once_and_leaves_nobody_unknown() {
    let (upstream, mirror) = mirrored(3);
    upstream.fault("http-429,call=send-email,skip=3,retry_after_s=100");
    let list = write_list(&mirror, 10);
    let arguments = ["send", "email", "--directory", DIRECTORY, "--to-file", &list, "--yes"];
    let running = mirror.start(&arguments);
    let asked = || upstream.requests().of(coupontools_mirror::simulator::Call::SendEmail);
    until("the API asked for silence", || asked() == 4);
    until("nobody is being sent to", || mirror.file().count("sends WHERE outcome = 'sending'") == 0);
    running.signal(Signal::TERM);
    running.end().exits(1);
    assert_eq!(outcomes(&mirror), [("sent".into(), 3)].into());
    mirror.call(&arguments).exits(0);
    assert!(received(&upstream).len() == 10 && received(&upstream).values().all(|times| *times == 1));
}

#[test]
fn who_opts_out_or_is_erased_while_a_campaign_runs_gets_nothing_of_it() {
    let (upstream, mirror) = mirrored(3);
    let list = write_list(&mirror, 4_000);
    let column = |name: &str| {
        let whole = "FROM registrations WHERE email IS NOT NULL ORDER BY registration_id LIMIT 1";
        mirror.file().value::<String>(&format!("SELECT {name} {whole}"))
    };
    let (registered, id) = (column("email"), column("registration_id"));
    let everybody = std::fs::read_to_string(&list).unwrap() + &registered;
    std::fs::write(&list, everybody).unwrap();
    let arguments = ["send", "email", "--directory", DIRECTORY, "--to-file", &list, "--yes", "--json"];
    let running = mirror.start(&arguments);
    until("some have it", || upstream.sends().len() > 10);
    mirror.call(&["opt-out", "add", "--email", "person3998@example.com"]).exits(0);
    mirror.call(&["erase", "--email", "person3999@example.com", "--yes"]).exits(0);
    mirror.call(&["erase", "--registration", &format!("{DIRECTORY}/{id}"), "--yes"]).exits(0);
    assert!(upstream.sends().len() < 3_998, "it was over too soon");
    let outcome = told(&running.end().exits(0))["outcome"].clone();
    assert_eq!([&outcome["sent"], &outcome["unwanted"], &outcome["left"]], [3_998, 3, 0]);
    let received = received(&upstream);
    for spared in ["person3998@example.com", "person3999@example.com", &registered] {
        assert!(!received.contains_key(spared), "{spared}");
    }
    assert_eq!(received.len(), 3_998);
    let named = "sends WHERE recipient IN ('person3999@example.com', '";
    assert_eq!(mirror.file().count(&format!("{named}{registered}')")), 0);
}

#[test]
fn what_died_in_flight_is_listed_and_settled_at_once() {
    let (upstream, mirror) = patient(3, 60);
    upstream.fault("hang-after");
    let running = mirror.start(&["send", "email", "--directory", DIRECTORY, "--to", "ann@example.com"]);
    until("the vendor took it", || upstream.sends().len() == 1);
    mirror.call(&["send", "settle", "1", "sent"]).exits(1).says("it is being sent");
    running.kill();
    let listed = told(&mirror.call(&["send", "list", "--unknown", "--json"]).exits(0));
    assert_eq!(listed["sends"][0]["outcome"], "unknown");
    mirror.call(&["send", "settle", "1", "sent"]).exits(0);
}

#[test]
fn two_processes_do_not_send_at_the_same_time() {
    let (upstream, mirror) = mirrored(3);
    let list = write_list(&mirror, 2_000);
    let arguments = ["send", "email", "--directory", DIRECTORY, "--to-file", &list, "--yes"];
    let running = mirror.start(&arguments);
    until("some have it", || upstream.sends().len() > 10);
    mirror.call(&arguments).exits(1).says("another process is sending").says("hint: ");
    // The plan can be looked at meanwhile.
    mirror.call(&arguments[..arguments.len() - 1]).exits(0);
    running.end().exits(0);
    assert!(received(&upstream).values().all(|times| *times == 1));
}

#[test]
fn it_sends_beside_a_daemon_that_writes() {
    let (upstream, mirror) = mirrored(200);
    let mirror = mirror.with("[schedule]\nincremental = \"* * * * * *\"");
    let daemon = mirror.start(&["run"]);
    daemon.until_says("listening");
    upstream.stir(DIRECTORY);
    let list = write_list(&mirror, 300);
    send(&mirror, "email", &["--to-file", &list, "--yes"]).exits(0);
    daemon.signal(Signal::TERM);
    daemon.end().exits(0);
    assert_eq!(received(&upstream).len(), 300);
    mirror.file().assert_whole();
}

#[test]
fn who_has_left_the_directory_is_left_out_of_a_query() {
    use coupontools_mirror::simulator::Mutation;
    let (upstream, mirror) = mirrored(50);
    let everybody = mirror.file().texts("SELECT email FROM registrations");
    upstream.change(DIRECTORY, Mutation { delete_random: 8, ..Mutation::default() });
    mirror.sync(&["--full"]).exits(0);
    mirror.sync(&["--full"]).exits(0);
    let gone = mirror.file().count("removed_registrations");
    assert!(gone > 0, "{} of {}", gone, everybody.len());
    let sql = "SELECT email FROM registrations UNION SELECT email FROM removed_registrations";
    let plan = told(&send(&mirror, "email", &["--to-query", sql, "--json"]).exits(0));
    assert_eq!((&plan["left_out"]["removed"], &plan["recipients"]), (&json!(gone), &json!(50 - gone)));
    let all = told(&send(&mirror, "email", &["--to-query", sql, "--include-removed", "--json"]).exits(0));
    assert_eq!(all["recipients"], json!(50));
}

#[test]
fn a_list_that_makes_no_sense_is_refused() {
    let (_upstream, mirror) = mirrored(3);
    for sql in ["SELECT email, phone FROM registrations", "DELETE FROM registrations", "SELECT", ""] {
        assert_ne!(send(&mirror, "email", &["--to-query", sql]).code(), Some(0), "{sql}");
    }
    std::fs::write(mirror.path("long"), "x".repeat(5000)).unwrap();
    let long = mirror.path("long").display().to_string();
    send(&mirror, "email", &["--to-file", &long]).exits(2).says("more than 1000 bytes");
    send(&mirror, "email", &["--to", "a@example.com", "--campaign", " "]).exits(2);
}
