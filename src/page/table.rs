//! The box that a wide table scrolls in, so that the page never does.

use maud::{Markup, html};

/// A box that scrolls sideways by touch, wheel and keyboard. `name` is what the table is called.
pub(super) fn scroll(name: &str, table: &Markup) -> Markup {
    html! { div.scroll role="region" aria-label=(name) tabindex="0" { (table) } }
}
