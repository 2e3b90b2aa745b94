//! Tokens: who has one reads as much as it says, and nobody else does.

use std::os::unix::fs::PermissionsExt as _;

use serde_json::Value;

use crate::asker::{Answer, Ask, Server};
use crate::stage::{Mirror, Upstream};

const DIRECTORIES: &str = "/api/v1/directories";

fn mirror(upstream: &Upstream, without_token: &str) -> Mirror {
    let mirror = Mirror::of(upstream).http(&format!("without_token = \"{without_token}\""));
    mirror.sync(&[]).exits(0);
    mirror
}

fn add(mirror: &Mirror, arguments: &[&str]) -> String {
    let said = mirror.call(&[&["token", "add"], arguments].concat()).exits(0).stdout;
    let token = said.trim().to_owned();
    assert!(token.starts_with("cmt_") && token.len() > 60 && said.lines().count() == 1, "{said}");
    token
}

fn tokens_file(mirror: &Mirror) -> String {
    std::fs::read_to_string(mirror.path("mirror.db-tokens")).unwrap()
}

/// The first person's email as whoever asks sees it.
fn email(ask: Ask) -> String {
    let page = ask.send().ok().json();
    page["registrations"][0]["email"].as_str().unwrap().to_owned()
}

/// The answer is that a token is needed, in both ways to give one.
#[track_caller]
fn assert_challenged(answer: &Answer) {
    answer.problem(401);
    let challenges: Vec<_> =
        answer.headers.get_all("www-authenticate").iter().map(|one| one.to_str().unwrap()).collect();
    assert_eq!(challenges.len(), 2, "{challenges:?}");
    assert!(
        challenges[0].starts_with("Bearer") && challenges[1].starts_with("Basic realm="),
        "{challenges:?}"
    );
}

#[test]
fn a_token_opens_what_it_says_as_bearer_and_as_basic_password_of_any_user() {
    let upstream = Upstream::of(&[5]);
    let mirror = mirror(&upstream, "nothing");
    let (full, masked) = (add(&mirror, &["full"]), add(&mirror, &["masked", "--masked"]));
    let server = Server::serve(&mirror);
    let get = || server.get("/api/v1/directories/dir_10001/registrations?limit=1");
    for user in ["", "me", "ännä", "a b"] {
        assert!(email(get().basic(user, &full)).contains('@'));
        assert!(!email(get().basic(user, &masked)).contains('@'));
    }
    assert!(email(get().token(&full)).contains('@'));
    assert!(!email(get().token(&masked)).contains('@'));
    assert!(email(get().header("authorization", &format!("bearer {full}"))).contains('@'));
    for wrong in
        [String::new(), "x".into(), full[..full.len() - 1].into(), format!("{full}0"), full.to_uppercase()]
    {
        assert_challenged(&get().token(&wrong).send());
        assert_challenged(&get().basic("me", &wrong).send());
    }
    assert_challenged(&get().send());
    assert_challenged(&get().basic(&full, "").send());
    for header in
        ["", "Bearer", "Basic", "Basic !!!", "Digest x", &full, &format!("Token {full}"), "Bearer  "]
    {
        assert_challenged(&get().header("authorization", header).send());
    }
    // A hash is no token.
    let file = tokens_file(&mirror);
    let hash = file.split_whitespace().nth(2).unwrap();
    assert_challenged(&get().token(hash).send());
}

#[test]
fn without_a_token_loopback_sees_what_the_configuration_says_and_a_wrong_token_opens_nothing() {
    let upstream = Upstream::of(&[5]);
    for (says, sees) in [("nothing", None), ("masked", Some(false)), ("full", Some(true))] {
        let mirror = mirror(&upstream, says);
        let server = Server::serve(&mirror);
        let get = || server.get("/api/v1/directories/dir_10001/registrations?limit=1");
        match sees {
            None => assert_challenged(&get().send()),
            Some(is_clear) => assert_eq!(email(get()).contains('@'), is_clear, "{says}"),
        }
        assert_challenged(&get().token("cmt_wrong").send());
    }
}

