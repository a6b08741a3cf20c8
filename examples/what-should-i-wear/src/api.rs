//! The API that knows what to wear. It is no skill: its token comes in the header `Authorization`, and nobody at Alexa has ever
//! heard of it.
//!
//! | request | scope | answer |
//! |---|---|---|
//! | `GET /today` | `read:whattowear` | `{"advice": "Long pants, …"}` |
//! | `POST /laundry` with `{"item": "jacket"}` | `write:whattowear` | 204; from then on, that person is advised to wear something else |

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Extension, Json, Router};
use sayso_skill::token::guard::AccessToken;
use sayso_skill::{BadSkill, Guard, GuardLayer, Outside, Trust, scope};
use serde::{Deserialize, Serialize};

/// Whose jacket is in the wash, until this process ends.
type InTheWash = Arc<Mutex<HashSet<String>>>;

/// What `GET /today` answers.
#[derive(Deserialize, Serialize)]
pub struct Today {
    /// What to wear, in words.
    pub advice: String,
}

/// What `POST /laundry` takes.
#[derive(Deserialize, Serialize)]
pub struct Laundry {
    /// What is in the wash.
    pub item: String,
}

/// The routes, each with what it demands of a token. The six questions are the skill's, asked again: an API believes no caller.
///
/// # Errors
/// The guard would be open to anyone.
pub fn router(guard: &Guard, trust: &Trust, outside: &Outside) -> Result<Router, BadSkill> {
    let demands = |needed: &str| -> Result<GuardLayer, BadSkill> {
        let layer = GuardLayer::new(guard.clone(), scope(needed), outside.clone())?.realm("what to wear");
        // Beside a local simulator, its console draws what was checked here.
        Ok(if matches!(trust, Trust::DangerousLocal(_)) { layer.dangerous_local_trace() } else { layer })
    };
    Ok(Router::new()
        .route("/today", get(today).layer(demands("read:whattowear")?))
        .route("/laundry", post(laundry).layer(demands("write:whattowear")?))
        .with_state(InTheWash::default()))
}

async fn today(State(washed): State<InTheWash>, Extension(token): Extension<AccessToken>) -> Json<Today> {
    // Whose token it is says the authority, not the caller.
    let has_jacket = !washed.lock().unwrap_or_else(PoisonError::into_inner).contains(&token.subject);
    let advice = if has_jacket {
        "Long pants, short sleeves, jacket in the afternoon"
    } else {
        "Long pants and long sleeves: your jacket is in the wash"
    };
    Json(Today { advice: advice.to_owned() })
}

async fn laundry(
    State(washed): State<InTheWash>,
    Extension(token): Extension<AccessToken>,
    Json(laundry): Json<Laundry>,
) -> StatusCode {
    if laundry.item != "jacket" {
        return StatusCode::UNPROCESSABLE_ENTITY;
    }
    washed.lock().unwrap_or_else(PoisonError::into_inner).insert(token.subject);
    StatusCode::NO_CONTENT
}
