-- Schema version 0013; made by tests/store/samples/make.
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
INSERT INTO _sqlx_migrations VALUES(5,'registration change','2026-11-23 09:00:00',1,X'ac158883e83211a7ad43f5d6972f53ca6eacd40a6159f67e2afac66beee8474ca61587b0e4048b9665a702ad33234838',1000000);
INSERT INTO _sqlx_migrations VALUES(6,'view','2026-11-23 09:00:00',1,X'2ac0b7f72b7458f07075abdd1dcc9e37c9d7f484ac1a2ad131ab4022e0a97d5001d6140b6e65139cf1a4d97a88638059',1000000);
INSERT INTO _sqlx_migrations VALUES(7,'registration day','2026-11-23 09:00:00',1,X'b7c4f2751fb5d94db8de952f6e2ca9f1dd9275c7764add1832dae4a4dffe753f7e3ca967bd38c6905c3fa2dcd169cdb5',1000000);
INSERT INTO _sqlx_migrations VALUES(8,'mask','2026-11-23 09:00:00',1,X'3e40bc2310ef280a1e84b395e9eb687a27323a3d5be76344c5c32668c53ee126269f1e1a1043ecbd4d9f8419870e926b',1000000);
INSERT INTO _sqlx_migrations VALUES(9,'directory totals','2026-11-23 09:00:00',1,X'0ed3080129b91b6bdff037ec0134700681cc1cec76eabe9e31641ded6d06de5001dba995eb8ebaf007f0c396f7b0ae59',1000000);
INSERT INTO _sqlx_migrations VALUES(10,'registrations by day','2026-11-23 09:00:00',1,X'9ea92a484752a87ab249b1aba5aef67634f38956ceea968bb8797bd252823da84c3eeaf8ab7df48484009049bbc0f7a9',1000000);
INSERT INTO _sqlx_migrations VALUES(11,'alert','2026-11-23 09:00:00',1,X'ef06862de0b90d7fd77b15a2dad16e64cf86bf1f48482168f7fc9cc6f42df0db143132118db6b179d7466fb883e443e2',1000000);
INSERT INTO _sqlx_migrations VALUES(12,'send','2026-11-23 09:00:00',1,X'cb4d1e546ec06d7a23329d8319efd4f5dfb41a3861499d7d48f701d120155ffb3d139b2ca16b22dfe6434565068663c0',1000000);
INSERT INTO _sqlx_migrations VALUES(13,'erasure','2026-11-23 09:00:00',1,X'fd202010e7ddb55a041e35f1f45755b2c47142449bef287112ce932c17bf8165e0a32bd15a79db758d6dac8853afa6cc',1000000);
CREATE TABLE setting (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO setting VALUES('masking_key_id','1:8379c7768d0694dbfe6f1be4');
INSERT INTO setting VALUES('reports_time_zone','UTC');
CREATE TABLE account (
    account_key       INTEGER PRIMARY KEY,
    name              TEXT    NOT NULL UNIQUE,
    first_page        INTEGER CHECK (first_page IN (0, 1)), -- what it counts pages from; null: not yet found out
    gives_short_pages INTEGER NOT NULL DEFAULT 0 CHECK (gives_short_pages IN (0, 1)),
    tells_pages_apart INTEGER NOT NULL DEFAULT 0 CHECK (tells_pages_apart IN (0, 1)),
    reading           INTEGER NOT NULL,                     -- the rules that its rows are read by
    last_error        TEXT                                  -- why its directories could not be listed
, failed_ticks INTEGER NOT NULL DEFAULT 0, listed_at TEXT) STRICT;
INSERT INTO account VALUES(1,'default',NULL,0,0,7,NULL,0,NULL);
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
, removed   INTEGER NOT NULL DEFAULT 0, recovered INTEGER NOT NULL DEFAULT 0, failed_ticks INTEGER NOT NULL DEFAULT 0) STRICT;
INSERT INTO directory VALUES(1,1,'dir_1','Main street',NULL,NULL,'{}','2026-11-23T09:00:00Z','2026-11-23T09:00:00Z',NULL,'2026-11-23T09:20:00Z',1,NULL,7,'2026-11-23T09:50:00Z','2026-11-23T09:50:00Z',NULL,1,1,0);
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
    raw                 TEXT    NOT NULL, email_hash TEXT, phone_hash TEXT, birth_year TEXT, erased_at TEXT,
    UNIQUE (directory_key, registration_id)
) STRICT;
INSERT INTO registration VALUES(1,1,'reg_5',2,4089726976472452971,'2026-11-23T09:20:00Z','2026-11-23T09:20:00Z','2026-11-23T09:50:00Z',NULL,NULL,NULL,1,'p5@example.com',NULL,'Ada',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,'{"ID":"reg_5","email":"p5@example.com","shoe":"5"}','3daad4ce44c9b34a9e3cbc53',NULL,NULL,NULL);
INSERT INTO registration VALUES(2,1,'reg_4',2,2515538463445394788,'2026-11-23T09:20:00Z','2026-11-23T09:50:00Z',NULL,NULL,NULL,NULL,1,'p4@example.net',NULL,'Ada',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,NULL,NULL,'2026-11-23T09:04:00Z','2026-11-23','2026-11-23T09:04:00Z','assumed','{"ID":"reg_4","email":"p4@example.net","shoe":"4"}','9edf9a26e821313bd8b189fa',NULL,NULL,NULL);
INSERT INTO registration VALUES(3,1,'reg_3',2,3448175104172619718,'2026-11-23T09:20:00Z','2026-11-23T09:20:00Z','2026-11-23T09:30:00Z','2026-11-23T09:40:00Z',3,4,1,'p3@example.com',NULL,'Ada',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,NULL,NULL,'2026-11-23T09:03:00Z','2026-11-23','2026-11-23T09:03:00Z','assumed','{"ID":"reg_3","email":"p3@example.com","shoe":"3"}','24e9de54a7eee12c5ab79905',NULL,NULL,NULL);
INSERT INTO registration VALUES(4,1,'reg_2',2,-1331407345955252062,'2026-11-23T09:20:00Z','2026-11-23T09:20:00Z',NULL,NULL,NULL,NULL,1,'p2@example.com',NULL,'Ada',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,NULL,NULL,'2026-11-23T09:02:00Z','2026-11-23','2026-11-23T09:02:00Z','assumed','{"ID":"reg_2","email":"p2@example.com","shoe":"2"}','bd28a38ff16ff23298adbe0e',NULL,NULL,NULL);
INSERT INTO registration VALUES(5,1,'reg_1',2,8523074448511548608,'2026-11-23T09:20:00Z','2026-11-23T09:20:00Z',NULL,NULL,NULL,NULL,1,'p1@example.com','+15005550001','Ada',NULL,'1984-03-05',NULL,NULL,NULL,NULL,NULL,NULL,0,NULL,NULL,'2026-11-23T09:01:00Z','2026-11-23','2026-11-23T09:01:00Z','assumed','{"ID":"reg_1","email":"p1@example.com","shoe":"1"}','d8c8128a36e633cc6f67ba0e','cf81e5ae38545086b3c3f102','1984',NULL);
INSERT INTO registration VALUES(6,1,'reg_6',5,5381127560465600129,'2026-11-23T09:50:00Z','2026-11-23T09:50:00Z',NULL,NULL,NULL,NULL,1,'p6@example.com',NULL,'Ada',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,NULL,NULL,'2026-11-23T09:06:00Z','2026-11-23','2026-11-23T09:06:00Z','assumed','{"ID":"reg_6","email":"p6@example.com","shoe":"6"}','ea50cd8510102573931ac937',NULL,NULL,NULL);
INSERT INTO registration VALUES(7,1,'reg_8',6,-2355976622039217440,'2026-11-23T10:00:00Z','2026-11-23T10:00:00Z',NULL,NULL,NULL,NULL,1,'p8@example.com',NULL,'Ada',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,NULL,NULL,'2026-11-23T09:08:00Z','2026-11-23','2026-11-23T09:08:00Z','assumed','{"ID":"reg_8","email":"p8@example.com","shoe":"8"}','8a93ee5ad8929a811e60415b',NULL,NULL,NULL);
INSERT INTO registration VALUES(8,1,'reg_7',6,-3805816970275830930,'2026-11-23T10:00:00Z','2026-11-23T10:00:00Z',NULL,NULL,NULL,NULL,1,'p7@example.com',NULL,'Ada',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,NULL,NULL,'2026-11-23T09:07:00Z','2026-11-23','2026-11-23T09:07:00Z','assumed','{"ID":"reg_7","email":"p7@example.com","shoe":"7"}','bb578317ad9f959f5c492898',NULL,NULL,NULL);
CREATE TABLE registration_change (
    seq             INTEGER PRIMARY KEY AUTOINCREMENT,
    at              TEXT    NOT NULL,
    kind            TEXT    NOT NULL CHECK (kind IN ('loaded', 'created', 'updated', 'removed', 'restored')),
    directory_key   INTEGER NOT NULL REFERENCES directory (directory_key),
    registration_id TEXT    CHECK ((registration_id IS NULL) = (kind = 'loaded')),
    before          TEXT,
    after           TEXT
, before_masked TEXT, after_masked TEXT) STRICT;
INSERT INTO registration_change VALUES(1,'2026-11-23T09:20:00Z','loaded',1,NULL,NULL,NULL,NULL,NULL);
INSERT INTO registration_change VALUES(2,'2026-11-23T09:40:00Z','removed',1,'reg_3','{"removed_at":null}','{"removed_at":"2026-11-23T09:40:00Z"}','{"removed_at":null}','{"removed_at":"2026-11-23T09:40:00Z"}');
INSERT INTO registration_change VALUES(3,'2026-11-23T09:50:00Z','created',1,'reg_6',NULL,'{"email":"p6@example.com","first_name":"Ada","paid":0,"registered_at":"2026-11-23T09:06:00Z","registered_text":"2026-11-23T09:06:00Z","registered_zone":"assumed"}',NULL,'{"email":"ea50cd8510102573931ac937","first_name":null,"paid":0,"registered_at":"2026-11-23T09:06:00Z","registered_text":null,"registered_zone":"assumed"}');
INSERT INTO registration_change VALUES(4,'2026-11-23T09:50:00Z','updated',1,'reg_4','{"email":"p4@example.com"}','{"email":"p4@example.net"}','{"email":"df4c27a70be9517fd48ee2c1"}','{"email":"9edf9a26e821313bd8b189fa"}');
INSERT INTO registration_change VALUES(5,'2026-11-23T10:00:00Z','created',1,'reg_8',NULL,'{"email":"p8@example.com","first_name":"Ada","paid":0,"registered_at":"2026-11-23T09:08:00Z","registered_text":"2026-11-23T09:08:00Z","registered_zone":"assumed"}',NULL,'{"email":"8a93ee5ad8929a811e60415b","first_name":null,"paid":0,"registered_at":"2026-11-23T09:08:00Z","registered_text":null,"registered_zone":"assumed"}');
INSERT INTO registration_change VALUES(6,'2026-11-23T10:00:00Z','created',1,'reg_7',NULL,'{"email":"p7@example.com","first_name":"Ada","paid":0,"registered_at":"2026-11-23T09:07:00Z","registered_text":"2026-11-23T09:07:00Z","registered_zone":"assumed"}',NULL,'{"email":"bb578317ad9f959f5c492898","first_name":null,"paid":0,"registered_at":"2026-11-23T09:07:00Z","registered_text":null,"registered_zone":"assumed"}');
CREATE TABLE registration_day (
    directory_key INTEGER NOT NULL REFERENCES directory (directory_key),
    day           TEXT    NOT NULL,                         -- '' for registrations without a date
    registrations INTEGER NOT NULL,
    PRIMARY KEY (directory_key, day)
) STRICT, WITHOUT ROWID;
INSERT INTO registration_day VALUES(1,'',1);
INSERT INTO registration_day VALUES(1,'2026-11-23',6);
CREATE TABLE alert (
    alert        TEXT    NOT NULL CHECK (alert IN ('not_fresh', 'keys_refused', 'brake_held', 'disk_low', 'wal_large')),
    account      TEXT,
    directory_id TEXT,
    since        TEXT    NOT NULL,
    message      TEXT    NOT NULL,
    by_command   INTEGER NOT NULL CHECK (by_command IN (0, 1)), -- its beginning was told by it, or is due
    by_webhook   INTEGER NOT NULL CHECK (by_webhook IN (0, 1))
) STRICT;
INSERT INTO alert VALUES('disk_low',NULL,NULL,'2026-11-23T09:30:00Z','less than 1 GiB is free',1,0);
CREATE TABLE alert_due (
    via          TEXT    NOT NULL CHECK (via IN ('command', 'webhook')),
    number       INTEGER NOT NULL,                              -- in this order
    alert        TEXT    NOT NULL,
    state        TEXT    NOT NULL CHECK (state IN ('firing', 'resolved')),
    account      TEXT,
    directory_id TEXT,
    since        TEXT    NOT NULL,
    message      TEXT    NOT NULL,
    PRIMARY KEY (via, number)
) STRICT, WITHOUT ROWID;
INSERT INTO alert_due VALUES('command',1,'disk_low','firing',NULL,NULL,'2026-11-23T09:30:00Z','less than 1 GiB is free');
CREATE TABLE send (
    send_key       INTEGER PRIMARY KEY AUTOINCREMENT,
    at             TEXT    NOT NULL,                        -- before the request
    ended_at       TEXT,                                    -- when its outcome was known
    settled_at     TEXT,                                    -- when the operator said what had become of it
    channel        TEXT    NOT NULL CHECK (channel IN ('email', 'sms')),
    directory_id   TEXT    NOT NULL,
    campaign       TEXT,
    series         TEXT    NOT NULL,                        -- the campaign, or the directory where none was named
    recipient      TEXT,                                    -- null: erased
    recipient_hash TEXT    NOT NULL,
    text           TEXT,                                    -- subject or body; null: the vendor's, or erased
    outcome        TEXT    NOT NULL CHECK (outcome IN ('sending', 'sent', 'failed', 'unknown')),
    error_code     INTEGER,
    error          TEXT                                     -- our words: the vendor's quote the recipient
) STRICT;
INSERT INTO send VALUES(1,'2026-11-23T09:50:00Z','2026-11-23T09:50:01Z',NULL,'email','dir_1',NULL,'directory dir_1','ada@example.com','438ee72f40c590c95297150e','Your card','sent',NULL,NULL);
INSERT INTO send VALUES(2,'2026-11-23T09:51:00Z','2026-11-23T09:51:30Z',NULL,'sms','dir_1','spring','campaign spring','+15005550001','cf81e5ae38545086b3c3f102',NULL,'unknown',NULL,'timed out');
CREATE TABLE opt_out (
    channel        TEXT NOT NULL CHECK (channel IN ('email', 'sms')),
    recipient_hash TEXT NOT NULL,
    recipient      TEXT,                                    -- null: erased
    since          TEXT NOT NULL,
    reason         TEXT NOT NULL CHECK (reason IN ('vendor', 'operator')),
    PRIMARY KEY (channel, recipient_hash)
) STRICT, WITHOUT ROWID;
INSERT INTO opt_out VALUES('sms','cf81e5ae38545086b3c3f102','+15005550001','2026-11-23T09:52:00Z','vendor');
CREATE TABLE erasure (
    channel        TEXT NOT NULL CHECK (channel IN ('email', 'sms')),
    recipient_hash TEXT NOT NULL,
    at             TEXT NOT NULL,
    PRIMARY KEY (channel, recipient_hash)
) STRICT, WITHOUT ROWID;
INSERT INTO erasure VALUES('email','00112233445566778899aabb','2026-11-23T09:55:00Z');
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('walk',6);
INSERT INTO sqlite_sequence VALUES('registration_change',6);
INSERT INTO sqlite_sequence VALUES('send',2);
CREATE INDEX directory_account ON directory (account_key);
CREATE INDEX walk_directory ON walk (directory_key);
CREATE INDEX walk_unsettled ON walk (directory_key) WHERE settled = 0;
CREATE INDEX walk_unfinished ON walk (directory_key) WHERE finished_at IS NULL;
CREATE INDEX registration_date ON registration (directory_key, removed_at, registered_at, registered_on);
CREATE INDEX registration_missing ON registration (directory_key)
    WHERE missing_since IS NOT NULL AND removed_at IS NULL;
