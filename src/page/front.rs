//! The front page: every directory, how many registered, and how fresh that is.

use maud::{Markup, html};

use super::chart::{Graph, Room, Steps, Told, bars, sparkline};
use super::days::Days;
use super::figure::{count, counted, trend};
use super::frame::{Frame, Liveness, Part};
use super::freshness::{self, badge, freshness, saying};
use super::moment::{day_short, duration};
use super::name::{cut, directory_link};
use crate::freshness::{Known, State};
use crate::instant::UtcInstant;

/// How many days the chart over all directories shows.
pub(super) const CHART_DAYS: usize = 90;
const SPARK_DAYS: usize = 30;
const BEFORE: &str = "in the 30 days before";

/// What the front page shows.
#[derive(Clone, Debug)]
pub struct FrontPage {
    /// Directories, by account.
    pub directories: Vec<DirectoryLine>,
    /// Accounts whose directories could not be listed.
    pub account_errors: Vec<AccountError>,
}

/// A directory on the front page.
#[derive(Clone, Debug)]
pub struct DirectoryLine {
    /// The vendor's ID.
    pub directory_id: String,
    /// Its name, if it has one.
    pub name: Option<String>,
    /// The account that lists it.
    pub account: String,
    /// How many registrations stand.
    pub registrations: u64,
    /// Registrations by day.
    pub days: Days,
    /// When a walk of it was last complete.
    pub last_complete_at: Option<UtcInstant>,
    /// Why it is not fresh.
    pub last_error: Option<String>,
    /// Whether the operator has it mirrored.
    pub is_mirrored: bool,
}

/// An account whose directories could not be listed.
#[derive(Clone, Debug)]
pub struct AccountError {
    /// The operator's name for it.
    pub account: String,
    /// Why.
    pub error: String,
}

impl FrontPage {
    /// An account that can't be listed says nothing of its directories.
    fn freshness(&self, frame: &Frame, line: &DirectoryLine) -> State {
        let of_account = self.account_errors.iter().find(|error| error.account == line.account);
        let error = line.last_error.as_ref().or(of_account.map(|error| &error.error));
        let known = Known {
            is_mirrored: line.is_mirrored,
            last_complete_at: line.last_complete_at,
            last_error: error.map(String::as_str),
        };
        freshness::judge(frame, &known)
    }

    /// The page.
    #[must_use]
    pub fn render(&self, frame: &Frame) -> Markup {
        let accounts: Vec<&[DirectoryLine]> =
            self.directories.chunk_by(|one, other| one.account == other.account).collect();
        let content = html! {
            div.heading {
                h1 { "Directories" }
                (self.verdict(frame))
            }
            @for error in &self.account_errors {
                div.notice.failed role="note" {
                    p { strong { "cannot list the directories of account " bdi { (cut(&error.account)) } } }
                    p { (cut(&error.error)) }
                }
            }
            @if self.directories.is_empty() {
                div.empty {
                    p { "No directory has been listed yet." }
                    p { "The mirror lists them with its first tick. If none comes, " code { "coupontools-mirror check" } " tells what is wrong." }
                }
            } @else {
                (self.totals(frame))
                @for lines in &accounts {
                    @let account = &lines[0].account;
                    @let name = if accounts.len() > 1 { format!("Account {}", cut(account)) } else { "Directories".into() };
                    section {
                        @if accounts.len() > 1 { h2 { (name) " " span.amount { (counted(lines.len() as u64, "directory", "directories")) } } }
                        (self.table(frame, &name, lines))
                    }
                }
            }
        };
        frame.page(Part::Directories, "Directories", Liveness::Still, &content)
    }

    /// Whether all of it is fresh, in a sentence.
    fn verdict(&self, frame: &Frame) -> Markup {
        let having = |state| {
            self.directories.iter().filter(|line| self.freshness(frame, line) == state).count() as u64
        };
        let all = self.directories.len() as u64 - having(State::NotMirrored);
        let not_fresh = all - having(State::Fresh);
        let parts = [(State::Failed, "failed"), (State::Stale, "stale"), (State::Never, "never read")];
        let parts: Vec<String> = parts
            .into_iter()
            .map(|(state, word)| (having(state), word))
            .filter(|(number, _)| *number > 0)
            .map(|(number, word)| format!("{} {word}", count(number)))
            .collect();
        let mirrored = self.directories.iter().filter(|line| line.is_mirrored);
        let oldest = mirrored.filter_map(|line| line.last_complete_at).min();
        html! {
            @if all == 0 {
            } @else if not_fresh == 0 {
                p.verdict { (badge(State::Fresh)) " "
                    @if let Some(at) = oldest { "every directory was read within the last " (duration((frame.now.unix_s() - at.unix_s()).max(1))) }
                }
            } @else {
                p.verdict {
                    (saying(worst(having(State::Failed), having(State::Stale)), &format!("{} of {} not fresh", count(not_fresh), counted(all, "directory", "directories"))))
                    ": " (parts.join(", "))
                }
            }
        }
    }

