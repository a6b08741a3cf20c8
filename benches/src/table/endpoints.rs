//! What a request costs, against the least that its kind can cost.

use super::Report;
use super::lab::{CALLERS, Compared, Cost, GRANTS, Lab, Side, address, median};
use super::row::{Demand, Row};
use crate::line::{Caller, Line, Question};
use crate::process::Process;
use crate::scenario::Scenario;
use crate::seed::Linked;
use crate::{commits, disk};

const MANY_CALLERS: usize = 64;

pub(super) async fn rows(lab: &Lab, report: &mut Report<'_>) -> anyhow::Result<()> {
    let database = address(&lab.file("endpoints.db"))?;
    let (server, mut linked) = lab.linked(&database, (3 * CALLERS + MANY_CALLERS) * GRANTS).await?;
    signing(lab, report, &server, linked.split_off(linked.len() - CALLERS * GRANTS)).await?;
    reading(lab, report, &server, linked.split_off(linked.len() - CALLERS * GRANTS)).await?;
    if report.wants(BY_WALL_CLOCK) {
        let row = by_wall_clock(lab, &server, linked).await?;
        report.row(&row);
    }
    if report.wants(OF_THE_STORE) {
        let row = of_the_store(lab).await?;
        report.row(&row);
    }
    Ok(())
}

async fn signing(lab: &Lab, report: &mut Report<'_>, server: &Process, linked: Vec<Linked>) -> anyhow::Result<()> {
    let bare = lab.start.bare(&[])?;
    let mut bare = lab.side(&bare, Scenario::BareSigning, Vec::new());
    let mut rs256 = lab.side(server, Scenario::ClientCredentials, Vec::new());
    let name = "client credentials, RS256";
    if report.wants(name) {
        let compared = lab.compare(&mut bare, &mut rs256).await?;
        report.row(&against(name, "a bare signing handler", &compared, 0.9));
    }
    let name = "client credentials, ES256";
    if report.wants(name) {
        let mut es256 = lab.side(server, Scenario::ClientCredentialsEs256, Vec::new());
        let compared = lab.compare(&mut es256, &mut rs256).await?;
        report.row(&Row {
            name: name.to_owned(),
            figure: format!("{:.0} µs, RS256 {:.0} µs", compared.first.cpu, compared.second.cpu),
            measured: compared.cpu,
            unit: "",
            demand: Demand::AtLeast(8.0),
        });
    }
    let name = "refresh with its durable commit, RS256, by CPU";
    if report.wants(name) {
        let mut refresh = lab.side(server, Scenario::Refresh, linked);
        let compared = lab.compare(&mut bare, &mut refresh).await?;
        report.row(&against(name, "a bare signing handler", &compared, 0.8));
    }
    Ok(())
}

async fn reading(lab: &Lab, report: &mut Report<'_>, server: &Process, linked: Vec<Linked>) -> anyhow::Result<()> {
    let name = "introspection of a revocable token";
    if report.wants(name) {
        let bare = lab.start.bare(&[])?;
        let mut bare = lab.side(&bare, Scenario::BareJson, Vec::new());
        let mut introspection = lab.side(server, Scenario::Introspection, linked);
        let compared = lab.compare(&mut bare, &mut introspection).await?;
        report.row(&against(name, "a bare GET of small JSON", &compared, 0.15));
    }
    for (name, scenario, path) in [
        ("JWKS", Scenario::Jwks, "/.well-known/jwks.json"),
        ("discovery", Scenario::Discovery, "/.well-known/openid-configuration"),
    ] {
        if !report.wants(name) {
            continue;
        }
        let mut subject = lab.side(server, scenario, Vec::new());
        let question = Question::get(crate::installation::WEAR_HOST, path);
        let length = match subject.lines.first_mut() {
            Some(line) => line.ask(question).await.map_err(|fault| anyhow::anyhow!("{name}: {fault}"))?.len(),
            None => 0,
        };
        let bare = lab.start.bare(&[length])?;
        let same = Caller::Same(Question::get("bare.example", format!("/size/{length}")), "xxx");
        let lines = (0..CALLERS).map(|_| Line::new(bare.address(), same.clone())).collect();
        let mut bare = Side { server: &bare, lines };
        let compared = lab.compare(&mut bare, &mut subject).await?;
        report.row(&against(name, "a bare GET of as many bytes", &compared, 0.7));
    }
    Ok(())
}

/// The first side is the bare one.
fn against(name: &str, what: &str, compared: &Compared, least: f64) -> Row {
    Row {
        name: name.to_owned(),
        figure: format!("{:.1} µs, {what} {:.1} µs", compared.second.cpu, compared.first.cpu),
        measured: 1.0 / compared.cpu,
        unit: "",
        demand: Demand::AtLeast(least),
    }
}

const OF_THE_STORE: &str = "refresh decided and settled by the store, without a signature, 64 callers, by wall clock";

/// Group commit by itself: where a signature costs more than a commit, the row by wall clock says nothing about the disk.
async fn of_the_store(lab: &Lab) -> anyhow::Result<Row> {
    let mut rounds: Vec<(f64, f64)> = Vec::new();
    for _ in 0..lab.rounds() {
        let single = disk::durable_commits(&lab.file("single-commits.db"), lab.seconds())?;
        let database = address(&lab.file("settled.db"))?;
        rounds.push((single, commits::settled_refreshes(&database, MANY_CALLERS, lab.seconds()).await?));
    }
    let middle = |of: fn(&(f64, f64)) -> f64| median(rounds.iter().map(of).collect());
    Ok(Row {
        name: OF_THE_STORE.to_owned(),
        figure: format!(
            "{:.0} a second, single durable commits {:.0} a second",
            middle(|(_, settled)| *settled),
            middle(|(single, _)| *single)
        ),
        measured: middle(|(single, settled)| settled / single),
        unit: "",
        demand: Demand::AtLeast(2.0),
    })
}

const BY_WALL_CLOCK: &str = "refresh, 64 callers, by wall clock";

async fn by_wall_clock(lab: &Lab, server: &Process, mut linked: Vec<Linked>) -> anyhow::Result<Row> {
    let lines = (0..MANY_CALLERS).map(|_| {
        let own = linked.split_off(linked.len().saturating_sub(GRANTS));
        Line::new(server.address(), Scenario::Refresh.caller(own, None))
    });
    let mut refresh = Side { server, lines: lines.collect() };
    let mut rounds: Vec<(f64, Cost)> = Vec::new();
    for _ in 0..lab.rounds() {
        let single = disk::durable_commits(&lab.file("single-commits.db"), lab.seconds())?;
        rounds.push((single, refresh.round(lab.seconds()).await?));
    }
    let middle = |of: fn(&(f64, Cost)) -> f64| median(rounds.iter().map(of).collect());
    Ok(Row {
        name: BY_WALL_CLOCK.to_owned(),
        figure: format!(
            "{:.0} a second, single durable commits {:.0} a second",
            middle(|(_, refresh)| refresh.rate),
            middle(|(single, _)| *single)
        ),
        measured: middle(|(single, refresh)| refresh.rate / single),
        unit: "",
        demand: Demand::AtLeast(2.0),
    })
}
