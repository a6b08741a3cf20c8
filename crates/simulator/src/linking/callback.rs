//! The browser comes back from the authorization server (RFC 6749 section 4.1.2).

use std::sync::Arc;
use std::time::Duration;

use sayso_alexa::account_linking::AccountLinking;
use sayso_token::secret::Secret;
use serde_json::Value;
use url::Url;

use super::authorize::{Pending, Region, Returned, Stray};
use super::events::{Event, Told};
use super::linked_with::LinkedWith;
use super::refresh::link_from;
use super::token_endpoint::{Asking, Granted, Withheld, ask};
use super::{ALEXA, AUTHORIZATION_SERVER, BROWSER};
use crate::envelope::iso;
use crate::faults::Fault;
use crate::household::Link;
use crate::outbound::Outgoing;
use crate::package::Skill;
use crate::scrub::Scrubber;
use crate::simulator::Inner;
use crate::trace::{FaultShown, Heard, HeardKind, Hop, Outcome, RequestShown, ResponseShown, Turn};

/// What came of coming back.
pub(crate) enum Landed {
    /// A linking ended, well or not; the turn tells how.
    Ended(Arc<Turn>),
    /// The answer belongs to no linking of this browser; nothing was done. The text is for the person.
    Nowhere(&'static str),
}

impl Inner {
    /// Ends a linking with the query that came back.
    pub(crate) async fn land(&self, region: Region, query: &str, browser: &str) -> Landed {
        let Some(returned) = Returned::parse(query) else {
            return Landed::Nowhere("The answer of the authorization server has a parameter twice.");
        };
        let taken = self.underway.take(returned.state.as_deref().unwrap_or_default(), browser, region, self.real_now());
        let pending = match taken {
            Ok(pending) => pending,
            Err(stray) => return Landed::Nowhere(explain(stray)),
        };
        let Some(skill) = self.skill(&pending.skill) else {
            return Landed::Nowhere("The skill is not installed any more.");
        };
        let hops = browser_hops(&pending, query, returned.source.as_deref());
        let under_way = self.news.go_on(&pending.turn);
        if let Some(back) = hops.last() {
            under_way.asked(back);
        }
        Landed::Ended(under_way.with(self.landed(skill, &pending, &returned, hops)).await)
    }

    /// Ends the linking that the answer belongs to.
    async fn landed(&self, skill: &Skill, pending: &Pending, returned: &Returned, mut hops: Vec<Hop>) -> Arc<Turn> {
        let mut scrubber = Scrubber::default();
        let (ended, told) = self.finish(skill, pending, returned, &mut scrubber).await;
        hops.extend(told.hops);
        for secret in [&returned.code, &returned.access_token, &pending.verifier].into_iter().flatten() {
            scrubber.know(secret);
        }
        let name = &skill.name;
        let (outcome, spoken, explanation) = match ended {
            Ok(()) => (
                Outcome::Answered,
                format!("Your {name} account has been successfully linked."),
                match &pending.person {
                    None => {
                        format!("The account is linked: from now on every request to {name} carries an access token.")
                    }
                    Some(person) => {
                        format!("The account of {person} is linked: requests to {name} in their voice carry its token.")
                    }
                },
            ),
            Err((outcome, reason)) => (outcome, format!("We were unable to link {name} at this time."), reason),
        };
        let mut turn = begun(&pending.turn, iso(self.now()), skill);
        (turn.outcome, turn.spoken, turn.explanation, turn.hops) = (outcome, Some(spoken), explanation, hops);
        turn.fault = told.fault;
        if turn.outcome == Outcome::Answered {
            self.resume_after_linking(skill, &mut turn, &mut scrubber).await;
        }
        turn.session.open = self.session().is_some();
        scrubber.turn(&mut turn);
        self.record(turn)
    }

    /// The browser leaves for the login page: the pages that follow the news show it.
    pub(crate) fn linking_begins(&self, turn: &str, skill: &Skill) {
        let under_way = self.news.begin(&begun(turn, iso(self.now()), skill));
        under_way.asked(&there(String::new()));
    }

