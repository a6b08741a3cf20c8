//! From a sentence to the skill it reaches.

use std::collections::BTreeMap;

use crate::package::Skill;
use crate::simulator::{Inner, Session};
use crate::trace::{HeardKind, SlotShown};
use crate::understand::{Addressed, Listener, Understood, address};

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
    /// A skill is reached: launched when nothing was understood, within the open session when there is one.
    Reach { slug: String, locale: String, understood: Option<Understood>, session: Option<Session> },
}

/// A skill that speaks the language: with the locale of its model, its listener and its invocation name.
type Present<'a> = (&'a Skill, &'a str, &'a Listener, &'a str);

/// Words that end a session without the skill's doing.
const EXIT: [&str; 2] = ["exit", "leave the skill"];

impl Inner {
    /// Understands `utterance`. `skill` restricts it to one skill, which then need not be named.
    pub(crate) fn hear(&self, utterance: &str, locale: &str, skill: Option<&str>) -> Hearing {
        if let Some(unknown) = skill.filter(|slug| self.skill(slug).is_none()) {
            return self.no_skill(locale, &format!("There is no skill {unknown:?}."));
        }
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
                Some((skill, own_locale, _, _)) => reach(skill, own_locale, None, None),
                None => self.no_skill(locale, ""),
            },
            Addressed::OneShot { skill, said } => match present.get(skill) {
                Some((skill, own_locale, listener, name)) => match listener.likeliest(&said, None, self.now()) {
                    Some(understood) => reach(skill, own_locale, Some(understood), None),
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
        let eliciting = session.as_ref().and_then(|session| session.eliciting.clone());
        Some(match session {
            Some(session) if EXIT.contains(&said_plainly.as_str()) => Hearing::Leave { session },
            session => match listener.likeliest(&[said.to_owned()], eliciting.as_ref(), self.now()) {
                Some(understood) => reach(skill, own_locale, Some(understood), session),
                None => not_understood(skill, name, said),
            },
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

fn reach(skill: &Skill, locale: &str, understood: Option<Understood>, session: Option<Session>) -> Hearing {
    Hearing::Reach { slug: skill.slug.clone(), locale: locale.to_owned(), understood, session }
}

fn not_understood(skill: &Skill, name: &str, said: &str) -> Hearing {
    let shown: String = said.chars().take(80).collect();
    Hearing::Nothing {
        kind: HeardKind::NoIntent,
        skill: Some(skill.slug.clone()),
        spoken: format!("Sorry, {name} doesn't know that."),
        explanation: format!("No sample of {} fits “{shown}”, and its model has no AMAZON.FallbackIntent.", skill.name),
    }
}

/// The slots, for the trace.
pub(crate) fn shown_slots(understood: &Understood) -> BTreeMap<String, SlotShown> {
    let shown = understood.slots.iter().map(|slot| {
        let values = slot.resolution.iter().flat_map(|resolution| &resolution.values);
        let (resolved, ids) = values.map(|value| (value.name.clone(), value.id.clone())).unzip();
        (slot.name.clone(), SlotShown { value: slot.value.clone(), resolved, ids })
    });
    shown.collect()
}
