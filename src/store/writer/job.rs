//! What the writer is asked to do, and how it answers: after the commit, never before.

use tokio::sync::{OwnedSemaphorePermit, oneshot};

use super::Writer;
use crate::store::error::StoreError;
use crate::walk::WalkKey;

/// One job. Jobs that wait together share a transaction.
pub(in crate::store) trait Job: Send {
    /// The walk that loses what follows if this job's transaction fails.
    fn walk(&self) -> Option<WalkKey>;
    /// Does it, uncommitted. An error here undoes the whole transaction; a refusal of this job alone
    /// is part of its answer.
    fn run(&mut self, writer: &mut Writer) -> Result<(), StoreError>;
    /// Tells the asker, once the transaction was committed or undone.
    fn answer(self: Box<Self>, commit: Result<(), StoreError>);
}

/// A job made of a closure.
pub(in crate::store) struct Task<T, F> {
    pub walk: Option<WalkKey>,
    pub work: Option<F>,
    pub result: Option<Result<T, StoreError>>,
    pub asker: oneshot::Sender<Result<T, StoreError>>,
    /// Held until answered: it bounds what waits.
    pub _permit: OwnedSemaphorePermit,
}

impl<T, F> Job for Task<T, F>
where
    T: Send,
    F: FnOnce(&mut Writer) -> Result<T, StoreError> + Send,
{
    fn walk(&self) -> Option<WalkKey> {
        self.walk
    }

    fn run(&mut self, writer: &mut Writer) -> Result<(), StoreError> {
        let work = self.work.take().expect("Invariant: a job runs once");
        match work(writer) {
            Err(error) if !error.is_refusal() => Err(error),
            result => {
                self.result = Some(result);
                Ok(())
            }
        }
    }

    fn answer(self: Box<Self>, commit: Result<(), StoreError>) {
        let result = match commit {
            Ok(()) => self.result.expect("Invariant: what was committed has run"),
            Err(error) => Err(error),
        };
        // An asker who no longer listens is no failure.
        let _ = self.asker.send(result);
    }
}
