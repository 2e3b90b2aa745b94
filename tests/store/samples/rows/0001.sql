-- Written by the first open.
INSERT INTO setting (name, value) VALUES ('reports_time_zone', 'UTC');
