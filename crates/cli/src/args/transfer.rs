//! `sayso data …`

use std::path::PathBuf;

use clap::Subcommand;

/// `sayso data …`
#[derive(Debug, Subcommand)]
pub(crate) enum Transfer {
    /// Writes everything into one file, sealed under the master key, for another database on either engine.
    #[command(after_help = "Example:\n  sayso data export --config sqlite.toml all.sayso\n  \
        sayso data import --config postgres.toml all.sayso")]
    Export(Export),
    /// Takes an export into an empty database.
    #[command(after_help = "Example:\n  sayso data import --config postgres.toml all.sayso")]
    Import(Import),
}

/// `sayso data export`
#[derive(Debug, clap::Args)]
pub(crate) struct Export {
    /// The configuration file of the server.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: PathBuf,
    /// The file to write.
    #[arg(value_name = "TARGET")]
    pub(crate) target: PathBuf,
    /// Writes over a file that is there.
    #[arg(long)]
    pub(crate) overwrite: bool,
}

/// `sayso data import`
#[derive(Debug, clap::Args)]
pub(crate) struct Import {
    /// A configuration file that names the empty database and the master key under which the export was made.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: PathBuf,
    /// The export.
    #[arg(value_name = "SOURCE")]
    pub(crate) source: PathBuf,
}
