-- title: What changed this week
-- description: How many registrations were found new, changed, gone and back again, by day (UTC) and directory. A
-- directory's first walk is no change.
-- parameter: days integer 7 -- how many days back
-- parameter: directory directory null -- one directory; all where it is empty
WITH start (at) AS (
    SELECT strftime('%Y-%m-%dT%H:%M:%SZ', 'now', 'start of day', '-' || (min(:days, 36600) - 1) || ' days')
)
SELECT substr(c.at, 1, 10) AS day, c.directory_id, d.name,
       count(*) FILTER (WHERE c.kind = 'created') AS created,
       count(*) FILTER (WHERE c.kind = 'updated') AS updated,
       count(*) FILTER (WHERE c.kind = 'removed') AS removed,
       count(*) FILTER (WHERE c.kind = 'restored') AS restored
FROM registration_changes AS c JOIN directories AS d ON d.directory_id = c.directory_id
-- Backwards from the newest to the first that is too old: the feed may be years long.
WHERE c.seq > coalesce((
        SELECT seq FROM registration_changes WHERE at < (SELECT at FROM start) ORDER BY seq DESC LIMIT 1
    ), 0)
    AND c.at >= (SELECT at FROM start) AND c.kind <> 'loaded'
    AND (:directory IS NULL OR c.directory_id = :directory)
GROUP BY day, c.directory_id
ORDER BY day DESC, c.directory_id
