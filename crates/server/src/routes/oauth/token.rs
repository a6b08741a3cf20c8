//! The token endpoint (RFC 6749 section 3.2).

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, PRAGMA};
use http::{HeaderMap, HeaderName, StatusCode, Uri};
use sayso_authority::Decision;
use sayso_authority::decide::access_token::with_access_token_hash;
use sayso_authority::decide::client_credentials::client_credentials;
use sayso_authority::decide::exchange_code::{ExchangeCode, exchange_code};
use sayso_authority::decide::opaque_token;
use sayso_authority::decide::refresh::{Refresh, refresh};
use sayso_authority::decide::refresh_token::recognise;
use sayso_authority::record::client::Client;
use sayso_authority::wire::error::{ErrorCode, Refusal};
use sayso_authority::wire::token::{BadTokenRequest, Protection, TokenReply, TokenRequest, Unsigned, Wanted};
use sayso_store::StoreError;
use sayso_token::digest::Digest;
use sayso_token::jws;
use sayso_token::scope::print_scope;
use sayso_token::secret::Secret;
use sayso_web::faces::json_error;
use sayso_web::listen::Peer;
use serde::Serialize;

use super::caller::caller;
use super::posted::{form, invalid_request, refused};
use crate::place::{Place, unavailable_json};

/// `POST` of the token endpoint.
pub(crate) async fn post(
    State(place): State<Place>,
    peer: Option<Peer>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if uri.query().is_some_and(|query| !query.is_empty()) {
        return invalid_request("send parameters in the body only, never in the query");
    }
    let (client, request) = match asked(&place, peer, &headers, &body).await {
        Ok(asked) => asked,
        Err(answer) => return *answer,
    };
    let outcome = match request {
        TokenRequest::AuthorizationCode { code, redirect_uri, code_verifier, wanted } => {
            let offered = Offered { code, redirect_uri, code_verifier, wanted };
            code_grant(&place, client, &offered, peer).await.map(boxed)
        }
        TokenRequest::RefreshToken { refresh_token, wanted } => {
            refresh_grant(&place, client, (&refresh_token, &wanted), peer).await.map(boxed)
        }
        TokenRequest::ClientCredentials { wanted } => {
            let decided =
                place.decide(place.now(), |ambient| client_credentials(place.authority(), client, &wanted, ambient));
            Ok(boxed(decided))
        }
    };
    match outcome {
        Ok(Ok(reply)) => print(&place, &reply),
        Ok(Err(refusal)) => refused(&*refusal),
        Err(error) => unavailable_json(&error),
    }
}

/// Who asks, and for what.
async fn asked<'a>(
    place: &'a Place,
    peer: Option<Peer>,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<(&'a Client, TokenRequest), Box<Response>> {
    let form = form(headers, body)?;
    let caller = caller(place, headers, &form, peer).await?;
    Ok((caller, TokenRequest::parse(&form).map_err(|bad| Box::new(unreadable(bad)))?))
}

fn boxed<R: Refusal + 'static>(reply: Result<TokenReply, R>) -> Result<TokenReply, Box<dyn Refusal>> {
    reply.map_err(|refusal| Box::new(refusal) as Box<dyn Refusal>)
}

fn unreadable(bad: BadTokenRequest) -> Response {
    match bad {
        BadTokenRequest::Missing(name) => invalid_request(&format!("the parameter {name} is missing")),
        BadTokenRequest::Repeated(name) => invalid_request(&format!("the parameter {name} stands twice")),
        BadTokenRequest::TwoApis => {
            let text = "audience and resource name different APIs; name one";
            json_error(StatusCode::BAD_REQUEST, ErrorCode::InvalidTarget.code(), text)
        }
        BadTokenRequest::UnsupportedGrant => {
            let text = "use authorization_code, refresh_token or client_credentials";
            json_error(StatusCode::BAD_REQUEST, ErrorCode::UnsupportedGrantType.code(), text)
        }
    }
}

