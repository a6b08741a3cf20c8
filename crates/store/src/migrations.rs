//! The schema, as numbered texts that are applied in order and never changed once released.
//!
//! Each one may only expand what the version before still uses: a column or table that is no longer needed is dropped
//! one release later, so that both versions can run at the same time.

/// One step of the schema.
#[derive(Debug)]
pub(crate) struct Migration {
    /// Its number, from 1, without gaps.
    pub(crate) version: i64,
    /// Its name, for the log.
    pub(crate) name: &'static str,
    /// Its statements.
    pub(crate) sql: &'static str,
}

/// All of them, in order. The first begins with the table that counts them.
pub(crate) const ALL: &[Migration] = &[
    Migration {
        version: 1,
        name: "begin",
        sql: concat!(
            "CREATE TABLE schema_version (version BIGINT NOT NULL PRIMARY KEY);\n",
            include_str!("../migrations/0001_begin.sql"),
        ),
    },
    Migration {
        version: 2,
        name: "sealing and configuration",
        sql: include_str!("../migrations/0002_sealing_and_configuration.sql"),
    },
];

/// The version that this program makes and reads.
pub(crate) fn newest() -> i64 {
    ALL.iter().map(|migration| migration.version).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::ALL;

    #[test]
    fn the_numbers_have_no_gaps() {
        let numbers: Vec<i64> = ALL.iter().map(|migration| migration.version).collect();
        let expected: Vec<i64> = (1..).take(ALL.len()).collect();
        assert_eq!(numbers, expected);
    }

    #[test]
    fn nothing_is_used_that_another_engine_lacks() {
        for migration in ALL {
            let sql = migration.sql.to_uppercase();
            for foreign in
                ["AUTOINCREMENT", "WITHOUT ROWID", "STRICT", "NOW()", "DATETIME", "BLOB", "INTEGER", "SERIAL"]
            {
                assert!(!sql.contains(foreign), "{} uses {foreign}", migration.name);
            }
        }
    }
}
