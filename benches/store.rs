//! What the store alone can do: `cargo bench --bench store -- [ROWS=200000]`.
//!
//! A first walk (every row new), then a full walk over the same rows, unchanged: look-up, evidence
//! and end included. No network and no decoding: the rows are made beside the writer, on another core.

use std::path::Path;

use coupontools_mirror::clock::{now, steady_now};
use coupontools_mirror::directory::{AccountName, Directory, DirectoryId};
use coupontools_mirror::instant::UtcInstant;
use coupontools_mirror::registration::{Fingerprint, Registration, RegistrationId, Zone};
use coupontools_mirror::store::{Absent, Brake, Content, DirectoryKey, OpenOptions, Progress, Store};
use coupontools_mirror::walk::{Evidence, Finish, Interval, Kind, Learned, Outcome, Row, Save, SaveNumber};
use roaring::RoaringTreemap;

const ROWS_A_PAGE: u64 = 100;
const BRAKE: Brake = Brake { max_removed_percent: 20, accept_removals: false };

/// A row of about 400 bytes; number 0 is the newest.
fn registration(n: u64, rows: u64) -> Registration {
    let id = format!("reg_{}", 10_000_000 + rows - n);
    let at = UtcInstant::from_unix_s(1_700_000_000 - i64::try_from(n).expect("small") * 37).expect("a date");
    let (email, phone) = (format!("person.{n}@example.com"), format!("+4479460{n:05}"));
    let raw = format!(
        r#"{{"ID":"{id}","email":"{email}","phone":"{phone}","first_name":"Margaret","last_name":"Featherstone","birth_date":"1984-03-{:02}","address":"{} Long Acre","zip":"WC2E 9LH","city":"London","custom_1":"newsletter","custom_2":"","custom_3":"{}","paid":"0","paid_until":"0000-00-00 00:00:00","blocked":"0","amount_of_visits":"{}","date":"{at}"}}"#,
        n % 28 + 1,
        n % 200,
        n % 7,
        n % 13,
    );
    let text = |text: &str| Some(text.to_owned());
    Registration {
        id: RegistrationId::new(id),
        fingerprint: Fingerprint(xxhash_rust::xxh3::xxh3_64(raw.as_bytes()).cast_signed()),
        email: Some(email),
        phone: Some(phone),
        first_name: text("Margaret"),
        last_name: text("Featherstone"),
        birth_date: Some(format!("1984-03-{:02}", n % 28 + 1)),
        address: Some(format!("{} Long Acre", n % 200)),
        zip: text("WC2E 9LH"),
        city: text("London"),
        custom_1: text("newsletter"),
        custom_2: None,
        custom_3: Some((n % 7).to_string()),
        paid: Some(false),
        paid_until: None,
        blocked: Some(false),
        registered_at: Some(at),
        registered_text: Some(at.to_string()),
        registered_zone: Some(Zone::Assumed),
        raw: raw.into(),
    }
}

fn empty(number: u64) -> Save<Content> {
    Save {
        number: SaveNumber(number),
        breaks_order: false,
        evidence: None,
        rows: Vec::new(),
        recovered: 0,
        joins: Vec::new(),
        settles: false,
        leaves_gap: false,
        learned: Learned::default(),
    }
}

fn complete() -> Finish {
    Finish {
        outcome: Outcome::Complete,
        evidence: None,
        settles: true,
        seen: None,
        proves_order: false,
        learned: Learned::default(),
    }
}

async fn first_walk(store: &Store, directory: DirectoryKey, rows: u64) {
    let (handle, _) = store.begin_walk(directory, Kind::Full, 100, now()).await.expect("begins");
    let mut last = None;
    for page in 0..rows / ROWS_A_PAGE {
        let numbers = page * ROWS_A_PAGE..(page + 1) * ROWS_A_PAGE;
        let rows = numbers.map(|n| registration(n, rows)).map(|r| Row {
            id: r.id.clone(),
            date: r.registered_at,
            stored: None,
            payload: Content::Decoded(Box::new(r)),
        });
        let save = Save { rows: rows.collect(), ..empty(page + 1) };
        last = Some(store.save(&handle, save, Progress::default(), now()).await.expect("is queued"));
    }
    last.expect("there are pages").await.expect("is answered").expect("is saved");
    store.finish(&handle, complete(), None, Progress::default(), BRAKE, now()).await.expect("ends");
}

