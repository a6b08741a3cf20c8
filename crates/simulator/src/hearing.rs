//! From a sentence to the skill it reaches.

use std::collections::BTreeMap;

use crate::connection::Task;
use crate::package::Skill;
use crate::saying::{Saying, Utterance};
use crate::simulator::{Inner, Session};
use crate::trace::{HeardKind, SlotShown};
use crate::understand::{Addressed, Listener, Understood, address, digits};

/// What was heard.
pub(crate) enum Hearing {
    /// No skill is reached.
    Nothing {
        kind: HeardKind,
        skill: Option<String>,
        /// What Alexa says to it.
        spoken: String,
        explanation: String,
    },
    /// The person leaves the open session.
    Leave { session: Session },
    /// In the open session, nothing was said, or nothing the skill knows.
    Missed { session: Session, kind: HeardKind, explanation: String },
    /// A PIN was asked for: the digits that were said.
    Pin { session: Session, digits: String },
    /// A skill is reached, within the open session when there is one.
    Reach { slug: String, locale: String, said: Said, session: Option<Session> },
}

/// What is said to a skill that is reached.
pub(crate) enum Said {
    /// Its name alone.
    Launch,
    /// A wish.
    Wish(Understood),
    /// A yes or a no to what has just been asked.
    Agreed(bool),
}

/// A skill that speaks the language: with the locale of its model, its listener and its invocation name.
type Present<'a> = (&'a Skill, &'a str, &'a Listener, &'a str);

/// Words that end a session without the skill's doing.
const EXIT: [&str; 2] = ["exit", "leave the skill"];

impl Inner {
    /// Understands what is said. A skill that is named restricts it to that one, which then need not be named in the words.
    pub(crate) fn hear(&self, saying: &Saying) -> Hearing {
        let (locale, skill) = (saying.locale(), saying.skill.as_deref());
        if let Some(unknown) = skill.filter(|slug| self.skill(slug).is_none()) {
            return self.no_skill(locale, &format!("There is no skill {unknown:?}."));
        }
        match &saying.utterance {
            Utterance::Words(words) => match self.session().filter(waits_for_pin) {
                Some(session) => Hearing::Pin { session, digits: digits(words, locale) },
                None => self.hear_words(words, locale, skill),
            },
            Utterance::Silence => self.hear_silence(locale),
            Utterance::Exit => match self.session() {
                Some(session) => Hearing::Leave { session },
                None => self.no_skill(locale, "No skill is listening."),
            },
            Utterance::Launch => match self.meant(skill, locale) {
                Some((skill, own_locale)) => reach(skill, own_locale, Said::Launch, None),
                None => self.no_skill(locale, "It is not said which skill is meant."),
            },
            Utterance::Intent { name, slots } => self.take_intent(saying, name, slots),
        }
    }

    fn hear_silence(&self, locale: &str) -> Hearing {
        match self.session() {
            Some(session) => {
                Hearing::Missed { session, kind: HeardKind::Silence, explanation: "Nothing was said.".into() }
            }
            None => self.no_skill(locale, "No skill is listening, so nobody notices."),
        }
    }

    /// The skill that is meant without words: the one named, else the only one.
    fn meant(&self, skill: Option<&str>, locale: &str) -> Option<(&Skill, &str)> {
        let skill = match (skill, self.skills.as_slice()) {
            (Some(slug), _) => self.skill(slug)?,
            (None, [only]) => only,
            (None, _) => return None,
        };
        Some((skill, skill.voice(locale)?.0))
    }

    /// What the words would come to is given: an intent with the values of its slots.
    fn take_intent(&self, saying: &Saying, name: &str, slots: &BTreeMap<String, String>) -> Hearing {
        let locale = saying.locale();
        let session = self.session().filter(|open| saying.skill.as_deref().is_none_or(|slug| slug == open.skill));
        let slug = session.as_ref().map(|open| open.skill.as_str()).or(saying.skill.as_deref());
        let Some((skill, own_locale)) = self.meant(slug, locale) else {
            return self.no_skill(locale, "It is not said which skill is meant.");
        };
        let voice = skill.voice(own_locale).map(|(_, voice)| voice);
        let listener = session.as_ref().and_then(|open| open.listener.as_deref());
        let understood = listener.or(voice.map(|voice| &voice.listener)).and_then(|one| one.as_said(name, slots));
        match understood {
            Some(understood) => reach(skill, own_locale, Said::Wish(understood), session),
            None => Hearing::Nothing {
                kind: HeardKind::NoIntent,
                skill: Some(skill.slug.clone()),
                spoken: String::new(),
                explanation: format!("The model of {} has no intent {name} with these slots.", skill.name),
            },
        }
    }

