//! `token`: who may read the mirror over HTTP.

use clap::Subcommand;

use super::{Context, Exit, Failure};
use crate::config::Settings;
use crate::http::tokens::{Token, Tokens};
use crate::output::{Align, print, table};
use crate::store::Access;

const EXAMPLES: &str = "\
Examples:
  coupontools-mirror token add grafana --masked
  coupontools-mirror token list
  coupontools-mirror token remove grafana

Whoever has it sends it so: Authorization: Bearer TOKEN, or as the password of any user name. A token is shown once, when it is made; the file ([http] tokens_file) holds its hash alone. A running \
server takes up what changes at once.";

/// `token`'s arguments.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub action: Action,
}

/// What to do with tokens.
#[derive(Clone, Debug, Subcommand)]
pub enum Action {
    /// Make a token, and print it: this once
    Add {
        /// A name for it, of letters, digits, `-`, `_` and `.` alone
        name: String,
        /// It shows people masked: email and phone as hashes, the rest coarse or not at all
        #[arg(long)]
        masked: bool,
    },
    /// Show which tokens there are, by name
    List {
        /// One JSON object instead of a table
        #[arg(long)]
        json: bool,
    },
    /// Take a token away: whoever has it is refused from then on
    Remove {
        /// Its name
        name: String,
    },
}

/// Carries it out.
///
/// # Errors
/// When the tokens file can't be read or written, or the name is not to be had.
pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let settings = Settings::load(&context.flags, &context.environment)?;
    let tokens = Tokens::at(&settings.http.tokens_file);
    match &args.action {
        Action::Add { name, masked } => {
            let access = if *masked { Access::Masked } else { Access::Full };
            print(format_args!("{}\n", tokens.add(name, access)?))?;
        }
        Action::List { json: false } => print(text(&tokens.list()?))?,
        Action::List { json: true } => print(json(&tokens.list()?))?,
        Action::Remove { name } => {
            tokens.remove(name)?;
            print(format_args!("{name} is removed: whoever has it is refused from now on\n"))?;
        }
    }
    Ok(Exit::Done)
}

fn text(tokens: &[Token]) -> String {
    if tokens.is_empty() {
        return "no token yet; `coupontools-mirror token add NAME` makes one\n".into();
    }
    let mut table = table(&[("NAME", Align::Left), ("ACCESS", Align::Left)]);
    for token in tokens {
        table.add_row([token.name.as_str(), token.access.as_str()]);
    }
    format!("{}\n", table.trim_fmt())
}

fn json(tokens: &[Token]) -> String {
    let lines: Vec<_> = tokens
        .iter()
        .map(|token| serde_json::json!({ "name": token.name, "access": token.access.as_str() }))
        .collect();
    format!("{:#}\n", serde_json::json!({ "tokens": lines }))
}
