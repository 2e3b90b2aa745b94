//! What the program itself reads of the file: checked at compile time, over connections that only
//! read. What people ask in their own SQL is not here.

use sqlx::SqlitePool;

use super::error::StoreError;
use super::walk::{AccountKey, DirectoryKey, Known, WalkOutcome};
use crate::directory::{AccountName, DirectoryId};
use crate::instant::UtcInstant;
use crate::registration::{Fingerprint, RegistrationId};
use crate::walk::{Kind, RegistrationKey, Stored, WalkKey};

/// A directory's freshness: its row in the view `sync_status`, and what stands beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectoryStatus {
    /// The vendor's ID.
    pub directory_id: DirectoryId,
    /// The account that lists it.
    pub account: AccountName,
    /// Its name, if it has one.
    pub name: Option<String>,
    /// How many registrations stand.
    pub registrations: u64,
    /// When a walk of it was last complete.
    pub last_complete_at: Option<UtcInstant>,
    /// When a full walk of it was last complete.
    pub last_full_at: Option<UtcInstant>,
    /// Seconds since `last_complete_at`.
    pub age_s: Option<i64>,
    /// Why the last walk failed, unless one was complete since; why the brake is held.
    pub last_error: Option<String>,
    /// Since when too much would have been removed, and nothing is.
    pub brake_held_at: Option<UtcInstant>,
    /// Its last walk that the file knows of.
    pub last_walk: Option<LastWalk>,
}

/// A directory's last walk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastWalk {
    /// How far it was to read.
    pub kind: Kind,
    /// When it began.
    pub started_at: UtcInstant,
    /// How it ended; `None` while it is under way.
    pub outcome: Option<WalkOutcome>,
}

/// What a file holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FileCounts {
    /// Accounts.
    pub accounts: u64,
    /// Directories that are listed.
    pub directories: u64,
    /// Registrations that stand.
    pub registrations: u64,
    /// Of these, how many are missing.
    pub missing: u64,
    /// Directories whose brake is held.
    pub brakes_held: u64,
}

