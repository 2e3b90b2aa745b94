//! `check`: line by line, what is wrong with this set-up and what to do about it.
//!
//! It changes nothing. Everything it looks at has a file here; each gives findings, and none stops
//! at its first.

mod account;
mod alerts;
mod configuration;
mod database;
mod finding;
mod http;
mod keys;
mod masking;
mod place;
mod readers;
mod reports;
mod schedule;
mod snapshots;
mod system;
mod unit;

use super::{Context, Exit, Failure, mirror};
use crate::clock;
use crate::config::Settings;
use crate::output::print;
use finding::{Finding, Findings};

const EXAMPLES: &str = "\
Examples:
  coupontools-mirror check
  coupontools-mirror check --json | jq '.findings[].what'
  sudo coupontools-mirror check

Run it as root, or as whoever may read the keys. Makes one real call for each account. \
Exit codes: 0 nothing is wrong (there may be warnings), 78 the configuration is wrong, 77 the keys were refused, 75 the API could not be \
reached, 1 anything else.";

/// `check`'s arguments.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// One JSON object instead of lines
    #[arg(long)]
    pub json: bool,
}

/// Looks at everything and tells.
///
/// # Errors
/// When standard output can't be written to.
pub async fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let now = clock::now();
    let mut findings = Findings::default();
    findings.extend(system::check_clock(now));
    findings.extend(configuration::check_environment(&context.environment));
    match Settings::load(&context.flags, &context.environment) {
        Err(error) => findings.add(Finding::misconfigured(&error)),
        Ok(settings) => {
            findings.extend(configuration::check(&settings));
            findings.extend(schedule::check(&settings.schedule, now));
            findings.extend(readers::check(&settings.database));
            findings.extend(database::check(&settings.database).await);
            findings.extend(masking::check(&settings.database, &settings.masking));
            findings.extend(snapshots::check(&settings, now));
            findings.extend(reports::check(&settings.reports, &settings.database));
            findings.extend(http::check(&settings.http));
            findings.extend(alerts::check(&settings.alerts).await);
            findings.extend(system::check_open_files(settings.sync.directories_at_once));
            findings.extend(unit::check(&settings.database, &context.flags, &context.environment).await);
            let (accounts, about_keys) = keys::check(&settings, &context.environment);
            findings.extend(about_keys);
            findings.extend(account::check_all(&accounts, &settings).await);
        }
    }
    print(if args.json { findings.json() } else { findings.text() })?;
    Ok(findings.exit())
}
