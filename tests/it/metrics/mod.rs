//! What `/metrics` says is what the simulator was asked and what the file holds; and its names stay.

mod figures;
mod socket;
mod text;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use axum::http::{Method, StatusCode};
use coupontools_mirror::api::{Client, Credentials, Retry, Settings as ApiSettings};
use coupontools_mirror::directory::{AccountName, DirectoryId};
use coupontools_mirror::metrics::{Metrics, Served};
use coupontools_mirror::simulator::{AccountKeys, Options};
use coupontools_mirror::store::{OpenOptions, Reader, Store};
use coupontools_mirror::sync::{Mirror, Plan, Settings};
use coupontools_mirror::walk::Kind;
use coupontools_mirror::{clock, config};
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};
use tokio_util::sync::CancellationToken;

pub use self::socket::scrape_of;
use crate::stage::{File, Upstream};

/// Samples by their name and labels, as the text has them.
pub type Scrape = BTreeMap<String, f64>;

const ACCOUNTS: [&str; 3] = ["one", "three", "two"];

const SERVED: Served<'static> =
    Served { route: Some("/"), method: &Method::GET, status: StatusCode::OK, took: Duration::from_millis(3) };

/// A mirror in this process that is measured: accounts `one` and `two`, and `three` with wrong keys.
struct Measured {
    upstream: Upstream,
    folder: TempDir,
    runtime: Runtime,
    metrics: Metrics,
    mirror: Mirror,
    reader: Reader,
}

impl Measured {
    fn new(sizes: &[u32]) -> Self {
        let accounts =
            vec![AccountKeys::new("id-one", "secret-one"), AccountKeys::new("id-two", "secret-two")];
        let upstream = Upstream::start(Options { accounts, ..Options::quiet(sizes) });
        let folder = tempfile::tempdir().unwrap();
        let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let names = ACCOUNTS.map(AccountName::new);
        let metrics = Metrics::of_mirror(&names, &wanted());
        let clients = names.iter().map(|name| (name.clone(), client(&upstream, &metrics, name))).collect();
        let database = folder.path().join("mirror.db");
        let (mirror, reader) = runtime.block_on(async {
            let options = OpenOptions {
                reports_time_zone: chrono_tz::UTC,
                masking_key_file: None,
                snapshot_from_bytes: OpenOptions::SNAPSHOT_FROM_BYTES,
            };
            let store = Store::open(&database, &options, clock::now()).await.unwrap();
            let settings = Settings {
                directories_at_once: 2,
                max_removed_percent: 20,
                include: BTreeSet::new(),
                exclude: BTreeSet::from([DirectoryId::new("dir_10004")]),
            };
            let observer = metrics.observer();
            let mirror = Mirror::prepare(store, clients, settings, observer).await.unwrap();
            (mirror, Reader::open(&database).await.unwrap())
        });
        Self { upstream, folder, runtime, metrics, mirror, reader }
    }

    fn tick(&self, kind: Kind) {
        let kind_of = std::sync::Arc::new(move |_: &_| kind);
        let plan = Plan { kind_of, directories: BTreeSet::new(), accept_removals: false };
        self.runtime.block_on(self.mirror.tick(&plan, &CancellationToken::new()));
    }

    fn text(&self) -> String {
        self.runtime.block_on(self.metrics.render(&self.reader))
    }

    fn scrape(&self) -> Scrape {
        scrape(&self.text())
    }

    fn file(&self) -> File {
        File::open(&self.folder.path().join("mirror.db"))
    }
}

fn client(upstream: &Upstream, metrics: &Metrics, name: &AccountName) -> Client {
    let settings = ApiSettings {
        base_url: upstream.base_url(),
        requests_per_second: 1000,
        timeout: Duration::from_secs(2),
        retry: Retry {
            attempts: 5,
            backoff_min: Duration::from_millis(1),
            backoff_max: Duration::from_millis(5),
        },
        observer: metrics.api_observer(name),
        ..ApiSettings::default()
    };
    let credentials = Credentials {
        client_id: format!("id-{name}").into(),
        client_secret: format!("secret-{name}").into(),
    };
    Client::new(&settings, &credentials).unwrap()
}

/// The text's samples; none stands there twice.
fn scrape(text: &str) -> Scrape {
    let mut samples = Scrape::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (series, value) = line.rsplit_once(' ').unwrap();
        let before = samples.insert(series.to_owned(), value.parse().unwrap());
        assert_eq!(before, None, "{series} stands there twice");
    }
    samples
}

/// Of a scrape, what the names of one metric begin with, without zeros.
fn told(scrape: &Scrape, name: &str) -> Scrape {
    let begins = format!("coupontools_mirror_{name}");
    let is_it = |series: &str| {
        series.strip_prefix(&begins).is_some_and(|rest| rest.is_empty() || rest.starts_with('{'))
    };
    let told = scrape.iter().filter(|(series, value)| is_it(series) && **value != 0.0);
    told.map(|(series, value)| (series["coupontools_mirror_".len()..].to_owned(), *value)).collect()
}

/// All directories but one are mirrored.
fn wanted() -> config::Sync {
    config::Sync {
        directories_at_once: 2,
        max_removed_percent: 20,
        include: BTreeSet::new(),
        exclude: BTreeSet::from(["dir_10004".to_owned()]),
    }
}