/// What a code exchange brings.
struct Offered {
    code: Secret,
    redirect_uri: Option<String>,
    code_verifier: Option<Secret>,
    wanted: Wanted,
}

type Settled<R> = Result<Result<TokenReply, R>, StoreError>;

async fn code_grant(
    place: &Place,
    client: &Client,
    offered: &Offered,
    peer: Option<Peer>,
) -> Settled<sayso_authority::decide::exchange_code::Refused> {
    let digest = Digest::of(offered.code.expose().as_bytes());
    place
        .store_for(peer)
        .settle(&*place.house.clock, |lookups, now| async move {
            let code = lookups.code(&digest).await?;
            let user = match &code {
                Some(code) => lookups.user(&code.user).await?,
                None => None,
            };
            let request = ExchangeCode {
                authority: place.authority(),
                client,
                code,
                user,
                redirect_uri: offered.redirect_uri.clone(),
                code_verifier: offered.code_verifier.clone(),
                wanted: offered.wanted.clone(),
            };
            Ok(place.decide(now, |ambient| exchange_code(&request, &place.house.sealer, ambient)))
        })
        .await
}

async fn refresh_grant(
    place: &Place,
    client: &Client,
    (presented, wanted): (&Secret, &Wanted),
    peer: Option<Peer>,
) -> Settled<sayso_authority::decide::refresh::Refused> {
    place
        .store_for(peer)
        .settle(&*place.house.clock, |lookups, now| async move {
            let token = recognise(&place.authority().id, presented, &place.house.sealer);
            let (grant, user) = match &token {
                Some(token) => lookups.grant_and_user(&token.grant).await?,
                None => (None, None),
            };
            let authority = place.authority();
            let request = Refresh { authority, client, presented, token, grant, user, wanted: wanted.clone() };
            let decision: Decision<_, _> = place.decide(now, |ambient| refresh(&request, &place.house.sealer, ambient));
            Ok(decision)
        })
        .await
}

const NOT_STORED: [(HeaderName, &str); 2] = [(CACHE_CONTROL, "no-store"), (PRAGMA, "no-cache")];

/// What a successful answer says (RFC 6749 section 5.1). `expires_in` and `scope` are always told.
#[derive(Serialize)]
struct Granted<'a> {
    access_token: &'a str,
    token_type: &'static str,
    expires_in: u32,
    scope: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id_token: Option<String>,
}

/// Protects and prints a reply.
fn print(place: &Place, reply: &TokenReply) -> Response {
    let Some(access_token) = protect(place, &reply.access_token) else { return no_key() };
    let id_token = match &reply.id_token {
        None => None,
        Some(id_token) => match protect(place, &with_access_token_hash(id_token.clone(), &access_token)) {
            None => return no_key(),
            signed => signed,
        },
    };
    let granted = Granted {
        access_token: &access_token,
        token_type: "Bearer",
        expires_in: reply.expires_in.seconds(),
        scope: print_scope(&reply.scopes),
        refresh_token: reply.refresh_token.as_ref().map(Secret::expose),
        id_token,
    };
    (NOT_STORED, Json(granted)).into_response()
}

pub(super) fn protect(place: &Place, token: &Unsigned) -> Option<String> {
    match token.protection {
        Protection::Signed(algorithm) => jws::sign(token.typ, &token.claims, place.desk.keyring.signer(algorithm)?),
        Protection::Sealed => {
            let (authority, entropy) = (&place.authority().id, &mut place.house.entropy.clone());
            Some(opaque_token::seal(authority, &token.claims, &place.house.sealer, entropy).expose().to_owned())
        }
    }
}

pub(super) fn no_key() -> Response {
    tracing::error!("no signing key could sign");
    let text = "the server cannot sign tokens right now";
    json_error(StatusCode::SERVICE_UNAVAILABLE, ErrorCode::TemporarilyUnavailable.code(), text)
}
