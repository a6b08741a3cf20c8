//! The configuration file: what an installation is, in TOML.
//!
//! [`read`] answers with everything the file says, checked, or with all that is wrong in it. The file is the only way
//! to describe an authority; what people do (accounts, links) is in the database.

mod acme;
mod addresses;
mod admin;
mod api;
mod assertion;
mod attribute;
mod authority;
mod authorization_rule;
mod claim;
mod client;
mod connection;
mod finding;
mod group;
mod names;
mod parse;
mod peers;
mod people;
mod policy;
mod preset;
mod registration;
mod secret;
mod secret_files;
mod server;
mod shape;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use sayso_authority::record::api::Api;
use sayso_authority::record::attribute::Attribute;
use sayso_authority::record::authority::Authority;
use sayso_authority::record::configuration::Configuration;

pub(crate) use acme::Acme;
pub(crate) use admin::Admin;
use finding::Findings;
pub(crate) use finding::{Finding, Severity};
pub(crate) use group::SeedGroup;
pub(crate) use peers::Tls;
pub(crate) use people::SeedUser;
pub(crate) use secret::{read_by_others, read_secret};
pub(crate) use secret_files::{FileOf, files_with_secrets};
pub(crate) use server::Server;

/// Scopes about the person rather than an API (OpenID Connect Core section 5.4); any client may be registered for
/// them.
const IDENTITY_SCOPES: [&str; 6] = ["openid", "profile", "email", "address", "phone", "offline_access"];
/// No configuration is larger; whatever is, was given by mistake.
const LARGEST_FILE: u64 = 4 * 1024 * 1024;

/// What a configuration file says.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    /// Where to listen, and where things are kept.
    pub(crate) server: Server,
    /// The admin API, where it is switched on.
    pub(crate) admin: Option<Admin>,
    /// The profile schema.
    pub(crate) attributes: Vec<Attribute>,
    /// Groups to make when they are missing.
    pub(crate) groups: Vec<SeedGroup>,
    /// Accounts to make when they are missing.
    pub(crate) users: Vec<SeedUser>,
    /// The authorities.
    pub(crate) authorities: Vec<Authority>,
}

/// A file that was read, with what its author should look at.
#[derive(Debug)]
pub(crate) struct Checked {
    /// What it says; `None` when an error is among the findings.
    pub(crate) config: Option<Config>,
    /// What was found, in the order of the file.
    pub(crate) findings: Vec<Finding>,
}

/// Reads and checks the file.
///
/// # Errors
/// Only when it cannot be read at all; what is wrong in it is among the findings.
pub(crate) fn read(path: &Path) -> std::io::Result<Checked> {
    let size = std::fs::metadata(path)?.len();
    if size > LARGEST_FILE {
        let text = format!("it has {size} bytes; a configuration has at most {LARGEST_FILE}");
        return Err(std::io::Error::new(std::io::ErrorKind::FileTooLarge, text));
    }
    let text = std::fs::read_to_string(path)?;
    let by_others = read_by_others(&std::fs::metadata(path)?);
    Ok(check(path, &text, by_others))
}

/// Like [`read`], with an error that names the file and what to do.
///
/// # Errors
/// Only when it cannot be read at all.
pub(crate) fn read_named(path: &Path) -> anyhow::Result<Checked> {
    read(path).map_err(|error| {
        let shown = path.display();
        anyhow::anyhow!("{shown}: {error}; give the path of a configuration file, see docs/configuration.md")
    })
}

/// The file's configuration; its warnings go to the log.
///
/// # Errors
/// All that is wrong in it, one finding a line.
pub(crate) fn load(path: &Path) -> anyhow::Result<Config> {
    let checked = read_named(path)?;
    for warning in checked.findings.iter().filter(|finding| finding.severity == Severity::Warning) {
        tracing::warn!("{warning}");
    }
    checked.usable()
}

/// The file's configuration, without its warnings: `sayso config check` tells them.
///
/// # Errors
/// As [`load`].
pub(crate) fn load_quietly(path: &Path) -> anyhow::Result<Config> {
    read_named(path)?.usable()
}

impl Checked {
    fn usable(self) -> anyhow::Result<Config> {
        let errors = self.findings.iter().filter(|finding| finding.severity == Severity::Error);
        let all: String = errors.map(|error| format!("\n  {error}")).collect();
        self.config.ok_or_else(|| anyhow::anyhow!("the configuration cannot be used:{all}"))
    }
}

