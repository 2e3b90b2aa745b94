//! What `run`, `serve` and `demo` begin serving with.

use std::path::Path;

use tokio_util::sync::CancellationToken;

use super::{Exit, Failure};
use crate::clock;
use crate::config::{Http, Reports, Schedule, Sync};
use crate::http::tokens::{TokenError, Tokens};
use crate::http::{Server, ServerError, Site};
use crate::metrics::Metrics;
use crate::store::foreign::ForeignReader;
use crate::store::{Access, Reader};

/// Serves a file that is there, until `stop`; `None` where nothing is to be served.
///
/// # Errors
/// When the file can't be read, the address can't be had, or other machines could ask and there is no
/// token that would tell them apart.
pub async fn serve(
    database: &Path,
    http: &Http,
    reports: &Reports,
    schedule: &Schedule,
    sync: &Sync,
    metrics: Metrics,
    stop: &CancellationToken,
) -> Result<Option<Server>, Failure> {
    let Some(address) = http.listen else { return Ok(None) };
    check(http)?;
    let reader = Reader::open(database).await?;
    // The file's days are those of whoever writes it, whatever this process was told.
    let time_zone = ForeignReader::open(database, Access::Full, || false)?.time_zone();
    let reports = &Reports { time_zone, ..reports.clone() };
    let site = Site::new(reader, http, reports, sync, metrics, stop.clone())
        .stale_after(schedule.stale_after_s(clock::now()));
    let server = Server::start(site, address)?;
    let url = format!("http://{}", server.address());
    tracing::info!(url, "listening");
    Ok(Some(server))
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
