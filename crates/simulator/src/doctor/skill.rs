//! The skill: does it answer, ask for a link as it must, and refuse what Alexa has not signed or nobody has issued?

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sayso_alexa::envelope::Intent;
use sayso_token::secret::Secret;
use sayso_token::time::{Lifetime, Timestamp};
use serde_json::{Map, Value, json};

use super::authorization::{MOST_OFF_SECONDS, off_by};
use super::{Checked, trials};
use crate::deliver::{Delivered, Letter};
use crate::endpoint::Endpoint;
use crate::envelope::{self, Speaker, Within};
use crate::faults::Fault;
use crate::household::{Membership, id};
use crate::linking::events::Event;
use crate::package::Skill;
use crate::simulator::Inner;
use crate::span;

/// So old are the request and the event that come late.
const LATE: Lifetime = Lifetime::from_seconds(30 * 60);
/// So many intents are asked until one wants an account.
const MOST_INTENTS: usize = 12;

/// Somebody whom the skill does not know, in the first locale that it speaks.
struct Stranger<'a> {
    skill: &'a Skill,
    locale: &'a str,
    membership: Membership,
}

impl Inner {
    /// Asks the skill, outside of the conversation and as a user whom nobody is.
    pub(crate) async fn examine_skill(&self, skill: &Skill) -> Vec<Checked> {
        let trial = trials::ANSWER;
        if skill.manifest.apis.custom.is_none() && skill.manifest.is_smart_home() {
            return Vec::new();
        }
        let endpoint = match skill.endpoint() {
            Ok(endpoint) => endpoint,
            Err(reason) => return vec![Checked::bad(trial, reason, "Name where the skill is reached.")],
        };
        let locale = skill.voices.keys().next().map_or("en-US", String::as_str);
        let membership = Membership { user_id: id(&self.entropy, "amzn1.ask.account.", 200), ..Membership::default() };
        let stranger = Stranger { skill, locale, membership };
        let launched = self.launched(&stranger, self.real_now(), None).await;
        let is_heard = status_of(&launched).is_none_or(|status| !(400..500).contains(&status));
        let clock = self.skill_clock(&launched);
        let mut checks = vec![match launched.answer {
            Err(broken) if !is_heard => {
                let remedy = "See the skill's log. One that verifies signatures has to believe this simulator first: its root is trust/root.pem in the folder of --data, and Sayso's SDK takes it by DangerousLocalTrust.";
                Checked::bad(trial, broken.reason, remedy)
            }
            Err(broken) => Checked::bad(trial, broken.reason, "See the skill's log."),
            Ok(answer) if answer.asks_to_link() && answer.spoken.is_none() => {
                let remedy = "Say what to do in the Alexa app; certification wants both.";
                Checked::doubtful(trial, "It sends a LinkAccount card without a word.", remedy)
            }
            Ok(answer) if answer.asks_to_link() => Checked::good(trial, "It asks to link, with a card and in words."),
            Ok(answer) if answer.says_something() => Checked::good(trial, "It answers without an account."),
            Ok(_) => Checked::doubtful(trial, "It says nothing to who has no account.", "Say what the skill needs."),
        }];
        checks.extend(clock);
        if skill.linking.is_some() {
            checks.push(self.examine_made_up_tokens(&stranger).await);
        }
        if matches!(endpoint, Endpoint::Web(_)) && !is_heard {
            let found = "Not tried: what is well signed is refused too.";
            let seen = [trials::UNSIGNED, trials::OLD, trials::LATE];
            checks.extend(
                seen.map(|trial| Checked::unknown(trial.trying(""), found, "See to the skill's answer first.")),
            );
        } else if matches!(endpoint, Endpoint::Web(_)) {
            let unsigned = self.launched(&stranger, self.real_now(), Some(Fault::SignatureMissing)).await;
            let remedy = "Verify the signature; certification fails otherwise.";
            checks.push(must_refuse(trials::UNSIGNED, unsigned, remedy));
            let old = self.launched(&stranger, self.real_now() - LATE, None).await;
            let remedy =
                "Refuse requests that are more than 150 seconds old: a copied one can be sent again otherwise.";
            checks.push(must_refuse(trials::OLD, old, remedy));
            checks.push(self.examine_late_event(&stranger).await);
        }
        checks
    }

