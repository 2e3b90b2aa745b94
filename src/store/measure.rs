//! What the file says of itself to metrics, at one moment. It counts no rows but the missing ones, which
//! have an index of their own: a scrape costs the same whatever the file holds.

use std::fs;
use std::path::Path;

use rustix::fs::statvfs;
use sqlx::SqlitePool;

use super::alert;
use super::error::StoreError;
use super::lock;
use super::walk::WalkOutcome;
use crate::alert::Key;
use crate::directory::{AccountName, DirectoryId};
use crate::instant::UtcInstant;
use crate::room::Room;

/// What the file says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Measures {
    /// Every directory that is listed, by account and ID.
    pub directories: Vec<DirectoryMeasures>,
    /// Every account, and whether its directories could last be listed.
    pub accounts: Vec<(AccountName, Listed)>,
    /// The last change's number in the feed; 0 before the first.
    pub change_seq: u64,
    /// What fires.
    pub firing: Vec<Key>,
}

/// Whether an account's directories could be listed when that was last tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listed {
    /// They could.
    Well,
    /// They could not.
    Badly,
}

/// What the file says of a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectoryMeasures {
    /// The vendor's ID.
    pub directory_id: DirectoryId,
    /// The account that lists it.
    pub account: AccountName,
    /// Its name, if it has one.
    pub name: Option<String>,
    /// How many registrations stand.
    pub registrations: u64,
    /// Of these, how many are missing.
    pub missing: u64,
    /// How many are removed.
    pub removed: u64,
    /// How many its walks ever recovered.
    pub recovered: u64,
    /// When it was first listed.
    pub first_seen_at: Option<UtcInstant>,
    /// When a walk of it was last complete.
    pub last_complete_at: Option<UtcInstant>,
    /// When a full walk of it was last complete.
    pub last_full_at: Option<UtcInstant>,
    /// Whether too much would have been removed, and nothing is.
    pub is_brake_held: bool,
    /// How the last walk that is over ended.
    pub last_outcome: Option<WalkOutcome>,
}

/// Bytes on the disk; `None` where the system does not tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sizes {
    /// The file.
    pub file_bytes: Option<u64>,
    /// The log beside it; 0 if there is none.
    pub wal_bytes: Option<u64>,
    /// What the daemon's user may still write to the disk that holds the file.
    pub disk_free_bytes: Option<u64>,
    /// All of that disk.
    pub disk_bytes: Option<u64>,
}

fn count(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

fn instant(text: Option<String>) -> Option<UtcInstant> {
    text.and_then(|text| UtcInstant::parse(&text))
}

pub(super) async fn measure(pool: &SqlitePool) -> Result<Measures, StoreError> {
    let mut moment = pool.begin().await?;
    let directories = sqlx::query!(
        r#"SELECT d.directory_id, a.name AS account, d.name, d.registrations, d.removed, d.recovered,
               d.first_seen_at, d.last_complete_at, d.last_full_at,
               (d.brake_held_at IS NOT NULL) AS "is_brake_held!: bool",
               (SELECT count(*) FROM registration AS r INDEXED BY registration_missing
                   WHERE r.directory_key = d.directory_key AND r.missing_since IS NOT NULL
                       AND r.removed_at IS NULL) AS "missing!: i64",
               (SELECT w.outcome FROM walk AS w
                   WHERE w.directory_key = d.directory_key AND w.finished_at IS NOT NULL
                   ORDER BY w.walk_key DESC LIMIT 1) AS "last_outcome?: String"
           FROM directory AS d
           JOIN account AS a ON a.account_key = d.account_key
           WHERE d.removed_at IS NULL
           ORDER BY a.name, d.directory_id"#
    )
    .fetch_all(&mut *moment)
    .await?;
    let accounts =
        sqlx::query!(r#"SELECT name, (last_error IS NULL) AS "is_listed!: bool" FROM account ORDER BY name"#)
            .fetch_all(&mut *moment)
            .await?;
    let change_seq = sqlx::query_scalar!(
        r#"SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'registration_change'), 0)
               AS "seq!: i64""#
    )
    .fetch_one(&mut *moment)
    .await?;
    let firing = alert::list_firing(&mut *moment).await?;
    moment.rollback().await?;
    Ok(Measures {
        firing: firing.into_iter().map(|(key, _)| key).collect(),
        directories: directories
            .into_iter()
            .map(|row| DirectoryMeasures {
                directory_id: DirectoryId::new(row.directory_id),
                account: AccountName::new(row.account),
                name: row.name,
                registrations: count(row.registrations),
                missing: count(row.missing),
                removed: count(row.removed),
                recovered: count(row.recovered),
                first_seen_at: UtcInstant::parse(&row.first_seen_at),
                last_complete_at: instant(row.last_complete_at),
                last_full_at: instant(row.last_full_at),
                is_brake_held: row.is_brake_held,
                last_outcome: row.last_outcome.as_deref().and_then(WalkOutcome::parse),
            })
            .collect(),
        accounts: accounts
            .into_iter()
            .map(|row| (AccountName::new(row.name), if row.is_listed { Listed::Well } else { Listed::Badly }))
            .collect(),
        change_seq: count(change_seq),
    })
}

/// Also of a file that SQLite can't read any more.
pub(super) fn look_up_sizes(path: &Path) -> Sizes {
    let wal_bytes = match fs::metadata(lock::beside(path, "-wal")) {
        Ok(metadata) => Some(metadata.len()),
        Err(error) => (error.kind() == std::io::ErrorKind::NotFound).then_some(0),
    };
    let room = look_up_room(path);
    Sizes {
        file_bytes: fs::metadata(path).ok().map(|metadata| metadata.len()),
        wal_bytes,
        disk_free_bytes: room.map(|room| room.free_bytes),
        disk_bytes: room.map(|room| room.size_bytes),
    }
}

/// Of the disk that holds a file or folder.
#[must_use]
pub fn look_up_room(path: &Path) -> Option<Room> {
    let disk = statvfs(path).ok()?;
    Some(Room {
        free_bytes: disk.f_bavail.saturating_mul(disk.f_frsize),
        size_bytes: disk.f_blocks.saturating_mul(disk.f_frsize),
    })
}
