//! `status`: how fresh each directory is.

use super::{Context, Exit, Failure};
use crate::clock;
use crate::config::find_database;
use crate::output::{Align, print, table, visible};
use crate::status::Status;
use crate::store::Reader;

const EXAMPLES: &str = "\
Examples:
  coupontools-mirror status
  coupontools-mirror status --json | jq '.directories[].age_s'

AGE is the time since a walk was last complete.";

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
    let database = find_database(&context.flags, &context.environment)?;
    let reader = Reader::open(&database).await?;
    let status = Status::read(&reader, clock::now()).await;
    reader.close().await;
    let status = status?;
    print(if args.json { json(&status)? } else { text(&status) })?;
    Ok(Exit::Done)
}

fn json(status: &Status) -> anyhow::Result<String> {
    Ok(format!("{}\n", serde_json::to_string_pretty(status)?))
}

fn text(Status { directories: lines, accounts_not_listed: accounts }: &Status) -> String {
    let not_listed: String = accounts
        .iter()
        .map(|account| format!("account {} could not be listed: {}\n", account.account, account.last_error))
        .collect();
    if lines.is_empty() && accounts.is_empty() {
        return "no directory yet; `coupontools-mirror sync` looks for them\n".into();
    }
    if lines.is_empty() {
        return not_listed;
    }
    let mut table = table(&[
        ("DIRECTORY", Align::Left),
        ("NAME", Align::Wrapped),
        ("ACCOUNT", Align::Left),
        ("REGISTRATIONS", Align::Right),
        ("AGE", Align::Right),
        ("LAST FULL WALK", Align::Left),
        ("LAST ERROR", Align::Wrapped),
    ]);
    for line in lines {
        table.add_row([
            visible(&line.directory_id),
            visible(line.name.as_deref().unwrap_or_default()),
            visible(&line.account),
            line.registrations.to_string().into(),
            line.age_s.map_or_else(|| "never".into(), age).into(),
            line.last_full_at.as_deref().unwrap_or("never").into(),
            visible(line.last_error.as_deref().unwrap_or_default()),
        ]);
    }
    format!("{}\n{not_listed}", table.trim_fmt())
}

/// The two largest units that are not zero: `3 min 20 s`.
fn age(seconds: i64) -> String {
    const UNITS: [(i64, &str); 4] = [(86_400, "d"), (3600, "h"), (60, "min"), (1, "s")];
    let mut rest = seconds.max(0);
    let mut parts = Vec::new();
    for (unit_s, name) in UNITS {
        let count = rest / unit_s;
        rest %= unit_s;
        if count > 0 {
            parts.push(format!("{count} {name}"));
        } else if !parts.is_empty() {
            break;
        }
    }
    parts.truncate(2);
    if parts.is_empty() { "0 s".into() } else { parts.join(" ") }
}

#[cfg(test)]
mod tests {
    use super::{age, json, text};
    use crate::status::{Line, Status};

    fn line(age_s: Option<i64>) -> Line {
        Line {
            directory_id: "dir_10001".into(),
            name: Some("Caf\u{1b}[31mé".into()),
            account: "default".into(),
            registrations: 1234,
            last_complete_at: age_s.map(|_| "2026-11-23T09:05:10Z".into()),
            last_full_at: None,
            age_s,
            last_error: None,
        }
    }

    fn status(lines: impl Into<Vec<Line>>) -> Status {
        Status { directories: lines.into(), accounts_not_listed: Vec::new() }
    }

    #[test]
    fn an_age_is_told_in_at_most_two_units() {
        let told = [0, 59, 60, 3600, 3660, 86_400 + 59, 2 * 86_400 + 3600 + 60, -5].map(age);
        assert_eq!(told, ["0 s", "59 s", "1 min", "1 h", "1 h 1 min", "1 d", "2 d 1 h", "0 s"]);
    }

    #[test]
    fn the_table_shows_a_directory_never_walked_and_no_escape_sequence() {
        let shown = text(&status([line(None), line(Some(200))]));
        assert!(shown.contains("never") && shown.contains("3 min 20 s") && shown.contains("1234"), "{shown}");
        assert!(!shown.contains('\u{1b}'), "{shown:?}");
    }

    #[test]
    fn json_has_the_promised_keys() {
        let parsed: serde_json::Value =
            serde_json::from_str(&json(&status([line(Some(7))])).unwrap()).unwrap();
        let keys: Vec<&String> = parsed["directories"][0].as_object().unwrap().keys().collect();
        let promised = [
            "directory_id",
            "name",
            "account",
            "registrations",
            "last_complete_at",
            "last_full_at",
            "age_s",
            "last_error",
        ];
        assert_eq!(keys, promised);
    }
}
