//! The folder of the demo: what is in it, written once and read ever after.
//!
//! `sayso.toml`, `master.key`, `sayso.db`, `skills/<name>/skill-package/`, `simulator/`, `tls/`.

use std::fs::{self, File, TryLockError};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use sayso_token::entropy::SharedEntropy;

use super::packages::{self, BuiltIn};
use super::ports::{BUILT_IN, Ports};
use crate::config::{self, Config};
use crate::private;

const CONFIG: &str = "sayso.toml";
const DEMO: &str = include_str!("demo.toml");

/// The folder, held by this process alone.
pub(super) struct Folder {
    path: PathBuf,
    _held: File,
}

impl Folder {
    /// Makes the folder if it is missing, and takes hold of it.
    pub(super) fn open(path: &Path) -> anyhow::Result<Self> {
        let shown = path.display();
        private::folder(path).with_context(|| format!("cannot make the folder {shown}; choose another with --data"))?;
        let file = path.join("in-use");
        let held = File::options().create(true).truncate(false).write(true).mode(0o600).open(&file);
        let held = held.with_context(|| format!("cannot write in the folder {shown}; choose another with --data"))?;
        match held.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), _held: held }),
            Err(TryLockError::WouldBlock) => anyhow::bail!(
                "another `sayso dev` works in the folder {shown}; stop that one, or choose another folder with --data"
            ),
            Err(TryLockError::Error(error)) => Err(error).with_context(|| format!("cannot hold {}", file.display())),
        }
    }

    /// A file or folder in it.
    pub(super) fn join(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// The configuration file.
    pub(super) fn config_file(&self) -> PathBuf {
        self.join(CONFIG)
    }

    /// The folder of a skill.
    pub(super) fn skill(&self, slug: &str) -> PathBuf {
        self.join("skills").join(slug)
    }

    /// The file that says how a skill's accounts are linked.
    pub(super) fn linking_file(&self, slug: &str) -> PathBuf {
        self.skill(slug).join("skill-package").join(packages::LINKING)
    }

    /// The configuration, on these ports. What is missing is written; what is there is only changed when it is on other
    /// ports, and then nothing but the ports.
    pub(super) fn config(&self, ports: Ports, entropy: &SharedEntropy) -> anyhow::Result<Config> {
        if !self.config_file().exists() {
            self.write_demo(ports, entropy)
                .with_context(|| format!("cannot write the demo in {}", self.path.display()))?;
        }
        let config = config::load_quietly(&self.config_file())?;
        let listen = config.server.listen;
        anyhow::ensure!(
            listen.ip().is_loopback() && listen.is_ipv4(),
            "{} listens on {listen}, but `sayso dev` is for this machine alone; use `sayso serve --config`",
            self.config_file().display()
        );
        let there = Ports::from(listen.port());
        if there == ports {
            return Ok(config);
        }
        self.move_ports(there, ports).with_context(|| format!("cannot change the ports in {}", self.path.display()))?;
        tracing::info!(from = listen.port(), "the demo has moved to other ports");
        config::load_quietly(&self.config_file())
    }

    /// Writes the whole demo, the configuration last: while it is missing, nothing counts as written.
    fn write_demo(&self, ports: Ports, entropy: &SharedEntropy) -> std::io::Result<()> {
        let mut demo = DEMO.to_owned();
        for skill in packages::ALL {
            let secret = entropy.token();
            demo = demo.replace(skill.secret_mark, &secret);
            self.write_package(skill, ports, &secret)?;
        }
        for mark in ["%ADA%", "%GRACE%"] {
            demo = demo.replace(mark, &password(entropy));
        }
        private::write(&self.config_file(), ports.moved(&demo, BUILT_IN).as_bytes())
    }

    fn write_package(&self, skill: &BuiltIn, ports: Ports, secret: &str) -> std::io::Result<()> {
        for (name, content) in skill.files {
            let file = self.skill(skill.slug).join("skill-package").join(name);
            if let Some(parent) = file.parent() {
                private::folder(parent)?;
            }
            let content = ports.moved(content, BUILT_IN).replace(packages::LINKING_SECRET_MARK, secret);
            private::write(&file, content.as_bytes())?;
        }
        Ok(())
    }

    fn move_ports(&self, from: Ports, to: Ports) -> std::io::Result<()> {
        let linking = packages::ALL.map(|skill| self.linking_file(skill.slug));
        // The configuration last: it tells on which ports the demo is.
        for file in linking.iter().chain([&self.config_file()]).filter(|file| file.exists()) {
            let text = fs::read_to_string(file)?;
            private::write(file, to.moved(&text, from).as_bytes())?;
        }
        Ok(())
    }
}

/// A password that can be read from a screen and typed: 60 bits.
pub(super) fn password(entropy: &SharedEntropy) -> String {
    // 32 signs, none of which looks like another.
    const SIGNS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz023456789";
    let mut bytes = [0; 12];
    entropy.fill(&mut bytes);
    let sign = |byte: &u8| SIGNS.get(usize::from(byte % 32)).copied().map_or('x', char::from);
    bytes.chunks(4).map(|group| group.iter().map(sign).collect::<String>()).collect::<Vec<_>>().join("-")
}
