//! `sayso audit`

use std::path::PathBuf;

use sayso_token::time::Timestamp;

/// `sayso audit`
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    sayso audit --config sayso.toml --user ada\n  \
    sayso audit --config sayso.toml --kind refresh_reuse --since 2026-11-01T00:00:00Z\n  \
    sayso audit --config sayso.toml --json > audit.jsonl         everything, a line each")]
pub(crate) struct Audit {
    /// The configuration file, which names the database.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: PathBuf,
    /// Only what concerns this account: its username or id.
    #[arg(long, value_name = "NAME")]
    pub(crate) user: Option<String>,
    /// Only what concerns this client, or was done by it.
    #[arg(long, value_name = "ID")]
    pub(crate) client: Option<String>,
    /// Only what concerns this grant.
    #[arg(long, value_name = "ID")]
    pub(crate) grant: Option<String>,
    /// Only what happened at this authority.
    #[arg(long, value_name = "ID")]
    pub(crate) authority: Option<String>,
    /// Only this kind of event; docs/reasons.md lists them.
    #[arg(long, value_name = "KIND")]
    pub(crate) kind: Option<String>,
    /// Only refusals for this reason.
    #[arg(long, value_name = "CODE")]
    pub(crate) reason: Option<String>,
    /// Not before this time, such as 2026-11-25T12:00:00Z.
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(crate) since: Option<Timestamp>,
    /// Only before this time.
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(crate) until: Option<Timestamp>,
    /// At most so many, the newest first; 50 when left out, with --json all of them.
    #[arg(long, value_name = "N")]
    pub(crate) limit: Option<usize>,
    /// Prints JSON, an event a line.
    #[arg(long)]
    pub(crate) json: bool,
}

fn time(text: &str) -> Result<Timestamp, &'static str> {
    sayso_server::audit::parse_time(text).ok_or("write a time such as 2026-11-25T12:00:00Z")
}
