-- Walks that found registrations: four complete ones, and one under way. reg_3 is removed, reg_5 (undated)
-- missing, reg_6 recovered; reg_7 and reg_8 are not settled.
UPDATE walk SET settled = 1;
INSERT INTO walk (walk_key, directory_key, kind, started_at, finished_at, outcome, pages, requests, rows_read, created, recovered, updated, removed, restored, missing, error, settled, has_gap, stretch_walk_key)
VALUES
    (2, 1, 'incremental', '2026-11-23T09:20:00Z', '2026-11-23T09:20:00Z', 'complete', 1, 1, 5, 5, 0, 0, 0, 0, 0, NULL, 1, 0, 2),
    (3, 1, 'incremental', '2026-11-23T09:30:00Z', '2026-11-23T09:30:00Z', 'complete', 1, 1, 3, 0, 0, 0, 0, 0, 1, NULL, 1, 0, 3),
    (4, 1, 'incremental', '2026-11-23T09:40:00Z', '2026-11-23T09:40:00Z', 'complete', 1, 1, 3, 0, 0, 0, 1, 0, 0, NULL, 1, 0, 4),
    (5, 1, 'full', '2026-11-23T09:50:00Z', '2026-11-23T09:50:00Z', 'complete', 1, 1, 4, 1, 1, 1, 0, 0, 1, NULL, 1, 0, 5),
    (6, 1, 'incremental', '2026-11-23T10:00:00Z', NULL, NULL, 1, 1, 2, 2, 0, 0, 0, 0, 0, NULL, 0, 0, 6);
INSERT INTO registration (registration_key, directory_key, registration_id, walk_key, fingerprint, first_seen_at, changed_at, missing_since, removed_at, gone_walk_key, gone_again_walk_key, provable, email, phone, first_name, last_name, birth_date, address, zip, city, custom_1, custom_2, custom_3, paid, paid_until, blocked, registered_at, registered_on, registered_text, registered_zone, raw)
VALUES
    (1, 1, 'reg_5', 2, 4089726976472452971, '2026-11-23T09:20:00Z', '2026-11-23T09:20:00Z', '2026-11-23T09:50:00Z', NULL, NULL, NULL, 1, 'p5@example.com', NULL, 'Ada', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL, '{"ID":"reg_5","email":"p5@example.com","shoe":"5"}'),
    (2, 1, 'reg_4', 2, 2515538463445394788, '2026-11-23T09:20:00Z', '2026-11-23T09:50:00Z', NULL, NULL, NULL, NULL, 1, 'p4@example.net', NULL, 'Ada', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, '2026-11-23T09:04:00Z', '2026-11-23', '2026-11-23T09:04:00Z', 'assumed', '{"ID":"reg_4","email":"p4@example.net","shoe":"4"}'),
    (3, 1, 'reg_3', 2, 3448175104172619718, '2026-11-23T09:20:00Z', '2026-11-23T09:20:00Z', '2026-11-23T09:30:00Z', '2026-11-23T09:40:00Z', 3, 4, 1, 'p3@example.com', NULL, 'Ada', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, '2026-11-23T09:03:00Z', '2026-11-23', '2026-11-23T09:03:00Z', 'assumed', '{"ID":"reg_3","email":"p3@example.com","shoe":"3"}'),
    (4, 1, 'reg_2', 2, -1331407345955252062, '2026-11-23T09:20:00Z', '2026-11-23T09:20:00Z', NULL, NULL, NULL, NULL, 1, 'p2@example.com', NULL, 'Ada', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, '2026-11-23T09:02:00Z', '2026-11-23', '2026-11-23T09:02:00Z', 'assumed', '{"ID":"reg_2","email":"p2@example.com","shoe":"2"}'),
    (5, 1, 'reg_1', 2, 8523074448511548608, '2026-11-23T09:20:00Z', '2026-11-23T09:20:00Z', NULL, NULL, NULL, NULL, 1, 'p1@example.com', '+15005550001', 'Ada', NULL, '1984-03-05', NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, '2026-11-23T09:01:00Z', '2026-11-23', '2026-11-23T09:01:00Z', 'assumed', '{"ID":"reg_1","email":"p1@example.com","shoe":"1"}'),
    (6, 1, 'reg_6', 5, 5381127560465600129, '2026-11-23T09:50:00Z', '2026-11-23T09:50:00Z', NULL, NULL, NULL, NULL, 1, 'p6@example.com', NULL, 'Ada', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, '2026-11-23T09:06:00Z', '2026-11-23', '2026-11-23T09:06:00Z', 'assumed', '{"ID":"reg_6","email":"p6@example.com","shoe":"6"}'),
    (7, 1, 'reg_8', 6, -2355976622039217440, '2026-11-23T10:00:00Z', '2026-11-23T10:00:00Z', NULL, NULL, NULL, NULL, 1, 'p8@example.com', NULL, 'Ada', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, '2026-11-23T09:08:00Z', '2026-11-23', '2026-11-23T09:08:00Z', 'assumed', '{"ID":"reg_8","email":"p8@example.com","shoe":"8"}'),
    (8, 1, 'reg_7', 6, -3805816970275830930, '2026-11-23T10:00:00Z', '2026-11-23T10:00:00Z', NULL, NULL, NULL, NULL, 1, 'p7@example.com', NULL, 'Ada', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, '2026-11-23T09:07:00Z', '2026-11-23', '2026-11-23T09:07:00Z', 'assumed', '{"ID":"reg_7","email":"p7@example.com","shoe":"7"}');
UPDATE directory SET registrations = 7, loaded_at = '2026-11-23T09:20:00Z', last_complete_at = '2026-11-23T09:50:00Z',
    last_full_at = '2026-11-23T09:50:00Z';
