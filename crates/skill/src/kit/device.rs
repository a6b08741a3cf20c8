//! A device that keeps its session, as Alexa does.

use serde_json::{Map, Value, json};

use super::said::Said;
use super::signer;
use super::world::World;
use crate::skill::Skill;
use crate::verification::Post;

/// What a person means: an intent with its slots.
#[derive(Clone, Debug)]
pub struct IntentWords {
    name: String,
    slots: Map<String, Value>,
    dialog_state: Option<&'static str>,
}

/// An intent without slots.
#[must_use]
pub fn intent(name: impl Into<String>) -> IntentWords {
    IntentWords { name: name.into(), slots: Map::new(), dialog_state: None }
}

impl IntentWords {
    /// A slot with what was said.
    #[must_use]
    pub fn slot(mut self, name: &str, said: &str) -> Self {
        self.slots.insert(name.to_owned(), json!({"name": name, "value": said, "confirmationStatus": "NONE"}));
        self
    }

    /// A slot that was not filled.
    #[must_use]
    pub fn empty_slot(mut self, name: &str) -> Self {
        self.slots.insert(name.to_owned(), json!({"name": name, "confirmationStatus": "NONE"}));
        self
    }

    /// A slot with what was said, and the value of its type that was recognised.
    #[must_use]
    pub fn resolved_slot(mut self, name: &str, said: &str, (value, id): (&str, &str)) -> Self {
        let resolutions = json!({"resolutionsPerAuthority": [{
            "authority": format!("amzn1.er-authority.echo-sdk.{}.{name}", World::SKILL_ID),
            "status": {"code": "ER_SUCCESS_MATCH"}, "values": [{"value": {"name": value, "id": id}}],
        }]});
        let slot = json!({"name": name, "value": said, "confirmationStatus": "NONE", "resolutions": resolutions});
        self.slots.insert(name.to_owned(), slot);
        self
    }

    /// How far the dialog is: `STARTED`, `IN_PROGRESS` or `COMPLETED`.
    #[must_use]
    pub fn dialog_state(mut self, state: &'static str) -> Self {
        self.dialog_state = Some(state);
        self
    }

    pub(super) fn request(&self) -> Value {
        let mut intent = json!({"name": self.name, "confirmationStatus": "NONE"});
        let mut request = json!({"type": "IntentRequest"});
        if let (false, Some(intent)) = (self.slots.is_empty(), intent.as_object_mut()) {
            intent.insert("slots".to_owned(), Value::Object(self.slots.clone()));
        }
        if let Some(request) = request.as_object_mut() {
            request.insert("intent".to_owned(), intent);
            if let Some(state) = self.dialog_state {
                request.insert("dialogState".to_owned(), json!(state));
            }
        }
        request
    }
}

/// A device in front of a skill. It keeps the session as long as the skill keeps it open, with its attributes.
pub struct Device {
    world: World,
    skill: Skill,
    user: Map<String, Value>,
    person: Option<Value>,
    locale: String,
    /// Those of the open session.
    attributes: Option<Value>,
    /// Those of a session that waits for a task, and the task's token.
    waiting: Option<(Value, Value)>,
    sessions: u32,
    requests: u32,
}

impl Device {
    /// A device whose account is not linked, in `en-US`.
    #[must_use]
    pub fn of(world: &World, skill: Skill) -> Self {
        Self {
            world: world.clone(),
            skill,
            user: Map::from_iter([("userId".to_owned(), json!("amzn1.ask.account.A"))]),
            person: None,
            locale: "en-US".to_owned(),
            attributes: None,
            waiting: None,
            sessions: 0,
            requests: 0,
        }
    }

    /// Links the account: this access token comes with every request from now on.
    pub fn link(&mut self, token: impl Into<String>) {
        self.user.insert("accessToken".to_owned(), json!(token.into()));
    }

    /// Unlinks the account.
    pub fn unlink(&mut self) {
        self.user.remove("accessToken");
    }

    /// Speaks another language.
    pub fn speak(&mut self, locale: impl Into<String>) {
        self.locale = locale.into();
    }

    /// A person is recognised, this surely (300 by voice, 400 by PIN), perhaps with a link of their own.
    pub fn recognise(&mut self, person_id: &str, level: i64, token: Option<&str>) {
        let mut person = json!({"personId": person_id, "authenticationConfidenceLevel": {"level": level}});
        if let (Some(token), Some(person)) = (token, person.as_object_mut()) {
            person.insert("accessToken".to_owned(), json!(token));
        }
        self.person = Some(person);
    }

    /// Whether a session is open.
    #[must_use]
    pub fn is_in_session(&self) -> bool {
        self.attributes.is_some()
    }

    /// "Open …": a `LaunchRequest` in a new session.
    pub async fn open(&mut self) -> Said {
        self.attributes = None;
        self.send(json!({"type": "LaunchRequest"})).await
    }

    /// Says something that means this intent, in the open session or in a new one.
    pub async fn say(&mut self, words: IntentWords) -> Said {
        self.send(words.request()).await
    }

    /// A skill event, such as `SkillDisabled`.
    pub async fn event(&mut self, name: &str, body: Value) -> Said {
        self.send(json!({"type": format!("AlexaSkillEvent.{name}"), "body": body})).await
    }

