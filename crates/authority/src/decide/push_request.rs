//! May a client push this authorization request? (RFC 9126 section 2)

use sayso_token::digest::Digest;
use sayso_token::secret::Secret;

use super::authorize::{PageRefusal, Progress, Unacceptable, acceptable};
use crate::ambient::{Ambient, Decision};
use crate::record::authority::Authority;
use crate::record::change::Change;
use crate::record::client::Client;
use crate::record::pushed_request::{MAX_PENDING, MAX_PUSHED_BYTES, PUSHED_LIFETIME, PushedRequest};
use crate::wire::authorize::AuthorizeRequest;
use crate::wire::error::{ErrorCode, Refusal};
use crate::wire::form::Form;
use crate::wire::query::form_encoded;

/// What every reference begins with (RFC 9126 section 2.2).
pub const REFERENCE_PREFIX: &str = "urn:ietf:params:oauth:request_uri:";

/// What proves the client; it is not part of the request.
const CREDENTIALS: [&str; 3] = ["client_secret", "client_assertion", "client_assertion_type"];

/// Why a request is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// `client_id` is another client than the one that proved itself.
    OtherClient,
    /// `request_uri` stands in it.
    ReferenceInside,
    /// It is too long.
    TooLarge,
    /// Too many of the client's requests wait for their browser.
    TooManyPending,
    /// It would never be answered.
    Unacceptable(Unacceptable),
}

impl Refusal for Refused {
    fn error(&self) -> ErrorCode {
        match self {
            Self::TooManyPending => ErrorCode::TemporarilyUnavailable,
            Self::Unacceptable(why) => why.error(),
            _ => ErrorCode::InvalidRequest,
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::OtherClient => "pushed_for_another_client",
            Self::ReferenceInside => "request_uri",
            Self::TooLarge => "pushed_request_too_large",
            Self::TooManyPending => "too_many_pushed_requests",
            Self::Unacceptable(why) => why.reason(),
        }
    }

    fn description(&self) -> &'static str {
        match self {
            Self::OtherClient => "client_id names another client than the one that authenticated",
            Self::ReferenceInside => "a pushed request must not carry request_uri",
            Self::TooLarge => "the request is longer than 16384 bytes",
            Self::TooManyPending => "too many pushed requests wait for their browser; push again in a moment",
            Self::Unacceptable(why) => why.description(),
        }
    }
}

/// A request that a client pushes.
#[derive(Debug)]
pub struct Push<'a> {
    /// The authority asked.
    pub authority: &'a Authority,
    /// The client, authenticated.
    pub client: &'a Client,
    /// The body.
    pub form: &'a Form,
    /// How many of the client's requests wait for their browser.
    pub pending: i64,
}

/// Decides it; the reply is the reference, which is worth something for [`PUSHED_LIFETIME`].
pub fn push_request(push: &Push<'_>, ambient: &mut Ambient<'_>) -> Decision<Secret, Refused> {
    let parameters = match parameters(push) {
        Ok(parameters) => parameters,
        Err(refused) => return Decision::refuse(refused),
    };
    if push.pending >= MAX_PENDING {
        return Decision::refuse(Refused::TooManyPending);
    }
    let reference = Secret::new(format!("{REFERENCE_PREFIX}{}", ambient.entropy.token()));
    let request = PushedRequest {
        digest: Digest::of(reference.expose().as_bytes()),
        authority: push.authority.id.clone(),
        client: push.client.id.clone(),
        parameters,
        pushed_at: ambient.now,
        expires_at: ambient.now + PUSHED_LIFETIME,
    };
    Decision::reply(reference).change(Change::AddPushedRequest(request))
}

/// The request's own parameters, once they are known to make one that could be answered.
fn parameters(push: &Push<'_>) -> Result<String, Refused> {
    let malformed = |refusal: PageRefusal| Refused::Unacceptable(Unacceptable::Page(refusal));
    let named = push.form.one("client_id").map_err(|_| malformed(PageRefusal::Repeated("client_id")))?;
    if named.is_some_and(|named| named != push.client.id) {
        return Err(Refused::OtherClient);
    }
    if push.form.all("request_uri").next().is_some() {
        return Err(Refused::ReferenceInside);
    }
    let own = push.form.pairs().filter(|(name, _)| *name != "client_id" && !CREDENTIALS.contains(name));
    let pairs: Vec<_> = std::iter::once(("client_id", push.client.id.as_str())).chain(own).collect();
    let parameters = form_encoded(&pairs);
    if parameters.len() > MAX_PUSHED_BYTES {
        return Err(Refused::TooLarge);
    }
    let request = AuthorizeRequest::parse(&parameters).map_err(|unreadable| malformed(unreadable.into()))?;
    // Being pushed is what a client of that kind must do.
    let request = AuthorizeRequest { pushed: Some(Digest::of(b"")), ..request };
    acceptable(push.authority, &request).map_err(Refused::Unacceptable)?;
    Ok(parameters)
}

/// The digest of the pushed request that a request in the browser names, if it names one.
pub fn named(request: &AuthorizeRequest) -> Option<Digest> {
    let reference = request.request_uri.as_deref().filter(|uri| uri.starts_with(REFERENCE_PREFIX))?;
    Some(Digest::of(reference.as_bytes()))
}

/// The request that is meant by a reference: what was pushed, and of what stands beside it in the browser nothing but
/// the client's id, which must be the same (RFC 9126 section 4).
///
/// # Errors
/// [`PageRefusal::PushedRequestUnknown`], whatever is wrong: until the request is found, nobody can be answered.
pub fn meant(
    authority: &Authority,
    sent: &AuthorizeRequest,
    pushed: Option<&PushedRequest>,
    progress: Progress,
) -> Result<AuthorizeRequest, PageRefusal> {
    let client = sent.client_id.as_deref().ok_or(PageRefusal::ClientMissing)?;
    let fits = |pushed: &&PushedRequest| {
        pushed.authority == authority.id && pushed.client == client && progress.arrived_at < pushed.expires_at
    };
    let pushed = pushed.filter(fits).ok_or(PageRefusal::PushedRequestUnknown)?;
    let request = AuthorizeRequest::parse(&pushed.parameters)?;
    Ok(AuthorizeRequest { pushed: Some(pushed.digest), ..request })
}

#[cfg(test)]
mod tests;
