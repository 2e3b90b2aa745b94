-- Registrations. Instants are UTC text, 2026-11-23T09:05:10Z: their order is that of the text.
CREATE TABLE registration (
    registration_key    INTEGER PRIMARY KEY,
    directory_key       INTEGER NOT NULL REFERENCES directory (directory_key),
    registration_id     TEXT    NOT NULL,
    walk_key            INTEGER NOT NULL,                   -- the walk that found it; the walk's row may be gone
    fingerprint         INTEGER NOT NULL,
    first_seen_at       TEXT    NOT NULL,
    changed_at          TEXT    NOT NULL,
    missing_since       TEXT,
    removed_at          TEXT,
    gone_walk_key       INTEGER,                            -- the walk that proved it gone
    gone_again_walk_key INTEGER,                            -- a later one that did, too
    provable            INTEGER NOT NULL DEFAULT 1 CHECK (provable IN (0, 1)), -- its date proves something
    email               TEXT,
    phone               TEXT,
    first_name          TEXT,
    last_name           TEXT,
    birth_date          TEXT,
    address             TEXT,
    zip                 TEXT,
    city                TEXT,
    custom_1            TEXT,
    custom_2            TEXT,
    custom_3            TEXT,
    paid                INTEGER CHECK (paid IN (0, 1)),
    paid_until          TEXT,
    blocked             INTEGER CHECK (blocked IN (0, 1)),
    registered_at       TEXT,
    registered_on       TEXT,                               -- local date in the setting reports_time_zone
    registered_text     TEXT,
    registered_zone     TEXT    CHECK (registered_zone IN ('stated', 'assumed')),
    raw                 TEXT    NOT NULL,
    UNIQUE (directory_key, registration_id)
) STRICT;

-- Serves evidence, what a full walk did not show, lists by date and counts by day, without the rows.
CREATE INDEX registration_date ON registration (directory_key, removed_at, registered_at, registered_on);
CREATE INDEX registration_missing ON registration (directory_key)
    WHERE missing_since IS NOT NULL AND removed_at IS NULL;
CREATE INDEX registration_gone_again ON registration (gone_again_walk_key)
    WHERE gone_again_walk_key IS NOT NULL;
