//! A directory's page: its curve, its latest registrations, its latest walks.

use chrono::{Datelike, NaiveDate};
use maud::{Markup, html};

use super::chart::{Graph, Room, Steps, Told, lines};
use super::days::Days;
use super::figure::{count, counted};
use super::frame::{Frame, Liveness, Part};
use super::freshness::{self, freshness};
use super::front::{day_chart, figures};
use super::moment::day;
use super::name::{cut, web_address};
use super::registration::Registrations;
use super::table::scroll;
use super::walk::{Walk, walks};
use crate::freshness::Known;
use crate::instant::UtcInstant;

/// What a directory's page shows.
#[derive(Clone, Debug)]
pub struct DirectoryPage {
    /// The vendor's ID.
    pub directory_id: String,
    /// Its name, if it has one.
    pub name: Option<String>,
    /// The account that lists it.
    pub account: String,
    /// Its public address.
    pub url: Option<String>,
    /// The vendor's word for its state.
    pub status: Option<String>,
    /// How many registrations stand.
    pub registrations: u64,
    /// Of these, how many were not seen lately.
    pub missing: u64,
    /// Every day that somebody registered on, oldest first.
    pub by_day: Vec<(NaiveDate, u64)>,
    /// How many registrations have no date.
    pub undated: u64,
    /// When a walk of it was last complete.
    pub last_complete_at: Option<UtcInstant>,
    /// When a full walk of it was last complete.
    pub last_full_at: Option<UtcInstant>,
    /// Since when its account no longer lists it.
    pub removed_at: Option<UtcInstant>,
    /// Why it is not fresh.
    pub last_error: Option<String>,
    /// Whether the operator has it mirrored.
    pub is_mirrored: bool,
    /// Its registrations.
    pub latest: Registrations,
    /// Its latest walks, newest first.
    pub walks: Vec<Walk>,
}

impl DirectoryPage {
    /// The page.
    #[must_use]
    pub fn render(&self, frame: &Frame) -> Markup {
        let title = self.name.as_deref().filter(|name| !name.trim().is_empty()).unwrap_or(&self.directory_id);
        let days = Days::new(frame.today(), super::front::CHART_DAYS, self.by_day.iter().copied());
        let content = html! {
            nav.crumbs aria-label="Breadcrumb" { a href="/" { "Directories" } }
            div.heading {
                h1 { bdi { (cut(title)) } }
                p.verdict { (freshness(frame, freshness::judge(frame, &self.known()), self.last_complete_at)) }
            }
            (self.particulars(frame))
            @if let Some(error) = &self.last_error { div.notice.failed role="note" { p { (cut(error)) } } }
            section.overview aria-label="Figures" {
                dl.figures {
                    div { dt { "Registrations" } dd { (count(self.registrations)) } }
                    (figures(&days))
                    @if self.missing > 0 { div { dt { "Missing" } dd { (count(self.missing)) } } }
                    @if self.undated > 0 { div { dt { "Without a date" } dd { (count(self.undated)) } } }
                }
                div.charts {
                    (day_chart(&days, title, Room::Half))
                    (self.growth(frame, title))
                }
            }
            (self.latest.section(frame, &self.directory_id))
            (walks(frame, &self.walks))
        };
        frame.page(Part::Directories, &cut(title), Liveness::Still, &content)
    }