    fn totals(&self, frame: &Frame) -> Markup {
        let mut days = Days::new(frame.today(), CHART_DAYS, []);
        let mut registrations = 0_u64;
        for line in &self.directories {
            days.add(&line.days);
            registrations = registrations.saturating_add(line.registrations);
        }
        html! {
            section.overview aria-label="All directories" {
                dl.figures {
                    div { dt { "Registrations" } dd { (count(registrations)) } }
                    (figures(&days))
                    div { dt { "Directories" } dd { (count(self.directories.len() as u64)) } }
                }
                (day_chart(&days, "All directories", Room::Full))
            }
        }
    }

    /// The roles are said again: on a phone the stylesheet makes cards of the rows, and a browser would forget them.
    fn table(&self, frame: &Frame, name: &str, lines: &[DirectoryLine]) -> Markup {
        html! {
            table.directories role="table" {
                caption.unseen { (name) }
                thead role="rowgroup" { tr role="row" {
                    th scope="col" role="columnheader" { "Directory" }
                    th scope="col" role="columnheader" { "30 days" }
                    th.number scope="col" role="columnheader" { "Registrations" }
                    th.number scope="col" role="columnheader" { "Today" }
                    th.number scope="col" role="columnheader" { "Last 7 days" }
                    th.number scope="col" role="columnheader" { "Last 30 days" }
                    th scope="col" role="columnheader" { "Freshness" }
                } }
                tbody role="rowgroup" { @for line in lines { (row(frame, line, self.freshness(frame, line))) } }
            }
        }
    }
}

fn worst(failed: u64, stale: u64) -> State {
    match (failed, stale) {
        (1.., _) => State::Failed,
        (0, 1..) => State::Stale,
        (0, 0) => State::Never,
    }
}

/// Today, the last 7 and the last 30 days.
pub(super) fn figures(days: &Days) -> Markup {
    html! {
        div { dt { "Today" } dd { (count(days.sum(1))) } }
        div { dt { "Last 7 days" } dd { (count(days.sum(7))) } }
        div { dt { "Last 30 days" } dd { (count(days.sum(30))) " " (trend(days.sum(30), days.sum_before(30), BEFORE)) } }
    }
}

/// Registrations a day, with the average of seven, and the same figures as a table.
pub(super) fn day_chart(days: &Days, whose: &str, room: Room) -> Markup {
    use chrono::Datelike;
    let counts = days.counts();
    let label = |position: usize| {
        let day = days.day(position);
        let is_marked = room == Room::Full && matches!(day.day(), 1 | 15) || day.day() == 1;
        if is_marked { day_short(day) } else { String::new() }
    };
    let values = counts.iter().map(|count| Some(*count as f64)).collect();
    let graph = Graph::of((0..counts.len()).map(label).collect(), values, Steps::Whole);
    let average =
        |at: usize| (at >= 6).then(|| counts[at - 6..=at].iter().map(|n| *n as f64).sum::<f64>() / 7.0);
    let averages: Vec<Option<f64>> = (0..counts.len()).map(average).collect();
    let most = counts.iter().copied().max().unwrap_or(0);
    let told = Told {
        title: format!("{}: registrations a day, last {} days", cut(whose), counts.len()),
        description: format!(
            "{} in all, {} on the busiest day, {} today",
            count(days.sum(counts.len())),
            count(most),
            count(days.sum(1))
        ),
    };
    html! {
        figure {
            figcaption { "Registrations a day " span.key { "and their average over 7 days" } }
            (bars(&graph, &averages, room, &told))
            details {
                summary { "As a table" }
                (super::table::scroll("Registrations a day", &html! {
                    table.plain {
                        caption.unseen { (told.title) }
                        thead { tr { th scope="col" { "Day" } th.number scope="col" { "Registrations" } } }
                        tbody { @for at in (0..counts.len()).rev() {
                            tr { th scope="row" { (super::moment::day(days.day(at))) } td.number { (count(counts[at])) } }
                        } }
                    }
                }))
            }
        }
    }
}

fn row(frame: &Frame, line: &DirectoryLine, state: State) -> Markup {
    let days = &line.days;
    let last = days.last(SPARK_DAYS);
    let told = Told {
        title: format!("{} in {} days", count(days.sum(SPARK_DAYS)), last.len()),
        description: format!("at most {} a day", count(last.iter().copied().max().unwrap_or(0))),
    };
    html! {
        tr role="row" {
            th.name scope="row" role="rowheader" {
                (directory_link(&line.directory_id, line.name.as_deref()))
                span.id { bdi { (cut(&line.directory_id)) } }
            }
            td.sparkline role="cell" { (sparkline(last, &told)) }
            td.number.standing role="cell" data-label="Registrations" { (count(line.registrations)) }
            td.number role="cell" data-label="Today" { (count(days.sum(1))) }
            td.number role="cell" data-label="7 days" { (count(days.sum(7))) }
            td.number role="cell" data-label="30 days" { (count(days.sum(30))) " " (trend(days.sum(30), days.sum_before(30), BEFORE)) }
            td.freshness role="cell" {
                (freshness(frame, state, line.last_complete_at))
                @if let Some(error) = &line.last_error { p.error { (cut(error)) } }
            }
        }
    }
}
