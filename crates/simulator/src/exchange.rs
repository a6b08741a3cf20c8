//! One exchange with a skill, and the next one that its answer leads to.

use std::sync::Arc;

use sayso_alexa::dialog::Prompt;
use sayso_alexa::envelope::{DialogState, Intent};
use sayso_token::time::Lifetime;
use serde_json::Value;

use crate::answer::{After, Answer};
use crate::conversation::Ending;
use crate::deliver::{Broken, Delivered};
use crate::dialogs::{Course, Held, Led, Move};
use crate::envelope::{self, Speaker, Within};
use crate::linking::{AUTHORIZATION_SERVER, SKILL};
use crate::package::{Skill, Voice};
use crate::saying::Device;
use crate::scrub::Scrubber;
use crate::simulator::{Inner, Session};
use crate::trace::{GuardTrace, Hop, Outcome, RequestShown, ResponseShown, Turn};
use crate::understand::Listener;

/// What Alexa says when a skill's answer is none.
const APOLOGY: &str = "There was a problem with the requested skill's response.";
/// A screen keeps a session so long without listening.
const ON_SCREEN: Lifetime = Lifetime::from_seconds(30);
/// A skill that delegates over and over has a fault; Alexa's own bound is not known.
const MOST_EXCHANGES: usize = 5;

/// A turn that reaches a skill.
pub(crate) struct Talk<'a> {
    pub(crate) skill: &'a Skill,
    pub(crate) session: Session,
    pub(crate) device: Device,
    pub(crate) turn: &'a mut Turn,
    pub(crate) scrubber: &'a mut Scrubber,
}

impl Inner {
    /// The dialog model of a voice at this moment.
    pub(crate) fn course<'a>(&self, voice: &'a Voice) -> Course<'a> {
        let [variation] = self.entropy.bytes::<1>();
        Course { dialog: &voice.dialog, model: &voice.model, now: self.now(), variation: usize::from(variation) }
    }

    /// Does what comes next, until somebody has to speak.
    pub(crate) async fn carry_out(&self, talk: &mut Talk<'_>, first: Move) {
        let mut next = Some(first);
        for _ in 0..MOST_EXCHANGES {
            next = match next.take() {
                None => return,
                Some(Move::Ask(prompt, held)) => {
                    self.ask(talk, &prompt, *held);
                    None
                }
                Some(Move::Launch) => self.exchange(talk, None).await,
                Some(Move::Intent(intent, state)) => self.exchange(talk, Some((*intent, state))).await,
            };
        }
        if next.is_some() {
            let reason = format!("The skill delegated {MOST_EXCHANGES} times in a row.");
            self.give_up(talk, &Broken::invalid(reason)).await;
        }
    }

    /// Alexa asks by itself, in the words of the model.
    fn ask(&self, talk: &mut Talk<'_>, prompt: &Prompt, held: Held) {
        let words = if prompt.is_ssml { crate::speech::plain(&prompt.text) } else { prompt.text.clone() };
        if talk.turn.spoken.take().is_some() {
            talk.turn.explanation =
                "The skill's own speech is not heard: with Dialog.Delegate, Alexa asks in the words of the model. "
                    .into();
        } else {
            talk.turn.explanation.clear();
        }
        talk.turn.explanation.push_str("Alexa leads the dialog and asks by itself.");
        (talk.turn.spoken, talk.turn.reprompt) = (Some(words.clone()), Some(words.clone()));
        talk.turn.outcome = Outcome::Answered;
        talk.session.held = Some(held);
        (talk.session.reprompt, talk.session.until) = (Some(words), None);
        self.set_session(Some(talk.session.clone()));
    }

    /// Sends one request and takes in the answer: the intent with its dialog's state, or a launch.
    async fn exchange(&self, talk: &mut Talk<'_>, sent: Option<(Intent, Option<DialogState>)>) -> Option<Move> {
        let fresh = self.fresh_token(talk.skill, talk.scrubber).await;
        talk.turn.hops.extend(fresh.hop);
        let session = &talk.session;
        let membership = self.household.membership(&talk.skill.slug);
        let device_id = self.household.device_id();
        let speaker = Speaker {
            skill_id: &talk.skill.skill_id,
            user_id: &membership.user_id,
            device_id: &device_id,
            access_token: fresh.token.as_ref(),
        };
        let is_new = !session.is_known;
        let within = Within { session_id: &session.session_id, is_new, attributes: &session.attributes };
        let (id, now, locale) = (self.request_id(), self.now(), session.locale.as_str());
        let (title, request) = match &sent {
            Some((intent, state)) => ("Ask the skill", envelope::intent(&id, now, locale, (intent, *state))),
            None => ("Launch the skill", envelope::launch(&id, now, locale)),
        };
        talk.turn.dialog_state =
            sent.as_ref().and_then(|(_, state)| state.as_ref().map(|state| state.as_str().to_owned()));
        let body = envelope::body(&speaker, Some(&within), request);
        let Delivered { answer, trace, hop } = self.deliver(talk.skill, title, &body).await;
        talk.session.is_known = true;
        talk.turn.hops.extend(hop);
        let guard_refused = trace.as_ref().is_some_and(GuardTrace::refused);
        if let Some(trace) = trace {
            show_guard(trace, talk.turn);
        }
        let led = match answer {
            Ok(answer) => {
                conclude(talk.turn, talk.skill, &answer, guard_refused, fresh.token.is_some());
                self.take_in(talk, answer, sent.as_ref())
            }
            Err(broken) => Err(broken),
        };
        let next = match led {
            Ok(next) => next,
            Err(broken) => {
                self.give_up(talk, &broken).await;
                None
            }
        };
        if let Some(remark) = fresh.remark {
            talk.turn.explanation = format!("{remark} {}", talk.turn.explanation).trim_end().to_owned();
        }
        next
    }

    /// What a good answer changes in the session, and whether Alexa goes on at once.
    fn take_in(
        &self,
        talk: &mut Talk<'_>,
        answer: Answer,
        sent: Option<&(Intent, Option<DialogState>)>,
    ) -> Result<Option<Move>, Broken> {
        let voice = talk.skill.voice(&talk.session.locale).map(|(_, voice)| voice);
        let shows = answer.shows_something() && talk.device == Device::Screen;
        let session = &mut talk.session;
        session.attributes = answer.attributes;
        session.reprompt = answer.reprompt;
        if let (Some(entities), Some(voice)) = (answer.entities, voice) {
            session.listener = (!entities.is_empty())
                .then(|| Arc::new(Listener::with_entities(&voice.model, &entities, voice.listener.locale())));
        }
        (session.held, session.until) = (None, None);
        let led = match (answer.dialog, voice) {
            (Some(directive), Some(voice)) => {
                Some(self.course(voice).directed(directive, sent).map_err(Broken::invalid)?)
            }
            _ => None,
        };
        match led {
            Some(Led::On(next)) => return Ok(Some(next)),
            Some(Led::Awaiting(held)) => session.held = Some(*held),
            None => {}
        }
        let stays = match answer.after {
            After::Listening => true,
            After::Ended => false,
            After::Unsaid => {
                session.until = shows.then(|| self.now() + ON_SCREEN);
                shows
            }
        };
        self.set_session(stays.then(|| session.clone()));
        Ok(None)
    }

    /// The answer was none: an apology, and the session is over.
    async fn give_up(&self, talk: &mut Talk<'_>, broken: &Broken) {
        self.set_session(None);
        talk.turn.outcome = Outcome::Failed;
        (talk.turn.spoken, talk.turn.reprompt) = (Some(APOLOGY.into()), None);
        talk.turn.explanation.clone_from(&broken.reason);
        if let Some(hop) = talk.turn.hops.last_mut() {
            hop.note = Some(broken.reason.clone());
        }
        let ended = self.end(talk.skill, &talk.session, Ending::Broken(broken), talk.scrubber).await;
        talk.turn.hops.extend(ended);
    }
}

