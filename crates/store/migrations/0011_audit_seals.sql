-- What proves the audit: a tag in each record, which it was written with, and seals over batches of records, each over the one
-- before. A program that does not know them writes records without a tag, and forgets records by their time alone, so the upgrade
-- is to be finished within a day. `actor` is `by` of the details, so that it can be looked for.
ALTER TABLE audit_events ADD COLUMN actor TEXT;
ALTER TABLE audit_events ADD COLUMN tag BYTEA;
ALTER TABLE audit_events ADD COLUMN seal BIGINT;
CREATE INDEX audit_events_unsealed ON audit_events (at, opening, position) WHERE seal IS NULL;
CREATE INDEX audit_events_by_user ON audit_events (user_id, at, opening, position) WHERE user_id IS NOT NULL;
CREATE INDEX audit_events_by_grant ON audit_events (grant_id, at, opening, position) WHERE grant_id IS NOT NULL;
CREATE INDEX audit_events_by_client ON audit_events (client, at, opening, position) WHERE client IS NOT NULL;
CREATE INDEX audit_events_by_actor ON audit_events (actor, at, opening, position) WHERE actor IS NOT NULL;

CREATE TABLE audit_seals (
    number         BIGINT NOT NULL PRIMARY KEY,
    made_at        BIGINT NOT NULL,
    records        BIGINT NOT NULL,
    oldest         BIGINT NOT NULL,
    newest         BIGINT NOT NULL,
    digest         BYTEA  NOT NULL,
    untagged_until BIGINT,
    tag            BYTEA  NOT NULL,
    foot           BYTEA
);
CREATE INDEX audit_seals_feet ON audit_seals (number) WHERE foot IS NOT NULL;
