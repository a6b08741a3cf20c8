//! How Alexa behaves towards a skill, as a form of the companion.

use axum::extract::rejection::FormRejection;
use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::Shared;
use super::companion::{refused, unknown};
use crate::household::Habits;

/// What the form says; a box that is not ticked says nothing.
#[derive(Deserialize)]
pub(crate) struct Chosen {
    refresh_early_seconds: i32,
    refreshes_twice: Option<String>,
    retries: u8,
    events_late_seconds: u32,
}

/// `POST /companion/{skill}/habits`
pub(crate) async fn choose(
    State(inner): State<Shared>,
    Path(slug): Path<String>,
    form: Result<Form<Chosen>, FormRejection>,
) -> Response {
    let Some(skill) = inner.skill(&slug) else { return unknown(&inner) };
    let Ok(Form(chosen)) = form else {
        let text = "Write whole numbers: seconds and, for trying again, 0 to 5.";
        return refused(&inner, skill, StatusCode::UNPROCESSABLE_ENTITY, text);
    };
    let habits = Habits {
        refresh_early_seconds: chosen.refresh_early_seconds,
        refreshes_twice: chosen.refreshes_twice.is_some(),
        retries: chosen.retries,
        events_late_seconds: chosen.events_late_seconds,
    };
    if let Some(wrong) = habits.wrong() {
        return refused(&inner, skill, StatusCode::UNPROCESSABLE_ENTITY, wrong);
    }
    inner.household.set_habits(&slug, habits);
    Redirect::to(&format!("/companion/{slug}#habits")).into_response()
}
