//! `[sends]`: how fast a campaign goes out.

use serde::Deserialize;
use toml::Spanned;

use super::error::Wrong;
use super::sync::within;

const PER_SECOND: u32 = 1;
const PER_SECOND_MAX: i64 = 1000;

/// The section as it stands.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SendsSection {
    per_second: Option<Spanned<i64>>,
}

/// How fast a campaign goes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sends {
    /// At most so many in a second; 1 to 1000, 1. `[api] requests_per_second` counts, too.
    pub per_second: u32,
}

impl Default for Sends {
    fn default() -> Self {
        Self { per_second: PER_SECOND }
    }
}

impl SendsSection {
    pub(super) fn validate(&self) -> Result<Sends, Wrong> {
        let said = within(self.per_second.as_ref(), 1, PER_SECOND_MAX)?;
        Ok(Sends { per_second: said.and_then(|n| u32::try_from(n).ok()).unwrap_or(PER_SECOND) })
    }
}
