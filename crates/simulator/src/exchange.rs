//! One exchange with a skill, and the next one that its answer leads to.

use std::sync::Arc;

use sayso_alexa::dialog::Prompt;
use sayso_alexa::envelope::{DialogState, Intent};
use sayso_token::time::{Lifetime, Timestamp};
use serde_json::Value;

use crate::answer::{After, Answer};
use crate::authority_keys::KeysChanged;
use crate::conclusion::conclude;
use crate::connection::{self, Connected, Task};
use crate::conversation::Ending;
use crate::deliver::{Broken, Delivered, Letter};
use crate::dialogs::{Course, Held, Led, Move};
use crate::envelope::{self, Recognised, Speaker, Within};
use crate::faults::Fault;
use crate::household::Person;
use crate::linking::refresh::{Fresh, Wanted};
use crate::package::{Skill, Voice};
use crate::saying::{Device, Saying};
use crate::scrub::Scrubber;
use crate::simulator::{Inner, Session};
use crate::trace::{FaultShown, GuardTrace, Outcome, Turn};
use crate::understand::Listener;
use crate::verdict::{UNSIGNED, Verdict};

/// What Alexa says when a skill's answer is none.
const APOLOGY: &str = "There was a problem with the requested skill's response.";
/// A screen keeps a session so long without listening.
const ON_SCREEN: Lifetime = Lifetime::from_seconds(30);
/// A skill that delegates over and over has a fault; Alexa's own bound is not known.
const MOST_EXCHANGES: usize = 5;
/// How sure Alexa is of a person by voice, and after a PIN.
const BY_VOICE: u16 = 300;
const BY_PIN: u16 = 400;

/// A turn that reaches a skill.
pub(crate) struct Talk<'a> {
    pub(crate) skill: &'a Skill,
    pub(crate) session: Session,
    pub(crate) saying: &'a Saying,
    pub(crate) turn: &'a mut Turn,
    pub(crate) scrubber: &'a mut Scrubber,
    /// What was done to the authorization server's keys for a fault, or why nothing was.
    pub(crate) keys: Option<Result<KeysChanged, String>>,
}

/// The tokens a request carries, and the person who is recognised.
struct Bearers {
    household: Fresh,
    person: Option<(Person, Fresh)>,
}

impl Talk<'_> {
    /// What is to go wrong, if it can here.
    fn fault(&self) -> Option<Fault> {
        self.saying.fault.filter(|_| self.out_of_reach().is_none())
    }

    /// Why what is to go wrong cannot.
    fn out_of_reach(&self) -> Option<&str> {
        let fault = self.saying.fault?;
        match &self.keys {
            Some(Err(why)) => Some(why.as_str()),
            _ if !fault.is_of_turns() => Some("it befalls a linking. Choose it in the companion, and link."),
            _ => (fault.is_of_signature() && self.skill.is_unsigned()).then_some(UNSIGNED),
        }
    }

    /// Whose token the requests carry first, and what is to go wrong.
    fn wanted(&self) -> Wanted<'_> {
        let is_told = self.skill.manifest.asks_for("alexa::person_id:read");
        let person = self.saying.person.as_deref().filter(|_| is_told);
        Wanted { skill: self.skill, person, fault: self.saying.fault }
    }

    /// What a fault came to that changes nothing of the request.
    fn judged(&self, fault: Fault) -> FaultShown {
        let is_lost = matches!(&self.keys, Some(Ok(changed)) if changed.is_lost);
        let verdict = if is_lost { Verdict::NotBorne } else { fault.verdict_of_turn(self.turn.outcome) };
        FaultShown::judged(fault, verdict)
    }
}

