-- What changed after a directory's first complete walk, in the order in which it was found.
CREATE TABLE registration_change (
    seq             INTEGER PRIMARY KEY AUTOINCREMENT,
    at              TEXT    NOT NULL,
    kind            TEXT    NOT NULL CHECK (kind IN ('loaded', 'created', 'updated', 'removed', 'restored')),
    directory_key   INTEGER NOT NULL REFERENCES directory (directory_key),
    registration_id TEXT    CHECK ((registration_id IS NULL) = (kind = 'loaded')),
    before          TEXT,
    after           TEXT
) STRICT;

CREATE INDEX registration_change_registration ON registration_change (directory_key, registration_id);
