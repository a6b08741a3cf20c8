//! The audit log: searched, and read out line by line. Nothing here changes it.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, LINK};
use http::{HeaderValue, StatusCode, Uri};
use sayso_authority::wire::query::with_parameters;
use sayso_store::{AuditPlace, StoredEvent};
use sayso_token::time::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::BASE;
use super::desk::AdminDesk;
use super::may::{AuditRead, May};
use super::problem::Problem;
use super::question::{Question, cursor, told};
use super::walk::{PIECE, Walk};
use crate::audit::{AuditView, Filter};

const LIST: &str = "audit";
const KNOWN: [&str; 9] = ["user", "client", "grant", "authority", "kind", "reason", "since", "until", "limit"];

/// A page of the audit log, the newest first.
#[derive(Serialize, ToSchema)]
pub(super) struct Events {
    /// The events; a page may be short though more follow.
    events: Vec<AuditView>,
    /// The cursor to go on with; none at the end.
    next: Option<String>,
}

/// Searches the audit log, the newest first.
#[utoipa::path(
    get, path = "/audit", tag = "audit", security(("admin" = ["admin:audit:read"])),
    params(
        ("user" = Option<String>, Query, description = "the account concerned"),
        ("client" = Option<String>, Query, description = "the client concerned, or that did it"),
        ("grant" = Option<String>, Query, description = "the grant concerned"),
        ("authority" = Option<String>, Query, description = "where it happened"),
        ("kind" = Option<String>, Query, description = "what happened, such as refresh_reuse"),
        ("reason" = Option<String>, Query, description = "the reason code of a refusal"),
        ("since" = Option<String>, Query, description = "not before this time (RFC 3339)"),
        ("until" = Option<String>, Query, description = "before this time (RFC 3339)"),
        ("limit" = Option<u16>, Query, description = "1 to 200; 50 when left out", minimum = 1, maximum = 200),
        ("cursor" = Option<String>, Query, description = "`next` of the page before"),
    ),
    responses((status = 200, description = "a page", body = Events))
)]
pub(super) async fn search(State(desk): State<AdminDesk>, _: May<AuditRead>, uri: Uri) -> Result<Response, Problem> {
    let (events, next) = found(&desk, &uri).await?;
    Ok(told(StatusCode::OK, &Events { events: events.iter().map(AuditView::of).collect(), next }, None))
}

/// The same as lines of JSON, one event each; the next page is in `Link`.
#[utoipa::path(
    get, path = "/audit/lines", tag = "audit", security(("admin" = ["admin:audit:read"])),
    params(
        ("user" = Option<String>, Query, description = "the account concerned"),
        ("client" = Option<String>, Query, description = "the client concerned, or that did it"),
        ("grant" = Option<String>, Query, description = "the grant concerned"),
        ("authority" = Option<String>, Query, description = "where it happened"),
        ("kind" = Option<String>, Query, description = "what happened"),
        ("reason" = Option<String>, Query, description = "the reason code of a refusal"),
        ("since" = Option<String>, Query, description = "not before this time (RFC 3339)"),
        ("until" = Option<String>, Query, description = "before this time (RFC 3339)"),
        ("limit" = Option<u16>, Query, description = "1 to 200; 50 when left out", minimum = 1, maximum = 200),
        ("cursor" = Option<String>, Query, description = "from `Link` of the page before"),
    ),
    responses((status = 200, description = "lines of JSON, each as an event of a page", body = String,
        content_type = "application/x-ndjson",
        headers(("Link" = Option<String>, description = "the next page, as rel=next"))))
)]
pub(super) async fn lines(State(desk): State<AdminDesk>, _: May<AuditRead>, uri: Uri) -> Result<Response, Problem> {
    let (events, next) = found(&desk, &uri).await?;
    let text: String = events.iter().map(|event| AuditView::of(event).line()).collect();
    let headers = [(CONTENT_TYPE, "application/x-ndjson"), (CACHE_CONTROL, "no-store")];
    let mut answer = (StatusCode::OK, headers, text).into_response();
    if let Some(link) = next.and_then(|next| link(&uri, &next)) {
        answer.headers_mut().insert(LINK, link);
    }
    Ok(answer)
}

async fn found(desk: &AdminDesk, uri: &Uri) -> Result<(Vec<StoredEvent>, Option<String>), Problem> {
    let asked = Question::of(uri, &[&KNOWN[..], &["cursor"]].concat())?;
    let until = asked.time("until")?.unwrap_or(Timestamp::from_millis(i64::MAX));
    let after = asked.cursor::<AuditPlace>(desk, LIST)?.unwrap_or(AuditPlace::before(until));
    let text = |name: &str| asked.text(name).map(str::to_owned);
    let filter = Filter {
        user: text("user"),
        client: text("client"),
        grant: text("grant"),
        authority: text("authority"),
        kind: text("kind"),
        reason: text("reason"),
        since: asked.time("since")?,
    };
    let (lookups, about) = (&desk.lookups(), &filter.about());
    let range = (filter.since, PIECE);
    let walk = Walk { after, limit: asked.limit()? };
    let (events, next) = walk
        .through(
            |after| async move { lookups.audit_before(about, after, range).await },
            |event: &StoredEvent| event.place,
            |event| filter.takes(event),
        )
        .await?;
    Ok((events, next.and_then(|next| cursor(desk, LIST, &next))))
}

/// The next page of the same question.
fn link(uri: &Uri, next: &str) -> Option<HeaderValue> {
    let query = uri.query().unwrap_or_default();
    let same: Vec<&str> = query.split('&').filter(|pair| !pair.is_empty() && !pair.starts_with("cursor=")).collect();
    let path = format!("{BASE}/audit/lines?{}", same.join("&"));
    HeaderValue::try_from(format!("<{}>; rel=\"next\"", with_parameters(&path, &[("cursor", next)]))).ok()
}
