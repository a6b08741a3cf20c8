-- Tries counted against guessing, over all nodes. A key is the digest of what is counted (an account, an address); a bucket
-- is one number: the time at which it will be full again. One that is full says nothing, and is forgotten.
CREATE TABLE tries (
    key     BYTEA  NOT NULL PRIMARY KEY,
    full_at BIGINT NOT NULL
);
CREATE INDEX tries_by_full ON tries (full_at);
