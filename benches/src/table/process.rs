//! What the process itself takes: to start, idle, and after many requests.

use super::Report;
use super::lab::{GRANTS, Lab, Side, address, median};
use super::row::{Demand, Row};
use crate::drive::Length;
use crate::filler;
use crate::installation::WEAR_HOST;
use crate::line::{Caller, Line, Question};
use crate::process::Process;
use crate::scenario::Scenario;
use crate::seed;

const STARTS: usize = 7;
const CALLERS: usize = 64;
const MIB: f64 = 1024.0 * 1024.0;

pub(super) async fn rows(lab: &Lab, report: &mut Report<'_>) -> anyhow::Result<()> {
    let most = if lab.full { 10_000_000 } else { 1_000_000 };
    for grants in [1_000, most] {
        let name = format!("start to first answer, {} grants", power(grants));
        if report.wants(&name) {
            let row = start(lab, name, grants).await?;
            report.row(&row);
        }
    }
    if report.wants("memory") {
        memory(lab, report).await?;
    }
    Ok(())
}

/// `10^6` for 1,000,000.
pub(super) fn power(number: i64) -> String {
    format!("10^{}", number.max(1).ilog10())
}

async fn start(lab: &Lab, name: String, grants: i64) -> anyhow::Result<Row> {
    let file = lab.file("start.db");
    let database = address(&file)?;
    // The first start makes the keys.
    drop(lab.start.sayso(&database)?);
    filler::fill(&file, grants)?;
    let mut millis = Vec::new();
    for _ in 0..STARTS {
        let server = lab.start.sayso(&database)?;
        first_answer(&server).await?;
        millis.push(server.cpu_of_threads()?.as_secs_f64() * 1e3);
    }
    for end in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{database}{end}"));
    }
    let measured = median(millis);
    let figure = "CPU from exec to the key set".to_owned();
    Ok(Row { name, figure, measured, unit: " ms", demand: Demand::AtMost(50.0) })
}

async fn first_answer(server: &Process) -> anyhow::Result<()> {
    let question = Question::get(WEAR_HOST, "/.well-known/jwks.json");
    let mut line = Line::new(server.address(), Caller::Same(question, "\"keys\""));
    line.turn().await.map_err(|fault| anyhow::anyhow!("no first answer: {fault}"))
}

async fn memory(lab: &Lab, report: &mut Report<'_>) -> anyhow::Result<()> {
    let database = address(&lab.file("memory.db"))?;
    let codes = seed::codes(&database, "person", u32::try_from(CALLERS / 2 * GRANTS)?).await?;
    // The first start makes the keys, which takes memory that later ones do not need.
    drop(lab.start.sayso(&database)?);
    let server = lab.start.sayso(&database)?;
    first_answer(&server).await?;
    report.row(&Row {
        name: "resident memory, idle".to_owned(),
        figure: "after the first answer".to_owned(),
        measured: server.memory()? as f64 / MIB,
        unit: " MiB",
        demand: Demand::AtMost(20.0),
    });
    let mut linked = seed::link(&server, &codes).await?;
    let scenarios = [Scenario::Refresh, Scenario::Introspection, Scenario::ClientCredentialsEs256, Scenario::Discovery];
    let lines = (0..CALLERS).zip(scenarios.into_iter().cycle()).map(|(_, scenario)| {
        let share = if scenario.needs_grants() { GRANTS } else { 0 };
        let own = linked.split_off(linked.len() - share);
        Line::new(server.address(), scenario.caller(own, None))
    });
    let mut side = Side { server: &server, lines: lines.collect() };
    let requests = if lab.full { 1_000_000 } else { 100_000 };
    side.drive(Length::Requests(requests)).await?;
    report.row(&Row {
        name: format!("resident memory, after {} requests at 64 callers", power(i64::try_from(requests)?)),
        figure: "refreshes, introspections, client credentials and discovery mixed".to_owned(),
        measured: server.memory()? as f64 / MIB,
        unit: " MiB",
        demand: Demand::AtMost(40.0),
    });
    Ok(())
}