/// What a skill's answer means for the turn.
fn conclude(turn: &mut Turn, skill: &Skill, answer: &Answer, guard_refused: bool, linked: bool) {
    turn.spoken.clone_from(&answer.spoken);
    turn.reprompt.clone_from(&answer.reprompt);
    turn.card.clone_from(&answer.card);
    turn.directives.clone_from(&answer.directives);
    let name = &skill.name;
    if guard_refused || answer.asks_to_link() {
        turn.outcome = Outcome::Refused;
        let failed = turn.checks.iter().find(|check| check.outcome == "failed");
        turn.explanation = match (linked, failed) {
            (false, _) => {
                format!("{name} needs to know who you are. Link your account in the companion, then ask again.")
            }
            (true, Some(check)) => {
                format!("{name} refused your access token at the check {}: {}", check.check, check.explanation)
            }
            (true, None) => {
                format!("{name} did not accept your access token. Link your account again in the companion.")
            }
        };
    } else {
        turn.outcome = Outcome::Answered;
        turn.explanation = match (linked, turn.checks.is_empty()) {
            (true, false) => format!("{name} checked your access token and answered for your account."),
            (true, true) => format!("{name} was sent your access token and answered."),
            (false, _) => format!("{name} answered without knowing who you are."),
        };
    }
}

/// Takes what the skill tells of its guard into the turn.
fn show_guard(trace: GuardTrace, turn: &mut Turn) {
    if let Some(hop) = turn.hops.last_mut() {
        let told: Vec<String> =
            trace.request_checks.iter().map(|check| format!("{} {}", check.check, check.outcome)).collect();
        if !told.is_empty() {
            hop.note = Some(format!("The skill checked the request first: {}.", told.join(", ")));
        }
    }
    if let Some(introspection) = &trace.introspection {
        turn.hops.push(introspection_hop(introspection));
    }
    if trace.mode.as_deref() == Some("jwks")
        && let Some(hop) = turn.hops.last_mut()
    {
        let note = hop.note.take().map(|note| format!("{note} ")).unwrap_or_default();
        hop.note = Some(format!("{note}It verified the token locally, with the authority's published keys."));
    }
    turn.checks = trace.checks;
    turn.claims = trace.claims;
}

fn introspection_hop(introspection: &Value) -> Hop {
    let number = |field: &str| introspection.get(field).and_then(Value::as_u64).unwrap_or(0);
    let url = introspection.get("url").and_then(Value::as_str).unwrap_or_default().to_owned();
    Hop {
        title: "The skill asks whether the token is good".into(),
        from: SKILL.into(),
        to: AUTHORIZATION_SERVER.into(),
        millis: number("millis"),
        request: Some(RequestShown { method: "POST".into(), url, ..RequestShown::default() }),
        response: Some(ResponseShown {
            status: u16::try_from(number("status")).unwrap_or(0),
            body: introspection.get("answer").cloned().unwrap_or(Value::Null),
            ..ResponseShown::default()
        }),
        note: Some("Token introspection (RFC 7662), as the skill tells it.".into()),
    }
}
