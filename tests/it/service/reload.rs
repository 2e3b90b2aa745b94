//! SIGHUP: read again as a whole or not at all; what is under way goes on as it began.

use std::net::TcpListener;

use coupontools_mirror::simulator::{AccountKeys, Call, Mutation, Options};
use rustix::process::Signal;
use serde_json::json;

use super::{EVERY_SECOND, Manager, SELDOM};
use crate::stage::{DIRECTORY, Mirror, Running, Upstream, until};

/// A daemon that was ready once.
struct Scene {
    manager: Manager,
    upstream: Upstream,
    mirror: Mirror,
    daemon: Running,
}

impl Scene {
    fn of(upstream: Upstream, adapt: impl FnOnce(Mirror) -> Mirror) -> Self {
        let (manager, mirror) = (Manager::new(), adapt(Mirror::of(&upstream)));
        let daemon = manager.start(&mirror, &["run"]);
        manager.until_told("READY=1", 1);
        Self { manager, upstream, mirror, daemon }
    }

    /// Writes another configuration.
    fn write(&self, change: impl FnOnce(&str) -> String) {
        let old = std::fs::read_to_string(self.mirror.configuration()).unwrap();
        let new = change(&old);
        assert_ne!(new, old);
        std::fs::write(self.mirror.configuration(), new).unwrap();
    }

    fn replace(&self, old: &str, new: &str) {
        self.write(|text| {
            assert!(text.contains(old), "{old:?} is not in {text}");
            text.replace(old, new)
        });
    }

    /// Hangs up, and waits until the reload is over.
    fn reload(&self) {
        let ready = self.manager.count("READY=1");
        self.daemon.signal(Signal::HUP);
        self.manager.until_told("READY=1", ready + 1);
    }

    /// Where it has listened last.
    fn url(&self) -> String {
        let said = self.daemon.stderr();
        said.rsplit("listening url=").next().unwrap().lines().next().unwrap().trim_matches('"').to_owned()
    }

    fn change(&self, insert: u32) {
        self.upstream.change(DIRECTORY, Mutation { insert, ..Mutation::default() });
    }

    fn until_holds(&self, registrations: i64) {
        until("registrations are mirrored", || self.mirror.file().count("registrations") == registrations);
    }

    fn end(self) {
        self.daemon.signal(Signal::TERM);
        self.daemon.end().exits(0);
    }
}

/// The status of an answer; 0: nobody listens.
fn get(url: &str) -> u16 {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    runtime.block_on(async { client.get(url).send().await.map_or(0, |answer| answer.status().as_u16()) })
}

#[test]
fn a_reload_is_told_from_its_begin_to_its_end_and_says_what_changed() {
    let scene = Scene::of(Upstream::of(&[30]), |mirror| mirror.with(SELDOM));
    scene.reload();
    scene.daemon.until_says("reloaded: nothing has changed");
    scene.write(|text| format!("{text}[retention]\nwalks_days = 30\n[alerts]\nafter_failures = 5\n"));
    scene.reload();
    scene.daemon.until_says("reloaded changed=\"[alerts], [retention]\"");
    scene.write(|text| format!("{text}[sends]\nper_second = 9\n"));
    scene.reload();
    scene.daemon.until_says("reloaded changed=\"[sends]\"");
    let messages = scene.manager.messages();
    let at = |line: &str| messages.iter().rposition(|message| message.starts_with(line)).unwrap();
    let reloading = &messages[at("RELOADING=1")];
    assert!(at("READY=1") > at("RELOADING=1"), "{messages:?}");
    let stamp = reloading.lines().find_map(|line| line.strip_prefix("MONOTONIC_USEC=")).unwrap();
    assert!(stamp.parse::<u64>().unwrap() > 0, "{reloading}");
    scene.manager.until_status("all fresh");
    scene.end();
}

