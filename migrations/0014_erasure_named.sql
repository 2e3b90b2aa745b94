-- Whom an erasure named, and whose addresses and numbers went with it: another person may have those, too, and
-- comes in whole when they are listed anew. And which erasure came after which, whatever the clock said.
ALTER TABLE erasure ADD COLUMN is_named INTEGER NOT NULL DEFAULT 1 CHECK (is_named IN (0, 1));
ALTER TABLE erasure ADD COLUMN number INTEGER NOT NULL DEFAULT 0;
