//! A simulator for somebody's own skill package: for its console, and for tests of its dialogs.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use sayso_simulator::{Settings, Simulator, SkillSetup};
use sayso_token::secret::Secret;
use sayso_web::listen::{Listener, Rules, bind};

use crate::{outside, private};

/// The developer whose redirect URIs a package's own simulator has.
const VENDOR: &str = "M2SAYSOLOCAL0";

/// Where a skill package is, and how its skill is reached.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Stage {
    /// How the skill is reached, instead of the manifest's endpoint: https://…, http://127.0.0.1:3000,
    /// lambda+http://127.0.0.1:9000 (a function run on this machine), or "command:node handler.js" (the event on its
    /// standard input, the answer on its standard output).
    #[arg(long, value_name = "WHERE")]
    pub(crate) endpoint: Option<String>,
    /// The folder for signing keys and links; without it one that is thrown away.
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// The vendor id, the last part of every redirect URI.
    #[arg(long, value_name = "ID", default_value = VENDOR)]
    pub(crate) vendor: String,
    /// A file with the client's secret in it and nothing else, for a package whose accountLinking.json has none.
    #[arg(long, value_name = "FILE")]
    pub(crate) client_secret_file: Option<PathBuf>,
    /// Where tokens are revoked when the account is unlinked (RFC 7009).
    #[arg(long, value_name = "URL")]
    pub(crate) revocation_url: Option<String>,
    /// Names the certificate chain by Amazon's own address, for skills that accept no other. What fetches it has to be
    /// led to the simulator; docs/simulator.md tells how.
    #[arg(long)]
    pub(crate) amazon_chain_url: bool,
}

/// A simulator with its port.
pub(crate) struct Staged {
    pub(crate) simulator: Simulator,
    pub(crate) slug: String,
    listener: Listener,
    /// Dropped with it, when nobody asked to keep it.
    _folder: Option<Folder>,
}

/// A folder that goes when it is dropped.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

impl Stage {
    /// Opens the simulator on a port of this machine; 0 is any that is free.
    pub(crate) async fn open(&self, package: &Path, port: u16) -> anyhow::Result<Staged> {
        let listener = bind(SocketAddr::from(([127, 0, 0, 1], port))).await?;
        let ambience = outside::ambience();
        let (data_dir, folder) = match &self.data {
            Some(folder) => (folder.clone(), None),
            None => {
                let name = format!("sayso-{}", ambience.entropy.token());
                let folder = std::env::temp_dir().join(name);
                private::folder(&folder).with_context(|| folder.display().to_string())?;
                (folder.clone(), Some(Folder(folder)))
            }
        };
        let slug = slug(package);
        let skill = SkillSetup {
            slug: slug.clone(),
            package: package.to_owned(),
            endpoint: self.endpoint.clone(),
            revocation_url: self.revocation_url.clone(),
            skill_id: None,
            client_secret: self.client_secret()?,
            amazon_chain_url: self.amazon_chain_url,
        };
        let settings = Settings {
            data_dir,
            public_url: format!("http://{}", listener.address()),
            vendor_id: self.vendor.clone(),
            skills: vec![skill],
            clock: ambience.clock,
            entropy: ambience.entropy,
        };
        Ok(Staged { simulator: Simulator::open(settings).await?, slug, listener, _folder: folder })
    }

    fn client_secret(&self) -> anyhow::Result<Option<Secret>> {
        let Some(file) = &self.client_secret_file else { return Ok(None) };
        let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
        anyhow::ensure!(!text.trim().is_empty(), "{} is empty; write the client's secret into it", file.display());
        Ok(Some(Secret::new(text.trim())))
    }
}

impl Staged {
    /// Serves the console until `until` resolves.
    pub(crate) async fn serve(self, until: impl Future<Output = ()> + Send + 'static) {
        let Self { simulator, listener, _folder, .. } = self;
        let router = simulator.router();
        let ended = async move {
            until.await;
            // Open pages hold a stream each, which would not end by itself.
            simulator.close_streams();
        };
        listener.serve(router, Rules::default(), ended).await;
    }
}

/// The folder's name, as it can stand in an address.
pub(crate) fn slug(package: &Path) -> String {
    let name = package.canonicalize().unwrap_or_else(|_| package.to_owned());
    let name = name.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    let name: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let name = name.trim_matches('-');
    if name.is_empty() { "skill".to_owned() } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_can_stand_in_an_address() {
        for (folder, expected) in
            [("/no/My Skill_2", "my-skill-2"), ("/no/çà", "skill"), ("/", "skill"), ("/no/_x_", "x")]
        {
            assert_eq!(slug(Path::new(folder)), expected, "{folder}");
        }
    }
}
