//! What the server says of itself (RFC 8414), held against the settings.

use sayso_alexa::account_linking::{AccountLinking, ClientScheme, LinkingGrant};
use serde_json::Value;
use std::time::Duration;
use url::Url;

use super::{Checked, trials};
use crate::simulator::Inner;

const PATIENCE: Duration = Duration::from_secs(5);
const LARGEST: usize = 256 * 1024;
/// An issuer whose path has more parts is not guessed.
const MOST_PARTS: usize = 4;

impl Inner {
    /// Looks for the metadata of the issuer above the login page; nothing where there is none.
    pub(crate) async fn examine_metadata(&self, linking: &AccountLinking) -> Vec<Checked> {
        let Ok(page) = Url::parse(&linking.authorization_url) else { return Vec::new() };
        for place in places(&page) {
            let Ok(incoming) = self.outbound.get(place.clone(), PATIENCE, LARGEST).await else { return Vec::new() };
            let metadata: Option<Value> = serde_json::from_slice(&incoming.body).ok();
            let is_metadata = |told: &Value| told.get("issuer").is_some_and(Value::is_string);
            if let Some(metadata) = metadata.filter(|told| incoming.status == 200 && is_metadata(told)) {
                return judge(&metadata, linking, &place);
            }
        }
        Vec::new()
    }
}

/// Where the metadata of an issuer above this page may be, the nearest first, at both well-known addresses.
fn places(page: &Url) -> Vec<Url> {
    let parts: Vec<&str> = page.path().split('/').filter(|part| !part.is_empty()).collect();
    let issuers = (0..=parts.len().saturating_sub(1).min(MOST_PARTS)).rev();
    let paths = issuers.flat_map(|count| {
        let path: String = parts.iter().take(count).map(|part| format!("/{part}")).collect();
        [format!("{path}/.well-known/openid-configuration"), format!("/.well-known/oauth-authorization-server{path}")]
    });
    let at = |path: String| {
        let mut url = page.clone();
        url.set_path(&path);
        url.set_query(None);
        url.set_fragment(None);
        url
    };
    paths.map(at).collect()
}

fn judge(metadata: &Value, linking: &AccountLinking, place: &Url) -> Vec<Checked> {
    let trial = trials::METADATA;
    let mut checks = Vec::new();
    let mut doubt = |found: String, remedy: &str| checks.push(Checked::doubtful(trial, found, remedy));
    let text = |name: &str| metadata.get(name).and_then(Value::as_str);
    // What is left out has the meaning that the RFC gives it.
    let lists = |name: &str, wanted: &str, left_out: bool| {
        metadata.get(name).and_then(Value::as_array).map_or(left_out, |list| list.iter().any(|one| one == wanted))
    };
    let mut address = |name: &str, set: &str, setting: &str| {
        if let Some(told) = text(name).filter(|told| !is_same(told, set)) {
            doubt(
                format!("{place} says that {name} is {told}, and {setting} is {set}."),
                "Write the address that the server names; or see that both are served.",
            );
        }
    };
    address("authorization_endpoint", &linking.authorization_url, "authorizationUrl");
    let LinkingGrant::AuthorizationCode { access_token_url, scheme, pkce, .. } = &linking.grant else {
        return checks;
    };
    address("token_endpoint", access_token_url, "accessTokenUrl");
    if !lists("grant_types_supported", "authorization_code", true) {
        doubt(
            format!("{place} does not name authorization_code among grant_types_supported."),
            "Let the server offer the code grant, and say so.",
        );
    }
    if !lists("grant_types_supported", "refresh_token", true) {
        doubt(
            format!("{place} does not name refresh_token among grant_types_supported."),
            "Let the server issue refresh tokens, and say so: a link ends with its first access token otherwise.",
        );
    }
    if *pkce && !lists("code_challenge_methods_supported", "S256", false) {
        doubt(
            format!("{place} does not name S256 among code_challenge_methods_supported."),
            "Say so if the server takes it; otherwise let it, or take pkceConfiguration out of the settings.",
        );
    }
    let (method, left_out) = match scheme {
        ClientScheme::HttpBasic => ("client_secret_basic", true),
        ClientScheme::RequestBody => ("client_secret_post", false),
    };
    if !lists("token_endpoint_auth_methods_supported", method, left_out) {
        doubt(
            format!("{place} does not name {method} among token_endpoint_auth_methods_supported."),
            "Set accessTokenScheme to what the server takes: HTTP_BASIC or REQUEST_BODY_CREDENTIALS.",
        );
    }
    if checks.is_empty() {
        return vec![Checked::good(trial, format!("{place} says what the settings say."))];
    }
    checks
}

