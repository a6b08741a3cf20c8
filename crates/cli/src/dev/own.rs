//! A skill of one's own, in the folder that `sayso new` wrote: `sayso.toml`, `skill-package/` and a program.

use std::path::{Component, Path, PathBuf};

use anyhow::Context as _;
use sayso_token::entropy::SharedEntropy;
use sayso_token::secret::Secret;
use serde_json::Value;

use super::folder::{Folder, password};
use super::linked_skill::{LinkedSkill, LinkingFile};
use super::ports::Ports;
use super::program::Program;
use super::{DATA, Running, packages};
use crate::args;
use crate::config::{self, Config, FileOf};
use crate::private;

const CONFIG: &str = "sayso.toml";
const PACKAGE: &str = "skill-package";

/// The folder.
pub(super) struct Project(PathBuf);

impl Project {
    /// The skill that is to run: the one that was named, or the one in whose folder this runs. `None` where it is the demo.
    pub(super) fn meant(args: &args::Dev) -> anyhow::Result<Option<Self>> {
        let Some(folder) = &args.skill else {
            let here = Self(std::env::current_dir().context("this folder is not there any more")?);
            return Ok(Some(here).filter(|here| args.data.is_none() && here.missing().is_none()));
        };
        let project = Self(folder.clone());
        match project.missing() {
            None => Ok(Some(project)),
            Some(missing) => anyhow::bail!(
                "{} is no folder as `sayso new` writes it: {missing} is missing. For a skill in another language or layout there is \
                 `sayso skill console`",
                folder.display()
            ),
        }
    }

