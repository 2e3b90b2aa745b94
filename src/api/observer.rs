//! Who watches the client: metrics. Told of every exchange; nothing a watcher does changes what is
//! asked.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::error::{ApiError, Cause};
use super::exchange::Failure;

/// Told of every exchange, from several tasks at once; those of tries that failed included.
#[derive(Clone, Default)]
pub struct Observer(Option<Arc<Told>>);

type Told = dyn Fn(&Exchanged<'_>) + Send + Sync;

/// One HTTP exchange.
#[derive(Clone, Copy, Debug)]
pub struct Exchanged<'a> {
    /// Which call: its path below `/v3/`.
    pub call: &'static str,
    /// How it ended.
    pub end: ExchangeEnd,
    /// From the request's beginning to the body's end.
    pub took: Duration,
    /// What was wrong with the answer, or why there was none.
    pub error: Option<&'a ApiError>,
    /// So long the account keeps silent from now on, because the API asked it to.
    pub silence: Duration,
}

/// How an exchange ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExchangeEnd {
    /// With a whole answer, of this HTTP status.
    Answered(u16),
    /// There was no connection.
    NoConnection,
    /// It took too long.
    TimedOut,
    /// The connection broke before the answer was whole.
    Broken,
    /// The answer was too large to be read.
    TooLarge,
}

impl Observer {
    /// One that is told.
    pub fn new(told: impl Fn(&Exchanged<'_>) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(told)))
    }

    /// Tells several.
    #[must_use]
    pub fn of_all(observers: Vec<Self>) -> Self {
        Self::new(move |exchanged| observers.iter().for_each(|observer| observer.tell(exchanged)))
    }

    pub(super) fn tell(&self, exchanged: &Exchanged<'_>) {
        if let Some(told) = &self.0 {
            told(exchanged);
        }
    }
}

impl fmt::Debug for Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Observer" } else { "nobody" })
    }
}

impl From<&Failure> for ExchangeEnd {
    fn from(failure: &Failure) -> Self {
        match failure {
            Failure::Passing { cause: Cause::NoConnection(_), .. } => Self::NoConnection,
            Failure::Passing { cause: Cause::TimedOut, .. } => Self::TimedOut,
            Failure::Passing { .. } => Self::Broken,
            Failure::ForGood(_) => Self::TooLarge,
        }
    }
}
