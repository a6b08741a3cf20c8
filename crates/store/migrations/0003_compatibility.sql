-- Which programs work on the schema. `oldest_program` is the newest schema version that the oldest of them knows: one
-- that knows less is refused, one that knows as much starts, though it does not know `version`.
--
-- A table of its own, not a column of `schema_version`: what one transaction adds to a table, not every engine lets the
-- same transaction fill.
CREATE TABLE schema_compatibility (
    version        BIGINT NOT NULL PRIMARY KEY,
    oldest_program BIGINT NOT NULL
);
