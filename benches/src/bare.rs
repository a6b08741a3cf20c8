//! What Sayso is compared with: plain axum handlers behind the same listener, without any of the manners. They log
//! nothing, check no host and add no header; whoever wrote such a server by hand would begin there.

use std::sync::Arc;

use anyhow::Context as _;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::StatusCode;
use http::header::CONTENT_TYPE;
use sayso_token::encoding::base64url;

/// A small document.
pub(crate) const JSON: &str = r#"{"status":"ok","version":1,"message":"a small document"}"#;
/// As long as the claims of an access token of the scenarios.
const CLAIMS_BYTES: usize = 240;
const JSON_TYPE: [(http::HeaderName, &str); 1] = [(CONTENT_TYPE, "application/json")];

/// `GET /json`, `GET /size/{length}` for these lengths, `POST /sign`.
pub(crate) fn router(sizes: &[usize]) -> anyhow::Result<Router> {
    let pair = RsaKeyPair::generate(KeySize::Rsa2048).context("no RSA key could be made")?;
    let mut router = Router::new()
        .route("/json", get(|| async { (JSON_TYPE, JSON) }))
        .route("/sign", post(sign).with_state(Arc::new(pair)));
    for size in sizes {
        let document = Bytes::from(format!("\"{}\"", "x".repeat(size.saturating_sub(2))));
        let document = move || {
            let document = document.clone();
            async move { (JSON_TYPE, document) }
        };
        router = router.route(&format!("/size/{size}"), get(document));
    }
    Ok(router)
}

/// Reads the form as bytes, and signs a token of fixed content with the kept key.
#[allow(clippy::disallowed_methods, reason = "the bare signature demands the library's source of chance")]
async fn sign(State(pair): State<Arc<RsaKeyPair>>, _form: Bytes) -> Response {
    let header = base64url(br#"{"alg":"RS256","typ":"at+jwt","kid":"AAAAAAAAAAAAAAAAAAAAAA"}"#);
    let mut token = format!("{header}.{}", base64url(&[b'x'; CLAIMS_BYTES]));
    let mut signature = vec![0; pair.public_modulus_len()];
    if pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), token.as_bytes(), &mut signature).is_err() {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    token.push('.');
    token.push_str(&base64url(&signature));
    let body = format!(r#"{{"access_token":"{token}","token_type":"Bearer","expires_in":86400,"scope":"read"}}"#);
    (JSON_TYPE, body).into_response()
}
