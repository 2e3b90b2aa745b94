//! What the operator says: one TOML file, the environment, the command line's flags; later ones win.
//!
//! Each section of the file has a file here. Reading ends in two steps, because not everybody who
//! may read the mirror may read its keys: [`Settings`] is everything but keys, [`Config`] has them.
//! Deliberately not here: whether an address answers or a folder is writable (the command `check`),
//! and what a field of `[api.aliases]` means (the API client).

mod accounts;
mod alerts;
mod api;
mod base_url;
mod cron;
mod difference;
mod document;
mod environment;
mod error;
mod http;
mod key_file;
mod key_pair;
mod location;
mod masking;
mod reports;
mod retention;
mod schedule;
mod sends;
mod snapshots;
mod sync;
mod time_zone;

#[cfg(test)]
mod tests;

use std::path::PathBuf;

pub use accounts::{Account, AccountSettings, KeySource};
pub use alerts::{Alerts, AlertsSettings, WebhookSource};
pub use api::Api;
pub use cron::CronExpression;
pub use environment::{Environment, VARIABLES};
pub use error::{ConfigError, Place};
pub use http::{Http, WithoutToken};
pub use key_pair::{KeyFiles, KeyPair, KeyPairError};
pub use location::{default_file, find_database};
pub use masking::Masking;
pub use reports::Reports;
pub use retention::Retention;
pub use schedule::Schedule;
pub use sends::Sends;
pub use snapshots::Snapshots;
pub use sync::Sync;

use accounts::AccountSection;
use document::Document;

/// What of the configuration flags may say.
#[derive(Clone, Debug, Default)]
pub struct Flags {
    /// `--config`.
    pub config: Option<PathBuf>,
    /// `--database`.
    pub database: Option<PathBuf>,
    /// `--base-url`.
    pub base_url: Option<String>,
    /// `--listen`, of the commands that serve.
    pub listen: Option<String>,
}

impl Flags {
    /// The same, and where a command was told to listen.
    #[must_use]
    pub fn listening(&self, listen: Option<&str>) -> Self {
        Self { listen: listen.map(str::to_owned), ..self.clone() }
    }
}

/// Where settings came from, for people.
#[derive(Clone, Debug, Default)]
pub struct Source {
    /// The file that was read, if there was one.
    pub file: Option<PathBuf>,
    /// Where it stands, or would.
    pub folder: PathBuf,
    /// What was said twice.
    pub shadowed: Vec<Shadowed>,
}

/// Something that was said and does not count, because a later source says it too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shadowed {
    /// What does not count.
    pub name: String,
    /// What counts.
    pub by: String,
}

/// Everything but keys.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The mirror's file.
    pub database: PathBuf,
    /// `[api]`, for accounts that say nothing else.
    pub api: Api,
    /// `[accounts.NAME]`, by name.
    pub accounts: Vec<AccountSettings>,
    /// `[sync]`.
    pub sync: Sync,
    /// `[schedule]`.
    pub schedule: Schedule,
    /// `[reports]`.
    pub reports: Reports,
    /// `[http]`.
    pub http: Http,
    /// `[masking]`.
    pub masking: Masking,
    /// `[snapshots]`.
    pub snapshots: Snapshots,
    /// `[alerts]`.
    pub alerts: AlertsSettings,
    /// `[retention]`.
    pub retention: Retention,
    /// `[sends]`.
    pub sends: Sends,
    /// Where all this came from.
    pub source: Source,
}

/// Everything, keys included.
#[derive(Clone, Debug)]
pub struct Config {
    /// The mirror's file.
    pub database: PathBuf,
    /// At least one; by name.
    pub accounts: Vec<Account>,
    /// `[sync]`.
    pub sync: Sync,
    /// `[schedule]`.
    pub schedule: Schedule,
    /// `[reports]`.
    pub reports: Reports,
    /// `[http]`.
    pub http: Http,
    /// `[masking]`.
    pub masking: Masking,
    /// `[snapshots]`.
    pub snapshots: Snapshots,
    /// `[alerts]`.
    pub alerts: Alerts,
    /// `[retention]`.
    pub retention: Retention,
    /// `[sends]`.
    pub sends: Sends,
    /// Where all this came from.
    pub source: Source,
}

