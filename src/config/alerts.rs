//! `[alerts]`: whom the daemon tells that something is wrong, and after how many failed ticks.

use secrecy::SecretString;
use serde::Deserialize;
use std::path::{Path, PathBuf};
use toml::Spanned;
use url::Url;

use super::error::Wrong;
use super::key_file;
use super::sync::within;

const AFTER_FAILURES: u32 = 3;
const AFTER_FAILURES_MAX: i64 = 1000;
const WORDS_MAX: usize = 100;

/// The section as it stands.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AlertsSection {
    command: Option<Spanned<Vec<Spanned<String>>>>,
    webhook_url: Option<Spanned<String>>,
    webhook_url_file: Option<Spanned<PathBuf>>,
    after_failures: Option<Spanned<i64>>,
}

/// Whom the daemon tells that something is wrong.
#[derive(Clone, Debug)]
pub struct Alerts {
    /// A program and its arguments, run without a shell; `None`: none.
    pub command: Option<Vec<String>>,
    /// Where alerts are posted to; `None`: nowhere. Who knows such an address may often post there.
    pub webhook_url: Option<SecretString>,
    /// Failed ticks in a row that make an alert; 1 to 1000, 3.
    pub after_failures: u32,
}

impl Default for Alerts {
    fn default() -> Self {
        Self { command: None, webhook_url: None, after_failures: AFTER_FAILURES }
    }
}

impl AlertsSection {
    /// `folder` is what relative paths are relative to.
    pub(super) fn validate(&self, folder: &Path) -> Result<Alerts, Wrong> {
        let after = within(self.after_failures.as_ref(), 1, AFTER_FAILURES_MAX)?;
        Ok(Alerts {
            command: self.command()?,
            webhook_url: self.webhook_url(folder)?,
            after_failures: after.map_or(AFTER_FAILURES, |n| u32::try_from(n).unwrap_or(AFTER_FAILURES)),
        })
    }

    fn command(&self) -> Result<Option<Vec<String>>, Wrong> {
        let Some(command) = &self.command else { return Ok(None) };
        let words = command.get_ref();
        if words.first().is_none_or(|program| program.get_ref().is_empty()) {
            return Err(Wrong::new(command.span(), "`command` names no program")
                .hint("write a program and its arguments: [\"/usr/local/bin/alert\", \"--urgent\"]"));
        }
        if words.len() > WORDS_MAX {
            return Err(Wrong::new(command.span(), format!("it has more than {WORDS_MAX} words")));
        }
        if let Some(word) = words.iter().find(|word| word.get_ref().contains('\0')) {
            return Err(Wrong::new(word.span(), "no program takes an argument with a zero byte"));
        }
        Ok(Some(words.iter().map(|word| word.get_ref().clone()).collect()))
    }

    fn webhook_url(&self, folder: &Path) -> Result<Option<SecretString>, Wrong> {
        let (text, span) = match (&self.webhook_url, &self.webhook_url_file) {
            (None, None) => return Ok(None),
            (Some(_), Some(file)) => {
                return Err(Wrong::new(file.span(), "webhook_url stands beside webhook_url_file")
                    .hint("name one of the two"));
            }
            (Some(url), None) => (SecretString::from(url.get_ref().as_str()), url.span()),
            (None, Some(file)) => {
                let read = key_file::read(&folder.join(file.get_ref()));
                (read.map_err(|cause| Wrong::new(file.span(), cause))?, file.span())
            }
        };
        check_url(&text).map_err(|cause| {
            Wrong::new(span, cause).hint("write an address such as https://alerts.example.com/hook")
        })?;
        Ok(Some(text))
    }
}

/// Never quotes it: such an address is often all that it takes to post there.
fn check_url(text: &SecretString) -> Result<(), &'static str> {
    use secrecy::ExposeSecret;
    let url = Url::parse(text.expose_secret()).map_err(|_| "it is no address")?;
    if matches!(url.scheme(), "http" | "https") && url.host().is_some() {
        Ok(())
    } else {
        Err("it is no address of http or https")
    }
}
