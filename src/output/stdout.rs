//! Standard output, buffered, with its failures told apart from everybody else's.

use std::fmt;
use std::io::{self, BufWriter, Write};

const BUFFER_BYTES: usize = 64 << 10;

/// Standard output. Its errors are marked, so that [`is_gone`] takes no other pipe's for its own.
pub struct Stdout(BufWriter<io::Stdout>);

/// Whoever read standard output has left.
#[derive(Debug)]
struct ReaderGone;

impl fmt::Display for ReaderGone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("nobody reads standard output any more")
    }
}

impl std::error::Error for ReaderGone {}

/// Takes standard output.
#[must_use]
pub fn stdout() -> Stdout {
    Stdout(BufWriter::with_capacity(BUFFER_BYTES, io::stdout()))
}

/// Writes text to standard output, and flushes.
///
/// # Errors
/// When it can't be written to.
pub fn print(text: impl fmt::Display) -> io::Result<()> {
    let mut out = stdout();
    write!(out, "{text}")?;
    out.flush()
}

/// Whether this is standard output's reader having left: no failure, an end.
#[must_use]
pub fn is_gone(error: &io::Error) -> bool {
    error.get_ref().is_some_and(|inner| inner.is::<ReaderGone>())
}

fn marked(error: io::Error) -> io::Error {
    if error.kind() == io::ErrorKind::BrokenPipe {
        return io::Error::new(io::ErrorKind::BrokenPipe, ReaderGone);
    }
    error
}

impl Write for Stdout {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes).map_err(marked)
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all(bytes).map_err(marked)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush().map_err(marked)
    }
}
