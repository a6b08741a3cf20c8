-- The tables of the main job: people, what they allowed, and what proves it.
--
-- One text for every engine. Columns are TEXT, BIGINT (numbers; times in milliseconds since 1970) and BYTEA (digests);
-- a flag is a nullable time, a list or map is JSON in TEXT. `user` and `grant` are reserved words, hence `user_id` and
-- `grant_id`. SQLite gives BYTEA its NUMERIC affinity, which leaves binary values as they are.

CREATE TABLE users (
    id            TEXT   NOT NULL PRIMARY KEY,
    username      TEXT   NOT NULL UNIQUE,
    password_hash TEXT   NOT NULL,
    attributes    TEXT   NOT NULL,
    version       BIGINT NOT NULL,
    created_at    BIGINT NOT NULL,
    disabled_at   BIGINT
);

CREATE TABLE sessions (
    digest       BYTEA  NOT NULL PRIMARY KEY,
    authority    TEXT   NOT NULL,
    user_id      TEXT   NOT NULL,
    signed_in_at BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL
);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

CREATE TABLE codes (
    digest         BYTEA  NOT NULL PRIMARY KEY,
    authority      TEXT   NOT NULL,
    client         TEXT   NOT NULL,
    user_id        TEXT   NOT NULL,
    redirect_uri   TEXT   NOT NULL,
    audience       TEXT   NOT NULL,
    scopes         TEXT   NOT NULL,
    code_challenge TEXT,
    nonce          TEXT,
    signed_in_at   BIGINT NOT NULL,
    issued_at      BIGINT NOT NULL,
    expires_at     BIGINT NOT NULL,
    wrong_proofs   BIGINT NOT NULL,
    spent_at       BIGINT,
    spent_proof    BYTEA,
    grant_id       TEXT
);
CREATE INDEX codes_by_expiry ON codes (expires_at);

-- A refresh rewrites one row of this table and touches none of its indexes.
CREATE TABLE grants (
    id                 TEXT   NOT NULL PRIMARY KEY,
    authority          TEXT   NOT NULL,
    client             TEXT   NOT NULL,
    user_id            TEXT   NOT NULL,
    audience           TEXT   NOT NULL,
    scopes             TEXT   NOT NULL,
    signed_in_at       BIGINT NOT NULL,
    created_at         BIGINT NOT NULL,
    last_used_at       BIGINT NOT NULL,
    epoch              BIGINT NOT NULL,
    revoked_at         BIGINT,
    refresh_generation BIGINT,
    refresh_live       BYTEA,
    refresh_steps      TEXT
);
CREATE INDEX grants_by_user ON grants (user_id, authority);
CREATE INDEX grants_by_revocation ON grants (revoked_at) WHERE revoked_at IS NOT NULL;

CREATE TABLE spent_once (
    kind       TEXT   NOT NULL,
    value      BYTEA  NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (kind, value)
);
CREATE INDEX spent_once_by_expiry ON spent_once (expires_at);

-- `generation` counts the keys of one authority and algorithm from 0. Two first starts that race both offer
-- generation 0, and one wins.
CREATE TABLE signing_keys (
    authority  TEXT   NOT NULL,
    kid        TEXT   NOT NULL,
    algorithm  TEXT   NOT NULL,
    generation BIGINT NOT NULL,
    sealed     TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (authority, kid),
    UNIQUE (authority, algorithm, generation)
);

-- `opening` is the number of the opening of the store that wrote the event, `position` counts within it: together they
-- name an event without a sequence of the engine's own.
CREATE TABLE audit_events (
    at        BIGINT NOT NULL,
    opening   BIGINT NOT NULL,
    position  BIGINT NOT NULL,
    kind      TEXT   NOT NULL,
    authority TEXT   NOT NULL,
    client    TEXT,
    user_id   TEXT,
    grant_id  TEXT,
    details   TEXT   NOT NULL,
    PRIMARY KEY (at, opening, position)
);

CREATE TABLE counters (
    name  TEXT   NOT NULL PRIMARY KEY,
    count BIGINT NOT NULL
);
