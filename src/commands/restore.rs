//! `restore`: a snapshot in the mirror's place.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow};
use serde_json::{Value, json};

use super::snapshot::failure;
use super::{Context, Exit, Failure, bars, stop};
use crate::clock;
use crate::config::Settings;
use crate::output::{Align, print, table, visible};
use crate::store::snapshot::{SnapshotError, Watch};
use crate::store::{
    NotTakenOver, Plan, Restored, Summary, TakenOver, There, look_at_key_of, plan_restore, restore,
};

const EXAMPLES: &str = "\
Examples:
  coupontools-mirror restore /backup/mirror.db                 What would be replaced by what
  sudo systemctl stop coupontools-mirror
  sudo coupontools-mirror restore /backup/mirror.db --yes
  sudo systemctl start coupontools-mirror

What was there stays beside it as mirror.db.replaced-MOMENT until you delete it; to undo, restore that file. The next walks bring \
everything up to date. Numbers of changes go on from where the replaced file was, and each directory is told as `loaded` once \
more, so that who follows the feed reads it anew. Sends, opt-outs and erasures since the snapshot are taken over from what was \
there, if it can be read: nobody is sent a campaign twice, and nobody who was erased comes back. The masks' key, mirror.db-key, is no part of a snapshot: put its copy back, \
too, if it is lost.";

/// `restore`'s arguments.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// A snapshot, or another copy of a mirror
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Do it; without it, only look at both files
    #[arg(long)]
    pub yes: bool,
    /// One JSON object instead of a table
    #[arg(long)]
    pub json: bool,
}

/// Restores, or tells what would be restored.
///
/// # Errors
/// When the snapshot can't be used, or the mirror not be replaced.
pub async fn run(args: Args, context: &Context) -> Result<Exit, Failure> {
    let settings = Settings::load(&context.flags, &context.environment)?;
    let stop = stop::on_signals().context("cannot listen for signals")?;
    let bar = context.progress.add(bars::bar(0));
    let (shown, stopped) = (bar.clone(), stop.clone());
    let watch = Watch::new(
        move |bytes, of_bytes| bars::copying(&shown, bytes, of_bytes),
        move || stopped.is_cancelled(),
    );
    if !args.file.exists() {
        let error = anyhow!("cannot restore {}: there is no such file", args.file.display());
        return Err(Failure::new(Exit::Failed, error).hint("name the snapshot: restore FILE"));
    }
    let (mirror, file, looked) = (settings.database.clone(), args.file.clone(), bar.clone());
    let done = tokio::task::spawn_blocking(move || -> Result<(Plan, Option<Restored>), SnapshotError> {
        if args.yes {
            let restored = restore(&mirror, &file, clock::now(), &watch)?;
            return Ok((restored.plan.clone(), Some(restored)));
        }
        bars::checking(&looked);
        Ok((plan_restore(&mirror, &file, &watch)?, None))
    })
    .await;
    bar.finish_and_clear();
    let (plan, restored) = done.context("cannot restore")?.map_err(|error| failure(error, "restore"))?;
    let key = key_trouble(&settings, &plan);
    print(if args.json {
        format!("{}\n", json(&args.file, &settings.database, &plan, restored.as_ref(), key.as_deref()))
    } else {
        text(&args.file, &settings.database, &plan, restored.as_ref(), key.as_deref())
    })?;
    match (&plan.there, plan.writer) {
        (_, Some(pid)) => {
            let pid = pid.map(|pid| format!(" (pid {pid})")).unwrap_or_default();
            let error = anyhow!("cannot restore now: another process{pid} writes the mirror");
            Err(Failure::new(Exit::Failed, error).hint("stop it first: systemctl stop coupontools-mirror"))
        }
        _ => Ok(Exit::Done),
    }
}

/// What is to be said of the masks' key, where it is not the one that the snapshot was masked with.
fn key_trouble(settings: &Settings, plan: &Plan) -> Option<String> {
    let masked_with = plan.snapshot.masking_key_id.as_deref()?;
    let named = settings.masking.key_file.as_deref();
    let key = match look_at_key_of(&settings.database, named, Some(masked_with)) {
        Ok(key) => key,
        Err(error) => return Some(format!("{error}")),
    };
    let path = key.path.display();
    match key.found {
        None => Some(format!(
            "the masks' key {path} is not there: put its copy there before the daemon starts, or a new one is made and \
             masks in earlier exports no longer match, nor is recognised who was erased"
        )),
        Some(found) if found.is_of_database == Some(false) => Some(format!(
            "the masks' key {path} is another one than the snapshot was masked with: put that one there before the daemon \
             starts, or masks in exports of that time no longer match, nor is recognised who was erased"
        )),
        Some(_) => None,
    }
}

