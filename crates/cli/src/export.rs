//! `sayso export`: the configuration in force, as the file that says the same.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::Context as _;
use sayso_server::configuration::file::{quoted, written};
use toml::{Table, Value};

use crate::args::configuration::Export;
use crate::{config, plan};

/// Prints it on stdout.
pub(crate) async fn run(asked: &Export) -> anyhow::Result<()> {
    let server = config::load_quietly(&asked.config)?.server;
    let (number, configuration) = plan::running(&server).await?.with_context(|| {
        format!("no configuration was ever put in force at {}; `sayso apply` does", server.database)
    })?;
    println!(
        "# Configuration {number}, as `sayso export` wrote it. Secrets stand here as digests, which prove nothing.\n"
    );
    print!("{}", of_the_node(&asked.config)?);
    print!("{}", written(&configuration));
    Ok(())
}

/// What is the node's own in the file that names the installation: its `[server]`, without a password of the database, and
/// its `[admin]`.
fn of_the_node(file: &Path) -> anyhow::Result<String> {
    let whole: Table = toml::from_str(&std::fs::read_to_string(file)?)?;
    let tables = ["server", "admin"].map(|name| (name, whole.get(name)));
    Ok(tables.iter().filter_map(|(name, table)| Some(printed(name, table.as_ref()?.as_table()?))).collect())
}

fn printed(name: &str, table: &Table) -> String {
    let mut text = format!("[{name}]\n");
    for (name, value) in table {
        let value = match (name.as_str(), value) {
            ("database", Value::String(address)) => match without_password(address) {
                None => quoted(address),
                Some(address) => {
                    text.push_str(
                        "# Its password is left out. Put it back where this file is used, not where it is kept.\n",
                    );
                    quoted(&address)
                }
            },
            (_, Value::String(other)) => quoted(other),
            (_, other) => other.to_string(),
        };
        // Writing to a text never fails.
        let _ = writeln!(text, "{name} = {value}");
    }
    text.push('\n');
    text
}

/// The address without its password, if it has one.
fn without_password(address: &str) -> Option<String> {
    let mut url = url::Url::parse(address).ok()?;
    url.password()?;
    url.set_password(None).ok()?;
    Some(url.to_string())
}
