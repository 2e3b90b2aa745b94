//! Other sites' pages, through the browser of whoever sits at this machine.

use reqwest::Method;
use serde_json::json;

use crate::asker::{Answer, Server};
use crate::raw;
use crate::stage::{Mirror, Upstream};

const PATHS: [&str; 4] =
    ["/api/v1/directories", "/api/v1/query?sql=SELECT+1", "/api/v1/changes", "/api/v1/status"];

fn serve(upstream: &Upstream) -> (Mirror, Server) {
    let mirror = Mirror::of(upstream).http("without_token = \"full\"");
    mirror.sync(&[]).exits(0);
    let server = Server::serve(&mirror);
    (mirror, server)
}

#[test]
fn another_origin_is_refused_and_the_own_one_is_not() {
    let (_mirror, server) = serve(&Upstream::of(&[5]));
    let own = server.url().to_owned();
    let port = server.address().port();
    for path in PATHS {
        server.get(path).header("origin", &own).send().ok();
        server.get(path).header("origin", &own.to_uppercase()).send().ok();
        for origin in [
            "null".to_owned(),
            String::new(),
            "http://127.0.0.1".into(),
            format!("http://127.0.0.1:{}", port ^ 1),
            format!("http://localhost:{port}"),
            "https://evil.example.com".into(),
            format!("{own}.evil.example.com"),
            format!("file://127.0.0.1:{port}"),
            format!("chrome-extension://127.0.0.1:{port}"),
            format!("{own}/"),
            format!("{own}, http://evil.example.com"),
        ] {
            let answer = server.get(path).header("origin", &origin).send();
            answer.problem(403);
            assert_no_cors(&answer);
        }
    }
}

#[test]
fn what_another_sites_page_loads_is_refused_and_what_a_person_opens_is_not() {
    let (_mirror, server) = serve(&Upstream::of(&[5]));
    let get = |path: &str, site: &str, mode: &str, dest: &str| {
        let ask = server.get(path).header("sec-fetch-site", site);
        ask.header("sec-fetch-mode", mode).header("sec-fetch-dest", dest).send()
    };
    for path in PATHS {
        for site in ["cross-site", "same-site"] {
            for (mode, dest) in [
                ("no-cors", "image"),
                ("no-cors", "script"),
                ("no-cors", "style"),
                ("no-cors", "empty"),
                ("cors", "empty"),
                ("navigate", "iframe"),
                ("navigate", "frame"),
                ("navigate", "embed"),
                ("navigate", "object"),
                ("navigate", "document"),
                ("websocket", "websocket"),
            ] {
                get(path, site, mode, dest).problem(403);
            }
        }
        get(path, "same-origin", "cors", "empty").ok();
        get(path, "none", "navigate", "document").ok();
    }
    // A link to a page may be followed, and nothing else.
    get("/healthz", "cross-site", "navigate", "document").ok();
    get("/healthz", "cross-site", "navigate", "iframe").problem(403);
    get("/healthz", "cross-site", "no-cors", "image").problem(403);
}

#[test]
fn a_page_cannot_make_a_browser_send_a_statement() {
    let (_mirror, server) = serve(&Upstream::of(&[5]));
    let statement = json!({"sql": "SELECT 1"}).to_string();
    // What a page may send without asking first.
    for simple in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""] {
        server.ask(Method::POST, "/api/v1/query").body(simple, &statement).send().problem(415);
    }
    let post = |name: &str, value: &str| {
        let ask = server.ask(Method::POST, "/api/v1/query").header(name, value);
        ask.body("application/json", &statement).send()
    };
    post("origin", "https://evil.example.com").problem(403);
    post("origin", "null").problem(403);
    post("sec-fetch-site", "cross-site").problem(403);
    post("origin", server.url()).ok();
    // What it would have to ask first is refused, and no answer lets it on.
    let asked_first = server
        .ask(Method::OPTIONS, "/api/v1/query")
        .header("origin", "https://evil.example.com")
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "content-type")
        .send();
    assert!([403, 405].contains(&asked_first.status));
    assert_no_cors(&asked_first);
}