fn count(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

fn instant(text: Option<String>) -> Option<UtcInstant> {
    text.and_then(|text| UtcInstant::parse(&text))
}

/// What the file holds of the rows of a page, in their order: one statement.
pub(super) async fn find_known(
    pool: &SqlitePool,
    directory: DirectoryKey,
    rows: &[(RegistrationId, Fingerprint)],
) -> Result<Vec<Option<Known>>, StoreError> {
    let ids: Vec<&str> = rows.iter().map(|(id, _)| id.as_str()).collect();
    let ids = serde_json::Value::from(ids).to_string();
    let found = sqlx::query!(
        r#"SELECT j.key + 0 AS "position!: i64", r.registration_key AS "registration_key!: i64",
               r.walk_key AS "walk_key!: i64", r.fingerprint AS "fingerprint!: i64",
               r.registered_at AS "registered_at?: String",
               (r.missing_since IS NULL AND r.removed_at IS NULL AND r.gone_walk_key IS NULL
                   AND r.provable = 1) AS "is_unmarked!: bool",
               (r.removed_at IS NULL AND r.provable = 1) AS "is_in_order!: bool",
               (r.erased_at IS NOT NULL) AS "is_erased!: bool"
           FROM json_each(?2) AS j
           CROSS JOIN registration AS r ON r.directory_key = ?1 AND r.registration_id = j.value"#,
        directory.0,
        ids
    )
    .fetch_all(pool)
    .await?;
    let mut known = vec![None; rows.len()];
    for row in found {
        let Some(position) = usize::try_from(row.position).ok().filter(|n| *n < rows.len()) else { continue };
        known[position] = Some(Known {
            stored: Stored {
                key: RegistrationKey(row.registration_key),
                walk: WalkKey(row.walk_key),
                is_in_order: row.is_in_order,
            },
            // An erased row's date may be read otherwise by now, and it is by dates that walks prove.
            is_unchanged: row.is_unmarked && !row.is_erased && row.fingerprint == rows[position].1.0,
            registered_at: instant(row.registered_at),
        });
    }
    Ok(known)
}

/// How many directories of the account are listed here and not in `listed`.
pub(super) async fn count_unlisted(
    pool: &SqlitePool,
    account: AccountKey,
    listed: &[DirectoryId],
) -> Result<u64, StoreError> {
    let ids: Vec<&str> = listed.iter().map(DirectoryId::as_str).collect();
    let ids = serde_json::Value::from(ids).to_string();
    let unlisted = sqlx::query_scalar!(
        r#"SELECT count(*) AS "unlisted!: i64" FROM directory
           WHERE account_key = ?1 AND removed_at IS NULL
               AND directory_id NOT IN (SELECT value FROM json_each(?2))"#,
        account.0,
        ids
    )
    .fetch_one(pool)
    .await?;
    Ok(count(unlisted))
}

/// When a directory was last listed: the last moment that the file knows of.
pub(super) async fn find_last_seen(pool: &SqlitePool) -> Result<Option<UtcInstant>, StoreError> {
    let at = sqlx::query_scalar!(r#"SELECT max(last_seen_at) AS "at?: String" FROM directory"#);
    Ok(instant(at.fetch_one(pool).await?))
}

/// Every listed directory's freshness at `now`, by account and ID.
pub(super) async fn list_status(
    pool: &SqlitePool,
    now: UtcInstant,
) -> Result<Vec<DirectoryStatus>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT d.directory_id, a.name AS account, d.name, d.registrations, d.last_complete_at,
               d.last_full_at, coalesce(a.last_error, d.last_error) AS last_error, d.brake_held_at,
               w.kind AS "kind?: String", w.started_at AS "started_at?: String", w.outcome
           FROM directory AS d
           JOIN account AS a ON a.account_key = d.account_key
           LEFT JOIN walk AS w ON w.walk_key =
               (SELECT max(walk_key) FROM walk WHERE walk.directory_key = d.directory_key)
           WHERE d.removed_at IS NULL
           ORDER BY a.name, d.directory_id"#
    )
    .fetch_all(pool)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let last_complete_at = instant(row.last_complete_at);
            let last_walk = instant(row.started_at).map(|started_at| LastWalk {
                kind: if row.kind.as_deref() == Some(Kind::Full.as_str()) {
                    Kind::Full
                } else {
                    Kind::Incremental
                },
                started_at,
                outcome: row.outcome.as_deref().and_then(WalkOutcome::parse),
            });
            DirectoryStatus {
                directory_id: DirectoryId::new(row.directory_id),
                account: AccountName::new(row.account),
                name: row.name,
                registrations: count(row.registrations),
                last_complete_at,
                last_full_at: instant(row.last_full_at),
                age_s: last_complete_at.map(|at| now.unix_s() - at.unix_s()),
                last_error: row.last_error,
                brake_held_at: instant(row.brake_held_at),
                last_walk,
            }
        })
        .collect())
}

/// Accounts whose directories could not be listed, and why.
pub(super) async fn list_account_errors(pool: &SqlitePool) -> Result<Vec<(AccountName, String)>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT name, last_error AS "last_error!" FROM account WHERE last_error IS NOT NULL ORDER BY name"#
    )
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().map(|row| (AccountName::new(row.name), row.last_error)).collect())
}

/// Whether any account's directories were ever listed.
pub(super) async fn is_listed(pool: &SqlitePool) -> Result<bool, StoreError> {
    let listed = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT 1 FROM account WHERE listed_at IS NOT NULL) AS "is_listed!: bool""#
    );
    Ok(listed.fetch_one(pool).await?)
}

/// What the file holds.
pub(super) async fn count_all(pool: &SqlitePool) -> Result<FileCounts, StoreError> {
    let row = sqlx::query!(
        r#"SELECT (SELECT count(*) FROM account) AS "accounts!: i64",
               count(*) FILTER (WHERE removed_at IS NULL) AS "directories!: i64",
               coalesce(sum(registrations), 0) AS "registrations!: i64",
               count(brake_held_at) AS "brakes_held!: i64",
               (SELECT count(*) FROM registration INDEXED BY registration_missing
                   WHERE missing_since IS NOT NULL AND removed_at IS NULL) AS "missing!: i64"
           FROM directory"#
    )
    .fetch_one(pool)
    .await?;
    Ok(FileCounts {
        accounts: count(row.accounts),
        directories: count(row.directories),
        registrations: count(row.registrations),
        missing: count(row.missing),
        brakes_held: count(row.brakes_held),
    })
}
