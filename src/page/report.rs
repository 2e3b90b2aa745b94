//! A report's page: its form, its chart, its rows.

use form_urlencoded::Serializer;
use maud::{Markup, html};

use super::figure::{count, counted, real, whole};
use super::frame::{Frame, Liveness, Part};
use super::name::{cut, nothing, path_segment, text};
use super::report_chart::ReportChart;
use super::table::scroll;
use crate::report::Chart;
use crate::store::foreign::Cell;

/// Rows that a page shows; the chart may show more.
const ROWS_SHOWN: usize = 500;

/// What a report's page shows.
#[derive(Clone, Debug)]
pub struct ReportPage {
    /// Its name in addresses.
    pub name: String,
    /// What it is called.
    pub title: String,
    /// What it shows.
    pub description: Option<String>,
    /// What it can be asked with, and was.
    pub parameters: Vec<Parameter>,
    /// The chart that its header asks for; `None` leaves it to the columns.
    pub chart: Option<Chart>,
    /// Its rows, or why there are none.
    pub result: Result<Table, Broken>,
}

/// A parameter in the form.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Its name in addresses.
    pub name: String,
    /// What it is called.
    pub label: String,
    /// What it means; may be empty.
    pub hint: String,
    /// The kind of field: `text`, `number` or `date`.
    pub kind: &'static str,
    /// What it was given, or its default.
    pub value: String,
    /// What can be chosen, and how it is called; anything where there is nothing.
    pub choices: Vec<(String, String)>,
}

/// A report's rows, the first of them.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// Names.
    pub columns: Vec<String>,
    /// Rows, as many cells each as there are columns.
    pub rows: Vec<Vec<Value>>,
    /// Whether there are more.
    pub has_more: bool,
}

/// Why a report has no rows.
#[derive(Clone, Debug)]
pub struct Broken {
    /// `cannot …: cause`.
    pub error: String,
    /// What to do.
    pub hint: Option<String>,
}

/// One value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// No value.
    Null,
    /// A whole number.
    Integer(i64),
    /// A floating-point number.
    Real(f64),
    /// Text.
    Text(String),
    /// Bytes: how many.
    Blob(usize),
}

impl From<Cell<'_>> for Value {
    fn from(cell: Cell<'_>) -> Self {
        match cell {
            Cell::Null => Self::Null,
            Cell::Integer(number) => Self::Integer(number),
            Cell::Real(number) => Self::Real(number),
            Cell::Text(text) => Self::Text(String::from_utf8_lossy(text).into_owned()),
            Cell::Blob(bytes) => Self::Blob(bytes.len()),
        }
    }
}

impl Value {
    /// The number that it is.
    pub(super) fn number(&self) -> Option<f64> {
        match self {
            Self::Integer(number) => Some(*number as f64),
            Self::Real(number) => Some(*number),
            Self::Null | Self::Text(_) | Self::Blob(_) => None,
        }
    }

    /// As it is written under a chart.
    pub(super) fn label(&self) -> String {
        match self {
            Self::Null => "—".into(),
            Self::Integer(number) => number.to_string(),
            Self::Real(number) => real(*number, 2),
            Self::Text(text) => text.clone(),
            Self::Blob(bytes) => format!("{bytes} bytes"),
        }
    }

    fn markup(&self) -> Markup {
        match self {
            Self::Null => nothing(),
            Self::Integer(number) => html! { (whole((*number).into())) },
            Self::Real(number) => html! { (real(*number, 4)) },
            Self::Text(value) => text(Some(value)),
            Self::Blob(bytes) => html! { span.quiet { (counted(*bytes as u64, "byte", "bytes")) } },
        }
    }
}