#[track_caller]
fn assert_no_cors(answer: &Answer) {
    let cors = answer.headers.keys().find(|name| name.as_str().starts_with("access-control-"));
    assert_eq!(cors, None);
}

#[track_caller]
fn assert_guarded(what: &str, answer: &Answer) {
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-resource-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
    ] {
        assert_eq!(answer.header(name), Some(value), "{what}");
    }
    let policy = answer.header("content-security-policy").unwrap();
    for part in ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"] {
        assert!(policy.contains(part), "{what}: {policy}");
    }
    let scripts = policy.split(';').find(|part| part.trim().starts_with("script-src")).unwrap();
    assert!(!scripts.contains("unsafe"), "{what}: {policy}");
    assert!(answer.header("cache-control").is_some_and(|says| says.contains("no-")), "{what}");
    let vary: Vec<_> = answer.headers.get_all("vary").iter().map(|one| one.to_str().unwrap()).collect();
    assert!(vary.join(",").contains("authorization"), "{what}: {vary:?}");
    assert_no_cors(answer);
    assert_eq!(answer.header("server"), None);
}

#[test]
fn every_answer_tells_the_browser_what_it_must_not_do_with_it() {
    let (_mirror, server) = serve(&Upstream::of(&[5]));
    let long = format!("/{}", "x".repeat(40_000));
    let answers = [
        "/api/v1/directories",
        "/api/v1/query?sql=SELECT+1",
        "/api/v1/query?sql=SELECT+1&format=csv",
        "/api/v1/query?sql=SELEC",
        "/api/v1/nothing",
        "/nothing",
        "/healthz",
        "/readyz",
        "/openapi.json",
        "/docs/",
        "/docs",
        "/docs/nothing",
        &long,
    ];
    for path in answers {
        assert_guarded(path, &server.get(path).send());
        assert_guarded(path, &server.ask(Method::HEAD, path).send());
        assert_guarded(path, &server.ask(Method::DELETE, path).send());
        assert_guarded(path, &server.get(path).token("cmt_wrong").send());
        assert_guarded(path, &server.get(path).header("origin", "null").send());
        assert_guarded(path, &server.get(path).header("host", "evil.example.com").send());
    }
}

#[test]
fn odd_ways_to_write_a_path_lead_nowhere_else() {
    let (_mirror, server) = serve(&Upstream::of(&[5]));
    for target in [
        "/api/v1/../v1/directories",
        "/api/v1/%2e%2e/v1/directories",
        "//api/v1/directories",
        "/api/v1/directories/..%2f",
        "/api//v1/directories",
        "/api/v1/directories;x=1",
        "/docs/../../etc/passwd",
        "/docs/%2e%2e/%2e%2e/etc/passwd",
        "/docs/..%2f..%2fetc%2fpasswd",
        "/docs/%00",
        "/docs/....//....//etc/passwd",
        "/%2fapi/v1/directories",
        "/api%2fv1%2fdirectories",
        "/api/v1/directories%00",
        "/api/v1/directories%20",
        "/\\api\\v1\\directories",
        "/api/v1/directories/dir_10001%2fregistrations",
    ] {
        let raw = raw::get(server.address(), target, "Host: localhost\r\n");
        assert!([400, 404].contains(&raw.status), "{target}: {} {}", raw.status, raw.body);
        assert!(!raw.body.contains("root:"), "{target}");
    }
    for target in ["*", "localhost:1", "api/v1/directories"] {
        let raw = raw::get(server.address(), target, "Host: localhost\r\n");
        assert!((400..500).contains(&raw.status), "{target}: {}", raw.status);
    }
    assert_eq!(raw::get(server.address(), "/api/v1/directorie%73", "Host: localhost\r\n").status, 404);
    let raw = raw::exchange(
        server.address(),
        "CONNECT localhost:1 HTTP/1.1\r\nHost: localhost:1\r\nConnection: close\r\n\r\n",
    );
    assert!((400..500).contains(&raw.status), "{}", raw.status);
}
