-- Schema 1 with something in every table, as the release that brought it would leave it. Never changed: later programs
-- must read databases like this one. A digest is written X'…'; for PostgreSQL the test writes it '\x…'.

CREATE TABLE schema_version (version BIGINT NOT NULL PRIMARY KEY);

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

INSERT INTO schema_version (version) VALUES (1);

INSERT INTO users (id, username, password_hash, attributes, version, created_at, disabled_at) VALUES
    ('usr_ada', 'ada', 'hash of ada', '{"email":"ada@example.com","favoriteColor":"teal"}', 3, 1767225600000, NULL),
    ('usr_bob', 'bob', 'hash of bob', '{}', 0, 1767225600001, 1767225600002);

INSERT INTO sessions (digest, authority, user_id, signed_in_at, expires_at) VALUES
    (X'3f3af1ecebbd1410ab417ec0d27bbfcb5d340e177ae159b59fc8626c2dfd9175', 'quiz', 'usr_ada', 1767225600000, 1767254400000);

INSERT INTO codes (digest, authority, client, user_id, redirect_uri, audience, scopes, code_challenge, nonce, signed_in_at,
    issued_at, expires_at, wrong_proofs, spent_at, spent_proof, grant_id) VALUES
    (X'5fd45ea54e6896b5a025855ff920715c14f1d953a0554addc6b81e27b873689d', 'quiz', 'alexa', 'usr_ada',
        'https://layla.amazon.com/api/skill/link/M1', 'https://api.example/quiz', '["openid","profile"]',
        'the challenge', 'the nonce', 1767225600000, 1767225600005, 1767225660005, 2, NULL, NULL, NULL),
    (X'd35d0e4250aec70e571c90faebb4ff255de1b6464525845b502748e9fa0ea27e', 'quiz', 'alexa', 'usr_ada',
        'https://layla.amazon.com/api/skill/link/M1', 'https://api.example/quiz', '[]',
        NULL, NULL, 1767225600000, 1767225600005, 1767225660005, 0, 1767225600009,
        X'c1cda26362828b69266512052b97cb3729e3b052e4ade47c0a1e3383defe73c7', 'linked');

INSERT INTO grants (id, authority, client, user_id, audience, scopes, signed_in_at, created_at, last_used_at, epoch,
    revoked_at, refresh_generation, refresh_live, refresh_steps) VALUES
    ('linked', 'quiz', 'alexa', 'usr_ada', 'https://api.example/quiz', '["openid","profile"]', 1767225600000, 1767225600009, 1767225600070, 4,
        NULL, 7, X'f41ec6f893495259f0e9cabc3f652fe26b647ff1c5ea813a758af6a12272f324',
        '[{"generation":6,"token":"JS8DdxP188DD5pYCNxlkg-7hv3-8OmUKR62kVXtE6og","first_used_at":1767225600070,"successor":"sealed"}]'),
    ('ended', 'quiz', 'alexa', 'usr_ada', 'https://api.example/quiz', '[]', 1767225600000, 1767225600009, 1767225600009, 0,
        1767225600080, 0, X'0d0e08ad1f10c67c45cda2114df8814e2694fe045b90cf384270bc5967102b21', '[]'),
    ('short', 'wear', 'app', 'usr_bob', 'https://api.example/wear', '[]', 1767225600000, 1767225600009, 1767225600009, 0,
        NULL, NULL, NULL, NULL);

INSERT INTO spent_once (kind, value, expires_at) VALUES
    ('form', X'07397d633f25a7101990a75864ae03d5a3b9ac07c4ed6accbc52cbfd7d7c13b4', 1767226200000);

INSERT INTO signing_keys (authority, kid, algorithm, generation, sealed, created_at) VALUES
    ('quiz', 'kid-0', 'RS256', 0, 'sealed key 0', 1767225600000),
    ('quiz', 'kid-1', 'RS256', 1, 'sealed key 1', 1767225600001);

INSERT INTO audit_events (at, opening, position, kind, authority, client, user_id, grant_id, details) VALUES
    (1767225600009, 1, 0, 'account_linked', 'quiz', 'alexa', 'usr_ada', 'linked', '{"audience":"https://api.example/quiz"}'),
    (1767225600009, 1, 1, 'signed_in', 'quiz', NULL, NULL, NULL, '{}');

INSERT INTO counters (name, count) VALUES ('openings', 41);
