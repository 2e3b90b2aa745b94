//! `sync`: one tick now.

use std::borrow::Cow;
use std::sync::Arc;

use anyhow::Context as _;
use serde::Serialize;

use super::bars::Bars;
use super::mirror::{self, Watched};
use super::{Context, Exit, Failure, stop};
use crate::api;
use crate::config::Config;
use crate::directory::DirectoryId;
use crate::output::{Align, print, table, visible};
use crate::sync::{Plan, TickReport, TroubleKind, WalkReport};
use crate::walk::Kind;

const EXAMPLES: &str = "\
Examples:
  coupontools-mirror sync
  coupontools-mirror sync --directory dir_12345 --full
  coupontools-mirror sync --json | jq '.directories[].created'

Without --full, a walk reads a directory from its newest registration down to what is known; with it, \
to the end, which also finds what changed or vanished. A walk that would remove too much of a directory \
at once ([sync] max_removed_percent) removes nothing and fails; --accept-removals is for when that is \
right.";

/// `sync`'s arguments.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Only this directory; may be given several times
    #[arg(long = "directory", value_name = "ID")]
    pub directories: Vec<String>,
    /// Read each directory to its end
    #[arg(long)]
    pub full: bool,
    /// Let walks remove more than max_removed_percent; reads to the end, as --full
    #[arg(long)]
    pub accept_removals: bool,
    /// One JSON object instead of a table
    #[arg(long)]
    pub json: bool,
}

/// One tick now.
///
/// # Errors
/// When nothing could be done at all.
pub async fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let config = Config::load(&context.flags, &context.environment)?;
    let stop = stop::on_signals().context("cannot listen for signals")?;
    let bars = Bars::new(context.progress.clone());
    let watched = Watched { ticks: bars.observer(), requests: &|_| api::Observer::default() };
    let Some(opened) = stop.run_until_cancelled(mirror::open(&config, watched)).await else {
        return Err(Failure::new(
            Exit::Failed,
            anyhow::anyhow!("cannot sync: stopped before the file was ready"),
        ));
    };
    let (store, mirror) = opened?;
    // What is accepted has to be proved once more, all of it.
    let kind = if args.full || args.accept_removals { Kind::Full } else { Kind::Incremental };
    let plan = Plan {
        kind_of: Arc::new(move |_| kind),
        directories: args.directories.iter().map(|id| DirectoryId::new(id.as_str())).collect(),
        accept_removals: args.accept_removals,
    };
    let report = mirror.tick(&plan, &stop).await;
    bars.clear();
    store.close().await;
    print(if args.json { json(&report) } else { text(&report) })?;
    let unknown = list_unknown(&plan, &report);
    if !unknown.is_empty() {
        let error = anyhow::anyhow!("cannot walk {}: no account lists it", unknown.join(", "));
        return Err(Failure::new(Exit::Failed, error).hint("`status` shows which directories there are"));
    }
    match trouble(&report) {
        Some(trouble) => Err(trouble),
        // Some walks may not even have begun.
        None if stop.is_cancelled() => Ok(Exit::Failed),
        None => Ok(exit(&report)),
    }
}

/// What the operator asked for and no account lists.
fn list_unknown(plan: &Plan, report: &TickReport) -> Vec<String> {
    let is_listed = |id: &&DirectoryId| report.accounts.iter().any(|account| account.listed.contains(id));
    let could_list = report.accounts.iter().all(|account| account.trouble.is_none());
    let unknown = plan.directories.iter().filter(|id| could_list && !is_listed(id));
    unknown.map(ToString::to_string).collect()
}

fn exit(report: &TickReport) -> Exit {
    if report.is_complete() {
        Exit::Done
    } else if report.is_all(TroubleKind::Refused) {
        Exit::Refused
    } else if report.is_all(TroubleKind::Unreachable) {
        Exit::Unreachable
    } else {
        Exit::Failed
    }
}

/// The first account that could not be walked at all, as an error with its hint.
fn trouble(report: &TickReport) -> Option<Failure> {
    let (account, trouble) =
        report.accounts.iter().find_map(|account| Some((&account.account, account.trouble.as_ref()?)))?;
    let error = anyhow::anyhow!("cannot list the directories of account {account}: {}", trouble.text);
    Some(Failure { exit: exit(report), error, hint: trouble.hint.clone() })
}