async fn unchanged_walk(store: &Store, directory: DirectoryKey, rows: u64) {
    let (handle, _) = store.begin_walk(directory, Kind::Full, 100, now()).await.expect("begins");
    let mut seen = RoaringTreemap::new();
    for page in 0..rows / ROWS_A_PAGE {
        let numbers = page * ROWS_A_PAGE..(page + 1) * ROWS_A_PAGE;
        let page_rows: Vec<_> = numbers.map(|n| registration(n, rows)).collect();
        let keys: Vec<_> = page_rows.iter().map(|r| (r.id.clone(), r.fingerprint)).collect();
        let known = store.find_known(directory, &keys).await.expect("is found");
        let bound = |r: Option<&Registration>| r.and_then(|r| r.registered_at);
        let interval = Interval { after: bound(page_rows.last()), before: bound(page_rows.first()) };
        let evidence = Evidence { interval, page: keys.into_iter().map(|(id, _)| id).collect() };
        let page_rows = page_rows.iter().zip(known).map(|(r, known)| {
            let known = known.filter(|known| known.is_unchanged).expect("is unchanged");
            seen.insert(known.stored.key.0.cast_unsigned());
            let stored = Some(known.stored);
            Row { id: r.id.clone(), date: r.registered_at, stored, payload: Content::Unchanged }
        });
        let save = Save { rows: page_rows.collect(), evidence: Some(evidence), ..empty(page + 1) };
        store.save(&handle, save, Progress::default(), now()).await.expect("is queued");
    }
    let began = steady_now();
    let finish = Finish { seen: Some(seen), ..complete() };
    let figures = store.finish(&handle, finish, None, Progress::default(), BRAKE, now()).await.expect("ends");
    println!("  of which its end: {:.0} ms", began.elapsed().as_secs_f64() * 1000.0);
    assert_eq!((figures.counts.missing, figures.counts.created), (0, 0));
}

fn memory_kib(what: &str) -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().find(|line| line.starts_with(what)).unwrap_or_default().to_owned()
}

async fn open(path: &Path) -> (Store, DirectoryKey) {
    let options = OpenOptions {
        reports_time_zone: chrono_tz::Europe::London,
        masking_key_file: None,
        snapshot_from_bytes: OpenOptions::SNAPSHOT_FROM_BYTES,
    };
    let store = Store::open(path, &options, now()).await.expect("opens");
    let account = store.save_account(&AccountName::new("default"), 1).await.expect("is saved");
    let listed =
        Directory { id: DirectoryId::new("dir_1"), name: None, url: None, status: None, raw: "{}".into() };
    let saved =
        store.save_directories(account.key, &[listed], Absent::AreGone, now()).await.expect("are saved");
    (store, saved.directories[0].key)
}

#[tokio::main]
async fn main() {
    let rows = std::env::args().filter_map(|argument| argument.parse().ok()).next().unwrap_or(200_000);
    let folder = tempfile::tempdir().expect("a folder");
    let (store, directory) = open(&folder.path().join("mirror.db")).await;
    for (name, is_first) in [("first walk", true), ("unchanged full walk", false)] {
        let began = steady_now();
        if is_first {
            first_walk(&store, directory, rows).await;
        } else {
            unchanged_walk(&store, directory, rows).await;
        }
        let elapsed_s = began.elapsed().as_secs_f64();
        println!("{name}: {rows} rows in {elapsed_s:.2} s, {:.0} rows/s", rows as f64 / elapsed_s);
        println!("  {}; {}", memory_kib("VmHWM"), memory_kib("VmRSS"));
    }
    store.close().await;
}