impl Settings {
    /// Reads file, environment and flags, and looks at no key.
    ///
    /// # Errors
    /// When something of it can't be read or is not allowed; the error names file, line and column,
    /// or the variable or flag.
    pub fn load(flags: &Flags, environment: &Environment) -> Result<Self, ConfigError> {
        let document = Document::find(flags, environment)?;
        let sections = document.sections()?;
        let placed = |wrong| document.place(wrong);

        let (address, mut shadowed) = base_url::find_override(flags, environment)?;
        let mut api = sections.api.validate(Api::default()).map_err(placed)?;
        if let Some(address) = &address {
            if sections.api.base_url.is_some() {
                shadowed.push(Shadowed { name: "[api] base_url".into(), by: address.from.into() });
            }
            api.base_url.clone_from(&address.base_url);
        }
        let mut accounts = Vec::new();
        for (name, section) in &sections.accounts {
            let mut account =
                AccountSection::validate(name, section, &api, document.folder()).map_err(placed)?;
            if let Some(address) = &address {
                account.api.base_url.clone_from(&address.base_url);
            }
            accounts.push(account);
        }
        let database =
            location::database(flags, environment, sections.database.as_ref(), &document, &mut shadowed)?;
        let mut http = sections.http.validate(document.folder(), &database).map_err(placed)?;
        http.listen_elsewhere(flags, environment, sections.http.says_listen(), &mut shadowed)?;

        Ok(Self {
            snapshots: sections.snapshots.validate(document.folder(), &database).map_err(placed)?,
            alerts: sections.alerts.validate(document.folder()).map_err(placed)?,
            retention: sections.retention.validate().map_err(placed)?,
            sends: sections.sends.validate().map_err(placed)?,
            database,
            accounts,
            sync: sections.sync.validate().map_err(placed)?,
            schedule: sections.schedule.validate().map_err(placed)?,
            http,
            masking: sections.masking.validate(document.folder()).map_err(placed)?,
            reports: sections.reports.validate(document.folder()).map_err(placed)?,
            api,
            source: Source {
                file: document.path().map(Into::into),
                folder: match document.path() {
                    Some(_) => document.folder().into(),
                    None => location::default_folder(environment),
                },
                shadowed,
            },
        })
    }

    /// Which accounts there are, the one whose keys stand in the environment included.
    ///
    /// # Errors
    /// When half a pair stands in the environment, or there is no account at all.
    pub fn list_accounts(&self, environment: &Environment) -> Result<Vec<AccountSettings>, ConfigError> {
        accounts::list(self, environment)
    }

    /// Where the keys of an account are written, without a name those of account `default`; `None` where the
    /// configuration does not say.
    #[must_use]
    pub fn find_key_files(&self, account: Option<&str>) -> Option<KeyFiles> {
        accounts::find_files(self, account)
    }

    /// Pairs of keys that don't count, because a later source gives one too.
    #[must_use]
    pub fn list_shadowed_keys(&self, environment: &Environment) -> Vec<Shadowed> {
        accounts::list_shadowed(self, environment)
    }

    /// Reads the keys of every account.
    ///
    /// # Errors
    /// When a key can't be read, half a pair is missing, or there is no account at all.
    pub fn read_keys(self, environment: &Environment) -> Result<Config, ConfigError> {
        let accounts = self
            .list_accounts(environment)?
            .into_iter()
            .map(|account| account.read_keys(environment))
            .collect::<Result<_, _>>()?;
        Ok(Config {
            database: self.database,
            accounts,
            sync: self.sync,
            schedule: self.schedule,
            reports: self.reports,
            http: self.http,
            masking: self.masking,
            snapshots: self.snapshots,
            alerts: self.alerts.read()?,
            retention: self.retention,
            sends: self.sends,
            source: self.source,
        })
    }
}

impl Config {
    /// Reads everything, keys included.
    ///
    /// # Errors
    /// As [`Settings::load`] and [`Settings::read_keys`].
    pub fn load(flags: &Flags, environment: &Environment) -> Result<Self, ConfigError> {
        Settings::load(flags, environment)?.read_keys(environment)
    }
}
