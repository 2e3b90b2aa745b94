-- Accounts (pairs of keys) and the directories that they list.
CREATE TABLE account (
    account_key       INTEGER PRIMARY KEY,
    name              TEXT    NOT NULL UNIQUE,
    first_page        INTEGER CHECK (first_page IN (0, 1)), -- what it counts pages from; null: not yet found out
    gives_short_pages INTEGER NOT NULL DEFAULT 0 CHECK (gives_short_pages IN (0, 1)),
    tells_pages_apart INTEGER NOT NULL DEFAULT 0 CHECK (tells_pages_apart IN (0, 1)),
    reading           INTEGER NOT NULL,                     -- the rules that its rows are read by
    last_error        TEXT                                  -- why its directories could not be listed
) STRICT;

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

CREATE INDEX directory_account ON directory (account_key);
