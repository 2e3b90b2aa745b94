//! Each account's keys: there, readable, and not readable by everybody.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::finding::Finding;
use crate::config::{Account, Environment, KeySource, Settings};

/// The accounts whose keys could be read, and what was found on the way.
pub(super) fn check(settings: &Settings, environment: &Environment) -> (Vec<Account>, Vec<Finding>) {
    let listed = match settings.list_accounts(environment) {
        Ok(listed) => listed,
        Err(error) => return (Vec::new(), vec![Finding::misconfigured(&error)]),
    };
    let mut findings: Vec<Finding> = settings
        .list_shadowed_keys(environment)
        .into_iter()
        .map(|shadowed| {
            Finding::warning(
                format!("{} do not count: {} are there too", shadowed.name, shadowed.by),
                "take one pair away",
            )
        })
        .collect();
    let mut accounts = Vec::new();
    for account in listed {
        let source = account.keys.clone();
        match account.read_keys(environment) {
            Err(error) => findings.push(Finding::misconfigured(&error)),
            Ok(account) => {
                let from = source.as_ref().map_or_else(String::new, KeySource::to_string);
                findings.push(Finding::ok(format!("keys of account {}: from {from}", account.name)));
                accounts.push(account);
            }
        }
        if let Some(KeySource::Files(files) | KeySource::Credentials(files)) = source {
            findings.extend(check_mode(&files.client_id));
            findings.extend(check_mode(&files.client_secret));
        }
    }
    (accounts, findings)
}

fn check_mode(path: &Path) -> Option<Finding> {
    let mode = fs::metadata(path).ok()?.permissions().mode();
    (mode & 0o007 != 0).then(|| {
        Finding::warning(
            format!("every user of this machine may read or change the key in {}", path.display()),
            format!("chmod o-rwx {}", path.display()),
        )
    })
}
