//! Life as time goes by: registrations, edits and deletions at the behaviour's rates, a few times a
//! second.
//!
//! Tests that want the same history each time use `before_each_page` or mutations instead.

use std::sync::Arc;
use std::time::Duration;

use super::behaviour::Life;
use super::directory::Directory;
use super::mutation::Mutation;
use super::world::World;

const BEAT: Duration = Duration::from_millis(250);

#[derive(Default)]
struct Due {
    registrations: f64,
    edits: f64,
    deletions: f64,
}

/// Lives until the world stops.
pub async fn live(world: Arc<World>) {
    let mut beats = tokio::time::interval(BEAT);
    beats.tick().await;
    let mut due = Due::default();
    loop {
        tokio::select! {
            () = world.stopping.cancelled() => return,
            _ = beats.tick() => beat(&world, &mut due),
        }
    }
}

fn beat(world: &World, due: &mut Due) {
    let life = world.behaviour().life;
    if life == Life::default() {
        return;
    }
    let minutes = BEAT.as_secs_f64() / 60.0;
    let insert = take(&mut due.registrations, life.registrations_per_minute * minutes);
    let edit = take(&mut due.edits, life.edits_per_minute * minutes);
    let delete_random = take(&mut due.deletions, life.deletions_per_minute * minutes);
    let each = [
        (insert, Mutation { insert: 1, ..Mutation::default() }),
        (edit, Mutation { edit: 1, ..Mutation::default() }),
        (delete_random, Mutation { delete_random: 1, ..Mutation::default() }),
    ];
    for (count, mutation) in each {
        for _ in 0..count {
            if let Some(directory) = choose(world) {
                world.mutate_list(&mut directory.list(), &mutation);
            }
        }
    }
}

/// Adds what has come due, takes the whole part away.
fn take(due: &mut f64, more: f64) -> u32 {
    *due += more;
    let whole = due.floor();
    *due -= whole;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "0 to 5,000 by the rates' limit"
    )]
    let whole = whole as u32;
    whole
}

/// A directory that takes registrations, large ones more often; each counts a little.
fn choose(world: &World) -> Option<Arc<Directory>> {
    let weighed: Vec<(Arc<Directory>, u64)> = world
        .directories()
        .into_iter()
        .filter(|directory| directory.takes_registrations)
        .map(|directory| {
            let weight = directory.list().len() as u64 + 50;
            (directory, weight)
        })
        .collect();
    let mut left = world.roll(weighed.iter().map(|(_, weight)| weight).sum());
    for (directory, weight) in weighed {
        if left < weight {
            return Some(directory);
        }
        left -= weight;
    }
    None
}
