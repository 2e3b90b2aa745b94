//! `[api]`: how the API is spoken to.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono_tz::Tz;
use serde::Deserialize;
use toml::Spanned;

use super::error::Wrong;
use super::sync::within;
use super::{base_url, time_zone};

const REQUESTS_PER_SECOND_MAX: i64 = 1000;
const TIMEOUT_S_MAX: i64 = 600;

/// The section as it stands; also what of it an account may say differently.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ApiSection {
    pub(super) base_url: Option<Spanned<String>>,
    pub(super) requests_per_second: Option<Spanned<i64>>,
    pub(super) timeout_s: Option<Spanned<i64>>,
    pub(super) time_zone: Option<Spanned<String>>,
    pub(super) aliases: Option<BTreeMap<String, Vec<String>>>,
}

/// How the API is spoken to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Api {
    /// Without a slash at its end; https, or http on this machine.
    pub base_url: String,
    /// 1 to 1000; 4.
    pub requests_per_second: u32,
    /// Of one request as a whole; 1 to 600 s, 30 s.
    pub timeout: Duration,
    /// Of dates that don't state one; UTC.
    pub time_zone: Tz,
    /// Spellings to add, by field.
    pub aliases: BTreeMap<String, Vec<String>>,
}

impl Default for Api {
    fn default() -> Self {
        Self {
            base_url: base_url::DEFAULT.into(),
            requests_per_second: 4,
            timeout: Duration::from_secs(30),
            time_zone: Tz::UTC,
            aliases: BTreeMap::new(),
        }
    }
}

impl ApiSection {
    /// What is said here over what is said elsewhere.
    pub(super) fn validate(&self, otherwise: Api) -> Result<Api, Wrong> {
        let mut api = otherwise;
        if let Some(text) = &self.base_url {
            api.base_url = base_url::validate(text.get_ref()).map_err(|refused| Wrong {
                span: text.span(),
                cause: refused.cause,
                hint: refused.hint,
            })?;
        }
        if let Some(number) = within(self.requests_per_second.as_ref(), 1, REQUESTS_PER_SECOND_MAX)? {
            api.requests_per_second = u32::try_from(number).unwrap_or(api.requests_per_second);
        }
        if let Some(number) = within(self.timeout_s.as_ref(), 1, TIMEOUT_S_MAX)? {
            api.timeout = Duration::from_secs(number.unsigned_abs());
        }
        if let Some(zone) = time_zone::validate(self.time_zone.as_ref())? {
            api.time_zone = zone;
        }
        api.aliases.extend(self.aliases.clone().unwrap_or_default());
        Ok(api)
    }
}
