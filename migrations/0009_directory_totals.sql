-- What metrics say of a directory and could else only be counted over every row: how many registrations
-- are removed, and how many its walks recovered. Triggers keep both exact whatever writes the rows;
-- what was recovered stays counted when a walk's row goes.
ALTER TABLE directory ADD COLUMN removed   INTEGER NOT NULL DEFAULT 0;
ALTER TABLE directory ADD COLUMN recovered INTEGER NOT NULL DEFAULT 0;

UPDATE directory SET
    removed = (SELECT count(*) FROM registration AS r
        WHERE r.directory_key = directory.directory_key AND r.removed_at IS NOT NULL),
    recovered = (SELECT coalesce(sum(w.recovered), 0) FROM walk AS w
        WHERE w.directory_key = directory.directory_key);

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