#[test]
fn a_bad_configuration_is_refused_as_a_whole_and_the_one_of_before_stays() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = listener.local_addr().unwrap();
    let scene = Scene::of(Upstream::of(&[30]), |mirror| {
        mirror.with(EVERY_SECOND).account("one", "demo-id", "demo-secret")
    });
    let before = std::fs::read_to_string(scene.mirror.configuration()).unwrap();
    let cases = [
        ("[http]", "[htp]", "unknown key `htp`"),
        ("[http]", "[sends]\nper_second = 1001\n[http]", "it must be 1 to 1000, and this is 1001"),
        ("[http]", "[retention]\nsends_days = 0\n[http]", "it must be 1 to 36500, and this is 0"),
        ("[schedule]", "[schedule]\ntime_zone = \"Nowhere\"", "line"),
        ("one-secret", "no-secret", "no-secret"),
        ("listen = \"127.0.0.1:0\"", &*format!("listen = \"{taken}\""), "cannot listen on"),
        ("listen = \"127.0.0.1:0\"", "listen = \"0.0.0.0:0\"", "there is no token"),
        ("[http]", "[reports]\ntime_zone = \"Europe/Brussels\"\n[http]", "cannot change [reports] time_zone"),
        ("[http]", "[masking]\nkey_file = \"other\"\n[http]", "cannot change [masking] key_file"),
    ];
    let url = scene.url();
    let mut holds = 30;
    for (round, (old, new, says)) in cases.into_iter().enumerate() {
        // Whatever else it says does not count either.
        scene.replace("* * * * * *", "0 0 0 29 2 *");
        scene.replace(old, new);
        scene.reload();
        scene.daemon.until_says(says);
        let refused = scene.daemon.stderr().matches("cannot reload: the settings of before stay").count();
        assert_eq!(refused, round + 1, "{}", scene.daemon.stderr());
        scene.manager.until_status("the reload was refused, see the log");
        assert_eq!(get(&format!("{url}/readyz")), 200, "{new}");
        scene.change(3);
        holds += 3;
        scene.until_holds(holds);
        std::fs::write(scene.mirror.configuration(), &before).unwrap();
    }
    drop(listener);
    scene.reload();
    scene.daemon.until_says("reloaded: nothing has changed");
    scene.manager.until_status("1 directory");
    assert!(!scene.manager.status().contains("refused"), "{}", scene.manager.status());
    scene.end();
}

#[test]
fn a_walk_under_way_goes_on_to_its_end_by_the_keys_and_settings_that_it_began_with() {
    let upstream = Upstream::of(&[1_450]);
    upstream.set(json!({ "latency_ms": 150 }));
    let scene = Scene::of(upstream, |mirror| mirror.with(SELDOM).account("one", "demo-id", "demo-secret"));
    until("the walk is under way", || scene.upstream.pages_asked() >= 3);
    for (name, key) in [("one-id", "wrong"), ("one-secret", "wrong")] {
        std::fs::write(scene.mirror.path(name), key).unwrap();
    }
    scene.replace("0 0 0 29 2 *", "* * * * * *");
    scene.write(|text| format!("{text}\n[sync]\nexclude = [\"{DIRECTORY}\"]\n"));
    scene.reload();
    scene.daemon.until_says("reloaded changed=\"[sync], [schedule], account one: keys\"");
    assert!(scene.mirror.file().count("registrations") < 1_450, "the walk was over too soon");
    scene.daemon.until_says("outcome=\"complete\"");
    scene.mirror.file().assert_exact(&scene.upstream);
    assert_eq!(scene.mirror.file().count("walks"), 1);
    assert!(scene.upstream.pages_asked() <= 15 + 8, "{} pages", scene.upstream.pages_asked());
    // Only then the new keys count.
    scene.manager.until_status("account one: keys refused");
    assert_eq!(scene.mirror.file().count("walks"), 1);
    scene.end();
}

#[test]
fn refused_keys_are_tried_again_with_what_their_files_hold_now() {
    let accounts = vec![AccountKeys::new("id-one", "secret-one"), AccountKeys::new("id-two", "secret-two")];
    let upstream = Upstream::start(Options { accounts, ..Options::quiet(&[250, 120]) });
    let scene = Scene::of(upstream, |mirror| {
        mirror.with(SELDOM).account("north", "id-one", "secret-one").account("south", "id-two", "old-secret")
    });
    scene.manager.until_status("account south: keys refused");
    assert_eq!(scene.mirror.file().texts("SELECT directory_id FROM directories"), [DIRECTORY]);
    std::fs::write(scene.mirror.path("south-secret"), "secret-two\n").unwrap();
    scene.reload();
    scene.daemon.until_says("account south: keys");
    scene.until_holds(370);
    scene.manager.until_status("2 directories, 370 registrations, all fresh");
    let metrics = scene.url() + "/metrics";
    assert_eq!(get(&metrics), 200);
    scene.end();
}

