//! Who is sent to, and who is left out and why. Pure, but for whom it asks what is known of a recipient.

use std::collections::{BTreeMap, HashSet};

use crate::recipient::{Channel, Country, Invalid, Recipient};
use crate::store::StoreError;
use crate::store::ledger::Obstacle;

/// Recipients of one send: a list is held in memory.
pub const RECIPIENTS_MAX: usize = 1_000_000;

/// Why somebody is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LeftOut {
    /// Nobody can be sent to there.
    Invalid(Invalid),
    /// They stand in the list before.
    Duplicate,
    /// They don't want to be sent to.
    OptedOut,
    /// They were sent this campaign, or without one this directory.
    SentBefore,
    /// They may have been sent it: nobody knows.
    Unknown,
    /// They have left: every registration of theirs was removed.
    Removed,
    /// They were erased, and stand in a list from elsewhere.
    Erased,
}

impl LeftOut {
    /// Every reason for which somebody is invalid.
    pub const INVALID: [Self; 7] = [
        Self::Invalid(Invalid::Empty),
        Self::Invalid(Invalid::NoEmail),
        Self::Invalid(Invalid::NoDomain),
        Self::Invalid(Invalid::NoPhone),
        Self::Invalid(Invalid::NoCountry),
        Self::Invalid(Invalid::NotInPlan),
        Self::Invalid(Invalid::NoMobile),
    ];

    /// For people.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Invalid(invalid) => invalid.as_str(),
            Self::Duplicate => "twice in the list",
            Self::OptedOut => "opted out",
            Self::SentBefore => "sent before",
            Self::Unknown => "perhaps sent before (see `send list --unknown`)",
            Self::Removed => "no longer registered",
            Self::Erased => "erased",
        }
    }

    /// For programs.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Invalid(_) => "invalid",
            Self::Duplicate => "duplicate",
            Self::OptedOut => "opted_out",
            Self::SentBefore => "sent_before",
            Self::Unknown => "unknown",
            Self::Removed => "removed",
            Self::Erased => "erased",
        }
    }

    /// The same, and of the invalid why they are.
    #[must_use]
    pub fn detail(self) -> &'static str {
        match self {
            Self::Invalid(invalid) => invalid.word(),
            other => other.word(),
        }
    }
}

impl From<Obstacle> for LeftOut {
    fn from(obstacle: Obstacle) -> Self {
        match obstacle {
            Obstacle::OptedOut => Self::OptedOut,
            Obstacle::SentBefore => Self::SentBefore,
            Obstacle::Unknown => Self::Unknown,
        }
    }
}

/// Who is sent to, and who is not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// In the list's order, nobody twice.
    pub recipients: Vec<Recipient>,
    /// How many were left out, by reason.
    pub left_out: BTreeMap<LeftOut, u64>,
}

impl Plan {
    /// Whether all that stood in the list is wrong, and more than empty.
    #[must_use]
    pub fn is_nonsense(&self) -> bool {
        let are_invalid = self.left_out.keys().all(|reason| matches!(reason, LeftOut::Invalid(_)));
        let are_empty = self.left_out.keys().all(|reason| *reason == LeftOut::Invalid(Invalid::Empty));
        self.recipients.is_empty() && are_invalid && !are_empty
    }

    /// How many stood in the list.
    #[must_use]
    pub fn listed(&self) -> u64 {
        self.recipients.len() as u64 + self.left_out.values().sum::<u64>()
    }
}

/// Makes a plan, recipient by recipient.
pub struct Planner<F> {
    channel: Channel,
    country: Option<Country>,
    look_up: F,
    seen: HashSet<String>,
    plan: Plan,
}

impl<F> Planner<F>
where
    F: FnMut(&Recipient) -> Result<Option<LeftOut>, StoreError>,
{
    /// `look_up` tells what is known of a recipient that could be sent to.
    pub fn new(channel: Channel, country: Option<Country>, look_up: F) -> Self {
        Self { channel, country, look_up, seen: HashSet::new(), plan: Plan::default() }
    }

    /// Takes one as they stand in the list; says what became of them.
    ///
    /// # Errors
    /// When the ledger can't be read.
    pub fn add(&mut self, text: &str) -> Result<Option<LeftOut>, StoreError> {
        let left_out = match Recipient::parse(self.channel, text, self.country) {
            Err(invalid) => Some(LeftOut::Invalid(invalid)),
            Ok(recipient) if !self.seen.insert(recipient.identity()) => Some(LeftOut::Duplicate),
            Ok(recipient) => {
                let left_out = (self.look_up)(&recipient)?;
                if left_out.is_none() {
                    self.plan.recipients.push(recipient);
                }
                left_out
            }
        };
        if let Some(reason) = left_out {
            self.count(reason);
        }
        Ok(left_out)
    }

    /// Leaves out what stands in the list and is no text: nobody's address or number.
    pub fn refuse(&mut self) -> LeftOut {
        let reason = LeftOut::Invalid(match self.channel {
            Channel::Email => Invalid::NoEmail,
            Channel::Sms => Invalid::NoPhone,
        });
        self.count(reason);
        reason
    }

    fn count(&mut self, reason: LeftOut) {
        *self.plan.left_out.entry(reason).or_insert(0) += 1;
    }

    /// What was made of the latest who is to be sent to.
    pub fn last(&self) -> Option<&str> {
        self.plan.recipients.last().map(Recipient::address)
    }

    /// The plan.
    pub fn finish(self) -> Plan {
        self.plan
    }
}

#[cfg(test)]
mod tests {
    use super::{LeftOut, Planner};
    use crate::recipient::{Channel, Invalid};

    #[test]
    fn each_is_sent_to_once_and_whoever_is_left_out_is_counted_by_the_first_reason() {
        let mut planner = Planner::new(Channel::Email, None, |recipient| {
            Ok(recipient.address().starts_with("no").then_some(LeftOut::OptedOut))
        });
        for text in ["a@example.com", "A@Example.com", "nobody@example.com", "nobody@example.com", "x", ""] {
            planner.add(text).unwrap();
        }
        let plan = planner.finish();
        assert_eq!(plan.listed(), 6);
        assert_eq!(plan.recipients.iter().map(|one| one.address()).collect::<Vec<_>>(), ["a@example.com"]);
        let left_out: Vec<_> = plan.left_out.into_iter().collect();
        let expected = [
            (LeftOut::Invalid(Invalid::Empty), 1),
            (LeftOut::Invalid(Invalid::NoEmail), 1),
            (LeftOut::Duplicate, 2),
            (LeftOut::OptedOut, 1),
        ];
        assert_eq!(left_out, expected);
    }
}
