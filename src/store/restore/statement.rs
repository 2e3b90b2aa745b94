//! What brings a ledger over. `replaced` is the file that loses its place, attached to the one that gets it (`main`).

/// `?1` is an address of the kind that SQLite takes for one that is only read.
pub(super) const ATTACH: &str = "ATTACH ?1 AS replaced";

pub(super) const HAS_SENDS: &str = "SELECT EXISTS (SELECT 1 FROM send) OR EXISTS (SELECT 1 FROM opt_out)";
pub(super) const HAS_ERASURES: &str = "SELECT EXISTS (SELECT 1 FROM erasure) \
    OR EXISTS (SELECT 1 FROM registration WHERE erased_at IS NOT NULL)";

/// No number of a send is ever given to another one, whichever of both files gave it.
pub(super) const RAISE_SEND_SEQ: &str = "UPDATE main.sqlite_sequence \
    SET seq = max(seq, coalesce((SELECT seq FROM replaced.sqlite_sequence WHERE name = 'send'), 0)) \
    WHERE name = 'send'";
pub(super) const SET_SEND_SEQ: &str = "INSERT INTO main.sqlite_sequence (name, seq) \
    SELECT name, seq FROM replaced.sqlite_sequence WHERE name = 'send' \
        AND NOT EXISTS (SELECT 1 FROM main.sqlite_sequence WHERE name = 'send')";

/// Sends that both files hold. A file that was made anew after a disaster has others under the same numbers, and
/// whoever was put into another ledger may have got another number: then what tells a send tells it, one to one.
pub(super) const PAIR_SENDS: &str = "CREATE TEMP TABLE pair (there INTEGER PRIMARY KEY, here INTEGER NOT NULL UNIQUE); \
    INSERT INTO pair SELECT t.send_key, h.send_key FROM replaced.send AS t JOIN main.send AS h \
        ON h.send_key = t.send_key AND h.at = t.at AND h.series = t.series AND h.channel = t.channel \
            AND h.recipient_hash = t.recipient_hash; \
    INSERT INTO pair SELECT t.send_key, h.send_key FROM \
            (SELECT *, row_number() OVER (PARTITION BY at, series, channel, recipient_hash ORDER BY send_key) AS n \
            FROM replaced.send WHERE send_key NOT IN (SELECT there FROM pair)) AS t \
        JOIN (SELECT *, row_number() OVER (PARTITION BY at, series, channel, recipient_hash ORDER BY send_key) AS n \
            FROM main.send WHERE send_key NOT IN (SELECT here FROM pair)) AS h \
        ON h.at = t.at AND h.series = t.series AND h.channel = t.channel AND h.recipient_hash = t.recipient_hash \
            AND h.n = t.n";

/// Who was emptied there, by an erasure or as past, is emptied here: up to the last send that was, but for those that
/// it holds in full.
pub(super) const EMPTY_SENDS: &str = "UPDATE main.send SET recipient = NULL, text = NULL \
    WHERE recipient IS NOT NULL \
        AND EXISTS (SELECT 1 FROM replaced.send AS t WHERE t.channel = send.channel \
            AND t.recipient_hash = send.recipient_hash AND t.recipient IS NULL AND t.at >= send.at) \
        AND NOT EXISTS (SELECT 1 FROM pair JOIN replaced.send AS t ON t.send_key = pair.there \
            WHERE pair.here = send.send_key AND t.recipient IS NOT NULL)";

/// What became of them: what was sent was sent, and of anything else the later word holds.
pub(super) const UPDATE_SENDS: &str = "UPDATE OR IGNORE main.send \
    SET ended_at = t.ended_at, settled_at = t.settled_at, outcome = t.outcome, error_code = t.error_code, error = t.error \
    FROM replaced.send AS t JOIN pair ON pair.there = t.send_key \
    WHERE pair.here = send.send_key AND send.outcome <> 'sent' \
        AND (t.outcome, t.ended_at, t.settled_at) IS NOT (send.outcome, send.ended_at, send.settled_at) \
        AND (t.outcome = 'sent' OR coalesce(t.settled_at, t.ended_at, t.at) \
            >= coalesce(send.settled_at, send.ended_at, send.at))";

/// Two ledgers tell of the same series to the same recipient, and the index allows one. The one that was sent stays:
/// settled as failed, the other would let it be sent again.
pub(super) const PREFER_SENT: &str = "UPDATE main.send \
    SET at = t.at, ended_at = t.ended_at, settled_at = t.settled_at, directory_id = t.directory_id, campaign = t.campaign, \
        recipient = iif(send.recipient IS NULL, NULL, t.recipient), text = iif(send.recipient IS NULL, NULL, t.text), \
        outcome = t.outcome, error_code = t.error_code, error = t.error \
    FROM replaced.send AS t \
    WHERE t.outcome = 'sent' AND send.outcome IN ('sending', 'unknown') \
        AND t.channel = send.channel AND t.recipient_hash = send.recipient_hash AND t.series = send.series";

