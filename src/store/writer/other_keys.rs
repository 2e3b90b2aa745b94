//! By which keys, others than the one in use, people were hashed of whom nothing else is left: their hashes
//! can't be made anew, and who is hashed with the key in use is not recognised as one of them.

use std::collections::BTreeSet;

use super::disk::Disk;
use super::statement;
use crate::store::error::StoreError;
use crate::store::setting;

/// By which other keys people were hashed of whom nothing else is left.
pub(super) struct OtherKeys {
    ids: BTreeSet<String>,
    /// How many such hashes there were when the key in use was taken up; 0 as well where some are its own.
    before_key: i64,
}

impl OtherKeys {
    pub(super) fn read(disk: &Disk) -> Result<Self, StoreError> {
        let ids = disk.find_setting(setting::ERASED_KEY_IDS)?.unwrap_or_default();
        let before_key = disk.find_setting(setting::ERASED_BEFORE_KEY)?.and_then(|count| count.parse().ok());
        Ok(Self {
            ids: ids.split_whitespace().map(str::to_owned).collect(),
            before_key: before_key.unwrap_or(0),
        })
    }

    pub(super) fn are_none(&self) -> bool {
        self.ids.is_empty()
    }

    /// A key is no longer used, and the file holds so many hashes.
    pub(super) fn leave(&mut self, id: &str, hashes: i64) {
        if hashes > self.before_key {
            self.ids.insert(id.to_owned());
        }
        self.before_key = hashes;
    }

    /// A key is used from now on, perhaps once more.
    pub(super) fn take_up(&mut self, id: &str, hashes: i64) {
        self.before_key = if self.ids.remove(id) { 0 } else { hashes };
    }

    pub(super) fn save(&self, disk: &Disk) -> Result<(), StoreError> {
        let ids = self.ids.iter().map(String::as_str).collect::<Vec<_>>().join(" ");
        disk.execute(statement::SAVE_SETTING, [setting::ERASED_BEFORE_KEY, &*self.before_key.to_string()])?;
        if ids.is_empty() {
            disk.execute(statement::DELETE_SETTING, [setting::ERASED_KEY_IDS])?;
        } else {
            disk.execute(statement::SAVE_SETTING, [setting::ERASED_KEY_IDS, &*ids])?;
        }
        Ok(())
    }
}
