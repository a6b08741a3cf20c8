//! `sayso plan`, `sayso apply`, `sayso export`

use std::path::PathBuf;

/// `sayso plan`
#[derive(Debug, clap::Args)]
pub(crate) struct Plan {
    /// The configuration file that names the installation: its database and master key.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: PathBuf,
    /// Another file with the configuration to compare; without it, the same one.
    #[arg(value_name = "WANTED")]
    pub(crate) file: Option<PathBuf>,
    /// Prints the differences as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// `sayso apply`
#[derive(Debug, clap::Args)]
pub(crate) struct Apply {
    /// The configuration file that names the installation; docs/configuration.md describes it.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: PathBuf,
    /// Another file with the configuration to put in force; without it, the same one.
    #[arg(value_name = "WANTED")]
    pub(crate) file: Option<PathBuf>,
}

/// `sayso export`
#[derive(Debug, clap::Args)]
pub(crate) struct Export {
    /// The configuration file that names the installation: its database and master key.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: PathBuf,
}
