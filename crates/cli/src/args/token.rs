//! `sayso token …`

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};
use sayso_authority::record::client::GrantType;

/// `sayso token …`
#[derive(Debug, Subcommand)]
pub(crate) enum Token {
    /// Shows what a client would get for a person, and why: policies and rules, claims, header and payload.
    ///
    /// Nothing is signed and nothing is kept. The configuration is the file's, whether or not it is in force; the person is read from the
    /// database, or from the file where there is none yet.
    #[command(after_help = "Examples:\n  \
        sayso token preview --config sayso.toml --authority quiz --client alexa --user ada --scope \"openid play\"\n  \
        sayso token preview --config sayso.toml --authority quiz --client nightly --grant client_credentials --json\n\n\
        Exit codes: 0 tokens would be issued; 1 they would be refused; 2 wrong usage, files or connections.")]
    Preview(Preview),
}

/// `sayso token preview`
#[derive(Debug, clap::Args)]
pub(crate) struct Preview {
    /// The configuration file.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: PathBuf,
    /// The authority; without it, the only one there is.
    #[arg(long, value_name = "ID")]
    pub(crate) authority: Option<String>,
    /// The client.
    #[arg(long, value_name = "ID")]
    pub(crate) client: String,
    /// The person, by the name they sign in with; nobody for client_credentials.
    #[arg(long, value_name = "USERNAME")]
    pub(crate) user: Option<String>,
    /// The scopes, with blanks between them; without it, what API and client mean.
    #[arg(long, value_name = "SCOPES")]
    pub(crate) scope: Option<String>,
    /// The API, by its audience; without it, the default.
    #[arg(long, value_name = "AUDIENCE")]
    pub(crate) audience: Option<String>,
    /// By which grant.
    #[arg(long, value_enum, default_value_t = Grant::AuthorizationCode)]
    pub(crate) grant: Grant,
    /// Prints it as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// A grant type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum Grant {
    /// A person allows it.
    AuthorizationCode,
    /// A client for itself.
    ClientCredentials,
    /// A link goes on.
    RefreshToken,
}

impl From<Grant> for GrantType {
    fn from(grant: Grant) -> Self {
        match grant {
            Grant::AuthorizationCode => Self::AuthorizationCode,
            Grant::ClientCredentials => Self::ClientCredentials,
            Grant::RefreshToken => Self::RefreshToken,
        }
    }
}
