-- title: Registrations per day
-- description: How many registered on each of the last days, of those that stand today. A day is a local day of
-- [reports] time_zone; registrations without a date are not counted.
-- parameter: days integer 90 -- how many days back
-- parameter: directory directory null -- one directory; all where it is empty
-- chart: line x=day y=registrations
WITH RECURSIVE
last_day (day) AS (
    -- East of Greenwich it may be tomorrow already.
    SELECT max(date('now'), coalesce(max(day), '')) FROM registrations_by_day
    WHERE day BETWEEN date('now') AND date('now', '+1 day')
),
days (day) AS (
    SELECT day FROM last_day WHERE :days >= 1
    UNION ALL
    SELECT date(days.day, '-1 day') FROM days
    WHERE days.day > date((SELECT day FROM last_day), '-' || (min(:days, 36600) - 1) || ' days')
),
counted (day, registrations) AS MATERIALIZED (
    SELECT day, sum(registrations) FROM registrations_by_day
    WHERE day > date('now', '-' || min(:days, 36600) || ' days')
        AND (:directory IS NULL OR directory_id = :directory)
    GROUP BY day
)
SELECT days.day, coalesce(counted.registrations, 0) AS registrations
FROM days LEFT JOIN counted ON counted.day = days.day
ORDER BY days.day
