//! Logs: on stderr, as text or JSON, one line an event; in the journal with its priority.
//!
//! Our own events from the level asked for on, of libraries only warnings and errors: what they say
//! below that may quote what they carry, and no log line holds secrets or personal data.

mod format;
mod writer;

use std::io::IsTerminal;

use clap::ValueEnum;
use indicatif::MultiProgress;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt};

use crate::config::Environment;
use format::Prioritized;
use writer::AroundProgress;

/// How a log line looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// An object a line.
    Json,
    /// For people.
    #[default]
    Text,
}

/// From which level on our events are logged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Level {
    /// Nothing at all.
    Off,
    /// What failed.
    Error,
    /// And what may need a look.
    Warn,
    /// And what was done.
    #[default]
    Info,
    /// And how.
    Debug,
    /// And everything else.
    Trace,
}

impl From<Level> for LevelFilter {
    fn from(level: Level) -> Self {
        match level {
            Level::Off => Self::OFF,
            Level::Error => Self::ERROR,
            Level::Warn => Self::WARN,
            Level::Info => Self::INFO,
            Level::Debug => Self::DEBUG,
            Level::Trace => Self::TRACE,
        }
    }
}

/// Starts logging; a second call in the same process changes nothing. Progress bars that are drawn
/// by `progress` step aside for each line.
pub fn init(format: Format, level: Level, progress: &MultiProgress, environment: &Environment) {
    let stderr = std::io::stderr();
    let journal = is_journal(environment);
    let colored = stderr.is_terminal() && !no_color();
    let others = LevelFilter::from(level).min(LevelFilter::WARN);
    let filter =
        Targets::new().with_default(others).with_target(env!("CARGO_CRATE_NAME"), LevelFilter::from(level));
    let lines = fmt::layer()
        .with_writer(AroundProgress::new(progress.clone()))
        .with_ansi(colored)
        .log_internal_errors(false);
    let event = fmt::format().with_target(false);
    let layer = match (format, journal) {
        (Format::Text, false) => lines.event_format(event.with_ansi(colored).compact()).boxed(),
        (Format::Text, true) => lines
            .event_format(Prioritized(event.without_time().with_level(false).with_ansi(false).compact()))
            .boxed(),
        (Format::Json, false) => {
            lines.json().event_format(event.json().flatten_event(true).with_span_list(false)).boxed()
        }
        (Format::Json, true) => lines
            .json()
            .event_format(Prioritized(event.json().flatten_event(true).with_span_list(false)))
            .boxed(),
    };
    let _already = tracing_subscriber::registry().with(layer.with_filter(filter)).try_init();
}

/// Whether stderr is the very stream that systemd connected to the journal: the variable alone is
/// inherited by whatever a service starts, redirected or not.
fn is_journal(environment: &Environment) -> bool {
    let (Some(stream), Ok(stderr)) =
        (environment.get("JOURNAL_STREAM"), rustix::fs::fstat(std::io::stderr()))
    else {
        return false;
    };
    stream.to_str() == Some(&format!("{}:{}", stderr.st_dev, stderr.st_ino))
}

/// Whether the user wants no colours (<https://no-color.org>).
#[must_use]
pub fn no_color() -> bool {
    std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
}