CREATE INDEX registration_gone_again ON registration (gone_again_walk_key)
    WHERE gone_again_walk_key IS NOT NULL;
CREATE INDEX registration_change_registration ON registration_change (directory_key, registration_id);
CREATE VIEW directories AS
SELECT d.directory_id, a.name AS account, d.name, d.url, d.status, d.registrations,
       d.first_seen_at, d.last_seen_at, d.removed_at, d.raw
FROM directory AS d
JOIN account AS a ON a.account_key = d.account_key;
CREATE VIEW registration_changes AS
SELECT c.seq, c.at, c.kind, d.directory_id, c.registration_id, c.before, c.after
FROM registration_change AS c
JOIN directory AS d ON d.directory_key = c.directory_key;
CREATE VIEW walks AS
SELECT w.walk_key AS walk_id, d.directory_id, w.kind, w.started_at, w.finished_at, w.outcome, w.pages,
       w.requests, w.rows_read, w.created, w.recovered, w.updated, w.removed, w.restored, w.missing, w.error
FROM walk AS w
JOIN directory AS d ON d.directory_key = w.directory_key;
CREATE VIEW sync_status AS
SELECT d.directory_id, d.name, d.registrations, d.last_complete_at, d.last_full_at,
       unixepoch('now') - unixepoch(d.last_complete_at) AS age_s,
       coalesce(a.last_error, d.last_error) AS last_error