/// Whether two addresses are the same place, whatever their queries are.
fn is_same(one: &str, other: &str) -> bool {
    let place = |text: &str| Url::parse(text).ok().map(|url| (url.origin(), url.path().to_owned()));
    place(one) == place(other)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::doctor::Health;

    fn linking(scheme: &str) -> AccountLinking {
        let settings = json!({"type": "AUTH_CODE", "authorizationUrl": "https://id.example/oauth2/quiz/v1/authorize?audience=x",
            "accessTokenUrl": "https://id.example/oauth2/quiz/v1/token", "clientId": "c", "clientSecret": "s",
            "accessTokenScheme": scheme, "pkceConfiguration": {"status": "ENABLED"}});
        AccountLinking::parse(settings.to_string().as_bytes()).unwrap()
    }

    #[test]
    fn the_nearest_issuer_is_asked_first() {
        let page = Url::parse("https://id.example/oauth2/quiz/authorize?x=1#y").unwrap();
        let places: Vec<String> = places(&page).iter().map(Url::to_string).collect();
        assert_eq!(
            places,
            [
                "https://id.example/oauth2/quiz/.well-known/openid-configuration",
                "https://id.example/.well-known/oauth-authorization-server/oauth2/quiz",
                "https://id.example/oauth2/.well-known/openid-configuration",
                "https://id.example/.well-known/oauth-authorization-server/oauth2",
                "https://id.example/.well-known/openid-configuration",
                "https://id.example/.well-known/oauth-authorization-server",
            ]
        );
    }

    #[test]
    fn metadata_is_held_against_the_settings() {
        let good = json!({"issuer": "https://id.example/oauth2/quiz",
            "authorization_endpoint": "https://id.example/oauth2/quiz/v1/authorize",
            "token_endpoint": "https://id.example/oauth2/quiz/v1/token",
            "grant_types_supported": ["authorization_code", "refresh_token"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic"]});
        let place = Url::parse("https://id.example/.well-known/openid-configuration").unwrap();
        let judged = |change: (&str, Value), scheme: &str| {
            let mut metadata = good.clone();
            metadata.as_object_mut().unwrap().insert(change.0.into(), change.1);
            judge(&metadata, &linking(scheme), &place)
        };
        let [one] = &judged(("x", json!(1)), "HTTP_BASIC")[..] else { panic!("one") };
        assert_eq!(one.health, Health::Good);
        for (name, value, scheme, said) in [
            ("token_endpoint", json!("https://id.example/token"), "HTTP_BASIC", "accessTokenUrl is"),
            ("authorization_endpoint", json!("https://id.example/login"), "HTTP_BASIC", "authorizationUrl is"),
            ("grant_types_supported", json!(["authorization_code"]), "HTTP_BASIC", "refresh_token"),
            ("grant_types_supported", json!(["refresh_token"]), "HTTP_BASIC", "authorization_code"),
            ("code_challenge_methods_supported", json!(["plain"]), "HTTP_BASIC", "S256"),
            ("x", json!(1), "REQUEST_BODY_CREDENTIALS", "client_secret_post"),
        ] {
            let checks = judged((name, value), scheme);
            let [one] = checks.as_slice() else { panic!("{name}: {checks:?}") };
            assert!(one.health == Health::Doubtful && one.found.contains(said) && !one.remedy.is_empty(), "{one:?}");
        }
    }
}
