//! What the pages show, in the words they show it.

use std::collections::BTreeSet;

use sayso_alexa::account_linking::LinkingGrant;
use serde::Serialize;
use serde_json::Value;

use super::{Shared, times};
use crate::envelope::iso;
use crate::package::Skill;
use crate::trace::{CheckShown, Heard, HeardKind, Hop, Outcome, Turn, Weighed};

/// A turn on the page.
#[derive(Serialize)]
pub(crate) struct TurnView {
    id: String,
    at: String,
    time: String,
    utterance: String,
    /// The sentence in pieces, each with the slot it fills, if any.
    said: Vec<(String, String)>,
    weighed: Vec<WeighedView>,
    diagram: String,
    heard: Option<String>,
    slots: Vec<(String, String, String)>,
    /// What was heard before the answer: the words, and what is read aloud.
    progressive: Vec<(String, String)>,
    spoken: Option<String>,
    /// What is read aloud, in SSML.
    ssml: Option<String>,
    locale: String,
    reprompt: Option<String>,
    card: Option<CardView>,
    outcome: &'static str,
    outcome_text: &'static str,
    explanation: String,
    hops: Vec<HopView>,
    checks: Vec<CheckView>,
    /// Whether the skill was asked and does not tell what it checked.
    untold: bool,
    /// Whether it tells of checks that it has made, and not how long they took.
    untimed: bool,
    claims: Vec<(String, String)>,
    millis: u64,
    listening: bool,
    fault: Option<(String, String)>,
    dialog: Option<String>,
    directives: Vec<DirectiveView>,
    open: bool,
    /// The number of the request that stands open.
    open_hop: Option<usize>,
}

#[derive(Serialize)]
struct WeighedView {
    intent: String,
    cost: String,
    sample: String,
}

impl WeighedView {
    fn of(weighed: &Weighed) -> Self {
        Self {
            intent: weighed.intent.clone(),
            cost: weighed.cost.map_or_else(|| "–".into(), |cost| cost.to_string()),
            sample: weighed.sample.clone().unwrap_or_else(|| "nothing else fits".into()),
        }
    }
}

/// The sentence cut where the words of slots begin and end.
fn said(turn: &Turn) -> Vec<(String, String)> {
    let mut pieces = vec![(turn.utterance.clone(), String::new())];
    for (name, slot) in &turn.heard.slots {
        let Some(words) = slot.words.as_deref().filter(|words| !words.is_empty()) else { continue };
        let whole = |(text, slot): &(String, String)| slot.is_empty() && text.contains(words);
        let Some(at) = pieces.iter().position(whole) else { continue };
        let (text, _) = pieces.remove(at);
        let (before, after) = text.split_once(words).unwrap_or((&text, ""));
        let cut = [(before, ""), (words, name.as_str()), (after, "")];
        let cut = cut.into_iter().filter(|(text, _)| !text.is_empty());
        pieces.splice(at..at, cut.map(|(text, slot)| (text.to_owned(), slot.to_owned())));
    }
    pieces
}

/// What was made to go wrong: what came of it, in a word and in words.
fn fault(turn: &Turn) -> Option<(String, String)> {
    turn.fault.as_ref().map(|fault| (fault.verdict.clone(), format!("{} {}", fault.about, fault.explanation)))
}

#[derive(Serialize)]
struct DirectiveView {
    kind: String,
    /// What the device does, in words.
    does: String,
    /// What it shows, line by line.
    shows: Vec<String>,
    body: String,
}

impl DirectiveView {
    fn of(directive: &Value) -> Self {
        let kind = directive.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
        let (does, shows) = (super::device::does(directive), super::device::shows(directive));
        Self { kind, does, shows, body: format!("{directive:#}") }
    }
}

/// How the dialog stands, in words.
fn dialog(turn: &Turn) -> Option<String> {
    let state = turn.dialog_state.as_ref().map(|state| format!("Dialog {state}"));
    let awaits = turn.session.awaits.as_ref().map(|awaits| format!("now waiting for the {awaits}"));
    match (state, awaits) {
        (Some(state), Some(awaits)) => Some(format!("{state}; {awaits}.")),
        (Some(state), None) => Some(format!("{state}.")),
        (None, awaits) => awaits.map(|awaits| format!("Alexa leads the dialog: {awaits}.")),
    }
}

#[derive(Serialize)]
struct CardView {
    links: bool,
    title: String,
    text: String,
    /// The picture's address; pictures of others are not loaded.
    image: Option<String>,
    way_on: Option<String>,
}

