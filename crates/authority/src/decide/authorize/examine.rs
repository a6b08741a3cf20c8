//! The checks of an authorization request, in order.

use sayso_token::scope::parse_scope;
use sayso_token::time::Timestamp;

use super::super::policy::{Question, permit};
use super::{AuthorizeOutcome, FRESH, PageRefusal, SignedIn, Step, Target, Wish};
use crate::record::api::IDENTITY_SCOPES;
use crate::record::authority::Authority;
use crate::record::client::{Client, GrantType};
use crate::record::user::User;
use crate::wire::authorize::AuthorizeRequest;
use crate::wire::error::ErrorCode;

/// A fault that the client hears of at its redirect URI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    error: ErrorCode,
    reason: &'static str,
    description: &'static str,
}

const fn fault(error: ErrorCode, reason: &'static str, description: &'static str) -> Fault {
    Fault { error, reason, description }
}

const fn invalid(reason: &'static str, description: &'static str) -> Fault {
    fault(ErrorCode::InvalidRequest, reason, description)
}

pub(super) const LOGIN_REQUIRED: Fault =
    fault(ErrorCode::LoginRequired, "login_required", "prompt is none and nobody is signed in");
pub(super) const CONSENT_REQUIRED: Fault =
    fault(ErrorCode::ConsentRequired, "consent_required", "prompt is none and the person has to be asked");

impl Fault {
    pub(super) fn at<'a>(self, target: &Target<'a>) -> AuthorizeOutcome<'a> {
        AuthorizeOutcome::Redirect { url: target.error(self.error, self.description), reason: self.reason }
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
    Ok(Target { authority, client, redirect_uri: sent.to_owned(), state: request.state.clone() })
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
        return Err(fault(ErrorCode::RequestUriNotSupported, "request_uri", "request_uri is not supported"));
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
    if request.response_mode.as_deref().is_some_and(|mode| mode != "query") {
        return Err(invalid("response_mode", "only response_mode query is supported"));
    }
    prompt_and_age(request)?;
    pkce(target.client, request)
}

fn prompt_and_age(request: &AuthorizeRequest) -> Result<(), Fault> {
    let words: Vec<_> = request.prompt.iter().flat_map(|prompt| prompt.split(' ')).collect();
    if words.iter().any(|word| !["none", "login", "consent"].contains(word)) {
        return Err(invalid("prompt", "prompt may be none, login or consent"));
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

pub(super) fn is_signed_in(
    authority: &Authority,
    request: &AuthorizeRequest,
    signed_in: Option<SignedIn<'_>>,
    step: Step,
    now: Timestamp,
) -> bool {
    let Some(SignedIn { session, user, .. }) = signed_in else {
        return false;
    };
    let valid = session.authority == authority.id
        && session.user == user.id
        && user.disabled_at.is_none()
        && now < session.expires_at;
    let age = now.millis_since(session.signed_in_at);
    // Whoever just signed in for this request has time to read the consent page, whatever `max_age` says.
    let just_now = step == Step::AfterLogin && age <= FRESH.millis();
    let fresh = !request.prompts("login") || just_now;
    let asked = request.max_age.as_deref().and_then(|text| text.parse::<u32>().ok());
    let own = || request.client_id.as_deref().and_then(|id| authority.client(id)?.default_max_age);
    let max_age = asked.or_else(own);
    let young = max_age.is_none_or(|max| age <= i64::from(max) * 1000 || just_now);
    valid && fresh && young
}

/// What is asked for, once it is known to be allowed.
pub(super) fn wish<'a>(target: Target<'a>, request: &AuthorizeRequest, user: Option<&User>) -> Result<Wish<'a>, Fault> {
    let Target { authority, client, .. } = &target;
    let named = match (&request.audience, &request.resource) {
        (Some(audience), Some(resource)) if audience != resource => {
            return Err(fault(ErrorCode::InvalidTarget, "two_apis", "audience and resource name different APIs"));
        }
        (audience, resource) => resource.as_ref().or(audience.as_ref()),
    };
    let audience = named.or(authority.default_audience.as_ref());
    let api = audience.and_then(|audience| authority.api(audience));
    let api = api.ok_or(fault(ErrorCode::InvalidTarget, "unknown_api", "name the API by audience or resource"))?;
    let unknown = fault(ErrorCode::InvalidScope, "unknown_scope", "a scope is unknown or not allowed to this client");
    let scopes = match request.scope.as_deref() {
        Some(text) => parse_scope(text).ok_or(unknown)?,
        None => api.meant_scopes(&client.scopes),
    };
    let known = |scope: &String| api.scope(scope).is_some() || IDENTITY_SCOPES.contains(&scope.as_str());
    if scopes.is_empty() || !scopes.iter().all(|scope| known(scope) && client.scopes.contains(scope)) {
        return Err(unknown);
    }
    let question = Question { authority, client, grant: GrantType::AuthorizationCode, user, api, scopes: &scopes };
    if permit(&question).is_none() {
        let text = "no access policy allows this client these scopes";
        return Err(fault(ErrorCode::AccessDenied, "no_matching_policy", text));
    }
    Ok(Wish { api, scopes, code_challenge: request.code_challenge.clone(), nonce: request.nonce.clone(), target })
}
