-- When a signing key was revoked: nothing that it signed counts any more. A program that does not know the column goes on
-- publishing such a key, so the upgrade is to be finished before one is revoked.
ALTER TABLE signing_keys ADD COLUMN revoked_at BIGINT;
