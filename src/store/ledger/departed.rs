//! Who has left: recipients whose every registration was removed upstream.

use std::collections::HashSet;

use super::{Ledger, statement};
use crate::recipient::{Channel, Country, Recipient, digit};
use crate::store::error::StoreError;

/// Digits by which numbers are told apart before they are read with care, which is slow.
const DIGITS: usize = 6;

/// Recipients whose every registration was removed.
pub struct Departed(HashSet<String>);

impl Departed {
    /// Whether this one has left.
    #[must_use]
    pub fn contains(&self, recipient: &Recipient) -> bool {
        !self.0.is_empty() && self.0.contains(&recipient.identity())
    }
}

impl Ledger {
    /// Finds out who has left; national numbers are read as this country's.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn find_departed(&self, channel: Channel, country: Option<Country>) -> Result<Departed, StoreError> {
        let (removed, standing) = match channel {
            Channel::Email => (statement::REMOVED_EMAILS, statement::STANDING_EMAILS),
            Channel::Sms => (statement::REMOVED_PHONES, statement::STANDING_PHONES),
        };
        let (mut departed, mut rough) = (HashSet::new(), HashSet::new());
        self.each_text(removed, |text| {
            if let Ok(recipient) = Recipient::parse(channel, text, country) {
                rough.insert(roughly(channel, text));
                departed.insert(recipient.identity());
            }
        })?;
        if !departed.is_empty() {
            self.each_text(standing, |text| {
                if rough.contains(&roughly(channel, text))
                    && let Ok(recipient) = Recipient::parse(channel, text, country)
                {
                    departed.remove(&recipient.identity());
                }
            })?;
        }
        Ok(Departed(departed))
    }

    fn each_text(&self, sql: &'static str, mut take: impl FnMut(&str)) -> Result<(), StoreError> {
        let mut statement = self.connection.prepare(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            if let Ok(text) = row.get_ref(0)?.as_str() {
                take(text);
            }
        }
        Ok(())
    }
}

/// Equal for all spellings of one recipient, and seldom for two.
fn roughly(channel: Channel, text: &str) -> String {
    match channel {
        Channel::Email => text.trim().split('@').next().unwrap_or_default().to_lowercase(),
        Channel::Sms => {
            let digits: Vec<char> = text.chars().filter_map(digit).collect();
            digits.iter().rev().take(DIGITS).collect()
        }
    }
}
