//! The certificate of the ports: from files, which are looked at now and then, or fetched by ACME.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use sayso_acme::Keeper;
use sayso_acme::folder::Folder;
use sayso_acme::keep::Keep;
use sayso_server::Ambience;
use sayso_server::certificates::SharedItems;
use sayso_store::Address;
use sayso_web::listen::Rules;
use sayso_web::listen::certificates::{CertificateFiles, Certificates};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::Notify;

use crate::config::{Acme, Tls};
use crate::installation::Installation;
use crate::shared_keep::SharedKeep;

/// How often the files of the certificate are looked at; SIGHUP asks for it at once.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// The rules of the ports with TLS as it is set, if it is. What sees to the certificate ends with the process.
pub(crate) async fn speak_tls(
    rules: Rules,
    tls: Option<Tls>,
    (database, installation): (&Address, &Installation),
    ambience: &Ambience,
) -> anyhow::Result<Rules> {
    match tls {
        None => Ok(rules),
        Some(Tls::Files(files)) => Ok(Rules { tls: Some(from_files(files)?), tls_only: true, ..rules }),
        Some(Tls::Acme(acme)) => {
            let keep = keep(&acme, (database, installation), ambience)?;
            fetched(rules, acme, keep, ambience).await
        }
    }
}

/// Where account and certificate are kept: where all is that nodes share, or in a folder of the only node's.
fn keep(
    acme: &Acme,
    (database, installation): (&Address, &Installation),
    ambience: &Ambience,
) -> anyhow::Result<Arc<dyn Keep>> {
    let directory = &acme.settings.directory;
    if let Address::Postgres(_) = database {
        let (store, masters) = (installation.store.clone(), installation.masters.clone());
        let items = SharedItems::new(store.clone(), masters, ambience.clone(), directory);
        return Ok(Arc::new(SharedKeep::new(items, store, ambience, directory)));
    }
    let folder = Folder::open(&acme.folder, directory).context("there is no place to keep the certificate")?;
    if folder.seen_by_others() {
        tracing::warn!(folder = %folder.path().display(), "others on this machine may look into it; chmod 700 it");
    }
    Ok(Arc::new(folder))
}

async fn fetched(rules: Rules, acme: Acme, keep: Arc<dyn Keep>, ambience: &Ambience) -> anyhow::Result<Rules> {
    let keeper = Keeper::begin(acme.settings, keep, (ambience.clock.clone(), ambience.entropy.clone())).await?;
    let shown = keeper.shown();
    let rules =
        Rules { tls: Some(shown.server_config()?), tls_only: true, validations: Some(keeper.validations()), ..rules };
    if shown.current().is_none() {
        tracing::warn!("there is no certificate yet: until the first one is issued, https connections are refused");
    }
    let (nudge, mut hangup) = (Arc::new(Notify::new()), hangup()?);
    tokio::spawn(keeper.run(nudge.clone()));
    tokio::spawn(async move {
        while hangup.recv().await.is_some() {
            nudge.notify_one();
        }
    });
    Ok(rules)
}

/// The certificate, and a look at its files now and then.
fn from_files(files: CertificateFiles) -> anyhow::Result<Arc<rustls::ServerConfig>> {
    let certificates = Certificates::read(files).context("TLS cannot be spoken")?;
    let config = certificates.server_config()?;
    let mut hangup = hangup()?;
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

fn hangup() -> anyhow::Result<Signal> {
    signal(SignalKind::hangup()).context("cannot listen for SIGHUP")
}
