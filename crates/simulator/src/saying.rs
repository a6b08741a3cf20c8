//! What a person does in a turn, and on which device.

use std::collections::BTreeMap;

use crate::faults::Fault;

/// What is said, how, and to whom.
#[derive(Clone, Debug, Default)]
pub struct Saying {
    /// What is said.
    pub utterance: Utterance,
    /// The locale it is said in; `en-US` when absent.
    pub locale: Option<String>,
    /// Slug of the skill it is said to when it names none.
    pub skill: Option<String>,
    /// The device that hears it.
    pub device: Device,
    /// The person of the household whose voice is recognised.
    pub person: Option<String>,
    /// What is to go wrong.
    pub fault: Option<Fault>,
}

/// What is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Utterance {
    /// Words.
    Words(String),
    /// Nothing, for as long as the device waits.
    Silence,
    /// No words, but what they would come to: the person leaves, if a skill is listening.
    Exit,
    /// No words, but what they would come to: the launch of the skill.
    Launch,
    /// No words, but what they would come to: this intent with these slots, by name.
    Intent {
        /// Name of the intent.
        name: String,
        /// What its slots hold.
        slots: BTreeMap<String, String>,
    },
}

impl Default for Utterance {
    fn default() -> Self {
        Self::Words(String::new())
    }
}

impl Utterance {
    /// As it is shown.
    pub fn shown(&self) -> String {
        match self {
            Self::Words(words) => words.clone(),
            Self::Silence => "(silence)".into(),
            Self::Exit => "(exit)".into(),
            Self::Launch => "(launch)".into(),
            Self::Intent { name, slots } => {
                let slots = slots.iter().map(|(name, value)| format!(" {name}={value}"));
                format!("({name}{})", slots.collect::<String>())
            }
        }
    }
}

/// The device that hears.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Device {
    /// A loudspeaker with a microphone.
    #[default]
    Speaker,
    /// The same with a screen: it keeps a session without a word of the skill's on it while it shows something.
    Screen,
}

impl Device {
    /// The device of this name: `speaker` or `screen`.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "speaker" => Some(Self::Speaker),
            "screen" => Some(Self::Screen),
            _ => None,
        }
    }
}

impl Saying {
    /// Words in `en-US`.
    pub fn words(words: impl Into<String>) -> Self {
        Self { utterance: Utterance::Words(words.into()), ..Self::default() }
    }

    /// The locale it is said in.
    pub(crate) fn locale(&self) -> &str {
        self.locale.as_deref().unwrap_or("en-US")
    }
}
