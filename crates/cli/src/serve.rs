//! `sayso serve`: the authorization server alone.

use sayso_web::listen::{Rules, bind};

use crate::args;
use crate::config;
use crate::installation::{Installation, Precedence};
use crate::outside;
use crate::stop::Stop;

/// Serves until it is asked to stop.
pub(crate) async fn run(args: &args::Serve) -> anyhow::Result<()> {
    let config = config::load(&args.config)?;
    let issuers: Vec<String> = config.authorities.iter().map(|authority| authority.issuer.clone()).collect();
    let listener = bind(config.server.listen).await?;
    let ambience = outside::ambience();
    let installation = Installation::open(config, Precedence::InForce(&args.config), &ambience).await?;
    installation.keep_up(ambience.clock);
    let stop = Stop::on_signals()?;
    tracing::info!(address = %listener.address(), issuers = issuers.join(" "), "serving");
    listener.serve(installation.server.router(), Rules::default(), stop.asked()).await;
    installation.store.close().await;
    Ok(())
}
