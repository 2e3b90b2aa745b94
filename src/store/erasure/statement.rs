//! An erasure's statements.

pub(super) const FIND_BY_ID: &str = "SELECT r.registration_key, r.directory_key, d.directory_id, \
        r.registration_id, r.email, r.phone, r.first_name, r.last_name, r.registered_at, r.removed_at, r.erased_at \
    FROM registration AS r JOIN directory AS d ON d.directory_key = r.directory_key \
    WHERE d.directory_id = ?1 AND r.registration_id = ?2";

/// No index has addresses: that would be one more place that holds them.
pub(super) const LIST_WITH_RECIPIENTS: &str = "SELECT r.registration_key, r.directory_key, d.directory_id, \
        r.registration_id, r.email, r.phone, r.first_name, r.last_name, r.registered_at, r.removed_at, r.erased_at \
    FROM registration AS r JOIN directory AS d ON d.directory_key = r.directory_key \
    WHERE r.email IS NOT NULL OR r.phone IS NOT NULL ORDER BY d.directory_id, r.registration_id";

pub(super) const FIND_BY_KEYS: &str = "SELECT r.registration_key, r.directory_key, d.directory_id, \
        r.registration_id, r.email, r.phone, r.first_name, r.last_name, r.registered_at, r.removed_at, r.erased_at \
    FROM registration AS r JOIN directory AS d ON d.directory_key = r.directory_key \
    WHERE r.directory_key = ?1 AND r.registration_id = ?2";

/// Addresses that the feed tells of, before and after.
pub(super) const LIST_EMAILS_OF_CHANGES: &str = "SELECT directory_key, registration_id, \
        json_extract(before, '$.email'), json_extract(after, '$.email') \
    FROM registration_change WHERE kind IN ('created', 'updated') AND (before IS NOT NULL OR after IS NOT NULL)";

pub(super) const LIST_PHONES_OF_CHANGES: &str = "SELECT directory_key, registration_id, \
        json_extract(before, '$.phone'), json_extract(after, '$.phone') \
    FROM registration_change WHERE kind IN ('created', 'updated') AND (before IS NOT NULL OR after IS NOT NULL)";

pub(super) const LIST_CHANGES: &str = "SELECT before, after FROM registration_change \
    WHERE directory_key = ?1 AND registration_id = ?2 AND (before IS NOT NULL OR after IS NOT NULL) \
        AND kind NOT IN ('removed', 'restored')";

pub(super) const TRACES: &str = "SELECT email, phone, first_name, last_name, address, custom_1, custom_2, custom_3, \
        raw FROM registration WHERE registration_key = ?1";

pub(super) const COUNT_SENDS: &str =
    "SELECT count(*) FROM send WHERE channel = ?1 AND recipient_hash = ?2 AND recipient IS NOT NULL";

pub(super) const COUNT_OPT_OUTS: &str =
    "SELECT count(*) FROM opt_out WHERE channel = ?1 AND recipient_hash = ?2 AND recipient IS NOT NULL";

/// That somebody registered, and when, stays: counts and the walk's evidence rest on it.
pub(in crate::store) const EMPTY_REGISTRATION: &str = "UPDATE registration SET changed_at = iif(erased_at IS NULL, ?3, changed_at), \
        erased_at = coalesce(erased_at, ?2), \
        email = NULL, phone = NULL, first_name = NULL, last_name = NULL, birth_date = NULL, address = NULL, \
        zip = NULL, city = NULL, custom_1 = NULL, custom_2 = NULL, custom_3 = NULL, paid = NULL, \
        paid_until = NULL, blocked = NULL, registered_text = NULL, raw = '{}', email_hash = NULL, \
        phone_hash = NULL, birth_year = NULL, fingerprint = 0 \
    WHERE registration_key = ?1";

/// Who follows the feed keeps the person else. Before its first walk is over, nothing is told of a directory.
pub(super) const TELL_EMPTIED: &str = "INSERT INTO registration_change \
        (at, kind, directory_key, registration_id, after, after_masked) \
    SELECT ?1, 'updated', directory_key, ?3, ?4, ?5 FROM directory \
    WHERE directory_key = ?2 AND loaded_at IS NOT NULL";