/// What is forgotten of sends, opt-outs and erasures, and what to do about it.
fn forgotten(plan: &Plan) -> Option<String> {
    let since = plan.snapshot.at.map_or_else(|| "the snapshot".to_owned(), |at| at.to_string());
    let (why, told) = match plan.not_taken_over? {
        NotTakenOver::Nothing => ("there is nothing to take it over from", ""),
        NotTakenOver::Unreadable => ("what was there can't be read", ""),
        NotTakenOver::OtherKey => (
            "the masks' key is another one there, by which nobody is recognised but by a registration's ID",
            " (the views sends and opt_outs of the replaced file tell)",
        ),
        NotTakenOver::OlderSnapshot => (
            "the snapshot is of a version that has no place for it",
            " (the views sends, opt_outs and registrations of the replaced file tell)",
        ),
    };
    Some(format!(
        "NOT taken over is what was sent, opted out or erased since {since}: {why}. Send no campaign of that time again, \
         and opt out and erase again whoever was{told}, before anything is sent"
    ))
}

fn json(
    file: &Path,
    mirror: &Path,
    plan: &Plan,
    restored: Option<&Restored>,
    key_trouble: Option<&str>,
) -> Value {
    let told = |path: &Path, summary: &Summary| {
        json!({
            "file": path.display().to_string(),
            "at": summary.at.map(|at| at.to_string()),
            "registrations": summary.registrations,
            "seq": summary.change_seq,
            "bytes": summary.bytes,
        })
    };
    let replaced = match &plan.there {
        There::Nothing => Value::Null,
        There::Mirror(there) => told(mirror, there),
        There::Unreadable(error) => {
            json!({ "file": mirror.display().to_string(), "error": error.to_string() })
        }
    };
    json!({
        "snapshot": told(file, &plan.snapshot),
        "replaced": replaced,
        "done": restored.is_some(),
        "kept": restored.and_then(|restored| Some(restored.kept.as_ref()?.display().to_string())),
        "seq": restored.map(|restored| restored.change_seq),
        "taken_over": restored.map(|Restored { taken_over: it, .. }| {
            json!({ "sends": it.sends, "opt_outs": it.opt_outs, "erasures": it.erasures })
        }),
        "not_taken_over": forgotten(plan),
        "masking_key": key_trouble,
    })
}

fn taken_over(it: TakenOver) -> String {
    let counted = |count: u64, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
    [(it.sends, "send"), (it.opt_outs, "opt-out"), (it.erasures, "erasure")]
        .map(|(count, what)| counted(count, what))
        .join(", ")
}

fn text(
    file: &Path,
    mirror: &Path,
    plan: &Plan,
    restored: Option<&Restored>,
    key_trouble: Option<&str>,
) -> String {
    let mut table = table(&[
        ("", Align::Left),
        ("FILE", Align::Left),
        ("MOMENT", Align::Left),
        ("REGISTRATIONS", Align::Right),
        ("SEQ", Align::Right),
    ]);
    let mut row = |what: &'static str, path: &Path, summary: Option<&Summary>| {
        let cell = |read: fn(&Summary) -> String| summary.map_or_else(|| "?".to_owned(), read);
        let at = cell(|of| of.at.map_or_else(String::new, |at| at.to_string()));
        let name = path.display().to_string();
        table.add_row([
            what.to_owned(),
            visible(&name).into_owned(),
            at,
            cell(|of| of.registrations.to_string()),
            cell(|of| of.change_seq.to_string()),
        ]);
    };
    match &plan.there {
        There::Nothing => {}
        There::Mirror(there) => row("replaced", mirror, Some(there)),
        There::Unreadable(_) => row("replaced", mirror, None),
    }
    row("by", file, Some(&plan.snapshot));
    let mut text = format!("{}\n", table.trim_fmt());
    let mut say = |line: String| {
        let _infallible = writeln!(text, "{line}");
    };
    match &plan.there {
        There::Nothing => say(format!("there was no mirror at {}", mirror.display())),
        There::Unreadable(error) => say(format!("what was there can't be read: {error}")),
        There::Mirror(_) => {}
    }
    match restored {
        None => {
            if plan.not_taken_over.is_none() {
                say("sends, opt-outs and erasures since the snapshot will be taken over from what is there"
                    .into());
            }
            say(format!("nothing was changed; --yes puts it in the place of {}", mirror.display()));
        }
        Some(restored) => {
            say(format!("restored; the feed's last change is number {} now", restored.change_seq));
            if let Some(kept) = &restored.kept {
                say(format!("what was there is {} now: delete it once you don't need it", kept.display()));
            }
            if plan.not_taken_over.is_none() || restored.taken_over != TakenOver::default() {
                say(format!("taken over from what was there: {}", taken_over(restored.taken_over)));
            }
        }
    }
    if let Some(forgotten) = forgotten(plan) {
        say(forgotten);
    }
    if let Some(trouble) = key_trouble {
        say(trouble.to_owned());
    }
    text
}
