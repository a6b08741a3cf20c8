//! What the voice cloud remembers of its one household: the device, a user id per skill, the linked accounts.
//!
//! One file, `household.json` in the data folder, readable by its owner only. Amazon keeps the tokens of a link; so does
//! this file, because a link must outlive a restart.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use sayso_token::entropy::SharedEntropy;
use sayso_token::secret::Secret;
use sayso_token::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::keep::write_private;
use crate::settings::OpenError;

/// A linked account.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Link {
    pub(crate) access_token: Secret,
    #[serde(default)]
    pub(crate) refresh_token: Option<Secret>,
    /// When the access token ends; unknown when neither the answer nor the settings say.
    #[serde(default)]
    pub(crate) expires_at: Option<Timestamp>,
    #[serde(default)]
    pub(crate) scope: Option<String>,
    pub(crate) linked_at: Timestamp,
    #[serde(default)]
    pub(crate) refreshed_at: Option<Timestamp>,
}

/// What is remembered of one skill.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Membership {
    pub(crate) user_id: String,
    #[serde(default)]
    pub(crate) link: Option<Link>,
    /// Why the last link was lost, in words.
    #[serde(default)]
    pub(crate) lost: Option<String>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Remembered {
    device_id: String,
    #[serde(default)]
    skills: BTreeMap<String, Membership>,
}

/// The household's memory.
pub(crate) struct Household {
    file: PathBuf,
    entropy: SharedEntropy,
    remembered: Mutex<Remembered>,
}

impl Household {
    /// Loads the memory from `folder`, or begins one.
    pub(crate) fn open(folder: &Path, entropy: SharedEntropy) -> Result<Self, OpenError> {
        let file = folder.join("household.json");
        let remembered = match std::fs::read(&file) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| OpenError::Setting {
                what: format!("{} cannot be read: {error}", file.display()),
                fix: "delete the file; accounts have to be linked again".into(),
            })?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                Remembered { device_id: id(&entropy, "amzn1.ask.device.", 104), ..Remembered::default() }
            }
            Err(error) => return Err(OpenError::Unreadable { file, error }),
        };
        let household = Self { file, entropy, remembered: Mutex::new(remembered) };
        household
            .store(&household.lock())
            .map_err(|error| OpenError::Unreadable { file: household.file.clone(), error })?;
        Ok(household)
    }

    fn lock(&self) -> MutexGuard<'_, Remembered> {
        self.remembered.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn store(&self, remembered: &Remembered) -> std::io::Result<()> {
        write_private(&self.file, &serde_json::to_vec_pretty(remembered)?)
    }

    /// The device's id.
    pub(crate) fn device_id(&self) -> String {
        self.lock().device_id.clone()
    }

    /// What is remembered of a skill; its user id is made on first use.
    pub(crate) fn membership(&self, skill: &str) -> Membership {
        let mut remembered = self.lock();
        if let Some(known) = remembered.skills.get(skill) {
            return known.clone();
        }
        let fresh = Membership { user_id: self.new_user_id(), ..Membership::default() };
        remembered.skills.insert(skill.to_owned(), fresh.clone());
        self.keep(&remembered);
        fresh
    }

    /// Remembers a new link or a refreshed one.
    pub(crate) fn link(&self, skill: &str, link: Link) {
        self.change(skill, |membership| {
            membership.link = Some(link);
            membership.lost = None;
        });
    }

    /// Forgets the link because it is of no use any more; the skill stays enabled.
    pub(crate) fn lose(&self, skill: &str, why: &str) {
        self.change(skill, |membership| {
            membership.link = None;
            membership.lost = Some(why.to_owned());
        });
    }

    /// Disables the skill: tokens are dropped, and the user gets another id, as on Amazon's side.
    pub(crate) fn disable(&self, skill: &str) -> Membership {
        let before = self.membership(skill);
        let user_id = self.new_user_id();
        self.change(skill, |membership| *membership = Membership { user_id, ..Membership::default() });
        before
    }

    fn change(&self, skill: &str, change: impl FnOnce(&mut Membership)) {
        let fresh = self.membership(skill);
        let mut remembered = self.lock();
        change(remembered.skills.entry(skill.to_owned()).or_insert(fresh));
        self.keep(&remembered);
    }

    /// A full disk must not end a conversation: the memory stays, the file is behind.
    fn keep(&self, remembered: &Remembered) {
        if let Err(error) = self.store(remembered) {
            tracing::error!(file = %self.file.display(), %error, "the household's memory cannot be written");
        }
    }

    fn new_user_id(&self) -> String {
        id(&self.entropy, "amzn1.ask.account.", 200)
    }
}

/// An id in Amazon's manner: capital letters and digits.
pub(crate) fn id(entropy: &SharedEntropy, prefix: &str, length: usize) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut bytes = vec![0; length];
    entropy.fill(&mut bytes);
    let letters = bytes.iter().filter_map(|byte| LETTERS.get(usize::from(byte & 31)).copied().map(char::from));
    std::iter::once(prefix.to_owned()).chain(letters.map(String::from)).collect()
}

/// An id in Amazon's manner: a UUID.
pub(crate) fn uuid_id(entropy: &SharedEntropy, prefix: &str) -> String {
    let mut bytes = [0; 32];
    entropy.fill(&mut bytes);
    format!("{prefix}{}", crate::settings::uuid(&bytes))
}
