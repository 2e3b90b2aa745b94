-- The public's views. They only ever gain columns, at the end.
CREATE VIEW directories AS
SELECT d.directory_id, a.name AS account, d.name, d.url, d.status, d.registrations,
       d.first_seen_at, d.last_seen_at, d.removed_at, d.raw
FROM directory AS d
JOIN account AS a ON a.account_key = d.account_key;

CREATE VIEW registrations AS
SELECT d.directory_id, r.registration_id, r.email, r.phone, r.first_name, r.last_name, r.birth_date,
       r.address, r.zip, r.city, r.custom_1, r.custom_2, r.custom_3, r.paid, r.paid_until, r.blocked,
       r.registered_at, r.registered_on, r.first_seen_at, r.changed_at, r.missing_since, r.raw,
       r.registered_text, r.registered_zone
FROM registration AS r
JOIN directory AS d ON d.directory_key = r.directory_key
WHERE r.removed_at IS NULL;

CREATE VIEW removed_registrations AS
SELECT d.directory_id, r.registration_id, r.email, r.phone, r.first_name, r.last_name, r.birth_date,
       r.address, r.zip, r.city, r.custom_1, r.custom_2, r.custom_3, r.paid, r.paid_until, r.blocked,
       r.registered_at, r.registered_on, r.first_seen_at, r.changed_at, r.missing_since, r.raw,
       r.removed_at, r.registered_text, r.registered_zone
FROM registration AS r
JOIN directory AS d ON d.directory_key = r.directory_key
WHERE r.removed_at IS NOT NULL;

CREATE VIEW registration_changes AS
SELECT c.seq, c.at, c.kind, d.directory_id, c.registration_id, c.before, c.after
FROM registration_change AS c
JOIN directory AS d ON d.directory_key = c.directory_key;

CREATE VIEW registrations_by_day AS
SELECT d.directory_id, r.registered_on AS day, count(*) AS registrations
FROM directory AS d
JOIN registration AS r ON r.directory_key = d.directory_key
WHERE r.removed_at IS NULL
GROUP BY d.directory_id, r.registered_on;

CREATE VIEW walks AS
SELECT w.walk_key AS walk_id, d.directory_id, w.kind, w.started_at, w.finished_at, w.outcome, w.pages,
       w.requests, w.rows_read, w.created, w.recovered, w.updated, w.removed, w.restored, w.missing, w.error
FROM walk AS w
JOIN directory AS d ON d.directory_key = w.directory_key;

-- Directories that their account still lists.
CREATE VIEW sync_status AS
SELECT d.directory_id, d.name, d.registrations, d.last_complete_at, d.last_full_at,
       unixepoch('now') - unixepoch(d.last_complete_at) AS age_s,
       coalesce(a.last_error, d.last_error) AS last_error
FROM directory AS d
JOIN account AS a ON a.account_key = d.account_key
WHERE d.removed_at IS NULL;