#[test]
fn keys_that_come_while_the_first_tick_is_being_refused_are_tried_before_the_daemon_ends() {
    let accounts = vec![AccountKeys::new("id-one", "secret-one")];
    let upstream = Upstream::start(Options { accounts, ..Options::quiet(&[250]) });
    upstream.set(json!({ "latency_ms": 4000 }));
    let scene = Scene::of(upstream, |mirror| mirror.with(SELDOM).account("north", "id-one", "old-secret"));
    std::fs::write(scene.mirror.path("north-secret"), "secret-one\n").unwrap();
    scene.reload();
    assert!(!scene.daemon.stderr().contains("refused"), "the reload came first: {}", scene.daemon.stderr());
    scene.daemon.until_says("refused");
    scene.upstream.set(json!({ "latency_ms": null }));
    scene.until_holds(250);
    scene.end();
}

#[test]
fn accounts_come_and_go_and_what_one_leaves_another_may_take() {
    let accounts = vec![AccountKeys::new("id-one", "secret-one"), AccountKeys::new("id-two", "secret-two")];
    let upstream = Upstream::start(Options { accounts, ..Options::quiet(&[250, 120]) });
    let scene =
        Scene::of(upstream, |mirror| mirror.with(EVERY_SECOND).account("north", "id-one", "secret-one"));
    scene.until_holds(250);
    for (name, key) in [("south-id", "id-two"), ("south-secret", "secret-two")] {
        std::fs::write(scene.mirror.path(name), key).unwrap();
    }
    let south = "[accounts.south]\nclient_id_file = \"south-id\"\nclient_secret_file = \"south-secret\"\n";
    scene.write(|text| format!("{text}\n{south}"));
    scene.reload();
    scene.daemon.until_says("account south: new");
    scene.until_holds(370);
    // North is called another name, and south is gone.
    scene.replace(south, "");
    scene.replace("[accounts.north]", "[accounts.west]");
    scene.reload();
    scene.daemon.until_says("account west: new, account north: gone, account south: gone");
    let listed = "SELECT directory_id || ' ' || account FROM directories WHERE removed_at IS NULL";
    until("west has north's directory", || scene.mirror.file().texts(listed) == ["dir_10001 west"]);
    scene.change(3);
    scene.until_holds(373);
    scene.manager.until_status("1 directory, 253 registrations, all fresh");
    scene.end();
}

#[test]
fn the_schedule_and_the_brake_are_the_new_ones_with_the_next_tick() {
    let scene = Scene::of(Upstream::of(&[250]), |mirror| mirror.with(SELDOM));
    scene.until_holds(250);
    scene.change(5);
    scene.replace("incremental = \"0 0 0 29 2 *\"", "incremental = \"* * * * * *\"");
    scene.reload();
    scene.until_holds(255);
    let asked = || scene.upstream.requests().of(Call::DirectoryList);
    scene.replace("incremental = \"* * * * * *\"", "incremental = \"0 0 0 29 2 *\"");
    scene.reload();
    scene.manager.until_status("next look 20");
    let so_far = asked();
    scene.change(5);
    scene.reload();
    scene.reload();
    assert_eq!(asked(), so_far);
    scene.end();
}

#[test]
fn at_the_same_address_connections_go_on_and_other_rules_hold_at_once() {
    let scene = Scene::of(Upstream::of(&[30]), |mirror| mirror.with(SELDOM));
    let (url, runtime) =
        (scene.url(), tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap());
    let client = reqwest::Client::builder().no_proxy().pool_max_idle_per_host(1).build().unwrap();
    let ask = || {
        runtime.block_on(async {
            let answer = client.get(format!("{url}/api/v1/directories")).send().await.unwrap();
            let from = answer
                .extensions()
                .get::<hyper_util::client::legacy::connect::HttpInfo>()
                .map(|info| info.local_addr());
            let status = answer.status().as_u16();
            answer.text().await.unwrap();
            (status, from)
        })
    };
    let (before, from) = ask();
    assert_eq!(before, 200);
    scene.replace("listen =", "without_token = \"nothing\"\nlisten =");
    scene.reload();
    assert_eq!(ask(), (401, from));
    assert_eq!(scene.url(), url);
    scene.end();
}

