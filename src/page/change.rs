//! The feed of changes, newest first; a script brings in what is new.

use maud::{Markup, html};
use serde_json::{Map, Value};

use super::figure::counted;
use super::frame::{Frame, Liveness, Part};
use super::moment::moment;
use super::name::{cut, directory_link, mask, nothing, text};
use super::table::scroll;
use crate::instant::UtcInstant;
use crate::store::Access;

/// How many values of one change are shown.
const VALUES_MAX: usize = 8;
/// Fields that are masks to a masked reader.
pub(super) const MASKED_FIELDS: [&str; 2] = ["email", "phone"];

/// A change as the page shows it.
#[derive(Clone, Debug)]
pub struct Change {
    /// Its number in the feed.
    pub seq: i64,
    /// When it was found.
    pub at: Option<UtcInstant>,
    /// `loaded`, `created`, `updated`, `removed` or `restored`.
    pub kind: String,
    /// The directory.
    pub directory_id: String,
    /// Its name, if it has one.
    pub directory_name: Option<String>,
    /// The registration; `None` where the directory was loaded.
    pub registration_id: Option<String>,
    /// What it was: JSON of the values that differ.
    pub before: Option<String>,
    /// What it is.
    pub after: Option<String>,
}

/// What the page of changes shows.
#[derive(Clone, Debug)]
pub struct ChangesPage {
    /// The latest, newest first.
    pub changes: Vec<Change>,
    /// The feed's number that they stand at; `None` on a page of older ones, which stays as it is.
    pub seq: Option<i64>,
    /// Whether there are older ones.
    pub has_older: bool,
}

impl ChangesPage {
    /// The page.
    #[must_use]
    pub fn render(&self, frame: &Frame) -> Markup {
        let older = self.changes.last().filter(|_| self.has_older).map(|change| change.seq);
        let content = html! {
            div.heading {
                h1 { "Changes" }
                @if self.seq.is_some() {
                    p.live #live-state role="status" { noscript { a href="/changes" { "Reload" } " to see what is new" } }
                }
            }
            p.lead { "What changed after each directory was first read, newest first. "
                @if let Some(seq) = self.seq {
                    "The same feed for programs: " a href={ "/api/v1/changes?after=" (seq) } { code { "/api/v1/changes?after=" (seq) } }
                }
            }
            p.empty #no-changes hidden[!self.changes.is_empty()] { "Nothing has changed yet." }
            (scroll("Changes", &self.table(frame)))
            @if older.is_some() || self.seq.is_none() {
                nav.pager aria-label="Pages of changes" {
                    @if self.seq.is_none() { a href="/changes" { "Newest" } }
                    @if let Some(older) = older { a rel="next" href={ "/changes?before=" (older) } { "Older" span aria-hidden="true" { " →" } } }
                }
            }
            @if self.seq.is_some() { template #change-row { (row(None)) } }
        };
        let liveness = if self.seq.is_some() { Liveness::Live } else { Liveness::Still };
        frame.page(Part::Changes, "Changes", liveness, &content)
    }

    fn table(&self, frame: &Frame) -> Markup {
        html! {
            table.cards.changes #changes role="table" data-seq=[self.seq] data-access=(frame.access.as_str()) data-time-zone=(frame.time_zone.name()) {
                caption.unseen { (counted(self.changes.len() as u64, "change", "changes")) ", newest first" }
                thead role="rowgroup" { tr role="row" {
                    @for name in ["When", "What", "Directory", "Registration", "Before → after"] {
                        th scope="col" role="columnheader" { (name) }
                    }
                } }
                tbody role="rowgroup" { @for change in &self.changes { (row(Some((frame, change)))) } }
            }
        }
    }
}

/// A row; without a change, the empty one that the script fills.
fn row(of: Option<(&Frame, &Change)>) -> Markup {
    html! {
        tr role="row" {
            td.when role="cell" { @if let Some((frame, change)) = of { (moment(frame, change.at)) } @else { time {} } }
            td.what role="cell" { @if let Some((_, change)) = of { (kind(&change.kind)) } @else { span.kind {} } }
            td.where role="cell" { @if let Some((_, change)) = of { (directory_link(&change.directory_id, change.directory_name.as_deref())) } @else { a { bdi {} } } }
            td.id role="cell" { @if let Some((_, change)) = of { (text(change.registration_id.as_deref())) } @else { bdi {} } }
            td.values role="cell" { @if let Some((frame, change)) = of { (values(frame, change)) } @else { dl.diff {} } }
        }
    }
}

fn kind(kind: &str) -> Markup {
    let known =
        ["loaded", "created", "updated", "removed", "restored"].into_iter().find(|known| *known == kind);
    html! { span class={ "kind " (known.unwrap_or("")) } { (cut(kind)) } }
}

fn values(frame: &Frame, change: &Change) -> Markup {
    let object = |text: &Option<String>| -> Map<String, Value> {
        text.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
    };
    let (before, after) = (object(&change.before), object(&change.after));
    let mut names: Vec<&String> = before.keys().collect();
    names.extend(after.keys().filter(|name| !before.contains_key(*name)));
    let shown = names.len().min(VALUES_MAX);
    html! {
        dl.diff {
            @for name in &names[..shown] {
                div {
                    dt { (cut(name)) }
                    dd {
                        @if change.before.is_some() { del { (value(frame, name, before.get(*name))) } span aria-label="becomes" role="img" { " → " } }
                        ins { (value(frame, name, after.get(*name))) }
                    }
                }
            }
            @if names.len() > shown { div.quiet { dt { "and " (counted((names.len() - shown) as u64, "more value", "more values")) } dd {} } }
        }
    }
}

fn value(frame: &Frame, name: &str, value: Option<&Value>) -> Markup {
    let is_mask = frame.access == Access::Masked && MASKED_FIELDS.contains(&name);
    match value {
        None | Some(Value::Null) => nothing(),
        Some(Value::String(value)) if is_mask => mask(Some(value)),
        Some(Value::String(value)) => text(Some(value)),
        Some(other) => text(Some(&other.to_string())),
    }
}
