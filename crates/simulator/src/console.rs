//! The console over HTTP: pages for people, JSON for scripts, the certificate chain for skills.

mod alexa_api;
mod api;
mod archive;
mod companion;
mod device;
mod doctor;
mod flow;
mod goes_wrong;
mod habits;
mod household;
mod management;
mod manners;
mod model;
mod news;
pub(crate) mod pages;
mod talk;
mod timeline;
mod times;
mod tokens;
mod views;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{any, get, post, put};
use rust_embed::Embed;
use sayso_web::assets::Assets;
use sayso_web::headers::ContentPolicy;
use sayso_web::host::Hosts;
use sayso_web::limits::BodyLimit;
use sayso_web::manners::Manners;

use crate::simulator::Inner;

/// Larger bodies are refused: a sentence is short.
const LARGEST_BODY: usize = 512 * 1024;

/// Styles, script and pictures, compiled in.
#[derive(Embed)]
#[folder = "assets/"]
struct Files;

/// What the handlers share.
pub(crate) type Shared = Arc<Inner>;

/// All routes.
pub(crate) fn router(inner: Shared) -> Router {
    let routes = Router::new()
        .route("/", get(talk::page).post(talk::say))
        .route("/turns/{id}", get(talk::turn_page))
        .route("/turns/{id}/part", get(talk::turn_part))
        .route("/turns/{id}/flow.svg", get(talk::flow))
        .route("/turns/{id}/har", get(talk::archive))
        .route("/flow", get(news::flow_page))
        .route("/flow/{id}", get(news::flow_part))
        .route("/api/news", get(news::stream))
        .route("/api/told/{name}", post(news::skill_tells))
        .route("/timeline", get(timeline::page).post(timeline::moved))
        .route("/timeline/signature", post(timeline::verify))
        .route("/api/clock", post(timeline::moved_by_script))
        .route("/companion", get(companion::list))
        .route("/companion/{skill}/doctor", get(doctor::page).post(doctor::examine))
        .route("/companion/{skill}/model", get(model::page))
        .route("/companion/{skill}", get(companion::page))
        .route("/companion/{skill}/enable", post(companion::enable))
        .route("/companion/{skill}/unlink", post(companion::unlink))
        .route("/companion/{skill}/habits", post(habits::choose))
        .route("/companion/{skill}/permissions", post(companion::permit))
        .route("/{region}/api/skill/link/{vendor}", get(companion::callback).post(companion::callback_of_fragment))
        .route("/api/turns", get(api::turns).post(api::say))
        .route("/api/turns/{id}", get(api::turn))
        .route("/api/skills", get(api::skills))
        .route("/api/skills/{skill}/habits", put(api::set_habits))
        .route("/echo.api/{file}", get(chain))
        .route("/v2/skills/{id}/stages/{stage}/simulations", post(management::simulate))
        .route("/v2/skills/{id}/stages/{stage}/simulations/{simulation}", get(management::simulation))
        .route("/v2/skills/{id}/stages/{stage}/invocations", post(management::invoke))
        .route("/v1/skills/{id}/stages/{stage}/interactionModel/locales/{locale}/profileNlu", post(management::profile))
        .route("/v1/skills/{id}/stages/{stage}/manifest", get(management::manifest))
        .route("/v1/skills/{id}/stages/{stage}/enablement", get(management::ready))
        .route(
            "/v1/users/~current/skills/{id}/enablement",
            post(management::enable).get(management::enabled).delete(management::disable),
        )
        .route("/household", get(household::page).post(household::tell))
        .route("/household/persons", post(household::tell_of_person))
        .route("/api/household", get(household::told).put(household::set))
        .route("/v1/directives", any(alexa_api::directives))
        .route("/v1/devices/{device}/settings/address", any(alexa_api::setting))
        .route("/v1/devices/{device}/settings/address/countryAndPostalCode", any(alexa_api::setting))
        .route("/v2/devices/{device}/settings/{setting}", any(alexa_api::setting))
        .route("/v2/accounts/~current/settings/{setting}", any(alexa_api::setting))
        .route("/v2/persons/~current/profile/{setting}", any(alexa_api::setting))
        .route("/favicon.ico", get(icon))
        .fallback(talk::not_found)
        .layer(from_fn_with_state(inner.clone(), manners::refuse_strangers))
        .with_state(inner.clone())
        .merge(Assets::shared().with::<Files>().router());
    Manners::new(inner.entropy.clone(), Hosts::of_urls([&inner.public_url]))
        .policy(policy())
        .body(BodyLimit::bytes(LARGEST_BODY))
        .dress(routes)
}

/// The content policy of the console's pages: their script talks to the console.
fn policy() -> ContentPolicy {
    ContentPolicy::new().may_connect()
}

/// The icon of answers that name none, such as a turn's JSON in a browser.
async fn icon() -> Redirect {
    Redirect::permanent("/assets/mark.svg")
}

/// The certificate chain a skill fetches to verify a request.
async fn chain(State(inner): State<Shared>, Path(file): Path<String>) -> Response {
    let Some(chain) = inner.signer.chain_file(&file, inner.real_now()).await else {
        return (StatusCode::NOT_FOUND, "There is no such chain.").into_response();
    };
    match chain {
        Ok(chain) => ([(header::CONTENT_TYPE, "application/x-pem-file")], chain.to_owned()).into_response(),
        Err(error) => {
            tracing::error!(%error, "the certificate chain cannot be served");
            (StatusCode::SERVICE_UNAVAILABLE, "The signing certificate cannot be made; see the log.").into_response()
        }
    }
}
