-- title: Freshness
-- description: When each directory was last looked at and last read to its end, how old that is, and what went
-- wrong. The oldest first.
SELECT directory_id, name, registrations, last_complete_at, age_s / 60 AS age_minutes, last_full_at,
       (unixepoch('now') - unixepoch(last_full_at)) / 3600 AS full_age_hours, last_error
FROM sync_status
ORDER BY last_complete_at IS NOT NULL, last_complete_at, directory_id
