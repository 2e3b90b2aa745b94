//! A statement under way, on its thread: from the file to chunks of an answer.

use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use axum::body::Bytes;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::problem::Problem;
use super::rows::{Format, Source, Statement};
use super::turn::{self, Turn};
use crate::output::{RowFormat, RowWriter};
use crate::report::ReportError;
use crate::store::Access;
use crate::store::foreign::{ForeignError, ForeignReader, ForeignStatement};

/// Rows are sent by so many bytes.
const CHUNK_BYTES: usize = 64 << 10;

/// A statement under way, on its thread.
pub(super) struct Run {
    pub(super) path: PathBuf,
    pub(super) access: Access,
    pub(super) statement: Statement,
    pub(super) end: Instant,
    pub(super) limit: Duration,
    pub(super) server_stops: CancellationToken,
    pub(super) stopped: CancellationToken,
    pub(super) chunks: mpsc::Sender<Bytes>,
    pub(super) is_whole: Arc<AtomicBool>,
    pub(super) _turn: Turn,
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
    /// Sends the moment that the rows are of, or why there are none; then the rows.
    pub(super) fn carry_out(self, head: oneshot::Sender<Result<i64, Problem>>) {
        let mut head = Some(head);
        let result = self.write_rows(&mut head);
        self.is_whole.store(result.is_ok(), Ordering::Release);
        if let (Some(head), Err(failure)) = (head, result) {
            // Nobody waits any more: nobody to tell.
            let _ = self.problem(failure).map(|problem| head.send(Err(problem)));
        }
    }

    fn write_rows(&self, head: &mut Option<oneshot::Sender<Result<i64, Problem>>>) -> Result<(), Failure> {
        let is_over = turn::is_over(self.stopped.clone(), self.end);
        let reader = ForeignReader::open(&self.path, self.access, is_over)?;
        let mut statement = self.statement.source.compile(&reader)?;
        let columns = statement.columns().to_vec();
        let mut rows = statement.rows();
        let mut row = rows.next_row()?;
        // A turn that began while the server was being stopped.
        if self.stopped.is_cancelled() {
            return Err(ForeignError::Stopped.into());
        }
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
            Failure::Statement(ForeignError::Stopped) => Some(Problem::ended(self.limit, &self.server_stops)),
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