#[test]
fn a_browser_is_asked_for_its_token_where_it_may_see_something_without_one_too() {
    let upstream = Upstream::of(&[5]);
    let mirror = mirror(&upstream, "masked");
    let token = add(&mirror, &["full"]);
    let server = Server::serve(&mirror);
    assert_challenged(&server.get("/sign-in").send());
    let signed_in = server.get("/sign-in").basic("me", &token).send();
    assert_eq!((signed_in.status, signed_in.header("location")), (303, Some("/")));
    let refused = server.get("/sign-in").basic("me", "cmt_wrong").send().problem(401);
    assert!(refused["detail"].as_str().unwrap().contains("not known"), "{refused}");
}

#[test]
fn a_request_that_came_through_a_proxy_needs_a_token() {
    let upstream = Upstream::of(&[5]);
    let mirror = mirror(&upstream, "full");
    let token = add(&mirror, &["proxied"]);
    let server = Server::serve(&mirror);
    server.get(DIRECTORIES).send().ok();
    for (name, value) in [
        ("x-forwarded-for", "127.0.0.1"),
        ("x-forwarded-host", "localhost"),
        ("x-forwarded-proto", "https"),
        ("x-real-ip", "127.0.0.1"),
        ("forwarded", "for=127.0.0.1"),
        ("via", "1.1 proxy"),
        ("x-forwarded-for", ""),
    ] {
        assert_challenged(&server.get(DIRECTORIES).header(name, value).send());
        server.get(DIRECTORIES).header(name, value).token(&token).send().ok();
    }
}

#[test]
fn a_token_that_is_removed_is_refused_from_then_on_and_one_that_is_added_works_at_once() {
    let upstream = Upstream::of(&[5]);
    let mirror = mirror(&upstream, "nothing");
    let server = Server::serve(&mirror);
    let first = add(&mirror, &["first"]);
    server.get(DIRECTORIES).token(&first).send().ok();
    let others: Vec<String> = (0..5).map(|n| add(&mirror, &[&format!("other-{n}"), "--masked"])).collect();
    for token in others.iter().chain([&first]) {
        server.get(DIRECTORIES).token(token).send().ok();
    }
    let removed = mirror.call(&["token", "remove", "first"]).exits(0).stdout;
    assert_eq!(removed, "first is removed: whoever has it is refused from now on\n");
    assert_challenged(&server.get(DIRECTORIES).token(&first).send());
    for token in &others {
        server.get(DIRECTORIES).token(token).send().ok();
    }
    // Made anew under the same name it is another one.
    let again = add(&mirror, &["first"]);
    assert_ne!(again, first);
    server.get(DIRECTORIES).token(&again).send().ok();
    assert_challenged(&server.get(DIRECTORIES).token(&first).send());
    std::fs::remove_file(mirror.path("mirror.db-tokens")).unwrap();
    assert_challenged(&server.get(DIRECTORIES).token(&again).send());
    server.stop().exits(0);
}

#[test]
fn the_file_holds_hashes_for_its_owner_alone() {
    let upstream = Upstream::of(&[]);
    let mirror = Mirror::of(&upstream);
    let token = add(&mirror, &["grafana", "--masked"]);
    let full = add(&mirror, &["Excel_2.x"]);
    let file = tokens_file(&mirror);
    for token in [token, full] {
        assert!(!file.contains(&token) && !file.contains(token.trim_start_matches("cmt_")), "{file}");
    }
    let lines: Vec<Vec<&str>> = file.lines().map(|line| line.split(' ').collect()).collect();
    assert_eq!((lines[0][0], lines[0][1], lines[0][2].len()), ("grafana", "masked", 64));
    assert_eq!((lines[1][0], lines[1][1], lines[1][2].len()), ("Excel_2.x", "full", 64));
    let mode = mirror.path("mirror.db-tokens").metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let list = mirror.call(&["token", "list"]).exits(0).stdout;
    assert!(list.contains("grafana") && !list.contains(lines[0][2]), "{list}");
    let list: Value =
        serde_json::from_str(&mirror.call(&["token", "list", "--json"]).exits(0).stdout).unwrap();
    assert_eq!(list["tokens"][1], serde_json::json!({"name": "Excel_2.x", "access": "full"}));
}

