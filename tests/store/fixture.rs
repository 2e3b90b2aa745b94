//! A file in a temporary folder, and walks that are handed over as the shell hands them over.

use std::path::PathBuf;

use chrono_tz::Tz;
use coupontools_mirror::directory::{AccountName, Directory, DirectoryId};
use coupontools_mirror::instant::UtcInstant;
use coupontools_mirror::registration::{Fingerprint, Registration, RegistrationId, Zone};
use coupontools_mirror::store::{
    Absent, Account, Brake, Content, DirectoryKey, Figures, OpenOptions, Past, Progress, SavedDirectories,
    Store, WalkHandle,
};
use coupontools_mirror::walk::{
    Evidence, Finish, Interval, Kind, Learned, Outcome, RegistrationKey, Row, Save, SaveNumber, Start,
};
use roaring::RoaringTreemap;
use rusqlite::{Connection, OpenFlags};
use tempfile::TempDir;

pub const BRAKE: Brake = Brake { max_removed_percent: 20, accept_removals: false };
pub const READING: i64 = 7;

/// 2026-11-23T09:00:00Z and so many minutes.
pub fn minute(n: i64) -> UtcInstant {
    UtcInstant::from_unix_s(1_795_424_400 + n * 60).unwrap()
}

/// The registration number `n`, made at its minute.
pub fn person(n: i64) -> Registration {
    let raw = format!(r#"{{"ID":"reg_{n}","email":"p{n}@example.com","shoe":"{n}"}}"#);
    Registration {
        id: RegistrationId::new(format!("reg_{n}")),
        fingerprint: fingerprint(&raw),
        email: Some(format!("p{n}@example.com")),
        phone: None,
        first_name: Some("Ada".to_owned()),
        last_name: None,
        birth_date: None,
        address: None,
        zip: None,
        city: None,
        custom_1: None,
        custom_2: None,
        custom_3: None,
        paid: Some(false),
        paid_until: None,
        blocked: None,
        registered_at: Some(minute(n)),
        registered_text: Some(minute(n).to_string()),
        registered_zone: Some(Zone::Assumed),
        raw: raw.into(),
    }
}

pub fn fingerprint(raw: &str) -> Fingerprint {
    Fingerprint(xxhash_rust::xxh3::xxh3_64(raw.as_bytes()).cast_signed())
}

/// The same person with another email address.
pub fn with_email(mut r: Registration, email: &str) -> Registration {
    r.raw = r.raw.replace(r.email.as_deref().unwrap(), email).into();
    r.fingerprint = fingerprint(&r.raw);
    r.email = Some(email.to_owned());
    r
}

/// Persons, newest first.
pub fn people(numbers: impl DoubleEndedIterator<Item = i64>) -> Vec<Registration> {
    numbers.rev().map(person).collect()
}

pub fn directory(id: &str) -> Directory {
    Directory {
        id: DirectoryId::new(id),
        name: Some("Main street".into()),
        url: None,
        status: None,
        raw: "{}".into(),
    }
}

/// An open mirror with one account and one directory.
pub struct Mirror {
    pub folder: TempDir,
    pub store: Store,
    pub account: Account,
    pub directory: DirectoryKey,
}

pub fn options(zone: Tz) -> OpenOptions {
    OpenOptions {
        reports_time_zone: zone,
        masking_key_file: None,
        snapshot_from_bytes: OpenOptions::SNAPSHOT_FROM_BYTES,
    }
}

pub async fn open_at(path: PathBuf, zone: Tz) -> Store {
    Store::open(&path, &options(zone), minute(0)).await.unwrap()
}

impl Mirror {
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self::in_folder(folder, chrono_tz::UTC).await
    }

    pub async fn in_folder(folder: TempDir, zone: Tz) -> Self {
        let store = open_at(folder.path().join("mirror.db"), zone).await;
        let account = store.save_account(&AccountName::new("default"), READING).await.unwrap();
        let saved: SavedDirectories = store
            .save_directories(account.key, &[directory("dir_1")], Absent::AreGone, minute(0))
            .await
            .unwrap();
        Self { folder, store, account, directory: saved.directories[0].key }
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("mirror.db")
    }

    /// Closes the file and opens it again.
    pub async fn reopened(self, zone: Tz) -> Self {
        self.store.close().await;
        Self::in_folder(self.folder, zone).await
    }

    pub fn sql(&self) -> Connection {
        let connection = Connection::open_with_flags(self.path(), OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
        connection.busy_timeout(std::time::Duration::from_secs(5)).unwrap();
        connection
    }

    /// The first column of every row that a statement gives, as text; NULL is `-`.
    pub fn list(&self, sql: &str) -> Vec<String> {
        list(&self.sql(), sql)
    }

    pub fn number(&self, sql: &str) -> i64 {
        self.sql().query_row(sql, [], |row| row.get(0)).unwrap()
    }

    pub async fn begin(&self, kind: Kind, at: i64) -> Walk<'_> {
        let (handle, start) = self.store.begin_walk(self.directory, kind, 100, minute(at)).await.unwrap();
        Walk { mirror: self, handle, start, at: minute(at), saves: 0, progress: Progress::default() }
    }

    /// Looks a page up, as the shell does: what is unchanged is not decoded.
    pub async fn look_up(&self, page: &[Registration]) -> Vec<Row<Content>> {
        let rows: Vec<_> = page.iter().map(|r| (r.id.clone(), r.fingerprint)).collect();
        let known = self.store.find_known(self.directory, &rows).await.unwrap();
        page.iter()
            .zip(known)
            .map(|(r, known)| Row {
                id: r.id.clone(),
                date: r.registered_at,
                stored: known.map(|known| known.stored),
                payload: match known {
                    Some(known) if known.is_unchanged => Content::Unchanged,
                    _ => Content::Decoded(Box::new(r.clone())),
                },
            })
            .collect()
    }

    /// Deletes what was past at the minute, batch by batch; how many rows each deleted.
    pub async fn forget(&self, past: Past, at: i64) -> Vec<u64> {
        let (mut batches, mut next) = (Vec::new(), Some(0));
        while let Some(after) = next {
            let batch = self.store.delete_past(past, minute(at), after).await.unwrap();
            batches.push(batch.rows);
            next = batch.next;
        }
        batches
    }

    /// A walk that reads the whole list in one page and completes.
    pub async fn walk(&self, kind: Kind, list: &[Registration], at: i64) -> Figures {
        let mut walk = self.begin(kind, at).await;
        let rows = self.look_up(list).await;
        let seen: RoaringTreemap =
            rows.iter().filter_map(|row| Some(row.stored?.key.0.cast_unsigned())).collect();
        walk.save(Save { rows, settles: true, ..walk.empty() }).await;
        let seen = (kind == Kind::Full).then_some(seen);
        walk.finish(Finish { seen, ..complete() }).await
    }
}

