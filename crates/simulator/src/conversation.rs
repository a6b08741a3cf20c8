//! One turn: what was said, to whom, and what came of it.

use std::sync::Arc;

use sayso_alexa::dialog::Awaits;

use crate::connection::Task;
use crate::deliver::{Broken, Delivered, Letter};
use crate::dialogs::Held;
use crate::envelope::{self, Speaker, Within, heard_intent, iso};
use crate::exchange::Talk;
use crate::hearing::{Hearing, Said, shown_slots};
use crate::package::Skill;
use crate::saying::Saying;
use crate::scrub::Scrubber;
use crate::simulator::{Inner, Session};
use crate::speech::plain;
use crate::trace::{Heard, HeardKind, Hop, Outcome, Turn, Weighed};
use crate::understand::Understood;

/// Alexa asks once more when nothing of use is heard, and gives up the second time.
const MOST_MISSES: u8 = 2;

/// Why a session ends without the skill's doing.
#[derive(Clone, Copy)]
pub(crate) enum Ending<'a> {
    /// The person left, or went to another skill.
    ByPerson,
    /// The person did not answer, or nothing the skill knows.
    Unanswered,
    /// The skill's answer was none.
    Broken(&'a Broken),
}

impl Inner {
    /// Says something. See [`crate::Simulator::say`].
    pub(crate) async fn say(&self, saying: &Saying) -> Arc<Turn> {
        let hearing = self.hear(saying);
        let mut turn = Turn::begin(self.new_turn_id(), iso(self.real_now()), hearing.shown());
        let is_pin = matches!(hearing, Hearing::Pin { .. });
        turn.utterance = if is_pin { "(PIN)".into() } else { saying.utterance.shown() };
        saying.locale().clone_into(&mut turn.locale);
        self.news.begin(&turn).with(self.answer(saying, hearing, turn)).await
    }

    /// Does what was heard.
    async fn answer(&self, saying: &Saying, hearing: Hearing, mut turn: Turn) -> Arc<Turn> {
        let mut scrubber = Scrubber::default();
        match hearing {
            Hearing::Nothing { spoken, explanation, .. } => {
                turn.outcome = Outcome::NotUnderstood;
                turn.spoken = Some(spoken).filter(|spoken| !spoken.is_empty());
                turn.explanation = explanation;
            }
            Hearing::Leave { session } => {
                self.set_session(None);
                if let Some(skill) = self.skill(&session.skill) {
                    turn.hops.extend(self.end(skill, &session, Ending::ByPerson, &mut scrubber).await);
                }
                turn.explanation = "You left the skill; it is told so and may say nothing more.".into();
            }
            Hearing::Missed { session, kind, explanation } => {
                turn.outcome = if kind == HeardKind::Silence { Outcome::Answered } else { Outcome::NotUnderstood };
                turn.explanation = explanation;
                self.miss(session, &mut turn, &mut scrubber).await;
            }
            Hearing::Pin { session, digits } => {
                if let Some(skill) = self.skill(&session.skill) {
                    let mut talk =
                        Talk { skill, session, saying, turn: &mut turn, scrubber: &mut scrubber, keys: None };
                    self.take_pin(&mut talk, &digits).await;
                }
            }
            Hearing::Reach { slug, locale, said, session } => {
                if let Some(skill) = self.skill(&slug) {
                    if session.is_none() {
                        self.leave_other(&mut turn, &mut scrubber).await;
                    }
                    let session = session.unwrap_or_else(|| self.new_session(&slug, &locale));
                    let mut talk =
                        Talk { skill, session, saying, turn: &mut turn, scrubber: &mut scrubber, keys: None };
                    self.talk(&mut talk, said).await;
                }
            }
        }
        // What Alexa says in place of the skill, or after it, has no marks.
        turn.ssml = turn.ssml.take().filter(|ssml| turn.spoken.as_deref() == Some(plain(ssml).as_str()));
        let open = self.session();
        turn.session.open = open.is_some();
        turn.session.awaits = open.and_then(|open| match &open.suspended {
            Some(suspended) => Some(if suspended.task == Task::Pin { "PIN".into() } else { "linking".into() }),
            None => open.held.as_ref().map(awaited),
        });
        scrubber.turn(&mut turn);
        self.record(turn)
    }

    /// Nothing of use was heard: Alexa asks once more, then the session is over.
    async fn miss(&self, mut session: Session, turn: &mut Turn, scrubber: &mut Scrubber) {
        session.misses += 1;
        let Some(skill) = self.skill(&session.skill) else { return };
        if session.misses < MOST_MISSES {
            let unasked = || format!("Sorry, {} doesn't know that.", skill.name);
            let silent = turn.heard.kind == HeardKind::Silence;
            turn.spoken = session.reprompt.clone().or_else(|| (!silent).then(unasked));
            turn.explanation.push_str(" Alexa waits once more.");
            self.set_session(Some(session));
        } else {
            self.set_session(None);
            turn.explanation.push_str(" That was the second time, so the session is over.");
            turn.hops.extend(self.end(skill, &session, Ending::Unanswered, scrubber).await);
        }
    }

