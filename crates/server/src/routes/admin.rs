//! The admin API, `/admin/api/v1`: for programs, with a token of the designated authority. Off unless it is configured.
//!
//! Each handler names what it needs in its arguments (`May<UsersRead>`), and its own description; the document that is
//! served is made of the same list as the routes.

mod audit;
mod configuration;
mod desk;
mod document;
mod grants;
mod groups;
mod identities;
mod keys;
mod matching;
mod may;
mod members;
mod preview;
mod problem;
mod question;
mod users;
mod walk;

use axum::Router;
use axum::routing::get;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(crate) use desk::AdminDesk;

/// Where it is.
pub(crate) const BASE: &str = "/admin/api/v1";

/// All routes of the admin API, and the description of them all.
pub(crate) fn router(desk: AdminDesk) -> Router {
    let (router, described) = described().split_for_parts();
    let described = document::complete(described);
    router
        .route(&format!("{BASE}/openapi.json"), get(document::get).with_state(described))
        .method_not_allowed_fallback(problem::wrong_method)
        .with_state(desk)
}

fn described() -> OpenApiRouter<AdminDesk> {
    let operations = OpenApiRouter::new()
        .routes(routes!(users::list, users::create))
        .routes(routes!(users::read, users::change, users::remove))
        .routes(routes!(users::set_password))
        .routes(routes!(grants::list))
        .routes(routes!(grants::read, grants::revoke))
        .routes(routes!(groups::list, groups::create))
        .routes(routes!(groups::read, groups::change, groups::remove))
        .routes(routes!(members::list))
        .routes(routes!(members::add, members::remove))
        .routes(routes!(members::of_user))
        .routes(routes!(identities::list))
        .routes(routes!(identities::remove))
        .routes(routes!(configuration::read, configuration::apply))
        .routes(routes!(configuration::file))
        .routes(routes!(configuration::plan))
        .routes(routes!(preview::run))
        .routes(routes!(keys::list))
        .routes(routes!(keys::rotate))
        .routes(routes!(keys::revoke))
        .routes(routes!(audit::search))
        .routes(routes!(audit::lines));
    OpenApiRouter::with_openapi(document::head()).nest(BASE, operations)
}