pub fn list(connection: &Connection, sql: &str) -> Vec<String> {
    let mut statement = connection.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| {
        Ok(match row.get_ref(0)? {
            rusqlite::types::ValueRef::Null => "-".to_owned(),
            rusqlite::types::ValueRef::Integer(n) => n.to_string(),
            value => value.as_str()?.to_owned(),
        })
    });
    rows.unwrap().map(Result::unwrap).collect()
}

/// A walk under way.
pub struct Walk<'a> {
    pub mirror: &'a Mirror,
    pub handle: WalkHandle,
    pub start: Start,
    pub at: UtcInstant,
    saves: u64,
    pub progress: Progress,
}

impl Walk<'_> {
    pub fn empty(&self) -> Save<Content> {
        Save {
            number: SaveNumber(self.saves + 1),
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

    pub async fn save(&mut self, save: Save<Content>) {
        self.saves += 1;
        self.progress.pages += 1;
        self.progress.requests += 1;
        self.progress.rows_read += save.rows.len() as u64;
        self.mirror
            .store
            .save(&self.handle, save, self.progress, self.at)
            .await
            .unwrap()
            .await
            .unwrap()
            .unwrap();
    }

    /// Looks rows up and saves them.
    pub async fn save_rows(&mut self, rows: &[Registration]) {
        let rows = self.mirror.look_up(rows).await;
        let save = Save { rows, ..self.empty() };
        self.save(save).await;
    }

    pub async fn finish(self, finish: Finish) -> Figures {
        self.finish_with(finish, BRAKE).await
    }

    pub async fn finish_with(self, finish: Finish, brake: Brake) -> Figures {
        self.mirror.store.finish(&self.handle, finish, None, self.progress, brake, self.at).await.unwrap()
    }
}

/// The end of a walk that completed.
pub fn complete() -> Finish {
    Finish {
        outcome: Outcome::Complete,
        evidence: None,
        settles: true,
        seen: None,
        proves_order: false,
        learned: Learned::default(),
    }
}

/// A page that speaks of the dates between two minutes and shows these persons.
pub fn evidence(after: Option<i64>, before: Option<i64>, page: &[Registration]) -> Evidence {
    Evidence {
        interval: Interval { after: after.map(minute), before: before.map(minute) },
        page: page.iter().map(|r| r.id.clone()).collect(),
    }
}

/// Keys, as a full walk remembers them.
pub fn seen(keys: impl IntoIterator<Item = RegistrationKey>) -> RoaringTreemap {
    keys.into_iter().map(|key| key.0.cast_unsigned()).collect()
}
