//! The faults that wait for their requests.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::call::Call;
use super::fault::{Fault, FaultError};

/// Most faults that wait at once.
pub const FAULTS_MAX: usize = 10_000;

/// A request that a fault may hit.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    /// The call.
    pub call: Call,
    /// The account's client ID.
    pub account: &'a str,
    /// The directory's ID as asked for.
    pub directory: Option<&'a str>,
    /// The page, counted from 1.
    pub page: Option<u64>,
}

/// The faults that wait, in the order in which they came.
#[derive(Debug)]
pub struct Faults {
    waiting: Vec<Waiting>,
    dice: ChaCha8Rng,
}

#[derive(Debug)]
struct Waiting {
    fault: Fault,
    skip_left: u64,
    times_left: Option<u64>,
}

impl Faults {
    /// None yet; chances fall by this seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { waiting: Vec::new(), dice: ChaCha8Rng::seed_from_u64(seed) }
    }

    /// Lets one wait.
    ///
    /// # Errors
    /// If too many wait.
    pub fn add(&mut self, fault: Fault) -> Result<(), FaultError> {
        if self.waiting.len() >= FAULTS_MAX {
            return Err(FaultError::TooMany);
        }
        let times_left = fault.times.or(fault.probability.is_none().then_some(1));
        self.waiting.push(Waiting { skip_left: fault.skip, times_left, fault });
        Ok(())
    }

    /// Forgets those that wait.
    pub fn clear(&mut self) {
        self.waiting.clear();
    }

    /// Those that wait.
    pub fn waiting(&self) -> impl Iterator<Item = &Fault> {
        self.waiting.iter().map(|waiting| &waiting.fault)
    }

    /// The fault that this request gets, which is used up by as much.
    pub fn take(&mut self, target: &Target<'_>) -> Option<Fault> {
        for at in 0..self.waiting.len() {
            let waiting = &mut self.waiting[at];
            if !waiting.fault.hits(target) {
                continue;
            }
            if waiting.skip_left > 0 {
                waiting.skip_left -= 1;
                continue;
            }
            if waiting.fault.probability.is_some_and(|p| !self.dice.random_bool(p)) {
                continue;
            }
            match waiting.times_left.as_mut() {
                Some(1) => return Some(self.waiting.remove(at).fault),
                Some(left) => *left = left.saturating_sub(1),
                None => {}
            }
            return Some(waiting.fault.clone());
        }
        None
    }
}
