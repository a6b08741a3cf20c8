//! The admin API: who may, what it changes, what it never tells.

mod attacks;
mod configuration;
mod groups;
mod lists;
mod preview;
mod users;

use axum::body::Body;
use http::header::{AUTHORIZATION, CONTENT_TYPE, IF_MATCH};
use http::{Method, Request};
use sayso_authority::decide::admin::{ADMIN_SCOPES, Designated};
use sayso_authority::record::api::Scope;
use sayso_authority::record::authority::Authority;
use sayso_authority::record::client::{Client, GrantType};
use sayso_authority::record::configuration::Configuration;
use sayso_server::AdminSettings;
use sayso_testkit::tutorials::{client, wear_api};

use crate::house::*;

const AUDIENCE: &str = "https://admin.test";
/// A client that may do everything.
const ROOT: &str = "root";
/// A client that looks after people.
const CLERK: &str = "clerk";
/// A client that may only write the configuration.
const EDITOR: &str = "editor";
const BASE: &str = "/admin/api/v1";

/// The first authority with an admin API, and clients for it.
pub(crate) fn administered(wardrobe: &mut Authority, _: &mut Authority) {
    let mut api = wear_api();
    AUDIENCE.clone_into(&mut api.audience);
    api.scopes = ADMIN_SCOPES.iter().map(|name| Scope::new(name, name)).collect();
    wardrobe.apis.push(api);
    let machine = |id: &str, scopes: &[&str]| Client {
        grants: vec![GrantType::ClientCredentials],
        redirect_uris: Vec::new(),
        ..client(id, id, scopes)
    };
    wardrobe.clients.extend([
        machine(ROOT, &ADMIN_SCOPES),
        machine(CLERK, &["admin:users:read", "admin:users:write"]),
        machine(EDITOR, &["admin:configuration:read", "admin:configuration:write"]),
    ]);
}

/// Switched on where the first authority has an admin API; what is sent is read as JSON here.
pub(crate) fn settings(authorities: &[Authority]) -> Option<AdminSettings> {
    let first = authorities.first()?;
    first.api(AUDIENCE)?;
    let designated = Designated { authority: first.id.clone(), audience: AUDIENCE.to_owned() };
    let read = |text: &str| serde_json::from_str::<Configuration>(text).map_err(|error| vec![error.to_string()]);
    Some(AdminSettings { designated, apart: None, read: std::sync::Arc::new(read) })
}

/// A caller with a token.
pub(crate) struct Caller<'a> {
    house: &'a House,
    token: String,
}

impl<'a> Caller<'a> {
    /// A client, with all of its scopes or with these.
    pub(crate) async fn new(house: &'a House, client: &str, scopes: &str) -> Self {
        let mut form = vec![("grant_type", "client_credentials"), ("audience", AUDIENCE)];
        if !scopes.is_empty() {
            form.push(("scope", scopes));
        }
        let answer = house.post_as(client, Side::Wear.token(), &form).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        Self { house, token: answer.json()["access_token"].as_str().unwrap().to_owned() }
    }

    pub(crate) async fn root(house: &'a House) -> Self {
        Self::new(house, ROOT, "").await
    }

    fn request(&self, method: &Method, path: &str) -> http::request::Builder {
        let path = if path.starts_with('/') { format!("{BASE}{path}") } else { path.to_owned() };
        Request::builder().method(method).uri(path).header(AUTHORIZATION, format!("Bearer {}", self.token))
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.house.send(self.request(&Method::GET, path).body(Body::empty()).unwrap()).await
    }

    /// Sends JSON, with the ETag that it rests on.
    pub(crate) async fn send(&self, method: Method, path: &str, tag: Option<&str>, body: &serde_json::Value) -> Answer {
        self.send_as(method, path, (tag, "application/json"), body.to_string()).await
    }

    pub(crate) async fn send_as(
        &self,
        method: Method,
        path: &str,
        (tag, media_type): (Option<&str>, &str),
        body: String,
    ) -> Answer {
        let mut request = self.request(&method, path).header(CONTENT_TYPE, media_type);
        if let Some(tag) = tag {
            request = request.header(IF_MATCH, tag);
        }
        self.house.send(request.body(Body::from(body)).unwrap()).await
    }
}

impl Answer {
    /// Asserts a problem (RFC 9457) with this reason.
    #[track_caller]
    pub(crate) fn is_problem(&self, status: u16, reason: &str) {
        assert_eq!((self.status.as_u16(), &self.json()["reason"]), (status, &reason.into()), "{}", self.body);
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert_eq!(self.header("cache-control"), "no-store");
        assert_eq!(self.json()["status"], status);
        assert!(!self.json()["detail"].as_str().unwrap().is_empty());
    }
}
