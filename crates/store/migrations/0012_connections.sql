-- Accounts at providers elsewhere, and whose they are here; and of a session, by which connection it began, so that it ends when
-- the provider says so. An identity whose person is gone counts for nothing. A program that does not know these begins sessions by
-- password alone, and removes a person without their identities.
CREATE TABLE identities (
    issuer       TEXT   NOT NULL,
    subject      TEXT   NOT NULL,
    user_id      TEXT   NOT NULL,
    connection   TEXT   NOT NULL,
    shown_as     TEXT   NOT NULL,
    connected_at BIGINT NOT NULL,
    PRIMARY KEY (issuer, subject)
);
CREATE INDEX identities_by_user ON identities (user_id);

ALTER TABLE sessions ADD COLUMN connection TEXT;
ALTER TABLE sessions ADD COLUMN upstream_subject TEXT;
ALTER TABLE sessions ADD COLUMN upstream_session TEXT;
CREATE INDEX sessions_by_upstream_subject ON sessions (connection, upstream_subject) WHERE connection IS NOT NULL;
CREATE INDEX sessions_by_upstream_session ON sessions (connection, upstream_session) WHERE upstream_session IS NOT NULL;