/// What only the replaced file has: those whose number is taken first, under a new one beyond all of both files'; `?1`
/// tells them from the others.
pub(super) const INSERT_SENDS: &str = "INSERT INTO main.send (send_key, at, ended_at, settled_at, channel, \
        directory_id, campaign, series, recipient, recipient_hash, text, outcome, error_code, error) \
    SELECT iif(?1, NULL, t.send_key), t.at, t.ended_at, t.settled_at, t.channel, t.directory_id, t.campaign, t.series, \
        t.recipient, t.recipient_hash, t.text, t.outcome, t.error_code, t.error \
    FROM replaced.send AS t \
    WHERE t.send_key NOT IN (SELECT there FROM pair) \
        AND EXISTS (SELECT 1 FROM main.send AS h WHERE h.send_key = t.send_key) = ?1 \
        AND (t.outcome = 'failed' OR NOT EXISTS (SELECT 1 FROM main.send AS h WHERE h.series = t.series \
            AND h.channel = t.channel AND h.recipient_hash = t.recipient_hash AND h.outcome <> 'failed')) \
    ORDER BY t.send_key";

/// An opt-out that was taken back since comes back: taken back once more is better than sent to against their will.
pub(super) const INSERT_OPT_OUTS: &str = "INSERT INTO main.opt_out (channel, recipient_hash, recipient, since, reason) \
    SELECT channel, recipient_hash, recipient, since, reason FROM replaced.opt_out WHERE true ON CONFLICT DO NOTHING";
pub(super) const EMPTY_OPT_OUTS: &str = "UPDATE main.opt_out SET recipient = NULL \
    WHERE recipient IS NOT NULL AND EXISTS (SELECT 1 FROM replaced.opt_out AS t \
        WHERE t.channel = opt_out.channel AND t.recipient_hash = opt_out.recipient_hash AND t.recipient IS NULL)";

/// By which other keys some of those are hashed of whom nothing else is left: told twice, one is one. Whatever is taken
/// over may be hashed by the key in use.
pub(super) const TAKE_OVER_OTHER_KEYS: &str = "INSERT INTO main.setting (name, value) \
    SELECT name, value FROM replaced.setting WHERE name = 'erased_key_ids' \
    ON CONFLICT (name) DO UPDATE SET value = value || ' ' || excluded.value; \
    INSERT INTO main.setting (name, value) VALUES ('erased_before_key', '0') \
    ON CONFLICT (name) DO UPDATE SET value = excluded.value";

/// Erasures that the snapshot does not know.
pub(super) const LIST_NEW_ERASURES: &str = "CREATE TEMP TABLE erased AS SELECT t.channel, t.recipient_hash, t.at, \
        t.is_named, t.number \
    FROM replaced.erasure AS t LEFT JOIN main.erasure AS h USING (channel, recipient_hash) \
    WHERE h.at IS NULL OR h.at < t.at OR h.number < t.number OR h.is_named < t.is_named";
pub(super) const SAVE_ERASURES: &str = "INSERT INTO main.erasure (channel, recipient_hash, at, is_named, number) \
    SELECT channel, recipient_hash, at, is_named, number FROM temp.erased WHERE true \
    ON CONFLICT (channel, recipient_hash) DO UPDATE SET at = max(at, excluded.at), number = max(number, excluded.number), \
        is_named = max(is_named, excluded.is_named)";
/// What the ledgers hold in full of who is erased: to be looked for in the file's bytes.
pub(super) const LIST_RECIPIENTS: &str = "SELECT s.recipient FROM temp.erased AS e CROSS JOIN main.send AS s \
        ON s.channel = e.channel AND s.recipient_hash = e.recipient_hash WHERE s.recipient IS NOT NULL \
    UNION SELECT o.recipient FROM temp.erased AS e CROSS JOIN main.opt_out AS o \
        ON o.channel = e.channel AND o.recipient_hash = e.recipient_hash WHERE o.recipient IS NOT NULL";
/// Whichever file erased whom, and whichever sent to them before.
pub(super) const EMPTY_SENDS_OF_ERASED: &str = "UPDATE main.send SET recipient = NULL, text = NULL \
    WHERE recipient IS NOT NULL AND EXISTS (SELECT 1 FROM main.erasure AS e WHERE e.channel = send.channel \
        AND e.recipient_hash = send.recipient_hash AND e.at >= send.at)";
