//! The world: the same for the same seed, alive when asked to be, and large at little cost.

use std::collections::BTreeSet;

use coupontools_mirror::simulator::{Churn, Life, Mutation, Options, Simulator};
use serde_json::json;

use crate::asker::{Asker, DEADLINE};

async fn history(seed: u64) -> Vec<String> {
    let mut options = Options { seed, ..Options::quiet(&[300, 40]) };
    options.behaviour.before_each_page = Churn { insert: 2, edit: 1, delete_random: 3, delete_newest: 1 };
    let asker = Asker::start(options).await;
    let mut pages = Vec::new();
    for page in [1, 2, 1, 3, 2] {
        pages.push(asker.page(page).await.text);
    }
    pages
}

#[tokio::test]
async fn a_seed_gives_the_same_people_and_the_same_history() {
    let first = history(7).await;
    assert_eq!(first, history(7).await);
    let other = history(8).await;
    assert!(first.iter().zip(&other).all(|(a, b)| a != b));
}

#[tokio::test]
async fn people_are_many_and_nobody_real() {
    let asker = Asker::start(Options::quiet(&[2_000])).await;
    let people = asker.simulator.world().standing("dir_10001").unwrap();
    let emails: BTreeSet<_> = people.iter().map(|person| person.email.clone().unwrap()).collect();
    assert_eq!(emails.len(), people.len());
    for email in &emails {
        let (local, domain) = email.split_once('@').unwrap();
        assert!(["example.com", "example.org", "example.net"].contains(&domain), "{email}");
        assert!(local.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.'), "{email}");
    }
    let ranges = [
        "+447700900",
        "+442079460",
        "+441632960",
        "+6125550",
        "+6135550",
        "+6175550",
        "+3363998",
        "+3319900",
        "+4917139200",
        "+4917604069",
        "+493023125",
    ];
    for phone in people.iter().filter_map(|person| person.phone.as_deref()) {
        let american = phone.len() == 12 && phone.starts_with("+1") && &phone[5..10] == "55501";
        assert!(american || ranges.iter().any(|range| phone.starts_with(range)), "{phone}");
        assert!((11..=15).contains(&phone.len()), "{phone}");
    }
    let cities: BTreeSet<_> = people.iter().map(|person| person.city.clone()).collect();
    assert!(cities.len() > 40, "{}", cities.len());
    assert!(people.iter().any(|person| person.first_name.as_ref().is_some_and(|name| !name.is_ascii())));
    for unset in [
        people.iter().filter(|person| person.phone.is_none()).count(),
        people.iter().filter(|person| person.birth_date.is_none()).count(),
        people.iter().filter(|person| person.paid_until.is_none()).count(),
        people.iter().filter(|person| person.blocked == 0).count(),
    ] {
        assert!((50..2_000).contains(&unset));
    }
}

#[tokio::test]
async fn dates_never_rise_towards_older_registrations() {
    let asker = Asker::start(Options::quiet(&[5_000])).await;
    asker.simulator.world().mutate("dir_10001", &Mutation { insert: 50, ..Mutation::default() }).unwrap();
    let people = asker.simulator.world().standing("dir_10001").unwrap();
    assert!(people.windows(2).all(|pair| pair[0].registered_at >= pair[1].registered_at));
    let days: BTreeSet<_> =
        people.iter().map(|person| person.registered_at.as_ref().unwrap()[..10].to_owned()).collect();
    assert!(days.len() > 300, "spread over {} days", days.len());
}

#[tokio::test]
async fn every_edit_changes_the_row() {
    let asker = Asker::start(Options::quiet(&[1])).await;
    let mut seen = BTreeSet::from([asker.page(1).await.text]);
    for edits in 2..=40 {
        asker.simulator.world().mutate("dir_10001", &Mutation { edit: 1, ..Mutation::default() }).unwrap();
        seen.insert(asker.page(1).await.text);
        assert_eq!(seen.len(), edits);
    }
}

#[tokio::test]
async fn registrations_keep_coming_when_it_lives() {
    let mut options = Options::quiet(&[100, 0]);
    options.starts_at = None;
    options.behaviour.life =
        Life { registrations_per_minute: 6_000.0, edits_per_minute: 600.0, deletions_per_minute: 600.0 };
    let asker = Asker::start(options).await;
    let first = asker.page(1).await.ids();
    let lives = async {
        while asker.page(1).await.ids()[0] == first[0] {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(DEADLINE, lives).await.expect("somebody registers");
    asker.simulator.world().merge_behaviour(json!({"life": null})).unwrap();
    assert_eq!(asker.all_ids().await, asker.true_ids());
}

#[tokio::test]
async fn a_million_registrations_start_and_are_paged() {
    let asker = Asker::start(Options::quiet(&[1_000_000])).await;
    assert_eq!(asker.simulator.world().truth()[0].registrations, 1_000_000);
    assert_eq!(asker.page(1).await.ids()[0], "reg_2000000");
    assert_eq!(asker.page(10_000).await.ids()[99], "reg_1000001");
    assert_eq!(asker.page(10_001).await.ids().len(), 0);
    let mutation = Mutation { delete_random: 1_000, delete_newest: 5, insert: 3, ..Mutation::default() };
    asker.simulator.world().mutate("dir_10001", &mutation).unwrap();
    assert_eq!(asker.simulator.world().truth()[0].registrations, 998_998);
}

#[tokio::test]
async fn latency_delays_answers() {
    let asker = Asker::start(Options::quiet(&[1])).await;
    asker.simulator.world().merge_behaviour(json!({"latency_ms": 300, "jitter_ms": 5})).unwrap();
    let request = asker.call("/v3/directory/list", &json!({})).timeout(std::time::Duration::from_millis(100));
    assert!(crate::asker::read(request).await.expect_err("late").is_timeout());
    assert_eq!(asker.ask("/v3/directory/list", json!({})).await.status, 200);
}

#[tokio::test]
async fn a_stopped_simulator_frees_its_port() {
    // Another process may take a port as soon as it is free; not five in a row.
    for _ in 0..5 {
        let simulator = Simulator::start(Options::quiet(&[1])).await.unwrap();
        let listen = simulator.base_url().trim_start_matches("http://").parse().unwrap();
        let again = Options { listen, ..Options::quiet(&[1]) };
        let error = Simulator::start(again.clone()).await.expect_err("in use");
        assert_eq!(error.kind(), std::io::ErrorKind::AddrInUse);
        simulator.stop().await;
        if let Ok(again) = Simulator::start(again).await {
            again.stop().await;
            return;
        }
    }
    panic!("no port is free again");
}