pub(in crate::store) const EMPTY_CHANGES: &str = "UPDATE registration_change SET before = NULL, after = NULL, \
        before_masked = NULL, after_masked = NULL \
    WHERE directory_key = ?1 AND registration_id = ?2 AND kind NOT IN ('removed', 'restored')";

pub(super) const EMPTY_SENDS: &str =
    "UPDATE send SET recipient = NULL, text = NULL WHERE channel = ?1 AND recipient_hash = ?2";

pub(super) const EMPTY_OPT_OUTS: &str =
    "UPDATE opt_out SET recipient = NULL WHERE channel = ?1 AND recipient_hash = ?2";

pub(super) const SAVE_ERASURE: &str = "INSERT INTO erasure (channel, recipient_hash, at, is_named, number) \
    VALUES (?1, ?2, ?3, ?4, (SELECT coalesce(max(number), 0) + 1 FROM erasure)) \
    ON CONFLICT (channel, recipient_hash) DO UPDATE SET at = excluded.at, number = excluded.number, \
        is_named = max(is_named, excluded.is_named)";

/// The first that was not wiped counts.
pub(super) const SAVE_UNWIPED: &str =
    "INSERT INTO setting (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO NOTHING";
pub(in crate::store) const LAST_ERASURE: &str = "SELECT coalesce(max(number), 0) FROM erasure";
pub(super) const FORGET_UNWIPED: &str =
    "DELETE FROM setting WHERE name = ?1 AND (SELECT coalesce(max(number), 0) FROM erasure) <= ?2";

/// What people wrote, registration by registration.
pub(super) const LIST_TEXTS: &str = "SELECT r.registration_key, d.directory_id, r.registration_id, \
        concat_ws(' ', r.email, r.phone, r.first_name, r.last_name, r.address, r.city, r.custom_1, \
            r.custom_2, r.custom_3, r.raw) \
    FROM registration AS r JOIN directory AS d ON d.directory_key = r.directory_key WHERE r.erased_at IS NULL";

/// Whether a text stands in any row that is there by right. A row's values lie in the file one behind the
/// other, in the order of its columns: what begins in one may end in the next.
pub(super) const IS_ANYWHERE: &str = "SELECT EXISTS (SELECT 1 FROM registration WHERE instr( \
            coalesce(email, '') || coalesce(phone, '') || coalesce(first_name, '') || \
            coalesce(last_name, '') || coalesce(birth_date, '') || coalesce(address, '') || \
            coalesce(zip, '') || coalesce(city, '') || coalesce(custom_1, '') || \
            coalesce(custom_2, '') || coalesce(custom_3, '') || coalesce(paid_until, '') || \
            coalesce(registered_at, '') || coalesce(registered_on, '') || \
            coalesce(registered_text, '') || coalesce(registered_zone, '') || coalesce(raw, ''), ?1)) \
        OR EXISTS (SELECT 1 FROM registration_change WHERE instr( \
            coalesce(registration_id, '') || coalesce(before, '') || coalesce(after, '') || \
            coalesce(before_masked, '') || coalesce(after_masked, ''), ?1)) \
        OR EXISTS (SELECT 1 FROM send WHERE instr( \
            coalesce(directory_id, '') || coalesce(campaign, '') || coalesce(series, '') || \
            coalesce(recipient, '') || coalesce(recipient_hash, '') || coalesce(text, '') || \
            coalesce(outcome, ''), ?1)) \
        OR EXISTS (SELECT 1 FROM opt_out WHERE instr( \
            coalesce(channel, '') || coalesce(recipient_hash, '') || coalesce(recipient, '') || \
            coalesce(since, ''), ?1)) \
        OR EXISTS (SELECT 1 FROM directory WHERE instr( \
            coalesce(name, '') || coalesce(url, '') || coalesce(status, '') || coalesce(raw, ''), ?1))";
