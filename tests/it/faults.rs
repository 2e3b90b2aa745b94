//! Everything that can go wrong with one answer: how the program ends, what the file holds then, and
//! that the next sync is exact again.

use coupontools_mirror::simulator::Mutation;

use crate::stage::{DIRECTORY, File, Mirror, Upstream, play};

/// What a fault comes to.
#[derive(Clone, Copy, PartialEq)]
enum End {
    /// Tried again, and exact.
    Exact,
    /// Complete; what it hides, a full walk finds.
    Complete,
    /// Not complete: this exit code, and these words in the walk's error.
    Failed(i32, &'static str),
}
use End::{Complete, Exact, Failed};

/// A fault of page 2, met once unless it says otherwise.
const OF_A_PAGE: &[(&str, End)] = &[
    ("http-500", Exact),
    ("http-502", Exact),
    ("http-503,retry_after_s=1", Exact),
    ("http-503,retry_after_s=1,retry_after_form=date", Exact),
    ("http-429,retry_after_s=1", Exact),
    ("hang", Exact),
    ("hang-after", Exact),
    ("reset", Exact),
    ("reset-mid-body", Exact),
    ("not-json", Exact),
    ("truncated-json", Exact),
    ("slow-body,delay_ms=200", Exact),
    ("slow-body,delay_ms=20000", Exact),
    ("wrong-parameter", Exact),
    ("empty-page", Exact),
    ("short-page", Exact),
    ("cut-page", Complete),
    ("holed-page", Complete),
    ("repeated-page", Complete),
    ("outdated-page,changes=20", Complete),
    ("huge-body", Failed(1, "the answer has more than 16777216 bytes")),
    ("redirect", Failed(1, "the API redirects to elsewhere.example.net (HTTP 302)")),
    ("redirect,location=/v3/elsewhere", Failed(1, "the API redirects to 127.0.0.1")),
    ("refused-keys", Failed(77, "the keys were refused (code 1000)")),
    ("expired-keys", Failed(77, "the keys were refused (code 101)")),
    ("subaccount-keys", Failed(77, "the keys were refused (code 102)")),
    ("gone-directory", Failed(1, "the directory was not found (code 507)")),
    ("wrong-parameter,times=2", Complete),
    ("unknown-shape", Failed(1, "was not understood")),
    ("http-500,times=5", Failed(1, "the server failed (HTTP 500), 5 times in a row")),
    ("not-json,times=5", Failed(1, "the answer is not JSON (HTTP 200), 5 times in a row")),
    ("reset,times=5", Failed(75, "the connection broke off, 5 times in a row")),
];

/// A mirror that gives up on a page that hangs before the test does.
fn impatient(upstream: &Upstream) -> Mirror {
    Mirror::of(upstream).api("timeout_s = 2")
}

fn judge(mirror: &Mirror, upstream: &Upstream, arguments: &[&str], end: End) {
    let ended = mirror.sync(arguments);
    let file = mirror.file();
    file.assert_none_removed_falsely(upstream);
    let code = if let Failed(code, _) = end { code } else { 0 };
    let ended = ended.exits(code);
    match end {
        Exact => file.assert_exact(upstream),
        Complete => assert_eq!(ended.walk()["outcome"], "complete"),
        Failed(_, words) => {
            let walk = ended.walk();
            assert_eq!(walk["outcome"], "failed");
            assert!(walk["error"].as_str().unwrap().contains(words), "{walk}");
            let recorded = "SELECT error FROM walks ORDER BY walk_id DESC LIMIT 1";
            assert_eq!(file.value::<String>(recorded), walk["error"]);
            assert!(file.value::<String>("SELECT last_error FROM sync_status").contains(words));
        }
    }
}

#[test]
fn a_fault_in_a_first_walk_ends_as_promised_and_the_next_full_walk_is_exact() {
    play(
        OF_A_PAGE,
        |(fault, _)| (*fault).into(),
        |&(fault, end)| {
            let upstream = Upstream::of(&[350]);
            let mirror = impatient(&upstream);
            upstream.fault(&format!("{fault},call=users-list,page=2,skip=2"));
            judge(&mirror, &upstream, &[], end);
            upstream.clear_faults();
            let arguments: &[&str] = if end == Complete { &["--full"] } else { &[] };
            mirror.sync(arguments).exits(0);
            mirror.file().assert_exact(&upstream);
        },
    );
}

#[test]
fn a_fault_while_newcomers_are_read_ends_as_promised_and_the_next_full_walk_is_exact() {
    play(
        OF_A_PAGE,
        |(fault, _)| (*fault).into(),
        |&(fault, end)| {
            let upstream = Upstream::of(&[350]);
            let mirror = impatient(&upstream);
            mirror.sync(&[]).exits(0);
            upstream.change(DIRECTORY, Mutation { insert: 150, ..Mutation::default() });
            upstream.fault(&format!("{fault},call=users-list,page=2"));
            judge(&mirror, &upstream, &[], end);
            assert!(mirror.file().count("registrations") >= 350);
            upstream.clear_faults();
            let arguments: &[&str] = if end == Complete { &["--full"] } else { &[] };
            mirror.sync(arguments).exits(0);
            mirror.file().assert_exact(&upstream);
        },
    );
}

#[test]
fn a_fault_in_a_full_walk_removes_nothing_and_the_next_one_writes_nothing() {
    play(
        OF_A_PAGE,
        |(fault, _)| (*fault).into(),
        |&(fault, end)| {
            let upstream = Upstream::of(&[350]);
            let mirror = impatient(&upstream);
            mirror.sync(&[]).exits(0);
            upstream.fault(&format!("{fault},call=users-list,page=2"));
            judge(&mirror, &upstream, &["--full"], end);
            assert_eq!(mirror.file().count("registrations"), 350);
            upstream.clear_faults();
            mirror.sync(&["--full"]).exits(0);
            mirror.file().assert_exact(&upstream);
            File::forbid_writes(&mirror.database());
            mirror.sync(&["--full"]).exits(0);
        },
    );
}

#[test]
fn one_wrong_answer_for_page_1_removes_nothing() {
    let wrong = [
        "empty-page",
        "short-page",
        "short-page,rows=0",
        "cut-page",
        "cut-page,rows=99",
        "holed-page,rows=98",
        "repeated-page",
        "outdated-page,changes=9",
    ];
    let cases: Vec<_> = wrong.iter().flat_map(|fault| [(fault, &[][..]), (fault, &["--full"])]).collect();
    play(
        &cases,
        |(fault, arguments)| format!("{fault} {arguments:?}"),
        |(fault, arguments)| {
            let upstream = Upstream::of(&[350]);
            let mirror = Mirror::of(&upstream);
            mirror.sync(&[]).exits(0);
            upstream.change(DIRECTORY, Mutation { insert: 7, edit: 5, ..Mutation::default() });
            upstream.fault(&format!("{fault},page=1"));
            mirror.sync(arguments);
            let file = mirror.file();
            file.assert_none_removed_falsely(&upstream);
            assert!(file.count("registrations") >= 350);
            upstream.clear_faults();
            // Whatever it made missing is found again before a second proof.
            for arguments in [&[][..], &["--full"]] {
                mirror.sync(arguments).exits(0);
                file.assert_none_removed_falsely(&upstream);
            }
            file.assert_exact(&upstream);
            assert_eq!(
                file.count("removed_registrations")
                    + file.count("registrations WHERE missing_since IS NOT NULL"),
                0
            );
        },
    );
}

#[test]
fn faults_of_the_directory_list_end_as_promised_and_lose_no_directory() {
    let of_the_list = [
        ("http-500", 0, ""),
        ("http-503,retry_after_s=1", 0, ""),
        ("hang", 0, ""),
        ("not-json", 0, ""),
        ("http-500,times=5", 1, "the server failed (HTTP 500), 5 times in a row"),
        ("reset,times=5", 75, "the connection broke off, 5 times in a row"),
        ("hang,times=5", 75, "timed out, 5 times in a row"),
        ("huge-body", 1, "more than 16777216 bytes"),
        ("redirect", 1, "which is not followed"),
        ("refused-keys", 77, "check the client ID and the client secret"),
        ("expired-keys", 77, "the Coupontools account has expired"),
        ("unknown-shape", 1, "hint: run `probe`"),
        ("wrong-parameter", 1, "a parameter missing or wrong"),
    ];
    play(
        &of_the_list,
        |(fault, ..)| (*fault).into(),
        |(fault, code, words)| {
            let upstream = Upstream::of(&[120, 30]);
            let mirror = impatient(&upstream);
            mirror.sync(&[]).exits(0);
            upstream.stir(DIRECTORY);
            upstream.fault(&format!("{fault},call=directory-list"));
            mirror.sync(&[]).exits(*code).says(words);
            assert_eq!(mirror.file().count("directories WHERE removed_at IS NULL"), 2);
            assert!(mirror.file().count("registrations") >= 150);
            upstream.clear_faults();
            mirror.sync(&["--full"]).exits(0);
            mirror.sync(&["--full"]).exits(0);
            mirror.file().assert_exact(&upstream);
        },
    );
}

#[test]
fn an_api_that_cannot_be_reached_exits_with_75_and_a_hint() {
    let mirror = Mirror::at("http://127.0.0.1:1");
    mirror.sync(&[]).exits(75).says("no connection").says("hint: check the network and [api] base_url");
}

#[test]
fn keys_travel_in_headers_only_and_no_cookie_comes_back() {
    let upstream = Upstream::of(&[350]);
    let mirror = Mirror::of(&upstream);
    mirror.sync(&[]).exits(0);
    mirror.sync(&["--full"]).exits(0);
    let asked = upstream.requests().requests;
    assert!(asked.len() > 8);
    assert!(asked.iter().all(|request| {
        !request.cookie && request.keys_in == coupontools_mirror::simulator::journal::KeysIn::Headers
    }));
}
