//! `sayso keys …`

use std::path::PathBuf;

use clap::Subcommand;
use sayso_token::algorithm::Algorithm;

/// `sayso keys …`
#[derive(Debug, Subcommand)]
pub(crate) enum Keys {
    /// Shows the signing keys, where each stands, and when that changes. Never anything secret.
    #[command(after_help = "Example:\n  sayso keys list --config sayso.toml --authority quiz")]
    List(List),
    /// Makes the next signing key of each authority and algorithm, while nodes run.
    ///
    /// It is published at once, and signs after 15 minutes, when whoever verifies tokens can have it. The key that signs until
    /// then stays published until all that it has signed is over. Where a next key waits already, nothing is made.
    #[command(after_help = "Examples:\n  \
        sayso keys rotate --config sayso.toml\n  \
        sayso keys rotate --config sayso.toml --authority quiz --algorithm RS256")]
    Rotate(Rotate),
    /// Revokes a signing key that somebody may have seen who should not.
    ///
    /// It is published no more, and the tokens it has signed count no more. If it was the one that signs, another signs at
    /// once. Whoever verifies tokens by published keys goes on trusting it for as long as they keep those: minutes.
    #[command(after_help = "Example:\n  sayso keys revoke --config sayso.toml --authority quiz --kid KID\n\n\
        `sayso keys list` shows the key ids. Links and sessions stay: a client gets new tokens by its refresh token.")]
    Revoke(Revoke),
}

/// `sayso keys list`
#[derive(Debug, clap::Args)]
pub(crate) struct List {
    /// The configuration file, which names the database.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: PathBuf,
    /// Only this authority's.
    #[arg(long, value_name = "ID")]
    pub(crate) authority: Option<String>,
    /// Prints a list in JSON; times in UTC.
    #[arg(long)]
    pub(crate) json: bool,
}

/// `sayso keys rotate`
#[derive(Debug, clap::Args)]
pub(crate) struct Rotate {
    /// The configuration file, which names the database and the master key file.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: PathBuf,
    /// Only this authority's.
    #[arg(long, value_name = "ID")]
    pub(crate) authority: Option<String>,
    /// Only those that sign with this algorithm: RS256, ES256, PS256 or EdDSA.
    #[arg(long, value_name = "ALGORITHM", value_parser = algorithm)]
    pub(crate) algorithm: Option<Algorithm>,
}

/// `sayso keys revoke`
#[derive(Debug, clap::Args)]
pub(crate) struct Revoke {
    /// The configuration file, which names the database and the master key file.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: PathBuf,
    /// The authority.
    #[arg(long, value_name = "ID")]
    pub(crate) authority: String,
    /// The key's id.
    #[arg(long, value_name = "KID", allow_hyphen_values = true)]
    pub(crate) kid: String,
}

fn algorithm(name: &str) -> Result<Algorithm, &'static str> {
    Algorithm::named(name).ok_or("choose RS256, ES256, PS256 or EdDSA")
}