    fn known(&self) -> Known<'_> {
        let (is_mirrored, last_complete_at) = (self.is_mirrored, self.last_complete_at);
        Known { is_mirrored, last_complete_at, last_error: self.last_error.as_deref() }
    }

    fn particulars(&self, frame: &Frame) -> Markup {
        html! {
            dl.particulars {
                div { dt { "ID" } dd.id { bdi { (cut(&self.directory_id)) } } }
                div { dt { "Account" } dd { bdi { (cut(&self.account)) } } }
                @if let Some(status) = &self.status { div { dt { "Status" } dd { bdi { (cut(status)) } } } }
                @if let Some(url) = web_address(self.url.as_deref()) {
                    div { dt { "Address" } dd { a href=(url.as_str()) rel="noopener noreferrer external" { (cut(url.as_str())) } } }
                }
                div { dt { "Last full walk" } dd { (super::moment::moment(frame, self.last_full_at)) } }
                @if self.removed_at.is_some() { div { dt { "No longer listed since" } dd { (super::moment::moment(frame, self.removed_at)) } } }
            }
        }
    }

    /// How many of those that stand had registered by then.
    fn growth(&self, frame: &Frame, title: &str) -> Markup {
        let (period, points) = cumulate(&self.by_day, frame.today());
        let many = points.len();
        let label = |at: usize| match (period, at) {
            (_, at) if at + 1 == many && many > 1 => String::new(),
            (Period::Day, _) => super::moment::day_short(points[at].0),
            _ => points[at].0.format("%b\u{a0}%Y").to_string(),
        };
        let values = points.iter().map(|point| Some(point.1 as f64)).collect();
        let graph = Graph::of((0..many).map(label).collect(), values, Steps::Whole);
        let total = points.last().map_or(0, |point| point.1);
        let told = Told {
            title: format!("{}: registrations that stand, by when they were made", cut(title)),
            description: format!(
                "{} by now, a point a {}",
                counted(total, "registration", "registrations"),
                period.word()
            ),
        };
        html! {
            figure {
                figcaption { "All registrations " span.quiet { "those that stand, by when they were made" } }
                (lines(&graph, Room::Half, &told))
                details {
                    summary { "As a table" }
                    (scroll("All registrations", &html! {
                        table.plain {
                            caption.unseen { (told.title) }
                            thead { tr { th scope="col" { "Until the end of the " (period.word()) " of" } th.number scope="col" { "Registrations" } } }
                            tbody { @for (at, sum) in points.iter().rev() {
                                tr { th scope="row" { (day(*at)) } td.number { (count(*sum)) } }
                            } }
                        }
                    }))
                }
            }
        }
    }
}

/// How far apart the points of a curve are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Period {
    Day,
    Week,
    Month,
}

impl Period {
    fn word(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }

    fn begin(self, day: NaiveDate) -> NaiveDate {
        match self {
            Self::Day => day,
            Self::Week => day.week(chrono::Weekday::Mon).checked_first_day().unwrap_or(day),
            Self::Month => day.with_day(1).unwrap_or(day),
        }
    }

    fn next(self, begin: NaiveDate) -> Option<NaiveDate> {
        match self {
            Self::Day => begin.succ_opt(),
            Self::Week => begin.checked_add_days(chrono::Days::new(7)),
            Self::Month => begin.checked_add_months(chrono::Months::new(1)),
        }
    }
}

/// Sums from the first day until today: a point a day for a quarter, a week for three years, else a month. A day
/// before the curve can begin counts into its first point.
fn cumulate(by_day: &[(NaiveDate, u64)], today: NaiveDate) -> (Period, Vec<(NaiveDate, u64)>) {
    const POINTS_MAX: usize = 600;
    let Some(first) = by_day.iter().map(|(day, _)| *day).filter(|day| *day <= today).min() else {
        return (Period::Day, Vec::new());
    };
    let period = match (today - first).num_days() {
        ..=120 => Period::Day,
        121..=1100 => Period::Week,
        _ => Period::Month,
    };
    let earliest = today.checked_sub_months(chrono::Months::new(POINTS_MAX as u32 - 1)).unwrap_or(first);
    let mut points: Vec<(NaiveDate, u64)> = Vec::new();
    let mut begin = period.begin(first.max(earliest));
    let mut sum = 0_u64;
    let mut days = by_day.iter().peekable();
    while begin <= today {
        let Some(end) = period.next(begin) else { break };
        while let Some((_, count)) = days.next_if(|(day, _)| *day < end) {
            sum = sum.saturating_add(*count);
        }
        points.push((begin, sum));
        begin = end;
    }
    (period, points)
}

#[cfg(test)]
mod tests {
    use super::{Period, cumulate};
    use chrono::NaiveDate;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_curve_has_no_holes_and_ends_today() {
        let days = [(day("2026-11-20"), 2), (day("2026-11-22"), 3), (day("2026-12-01"), 9)];
        let (period, points) = cumulate(&days, day("2026-11-23"));
        assert_eq!(period, Period::Day);
        assert_eq!(points.iter().map(|point| point.1).collect::<Vec<_>>(), [2, 2, 5, 5]);
        assert_eq!(cumulate(&[], day("2026-11-23")).1, []);
    }

    #[test]
    fn the_longer_the_curve_the_further_apart_its_points() {
        let over = |first: &str| cumulate(&[(day(first), 1)], day("2026-11-23"));
        assert_eq!((over("2026-01-01").0, over("2026-01-01").1.len()), (Period::Week, 48));
        assert_eq!((over("2016-11-23").0, over("2016-11-23").1.len()), (Period::Month, 121));
        let ancient = over("0001-01-01");
        assert_eq!((ancient.1.len(), ancient.1[0].1), (600, 1));
    }
}
