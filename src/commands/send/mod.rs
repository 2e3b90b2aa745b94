//! `send`: a directory's link by email or text message; and the ledger of what was sent.

mod campaign;
mod ending;
mod left_out;
mod list;
mod recipients;
mod settle;
mod shown;
mod text;

use std::path::PathBuf;

use clap::Subcommand;

use super::{Context, Exit, Failure};
use crate::recipient::{Channel, Country};
use recipients::RecipientArgs;

const EXAMPLES: &str = "\
Examples:
  coupontools-mirror send email --directory dir_12345 --to ann@example.com
  coupontools-mirror send sms --directory dir_12345 --to 0470123456 --country BE --body Hello
  coupontools-mirror send sms --directory dir_12345 --country BE --to-file list.txt
  coupontools-mirror send email --directory dir_12345 --to-file list.txt --yes
  coupontools-mirror send list --unknown
  coupontools-mirror send settle 4711 sent

A list's plan is only shown, until --yes sends it; the same command goes on where it was stopped. Nobody is sent the same \
campaign twice, nor, where none is named, the same directory; whoever has opted out is sent nothing. What timed out or \
died half-way may have been sent: it is listed as unknown, and never repeated by itself.";

const EMAIL_EXAMPLES: &str = "\
Examples:
  coupontools-mirror send email --directory dir_12345 --to ann@example.com --subject \"Your card\"
  coupontools-mirror send email --directory dir_12345 --campaign spring --to-query \\
      \"SELECT email FROM registrations WHERE directory_id = 'dir_12345' AND blocked IS NOT 1\"
  coupontools-mirror send email --directory dir_12345 --campaign spring --yes --to-query \\
      \"SELECT email FROM registrations WHERE directory_id = 'dir_12345' AND blocked IS NOT 1\"
  coupontools-mirror send email --directory dir_12345 --to-file list.txt --left-out left-out.csv
  coupontools-mirror send email --directory dir_12345 --to-file - --json < list.txt";

const SMS_EXAMPLES: &str = "\
Examples:
  coupontools-mirror send sms --directory dir_12345 --to +447911123456 --body \"Your card\"
  coupontools-mirror send sms --directory dir_12345 --to 0470123456 --country BE
  coupontools-mirror send sms --directory dir_12345 --campaign spring --country BE --to-query \\
      \"SELECT phone FROM registrations WHERE directory_id = 'dir_12345' AND blocked IS NOT 1\"";

/// `send`'s arguments.
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
    /// Send a directory's link by email
    Email(EmailArgs),
    /// Send a directory's link by text message
    Sms(SmsArgs),
    /// What was sent, the latest first
    List(list::Args),
    /// Say what became of a send that nobody knows of
    Settle(settle::Args),
}

/// `send email`'s arguments.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = EMAIL_EXAMPLES)]
pub struct EmailArgs {
    /// What is sent to whom.
    #[command(flatten)]
    pub common: CommonArgs,
    /// The email's subject [default: the vendor's]
    #[arg(long, value_name = "TEXT")]
    pub subject: Option<String>,
}

/// `send sms`'s arguments.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = SMS_EXAMPLES)]
pub struct SmsArgs {
    /// What is sent to whom.
    #[command(flatten)]
    pub common: CommonArgs,
    /// The message, to which the vendor adds the directory's address [default: the vendor's]
    #[arg(long, value_name = "TEXT")]
    pub body: Option<String>,
    /// The country whose national numbers are understood, by its two letters: BE
    #[arg(long, value_name = "CC")]
    pub country: Option<Country>,
}

/// What is sent to whom.
#[derive(Clone, Debug, clap::Args)]
pub struct CommonArgs {
    /// The directory whose link is sent
    #[arg(long, value_name = "ID")]
    pub directory: String,
    /// The account whose directory it is [default: as the mirror knows]
    #[arg(long, value_name = "NAME")]
    pub account: Option<String>,
    /// To whom.
    #[command(flatten)]
    pub recipients: RecipientArgs,
    /// A name for this send: nobody gets the same campaign twice [default: the directory is one]
    #[arg(long, value_name = "NAME")]
    pub campaign: Option<String>,
    /// A file for who is left out and why, as CSV
    #[arg(long, value_name = "FILE")]
    pub left_out: Option<PathBuf>,
    /// Send it; without, a list's plan is only shown
    #[arg(long)]
    pub yes: bool,
    /// One JSON object instead of lines
    #[arg(long)]
    pub json: bool,
}

/// Carries it out.
///
/// # Errors
/// What could not be done.
pub async fn run(args: Args, context: &Context) -> Result<Exit, Failure> {
    match args.action {
        Action::Email(EmailArgs { common, subject }) => {
            text::check_subject(subject.as_deref())?;
            campaign::run(Channel::Email, None, &common, subject, context).await
        }
        Action::Sms(SmsArgs { common, body, country }) => {
            text::check_body(body.as_deref())?;
            campaign::run(Channel::Sms, country, &common, body, context).await
        }
        Action::List(args) => list::run(&args, context),
        Action::Settle(args) => settle::run(&args, context),
    }
}
