//! The masked columns: made by the statements that write what they mask, and made anew when the file
//! was masked with another key, by other rules, or by none.

use rusqlite::Connection;
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::ValueRef;

use super::disk::Disk;
use super::other_keys::OtherKeys;
use super::statement;
use crate::recipient::Channel;
use crate::store::error::StoreError;
use crate::store::mask::{Masks, birth_year};
use crate::store::setting;

/// Rows looked at in one transaction when the key has changed.
const ROWS_A_BATCH: i64 = 5_000;

/// Gives the connection the functions that statements mask with. What is no text has no mask.
pub(super) fn register(connection: &Connection, masks: &Masks) -> rusqlite::Result<()> {
    let add = |name: &str, make: fn(&Masks, &str) -> Option<String>| {
        let masks = masks.clone();
        let flags = FunctionFlags::SQLITE_UTF8
            | FunctionFlags::SQLITE_DETERMINISTIC
            | FunctionFlags::SQLITE_DIRECTONLY;
        connection.create_scalar_function(name, 1, flags, move |context: &Context<'_>| {
            Ok(match context.get_raw(0) {
                ValueRef::Text(text) => make(&masks, &String::from_utf8_lossy(text)),
                _ => None,
            })
        })
    };
    add("mask_email", |masks, text| Some(masks.email(text)))?;
    add("mask_phone", |masks, text| Some(masks.phone(text)))?;
    add("identity_email", |masks, text| masks.identity(Channel::Email, text))?;
    add("identity_phone", |masks, text| masks.identity(Channel::Sms, text))?;
    add("identity_national", Masks::national)?;
    add("mask_birth_date", |_, text| birth_year(text).map(str::to_owned))?;
    add("mask_change", Masks::change)
}

/// Masks everything anew if the file's masks are another key's. Broken off, it is begun again by the
/// next open, which writes only what is not yet masked. Until then readers see masks of before, or none.
pub(super) fn save_masks(disk: &Disk, masks: &Masks) -> Result<(), StoreError> {
    let stored: Option<String> = disk.find_setting(setting::MASKING_KEY_ID)?;
    if stored.as_deref() == Some(masks.id()) {
        return Ok(());
    }
    let erased: i64 = disk.find(statement::COUNT_ERASED_HASHES, [], |row| row.get(0))?.unwrap_or(0);
    let mut others = OtherKeys::read(disk)?;
    if let Some(before) = stored {
        others.leave(&before, erased);
        others.save(disk)?;
    }
    // Broken off, the masks are of two keys: even the key of before has to begin again.
    disk.execute(statement::DELETE_SETTING, [setting::MASKING_KEY_ID])?;
    disk.commit()?;
    let last = |sql| Ok::<i64, StoreError>(disk.find(sql, [], |row| row.get(0))?.unwrap_or(0));
    let last_registration = last(statement::LAST_REGISTRATION_KEY)?;
    if last_registration > 0 {
        tracing::info!(
            "masking everybody anew: the masking key or its rules are others; it may take a while"
        );
    }
    let registrations = mask_all(disk, last_registration, statement::MASK_REGISTRATIONS)?;
    let changes = mask_all(disk, last(statement::LAST_CHANGE)?, statement::MASK_CHANGES)?;
    disk.execute(statement::MASK_SENDS, [])?;
    disk.execute(statement::MASK_OPT_OUTS, [])?;
    others.take_up(masks.id(), erased);
    others.save(disk)?;
    if !others.are_none() {
        tracing::warn!(
            "addresses and numbers that were erased, or are past sends_days, are not recognised by another masking \
             key: they may be sent to again, also who opted out and was erased, and who is listed anew comes in"
        );
    }
    disk.execute(statement::SAVE_SETTING, [setting::MASKING_KEY_ID, masks.id()])?;
    disk.commit()?;
    if registrations + changes > 0 {
        tracing::info!(registrations, changes, "masked anew");
    }
    Ok(())
}

/// How many rows were written, up to the key `last`.
fn mask_all(disk: &Disk, last: i64, sql: &'static str) -> Result<usize, StoreError> {
    let (mut after, mut rows) = (0, 0);
    while after < last {
        rows += disk.execute(sql, [after, after + ROWS_A_BATCH])?;
        disk.commit()?;
        after += ROWS_A_BATCH;
    }
    Ok(rows)
}