impl Inner {
    /// The dialog model of a voice at this moment.
    pub(crate) fn course<'a>(&self, voice: &'a Voice) -> Course<'a> {
        let [variation] = self.entropy.bytes::<1>();
        Course { dialog: &voice.dialog, model: &voice.model, now: self.wall_clock(), variation: usize::from(variation) }
    }

    /// Does what comes next, until somebody has to speak.
    pub(crate) async fn carry_out(&self, talk: &mut Talk<'_>, first: Move) {
        if talk.keys.is_none() && talk.saying.fault.is_some_and(Fault::is_of_keys) {
            talk.keys = Some(self.keys_changed(talk.wanted()).await);
        }
        let mut next = Some(first);
        for _ in 0..MOST_EXCHANGES {
            next = match next.take() {
                None => return,
                Some(Move::Ask(prompt, held)) => {
                    self.ask(talk, &prompt, *held);
                    None
                }
                Some(request) => self.exchange(talk, request).await,
            };
        }
        if next.is_some() {
            let reason = format!("The skill delegated {MOST_EXCHANGES} times in a row.");
            self.give_up(talk, &Broken::invalid(reason)).await;
        }
    }

    /// Changes the keys that signed the token which the request will carry: the recognised person's own, if there is one.
    async fn keys_changed(&self, wanted: Wanted<'_>) -> Result<KeysChanged, String> {
        let own = wanted.person.filter(|_| self.link_of(wanted).is_some());
        self.change_keys(Wanted { person: own, ..wanted }).await
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

    /// The tokens of the household and of the person, refreshed where that is due.
    async fn bearers(&self, talk: &mut Talk<'_>) -> Bearers {
        let (skill, fault) = (talk.skill, talk.fault());
        let household = self.fresh_token(Wanted { skill, person: None, fault }, talk.scrubber).await;
        let Some(name) = talk.saying.person.as_deref() else { return Bearers { household, person: None } };
        if !skill.manifest.asks_for("alexa::person_id:read") {
            return Bearers { household, person: None };
        }
        let person = self.household.person(&skill.slug, name);
        let own = self.fresh_token(Wanted { skill, person: Some(name), fault }, talk.scrubber).await;
        Bearers { household, person: Some((person, own)) }
    }

    /// Sends one request and takes in the answer.
    async fn exchange(&self, talk: &mut Talk<'_>, request: Move) -> Option<Move> {
        let (fault, before) = (talk.fault(), self.session());
        let bearers = self.bearers(talk).await;
        let body = self.body(talk, &bearers, &request);
        let title = match &request {
            Move::Launch => "Launch the skill",
            Move::Resume(_) => "Resume the skill",
            Move::Intent(..) | Move::Ask(..) => "Ask the skill",
        };
        let Bearers { household, person } = bearers;
        let is_linked = household.token.is_some() || person.as_ref().is_some_and(|(_, own)| own.token.is_some());
        let mut remarks: Vec<String> = household.remark.into_iter().collect();
        if let Some(Ok(changed)) = &mut talk.keys {
            // Said once in a turn.
            remarks.extend(Some(std::mem::take(&mut changed.words)).filter(|words| !words.is_empty()));
        }
        talk.turn.hops.extend(household.hops);
        if let Some((_, own)) = person {
            talk.turn.hops.extend(own.hops);
            remarks.extend(own.remark);
        } else if talk.saying.person.is_some() {
            let name = &talk.skill.name;
            remarks.push(format!(
                "Your voice is recognised, but the manifest of {name} does not ask for alexa::person_id:read, so the skill is not told who you are."
            ));
        }
        let letter = Letter { skill: talk.skill, title, body, fault };
        let Delivered { answer, trace, hops } = self.deliver(&letter).await;
        talk.turn.progressive.extend(hops.iter().filter_map(|hop| hop.spoken.clone()));
        talk.turn.hops.extend(hops);
        let guard_refused = trace.as_ref().is_some_and(GuardTrace::refused);
        if let Some(trace) = trace {
            (talk.turn.checks, talk.turn.claims) = (trace.checks, trace.claims);
        }
        if self.is_spoilt(talk, answer.is_ok()) {
            // The forged request is no part of the conversation, which goes on where it was.
            self.set_session(before);
            return None;
        }
        talk.session.is_known = true;
        let sent = match request {
            Move::Intent(intent, state) => Some((*intent, state)),
            _ => None,
        };
        let led = match answer {
            Ok(answer) => {
                conclude(talk.turn, talk.skill, &answer, guard_refused, is_linked);
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
        if let (Some(fault), Some(why)) = (talk.saying.fault, talk.out_of_reach()) {
            talk.turn.fault = Some(FaultShown::out_of_reach(fault, why));
        } else if let Some(fault) = fault.filter(|fault| !fault.is_of_requests()) {
            talk.turn.fault = Some(talk.judged(fault));
        }
        for remark in remarks.iter().rev() {
            talk.turn.explanation = format!("{remark} {}", talk.turn.explanation).trim_end().to_owned();
        }
        next
    }

    /// The body of a request.
    fn body(&self, talk: &mut Talk<'_>, bearers: &Bearers, request: &Move) -> Value {
        let session = &talk.session;
        let membership = self.household.membership(&talk.skill.slug);
        let device_id = self.household.device_id();
        let level = if session.is_verified { BY_PIN } else { BY_VOICE };
        let speaker = Speaker {
            skill_id: &talk.skill.skill_id,
            user_id: &membership.user_id,
            device_id: &device_id,
            access_token: bearers.household.token.as_ref(),
            person: bearers.person.as_ref().map(|(person, own)| Recognised {
                person_id: &person.person_id,
                access_token: own.token.as_ref(),
                level,
            }),
            permissions: &membership.permissions,
        };
        let is_new = !session.is_known;
        let within = Within { session_id: &session.session_id, is_new, attributes: &session.attributes };
        let off = talk.fault().map_or(0, Fault::clock_off);
        let now = Timestamp::from_millis(self.real_now().millis() + off * 1_000);
        let (id, locale) = (self.request_id(), session.locale.as_str());
        let (request, state) = match request {
            Move::Intent(intent, state) => (envelope::intent(&id, now, locale, (intent, *state)), *state),
            Move::Resume(cause) => (envelope::session_resumed(&id, now, locale, cause), None),
            Move::Launch | Move::Ask(..) => (envelope::launch(&id, now, locale), None),
        };
        let body = envelope::body(&speaker, Some(&within), request);
        talk.turn.dialog_state = state.map(|state| state.as_str().to_owned());
        body
    }

    /// Whether a fault of the request has come to its end: what came of it stands in the turn. One that the skill did not
    /// notice goes on like any other request.
    fn is_spoilt(&self, talk: &mut Talk<'_>, answered: bool) -> bool {
        let Some(fault) = talk.fault().filter(|fault| fault.is_of_requests()) else { return false };
        let status = talk.turn.asked_skill().and_then(|hop| hop.response.as_ref()).map(|response| response.status);
        // The official Node SDK tells of a foreign skill id with 500.
        let most = if fault == Fault::SkillId { 600 } else { 500 };
        let is_refused = status.is_some_and(|status| (400..most).contains(&status));
        if !answered && !is_refused {
            return false;
        }
        let shown = FaultShown::judged(fault, fault.verdict(answered));
        let is_over = !answered;
        if is_over {
            talk.turn.outcome = Outcome::Refused;
            talk.turn.spoken = Some(APOLOGY.into());
            talk.turn.explanation =
                "A person would hear the apology, and nothing else. The conversation goes on where it was.".into();
        }
        talk.turn.fault = Some(shown);
        is_over
    }

    /// What a good answer changes in the session, and whether Alexa goes on at once.
    fn take_in(
        &self,
        talk: &mut Talk<'_>,
        answer: Answer,
        sent: Option<&(Intent, Option<DialogState>)>,
    ) -> Result<Option<Move>, Broken> {
        let voice = talk.skill.voice(&talk.session.locale).map(|(_, voice)| voice);
        let shows = answer.shows_something() && talk.saying.device == Device::Screen;
        let started = connection::started(&answer.directives, talk.skill, talk.saying.person.as_deref());
        let started = started.transpose().map_err(Broken::invalid)?;
        let session = &mut talk.session;
        session.attributes = answer.attributes;
        session.reprompt = answer.reprompt;
        if let (Some(entities), Some(voice)) = (answer.entities, voice) {
            session.listener = (!entities.is_empty())
                .then(|| Arc::new(Listener::with_entities(&voice.model, &entities, voice.listener.locale())));
        }
        (session.held, session.until, session.suspended) = (None, None, None);
        if let Some(started) = started {
            return Ok(self.connect(talk, started));
        }
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

    /// A task of Alexa's begins, goes on or ends.
    fn connect(&self, talk: &mut Talk<'_>, connected: Connected) -> Option<Move> {
        match connected {
            Connected::Waiting(suspended, says) => {
                let before = talk.turn.spoken.take().map(|spoken| format!("{spoken} ")).unwrap_or_default();
                talk.turn.spoken = Some(format!("{before}{says}"));
                talk.session.suspended = Some(suspended);
                self.set_session(Some(talk.session.clone()));
                None
            }
            Connected::Resumed(cause) => {
                talk.session.suspended = None;
                self.set_session(cause.is_some().then(|| talk.session.clone()));
                cause.map(Move::Resume)
            }
        }
    }

    /// A PIN was asked for, and this was said.
    pub(crate) async fn take_pin(&self, talk: &mut Talk<'_>, digits: &str) {
        let Some(suspended) = talk.session.suspended.take() else { return };
        let (is_right, connected) = suspended.heard_pin(digits);
        talk.session.is_verified |= is_right;
        talk.turn.explanation = "Alexa asks for the PIN by itself; the skill never learns it.".into();
        if let Some(next) = self.connect(talk, connected) {
            self.carry_out(talk, next).await;
        }
    }

    /// The account was linked for which a session waits: the session goes on.
    pub(crate) async fn resume_after_linking(&self, skill: &Skill, turn: &mut Turn, scrubber: &mut Scrubber) {
        let waits = |session: &Session| {
            session.skill == skill.slug && session.suspended.as_ref().is_some_and(|one| one.task == Task::Linking)
        };
        let Some(session) = self.session().filter(waits) else { return };
        let Some(suspended) = session.suspended.clone() else { return };
        let (spoken, explanation) = (turn.spoken.clone(), turn.explanation.clone());
        let saying = Saying::default();
        let mut talk = Talk { skill, session, saying: &saying, turn, scrubber, keys: None };
        if let Some(next) = self.connect(&mut talk, suspended.linked()) {
            self.carry_out(&mut talk, next).await;
            let resumed = turn.spoken.take().unwrap_or_default();
            turn.spoken = Some(format!("{} {resumed}", spoken.unwrap_or_default()).trim().to_owned());
            turn.explanation = format!("{explanation} The session that waited for it went on.");
        }
    }

    /// The answer was none: an apology, and the session is over.
    async fn give_up(&self, talk: &mut Talk<'_>, broken: &Broken) {
        self.set_session(None);
        talk.turn.outcome = Outcome::Failed;
        (talk.turn.spoken, talk.turn.reprompt) = (Some(APOLOGY.into()), None);
        talk.turn.explanation.clone_from(&broken.reason);
        if let Some(hop) = talk.turn.asked_skill() {
            hop.note = Some(broken.reason.clone());
        }
        let ended = self.end(talk.skill, &talk.session, Ending::Broken(broken), talk.scrubber).await;
        talk.turn.hops.extend(ended);
    }
}
