//! The command line: one file per command, and what they share.
//!
//! Data goes to stdout, logs and errors to stderr.

pub mod alert;
mod bars;
pub mod check;
pub mod completions;
pub mod demo;
pub mod erase;
pub mod export;
mod failure;
mod global;
pub mod keys;
pub mod man;
pub mod mirror;
pub mod opt_out;
pub mod probe;
pub mod query;
mod reload;
pub mod report;
pub mod restore;
mod rows;
pub mod run;
pub mod send;
pub mod serve;
pub mod simulate;
mod site;
pub mod snapshot;
pub mod status;
mod stop;
pub mod sync;
pub mod token;

use anyhow::Context as _;
use clap::{Parser, Subcommand};
use indicatif::MultiProgress;

pub use failure::{Exit, Failure};
pub use global::GlobalArgs;

use crate::config::{Environment, Flags};
use crate::logging;

const EXAMPLES: &str = "\
Examples:
  coupontools-mirror demo                      The whole product, without an account
  coupontools-mirror keys                      Give the keys; asks for them
  coupontools-mirror check                     What is wrong with this set-up, and what to do
  coupontools-mirror sync                      Mirror every directory now
  coupontools-mirror query \"SELECT * FROM sync_status\"
  coupontools-mirror run                       The daemon, with pages at http://127.0.0.1:8787

Keys, settings and files come from the configuration file, the environment and flags; later \
ones win:
  COUPONTOOLS_CLIENT_ID        The client ID of account `default`
  COUPONTOOLS_CLIENT_SECRET    Its client secret
  COUPONTOOLS_BASE_URL         --base-url
  COUPONTOOLS_MIRROR_CONFIG    --config
  COUPONTOOLS_MIRROR_DATABASE  --database
  COUPONTOOLS_MIRROR_LISTEN    --listen of run and serve
  COUPONTOOLS_MIRROR_LOG       --log-level";

fn after_help() -> String {
    let codes = Exit::ALL.map(|exit| format!("{} {}", exit.code(), exit.meaning()));
    format!("{EXAMPLES}\n\nExit codes: {}.", codes.join(", "))
}

/// Keeps every registered user of every Coupontools directory in a SQLite file
#[derive(Debug, Parser)]
#[command(name = "coupontools-mirror", version, after_help = after_help(), max_term_width = 100)]
pub struct CommandLine {
    /// What every command understands.
    #[command(flatten)]
    pub global: GlobalArgs,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// The daemon: looks by schedule until it is stopped
    Run(run::Args),
    /// Mirror now, once
    Sync(sync::Args),
    /// How fresh each directory is
    Status(status::Args),
    /// Ask the mirror: one reading SQL statement
    Query(query::Args),
    /// The mirror over HTTP alone: API, pages, metrics
    Serve(serve::Args),
    /// Who may read the mirror over HTTP
    Token(token::Args),
    /// Give an account's keys: asks for them, or reads two lines
    Keys(keys::Args),
    /// Lists reports, or prints one
    Report(report::Args),
    /// A whole view into a file: CSV, NDJSON, Parquet
    Export(export::Args),
    /// A directory's link by email or text message
    Send(Box<send::Args>),
    /// Who must not be sent to
    OptOut(opt_out::Args),
    /// What the mirror holds of a person, and its erasure
    Erase(erase::Args),
    /// A trial of alerts, before they are needed
    Alert(alert::Args),
    /// A consistent copy of the mirror, also while it is written
    Snapshot(snapshot::Args),
    /// Puts a snapshot in the mirror's place
    Restore(restore::Args),
    /// What is wrong with this set-up, and what to do
    Check(check::Args),
    /// The shapes the API answers with: key paths and kinds of values, never values
    Probe(probe::Args),
    /// A simulated Coupontools API on loopback, for trials and tests
    Simulate(Box<simulate::SimulateArgs>),
    /// The daemon against a simulated API, in a temporary file
    Demo(demo::Args),
    /// What a shell needs to complete this command line
    Completions(completions::Args),
    /// Manual pages
    Man(man::Args),
}

/// What a command is given besides its own arguments.
#[derive(Clone, Debug)]
pub struct Context {
    /// What flags say of the configuration.
    pub flags: Flags,
    /// What the environment says.
    pub environment: Environment,
    /// Where progress bars are drawn, so that log lines don't cut through them.
    pub progress: MultiProgress,
}

/// Carries out a command line.
///
/// # Errors
/// What could not be done, with its exit code.
pub fn start(line: CommandLine) -> Result<Exit, Failure> {
    let environment = Environment::of_process();
    let context = Context { flags: line.global.flags(), environment, progress: MultiProgress::new() };
    logging::init(
        line.global.log_format.unwrap_or_default(),
        line.global.level(&context.environment)?,
        &context.progress,
        &context.environment,
    );
    // One thread: a walk is one chain of requests, and hopping between threads delays each of them.
    match line.command {
        Command::Run(args) => runtime(1)?.block_on(run::run(&args, &context)),
        Command::Sync(args) => runtime(1)?.block_on(sync::run(&args, &context)),
        Command::Query(args) => query::run(&args, &context),
        Command::Serve(args) => runtime(1)?.block_on(serve::run(&args, &context)),
        Command::Token(args) => token::run(&args, &context),
        Command::Keys(args) => runtime(1)?.block_on(keys::run(&args, &context)),
        Command::Report(args) => report::run(&args, &context),
        Command::Export(args) => runtime(1)?.block_on(export::run(args, &context)),
        Command::Snapshot(args) => runtime(1)?.block_on(snapshot::run(args, &context)),
        Command::Restore(args) => runtime(1)?.block_on(restore::run(args, &context)),
        Command::Status(args) => runtime(1)?.block_on(status::run(&args, &context)),
        Command::Probe(args) => runtime(1)?.block_on(probe::run(&args, &context)),
        Command::Send(args) => runtime(1)?.block_on(send::run(*args, &context)),
        Command::Erase(args) => erase::run(&args, &context),
        Command::OptOut(args) => opt_out::run(&args, &context),
        Command::Alert(args) => runtime(1)?.block_on(alert::run(&args, &context)),
        Command::Check(args) => runtime(1)?.block_on(check::run(&args, &context)),
        Command::Simulate(args) => runtime(2)?.block_on(simulate::run(*args)).map(|()| Exit::Done),
        Command::Demo(args) => runtime(2)?.block_on(demo::run(&args)),
        Command::Completions(args) => completions::run(args),
        Command::Man(args) => man::run(&args),
    }
}

/// Everything of one process runs on so many threads, besides those of the store.
fn runtime(threads: usize) -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(threads)
        .enable_all()
        .build()
        .context("cannot start the runtime")
}
