//! What is the console's own among the manners: changes that a foreign page asks for are refused, also by scripts.

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use sayso_web::csrf::came_from_here;
use serde_json::json;

use super::Shared;

/// Refuses changes that a foreign page asks for. The console knows no session, so where a request comes from is all
/// that tells its own pages from others.
pub(crate) async fn refuse_strangers(State(inner): State<Shared>, request: Request, next: Next) -> Response {
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD);
    match came_from_here(request.headers(), &inner.public_url) {
        Err(forged) if changes => {
            let text = "Another site sent this request; only the console's own pages may.";
            refusal(StatusCode::FORBIDDEN, forged.reason(), text)
        }
        _ => next.run(request).await,
    }
}

/// A refusal for scripts.
pub(crate) fn refusal(status: StatusCode, code: &str, description: &str) -> Response {
    (status, Json(json!({"error": code, "error_description": description}))).into_response()
}
