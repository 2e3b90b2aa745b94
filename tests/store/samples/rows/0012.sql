-- One was sent the directory, of another nobody knows, and a third must not be sent to; hashed by the key of 64 zeros.
INSERT INTO send VALUES (1, '2026-11-23T09:50:00Z', '2026-11-23T09:50:01Z', NULL, 'email', 'dir_1', NULL, 'directory dir_1', 'ada@example.com', '438ee72f40c590c95297150e', 'Your card', 'sent', NULL, NULL);
INSERT INTO send VALUES (2, '2026-11-23T09:51:00Z', '2026-11-23T09:51:30Z', NULL, 'sms', 'dir_1', 'spring', 'campaign spring', '+15005550001', 'cf81e5ae38545086b3c3f102', NULL, 'unknown', NULL, 'timed out');
INSERT INTO opt_out VALUES ('sms', 'cf81e5ae38545086b3c3f102', '+15005550001', '2026-11-23T09:52:00Z', 'vendor');
