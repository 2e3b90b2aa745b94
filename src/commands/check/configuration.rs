//! The configuration as a whole: which file, what was said twice, what nobody reads.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::finding::Finding;
use crate::config::{Environment, Settings};

pub(super) fn check(settings: &Settings) -> Vec<Finding> {
    let mut findings = Vec::new();
    match &settings.source.file {
        None => findings.push(Finding::ok("configuration: no file, built-in settings")),
        Some(path) => {
            findings.push(Finding::ok(format!("configuration: {}", path.display())));
            let mode = fs::metadata(path).map_or(0, |metadata| metadata.permissions().mode());
            if mode & 0o002 != 0 {
                findings.push(Finding::warning(
                    format!("every user of this machine may change {}", path.display()),
                    format!("chmod o-w {}", path.display()),
                ));
            }
        }
    }
    for shadowed in &settings.source.shadowed {
        findings.push(Finding::warning(
            format!("{} does not count: {} says it too", shadowed.name, shadowed.by),
            "take one of them away",
        ));
    }
    if settings.sync.max_removed_percent == 100 {
        findings.push(Finding::warning(
            "[sync] max_removed_percent is 100: the brake is off",
            "a wrong answer may mark a whole directory as removed; 20 is the default",
        ));
    }
    findings
}

pub(super) fn check_environment(environment: &Environment) -> Vec<Finding> {
    let meaningless = environment.meaningless().iter().map(|name| {
        Finding::warning(
            format!("{name} is set and means nothing"),
            "see `coupontools-mirror --help` for the names",
        )
    });
    meaningless.collect()
}
