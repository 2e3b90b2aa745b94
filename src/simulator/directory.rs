//! A directory of the simulated world: its list and what is known of it.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;

use super::behaviour::Behaviour;
use super::list::List;
use super::options::DirectorySpec;

/// The first directory's number.
pub const DIRECTORY_NUMBER_FIRST: u32 = 10_001;
const BUSINESSES: [&str; 8] =
    ["Bakery", "Fitness Club", "Café", "Bookshop", "Cinema", "Garden Centre", "Bike Repair", "Hotel"];
const PLACES: [&str; 9] =
    ["Antwerpen", "Lyon", "Köln", "Porto", "Bristol", "Torino", "Utrecht", "São Paulo", "İzmir"];

/// A directory.
#[derive(Debug)]
pub struct Directory {
    /// `dir_10001`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its public address.
    pub url: String,
    /// The place of its account.
    pub account: usize,
    /// Whether people can register.
    pub takes_registrations: bool,
    /// What its people follow from.
    pub seed: u64,
    list: Mutex<List>,
}

impl Directory {
    /// A directory of this number in the world of this seed.
    pub fn new(world_seed: u64, number: u32, account: usize, spec: &DirectorySpec, now_s: i64) -> Self {
        let seed = world_seed.rotate_left(17) ^ (u64::from(number) << 32);
        let place = number.saturating_sub(DIRECTORY_NUMBER_FIRST) as usize;
        Self {
            id: format!("dir_{number}"),
            name: format!("{} {}", BUSINESSES[place % BUSINESSES.len()], PLACES[place % PLACES.len()]),
            url: format!("https://directories.example.com/{number}"),
            account,
            takes_registrations: spec.takes_registrations,
            seed,
            list: Mutex::new(List::new(seed, spec.registrations, now_s)),
        }
    }

    /// It as it truly is.
    pub fn truth(&self, behaviour: &Behaviour, client_id: &str) -> DirectoryTruth {
        let list = self.list();
        DirectoryTruth {
            directory_id: self.id.clone(),
            name: self.name.clone(),
            url: self.url.clone(),
            account: client_id.to_owned(),
            takes_registrations: self.takes_registrations,
            registrations: match behaviour.hide_every {
                None => list.len(),
                Some(_) => list.rows().iter().filter(|row| behaviour.shows(row.number)).count(),
            },
        }
    }

    /// Its list, locked: hold it for as long as one page takes.
    pub fn list(&self) -> MutexGuard<'_, List> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A directory as it truly is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DirectoryTruth {
    /// `dir_10001`.
    pub directory_id: String,
    /// Its name.
    pub name: String,
    /// Its public address.
    pub url: String,
    /// The client ID of its account.
    pub account: String,
    /// Whether people can register.
    pub takes_registrations: bool,
    /// How many registrations stand (and are shown).
    pub registrations: usize,
}

/// The number in an ID.
pub fn directory_number(id: &str) -> Option<u32> {
    id.strip_prefix("dir_")?.parse().ok()
}
