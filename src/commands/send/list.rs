//! `send list`: the ledger, the latest first. It goes to standard output alone: it holds recipients.

use clap::ValueEnum;
use clap::builder::RangedU64ValueParser;
use serde_json::json;

use super::text;
use crate::clock;
use crate::commands::{Context, Exit, Failure};
use crate::config::Settings;
use crate::output::{Align, print, table, visible};
use crate::store::ledger::{Ledger, Listed, Sent};

const EXAMPLES: &str = "\
Examples:
  coupontools-mirror send list
  coupontools-mirror send list --campaign spring --outcome failed
  coupontools-mirror send list --unknown --json
  coupontools-mirror query \"SELECT campaign, outcome, count(*) FROM sends GROUP BY 1, 2\"";

/// `send list`'s arguments.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Those of which nobody knows whether they were sent, all of them
    #[arg(long, conflicts_with = "outcome")]
    pub unknown: bool,
    /// Those of this campaign
    #[arg(long, value_name = "NAME")]
    pub campaign: Option<String>,
    /// Those that ended so
    #[arg(long, value_name = "OUTCOME")]
    pub outcome: Option<Wanted>,
    /// So many
    #[arg(long, value_name = "NUMBER", default_value_t = 100, conflicts_with = "unknown",
          value_parser = RangedU64ValueParser::<u32>::new().range(1..=100_000))]
    pub limit: u32,
    /// One JSON object instead of a table
    #[arg(long)]
    pub json: bool,
}

/// How a send ended, or that it has not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Wanted {
    /// It is being sent.
    Sending,
    /// The vendor took it.
    Sent,
    /// It was not sent.
    Failed,
    /// Nobody knows.
    Unknown,
}

impl Wanted {
    fn as_str(self) -> &'static str {
        match self {
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
        }
    }
}

/// Prints it.
///
/// # Errors
/// When it can't be read.
pub(super) fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let campaign = text::read_campaign(args.campaign.as_deref())?;
    let settings = Settings::load(&context.flags, &context.environment)?;
    let ledger = Ledger::open(&settings.database, settings.masking.key_file.as_deref())?;
    ledger.abandon_dead(&settings.database, clock::now())?;
    let outcome = if args.unknown { Some(Wanted::Unknown) } else { args.outcome };
    let sends = ledger.list_sends(Listed {
        campaign: campaign.as_deref(),
        outcome: outcome.map(Wanted::as_str),
        most: (!args.unknown).then_some(args.limit),
    })?;
    print(if args.json { json(&sends) } else { text(&sends) })?;
    Ok(Exit::Done)
}

/// What belongs together shares a column: of eight, a terminal of 80 would leave slivers.
fn text(sends: &[Sent]) -> String {
    if sends.is_empty() {
        return "nothing\n".into();
    }
    let mut table = table(&[
        ("ID", Align::Right),
        ("AT", Align::Left),
        ("WHAT", Align::Wrapped),
        ("RECIPIENT", Align::Wrapped),
        ("OUTCOME", Align::Wrapped),
    ]);
    for send in sends {
        let campaign = send.campaign.as_deref().map_or(String::new(), |name| format!(", campaign {name}"));
        let what = format!("{} of {}{campaign}", send.channel, send.directory_id);
        let error = send.error.as_deref();
        let outcome = error.map_or(send.outcome.clone(), |error| format!("{}: {error}", send.outcome));
        table.add_row([
            send.send_id.to_string(),
            visible(&send.at).into_owned(),
            visible(&what).into_owned(),
            visible(send.recipient.as_deref().unwrap_or("emptied")).into_owned(),
            visible(&outcome).into_owned(),
        ]);
    }
    format!("{}\n", table.trim_fmt())
}

/// The view's columns.
fn json(sends: &[Sent]) -> String {
    let row = |send: &Sent| {
        json!({
            "send_id": send.send_id, "at": send.at, "channel": send.channel, "directory_id": send.directory_id,
            "recipient": send.recipient, "outcome": send.outcome, "error_code": send.error_code,
            "error": send.error, "campaign": send.campaign, "text": send.text, "ended_at": send.ended_at,
            "settled_at": send.settled_at,
        })
    };
    format!("{:#}\n", json!({ "sends": sends.iter().map(row).collect::<Vec<_>>() }))
}
