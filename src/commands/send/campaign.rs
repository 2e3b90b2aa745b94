//! `send email`, `send sms`: the plan made and shown, and carried out.

use std::time::Duration;

use anyhow::{Context as _, anyhow};
use indicatif::{ProgressBar, ProgressStyle};

use super::CommonArgs;
use super::shown::{self, Example, Prospect};
use super::text::read_campaign;
use crate::api::{ApiError, Client, Retry};
use crate::clock;
use crate::commands::{Context, Exit, Failure, mirror, stop};
use crate::config::Config;
use crate::directory::DirectoryId;
use crate::output::print;
use crate::recipient::{Channel, Country};
use crate::send::{self, Ended, LeftOut, Message, Plan, Planner, Progressed, Tally};
use crate::store::ledger::{Departed, Ledger, Series, Turn, TurnError};

/// So many of the first recipients are shown.
const SHOWN: usize = 5;
const BAR: &str = "{bar:24} {pos}/{len} sent  {msg}  {eta} left";

/// Shows the plan; sends, if it is one recipient or `--yes` says so.
pub(super) async fn run(
    channel: Channel,
    country: Option<Country>,
    args: &CommonArgs,
    text: Option<String>,
    context: &Context,
) -> Result<Exit, Failure> {
    let campaign = read_campaign(args.campaign.as_deref())?;
    let config = Config::load(&context.flags, &context.environment)?;
    let ledger = Ledger::open(&config.database, config.masking.key_file.as_deref())?;
    let series = Series { directory: DirectoryId::new(args.directory.as_str()), campaign };
    let client = client(&config, &ledger, &series.directory, args.account.as_deref())?;
    let is_one = args.recipients.is_one();
    let per_second = (!is_one).then_some(config.sends.per_second);
    let message = Message { series, text, per_second };
    if !is_one && !args.yes {
        let begun_at = ledger.find_begun_at(channel, &message.series)?;
        let (plan, first) = plan(channel, country, args, &config, &ledger, &message)?;
        let takes = takes(&plan, &config);
        let prospect = Prospect { channel, message: &message, begun_at, plan: &plan, first: &first, takes };
        return show(&prospect, args);
    }
    let turn = Turn::take(ledger, &config.database, clock::now())?;
    if turn.abandoned() > 0 {
        tracing::warn!(sends = turn.abandoned(), "a process died while it sent: their outcome is unknown");
    }
    let begun_at = turn.ledger().find_begun_at(channel, &message.series)?;
    let (plan, first) = plan(channel, country, args, &config, turn.ledger(), &message)?;
    if is_one && let Some(reason) = plan.left_out.keys().next() {
        return Err(refusal(*reason));
    }
    let takes = takes(&plan, &config);
    let prospect = Prospect { channel, message: &message, begun_at, plan: &plan, first: &first, takes };
    if !args.json {
        print(prospect.text())?;
    }
    let stop = stop::on_signals().context("cannot listen for signals")?;
    let bar = bar(&plan, context);
    let ran = send::run(&turn, &client, &plan, &message, &stop, |step| match step {
        Progressed::Done => {
            bar.set_message("");
            bar.inc(1);
        }
        Progressed::Waiting => bar.set_message("the API asked to wait"),
    });
    let (tally, ended) = ran.await;
    bar.finish_and_clear();
    tell(&prospect, &tally, &ended, args)?;
    verdict(tally, ended, is_one)
}

/// The client of the account whose directory it is.
fn client(
    config: &Config,
    ledger: &Ledger,
    directory: &DirectoryId,
    named: Option<&str>,
) -> Result<Client, Failure> {
    let known = ledger.find_account(directory)?;
    let name = named.or(known.as_ref().map(|name| name.as_str()));
    let account = match name {
        Some(name) => config.accounts.iter().find(|account| account.name.as_str() == name),
        None => config.accounts.first().filter(|_| config.accounts.len() == 1),
    };
    let account = account.ok_or_else(|| match name {
        Some(name) => Failure::new(Exit::Usage, anyhow!("cannot send: there is no account {name}"))
            .hint("[accounts] in the configuration names them"),
        None => Failure::new(
            Exit::Usage,
            anyhow!("cannot send: the mirror does not know whose directory {directory} is"),
        )
        .hint("name the account: --account NAME"),
    })?;
    mirror::client(account, Retry::default())
}

