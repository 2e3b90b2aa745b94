//! `send email`, `send sms`: the plan made and shown, and carried out.

use std::time::Duration;

use anyhow::{Context as _, anyhow};
use indicatif::{ProgressBar, ProgressStyle};

use super::left_out::LeftOutFile;
use super::shown::{Example, Prospect, tally_json, tally_text};
use super::{CommonArgs, ending, text};
use crate::api::{Client, Retry};
use crate::clock;
use crate::commands::{Context, Exit, Failure, mirror, stop};
use crate::config::Config;
use crate::directory::DirectoryId;
use crate::output::{is_gone, print};
use crate::recipient::{Channel, Country};
use crate::send::{self, Ended, LeftOut, Message, Plan, Planner, Progressed, Tally};
use crate::store::ledger::{Departed, Ledger, Series, Turn};

/// So many of the first recipients are shown.
const SHOWN: usize = 5;
const BAR: &str = "{bar:24} {pos}/{len} sent  {msg}  {eta} left";

/// What is wanted.
struct Order<'a> {
    channel: Channel,
    country: Option<Country>,
    args: &'a CommonArgs,
    config: &'a Config,
    message: Message,
}

/// Shows the plan; sends, if it is one recipient or `--yes` says so.
pub(super) async fn run(
    channel: Channel,
    country: Option<Country>,
    args: &CommonArgs,
    text: Option<String>,
    context: &Context,
) -> Result<Exit, Failure> {
    let campaign = text::read_campaign(args.campaign.as_deref())?;
    let config = Config::load(&context.flags, &context.environment)?;
    let left_out = args
        .left_out
        .as_deref()
        .map(|path| LeftOutFile::begin(path, &args.recipients, &config.database))
        .transpose()?;
    let ledger = Ledger::open(&config.database, config.masking.key_file.as_deref())?;
    let series = Series { directory: DirectoryId::new(args.directory.trim()), campaign };
    let client = client(&config, &ledger, &series.directory, args.account.as_deref())?;
    let is_one = args.recipients.is_one();
    let per_second = (!is_one).then_some(config.sends.per_second);
    let message = Message { series, text, per_second };
    let order = Order { channel, country, args, config: &config, message };
    if !is_one && !args.yes {
        let prospect = order.plan(&ledger, left_out)?;
        show(&prospect, args)?;
        return if prospect.plan.is_nonsense() { Err(ending::nonsense()) } else { Ok(Exit::Done) };
    }
    let turn = Turn::take(ledger, &config.database, clock::now())?;
    if turn.abandoned() > 0 {
        tracing::warn!(sends = turn.abandoned(), "a process died while it sent: their outcome is unknown");
    }
    let prospect = order.plan(turn.ledger(), left_out)?;
    if !is_one && prospect.plan.is_nonsense() {
        show(&prospect, args)?;
        return Err(ending::nonsense());
    }
    if is_one && let Some(reason) = prospect.plan.left_out.keys().next() {
        if args.json {
            print_json(&prospect, None)?;
        }
        return Err(ending::refusal(*reason));
    }
    if !args.json {
        say(prospect.text())?;
    }
    let stop = stop::on_signals().context("cannot listen for signals")?;
    stop::on_hangup(&stop).context("cannot listen for hang-ups")?;
    let bar = bar(&prospect.plan, context);
    let ran = send::run(&turn, &client, &prospect.plan, &order.message, &stop, |step| match step {
        Progressed::Done => {
            bar.set_message("");
            bar.inc(1);
        }
        Progressed::Waiting => bar.set_message("the API asked to wait"),
    });
    let (tally, ended) = ran.await;
    bar.finish_and_clear();
    tell(&prospect, &tally, &ended, args)?;
    if is_one { ending::verdict_of_one(tally, ended) } else { ending::verdict(&tally, ended) }
}

/// The client of the account whose directory it is.
fn client(
    config: &Config,
    ledger: &Ledger,
    directory: &DirectoryId,
    named: Option<&str>,
) -> Result<Client, Failure> {
    let known = ledger.find_account(directory)?;
    // Another spelling would be another series: whoever got the directory would get it again.
    if known.is_none() && named.is_none() {
        let error = anyhow!("cannot send: the mirror does not know the directory {directory}");
        return Err(Failure::new(Exit::Usage, error).hint(
            "`query \"SELECT directory_id, name FROM directories\"` shows which there are; --account NAME sends another one",
        ));
    }
    let name = named.or(known.as_ref().map(|name| name.as_str()));
    let name = name.unwrap_or_default();
    let account = config.accounts.iter().find(|account| account.name.as_str() == name).ok_or_else(|| {
        Failure::new(Exit::Usage, anyhow!("cannot send: there is no account {name}"))
            .hint("[accounts] in the configuration names them")
    })?;
    mirror::client(account, Retry::default())
}

