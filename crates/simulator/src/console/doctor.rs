//! The doctor's page.

use axum::extract::rejection::FormRejection;
use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

use super::Shared;
use crate::doctor::{Checked, Examination, Health, Returning};

/// `GET /companion/{skill}/doctor`: what it does, and a button. Looking asks nobody anything.
pub(crate) async fn page(State(inner): State<Shared>, Path(slug): Path<String>) -> Response {
    show(&inner, &slug, None)
}

/// What the form says.
#[derive(Deserialize)]
pub(crate) struct HowFar {
    refresh: Option<String>,
}

/// `POST /companion/{skill}/doctor`: examines.
pub(crate) async fn examine(
    State(inner): State<Shared>,
    Path(slug): Path<String>,
    form: Result<Form<HowFar>, FormRejection>,
) -> Response {
    let Some(skill) = inner.skill(&slug) else { return show(&inner, &slug, None) };
    let refreshes_twice = form.is_ok_and(|Form(how_far)| how_far.refresh.as_deref() == Some("twice"));
    let examination = Examination { returning: Returning::Here, refreshes_twice };
    let mut checks = Box::pin(inner.examine(skill, examination)).await;
    checks.sort_by_key(|one| std::cmp::Reverse(one.health));
    show(&inner, &slug, Some(checks))
}

fn show(inner: &Shared, slug: &str, checks: Option<Vec<Checked>>) -> Response {
    let Some(skill) = inner.skill(slug) else {
        let text = "No skill of that name is installed.";
        return inner.pages.notice(StatusCode::NOT_FOUND, "No such skill", text, ("/companion", "All skills"));
    };
    let is_linked = inner.household.membership(slug).link.is_some_and(|link| link.refresh_token.is_some());
    let count = |health| checks.iter().flatten().filter(|one| one.health == health).count();
    let uris: Vec<String> = crate::simulator::redirect_uris(&inner.public_url, &inner.vendor_id);
    let context = json!({
        "page": "companion", "slug": slug, "name": skill.name, "uris": uris,
        "is_linked": is_linked, "bad": count(Health::Bad), "doubtful": count(Health::Doubtful), "checks": checks,
    });
    inner.pages.render(StatusCode::OK, "doctor.html", &context)
}
