//! `sayso serve`: the authorization server alone.

use sayso_web::listen::{Rules, bind};

use crate::args;
use crate::certificate::speak_tls;
use crate::config;
use crate::installation::{Installation, Precedence};
use crate::outside;
use crate::stop::Stop;

/// Serves until it is asked to stop.
pub(crate) async fn run(args: &args::Serve) -> anyhow::Result<()> {
    let config = config::load(&args.config)?;
    let issuers: Vec<String> = config.authorities.iter().map(|authority| authority.issuer.clone()).collect();
    let (tls, database) = (config.server.tls.clone(), config.server.database.clone());
    let rules = Rules { proxies: config.server.proxies.clone(), ..Rules::default() };
    let listener = bind(config.server.listen).await?;
    let apart = match config.admin.as_ref().and_then(|admin| admin.apart.as_ref()) {
        Some((address, _)) => Some(bind(*address).await?),
        None => None,
    };
    let ambience = outside::ambience();
    let installation = Installation::open(config, Precedence::InForce(&args.config), &ambience).await?;
    let rules = speak_tls(rules, tls, (&database, &installation), &ambience).await?;
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
