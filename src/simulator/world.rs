//! The simulated world: accounts, directories with their lists, how the API behaves, what was asked
//! of it. Shared by the API's calls, the control calls, the life timer and in-process tests.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tokio_util::sync::CancellationToken;

use super::behaviour::{Behaviour, BehaviourError};
use super::directory::{DIRECTORY_NUMBER_FIRST, Directory, DirectoryTruth, directory_number};
use super::fault::{Fault, FaultError};
use super::fault_queue::{Faults, Target};
use super::journal::{Request, Requests, Send, Sends};
use super::list::{Applied, List, Row};
use super::mutation::Mutation;
use super::options::{AccountKeys, DirectorySpec, Options};
use super::render::Standing;
use crate::clock;
use crate::instant::UtcInstant;

/// Directories at most; their registrations are bounded by memory (16 bytes each).
pub const DIRECTORIES_MAX: usize = 100_000;

/// Why a directory can't be made or changed.
#[derive(Debug, thiserror::Error)]
pub enum WorldError {
    /// There is none of this ID.
    #[error("no such directory")]
    NoSuchDirectory,
    /// There is no account at this place.
    #[error("no such account")]
    NoSuchAccount,
    /// More than there may be.
    #[error("more than {DIRECTORIES_MAX} directories")]
    TooManyDirectories,
}

/// The world. All of it can change while it is being asked.
#[derive(Debug)]
pub struct World {
    seed: u64,
    accounts: Vec<AccountKeys>,
    start: UtcInstant,
    time_passes: bool,
    directories: RwLock<BTreeMap<u32, Arc<Directory>>>,
    made: AtomicU64,
    behaviour: RwLock<Arc<Behaviour>>,
    faults: Mutex<Faults>,
    requests: Mutex<Requests>,
    sends: Mutex<Sends>,
    dice: Mutex<ChaCha8Rng>,
    pub(super) stopping: CancellationToken,
}

impl World {
    /// A world as the options say.
    ///
    /// # Errors
    /// If a directory names an account that isn't there, or there are too many.
    pub fn new(options: &Options) -> Result<Self, WorldError> {
        let world = Self {
            seed: options.seed,
            accounts: options.accounts.clone(),
            start: options.starts_at.unwrap_or_else(clock::now),
            time_passes: options.starts_at.is_none(),
            directories: RwLock::default(),
            made: AtomicU64::new(0),
            behaviour: RwLock::new(Arc::new(options.behaviour.clone())),
            faults: Mutex::new(Faults::new(options.seed)),
            requests: Mutex::default(),
            sends: Mutex::default(),
            dice: Mutex::new(ChaCha8Rng::seed_from_u64(options.seed)),
            stopping: CancellationToken::new(),
        };
        for spec in &options.directories {
            world.add_directory(spec)?;
        }
        Ok(world)
    }

    /// The accounts.
    #[must_use]
    pub fn accounts(&self) -> &[AccountKeys] {
        &self.accounts
    }

