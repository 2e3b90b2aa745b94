//! `snapshot`: a consistent copy of the mirror, while a daemon writes it or without one.

use std::path::PathBuf;

use anyhow::{Context as _, anyhow};
use serde_json::json;

use super::{Context, Exit, Failure, bars, stop};
use crate::clock;
use crate::config::find_database;
use crate::output::print;
use crate::store::snapshot::{self, SnapshotError, Watch};

const EXAMPLES: &str = "\
Examples:
  coupontools-mirror snapshot /backup/mirror.db
  coupontools-mirror snapshot --json \"/backup/mirror-$(date +%F).db\"

One file, of one moment, checked by SQLite, there when it is whole; an earlier snapshot of that name is replaced, nothing \
else is. Neither walks nor readers wait for it. Who may read the mirror may take one. It holds everybody's data; the masks' \
key is a file of its own, mirror.db-key. `restore` puts it back; [snapshots] takes them by schedule.";

/// `snapshot`'s arguments.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Where the copy goes
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// One JSON object instead of a line
    #[arg(long)]
    pub json: bool,
}

/// Takes it.
///
/// # Errors
/// When the mirror can't be read, or the copy not be written, or is not whole.
pub async fn run(args: Args, context: &Context) -> Result<Exit, Failure> {
    let database = find_database(&context.flags, &context.environment)?;
    let stop = stop::on_signals().context("cannot listen for signals")?;
    let bar = context.progress.add(bars::bar(0));
    let (shown, stopped, file) = (bar.clone(), stop.clone(), args.file.clone());
    let watch = Watch::new(
        move |bytes, of_bytes| bars::copying(&shown, bytes, of_bytes),
        move || stopped.is_cancelled(),
    );
    let began = clock::steady_now();
    let taken = tokio::task::spawn_blocking(move || snapshot::take(&database, &file, &watch)).await;
    bar.finish_and_clear();
    let taken = taken.context("cannot take a snapshot")?.map_err(|error| failure(error, "snapshot"))?;
    let took_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    let file = args.file.display().to_string();
    print(if args.json {
        let told = json!({
            "file": file,
            "bytes": taken.bytes,
            "at": taken.at.map(|at| at.to_string()),
            "seq": taken.change_seq,
            "registrations": taken.registrations,
            "took_ms": took_ms,
        });
        format!("{told}\n")
    } else {
        format!(
            "{file}: {} registrations, seq {}, {} MB, in {}.{} s\n",
            taken.registrations,
            taken.change_seq,
            taken.bytes.div_ceil(1 << 20),
            took_ms / 1000,
            took_ms % 1000 / 100,
        )
    })?;
    Ok(Exit::Done)
}

/// What was not done; `what` was stopped, where it was.
pub(super) fn failure(error: SnapshotError, what: &str) -> Failure {
    if matches!(error, SnapshotError::Stopped) {
        return Failure::new(Exit::Failed, anyhow!("cannot finish the {what}: it was stopped"));
    }
    let hint = error.hint().map(str::to_owned);
    Failure { exit: Exit::Failed, error: error.into(), hint }
}