/// Checks the text of the file at `path`; `by_others` is whether everyone on this machine may read it.
fn check(path: &Path, text: &str, by_others: bool) -> Checked {
    let mut findings = Findings::new(path, text);
    let config = parse::parse(text, &mut findings).map(|file| {
        if by_others {
            warn_of_open_secrets(&file, &mut findings);
        }
        let attributes = attribute::schema(&file.attributes, &mut findings);
        let groups = group::groups(&file.groups, &mut findings);
        let directory = authority::Directory { schema: &attributes, groups: &groups };
        let authorities = authority::authorities(&file.authorities, &directory, &mut findings);
        Config {
            server: server::server(&file, &mut findings),
            admin: file.admin.as_ref().and_then(|table| admin::admin(table, &authorities, &mut findings)),
            users: people::users(&file.users, &attributes, &groups, &mut findings),
            authorities,
            attributes,
            groups,
        }
    });
    Checked { config: config.filter(|_| !findings.failed()), findings: findings.into_found() }
}

/// Reads a configuration that was sent here, as the admin API takes it: only what is put in force. No file beside it is
/// looked at, for it is written by somebody who is elsewhere.
///
/// # Errors
/// All that is wrong in it, a finding each.
pub(crate) fn read_sent(text: &str) -> Result<Configuration, Vec<String>> {
    let mut findings = Findings::new(Path::new("sent"), text);
    let file = parse::parse(text, &mut findings).filter(|file| {
        of_the_node(text, file, &mut findings);
        !findings.failed()
    });
    let configuration = file.map(|file| {
        let attributes = attribute::schema(&file.attributes, &mut findings);
        let groups = group::groups(&file.groups, &mut findings);
        let directory = authority::Directory { schema: &attributes, groups: &groups };
        let authorities = authority::authorities(&file.authorities, &directory, &mut findings);
        Configuration { attributes, authorities }
    });
    let failed = findings.failed();
    let errors = findings.into_found().into_iter().filter(|finding| finding.severity == Severity::Error);
    let errors: Vec<String> = errors.map(|finding| finding.to_string()).collect();
    configuration.filter(|_| !failed).ok_or(errors)
}

/// Notes what is each node's own.
fn of_the_node(text: &str, file: &shape::File, findings: &mut Findings<'_>) {
    let table: toml::Table = toml::from_str(text).unwrap_or_default();
    for name in ["server", "admin", "user"].into_iter().filter(|name| table.contains_key(*name)) {
        let what = format!("{name} is each node's own and is not put in force");
        findings.error(0..0, name, what, "leave it out; it stands in the file of each node");
    }
    for named in file.authorities.iter().filter_map(|one| one.registration_token_file.as_ref()) {
        let fix = "write registration_token_digests, as `sayso export` does";
        findings.error(named.span(), "registration_token_file", "no file is read for what is sent", fix);
    }
    for client in file.authorities.iter().flat_map(|one| &one.clients) {
        for (key, named, fix) in [
            ("secret_file", &client.secret_file, "write secret_digests, as `sayso export` does"),
            ("jwks_file", &client.jwks_file, "write the keys themselves, as jwks"),
        ] {
            if let Some(named) = named {
                findings.error(named.span(), key, "no file is read for what is sent", fix);
            }
        }
    }
}

fn warn_of_open_secrets(file: &shape::File, findings: &mut Findings<'_>) {
    let passwords = file.users.iter().filter_map(|user| user.password.as_ref()).map(toml::Spanned::span);
    let clients = file.authorities.iter().flat_map(|authority| &authority.clients);
    let written = clients.flat_map(|client| [client.secret.as_ref(), client.old_secret.as_ref()]);
    let secrets = written.flatten().map(toml::Spanned::span);
    let database =
        file.server.database.iter().filter(|address| holds_password(address.get_ref())).map(toml::Spanned::span);
    if let Some(span) = passwords.chain(secrets).chain(database).min_by_key(|span| span.start) {
        let what = "a secret stands in a file that everyone on this machine can read";
        findings.warning(span, "", what, "chmod 600 the file");
    }
}

fn holds_password(database: &str) -> bool {
    url::Url::parse(database).is_ok_and(|url| url.password().is_some())
}

/// A path of the file, seen from the file's folder.
fn beside(file: &Path, written: &str) -> PathBuf {
    file.parent().unwrap_or(Path::new("")).join(written)
}

/// The scopes that a client, claim or rule of an authority may name.
struct KnownScopes<'a> {
    names: Vec<&'a str>,
}

impl<'a> KnownScopes<'a> {
    fn of(apis: &'a [Api]) -> Self {
        let of_apis = apis.iter().flat_map(|api| &api.scopes).map(|scope| scope.name.as_str());
        Self { names: of_apis.chain(IDENTITY_SCOPES).collect() }
    }

    fn check(&self, scope: &shape::Text, findings: &mut Findings<'_>) {
        if !self.names.contains(&scope.get_ref().as_str()) {
            let what = format!("no API of this authority has the scope {:?}", scope.get_ref());
            let fix = format!("take one of {}, or add it to an API", self.names.join(", "));
            findings.error(scope.span(), "scopes", what, fix);
        }
    }
}
