//! One turn: what was said, to whom, what the skill answered.

use std::sync::Arc;

use serde_json::Value;

use crate::answer::Answer;
use crate::deliver::{Broken, Delivered};
use crate::envelope::{self, Speaker, Within, iso};
use crate::hearing::Hearing;
use crate::linking::{AUTHORIZATION_SERVER, SKILL};
use crate::package::Skill;
use crate::scrub::Scrubber;
use crate::simulator::{Inner, Session};
use crate::trace::{GuardTrace, Heard, HeardKind, Hop, Outcome, RequestShown, ResponseShown, SessionShown, Turn};
use crate::understand::{Eliciting, Understood};

/// What Alexa says when a skill's answer is none.
const APOLOGY: &str = "There was a problem with the requested skill's response.";

/// Why a session ends without the skill's doing.
#[derive(Clone, Copy)]
enum Ending<'a> {
    /// The person left, or went to another skill.
    ByPerson,
    /// The skill's answer was none.
    Broken(&'a Broken),
}

/// A turn that reaches a skill.
struct Exchange<'a> {
    skill: &'a Skill,
    session: Session,
    is_new: bool,
    understood: Option<Understood>,
}

impl Inner {
    /// Says something. See [`crate::Simulator::say`].
    pub(crate) async fn say(&self, utterance: &str, locale: &str, skill: Option<&str>) -> Arc<Turn> {
        let hearing = self.hear(utterance, locale, skill);
        let mut turn = Turn {
            id: self.new_turn_id(),
            at: iso(self.now()),
            utterance: utterance.to_owned(),
            locale: locale.to_owned(),
            heard: hearing.shown(),
            spoken: None,
            reprompt: None,
            card: None,
            outcome: Outcome::NotUnderstood,
            explanation: String::new(),
            hops: Vec::new(),
            checks: Vec::new(),
            claims: None,
            session: SessionShown::default(),
        };
        let mut scrubber = Scrubber::default();
        match hearing {
            Hearing::Nothing { spoken, explanation, .. } => {
                turn.spoken = Some(spoken);
                turn.explanation = explanation;
            }
            Hearing::Leave { session } => {
                self.set_session(None);
                if let Some(skill) = self.skill(&session.skill) {
                    turn.hops.extend(self.end(skill, &session, Ending::ByPerson, &mut scrubber).await);
                }
                turn.outcome = Outcome::Answered;
                turn.explanation = "You left the skill; it is told so and may say nothing more.".into();
            }
            Hearing::Reach { slug, locale, understood, session, .. } => {
                if let Some(skill) = self.skill(&slug) {
                    let is_new = session.is_none();
                    if is_new {
                        self.leave_other(&mut turn, &mut scrubber).await;
                    }
                    let session = session.unwrap_or_else(|| self.new_session(&slug, &locale));
                    let exchange = Exchange { skill, session, is_new, understood };
                    self.exchange(exchange, &mut turn, &mut scrubber).await;
                }
            }
        }
        turn.session.open = self.session().is_some();
        scrubber.turn(&mut turn);
        self.record(turn)
    }

    /// A new session ends the one that was open.
    async fn leave_other(&self, turn: &mut Turn, scrubber: &mut Scrubber) {
        let Some(open) = self.session() else { return };
        self.set_session(None);
        if let Some(skill) = self.skill(&open.skill) {
            turn.hops.extend(self.end(skill, &open, Ending::ByPerson, scrubber).await);
        }
    }

