//! The list of reports.

use maud::{Markup, html};

use super::frame::{Frame, Liveness, Part};
use super::name::{cut, path_segment};

/// What the list of reports shows.
#[derive(Clone, Debug)]
pub struct ReportsPage {
    /// The reports.
    pub reports: Vec<ReportLine>,
    /// Why the folder could not be read.
    pub error: Option<String>,
}

/// A report in the list.
#[derive(Clone, Debug)]
pub struct ReportLine {
    /// Its name in addresses.
    pub name: String,
    /// What it is called.
    pub title: String,
    /// What it shows.
    pub description: Option<String>,
    /// Why it can't be run.
    pub error: Option<String>,
}

impl ReportsPage {
    /// The page.
    #[must_use]
    pub fn render(&self, frame: &Frame) -> Markup {
        let content = html! {
            div.heading { h1 { "Reports" } }
            @if let Some(error) = &self.error { div.notice.failed role="note" { p { (cut(error)) } } }
            @if self.reports.is_empty() {
                p.empty { "There are no reports. Every " code { "*.sql" } " file in " code { "[reports] folder" } " is one." }
            } @else {
                ul.reports { @for report in &self.reports { (line(report)) } }
            }
            p.quiet { "For programs: " a href="/reports.json" { code { "/reports.json" } } }
        };
        frame.page(Part::Reports, "Reports", Liveness::Still, &content)
    }
}

fn line(report: &ReportLine) -> Markup {
    let address = format!("/reports/{}", path_segment(&report.name));
    html! {
        li {
            h2 { a href=(address) { bdi { (cut(&report.title)) } } }
            @if let Some(description) = &report.description { p { (cut(description)) } }
            @if let Some(error) = &report.error {
                p.error { span.state.failed { span.sign aria-hidden="true" { "✕" } " broken" } " " (cut(error)) }
            }
        }
    }
}
