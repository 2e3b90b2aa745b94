//! A naive mirror: what a save and a finish mean, in maps, to judge the walk by. The shipped store
//! does the same on SQLite; `tests/store` holds it to that.

use std::collections::{BTreeMap, BTreeSet};

use coupontools_mirror::instant::UtcInstant;
use coupontools_mirror::walk::{
    Evidence, Finish, Kind, Learned, RegistrationKey, Save, Start, Stored, Unsettled, WalkKey,
};

#[derive(Clone, Debug)]
pub struct Kept {
    pub key: RegistrationKey,
    pub walk: WalkKey,
    pub date: Option<UtcInstant>,
    pub version: u32,
    pub is_missing: bool,
    pub is_removed: bool,
    pub gone: Option<WalkKey>,
    pub gone_again: Option<WalkKey>,
    pub is_provable: bool,
}

#[derive(Clone, Debug, Default)]
struct WalkRow {
    stretch: Option<WalkKey>,
    is_settled: bool,
    found: u64,
    has_gap: bool,
}

/// A file that survives crashes: what was saved, and nothing else.
#[derive(Clone, Debug)]
pub struct Disk {
    pub rows: BTreeMap<u32, Kept>,
    walks: BTreeMap<WalkKey, WalkRow>,
    pub in_order: bool,
    pub learned: Learned,
    pub written: u64,
    pub recovered: u64,
    pub breaks: u64,
    last_walk: i64,
}

impl Disk {
    pub fn new() -> Self {
        Self {
            rows: BTreeMap::new(),
            walks: BTreeMap::new(),
            in_order: true,
            learned: Learned::default(),
            written: 0,
            recovered: 0,
            breaks: 0,
            last_walk: 0,
        }
    }

    pub fn begin(&mut self, kind: Kind, rows_a_page: usize) -> Start {
        self.last_walk += 1;
        let unsettled = self.walks.iter().filter(|(_, walk)| !walk.is_settled && walk.found > 0);
        Start {
            walk: WalkKey(self.last_walk),
            kind,
            rows_a_page,
            has_standing: self.rows.values().any(|kept| !kept.is_removed),
            unsettled: unsettled
                .map(|(key, walk)| Unsettled {
                    walk: *key,
                    stretch: walk.stretch.unwrap_or(*key),
                    rows: walk.found,
                    has_gap: walk.has_gap,
                })
                .collect(),
            in_order: self.in_order,
            learned: self.learned,
        }
    }

    pub fn find(&self, id: u32, date: Option<UtcInstant>) -> Option<Stored> {
        self.rows.get(&id).map(|kept| Stored {
            key: kept.key,
            walk: kept.walk,
            is_in_order: kept.is_provable && !kept.is_removed && kept.date == date,
        })
    }

    pub fn last_walk(&self) -> WalkKey {
        WalkKey(self.last_walk)
    }

    pub fn is_settled(&self, walk: WalkKey) -> bool {
        self.walks.get(&walk).is_some_and(|walk| walk.is_settled)
    }

    pub fn save(&mut self, me: WalkKey, save: &Save<u32>) {
        self.walks.entry(me).or_default().has_gap |= save.leaves_gap;
        if save.breaks_order {
            self.breaks += 1;
            self.in_order = false;
            for kept in self.rows.values_mut() {
                (kept.gone, kept.gone_again) = (None, None);
            }
        }
        self.prove(me, save.evidence.as_ref());
        for row in &save.rows {
            let id: u32 = row.id.as_str().parse().unwrap();
            let key = RegistrationKey(self.rows.len() as i64 + 1);
            match self.rows.get_mut(&id) {
                None => {
                    let kept = Kept {
                        key,
                        walk: me,
                        date: row.date,
                        version: row.payload,
                        is_missing: false,
                        is_removed: false,
                        gone: None,
                        gone_again: None,
                        is_provable: true,
                    };
                    self.rows.insert(id, kept);
                    self.walks.get_mut(&me).unwrap().found += 1;
                    self.written += 1;
                }
                Some(kept) => {
                    let is_marked =
                        kept.is_missing || kept.is_removed || kept.gone.is_some() || !kept.is_provable;
                    self.written += u64::from(is_marked || kept.version != row.payload);
                    (kept.is_missing, kept.is_removed, kept.is_provable) = (false, false, true);
                    (kept.gone, kept.gone_again) = (None, None);
                    (kept.version, kept.date) = (row.payload, row.date);
                }
            }
        }
        for stretch in &save.joins {
            for (key, walk) in &mut self.walks {
                if walk.stretch.unwrap_or(*key) == *stretch {
                    walk.stretch = Some(me);
                }
            }
        }
        if save.settles {
            self.settle();
        }
        self.recovered += save.recovered;
        self.learn(save.learned);
    }

    pub fn finish(&mut self, me: WalkKey, finish: &Finish) {
        self.walks.entry(me).or_default();
        if finish.settles {
            self.settle();
        }
        self.prove(me, finish.evidence.as_ref());
        for kept in self.rows.values_mut().filter(|kept| kept.gone_again == Some(me) && !kept.is_removed) {
            kept.is_removed = true;
        }
        if let Some(seen) = &finish.seen {
            for kept in self.rows.values_mut() {
                if !kept.is_removed && kept.walk != me && !seen.contains(kept.key.0 as u64) {
                    kept.is_missing = true;
                }
            }
        }
        if finish.proves_order && !self.in_order {
            self.in_order = true;
            for kept in self.rows.values_mut().filter(|kept| kept.is_missing) {
                kept.is_provable = false;
            }
        }
        self.learn(finish.learned);
    }

    fn settle(&mut self) {
        self.walks.values_mut().for_each(|walk| walk.is_settled = true);
    }

    fn learn(&mut self, learned: Learned) {
        self.learned.gives_short_pages |= learned.gives_short_pages;
        self.learned.tells_pages_apart |= learned.tells_pages_apart;
    }

    fn prove(&mut self, me: WalkKey, evidence: Option<&Evidence>) {
        let Some(evidence) = evidence.filter(|_| self.in_order) else { return };
        let page: BTreeSet<u32> = evidence.page.iter().map(|id| id.as_str().parse().unwrap()).collect();
        let settled: BTreeSet<WalkKey> =
            self.walks.keys().copied().filter(|walk| self.is_settled(*walk)).collect();
        for (id, kept) in &mut self.rows {
            let Some(date) = kept.date else { continue };
            let is_inside = evidence.interval.after.is_none_or(|after| date > after)
                && evidence.interval.before.is_none_or(|before| date < before);
            if !is_inside
                || kept.is_removed
                || !kept.is_provable
                || page.contains(id)
                || !settled.contains(&kept.walk)
            {
                continue;
            }
            match kept.gone {
                None => kept.gone = Some(me),
                Some(walk) if walk != me => kept.gone_again = Some(me),
                Some(_) => {}
            }
            kept.is_missing = true;
        }
    }

    pub fn standing(&self) -> BTreeMap<u32, &Kept> {
        self.rows.iter().filter(|(_, kept)| !kept.is_removed).map(|(id, kept)| (*id, kept)).collect()
    }
}
