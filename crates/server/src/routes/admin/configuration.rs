//! The configuration in force: read, compared, replaced.

use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG};
use http::{HeaderMap, StatusCode};
use sayso_authority::decide::admin::{Unfit, may_apply};
use sayso_authority::decide::plan::plan as compare;
use sayso_authority::record::configuration::Configuration;
use sayso_token::digest::Digest;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::desk::AdminDesk;
use super::matching::{Expected, tag};
use super::may::{ConfigurationRead, ConfigurationWrite, May};
use super::problem::Problem;
use super::question::{of_type, told};
use crate::configuration::{self, BadConfiguration, file};

const TOML: &str = "application/toml";

/// The configuration in force.
#[derive(Serialize, ToSchema)]
pub(super) struct InForce {
    /// Its number; 0 as long as none was put in force.
    number: i64,
    /// Authorities and profile schema, as they are kept. Of secrets it is told how many there are.
    #[schema(value_type = Object)]
    configuration: Value,
}

/// What another configuration would change, or has changed.
#[derive(Serialize, ToSchema)]
pub(super) struct Plan {
    /// The number of the configuration compared with, or put in force.
    number: i64,
    /// What differs, by thing: action, place, fields with from and to. Of secrets only that they changed.
    #[schema(value_type = Vec<Object>)]
    differences: Value,
}

/// Reads it, without secrets.
#[utoipa::path(
    get, path = "/configuration", tag = "configuration", security(("admin" = ["admin:configuration:read"])),
    responses((status = 200, description = "in force", body = InForce,
        headers(("ETag" = String, description = "its version"))))
)]
pub(super) async fn read(State(desk): State<AdminDesk>, _: May<ConfigurationRead>) -> Result<Response, Problem> {
    let now = Now::of(&desk).await?;
    let mut shown = serde_json::to_value(&*now.configuration).unwrap_or_default();
    without_secrets(&mut shown);
    Ok(told(StatusCode::OK, &InForce { number: now.number, configuration: shown }, Some(&tag(&now.digest))))
}

/// Reads it as the file that says the same. Secrets stand in it as digests, so it takes the right to replace it.
#[utoipa::path(
    get, path = "/configuration/file", tag = "configuration", security(("admin" = ["admin:configuration:write"])),
    responses((status = 200, description = "TOML, as docs/configuration.md has it", body = String,
        content_type = "application/toml", headers(("ETag" = String, description = "its version"))))
)]
pub(super) async fn file(State(desk): State<AdminDesk>, _: May<ConfigurationWrite>) -> Result<Response, Problem> {
    let now = Now::of(&desk).await?;
    let headers = [(CONTENT_TYPE, TOML.to_owned()), (CACHE_CONTROL, "no-store".to_owned()), (ETAG, tag(&now.digest))];
    Ok((StatusCode::OK, headers, file::written(&now.configuration)).into_response())
}

/// Says what a file would change.
#[utoipa::path(
    post, path = "/configuration/plan", tag = "configuration", security(("admin" = ["admin:configuration:read"])),
    request_body(content = String, content_type = "application/toml", description = "authorities and profile schema"),
    responses((status = 200, description = "the differences", body = Plan))
)]
pub(super) async fn plan(
    State(desk): State<AdminDesk>,
    _: May<ConfigurationRead>,
    headers: HeaderMap,
    sent: Bytes,
) -> Result<Response, Problem> {
    let wanted = wanted(&desk, &headers, &sent)?;
    let now = Now::of(&desk).await?;
    let differences = compare(Some(&now.configuration), &wanted);
    Ok(told(StatusCode::OK, &Plan { number: now.number, differences: json!(differences) }, None))
}

/// Puts a file's configuration in force; all nodes follow within a second.
#[utoipa::path(
    put, path = "/configuration", tag = "configuration", security(("admin" = ["admin:configuration:write"])),
    params(("If-Match" = String, Header, description = "the ETag of the one it replaces")),
    request_body(content = String, content_type = "application/toml", description = "authorities and profile schema"),
    responses((status = 200, description = "in force", body = Plan,
        headers(("ETag" = String, description = "its version"))))
)]
pub(super) async fn apply(
    State(desk): State<AdminDesk>,
    May(actor, _): May<ConfigurationWrite>,
    headers: HeaderMap,
    sent: Bytes,
) -> Result<Response, Problem> {
    let expected = Expected::of(&headers)?;
    let wanted = wanted(&desk, &headers, &sent)?;
    let now = Now::of(&desk).await?;
    if !expected.meets(&tag(&now.digest)) {
        return Err(Problem::changed());
    }
    let differences = compare(Some(&now.configuration), &wanted);
    may_apply(&actor, &desk.designated, (&now.configuration, &wanted), &differences).map_err(unfit)?;
    let tag = tag(&configuration::digest(&wanted));
    if differences.is_empty() && now.number > 0 {
        return Ok(told(StatusCode::OK, &Plan { number: now.number, differences: json!([]) }, Some(&tag)));
    }
    let number = now.number + 1;
    let (store, sealer) = (desk.store_of(&actor), &desk.house().sealer);
    if !configuration::put_in_force_as(number, &wanted, (&store, sealer), &desk.ambience()).await? {
        return Err(Problem::changed());
    }
    Ok(told(StatusCode::OK, &Plan { number, differences: json!(differences) }, Some(&tag)))
}

/// What is in force at this moment.
pub(super) struct Now {
    number: i64,
    digest: Digest,
    pub(super) configuration: Box<Configuration>,
}

impl Now {
    pub(super) async fn of(desk: &AdminDesk) -> Result<Self, Problem> {
        let house = desk.house();
        let found = configuration::in_force(&house.store, &house.sealer).await.map_err(|bad| match bad {
            BadConfiguration::Store(error) => Problem::from(error),
            other => {
                tracing::error!(error = %other, "the configuration in force cannot be used by this node");
                let detail =
                    "another version of the server wrote the configuration in force; ask a node of that version";
                Problem::new(StatusCode::SERVICE_UNAVAILABLE, "configuration_unreadable", detail)
            }
        })?;
        let (number, configuration) = match found {
            Some((number, configuration)) => (number, configuration),
            None => (0, Configuration::clone(&desk.own)),
        };
        Ok(Self { number, digest: configuration::digest(&configuration), configuration: Box::new(configuration) })
    }
}

/// Reads what was sent, with all checks of a file.
fn wanted(desk: &AdminDesk, headers: &HeaderMap, sent: &Bytes) -> Result<Configuration, Problem> {
    of_type(headers, TOML)?;
    let text = std::str::from_utf8(sent).map_err(|_| Problem::bad("body_malformed", "the body is not UTF-8"))?;
    (desk.read)(text).map_err(|findings| {
        let detail = "the configuration cannot be used; findings says why";
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "configuration_unfit", detail).with(findings)
    })
}

fn unfit(unfit: Unfit) -> Problem {
    match unfit {
        Unfit::BeyondActor => {
            let detail = "it changes who may administer, which takes every admin scope";
            Problem::new(StatusCode::FORBIDDEN, unfit.reason(), detail)
        }
        Unfit::LastAdmin => {
            let detail = "nobody could administer any more: keep the designated authority, its admin API, and a client that may \
                          write the configuration";
            Problem::new(StatusCode::CONFLICT, unfit.reason(), detail)
        }
    }
}

/// Replaces digests of secrets by their number.
fn without_secrets(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Value::Array(secrets) if name.contains("secret") => *value = json!(secrets.len()),
                    other => without_secrets(other),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(without_secrets),
        _ => {}
    }
}
