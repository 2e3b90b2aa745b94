//! `status`: how fresh each directory is, and which alerts fire.

use std::fmt::Write as _;

use super::{Context, Exit, Failure};
use crate::clock;
use crate::config::Settings;
use crate::freshness::{Age, Judge};
use crate::instant::UtcInstant;
use crate::output::{Align, print, table, visible};
use crate::status::{Line, Status};
use crate::store::Reader;

const EXAMPLES: &str = "\
Examples:
  coupontools-mirror status
  coupontools-mirror status --json | jq -e '.state == \"fresh\"'
  coupontools-mirror status --json | jq '.directories[] | select(.state == \"stale\") | .reason'

READ is how long ago a walk was last complete, FULL how long ago one that read to the end. The exit code is 0, \
fresh or not: scripts look at --json, monitors at /readyz.";

/// `status`'s arguments.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// One JSON object instead of a table
    #[arg(long)]
    pub json: bool,
}

/// Prints the status of every directory.
///
/// # Errors
/// When there is no mirror, or it can't be read.
pub async fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let settings = Settings::load(&context.flags, &context.environment)?;
    let now = clock::now();
    let judge = Judge { now, stale_after_s: settings.schedule.stale_after_s(now) };
    let reader = Reader::open(&settings.database).await?;
    let status = Status::read(&reader, &settings.sync, judge).await;
    reader.close().await;
    let status = status?;
    print(if args.json { json(&status)? } else { text(&status, now) })?;
    Ok(Exit::Done)
}

fn json(status: &Status) -> anyhow::Result<String> {
    Ok(format!("{}\n", serde_json::to_string_pretty(status)?))
}

/// The table, and below it what does not fit into a cell: reasons, and alerts.
fn text(status: &Status, now: UtcInstant) -> String {
    let mut text = if status.directories.is_empty() {
        "no directory yet; `coupontools-mirror sync` looks for them\n".to_owned()
    } else {
        format!("{}\n", lines(&status.directories, now))
    };
    if status.directories.is_empty() && !status.accounts_not_listed.is_empty() {
        text.clear();
    }
    for of in &status.accounts_not_listed {
        let _infallible = writeln!(
            text,
            "account {} could not be listed: {}",
            visible(&of.account),
            visible(&of.last_error)
        );
    }
    for line in &status.directories {
        if let Some(reason) = line.reason.as_deref().filter(|_| line.judged.needs_words()) {
            let _infallible = writeln!(text, "{}: {}", visible(&line.directory_id), visible(reason));
        }
    }
    for alert in &status.alerts {
        let _infallible =
            writeln!(text, "alert {} since {}: {}", alert.alert, alert.since, visible(&alert.message));
    }
    text
}

fn lines(lines: &[Line], now: UtcInstant) -> String {
    // What is the same everywhere would only take room from what is not.
    let tells_account = lines.iter().any(|line| line.account != lines[0].account);
    let mut columns = vec![("DIRECTORY", Align::Left), ("NAME", Align::Wrapped)];
    if tells_account {
        columns.push(("ACCOUNT", Align::Left));
    }
    columns.extend([
        ("STATE", Align::Left),
        ("REGISTRATIONS", Align::Right),
        ("READ", Align::Right),
        ("FULL", Align::Right),
    ]);
    let mut table = table(&columns);
    for line in lines {
        let ago = |at: Option<&str>| {
            let at = at.and_then(UtcInstant::parse);
            at.map_or_else(|| "never".to_owned(), |at| rough(Age(now.unix_s() - at.unix_s())))
        };
        let mut row = vec![visible(&line.directory_id), visible(line.name.as_deref().unwrap_or_default())];
        if tells_account {
            row.push(visible(&line.account));
        }
        row.extend([
            line.judged.word().into(),
            line.registrations.to_string().into(),
            ago(line.last_complete_at.as_deref()).into(),
            ago(line.last_full_at.as_deref()).into(),
        ]);
        table.add_row(row);
    }
    table.trim_fmt()
}

/// The largest unit alone: a table has little room.
fn rough(age: Age) -> String {
    age.to_string().split(' ').take(2).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::{json, text};
    use crate::freshness::State;
    use crate::instant::UtcInstant;
    use crate::status::{Alert, Line, Status, Word};

    fn now() -> UtcInstant {
        UtcInstant::parse("2026-11-23T09:05:10Z").unwrap()
    }

    fn line(age_s: Option<i64>) -> Line {
        let at = age_s.and_then(|age_s| UtcInstant::from_unix_s(now().unix_s() - age_s));
        Line {
            directory_id: "dir_10001".into(),
            name: Some("Caf\u{1b}[31mé".into()),
            account: "default".into(),
            registrations: 1234,
            last_complete_at: at.map(|at| at.to_string()),
            last_full_at: None,
            age_s,
            last_error: None,
            state: Word::Fresh,
            reason: None,
            judged: State::Fresh,
        }
    }

    fn status(lines: impl Into<Vec<Line>>) -> Status {
        Status {
            state: Word::Fresh,
            directories: lines.into(),
            accounts_not_listed: Vec::new(),
            alerts: Vec::new(),
            is_listed: true,
        }
    }

    #[test]
    fn the_table_shows_a_directory_never_walked_and_no_escape_sequence() {
        let shown = text(&status([line(None), line(Some(200))]), now());
        assert!(shown.contains("never") && shown.contains(" 3 min ") && shown.contains("1234"), "{shown}");
        assert!(!shown.contains('\u{1b}') && !shown.contains("ACCOUNT"), "{shown:?}");
    }

    #[test]
    fn accounts_reasons_and_alerts_are_told_where_there_are_some() {
        let failed = Line {
            account: "north".into(),
            state: Word::Stale,
            judged: State::Failed,
            reason: Some("cannot \u{7}".into()),
            ..line(Some(200))
        };
        let alert = Alert {
            alert: "disk_low",
            account: None,
            directory_id: None,
            since: "2026-11-23T09:05:10Z".into(),
            message: "make room".into(),
        };
        let shown = text(&Status { alerts: vec![alert], ..status([line(Some(9)), failed]) }, now());
        for told in ["ACCOUNT", "north", " failed ", "dir_10001: cannot ", "alert disk_low since 2026-11-23T"]
        {
            assert!(shown.contains(told), "{told}: {shown}");
        }
        assert!(!shown.contains('\u{7}'), "{shown:?}");
    }

    #[test]
    fn json_has_the_promised_keys() {
        let parsed: serde_json::Value =
            serde_json::from_str(&json(&status([line(Some(7))])).unwrap()).unwrap();
        let keys = |value: &serde_json::Value| -> Vec<String> {
            value.as_object().unwrap().keys().cloned().collect()
        };
        assert_eq!(keys(&parsed), ["state", "directories", "accounts_not_listed", "alerts"]);
        let promised = [
            "directory_id",
            "name",
            "account",
            "registrations",
            "last_complete_at",
            "last_full_at",
            "age_s",
            "last_error",
            "state",
            "reason",
        ];
        assert_eq!(keys(&parsed["directories"][0]), promised);
        assert_eq!(parsed["state"], "fresh");
    }
}