FROM directory AS d
JOIN account AS a ON a.account_key = d.account_key
WHERE d.removed_at IS NULL;
CREATE TRIGGER registration_day_created AFTER INSERT ON registration
WHEN new.removed_at IS NULL
BEGIN
    INSERT INTO registration_day (directory_key, day, registrations)
    VALUES (new.directory_key, coalesce(new.registered_on, ''), 1)
    ON CONFLICT (directory_key, day) DO UPDATE SET registrations = registrations + 1;
END;
CREATE TRIGGER registration_day_changed AFTER UPDATE OF removed_at, registered_on ON registration
WHEN new.registered_on IS NOT old.registered_on OR (new.removed_at IS NULL) <> (old.removed_at IS NULL)
BEGIN
    UPDATE registration_day SET registrations = registrations - 1
    WHERE old.removed_at IS NULL
        AND directory_key = old.directory_key AND day = coalesce(old.registered_on, '');
    INSERT INTO registration_day (directory_key, day, registrations)
    SELECT new.directory_key, coalesce(new.registered_on, ''), 1 WHERE new.removed_at IS NULL
    ON CONFLICT (directory_key, day) DO UPDATE SET registrations = registrations + 1;
END;
CREATE TRIGGER registration_day_deleted AFTER DELETE ON registration
WHEN old.removed_at IS NULL
BEGIN
    UPDATE registration_day SET registrations = registrations - 1
    WHERE directory_key = old.directory_key AND day = coalesce(old.registered_on, '');
