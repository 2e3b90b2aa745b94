//! A statement's rows as an answer: streamed in constant memory, ended at its time limit by SQLite itself.
//!
//! Each statement has a connection and a thread of its own; few run at once, the others wait their turn.
//! What fails before the first row is a problem; what fails later cuts the connection, so that nobody
//! takes half for the whole.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use futures_util::{StreamExt, stream};
use serde::{Deserialize, Serialize};
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::{CancellationToken, DropGuard};
use utoipa::ToSchema;

use super::problem::Problem;
use super::state::Site;
use super::turn::{self, Turn};
use crate::clock;
use crate::output::{RowFormat, RowWriter};
use crate::report::{Report, ReportError, Values};
use crate::store::Access;
use crate::store::foreign::{ForeignError, ForeignReader, ForeignStatement, Parameter};

/// The change at which the rows stand: whoever follows the feed goes on after it.
const MIRROR_SEQ: HeaderName = HeaderName::from_static("mirror-seq");
/// Rows are sent by so many bytes.
const CHUNK_BYTES: usize = 64 << 10;
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

impl Source {
    fn compile<'r>(&self, reader: &'r ForeignReader) -> Result<ForeignStatement<'r>, Failure> {
        match self {
            Self::Sql(sql, parameters) => {
                let mut statement = reader.prepare(sql)?;
                statement.bind(parameters.iter().map(|(name, value)| (name.as_str(), value)))?;
                Ok(statement)
            }
            Self::Report(report, values) => report.compile(reader, values).map_err(Failure::Report),
        }
    }
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

impl Statement {
    fn row_format(&self) -> RowFormat {
        match (self.format, self.exact) {
            (Format::Json, _) => RowFormat::JsonColumns,
            (Format::Ndjson, _) => RowFormat::Ndjson,
            (Format::Csv, false) => RowFormat::Csv,
            (Format::Csv, true) => RowFormat::CsvExact,
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
    // Compression asks once more after the end.
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

/// A statement under way, on its thread.
struct Run {
    path: PathBuf,
    access: Access,
    statement: Statement,
    end: Instant,
    limit: Duration,
    server_stops: CancellationToken,
    stopped: CancellationToken,
    chunks: mpsc::Sender<Bytes>,
    is_whole: Arc<AtomicBool>,
    _turn: Turn,
}

/// Why rows ended early.
enum Failure {
    Statement(ForeignError),
    Report(ReportError),
    /// Whoever read them has left, or reads too slowly.
    Reader,
}

impl From<ForeignError> for Failure {
    fn from(error: ForeignError) -> Self {
        Self::Statement(error)
    }
}

impl From<io::Error> for Failure {
    fn from(_: io::Error) -> Self {
        Self::Reader
    }
}

impl Run {
    fn carry_out(self, head: oneshot::Sender<Result<i64, Problem>>) {
        let mut head = Some(head);
        let result = self.write_rows(&mut head);
        self.is_whole.store(result.is_ok(), Ordering::Release);
        if let (Some(head), Err(failure)) = (head, result) {
            // Nobody waits any more: nobody to tell.
            let _ = self.problem(failure).map(|problem| head.send(Err(problem)));
        }
    }

    fn write_rows(&self, head: &mut Option<oneshot::Sender<Result<i64, Problem>>>) -> Result<(), Failure> {
        let (end, stopped) = (self.end, self.stopped.clone());
        let is_over = move || stopped.is_cancelled() || clock::steady_now() >= end;
        let reader = ForeignReader::open(&self.path, self.access, is_over)?;
        let mut statement = self.statement.source.compile(&reader)?;
        let columns = statement.columns().to_vec();
        let mut rows = statement.rows();
        let mut row = rows.next_row()?;
        if let Some(head) = head.take() {
            let _ = head.send(Ok(reader.seq()));
        }
        let out = Chunks { to: &self.chunks, stopped: &self.stopped, bytes: Vec::with_capacity(CHUNK_BYTES) };
        let mut writer = RowWriter::begin(self.statement.row_format(), &columns, out)?;
        while let Some(found) = row {
            writer.row(found.cells())?;
            row = rows.next_row()?;
        }
        writer.finish()?;
        Ok(())
    }

    fn problem(&self, failure: Failure) -> Option<Problem> {
        match failure {
            Failure::Reader => None,
            Failure::Report(error) => Some(error.into()),
            Failure::Statement(ForeignError::Stopped) if self.server_stops.is_cancelled() => {
                Some(Problem::stopping())
            }
            Failure::Statement(ForeignError::Stopped) => {
                let cause = format!("cannot finish the statement: {} s are over", self.limit.as_secs());
                Some(
                    Problem::new(StatusCode::BAD_REQUEST, cause)
                        .hint("ask for less, or raise [http] query_timeout_s"),
                )
            }
            Failure::Statement(error) => Some(Problem::from(&error)),
        }
    }
}

/// Bytes on their way out. Who doesn't take them in time has them cut off: a reader that waits holds
/// the mirror's log in place.
struct Chunks<'a> {
    to: &'a mpsc::Sender<Bytes>,
    stopped: &'a CancellationToken,
    bytes: Vec<u8>,
}

impl Chunks<'_> {
    fn send(&mut self) -> io::Result<()> {
        let bytes = std::mem::replace(&mut self.bytes, Vec::with_capacity(CHUNK_BYTES));
        let sending = self.stopped.run_until_cancelled(self.to.send(bytes.into()));
        match Handle::current().block_on(sending) {
            Some(Ok(())) => Ok(()),
            _ => Err(io::ErrorKind::TimedOut.into()),
        }
    }
}

impl Write for Chunks<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes.extend_from_slice(bytes);
        if self.bytes.len() >= CHUNK_BYTES {
            self.send()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.bytes.is_empty() { Ok(()) } else { self.send() }
    }
}
