//! `sayso export` and `sayso import`: everything in one sealed file, whichever engine it comes from or goes to.

use sayso_store::Export;

use crate::backup::{of_the_master_key, tell};
use crate::{args, config, master_key, outside};

/// Writes everything into one file, sealed under the master key.
pub(crate) async fn export(args: &args::Export) -> anyhow::Result<()> {
    let server = config::load_quietly(&args.config)?.server;
    let mut ambience = outside::ambience();
    let sealer = master_key::read(&server.master_key)?.sealer();
    let request = Export {
        database: &server.database,
        target: &args.target,
        overwrite: args.overwrite,
        sealer: &sealer,
        made_at: ambience.clock.now(),
    };
    let contents = sayso_store::export(&request, &mut ambience.entropy).await?;
    println!("export written: {}", args.target.display());
    tell(&contents);
    println!("{}", of_the_master_key(&server.master_key));
    Ok(())
}

/// Takes such a file into an empty database.
pub(crate) async fn import(args: &args::Import) -> anyhow::Result<()> {
    let server = config::load_quietly(&args.config)?.server;
    let sealer = master_key::read(&server.master_key)?.sealer();
    let contents =
        sayso_store::import(&server.database, &args.source, &sealer, outside::ambience().clock.now()).await?;
    println!("imported: {} into {}", args.source.display(), server.database);
    tell(&contents);
    println!("All sessions and codes were dropped: people sign in again, links go on.");
    Ok(())
}
