-- title: Overlap of directories
-- description: How many people of one directory are in another one, too, by their email address, and how many per
-- cent of the first one's registrations that is. Upper and lower case are the same, but for
-- masked readers.
-- parameter: directory directory null -- the first directory; all where it is empty
-- chart: heatmap x=other_directory_id y=people series=directory_id
WITH shared (directory_ids) AS MATERIALIZED (
    -- One pass over everybody; what is left are the few who are in several.
    SELECT json_group_array(DISTINCT directory_id) FROM registrations WHERE email IS NOT NULL
    GROUP BY lower(email)
    HAVING min(directory_id) <> max(directory_id)
),
pairs (directory_id, other_directory_id, people) AS (
    SELECT one.value, other.value, count(*)
    FROM shared, json_each(shared.directory_ids) AS one, json_each(shared.directory_ids) AS other
    WHERE one.value <> other.value AND (:directory IS NULL OR one.value = :directory)
    GROUP BY one.value, other.value
)
SELECT pairs.directory_id, pairs.other_directory_id, pairs.people,
       round(100.0 * pairs.people / nullif(d.registrations, 0), 1) AS percent
FROM pairs JOIN directories AS d ON d.directory_id = pairs.directory_id
ORDER BY pairs.directory_id, pairs.other_directory_id
