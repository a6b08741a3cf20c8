-- What OpenID Connect requests settle, and pushed authorization requests. A program that does not know the columns would
-- keep codes and grants without their terms, so the upgrade is to be finished before a client is given pairwise subjects.

-- JSON; NULL where a request settled nothing beside its scopes.
ALTER TABLE codes ADD COLUMN terms TEXT;
ALTER TABLE grants ADD COLUMN terms TEXT;
ALTER TABLE users ADD COLUMN updated_at BIGINT;

CREATE TABLE pushed_requests (
    digest     BYTEA  NOT NULL PRIMARY KEY,
    authority  TEXT   NOT NULL,
    client     TEXT   NOT NULL,
    parameters TEXT   NOT NULL,
    pushed_at  BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX pushed_requests_by_client ON pushed_requests (authority, client, expires_at);
CREATE INDEX pushed_requests_by_expiry ON pushed_requests (expires_at);
