//! A skill that runs here, with the client by which its accounts are linked.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use sayso_authority::record::authority::Authority;
use sayso_token::secret::Secret;
use serde::Deserialize;

/// What simulator, skill and scripts have to know of one another.
pub(super) struct LinkedSkill {
    /// Its name in addresses.
    pub(super) slug: String,
    /// The folder that holds its `skill-package`.
    pub(super) package: PathBuf,
    /// Its own address.
    pub(super) url: String,
    /// The issuer that its accounts are at.
    pub(super) issuer: String,
    /// Where tokens are revoked (RFC 7009).
    pub(super) revocation_url: String,
    /// The client's id.
    pub(super) client_id: String,
    /// The client's secret.
    pub(super) client_secret: Secret,
    /// Where codes may be sent.
    pub(super) redirect_uris: Vec<String>,
    /// What the client may be granted.
    pub(super) scopes: Vec<String>,
}

impl LinkedSkill {
    /// The skill of this name in this folder, linked by a client of the authority. `None` when it has no such client, or one with another
    /// secret.
    pub(super) fn at(
        authority: &Authority,
        (client_id, client_secret): (String, Secret),
        (slug, package, url): (&str, PathBuf, String),
    ) -> Option<Self> {
        let client = authority.client(&client_id).filter(|client| client.knows(&client_secret))?;
        Some(Self {
            slug: slug.to_owned(),
            package,
            url,
            issuer: authority.issuer.clone(),
            revocation_url: format!("{}{}", authority.issuer, authority.layout.endpoints().revocation),
            redirect_uris: client.redirect_uris.clone(),
            scopes: client.scopes.clone(),
            client_id,
            client_secret,
        })
    }
}

/// What `accountLinking.json` says of the client.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LinkingFile {
    /// Its id.
    pub(super) client_id: String,
    /// Its secret, which a file in version control has not.
    pub(super) client_secret: Option<Secret>,
    /// The authority's login page.
    pub(super) authorization_url: String,
}

impl LinkingFile {
    /// Reads the file.
    pub(super) fn read(file: &Path) -> anyhow::Result<Self> {
        #[derive(Deserialize)]
        struct File {
            #[serde(rename = "accountLinkingRequest")]
            request: LinkingFile,
        }
        let text = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        let read: File = serde_json::from_slice(&text)
            .with_context(|| format!("{}: no account linking as `sayso` writes it", file.display()))?;
        Ok(read.request)
    }
}
