-- An account, and the one directory that it lists.
INSERT INTO account (account_key, name, first_page, gives_short_pages, tells_pages_apart, reading, last_error)
VALUES
    (1, 'default', NULL, 0, 0, 7, NULL);
INSERT INTO directory (directory_key, account_key, directory_id, name, raw, first_seen_at, last_seen_at)
VALUES (1, 1, 'dir_1', 'Main street', '{}', '2026-11-23T09:00:00Z', '2026-11-23T09:00:00Z');
