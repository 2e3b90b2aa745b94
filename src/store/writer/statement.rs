//! Every statement of the writer. A test prepares each against the migrated schema.

macro_rules! statements {
    ($($(#[$doc:meta])* $name:ident = $sql:literal;)*) => {
        $($(#[$doc])* pub(super) const $name: &str = $sql;)*
        #[cfg(test)]
        const ALL: &[(&str, &str)] = &[$((stringify!($name), $name)),*];
    };
}

statements! {
    /// Account by name.
    FIND_ACCOUNT = "SELECT account_key, first_page, gives_short_pages, tells_pages_apart, reading
        FROM account WHERE name = ?1";
    CREATE_ACCOUNT = "INSERT INTO account (name, reading) VALUES (?1, ?2)";
    SET_READING = "UPDATE account SET reading = ?2 WHERE account_key = ?1";
    SET_FIRST_PAGE = "UPDATE account SET first_page = ?2 WHERE account_key = ?1";
    /// Flags only ever turn true.
    LEARN = "UPDATE account SET gives_short_pages = max(gives_short_pages, ?2),
        tells_pages_apart = max(tells_pages_apart, ?3) WHERE account_key = ?1";
    LIST_DIRECTORY_KEYS = "SELECT directory_key FROM directory WHERE account_key = ?1";

    FIND_DIRECTORY_OWNER = "SELECT directory_key, account_key, removed_at IS NOT NULL
        FROM directory WHERE directory_id = ?1";
    SAVE_DIRECTORY = "INSERT INTO directory
            (account_key, directory_id, name, url, status, raw, first_seen_at, last_seen_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7)
        ON CONFLICT (directory_id) DO UPDATE SET account_key = excluded.account_key,
            name = excluded.name, url = excluded.url, status = excluded.status, raw = excluded.raw,
            last_seen_at = excluded.last_seen_at, removed_at = NULL
        RETURNING directory_key, registrations, loaded_at, last_full_at";
    MARK_ABSENT_DIRECTORIES = "UPDATE directory SET removed_at = ?3
        WHERE account_key = ?1 AND removed_at IS NULL
            AND directory_id NOT IN (SELECT value FROM json_each(?2))";
    RELEASE_DIRECTORIES = "UPDATE directory SET removed_at = ?2
        WHERE removed_at IS NULL AND account_key NOT IN (SELECT value FROM json_each(?1))";
    FORGET_ACCOUNT_ERRORS = "UPDATE account SET last_error = NULL, failed_ticks = 0
        WHERE (last_error IS NOT NULL OR failed_ticks <> 0) AND account_key NOT IN (SELECT value FROM json_each(?1))";
    FIND_DIRECTORY = "SELECT d.account_key, d.in_order, d.loaded_at IS NOT NULL, d.registrations,
            a.gives_short_pages, a.tells_pages_apart
        FROM directory AS d JOIN account AS a ON a.account_key = d.account_key
        WHERE d.directory_key = ?1";
    FIND_BRAKE = "SELECT registrations, brake_held_at IS NOT NULL FROM directory WHERE directory_key = ?1";
    HOLD_BRAKE = "UPDATE directory SET brake_held_at = coalesce(brake_held_at, ?2) WHERE directory_key = ?1";
    RELEASE_BRAKE = "UPDATE directory SET brake_held_at = NULL WHERE directory_key = ?1";
    ADD_STANDING = "UPDATE directory SET registrations = registrations + ?2 WHERE directory_key = ?1";
    /// While the brake is held, its error stays.
    SET_COMPLETE = "UPDATE directory SET last_complete_at = ?2,
            last_full_at = CASE WHEN ?3 THEN ?2 ELSE last_full_at END,
            last_error = CASE WHEN brake_held_at IS NULL THEN NULL ELSE last_error END,
            failed_ticks = 0
        WHERE directory_key = ?1";
    SET_ACCOUNT_ERROR = "UPDATE account SET last_error = ?2, failed_ticks = failed_ticks + 1
        WHERE account_key = ?1";
    /// Nothing is written where it was listed well before.
    SET_ACCOUNT_LISTED = "UPDATE account SET last_error = NULL, failed_ticks = 0,
            listed_at = coalesce(listed_at, ?2)
        WHERE account_key = ?1 AND (last_error IS NOT NULL OR failed_ticks <> 0 OR listed_at IS NULL)";
    SET_LAST_ERROR = "UPDATE directory SET last_error = ?2, failed_ticks = failed_ticks + 1
        WHERE directory_key = ?1";
    SET_LOADED = "UPDATE directory SET loaded_at = ?2 WHERE directory_key = ?1";

    BREAK_ORDER = "UPDATE directory SET in_order = 0 WHERE directory_key = ?1 AND in_order = 1";
    RESTORE_ORDER = "UPDATE directory SET in_order = 1 WHERE directory_key = ?1";
    VOID_PROOFS = "UPDATE registration INDEXED BY registration_missing
        SET gone_walk_key = NULL, gone_again_walk_key = NULL
        WHERE directory_key = ?1 AND missing_since IS NOT NULL AND removed_at IS NULL
            AND gone_walk_key IS NOT NULL";
    VOID_DATES_OF_MISSING = "UPDATE registration INDEXED BY registration_missing
        SET provable = 0, gone_walk_key = NULL, gone_again_walk_key = NULL
        WHERE directory_key = ?1 AND missing_since IS NOT NULL AND removed_at IS NULL
            AND (provable = 1 OR gone_walk_key IS NOT NULL)";

    LAST_WALK_KEY = "SELECT max(coalesce((SELECT max(walk_key) FROM walk), 0),
        coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'walk'), 0))";
    LAST_REGISTRATION_KEY = "SELECT coalesce(max(registration_key), 0) FROM registration";
    LIST_UNSETTLED = "SELECT walk_key, stretch_walk_key, created, has_gap FROM walk
        WHERE directory_key = ?1 AND settled = 0 AND created > 0 ORDER BY walk_key";
    HAS_UNSETTLED = "SELECT EXISTS (SELECT 1 FROM walk WHERE directory_key = ?1 AND settled = 0)";
    JOIN = "UPDATE walk SET stretch_walk_key = ?3
        WHERE directory_key = ?1 AND settled = 0 AND (stretch_walk_key = ?2 OR walk_key = ?2)";
    SETTLE = "UPDATE walk SET settled = 1 WHERE directory_key = ?1 AND settled = 0";
    MARK_INTERRUPTED = "UPDATE walk SET outcome = 'interrupted', finished_at = ?2
        WHERE walk_key = ?1 AND finished_at IS NULL";
    MARK_ALL_INTERRUPTED = "UPDATE walk SET outcome = 'interrupted', finished_at = ?1
        WHERE finished_at IS NULL";
    SAVE_WALK = "INSERT INTO walk (walk_key, directory_key, kind, started_at, finished_at, outcome,
            pages, requests, rows_read, created, recovered, updated, removed, restored, missing,
            error, settled, has_gap, stretch_walk_key)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?1)
        ON CONFLICT (walk_key) DO UPDATE SET finished_at = excluded.finished_at,
            outcome = excluded.outcome, pages = excluded.pages, requests = excluded.requests,
            rows_read = excluded.rows_read, created = excluded.created,
            recovered = excluded.recovered, updated = excluded.updated, removed = excluded.removed,
            restored = excluded.restored, missing = excluded.missing, error = excluded.error,
            settled = excluded.settled, has_gap = excluded.has_gap";

    /// The fields come in the order of `field::NAMES`. What begins with `mask_` is the writer's own function.
    CREATE_REGISTRATION = "INSERT INTO registration (directory_key, registration_id, walk_key,
            fingerprint, first_seen_at, changed_at, registered_on, raw, email, phone, first_name,
            last_name, birth_date, address, zip, city, custom_1, custom_2, custom_3, paid,
            paid_until, blocked, registered_at, registered_text, registered_zone, email_hash,
            phone_hash, birth_year, erased_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?6, ?7, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18,
            ?19, ?20, ?21, ?22, ?23, ?24, ?25, mask_email(?9), mask_phone(?10), mask_birth_date(?13), ?8)
        ON CONFLICT (directory_key, registration_id) DO NOTHING";
    FIND_REGISTRATION = "SELECT registration_key, fingerprint, removed_at,
            missing_since IS NOT NULL OR gone_walk_key IS NOT NULL OR provable = 0,
            erased_at IS NOT NULL, raw, email, phone, first_name, last_name, birth_date, address, zip,
            city, custom_1, custom_2, custom_3, paid, paid_until, blocked, registered_at,
            registered_text, registered_zone
        FROM registration WHERE directory_key = ?1 AND registration_id = ?2";
    UPDATE_REGISTRATION = "UPDATE registration SET fingerprint = ?2, changed_at = ?3,
            registered_on = ?4, raw = ?5, email = ?6, phone = ?7, first_name = ?8, last_name = ?9,
            birth_date = ?10, address = ?11, zip = ?12, city = ?13, custom_1 = ?14,
            custom_2 = ?15, custom_3 = ?16, paid = ?17, paid_until = ?18, blocked = ?19,
            registered_at = ?20, registered_text = ?21, registered_zone = ?22,
            email_hash = mask_email(?6), phone_hash = mask_phone(?7), birth_year = mask_birth_date(?10)
        WHERE registration_key = ?1 AND erased_at IS NULL";
    REDATE_ERASED = "UPDATE registration SET registered_at = ?2, registered_on = ?3, registered_zone = ?4,
            changed_at = ?5
        WHERE registration_key = ?1";
    CLEAR_MARKS = "UPDATE registration SET missing_since = NULL, removed_at = NULL,
            gone_walk_key = NULL, gone_again_walk_key = NULL, provable = 1
        WHERE registration_key = ?1";

    /// Served by the index alone.
    LIST_DATED_BETWEEN = "SELECT registration_key FROM registration INDEXED BY registration_date
        WHERE directory_key = ?1 AND removed_at IS NULL AND registered_at > ?2 AND registered_at < ?3";
    FIND_MARKS = "SELECT registration_id, walk_key, missing_since IS NOT NULL, gone_walk_key,
            gone_again_walk_key, provable
        FROM registration WHERE registration_key = ?1";
    MARK_GONE = "UPDATE registration SET missing_since = coalesce(missing_since, ?2),
            gone_walk_key = ?3, gone_again_walk_key = ?4
        WHERE registration_key = ?1";
    /// Served by the index alone.
    LIST_STANDING = "SELECT registration_key FROM registration INDEXED BY registration_date
        WHERE directory_key = ?1 AND removed_at IS NULL";
    MARK_MISSING = "UPDATE registration SET missing_since = ?2
        WHERE registration_key = ?1 AND missing_since IS NULL AND walk_key <> ?3";
    LIST_GONE_TWICE = "SELECT registration_key FROM registration
        WHERE gone_again_walk_key = ?1 AND removed_at IS NULL";
    MARK_REMOVED = "UPDATE registration SET removed_at = ?2 WHERE registration_key = ?1
        RETURNING registration_id";
    RECORD_CHANGE = "INSERT INTO registration_change
            (at, kind, directory_key, registration_id, before, after, before_masked, after_masked)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, mask_change(?5), mask_change(?6))";

    FORGET_ALERTS = "DELETE FROM alert";
    CREATE_ALERT = "INSERT INTO alert (alert, account, directory_id, since, message, by_command, by_webhook)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    FORGET_TOLD = "DELETE FROM alert_due WHERE via = ?1 AND number < ?2";
    CREATE_DUE = "INSERT INTO alert_due (via, number, alert, state, account, directory_id, since, message)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
        ON CONFLICT (via, number) DO NOTHING";
    /// The first change, of some at the feed's beginning, that is not past; the one after them if all are.
    FIND_FIRST_KEPT_CHANGE = "SELECT coalesce(min(seq) FILTER (WHERE at >= ?1), max(seq) + 1)
        FROM (SELECT seq, at FROM registration_change ORDER BY seq LIMIT ?2)";
    HAS_CHANGE_BEFORE = "SELECT EXISTS (SELECT 1 FROM registration_change WHERE seq < ?1)";
    DELETE_CHANGES_BEFORE = "DELETE FROM registration_change WHERE seq < ?1";
    /// Without the last registration: SQLite would give its key to the next one.
    /// Erased ones stay, empty as they are: listed again they would come in whole.
    LIST_LONG_REMOVED = "SELECT r.registration_key FROM directory AS d
        CROSS JOIN registration AS r INDEXED BY registration_date ON r.directory_key = d.directory_key
        WHERE r.removed_at < ?1 AND r.erased_at IS NULL
            AND r.registration_key < (SELECT max(registration_key) FROM registration)
            AND NOT EXISTS (SELECT 1 FROM walk AS w WHERE w.walk_key = r.walk_key AND w.settled = 0)
        LIMIT ?2";
    DELETE_REGISTRATION = "DELETE FROM registration WHERE registration_key = ?1";
    /// And whether each is past: nothing in the file hangs on it, and it is none of its directory's last.
    LIST_WALKS_AFTER = "SELECT w.walk_key, CASE WHEN w.finished_at < ?2 AND (w.settled = 1 OR w.created = 0)
                THEN w.walk_key <= coalesce((SELECT k.walk_key FROM walk AS k
                    WHERE k.directory_key = w.directory_key
                    ORDER BY k.walk_key DESC LIMIT 1 OFFSET ?3), 0)
            ELSE 0 END
        FROM walk AS w WHERE w.walk_key > ?1 ORDER BY w.walk_key LIMIT ?4";
    /// What nobody knows of stays until it is settled.
    EMPTY_SENDS = "UPDATE send SET recipient = NULL, text = NULL WHERE send_key IN
        (SELECT send_key FROM send INDEXED BY send_told
            WHERE recipient IS NOT NULL AND ended_at < ?1 AND outcome <> 'unknown' LIMIT ?2)";
    DELETE_WALK = "DELETE FROM walk WHERE walk_key = ?1";
    IS_ANYBODY_ERASED = "SELECT EXISTS (SELECT 1 FROM erasure WHERE is_named)";
    /// What begins with `identity_` is the writer's own function. A national number may be anybody's of another
    /// country: it tells only who gave nothing else.
    FIND_ERASURE = "SELECT max(at) FROM erasure
        WHERE ((channel = 'email' AND recipient_hash = identity_email(?1))
                OR (channel = 'sms' AND recipient_hash = identity_phone(?2))
                OR (?1 IS NULL AND channel = 'sms' AND recipient_hash = identity_national(?2)))
            AND is_named AND (?3 IS NULL OR at >= ?3)";

    FIND_SETTING = "SELECT value FROM setting WHERE name = ?1";
    SAVE_SETTING = "INSERT INTO setting (name, value) VALUES (?1, ?2)
        ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    NOTE_SETTING = "INSERT INTO setting (name, value) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
    DELETE_SETTING = "DELETE FROM setting WHERE name = ?1";
    LAST_CHANGE = "SELECT coalesce(max(seq), 0) FROM registration_change";
    MASK_REGISTRATIONS = "UPDATE registration SET email_hash = mask_email(email),
            phone_hash = mask_phone(phone), birth_year = mask_birth_date(birth_date)
        WHERE registration_key > ?1 AND registration_key <= ?2
            AND (email_hash IS NOT mask_email(email) OR phone_hash IS NOT mask_phone(phone)
                OR birth_year IS NOT mask_birth_date(birth_date))";
    MASK_CHANGES = "UPDATE registration_change SET before_masked = mask_change(before),
            after_masked = mask_change(after)
        WHERE seq > ?1 AND seq <= ?2
            AND (before_masked IS NOT mask_change(before) OR after_masked IS NOT mask_change(after))";
    /// Two recipients that are one by now can't have one hash in one series: the other's stays.
    MASK_SENDS = "UPDATE OR IGNORE send SET recipient_hash = coalesce(
            iif(channel = 'email', identity_email(recipient), identity_phone(recipient)), recipient_hash)
        WHERE recipient IS NOT NULL";
    MASK_OPT_OUTS = "UPDATE OR IGNORE opt_out SET recipient_hash = coalesce(
            iif(channel = 'email', identity_email(recipient), identity_phone(recipient)), recipient_hash)
        WHERE recipient IS NOT NULL";
    COUNT_ERASED_HASHES = "SELECT (SELECT count(*) FROM erasure)
        + (SELECT count(*) FROM opt_out WHERE recipient IS NULL)
        + (SELECT count(*) FROM send WHERE recipient IS NULL)";
    /// `local_date` is the writer's own function.
    DATE_AGAIN = "UPDATE registration SET registered_on = local_date(registered_at)
        WHERE registration_key > ?1 AND registration_key <= ?2
            AND registered_on IS NOT local_date(registered_at)";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::mask::{MaskingKey, Masks};
    use crate::store::writer::{masking, zone};

    #[test]
    fn every_statement_prepares_against_the_migrated_schema() {
        let connection = rusqlite::Connection::open_in_memory().unwrap();
        for migration in crate::store::open::MIGRATOR.iter() {
            connection.execute_batch(migration.sql.as_str()).unwrap();
        }
        zone::register(&connection, chrono_tz::UTC).unwrap();
        let key = MaskingKey::parse(&"0".repeat(64)).unwrap();
        masking::register(&connection, &Masks::new(&key)).unwrap();
        for (name, sql) in ALL {
            connection.prepare(sql).unwrap_or_else(|error| panic!("{name}: {error}"));
        }
    }
}
