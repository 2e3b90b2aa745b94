//! Who has yet to be told what, in order, each by itself: a webhook that fails keeps no command waiting.
//!
//! Whoever was told of a beginning is told of its end. Who is named only later is told of what fires then,
//! and not of what was over before.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::board::alert;
use super::{Alert, Firing, Key, State};

/// What waits for one who can't be told. Who never answers would else fill the file.
const DUE_MAX: usize = 1000;

/// By what the operator is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Via {
    /// A program of the operator's.
    Command,
    /// An HTTP address.
    Webhook,
}

impl Via {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Command, Self::Webhook];

    /// The word in the file and in metrics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Command => "command",
            Self::Webhook => "webhook",
        }
    }

    /// From its word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|via| via.as_str() == word)
    }
}

/// Something that is yet to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// Its place among all that was ever to be told.
    pub number: i64,
    /// By what.
    pub via: Via,
    /// What.
    pub alert: Alert,
}

/// What is yet to be told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outbox {
    due: BTreeMap<Via, VecDeque<Due>>,
    /// Of what fires, whose beginning was told or is due.
    begun: BTreeSet<(Via, Key)>,
    last_number: i64,
}

impl Outbox {
    /// Goes on with what was saved; `due` by number.
    #[must_use]
    pub fn new(due: Vec<Due>, begun: BTreeSet<(Via, Key)>) -> Self {
        let mut outbox = Self { begun, ..Self::default() };
        for due in due {
            outbox.last_number = outbox.last_number.max(due.number);
            outbox.due.entry(due.via).or_default().push_back(due);
        }
        outbox
    }

    /// Only these are told from now on: one that is new is told of what fires, and nothing waits for one
    /// that is named no longer. Whether that changed anything.
    pub fn tell_by(&mut self, vias: &BTreeSet<Via>, firing: &BTreeMap<Key, Firing>) -> bool {
        let before = (self.last_number, self.begun.len(), self.due.len());
        self.due.retain(|via, _| vias.contains(via));
        self.begun.retain(|(via, _)| vias.contains(via));
        for via in vias {
            for (key, firing) in firing {
                if self.begun.insert((*via, key.clone())) {
                    self.push(*via, alert(key, State::Firing, firing));
                }
            }
        }
        before != (self.last_number, self.begun.len(), self.due.len())
    }

    /// To be told by each of these.
    pub fn add(&mut self, alert: &Alert, vias: &BTreeSet<Via>) {
        for via in vias {
            let key = (*via, alert.key.clone());
            let is_new = match alert.state {
                State::Firing => self.begun.insert(key),
                State::Resolved => self.begun.remove(&key),
            };
            if is_new {
                self.push(*via, alert.clone());
            }
        }
        if alert.state == State::Resolved {
            self.begun.retain(|(_, key)| *key != alert.key);
        }
    }

    /// What is next to be told by it.
    #[must_use]
    pub fn next(&self, via: Via) -> Option<&Due> {
        self.due.get(&via)?.front()
    }

    /// It was told.
    pub fn told(&mut self, via: Via, number: i64) {
        if self.next(via).is_some_and(|due| due.number == number)
            && let Some(due) = self.due.get_mut(&via)
        {
            due.pop_front();
        }
    }

    /// All that is due, each by what it is told.
    pub fn due(&self) -> impl Iterator<Item = &Due> {
        self.due.values().flatten()
    }

    /// Whether the beginning of what fires was told by it or is due.
    #[must_use]
    pub fn has_begun(&self, via: Via, key: &Key) -> bool {
        self.begun.contains(&(via, key.clone()))
    }

    fn push(&mut self, via: Via, alert: Alert) {
        self.last_number += 1;
        let due = self.due.entry(via).or_default();
        due.push_back(Due { number: self.last_number, via, alert });
        if due.len() > DUE_MAX {
            due.pop_front();
        }
    }
}