#[derive(Serialize)]
struct HopView {
    title: String,
    from: String,
    to: String,
    took: String,
    within: bool,
    status: Option<u16>,
    fine: bool,
    note: Option<String>,
    /// The checks that whoever was asked has made, where they are told.
    checks: Vec<CheckView>,
    request: Option<SideView>,
    response: Option<SideView>,
}

#[derive(Serialize)]
struct SideView {
    line: String,
    headers: Vec<(String, String)>,
    body: Option<String>,
}

#[derive(Serialize)]
struct CheckView {
    name: String,
    outcome: String,
    outcome_text: &'static str,
    /// How long it took, where that is known.
    took: Option<String>,
    explanation: String,
}

impl TurnView {
    /// Opened, and in it the request of this number.
    pub(crate) fn open(inner: &Shared, turn: &Turn, hop: Option<usize>) -> Self {
        Self { open: true, open_hop: hop, ..Self::of(inner, turn) }
    }

    pub(crate) fn of(inner: &Shared, turn: &Turn) -> Self {
        let skill = turn.heard.skill.as_deref().and_then(|slug| inner.skill(slug));
        Self {
            id: turn.id.clone(),
            at: turn.at.clone(),
            time: turn.at.get(11..16).unwrap_or_default().to_owned(),
            utterance: turn.utterance.clone(),
            said: said(turn),
            weighed: turn.heard.weighed.iter().map(WeighedView::of).collect(),
            diagram: super::flow::diagrams(turn),
            heard: heard(&turn.heard, skill),
            slots: slots(&turn.heard),
            progressive: turn.progressive.iter().map(|words| (words.clone(), ssml(words))).collect(),
            spoken: turn.spoken.clone(),
            ssml: turn.ssml.clone().or_else(|| turn.spoken.as_deref().map(ssml)),
            locale: turn.locale.clone(),
            reprompt: turn.reprompt.clone(),
            card: turn.card.as_ref().map(|card| CardView::of(card, skill)),
            outcome: outcome(turn.outcome),
            outcome_text: outcome_text(turn),
            explanation: turn.explanation.clone(),
            hops: turn.hops.iter().map(HopView::of).collect(),
            checks: turn.checks.iter().map(CheckView::of).collect(),
            untold: turn.hops.iter().any(|hop| hop.told == Some(false) && hop.response.is_some()),
            untimed: turn.checks.iter().any(|check| check.outcome == "passed")
                && turn.checks.iter().all(|check| check.micros.is_none()),
            claims: turn.claims.iter().flatten().map(|(name, value)| (name.clone(), shown(value))).collect(),
            millis: turn.millis(),
            listening: turn.session.open,
            fault: fault(turn),
            dialog: dialog(turn),
            directives: turn.directives.iter().map(DirectiveView::of).collect(),
            open: false,
            open_hop: None,
        }
    }
}

/// Plain words as SSML.
fn ssml(words: &str) -> String {
    format!("<speak>{}</speak>", words.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;"))
}

/// How a turn ended, in a word or two.
pub(crate) fn outcome_text(turn: &Turn) -> &'static str {
    match (turn.outcome, turn.heard.kind) {
        (Outcome::Answered, HeardKind::Link) => "Linked",
        (Outcome::Refused, HeardKind::Link) => "Consent denied",
        (Outcome::Failed, HeardKind::Link) => "Not linked",
        (_, HeardKind::Unlink) => "Unlinked",
        (Outcome::Answered, _) => "Answered",
        (Outcome::Refused, _) => "Refused",
        (Outcome::NotUnderstood, _) => "Not understood",
        (Outcome::Failed, _) => "Failed",
    }
}

/// The same as the pages' styles name it.
pub(crate) fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Answered => "answered",
        Outcome::Refused => "refused",
        Outcome::NotUnderstood => "unclear",
        Outcome::Failed => "failed",
    }
}

/// What was heard, in words.
pub(crate) fn heard(heard: &Heard, skill: Option<&Skill>) -> Option<String> {
    let name = skill.map_or("a skill", |skill| skill.name.as_str());
    match heard.kind {
        HeardKind::Launch => Some(format!("Launch {name}")),
        HeardKind::Intent => Some(format!("{name}: {}", heard.intent.as_deref().unwrap_or_default())),
        HeardKind::End => Some(format!("Leave {name}")),
        HeardKind::Link => Some(format!("Link an account to {name}")),
        HeardKind::Unlink => Some(format!("Unlink {name}")),
        HeardKind::Agreement => Some(format!("{name}: answer for {}", heard.intent.as_deref().unwrap_or_default())),
        HeardKind::Permissions => Some(format!("Permissions of {name}")),
        HeardKind::Pin => Some(format!("A PIN for {name}")),
        HeardKind::Silence => Some("Silence".into()),
        HeardKind::NoSkill | HeardKind::NoIntent => None,
    }
}