    /// A skill whose clock is far off refuses every request of Alexa's.
    fn skill_clock(&self, launched: &Delivered) -> Option<Checked> {
        let headers = &launched.hops.first()?.response.as_ref()?.headers;
        let off = off_by(headers.get("date")?, self.real_now())?;
        (off >= MOST_OFF_SECONDS).then(|| {
            let found = format!("It is {} off this machine's.", span::in_words(off));
            let remedy = "Keep it by NTP: a skill whose clock is more than 150 seconds off refuses Alexa's requests as too old, or takes recorded ones.";
            Checked::doubtful(trials::SKILL_CLOCK, found, remedy)
        })
    }

    /// An event may come up to an hour late, and is good all the same.
    async fn examine_late_event(&self, stranger: &Stranger<'_>) -> Checked {
        let trial = trials::LATE;
        let Some(event) = Event::ALL.into_iter().find(|event| event.is_wanted_by(stranger.skill)) else {
            let remedy =
                "Subscribe to SKILL_DISABLED in the manifest's events, to revoke what was linked when it comes.";
            let trial = trial.trying("The manifest was searched for an event to send.");
            return Checked::unknown(trial, "It subscribes to none.", remedy);
        };
        let request = self.event_request(event, &stranger.membership, self.real_now() - LATE);
        let letter = self.letter(stranger, (request, None), false);
        match self.post(&letter).await {
            Err(reason) => Checked::unknown(trial, reason, ""),
            Ok((Ok(incoming), _)) if incoming.status == 200 => Checked::good(trial, "It is taken."),
            Ok((Ok(incoming), _)) if (400..500).contains(&incoming.status) => {
                let remedy =
                    "Take AlexaSkillEvent requests that are up to an hour old; 150 seconds are for all others.";
                let found = format!("It is refused with status {}: events that come late are lost.", incoming.status);
                Checked::bad(trial, found, remedy)
            }
            Ok((Ok(incoming), _)) => {
                let found = format!("It is answered with status {}.", incoming.status);
                Checked::doubtful(trial, found, "Answer events that the manifest subscribes to; see the skill's log.")
            }
            Ok((Err(lost), _)) => super::tokens::lost(trial, lost),
        }
    }

    /// A token must be looked at, not only be there.
    async fn examine_made_up_tokens(&self, stranger: &Stranger<'_>) -> Checked {
        let trial = trials::MADE_UP;
        let voice = stranger.skill.voices.get(stranger.locale);
        let intents = voice.into_iter().flat_map(|voice| &voice.model.intents);
        let own = intents.filter(|intent| !intent.name.starts_with("AMAZON.")).take(MOST_INTENTS);
        for model in own {
            let slots = model.slots.iter().map(|slot| slot.name.as_str());
            let Some(intent) = asked_for(&model.name, slots) else { continue };
            if !self.wished(stranger, &intent, None).await.answer.is_ok_and(|answer| answer.asks_to_link()) {
                continue;
            }
            let forged = forged(stranger.skill, self.real_now());
            for (what, token) in [("a made-up token", Secret::new("sayso-doctor-made-up")), ("a forged JWT", forged)] {
                match self.wished(stranger, &intent, Some(&token)).await.answer {
                    Ok(answer) if answer.asks_to_link() => {}
                    Ok(_) => {
                        let remedy = "Check every token: signature or introspection, issuer, audience, expiry, scope. That one is there says nothing.";
                        return Checked::bad(trial, format!("{} is answered with {what}.", model.name), remedy);
                    }
                    Err(broken) => {
                        let remedy = "Answer a token that is no good with words and a LinkAccount card.";
                        let found = format!("{} fails with {what}: {}", model.name, broken.reason);
                        return Checked::doubtful(trial, found, remedy);
                    }
                }
            }
            return Checked::good(trial, format!("{} asks to link with either of them.", model.name));
        }
        let remedy =
            "Ask it yourself for what needs an account, without one: it has to answer with a LinkAccount card.";
        let trial = trial.trying("Intents were asked without a token, to find one that needs an account.");
        Checked::unknown(trial, "None asked to link, so no token was tried.", remedy)
    }

