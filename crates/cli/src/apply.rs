//! `sayso apply`: a file's configuration, in force on all nodes.

use sayso_authority::decide::plan::{Action, plan};
use sayso_server::configuration::{in_force, put_in_force};
use sayso_server::sealing::sealing_keys;

use crate::args::configuration::Apply;
use crate::installation::seed;
use crate::master_key::unlock;
use crate::plan::wanted;
use crate::{config, outside};

/// Puts it in force, and makes the accounts that are missing.
pub(crate) async fn run(args: &Apply) -> anyhow::Result<()> {
    let config = config::load(&args.config)?;
    let (own, groups, users) = match &args.file {
        Some(file) => {
            let other = config::load(file)?;
            (wanted(&args.config, Some(file))?, other.groups, other.users)
        }
        None => (wanted(&args.config, None)?, config.groups, config.users),
    };
    let ambience = outside::ambience();
    let (store, masters) = unlock(&config.server, &ambience.entropy).await?;
    let sealer = sealing_keys(&store, &masters, &ambience).await?.sealer(ambience.clock.now());
    // One that this version cannot read may well be replaced.
    let before = in_force(&store, &sealer).await.ok().flatten();
    let applied = put_in_force(&own, &store, &sealer, &ambience).await;
    let seeded = seed(&store, (&groups, &users), &ambience).await;
    store.close().await;
    let (number, changed) = applied?;
    seeded?;
    if changed {
        let differences = plan(before.as_ref().map(|(_, configuration)| configuration), &own);
        let count = |action| differences.iter().filter(|one| one.action == action).count();
        let [added, changed, removed] = [Action::Added, Action::Changed, Action::Removed].map(count);
        println!("In force: configuration {number}: {added} added, {changed} changed, {removed} removed.");
        println!("Running nodes follow within a second.");
    } else {
        println!("Nothing to do: it is in force already, as configuration {number}.");
    }
    Ok(())
}