    /// How the API behaves now.
    #[must_use]
    pub fn behaviour(&self) -> Arc<Behaviour> {
        Arc::clone(&self.behaviour.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes a part of the behaviour, `{"past_end":"null"}`; says what it is now.
    ///
    /// # Errors
    /// If a key or a value is unknown or out of range; nothing has changed then.
    pub fn merge_behaviour(&self, patch: serde_json::Value) -> Result<Arc<Behaviour>, BehaviourError> {
        let mut behaviour = self.behaviour.write().unwrap_or_else(PoisonError::into_inner);
        *behaviour = Arc::new(behaviour.merged(patch)?);
        Ok(Arc::clone(&behaviour))
    }

    /// Replaces the behaviour.
    pub fn set_behaviour(&self, new: Behaviour) {
        *self.behaviour.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(new);
    }

    /// Lets a fault wait for the request that it hits.
    ///
    /// # Errors
    /// If it makes no sense or too many wait.
    pub fn add_fault(&self, fault: Fault) -> Result<(), FaultError> {
        lock(&self.faults).add(fault.checked()?)
    }

    /// Forgets the faults that wait.
    pub fn clear_faults(&self) {
        lock(&self.faults).clear();
    }

    /// The faults that wait.
    #[must_use]
    pub fn faults(&self) -> Vec<Fault> {
        lock(&self.faults).waiting().cloned().collect()
    }

    /// Makes a directory; says its ID.
    ///
    /// # Errors
    /// If its account isn't there, or there are too many directories.
    pub fn add_directory(&self, spec: &DirectorySpec) -> Result<String, WorldError> {
        let made = self.made.fetch_add(1, Ordering::Relaxed);
        let place = usize::try_from(made).unwrap_or(usize::MAX);
        let account = spec.account.unwrap_or(place % self.accounts.len().max(1));
        if account >= self.accounts.len() {
            return Err(WorldError::NoSuchAccount);
        }
        let number = DIRECTORY_NUMBER_FIRST.saturating_add(u32::try_from(made).unwrap_or(u32::MAX));
        if self.locked_directories().len() >= DIRECTORIES_MAX {
            return Err(WorldError::TooManyDirectories);
        }
        let directory = Directory::new(self.seed, number, account, spec, self.now_s());
        let id = directory.id.clone();
        self.directories.write().unwrap_or_else(PoisonError::into_inner).insert(number, Arc::new(directory));
        Ok(id)
    }

    /// Lets a directory vanish.
    ///
    /// # Errors
    /// If there is none of this ID.
    pub fn remove_directory(&self, id: &str) -> Result<(), WorldError> {
        let number = directory_number(id).ok_or(WorldError::NoSuchDirectory)?;
        let gone = self.directories.write().unwrap_or_else(PoisonError::into_inner).remove(&number);
        gone.map(drop).ok_or(WorldError::NoSuchDirectory)
    }

    /// The directory of this ID.
    #[must_use]
    pub fn directory(&self, id: &str) -> Option<Arc<Directory>> {
        self.locked_directories().get(&directory_number(id)?).cloned()
    }

    /// All directories, by ID.
    #[must_use]
    pub fn directories(&self) -> Vec<Arc<Directory>> {
        self.locked_directories().values().cloned().collect()
    }

    /// Changes a directory's list.
    ///
    /// # Errors
    /// If there is none of this ID.
    pub fn mutate(&self, id: &str, mutation: &Mutation) -> Result<Applied, WorldError> {
        let directory = self.directory(id).ok_or(WorldError::NoSuchDirectory)?;
        Ok(self.mutate_list(&mut directory.list(), mutation))
    }

    pub(super) fn mutate_list(&self, list: &mut List, mutation: &Mutation) -> Applied {
        let now_s = self.time_passes.then(|| clock::now().unix_s());
        list.apply(mutation, now_s, self.start.unix_s())
    }

    /// The directories as they truly are.
    #[must_use]
    pub fn truth(&self) -> Vec<DirectoryTruth> {
        let behaviour = self.behaviour();
        let of = |directory: Arc<Directory>| {
            directory.truth(&behaviour, &self.accounts[directory.account].client_id)
        };
        self.directories().into_iter().map(of).collect()
    }

    /// The registrations that stand (and are shown) in a directory, newest first: 16 bytes each,
    /// with what they follow from.
    #[must_use]
    pub fn standing_rows(&self, id: &str) -> Option<(u64, Vec<Row>)> {
        let directory = self.directory(id)?;
        let behaviour = self.behaviour();
        let list = directory.list();
        let rows = list.rows().iter().rev().filter(|row| behaviour.shows(row.number)).copied().collect();
        Some((directory.seed, rows))
    }

    /// The registrations that stand (and are shown) in a directory, newest first.
    #[must_use]
    pub fn standing(&self, id: &str) -> Option<Vec<Standing>> {
        let behaviour = self.behaviour();
        let (seed, rows) = self.standing_rows(id)?;
        Some(rows.iter().map(|row| Standing::of(&behaviour, seed, row)).collect())
    }

    /// What was asked since the start or the last reset.
    #[must_use]
    pub fn requests(&self) -> Requests {
        lock(&self.requests).clone()
    }

    /// Forgets what was asked.
    pub fn reset_requests(&self) {
        *lock(&self.requests) = Requests::default();
    }

    /// The sends that were carried out, oldest first.
    #[must_use]
    pub fn sends(&self) -> Vec<Send> {
        lock(&self.sends).kept()
    }

    pub(super) fn add_request(&self, request: Request) {
        lock(&self.requests).add(request);
    }

    pub(super) fn add_send(&self, send: Send) {
        lock(&self.sends).add(send);
    }

    pub(super) fn take_fault(&self, target: &Target<'_>) -> Option<Fault> {
        lock(&self.faults).take(target)
    }

    /// A number below `end`, by the seed.
    pub(super) fn roll(&self, end: u64) -> u64 {
        if end == 0 { 0 } else { lock(&self.dice).random_range(0..end) }
    }

    fn now_s(&self) -> i64 {
        if self.time_passes { clock::now().unix_s() } else { self.start.unix_s() }
    }

    fn locked_directories(&self) -> std::sync::RwLockReadGuard<'_, BTreeMap<u32, Arc<Directory>>> {
        self.directories.read().unwrap_or_else(PoisonError::into_inner)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
