//! `registered_on`: the local date of a registration, in the zone that reports are made in.

use chrono_tz::Tz;
use rusqlite::Connection;
use rusqlite::functions::FunctionFlags;

use super::disk::Disk;
use super::statement;
use crate::instant::UtcInstant;
use crate::store::error::StoreError;
use crate::store::setting;

/// Rows looked at in one transaction when the zone has changed.
const ROWS_A_BATCH: i64 = 20_000;

/// Gives the connection the function `local_date`.
pub(super) fn register(connection: &Connection, zone: Tz) -> rusqlite::Result<()> {
    let flags =
        FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_DIRECTONLY;
    connection.create_scalar_function("local_date", 1, flags, move |context| {
        let text = context.get::<Option<String>>(0)?;
        Ok(text.and_then(|text| UtcInstant::parse(&text)).map(|at| at.local_date(zone)))
    })
}

/// Dates every registration anew if the file's dates are in another zone. Broken off, it is begun
/// again by the next open.
pub(super) fn save_zone(disk: &Disk, zone: Tz) -> Result<(), StoreError> {
    let stored = disk.find_setting(setting::REPORTS_TIME_ZONE)?;
    if stored.as_deref() == Some(zone.name()) {
        return Ok(());
    }
    // Broken off, the dates are of two zones: even the zone of before has to begin again.
    disk.execute(statement::DELETE_SETTING, [setting::REPORTS_TIME_ZONE])?;
    disk.commit()?;
    let last: i64 = disk.find(statement::LAST_REGISTRATION_KEY, [], |row| row.get(0))?.unwrap_or(0);
    let mut after = 0;
    while after < last {
        disk.execute(statement::DATE_AGAIN, [after, after + ROWS_A_BATCH])?;
        disk.commit()?;
        after += ROWS_A_BATCH;
    }
    disk.execute(statement::SAVE_SETTING, [setting::REPORTS_TIME_ZONE, zone.name()])?;
    disk.commit()
}
