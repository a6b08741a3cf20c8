//! `sayso apply`: a file's configuration, in force on all nodes.

use sayso_authority::record::configuration::Configuration;
use sayso_server::configuration::put_in_force;
use sayso_server::sealing::sealing_keys;

use crate::installation::seed;
use crate::master_key::unlock;
use crate::{args, config, outside};

/// Puts it in force, and makes the accounts that are missing.
pub(crate) async fn run(args: &args::Apply) -> anyhow::Result<()> {
    let config = config::load(&args.config)?;
    let ambience = outside::ambience();
    let (store, masters) = unlock(&config.server, &ambience.entropy).await?;
    let sealer = sealing_keys(&store, &masters, &ambience).await?.sealer(ambience.clock.now());
    let own = Configuration { attributes: config.attributes, authorities: config.authorities };
    let applied = put_in_force(&own, &store, &sealer, &ambience).await;
    let seeded = seed(&store, (&config.groups, &config.users), &ambience).await;
    store.close().await;
    let (number, changed) = applied?;
    seeded?;
    if changed {
        println!("In force: configuration {number}. Running nodes follow within a second.");
    } else {
        println!("Nothing to do: it is in force already, as configuration {number}.");
    }
    Ok(())
}
