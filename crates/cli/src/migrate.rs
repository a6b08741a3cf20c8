//! `sayso migrate`: brings the database's schema up to date, or says what that would do.

use std::io::Write as _;
use std::time::Duration;

use sayso_store::schema::{Outlook, Step};
use sayso_store::{Address, Store};

use crate::args;
use crate::config;

/// How it ended, as the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// The schema is up to date, before or now.
    Current = 0,
    /// Something would be done.
    Due = 1,
}

/// Brings the schema up to date, or looks ahead.
pub(crate) async fn run(args: &args::Migrate) -> anyhow::Result<Ending> {
    let database = config::load_quietly(&args.config)?.server.database;
    let mut stdout = std::io::stdout().lock();
    if args.check {
        let outlook = Store::outlook(&database).await?;
        write!(stdout, "{}", told(&database, &outlook))?;
        return Ok(if outlook.steps.is_empty() { Ending::Current } else { Ending::Due });
    }
    let steps = Store::migrate(&database).await?;
    for step in &steps {
        writeln!(stdout, "applied {} {}", step.version, step.name)?;
    }
    let now = Store::outlook(&database).await?;
    match steps.is_empty() {
        true => write!(stdout, "{}", told(&database, &now))?,
        false => writeln!(stdout, "{database} has schema version {}", now.found)?,
    }
    Ok(Ending::Current)
}

/// What would happen, in lines.
fn told(database: &Address, outlook: &Outlook) -> String {
    let &Outlook { found, known, .. } = outlook;
    if outlook.steps.is_empty() {
        return if found > known {
            format!(
                "{database} has schema version {found}; this program knows versions up to {known} and works on it; \
                 nothing to do\n"
            )
        } else {
            format!("{database} has schema version {found}, as this program needs it; nothing to do\n")
        };
    }
    let has = if found == 0 { "has no schema yet".to_owned() } else { format!("has schema version {found}") };
    let mut lines = format!("{database} {has}; `sayso migrate` brings it to {known}:\n");
    for step in &outlook.steps {
        lines.push_str(&format!("  {} {}: {}\n", step.version, step.name, work(step)));
        // A new database has had no programs.
        if step.oldest_program > found.max(1) && found > 0 {
            let oldest = step.oldest_program;
            lines.push_str(&format!(
                "    programs that know no schema version from {oldest} on cannot start after it\n"
            ));
        }
    }
    let time = match outlook.estimate() {
        None => "cannot be told: a table has too many rows to count them in a minute".to_owned(),
        Some(time) if time < Duration::from_secs(1) => "less than a second".to_owned(),
        Some(time) => format!("about {}, by how fast this database is read", seconds(time)),
    };
    lines.push_str(&format!("expected time (an estimate): {time}\nnothing was changed\n"));
    lines
}

/// What a step has to go through.
fn work(step: &Step) -> String {
    if step.sweeps.is_empty() {
        return "touches no row, takes the same time however much is stored".to_owned();
    }
    let tables = step.sweeps.iter().map(|swept| match swept.counted {
        Some((rows, _)) => format!("all {rows} rows of {}", swept.table),
        None => format!("all rows of {}, too many to count", swept.table),
    });
    let time = step.estimate().map(|time| format!(", about {}", seconds(time))).unwrap_or_default();
    format!("goes through {}{time}", tables.collect::<Vec<_>>().join(" and "))
}

/// Rounded up to whole seconds: nothing here is known more exactly.
fn seconds(time: Duration) -> String {
    format!("{} s", time.as_millis().div_ceil(1000).max(1))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use sayso_store::schema::Swept;

    use super::*;

    fn step(version: i64, oldest_program: i64, rows: &[Option<(i64, u64)>]) -> Step {
        let counted = |rows: &Option<(i64, u64)>| rows.map(|(rows, millis)| (rows, Duration::from_millis(millis)));
        let sweeps = rows.iter().map(|rows| Swept { table: "grants", counted: counted(rows) }).collect();
        Step { version, name: "next", oldest_program, sweeps }
    }

    #[test]
    fn what_would_happen_is_told() {
        let outlook = |found, steps| Outlook { found, known: 4, steps };
        let cases: Vec<(Outlook, &[&str], &[&str])> = vec![
            (outlook(4, vec![]), &["version 4, as this program needs it; nothing to do"], &["estimate"]),
            (outlook(5, vec![]), &["version 5", "up to 4 and works on it", "nothing to do"], &["estimate"]),
            (
                outlook(0, vec![step(4, 4, &[])]),
                &["no schema yet", "  4 next: touches no row", "less than a second", "nothing was changed"],
                &["cannot start"],
            ),
            (
                outlook(3, vec![step(4, 3, &[Some((1_000_000, 1_230))])]),
                &[
                    "version 3; `sayso migrate` brings it to 4",
                    "all 1000000 rows of grants, about 13 s",
                    "about 13 s, by",
                ],
                &["cannot start"],
            ),
            (
                outlook(3, vec![step(4, 4, &[None])]),
                &["too many to count", "cannot be told", "know no schema version from 4 on cannot start"],
                &["about"],
            ),
        ];
        for (outlook, words, absent) in cases {
            let text = told(&Address::parse("sayso.db").unwrap(), &outlook);
            assert!(words.iter().all(|word| text.contains(word)), "{text}");
            assert!(!absent.iter().any(|word| text.contains(word)), "{text}");
        }
    }
}