/// Name, value and meaning of every slot that is filled.
fn slots(heard: &Heard) -> Vec<(String, String, String)> {
    let filled = heard.slots.iter().filter_map(|(name, slot)| {
        let value = slot.value.clone()?;
        let meaning = slot.resolved.join(" or ");
        let meaning = if meaning.eq_ignore_ascii_case(&value) { String::new() } else { meaning };
        Some((name.clone(), value, meaning))
    });
    filled.collect()
}

impl CardView {
    fn of(card: &Value, skill: Option<&Skill>) -> Self {
        let text = |field: &str| card.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
        let name = skill.map_or("this skill", |skill| skill.name.as_str());
        let way_on = skill.map(|skill| format!("/companion/{}", skill.slug));
        match card.get("type").and_then(Value::as_str) {
            Some("LinkAccount") => Self {
                links: true,
                title: "Link your account".into(),
                text: format!("To use {name}, link your account in the companion."),
                image: None,
                way_on,
            },
            Some("AskForPermissionsConsent") => Self {
                links: false,
                title: format!("{name} asks for permissions"),
                text: card.get("permissions").map(shown).unwrap_or_default(),
                image: None,
                way_on,
            },
            _ => {
                let content = text("content");
                let content = if content.is_empty() { text("text") } else { content };
                let image =
                    ["largeImageUrl", "smallImageUrl"].iter().find_map(|size| card.get("image")?.get(size)?.as_str());
                Self {
                    links: false,
                    title: text("title"),
                    text: content,
                    image: image.map(str::to_owned),
                    way_on: None,
                }
            }
        }
    }
}

impl HopView {
    fn of(hop: &Hop) -> Self {
        let status = hop.response.as_ref().map(|response| response.status).filter(|status| *status != 0);
        Self {
            title: hop.title.clone(),
            from: hop.from.clone(),
            to: hop.to.clone(),
            took: times::of(hop),
            within: hop.within,
            status,
            fine: status.is_none_or(|status| status < 400)
                && (hop.response.is_some() || hop.from == crate::linking::BROWSER),
            note: hop.note.clone(),
            checks: hop.checks.iter().map(CheckView::of).collect(),
            request: hop.request.as_ref().map(|request| SideView {
                line: format!("{} {}", request.method, request.url),
                headers: request.headers.clone().into_iter().collect(),
                body: body(&request.body),
            }),
            response: hop.response.as_ref().map(|response| SideView {
                line: format!("Status {}", response.status),
                headers: response.headers.clone().into_iter().collect(),
                body: body(&response.body),
            }),
        }
    }
}

