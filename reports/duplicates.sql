-- title: People in several directories
-- description: Who registered with the same email address in more than one directory, those in most directories
-- first; people is how many there are of them in all. Upper and lower case are the same, but for
-- masked readers.
-- parameter: rows integer 100 -- how many people to list
WITH people AS (
    SELECT min(email) AS email, count(DISTINCT directory_id) AS directories, count(*) AS registrations,
           group_concat(DISTINCT directory_id) AS directory_ids,
           min(registered_on) AS first_on, max(registered_on) AS last_on
    FROM registrations WHERE email IS NOT NULL
    GROUP BY lower(email)
    HAVING min(directory_id) <> max(directory_id)
)
SELECT email, directories, registrations, directory_ids, first_on, last_on, count(*) OVER () AS people
FROM people
ORDER BY directories DESC, last_on DESC, email
LIMIT max(:rows, 0)
