-- What masked readers see in the place of what identifies a person: in columns of their own, so that
-- SQLite's authorizer can tell them apart by table and column. The writer fills them, and fills them
-- anew when the masking key, which lies outside the file, is another one (setting masking_key_id).
ALTER TABLE registration ADD COLUMN email_hash TEXT;
ALTER TABLE registration ADD COLUMN phone_hash TEXT;
ALTER TABLE registration ADD COLUMN birth_year TEXT;
ALTER TABLE registration_change ADD COLUMN before_masked TEXT;
ALTER TABLE registration_change ADD COLUMN after_masked TEXT;
