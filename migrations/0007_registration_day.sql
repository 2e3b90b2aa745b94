-- How many registrations stand, by their local day: reports and pages add up days, not people.
-- Triggers keep it exact whatever writes a registration. None ever moves to another directory or is replaced.
CREATE TABLE registration_day (
    directory_key INTEGER NOT NULL REFERENCES directory (directory_key),
    day           TEXT    NOT NULL,                         -- '' for registrations without a date
    registrations INTEGER NOT NULL,
    PRIMARY KEY (directory_key, day)
) STRICT, WITHOUT ROWID;

INSERT INTO registration_day (directory_key, day, registrations)
SELECT directory_key, coalesce(registered_on, ''), count(*)
FROM registration WHERE removed_at IS NULL
GROUP BY directory_key, coalesce(registered_on, '');

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

DROP VIEW registrations_by_day;
CREATE VIEW registrations_by_day AS
SELECT d.directory_id, nullif(r.day, '') AS day, r.registrations
FROM directory AS d
JOIN registration_day AS r ON r.directory_key = d.directory_key
WHERE r.registrations > 0;
