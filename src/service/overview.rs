//! What goes on, in a line for `systemctl status`: told of every step of every tick, it keeps what the last
//! ticks brought. No name and no person stands in it: accounts and directories by ID.

use std::collections::{BTreeMap, BTreeSet};

use crate::directory::{AccountName, DirectoryId};
use crate::store::WalkOutcome;
use crate::sync::{AccountReport, Progressed, TroubleKind};

/// Directories that are named; of the others, how many.
const NAMED_MAX: usize = 3;

/// What goes on.
#[derive(Debug, Default)]
pub struct Overview {
    accounts: BTreeMap<AccountName, LastTick>,
    walking: BTreeSet<DirectoryId>,
    ticks: u64,
    is_reload_refused: bool,
}

/// What an account's last tick brought.
#[derive(Debug)]
struct LastTick {
    trouble: Option<TroubleKind>,
    failed: Vec<DirectoryId>,
}

/// What the file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holding {
    /// Directories that are mirrored.
    pub directories: u64,
    /// Their registrations that stand.
    pub registrations: u64,
}

impl Overview {
    /// Takes a step of a tick in.
    pub fn observe(&mut self, progressed: &Progressed<'_>) {
        match *progressed {
            Progressed::Began { directory, .. } => {
                self.walking.insert(directory.clone());
            }
            Progressed::Ended { directory, .. } => {
                self.walking.remove(directory);
            }
            Progressed::Ticked { report } => {
                self.ticks += 1;
                self.accounts.insert(report.account.clone(), LastTick::of(report));
            }
            Progressed::Read { .. } | Progressed::Dropped { .. } => {}
        }
    }

    /// Forgets accounts that are there no more.
    pub fn keep(&mut self, is_there: impl Fn(&AccountName) -> bool) {
        self.accounts.retain(|account, _| is_there(account));
    }

    /// Whether the last reload was refused, and the settings are those of before.
    pub fn set_reload_refused(&mut self, is_refused: bool) {
        self.is_reload_refused = is_refused;
    }

    /// Ticks that are over: where there are more than before, the file may hold something else.
    #[must_use]
    pub fn ticks(&self) -> u64 {
        self.ticks
    }

    /// The line.
    #[must_use]
    pub fn text(&self, holding: Option<Holding>, next_look: Option<&str>) -> String {
        let mut parts = Vec::new();
        if self.is_reload_refused {
            parts.push("the reload was refused, see the log".to_owned());
        }
        let troubles: Vec<_> = self.accounts.iter().filter_map(|(name, last)| last.text(name)).collect();
        match holding {
            _ if !self.walking.is_empty() => parts.push(walking(self.walking.len() as u64, holding)),
            Some(Holding { directories, registrations }) => {
                let fresh = if troubles.is_empty() && self.ticks > 0 { ", all fresh" } else { "" };
                parts.push(format!(
                    "{}, {}{fresh}",
                    counted(directories, "directory", "directories"),
                    counted(registrations, "registration", "registrations")
                ));
            }
            None => parts.push("looking for the first time".to_owned()),
        }
        parts.extend(troubles);
        if let Some(at) = next_look.filter(|_| self.walking.is_empty()) {
            parts.push(format!("next look {at}"));
        }
        parts.join("; ")
    }
}

impl LastTick {
    fn of(report: &AccountReport) -> Self {
        let failed = report.walks.iter().filter(|walk| walk.outcome == WalkOutcome::Failed);
        Self {
            trouble: report.trouble.as_ref().map(|trouble| trouble.kind),
            failed: failed.map(|walk| walk.directory.clone()).collect(),
        }
    }

    fn text(&self, account: &AccountName) -> Option<String> {
        let trouble = match self.trouble {
            Some(TroubleKind::Refused) => "keys refused",
            Some(TroubleKind::Unreachable) => "the API cannot be reached",
            Some(TroubleKind::Other) => "its directories cannot be listed, or not all of them",
            None if self.failed.is_empty() => return None,
            None => return Some(format!("account {account}: not walked: {}", named(&self.failed))),
        };
        Some(format!("account {account}: {trouble}"))
    }
}