    /// The task is over that the skill started with `Connections.StartConnection`: its session goes on with a `SessionResumedRequest`.
    /// `code` is one of HTTP's, such as `"200"`, `result` by the task's own schema.
    ///
    /// # Panics
    /// The last answer started no task.
    #[track_caller]
    pub fn finish_task(&mut self, code: &str, result: Value) -> impl Future<Output = Said> {
        let (attributes, token) =
            self.waiting.take().expect("the last answer starts a task with Connections.StartConnection");
        self.attributes = Some(attributes);
        let mut cause = json!({
            "type": "ConnectionCompleted", "status": {"code": code, "message": "told by the test"}, "result": result,
        });
        if let (false, Some(cause)) = (token.is_null(), cause.as_object_mut()) {
            cause.insert("token".to_owned(), token);
        }
        self.send(json!({"type": "SessionResumedRequest", "cause": cause}))
    }

    /// The recognised person says the PIN that the skill had Alexa ask for, the right one or a wrong one.
    ///
    /// # Panics
    /// The last answer started no task.
    #[track_caller]
    pub fn say_pin(&mut self, is_right: bool) -> impl Future<Output = Said> {
        let level = self.person.as_mut().and_then(|person| person.pointer_mut("/authenticationConfidenceLevel/level"));
        if let (true, Some(level)) = (is_right, level) {
            *level = json!(400);
        }
        self.finish_task(
            "200",
            match is_right {
                true => json!({"version": "2", "status": "ACHIEVED"}),
                false => json!({"version": "2", "status": "NOT_ACHIEVED", "reason": "NOT_MATCH"}),
            },
        )
    }

    /// Sends any request, in the open session or in a new one; one that belongs to no session, such as `AudioPlayer.PlaybackStarted`,
    /// without one, and the open one goes on.
    pub async fn send(&mut self, request: Value) -> Said {
        let is_outside = is_outside_sessions(&request);
        let envelope = self.envelope(request);
        let said = self.post(envelope.to_string().as_bytes()).await;
        if !is_outside {
            self.attributes = said.keeps_session().then(|| said.session_attributes());
            let task = said.directive("Connections.StartConnection");
            self.waiting = task.map(|task| (said.session_attributes(), task.get("token").cloned().unwrap_or_default()));
        }
        said
    }

    /// The envelope around a request, as Alexa writes it; for tests that change something in it.
    pub fn envelope(&mut self, mut request: Value) -> Value {
        self.requests += 1;
        let is_outside = is_outside_sessions(&request);
        let is_new = self.attributes.is_none();
        if is_new && !is_outside {
            self.sessions += 1;
        }
        if let Some(request) = request.as_object_mut() {
            request.insert("requestId".to_owned(), json!(format!("amzn1.echo-api.request.{}", self.requests)));
            request.insert("timestamp".to_owned(), json!(timestamp(self.world.now().seconds())));
            request.insert("locale".to_owned(), json!(self.locale));
        }
        let application = json!({"applicationId": World::SKILL_ID});
        let mut system = json!({
            "application": application, "user": self.user, "apiEndpoint": "https://api.amazonalexa.com",
            "apiAccessToken": "api-token-of-the-tests", "device": {"deviceId": "amzn1.ask.device.D", "supportedInterfaces": {}},
        });
        if let (Some(person), Some(system)) = (&self.person, system.as_object_mut()) {
            system.insert("person".to_owned(), person.clone());
        }
        let mut envelope = json!({
            "version": "1.0",
            "session": {
                "new": is_new, "sessionId": format!("amzn1.echo-api.session.{}", self.sessions), "application": application,
                "user": self.user, "attributes": self.attributes.clone().unwrap_or_else(|| json!({})),
            },
            "context": {"System": system},
            "request": request,
        });
        if let (true, Some(envelope)) = (is_outside, envelope.as_object_mut()) {
            envelope.remove("session");
        }
        envelope
    }

    /// Signs a body and posts it, as Alexa does.
    pub async fn post(&self, body: &[u8]) -> Said {
        let signature = signer::sign(body);
        let post = Post { signatures: vec![signature.as_bytes()], chain_urls: vec![World::CHAIN_URL.as_bytes()], body };
        self.post_as_it_is(post).await
    }

    /// Posts whatever it is given.
    pub async fn post_as_it_is(&self, post: Post<'_>) -> Said {
        let reply = Box::pin(self.skill.reply(post)).await;
        Said::new(reply)
    }
}

/// Whether Alexa sends such a request outside of sessions.
fn is_outside_sessions(request: &Value) -> bool {
    let request_type = request.get("type").and_then(Value::as_str).unwrap_or_default();
    let families = [
        "AlexaSkillEvent.",
        "AlexaHouseholdListEvent.",
        "Reminders.",
        "AudioPlayer.",
        "PlaybackController.",
        "Messaging.",
        "Alexa.Authorization.",
        "Alexa.DataStore.",
        "Alexa.Advertisement.",
        "System.",
    ];
    families.iter().any(|family| request_type.starts_with(family))
}

/// ISO 8601 of seconds since 1970, in UTC.
pub(super) fn timestamp(seconds: i64) -> String {
    let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    // Days are counted from March of year 0, so that the leap day is the last of its year.
    let shifted = days + 719_468;
    let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", rest / 3_600, rest / 60 % 60, rest % 60)
}

#[cfg(test)]
mod tests {
    use super::timestamp;

    #[test]
    fn times_are_written_as_they_are_read() {
        for seconds in [0, 951_782_399, 951_782_400, 1_709_164_800, 1_795_348_800, 4_102_444_799] {
            assert_eq!(sayso_alexa::timestamp::parse(&timestamp(seconds)), Some(seconds * 1_000), "{seconds}");
        }
        assert_eq!(timestamp(1_795_348_800), "2026-11-22T12:00:00Z");
    }
}