    /// Judges what came back, and exchanges the code when it is good.
    async fn finish(
        &self,
        skill: &Skill,
        pending: &Pending,
        returned: &Returned,
        scrubber: &mut Scrubber,
    ) -> (Result<(), (Outcome, String)>, Told) {
        let out_of_reach = |why: &str| Told {
            hops: Vec::new(),
            fault: pending.fault.map(|fault| FaultShown::out_of_reach(fault, why)),
        };
        if pending.is_implicit {
            let taken = self.take_token(skill, pending, returned, scrubber);
            let mut told = match pending.fault {
                Some(fault) if taken.is_ok() && fault.is_of_requests() => Told::default(),
                _ if taken.is_ok() => out_of_reach("with the implicit grant nothing is exchanged."),
                _ => out_of_reach("no token came back."),
            };
            if taken.is_ok() {
                let event_fault = pending.fault.filter(|fault| fault.is_of_requests());
                told.extend(self.after_linking(skill, event_fault, scrubber).await);
            }
            return (taken, told);
        }
        let (linking, code) = match usable(skill, pending, returned) {
            Ok(usable) => usable,
            Err(refused) => return (Err(refused), out_of_reach("no code came back, so nothing was exchanged.")),
        };
        let mut fields = vec![
            ("grant_type", "authorization_code".to_owned()),
            ("code", code.expose().to_owned()),
            ("redirect_uri", pending.redirect_uri.clone()),
        ];
        let verifier = self.verifier_sent(pending);
        if let Some(verifier) = &verifier {
            scrubber.know(verifier);
            fields.push(("code_verifier", verifier.expose().to_owned()));
        }
        let asking = Asking { title: "Exchange the code for tokens", fields, fault: pending.fault };
        let (answered, hops) = ask(&self.outbound, linking, asking).await;
        let judged = pending.fault.and_then(|fault| judge(fault, pending, answered.as_ref().map(|_| ())));
        let mut told = Told { hops, fault: judged };
        let ended = match answered {
            Ok(granted) => {
                for secret in [Some(&granted.access_token), granted.refresh_token.as_ref()].into_iter().flatten() {
                    scrubber.know(secret);
                }
                self.household.link(&skill.slug, pending.person.as_deref(), link_from(granted, self.now()));
                let event_fault = pending.fault.filter(|fault| fault.is_of_requests());
                told.extend(self.after_linking(skill, event_fault, scrubber).await);
                Ok(())
            }
            Err(withheld) => Err((Outcome::Failed, withheld.reason().to_owned())),
        };
        (ended, told)
    }

    /// The PKCE verifier, or another in its place when that is to go wrong.
    fn verifier_sent(&self, pending: &Pending) -> Option<Secret> {
        let verifier = pending.verifier.clone()?;
        Some(if pending.fault == Some(Fault::VerifierWrong) { Secret::new(self.entropy.token()) } else { verifier })
    }
}

/// What a fault of the exchange came to; nothing yet for one of the events that follow.
fn judge(fault: Fault, pending: &Pending, answered: Result<(), &Withheld>) -> Option<FaultShown> {
    let out_of_reach = |why: &str| Some(FaultShown::out_of_reach(fault, why));
    match (fault, answered) {
        (Fault::VerifierWrong, _) if pending.verifier.is_none() => {
            out_of_reach("the settings send no PKCE challenge, so there is no verifier (pkceConfiguration).")
        }
        (Fault::VerifierWrong, Err(Withheld::Trouble(_))) => out_of_reach("the token endpoint gave no clear answer."),
        (Fault::VerifierWrong, Err(Withheld::Refused(why))) if why.contains("_client") => {
            out_of_reach("the token endpoint refused the client, before it looked at the verifier.")
        }
        (fault, Err(_)) if fault.is_of_requests() => out_of_reach("nothing was linked, so no event was sent."),
        (fault, Ok(())) if fault.is_of_requests() => None,
        (fault, answered) => Some(FaultShown::judged(fault, fault.verdict(answered.is_ok()))),
    }
}

impl Inner {
    /// Takes the token of an implicit grant: there is nothing to exchange, and nothing to refresh it with.
    fn take_token(
        &self,
        skill: &Skill,
        pending: &Pending,
        returned: &Returned,
        scrubber: &mut Scrubber,
    ) -> Result<(), (Outcome, String)> {
        refused(pending, returned)?;
        let failed = |reason: &str| Err((Outcome::Failed, reason.to_owned()));
        let Some(token) = returned.access_token.as_ref().filter(|token| !token.expose().is_empty()) else {
            return failed("The authorization server returned no access_token in the fragment.");
        };
        if !returned.token_type.as_deref().is_some_and(|kind| kind.eq_ignore_ascii_case("bearer")) {
            return failed("The fragment's token_type is not Bearer.");
        }
        let settings = skill.linking.as_ref().and_then(|linking| linking.default_expiration_seconds);
        let granted = Granted {
            access_token: token.clone(),
            refresh_token: None,
            expires_in: returned.expires_in.as_deref().and_then(|seconds| seconds.parse().ok()).or(settings),
            scope: returned.scope.clone(),
        };
        scrubber.know(token);
        self.household.link(&skill.slug, pending.person.as_deref(), link_from(granted, self.now()));
        Ok(())
    }

    /// What Alexa does once an account is linked: events, which the fault befalls, and its own code for a provider that wants
    /// one.
    pub(crate) async fn after_linking(&self, skill: &Skill, fault: Option<Fault>, scrubber: &mut Scrubber) -> Told {
        if let Some(linking) = &skill.linking {
            let with = LinkedWith::of(linking, &self.vendor_id, &skill.skill_id);
            self.household.linked_with(&skill.slug, with);
        }
        let membership = self.household.membership(&skill.slug);
        let mut told = Told::default();
        if !membership.is_enabled {
            self.household.enabled(&skill.slug);
            told.extend(self.tell(skill, (Event::Enabled, fault), &membership, scrubber).await);
        }
        told.extend(self.tell(skill, (Event::Linked, fault), &membership, scrubber).await);
        if let (Some(linking), Some(link)) = (&skill.linking, &membership.link) {
            told.hops.extend(self.hand_over_code(linking, link, scrubber).await);
        }
        told
    }