    async fn launched(&self, stranger: &Stranger<'_>, at: Timestamp, fault: Option<Fault>) -> Delivered {
        let request = envelope::launch(&self.request_id(), at, stranger.locale);
        self.deliver(&Letter { fault, ..self.letter(stranger, (request, None), true) }).await
    }

    async fn wished(&self, stranger: &Stranger<'_>, intent: &Intent, token: Option<&Secret>) -> Delivered {
        let request = envelope::intent(&self.request_id(), self.real_now(), stranger.locale, (intent, None));
        self.deliver(&self.letter(stranger, (request, token), true)).await
    }

    fn letter<'a>(
        &self,
        stranger: &Stranger<'a>,
        (request, token): (Value, Option<&Secret>),
        in_session: bool,
    ) -> Letter<'a> {
        let session = self.new_session(&stranger.skill.slug, stranger.locale);
        let device_id = self.household.device_id();
        let speaker = Speaker {
            skill_id: &stranger.skill.skill_id,
            user_id: &stranger.membership.user_id,
            device_id: &device_id,
            access_token: token,
            person: None,
            permissions: &stranger.membership.permissions,
        };
        let within = Within { session_id: &session.session_id, is_new: true, attributes: &session.attributes };
        let body = envelope::body(&speaker, in_session.then_some(&within), request);
        Letter { skill: stranger.skill, title: "Examine the skill", body, fault: None }
    }
}

fn status_of(sent: &Delivered) -> Option<u16> {
    sent.hops.first()?.response.as_ref().map(|response| response.status)
}

fn must_refuse(trial: trials::Trial, sent: Delivered, remedy: &str) -> Checked {
    match (status_of(&sent), sent.answer) {
        (_, Ok(_)) => Checked::bad(trial, "It is answered.", remedy),
        (Some(400..=499), _) => Checked::good(trial, "It is refused."),
        _ => Checked::unknown(trial, "The skill gave no clear answer.", "Refuse it with status 400."),
    }
}

/// An intent of which nothing was filled in.
fn asked_for<'a>(name: &str, slots: impl Iterator<Item = &'a str>) -> Option<Intent> {
    let empty = |slot: &str| (slot.to_owned(), json!({"name": slot, "confirmationStatus": "NONE"}));
    let slots: Map<String, Value> = slots.map(empty).collect();
    serde_json::from_value(json!({"name": name, "confirmationStatus": "NONE", "slots": slots})).ok()
}

/// A token that looks like one of the server's, and that nobody has signed.
fn forged(skill: &Skill, now: Timestamp) -> Secret {
    let linking = skill.linking.as_ref();
    let issuer = linking.and_then(|linking| url::Url::parse(&linking.authorization_url).ok());
    let issuer = issuer.map(|url| url.origin().ascii_serialization()).unwrap_or_default();
    let claims = json!({
        "iss": issuer, "sub": "sayso-doctor", "aud": issuer, "jti": "sayso-doctor",
        "client_id": linking.map(|linking| linking.client_id.as_str()),
        "scope": linking.map(|linking| linking.scopes.join(" ")),
        "iat": now.seconds() - 60, "exp": now.seconds() + 3_600,
    });
    let parts = [json!({"alg": "RS256", "typ": "at+jwt"}).to_string(), claims.to_string(), "nobody's signature".into()];
    Secret::new(parts.map(|part| URL_SAFE_NO_PAD.encode(part)).join("."))
}