#[test]
fn a_name_is_had_once_and_only_a_plain_one_is() {
    let upstream = Upstream::of(&[]);
    let mirror = Mirror::of(&upstream);
    add(&mirror, &["grafana"]);
    let before = tokens_file(&mirror);
    mirror
        .call(&["token", "add", "grafana", "--masked"])
        .exits(1)
        .says("cannot add the token grafana")
        .says("hint:");
    mirror.call(&["token", "remove", "excel"]).exits(1).says("cannot remove the token excel").says("hint:");
    for name in ["", " ", "a b", "a\nb full 00", "ä", "#x", "a/b", &"x".repeat(65)] {
        mirror.call(&["token", "add", name]).exits(1).says("cannot name a token so").says("hint:");
    }
    assert_eq!(tokens_file(&mirror), before);
    mirror.call(&["token", "add", &"x".repeat(64)]).exits(0);
}

#[test]
fn many_who_add_tokens_at_the_same_time_all_have_theirs() {
    let upstream = Upstream::of(&[]);
    let mirror = Mirror::of(&upstream);
    std::thread::scope(|scope| {
        for n in 0..8 {
            let mirror = &mirror;
            scope.spawn(move || add(mirror, &[&format!("token-{n}")]));
        }
    });
    let mut names: Vec<String> =
        tokens_file(&mirror).lines().map(|line| line.split(' ').next().unwrap().into()).collect();
    names.sort();
    assert_eq!(names, (0..8).map(|n| format!("token-{n}")).collect::<Vec<_>>());
}

#[test]
fn a_garbled_file_names_its_line_and_opens_nothing() {
    let upstream = Upstream::of(&[5]);
    let mirror = mirror(&upstream, "masked");
    let token = add(&mirror, &["good"]);
    let good = tokens_file(&mirror);
    let server = Server::serve(&mirror);
    let hash = good.split_whitespace().nth(2).unwrap();
    for garbled in [
        "good full".to_owned(),
        format!("good full {hash} more"),
        format!("good all {hash}"),
        format!("go/od full {hash}"),
        format!("good full {}", &hash[1..]),
        format!("good full {}", hash.replace(|_| true, "g")),
        format!("good full {}", "é".repeat(32)),
        "\u{0}\u{0}\u{0}".to_owned(),
    ] {
        std::fs::write(mirror.path("mirror.db-tokens"), format!("# mine\n{good}{garbled}\n")).unwrap();
        for action in [&["list"][..], &["add", "other"], &["remove", "good"]] {
            mirror.call(&[&["token"], action].concat()).exits(78).says("line 3").says("hint:");
        }
        let answer = server.get(DIRECTORIES).token(&token).send();
        let problem = answer.problem(500).to_string();
        assert!(!problem.contains("mirror.db"), "{problem}");
        // Who comes without a token needs no file.
        server.get(DIRECTORIES).send().ok();
    }
    std::fs::write(mirror.path("mirror.db-tokens"), format!("# mine\n\n  {good}\n")).unwrap();
    server.get(DIRECTORIES).token(&token).send().ok();
    assert!(server.stop().exits(0).stderr.contains("line 3"));
}

#[test]
fn what_is_no_tokens_file_is_said_and_not_waited_for() {
    let upstream = Upstream::of(&[]);
    let mirror = Mirror::of(&upstream);
    let path = mirror.path("mirror.db-tokens");
    std::fs::write(&path, vec![b'\n'; (1 << 20) + 1]).unwrap();
    mirror.call(&["token", "list"]).exits(1).says("it is no tokens file");
    std::fs::write(&path, [0xff, 0xfe]).unwrap();
    mirror.call(&["token", "list"]).exits(1).says("cannot use the tokens file");
    std::fs::remove_file(&path).unwrap();
    std::fs::create_dir(&path).unwrap();
    mirror.call(&["token", "list"]).exits(1).says("it is no tokens file");
    mirror.call(&["token", "add", "x"]).exits(1).says("it is no tokens file");
}
