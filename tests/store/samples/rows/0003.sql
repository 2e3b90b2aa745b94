-- A walk that failed on its first page.
INSERT INTO walk (walk_key, directory_key, kind, started_at, finished_at, outcome, pages, requests, rows_read, created, recovered, updated, removed, restored, missing, error, settled, has_gap, stretch_walk_key)
VALUES
    (1, 1, 'incremental', '2026-11-23T09:10:00Z', '2026-11-23T09:10:00Z', 'failed', 0, 0, 0, 0, 0, 0, 0, 0, 0, NULL, 0, 0, 1);
