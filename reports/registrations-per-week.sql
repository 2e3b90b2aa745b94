-- title: Registrations per week
-- description: How many registered in each of the last weeks, of those that stand today. Weeks begin on Monday
-- (ISO 8601); the last one is not over. Registrations without a date are not counted.
-- parameter: weeks integer 26 -- how many weeks back
-- parameter: directory directory null -- one directory; all where it is empty
-- chart: line x=monday y=registrations
WITH RECURSIVE
last_day (day) AS (
    SELECT max(date('now'), coalesce(max(day), '')) FROM registrations_by_day
    WHERE day BETWEEN date('now') AND date('now', '+1 day')
),
last_week (monday) AS (SELECT date(day, '-6 days', 'weekday 1') FROM last_day),
weeks (monday) AS (
    SELECT monday FROM last_week WHERE :weeks >= 1
    UNION ALL
    SELECT date(weeks.monday, '-7 days') FROM weeks
    WHERE weeks.monday > date((SELECT monday FROM last_week), '-' || (7 * (min(:weeks, 5200) - 1)) || ' days')
),
counted (monday, registrations) AS MATERIALIZED (
    SELECT date(day, '-6 days', 'weekday 1'), sum(registrations) FROM (
        SELECT day, sum(registrations) AS registrations FROM registrations_by_day
        WHERE day > date('now', '-' || (7 * min(:weeks, 5200)) || ' days')
            AND (:directory IS NULL OR directory_id = :directory)
        GROUP BY day
    )
    GROUP BY 1
)
-- A week is of the year of its Thursday.
SELECT strftime('%Y', weeks.monday, '+3 days')
           || printf('-W%02d', (strftime('%j', weeks.monday, '+3 days') + 6) / 7) AS week, weeks.monday,
       coalesce(counted.registrations, 0) AS registrations
FROM weeks LEFT JOIN counted ON counted.monday = weeks.monday
ORDER BY weeks.monday