fn walking(walks: u64, holding: Option<Holding>) -> String {
    match holding {
        // Some may be new.
        Some(Holding { directories, registrations }) if directories >= walks => format!(
            "walking {} of {}, {}",
            grouped(walks),
            counted(directories, "directory", "directories"),
            counted(registrations, "registration", "registrations")
        ),
        _ => format!("walking {}", counted(walks, "directory", "directories")),
    }
}

fn named(directories: &[DirectoryId]) -> String {
    let mut names: Vec<String> = directories.iter().take(NAMED_MAX).map(ToString::to_string).collect();
    if directories.len() > NAMED_MAX {
        names.push(format!("and {} more", directories.len() - NAMED_MAX));
    }
    names.join(", ")
}

fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(number), if number == 1 { one } else { many })
}

/// `34,567`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let first = digits.len() % 3;
    let (head, tail) = digits.split_at(first);
    let groups = tail.as_bytes().chunks(3).map(|group| String::from_utf8_lossy(group));
    let groups: Vec<_> = (!head.is_empty()).then(|| head.into()).into_iter().chain(groups).collect();
    groups.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sync::Trouble;

    const HOLDING: Option<Holding> = Some(Holding { directories: 12, registrations: 34_567 });

    fn report(account: &str, trouble: Option<TroubleKind>) -> AccountReport {
        let trouble = trouble.map(|kind| Trouble { kind, ..Trouble::other("no") });
        AccountReport { account: AccountName::new(account), walks: Vec::new(), listed: Vec::new(), trouble }
    }

    fn ticked(reports: &[AccountReport]) -> Overview {
        let mut overview = Overview::default();
        reports.iter().for_each(|report| overview.observe(&Progressed::Ticked { report }));
        overview
    }

    #[test]
    fn it_tells_of_the_file_and_of_the_next_look() {
        let overview = ticked(&[report("north", None)]);
        assert_eq!(
            overview.text(HOLDING, Some("14:05:00 UTC")),
            "12 directories, 34,567 registrations, all fresh; next look 14:05:00 UTC"
        );
        let one = Some(Holding { directories: 1, registrations: 1 });
        assert_eq!(overview.text(one, None), "1 directory, 1 registration, all fresh");
    }

    #[test]
    fn it_tells_of_trouble_by_account() {
        let reports = [report("north", Some(TroubleKind::Refused)), report("south", None)];
        let mut overview = ticked(&reports);
        let text = overview.text(HOLDING, None);
        assert_eq!(text, "12 directories, 34,567 registrations; account north: keys refused");
        overview.keep(|account| account.as_str() != "north");
        assert!(overview.text(HOLDING, None).ends_with("all fresh"));
        overview.set_reload_refused(true);
        assert!(overview.text(HOLDING, None).starts_with("the reload was refused"));
    }

    #[test]
    fn it_tells_of_walks_under_way() {
        let mut overview = Overview::default();
        assert_eq!(overview.text(None, None), "looking for the first time");
        let ids = ["dir_1", "dir_2"].map(DirectoryId::new);
        for directory in &ids {
            overview.observe(&Progressed::Began { directory, registrations: 0 });
        }
        assert_eq!(overview.text(None, Some("soon")), "walking 2 directories");
        assert_eq!(overview.text(HOLDING, Some("soon")), "walking 2 of 12 directories, 34,567 registrations");
        overview.observe(&Progressed::Ended { directory: &ids[0], walk: None });
        assert!(overview.text(HOLDING, None).starts_with("walking 1 of 12"));
    }

    #[test]
    fn numbers_are_grouped_and_directories_are_named_up_to_three() {
        assert_eq!(
            [0, 999, 1000, 1_234_567].map(grouped),
            ["0", "999", "1,000", "1,234,567"].map(str::to_owned)
        );
        let ids: Vec<_> = ["a", "b", "c", "d", "e"].map(DirectoryId::new).into();
        assert_eq!(named(&ids), "a, b, c, and 2 more");
    }
}
