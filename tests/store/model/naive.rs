//! What saves and ends of walks do, told as simply as can be.

use std::collections::BTreeMap;

use coupontools_mirror::walk::Outcome;

use super::history::{End, Page, date};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Row {
    pub key: usize,
    pub walk: i64,
    pub value: u8,
    pub missing: bool,
    pub removed: bool,
    pub proof: Option<i64>,
    pub second_proof: Option<i64>,
    pub unprovable: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ModelWalk {
    pub stretch: i64,
    pub settled: bool,
    pub created: u64,
}

#[derive(Debug, Default, PartialEq)]
pub struct Model {
    pub rows: BTreeMap<i64, Row>,
    pub walks: BTreeMap<i64, ModelWalk>,
    pub disorder: bool,
    pub loaded: bool,
    pub held: bool,
    pub changes: Vec<(String, i64)>,
}

impl Model {
    fn note(&mut self, kind: &str, id: i64) {
        if self.loaded {
            self.changes.push((kind.to_owned(), id));
        }
    }

    fn prove(&mut self, me: i64, (after, before): (i64, i64), page: &[i64]) {
        for (id, row) in &mut self.rows {
            let Some(at) = date(*id) else { continue };
            let is_settled = self.walks[&row.walk].settled;
            let is_bound = self.disorder || row.removed || row.unprovable || !is_settled || page.contains(id);
            if is_bound || at <= after || at >= before {
                continue;
            }
            row.missing = true;
            match row.proof {
                Some(walk) if walk != me => row.second_proof = Some(me),
                _ => row.proof = Some(me),
            }
        }
    }

    fn last_key(&self) -> usize {
        self.rows.values().map(|row| row.key).max().unwrap_or(0)
    }

    /// What is removed goes, but for the last registration; and what was told of changes.
    pub fn forget(&mut self) {
        let last = self.last_key();
        let is_settled = |row: &Row| self.walks[&row.walk].settled;
        let kept: Vec<bool> =
            self.rows.values().map(|row| !row.removed || row.key == last || !is_settled(row)).collect();
        let mut kept = kept.into_iter();
        self.rows.retain(|_, _| kept.next().unwrap());
        self.changes.clear();
    }

    pub fn save(&mut self, me: i64, page: &Page, joins: &[i64]) {
        if page.breaks_order && !self.disorder {
            self.disorder = true;
            for row in self.rows.values_mut().filter(|row| !row.removed) {
                (row.proof, row.second_proof) = (None, None);
            }
        }
        if let Some(interval) = page.evidence {
            self.prove(me, interval, &page.rows.keys().copied().collect::<Vec<_>>());
        }
        // Newest first, as they are handed over.
        for (id, value) in page.rows.iter().rev() {
            let Some(row) = self.rows.get_mut(id) else {
                let key = 1 + self.last_key();
                self.rows.insert(*id, Row { key, walk: me, value: *value, ..Row::default() });
                self.walks.get_mut(&me).unwrap().created += 1;
                self.note("created", *id);
                continue;
            };
            let (was_removed, is_changed) = (row.removed, row.value != *value);
            *row = Row { key: row.key, walk: row.walk, value: *value, ..Row::default() };
            if was_removed {
                self.note("restored", *id);
            }
            if is_changed {
                self.note("updated", *id);
            }
        }
        for joined in joins {
            for (key, walk) in self.walks.iter_mut().filter(|(_, walk)| !walk.settled) {
                if walk.stretch == *joined || key == joined {
                    walk.stretch = me;
                }
            }
        }
        if page.settles {
            self.settle();
        }
    }

    fn settle(&mut self) {
        self.walks.values_mut().for_each(|walk| walk.settled = true);
    }

    pub fn finish(&mut self, me: i64, is_full: bool, end: &End, begun: &[(i64, usize)]) {
        if end.settles {
            self.settle();
        }
        if let Some(interval) = end.evidence {
            self.prove(me, interval, &end.page);
        }
        for (id, key) in end.seen.iter().flat_map(|seen| begun.iter().filter(|(id, _)| !seen.contains(id))) {
            // One that was deleted and came back meanwhile is another one.
            if let Some(row) = self.rows.get_mut(id).filter(|row| row.key == *key) {
                row.missing |= !row.removed;
            }
        }
        if end.proves_order && self.disorder {
            self.disorder = false;
            for row in self.rows.values_mut().filter(|row| row.missing && !row.removed) {
                (row.unprovable, row.proof, row.second_proof) = (true, None, None);
            }
        }
        let gone = |row: &Row| !row.removed && row.second_proof == Some(me);
        let mut candidates: Vec<i64> =
            self.rows.iter().filter(|(_, row)| gone(row)).map(|(id, _)| *id).collect();
        candidates.sort_by_key(|id| self.rows[id].key);
        let standing = self.rows.values().filter(|row| !row.removed).count();
        let is_complete = end.outcome == Outcome::Complete;
        let holds = candidates.len() > 20 && candidates.len() * 100 > standing * 20;
        if holds {
            self.held = true;
        } else if !self.held || is_full && is_complete {
            self.held = false;
            for id in candidates {
                self.rows.get_mut(&id).unwrap().removed = true;
                self.note("removed", id);
            }
        }
        if is_complete && !holds && !self.loaded {
            self.loaded = true;
            self.note("loaded", -1);
        }
    }
}
