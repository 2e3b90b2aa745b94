//! `opt-out`: who must not be sent to.

use anyhow::anyhow;
use clap::{ArgGroup, Subcommand};

use super::{Context, Exit, Failure};
use crate::clock;
use crate::config::Settings;
use crate::output::{Align, print, table, visible};
use crate::recipient::{Channel, Country, Recipient};
use crate::store::ledger::{Ledger, OptOut};

const EXAMPLES: &str = "\
Examples:
  coupontools-mirror opt-out add --email ann@example.com
  coupontools-mirror opt-out add --phone 0470123456 --country BE
  coupontools-mirror opt-out list --json
  coupontools-mirror opt-out remove --email ann@example.com

Numbers that the vendor refuses as opted out (error 605) are added by themselves.";

/// `opt-out`'s arguments.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub action: Action,
}

/// What to do.
#[derive(Clone, Debug, Subcommand)]
pub enum Action {
    /// From now on, this one is sent nothing
    Add(WhoArgs),
    /// This one may be sent to again
    Remove(WhoArgs),
    /// Everybody who is sent nothing
    List {
        /// One JSON object instead of a table
        #[arg(long)]
        json: bool,
    },
}

/// Who.
#[derive(Clone, Debug, clap::Args)]
#[command(group = ArgGroup::new("who").args(["email", "phone"]).required(true))]
pub struct WhoArgs {
    /// An email address
    #[arg(long, value_name = "ADDRESS")]
    pub email: Option<String>,
    /// A phone number
    #[arg(long, value_name = "NUMBER")]
    pub phone: Option<String>,
    /// The country whose national numbers are understood, by its two letters: BE
    #[arg(long, value_name = "CC", requires = "phone")]
    pub country: Option<Country>,
}

impl WhoArgs {
    fn read(&self) -> Result<Recipient, Failure> {
        let read = match (&self.email, &self.phone) {
            (Some(email), _) => Recipient::named(Channel::Email, email, None),
            (None, phone) => {
                Recipient::named(Channel::Sms, phone.as_deref().unwrap_or_default(), self.country)
            }
        };
        read.map_err(|invalid| {
            Failure::new(Exit::Usage, anyhow!("cannot read the recipient: {}", invalid.as_str()))
                .hint(invalid.hint())
        })
    }
}

/// Carries it out.
///
/// # Errors
/// When the recipient is none, or the file can't be read or written.
pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let settings = Settings::load(&context.flags, &context.environment)?;
    let open = || Ledger::open(&settings.database, settings.masking.key_file.as_deref());
    match &args.action {
        Action::Add(who) => {
            let recipient = who.read()?;
            let is_new = open()?.save_opt_out(&recipient, clock::now())?;
            let word = if is_new { "" } else { "already " };
            print(format_args!("{word}opted out: {}\n", recipient.address()))?;
        }
        Action::Remove(who) => {
            let recipient = who.read()?;
            let Some(reason) = open()?.remove_opt_out(&recipient)? else {
                let error = anyhow!("cannot take the opt-out back: there is none");
                return Err(Failure::new(Exit::Failed, error).hint("`opt-out list` shows which there are"));
            };
            let address = recipient.address();
            print(if reason == "vendor" {
                format!(
                    "no longer opted out here: {address}\n\
                     the vendor itself refuses this number (605) until it is lifted there, too\n"
                )
            } else {
                format!("may be sent to again: {address}\n")
            })?;
        }
        Action::List { json: false } => print(text(&open()?.list_opt_outs()?))?,
        Action::List { json: true } => print(json(&open()?.list_opt_outs()?))?,
    }
    Ok(Exit::Done)
}

fn text(opt_outs: &[OptOut]) -> String {
    if opt_outs.is_empty() {
        return "nobody\n".into();
    }
    let mut table = table(&[
        ("CHANNEL", Align::Left),
        ("RECIPIENT", Align::Wrapped),
        ("SINCE", Align::Left),
        ("REASON", Align::Left),
    ]);
    for opt_out in opt_outs {
        table.add_row([
            opt_out.channel.as_str().into(),
            visible(opt_out.recipient.as_deref().unwrap_or("erased")),
            visible(&opt_out.since),
            visible(&opt_out.reason),
        ]);
    }
    format!("{}\n", table.trim_fmt())
}

fn json(opt_outs: &[OptOut]) -> String {
    let row = |opt_out: &OptOut| {
        serde_json::json!({
            "channel": opt_out.channel.as_str(), "recipient": opt_out.recipient, "since": opt_out.since,
            "reason": opt_out.reason,
        })
    };
    format!("{:#}\n", serde_json::json!({ "opt_outs": opt_outs.iter().map(row).collect::<Vec<_>>() }))
}
