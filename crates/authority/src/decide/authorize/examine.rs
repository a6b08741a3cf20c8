//! The checks of an authorization request, in order.

use sayso_token::scope::parse_scope;

use super::super::policy::{Question as Asked, could_permit, permit};
use super::{AuthorizeOutcome, PageRefusal, Question, Recognition, SignedIn, Target, Wish};
use crate::decide::access_token::PASSWORD_ACR;
use crate::decide::standard_claims::scope_of;
use crate::decide::subject::{hinted_subject, pairwise_subject};
use crate::record::api::IDENTITY_SCOPES;
use crate::record::authority::Authority;
use crate::record::client::{Client, GrantType};
use crate::record::terms::{RequestedClaims, Terms};
use crate::record::user::User;
use crate::wire::answer::ResponseMode;
use crate::wire::authorize::AuthorizeRequest;
use crate::wire::claims_request::ClaimsRequest;
use crate::wire::error::ErrorCode;

/// A fault that the client hears of at its redirect URI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    pub(super) error: ErrorCode,
    pub(super) reason: &'static str,
    pub(super) description: &'static str,
}

const fn fault(error: ErrorCode, reason: &'static str, description: &'static str) -> Fault {
    Fault { error, reason, description }
}

const fn invalid(reason: &'static str, description: &'static str) -> Fault {
    fault(ErrorCode::InvalidRequest, reason, description)
}

pub(super) const LOGIN_REQUIRED: Fault =
    fault(ErrorCode::LoginRequired, "login_required", "prompt is none, and the person has to sign in for this");
pub(super) const ANOTHER_PERSON: Fault =
    fault(ErrorCode::LoginRequired, "another_person", "somebody else signed in than the one who was asked for");
pub(super) const CONSENT_REQUIRED: Fault =
    fault(ErrorCode::ConsentRequired, "consent_required", "prompt is none and the person has to be asked");

impl Fault {
    pub(super) fn at<'a>(self, target: &Target<'a>) -> AuthorizeOutcome<'a> {
        AuthorizeOutcome::Redirect { answer: target.error(self.error, self.description), reason: self.reason }
    }
}

/// Finds the client and compares the redirect URI byte for byte: no decoding, no prefix, no pattern.
pub fn trusted_target<'a>(authority: &'a Authority, request: &AuthorizeRequest) -> Result<Target<'a>, PageRefusal> {
    let id = request.client_id.as_deref().ok_or(PageRefusal::ClientMissing)?;
    let client = authority.client(id).ok_or(PageRefusal::ClientUnknown)?;
    if client.disabled {
        return Err(PageRefusal::ClientDisabled);
    }
    let sent = request.redirect_uri.as_deref().ok_or(PageRefusal::RedirectUriMissing)?;
    if !client.redirect_uris.iter().any(|known| known == sent || (client.native && same_but_port(known, sent))) {
        return Err(PageRefusal::RedirectUriUnknown { nearest: nearest(client, sent) });
    }
    // A mode that is not known is a fault of its own, told in the query.
    let mode = request.response_mode.as_deref().and_then(ResponseMode::named).unwrap_or_default();
    Ok(Target { authority, client, redirect_uri: sent.to_owned(), state: request.state.clone(), mode })
}

/// RFC 8252 section 7.3: a native app's loopback URI may differ in its port only.
fn same_but_port(known: &str, sent: &str) -> bool {
    fn split(uri: &str) -> Option<(&str, &str)> {
        let host = ["http://127.0.0.1", "http://[::1]"].into_iter().find(|host| uri.starts_with(host))?;
        let rest = uri.get(host.len()..)?;
        let rest = match rest.strip_prefix(':') {
            None => rest,
            Some(port_and_path) => {
                let end = port_and_path.find('/').unwrap_or(port_and_path.len());
                let (port, path) = port_and_path.split_at_checked(end)?;
                // Digits only: `parse` would take a plus sign as well.
                if !port.bytes().all(|byte| byte.is_ascii_digit()) || port.parse::<u16>().is_err() {
                    return None;
                }
                path
            }
        };
        rest.starts_with('/').then_some((host, rest))
    }
    matches!((split(known), split(sent)), (Some(known), Some(sent)) if known == sent)
}

/// The registered URI with the longest common beginning: "you have layla, Alexa sent pitangui".
fn nearest(client: &Client, sent: &str) -> Option<String> {
    let common = |known: &&String| known.bytes().zip(sent.bytes()).take_while(|(a, b)| a == b).count();
    client.redirect_uris.iter().max_by_key(common).cloned()
}

