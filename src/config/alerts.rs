//! `[alerts]`: whom the daemon tells that something is wrong, and after how many failed ticks.

use secrecy::SecretString;
use serde::Deserialize;
use std::path::{Path, PathBuf};
use toml::Spanned;
use url::Url;

use super::error::Wrong;
use super::sync::within;
use super::{ConfigError, Place, key_file};

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

/// Where the webhook's address stands.
#[derive(Clone, Debug)]
pub enum WebhookSource {
    /// In the configuration itself.
    Here(SecretString),
    /// In this file.
    File(PathBuf),
}

/// The section, before the file that holds the webhook's address is read: not everybody who may read the
/// mirror may read it.
#[derive(Clone, Debug)]
pub struct AlertsSettings {
    /// A program and its arguments, run without a shell; `None`: none.
    pub command: Option<Vec<String>>,
    /// Where the address stands that alerts are posted to; `None`: nowhere.
    pub webhook: Option<WebhookSource>,
    /// Failed ticks in a row that make an alert; 1 to 1000, 3.
    pub after_failures: u32,
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

impl AlertsSettings {
    /// Reads the webhook's address, where it stands in a file.
    ///
    /// # Errors
    /// When it can't be read or is none. Never quotes it.
    pub fn read(self) -> Result<Alerts, ConfigError> {
        let webhook_url = match self.webhook {
            None => None,
            Some(WebhookSource::Here(url)) => Some(url),
            Some(WebhookSource::File(path)) => {
                let wrong = |cause: String| {
                    ConfigError::new(Place::Webhook, cause)
                        .hint("the file holds one address alone and is readable by the mirror's user")
                };
                let url = key_file::read(&path).map_err(wrong)?;
                check_url(&url).map_err(|cause| wrong(format!("{}: {cause}", path.display())))?;
                Some(url)
            }
        };
        Ok(Alerts { command: self.command, webhook_url, after_failures: self.after_failures })
    }
}

impl AlertsSection {
    /// `folder` is what relative paths are relative to.
    pub(super) fn validate(&self, folder: &Path) -> Result<AlertsSettings, Wrong> {
        let after = within(self.after_failures.as_ref(), 1, AFTER_FAILURES_MAX)?;
        Ok(AlertsSettings {
            command: self.command()?,
            webhook: self.webhook(folder)?,
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

    fn webhook(&self, folder: &Path) -> Result<Option<WebhookSource>, Wrong> {
        match (&self.webhook_url, &self.webhook_url_file) {
            (None, None) => Ok(None),
            (Some(_), Some(file)) => {
                Err(Wrong::new(file.span(), "webhook_url stands beside webhook_url_file")
                    .hint("name one of the two"))
            }
            (Some(url), None) => {
                let text = SecretString::from(url.get_ref().as_str());
                check_url(&text).map_err(|cause| {
                    Wrong::new(url.span(), cause)
                        .hint("write an address such as https://alerts.example.com/hook")
                })?;
                Ok(Some(WebhookSource::Here(text)))
            }
            (None, Some(file)) => Ok(Some(WebhookSource::File(folder.join(file.get_ref())))),
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret as _;

    fn read(toml: &str) -> Result<AlertsSettings, String> {
        let section: AlertsSection = toml::from_str(toml).map_err(|error| error.message().to_owned())?;
        section.validate(Path::new("/etc/mirror")).map_err(|wrong| wrong.cause)
    }

    #[test]
    fn nobody_is_told_unless_somebody_is_named() {
        let settings = read("").unwrap();
        assert!(settings.command.is_none() && settings.webhook.is_none());
        assert_eq!(settings.after_failures, 3);
    }

    #[test]
    fn a_command_is_a_list_of_words_as_they_are() {
        let words = read(r#"command = ["/bin/alert", "", "a b; $c"]"#).unwrap().command.unwrap();
        assert_eq!(words, ["/bin/alert", "", "a b; $c"]);
        for (toml, cause) in [
            ("command = []", "names no program"),
            (r#"command = [""]"#, "names no program"),
            (r#"command = ["a\u0000b"]"#, "zero byte"),
            (r#"command = "alert""#, "sequence"),
        ] {
            let error = read(toml).unwrap_err();
            assert!(error.contains(cause), "{toml}: {error}");
        }
        let many = format!("command = [{}]", "\"x\",".repeat(101));
        assert!(read(&many).unwrap_err().contains("more than 100 words"));
    }

    #[test]
    fn a_webhook_is_an_address_here_or_in_a_file_and_no_error_quotes_it() {
        let here = read(r#"webhook_url = "https://example.com/s3cr3t""#).unwrap().read().unwrap();
        assert_eq!(here.webhook_url.unwrap().expose_secret(), "https://example.com/s3cr3t");
        let file = read(r#"webhook_url_file = "hook""#).unwrap();
        assert!(
            matches!(&file.webhook, Some(WebhookSource::File(path)) if path == Path::new("/etc/mirror/hook"))
        );
        let error = file.read().unwrap_err();
        assert_eq!(error.place, Place::Webhook);
        for (toml, cause) in [
            (r#"webhook_url = "s3cr3t""#, "it is no address"),
            (r#"webhook_url = "ftp://s3cr3t/""#, "no address of http or https"),
            ("webhook_url = \"https://example.com/\"\nwebhook_url_file = \"hook\"", "stands beside"),
        ] {
            let error = read(toml).unwrap_err();
            assert!(error.contains(cause) && !error.contains("s3cr3t"), "{toml}: {error}");
        }
    }

    #[test]
    fn failures_in_a_row_are_one_to_a_thousand() {
        assert_eq!(read("after_failures = 1000").unwrap().after_failures, 1000);
        for number in ["0", "-1", "1001"] {
            assert!(read(&format!("after_failures = {number}")).is_err(), "{number}");
        }
    }
}
