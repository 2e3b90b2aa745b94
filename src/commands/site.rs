//! What `run`, `serve` and `demo` serve with, and how it is replaced while they run.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use tokio_util::sync::CancellationToken;

use super::{Exit, Failure};
use crate::clock;
use crate::config::{Config, Http, Reports, Schedule, Settings, Sync};
use crate::http::tokens::{TokenError, Tokens};
use crate::http::{Server, ServerError, Site};
use crate::metrics::Metrics;
use crate::store::foreign::ForeignReader;
use crate::store::{Access, Reader};

/// What of a configuration is served by.
#[derive(Clone, Debug)]
pub struct Said {
    http: Http,
    reports: Reports,
    schedule: Schedule,
    sync: Sync,
}

impl From<&Config> for Said {
    fn from(config: &Config) -> Self {
        Self {
            http: config.http.clone(),
            reports: config.reports.clone(),
            schedule: config.schedule.clone(),
            sync: config.sync.clone(),
        }
    }
}

impl From<&Settings> for Said {
    fn from(settings: &Settings) -> Self {
        Self {
            http: settings.http.clone(),
            reports: settings.reports.clone(),
            schedule: settings.schedule.clone(),
            sync: settings.sync.clone(),
        }
    }
}

/// A file that is there, served: by a server, or by none where nothing is to be served.
pub struct Serving {
    database: PathBuf,
    metrics: Metrics,
    said: Said,
    served: Option<Served>,
}

/// A server that runs.
struct Served {
    server: Server,
    site: Site,
    stop: CancellationToken,
}

impl Serving {
    /// Listens, and serves from then on.
    ///
    /// # Errors
    /// When the file can't be read, the address can't be had, or other machines could ask and there is no
    /// token that would tell them apart.
    pub async fn start(database: &Path, said: Said, metrics: Metrics) -> Result<Self, Failure> {
        check(&said.http)?;
        let mut serving = Self { database: database.to_path_buf(), metrics, said, served: None };
        if let Some(address) = serving.said.http.listen {
            serving.served = Some(serving.listen(&serving.said, address).await?);
        }
        Ok(serving)
    }

    /// Serves by other settings: over the same connections where the address stays, else under the new one,
    /// and under the old one no more.
    ///
    /// # Errors
    /// As [`Serving::start`]; then it is served as before.
    pub async fn change(&mut self, said: Said) -> Result<(), Failure> {
        check(&said.http)?;
        match &mut self.served {
            Some(served) if said.http.listen == self.said.http.listen => {
                let site = served.site.renewed(&said.http, &said.reports, &said.sync);
                served.site = site.stale_after(said.schedule.stale_after_s(clock::now()));
                served.server.replace(served.site.clone());
            }
            _ => self.move_to(&said).await?,
        }
        self.metrics.want(&said.sync);
        self.said = said;
        Ok(())
    }

    async fn move_to(&mut self, said: &Said) -> Result<(), Failure> {
        let moved = match said.http.listen {
            None => None,
            Some(address) => Some(match self.listen(said, address).await {
                Err(failure) => self.listen_in_place(said, address).await.ok_or(failure)?,
                Ok(served) => served,
            }),
        };
        if let Some(old) = std::mem::replace(&mut self.served, moved) {
            old.stop.cancel();
        }
        Ok(())
    }

    /// The server's own old address may be what is in the way: the same port on all addresses, or on one of
    /// them. Where the new one can't be had even so, the old one is listened on again; if that fails, too, the
    /// server has ended, which is noticed.
    async fn listen_in_place(&mut self, said: &Said, address: SocketAddr) -> Option<Served> {
        let old = self.served.as_ref().filter(|old| old.server.address().port() == address.port())?;
        old.stop.cancel();
        old.server.until_deaf().await;
        let old_address = old.server.address();
        let moved = self.listen(said, address).await.ok();
        if moved.is_none()
            && let Ok(again) = self.listen(&self.said, old_address).await
        {
            self.served = Some(again);
        }
        moved
    }

    async fn listen(&self, said: &Said, address: SocketAddr) -> Result<Served, Failure> {
        let reader = Reader::open(&self.database).await?;
        // The file's days are those of whoever writes it, whatever this process was told.
        let time_zone = ForeignReader::open(&self.database, Access::Full, || false)?.time_zone();
        let reports = Reports { time_zone, ..said.reports.clone() };
        let stop = CancellationToken::new();
        let site = Site::new(reader, &said.http, &reports, &said.sync, self.metrics.clone(), stop.clone())
            .stale_after(said.schedule.stale_after_s(clock::now()));
        let server = Server::start(site.clone(), address)?;
        let url = format!("http://{}", server.address());
        tracing::info!(url, "listening");
        Ok(Served { server, site, stop })
    }

    /// Whether anything is served.
    #[must_use]
    pub fn is_served(&self) -> bool {
        self.served.is_some()
    }

    /// Until the server has ended; for ever, where there is none.
    pub async fn ended(&self) {
        match &self.served {
            Some(served) => served.server.ended().await,
            None => std::future::pending().await,
        }
    }

    /// Stops serving, and waits for the last answers.
    pub async fn stop(self) {
        if let Some(served) = self.served {
            served.stop.cancel();
            served.server.ended().await;
        }
    }
}

/// Sees who may ask, before anything is opened for them.
///
/// # Errors
/// When the tokens can't be read, or other machines could ask and there is no token that would tell them
/// apart.
pub fn check(http: &Http) -> Result<(), Failure> {
    let Some(address) = http.listen else { return Ok(()) };
    let tokens = Tokens::at(&http.tokens_file).list()?;
    if http.is_local() || !tokens.is_empty() {
        return Ok(());
    }
    let error = anyhow::anyhow!("cannot listen on {address}: other machines reach it, and there is no token");
    Err(Failure::new(Exit::Misconfigured, error)
        .hint("make one with `coupontools-mirror token add NAME`, or listen on 127.0.0.1"))
}

/// The server's thread ended, and nobody had asked it to.
#[must_use]
pub fn ended_by_itself() -> Failure {
    Failure::new(Exit::Failed, anyhow::anyhow!("cannot serve any longer: the server ended by itself"))
        .hint("the log says why; please report it")
}

impl From<ServerError> for Failure {
    fn from(error: ServerError) -> Self {
        let hint = match &error {
            ServerError::Listen { .. } => {
                "is another one running? Choose another address: --listen or COUPONTOOLS_MIRROR_LISTEN; `none` serves \
                 nothing"
            }
            ServerError::Start(_) => "see whether the system has threads and file handles left",
        };
        Self::new(Exit::Failed, error).hint(hint)
    }
}

impl From<TokenError> for Failure {
    fn from(error: TokenError) -> Self {
        let hint = error.hint();
        let exit = match &error {
            TokenError::Line { .. } => Exit::Misconfigured,
            _ => Exit::Failed,
        };
        Self::new(exit, error).hint(hint)
    }
}
