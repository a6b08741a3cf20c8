//! Records with sensible values; a test changes the fields it is about.

use std::collections::BTreeMap;

use sayso_authority::record::code::{CODE_LIFETIME, Code};
use sayso_authority::record::grant::{Grant, GrantId, RefreshChain};
use sayso_authority::record::pushed_request::{PUSHED_LIFETIME, PushedRequest};
use sayso_authority::record::session::{SESSION_LIFETIME, Session};
use sayso_authority::record::terms::Terms;
use sayso_authority::record::user::{User, UserId};
use sayso_token::digest::Digest;
use sayso_token::secret::Secret;

use crate::NOW;
use crate::tutorials::{QUIZ_AUDIENCE, QUIZ_CLIENT, REDIRECT_URI};

/// The digest a bearer value of this name is stored under.
pub fn digest(name: &str) -> Digest {
    Digest::of(name.as_bytes())
}

/// A user of this name, with the id `usr_{name}`. Their password hash fits no password: a test that signs in hashes
/// one itself.
pub fn user(name: &str) -> User {
    User {
        id: UserId(format!("usr_{name}")),
        username: User::canonical(name),
        password_hash: Secret::new("fits nothing"),
        attributes: BTreeMap::new(),
        version: 0,
        created_at: NOW,
        groups: Vec::new(),
        updated_at: None,
        disabled_at: None,
    }
}

/// Ada, whose favorite color is teal.
pub fn ada() -> User {
    let mut ada = user("ada");
    for (name, value) in [("firstName", "Ada"), ("favoriteColor", "teal"), ("email", "ada@example.com")] {
        ada.attributes.insert(name.to_owned(), value.into());
    }
    ada
}

/// A fresh code of Ada's for the quiz game, stored under the digest of `name`.
pub fn code(name: &str) -> Code {
    Code {
        digest: digest(name),
        authority: "quiz".to_owned(),
        client: QUIZ_CLIENT.to_owned(),
        user: ada().id,
        redirect_uri: REDIRECT_URI.to_owned(),
        audience: QUIZ_AUDIENCE.to_owned(),
        scopes: vec!["openid".to_owned(), "profile".to_owned()],
        code_challenge: None,
        nonce: None,
        terms: Terms::default(),
        signed_in_at: NOW,
        sid: None,
        issued_at: NOW,
        expires_at: NOW + CODE_LIFETIME,
        wrong_proofs: 0,
        spent_at: None,
        spent_proof: None,
        grant: None,
    }
}

/// Ada's grant to the quiz game, whose first refresh token has the digest of `{id} 0`.
pub fn grant(id: &str) -> Grant {
    Grant {
        id: GrantId(id.to_owned()),
        authority: "quiz".to_owned(),
        client: QUIZ_CLIENT.to_owned(),
        user: ada().id,
        audience: QUIZ_AUDIENCE.to_owned(),
        scopes: vec!["openid".to_owned(), "profile".to_owned()],
        terms: Terms::default(),
        signed_in_at: NOW,
        created_at: NOW,
        last_used_at: NOW,
        epoch: 0,
        revoked_at: None,
        refresh: Some(RefreshChain { generation: 0, live: digest(&format!("{id} 0")), steps: Vec::new() }),
    }
}

/// A fresh session of Ada's, stored under the digest of `name`.
pub fn session(name: &str) -> Session {
    Session {
        digest: digest(name),
        authority: "quiz".to_owned(),
        user: ada().id,
        signed_in_at: NOW,
        expires_at: NOW + SESSION_LIFETIME,
        sid: Session::sid_of(&digest(name)),
        upstream: None,
    }
}

/// A pushed request of the quiz game, stored under the digest of `name`.
pub fn pushed_request(name: &str) -> PushedRequest {
    PushedRequest {
        digest: digest(name),
        authority: "quiz".to_owned(),
        client: QUIZ_CLIENT.to_owned(),
        parameters: "response_type=code&scope=openid".to_owned(),
        pushed_at: NOW,
        expires_at: NOW + PUSHED_LIFETIME,
    }
}
