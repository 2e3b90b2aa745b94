//! What `sync`, `run` and `demo` begin with: clients from the configuration, the file opened, the
//! accounts made known.

use crate::api::{self, Aliases, Client, Credentials, Retry, Settings as ApiSettings};
use crate::clock;
use crate::config::{Account, Config};
use crate::directory::AccountName;
use crate::store::{OpenError, OpenOptions, Store, StoreError};
use crate::sync::{Mirror, Observer};

use super::{Exit, Failure};

/// Who watches.
pub struct Watched<'a> {
    /// Of ticks and walks.
    pub ticks: Observer,
    /// Of an account's requests.
    pub requests: &'a dyn Fn(&AccountName) -> api::Observer,
}

/// Opens the file for writing and makes everything ready for ticks.
///
/// # Errors
/// What is wrong with keys, settings or the file.
pub async fn open(config: &Config, watched: Watched<'_>) -> Result<(Store, Mirror), Failure> {
    let mut clients = Vec::new();
    for account in &config.accounts {
        let observer = (watched.requests)(&account.name);
        clients.push((account.name.clone(), watched_client(account, Retry::default(), observer)?));
    }
    let options = OpenOptions {
        reports_time_zone: config.reports.time_zone,
        masking_key_file: config.masking.key_file.clone(),
        snapshot_from_bytes: OpenOptions::SNAPSHOT_FROM_BYTES,
    };
    let store = Store::open(&config.database, &options, clock::now()).await?;
    let mirror = prepare(&store, clients, config, watched.ticks).await?;
    Ok((store, mirror))
}

async fn prepare(
    store: &Store,
    clients: Vec<(AccountName, Client)>,
    config: &Config,
    observer: Observer,
) -> Result<Mirror, Failure> {
    Ok(Mirror::prepare(store.clone(), clients, (&config.sync).into(), observer).await?)
}

/// An account's client, which tries a read again as `retry` says.
///
/// # Errors
/// What is wrong with its keys or settings.
pub fn client(account: &Account, retry: Retry) -> Result<Client, Failure> {
    watched_client(account, retry, api::Observer::default())
}

/// The same, with somebody told of every request.
///
/// # Errors
/// As [`client`].
pub fn watched_client(account: &Account, retry: Retry, observer: api::Observer) -> Result<Client, Failure> {
    let wrong = |error: anyhow::Error, hint: Option<&'static str>| Failure {
        exit: Exit::Misconfigured,
        error: error.context(format!("cannot use account {}", account.name)),
        hint: hint.map(str::to_owned),
    };
    let aliases = Aliases::with_additions(account.api.aliases.clone())
        .map_err(|error| wrong(error.into(), Some("see [api.aliases] in the README")))?;
    let settings = ApiSettings {
        base_url: account.api.base_url.clone(),
        requests_per_second: account.api.requests_per_second,
        timeout: account.api.timeout,
        time_zone: account.api.time_zone,
        aliases,
        retry,
        observer,
    };
    let credentials =
        Credentials { client_id: account.client_id.clone(), client_secret: account.client_secret.clone() };
    Client::new(&settings, &credentials).map_err(|error| {
        let hint = error.hint();
        wrong(error.into(), hint)
    })
}

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Self {
        let hint = error.hint();
        let exit = match error {
            OpenError::KeyUnusable { .. } => Exit::Misconfigured,
            _ => Exit::Failed,
        };
        Self::new(exit, error).hint(hint)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let hint = error.hint().map(str::to_owned);
        Self { exit: Exit::Failed, error: error.into(), hint }
    }
}
