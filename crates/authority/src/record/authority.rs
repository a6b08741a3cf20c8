//! An authority: one issuer with its own keys, APIs, clients, claims and policies.

use std::collections::BTreeSet;

use sayso_token::algorithm::Algorithm;
use sayso_token::time::Lifetime;
use serde::{Deserialize, Serialize};

use super::api::{Api, TokenProfile};
use super::claim::Claim;
use super::client::Client;
use super::connection::Connection;
use super::policy::Policy;
use super::registration::Registration;

/// Which vendor's addresses an authority offers below its issuer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layout {
    /// `/authorize`, `/oauth/token`, `/userinfo`, `/.well-known/jwks.json`: the first tutorial's.
    Auth0,
    /// `/v1/authorize`, `/v1/token`, `/v1/introspect`, `/v1/keys`: the second tutorial's.
    Okta,
}

/// One issuer. Several live in one installation; nothing of one is accepted by another.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Authority {
    /// The short name, part of every key in the store.
    pub id: String,
    /// The name shown to people.
    pub name: String,
    /// The issuer identifier (RFC 8414 section 2), without a trailing slash.
    pub issuer: String,
    /// Which addresses it offers.
    pub layout: Layout,
    /// Its APIs.
    pub apis: Vec<Api>,
    /// The audience meant when a request names none.
    pub default_audience: Option<String>,
    /// Its clients.
    pub clients: Vec<Client>,
    /// Its custom claims.
    pub claims: Vec<Claim>,
    /// The providers elsewhere at which people sign in for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub connections: Vec<Connection>,
    /// Its access policies, in order.
    pub policies: Vec<Policy>,
    /// Whether a token may stand in the query of an introspection request, as the second tutorial sends it. Each use
    /// is warned of, for queries end up in logs.
    pub introspection_by_query: bool,
    /// How clients may register themselves; `None`: they may not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registration: Option<Registration>,
    /// How many days after the newest signing key another is made; `None`: by command only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_rotation_days: Option<u16>,
}

impl Authority {
    /// How long after the newest signing key another is made, if that goes by a schedule.
    pub fn key_rotation(&self) -> Option<Lifetime> {
        self.key_rotation_days.map(|days| Lifetime::from_seconds(u32::from(days) * 24 * 60 * 60))
    }

    /// What it signs ID tokens with: RS256 always (OpenID Connect Core section 15.1), and what its clients ask for.
    pub fn id_token_algorithms(&self) -> BTreeSet<Algorithm> {
        if self.registration.is_some() {
            // Whoever registers may choose, and reads here among what.
            return Algorithm::ALL.into();
        }
        let asked = self.clients.iter().map(|client| client.id_token_algorithm);
        asked.chain([Algorithm::Rs256]).collect()
    }

    /// What it signs userinfo with, for clients that ask for that.
    pub fn userinfo_algorithms(&self) -> BTreeSet<Algorithm> {
        if self.registration.is_some() {
            return Algorithm::ALL.into();
        }
        self.clients.iter().filter_map(|client| client.userinfo_algorithm).collect()
    }

    /// What it signs access tokens with; opaque ones are not signed.
    pub fn access_token_algorithms(&self) -> BTreeSet<Algorithm> {
        let asked = self.clients.iter().filter_map(|client| client.token_profile);
        let anyway = asked.into_iter().any(|profile| profile != TokenProfile::Opaque);
        let signed = self.apis.iter().filter(|api| anyway || api.profile != TokenProfile::Opaque);
        signed.map(|api| api.algorithm).collect()
    }

    /// Everything it signs with: the algorithms of its ID tokens, of userinfo and of its APIs.
    pub fn signing_algorithms(&self) -> BTreeSet<Algorithm> {
        let mut algorithms = self.id_token_algorithms();
        algorithms.extend(self.userinfo_algorithms());
        algorithms.extend(self.access_token_algorithms());
        algorithms
    }

    /// The client of that id.
    pub fn client(&self, id: &str) -> Option<&Client> {
        self.clients.iter().find(|client| client.id == id)
    }

    /// The connection of that id.
    pub fn connection(&self, id: &str) -> Option<&Connection> {
        self.connections.iter().find(|connection| connection.id == id)
    }

    /// The API of that audience.
    pub fn api(&self, audience: &str) -> Option<&Api> {
        self.apis.iter().find(|api| api.audience == audience)
    }
}
