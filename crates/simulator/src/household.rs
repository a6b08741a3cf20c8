//! What the voice cloud remembers of its one household: the device, a user id per skill, the linked accounts.
//!
//! One file, `household.json` in the data folder, readable by its owner only. Amazon keeps the tokens of a link; so does
//! this file, because a link must outlive a restart.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use sayso_token::entropy::SharedEntropy;
use sayso_token::secret::Secret;
use sayso_token::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::home::Home;
use crate::keep::write_private;
use crate::linking::linked_with::LinkedWith;
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
    /// What an account was linked with last; kept when the link is lost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) linked_with: Option<LinkedWith>,
    /// Whether the skill was told that it is enabled.
    #[serde(default)]
    pub(crate) is_enabled: bool,
    /// The recognised persons, by the name they are called in this household.
    #[serde(default)]
    pub(crate) persons: BTreeMap<String, Person>,
    /// Permissions that were asked for: granted or denied.
    #[serde(default)]
    pub(crate) permissions: BTreeMap<String, bool>,
    /// How Alexa behaves towards this skill and its authorization server.
    #[serde(default)]
    pub(crate) habits: Habits,
}

/// A person whose voice is recognised, as one skill knows them.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Person {
    pub(crate) person_id: String,
    #[serde(default)]
    pub(crate) link: Option<Link>,
}

/// How Alexa behaves where Amazon says little.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Habits {
    /// Seconds before the end of an access token at which it is refreshed; negative for after.
    #[serde(default)]
    pub(crate) refresh_early_seconds: i32,
    /// Whether every refresh is asked for twice at the same time.
    #[serde(default)]
    pub(crate) refreshes_twice: bool,
    /// How often a refresh is tried again after trouble (no answer, 5xx).
    #[serde(default)]
    pub(crate) retries: u8,
    /// How late skill events come, in seconds; at most an hour.
    #[serde(default)]
    pub(crate) events_late_seconds: u32,
}

/// Most tries again after trouble.
const MOST_RETRIES: u8 = 5;
/// Events come an hour late at most.
const LATEST_EVENT_SECONDS: u32 = 3_600;

impl Habits {
    /// What is out of bounds, if anything.
    pub(crate) fn wrong(&self) -> Option<&'static str> {
        if self.retries > MOST_RETRIES {
            return Some("retries is at most 5.");
        }
        (self.events_late_seconds > LATEST_EVENT_SECONDS).then_some("events_late_seconds is at most 3600.")
    }
}

impl Membership {
    /// The link of a person, or of the household.
    pub(crate) fn link_of(&self, person: Option<&str>) -> Option<&Link> {
        match person {
            Some(name) => self.persons.get(name)?.link.as_ref(),
            None => self.link.as_ref(),
        }
    }

    fn person_mut(&mut self, name: &str, person_id: String) -> &mut Person {
        self.persons.entry(name.to_owned()).or_insert(Person { person_id, link: None })
    }

    /// All links there are.
    pub(crate) fn links(&self) -> impl Iterator<Item = &Link> {
        self.link.iter().chain(self.persons.values().filter_map(|person| person.link.as_ref()))
    }
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Remembered {
    device_id: String,
    #[serde(default)]
    home: Home,
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

    /// What the household has told of itself.
    pub(crate) fn home(&self) -> Home {
        self.lock().home.clone()
    }

    /// Remembers what the household tells of itself.
    pub(crate) fn set_home(&self, home: Home) {
        let mut remembered = self.lock();
        remembered.home = home;
        self.keep(&remembered);
    }

    /// The names of all persons that are known: to a skill, or by a profile.
    pub(crate) fn persons(&self) -> BTreeSet<String> {
        let remembered = self.lock();
        let of_skills = remembered.skills.values().flat_map(|membership| membership.persons.keys());
        of_skills.chain(remembered.home.persons.keys()).cloned().collect()
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

    /// Remembers a new link or a refreshed one, of a person or of the household.
    pub(crate) fn link(&self, skill: &str, person: Option<&str>, link: Link) {
        let fresh = self.new_person_id();
        self.change(skill, |membership| {
            membership.lost = None;
            match person {
                None => membership.link = Some(link),
                Some(name) => membership.person_mut(name, fresh).link = Some(link),
            }
        });
    }

    /// Remembers what an account has just been linked with.
    pub(crate) fn linked_with(&self, skill: &str, with: LinkedWith) {
        self.change(skill, |membership| membership.linked_with = Some(with));
    }

    /// Forgets a link because it is of no use any more; the skill stays enabled.
    pub(crate) fn lose(&self, skill: &str, person: Option<&str>, why: &str) {
        self.change(skill, |membership| {
            membership.lost = Some(why.to_owned());
            match person {
                None => membership.link = None,
                Some(name) => {
                    if let Some(person) = membership.persons.get_mut(name) {
                        person.link = None;
                    }
                }
            }
        });
    }

    /// The person of this name as the skill knows them; a new one gets an id.
    pub(crate) fn person(&self, skill: &str, name: &str) -> Person {
        let fresh = self.new_person_id();
        self.change(skill, |membership| _ = membership.person_mut(name, fresh));
        self.membership(skill).persons.get(name).cloned().unwrap_or_default()
    }

    /// Remembers what was granted or denied.
    pub(crate) fn permit(&self, skill: &str, permissions: BTreeMap<String, bool>) {
        self.change(skill, |membership| membership.permissions.extend(permissions));
    }

    /// Remembers that the skill was told that it is enabled.
    pub(crate) fn enabled(&self, skill: &str) {
        self.change(skill, |membership| membership.is_enabled = true);
    }

    /// Changes how Alexa behaves towards a skill.
    pub(crate) fn set_habits(&self, skill: &str, habits: Habits) {
        self.change(skill, |membership| membership.habits = habits);
    }

    fn new_person_id(&self) -> String {
        id(&self.entropy, "amzn1.ask.person.", 200)
    }

    /// Disables the skill: tokens are dropped, and the user gets another id, as on Amazon's side.
    pub(crate) fn disable(&self, skill: &str) -> Membership {
        let before = self.membership(skill);
        let user_id = self.new_user_id();
        let habits = before.habits;
        self.change(skill, |membership| *membership = Membership { user_id, habits, ..Membership::default() });
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
