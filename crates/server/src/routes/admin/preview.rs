//! A dry run: what a client would get for a person, and why. The functions that judge real requests judge this one, within
//! the same bounds; nothing is issued, and nothing is remembered.

use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use sayso_authority::decide::preview::{Asked, preview};
use sayso_authority::record::client::GrantType;
use sayso_authority::record::configuration::Configuration;
use sayso_authority::record::user::User;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::configuration::Now;
use super::desk::AdminDesk;
use super::may::{May, Preview};
use super::problem::Problem;
use super::question::{body, told};

/// What is asked for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DryRun {
    /// At which authority.
    authority: String,
    /// `client_id`
    client: String,
    /// `authorization_code`, where nothing is said; `refresh_token`, `client_credentials`.
    grant: Option<String>,
    /// The person, by username; nobody for a client's own token.
    user: Option<String>,
    /// The API; the authority's default, where nothing is said.
    audience: Option<String>,
    /// The scopes; the API's defaults, where nothing is said.
    scope: Option<String>,
}

/// What would come of it.
#[derive(Serialize, ToSchema)]
pub(super) struct Played {
    /// Whether tokens would be issued; if not, the reason and the nearest change that would allow it; policies and rules with
    /// matched and unmatched conditions; each claim's expression and value; the payloads. As `sayso token preview --json`.
    #[schema(value_type = Object)]
    preview: Value,
}

/// Plays a request for tokens by the configuration in force.
#[utoipa::path(
    post, path = "/preview", tag = "configuration", security(("admin" = ["admin:preview"])), request_body = DryRun,
    responses((status = 200, description = "what would come of it, a refusal as well", body = Played))
)]
pub(super) async fn run(
    State(desk): State<AdminDesk>,
    _: May<Preview>,
    headers: HeaderMap,
    sent: Bytes,
) -> Result<Response, Problem> {
    let asked: DryRun = body(&headers, &sent)?;
    let grant = GrantType::named(asked.grant.as_deref().unwrap_or("authorization_code"));
    let grant = grant.ok_or_else(|| Problem::bad("body_malformed", "grant is none that is known"))?;
    let Configuration { attributes, authorities } = *Now::of(&desk).await?.configuration;
    let authority = authorities.into_iter().find(|authority| authority.id == asked.authority);
    let mut authority = authority.ok_or_else(|| Problem::not_found("authority_unknown"))?;
    authority.admit(&desk.lookups().registered_clients(&asked.authority).await?);
    // NUL is a name that one of the databases cannot look for.
    let username = asked.user.as_deref().filter(|name| !name.contains('\0')).map(User::canonical);
    let user = match username.filter(|_| grant != GrantType::ClientCredentials) {
        Some(name) => desk.lookups().user_by_username(&name).await?,
        None => None,
    };
    let asked = Asked {
        authority: &authority,
        schema: &attributes,
        client: &asked.client,
        grant,
        user: user.as_ref(),
        audience: asked.audience.as_deref(),
        scope: asked.scope.as_deref(),
    };
    let played = desk.place.decide(desk.now(), |ambient| preview(&asked, ambient));
    Ok(told(StatusCode::OK, &Played { preview: json!(played) }, None))
}
