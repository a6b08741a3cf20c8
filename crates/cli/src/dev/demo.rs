//! What the demo consists of, read from its folder.

use anyhow::Context as _;
use sayso_authority::record::authority::Authority;
use sayso_token::secret::Secret;
use serde::Deserialize;

use super::folder::Folder;
use super::packages::{self, BuiltIn};
use super::ports::Ports;
use crate::config::Config;

/// A skill of the demo, with the client by which its accounts are linked.
pub(super) struct DemoSkill {
    /// What is built in.
    pub(super) built_in: &'static BuiltIn,
    /// Its own address.
    pub(super) url: String,
    /// The issuer that its accounts are at.
    pub(super) issuer: String,
    /// The client's id.
    pub(super) client_id: String,
    /// The client's secret.
    pub(super) client_secret: Secret,
    /// Where codes may be sent.
    pub(super) redirect_uris: Vec<String>,
    /// What the client may be granted.
    pub(super) scopes: Vec<String>,
}

#[derive(Deserialize)]
struct LinkingFile {
    #[serde(rename = "accountLinkingRequest")]
    request: Linking,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Linking {
    client_id: String,
    client_secret: Secret,
}

/// The skills of the demo, in the order in which a newcomer meets them.
pub(super) fn skills(folder: &Folder, config: &Config, ports: Ports) -> anyhow::Result<Vec<DemoSkill>> {
    packages::ALL.iter().map(|built_in| skill(built_in, folder, config, ports)).collect()
}

fn skill(built_in: &'static BuiltIn, folder: &Folder, config: &Config, ports: Ports) -> anyhow::Result<DemoSkill> {
    let file = folder.linking_file(built_in.slug);
    let again = format!("take {} away, and the demo is written anew", folder.config_file().display());
    let text = std::fs::read(&file).with_context(|| format!("cannot read {}; {again}", file.display()))?;
    let linking: LinkingFile = serde_json::from_slice(&text)
        .with_context(|| format!("{}: no account linking as `sayso dev` writes it; {again}", file.display()))?;
    let Linking { client_id, client_secret } = linking.request;
    let authority = authority(config, built_in.authority).with_context(|| {
        format!(
            "the skill {} needs the authority {:?} in {}; {again}",
            built_in.slug,
            built_in.authority,
            folder.config_file().display()
        )
    })?;
    let client = authority.client(&client_id).filter(|client| client.knows(&client_secret)).with_context(|| {
        format!(
            "{} has another client id or secret than {}; write the same in both, or {again}",
            file.display(),
            folder.config_file().display()
        )
    })?;
    Ok(DemoSkill {
        built_in,
        url: ports.skill(built_in.slug),
        issuer: authority.issuer.clone(),
        client_id,
        client_secret,
        redirect_uris: client.redirect_uris.clone(),
        scopes: client.scopes.clone(),
    })
}

fn authority<'a>(config: &'a Config, id: &str) -> Option<&'a Authority> {
    config.authorities.iter().find(|authority| authority.id == id)
}