    async fn exchange(&self, exchange: Exchange<'_>, turn: &mut Turn, scrubber: &mut Scrubber) {
        let Exchange { skill, mut session, is_new, understood } = exchange;
        let fresh = self.fresh_token(skill, scrubber).await;
        turn.hops.extend(fresh.hop);
        let membership = self.household.membership(&skill.slug);
        let device_id = self.household.device_id();
        let speaker = Speaker {
            skill_id: &skill.skill_id,
            user_id: &membership.user_id,
            device_id: &device_id,
            access_token: fresh.token.as_ref(),
            locale: &session.locale,
        };
        let within = Within { session_id: &session.session_id, is_new, attributes: &session.attributes };
        let (title, request) = match &understood {
            Some(understood) => {
                ("Ask the skill", envelope::intent(&self.request_id(), self.now(), &speaker, understood))
            }
            None => ("Launch the skill", envelope::launch(&self.request_id(), self.now(), &session.locale)),
        };
        let body = envelope::body(&speaker, Some(&within), request);
        let Delivered { answer, trace, hop } = self.deliver(skill, title, &body).await;
        turn.hops.extend(hop);
        let guard_refused = trace.as_ref().is_some_and(GuardTrace::refused);
        if let Some(trace) = trace {
            show_guard(trace, turn);
        }
        match answer {
            Ok(answer) => {
                let linked = fresh.token.is_some();
                conclude(turn, skill, &answer, guard_refused, linked);
                session.attributes = answer.attributes;
                session.last_intent = understood.map(|understood| understood.intent).or(session.last_intent);
                session.eliciting = answer.elicits.and_then(|(intent, slot)| {
                    Some(Eliciting { intent: intent.or_else(|| session.last_intent.clone())?, slot })
                });
                self.set_session(answer.open.then_some(session));
            }
            Err(broken) => {
                self.set_session(None);
                turn.outcome = Outcome::Failed;
                turn.spoken = Some(APOLOGY.into());
                turn.explanation = broken.reason.clone();
                turn.hops.extend(self.end(skill, &session, Ending::Broken(&broken), scrubber).await);
            }
        }
        if let Some(remark) = fresh.remark {
            turn.explanation = format!("{remark} {}", turn.explanation).trim_end().to_owned();
        }
    }

    /// Tells a skill that its session is over. It may not answer with speech, so the answer is only shown.
    async fn end(&self, skill: &Skill, session: &Session, why: Ending<'_>, scrubber: &mut Scrubber) -> Option<Hop> {
        let (reason, broken) = match why {
            Ending::ByPerson => ("USER_INITIATED", None),
            Ending::Broken(broken) => ("ERROR", Some(broken)),
        };
        if broken.is_some_and(|broken| broken.reason.contains("cannot be reached")) {
            return None;
        }
        let membership = self.household.membership(&skill.slug);
        let token = membership.link.map(|link| link.access_token);
        if let Some(token) = &token {
            scrubber.know(token);
        }
        let device_id = self.household.device_id();
        let speaker = Speaker {
            skill_id: &skill.skill_id,
            user_id: &membership.user_id,
            device_id: &device_id,
            access_token: token.as_ref(),
            locale: &session.locale,
        };
        let within = Within { session_id: &session.session_id, is_new: false, attributes: &session.attributes };
        let error = broken.map(|broken| (broken.kind, broken.reason.as_str()));
        let request = envelope::session_ended(&self.request_id(), self.now(), &session.locale, reason, error);
        let body = envelope::body(&speaker, Some(&within), request);
        let mut hop = self.deliver(skill, "Tell the skill that the session is over", &body).await.hop?;
        hop.note = None;
        Some(hop)
    }
}

/// What a skill's answer means for the turn.
fn conclude(turn: &mut Turn, skill: &Skill, answer: &Answer, guard_refused: bool, linked: bool) {
    turn.spoken.clone_from(&answer.spoken);
    turn.reprompt.clone_from(&answer.reprompt);
    turn.card.clone_from(&answer.card);
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

impl Hearing {
    /// What was heard, for the trace.
    fn shown(&self) -> Heard {
        match self {
            Self::Nothing { kind, skill, .. } => Heard { kind: *kind, skill: skill.clone(), ..Heard::default() },
            Self::Leave { session } => {
                Heard { kind: HeardKind::End, skill: Some(session.skill.clone()), ..Heard::default() }
            }
            Self::Reach { slug, understood: None, .. } => {
                Heard { kind: HeardKind::Launch, skill: Some(slug.clone()), ..Heard::default() }
            }
            Self::Reach { slug, understood: Some(understood), .. } => Heard {
                kind: HeardKind::Intent,
                skill: Some(slug.clone()),
                intent: Some(understood.intent.clone()),
                slots: crate::hearing::shown_slots(understood),
                considered: understood.considered.iter().map(|one| one.intent.clone()).collect(),
            },
        }
    }
}
