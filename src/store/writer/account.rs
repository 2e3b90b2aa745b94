//! Accounts: what is known of their answers, and the rules that their rows are read by.

use rusqlite::params;

use super::Writer;
use super::statement;
use crate::directory::AccountName;
use crate::instant::UtcInstant;
use crate::store::error::StoreError;
use crate::store::walk::{Account, AccountKey, DirectoryKey};
use crate::walk::Learned;

impl Writer {
    /// Makes the account known. If its rows are read by other rules than before, dates may mean other
    /// moments: they prove nothing in its directories until a full walk has seen them in order.
    pub(in crate::store) fn save_account(
        &mut self,
        name: &AccountName,
        reading: i64,
    ) -> Result<Account, StoreError> {
        let found = self.disk.find(statement::FIND_ACCOUNT, [name.as_str()], |row| {
            let learned = Learned { gives_short_pages: row.get(2)?, tells_pages_apart: row.get(3)? };
            let account = Account { key: AccountKey(row.get(0)?), first_page: row.get(1)?, learned };
            Ok((account, row.get::<_, i64>(4)?))
        })?;
        let Some((account, stored)) = found else {
            self.disk.execute(statement::CREATE_ACCOUNT, params![name.as_str(), reading])?;
            let key = AccountKey(self.disk.connection().last_insert_rowid());
            return Ok(Account { key, first_page: None, learned: Learned::default() });
        };
        if stored != reading {
            let mut directories = Vec::new();
            self.disk
                .each_key(statement::LIST_DIRECTORY_KEYS, [account.key.0], |key| directories.push(key))?;
            for directory in directories {
                self.break_order_of(DirectoryKey(directory))?;
            }
            self.disk.execute(statement::SET_READING, [account.key.0, reading])?;
        }
        Ok(account)
    }

    /// Directories of any other account are listed by nobody: an account of another name may take
    /// them over. Why another account could not be listed is nobody's trouble any more.
    pub(in crate::store) fn release_directories(
        &mut self,
        accounts: &[AccountKey],
        now: UtcInstant,
    ) -> Result<(), StoreError> {
        let keys: Vec<i64> = accounts.iter().map(|account| account.0).collect();
        let keys = serde_json::Value::from(keys).to_string();
        self.disk.execute(statement::RELEASE_DIRECTORIES, params![keys, now.to_string()])?;
        self.disk.execute(statement::FORGET_ACCOUNT_ERRORS, [keys])?;
        Ok(())
    }

    /// Remembers why the account's directories could not be listed, and how often in a row; `None` once they
    /// could.
    pub(in crate::store) fn save_account_error(
        &mut self,
        account: AccountKey,
        error: Option<&str>,
        now: UtcInstant,
    ) -> Result<(), StoreError> {
        match error {
            Some(error) => self.disk.execute(statement::SET_ACCOUNT_ERROR, params![account.0, error])?,
            None => self.disk.execute(statement::SET_ACCOUNT_LISTED, params![account.0, now.to_string()])?,
        };
        Ok(())
    }

    /// Remembers what the account counts pages from; `None` forgets it.
    pub(in crate::store) fn save_first_page(
        &mut self,
        account: AccountKey,
        first_page: Option<u8>,
    ) -> Result<(), StoreError> {
        match self.disk.execute(statement::SET_FIRST_PAGE, params![account.0, first_page])? {
            0 => Err(StoreError::Unknown("account")),
            _ => Ok(()),
        }
    }
}
