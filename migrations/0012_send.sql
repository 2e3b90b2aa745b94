-- What was sent to whom: a row is there before its request is, since the API can't be told that a request
-- is one that it knows. Recipients are hashed with the masks' key, so that a person's row can be emptied
-- and still counts. Nobody is sent the same series twice: the index says so whatever the program does.
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

CREATE UNIQUE INDEX send_once ON send (series, channel, recipient_hash) WHERE outcome <> 'failed';
CREATE INDEX send_recipient ON send (channel, recipient_hash);
CREATE INDEX send_open ON send (send_key) WHERE outcome IN ('sending', 'unknown');
CREATE INDEX send_told ON send (ended_at) WHERE recipient IS NOT NULL;

-- Who must not be sent to.
CREATE TABLE opt_out (
    channel        TEXT NOT NULL CHECK (channel IN ('email', 'sms')),
    recipient_hash TEXT NOT NULL,
    recipient      TEXT,                                    -- null: erased
    since          TEXT NOT NULL,
    reason         TEXT NOT NULL CHECK (reason IN ('vendor', 'operator')),
    PRIMARY KEY (channel, recipient_hash)
) STRICT, WITHOUT ROWID;

CREATE VIEW sends AS
SELECT send_key AS send_id, at, channel, directory_id, recipient, outcome, error_code, error, campaign, text,
       ended_at, settled_at
FROM send;

CREATE VIEW opt_outs AS
SELECT channel, recipient, since, reason FROM opt_out;
