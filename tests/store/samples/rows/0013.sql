-- Somebody was erased; of theirs the mirror holds nothing.
INSERT INTO erasure VALUES ('email', '00112233445566778899aabb', '2026-11-23T09:55:00Z');
