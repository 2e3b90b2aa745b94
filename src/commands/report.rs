//! `report`: which reports there are, and the rows of one.

use std::fmt::Write as _;

use anyhow::Context as _;

use super::rows::{RowArgs, print_rows};
use super::{Context, Exit, Failure};
use crate::config::Settings;
use crate::output::{Align, print, table, visible};
use crate::report::{Catalogue, Library, Listing, ParameterSummary, ReportError, ReportSummary, Values};
use crate::store::Access;
use crate::store::foreign::ForeignReader;

const EXAMPLES: &str = "\
Examples:
  coupontools-mirror report
  coupontools-mirror report registrations-per-day --param days=30
  coupontools-mirror report growth --format csv > growth.csv
  coupontools-mirror report hour-of-week --param utc_offset_hours=1 --param directory=dir_10001

A file NAME.sql in [reports] folder is a report, too; the README shows its header. An empty value is the \
parameter's default.";

/// `report`'s arguments.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Which report; without it, all are listed
    pub name: Option<String>,
    /// A parameter's value
    #[arg(long = "param", value_name = "NAME=VALUE", requires = "name", value_parser = parse_parameter)]
    pub parameters: Vec<(String, String)>,
    /// How its rows are printed.
    #[command(flatten)]
    pub rows: RowArgs,
    /// The list as one JSON object
    #[arg(long, conflicts_with = "name")]
    pub json: bool,
}

fn parse_parameter(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write it as NAME=VALUE")?;
    Ok((name.into(), value.into()))
}

/// Prints the list, or a report's rows.
///
/// # Errors
/// When there is no such report, its file or a value is wrong, or its statement fails or takes too long.
pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let settings = Settings::load(&context.flags, &context.environment)?;
    let library = Library::new(settings.reports.folder.clone());
    let Some(name) = &args.name else { return list(args, &settings, &library.list()) };
    let report = library.find(name)?;
    let given = args.parameters.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let values = Values::read(&report, given)?;
    print_rows(&settings.database, &args.rows, |reader| Ok(report.compile(reader, &values)?))
}

fn list(args: &Args, settings: &Settings, listing: &Listing) -> Result<Exit, Failure> {
    // Without a mirror there is nothing to compile against, and a list all the same.
    let reader = ForeignReader::open(&settings.database, Access::Full, || false).ok();
    let catalogue = Catalogue::of(listing, reader.as_ref());
    if args.json {
        let mut text = serde_json::to_string_pretty(&catalogue).context("cannot write the list as JSON")?;
        text.push('\n');
        print(text)?;
    } else {
        print(text(&catalogue))?;
    }
    if let (Some(cause), Some(folder)) = (&listing.folder_error, &settings.reports.folder) {
        return Err(Failure::new(
            Exit::Failed,
            anyhow::anyhow!("cannot read all reports in {}: {cause}", folder.display()),
        )
        .hint("correct [reports] folder"));
    }
    Ok(Exit::Done)
}

fn text(catalogue: &Catalogue) -> String {
    let mut table =
        table(&[("REPORT", Align::Left), ("TITLE", Align::Wrapped), ("PARAMETERS", Align::Wrapped)]);
    let mut broken = String::new();
    for report in &catalogue.reports {
        table.add_row([visible(&report.name), visible(&report.title), parameters(report).into()]);
        if let Some(error) = &report.error {
            let _infallible = writeln!(broken, "{}", visible(error));
        }
    }
    format!("{}\n{broken}", table.trim_fmt())
}

/// `days=90 since directory=`: as they are given, with their defaults.
fn parameters(report: &ReportSummary) -> String {
    let told = |parameter: &ParameterSummary| {
        let default = match &parameter.default {
            serde_json::Value::Null => String::new(),
            serde_json::Value::String(text) => visible(text).into_owned(),
            other => other.to_string(),
        };
        if parameter.required {
            format!("{}=…", parameter.name)
        } else {
            format!("{}={default}", parameter.name)
        }
    };
    report.parameters.iter().map(told).collect::<Vec<_>>().join(" ")
}

impl From<ReportError> for Failure {
    fn from(error: ReportError) -> Self {
        let exit = match &error {
            ReportError::Unknown { .. }
            | ReportError::UnknownParameter { .. }
            | ReportError::Value { .. } => Exit::Usage,
            _ => Exit::Failed,
        };
        let hint = error.hint();
        Self::new(exit, error).hint(hint)
    }
}
