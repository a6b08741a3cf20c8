//! PostgreSQL against SQLite, and two nodes against one.

use sayso_testkit::PostgresServer;

use super::Report;
use super::lab::{CALLERS, Compared, Cost, GRANTS, Lab, Side, address};
use super::row::{Demand, Row};
use crate::drive::{Length, Pace, drive};
use crate::line::Line;
use crate::process::{Process, Start};
use crate::scenario::Scenario;
use crate::seed::Linked;

const TWO_NODES: &str = "two nodes on one PostgreSQL against one, client credentials, RS256";

pub(super) async fn rows(lab: &Lab, report: &mut Report<'_>) -> anyhow::Result<()> {
    let compared = [
        ("client credentials, RS256", Scenario::ClientCredentials),
        ("refresh, RS256", Scenario::Refresh),
        ("introspection", Scenario::Introspection),
    ];
    let wanted: Vec<(String, Scenario)> = compared
        .into_iter()
        .map(|(name, scenario)| (format!("PostgreSQL against SQLite, {name}"), scenario))
        .filter(|(name, _)| report.wants(name))
        .collect();
    if wanted.is_empty() && !report.wants(TWO_NODES) {
        return Ok(());
    }
    let Some(postgres) = PostgresServer::start() else {
        println!("\nPostgreSQL is not installed, so its rows were not measured: .ci/need postgres");
        return Ok(());
    };
    if !wanted.is_empty() {
        against_sqlite(lab, report, &postgres.new_schema(), &wanted).await?;
    }
    if report.wants(TWO_NODES) {
        let row = two_nodes(lab, &postgres.new_schema()).await?;
        report.row(&row);
    }
    Ok(())
}

async fn against_sqlite(
    lab: &Lab,
    report: &mut Report<'_>,
    schema: &str,
    wanted: &[(String, Scenario)],
) -> anyhow::Result<()> {
    let count = wanted.len() * CALLERS * GRANTS;
    let (sqlite, mut here) = lab.linked(&address(&lab.file("engines.db"))?, count).await?;
    let (postgres, mut there) = lab.linked(schema, count).await?;
    let share = |linked: &mut Vec<Linked>| linked.split_off(linked.len() - CALLERS * GRANTS);
    for (name, scenario) in wanted {
        let mut first = lab.side(&sqlite, *scenario, share(&mut here));
        let mut second = lab.side(&postgres, *scenario, share(&mut there));
        let compared = lab.compare(&mut first, &mut second).await?;
        report.row(&Row {
            name: name.clone(),
            figure: format!("{:.0} µs, {:.0} µs", compared.second.cpu, compared.first.cpu),
            measured: compared.cpu,
            unit: "",
            demand: Demand::AtMost(1.5),
        });
    }
    Ok(())
}

/// Each node has one thread on a core of its own; the driver takes what it needs from both.
async fn two_nodes(lab: &Lab, schema: &str) -> anyhow::Result<Row> {
    let node = |core| Start { workers: 1, core: Some(core), ..lab.start.clone() }.sayso(schema);
    let (one, other) = (node(0)?, node(1)?);
    let lines = |nodes: &[&Process]| {
        let mut lines = Vec::new();
        for node in nodes.iter().cycle().take(2 * CALLERS) {
            lines.push(Line::new(node.address(), Scenario::ClientCredentials.caller(Vec::new(), None)));
        }
        lines
    };
    let mut alone = Side { server: &one, lines: lines(&[&one]) };
    let mut both = lines(&[&one, &other]);
    let mut rounds = Vec::new();
    for _ in 0..lab.rounds() {
        let first = alone.round(lab.seconds()).await?;
        let (tally, back) = drive(both, Pace::Closed, Length::Time(lab.seconds())).await?;
        tally.verdict()?;
        both = back;
        rounds.push((first, Cost { cpu: f64::NAN, rate: tally.rate() }));
    }
    let compared = Compared::of(&rounds);
    Ok(Row {
        name: TWO_NODES.to_owned(),
        figure: format!("{:.0} a second, {:.0} a second", compared.second.rate, compared.first.rate),
        measured: compared.rate,
        unit: "",
        demand: Demand::AtLeast(1.8),
    })
}