    /// A new session ends the one that was open.
    async fn leave_other(&self, turn: &mut Turn, scrubber: &mut Scrubber) {
        let Some(open) = self.session() else { return };
        self.set_session(None);
        if let Some(skill) = self.skill(&open.skill) {
            turn.hops.extend(self.end(skill, &open, Ending::ByPerson, scrubber).await);
        }
    }

    /// Carries on the dialog with what was said.
    async fn talk(&self, talk: &mut Talk<'_>, said: Said) {
        talk.session.misses = 0;
        // Who speaks of something else has given up what Alexa was doing meanwhile.
        talk.session.suspended = None;
        let held = talk.session.held.take();
        let Some((_, voice)) = talk.skill.voice(&talk.session.locale) else { return };
        let course = self.course(voice);
        let first = match said {
            Said::Launch => crate::dialogs::Move::Launch,
            Said::Wish(understood) => course.heard(heard_intent(&understood, &talk.skill.skill_id), held),
            Said::Agreed(agreed) => match held {
                Some(held) => course.agreed(held, agreed),
                None => return,
            },
        };
        self.carry_out(talk, first).await;
    }

    /// Tells a skill that its session is over. It may not answer with speech, so the answer is only shown.
    pub(crate) async fn end(
        &self,
        skill: &Skill,
        session: &Session,
        why: Ending<'_>,
        scrubber: &mut Scrubber,
    ) -> Vec<Hop> {
        let (reason, broken) = match why {
            Ending::ByPerson => ("USER_INITIATED", None),
            Ending::Unanswered => ("EXCEEDED_MAX_REPROMPTS", None),
            Ending::Broken(broken) => ("ERROR", Some(broken)),
        };
        if !session.is_known || broken.is_some_and(|broken| !broken.is_reachable) {
            return Vec::new();
        }
        let membership = self.household.membership(&skill.slug);
        let token = membership.link.as_ref().map(|link| link.access_token.clone());
        if let Some(token) = &token {
            scrubber.know(token);
        }
        let device_id = self.household.device_id();
        let speaker = Speaker {
            skill_id: &skill.skill_id,
            user_id: &membership.user_id,
            device_id: &device_id,
            access_token: token.as_ref(),
            person: None,
            permissions: &membership.permissions,
        };
        let within = Within { session_id: &session.session_id, is_new: false, attributes: &session.attributes };
        let error = broken.map(|broken| (broken.kind, broken.message.as_str()));
        let request = envelope::session_ended(&self.request_id(), self.real_now(), &session.locale, reason, error);
        let body = envelope::body(&speaker, Some(&within), request);
        let letter = Letter { skill, title: "Tell the skill that the session is over", body, fault: None };
        let Delivered { answer, mut hops, .. } = self.deliver(&letter).await;
        if let Some(hop) = hops.first_mut() {
            hop.note = answer.ok().filter(|answer| answer.says_something()).map(|_| {
                "The answer to a SessionEndedRequest may hold no speech, card or directive; nobody hears or sees it."
                    .into()
            });
        }
        hops
    }
}

/// The intents in the order they were weighed.
fn weighed(understood: &Understood) -> Vec<Weighed> {
    let chosen = Weighed {
        intent: understood.intent.clone(),
        cost: understood.sample.as_ref().map(|_| understood.cost),
        sample: understood.sample.clone(),
    };
    let others = understood.considered.iter().map(|one| Weighed {
        intent: one.intent.clone(),
        cost: Some(one.cost),
        sample: Some(one.sample.clone()),
    });
    std::iter::once(chosen).chain(others).collect()
}

/// What has been asked, in a word.
fn awaited(held: &Held) -> String {
    match &held.awaits {
        Awaits::Slot(slot) => format!("slot {slot}"),
        Awaits::SlotConfirmation(slot) => format!("confirmation of slot {slot}"),
        Awaits::IntentConfirmation => "confirmation".into(),
    }
}

impl Hearing {
    /// What was heard, for the trace.
    fn shown(&self) -> Heard {
        let of = |kind: HeardKind, skill: Option<&String>| Heard { kind, skill: skill.cloned(), ..Heard::default() };
        match self {
            Self::Nothing { kind, skill, .. } => of(*kind, skill.as_ref()),
            Self::Leave { session } => of(HeardKind::End, Some(&session.skill)),
            Self::Missed { session, kind, .. } => of(*kind, Some(&session.skill)),
            Self::Pin { session, .. } => of(HeardKind::Pin, Some(&session.skill)),
            Self::Reach { slug, said: Said::Launch, .. } => of(HeardKind::Launch, Some(slug)),
            Self::Reach { slug, said: Said::Agreed(_), session, .. } => Heard {
                intent: session
                    .as_ref()
                    .and_then(|open| Some(open.held.as_ref()?.intent.name.text().unwrap_or_default().to_owned())),
                ..of(HeardKind::Agreement, Some(slug))
            },
            Self::Reach { slug, said: Said::Wish(understood), .. } => Heard {
                intent: Some(understood.intent.clone()),
                slots: shown_slots(understood),
                considered: understood.considered.iter().map(|one| one.intent.clone()).collect(),
                weighed: weighed(understood),
                ..of(HeardKind::Intent, Some(slug))
            },
        }
    }
}
