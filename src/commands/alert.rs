//! `alert`: a trial of `[alerts]`, before it is needed.

use clap::Subcommand;

use super::{Context, Exit, Failure};
use crate::alert::{Alert, State};
use crate::clock;
use crate::config::Settings;
use crate::daemon::alerting;
use crate::output::print;

const EXAMPLES: &str = "\
Examples:
  coupontools-mirror alert test

Tells [alerts] command and webhook_url of an alert `not_fresh` that begins and is over, of no account and no \
directory, with a message that says that it is a trial. Run it as the daemon's user.";

/// `alert`'s arguments.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

/// What to do.
#[derive(Clone, Debug, Subcommand)]
enum What {
    /// Tells the command and the webhook of a trial, and whether they took it
    Test,
}

/// Tells each hook of a beginning and an end.
///
/// # Errors
/// When there is none, or one did not take it.
pub async fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let What::Test = args.what;
    let alerts = Settings::load(&context.flags, &context.environment)?.alerts.read()?;
    let hooks = alerting::hooks(&alerts);
    if hooks.is_empty() {
        let error = anyhow::anyhow!("cannot try [alerts]: it names neither a command nor a webhook");
        return Err(Failure::new(Exit::Misconfigured, error).hint("set [alerts] command or webhook_url"));
    }
    let now = clock::now();
    let mut exit = Exit::Done;
    for (via, hook) in &hooks {
        for state in [State::Firing, State::Resolved] {
            let line = match hook.tell(&Alert::trial(state, now).to_json()).await {
                Ok(()) => format!("{}: took `{}`\n", via.as_str(), state.as_str()),
                Err(error) => {
                    exit = Exit::Failed;
                    format!("{}: did not take `{}`: {error}\n", via.as_str(), state.as_str())
                }
            };
            print(line)?;
        }
    }
    Ok(exit)
}
