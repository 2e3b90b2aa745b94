//! A walk under way, as the writer knows it: its beginning, its row, what it is in one stretch with.
//! The row is written with the first save that writes anything, or at the end.

use std::collections::BTreeSet;

use roaring::RoaringTreemap;
use rusqlite::params;

use super::Writer;
use super::disk::Disk;
use super::statement;
use crate::instant::UtcInstant;
use crate::store::error::StoreError;
use crate::store::walk::{AccountKey, Counts, DirectoryKey, Progress, WalkHandle, WalkOutcome};
use crate::walk::{Kind, Learned, Start, Unsettled, WalkKey};

/// Undone with its transaction: the writer keeps a copy until the commit.
#[derive(Clone, Debug)]
pub(super) struct WalkState {
    pub key: WalkKey,
    pub directory: DirectoryKey,
    pub account: AccountKey,
    pub kind: Kind,
    pub started_at: UtcInstant,
    /// The last registration in the file when it began.
    pub last_registration: i64,
    pub in_order: bool,
    /// Whether changes are recorded.
    pub is_loaded: bool,
    pub learned: Learned,
    /// Walks of this directory that found something and are not settled, this one aside.
    pub unsettled: BTreeSet<WalkKey>,
    pub is_settled: bool,
    /// A row without an ID stood among what it found.
    pub has_gap: bool,
    /// A save of it failed: nothing of it may be saved any more.
    pub is_broken: bool,
    /// What it marked gone: a look-up made while that was pending saw no mark.
    pub marked: RoaringTreemap,
    pub counts: Counts,
    /// By how much the number of standing registrations has to change in the file.
    pub standing_change: i64,
}

impl WalkState {
    /// Whether what that walk found is settled.
    pub(super) fn is_settled(&self, walk: WalkKey) -> bool {
        if walk == self.key { self.is_settled } else { !self.unsettled.contains(&walk) }
    }

    /// Writes its row and the directory's number of registrations.
    pub(super) fn save(
        &mut self,
        disk: &Disk,
        progress: Progress,
        end: Option<(WalkOutcome, UtcInstant)>,
        error: Option<&str>,
    ) -> Result<(), StoreError> {
        let counts = self.counts;
        disk.execute(
            statement::SAVE_WALK,
            params![
                self.key.0,
                self.directory.0,
                self.kind.as_str(),
                self.started_at.to_string(),
                end.map(|(_, at)| at.to_string()),
                end.map(|(outcome, _)| outcome.as_str()),
                sql(progress.pages),
                sql(progress.requests),
                sql(progress.rows_read),
                sql(counts.created),
                sql(counts.recovered),
                sql(counts.updated),
                sql(counts.removed),
                sql(counts.restored),
                sql(counts.missing),
                error,
                self.is_settled,
                self.has_gap,
            ],
        )?;
        if self.standing_change != 0 {
            disk.execute(statement::ADD_STANDING, params![self.directory.0, self.standing_change])?;
            self.standing_change = 0;
        }
        Ok(())
    }
}

/// A count as SQLite's integer.
fn sql(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

impl Writer {
    /// A walk's state, taken out; put back by whoever goes on with it.
    pub(super) fn take_walk(&mut self, handle: WalkHandle) -> Result<WalkState, StoreError> {
        self.walks.remove(&handle.walk).ok_or(StoreError::WalkOver)
    }

    /// Begins a walk. One that is still under way in this directory is over.
    pub(in crate::store) fn begin_walk(
        &mut self,
        directory: DirectoryKey,
        kind: Kind,
        rows_a_page: usize,
        now: UtcInstant,
    ) -> Result<(WalkHandle, Start), StoreError> {
        self.abandon_walk_of(directory, now)?;
        let (account, in_order, is_loaded, registrations, learned) = self
            .disk
            .find(statement::FIND_DIRECTORY, [directory.0], |row| {
                let learned = Learned { gives_short_pages: row.get(4)?, tells_pages_apart: row.get(5)? };
                Ok((AccountKey(row.get(0)?), row.get(1)?, row.get(2)?, row.get::<_, i64>(3)?, learned))
            })?
            .ok_or(StoreError::Unknown("directory"))?;
        let unsettled = list_unsettled(&self.disk, directory)?;
        let last_registration =
            self.disk.find(statement::LAST_REGISTRATION_KEY, [], |row| row.get(0))?.unwrap_or(0);
        self.last_walk += 1;
        let key = WalkKey(self.last_walk);
        self.walks.insert(
            key,
            WalkState {
                key,
                directory,
                account,
                kind,
                started_at: now,
                last_registration,
                in_order,
                is_loaded,
                learned,
                unsettled: unsettled.iter().map(|unsettled| unsettled.walk).collect(),
                is_settled: false,
                has_gap: false,
                is_broken: false,
                marked: RoaringTreemap::new(),
                counts: Counts::default(),
                standing_change: 0,
            },
        );
        let has_standing = registrations > 0;
        let start = Start { walk: key, kind, rows_a_page, has_standing, unsettled, in_order, learned };
        Ok((WalkHandle { walk: key, directory }, start))
    }

    fn abandon_walk_of(&mut self, directory: DirectoryKey, now: UtcInstant) -> Result<(), StoreError> {
        let abandoned: Vec<WalkKey> =
            self.walks.values().filter(|walk| walk.directory == directory).map(|walk| walk.key).collect();
        for walk in abandoned {
            self.walks.remove(&walk);
            self.disk.execute(statement::MARK_INTERRUPTED, params![walk.0, now.to_string()])?;
        }
        Ok(())
    }
}

fn list_unsettled(disk: &Disk, directory: DirectoryKey) -> Result<Vec<Unsettled>, StoreError> {
    let mut statement = disk.read(statement::LIST_UNSETTLED)?;
    let unsettled = statement.query_map([directory.0], |row| {
        let rows = row.get::<_, i64>(2)?;
        Ok(Unsettled {
            walk: WalkKey(row.get(0)?),
            stretch: WalkKey(row.get(1)?),
            rows: u64::try_from(rows).unwrap_or(0),
            has_gap: row.get(3)?,
        })
    })?;
    Ok(unsettled.collect::<rusqlite::Result<_>>()?)
}

/// Walks that no process ended are interrupted. Returns the last walk's key.
pub(super) fn mark_interrupted(disk: &Disk, now: UtcInstant) -> Result<i64, StoreError> {
    disk.execute(statement::MARK_ALL_INTERRUPTED, [now.to_string()])?;
    disk.commit()?;
    Ok(disk.find(statement::LAST_WALK_KEY, [], |row| row.get(0))?.unwrap_or(0))
}
