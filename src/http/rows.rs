//! A statement's rows as an answer: streamed in constant memory, ended at its time limit by SQLite itself.
//!
//! Each statement has a connection and a thread of its own; few run at once, the others wait their turn.
//! What fails before the first row is a problem; what fails later cuts the connection, so that nobody
//! takes half for the whole.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use futures_util::{StreamExt as _, stream};
use serde::{Deserialize, Serialize};
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::{CancellationToken, DropGuard};
use utoipa::ToSchema;

use super::problem::Problem;
use super::run::Run;
use super::state::Site;
use super::turn;
use crate::clock;
use crate::report::{Report, Values};
use crate::store::Access;
use crate::store::foreign::Parameter;

/// The change at which the rows stand: whoever follows the feed goes on after it.
const MIRROR_SEQ: HeaderName = HeaderName::from_static("mirror-seq");
/// Chunks on their way to whoever reads them.
const CHUNKS: usize = 2;

/// How rows are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Format {
    /// One object: `{"columns":[…],"rows":[[…]]}`.
    #[default]
    Json,
    /// An object a line.
    Ndjson,
    /// RFC 4180 with a header line.
    Csv,
}

/// What is read, and how its rows are wanted.
#[derive(Debug)]
pub(super) struct Statement {
    pub(super) source: Source,
    pub(super) format: Format,
    /// CSV cells as they are, for programs.
    pub(super) exact: bool,
}

/// Where a statement comes from.
#[derive(Debug)]
pub(super) enum Source {
    /// Whoever asks wrote it.
    Sql(String, BTreeMap<String, Parameter>),
    /// A report, and values for its parameters.
    Report(Arc<Report>, Values),
}

impl Format {
    pub(super) fn parse(word: &str) -> Option<Self> {
        match word {
            "json" => Some(Self::Json),
            "ndjson" => Some(Self::Ndjson),
            "csv" => Some(Self::Csv),
            _ => None,
        }
    }

    fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Ndjson => "application/x-ndjson",
            Self::Csv => "text/csv; charset=utf-8; header=present",
        }
    }
}

/// Runs a statement, when it is its turn, and answers with its rows.
pub(super) async fn answer(site: &Site, access: Access, statement: Statement) -> Result<Response, Problem> {
    let turn = turn::wait(site).await?;
    let content_type = statement.format.content_type();
    let (chunks, stream) = mpsc::channel(CHUNKS);
    let (head, is_begun) = oneshot::channel();
    // Dropped with the answer, also with one that nobody waits for any more.
    let stopped = site.stop.child_token();
    let stops = stopped.clone().drop_guard();
    tokio::spawn(end_after(site.query_timeout, stopped.clone()));
    let is_whole = Arc::new(AtomicBool::new(false));
    let run = Run {
        path: site.views.path().into(),
        access,
        statement,
        end: clock::steady_now() + site.query_timeout,
        limit: site.query_timeout,
        server_stops: site.stop.clone(),
        stopped,
        chunks,
        is_whole: Arc::clone(&is_whole),
        _turn: turn,
    };
    tokio::task::spawn_blocking(move || run.carry_out(head));
    let seq = is_begun.await.unwrap_or_else(|_| {
        Err(Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "cannot run the statement: its thread ended"))
    })?;
    // Compression asks once more after the end, and only a fused stream answers that.
    let rows = stream::unfold((stream, is_whole, stops), next_chunk).fuse();
    let mut response = Response::new(Body::from_stream(rows));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(MIRROR_SEQ, HeaderValue::from(seq));
    Ok(response)
}

/// Ends the statement at its limit. SQLite looks at the clock itself; a thread that waits for whoever
/// reads its rows is woken.
async fn end_after(limit: Duration, stopped: CancellationToken) {
    stopped.run_until_cancelled(tokio::time::sleep(limit)).await;
    stopped.cancel();
}

/// The next chunk; after the last one an error, unless all was said: then the connection is cut.
async fn next_chunk(
    (mut chunks, is_whole, stops): (mpsc::Receiver<Bytes>, Arc<AtomicBool>, DropGuard),
) -> Option<(io::Result<Bytes>, (mpsc::Receiver<Bytes>, Arc<AtomicBool>, DropGuard))> {
    let chunk = match chunks.recv().await {
        Some(chunk) => Ok(chunk),
        None if is_whole.swap(true, Ordering::AcqRel) => return None,
        None => Err(io::Error::other("the statement ended early")),
    };
    Some((chunk, (chunks, is_whole, stops)))
}