impl Order<'_> {
    /// Who is sent to, and who is left out; that is written down, too, where it is wanted.
    fn plan(&self, ledger: &Ledger, mut file: Option<LeftOutFile>) -> Result<Prospect<'_>, Failure> {
        let (recipients, series) = (&self.args.recipients, &self.message.series);
        let begun_at = ledger.find_begun_at(self.channel, series)?;
        let is_anybody_unrecognised = ledger.is_anybody_unrecognised()?;
        // Who is named by the operator, one by one or in a file, may have left and be written to.
        let departed: Option<Departed> = match &recipients.to_query {
            Some(_) if !recipients.include_removed => Some(ledger.find_departed(self.channel, self.country)?),
            _ => None,
        };
        let mut first = Vec::new();
        let mut planner = Planner::new(self.channel, self.country, |recipient| {
            if departed.as_ref().is_some_and(|departed| departed.contains(recipient)) {
                return Ok(Some(LeftOut::Removed));
            }
            let obstacle = ledger.find_obstacle(recipient, series)?.map(LeftOut::from);
            // Who stands in the mirror's own rows has given their data anew.
            let is_asked = recipients.is_from_elsewhere() && !recipients.include_erased;
            if obstacle.is_none() && is_asked && ledger.is_erased(recipient)? {
                return Ok(Some(LeftOut::Erased));
            }
            Ok(obstacle)
        });
        recipients.each(&self.config.database, |entry| {
            let left_out = if entry.is_text { planner.add(&entry.text)? } else { Some(planner.refuse()) };
            match (left_out, &mut file) {
                (Some(reason), Some(file)) => file.add(&entry, reason)?,
                (None, _) if first.len() < SHOWN => {
                    let address = planner.last().map(str::to_owned).unwrap_or_default();
                    first.push(Example { text: entry.text.into_owned(), address });
                }
                _ => {}
            }
            Ok(())
        })?;
        file.map(LeftOutFile::commit).transpose()?;
        let plan = planner.finish();
        let takes = self.takes(&plan);
        let left_out_file = self.args.left_out.as_deref();
        Ok(Prospect {
            channel: self.channel,
            is_one: recipients.is_one(),
            message: &self.message,
            begun_at,
            is_anybody_unrecognised,
            plan,
            first,
            takes,
            left_out_file,
        })
    }

    /// How long a campaign takes at its pace.
    fn takes(&self, plan: &Plan) -> Option<Duration> {
        let recipients = u32::try_from(plan.recipients.len()).ok()?;
        Some(Duration::from_secs(u64::from(recipients.div_ceil(self.config.sends.per_second.max(1)))))
    }
}

fn show(prospect: &Prospect<'_>, args: &CommonArgs) -> Result<(), Failure> {
    if args.json {
        return print_json(prospect, None);
    }
    print(format_args!("{}\n{}\n", prospect.text(), prospect.next()))?;
    Ok(())
}

fn tell(prospect: &Prospect<'_>, tally: &Tally, ended: &Ended, args: &CommonArgs) -> Result<(), Failure> {
    if args.json {
        return print_json(prospect, Some(tally_json(tally, ended)));
    }
    if !prospect.is_one {
        say(format_args!("\n{}", tally_text(tally, ended)))?;
    } else if tally.sent > 0 {
        say("sent\n")?;
    }
    Ok(())
}

/// Prints to whoever reads it. That they have left changes nothing of what was asked for, nor of how it ended.
fn say(text: impl std::fmt::Display) -> Result<(), Failure> {
    match print(text) {
        Err(error) if !is_gone(&error) => Err(error.into()),
        _ => Ok(()),
    }
}

fn print_json(prospect: &Prospect<'_>, outcome: Option<serde_json::Value>) -> Result<(), Failure> {
    let mut shown = prospect.json();
    shown["outcome"] = outcome.unwrap_or_default();
    say(format_args!("{shown:#}\n"))
}

fn bar(plan: &Plan, context: &Context) -> ProgressBar {
    let style = ProgressStyle::with_template(BAR).expect("Invariant: the template is right");
    context.progress.add(ProgressBar::new(plan.recipients.len() as u64).with_style(style))
}
