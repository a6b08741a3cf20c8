//! Alexa's own interfaces that a skill calls: which token it was given with which request, and what it asks with it.
//!
//! Each request to a skill carries an `apiAccessToken` of its own. Kept is its digest; it stands for a skill, a user, a device
//! and the recognised person, and ends after an hour. A call is drawn with the turn whose request the token came with.

mod settings;

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use sayso_alexa::progressive::{Answering, ProgressiveResponse};
use sayso_token::digest::Digest;
use sayso_token::secret::Secret;
use sayso_token::time::{Lifetime, Timestamp};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::envelope::iso_millis;
use crate::linking::{ALEXA, SKILL};
use crate::news::UnderWay;
use crate::scrub::{ALEXA_TOKEN, Scrubber};
use crate::simulator::Inner;
use crate::speech::plain;
use crate::trace::{Hop, RequestShown, ResponseShown};

/// How long a token can be used.
const LIFETIME: Lifetime = Lifetime::from_seconds(3_600);
/// Tokens kept; the oldest gives way.
const MOST_ISSUED: usize = 512;
/// Calls noted of one request.
const MOST_CALLS: usize = 32;

/// The tokens that were issued, and the requests they came with.
#[derive(Default)]
pub(crate) struct AlexaApi {
    issued: Mutex<VecDeque<Issued>>,
}

/// A token, whom it stands for, and the request it came with.
pub(crate) struct Issued {
    token: Digest,
    /// Slug of the skill.
    pub(crate) skill: String,
    pub(crate) user_id: String,
    pub(crate) device_id: String,
    /// The recognised person, as the skill knows them.
    pub(crate) person_id: Option<String>,
    ends_at: Timestamp,
    request_id: String,
    request_type: String,
    /// When the request was sent.
    sent: Instant,
    sent_at: Timestamp,
    /// The turn it belongs to.
    under_way: Option<UnderWay>,
    /// Knows the access tokens that the request carries.
    scrubber: Scrubber,
    is_answered: bool,
    /// Progressive responses that were taken.
    taken: usize,
    calls: Vec<Call>,
    noted: usize,
}

/// A call of the skill's, as it is shown.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    /// When it came, from the sending of the request on.
    pub(crate) after_micros: u64,
    pub(crate) hop: Hop,
}

/// What a skill asks.
pub(crate) struct Asked {
    pub(crate) title: String,
    pub(crate) method: String,
    pub(crate) url: String,
    /// Header lines, names in lower case.
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Value,
    /// The bearer value, if there is one.
    pub(crate) token: Option<Secret>,
    /// When it came.
    pub(crate) came: Instant,
}

/// What it is answered.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    /// Nothing where it is null.
    pub(crate) body: Value,
    /// What to notice, in words.
    pub(crate) note: Option<String>,
    /// What the person hears of it at once.
    pub(crate) spoken: Option<String>,
}

/// Why a call has no access.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoAccess {
    /// There is no bearer value.
    Missing,
    /// It was never issued here.
    Unknown,
    /// Its time is over.
    Expired,
}

impl NoAccess {
    /// What to do about it.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Missing => "There is no token: send Authorization: Bearer with context.System.apiAccessToken.",
            Self::Unknown => {
                "The token is none that was issued here: send context.System.apiAccessToken of the request, not the access token of the account."
            }
            Self::Expired => "The token's hour is over: use the one of the present request.",
        }
    }
}

/// The interfaces stand open for one request. Dropped, it counts as answered.
pub(crate) struct Open<'a> {
    api: &'a AlexaApi,
    token: Secret,
}

impl Open<'_> {
    /// The request leaves now.
    pub(crate) fn sent(&self, real_now: Timestamp) {
        let token = of(&self.token);
        if let Some(issued) = self.api.lock().iter_mut().find(|one| one.token == token) {
            (issued.sent, issued.sent_at) = (Instant::now(), real_now);
        }
    }

    /// The skill has answered: what it has asked meanwhile.
    pub(crate) fn answered(self) -> Vec<Call> {
        self.api.close(&self.token)
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        // What is not fetched stays for the end of the turn.
        let token = of(&self.token);
        if let Some(issued) = self.api.lock().iter_mut().find(|one| one.token == token) {
            issued.is_answered = true;
        }
    }
}

fn of(token: &Secret) -> Digest {
    Digest::of(token.expose().as_bytes())
}

