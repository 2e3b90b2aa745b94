//! ETag, compression, HEAD.

use reqwest::Method;

use crate::asker::Server;
use crate::promises::lively;
use crate::stage::DIRECTORY;

const PAGE: &str = "/api/v1/directories/dir_10001/registrations?limit=200";

#[test]
fn who_has_the_answer_already_is_told_so_until_it_changes() {
    let (upstream, mirror) = lively();
    let token = mirror.call(&["token", "add", "m", "--masked"]).exits(0).stdout;
    let server = Server::serve(&mirror);
    for path in ["/api/v1/directories", "/api/v1/changes", "/openapi.json", PAGE] {
        let first = server.get(path).send().ok();
        let tag = first.header("etag").unwrap().to_owned();
        assert!(tag.starts_with("W/\""), "{tag}");
        for known in [tag.clone(), "*".into(), format!("\"x\", {tag}")] {
            let again = server.get(path).header("if-none-match", &known).send();
            assert_eq!((again.status, again.bytes.len()), (304, 0), "{path} {known}");
            assert_eq!(again.header("etag"), Some(tag.as_str()));
            assert!(again.header("vary").is_some());
        }
        let other = server.get(path).header("if-none-match", "W/\"0\"").send().ok();
        assert_eq!(other.bytes, first.bytes);
        let compressed =
            server.get(path).header("accept-encoding", "gzip").header("if-none-match", &tag).send();
        assert_eq!(compressed.status, 304);
    }
    let full = server.get(PAGE).send().ok();
    let masked = server
        .get(PAGE)
        .token(token.trim())
        .header("if-none-match", full.header("etag").unwrap())
        .send()
        .ok();
    assert_ne!(masked.header("etag"), full.header("etag"));
    upstream.stir(DIRECTORY);
    mirror.sync(&["--full"]).exits(0);
    let changed = server.get(PAGE).header("if-none-match", full.header("etag").unwrap()).send().ok();
    assert_ne!(changed.header("etag"), full.header("etag"));
    // Errors and streams have none.
    for path in ["/nothing", "/api/v1/query?sql=SELECT+1", "/api/v1/query?sql=SELEC"] {
        let answer = server.get(path).header("if-none-match", "*").send();
        assert_eq!((answer.header("etag"), answer.status == 304), (None, false), "{path}");
    }
}

#[test]
fn answers_are_compressed_when_that_is_asked_for_and_plain_when_not() {
    let (_upstream, mirror) = lively();
    let server = Server::serve(&mirror);
    let sql = "/api/v1/query?format=csv&sql=SELECT+*+FROM+registrations";
    for path in ["/api/v1/changes", "/openapi.json", PAGE, sql] {
        let plain = server.get(path).send().ok();
        assert_eq!(plain.header("content-encoding"), None, "{path}");
        let compressed = server.get(path).header("accept-encoding", "gzip, deflate, br").send().ok();
        assert_eq!(compressed.header("content-encoding"), Some("gzip"), "{path}");
        assert!(
            compressed.bytes.len() < plain.bytes.len() / 2 && compressed.bytes.starts_with(&[0x1f, 0x8b])
        );
        assert!(compressed.headers.get_all("vary").iter().any(|vary| vary == "accept-encoding"), "{path}");
        for none in ["identity", "gzip;q=0", "br", ""] {
            let answer = server.get(path).header("accept-encoding", none).send().ok();
            assert_eq!(answer.header("content-encoding"), None, "{path} {none}");
        }
    }
}

#[test]
fn head_is_get_without_the_body() {
    let (_upstream, mirror) = lively();
    let server = Server::serve(&mirror);
    for path in [
        "/healthz",
        "/openapi.json",
        PAGE,
        "/api/v1/query?sql=SELECT+1&format=csv",
        "/nothing",
        "/api/v1/query",
    ] {
        let get = server.get(path).send();
        let head = server.ask(Method::HEAD, path).send();
        assert_eq!((head.status, head.bytes.len()), (get.status, 0), "{path}");
        for name in ["content-type", "etag", "mirror-seq", "content-length"] {
            assert_eq!(head.header(name), get.header(name), "{name} of {path}");
        }
    }
}
