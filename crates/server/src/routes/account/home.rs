//! What an authority shows at its own address.

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;

use super::faces::{Asker, account, authority};
use crate::browser::visitor;
use crate::pages::HomePage;
use crate::place::Place;

/// `GET /`.
pub(crate) async fn get(State(place): State<Place>, asker: Asker) -> Response {
    let visitor = match visitor(&place, &asker.headers).await {
        Ok(visitor) => visitor,
        Err(error) => return asker.unavailable(&error),
    };
    let page = HomePage {
        authority: authority(&place),
        issuer: place.authority().issuer.clone(),
        account: visitor.map(|visitor| account(&visitor.user)),
    };
    asker.show(&place, StatusCode::OK, &page)
}