/// What is wrong with the request whoever is signed in.
pub(super) fn syntax(target: &Target<'_>, request: &AuthorizeRequest) -> Result<(), Fault> {
    if request.repeated.is_some() {
        return Err(invalid("parameter_repeated", "a parameter stands twice"));
    }
    if request.request.is_some() {
        return Err(fault(ErrorCode::RequestNotSupported, "request_object", "request objects are not supported"));
    }
    if request.request_uri.is_some() {
        let text = "request_uri may only name a request that was pushed here";
        return Err(fault(ErrorCode::RequestUriNotSupported, "request_uri", text));
    }
    if request.registration.is_some() {
        let code = ErrorCode::RegistrationNotSupported;
        return Err(fault(code, "registration", "the registration parameter is not supported"));
    }
    if target.client.authorization.pushed_only && request.pushed.is_none() {
        return Err(invalid("pushed_request_required", "this client must push its authorization requests"));
    }
    match request.response_type.as_deref() {
        Some("code") => {}
        None => {
            return Err(invalid("response_type_missing", "response_type must be code"));
        }
        Some(_) => {
            let code = ErrorCode::UnsupportedResponseType;
            return Err(fault(code, "response_type", "only response_type code is supported"));
        }
    }
    if !target.client.grants.contains(&GrantType::AuthorizationCode) {
        let code = ErrorCode::UnauthorizedClient;
        return Err(fault(code, "grant_not_allowed", "this client is not registered for authorization_code"));
    }
    if request.response_mode.as_deref().is_some_and(|mode| ResponseMode::named(mode).is_none()) {
        return Err(invalid("response_mode", "response_mode may be query or form_post"));
    }
    prompt_and_age(request)?;
    claims(request)?;
    pkce(target.client, request)
}

/// The values of `prompt` (OpenID Connect Core section 3.1.2.1).
pub const PROMPTS: [&str; 4] = ["none", "login", "consent", "select_account"];

fn prompt_and_age(request: &AuthorizeRequest) -> Result<(), Fault> {
    let words: Vec<_> = request.prompt.iter().flat_map(|prompt| prompt.split(' ')).collect();
    if words.iter().any(|word| !PROMPTS.contains(word)) {
        return Err(invalid("prompt", "prompt may be none, login, consent or select_account"));
    }
    if words.contains(&"none") && words.len() > 1 {
        return Err(invalid("prompt_none", "prompt none stands alone"));
    }
    match request.max_age.as_deref().map(str::parse::<u32>) {
        Some(Err(_)) => Err(invalid("max_age", "max_age is a number of seconds")),
        _ => Ok(()),
    }
}

/// RFC 7636 section 4.3, with S256 only.
fn pkce(client: &Client, request: &AuthorizeRequest) -> Result<(), Fault> {
    let Some(challenge) = &request.code_challenge else {
        return match (&request.code_challenge_method, client.pkce_required) {
            (Some(_), _) => Err(invalid("code_challenge_missing", "code_challenge_method needs a code_challenge")),
            (None, true) => Err(invalid("pkce_required", "this client must send a code_challenge (S256)")),
            (None, false) => Ok(()),
        };
    };
    if request.code_challenge_method.as_deref() != Some("S256") {
        return Err(invalid("code_challenge_method", "code_challenge_method must be S256"));
    }
    let is_digest = challenge.len() == 43
        && challenge.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    if is_digest { Ok(()) } else { Err(invalid("code_challenge", "code_challenge is not an S256 digest")) }
}

/// Whom the request asks for, and how they must have signed in.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    hinted: Option<String>,
    claims: ClaimsRequest,
}

impl Wanted {
    fn is(&self, subject: &str) -> bool {
        let subjects = &self.claims.subjects;
        self.hinted.as_ref().is_none_or(|hinted| hinted == subject)
            && (subjects.is_empty() || subjects.iter().any(|known| known == subject))
    }
}

/// Reads `id_token_hint` and what `claims` demands of the person.
pub(super) fn wanted_person(
    target: &Target<'_>,
    request: &AuthorizeRequest,
    by: Recognition<'_>,
) -> Result<Wanted, Fault> {
    let hinted = match &request.id_token_hint {
        None => None,
        Some(hint) => {
            let subject = hinted_subject(target.authority, target.client, hint, by.keys);
            let text = "id_token_hint is no ID token that this server has lately issued to this client";
            Some(subject.ok_or(invalid("id_token_hint", text))?)
        }
    };
    Ok(Wanted { hinted, claims: claims(request)? })
}

fn claims(request: &AuthorizeRequest) -> Result<ClaimsRequest, Fault> {
    let text = "claims is no JSON object as OpenID Connect Core section 5.5 describes it";
    let parsed = request.claims.as_deref().map_or_else(|| Ok(ClaimsRequest::default()), ClaimsRequest::parse);
    parsed.map_err(|_| invalid("claims", text))
}

/// Who answers the request.
pub(super) enum Person<'q> {
    /// Nobody yet, or not lately enough, or not the one who is asked for: someone signs in.
    Nobody,
    /// Someone has signed in for this request, and is not the one who is asked for.
    Other,
    /// The one who is signed in.
    Signed(SignedIn<'q>),
}

