-- Masks by the key of 64 zeros.
INSERT INTO setting (name, value) VALUES ('masking_key_id', '1:8379c7768d0694dbfe6f1be4');
UPDATE registration SET email_hash = '3daad4ce44c9b34a9e3cbc53', phone_hash = NULL, birth_year = NULL WHERE registration_key = 1;
UPDATE registration SET email_hash = '9edf9a26e821313bd8b189fa', phone_hash = NULL, birth_year = NULL WHERE registration_key = 2;
UPDATE registration SET email_hash = '24e9de54a7eee12c5ab79905', phone_hash = NULL, birth_year = NULL WHERE registration_key = 3;
UPDATE registration SET email_hash = 'bd28a38ff16ff23298adbe0e', phone_hash = NULL, birth_year = NULL WHERE registration_key = 4;
UPDATE registration SET email_hash = 'd8c8128a36e633cc6f67ba0e', phone_hash = 'cf81e5ae38545086b3c3f102', birth_year = '1984' WHERE registration_key = 5;
UPDATE registration SET email_hash = 'ea50cd8510102573931ac937', phone_hash = NULL, birth_year = NULL WHERE registration_key = 6;
UPDATE registration SET email_hash = '8a93ee5ad8929a811e60415b', phone_hash = NULL, birth_year = NULL WHERE registration_key = 7;
UPDATE registration SET email_hash = 'bb578317ad9f959f5c492898', phone_hash = NULL, birth_year = NULL WHERE registration_key = 8;
UPDATE registration_change SET before_masked = '{"removed_at":null}',
    after_masked = '{"removed_at":"2026-11-23T09:40:00Z"}' WHERE seq = 2;
UPDATE registration_change SET before_masked = NULL,
    after_masked = '{"email":"ea50cd8510102573931ac937","first_name":null,"paid":0,"registered_at":"2026-11-23T09:06:00Z","registered_text":null,"registered_zone":"assumed"}' WHERE seq = 3;
UPDATE registration_change SET before_masked = '{"email":"df4c27a70be9517fd48ee2c1"}',
    after_masked = '{"email":"9edf9a26e821313bd8b189fa"}' WHERE seq = 4;
UPDATE registration_change SET before_masked = NULL,
    after_masked = '{"email":"8a93ee5ad8929a811e60415b","first_name":null,"paid":0,"registered_at":"2026-11-23T09:08:00Z","registered_text":null,"registered_zone":"assumed"}' WHERE seq = 5;
UPDATE registration_change SET before_masked = NULL,
    after_masked = '{"email":"bb578317ad9f959f5c492898","first_name":null,"paid":0,"registered_at":"2026-11-23T09:07:00Z","registered_text":null,"registered_zone":"assumed"}' WHERE seq = 6;
