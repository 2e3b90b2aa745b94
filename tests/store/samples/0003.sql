-- Schema version 0003; made by tests/store/samples/make.
PRAGMA application_id = 1129598313;
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE _sqlx_migrations (version BIGINT PRIMARY KEY, description TEXT NOT NULL,
            installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, success BOOLEAN NOT NULL,
            checksum BLOB NOT NULL, execution_time BIGINT NOT NULL);
INSERT INTO _sqlx_migrations VALUES(1,'setting','2026-11-23 09:00:00',1,X'a633752cf2f7918bcb217e5dd92abd4bd2b962c49602c5c28e3b48fe91dda5b2d2749100e8671bfe56a074137a176be3',1000000);
INSERT INTO _sqlx_migrations VALUES(2,'directory','2026-11-23 09:00:00',1,X'f5a668ef5f559c4c61f6b154447f471c569548e727fd0394d5d3ba9fa6902f9b6adda3f7dd12fdc5bb0a5ee5b9e0df1f',1000000);
INSERT INTO _sqlx_migrations VALUES(3,'walk','2026-11-23 09:00:00',1,X'7b1aa7da9d036995cc8fd1625694c38c2726be9f9f39073761954ddf4502c1dc4471732fa2498058b0bed55e6a07cc33',1000000);
CREATE TABLE setting (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO setting VALUES('reports_time_zone','UTC');
CREATE TABLE account (
    account_key       INTEGER PRIMARY KEY,
    name              TEXT    NOT NULL UNIQUE,
    first_page        INTEGER CHECK (first_page IN (0, 1)), -- what it counts pages from; null: not yet found out
    gives_short_pages INTEGER NOT NULL DEFAULT 0 CHECK (gives_short_pages IN (0, 1)),
    tells_pages_apart INTEGER NOT NULL DEFAULT 0 CHECK (tells_pages_apart IN (0, 1)),
    reading           INTEGER NOT NULL,                     -- the rules that its rows are read by
    last_error        TEXT                                  -- why its directories could not be listed
) STRICT;
INSERT INTO account VALUES(1,'default',NULL,0,0,7,NULL);
CREATE TABLE directory (
    directory_key    INTEGER PRIMARY KEY,
    account_key      INTEGER NOT NULL REFERENCES account (account_key),
    directory_id     TEXT    NOT NULL UNIQUE,
    name             TEXT,
    url              TEXT,
    status           TEXT,
    raw              TEXT    NOT NULL,
    first_seen_at    TEXT    NOT NULL,
    last_seen_at     TEXT    NOT NULL,
    removed_at       TEXT,                                  -- the account lists it no longer
    loaded_at        TEXT,                                  -- its first complete walk; changes are recorded from here on
    in_order         INTEGER NOT NULL DEFAULT 1 CHECK (in_order IN (0, 1)), -- its dates prove something
    brake_held_at    TEXT,                                  -- too much would have been removed
    registrations    INTEGER NOT NULL DEFAULT 0,            -- those that stand, kept exact with every write
    last_complete_at TEXT,
    last_full_at     TEXT,
    last_error       TEXT
) STRICT;
INSERT INTO directory VALUES(1,1,'dir_1','Main street',NULL,NULL,'{}','2026-11-23T09:00:00Z','2026-11-23T09:00:00Z',NULL,NULL,1,NULL,0,NULL,NULL,NULL);
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
INSERT INTO walk VALUES(1,1,'incremental','2026-11-23T09:10:00Z','2026-11-23T09:10:00Z','failed',0,0,0,0,0,0,0,0,0,NULL,0,0,1);
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('walk',1);
CREATE INDEX directory_account ON directory (account_key);
CREATE INDEX walk_directory ON walk (directory_key);
CREATE INDEX walk_unsettled ON walk (directory_key) WHERE settled = 0;
CREATE INDEX walk_unfinished ON walk (directory_key) WHERE finished_at IS NULL;
COMMIT;