/// One walk, as it is printed.
#[derive(Debug, Serialize)]
struct Line<'a> {
    directory_id: &'a str,
    name: Option<&'a str>,
    account: &'a str,
    kind: &'static str,
    outcome: &'static str,
    pages: u64,
    requests: u64,
    rows_read: u64,
    created: u64,
    recovered: u64,
    updated: u64,
    removed: u64,
    restored: u64,
    missing: u64,
    took_ms: u64,
    error: Option<&'a str>,
}

fn line(walk: &WalkReport) -> Line<'_> {
    Line {
        directory_id: walk.directory.as_str(),
        name: walk.name.as_deref(),
        account: walk.account.as_str(),
        kind: walk.kind.as_str(),
        outcome: walk.outcome.as_str(),
        pages: walk.progress.pages,
        requests: walk.progress.requests,
        rows_read: walk.progress.rows_read,
        created: walk.counts.created,
        recovered: walk.counts.recovered,
        updated: walk.counts.updated,
        removed: walk.counts.removed,
        restored: walk.counts.restored,
        missing: walk.counts.missing,
        took_ms: walk.took_ms,
        error: walk.trouble.as_ref().map(|trouble| trouble.text.as_str()),
    }
}

fn lines(report: &TickReport) -> Vec<Line<'_>> {
    let mut lines: Vec<_> = report.walks().map(line).collect();
    lines.sort_by_key(|line| line.directory_id);
    lines
}

fn json(report: &TickReport) -> String {
    let whole = serde_json::json!({ "directories": lines(report) });
    format!("{whole:#}\n")
}

/// When a column is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    Always,
    IfItTells,
}

const COLUMNS: [(&str, Shown, Align); 13] = [
    ("DIRECTORY", Shown::Always, Align::Left),
    ("NAME", Shown::IfItTells, Align::Wrapped),
    ("KIND", Shown::Always, Align::Left),
    ("OUTCOME", Shown::Always, Align::Left),
    ("PAGES", Shown::Always, Align::Right),
    ("ROWS", Shown::Always, Align::Right),
    ("CREATED", Shown::Always, Align::Right),
    ("RESTORED", Shown::IfItTells, Align::Right),
    ("UPDATED", Shown::IfItTells, Align::Right),
    ("REMOVED", Shown::IfItTells, Align::Right),
    ("MISSING", Shown::IfItTells, Align::Right),
    ("S", Shown::Always, Align::Right),
    ("ERROR", Shown::IfItTells, Align::Wrapped),
];

fn cells<'a>(line: &Line<'a>) -> [Cow<'a, str>; COLUMNS.len()] {
    [
        visible(line.directory_id),
        visible(line.name.unwrap_or_default()),
        line.kind.into(),
        line.outcome.into(),
        line.pages.to_string().into(),
        line.rows_read.to_string().into(),
        line.created.to_string().into(),
        line.restored.to_string().into(),
        line.updated.to_string().into(),
        line.removed.to_string().into(),
        line.missing.to_string().into(),
        format!("{}.{}", line.took_ms / 1000, line.took_ms % 1000 / 100).into(),
        visible(line.error.unwrap_or_default()),
    ]
}

fn text(report: &TickReport) -> String {
    let lines = lines(report);
    if lines.is_empty() {
        return String::new();
    }
    let rows: Vec<_> = lines.iter().map(cells).collect();
    // What is nothing everywhere would only take room from what is something.
    let tells = |at: usize| rows.iter().any(|row| !matches!(&*row[at], "" | "0"));
    let shown: Vec<_> =
        (0..COLUMNS.len()).filter(|&at| COLUMNS[at].1 == Shown::Always || tells(at)).collect();
    let header: Vec<_> = shown.iter().map(|&at| (COLUMNS[at].0, COLUMNS[at].2)).collect();
    let mut table = table(&header);
    for row in &rows {
        table.add_row(shown.iter().map(|&at| &*row[at]));
    }
    format!("{}\n", table.trim_fmt())
}
