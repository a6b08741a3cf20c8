//! `sayso dev`: the whole demo in one process, on three ports of this machine.
//!
//! The first start writes everything into one folder; later ones read it. Nothing here decides anything: it puts the rims
//! side by side and lets them speak HTTP with one another, as they would on separate machines.

mod demo;
mod folder;
mod keys;
mod packages;
mod ports;
mod ready;
#[cfg(test)]
mod tests;
mod tls;
mod voice;

use std::io::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context as _;
use sayso_web::listen::{Listener, Rules, bind};
use tracing::subscriber::NoSubscriber;

use crate::args;
use crate::installation::{Installation, Precedence};
use crate::outside;
use crate::stop::Stop;
use folder::Folder;
use ports::Ports;
use ready::Ready;

/// What is logged unless something else is asked for: not every request, so that what was printed at the start stays in
/// sight. The console shows what travels.
pub(crate) const LOG: &str = "info,sayso_web=warn";

/// Runs the demo until it is asked to stop.
pub(crate) async fn run(args: &args::Dev) -> anyhow::Result<()> {
    let ports = Ports::from(args.port);
    let folder = Folder::open(&args.data)?;
    let [authority, console, skills] = listeners(ports).await?;
    let ambience = outside::ambience();
    let config = folder.config(ports, &ambience.entropy)?;
    let demo_skills = demo::skills(&folder, &config, ports)?;
    let (users, owners) = (config.users.clone(), keys::Owners::of(&config));
    let tls = tls::config(&folder.join("tls"), ambience.clock.now())?;

    let (installation, simulator) = tokio::join!(
        Installation::open(config, Precedence::File, &ambience),
        voice::simulator(&folder, &demo_skills, ports, &ambience)
    );
    let (installation, simulator) = (installation?, simulator?);
    // Each skill warns that it believes a local simulator. Here that is the point, and what is printed below says so.
    let skill_router =
        tracing::subscriber::with_default(NoSubscriber::new(), || voice::skills(&demo_skills, &simulator))?;
    simulator.lend_keys(Arc::new(keys::Hand::new(owners, &installation, ambience.clone())));
    installation.keep_up(ambience.clock.clone());
    let stop = Stop::on_signals()?;
    announce(
        &Ready {
            ports,
            users,
            skills: demo_skills,
            tls_ca: tls::ca_file(&folder.join("tls")),
            config: folder.config_file(),
        },
        args.json,
    )?;
    let (console_stop, console_router) = (stop.clone(), simulator.router());
    let console_ends = async move {
        console_stop.asked().await;
        // Open pages hold a stream each, which would not end by itself.
        simulator.close_streams();
    };
    let with_tls = Rules { tls: Some(tls), ..Rules::default() };
    tokio::join!(
        authority.serve(installation.server.router(), with_tls, stop.clone().asked()),
        console.serve(console_router, Rules::default(), console_ends),
        skills.serve(skill_router, Rules::default(), stop.asked()),
    );
    installation.store.close().await;
    Ok(())
}

/// Takes all three ports, or none.
async fn listeners(ports: Ports) -> anyhow::Result<[Listener; 3]> {
    let [authority, console, skills] = ports.all();
    Ok([listener(authority).await?, listener(console).await?, listener(skills).await?])
}

async fn listener(port: u16) -> anyhow::Result<Listener> {
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    bind(address).await.context("`sayso dev` takes three ports in a row; --port N chooses N, N+1 and N+2")
}

fn announce(ready: &Ready, as_json: bool) -> anyhow::Result<()> {
    let text = if as_json { ready.json().to_string() } else { ready.banner(&program()) };
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "{text}").and_then(|()| stdout.flush()).context("cannot print where the demo runs")
}

/// How this program was called.
fn program() -> String {
    std::env::args().next().unwrap_or_else(|| "sayso".to_owned())
}
