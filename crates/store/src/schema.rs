//! The schema as an operator meets it: brought up to date at the start, by command, or only looked at.

use std::time::Duration;

use crate::backend::Backend;
use crate::migrations::{self, Migration};
use crate::{Address, Store, StoreError};

/// Making an index takes so many times as long as reading the rows, which is what is measured: two to four times on a
/// shared machine. See docs/decisions/0015-migrations.md.
const TIMES_READING: u32 = 10;

/// When what is missing in the schema is applied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Migrate {
    /// Whenever the store opens.
    #[default]
    AtStart,
    /// Only by [`Store::migrate`]; opening an older schema is refused.
    ByCommand,
}

/// What [`Store::migrate`] would do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outlook {
    /// The version found; 0 for a database that is new, or not there yet.
    pub found: i64,
    /// The newest version this program knows. One that is found may be newer and yet fit.
    pub known: i64,
    /// What would be applied, in order; empty when there is nothing to do.
    pub steps: Vec<Step>,
}

/// One step of the schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The version it leads to.
    pub version: i64,
    /// What it is about.
    pub name: &'static str,
    /// The oldest program that works on it, by the newest version it knows.
    pub oldest_program: i64,
    /// The tables it has to go through row by row; without one it takes the same time however much is stored.
    pub sweeps: Vec<Swept>,
}

/// A table that a step goes through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Swept {
    /// Its name.
    pub table: &'static str,
    /// Its rows, and how long reading them took; `None` when that took too long.
    pub counted: Option<(i64, Duration)>,
}

impl Step {
    pub(crate) fn new(migration: &Migration) -> Self {
        let &Migration { version, name, oldest_program, .. } = migration;
        Self { version, name, oldest_program, sweeps: Vec::new() }
    }

    /// About how long it will take, by how long reading its tables took; zero for one that touches no rows, `None`
    /// when they could not be counted in time.
    pub fn estimate(&self) -> Option<Duration> {
        self.sweeps.iter().map(|swept| Some(swept.counted?.1 * TIMES_READING)).sum()
    }
}

impl Outlook {
    /// About how long all of it will take; `None` when a table could not be counted in time.
    pub fn estimate(&self) -> Option<Duration> {
        self.steps.iter().map(Step::estimate).sum()
    }
}

impl Store {
    /// Applies what the schema lacks, all in one transaction, and says what that was. A file that is missing is made;
    /// a PostgreSQL database must be there. May be called while servers of this version or the one before run on it.
    ///
    /// # Errors
    /// As [`Store::open`]; the database is then as it was.
    pub async fn migrate(address: &Address) -> Result<Vec<Step>, StoreError> {
        Backend::migrate(address, migrations::ALL).await
    }

    /// What [`migrate`](Self::migrate) would do, and about how long it would take. Changes nothing and is in nobody's
    /// way: it reads as any reader does.
    ///
    /// # Errors
    /// As [`Store::open`] would have them.
    pub async fn outlook(address: &Address) -> Result<Outlook, StoreError> {
        Backend::outlook(address, migrations::ALL).await
    }
}

#[cfg(test)]
mod tests;
