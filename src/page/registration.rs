//! Registrations as a table, and the form that filters them: usable without a script.

use chrono::NaiveDate;
use form_urlencoded::Serializer;
use maud::{Markup, html};

use super::frame::Frame;
use super::moment::moment;
use super::name::{cut, directory_address, mask, nothing, text};
use super::table::scroll;
use crate::instant::UtcInstant;
use crate::store::Access;

/// A registration as a page shows it. A masked reader's `email` is a mask, and what a masked reader does not see is
/// `None`.
#[derive(Clone, Debug, Default)]
pub struct Registration {
    /// The vendor's ID.
    pub registration_id: String,
    /// When the person registered.
    pub registered_at: Option<UtcInstant>,
    /// Given name.
    pub first_name: Option<String>,
    /// Family name.
    pub last_name: Option<String>,
    /// Email address, or its mask.
    pub email: Option<String>,
    /// City.
    pub city: Option<String>,
    /// Whether access was paid for.
    pub paid: Option<bool>,
    /// Whether the operator disabled this user.
    pub blocked: Option<bool>,
    /// Since when it was not seen, and not yet proved gone.
    pub missing_since: Option<UtcInstant>,
    /// When it was proved gone.
    pub removed_at: Option<UtcInstant>,
}

/// Which registrations are wanted, by their state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// Those that stand.
    #[default]
    Standing,
    /// Of these, the ones that were not seen lately.
    Missing,
    /// Those that were proved gone.
    Removed,
}

impl State {
    const ALL: [Self; 3] = [Self::Standing, Self::Missing, Self::Removed];

    /// The word in addresses.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Standing => "standing",
            Self::Missing => "missing",
            Self::Removed => "removed",
        }
    }

    /// From that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

/// What the form was filled in with, as it was typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// The first day, `2026-11-23`.
    pub since: String,
    /// The last day.
    pub until: String,
    /// What a value has to hold.
    pub text: String,
    /// By state.
    pub state: State,
}

impl Filter {
    fn is_set(&self) -> bool {
        *self != Self::default()
    }

    /// The address of the page that goes on after a row.
    fn address(&self, directory_id: &str, after: &str) -> String {
        let mut query = Serializer::new(String::new());
        for (name, value) in [("since", &self.since), ("until", &self.until), ("text", &self.text)] {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        if self.state != State::Standing {
            query.append_pair("state", self.state.as_str());
        }
        query.append_pair("after", after);
        format!("{}?{}#registrations", directory_address(directory_id), query.finish())
    }
}

/// A page of registrations, newest first.
#[derive(Clone, Debug, Default)]
pub struct Registrations {
    /// What they were asked for by.
    pub filter: Filter,
    /// The rows.
    pub rows: Vec<Registration>,
    /// Where the next page begins; `None` at the end.
    pub next: Option<String>,
    /// Whether this is not the first page.
    pub is_continued: bool,
    /// What the filter could not be understood for.
    pub error: Option<String>,
}

impl Registrations {
    pub(super) fn section(&self, frame: &Frame, directory_id: &str) -> Markup {
        let is_plain = !self.filter.is_set() && !self.is_continued;
        let heading = if is_plain { "Latest registrations" } else { "Registrations" };
        let first_page = format!("{}#registrations", directory_address(directory_id));
        html! {
            section #registrations aria-labelledby="registrations-heading" {
                h2 #registrations-heading { (heading) }
                (self.form(frame, directory_id))
                @if let Some(error) = &self.error {
                    div.notice.failed role="alert" { p { (cut(error)) } }
                }
                @if self.rows.is_empty() {
                    p.empty { @if is_plain { "Nobody has registered yet." } @else { "No registration is like that." } }
                } @else {
                    (scroll(heading, &self.table(frame, heading)))
                }
                @if self.next.is_some() || !is_plain {
                    nav.pager aria-label="Pages of registrations" {
                        @if !is_plain { a href=(first_page) { "Newest" } }
                        @if let Some(next) = &self.next {
                            a rel="next" href=(self.filter.address(directory_id, next)) { "Older" span aria-hidden="true" { " →" } }
                        }
                    }
                }
            }
        }
    }

    fn form(&self, frame: &Frame, directory_id: &str) -> Markup {
        let filter = &self.filter;
        let text_label = match frame.access {
            Access::Full => "Text",
            Access::Masked => "City, postcode or ID",
        };
        html! {
            form.filter method="get" action={ (directory_address(directory_id)) "#registrations" } role="search" aria-label="Registrations" {
                div.field { label for="since" { "Since" } input #since type="date" name="since" value=[day(&filter.since)]; }
                div.field { label for="until" { "Until" } input #until type="date" name="until" value=[day(&filter.until)]; }
                div.field.wide { label for="text" { (text_label) } input #text type="search" name="text" value=(filter.text) maxlength="200" autocomplete="off"; }
                div.field { label for="state" { "State" }
                    select #state name="state" {
                        @for state in State::ALL {
                            option value=(state.as_str()) selected[state == filter.state] { (state.as_str()) }
                        }
                    }
                }
                button type="submit" { "Filter" }
            }
        }
    }

    fn table(&self, frame: &Frame, heading: &str) -> Markup {
        html! {
            table.cards.registrations role="table" {
                caption.unseen { (heading) }
                thead role="rowgroup" { tr role="row" {
                    @for name in ["Registered", "Name", "Email", "City", "Paid", "ID"] {
                        th scope="col" role="columnheader" { (name) }
                    }
                } }
                tbody role="rowgroup" { @for row in &self.rows { (line(frame, row)) } }
            }
        }
    }
}

fn line(frame: &Frame, row: &Registration) -> Markup {
    let names = [row.first_name.as_deref(), row.last_name.as_deref()];
    let name =
        names.into_iter().flatten().filter(|name| !name.trim().is_empty()).collect::<Vec<_>>().join(" ");
    html! {
        tr.gone[row.removed_at.is_some()] role="row" {
            td.when role="cell" { (moment(frame, row.registered_at)) }
            td.person.names role="cell" {
                (text(Some(&name)))
                @if row.blocked == Some(true) { " " span.tag { "blocked" } }
                @if row.missing_since.is_some() { " " span.tag { "missing" } }
                @if row.removed_at.is_some() { " " span.tag { "removed" } }
            }
            td.person.email role="cell" { @if frame.access == Access::Masked { (mask(row.email.as_deref())) } @else { (text(row.email.as_deref())) } }
            td.person.city role="cell" { (text(row.city.as_deref())) }
            td.paid role="cell" data-label="Paid" { (yes(row.paid)) }
            td.id role="cell" { (text(Some(&row.registration_id))) }
        }
    }
}

/// What a field for a day may hold.
fn day(text: &str) -> Option<&str> {
    text.parse::<NaiveDate>().is_ok().then_some(text)
}

fn yes(value: Option<bool>) -> Markup {
    match value {
        Some(true) => html! { "yes" },
        Some(false) => html! { span.quiet { "no" } },
        None => nothing(),
    }
}
