-- Schema version 0004; made by tests/store/samples/make.
PRAGMA application_id = 1129598313;
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE _sqlx_migrations (version BIGINT PRIMARY KEY, description TEXT NOT NULL,
            installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, success BOOLEAN NOT NULL,
            checksum BLOB NOT NULL, execution_time BIGINT NOT NULL);
INSERT INTO _sqlx_migrations VALUES(1,'setting','2026-11-23 09:00:00',1,X'a633752cf2f7918bcb217e5dd92abd4bd2b962c49602c5c28e3b48fe91dda5b2d2749100e8671bfe56a074137a176be3',1000000);
INSERT INTO _sqlx_migrations VALUES(2,'directory','2026-11-23 09:00:00',1,X'f5a668ef5f559c4c61f6b154447f471c569548e727fd0394d5d3ba9fa6902f9b6adda3f7dd12fdc5bb0a5ee5b9e0df1f',1000000);
INSERT INTO _sqlx_migrations VALUES(3,'walk','2026-11-23 09:00:00',1,X'7b1aa7da9d036995cc8fd1625694c38c2726be9f9f39073761954ddf4502c1dc4471732fa2498058b0bed55e6a07cc33',1000000);
INSERT INTO _sqlx_migrations VALUES(4,'registration','2026-11-23 09:00:00',1,X'a9cb02a069fb8e9743ef0cb155c571668e83bbe382b8efef47753b6887af5d3a80a658ba51ecfa8a0e824bf72b21330f',1000000);
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
INSERT INTO directory VALUES(1,1,'dir_1','Main street',NULL,NULL,'{}','2026-11-23T09:00:00Z','2026-11-23T09:00:00Z',NULL,'2026-11-23T09:20:00Z',1,NULL,7,'2026-11-23T09:50:00Z','2026-11-23T09:50:00Z',NULL);
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
INSERT INTO walk VALUES(1,1,'incremental','2026-11-23T09:10:00Z','2026-11-23T09:10:00Z','failed',0,0,0,0,0,0,0,0,0,NULL,1,0,1);
INSERT INTO walk VALUES(2,1,'incremental','2026-11-23T09:20:00Z','2026-11-23T09:20:00Z','complete',1,1,5,5,0,0,0,0,0,NULL,1,0,2);
INSERT INTO walk VALUES(3,1,'incremental','2026-11-23T09:30:00Z','2026-11-23T09:30:00Z','complete',1,1,3,0,0,0,0,0,1,NULL,1,0,3);
INSERT INTO walk VALUES(4,1,'incremental','2026-11-23T09:40:00Z','2026-11-23T09:40:00Z','complete',1,1,3,0,0,0,1,0,0,NULL,1,0,4);
INSERT INTO walk VALUES(5,1,'full','2026-11-23T09:50:00Z','2026-11-23T09:50:00Z','complete',1,1,4,1,1,1,0,0,1,NULL,1,0,5);
INSERT INTO walk VALUES(6,1,'incremental','2026-11-23T10:00:00Z',NULL,NULL,1,1,2,2,0,0,0,0,0,NULL,0,0,6);
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
INSERT INTO registration VALUES(1,1,'reg_5',2,4089726976472452971,'2026-11-23T09:20:00Z','2026-11-23T09:20:00Z','2026-11-23T09:50:00Z',NULL,NULL,NULL,1,'p5@example.com',NULL,'Ada',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,'{"ID":"reg_5","email":"p5@example.com","shoe":"5"}');
INSERT INTO registration VALUES(2,1,'reg_4',2,2515538463445394788,'2026-11-23T09:20:00Z','2026-11-23T09:50:00Z',NULL,NULL,NULL,NULL,1,'p4@example.net',NULL,'Ada',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,NULL,NULL,'2026-11-23T09:04:00Z','2026-11-23','2026-11-23T09:04:00Z','assumed','{"ID":"reg_4","email":"p4@example.net","shoe":"4"}');
INSERT INTO registration VALUES(3,1,'reg_3',2,3448175104172619718,'2026-11-23T09:20:00Z','2026-11-23T09:20:00Z','2026-11-23T09:30:00Z','2026-11-23T09:40:00Z',3,4,1,'p3@example.com',NULL,'Ada',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,NULL,NULL,'2026-11-23T09:03:00Z','2026-11-23','2026-11-23T09:03:00Z','assumed','{"ID":"reg_3","email":"p3@example.com","shoe":"3"}');
INSERT INTO registration VALUES(4,1,'reg_2',2,-1331407345955252062,'2026-11-23T09:20:00Z','2026-11-23T09:20:00Z',NULL,NULL,NULL,NULL,1,'p2@example.com',NULL,'Ada',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,NULL,NULL,'2026-11-23T09:02:00Z','2026-11-23','2026-11-23T09:02:00Z','assumed','{"ID":"reg_2","email":"p2@example.com","shoe":"2"}');
INSERT INTO registration VALUES(5,1,'reg_1',2,8523074448511548608,'2026-11-23T09:20:00Z','2026-11-23T09:20:00Z',NULL,NULL,NULL,NULL,1,'p1@example.com','+15005550001','Ada',NULL,'1984-03-05',NULL,NULL,NULL,NULL,NULL,NULL,0,NULL,NULL,'2026-11-23T09:01:00Z','2026-11-23','2026-11-23T09:01:00Z','assumed','{"ID":"reg_1","email":"p1@example.com","shoe":"1"}');
INSERT INTO registration VALUES(6,1,'reg_6',5,5381127560465600129,'2026-11-23T09:50:00Z','2026-11-23T09:50:00Z',NULL,NULL,NULL,NULL,1,'p6@example.com',NULL,'Ada',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,NULL,NULL,'2026-11-23T09:06:00Z','2026-11-23','2026-11-23T09:06:00Z','assumed','{"ID":"reg_6","email":"p6@example.com","shoe":"6"}');
INSERT INTO registration VALUES(7,1,'reg_8',6,-2355976622039217440,'2026-11-23T10:00:00Z','2026-11-23T10:00:00Z',NULL,NULL,NULL,NULL,1,'p8@example.com',NULL,'Ada',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,NULL,NULL,'2026-11-23T09:08:00Z','2026-11-23','2026-11-23T09:08:00Z','assumed','{"ID":"reg_8","email":"p8@example.com","shoe":"8"}');
INSERT INTO registration VALUES(8,1,'reg_7',6,-3805816970275830930,'2026-11-23T10:00:00Z','2026-11-23T10:00:00Z',NULL,NULL,NULL,NULL,1,'p7@example.com',NULL,'Ada',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,NULL,NULL,'2026-11-23T09:07:00Z','2026-11-23','2026-11-23T09:07:00Z','assumed','{"ID":"reg_7","email":"p7@example.com","shoe":"7"}');
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('walk',6);
CREATE INDEX directory_account ON directory (account_key);
CREATE INDEX walk_directory ON walk (directory_key);
CREATE INDEX walk_unsettled ON walk (directory_key) WHERE settled = 0;
CREATE INDEX walk_unfinished ON walk (directory_key) WHERE finished_at IS NULL;
CREATE INDEX registration_date ON registration (directory_key, removed_at, registered_at, registered_on);
CREATE INDEX registration_missing ON registration (directory_key)
    WHERE missing_since IS NOT NULL AND removed_at IS NULL;
CREATE INDEX registration_gone_again ON registration (gone_again_walk_key)
    WHERE gone_again_walk_key IS NOT NULL;
COMMIT;
