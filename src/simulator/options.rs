//! What a simulator starts with.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};

use super::behaviour::{Behaviour, Life};
use super::fault::Fault;
use crate::instant::UtcInstant;

/// What a simulator starts with. The default is a small world that is gently alive, for trials.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where it listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Everything follows from it.
    pub seed: u64,
    /// The moment of the start. `None`: the clock's, and time goes by. Given, time stands still but
    /// for newcomers, each up to three seconds after the one before: then nothing depends on a clock.
    pub starts_at: Option<UtcInstant>,
    /// The directories, `dir_10001` and on.
    pub directories: Vec<DirectorySpec>,
    /// The accounts. Directories without a word about it are dealt out among them in turn.
    pub accounts: Vec<AccountKeys>,
    /// How the API behaves.
    pub behaviour: Behaviour,
    /// What goes wrong at first.
    pub faults: Vec<Fault>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            seed: 1,
            starts_at: None,
            directories: vec![
                DirectorySpec::of(2_600),
                DirectorySpec::of(340),
                DirectorySpec::of(12),
                DirectorySpec::without_registration(),
                DirectorySpec::of(1_150),
            ],
            accounts: vec![AccountKeys::default()],
            behaviour: Behaviour { life: Life::GENTLE, ..Behaviour::default() },
            faults: Vec::new(),
        }
    }
}

impl Options {
    /// A world in which nothing happens by itself, the same on every start: for tests and
    /// benchmarks. One directory for each size.
    #[must_use]
    pub fn quiet(sizes: &[u32]) -> Self {
        Self {
            starts_at: UtcInstant::parse("2026-11-23T09:05:10Z"),
            directories: sizes.iter().map(|&size| DirectorySpec::of(size)).collect(),
            behaviour: Behaviour::default(),
            ..Self::default()
        }
    }
}

/// A directory to make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DirectorySpec {
    /// How many registrations it starts with.
    pub registrations: u32,
    /// Whether people can register.
    pub takes_registrations: bool,
    /// Whose it is, by the account's place; `None`: dealt out in turn.
    pub account: Option<usize>,
}

impl DirectorySpec {
    /// One of this size.
    #[must_use]
    pub fn of(registrations: u32) -> Self {
        Self { registrations, takes_registrations: true, account: None }
    }

    /// One in which registration is switched off: it has no users, which is normal.
    #[must_use]
    pub fn without_registration() -> Self {
        Self { registrations: 0, takes_registrations: false, account: None }
    }
}

/// An account's pair of keys. They open nothing but the simulator.
#[derive(Clone, PartialEq, Eq)]
pub struct AccountKeys {
    /// `X-Client-Id`.
    pub client_id: String,
    /// `X-Client-Secret`.
    pub client_secret: String,
}

impl AccountKeys {
    /// A pair.
    pub fn new(client_id: impl Into<String>, client_secret: impl Into<String>) -> Self {
        Self { client_id: client_id.into(), client_secret: client_secret.into() }
    }
}

impl Default for AccountKeys {
    fn default() -> Self {
        Self::new("demo-id", "demo-secret")
    }
}

impl fmt::Debug for AccountKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccountKeys").field("client_id", &self.client_id).finish_non_exhaustive()
    }
}
