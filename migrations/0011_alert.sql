-- The mirror watches itself: how often in a row what failed, what fires, and who has yet to be told of it.
ALTER TABLE directory ADD COLUMN failed_ticks INTEGER NOT NULL DEFAULT 0; -- in a row, up to now
ALTER TABLE account ADD COLUMN failed_ticks INTEGER NOT NULL DEFAULT 0;   -- in which its directories could not be listed
ALTER TABLE account ADD COLUMN listed_at TEXT;                            -- when they first could

UPDATE account SET listed_at = (SELECT min(d.first_seen_at) FROM directory AS d WHERE d.account_key = account.account_key);

-- What fires now; never two rows for the same. Account and directory are null where it is about neither.
CREATE TABLE alert (
    alert        TEXT    NOT NULL CHECK (alert IN ('not_fresh', 'keys_refused', 'brake_held', 'disk_low', 'wal_large')),
    account      TEXT,
    directory_id TEXT,
    since        TEXT    NOT NULL,
    message      TEXT    NOT NULL,
    by_command   INTEGER NOT NULL CHECK (by_command IN (0, 1)), -- its beginning was told by it, or is due
    by_webhook   INTEGER NOT NULL CHECK (by_webhook IN (0, 1))
) STRICT;

-- What is yet to be told: a row goes when it was.
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
