//! An account's directories, listed and made known to the file.

use std::collections::BTreeSet;

use super::account::Account;
use super::report::Trouble;
use crate::api::{ApiError, DirectoryList};
use crate::clock;
use crate::directory::DirectoryId;
use crate::store::{Absent, KnownDirectory, Store, StoreError};

/// Lists the account's directories. Where one that is known lacks, the list is asked for once
/// more: an answer can be wrong for a moment. Rows without an ID are trouble, but the others are
/// walked.
pub(super) async fn list(
    account: &Account,
    store: &Store,
) -> Result<(Vec<KnownDirectory>, Option<Trouble>), Trouble> {
    let of_api = |error: ApiError| Trouble::from(&error);
    let of_store = |error: StoreError| Trouble::from(&error);
    let mut list = account.client.fetch_directories().await.result.map_err(of_api)?;
    let ids = |list: &DirectoryList| -> Vec<DirectoryId> {
        list.directories.iter().map(|directory| directory.id.clone()).collect()
    };
    if store.count_unlisted(account.key, &ids(&list)).await.map_err(of_store)? > 0 {
        let again = account.client.fetch_directories().await.result.map_err(of_api)?;
        list.rows_without_id = list.rows_without_id.max(again.rows_without_id);
        let known: BTreeSet<_> = ids(&list).into_iter().collect();
        list.directories.extend(again.directories.into_iter().filter(|found| !known.contains(&found.id)));
    }
    let trouble = (list.rows_without_id > 0).then(|| Trouble {
        hint: Some("run `probe`; a key can be added to [api.aliases]".to_owned()),
        ..Trouble::other(format!("{} rows of the directory list had no ID", list.rows_without_id))
    });
    let absent = if trouble.is_none() { Absent::AreGone } else { Absent::AreUnknown };
    let saved = store
        .save_directories(account.key, &list.directories, absent, clock::now())
        .await
        .map_err(of_store)?;
    for directory in &saved.owned_elsewhere {
        let (account, directory) = (account.name.as_str(), directory.as_str());
        tracing::warn!(account, directory, "another account lists this directory already: left to it");
    }
    Ok((saved.directories, trouble))
}
