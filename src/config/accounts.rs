//! `[accounts.NAME]` and the pair of keys in the environment: whose directories are mirrored.
//!
//! A pair comes whole from one place. The environment's (`COUPONTOOLS_CLIENT_ID` and
//! `COUPONTOOLS_CLIENT_SECRET`, else systemd's credentials `client_id` and `client_secret`) is account
//! `default` and wins over the files of `[accounts.default]`, whose other settings still count, and these over the
//! files `client_id` and `client_secret` beside the configuration, which the command `keys` writes.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use secrecy::SecretString;
use serde::Deserialize;
use toml::Spanned;

use super::api::{Api, ApiSection};
use super::error::Wrong;
use super::key_pair::{Found, KeyFiles};
use super::{ConfigError, Environment, Place, Settings, Shadowed, key_file};
use crate::directory::AccountName;

/// The account whose keys stand in the environment.
const DEFAULT: &str = "default";
const CLIENT_ID: &str = "COUPONTOOLS_CLIENT_ID";
const CLIENT_SECRET: &str = "COUPONTOOLS_CLIENT_SECRET";
const CREDENTIALS: &str = "CREDENTIALS_DIRECTORY";
const NAME_CHARACTERS_MAX: usize = 64;
const NO_KEYS_HINT: &str = "give them with `coupontools-mirror keys`, or set COUPONTOOLS_CLIENT_ID and \
    COUPONTOOLS_CLIENT_SECRET, or give the unit the credentials client_id and client_secret, or name two files in the \
    configuration: [accounts.NAME] client_id_file, client_secret_file; without an account, try `coupontools-mirror demo`";

/// An account's table as it stands.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AccountSection {
    client_id_file: Option<Spanned<PathBuf>>,
    client_secret_file: Option<Spanned<PathBuf>>,
    base_url: Option<Spanned<String>>,
    requests_per_second: Option<Spanned<i64>>,
    timeout_s: Option<Spanned<i64>>,
    time_zone: Option<Spanned<String>>,
    aliases: Option<BTreeMap<String, Vec<String>>>,
}

/// Where a pair of keys comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeySource {
    /// `COUPONTOOLS_CLIENT_ID` and `COUPONTOOLS_CLIENT_SECRET`.
    Variables,
    /// systemd's credentials.
    Credentials(KeyFiles),
    /// Files that the configuration names.
    Files(KeyFiles),
}

impl fmt::Display for KeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variables => write!(f, "{CLIENT_ID} and {CLIENT_SECRET}"),
            Self::Credentials(_) => f.write_str("systemd's credentials"),
            Self::Files(files) => {
                write!(f, "{} and {}", files.client_id.display(), files.client_secret.display())
            }
        }
    }
}

/// An account before its keys are read.
#[derive(Clone, Debug)]
pub struct AccountSettings {
    /// The operator's name for it.
    pub name: AccountName,
    /// Where its keys are; `None`: nobody says.
    pub keys: Option<KeySource>,
    /// How the API is spoken to for it.
    pub api: Api,
}

/// An account with its keys.
#[derive(Clone, Debug)]
pub struct Account {
    /// The operator's name for it.
    pub name: AccountName,
    /// Goes into `X-Client-Id`.
    pub client_id: SecretString,
    /// Goes into `X-Client-Secret`.
    pub client_secret: SecretString,
    /// How the API is spoken to for it.
    pub api: Api,
}

impl AccountSection {
    pub(super) fn validate(
        name: &str,
        section: &Spanned<Self>,
        api: &Api,
        folder: &Path,
    ) -> Result<AccountSettings, Wrong> {
        let said = section.get_ref();
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        if name.is_empty() || name.len() > NAME_CHARACTERS_MAX || !name.chars().all(plain) {
            return Err(Wrong::new(section.span(), "it is no name for an account")
                .hint("use up to 64 letters, digits, `_`, `-` and `.`"));
        }
        let in_folder = |path: &Spanned<PathBuf>| folder.join(path.get_ref());
        let keys = match (&said.client_id_file, &said.client_secret_file) {
            (Some(id), Some(secret)) => Some(KeySource::Files(KeyFiles {
                client_id: in_folder(id),
                client_secret: in_folder(secret),
            })),
            (None, None) => None,
            (Some(half), None) => return Err(half_named(half, "client_id_file", "client_secret_file")),
            (None, Some(half)) => return Err(half_named(half, "client_secret_file", "client_id_file")),
        };
        let api = ApiSection {
            base_url: said.base_url.clone(),
            requests_per_second: said.requests_per_second.clone(),
            timeout_s: said.timeout_s.clone(),
            time_zone: said.time_zone.clone(),
            aliases: said.aliases.clone(),
        }
        .validate(api.clone())?;
        Ok(AccountSettings { name: AccountName::new(name), keys, api })
    }
}

fn half_named(half: &Spanned<PathBuf>, present: &str, absent: &str) -> Wrong {
    Wrong::new(half.span(), format!("{present} stands without {absent}")).hint("name both files of the pair")
}

/// Every account, the environment's included, by name.
pub(super) fn list(
    settings: &Settings,
    environment: &Environment,
) -> Result<Vec<AccountSettings>, ConfigError> {
    let mut accounts = settings.accounts.clone();
    if let Some(keys) = find_pair(environment)? {
        match accounts.iter_mut().find(|account| account.name.as_str() == DEFAULT) {
            Some(account) => account.keys = Some(keys),
            None => accounts.push(default_account(keys, settings)),
        }
    }
    if let Some(keys) = find_beside(settings)? {
        match accounts.iter_mut().find(|account| account.name.as_str() == DEFAULT) {
            Some(account) => account.keys = account.keys.take().or(Some(keys)),
            None => accounts.push(default_account(keys, settings)),
        }
    }
    if accounts.is_empty() {
        return Err(ConfigError::new(Place::Keys(DEFAULT.into()), "there are none").hint(NO_KEYS_HINT));
    }
    accounts.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(accounts)
}

