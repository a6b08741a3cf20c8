-- Which sessions clients know, and what they are still to be told of those that ended. `sid` is what clients know a session
-- by; a code remembers the session in which it was allowed, so a session's clients are those of its codes.
ALTER TABLE sessions ADD COLUMN sid TEXT;
CREATE INDEX sessions_by_user ON sessions (user_id);
ALTER TABLE codes ADD COLUMN sid TEXT;
CREATE INDEX codes_by_session ON codes (sid) WHERE sid IS NOT NULL;

CREATE TABLE logout_notices (
    id         TEXT   NOT NULL PRIMARY KEY,
    authority  TEXT   NOT NULL,
    client     TEXT   NOT NULL,
    user_id    TEXT   NOT NULL,
    sid        TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    attempts   BIGINT NOT NULL,
    due_at     BIGINT NOT NULL
);
CREATE INDEX logout_notices_by_due ON logout_notices (due_at);
