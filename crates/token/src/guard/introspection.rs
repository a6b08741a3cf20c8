//! The same six checks on the authority's answer to a question about the token (RFC 7662).

use serde_json::{Map, Value};

use super::{AccessToken, Check, Denied, Reason, Requirements, Verdict, Watched, deny};
use crate::claims::{Unreadable, seconds, text, texts};
use crate::json::parse_strict_object;
use crate::scope::parse_scope;
use crate::time::Timestamp;

/// The longest answer that is read, in bytes.
pub const MAX_ANSWER_BYTES: usize = 64 * 1024;

/// Checks an introspection answer: its HTTP status and its whole body. Only status 200 and a boolean `active` of
/// `true` go further; an answer must then name issuer, subject, audience, client and expiry as a token would.
pub fn check_introspection(
    status: u16,
    body: &[u8],
    want: &Requirements,
    now: Timestamp,
    allowed: &dyn Fn(&AccessToken) -> bool,
) -> Verdict {
    Watched { allowed, passed: &|_| () }.introspection(status, body, want, now)
}

/// Whether the token is well formed is the authority's to find out; nothing is left to check of it here.
pub(super) fn judge(
    (status, body): (u16, &[u8]),
    want: &Requirements,
    verified: &mut Option<Map<String, Value>>,
    passed: &dyn Fn(Check),
) -> Result<(AccessToken, Option<Timestamp>), Denied> {
    let unusable = || deny(Check::TrustedSignature, Reason::IntrospectionFailed);
    passed(Check::WellFormed);
    if status != 200 || body.len() > MAX_ANSWER_BYTES {
        return Err(unusable());
    }
    let answer = parse_strict_object(body).map_err(|_| unusable())?;
    match answer.get("active") {
        Some(Value::Bool(true)) => {}
        Some(Value::Bool(false)) => return Err(deny(Check::TrustedSignature, Reason::Inactive)),
        _ => return Err(unusable()),
    }
    let (token, not_before) = read(&answer).map_err(|Unreadable| unusable())?;
    let kind = text(&answer, "token_type").map_err(|Unreadable| unusable())?;
    *verified = Some(answer.clone());
    if token.issuer != want.issuer {
        return Err(deny(Check::TrustedSignature, Reason::Issuer));
    }
    passed(Check::TrustedSignature);
    match kind {
        Some(kind) if !["bearer", "dpop"].contains(&kind.to_ascii_lowercase().as_str()) => {
            Err(deny(Check::MeantForThisApi, Reason::Type))
        }
        _ => Ok((token, not_before)),
    }
}

/// Checks what Google's `tokeninfo` says about one of its access tokens. It is no RFC 7662 answer: numbers come as texts,
/// an unknown token as status 400, and no issuer is named; the address that was asked stands for it.
pub fn check_tokeninfo(
    status: u16,
    body: &[u8],
    want: &Requirements,
    now: Timestamp,
    allowed: &dyn Fn(&AccessToken) -> bool,
) -> Verdict {
    Watched { allowed, passed: &|_| () }.tokeninfo(status, body, want, now)
}

pub(super) fn judge_tokeninfo(
    (status, body): (u16, &[u8]),
    want: &Requirements,
    verified: &mut Option<Map<String, Value>>,
    passed: &dyn Fn(Check),
) -> Result<AccessToken, Denied> {
    let unusable = || deny(Check::TrustedSignature, Reason::IntrospectionFailed);
    passed(Check::WellFormed);
    if status == 400 {
        return Err(deny(Check::TrustedSignature, Reason::Inactive));
    }
    if status != 200 || body.len() > MAX_ANSWER_BYTES {
        return Err(unusable());
    }
    let answer = parse_strict_object(body).map_err(|_| unusable())?;
    let token = read_tokeninfo(&answer, want).map_err(|Unreadable| unusable())?;
    *verified = Some(answer);
    passed(Check::TrustedSignature);
    Ok(token)
}

fn read_tokeninfo(answer: &Map<String, Value>, want: &Requirements) -> Result<AccessToken, Unreadable> {
    let expiry = text(answer, "exp")?.ok_or(Unreadable)?;
    let digits = (1..=11).contains(&expiry.len()) && expiry.bytes().all(|byte| byte.is_ascii_digit());
    let expires_at = digits.then(|| expiry.parse().ok()).flatten().map(Timestamp::from_seconds).ok_or(Unreadable)?;
    // Without `openid` or `email` among the scopes Google names no subject; then the token says nothing of whose it is.
    let subject = text(answer, "sub")?.filter(|sub| !sub.is_empty()).ok_or(Unreadable)?;
    Ok(AccessToken {
        issuer: want.issuer.clone(),
        subject: subject.to_owned(),
        audience: vec![text(answer, "aud")?.ok_or(Unreadable)?.to_owned()],
        client: Some(text(answer, "azp")?.ok_or(Unreadable)?.to_owned()),
        scopes: text(answer, "scope")?.and_then(parse_scope).unwrap_or_default(),
        expires_at,
        issued_at: None,
        id: None,
        claims: answer.clone(),
    })
}

fn read(answer: &Map<String, Value>) -> Result<(AccessToken, Option<Timestamp>), Unreadable> {
    let token = AccessToken {
        issuer: text(answer, "iss")?.ok_or(Unreadable)?.to_owned(),
        subject: text(answer, "sub")?.filter(|sub| !sub.is_empty()).ok_or(Unreadable)?.to_owned(),
        audience: texts(answer, "aud")?,
        client: Some(text(answer, "client_id")?.ok_or(Unreadable)?.to_owned()),
        scopes: text(answer, "scope")?.and_then(parse_scope).unwrap_or_default(),
        expires_at: seconds(answer, "exp")?.ok_or(Unreadable)?,
        issued_at: seconds(answer, "iat")?,
        id: text(answer, "jti")?.map(str::to_owned),
        claims: answer.clone(),
    };
    Ok((token, seconds(answer, "nbf")?))
}
