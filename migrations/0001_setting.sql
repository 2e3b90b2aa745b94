-- What the file says of itself. The application id ("CTMi") tells it from other programs' files.
PRAGMA application_id = 1129598313;

CREATE TABLE setting (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
