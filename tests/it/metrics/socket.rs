//! `/metrics` over the socket, from `run` and from `serve`.

use coupontools_mirror::simulator::Mutation;
use rustix::process::Signal;

use super::{Scrape, scrape, told};
use crate::stage::{DIRECTORY, Mirror, Running, Upstream, until};

/// Ticks every second, full walks never.
const EVERY_SECOND: &str = "[schedule]\nincremental = \"* * * * * *\"\nfull = \"0 0 0 29 2 *\"";

/// Where a program that has begun to listen is found.
fn address(running: &Running) -> String {
    running.until_says("listening");
    let said = running.stderr();
    let rest = said.split("url=").nth(1).unwrap();
    rest.split_whitespace().next().unwrap().trim_matches('"').to_owned()
}

/// Asks, and gives status, media type and text.
fn get(url: &str, host: Option<&str>) -> (u16, String, String) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let mut request = client.get(url);
        if let Some(host) = host {
            request = request.header("host", host);
        }
        let response = request.send().await.unwrap();
        let media = response.headers()["content-type"].to_str().unwrap().to_owned();
        (response.status().as_u16(), media, response.text().await.unwrap())
    })
}

pub fn scrape_of(running: &Running) -> Scrape {
    let (status, media, text) = get(&format!("{}/metrics", address(running)), None);
    assert_eq!((status, media.as_str()), (200, "text/plain; version=0.0.4"));
    scrape(&text)
}

#[test]
fn run_tells_what_it_did_and_serve_what_the_file_says() {
    let upstream = Upstream::of(&[250, 30]);
    let mirror = Mirror::of(&upstream).with(EVERY_SECOND);
    let daemon = mirror.start(&["run"]);
    until("two ticks are over", || told(&scrape_of(&daemon), "ticks_total").values().sum::<f64>() >= 2.0);
    upstream.change(DIRECTORY, Mutation { insert: 3, ..Mutation::default() });
    let stand = format!("directory_registrations{{account=\"default\",directory=\"{DIRECTORY}\"}}");
    until("newcomers are counted", || told(&scrape_of(&daemon), "directory_registrations")[&stand] == 253.0);
    until("the walk is counted", || {
        scrape_of(&daemon)["coupontools_mirror_registrations_created_total"] == 283.0
    });
    get(&format!("{}/directories/nobody", address(&daemon)), None);
    let scrape = scrape_of(&daemon);
    let asked: f64 = told(&scrape, "api_requests_total").values().sum();
    assert!(asked > 5.0 && asked <= upstream.requests().total as f64, "{asked}");
    let served = told(&scrape, "http_requests_total");
    let metrics = "http_requests_total{method=\"GET\",route=\"/metrics\",status=\"200\"}";
    assert!(served[metrics] >= 4.0, "{served:?}");
    assert!(served.keys().all(|series| !series.contains("nobody")), "{served:?}");
    daemon.signal(Signal::TERM);
    daemon.end().exits(0);

    let server = mirror.start(&["serve"]);
    let scrape = scrape_of(&server);
    assert_eq!(told(&scrape, "directory_registrations")[&stand], 253.0);
    assert_eq!(told(&scrape, "build_info").len(), 1);
    assert_eq!((told(&scrape, "ticks_total").len(), told(&scrape, "walks_total").len()), (0, 0));
    server.signal(Signal::TERM);
    server.end().exits(0);
}

#[test]
fn a_name_that_is_not_known_here_is_told_nothing() {
    let upstream = Upstream::of(&[30]);
    let mirror = Mirror::of(&upstream);
    mirror.sync(&[]).exits(0);
    let server = mirror.start(&["serve"]);
    let url = format!("{}/metrics", address(&server));
    let (status, _, text) = get(&url, Some("rebound.example.com"));
    assert_eq!(status, 421);
    assert!(!text.contains("dir_10001"), "{text}");
    server.signal(Signal::TERM);
    server.end().exits(0);
}
