//! Does a refresh cost more when the table is large, or its chain long?

use super::Report;
use super::lab::{Compared, Lab, Side, address};
use super::process::power;
use super::row::{Demand, Row};
use crate::drive::Length;
use crate::filler;
use crate::line::Line;
use crate::process::Process;
use crate::scenario::Scenario;

/// The grants that are refreshed; in the large table they lie evenly among the others.
const REFRESHED: usize = 1_000;

pub(super) async fn rows(lab: &Lab, report: &mut Report<'_>) -> anyhow::Result<()> {
    let sizes: &[(i64, f64)] = if lab.full { &[(1_000_000, 1.15), (10_000_000, 1.3)] } else { &[(1_000_000, 1.15)] };
    for (grants, most) in sizes {
        let name = format!("one refresh with {} live grants against 10^3", power(*grants));
        if report.wants(&name) {
            let row = large_table(lab, name, *grants, *most).await?;
            report.row(&row);
        }
    }
    let refreshes = if lab.full { 100_000 } else { 10_000 };
    let name = format!("the refresh after {refreshes} of one grant against its first ones");
    if report.wants(&name) {
        let row = long_chain(lab, name, refreshes).await?;
        report.row(&row);
    }
    Ok(())
}

async fn large_table(lab: &Lab, name: String, grants: i64, most: f64) -> anyhow::Result<Row> {
    let small = address(&lab.file("small.db"))?;
    let (small_server, linked) = lab.linked(&format!("{small}.{grants}"), REFRESHED).await?;
    let mut small_side = lab.side(&small_server, Scenario::Refresh, linked);
    let file = lab.file("large.db");
    let large = address(&file)?;
    let (server, linked) = lab.linked(&large, REFRESHED).await?;
    drop(server);
    filler::fill(&file, grants)?;
    let server = lab.start.sayso(&large)?;
    let mut large_side = lab.side(&server, Scenario::Refresh, linked);
    let compared = lab.compare(&mut small_side, &mut large_side).await?;
    drop(large_side);
    drop(server);
    for end in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{large}{end}"));
    }
    Ok(row(name, &compared, most))
}

async fn long_chain(lab: &Lab, name: String, refreshes: u64) -> anyhow::Result<Row> {
    let database = address(&lab.file("chain.db"))?;
    let (server, mut linked) = lab.linked(&database, 2 + lab.rounds() as usize).await?;
    let mut alone = |server: &Process| {
        let own = linked.pop().into_iter().collect();
        vec![Line::new(server.address(), Scenario::Refresh.caller(own, None))]
    };
    let mut old = Side { server: &server, lines: alone(&server) };
    old.drive(Length::Requests(refreshes)).await?;
    let mut rounds = Vec::new();
    for _ in 0..lab.rounds() {
        let mut fresh = Side { server: &server, lines: alone(&server) };
        let first = fresh.round(lab.seconds()).await?;
        rounds.push((first, old.round(lab.seconds()).await?));
    }
    // The same costs 1.0; rounds of the same differ by some per cent.
    Ok(row(name, &Compared::of(&rounds), 1.05))
}

fn row(name: String, compared: &Compared, most: f64) -> Row {
    Row {
        name,
        figure: format!("{:.0} µs, {:.0} µs", compared.second.cpu, compared.first.cpu),
        measured: compared.cpu,
        unit: "",
        demand: Demand::AtMost(most),
    }
}