impl AlexaApi {
    fn lock(&self) -> MutexGuard<'_, VecDeque<Issued>> {
        self.issued.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Issues `token` for the request in `body`.
    fn open(&self, token: Secret, skill: &str, body: &Value, now: Timestamp) -> Open<'_> {
        let text = |place: &str| body.pointer(place).and_then(Value::as_str).map(str::to_owned);
        let mut scrubber = Scrubber::default();
        for place in ["/context/System/user/accessToken", "/context/System/person/accessToken"] {
            if let Some(secret) = text(place) {
                scrubber.know(&Secret::new(secret));
            }
        }
        let issued = Issued {
            token: of(&token),
            skill: skill.to_owned(),
            user_id: text("/context/System/user/userId").unwrap_or_default(),
            device_id: text("/context/System/device/deviceId").unwrap_or_default(),
            person_id: text("/context/System/person/personId"),
            ends_at: now + LIFETIME,
            request_id: text("/request/requestId").unwrap_or_default(),
            request_type: text("/request/type").unwrap_or_default(),
            sent: Instant::now(),
            sent_at: now,
            under_way: UnderWay::of_this_task(),
            scrubber,
            is_answered: false,
            taken: 0,
            calls: Vec::new(),
            noted: 0,
        };
        let mut all = self.lock();
        if all.len() >= MOST_ISSUED {
            all.pop_front();
        }
        all.push_back(issued);
        drop(all);
        Open { api: self, token }
    }

    fn close(&self, token: &Secret) -> Vec<Call> {
        let (mut all, token) = (self.lock(), of(token));
        let Some(issued) = all.iter_mut().find(|one| one.token == token) else { return Vec::new() };
        issued.is_answered = true;
        std::mem::take(&mut issued.calls)
    }

    /// Answers a call as `decide` says, and notes it with the request that its token came with. Named is the turn, where that request
    /// was answered before: nobody else will fetch what was noted.
    pub(crate) fn answer(
        &self,
        asked: &Asked,
        now: Timestamp,
        decide: impl FnOnce(Result<&mut Issued, NoAccess>) -> Reply,
    ) -> (Reply, Option<String>) {
        let mut all = self.lock();
        let token = asked.token.as_ref().map(of);
        let place = token.as_ref().and_then(|token| all.iter().position(|one| one.token == *token));
        let reply = match place.and_then(|at| all.get_mut(at)) {
            Some(issued) if issued.ends_at > now => decide(Ok(issued)),
            Some(_) => decide(Err(NoAccess::Expired)),
            None if token.is_some() => decide(Err(NoAccess::Unknown)),
            None => decide(Err(NoAccess::Missing)),
        };
        // A foreign token is most likely a mistake of the one skill that is just answering.
        let place = place.or_else(|| token.and_then(|_| sole(&all)));
        let late = place.and_then(|at| all.get_mut(at)).and_then(|issued| issued.note(asked, &reply));
        (reply, late)
    }

    /// What was asked for this turn since its requests were answered.
    pub(crate) fn late_calls(&self, turn: &str) -> Vec<Hop> {
        let mut all = self.lock();
        let own = all.iter_mut().filter(|one| one.is_answered && one.turn() == Some(turn));
        own.flat_map(|one| std::mem::take(&mut one.calls)).map(|call| Hop { within: false, ..call.hop }).collect()
    }
}

/// The only request of a turn that is being answered.
fn sole(all: &VecDeque<Issued>) -> Option<usize> {
    let mut open = all.iter().enumerate().filter(|(_, one)| !one.is_answered && one.under_way.is_some());
    open.next().map(|(at, _)| at).filter(|_| open.next().is_none())
}

impl Issued {
    fn turn(&self) -> Option<&str> {
        self.under_way.as_ref().map(UnderWay::turn)
    }

    /// `VoicePlayer.Speak`: says something before the answer.
    pub(crate) fn speak(&mut self, body: &[u8]) -> Reply {
        let answering = Answering {
            request_id: &self.request_id,
            request_type: &self.request_type,
            is_answered: self.is_answered,
            taken: self.taken,
        };
        let judged = ProgressiveResponse::read(body).and_then(|response| {
            response.judge(&answering)?;
            Ok(response)
        });
        match judged {
            Ok(response) => {
                self.taken += 1;
                Reply { status: 204, spoken: Some(plain(&response.speech)), ..Reply::default() }
            }
            Err(refused) => Reply {
                status: refused.status(),
                body: json!({"code": refused.status(), "message": refused.message()}),
                note: Some(format!("Refused: {refused}.")),
                spoken: None,
            },
        }
    }

    /// Notes a call; the turn, if this comes after the answer.
    fn note(&mut self, asked: &Asked, reply: &Reply) -> Option<String> {
        let under_way = self.under_way.clone()?;
        if self.noted >= MOST_CALLS {
            return None;
        }
        self.noted += 1;
        let after_micros = micros(asked.came.duration_since(self.sent));
        let mut hop = Hop {
            title: asked.title.clone(),
            from: SKILL.into(),
            to: ALEXA.into(),
            at: Some(iso_millis(Timestamp::from_millis(
                self.sent_at.millis().saturating_add(i64::try_from(after_micros / 1_000).unwrap_or(i64::MAX)),
            ))),
            within: !self.is_answered,
            request: Some(RequestShown {
                method: asked.method.clone(),
                url: asked.url.clone(),
                headers: asked.headers.clone(),
                body: asked.body.clone(),
            }),
            response: Some(ResponseShown { status: reply.status, headers: BTreeMap::new(), body: reply.body.clone() }),
            note: reply.note.clone(),
            spoken: reply.spoken.clone(),
            ..Hop::default()
        };
        hop.took(asked.came.elapsed());
        self.scrubber.hop(&mut hop);
        let call = Call { after_micros, hop };
        if !self.is_answered {
            under_way.asked_meanwhile(call.clone());
        }
        self.calls.push(call);
        self.is_answered.then(|| under_way.turn().to_owned())
    }
}

fn micros(time: std::time::Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

impl Inner {
    /// Puts the address of Alexa's interfaces and a token for them into a request that is about to be sent; nothing where it has a
    /// token already.
    pub(crate) fn open_api(&self, skill: &str, body: &mut Value) -> Option<Open<'_>> {
        let system = body.pointer_mut("/context/System")?.as_object_mut()?;
        if system.contains_key("apiAccessToken") {
            return None;
        }
        let token = Secret::new(format!("{ALEXA_TOKEN}{}{}", self.entropy.token(), self.entropy.token()));
        system.insert("apiEndpoint".into(), self.public_url.clone().into());
        system.insert("apiAccessToken".into(), token.expose().into());
        Some(self.alexa_api.open(token, skill, body, self.now()))
    }

    /// Adds to a turn that is over what its skill has asked since; whether that was anything.
    pub(crate) fn settle_calls(&self, turn: &str) -> bool {
        self.change_turn(turn, |kept| {
            let late = self.alexa_api.late_calls(turn);
            kept.hops.extend(late.iter().cloned());
            !late.is_empty()
        })
    }
}