END;
CREATE TRIGGER directory_removed_created AFTER INSERT ON registration
WHEN new.removed_at IS NOT NULL
BEGIN
    UPDATE directory SET removed = removed + 1 WHERE directory_key = new.directory_key;
END;
CREATE TRIGGER directory_removed_changed AFTER UPDATE OF removed_at ON registration
WHEN (new.removed_at IS NULL) <> (old.removed_at IS NULL)
BEGIN
    UPDATE directory SET removed = removed + iif(new.removed_at IS NULL, -1, 1)
    WHERE directory_key = new.directory_key;
END;
CREATE TRIGGER directory_removed_deleted AFTER DELETE ON registration
WHEN old.removed_at IS NOT NULL
BEGIN
    UPDATE directory SET removed = removed - 1 WHERE directory_key = old.directory_key;
END;
CREATE TRIGGER directory_recovered_created AFTER INSERT ON walk
WHEN new.recovered > 0
BEGIN
    UPDATE directory SET recovered = recovered + new.recovered WHERE directory_key = new.directory_key;
END;
CREATE TRIGGER directory_recovered_changed AFTER UPDATE OF recovered ON walk
WHEN new.recovered <> old.recovered
BEGIN
    UPDATE directory SET recovered = recovered + new.recovered - old.recovered
    WHERE directory_key = new.directory_key;
