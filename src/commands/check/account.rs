//! One real call for each account: do the keys work, and do they list what the configuration names?

use std::collections::BTreeSet;

use super::finding::Finding;
use super::schedule::shortest_gap;
use super::{Failure, mirror};
use crate::api::Retry;
use crate::clock;
use crate::config::{Account, Settings};

/// The directories that an account lists.
type Listing = Result<BTreeSet<String>, Failure>;

pub(super) async fn check_all(accounts: &[Account], settings: &Settings) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut listed = BTreeSet::new();
    let mut all_listed = !accounts.is_empty();
    for account in accounts {
        let listing = fetch_listing(account).await;
        findings.push(judge(account, &listing));
        match listing {
            Ok(ids) => {
                findings.extend(judge_pace(account, ids.len(), settings));
                listed.extend(ids);
            }
            Err(_) => all_listed = false,
        }
    }
    if all_listed {
        findings.extend(judge_lists(&listed, settings));
    }
    findings
}

/// One call, and once more where that may have been a hiccup.
async fn fetch_listing(account: &Account) -> Listing {
    let client = mirror::client(account, Retry { attempts: 2, ..Retry::default() })?;
    let list = client.fetch_directories().await.result?;
    Ok(list.directories.iter().map(|directory| directory.id.to_string()).collect())
}

fn judge(account: &Account, listing: &Listing) -> Finding {
    let name = &account.name;
    let address = &account.api.base_url;
    match listing {
        Ok(ids) if ids.is_empty() => Finding::warning(
            format!("account {name}: {address} took the keys and lists no directory"),
            "are these the keys of the account that has the directories?",
        ),
        Ok(ids) => Finding::ok(format!(
            "account {name}: {address} took the keys and lists {} directories",
            ids.len()
        )),
        Err(failure) => Finding::error(
            failure.exit,
            format!("account {name}: {address}: {}", failure.error.root_cause()),
            failure.hint.clone(),
        ),
    }
}

/// A tick asks for the list and for each directory once, when nothing is new.
fn judge_pace(account: &Account, directories: usize, settings: &Settings) -> Option<Finding> {
    let gap = shortest_gap(&settings.schedule.incremental, &settings.schedule, clock::now());
    let requests = directories as u64 + 1;
    let needed_s = requests / u64::from(account.api.requests_per_second);
    let too_fast = i64::try_from(needed_s).is_ok_and(|needed_s| needed_s > gap.num_seconds());
    too_fast.then(|| {
        Finding::warning(
            format!(
                "account {}: a tick takes {requests} requests, {needed_s} s at {} a second, and comes every {} s",
                account.name,
                account.api.requests_per_second,
                gap.num_seconds()
            ),
            "let [schedule] incremental come less often, or raise requests_per_second; ticks will be dropped",
        )
    })
}

fn judge_lists(listed: &BTreeSet<String>, settings: &Settings) -> Vec<Finding> {
    let unknown = |name: &str, ids: &BTreeSet<String>| -> Vec<Finding> {
        let unlisted = ids.difference(listed).map(|id| {
            Finding::warning(
                format!("[sync] {name} names {id}, which no account lists"),
                "see the IDs in the dashboard, or with `query \"SELECT directory_id, name FROM directories\"`",
            )
        });
        unlisted.collect()
    };
    let mut findings = unknown("include", &settings.sync.include);
    findings.extend(unknown("exclude", &settings.sync.exclude));
    let is_left = |id: &&String| settings.sync.include.is_empty() || settings.sync.include.contains(*id);
    if !listed.is_empty() && !listed.iter().filter(is_left).any(|id| !settings.sync.exclude.contains(id)) {
        findings
            .push(Finding::warning("[sync] include and exclude leave no directory", "change the two lists"));
    }
    findings
}
