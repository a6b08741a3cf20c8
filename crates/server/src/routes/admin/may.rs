//! Who calls, and whether they may: an argument of each handler.

use std::marker::PhantomData;

use axum::extract::FromRequestParts;
use http::header::AUTHORIZATION;
use http::request::Parts;
use http::{HeaderMap, StatusCode};
use sayso_authority::decide::admin::{Actor, Unadmitted, admit};
use sayso_authority::decide::identify_token::identify_token;
use sayso_token::secret::Secret;
use sayso_web::listen::Peer;

use super::desk::AdminDesk;
use super::problem::Problem;

/// What a handler needs.
pub(super) trait Right {
    /// The scope.
    const SCOPE: &'static str;
}

macro_rules! rights {
    ($($name:ident $scope:literal),* $(,)?) => {
        $(
            #[doc = concat!("`", $scope, "`")]
            pub(super) struct $name;

            impl Right for $name {
                const SCOPE: &'static str = $scope;
            }
        )*
    };
}

rights! {
    AuditRead "admin:audit:read",
    ConfigurationRead "admin:configuration:read",
    ConfigurationWrite "admin:configuration:write",
    GrantsRead "admin:grants:read",
    GrantsWrite "admin:grants:write",
    GroupsRead "admin:groups:read",
    GroupsWrite "admin:groups:write",
    KeysRead "admin:keys:read",
    KeysWrite "admin:keys:write",
    Preview "admin:preview",
    UsersRead "admin:users:read",
    UsersWrite "admin:users:write",
}

/// The caller, who may do what the right is about.
pub(super) struct May<R>(pub(super) Actor, pub(super) PhantomData<R>);

impl<R: Right> FromRequestParts<AdminDesk> for May<R> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, desk: &AdminDesk) -> Result<Self, Problem> {
        let Some(token) = bearer(&parts.headers) else { return Err(Problem::unauthorized("admin_token_missing")) };
        let (place, authority) = (&desk.place, &*desk.authority);
        let token = identify_token(authority, &token, &place.desk.public, &place.house.sealer);
        let address = parts.extensions.get::<Peer>().map(|peer| peer.address.to_string());
        let admitted = admit((authority, &desk.designated.audience), &token, R::SCOPE, (desk.now(), address));
        admitted.map(|actor| Self(actor, PhantomData)).map_err(|refused| match refused {
            Unadmitted::BadToken => Problem::unauthorized(refused.reason()),
            Unadmitted::InsufficientScope | Unadmitted::NotAMachine => {
                let detail = format!("this needs an access token of a client's own with the scope {}", R::SCOPE);
                Problem::new(StatusCode::FORBIDDEN, refused.reason(), detail).needing(R::SCOPE)
            }
        })
    }
}

/// One `Authorization` header with a bearer token (RFC 6750 section 2.1); no cookie, no form, no query.
fn bearer(headers: &HeaderMap) -> Option<Secret> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (value, None) = (values.next()?, values.next()) else { return None };
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| Secret::new(token.trim()))
}