fn default_account(keys: KeySource, settings: &Settings) -> AccountSettings {
    AccountSettings { name: AccountName::new(DEFAULT), keys: Some(keys), api: settings.api.clone() }
}

/// The pair beside the configuration, unless it is named there as somebody's.
fn find_beside(settings: &Settings) -> Result<Option<KeySource>, ConfigError> {
    let files = KeyFiles::in_folder(&settings.source.folder);
    let is_named = |account: &AccountSettings| match &account.keys {
        Some(KeySource::Files(named)) => named.share(&files),
        _ => false,
    };
    if settings.accounts.iter().any(is_named) {
        return Ok(None);
    }
    let [client_id, client_secret] =
        [&files.client_id, &files.client_secret].map(|path| path.display().to_string());
    match files.find() {
        Found::Both => Ok(Some(KeySource::Files(files))),
        Found::OnlyClientId => half(&client_id, &client_secret),
        Found::OnlyClientSecret => half(&client_secret, &client_id),
        Found::Neither => Ok(None),
    }
}

/// Where the command `keys` writes an account's pair; `None` where the configuration does not say.
pub(super) fn find_files(settings: &Settings, account: Option<&str>) -> Option<KeyFiles> {
    let account = account.unwrap_or(DEFAULT);
    let named = settings.accounts.iter().find(|named| named.name.as_str() == account);
    match named.and_then(|account| account.keys.clone()) {
        Some(KeySource::Files(files)) => Some(files),
        _ => (account == DEFAULT).then(|| KeyFiles::in_folder(&settings.source.folder)),
    }
}

/// Pairs of account `default` that don't count.
pub(super) fn list_shadowed(settings: &Settings, environment: &Environment) -> Vec<Shadowed> {
    let named = settings.accounts.iter().find(|account| account.name.as_str() == DEFAULT);
    let files = named.and_then(|account| account.keys.clone());
    let credentials = credentials(environment).filter(|files| files.find() != Found::Neither);
    let variables = environment.get(CLIENT_ID).map(|_| KeySource::Variables);
    // Credentials are copies of the pair beside the configuration, where nobody arranged anything else.
    let beside = find_beside(settings).ok().flatten().filter(|_| credentials.is_none());
    let mut sources = [variables, credentials.map(KeySource::Credentials), files, beside]
        .into_iter()
        .flatten()
        .map(|keys| keys.to_string());
    let Some(by) = sources.next() else { return Vec::new() };
    sources.map(|name| Shadowed { name, by: by.clone() }).collect()
}

fn credentials(environment: &Environment) -> Option<KeyFiles> {
    Some(KeyFiles::in_folder(&environment.path(CREDENTIALS)?))
}

fn half<T>(present: &str, absent: &str) -> Result<T, ConfigError> {
    Err(ConfigError::new(Place::Keys(DEFAULT.into()), format!("{present} is set, and {absent} is not"))
        .hint("a pair comes whole from one place: set both, or neither"))
}

/// The pair outside the configuration file.
fn find_pair(environment: &Environment) -> Result<Option<KeySource>, ConfigError> {
    match (environment.get(CLIENT_ID), environment.get(CLIENT_SECRET)) {
        (Some(_), Some(_)) => return Ok(Some(KeySource::Variables)),
        (Some(_), None) => return half(CLIENT_ID, CLIENT_SECRET),
        (None, Some(_)) => return half(CLIENT_SECRET, CLIENT_ID),
        (None, None) => {}
    }
    let Some(files) = credentials(environment) else { return Ok(None) };
    match files.find() {
        Found::Both => Ok(Some(KeySource::Credentials(files))),
        Found::OnlyClientId => half("the credential client_id", "client_secret"),
        Found::OnlyClientSecret => half("the credential client_secret", "client_id"),
        Found::Neither => Ok(None),
    }
}

impl AccountSettings {
    /// Reads the pair.
    ///
    /// # Errors
    /// When nobody says where the keys are, or one can't be read. Never quotes a key.
    pub fn read_keys(self, environment: &Environment) -> Result<Account, ConfigError> {
        let place = || Place::Keys(self.name.to_string());
        let (client_id, client_secret) = match &self.keys {
            None => return Err(ConfigError::new(place(), "nobody says where they are").hint(NO_KEYS_HINT)),
            Some(KeySource::Variables) => {
                (from_variable(environment, CLIENT_ID)?, from_variable(environment, CLIENT_SECRET)?)
            }
            Some(KeySource::Credentials(files) | KeySource::Files(files)) => {
                let read = |path: &Path| {
                    key_file::read(path).map_err(|cause| {
                        ConfigError::new(place(), cause)
                            .hint("the file holds one key alone and is readable by the mirror's user")
                    })
                };
                (read(&files.client_id)?, read(&files.client_secret)?)
            }
        };
        Ok(Account { name: self.name, client_id, client_secret, api: self.api })
    }
}

fn from_variable(environment: &Environment, name: &str) -> Result<SecretString, ConfigError> {
    let text = environment.text(name)?.unwrap_or_default();
    key_file::validate(text)
        .map_err(|cause| ConfigError::new(Place::Variable(name.into()), format!("it {cause}")))
}
