//! Which registrations a walk has seen: what it cuts pages by, and what a full walk did not show.

use std::collections::{HashSet, VecDeque};

use roaring::RoaringTreemap;

use super::event::{Row, SaveNumber, WalkKey};
use crate::registration::RegistrationId;

/// A bit for each registration that the file held before, by its key; those that this walk found
/// carry its key in the file, and stand here by ID only until they are on disk. So memory does not
/// grow with the directory, but for the bits.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    me: WalkKey,
    keys: RoaringTreemap,
    unsaved: HashSet<RegistrationId>,
    saves: VecDeque<(SaveNumber, Vec<RegistrationId>)>,
}

impl Seen {
    pub(super) fn new(me: WalkKey) -> Self {
        Self { me, keys: RoaringTreemap::new(), unsaved: HashSet::new(), saves: VecDeque::new() }
    }

    /// The walk that found this row, if the file holds it or will.
    pub(super) fn found_by<R>(&self, row: &Row<R>) -> Option<WalkKey> {
        match row.stored {
            Some(stored) => Some(stored.walk),
            None => self.unsaved.contains(&row.id).then_some(self.me),
        }
    }

    pub(super) fn contains<R>(&self, row: &Row<R>) -> bool {
        match row.stored {
            Some(stored) => stored.walk == self.me || self.keys.contains(bit(stored.key.0)),
            None => self.unsaved.contains(&row.id),
        }
    }

    /// These rows are seen, and go to the file with this save.
    pub(super) fn insert<R>(&mut self, rows: &[Row<R>], save: SaveNumber) {
        let mut found = Vec::new();
        for row in rows {
            match row.stored {
                Some(stored) if stored.walk != self.me => {
                    self.keys.insert(bit(stored.key.0));
                }
                Some(_) => {}
                None => {
                    if self.unsaved.insert(row.id.clone()) {
                        found.push(row.id.clone());
                    }
                }
            }
        }
        if !found.is_empty() {
            self.saves.push_back((save, found));
        }
    }

    /// Everything up to this save is on disk: look-ups find it from now on.
    pub(super) fn saved(&mut self, through: SaveNumber) {
        while self.saves.front().is_some_and(|(number, _)| *number <= through) {
            for id in self.saves.pop_front().map(|(_, ids)| ids).unwrap_or_default() {
                self.unsaved.remove(&id);
            }
        }
    }

    /// The keys of what was seen and found by other walks.
    pub(super) fn into_keys(self) -> RoaringTreemap {
        self.keys
    }
}

/// Keys are SQLite row IDs: positive.
fn bit(key: i64) -> u64 {
    key.unsigned_abs()
}
