-- Walks. A registration is settled when the walk that found it is: settling is one update here.
CREATE TABLE walk (
    walk_key         INTEGER PRIMARY KEY AUTOINCREMENT,
    directory_key    INTEGER NOT NULL REFERENCES directory (directory_key),
    kind             TEXT    NOT NULL CHECK (kind IN ('incremental', 'full')),
    started_at       TEXT    NOT NULL,
    finished_at      TEXT,
    outcome          TEXT    CHECK (outcome IN ('complete', 'interrupted', 'failed', 'cancelled')),
    pages            INTEGER NOT NULL,
    requests         INTEGER NOT NULL,
    rows_read        INTEGER NOT NULL,
    created          INTEGER NOT NULL,                      -- also: how many registrations carry its key
    recovered        INTEGER NOT NULL,
    updated          INTEGER NOT NULL,
    removed          INTEGER NOT NULL,
    restored         INTEGER NOT NULL,
    missing          INTEGER NOT NULL,
    error            TEXT,
    settled          INTEGER NOT NULL CHECK (settled IN (0, 1)),
    has_gap          INTEGER NOT NULL CHECK (has_gap IN (0, 1)), -- a row without an ID stood among what it found
    stretch_walk_key INTEGER NOT NULL                       -- the walk that it is one stretch with
) STRICT;

CREATE INDEX walk_directory ON walk (directory_key);
CREATE INDEX walk_unsettled ON walk (directory_key) WHERE settled = 0;
CREATE INDEX walk_unfinished ON walk (directory_key) WHERE finished_at IS NULL;
