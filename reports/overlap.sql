-- title: Overlap of directories
-- description: How many people of one directory are in another one, too, by their email address, and how many per
-- cent of the first one's people they are.
-- parameter: directory directory null -- the first directory; all where it is empty
-- chart: heatmap x=other_directory_id y=people series=directory_id
WITH
people (email, directory_id) AS MATERIALIZED (
    SELECT DISTINCT lower(email), directory_id FROM registrations WHERE email IS NOT NULL
),
sizes (directory_id, people) AS MATERIALIZED (SELECT directory_id, count(*) FROM people GROUP BY directory_id),
shared (email) AS MATERIALIZED (
    SELECT email FROM people GROUP BY email HAVING count(*) > 1
),
members (email, directory_id) AS MATERIALIZED (
    SELECT people.email, people.directory_id FROM people JOIN shared ON shared.email = people.email
)
SELECT one.directory_id, other.directory_id AS other_directory_id, count(*) AS people,
       round(100.0 * count(*) / sizes.people, 1) AS percent
FROM members AS one
JOIN members AS other ON other.email = one.email AND other.directory_id <> one.directory_id
JOIN sizes ON sizes.directory_id = one.directory_id
WHERE :directory IS NULL OR one.directory_id = :directory
GROUP BY one.directory_id, other.directory_id
ORDER BY one.directory_id, other.directory_id
