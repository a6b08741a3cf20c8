//! The table of docs/performance.md: every row in one run, each beside what it is compared with.

mod endpoints;
mod engines;
mod growth;
mod lab;
mod process;
mod row;

use std::path::Path;

use crate::args;
use lab::Lab;
use row::{Row, Verdict};

/// Measures the rows asked for and prints them as they come.
pub(crate) async fn print(args: &args::Table, program: &Path) -> anyhow::Result<()> {
    let lab = Lab::open(args, program)?;
    println!("{}", row::machine());
    println!("\n{}", row::HEAD);
    let mut missed = 0;
    for measure in [Part::Endpoints, Part::Process, Part::Growth, Part::Engines] {
        missed += measure.rows(&lab).await?;
    }
    match missed {
        0 => println!("\nAll rows measured are met."),
        missed => println!("\nNot met: {missed}."),
    }
    Ok(())
}

enum Part {
    Endpoints,
    Process,
    Growth,
    Engines,
}

impl Part {
    async fn rows(&self, lab: &Lab) -> anyhow::Result<usize> {
        let mut report = Report { lab, missed: 0 };
        match self {
            Self::Endpoints => endpoints::rows(lab, &mut report).await?,
            Self::Process => process::rows(lab, &mut report).await?,
            Self::Growth => growth::rows(lab, &mut report).await?,
            Self::Engines => engines::rows(lab, &mut report).await?,
        }
        Ok(report.missed)
    }
}

/// Prints rows as they come.
struct Report<'a> {
    lab: &'a Lab,
    missed: usize,
}

impl Report<'_> {
    /// Whether the row is asked for.
    fn wants(&self, name: &str) -> bool {
        self.lab.wants(name)
    }

    fn row(&mut self, row: &Row) {
        self.missed += usize::from(row.verdict() == Verdict::Missed);
        println!("{row}");
    }
}
