-- A disk that is low since a while, and has yet to be told.
INSERT INTO alert VALUES ('disk_low', NULL, NULL, '2026-11-23T09:30:00Z', 'less than 1 GiB is free', 1, 0);
INSERT INTO alert_due VALUES ('command', 1, 'disk_low', 'firing', NULL, NULL, '2026-11-23T09:30:00Z', 'less than 1 GiB is free');
