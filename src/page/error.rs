//! What a browser is shown when there is nothing else to show.

use maud::{Markup, html};

use super::frame::{Frame, Liveness, Part};
use super::name::cut;

/// What a browser is shown when something went wrong. Nothing of a request stands in it.
#[derive(Clone, Debug)]
pub struct ErrorPage {
    /// The status code.
    pub status: u16,
    /// `cannot …: cause`.
    pub error: String,
    /// What to do.
    pub hint: Option<String>,
}

impl ErrorPage {
    /// The page.
    #[must_use]
    pub fn render(&self, frame: &Frame) -> Markup {
        let content = html! {
            div.failure {
                p.status { (self.status) }
                h1 { (cut(&self.error)) }
                @if let Some(hint) = &self.hint { p.lead { "hint: " (cut(hint)) } }
                p { a href="/" { "All directories" } }
            }
        };
        frame.page(Part::Nowhere, &format!("Error {}", self.status), Liveness::Still, &content)
    }
}
