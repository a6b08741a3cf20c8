//! The description of the admin API: OpenAPI 3.1, made of the handlers' own.

use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use utoipa::openapi::path::{Operation, Parameter, ParameterIn};
use utoipa::openapi::security::{ClientCredentials, Flow, OAuth2, Scopes, SecurityScheme};
use utoipa::openapi::{
    ComponentsBuilder, ContentBuilder, InfoBuilder, OpenApi, OpenApiBuilder, Ref, RefOr, Response as Described,
    ResponseBuilder,
};
use utoipa::{PartialSchema, ToSchema};

use super::problem::{PROBLEM_JSON, SentProblem};
use sayso_authority::decide::admin::ADMIN_SCOPES;

/// What is said of the whole.
pub(super) fn head() -> OpenApi {
    let info = InfoBuilder::new()
        .title("Sayso admin API")
        .version("1")
        .description(Some(
            "For programs: an access token by client credentials of the designated authority, for the admin API, with the \
             scope that the operation names. Changes carry If-Match.",
        ))
        .build();
    OpenApiBuilder::new().info(info).build()
}

/// Adds what all operations share: how they are refused, and how a token is got.
pub(super) fn complete(mut described: OpenApi) -> Bytes {
    let scopes = ADMIN_SCOPES.iter().map(|scope| (*scope, "see the operations that name it"));
    let flow = Flow::ClientCredentials(ClientCredentials::new(
        "the designated authority's token endpoint",
        Scopes::from_iter(scopes),
    ));
    let mut components = described.components.take().unwrap_or_else(|| ComponentsBuilder::new().build());
    components.add_security_scheme("admin", SecurityScheme::OAuth2(OAuth2::new([flow])));
    components.schemas.insert(SentProblem::name().into_owned(), SentProblem::schema());
    described.components = Some(components);
    for item in described.paths.paths.values_mut() {
        let operations = [&mut item.get, &mut item.put, &mut item.post, &mut item.patch, &mut item.delete];
        operations.into_iter().flatten().for_each(|operation| {
            named(operation);
            refusals(operation);
        });
    }
    Bytes::from(described.to_json().unwrap_or_default())
}

/// A name of its own: what it is about, and what is done.
fn named(operation: &mut Operation) {
    let about = operation.tags.iter().flatten().next().cloned().unwrap_or_default();
    operation.operation_id = operation.operation_id.as_ref().map(|done| format!("{about}_{done}"));
}

/// How an operation may be refused, by what it takes.
fn refusals(operation: &mut Operation) {
    let in_header =
        |one: &RefOr<Parameter>| matches!(one, RefOr::T(one) if matches!(one.parameter_in, ParameterIn::Header));
    let matches = operation.parameters.iter().flatten().any(in_header);
    let reads = operation.request_body.is_some();
    let cases = [
        ("400", true, "it cannot be read; a parameter or field is unknown"),
        ("401", true, "no token that counts"),
        ("403", true, "the token lacks the scope, or it goes beyond what the caller may"),
        ("404", true, "there is nothing of that name"),
        ("408", reads, "the body came too slowly"),
        ("409", reads, "it cannot be, as things stand"),
        ("412", matches, "it has changed since it was read"),
        ("413", reads, "the body is too large"),
        ("415", reads, "the body is of another type"),
        ("422", reads, "the configuration cannot be used"),
        ("428", matches, "If-Match is missing"),
        ("503", true, "the store cannot be reached; try again"),
    ];
    for (status, _, words) in cases.into_iter().filter(|(_, may_be, _)| *may_be) {
        operation.responses.responses.entry(status.to_owned()).or_insert_with(|| RefOr::T(problem(words)));
    }
}

fn problem(words: &str) -> Described {
    let schema = Ref::from_schema_name(SentProblem::name());
    let content = ContentBuilder::new().schema(Some(schema)).build();
    ResponseBuilder::new().description(words).content(PROBLEM_JSON, content).build()
}

/// `GET openapi.json`: anyone may read it.
pub(super) async fn get(State(described): State<Bytes>) -> Response {
    ([(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "public, max-age=300")], described).into_response()
}