fn plan(
    channel: Channel,
    country: Option<Country>,
    args: &CommonArgs,
    config: &Config,
    ledger: &Ledger,
    message: &Message,
) -> Result<(Plan, Vec<Example>), Failure> {
    // Who is named by the operator, one by one or in a file, may have left and be written to.
    let departed: Option<Departed> = match &args.recipients.to_query {
        Some(_) if !args.recipients.include_removed => Some(ledger.find_departed(channel, country)?),
        _ => None,
    };
    let mut first = Vec::new();
    let mut planner = Planner::new(channel, country, |recipient| {
        if departed.as_ref().is_some_and(|departed| departed.contains(recipient)) {
            return Ok(Some(LeftOut::Removed));
        }
        Ok(ledger.find_obstacle(recipient, &message.series)?.map(LeftOut::from))
    });
    args.recipients.each(&config.database, |text| {
        if planner.add(text)?.is_none() && first.len() < SHOWN {
            let address = planner.last().map(str::to_owned).unwrap_or_default();
            first.push(Example { text: text.to_owned(), address });
        }
        Ok(())
    })?;
    Ok((planner.finish(), first))
}

/// How long a campaign takes at its pace.
fn takes(plan: &Plan, config: &Config) -> Option<Duration> {
    let recipients = u32::try_from(plan.recipients.len()).ok()?;
    Some(Duration::from_secs(u64::from(recipients.div_ceil(config.sends.per_second.max(1)))))
}

fn show(prospect: &Prospect<'_>, args: &CommonArgs) -> Result<Exit, Failure> {
    if args.json {
        let mut shown = prospect.json();
        shown["outcome"] = serde_json::Value::Null;
        print(format_args!("{shown:#}\n"))?;
        return Ok(Exit::Done);
    }
    let takes =
        prospect.takes.map_or(String::new(), |takes| format!(", in about {}", shown::duration(takes)));
    print(format_args!("{}\nnothing was sent; --yes sends it{takes}\n", prospect.text()))?;
    Ok(Exit::Done)
}

fn tell(prospect: &Prospect<'_>, tally: &Tally, ended: &Ended, args: &CommonArgs) -> Result<(), Failure> {
    if args.json {
        let mut shown = prospect.json();
        shown["outcome"] = shown::tally_json(tally, ended);
        print(format_args!("{shown:#}\n"))?;
    } else {
        print(format_args!("\n{}", shown::tally_text(tally, ended)))?;
    }
    Ok(())
}

fn bar(plan: &Plan, context: &Context) -> ProgressBar {
    let style = ProgressStyle::with_template(BAR).expect("Invariant: the template is right");
    context.progress.add(ProgressBar::new(plan.recipients.len() as u64).with_style(style))
}

/// Why the one who was named is not sent to.
fn refusal(reason: LeftOut) -> Failure {
    let (exit, hint) = match reason {
        LeftOut::Invalid(invalid) => (Exit::Usage, invalid.hint()),
        LeftOut::OptedOut => {
            (Exit::Failed, "`opt-out list` shows since when; `opt-out remove` takes it back")
        }
        LeftOut::SentBefore => (Exit::Failed, "`send list` shows when; another --campaign is another send"),
        _ => (Exit::Failed, "find out whether it arrived, then `send settle ID sent|failed`"),
    };
    Failure::new(exit, anyhow!("cannot send: {}", reason.as_str())).hint(hint)
}

fn verdict(tally: Tally, ended: Ended, is_one: bool) -> Result<Exit, Failure> {
    match (ended, tally.last_error) {
        (Ended::Early(error), _) => Err(told("cannot send", error)),
        (Ended::Broken(error), _) => Err(error.into()),
        (Ended::All, Some(error)) if is_one && tally.unknown > 0 => Err(Failure::new(
            Exit::Failed,
            anyhow::Error::new(error).context("cannot tell whether it was sent"),
        )
        .hint(
            "find out whether it arrived; `send list --unknown` has its ID for `send settle ID sent|failed`",
        )),
        (Ended::All, Some(error)) if is_one => Err(told("cannot send", error)),
        (Ended::Stopped, _) | (Ended::All, Some(_)) => Ok(Exit::Failed),
        (Ended::All, None) => Ok(Exit::Done),
    }
}

fn told(what: &'static str, error: ApiError) -> Failure {
    let hint = match &error {
        ApiError::WrongParameter { .. } => Some("see that the directory's ID is right, dir_12345".to_owned()),
        error => error.hint().map(str::to_owned),
    };
    let Failure { exit, .. } = Failure::from(error.clone());
    Failure { exit, error: anyhow::Error::new(error).context(what), hint }
}

impl From<TurnError> for Failure {
    fn from(error: TurnError) -> Self {
        let hint = match &error {
            TurnError::Taken => "wait until it is over, or stop it: it can be gone on with",
            TurnError::Lock { .. } => "run it as the mirror's user: sudo -u coupontools-mirror …",
            TurnError::Store(_) => "see whether the file may be written by this user",
        };
        Self::new(Exit::Failed, error).hint(hint)
    }
}
