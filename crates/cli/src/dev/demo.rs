//! What the demo consists of, read from its folder.

use anyhow::Context as _;
use sayso_token::secret::Secret;

use super::folder::Folder;
use super::linked_skill::{LinkedSkill, LinkingFile};
use super::packages::{self, BuiltIn};
use super::ports::Ports;
use crate::config::Config;

/// The first sentence to try.
pub(super) const FIRST: &str = "alexa, ask sample quiz game what is my favorite color";

/// The skills of the demo, in the order in which a newcomer meets them.
pub(super) fn skills(folder: &Folder, config: &Config, ports: Ports) -> anyhow::Result<Vec<LinkedSkill>> {
    packages::ALL.iter().map(|built_in| skill(built_in, folder, config, ports)).collect()
}

fn skill(built_in: &BuiltIn, folder: &Folder, config: &Config, ports: Ports) -> anyhow::Result<LinkedSkill> {
    let (file, slug) = (folder.linking_file(built_in.slug), built_in.slug);
    let again = format!("take {} away, and the demo is written anew", folder.config_file().display());
    let linking = LinkingFile::read(&file).context(again.clone())?;
    let authority =
        config.authorities.iter().find(|authority| authority.id == built_in.authority).with_context(|| {
            format!(
                "the skill {slug} needs the authority {:?} in {}; {again}",
                built_in.authority,
                folder.config_file().display()
            )
        })?;
    let client = (linking.client_id, linking.client_secret.unwrap_or_else(|| Secret::new("")));
    LinkedSkill::at(authority, client, (slug, folder.skill(slug), ports.skill(slug))).with_context(|| {
        format!(
            "{} has another client id or secret than {}; write the same in both, or {again}",
            file.display(),
            folder.config_file().display()
        )
    })
}
