//! All tables with all their columns, for what copies everything without knowing what it means.

use crate::StoreError;
use crate::backend::{Row, Snapshot, Statement, Value};

/// Rows read or written at once.
pub(crate) const PAGE: usize = 200;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Int,
    Blob,
}

use Kind::{Blob, Int, Text};

/// A table. Its primary key is its first `key` columns, in their order.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) name: &'static str,
    /// The version of the schema that made it.
    since: i64,
    key: usize,
    pub(crate) columns: &'static [(&'static str, Kind)],
}

/// What a decision remembers, and what nodes share; everything but the number of the schema.
pub(crate) const ALL: [Table; 20] = [
    Table {
        name: "users",
        since: 1,
        key: 1,
        columns: &[
            ("id", Text),
            ("username", Text),
            ("password_hash", Text),
            ("attributes", Text),
            ("version", Int),
            ("created_at", Int),
            ("disabled_at", Int),
            ("updated_at", Int),
        ],
    },
    Table {
        name: "sessions",
        since: 1,
        key: 1,
        columns: &[
            ("digest", Blob),
            ("authority", Text),
            ("user_id", Text),
            ("signed_in_at", Int),
            ("expires_at", Int),
            ("sid", Text),
            ("connection", Text),
            ("upstream_subject", Text),
            ("upstream_session", Text),
        ],
    },
    Table {
        name: "identities",
        since: 12,
        key: 2,
        columns: &[
            ("issuer", Text),
            ("subject", Text),
            ("user_id", Text),
            ("connection", Text),
            ("shown_as", Text),
            ("connected_at", Int),
        ],
    },
    Table {
        name: "codes",
        since: 1,
        key: 1,
        columns: &[
            ("digest", Blob),
            ("authority", Text),
            ("client", Text),
            ("user_id", Text),
            ("redirect_uri", Text),
            ("audience", Text),
            ("scopes", Text),
            ("code_challenge", Text),
            ("nonce", Text),
            ("signed_in_at", Int),
            ("issued_at", Int),
            ("expires_at", Int),
            ("wrong_proofs", Int),
            ("spent_at", Int),
            ("spent_proof", Blob),
            ("grant_id", Text),
            ("terms", Text),
            ("sid", Text),
        ],
    },
    Table {
        name: "grants",
        since: 1,
        key: 1,
        columns: &[
            ("id", Text),
            ("authority", Text),
            ("client", Text),
            ("user_id", Text),
            ("audience", Text),
            ("scopes", Text),
            ("signed_in_at", Int),
            ("created_at", Int),
            ("last_used_at", Int),
            ("epoch", Int),
            ("revoked_at", Int),
            ("refresh_generation", Int),
            ("refresh_live", Blob),
            ("refresh_steps", Text),
            ("terms", Text),
        ],
    },
    Table { name: "spent_once", since: 1, key: 2, columns: &[("kind", Text), ("value", Blob), ("expires_at", Int)] },
    Table {
        name: "signing_keys",
        since: 1,
        key: 2,
        columns: &[
            ("authority", Text),
            ("kid", Text),
            ("algorithm", Text),
            ("generation", Int),
            ("sealed", Text),
            ("created_at", Int),
            ("revoked_at", Int),
        ],
    },
    Table {
        name: "audit_events",
        since: 1,
        key: 3,
        columns: &[
            ("at", Int),
            ("opening", Int),
            ("position", Int),
            ("kind", Text),
            ("authority", Text),
            ("client", Text),
            ("user_id", Text),
            ("grant_id", Text),
            ("details", Text),
            ("actor", Text),
            ("tag", Blob),
            ("seal", Int),
        ],
    },
    Table { name: "counters", since: 1, key: 1, columns: &[("name", Text), ("count", Int)] },
    Table {
        name: "sealing_keys",
        since: 2,
        key: 1,
        columns: &[("number", Int), ("sealed", Text), ("created_at", Int)],
    },
    Table {
        name: "configurations",
        since: 2,
        key: 1,
        columns: &[("number", Int), ("digest", Blob), ("sealed", Text), ("applied_at", Int)],
    },
    Table {
        name: "pushed_requests",
        since: 7,
        key: 1,
        columns: &[
            ("digest", Blob),
            ("authority", Text),
            ("client", Text),
            ("parameters", Text),
            ("pushed_at", Int),
            ("expires_at", Int),
        ],
    },
    Table {
        name: "logout_notices",
        since: 8,
        key: 1,
        columns: &[
            ("id", Text),
            ("authority", Text),
            ("client", Text),
            ("user_id", Text),
            ("sid", Text),
            ("created_at", Int),
            ("attempts", Int),
            ("due_at", Int),
        ],
    },
    Table {
        name: "registered_clients",
        since: 6,
        key: 2,
        columns: &[
            ("authority", Text),
            ("id", Text),
            ("metadata", Text),
            ("secret", Blob),
            ("token", Blob),
            ("version", Int),
            ("created_at", Int),
        ],
    },
    Table { name: "tries", since: 4, key: 1, columns: &[("key", Blob), ("full_at", Int)] },
    Table {
        name: "user_groups",
        since: 9,
        key: 1,
        columns: &[("id", Text), ("name", Text), ("description", Text), ("created_at", Int)],
    },
    Table {
        name: "audit_seals",
        since: 11,
        key: 1,
        columns: &[
            ("number", Int),
            ("made_at", Int),
            ("records", Int),
            ("oldest", Int),
            ("newest", Int),
            ("digest", Blob),
            ("untagged_until", Int),
            ("tag", Blob),
            ("foot", Blob),
        ],
    },
    Table { name: "memberships", since: 9, key: 2, columns: &[("user_id", Text), ("group_id", Text), ("since", Int)] },
    Table { name: "acme_items", since: 10, key: 2, columns: &[("directory", Text), ("item", Text), ("sealed", Text)] },
    Table {
        name: "acme_turns",
        since: 10,
        key: 1,
        columns: &[("directory", Text), ("holder", Text), ("ends_at", Int)],
    },
];

