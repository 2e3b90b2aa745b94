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

/// Addresses and numbers that the feed tells of, before and after.
pub(super) const LIST_RECIPIENTS_OF_CHANGES: &str = "SELECT directory_key, registration_id, \
        json_extract(before, '$.email'), json_extract(after, '$.email'), \
        json_extract(before, '$.phone'), json_extract(after, '$.phone') \
    FROM registration_change WHERE kind IN ('created', 'updated') AND (before IS NOT NULL OR after IS NOT NULL)";

pub(super) const COUNT_CHANGES: &str = "SELECT count(*) FROM registration_change \
    WHERE directory_key = ?1 AND registration_id = ?2 AND (before IS NOT NULL OR after IS NOT NULL)";

pub(super) const TRACES: &str = "SELECT email, phone, first_name, last_name, address, custom_1, custom_2, custom_3, \
        raw FROM registration WHERE registration_key = ?1";

/// What the feed tells of a registration, before and after.
pub(super) const TRACES_OF_CHANGES: &str = "SELECT json_extract(before, '$.email'), json_extract(after, '$.email'), \
        json_extract(before, '$.phone'), json_extract(after, '$.phone') \
    FROM registration_change WHERE directory_key = ?1 AND registration_id = ?2";

pub(super) const COUNT_SENDS: &str =
    "SELECT count(*) FROM send WHERE channel = ?1 AND recipient_hash = ?2 AND recipient IS NOT NULL";

pub(super) const COUNT_OPT_OUTS: &str =
    "SELECT count(*) FROM opt_out WHERE channel = ?1 AND recipient_hash = ?2 AND recipient IS NOT NULL";

/// That somebody registered, and when, stays: counts and the walk's evidence rest on it.
pub(super) const EMPTY_REGISTRATION: &str = "UPDATE registration SET erased_at = coalesce(erased_at, ?2), \
        email = NULL, phone = NULL, first_name = NULL, last_name = NULL, birth_date = NULL, address = NULL, \
        zip = NULL, city = NULL, custom_1 = NULL, custom_2 = NULL, custom_3 = NULL, paid = NULL, \
        paid_until = NULL, blocked = NULL, registered_text = NULL, raw = '{}', email_hash = NULL, \
        phone_hash = NULL, birth_year = NULL \
    WHERE registration_key = ?1";

pub(super) const EMPTY_CHANGES: &str = "UPDATE registration_change SET before = NULL, after = NULL, \
        before_masked = NULL, after_masked = NULL \
    WHERE directory_key = ?1 AND registration_id = ?2 AND kind NOT IN ('removed', 'restored')";

pub(super) const EMPTY_SENDS: &str =
    "UPDATE send SET recipient = NULL, text = NULL WHERE channel = ?1 AND recipient_hash = ?2";

pub(super) const EMPTY_OPT_OUTS: &str =
    "UPDATE opt_out SET recipient = NULL WHERE channel = ?1 AND recipient_hash = ?2";

pub(super) const SAVE_ERASURE: &str = "INSERT INTO erasure (channel, recipient_hash, at) VALUES (?1, ?2, ?3) \
    ON CONFLICT (channel, recipient_hash) DO UPDATE SET at = excluded.at";

/// Whether a text stands in any row that is there by right, as a whole or within another text.
pub(super) const IS_ANYWHERE: &str = "SELECT EXISTS (SELECT 1 FROM registration WHERE instr(raw, ?1) \
        OR instr(email, ?1) OR instr(phone, ?1) OR instr(first_name, ?1) OR instr(last_name, ?1) \
        OR instr(address, ?1) OR instr(city, ?1) OR instr(custom_1, ?1) OR instr(custom_2, ?1) \
        OR instr(custom_3, ?1) OR instr(registered_text, ?1)) \
    OR EXISTS (SELECT 1 FROM registration_change WHERE instr(before, ?1) OR instr(after, ?1)) \
    OR EXISTS (SELECT 1 FROM send WHERE instr(recipient, ?1) OR instr(text, ?1) OR instr(campaign, ?1)) \
    OR EXISTS (SELECT 1 FROM opt_out WHERE instr(recipient, ?1)) \
    OR EXISTS (SELECT 1 FROM directory WHERE instr(raw, ?1) OR instr(name, ?1) OR instr(url, ?1))";
