-- Groups of people, and who is in them. A membership whose group is gone counts for nothing.
CREATE TABLE user_groups (
    id          TEXT   NOT NULL PRIMARY KEY,
    name        TEXT   NOT NULL UNIQUE,
    description TEXT   NOT NULL,
    created_at  BIGINT NOT NULL
);
CREATE TABLE memberships (
    user_id  TEXT   NOT NULL,
    group_id TEXT   NOT NULL,
    since    BIGINT NOT NULL,
    PRIMARY KEY (user_id, group_id)
);
CREATE INDEX memberships_by_group ON memberships (group_id, user_id);
