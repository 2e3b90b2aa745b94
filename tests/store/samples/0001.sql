-- Schema version 0001; made by tests/store/samples/make.
PRAGMA application_id = 1129598313;
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE _sqlx_migrations (version BIGINT PRIMARY KEY, description TEXT NOT NULL,
            installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, success BOOLEAN NOT NULL,
            checksum BLOB NOT NULL, execution_time BIGINT NOT NULL);
INSERT INTO _sqlx_migrations VALUES(1,'setting','2026-11-23 09:00:00',1,X'a633752cf2f7918bcb217e5dd92abd4bd2b962c49602c5c28e3b48fe91dda5b2d2749100e8671bfe56a074137a176be3',1000000);
CREATE TABLE setting (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO setting VALUES('reports_time_zone','UTC');
COMMIT;