/// The tables of that version of the schema.
pub(crate) fn of_schema(version: i64) -> impl Iterator<Item = &'static Table> {
    ALL.iter().filter(move |table| table.since <= version)
}

/// The table of that name.
pub(crate) fn named(name: &str) -> Option<&'static Table> {
    ALL.iter().find(|table| table.name == name)
}

impl Table {
    /// The names of the columns, in order.
    pub(crate) fn names(&self) -> Vec<&'static str> {
        self.columns.iter().map(|(name, _)| *name).collect()
    }

    /// The next page of rows after that key, in the order of the key; from the beginning with `None`. The values of the
    /// first fields of a row are its key.
    pub(crate) async fn page(
        &self,
        snapshot: &Snapshot,
        after: Option<&[Value]>,
    ) -> Result<Vec<Vec<Value>>, StoreError> {
        let (columns, table) = (self.names().join(", "), self.name);
        let keys = self.names().get(..self.key).unwrap_or_default().join(", ");
        let place = if after.is_some() { format!("WHERE ({keys}) > ({})", places(self.key)) } else { String::new() };
        let sql = format!("SELECT {columns} FROM {table} {place} ORDER BY {keys} LIMIT {PAGE}");
        let rows = snapshot.read(&sql, after.unwrap_or_default()).await?;
        Ok(rows.into_iter().map(Row::into_values).collect())
    }

    /// A query for any one row.
    pub(crate) fn any(&self) -> String {
        format!("SELECT 1 FROM {} LIMIT 1", self.name)
    }

    /// The key of such a row.
    pub(crate) fn key_of<'a>(&self, row: &'a [Value]) -> &'a [Value] {
        row.get(..self.key).unwrap_or_default()
    }

    /// Adds a row of these columns. A key that is there already is an error.
    pub(crate) fn insert(&self, columns: &[&'static str], row: Vec<Value>) -> Statement {
        Statement::made(self.insertion(columns), row)
    }

    /// Adds a row of all columns unless its key is there; then that one stays.
    pub(crate) fn add(&self, row: Vec<Value>) -> Statement {
        Statement::made(format!("{} ON CONFLICT DO NOTHING", self.insertion(&self.names())), row)
    }

    fn insertion(&self, columns: &[&'static str]) -> String {
        format!("INSERT INTO {} ({}) VALUES ({})", self.name, columns.join(", "), places(columns.len()))
    }

    /// Removes some rows; returns one for each.
    pub(crate) fn remove_some(&self) -> Statement {
        let keys = self.names().get(..self.key).unwrap_or_default().join(", ");
        let table = self.name;
        let sql =
            format!("DELETE FROM {table} WHERE ({keys}) IN (SELECT {keys} FROM {table} LIMIT {PAGE}) RETURNING 1");
        Statement::made(sql, Vec::new())
    }
}

fn places(count: usize) -> String {
    let all: Vec<String> = (1..=count).map(|number| format!("${number}")).collect();
    all.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::Backend;
    use crate::{Address, Migrate, migrations};

    /// A migration that adds a table or a column must be answered here, or copies would lose it in silence.
    #[tokio::test]
    async fn every_table_and_column_of_the_schema_is_known() {
        let directory = tempfile::tempdir().unwrap();
        let address = Address::File(directory.path().join("sayso.db"));
        let backend = Backend::open(&address, migrations::ALL, Migrate::AtStart).await.unwrap();
        let tables = "SELECT name FROM sqlite_master WHERE type = 'table' \
             AND name NOT IN ('schema_version', 'schema_compatibility') ORDER BY name";
        let mut found = Vec::new();
        for mut row in backend.read(tables, &[]).await.unwrap() {
            let table = row.text("name").unwrap();
            let columns = "SELECT name, type, pk FROM pragma_table_info($1) ORDER BY cid";
            let mut described = Vec::new();
            for mut row in backend.read(columns, &[(&table).into()]).await.unwrap() {
                let column = row.text("name").unwrap();
                described.push((column, row.text("type").unwrap(), row.int("pk").unwrap()));
            }
            found.push((table, described));
        }
        let mut known: Vec<_> = ALL
            .iter()
            .map(|table| {
                let columns = table.columns.iter().enumerate().map(|(at, (name, kind))| {
                    let kind = match kind {
                        Text => "TEXT",
                        Int => "BIGINT",
                        Blob => "BYTEA",
                    };
                    let place = if at < table.key { i64::try_from(at).unwrap() + 1 } else { 0 };
                    ((*name).to_owned(), kind.to_owned(), place)
                });
                (table.name.to_owned(), columns.collect::<Vec<_>>())
            })
            .collect();
        known.sort();
        assert_eq!(found, known, "teach tables.rs the migration, and read what restore.rs must take over of it");
    }
}
