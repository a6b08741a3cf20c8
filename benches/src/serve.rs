//! The server's side of a measurement: a process that does nothing else.

use std::io::{Read as _, Write as _};

use anyhow::Context as _;
use sayso_server::Server;
use sayso_store::{Address, Retention, Store};
use sayso_token::time::Clock as _;
use sayso_web::listen::{Rules, bind};
use sayso_web::log_line::LogLine;
use tokio::runtime::Builder;
use tokio::sync::oneshot;

use crate::ambience::SystemClock;
use crate::args;
use crate::{bare, installation};

const PURGE_EVERY: std::time::Duration = std::time::Duration::from_secs(60);

/// Prints the address on stdout once it listens and serves until stdin ends: with its driver, however that ends.
pub(crate) fn run(args: &args::Serve) -> anyhow::Result<()> {
    // As `sayso serve` logs.
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::new("info"))
        .with_ansi(false)
        .event_format(LogLine)
        .with_writer(std::io::stderr)
        .init();
    let runtime = Builder::new_multi_thread().worker_threads(args.workers.max(1)).enable_all().build()?;
    runtime.block_on(serve(args))
}

async fn serve(args: &args::Serve) -> anyhow::Result<()> {
    let listener = bind(([127, 0, 0, 1], 0).into()).await?;
    let (router, store) = match &args.database {
        None => (bare::router(&args.size)?, None),
        Some(database) => {
            let address = Address::parse(database).context("the database's address")?;
            let store = Store::open(address).await?;
            let server = installation::open(store.clone()).await?;
            keep_up(server.clone(), store.clone());
            (server.router(), Some(store))
        }
    };
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}", listener.address())?;
    out.flush()?;
    drop(out);
    listener.serve(router, Rules::default(), driver_gone()).await;
    if let Some(store) = store {
        store.close().await;
    }
    Ok(())
}

/// As the binary does.
fn keep_up(server: Server, store: Store) {
    tokio::spawn(async move { server.follow().await });
    tokio::spawn(async move {
        let mut minutes = tokio::time::interval(PURGE_EVERY);
        loop {
            minutes.tick().await;
            // What fails is tried again in a minute.
            let _ = store.purge(SystemClock.now(), &Retention::default()).await;
        }
    });
}

async fn driver_gone() {
    let (gone, ended) = oneshot::channel::<()>();
    std::thread::spawn(move || {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        drop(gone);
    });
    let _ = ended.await;
}
