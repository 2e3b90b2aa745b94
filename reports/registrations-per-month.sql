-- title: Registrations per month
-- description: How many registered in each of the last months, of those that stand today. The last month is not
-- over. Registrations without a date are not counted.
-- parameter: months integer 24 -- how many months back
-- parameter: directory directory null -- one directory; all where it is empty
-- chart: bar x=month y=registrations
WITH RECURSIVE
last_month (first_day) AS (
    SELECT date(max(date('now'), coalesce(max(day), '')), 'start of month') FROM registrations_by_day
    WHERE day BETWEEN date('now') AND date('now', '+1 day')
),
months (first_day) AS (
    SELECT first_day FROM last_month WHERE :months >= 1
    UNION ALL
    SELECT date(months.first_day, '-1 month') FROM months
    WHERE months.first_day > date((SELECT first_day FROM last_month), '-' || (min(:months, 1200) - 1) || ' months')
),
counted (month, registrations) AS MATERIALIZED (
    SELECT substr(day, 1, 7), sum(registrations) FROM registrations_by_day
    WHERE day >= date('now', 'start of month', '-' || min(:months, 1200) || ' months')
        AND (:directory IS NULL OR directory_id = :directory)
    GROUP BY 1
)
SELECT substr(months.first_day, 1, 7) AS month, coalesce(counted.registrations, 0) AS registrations
FROM months LEFT JOIN counted ON counted.month = substr(months.first_day, 1, 7)
ORDER BY month
