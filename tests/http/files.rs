//! The file that is served: not there, another program's, gone, replaced, written by a daemon beside.

use rusqlite::Connection;

use crate::asker::Server;
use crate::stage::{DIRECTORY, File, Mirror, Upstream, until};

fn synced(people: u32) -> (Upstream, Mirror) {
    let upstream = Upstream::of(&[people]);
    let mirror = Mirror::of(&upstream).http("without_token = \"full\"");
    mirror.sync(&[]).exits(0);
    (upstream, mirror)
}

/// How many people each way to ask counts.
#[track_caller]
fn counts(server: &Server) -> [i64; 3] {
    let directory = server.json("/api/v1/directories/dir_10001");
    let status = server.json("/api/v1/status");
    let query = server.json("/api/v1/query?sql=SELECT+count(*)+FROM+registrations");
    [&directory["registrations"], &status["directories"][0]["registrations"], &query["rows"][0][0]]
        .map(|count| count.as_i64().unwrap())
}

/// A copy of a mirror's file, whole in itself, in another one's place.
fn put(from: &Mirror, to: &Mirror) {
    let copy = to.path("copy.db");
    Connection::open(from.database()).unwrap().execute("VACUUM INTO ?1", [copy.to_str().unwrap()]).unwrap();
    Connection::open(&copy).unwrap().pragma_update(None, "journal_mode", "wal").unwrap();
    for suffix in ["-wal", "-shm"] {
        // They may not be there.
        let _ = std::fs::remove_file(to.path(&format!("mirror.db{suffix}")));
    }
    std::fs::rename(copy, to.database()).unwrap();
}

#[test]
fn what_is_no_mirror_is_not_served_and_says_why() {
    let upstream = Upstream::of(&[5]);
    let mirror = Mirror::of(&upstream);
    let serve = || mirror.call(&["serve"]).exits(1);
    serve().says("there is no such file").says("hint:");
    assert!(!mirror.database().exists(), "serve made a file");
    std::fs::write(
        mirror.database(),
        "a text, which is longer than a header of SQLite is, so that it is read whole",
    )
    .unwrap();
    serve().says("not a SQLite file").says("hint:");
    std::fs::remove_file(mirror.database()).unwrap();
    Connection::open(mirror.database()).unwrap().execute_batch("CREATE TABLE person (name)").unwrap();
    serve().says("belongs to another program").says("hint:");
    std::fs::remove_file(mirror.database()).unwrap();
    std::fs::create_dir(mirror.database()).unwrap();
    serve().says("cannot open the database").says("hint:");
    std::fs::remove_dir(mirror.database()).unwrap();
    mirror.sync(&[]).exits(0);
    File::execute(&mirror.database(), "DELETE FROM _sqlx_migrations WHERE version > 6");
    serve().says("an older version of this program wrote it").says("hint: run `sync` or `run` once");
}

#[test]
fn a_file_that_vanishes_is_said_and_one_that_comes_back_is_served() {
    let (_upstream, mirror) = synced(30);
    let server = Server::serve(&mirror);
    assert_eq!(counts(&server), [30; 3]);
    let aside = mirror.path("aside.db");
    std::fs::rename(mirror.database(), &aside).unwrap();
    for path in
        ["/api/v1/directories", "/api/v1/status", "/api/v1/changes", "/api/v1/query?sql=SELECT+1", "/readyz"]
    {
        let problem = server.get(path).send().problem(503);
        assert!(!problem.to_string().contains("mirror.db"), "{path}: {problem}");
    }
    server.get("/healthz").send().ok();
    std::fs::rename(aside, mirror.database()).unwrap();
    assert_eq!(counts(&server), [30; 3]);
    server.get("/readyz").send().ok();
    let ended = server.stop().exits(0);
    assert!(ended.stderr.contains("no such file"), "{}", ended.stderr);
}

#[test]
fn a_file_that_is_replaced_is_read_from_then_on() {
    let (_upstream, mirror) = synced(30);
    let (_other_upstream, other) = synced(47);
    let server = Server::serve(&mirror);
    assert_eq!(counts(&server), [30; 3]);
    put(&other, &mirror);
    assert_eq!(counts(&server), [47; 3]);
    let page = server.json("/api/v1/directories/dir_10001/registrations?limit=1000");
    assert_eq!(page["registrations"].as_array().unwrap().len(), 47);
    std::fs::write(mirror.database(), "no database any more, but a text that is longer than a header")
        .unwrap();
    server.get("/api/v1/directories").send().problem(503);
    server.get("/api/v1/query?sql=SELECT+*+FROM+directories").send().problem(503);
}

#[test]
fn a_daemon_that_writes_beside_is_seen_at_once_and_not_disturbed() {
    let (upstream, mirror) = synced(30);
    let server = Server::serve(&mirror);
    for round in 1..=3 {
        upstream
            .change(DIRECTORY, coupontools_mirror::simulator::Mutation { insert: 1, ..Default::default() });
        mirror.sync(&[]).exits(0);
        assert_eq!(counts(&server), [30 + round; 3]);
    }
    mirror.file().assert_exact(&upstream);
    // A statement under way keeps its moment, and the walk does not wait for it.
    let slow =
        "SELECT count(*) FROM registrations AS a, registrations AS b, registrations AS c, registrations AS d";
    std::thread::scope(|scope| {
        scope.spawn(|| server.query(slow).send());
        upstream.stir(DIRECTORY);
        until("a walk is complete", || mirror.sync(&["--full"]).code() == Some(0));
    });
    mirror.file().assert_whole();
}
