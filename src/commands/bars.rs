//! Progress bars: one a walk under way, on a terminal only.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressState, ProgressStyle};

use crate::directory::DirectoryId;
use crate::sync::{Observer, Progressed};

/// Where the mirror knows how many rows there are.
const KNOWN: &str = "{prefix:<12} {bar:24} {pos}/{len} rows  {rate}  {msg}  {eta} left";
/// Where it doesn't.
const UNKNOWN: &str = "{prefix:<12} {spinner} {pos} rows  {rate}  {msg}";
/// Of a file that is copied.
const BYTES: &str = "{msg:<12} {bar:24} {bytes}/{total_bytes}  {bytes_per_sec}  {eta} left";
/// Of a file that is looked through: nobody knows how far.
const LOOK: &str = "{msg:<12} {spinner} {elapsed}";
/// How often a spinner turns.
const TURN: Duration = Duration::from_millis(120);

/// The bars of a tick.
#[derive(Clone)]
pub struct Bars {
    progress: MultiProgress,
    walks: Arc<Mutex<HashMap<DirectoryId, ProgressBar>>>,
}

impl Bars {
    /// Draws on `progress`, which draws nothing where there is no terminal.
    #[must_use]
    pub fn new(progress: MultiProgress) -> Self {
        Self { progress, walks: Arc::default() }
    }

    /// Watches a tick.
    #[must_use]
    pub fn observer(&self) -> Observer {
        let bars = self.clone();
        Arc::new(move |progressed| bars.show(progressed))
    }

    /// Takes the bars away.
    pub fn clear(&self) {
        for (_, bar) in self.walks.lock().unwrap_or_else(PoisonError::into_inner).drain() {
            bar.finish_and_clear();
        }
    }

    fn show(&self, progressed: &Progressed<'_>) {
        let mut walks = self.walks.lock().unwrap_or_else(PoisonError::into_inner);
        match *progressed {
            Progressed::Began { directory, registrations } => {
                let bar = self.progress.add(bar(registrations)).with_prefix(directory.to_string());
                walks.insert(directory.clone(), bar);
            }
            Progressed::Read { directory, pages, rows, .. } => {
                if let Some(bar) = walks.get(directory) {
                    if bar.length().is_some_and(|length| length < rows) {
                        bar.set_length(rows);
                    }
                    bar.set_message(format!("page {pages}"));
                    bar.set_position(rows);
                }
            }
            Progressed::Ended { directory, .. } => {
                if let Some(bar) = walks.remove(directory) {
                    bar.finish_and_clear();
                }
            }
            Progressed::Ticked { .. } | Progressed::Dropped { .. } => {}
        }
    }
}

/// One bar: of so many rows, or, with 0, of nobody knows how many.
pub(super) fn bar(registrations: u64) -> ProgressBar {
    let style = |template| {
        ProgressStyle::with_template(template).expect("Invariant: the template is right").with_key(
            "rate",
            |state: &ProgressState, out: &mut dyn fmt::Write| {
                // A bar that can't be drawn is not worth a word.
                let _ = write!(out, "{:.0}/s", state.per_sec());
            },
        )
    };
    if registrations > 0 {
        return ProgressBar::new(registrations).with_style(style(KNOWN));
    }
    let bar = ProgressBar::no_length().with_style(style(UNKNOWN));
    bar.enable_steady_tick(TURN);
    bar
}

/// Of a file that is copied and then checked: what a snapshot tells.
pub(super) fn copying(bar: &ProgressBar, bytes: u64, of_bytes: u64) {
    if bytes < of_bytes {
        if bar.length() != Some(of_bytes) {
            bar.set_length(of_bytes);
            bar.set_style(ProgressStyle::with_template(BYTES).expect("Invariant: the template is right"));
            bar.set_message("copying");
        }
        bar.set_position(bytes);
    } else {
        checking(bar);
    }
}

/// Of a file that is looked through.
pub(super) fn checking(bar: &ProgressBar) {
    bar.set_style(ProgressStyle::with_template(LOOK).expect("Invariant: the template is right"));
    bar.set_message("checking");
    bar.enable_steady_tick(TURN);
}