#[test]
fn it_moves_to_another_address_and_back_also_where_its_own_old_one_is_in_the_way() {
    let scene = Scene::of(Upstream::of(&[30]), |mirror| mirror.with(SELDOM));
    let first = scene.url();
    let port: u16 = first.rsplit(':').next().unwrap().parse().unwrap();
    scene.replace("127.0.0.1:0", "127.0.0.2:0");
    scene.reload();
    let second = scene.url();
    assert!(second.starts_with("http://127.0.0.2:"), "{second}");
    assert_eq!(get(&format!("{second}/readyz")), 200);
    until("the old address is free", || get(&format!("{first}/readyz")) == 0);
    scene.replace("127.0.0.2:0", &format!("127.0.0.1:{port}"));
    scene.reload();
    assert_eq!(get(&format!("{first}/readyz")), 200);
    scene.mirror.call(&["token", "add", "grafana"]).exits(0);
    scene.replace(&format!("127.0.0.1:{port}"), &format!("0.0.0.0:{port}"));
    scene.reload();
    assert_eq!(scene.url(), format!("http://0.0.0.0:{port}"));
    assert_eq!(get(&format!("http://127.0.0.2:{port}/readyz")), 200);
    scene.replace(&format!("0.0.0.0:{port}"), "none");
    scene.reload();
    until("nothing is served", || get(&format!("{first}/readyz")) == 0);
    scene.replace("none", &format!("127.0.0.1:{port}"));
    scene.reload();
    assert_eq!(get(&format!("{first}/readyz")), 200);
    scene.end();
}

#[test]
fn a_hangup_during_the_start_ends_nothing_and_several_are_one() {
    let (manager, upstream) = (Manager::new(), Upstream::of(&[30]));
    let mirror = Mirror::of(&upstream).with(SELDOM);
    mirror.sync(&[]).exits(0);
    let somebody = rusqlite::Connection::open(mirror.database()).unwrap();
    somebody.execute_batch("BEGIN IMMEDIATE").unwrap();
    let daemon = manager.start(&mirror, &["run"]);
    manager.until_status("opening the file");
    for _ in 0..5 {
        daemon.signal(Signal::HUP);
    }
    somebody.execute_batch("ROLLBACK").unwrap();
    daemon.until_says("reloaded: nothing has changed");
    daemon.signal(Signal::TERM);
    daemon.end().exits(0);
    assert_eq!((manager.count("RELOADING=1"), manager.count("READY=1")), (1, 2));
    let messages = manager.messages();
    let first = |line: &str| messages.iter().position(|message| message.starts_with(line)).unwrap();
    assert!(first("READY=1") < first("RELOADING=1"), "{messages:?}");
}

#[test]
fn serve_reads_its_settings_again_too() {
    let (manager, upstream) = (Manager::new(), Upstream::of(&[30]));
    let mirror = Mirror::of(&upstream).with(SELDOM);
    mirror.sync(&[]).exits(0);
    let server = manager.start(&mirror, &["serve"]);
    manager.until_told("READY=1", 1);
    let said = server.stderr();
    let url =
        said.rsplit("listening url=").next().unwrap().lines().next().unwrap().trim_matches('"').to_owned();
    let text = std::fs::read_to_string(mirror.configuration()).unwrap();
    for (setting, status) in [("nothing", 401), ("everything", 401), ("masked", 200)] {
        let new = text.replace("listen =", &format!("without_token = \"{setting}\"\nlisten ="));
        std::fs::write(mirror.configuration(), new).unwrap();
        let ready = manager.count("READY=1");
        server.signal(Signal::HUP);
        manager.until_told("READY=1", ready + 1);
        assert_eq!(get(&format!("{url}/api/v1/directories")), status, "{setting}");
    }
    assert!(server.stderr().contains("cannot reload: the settings of before stay"), "{}", server.stderr());
    server.signal(Signal::TERM);
    server.end().exits(0);
}

#[test]
fn another_file_needs_a_restart() {
    let (manager, upstream) = (Manager::new(), Upstream::of(&[30]));
    let mirror = Mirror::of(&upstream).with(SELDOM);
    let text = std::fs::read_to_string(mirror.configuration()).unwrap();
    let write =
        |name| std::fs::write(mirror.configuration(), format!("database = \"{name}\"\n{text}")).unwrap();
    write("mirror.db");
    let daemon = manager.start_with(&mirror, &["run"], &[("COUPONTOOLS_MIRROR_DATABASE", "")]);
    manager.until_told("READY=1", 1);
    write("other.db");
    daemon.signal(Signal::HUP);
    daemon.until_says("cannot change database while the file is open");
    daemon.until_says("systemctl restart");
    assert!(!mirror.path("other.db").exists());
    daemon.signal(Signal::TERM);
    daemon.end().exits(0);
}
