//! `sayso plan`: what a configuration file would change of what runs.

use std::fmt::Write as _;
use std::path::Path;

use sayso_authority::decide::plan::{Action, Difference, Field, plan};
use sayso_authority::record::configuration::Configuration;
use sayso_server::configuration::in_force;
use sayso_server::sealing::sealing_keys;
use sayso_store::{Address, Migrate, Store};
use serde_json::{Value, json};

use crate::args::configuration::Plan;
use crate::config::{self, Config};
use crate::{master_key, outside};

/// How `sayso plan` ends, as Terraform's `plan -detailed-exitcode` does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// The file describes what is in force.
    Same = 0,
    /// It differs.
    Differs = 2,
}

/// Compares and prints.
pub(crate) async fn run(asked: &Plan) -> anyhow::Result<Ending> {
    let server = config::load_quietly(&asked.config)?.server;
    let wanted = wanted(&asked.config, asked.file.as_deref())?;
    let before = running(&server).await?;
    let differences = plan(before.as_ref().map(|(_, configuration)| configuration), &wanted);
    let number = before.map(|(number, _)| number);
    if asked.json {
        println!("{}", serde_json::to_string_pretty(&json!({ "in_force": number, "differences": differences }))?);
    } else {
        println!("{}", told(number, &differences));
    }
    Ok(if differences.is_empty() { Ending::Same } else { Ending::Differs })
}

/// The configuration that a file describes: `file`, or the one that names the installation.
pub(crate) fn wanted(config: &Path, file: Option<&Path>) -> anyhow::Result<Configuration> {
    let Config { attributes, authorities, .. } = config::load_quietly(file.unwrap_or(config))?;
    Ok(Configuration { attributes, authorities })
}

/// What is in force there, with its number. Looks only: makes no database, and brings no schema up to date.
pub(crate) async fn running(server: &config::Server) -> anyhow::Result<Option<(i64, Configuration)>> {
    if matches!(&server.database, Address::File(file) if !file.exists()) {
        return Ok(None);
    }
    let store = Store::open_with(&server.database, Migrate::ByCommand).await?;
    let found = async {
        if store.lookups().configuration().await?.is_none() {
            return Ok(None);
        }
        let (masters, ambience) = (master_key::read(&server.master_key)?, outside::ambience());
        let sealer = sealing_keys(&store, &masters, &ambience).await?.sealer(ambience.clock.now());
        anyhow::Ok(in_force(&store, &sealer).await?)
    };
    let found = found.await;
    store.close().await;
    found
}

/// The differences for people: a line for each thing, below it what differs.
fn told(number: Option<i64>, differences: &[Difference]) -> String {
    let now = number.map_or("nothing was ever put in force".to_owned(), |number| format!("configuration {number}"));
    if differences.is_empty() {
        return format!("No difference: the file describes what is in force, {now}.");
    }
    let mut text = String::new();
    for difference in differences {
        let sign = match difference.action {
            Action::Added => '+',
            Action::Changed => '~',
            Action::Removed => '-',
        };
        let place: Vec<_> = difference.place.iter().map(|thing| format!("{} {:?}", thing.kind, thing.name)).collect();
        let place = if place.is_empty() { "the whole".to_owned() } else { place.join(" › ") };
        // Writing to a text never fails.
        let _ = writeln!(text, "{sign} {place}");
        let shown = difference.fields.iter().filter(|_| difference.action != Action::Removed);
        for field in shown.filter(|field| !is_nothing(field)) {
            let _ = writeln!(text, "    {}", told_of(field, difference.action));
        }
    }
    let count = |action| differences.iter().filter(|one| one.action == action).count();
    let (added, changed, removed) = (count(Action::Added), count(Action::Changed), count(Action::Removed));
    let _ = write!(
        text,
        "\n{added} to add, {changed} to change, {removed} to remove; in force: {now}. `sayso apply` makes it so."
    );
    text
}

/// Not set before and not set after, as far as a person cares.
fn is_nothing(field: &Field) -> bool {
    let empty = |value: &Option<Value>| match value {
        None | Some(Value::Null) => true,
        Some(Value::Array(items)) => items.is_empty(),
        Some(_) => false,
    };
    !field.secret && empty(&field.from) && empty(&field.to)
}

fn told_of(field: &Field, action: Action) -> String {
    let shown = |value: &Option<Value>| value.as_ref().map_or("not set".to_owned(), Value::to_string);
    match (field.secret, action) {
        (true, Action::Added) => format!("{}: (secret)", field.name),
        (true, _) => format!("{}: changed (secret)", field.name),
        (false, Action::Added) => format!("{}: {}", field.name, shown(&field.to)),
        (false, _) => format!("{}: {} -> {}", field.name, shown(&field.from), shown(&field.to)),
    }
}