fn body(body: &Value) -> Option<String> {
    match body {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => serde_json::to_string_pretty(other).ok(),
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(shown).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

impl CheckView {
    fn of(check: &CheckShown) -> Self {
        let name = match check.check.as_str() {
            "well_formed" => "The token is properly formatted",
            "trusted_signature" => "A trusted authority vouches for it",
            "meant_for_this_api" => "It is meant for this API",
            "not_expired" => "It has not expired",
            "user_allowed" => "This user may do this",
            "scope_granted" => "The scope that was granted covers it",
            other => other,
        };
        Self {
            name: name.to_owned(),
            outcome: check.outcome.clone(),
            outcome_text: match check.outcome.as_str() {
                "passed" => "passed",
                "failed" => "failed",
                _ => "not reached",
            },
            took: check.micros.map(times::took),
            explanation: check.explanation.clone(),
        }
    }
}

/// A sentence to try.
#[derive(Serialize)]
pub(crate) struct Suggestion {
    text: String,
    locale: String,
}

/// Sentences to try, taken in turn from each skill.
pub(crate) fn suggestions(inner: &Shared) -> Vec<Suggestion> {
    let per_skill: Vec<(&str, &[String])> = inner
        .skills
        .iter()
        .filter_map(|skill| skill.voice("en-US").or_else(|| skill.voices.iter().next().map(|(l, v)| (l.as_str(), v))))
        .map(|(locale, voice)| (locale, voice.suggestions.as_slice()))
        .collect();
    let rounds =
        (0..3).flat_map(|round| per_skill.iter().filter_map(move |(locale, texts)| Some((*locale, texts.get(round)?))));
    rounds.take(5).map(|(locale, text)| Suggestion { text: text.clone(), locale: locale.to_owned() }).collect()
}

/// The locales any skill speaks.
pub(crate) fn locales(inner: &Shared) -> Vec<String> {
    let all: BTreeSet<&String> = inner.skills.iter().flat_map(|skill| skill.voices.keys()).collect();
    all.into_iter().cloned().collect()
}

/// A skill in the companion.
#[derive(Serialize)]
pub(crate) struct MemberView {
    slug: String,
    name: String,
    letter: String,
    summary: String,
    linked: bool,
    linked_at: Option<String>,
    expires_at: Option<String>,
    scope: Option<String>,
    lost: Option<String>,
    links_accounts: bool,
    skill_id: String,
    user_id: String,
    server: Option<String>,
    persons: Vec<(String, bool)>,
    permissions: Vec<(String, bool)>,
    knows_persons: bool,
    asks_for: Vec<String>,
    /// Platforms on which the provider has an app that takes the request.
    platforms: Vec<String>,
    /// Whether the token comes without a code, and cannot be refreshed.
    is_implicit: bool,
    example: Option<String>,
}

impl MemberView {
    pub(crate) fn of(inner: &Shared, skill: &Skill) -> Self {
        let membership = inner.household.membership(&skill.slug);
        let link = membership.link.as_ref();
        let linking = skill.linking.as_ref();
        let voice = skill.voice("en-US").map(|(_, voice)| voice).or_else(|| skill.voices.values().next());
        Self {
            slug: skill.slug.clone(),
            name: skill.name.clone(),
            letter: skill.name.chars().next().map(|c| c.to_uppercase().collect()).unwrap_or_default(),
            summary: skill.manifest.summary("en-US").unwrap_or_default().to_owned(),
            linked: link.is_some(),
            linked_at: link.map(|link| readable(&iso(link.linked_at))),
            expires_at: link.and_then(|link| link.expires_at).map(|at| readable(&iso(at))),
            scope: link.and_then(|link| link.scope.clone()),
            lost: membership.lost.clone(),
            links_accounts: linking.is_some(),
            skill_id: skill.skill_id.clone(),
            user_id: membership.user_id.chars().take(30).chain("…".chars()).collect(),
            server: linking.and_then(|linking| {
                url::Url::parse(&linking.authorization_url).ok().map(|url| url.origin().ascii_serialization())
            }),
            persons: membership.persons.iter().map(|(name, person)| (name.clone(), person.link.is_some())).collect(),
            permissions: skill
                .manifest
                .permissions()
                .map(|asked| (asked.to_owned(), membership.permissions.get(asked).copied().unwrap_or(false)))
                .collect(),
            knows_persons: skill.manifest.asks_for("alexa::person_id:read"),
            platforms: linking
                .map(|linking| linking.platform_urls.iter().map(|(platform, _)| platform.clone()).collect())
                .unwrap_or_default(),
            is_implicit: linking.is_some_and(|linking| linking.grant == LinkingGrant::Implicit),
            asks_for: linking.map(|linking| linking.scopes.clone()).unwrap_or_default(),
            example: voice.and_then(|voice| voice.suggestions.first().cloned()),
        }
    }
}

/// `2024-05-15T12:00:00Z` as `2024-05-15 12:00 UTC`.
fn readable(iso: &str) -> String {
    let (date, time) = (iso.get(..10).unwrap_or_default(), iso.get(11..16).unwrap_or_default());
    format!("{date} {time} UTC")
}

/// How a linking or unlinking ended.
#[derive(Serialize)]
pub(crate) struct OutcomeView {
    turn: String,
    outcome: &'static str,
    linked: bool,
    unlinked: bool,
    spoken: String,
    explanation: String,
    /// What was made to go wrong: what came of it, in a word and in words.
    fault: Option<(String, String)>,
}

impl OutcomeView {
    pub(crate) fn of(turn: &Turn) -> Self {
        Self {
            turn: turn.id.clone(),
            outcome: outcome(turn.outcome),
            linked: turn.heard.kind == HeardKind::Link && turn.outcome == Outcome::Answered,
            unlinked: turn.heard.kind == HeardKind::Unlink,
            spoken: turn.spoken.clone().unwrap_or_default(),
            explanation: turn.explanation.clone(),
            fault: fault(turn),
        }
    }
}