impl Parameter {
    fn field(&self) -> Markup {
        let id = format!("parameter-{}", path_segment(&self.name));
        let hint_id = (!self.hint.is_empty()).then(|| format!("{id}-hint"));
        let step = (self.kind == "number").then_some("any");
        html! {
            div.field {
                label for=(id) { (cut(&self.label)) }
                @if self.choices.is_empty() {
                    input id=(id) type=(self.kind) name=(self.name) value=(self.value) step=[step] autocomplete="off" aria-describedby=[&hint_id];
                } @else {
                    select id=(id) name=(self.name) aria-describedby=[&hint_id] {
                        option value="" { "—" }
                        @for (value, name) in &self.choices {
                            option value=(value) selected[*value == self.value] { (cut(name)) }
                        }
                    }
                }
                @if let Some(hint_id) = &hint_id { p.hint id=(hint_id) { (cut(&self.hint)) } }
            }
        }
    }
}

impl ReportPage {
    /// The page.
    #[must_use]
    pub fn render(&self, frame: &Frame) -> Markup {
        let content = html! {
            nav.crumbs aria-label="Breadcrumb" { a href="/reports" { "Reports" } }
            div.heading { h1 { bdi { (cut(&self.title)) } } }
            @if let Some(description) = &self.description { p.lead { (cut(description)) } }
            @if !self.parameters.is_empty() { (self.form()) }
            @match &self.result {
                Ok(table) => (self.table(table)),
                Err(broken) => div.notice.failed role="note" {
                    p { strong { (cut(&broken.error)) } }
                    @if let Some(hint) = &broken.hint { p { "hint: " (cut(hint)) } }
                },
            }
        };
        frame.page(Part::Reports, &cut(&self.title), Liveness::Still, &content)
    }

    fn form(&self) -> Markup {
        html! {
            form.filter method="get" aria-label="Parameters" {
                @for parameter in &self.parameters { (parameter.field()) }
                button type="submit" { "Show" }
            }
        }
    }

    /// The same report for programs, asked with the same values.
    fn address(&self, ending: &str) -> String {
        let mut query = Serializer::new(String::new());
        for parameter in &self.parameters {
            query.append_pair(&parameter.name, &parameter.value);
        }
        let query = query.finish();
        let mark = if query.is_empty() { "" } else { "?" };
        format!("/reports/{}.{ending}{mark}{query}", path_segment(&self.name))
    }

    fn table(&self, table: &Table) -> Markup {
        let is_number = |column: usize| {
            let mut values =
                table.rows.iter().filter_map(|row| row.get(column)).filter(|value| **value != Value::Null);
            values.clone().next().is_some() && values.all(|value| value.number().is_some())
        };
        let numbers: Vec<bool> = (0..table.columns.len()).map(is_number).collect();
        let chart = ReportChart::choose(self.chart.as_ref(), table, &numbers);
        let is_cut = table.has_more || table.rows.len() > ROWS_SHOWN;
        let rows = count(table.rows.len().min(ROWS_SHOWN) as u64);
        html! {
            @if let Some(chart) = chart { (chart.render(&self.title, table)) }
            div.result {
                p.quiet {
                    @if is_cut { "The first " (rows) " rows; all of them are in the files." }
                    @else { (counted(table.rows.len() as u64, "row", "rows")) }
                }
                p { a href=(self.address("csv")) download { "CSV" } " · " a href=(self.address("json")) { "JSON" } }
            }
            @if table.rows.is_empty() { p.empty { "The report has no rows." } }
            @else if chart.is_some_and(ReportChart::is_whole) { details { summary { "As a table" } (rows_of(&self.title, table, &numbers)) } }
            @else { (rows_of(&self.title, table, &numbers)) }
        }
    }
}

fn rows_of(title: &str, table: &Table, numbers: &[bool]) -> Markup {
    let rows = html! {
        table {
            caption.unseen { (cut(title)) }
            thead { tr { @for (name, number) in table.columns.iter().zip(numbers) {
                th.number[*number] scope="col" { (cut(name)) }
            } } }
            tbody { @for row in &table.rows[..table.rows.len().min(ROWS_SHOWN)] { tr { @for (value, number) in row.iter().zip(numbers) {
                td.number[*number] { (value.markup()) }
            } } } }
        }
    };
    scroll("Rows of the report", &rows)
}
