//! `export`: a whole view into a file, a folder or standard output.

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow};
use chrono_tz::Tz;
use clap::ValueEnum;
use clap::builder::PossibleValuesParser;
use indicatif::ProgressBar;
use serde_json::json;

use super::rows::ShownArgs;
use super::{Context, Exit, Failure, bars, stop};
use crate::clock;
use crate::config::find_database;
use crate::export::{CsvText, ExportError, ExportFormat, Folder, Order, Single};
use crate::instant::UtcInstant;
use crate::output::{print, stdout};
use crate::store::foreign::{ForeignError, ForeignReader, PublicView, Since};

const EXAMPLES: &str = "\
Examples:
  coupontools-mirror export --view registrations --format parquet --output registrations.parquet
  coupontools-mirror export --view registrations --format csv | gzip > registrations.csv.gz
  coupontools-mirror export --view walks --format ndjson --since 2026-11-01
  coupontools-mirror export --view registrations --format parquet --partition-by day --output lake

It stands at one moment of the mirror, and tells on stderr which: seq, the last of registration_changes that is in \
it. Who goes on from there misses no change. A file is there when it is whole.";

/// `export`'s arguments.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// What is exported
    #[arg(long, value_name = "VIEW", value_parser = PossibleValuesParser::new(PublicView::names()))]
    pub view: String,
    /// As what it is written
    #[arg(long, value_name = "FORMAT")]
    pub format: ExportFormat,
    /// Where to; without it, standard output
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Only rows from then on: registered, removed, changed or begun at 2026-11-23T09:05:10Z or on 2026-11-23, a local day of the mirror
    #[arg(long, value_name = "INSTANT", value_parser = check_since)]
    pub since: Option<String>,
    /// Into the folder --output names, a file for each day: registered_on=2026-11-23/part-0.parquet
    #[arg(long, value_name = "UNIT", requires = "output")]
    pub partition_by: Option<PartitionBy>,
    /// What of people is written, and how.
    #[command(flatten)]
    pub shown: ShownArgs,
}

/// What an export is parted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PartitionBy {
    /// A file a day
    Day,
}

/// Whether it is a moment or a day; which moment a day begins at, the mirror knows.
fn check_since(text: &str) -> Result<String, String> {
    let at = UtcInstant::parse_local(text, Tz::UTC);
    at.map(|_| text.to_owned()).ok_or_else(|| "write it as 2026-11-23T09:05:10Z or 2026-11-23".into())
}

/// Writes the view.
///
/// # Errors
/// When it can't be read or written, or makes no sense.
pub async fn run(args: Args, context: &Context) -> Result<Exit, Failure> {
    let database = find_database(&context.flags, &context.environment)?;
    let order = order(&args)?;
    let stop = stop::on_signals().context("cannot listen for signals")?;
    let bar = if args.output.is_some() || !io::stdout().is_terminal() {
        context.progress.add(bars::bar(0).with_prefix(order.view.name))
    } else {
        ProgressBar::hidden()
    };
    let shown = bar.clone();
    let is_stopped = stop.clone();
    let exported = tokio::task::spawn_blocking(move || {
        let reader = ForeignReader::open(&database, order.access, move || is_stopped.is_cancelled())?;
        let order = Order { since: since(&args, order.view, reader.time_zone()), ..order };
        export(&args, &order, &reader, &shown)
    })
    .await;
    bar.finish_and_clear();
    match exported.context("cannot export")? {
        Err(failure) if matches!(failure.error.downcast_ref(), Some(ForeignError::Stopped)) => {
            Err(Failure::new(Exit::Failed, anyhow!("cannot finish the export: it was stopped")))
        }
        ended => ended,
    }
}

fn order(args: &Args) -> Result<Order, Failure> {
    let wrong = |text: String, hint: &str| Failure::new(Exit::Usage, anyhow!(text)).hint(hint);
    let view = PublicView::find(&args.view)
        .ok_or_else(|| wrong(format!("cannot export {}: it is no view", args.view), "see `export --help`"))?;
    if args.since.is_some() && view.since().is_none() {
        let text = format!("cannot export {} since then: its rows don't say when they came to be", view.name);
        return Err(wrong(text, "leave --since out"));
    }
    if args.partition_by.is_some() && view.day().is_none() {
        return Err(ExportError::NoDay { view: view.name }.into());
    }
    if args.format == ExportFormat::Parquet && args.output.is_none() && io::stdout().is_terminal() {
        let text = "cannot write Parquet to a terminal: it is no text".into();
        return Err(wrong(text, "name a file: --output FILE"));
    }
    let text = if args.shown.exact { CsvText::Exact } else { CsvText::Guarded };
    let (access, at) = (args.shown.access(), clock::now());
    Ok(Order { view, access, format: args.format, text, since: None, at })
}

/// `--since` as the view's column has it, where days are those of a zone.
fn since(args: &Args, view: &PublicView, zone: Tz) -> Option<String> {
    let at = UtcInstant::parse_local(args.since.as_deref()?, zone)?;
    view.since().map(|since| match since {
        Since::Instant => at.to_string(),
        Since::Day => at.local_date(zone),
    })
}

fn export(args: &Args, order: &Order, reader: &ForeignReader, bar: &ProgressBar) -> Result<Exit, Failure> {
    let told = |rows| bar.set_position(rows);
    let Some(output) = &args.output else {
        order.write(reader, stdout(), told)?;
        bar.finish_and_clear();
        tell_seq(reader);
        return Ok(Exit::Done);
    };
    let (rows, files) = if args.partition_by.is_some() {
        let folder = Folder::begin(output)?;
        let rows = order.write_by_day(reader, &folder, told)?;
        (rows, folder.commit()?)
    } else {
        (write_file(order, reader, output, told)?, vec![output.clone()])
    };
    bar.finish_and_clear();
    tell_seq(reader);
    let told = json!({ "view": order.view.name, "rows": rows, "seq": reader.seq(), "files": files });
    print(format_args!("{told}\n"))?;
    Ok(Exit::Done)
}

fn tell_seq(reader: &ForeignReader) {
    let _nobody_reads = writeln!(io::stderr(), "seq: {}", reader.seq());
}

fn write_file(
    order: &Order,
    reader: &ForeignReader,
    path: &Path,
    told: impl Fn(u64),
) -> Result<u64, ExportError> {
    let file = Single::begin(path)?;
    let rows = order.write(reader, file.out()?, told).map_err(|error| match error {
        ExportError::Output(error) => file.failed(error),
        other => other,
    })?;
    file.commit()?;
    Ok(rows)
}

impl From<ExportError> for Failure {
    fn from(error: ExportError) -> Self {
        match error {
            ExportError::Mirror(error) => error.into(),
            ExportError::Output(error) => error.into(),
            other => {
                let exit = match &other {
                    ExportError::NoDay { .. } | ExportError::NoParquet => Exit::Usage,
                    _ => Exit::Failed,
                };
                let hint = other.hint().map(str::to_owned);
                Self { exit, error: other.into(), hint }
            }
        }
    }
}
