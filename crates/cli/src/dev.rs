//! `sayso dev`: the whole demo in one process, on three ports of this machine; or a skill of one's own in place of the demo's.
//!
//! The first start writes everything into one folder; later ones read it. Nothing here decides anything: it puts the rims
//! side by side and lets them speak HTTP with one another, as they would on separate machines.

mod demo;
mod folder;
mod keys;
mod linked_skill;
mod own;
mod packages;
mod ports;
mod program;
mod ready;
#[cfg(test)]
mod tests;
mod tls;
mod voice;

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use sayso_server::Ambience;
use sayso_simulator::Simulator;
use sayso_web::listen::{Listener, Rules, bind};
use tracing::subscriber::NoSubscriber;

use crate::args;
use crate::config::Config;
use crate::installation::{Installation, Precedence};
use crate::outside;
use crate::stop::Stop;
use folder::Folder;
use linked_skill::LinkedSkill;
use own::Project;
use ports::{BUILT_IN, Ports};
use ready::Ready;

/// What is logged unless something else is asked for: not every request, so that what was printed at the start stays in
/// sight. The console shows what travels.
pub(crate) const LOG: &str = "info,sayso_web=warn";
/// Where the demo is kept unless something else is asked for.
const DATA: &str = ".sayso/dev";

/// Runs the demo, or a skill of one's own, until it is asked to stop.
pub(crate) async fn run(args: &args::Dev) -> anyhow::Result<()> {
    match Project::meant(args)? {
        Some(project) => own(&project, args).await,
        None => demo(args).await,
    }
}

async fn demo(args: &args::Dev) -> anyhow::Result<()> {
    let ports = args.port.map_or(BUILT_IN, Ports::from);
    let folder = Folder::open(args.data.as_deref().unwrap_or(Path::new(DATA)))?;
    let [authority, console, skills] = listeners(ports).await?;
    let ambience = outside::ambience();
    let config = folder.config(ports, &ambience.entropy)?;
    let linked = demo::skills(&folder, &config, ports)?;
    let first = demo::FIRST.to_owned();
    let running = Running::open(&folder, (config, folder.config_file()), (linked, first), (ports, ambience)).await?;
    // Each skill warns that it believes a local simulator. Here that is the point, and what is printed below says so.
    let router = tracing::subscriber::with_default(NoSubscriber::new(), || {
        voice::skills(&running.ready.skills, &running.simulator)
    })?;
    announce(&running.ready, args.json)?;
    let stopped = running.stop.clone().asked();
    tokio::join!(running.serve(authority, console), skills.serve(router, Rules::default(), stopped));
    running.installation.store.close().await;
    Ok(())
}

/// The same with the skill as a program of its own, built first.
async fn own(project: &Project, args: &args::Dev) -> anyhow::Result<()> {
    let folder = Folder::open(&project.data())?;
    let ambience = outside::ambience();
    let (config, ports) = project.config(args.port, &ambience.entropy)?;
    let [authority, console, skill] = listeners(ports).await?;
    let linked = project.skill(&config, ports)?;
    let skills = (vec![linked], project.first_sentence());
    let running = Running::open(&folder, (config, project.config_file()), skills, (ports, ambience)).await?;
    let program = project.program(&running, &folder)?;
    // From here on the port is the program's.
    drop(skill);
    let ended = tokio::select! {
        () = running.serve(authority, console) => Ok(()),
        failed = program.run(|| announce(&running.ready, args.json)) => failed,
    };
    running.installation.store.close().await;
    ended
}

/// Authority and console, with what they have to know of the skills.
struct Running {
    installation: Installation,
    simulator: Simulator,
    tls: Arc<rustls::ServerConfig>,
    ready: Ready,
    stop: Stop,
}

impl Running {
    async fn open(
        folder: &Folder,
        (config, config_file): (Config, PathBuf),
        (skills, first): (Vec<LinkedSkill>, String),
        (ports, ambience): (Ports, Ambience),
    ) -> anyhow::Result<Self> {
        let (users, owners) = (config.users.clone(), keys::Owners::of(&config));
        let tls = tls::config(&folder.join("tls"), ambience.clock.now())?;
        let (installation, simulator) = tokio::join!(
            Installation::open(config, Precedence::File, &ambience),
            voice::simulator(folder, &skills, ports, &ambience)
        );
        let (installation, simulator) = (installation?, simulator?);
        simulator.lend_keys(Arc::new(keys::Hand::new(owners, &installation, ambience.clone())));
        installation.keep_up(ambience.clock.clone());
        let tls_ca = tls::ca_file(&folder.join("tls"));
        let ready = Ready { ports, users, skills, tls_ca, config: config_file, first };
        Ok(Self { installation, simulator, tls, ready, stop: Stop::on_signals()? })
    }

    /// Serves both until the end is asked for.
    async fn serve(&self, authority: Listener, console: Listener) {
        let (simulator, stop) = (self.simulator.clone(), self.stop.clone());
        let console_ends = async move {
            stop.asked().await;
            // Open pages hold a stream each, which would not end by itself.
            simulator.close_streams();
        };
        let with_tls = Rules { tls: Some(self.tls.clone()), ..Rules::default() };
        tokio::join!(
            authority.serve(self.installation.server.router(), with_tls, self.stop.clone().asked()),
            console.serve(self.simulator.router(), Rules::default(), console_ends),
        );
    }
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