pub(super) const EMPTY_OPT_OUTS_OF_ERASED: &str = "UPDATE main.opt_out SET recipient = NULL \
    WHERE recipient IS NOT NULL AND EXISTS (SELECT 1 FROM main.erasure AS e WHERE e.channel = opt_out.channel \
        AND e.recipient_hash = opt_out.recipient_hash AND e.at >= opt_out.since)";

/// Registrations that were erased there and are not here: the key that each has there and, where it is known, here.
pub(super) const LIST_ERASED: &str = "SELECT t.registration_key, td.directory_id, t.registration_id, t.erased_at, \
        d.directory_key, r.registration_key \
    FROM replaced.registration AS t \
    CROSS JOIN replaced.directory AS td ON td.directory_key = t.directory_key \
    LEFT JOIN main.directory AS d ON d.directory_id = td.directory_id \
    LEFT JOIN main.registration AS r ON r.directory_key = d.directory_key AND r.registration_id = t.registration_id \
    WHERE t.erased_at IS NOT NULL AND r.erased_at IS NULL";
/// Registrations with an address or number that was erased since, as the writer would find them if they came in now;
/// the replaced file may hold them no more. Masks are of texts and hashes of what all spellings have in common: those
/// in another spelling are not found.
pub(super) const LIST_ERASED_BY_HASH: &str = "SELECT registration_key, directory_key, registration_id, max(at) FROM \
        (SELECT r.registration_key, r.directory_key, r.registration_id, r.registered_at, e.at \
            FROM main.registration AS r CROSS JOIN temp.erased AS e \
                ON e.channel = 'email' AND e.recipient_hash = r.email_hash WHERE r.erased_at IS NULL AND e.is_named \
        UNION ALL SELECT r.registration_key, r.directory_key, r.registration_id, r.registered_at, e.at \
            FROM main.registration AS r CROSS JOIN temp.erased AS e \
                ON e.channel = 'sms' AND e.recipient_hash = r.phone_hash WHERE r.erased_at IS NULL AND e.is_named) \
    WHERE registered_at IS NULL OR at >= registered_at GROUP BY registration_key";
pub(super) const IS_ANYBODY_ERASED: &str = "SELECT EXISTS (SELECT 1 FROM temp.erased)";

/// The directory of a registration that only the replaced file has, by its ID, and the account that lists it.
pub(super) const CREATE_ACCOUNT: &str = "INSERT INTO main.account \
        (name, first_page, gives_short_pages, tells_pages_apart, reading) \
    SELECT a.name, a.first_page, a.gives_short_pages, a.tells_pages_apart, a.reading \
    FROM replaced.directory AS d JOIN replaced.account AS a ON a.account_key = d.account_key \
    WHERE d.directory_id = ?1 ON CONFLICT DO NOTHING";
pub(super) const CREATE_DIRECTORY: &str = "INSERT INTO main.directory \
        (account_key, directory_id, name, url, status, raw, first_seen_at, last_seen_at) \
    SELECT h.account_key, d.directory_id, d.name, d.url, d.status, d.raw, d.first_seen_at, d.last_seen_at \
    FROM replaced.directory AS d JOIN replaced.account AS a ON a.account_key = d.account_key \
    JOIN main.account AS h ON h.name = a.name WHERE d.directory_id = ?1";
/// A walk that was broken off and left gaps: what it found is known, and no walk stops at it or jumps over it.
pub(super) const CREATE_WALK: &str = "INSERT INTO main.walk (directory_key, kind, started_at, finished_at, outcome, \
        pages, requests, rows_read, created, recovered, updated, removed, restored, missing, settled, has_gap, \
        stretch_walk_key) \
    VALUES (?1, 'incremental', ?2, ?2, 'interrupted', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0)";
/// The empty row, by its key there. Nobody has seen yet what is missing of it.
pub(super) const CREATE_ERASED: &str = "INSERT INTO main.registration (directory_key, registration_id, walk_key, \
        fingerprint, first_seen_at, changed_at, removed_at, provable, registered_at, registered_on, registered_zone, raw, \
        erased_at) \
    SELECT ?2, registration_id, ?3, fingerprint, first_seen_at, changed_at, removed_at, provable, registered_at, \
        registered_on, registered_zone, '{}', erased_at \
    FROM replaced.registration WHERE registration_key = ?1";
pub(super) const COUNT_CREATED: &str =
    "UPDATE main.walk SET created = created + 1, stretch_walk_key = walk_key WHERE walk_key = ?1";
pub(super) const COUNT_STANDING: &str = "UPDATE main.directory SET registrations = registrations \
        + (SELECT removed_at IS NULL FROM main.registration WHERE registration_key = ?2) \
    WHERE directory_key = ?1";
