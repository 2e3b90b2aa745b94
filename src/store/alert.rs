//! What the file keeps of alerts: what fires, what is yet to be told, and what failed how often.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::SqlitePool;

use super::error::StoreError;
use crate::alert::{Alert, Due, Firing, Key, Kind, State, Via};
use crate::directory::{AccountName, DirectoryId};
use crate::instant::UtcInstant;

/// Everything, as it was saved.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SavedAlerts {
    /// What fires.
    pub firing: BTreeMap<Key, Firing>,
    /// Of what fires, whose beginning was told by what, or is due.
    pub begun: BTreeSet<(Via, Key)>,
    /// What is yet to be told, by number.
    pub due: Vec<Due>,
    /// Failed ticks in a row of accounts (without a directory) and directories that are listed.
    pub failed: BTreeMap<(AccountName, Option<DirectoryId>), u32>,
}

/// What is to be saved: it says all, so that saving it late or twice does no harm.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AlertsToSave {
    /// What fires, and by what its beginning was told or is to be; `None`: as saved.
    pub firing: Option<Vec<(Key, Firing, Vec<Via>)>>,
    /// By each, the first number that is yet to be told; what came before was told.
    pub first_due: Vec<(Via, i64)>,
    /// What is to be told and may not be saved yet.
    pub due: Vec<Due>,
}

fn key(alert: &str, account: Option<String>, directory_id: Option<String>) -> Option<Key> {
    let (account, directory) = (account.map(AccountName::new), directory_id.map(DirectoryId::new));
    Some(Key { kind: Kind::parse(alert)?, account, directory })
}

/// Everything that was saved. A row that nobody understands is left out: it is of another version.
pub(super) async fn load(pool: &SqlitePool) -> Result<SavedAlerts, StoreError> {
    let mut moment = pool.begin().await?;
    let mut saved = SavedAlerts::default();
    let firing = sqlx::query!(
        r#"SELECT alert, account, directory_id, since, message, by_command AS "by_command: bool",
               by_webhook AS "by_webhook: bool" FROM alert"#
    );
    for row in firing.fetch_all(&mut *moment).await? {
        let key = key(&row.alert, row.account, row.directory_id);
        let (Some(key), Some(since)) = (key, UtcInstant::parse(&row.since)) else { continue };
        for (via, has_begun) in [(Via::Command, row.by_command), (Via::Webhook, row.by_webhook)] {
            if has_begun {
                saved.begun.insert((via, key.clone()));
            }
        }
        saved.firing.insert(key, Firing { since, message: row.message });
    }
    let due = sqlx::query!(
        "SELECT via, number, alert, state, account, directory_id, since, message FROM alert_due ORDER BY number"
    );
    for row in due.fetch_all(&mut *moment).await? {
        let key = key(&row.alert, row.account, row.directory_id);
        let (via, state, since) =
            (Via::parse(&row.via), State::parse(&row.state), UtcInstant::parse(&row.since));
        let (Some(key), Some(via), Some(state), Some(since)) = (key, via, state, since) else { continue };
        let alert = Alert { key, state, since, message: row.message };
        saved.due.push(Due { number: row.number, via, alert });
    }
    let failed = sqlx::query!(
        r#"SELECT name AS "account!", NULL AS "directory_id: String", failed_ticks AS "failed_ticks!: i64"
           FROM account WHERE failed_ticks > 0
           UNION ALL
           SELECT a.name, d.directory_id, d.failed_ticks
           FROM directory AS d JOIN account AS a ON a.account_key = d.account_key
           WHERE d.failed_ticks > 0 AND d.removed_at IS NULL"#
    );
    for row in failed.fetch_all(&mut *moment).await? {
        let of = (AccountName::new(row.account), row.directory_id.map(DirectoryId::new));
        saved.failed.insert(of, u32::try_from(row.failed_ticks).unwrap_or(u32::MAX));
    }
    moment.rollback().await?;
    Ok(saved)
}

/// What fires, by kind, account and directory.
pub(super) async fn list_firing<'a>(
    reader: impl sqlx::SqliteExecutor<'a>,
) -> Result<Vec<(Key, Firing)>, StoreError> {
    let rows = sqlx::query!(
        "SELECT alert, account, directory_id, since, message FROM alert ORDER BY alert, account, directory_id"
    )
    .fetch_all(reader)
    .await?;
    let read = rows.into_iter().filter_map(|row| {
        let key = key(&row.alert, row.account, row.directory_id)?;
        Some((key, Firing { since: UtcInstant::parse(&row.since)?, message: row.message }))
    });
    Ok(read.collect())
}
