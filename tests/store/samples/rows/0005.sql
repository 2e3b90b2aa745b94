-- What changed after the first complete walk.
INSERT INTO registration_change (seq, at, kind, directory_key, registration_id, before, after)
VALUES
    (1, '2026-11-23T09:20:00Z', 'loaded', 1, NULL, NULL, NULL),
    (2, '2026-11-23T09:40:00Z', 'removed', 1, 'reg_3', '{"removed_at":null}', '{"removed_at":"2026-11-23T09:40:00Z"}'),
    (3, '2026-11-23T09:50:00Z', 'created', 1, 'reg_6', NULL, '{"email":"p6@example.com","first_name":"Ada","paid":0,"registered_at":"2026-11-23T09:06:00Z","registered_text":"2026-11-23T09:06:00Z","registered_zone":"assumed"}'),
    (4, '2026-11-23T09:50:00Z', 'updated', 1, 'reg_4', '{"email":"p4@example.com"}', '{"email":"p4@example.net"}'),
    (5, '2026-11-23T10:00:00Z', 'created', 1, 'reg_8', NULL, '{"email":"p8@example.com","first_name":"Ada","paid":0,"registered_at":"2026-11-23T09:08:00Z","registered_text":"2026-11-23T09:08:00Z","registered_zone":"assumed"}'),
    (6, '2026-11-23T10:00:00Z', 'created', 1, 'reg_7', NULL, '{"email":"p7@example.com","first_name":"Ada","paid":0,"registered_at":"2026-11-23T09:07:00Z","registered_text":"2026-11-23T09:07:00Z","registered_zone":"assumed"}');
