//! The directories that an account lists.

use std::collections::HashSet;

use rusqlite::params;

use super::Writer;
use super::save::break_order;
use super::statement;
use crate::directory::Directory;
use crate::instant::UtcInstant;
use crate::store::error::StoreError;
use crate::store::walk::{Absent, AccountKey, DirectoryKey, KnownDirectory, SavedDirectories};

impl Writer {
    /// Saves a list: what a whole one lacks is marked as removed, what came back no longer is. A
    /// directory that another account lists is left to it; one that its account lists no longer
    /// goes over.
    pub(in crate::store) fn save_directories(
        &mut self,
        account: AccountKey,
        listed: &[Directory],
        absent: Absent,
        now: UtcInstant,
    ) -> Result<SavedDirectories, StoreError> {
        let mut saved = SavedDirectories::default();
        let mut ids = HashSet::new();
        for directory in listed.iter().filter(|directory| ids.insert(directory.id.as_str())) {
            let owner = self.disk.find(statement::FIND_DIRECTORY_OWNER, [directory.id.as_str()], |row| {
                Ok((DirectoryKey(row.get(0)?), AccountKey(row.get(1)?), row.get::<_, bool>(2)?))
            })?;
            match owner {
                Some((_, owner, false)) if owner != account => {
                    saved.owned_elsewhere.push(directory.id.clone());
                    continue;
                }
                // The other account's rows may have been read by other rules.
                Some((key, owner, true)) if owner != account => self.break_order_of(key)?,
                _ => {}
            }
            saved.directories.push(self.save_directory(account, directory, now)?);
        }
        if absent == Absent::AreUnknown {
            return Ok(saved);
        }
        let ids: Vec<&str> = listed.iter().map(|directory| directory.id.as_str()).collect();
        let ids = serde_json::Value::from(ids).to_string();
        self.disk.execute(statement::MARK_ABSENT_DIRECTORIES, params![account.0, ids, now.to_string()])?;
        Ok(saved)
    }

    fn save_directory(
        &self,
        account: AccountKey,
        d: &Directory,
        now: UtcInstant,
    ) -> Result<KnownDirectory, StoreError> {
        let params = params![account.0, d.id.as_str(), d.name, d.url, d.status, &*d.raw, now.to_string()];
        let known = self.disk.write(statement::SAVE_DIRECTORY)?.query_row(params, |row| {
            let instant = |at| {
                Ok::<_, rusqlite::Error>(
                    row.get::<_, Option<String>>(at)?.and_then(|at| UtcInstant::parse(&at)),
                )
            };
            Ok(KnownDirectory {
                key: DirectoryKey(row.get(0)?),
                id: d.id.clone(),
                name: d.name.clone(),
                registrations: u64::try_from(row.get::<_, i64>(1)?).unwrap_or(0),
                loaded_at: instant(2)?,
                last_full_at: instant(3)?,
            })
        })?;
        self.disk.count(1);
        Ok(known)
    }

    /// As `break_order`, for walks under way, too.
    pub(super) fn break_order_of(&mut self, directory: DirectoryKey) -> Result<(), StoreError> {
        break_order(&self.disk, directory)?;
        for walk in self.walks.values_mut().filter(|walk| walk.directory == directory) {
            walk.in_order = false;
        }
        Ok(())
    }
}
