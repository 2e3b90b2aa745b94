//! What the file says of itself, by name.

use rusqlite::{Connection, OptionalExtension};

/// Which key the masks and hashes were made with.
pub(super) const MASKING_KEY_ID: &str = "masking_key_id";
/// Other keys, parted by spaces, by which people were hashed of whom nothing else is left: the one in use does
/// not recognise them.
pub(super) const ERASED_KEY_IDS: &str = "erased_key_ids";
/// How many such hashes the file held when the key in use was taken up: what is more is its own.
pub(super) const ERASED_BEFORE_KEY: &str = "erased_before_key";
/// The zone of the stored dates.
pub(super) const REPORTS_TIME_ZONE: &str = "reports_time_zone";
/// That `[retention]` deleted people's values, the first of which were older than this.
pub(super) const DELETED_BEFORE: &str = "deleted_before";
/// Since when something erased may still stand in the file's bytes.
pub(super) const UNWIPED_SINCE: &str = "unwiped_since";

/// What the file says under a name; nothing where it says nothing.
pub(super) fn find(connection: &Connection, name: &str) -> rusqlite::Result<Option<String>> {
    let mut statement = connection.prepare_cached("SELECT value FROM setting WHERE name = ?1")?;
    statement.query_row([name], |row| row.get(0)).optional()
}
