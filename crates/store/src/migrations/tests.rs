use super::*;

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
        for foreign in ["AUTOINCREMENT", "WITHOUT ROWID", "STRICT", "NOW()", "DATETIME", "BLOB", "INTEGER", "SERIAL"] {
            assert!(!sql.contains(foreign), "{} uses {foreign}", migration.name);
        }
    }
}

/// The statements, without their comments, in one line each.
fn statements(sql: &str) -> Vec<String> {
    let code: String =
        sql.lines().map(|line| line.split("--").next().unwrap_or_default()).collect::<Vec<_>>().join(" ");
    let statements = code.split(';').map(|statement| statement.split_whitespace().collect::<Vec<_>>().join(" "));
    statements.filter(|statement| !statement.is_empty()).collect()
}

/// What is wrong with the step, looked at beside what it declares.
fn faults(migration: &Migration) -> Vec<String> {
    let statements = statements(migration.sql);
    let made: Vec<&str> =
        statements.iter().filter_map(|statement| statement.strip_prefix("CREATE TABLE ")?.split(' ').next()).collect();
    let sweeps = |table: &str| made.contains(&table) || migration.sweeps.iter().any(|sweep| sweep.table == table);
    let contracts = migration.oldest_program == migration.version;
    let mut faults = Vec::new();
    for statement in &statements {
        let words: Vec<&str> = statement.split([' ', '(']).filter(|word| !word.is_empty()).collect();
        let after = |word: &str| words.iter().skip_while(|w| **w != word).nth(1).copied().unwrap_or_default();
        let added = statement.contains(" ADD COLUMN ");
        let fault = match words.first().copied().unwrap_or_default() {
            "CREATE" if words.get(1) == Some(&"TABLE") => None,
            "CREATE" if statement.contains("INDEX") => (!sweeps(after("ON"))).then_some("goes through a table unsaid"),
            // An older program's INSERT does not name the column.
            "ALTER" if added && statement.contains("NOT NULL") && !statement.contains("DEFAULT") => {
                (!contracts).then_some("adds a column that an older program leaves empty")
            }
            "ALTER" if added => None,
            // On a large table that takes minutes to hours, with every row locked: see decision 0015.
            "UPDATE" | "DELETE" | "INSERT" => Some("rewrites rows, which the program does as it goes"),
            _ => (!contracts).then_some("takes away what an older program may use"),
        };
        faults.extend(fault.map(|fault| format!("{} {fault}: {statement}", migration.name)));
    }
    faults
}

#[test]
fn each_step_does_what_it_declares() {
    for migration in ALL {
        assert_eq!(faults(migration), [""; 0]);
        assert!((1..=migration.version).contains(&migration.oldest_program), "{}", migration.name);
    }
}

#[test]
fn a_step_that_declares_less_than_it_does_is_found() {
    const SWEEP: &[Sweep] = &[Sweep { table: "grants", column: "client" }];
    let step = |sql, oldest_program, sweeps| Migration { version: 9, name: "step", sql, oldest_program, sweeps };
    let cases: &[(&str, i64, &'static [Sweep], bool)] = &[
        ("CREATE TABLE new (id TEXT NOT NULL); CREATE INDEX new_by_id ON new (id);", 3, &[], true),
        ("ALTER TABLE grants ADD COLUMN place TEXT;", 3, &[], true),
        ("ALTER TABLE grants ADD COLUMN place TEXT NOT NULL DEFAULT '';", 3, &[], true),
        ("ALTER TABLE grants ADD COLUMN place TEXT NOT NULL;", 3, &[], false),
        ("CREATE INDEX grants_by_client ON grants (client);", 3, &[], false),
        ("CREATE UNIQUE INDEX grants_by_client ON grants (client);", 3, SWEEP, true),
        ("UPDATE grants SET epoch = 0;", 3, &[], false),
        ("UPDATE grants SET epoch = 0;", 9, SWEEP, false),
        ("DROP TABLE grants;", 3, &[], false),
        ("ALTER TABLE grants DROP COLUMN place;", 8, &[], false),
        ("ALTER TABLE grants RENAME COLUMN place TO home;", 3, &[], false),
        ("-- The last program that used it is two releases old.\nDROP TABLE grants;", 9, &[], true),
    ];
    for (sql, oldest_program, sweeps, sound) in cases {
        let found = faults(&step(sql, *oldest_program, sweeps));
        assert_eq!(found.is_empty(), *sound, "{sql}: {found:?}");
    }
}

#[test]
fn who_works_on_which_schema() {
    let known = newest(ALL);
    let found = |version, oldest_program| Found { version, oldest_program };
    // How many steps are missing; `None`: refused.
    let cases = [
        (found(0, None), Some(ALL.len())),
        (found(1, None), Some(ALL.len() - 1)),
        (found(known, Some(known)), Some(0)),
        (found(known + 1, Some(known)), Some(0)),
        (found(known + 5, Some(1)), Some(0)),
        (found(known + 1, Some(known + 1)), None),
        (found(known + 1, None), None),
    ];
    for (found, steps) in cases {
        let missing = missing(found, ALL, &"x.db");
        match (&missing, steps) {
            (Ok(missing), Some(steps)) => assert_eq!(missing.len(), steps, "{found:?}"),
            (Err(StoreError::NewerSchema { .. }), None) => {}
            _ => panic!("{found:?}: {missing:?}"),
        }
    }
}

#[test]
fn what_is_said_of_an_older_version_is_not_said_of_a_newer_one() {
    assert_eq!(Found::new(7, Some((Some(7), Some(3)))).oldest_program, Some(3));
    for declared in [None, Some((None, None)), Some((Some(6), Some(3)))] {
        assert_eq!(Found::new(7, declared).oldest_program, None, "{declared:?}");
    }
}