END;
CREATE VIEW registrations_by_day AS
SELECT d.directory_id, r.day, r.registrations
FROM directory AS d
CROSS JOIN registration_day AS r ON r.directory_key = d.directory_key
WHERE r.day <> '' AND r.registrations > 0
UNION ALL
SELECT d.directory_id, NULL, r.registrations
FROM directory AS d
CROSS JOIN registration_day AS r ON r.directory_key = d.directory_key
WHERE r.day = '' AND r.registrations > 0;
CREATE UNIQUE INDEX send_once ON send (series, channel, recipient_hash) WHERE outcome <> 'failed';
CREATE INDEX send_recipient ON send (channel, recipient_hash);
CREATE INDEX send_open ON send (send_key) WHERE outcome IN ('sending', 'unknown');
CREATE INDEX send_told ON send (ended_at) WHERE recipient IS NOT NULL;
CREATE VIEW sends AS
SELECT send_key AS send_id, at, channel, directory_id, recipient, outcome, error_code, error, campaign, text,
       ended_at, settled_at
FROM send;
CREATE VIEW opt_outs AS
SELECT channel, recipient, since, reason FROM opt_out;
CREATE VIEW registrations AS
SELECT d.directory_id, r.registration_id, r.email, r.phone, r.first_name, r.last_name, r.birth_date,
       r.address, r.zip, r.city, r.custom_1, r.custom_2, r.custom_3, r.paid, r.paid_until, r.blocked,
       r.registered_at, r.registered_on, r.first_seen_at, r.changed_at, r.missing_since, r.raw,
       r.registered_text, r.registered_zone, r.erased_at
FROM registration AS r
JOIN directory AS d ON d.directory_key = r.directory_key
WHERE r.removed_at IS NULL;
CREATE VIEW removed_registrations AS
SELECT d.directory_id, r.registration_id, r.email, r.phone, r.first_name, r.last_name, r.birth_date,
       r.address, r.zip, r.city, r.custom_1, r.custom_2, r.custom_3, r.paid, r.paid_until, r.blocked,
       r.registered_at, r.registered_on, r.first_seen_at, r.changed_at, r.missing_since, r.raw,
       r.removed_at, r.registered_text, r.registered_zone, r.erased_at
FROM registration AS r
JOIN directory AS d ON d.directory_key = r.directory_key
WHERE r.removed_at IS NOT NULL;
COMMIT;