pub(super) fn person<'q>(
    target: &Target<'_>,
    request: &AuthorizeRequest,
    question: &Question<'q>,
    wanted: &Wanted,
) -> Person<'q> {
    let Some(signed_in) = question.signed_in else { return Person::Nobody };
    let SignedIn { session, user, .. } = signed_in;
    let valid = session.authority == target.authority.id
        && session.user == user.id
        && user.disabled_at.is_none()
        && question.now < session.expires_at;
    if !valid {
        return Person::Nobody;
    }
    // Whoever signed in for this very request has time to read the consent page, whatever `max_age` says.
    let for_this = question.progress.signed_in.is_some_and(|known| known.matches(&session.digest));
    let pairwise = pairwise_subject(target.authority, target.client, &user.id, question.by.pairwise);
    if !wanted.is(pairwise.as_deref().unwrap_or(&user.id.0)) {
        return if for_this { Person::Other } else { Person::Nobody };
    }
    let age = question.progress.arrived_at.millis_since(session.signed_in_at);
    let asked = request.max_age.as_deref().and_then(|text| text.parse::<u32>().ok());
    let max_age = asked.or(target.client.default_max_age);
    let young = max_age.is_none_or(|max| age <= i64::from(max) * 1000);
    if for_this || (young && !request.prompts("login")) { Person::Signed(signed_in) } else { Person::Nobody }
}

/// OpenID Connect Core section 5.5.1.1: an essential `acr` that no sign-in here is worth ends the request.
pub(super) fn authentication(wanted: &Wanted) -> Result<(), Fault> {
    let acrs = &wanted.claims.essential_acrs;
    if acrs.is_empty() || acrs.iter().any(|acr| acr == PASSWORD_ACR) {
        return Ok(());
    }
    let text = "no way to sign in here is worth an acr that was asked for as essential";
    Err(fault(ErrorCode::UnmetAuthenticationRequirements, "acr", text))
}

/// What is asked for, once it is known to be allowed.
pub(super) fn wish<'a>(target: Target<'a>, request: &AuthorizeRequest, user: Option<&User>) -> Result<Wish<'a>, Fault> {
    let Target { authority, client, .. } = &target;
    let mut named = request.resource.iter().chain(&request.audience);
    let first = named.next();
    if first.is_some_and(|first| named.any(|other| other != first)) {
        return Err(fault(
            ErrorCode::InvalidTarget,
            "two_apis",
            "audience and resource name different APIs; a token is for one",
        ));
    }
    let audience = first.or(authority.default_audience.as_ref());
    let api = audience.and_then(|audience| authority.api(audience));
    let unknown = match first {
        None => fault(ErrorCode::InvalidTarget, "unknown_api", "name the API by audience or resource"),
        Some(_) => fault(ErrorCode::InvalidTarget, "unknown_api", "no API here has the audience that is named"),
    };
    let api = api.ok_or(unknown)?;
    let unknown = fault(
        ErrorCode::InvalidScope,
        "unknown_scope",
        "a scope is unknown, of another API, or not allowed to this client",
    );
    let scopes = match request.scope.as_deref() {
        Some(text) => parse_scope(text).ok_or(unknown)?,
        None => api.meant_scopes(&client.scopes),
    };
    let known = |scope: &String| api.scope(scope).is_some() || IDENTITY_SCOPES.contains(&scope.as_str());
    if scopes.is_empty() || !scopes.iter().all(|scope| known(scope) && client.scopes.contains(scope)) {
        return Err(unknown);
    }
    let asked = Asked { authority, client, grant: GrantType::AuthorizationCode, user, api, scopes: &scopes };
    // A request that is pushed names nobody yet: it could be allowed as long as somebody could be.
    let allowed = if user.is_some() { permit(&asked).is_some() } else { could_permit(&asked) };
    if !allowed {
        let text = "no access policy allows this client these scopes";
        return Err(fault(ErrorCode::AccessDenied, "no_matching_policy", text));
    }
    let terms = Terms { claims: permitted(claims(request)?.claims, &target), ..Terms::default() };
    let (code_challenge, nonce) = (request.code_challenge.clone(), request.nonce.clone());
    Ok(Wish { api, scopes, code_challenge, nonce, terms, pushed: request.pushed, target })
}

/// The claims that the client may ask for by name: those of a scope that it may have, and the authority's own.
fn permitted(asked: RequestedClaims, target: &Target<'_>) -> RequestedClaims {
    let own = |name: &str| target.authority.claims.iter().any(|claim| claim.name == name);
    let may = |name: &String| match scope_of(name) {
        Some(scope) => target.client.scopes.iter().any(|known| known == scope),
        None => own(name),
    };
    let only = |names: Vec<String>| names.into_iter().filter(may).collect();
    RequestedClaims { id_token: only(asked.id_token), userinfo: only(asked.userinfo) }
}
