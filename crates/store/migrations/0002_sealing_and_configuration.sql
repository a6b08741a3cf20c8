-- What nodes share beyond what people do: the keys under which secrets are sealed, and the configuration in force.

-- A sealing key seals what is kept and carried; it is itself sealed under the master key, so that a new master key
-- costs these rows alone. The newest one seals, all of them open.
CREATE TABLE sealing_keys (
    number     BIGINT NOT NULL PRIMARY KEY,
    sealed     TEXT   NOT NULL,
    created_at BIGINT NOT NULL
);

-- The configurations that were put in force, each sealed as a whole; the one with the highest number counts.
CREATE TABLE configurations (
    number     BIGINT NOT NULL PRIMARY KEY,
    digest     BYTEA  NOT NULL,
    sealed     TEXT   NOT NULL,
    applied_at BIGINT NOT NULL
);
