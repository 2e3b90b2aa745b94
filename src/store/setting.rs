//! Names under which the file says something of itself.

/// Which key the masks and hashes were made with.
pub(super) const MASKING_KEY_ID: &str = "masking_key_id";
/// Which key the hashes were made with of people of whom nothing else is left: where it is there, the key in
/// use is another one, and does not recognise them.
pub(super) const ERASED_KEY_ID: &str = "erased_key_id";
/// The zone of the stored dates.
pub(super) const REPORTS_TIME_ZONE: &str = "reports_time_zone";
/// That `[retention]` deleted people's values, the first of which were older than this.
pub(super) const DELETED_BEFORE: &str = "deleted_before";
/// Since when something erased may still stand in the file's bytes.
pub(super) const UNWIPED_SINCE: &str = "unwiped_since";
