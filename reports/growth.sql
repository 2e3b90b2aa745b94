-- title: Growth per directory
-- description: How many registrations stand in each directory, how many of them had registered 7, 30 and 90 days
-- ago, and by how many per cent it has grown since. Who has left since is in none of the numbers; who registered
-- without a date is in all of them.
-- parameter: directory directory null -- one directory; all where it is empty
WITH counted AS (
    SELECT directory_id,
           sum(registrations) AS registrations,
           sum(registrations) FILTER (WHERE day IS NULL OR day <= date('now', '-7 days')) AS days_7,
           sum(registrations) FILTER (WHERE day IS NULL OR day <= date('now', '-30 days')) AS days_30,
           sum(registrations) FILTER (WHERE day IS NULL OR day <= date('now', '-90 days')) AS days_90
    FROM registrations_by_day
    WHERE :directory IS NULL OR directory_id = :directory
    GROUP BY directory_id
)
SELECT d.directory_id, d.name,
       coalesce(c.registrations, 0) AS registrations,
       coalesce(c.days_7, 0) AS "7_days_ago",
       coalesce(c.days_30, 0) AS "30_days_ago",
       coalesce(c.days_90, 0) AS "90_days_ago",
       round(100.0 * (c.registrations - c.days_7) / nullif(c.days_7, 0), 1) AS "7_days_percent",
       round(100.0 * (c.registrations - c.days_30) / nullif(c.days_30, 0), 1) AS "30_days_percent",
       round(100.0 * (c.registrations - c.days_90) / nullif(c.days_90, 0), 1) AS "90_days_percent"
FROM directories AS d LEFT JOIN counted AS c ON c.directory_id = d.directory_id
WHERE d.removed_at IS NULL AND (:directory IS NULL OR d.directory_id = :directory)
ORDER BY registrations DESC, d.directory_id