    /// Reciprocal authorization: a code of Alexa's for the provider, with the person's access token.
    async fn hand_over_code(&self, linking: &AccountLinking, link: &Link, scrubber: &mut Scrubber) -> Option<Hop> {
        let url = Url::parse(linking.reciprocal_url.as_deref()?).ok()?;
        let code = Secret::new(self.entropy.token());
        scrubber.know(&code);
        let fields = [
            ("grant_type", "reciprocal_authorization_code"),
            ("client_id", linking.client_id.as_str()),
            ("code", code.expose()),
        ];
        let shown: serde_json::Map<String, Value> =
            fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect();
        let outgoing = Outgoing {
            title: "Hand over a code of Alexa's (reciprocal authorization)",
            from: ALEXA,
            to: AUTHORIZATION_SERVER,
            url,
            headers: vec![
                ("content-type", "application/x-www-form-urlencoded".to_owned()),
                ("authorization", format!("Bearer {}", link.access_token.expose())),
            ],
            body: url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish().into_bytes(),
            shown: shown.into(),
            limit: Duration::from_millis(4_500),
            largest: 64 * 1024,
        };
        let (_, hop) = self.outbound.post(outgoing).await;
        Some(hop)
    }
}

/// The settings and the code to exchange, or why what came back links nothing.
fn usable<'a>(
    skill: &'a Skill,
    pending: &Pending,
    returned: &'a Returned,
) -> Result<(&'a AccountLinking, &'a Secret), (Outcome, String)> {
    refused(pending, returned)?;
    let Some(code) = returned.code.as_ref().filter(|code| !code.expose().is_empty()) else {
        return Err((Outcome::Failed, "The authorization server returned neither a code nor an error.".into()));
    };
    let Some(linking) = &skill.linking else {
        return Err((Outcome::Failed, "The skill has no account-linking settings any more.".into()));
    };
    Ok((linking, code))
}

/// Whether what came back is an error, or comes from another server.
fn refused(pending: &Pending, returned: &Returned) -> Result<(), (Outcome, String)> {
    if !returned.comes_from(&pending.authorization_url) {
        let reason = "The answer names an issuer (iss) other than the server the browser was sent to.";
        return Err((Outcome::Failed, reason.into()));
    }
    let Some(error) = &returned.error else { return Ok(()) };
    let described = returned.error_description.as_ref().map(|text| format!(": {text}")).unwrap_or_default();
    let outcome = if error == "access_denied" { Outcome::Refused } else { Outcome::Failed };
    Err((outcome, format!("The authorization server returned with an error parameter, {error}{described}.")))
}

fn explain(stray: Stray) -> &'static str {
    match stray {
        Stray::Unknown => "This linking is unknown, or has already been used: it must begin in the companion.",
        Stray::Expired => "Signing in took too long. Begin again in the companion.",
        Stray::OtherBrowser => "Another browser began this linking. Begin again in the companion of this one.",
        Stray::OtherRegion => "The answer came to the redirect URI of another region than the one that was sent.",
    }
}

/// The turn that a linking becomes.
fn begun(id: &str, at: String, skill: &Skill) -> Turn {
    let heard = Heard { kind: HeardKind::Link, skill: Some(skill.slug.clone()), ..Heard::default() };
    Turn::begin(id.to_owned(), at, heard)
}

/// The way to the login page.
fn there(url: String) -> Hop {
    Hop {
        title: "Send the browser to the login page".into(),
        from: BROWSER.into(),
        to: AUTHORIZATION_SERVER.into(),
        request: Some(RequestShown { method: "GET".into(), url, ..RequestShown::default() }),
        note: Some("The person signs in and consents there; the assistant sees nothing of it.".into()),
        ..Hop::default()
    }
}

/// What the browser carried back and forth; the pages in between are the authorization server's own.
fn browser_hops(pending: &Pending, query: &str, source: Option<&str>) -> Vec<Hop> {
    let mut there = there(pending.authorization_url.clone());
    let mut note = String::from("The state is the one that was sent, from the same browser.");
    if pending.is_implicit {
        note.push_str(" The token stands in the fragment, where every script of the page can read it.");
    }
    if pending.by_app {
        there.title = "Open the provider's app by its link".into();
        note.push_str(match source {
            Some("app") => " The app answered: source=app.",
            _ => " The answer lacks source=app, so the app did not open, and the web took its place.",
        });
    }
    let separator = if pending.is_implicit { '#' } else { '?' };
    let back = Hop {
        title: "The browser comes back".into(),
        from: BROWSER.into(),
        to: ALEXA.into(),
        request: Some(RequestShown {
            method: "GET".into(),
            url: format!("{}{separator}{query}", pending.redirect_uri),
            ..RequestShown::default()
        }),
        response: Some(ResponseShown { status: 303, body: Value::Null, ..ResponseShown::default() }),
        note: Some(note),
        ..Hop::default()
    };
    vec![there, back]
}
