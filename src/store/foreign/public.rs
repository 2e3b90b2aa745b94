//! The public's views, as whole: what is exported, since when, and by which day.

/// One of the public's views.
#[derive(Debug, PartialEq, Eq)]
pub struct PublicView {
    /// Its name.
    pub name: &'static str,
    /// When its rows came to be.
    since: Option<(&'static str, Since)>,
    /// The day by which its rows are parted, and how it is made.
    day: Option<(&'static str, &'static str)>,
}

/// How finely a view says when its rows came to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    /// To the second: `2026-11-23T09:05:10Z`.
    Instant,
    /// To the day: `2026-11-23`.
    Day,
}

use Since::{Day, Instant};

const VIEWS: &[PublicView] = &[
    PublicView { name: "directories", since: None, day: None },
    PublicView {
        name: "registrations",
        since: Some(("registered_at", Instant)),
        day: Some(("registered_on", "registered_on")),
    },
    PublicView {
        name: "removed_registrations",
        since: Some(("removed_at", Instant)),
        day: Some(("removed_on", "substr(removed_at, 1, 10)")),
    },
    PublicView {
        name: "registration_changes",
        since: Some(("at", Instant)),
        day: Some(("changed_on", "substr(at, 1, 10)")),
    },
    PublicView { name: "registrations_by_day", since: Some(("day", Day)), day: Some(("day", "day")) },
    PublicView {
        name: "walks",
        since: Some(("started_at", Instant)),
        day: Some(("started_on", "substr(started_at, 1, 10)")),
    },
    PublicView { name: "sync_status", since: None, day: None },
    PublicView { name: "sends", since: Some(("at", Instant)), day: Some(("sent_on", "substr(at, 1, 10)")) },
    PublicView { name: "opt_outs", since: Some(("since", Instant)), day: None },
];

impl PublicView {
    /// The views' names.
    pub fn names() -> impl Iterator<Item = &'static str> {
        VIEWS.iter().map(|view| view.name)
    }

    /// The view of a name.
    #[must_use]
    pub fn find(name: &str) -> Option<&'static Self> {
        VIEWS.iter().find(|view| view.name == name)
    }

    /// How finely it says when its rows came to be, if it does.
    #[must_use]
    pub fn since(&self) -> Option<Since> {
        self.since.map(|(_, since)| since)
    }

    /// What its rows' days are called, if they have any.
    #[must_use]
    pub fn day(&self) -> Option<&'static str> {
        self.day.map(|(name, _)| name)
    }

    /// All its rows, or those from the parameter `since` on.
    #[must_use]
    pub fn select(&self, since: Option<&str>) -> String {
        format!("SELECT * FROM {}{}", self.name, self.condition(since))
    }

    /// The same, day by day; the day is the first column, before all others.
    #[must_use]
    pub fn select_by_day(&self, since: Option<&str>) -> Option<String> {
        let (name, made) = self.day?;
        Some(format!("SELECT {made} AS {name}, * FROM {}{} ORDER BY 1", self.name, self.condition(since)))
    }

    fn condition(&self, since: Option<&str>) -> String {
        match (self.since, since) {
            (Some((column, _)), Some(_)) => format!(" WHERE {column} >= :since"),
            _ => String::new(),
        }
    }
}