    fn hear_words(&self, utterance: &str, locale: &str, skill: Option<&str>) -> Hearing {
        let present: Vec<Present<'_>> = self
            .skills
            .iter()
            .filter(|one| skill.is_none_or(|slug| slug == one.slug))
            .filter_map(|one| {
                let (own_locale, voice) = one.voice(locale)?;
                Some((one, own_locale, &voice.listener, voice.invocation_name.as_str()))
            })
            .collect();
        let names: Vec<&str> = present.iter().map(|(_, _, _, name)| *name).collect();
        match address(utterance, &names, locale) {
            Addressed::Launch { skill } => match present.get(skill) {
                Some((skill, own_locale, _, _)) => reach(skill, own_locale, Said::Launch, None),
                None => self.no_skill(locale, ""),
            },
            Addressed::OneShot { skill, said } => match present.get(skill) {
                Some((skill, own_locale, listener, name)) => match listener.likeliest(&said, None, self.wall_clock()) {
                    Some(understood) => reach(skill, own_locale, Said::Wish(understood), None),
                    None => not_understood(skill, name, said.first().map_or("", String::as_str)),
                },
                None => self.no_skill(locale, ""),
            },
            Addressed::NoOne { said, names_someone } => {
                let begun = if names_someone { "No skill of that name is installed." } else { "No skill was named." };
                self.unaddressed(&said, &present, skill).unwrap_or_else(|| self.no_skill(locale, begun))
            }
        }
    }

    /// A sentence that names no skill goes to the open session, or to the skill the caller means.
    fn unaddressed(&self, said: &str, present: &[Present<'_>], meant: Option<&str>) -> Option<Hearing> {
        let session = self.session().filter(|session| meant.is_none_or(|slug| slug == session.skill));
        let slug = session.as_ref().map(|session| session.skill.as_str()).or(meant)?;
        let (skill, own_locale, listener, name) = present.iter().find(|(skill, ..)| skill.slug == slug)?;
        let said_plainly = said.trim().trim_end_matches(['.', '!']).to_lowercase();
        let held = session.as_ref().and_then(|session| session.held.clone());
        let own = session.as_ref().and_then(|session| session.listener.clone());
        let listener = own.as_deref().unwrap_or(listener);
        let agreed = held.as_ref().filter(|held| held.awaits_agreement()).and_then(|_| listener.agrees(said));
        let eliciting = held.and_then(|held| held.eliciting());
        Some(match session {
            Some(session) if EXIT.contains(&said_plainly.as_str()) => Hearing::Leave { session },
            session => {
                match (agreed, listener.likeliest(&[said.to_owned()], eliciting.as_ref(), self.wall_clock()), session) {
                    (Some(agreed), _, session) => reach(skill, own_locale, Said::Agreed(agreed), session),
                    (None, Some(understood), session) => reach(skill, own_locale, Said::Wish(understood), session),
                    (None, None, Some(session)) => {
                        Hearing::Missed { session, kind: HeardKind::NoIntent, explanation: no_sample(skill, said) }
                    }
                    (None, None, None) => not_understood(skill, name, said),
                }
            }
        })
    }

    fn no_skill(&self, locale: &str, begun: &str) -> Hearing {
        let names: Vec<String> = self
            .skills
            .iter()
            .filter_map(|skill| Some(format!("“{}”", skill.voice(locale)?.1.invocation_name)))
            .collect();
        let explanation = match names.as_slice() {
            [] => format!("{begun} No installed skill speaks {locale}."),
            names => format!("{begun} Name one, as in “ask … to …”. Installed: {}.", names.join(", ")),
        };
        Hearing::Nothing {
            kind: HeardKind::NoSkill,
            skill: None,
            spoken: "Hmm, I don't know that one.".into(),
            explanation: explanation.trim_start().to_owned(),
        }
    }
}

fn waits_for_pin(session: &Session) -> bool {
    session.suspended.as_ref().is_some_and(|suspended| suspended.task == Task::Pin)
}

fn reach(skill: &Skill, locale: &str, said: Said, session: Option<Session>) -> Hearing {
    Hearing::Reach { slug: skill.slug.clone(), locale: locale.to_owned(), said, session }
}

fn not_understood(skill: &Skill, name: &str, said: &str) -> Hearing {
    Hearing::Nothing {
        kind: HeardKind::NoIntent,
        skill: Some(skill.slug.clone()),
        spoken: format!("Sorry, {name} doesn't know that."),
        explanation: no_sample(skill, said),
    }
}

fn no_sample(skill: &Skill, said: &str) -> String {
    let shown: String = said.chars().take(80).collect();
    format!("No sample of {} fits “{shown}”, and its model has no AMAZON.FallbackIntent.", skill.name)
}

/// The slots, for the trace.
pub(crate) fn shown_slots(understood: &Understood) -> BTreeMap<String, SlotShown> {
    let shown = understood.slots.iter().map(|slot| {
        let values = slot.resolution.iter().flat_map(|resolution| &resolution.values);
        let (resolved, ids) = values.map(|value| (value.name.clone(), value.id.clone())).unzip();
        (slot.name.clone(), SlotShown { value: slot.value.clone(), words: slot.words.clone(), resolved, ids })
    });
    shown.collect()
}
