-- title: Hours of the week
-- description: On which weekdays and at which hours people registered in the last weeks. Hours are UTC; give
-- utc_offset_hours for those of another zone (1 for Brussels in winter, 2 in summer): it is added to every hour,
-- and knows of no clock change. An hour in which nobody registered has no row.
-- parameter: weeks integer 12 -- how many weeks back
-- parameter: utc_offset_hours number 0 -- what is added to UTC
-- parameter: directory directory null -- one directory; all where it is empty
-- chart: heatmap x=hour y=registrations series=weekday
WITH
hours (utc, registrations) AS (
    -- Most registrations share their hour: dates are worked out once for each.
    SELECT substr(registered_at, 1, 13), count(*) FROM registrations
    WHERE registered_at >= strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-' || (7 * min(:weeks, 5200)) || ' days')
        AND (:directory IS NULL OR directory_id = :directory)
    GROUP BY 1
),
shifted (local, registrations) AS (
    SELECT datetime(utc || ':00', (60 * :utc_offset_hours) || ' minutes'), registrations FROM hours
),
placed (day, hour, registrations) AS (
    -- Monday is 0.
    SELECT (strftime('%w', local) + 6) % 7, CAST(strftime('%H', local) AS INTEGER), registrations FROM shifted
)
SELECT substr('MonTueWedThuFriSatSun', 3 * day + 1, 3) AS weekday, hour, sum(registrations) AS registrations
FROM placed
GROUP BY day, hour
ORDER BY day, hour
