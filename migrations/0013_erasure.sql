-- Who was erased. Their rows stay and count, with nothing of the person in them, since the vendor may go on
-- listing them: a walk leaves such a row as it is. What is listed anew with an erased address or number, and
-- was registered before the erasure, comes in emptied.
ALTER TABLE registration ADD COLUMN erased_at TEXT;

CREATE TABLE erasure (
    channel        TEXT NOT NULL CHECK (channel IN ('email', 'sms')),
    recipient_hash TEXT NOT NULL,
    at             TEXT NOT NULL,
    PRIMARY KEY (channel, recipient_hash)
) STRICT, WITHOUT ROWID;

DROP VIEW registrations;
CREATE VIEW registrations AS
SELECT d.directory_id, r.registration_id, r.email, r.phone, r.first_name, r.last_name, r.birth_date,
       r.address, r.zip, r.city, r.custom_1, r.custom_2, r.custom_3, r.paid, r.paid_until, r.blocked,
       r.registered_at, r.registered_on, r.first_seen_at, r.changed_at, r.missing_since, r.raw,
       r.registered_text, r.registered_zone, r.erased_at
FROM registration AS r
JOIN directory AS d ON d.directory_key = r.directory_key
WHERE r.removed_at IS NULL;

DROP VIEW removed_registrations;
CREATE VIEW removed_registrations AS
SELECT d.directory_id, r.registration_id, r.email, r.phone, r.first_name, r.last_name, r.birth_date,
       r.address, r.zip, r.city, r.custom_1, r.custom_2, r.custom_3, r.paid, r.paid_until, r.blocked,
       r.registered_at, r.registered_on, r.first_seen_at, r.changed_at, r.missing_since, r.raw,
       r.removed_at, r.registered_text, r.registered_zone, r.erased_at
FROM registration AS r
JOIN directory AS d ON d.directory_key = r.directory_key
WHERE r.removed_at IS NOT NULL;
