//! Deletes what is past, a batch in a job: few enough rows that nobody's save waits for it. Which moment
//! is past is not decided here.
//!
//! Invariant: what walks go by stays. Of unsettled walks and of what they found nothing is deleted, and
//! no registration's key is ever given to another one.

use rusqlite::params;

use super::{Writer, statement};
use crate::instant::UtcInstant;
use crate::store::error::StoreError;
use crate::store::past::{Deleted, Past};
use crate::store::setting;

/// Rows deleted at most by a job.
const ROWS_A_BATCH: i64 = 200;

/// Walks looked at by a job: most of them stay.
const WALKS_A_BATCH: i64 = 500;

/// Of each directory the last so many walks stay: status, metrics and pages tell of the last one. When a
/// walk was last complete, and last full, stands with the directory.
const WALKS_KEPT: i64 = 20;

impl Writer {
    /// Deletes a batch of what was past at `before`. `after` is 0, or what the last batch said.
    pub(in crate::store) fn delete_past(
        &mut self,
        past: Past,
        before: UtcInstant,
        after: i64,
    ) -> Result<Deleted, StoreError> {
        let before = before.to_string();
        match past {
            Past::Changes => self.delete_changes(&before),
            Past::Removed => self.delete_removed(&before),
            Past::Walks => self.delete_walks(&before, after),
            Past::Sends => {
                Ok(batch(self.disk.execute(statement::EMPTY_SENDS, params![before, ROWS_A_BATCH])?))
            }
        }
    }

    /// The feed's beginning, up to the first change that stays: what comes after any number that is
    /// still there is there.
    fn delete_changes(&self, before: &str) -> Result<Deleted, StoreError> {
        let first_kept: Option<i64> = self
            .disk
            .find(statement::FIND_FIRST_KEPT_CHANGE, params![before, ROWS_A_BATCH], |row| row.get(0))?
            .flatten();
        let Some(first_kept) = first_kept else { return Ok(Deleted { rows: 0, next: None }) };
        let has_any = self.disk.find(statement::HAS_CHANGE_BEFORE, [first_kept], |row| row.get(0))?;
        if has_any != Some(true) {
            return Ok(Deleted { rows: 0, next: None });
        }
        self.note_deleted(before)?;
        Ok(batch(self.disk.execute(statement::DELETE_CHANGES_BEFORE, [first_kept])?))
    }

    /// Of whom something was deleted, nobody knows any more what to look for in the file's bytes.
    fn note_deleted(&self, before: &str) -> Result<(), StoreError> {
        self.disk.execute(statement::NOTE_SETTING, [setting::DELETED_BEFORE, before])?;
        Ok(())
    }

    fn delete_removed(&self, before: &str) -> Result<Deleted, StoreError> {
        let mut keys = Vec::new();
        let params = params![before, ROWS_A_BATCH];
        self.disk.each_key(statement::LIST_LONG_REMOVED, params, |key| keys.push(key))?;
        if !keys.is_empty() {
            self.note_deleted(before)?;
        }
        for key in &keys {
            self.disk.execute(statement::DELETE_REGISTRATION, [key])?;
        }
        Ok(batch(keys.len()))
    }

    fn delete_walks(&self, before: &str, after: i64) -> Result<Deleted, StoreError> {
        let (mut looked_at, mut last, mut past) = (0, after, Vec::new());
        {
            let mut statement = self.disk.read(statement::LIST_WALKS_AFTER)?;
            let mut rows = statement.query(params![after, before, WALKS_KEPT, WALKS_A_BATCH])?;
            while let Some(row) = rows.next()? {
                (looked_at, last) = (looked_at + 1, row.get(0)?);
                if row.get(1)? {
                    past.push(last);
                }
            }
        }
        for key in &past {
            self.disk.execute(statement::DELETE_WALK, [key])?;
        }
        let next = (looked_at == WALKS_A_BATCH).then_some(last);
        Ok(Deleted { rows: past.len() as u64, next })
    }
}

/// A batch that takes up again at the beginning: what it deleted is gone.
fn batch(rows: usize) -> Deleted {
    let is_full = i64::try_from(rows).is_ok_and(|rows| rows >= ROWS_A_BATCH);
    Deleted { rows: rows as u64, next: is_full.then_some(0) }
}
