//! What fires and what is not fresh is told to whoever asks.

use rustix::process::Signal;
use serde_json::Value;

use super::{TAKE, telling, until_told};
use crate::stage::{Mirror, Running, Upstream, until};

fn ask(running: &Running, path: &str) -> (u16, String) {
    running.until_says("listening url=");
    let said = running.stderr();
    let url = said.split("listening url=").nth(1).unwrap().split_whitespace().next().unwrap();
    let url = format!("{}{path}", url.trim_matches('"'));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let answer = client.get(url).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    })
}

fn status(mirror: &Mirror) -> Value {
    serde_json::from_str(&mirror.call(&["status", "--json"]).exits(0).stdout).unwrap()
}

#[test]
fn readiness_tells_fresh_from_stale_and_from_not_yet_with_a_reason() {
    let upstream = Upstream::of(&[120, 30, 20]);
    let mirror = telling(Mirror::of(&upstream), TAKE).with("[sync]\nexclude = [\"dir_10003\"]");
    upstream.fault("hang,call=directory-list,times=1");
    let mirror = mirror.api("timeout_s = 1");
    let daemon = mirror.start(&["run"]);
    assert_eq!(ask(&daemon, "/readyz"), (503, "not yet: no account's directories were ever listed\n".into()));
    until("it is fresh", || ask(&daemon, "/readyz") == (200, "fresh\n".into()));
    let of_api: Value = serde_json::from_str(&ask(&daemon, "/api/v1/status").1).unwrap();
    let of_command = status(&mirror);
    assert_eq!((&of_api["state"], &of_command["state"]), (&"fresh".into(), &"fresh".into()));
    let states: Vec<_> =
        of_command["directories"].as_array().unwrap().iter().map(|line| &line["state"]).collect();
    assert_eq!(states, ["fresh", "fresh", "not_mirrored"]);

    upstream.fault("gone-directory,directory=dir_10002,times=100000");
    let reason = "the directory was not found (code 507)";
    let line = format!("stale: directory dir_10002 (account default): {reason}\n");
    until("it is stale", || ask(&daemon, "/readyz") == (503, line.clone()));
    until_told(&mirror, &["not_fresh firing default dir_10002"]);
    let told = status(&mirror);
    assert_eq!((&told["state"], &told["directories"][1]["state"]), (&"stale".into(), &"stale".into()));
    assert_eq!(told["directories"][1]["reason"], reason);
    let alert = &told["alerts"][0];
    assert_eq!((&alert["alert"], &alert["directory_id"]), (&"not_fresh".into(), &"dir_10002".into()));
    let table = mirror.call(&["status"]).exits(0).stdout;
    for words in [" failed ", "alert not_fresh since 20", &format!("dir_10002: {reason}")] {
        assert!(table.contains(words), "{words}: {table}");
    }
    assert!(table.lines().take(5).all(|line| line.chars().count() <= 80), "{table}");
    let metrics = ask(&daemon, "/metrics").1;
    for sample in [
        "coupontools_mirror_alert_firing{alert=\"not_fresh\",account=\"default\",directory=\"dir_10002\"} 1",
        "coupontools_mirror_alert_deliveries_total{outcome=\"delivered\",via=\"command\"} 1",
        "coupontools_mirror_wal_held_seconds 0",
    ] {
        assert!(metrics.contains(sample), "{sample}: {metrics}");
    }

    upstream.clear_faults();
    upstream.fault("unknown-shape,call=directory-list,times=100000");
    until("the account can't be listed", || {
        let (status, text) = ask(&daemon, "/readyz");
        status == 503 && text.starts_with("stale: account default could not be listed: the answer")
    });
    assert_eq!(ask(&daemon, "/healthz").0, 200);
    daemon.signal(Signal::TERM);
    daemon.end().exits(0);
}

#[test]
fn a_mirror_that_nobody_writes_becomes_stale() {
    let upstream = Upstream::of(&[30]);
    let mirror = Mirror::of(&upstream);
    mirror.sync(&[]).exits(0);
    let server = mirror.start(&["serve"]);
    assert_eq!(ask(&server, "/readyz"), (200, "fresh\n".into()));
    let long_ago =
        "UPDATE directory SET last_complete_at = strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-3000 seconds')";
    crate::stage::File::execute(&mirror.database(), long_ago);
    let (code, text) = ask(&server, "/readyz");
    assert_eq!(code, 503);
    assert!(text.starts_with("stale: directory dir_10001 (account default): last read 50 min"), "{text}");
    assert!(text.contains("more than 15 min"), "{text}");
    assert_eq!(status(&mirror)["state"], "stale");
    crate::stage::File::execute(&mirror.database(), "UPDATE directory SET last_complete_at = NULL");
    assert_eq!(
        ask(&server, "/readyz"),
        (503, "not yet: directory dir_10001 (account default): never read to its end\n".into())
    );
    server.signal(Signal::TERM);
    server.end().exits(0);
}
