-- title: Sign-ups that paid
-- description: How many registered in each of the last months, how many of them paid, and their share. A share is
-- of those whose registration says whether they paid; the others are in unknown.
-- parameter: months integer 12 -- how many months back
-- parameter: directory directory null -- one directory; all where it is empty
-- chart: line x=month y=paid_percent series=directory_id
SELECT substr(r.registered_on, 1, 7) AS month, r.directory_id, d.name,
       count(*) AS registrations,
       count(*) FILTER (WHERE r.paid = 1) AS paid,
       count(*) FILTER (WHERE r.paid IS NULL) AS unknown,
       round(100.0 * count(*) FILTER (WHERE r.paid = 1) / nullif(count(r.paid), 0), 1) AS paid_percent
FROM registrations AS r JOIN directories AS d ON d.directory_id = r.directory_id
-- The day before, by the index: a local month may begin earlier than one of UTC.
WHERE r.registered_at >= date('now', 'start of month', '-' || (min(:months, 1200) - 1) || ' months', '-1 day')
    AND r.registered_on >= date('now', 'start of month', '-' || (min(:months, 1200) - 1) || ' months')
    AND (:directory IS NULL OR r.directory_id = :directory)
GROUP BY month, r.directory_id
ORDER BY month, r.directory_id
