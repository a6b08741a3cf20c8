//! `sayso serve`: the authorization server alone.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use sayso_web::listen::certificates::{CertificateFiles, Certificates};
use sayso_web::listen::{Rules, bind};
use tokio::signal::unix::{SignalKind, signal};

use crate::args;
use crate::config;
use crate::installation::{Installation, Precedence};
use crate::outside;
use crate::stop::Stop;

/// How often the files of the certificate are looked at; SIGHUP asks for it at once.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// Serves until it is asked to stop.
pub(crate) async fn run(args: &args::Serve) -> anyhow::Result<()> {
    let config = config::load(&args.config)?;
    let issuers: Vec<String> = config.authorities.iter().map(|authority| authority.issuer.clone()).collect();
    let tls = config.server.tls.clone().map(certificates).transpose()?;
    let rules = Rules { tls, tls_only: true, proxies: config.server.proxies.clone(), ..Rules::default() };
    let listener = bind(config.server.listen).await?;
    let apart = match config.admin.as_ref().and_then(|admin| admin.apart.as_ref()) {
        Some((address, _)) => Some(bind(*address).await?),
        None => None,
    };
    let ambience = outside::ambience();
    let installation = Installation::open(config, Precedence::InForce(&args.config), &ambience).await?;
    installation.keep_up(ambience.clock);
    let stop = Stop::on_signals()?;
    tracing::info!(address = %listener.address(), tls = rules.tls.is_some(), issuers = issuers.join(" "), "serving");
    let serving = listener.serve(installation.server.router(), rules.clone(), stop.clone().asked());
    match apart {
        None => serving.await,
        Some(apart) => {
            tracing::info!(address = %apart.address(), "serving the admin API at an address of its own");
            tokio::join!(serving, apart.serve(installation.server.admin_router(), rules, stop.asked()));
        }
    }
    installation.store.close().await;
    Ok(())
}

/// The certificate, and a look at its files now and then, which ends with the process.
fn certificates(files: CertificateFiles) -> anyhow::Result<Arc<rustls::ServerConfig>> {
    let certificates = Certificates::read(files).context("TLS cannot be spoken")?;
    let config = certificates.server_config()?;
    let mut hangup = signal(SignalKind::hangup()).context("cannot listen for SIGHUP")?;
    tokio::spawn(async move {
        let mut looks = tokio::time::interval(LOOK_EVERY);
        looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = looks.tick() => {}
                _ = hangup.recv() => {}
            }
            // Two small files, read in a moment.
            match certificates.read_again() {
                Ok(false) => {}
                Ok(true) => tracing::info!("another certificate is in use, for connections from now on"),
                Err(error) => {
                    tracing::error!(%error, "the certificate was replaced by one that cannot be used; the one before stays in use")
                }
            }
        }
    });
    Ok(config)
}
