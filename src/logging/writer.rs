//! Log lines and progress bars on one terminal: the bars step aside.

use std::io::{self, Write};

use indicatif::MultiProgress;
use tracing_subscriber::fmt::MakeWriter;

/// Writes to stderr while no bar is drawn. A line that can't be written is lost, and nothing else.
#[derive(Clone)]
pub(super) struct AroundProgress(MultiProgress);

impl AroundProgress {
    pub(super) fn new(progress: MultiProgress) -> Self {
        Self(progress)
    }
}

impl Write for AroundProgress {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.suspend(|| {
            let _lost = io::stderr().lock().write_all(line);
        });
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for AroundProgress {
    type Writer = Self;

    fn make_writer(&'a self) -> Self::Writer {
        self.clone()
    }
}