    /// What makes it no skill's folder.
    fn missing(&self) -> Option<&'static str> {
        let there = |name: &str| self.0.join(name).exists();
        [CONFIG, PACKAGE, "Cargo.toml"].into_iter().find(|name| !there(name))
    }

    /// Where everything is kept that is not the person's own work.
    pub(super) fn data(&self) -> PathBuf {
        self.0.join(DATA)
    }

    /// The configuration file.
    pub(super) fn config_file(&self) -> PathBuf {
        self.0.join(CONFIG)
    }

    fn linking_file(&self) -> PathBuf {
        self.0.join(PACKAGE).join(packages::LINKING)
    }

    /// The configuration and its ports: those of the file, or others, to which its addresses are changed. Secrets that are kept below
    /// `.sayso/dev` are made when they are missing.
    pub(super) fn config(&self, port: Option<u16>, entropy: &SharedEntropy) -> anyhow::Result<(Config, Ports)> {
        let file = self.config_file();
        let is_ours =
            |path: &Path| path.starts_with(self.data()) && !path.components().any(|part| part == Component::ParentDir);
        for kept in config::files_with_secrets(&file)?.into_iter().filter(|kept| is_ours(&kept.path)) {
            let made = match kept.of {
                FileOf::Client(_) => entropy.token(),
                FileOf::User => password(entropy),
            };
            if !kept.path.exists() {
                private::folder(kept.path.parent().unwrap_or(&self.0))
                    .and_then(|()| private::write(&kept.path, format!("{made}\n").as_bytes()))
                    .with_context(|| format!("cannot write {}", kept.path.display()))?;
            }
        }
        let config = config::load(&file)?;
        let listen = config.server.listen;
        anyhow::ensure!(
            listen.ip().is_loopback() && listen.is_ipv4() && listen.port() <= 65_533,
            "{} listens on {listen}, but `sayso dev` takes three ports of this machine: write 127.0.0.1 and a port up to 65533",
            file.display()
        );
        let (there, wanted) = (Ports::from(listen.port()), Ports::from(port.unwrap_or(listen.port())));
        if there == wanted {
            return Ok((config, wanted));
        }
        for changed in [self.linking_file(), file.clone()] {
            let moved = std::fs::read_to_string(&changed).map(|text| wanted.moved(&text, there));
            moved
                .and_then(|text| std::fs::write(&changed, text))
                .with_context(|| format!("cannot change the ports in {}", changed.display()))?;
        }
        tracing::info!(
            from = listen.port(),
            "the addresses in sayso.toml and accountLinking.json were moved to other ports"
        );
        Ok((config::load_quietly(&file)?, wanted))
    }

    /// The skill, and the client by which its accounts are linked.
    pub(super) fn skill(&self, config: &Config, ports: Ports) -> anyhow::Result<LinkedSkill> {
        let (file, shown) = (self.linking_file(), self.config_file());
        let linking = LinkingFile::read(&file)?;
        let LinkingFile { client_id, client_secret, authorization_url } = linking;
        let lies_here = |issuer: &str| authorization_url.starts_with(&format!("{}/", issuer.trim_end_matches('/')));
        let authority = config
            .authorities
            .iter()
            .filter(|one| lies_here(&one.issuer) && one.client(&client_id).is_some())
            .max_by_key(|one| one.issuer.len())
            .with_context(|| {
                format!(
                    "{} links accounts at {authorization_url} with the client {client_id:?}, which no authority in {} has; make the two agree",
                    file.display(),
                    shown.display()
                )
            })?;
        let secret = client_secret.or_else(|| self.secret_of(&client_id)).with_context(|| {
            format!(
                "the secret of the client {client_id:?} is not known; write it as secret_file in {}",
                shown.display()
            )
        })?;
        let own = (self.name()?, self.0.clone(), format!("{}/", ports.skills()));
        LinkedSkill::at(authority, (client_id, secret), (&own.0, own.1, own.2)).with_context(|| {
            format!(
                "{} has another secret for the client than {}; take it out of the former",
                file.display(),
                shown.display()
            )
        })
    }

    /// The secret that `sayso.toml` keeps in a file of its own; the first line, where one is being replaced.
    fn secret_of(&self, client_id: &str) -> Option<Secret> {
        let kept = config::files_with_secrets(&self.config_file()).ok()?;
        let kept = kept.into_iter().find(|kept| matches!(&kept.of, FileOf::Client(id) if id == client_id))?;
        Some(Secret::new(std::fs::read_to_string(kept.path).ok()?.lines().next()?.trim()))
    }

    /// The folder's name.
    fn name(&self) -> anyhow::Result<String> {
        let path = self.0.canonicalize().with_context(|| self.0.display().to_string())?;
        Ok(crate::stage::slug(&path))
    }

    /// The first sentence to try: the manifest's first example phrase.
    pub(super) fn first_sentence(&self) -> String {
        let manifest = std::fs::read(self.0.join(PACKAGE).join("skill.json")).unwrap_or_default();
        let manifest: Value = serde_json::from_slice(&manifest).unwrap_or_default();
        let locales = manifest.pointer("/manifest/publishingInformation/locales").and_then(Value::as_object);
        let phrase = locales.and_then(|locales| locales.values().next()?.pointer("/examplePhrases/0")?.as_str());
        phrase.unwrap_or("help").to_owned()
    }

    /// The skill's program, with the environment that it needs beside this simulator.
    pub(super) fn program(&self, running: &Running, folder: &Folder) -> anyhow::Result<Program> {
        let root = folder.join("simulator/trust/root.pem");
        let root = root.canonicalize().with_context(|| root.display().to_string())?;
        let skill = running.ready.skills.first().context("there is no skill")?;
        let skill_id = running.simulator.skill_id(&skill.slug).context("the skill is not installed")?;
        let listen = skill.url.trim_start_matches("http://").trim_end_matches('/').to_owned();
        Ok(Program::new(
            &self.0,
            listen.clone(),
            vec![
                ("SKILL_ID", skill_id.into()),
                ("ISSUER", skill.issuer.clone().into()),
                ("LISTEN", listen.into()),
                ("DANGEROUS_LOCAL_ROOT", root.into_os_string()),
                ("DANGEROUS_LOCAL_CHAIN_URL", running.simulator.chain_url_prefix().into()),
            ],
        ))
    }
}
