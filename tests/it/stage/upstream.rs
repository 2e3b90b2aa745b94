//! The simulator in this process, on a socket of its own.

use std::ops::Deref;
use std::sync::LazyLock;

use coupontools_mirror::simulator::{Call, Mutation, Options, Simulator, World};
use serde_json::Value;
use tokio::runtime::{Builder, Runtime};

/// Serves every upstream of the test binary.
static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap());

/// An upstream; it is its world, and stops when it is dropped.
pub struct Upstream {
    simulator: Simulator,
}

impl Upstream {
    /// One quiet account with a directory of each size.
    pub fn of(sizes: &[u32]) -> Self {
        Self::start(Options::quiet(sizes))
    }

    pub fn start(options: Options) -> Self {
        Self { simulator: RUNTIME.block_on(Simulator::start(options)).unwrap() }
    }

    pub fn base_url(&self) -> String {
        self.simulator.base_url()
    }

    /// Sets a part of the behaviour.
    pub fn set(&self, behaviour: Value) {
        self.merge_behaviour(behaviour).unwrap();
    }

    /// Adds a fault as `simulate --fault` reads it.
    pub fn fault(&self, fault: &str) {
        self.add_fault(fault.parse().unwrap()).unwrap();
    }

    /// Changes a directory's list.
    pub fn change(&self, directory: &str, mutation: Mutation) {
        self.mutate(directory, &mutation).unwrap();
    }

    /// Some of everything: newcomers, edits, deletions.
    pub fn stir(&self, directory: &str) {
        let some = Mutation { insert: 7, edit: 5, delete_random: 4, ..Mutation::default() };
        self.change(directory, some);
    }

    /// Pages of users asked for so far.
    pub fn pages_asked(&self) -> u64 {
        self.requests().of(Call::UsersList)
    }
}

impl Deref for Upstream {
    type Target = World;

    fn deref(&self) -> &World {
        self.simulator.world()
    }
}
