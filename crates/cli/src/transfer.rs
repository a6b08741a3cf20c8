//! `sayso data export` and `sayso data import`: everything in one sealed file, whichever engine it comes from or goes to.

use sayso_store::Export;

use crate::args::transfer::{Export as Exported, Import, Transfer};
use crate::backup::{of_the_master_key, tell};
use crate::{config, master_key, outside};

/// Carries out what is asked for.
pub(crate) async fn run(asked: &Transfer) -> anyhow::Result<()> {
    match asked {
        Transfer::Export(asked) => export(asked).await,
        Transfer::Import(asked) => import(asked).await,
    }
}

/// Writes everything into one file, sealed under the master key.
async fn export(args: &Exported) -> anyhow::Result<()> {
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
async fn import(args: &Import) -> anyhow::Result<()> {
    let server = config::load_quietly(&args.config)?.server;
    let sealer = master_key::read(&server.master_key)?.sealer();
    let contents =
        sayso_store::import(&server.database, &args.source, &sealer, outside::ambience().clock.now()).await?;
    println!("imported: {} into {}", args.source.display(), server.database);
    tell(&contents);
    println!("All sessions and codes were dropped: people sign in again, links go on.");
    Ok(())
}
