//! One real call for each account: do the keys work, and do they list what the configuration names?

use std::collections::BTreeSet;

use super::Exit;
use super::finding::Finding;
use super::schedule::shortest_gap;
use crate::clock;
use crate::commands::mirror;
use crate::config::{Account, Settings};
use crate::sync::{Trouble, TroubleKind};

/// What an account's list of directories said.
pub type Listing = Result<BTreeSet<String>, Unlisted>;

/// Why there is no list.
#[derive(Clone, Debug)]
pub struct Unlisted {
    /// 77 where the keys were refused, 75 where nothing answered, 1 otherwise.
    pub exit: Exit,
    /// In the client's words; no secret, no body.
    pub cause: String,
    /// What the operator can do.
    pub hint: Option<String>,
}

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

/// One real call.
async fn fetch_listing(account: &Account) -> Listing {
    let client = mirror::client(account).map_err(|failure| Unlisted {
        exit: failure.exit,
        cause: format!("{:#}", failure.error),
        hint: failure.hint,
    })?;
    match client.fetch_directories().await.result {
        Ok(list) => Ok(list.directories.iter().map(|directory| directory.id.to_string()).collect()),
        Err(error) => {
            let trouble = Trouble::from(&error);
            let exit = match trouble.kind {
                TroubleKind::Refused => Exit::Refused,
                TroubleKind::Unreachable => Exit::Unreachable,
                TroubleKind::Other => Exit::Failed,
            };
            Err(Unlisted { exit, cause: trouble.text, hint: trouble.hint })
        }
    }
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
        Err(unlisted) => Finding::error(
            unlisted.exit,
            format!("account {name}: {address}: {}", unlisted.cause),
            unlisted.hint.clone(),
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
