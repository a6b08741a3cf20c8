//! Where a handler stands: at one authority of the installation.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::body::Bytes;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::RETRY_AFTER;
use sayso_authority::Ambient;
use sayso_authority::record::attribute::Attribute;
use sayso_authority::record::authority::Authority;
use sayso_connections::fetch::Fetcher;
use sayso_connections::key_sets::KeySets;
use sayso_connections::openid::Providers;
use sayso_connections::password::PasswordHasher;
use sayso_store::{Store, StoreError};
use sayso_token::entropy::SharedEntropy;
use sayso_token::jwk::JwkSet;
use sayso_token::keyring::Keyring;
use sayso_token::pairwise::PairwiseKey;
use sayso_token::seal::Sealer;
use sayso_token::time::{Clock, Timestamp};
use sayso_web::cookies::CookieRule;
use sayso_web::csrf::Csrf;
use sayso_web::faces::{Asked, Failure, json_error};
use sayso_web::limits::Buckets;
use sayso_web::listen::Peer;
use sayso_web::pages::Pages;

use crate::connection_secrets::ConnectionSecrets;
use crate::live::Newsroom;
use crate::verified_tokens::VerifiedTokens;

/// What all authorities of an installation share.
pub(crate) struct House {
    pub(crate) store: Store,
    pub(crate) sealer: Arc<Sealer>,
    pub(crate) pairwise: PairwiseKey,
    pub(crate) csrf: Csrf,
    pub(crate) pages: Pages,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: SharedEntropy,
    pub(crate) passwords: PasswordHasher,
    pub(crate) schema: Vec<Attribute>,
    pub(crate) limits: Arc<Limits>,
    /// Sends what clients' metadata asks for.
    pub(crate) fetcher: Fetcher,
    /// Where this node takes over what it has just written.
    pub(crate) newsroom: Newsroom,
    /// The keys of clients that publish theirs.
    pub(crate) client_keys: Arc<KeySets>,
    /// Asks the providers at which people sign in.
    pub(crate) providers: Providers,
    /// What this server proves itself with there.
    pub(crate) connection_secrets: ConnectionSecrets,
}

/// How often something may be tried at this node. What is guessed here has 256 bits: the limits keep the noise down, the
/// length keeps the secret.
pub(crate) struct Limits {
    /// Wrong client secrets for one client from one address.
    pub(crate) client: Buckets,
    /// Ways out to a provider from one address.
    pub(crate) leaving: Buckets,
    /// Unknown tokens shown by one client at introspection.
    pub(crate) scanning: Buckets,
}

/// One authority, ready to answer.
pub(crate) struct Desk {
    pub(crate) authority: Authority,
    pub(crate) keyring: Keyring,
    pub(crate) public: JwkSet,
    pub(crate) verified: VerifiedTokens,
    pub(crate) jwks: Bytes,
    pub(crate) metadata: Bytes,
    pub(crate) cookies: CookieRule,
    /// The origins of its clients that are pages in a browser.
    pub(crate) origins: BTreeSet<String>,
    /// The URL path of its pages, without a trailing slash.
    pub(crate) base: String,
}

/// The state of every handler.
#[derive(Clone)]
pub(crate) struct Place {
    pub(crate) house: Arc<House>,
    pub(crate) desk: Arc<Desk>,
}

impl Place {
    pub(crate) fn now(&self) -> Timestamp {
        self.house.clock.now()
    }

    /// The store, writing into the audit from where it was asked.
    pub(crate) fn store_for(&self, peer: Option<Peer>) -> Store {
        self.house.store.seen_from(peer.map(|peer| peer.address.to_string()).as_deref())
    }

    pub(crate) fn authority(&self) -> &Authority {
        &self.desk.authority
    }

    /// Runs a decision with chance.
    pub(crate) fn decide<T>(&self, now: Timestamp, decision: impl FnOnce(&mut Ambient<'_>) -> T) -> T {
        let mut entropy = self.house.entropy.clone();
        decision(&mut Ambient { now, entropy: &mut entropy })
    }

    /// The path of one of the authority's pages.
    pub(crate) fn path(&self, page: &str) -> String {
        format!("{}{page}", self.desk.base)
    }
}

/// The store cannot be reached or is overloaded: nothing was changed, the caller may try again.
pub(crate) fn unavailable_json(error: &StoreError) -> Response {
    tracing::error!(%error, "the store did not answer");
    let text = "the server cannot reach its store; try again shortly";
    let mut answer = json_error(StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable", text);
    answer.headers_mut().insert(RETRY_AFTER, http::HeaderValue::from_static("2"));
    answer
}

/// As [`unavailable_json`], for a person.
pub(crate) fn unavailable_page(error: &StoreError, asked: &Asked) -> Response {
    tracing::error!(%error, "the store did not answer");
    let failure = Failure::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "temporarily_unavailable",
        "This cannot be done right now.",
        "Nothing was changed. Please try again in a moment.",
    );
    ([(RETRY_AFTER, "2")], failure.answer(asked)).into_response()
}
