-- What nodes share of certificates that are fetched: sealed, by directory and by what it is.
CREATE TABLE acme_items (
    directory TEXT NOT NULL,
    item      TEXT NOT NULL,
    sealed    TEXT NOT NULL,
    PRIMARY KEY (directory, item)
);
-- Which node orders, until when.
CREATE TABLE acme_turns (
    directory TEXT   NOT NULL PRIMARY KEY,
    holder    TEXT   NOT NULL,
    ends_at   BIGINT NOT NULL
);
