//! `[alerts]`: whether whom it names is there. Nobody is told anything; `alert test` does that.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::{Access, access};
use secrecy::ExposeSecret as _;
use url::Url;

use super::Exit;
use super::finding::Finding;
use crate::config::AlertsSettings;

/// How long the webhook's host is looked up.
const LOOK_UP_MAX: Duration = Duration::from_secs(5);
const TRY: &str = "`coupontools-mirror alert test` tries it";

pub(super) async fn check(alerts: &AlertsSettings) -> Vec<Finding> {
    let alerts = match alerts.clone().read() {
        Ok(alerts) => alerts,
        Err(error) => return vec![Finding::misconfigured(&error)],
    };
    let mut findings = Vec::new();
    if alerts.command.is_none() && alerts.webhook_url.is_none() {
        findings.push(Finding::ok("alerts: nobody is told; [alerts] command or webhook_url would be"));
    }
    if let Some(program) = alerts.command.as_ref().and_then(|words| words.first()) {
        findings.push(check_command(program));
    }
    if let Some(url) = alerts.webhook_url.as_ref().and_then(|url| Url::parse(url.expose_secret()).ok()) {
        findings.push(check_webhook(&url).await);
    }
    findings
}

fn check_command(program: &str) -> Finding {
    match find(program) {
        Some(path) => Finding::ok(format!("alerts: the command is {}; {TRY}", path.display())),
        None => Finding::error(
            Exit::Misconfigured,
            format!("alerts: there is no program {program} that this user may run"),
            Some("name it with its whole path, and let the daemon's user run it (chmod +x)".into()),
        ),
    }
}

/// As the system finds it: with a slash where it is, else along `PATH`.
fn find(program: &str) -> Option<PathBuf> {
    let may_run = |path: &PathBuf| path.is_file() && access(path, Access::EXEC_OK).is_ok();
    if program.contains('/') {
        return Some(PathBuf::from(program)).filter(may_run);
    }
    let folders = std::env::var_os("PATH")?;
    std::env::split_paths(&folders).map(|folder| Path::new(&folder).join(program)).find(may_run)
}

/// The host is told and nothing else of the address.
async fn check_webhook(url: &Url) -> Finding {
    let host = url.host_str().unwrap_or_default();
    let name = host.trim_matches(['[', ']']);
    let port = url.port_or_known_default().unwrap_or(443);
    let looked_up = tokio::time::timeout(LOOK_UP_MAX, tokio::net::lookup_host((name, port))).await;
    if looked_up.is_ok_and(|found| found.is_ok_and(|mut addresses| addresses.next().is_some())) {
        Finding::ok(format!("alerts: the webhook is at {host}; {TRY}"))
    } else {
        Finding::warning(
            format!("alerts: the webhook's host {host} can't be found"),
            "see [alerts] webhook_url, and whether names can be looked up here",
        )
    }
}
