//! The configuration file: found, read, taken apart into sections, with the place of every mistake.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::accounts::AccountSection;
use super::alerts::AlertsSection;
use super::api::ApiSection;
use super::error::Wrong;
use super::http::HttpSection;
use super::masking::MaskingSection;
use super::reports::ReportsSection;
use super::retention::RetentionSection;
use super::schedule::ScheduleSection;
use super::sends::SendsSection;
use super::snapshots::SnapshotsSection;
use super::sync::SyncSection;
use super::{ConfigError, Environment, Flags, Place, location};

/// A configuration is a page or two.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// The file as it stands.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sections {
    pub(super) database: Option<Spanned<PathBuf>>,
    #[serde(default)]
    pub(super) api: ApiSection,
    #[serde(default)]
    pub(super) sync: SyncSection,
    #[serde(default)]
    pub(super) schedule: ScheduleSection,
    #[serde(default)]
    pub(super) reports: ReportsSection,
    #[serde(default)]
    pub(super) http: HttpSection,
    #[serde(default)]
    pub(super) masking: MaskingSection,
    #[serde(default)]
    pub(super) snapshots: SnapshotsSection,
    #[serde(default)]
    pub(super) alerts: AlertsSection,
    #[serde(default)]
    pub(super) retention: RetentionSection,
    #[serde(default)]
    pub(super) sends: SendsSection,
    #[serde(default)]
    pub(super) accounts: BTreeMap<String, Spanned<AccountSection>>,
}

/// A file's text, or nothing where there is no file.
#[derive(Debug, Default)]
pub(super) struct Document {
    path: Option<PathBuf>,
    text: String,
}

impl Document {
    /// The file that was named, else the default one, else none.
    pub(super) fn find(flags: &Flags, environment: &Environment) -> Result<Self, ConfigError> {
        if let Some(path) = flags.config.clone().or_else(|| environment.path("COUPONTOOLS_MIRROR_CONFIG")) {
            return Self::read(path);
        }
        let path = location::default_file(environment);
        match path.try_exists() {
            Ok(false) => Ok(Self::default()),
            _ => Self::read(path),
        }
    }

    fn read(path: PathBuf) -> Result<Self, ConfigError> {
        let place = || Place::File(path.clone());
        let failed = |error: std::io::Error| {
            ConfigError::new(place(), error.to_string()).hint(
                "name another file with --config or COUPONTOOLS_MIRROR_CONFIG, or let this user read it",
            )
        };
        // Looked at before it is opened: opening a pipe waits for its other end.
        if !path.metadata().map_err(failed)?.is_file() {
            return Err(ConfigError::new(place(), "it is not a regular file")
                .hint("name another file with --config or COUPONTOOLS_MIRROR_CONFIG"));
        }
        let mut bytes = Vec::new();
        File::open(&path)
            .and_then(|file| file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes))
            .map_err(failed)?;
        if bytes.len() as u64 > FILE_BYTES_MAX {
            return Err(ConfigError::new(place(), format!("it has more than {FILE_BYTES_MAX} bytes"))
                .hint("is it a configuration file?"));
        }
        let text = String::from_utf8(bytes).map_err(|_| {
            ConfigError::new(place(), "it is not UTF-8 text").hint("is it a configuration file?")
        })?;
        Ok(Self { path: Some(path), text })
    }

    pub(super) fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// What relative paths in the file are relative to.
    pub(super) fn folder(&self) -> &Path {
        self.path().and_then(Path::parent).unwrap_or(Path::new(""))
    }

    pub(super) fn sections(&self) -> Result<Sections, ConfigError> {
        let tables = DeTable::parse(&self.text).map_err(|error| self.place(from_toml(&error)))?;
        refuse_secrets(tables.get_ref()).map_err(|wrong| self.place(wrong))?;
        toml::from_str(&self.text).map_err(|error| self.place(from_toml(&error)))
    }

    /// Gives a mistake its line and column.
    pub(super) fn place(&self, wrong: Wrong) -> ConfigError {
        let path = self.path.clone().unwrap_or_default();
        let before = self.text.get(..wrong.span.start).unwrap_or(&self.text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().map_or(0, |start| start.chars().count()) + 1;
        let place = Place::Line { path, line, column };
        ConfigError { place, cause: wrong.cause, hint: wrong.hint }
    }
}

/// The library's message without the excerpt that it would print, which may be a secret's line.
fn from_toml(error: &toml::de::Error) -> Wrong {
    let span = error.span().unwrap_or(Range { start: 0, end: 0 });
    let message = without_value(error.message()).replace("unknown field", "unknown key");
    Wrong::new(span, message.trim_end().replace('\n', ", "))
}

/// `invalid type: string "…", expected u32` less the string.
fn without_value(message: &str) -> String {
    let Some((kind, rest)) = message.split_once(" string \"") else { return message.into() };
    match rest.rsplit_once("\", expected ") {
        Some((_, expected)) => format!("{kind} string, expected {expected}"),
        None => message.into(),
    }
}

/// A secret never stands in this file, whatever its table: the file is shown around and kept in
/// version control.
fn refuse_secrets(table: &DeTable<'_>) -> Result<(), Wrong> {
    for (key, value) in table {
        match value.get_ref() {
            DeValue::Table(inner) => refuse_secrets(inner)?,
            DeValue::String(_) | DeValue::Integer(_) if is_secret(key.get_ref()) => {
                let name = key.get_ref();
                return Err(Wrong::new(key.span(), format!("`{name}` does not belong into this file")).hint(
                    "put the value alone into a file that only the mirror's user may read, and name that file \
                     under [accounts.NAME]: client_id_file = \"…\", client_secret_file = \"…\"",
                ));
            }
            _ => {}
        }
    }
    Ok(())
}

fn is_secret(key: &str) -> bool {
    let plain: String =
        key.chars().filter(|c| !matches!(c, '_' | '-')).map(|c| c.to_ascii_lowercase()).collect();
    matches!(
        plain.as_str(),
        "clientid" | "clientsecret" | "secret" | "apikey" | "apisecret" | "password" | "token"
    )
}
