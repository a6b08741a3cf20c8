-- Clients that have registered themselves (RFC 7591): what they registered, as JSON, and the digests of their secret and of
-- the token by which they manage their registration. A program that does not know the table does not know these clients.
CREATE TABLE registered_clients (
    authority  TEXT   NOT NULL,
    id         TEXT   NOT NULL,
    metadata   TEXT   NOT NULL,
    secret     BYTEA,
    token      BYTEA  NOT NULL,
    version    BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (authority, id)
);
