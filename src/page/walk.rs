//! Walks as a table: what the mirror did, and how it ended.

use maud::{Markup, html};

use super::figure::count;
use super::frame::Frame;
use super::moment::{duration, moment};
use super::name::cut;
use super::table::scroll;
use crate::instant::UtcInstant;

/// A walk as a page shows it.
#[derive(Clone, Debug)]
pub struct Walk {
    /// `incremental` or `full`.
    pub kind: String,
    /// When it began.
    pub started_at: Option<UtcInstant>,
    /// When it ended; `None` while it is under way.
    pub finished_at: Option<UtcInstant>,
    /// How it ended.
    pub outcome: Option<String>,
    /// Pages read.
    pub pages: u64,
    /// Registrations found.
    pub created: u64,
    /// Of these, the ones that an earlier walk should have shown.
    pub recovered: u64,
    /// Registrations with another value.
    pub updated: u64,
    /// Registrations proved gone.
    pub removed: u64,
    /// Registrations that were back.
    pub restored: u64,
    /// Why it was not complete.
    pub error: Option<String>,
}

impl Walk {
    fn took(&self) -> Option<i64> {
        Some(self.finished_at?.unix_s() - self.started_at?.unix_s())
    }

    fn outcome(&self) -> Markup {
        let (class, sign) = match self.outcome.as_deref() {
            Some("complete") => ("fresh", "●"),
            Some("failed") => ("failed", "✕"),
            Some(_) => ("stale", "▲"),
            None => ("never", "○"),
        };
        let word = self.outcome.as_deref().unwrap_or("under way");
        html! { span.state.(class) { span.sign aria-hidden="true" { (sign) } " " (cut(word)) } }
    }
}

pub(super) fn walks(frame: &Frame, walks: &[Walk]) -> Markup {
    html! {
        section aria-labelledby="walks-heading" {
            h2 #walks-heading { "Latest walks" }
            @if walks.is_empty() {
                p.empty { "This directory has not been read yet." }
            } @else {
                (scroll("Latest walks", &table(frame, walks)))
            }
        }
    }
}

fn table(frame: &Frame, walks: &[Walk]) -> Markup {
    html! {
        table.walks {
            caption.unseen { "Latest walks" }
            thead { tr {
                th scope="col" { "Began" } th scope="col" { "Kind" } th scope="col" { "Outcome" }
                @for name in ["Took", "Pages", "Created", "Recovered", "Updated", "Removed", "Restored"] {
                    th.number scope="col" { (name) }
                }
            } }
            tbody { @for walk in walks {
                tr {
                    td.when { (moment(frame, walk.started_at)) }
                    td { (cut(&walk.kind)) }
                    td {
                        (walk.outcome())
                        @if let Some(error) = &walk.error { p.error { (cut(error)) } }
                    }
                    td.number { @if let Some(seconds) = walk.took() { (duration(seconds)) } }
                    @for number in [walk.pages, walk.created, walk.recovered, walk.updated, walk.removed, walk.restored] {
                        td.number.quiet[number == 0] { (count(number)) }
                    }
                }
            } }
        }
    }
}
