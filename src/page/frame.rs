//! What stands around every page: head, navigation, footer.

use chrono::NaiveDate;
use chrono_tz::Tz;
use maud::{DOCTYPE, Markup, html};

use super::assets::{ICON_ADDRESS, LIVE_ADDRESS, STYLE_ADDRESS};
use crate::instant::UtcInstant;
use crate::store::Access;

/// What every page is told: who reads, and when.
#[derive(Clone, Copy, Debug)]
pub struct Frame {
    /// What the reader may see.
    pub access: Access,
    /// The moment.
    pub now: UtcInstant,
    /// Of days, and of the moments shown.
    pub time_zone: Tz,
    /// The age from which a directory is stale.
    pub stale_after_s: i64,
}

/// Which part of the site a page belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Directories,
    Changes,
    Reports,
    Nowhere,
}

/// Whether the page brings its rows up to date by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Liveness {
    Still,
    Live,
}

const PARTS: [(Part, &str, &str); 3] = [
    (Part::Directories, "/", "Directories"),
    (Part::Changes, "/changes", "Changes"),
    (Part::Reports, "/reports", "Reports"),
];

impl Frame {
    /// Today's date.
    #[must_use]
    pub fn today(&self) -> NaiveDate {
        self.now.datetime().with_timezone(&self.time_zone).date_naive()
    }

    /// The whole document around `content`, which has the page's one `h1`.
    pub(super) fn page(&self, part: Part, title: &str, liveness: Liveness, content: &Markup) -> Markup {
        html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    meta name="robots" content="noindex";
                    title { (title) " · coupontools-mirror" }
                    link rel="icon" type="image/svg+xml" href=(*ICON_ADDRESS);
                    link rel="stylesheet" href=(*STYLE_ADDRESS);
                    @if liveness == Liveness::Live { script src=(*LIVE_ADDRESS) defer {} }
                }
                body {
                    a.skip href="#content" { "Skip to the content" }
                    header.top {
                        div.bar {
                            a.brand href="/" { img src=(*ICON_ADDRESS) alt="" width="20" height="20"; "coupontools-mirror" }
                            nav aria-label="Main" {
                                @for (place, address, word) in PARTS {
                                    a href=(address) aria-current=[(place == part).then_some("page")] { (word) }
                                }
                            }
                        }
                    }
                    @if self.access == Access::Masked {
                        p.masked-note role="note" {
                            strong { "Masked." }
                            " Email addresses and phone numbers are shown as keyed hashes, names and streets not at all. "
                            a href="/sign-in" { "Sign in with a token" }
                            " that may see them."
                        }
                    }
                    main #content tabindex="-1" { (content) }
                    footer {
                        p {
                            "As of "
                            time datetime=(self.now) { (self.now.datetime().with_timezone(&self.time_zone).format("%-d %B %Y, %H:%M:%S")) }
                            ", days and times in " (self.time_zone.name()) "."
                        }
                        p { a href="/docs" { "API" } " · " a href="/metrics" { "Metrics" } " · " (concat!("version ", env!("CARGO_PKG_VERSION"))) }
                    }
                }
            }
        }
    }
}
