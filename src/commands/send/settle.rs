//! `send settle`: the operator says what became of a send that nobody knows of.

use anyhow::anyhow;
use clap::ValueEnum;

use crate::clock;
use crate::commands::{Context, Exit, Failure};
use crate::config::Settings;
use crate::output::print;
use crate::store::ledger::{Ledger, Outcome, Settled};

const EXAMPLES: &str = "\
Examples:
  coupontools-mirror send settle 4711 sent
  coupontools-mirror send settle 4712 failed      The same command sends it again";

/// `send settle`'s arguments.
#[derive(Clone, Copy, Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Its number, as `send list --unknown` shows it
    #[arg(value_name = "ID")]
    pub send_id: i64,
    /// What became of it: `failed` lets it be sent again
    pub outcome: Said,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Said {
    /// It arrived.
    Sent,
    /// It did not.
    Failed,
}

/// Writes it down.
///
/// # Errors
/// When there is no such send, or its outcome is known.
pub(super) fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let settings = Settings::load(&context.flags, &context.environment)?;
    let ledger = Ledger::open(&settings.database, settings.masking.key_file.as_deref())?;
    ledger.abandon_dead(&settings.database, clock::now())?;
    let outcome = match args.outcome {
        Said::Sent => Outcome::Sent,
        Said::Failed => Outcome::Failed,
    };
    let id = args.send_id;
    match ledger.settle(id, outcome, clock::now())? {
        Settled::Done => {
            print(match args.outcome {
                Said::Sent => format!("{id} is sent: nobody gets it again\n"),
                Said::Failed => format!("{id} failed: it can be sent again\n"),
            })?;
            Ok(Exit::Done)
        }
        Settled::NoSuchSend => {
            Err(Failure::new(Exit::Failed, anyhow!("cannot settle {id}: there is no such send"))
                .hint("`send list --unknown` shows which there are"))
        }
        Settled::Known(known) if known == "sending" => {
            Err(Failure::new(Exit::Failed, anyhow!("cannot settle {id}: it is being sent"))
                .hint("wait until the process that sends is over"))
        }
        Settled::Known(known) => {
            Err(Failure::new(Exit::Failed, anyhow!("cannot settle {id}: it is known to be {known}"))
                .hint("only what is unknown can be settled: `send list --unknown`"))
        }
    }
}
