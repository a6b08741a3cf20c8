//! Each statement is compared with what the authority does.

use super::*;
use crate::testing::{authority, client_mut, other_authority};

fn texts(value: &Value) -> Vec<&str> {
    value.as_array().unwrap().iter().filter_map(Value::as_str).collect()
}

#[test]
fn both_layouts_name_their_own_addresses() {
    let auth0 = [
        ("authorization_endpoint", "https://authority.test/authorize"),
        ("token_endpoint", "https://authority.test/oauth/token"),
        ("introspection_endpoint", "https://authority.test/oauth/introspect"),
        ("revocation_endpoint", "https://authority.test/oauth/revoke"),
        ("userinfo_endpoint", "https://authority.test/userinfo"),
        ("jwks_uri", "https://authority.test/.well-known/jwks.json"),
        ("issuer", "https://authority.test"),
    ];
    let okta = [
        ("authorization_endpoint", "https://authority.test/oauth2/quiz/v1/authorize"),
        ("token_endpoint", "https://authority.test/oauth2/quiz/v1/token"),
        ("introspection_endpoint", "https://authority.test/oauth2/quiz/v1/introspect"),
        ("revocation_endpoint", "https://authority.test/oauth2/quiz/v1/revoke"),
        ("userinfo_endpoint", "https://authority.test/oauth2/quiz/v1/userinfo"),
        ("jwks_uri", "https://authority.test/oauth2/quiz/v1/keys"),
        ("issuer", "https://authority.test/oauth2/quiz"),
    ];
    for (authority, expected) in [(authority(), auth0), (other_authority(), okta)] {
        let document = metadata(&authority, &["en".to_owned()]);
        for (name, url) in expected {
            assert_eq!(document[name], url, "{name}");
        }
    }
}

#[test]
fn fixed_statements() {
    let document = metadata(&authority(), &["en".to_owned()]);
    let lists = [
        ("response_types_supported", vec!["code"]),
        ("response_modes_supported", vec!["query", "form_post"]),
        ("code_challenge_methods_supported", vec!["S256"]),
        ("subject_types_supported", vec!["public", "pairwise"]),
        ("prompt_values_supported", vec!["none", "login", "consent", "select_account"]),
        ("acr_values_supported", vec!["1"]),
        ("claim_types_supported", vec!["normal"]),
        ("id_token_signing_alg_values_supported", vec!["RS256"]),
    ];
    for (name, expected) in lists {
        assert_eq!(texts(&document[name]), expected, "{name}");
    }
    for (name, expected) in [
        ("authorization_response_iss_parameter_supported", true),
        ("claims_parameter_supported", true),
        ("require_pushed_authorization_requests", false),
        ("request_parameter_supported", false),
        ("request_uri_parameter_supported", false),
    ] {
        assert_eq!(document[name], expected, "{name}");
    }
    let text = document.to_string();
    for absent in ["registration_endpoint", "plain", "HS256", "\"none\",\"RS256\"", "implicit", "password"] {
        assert!(!text.contains(absent), "{absent}");
    }
}

#[test]
fn statements_that_follow_the_clients() {
    let mut authority = authority();
    let document = metadata(&authority, &["en".to_owned()]);
    let all = ["client_secret_basic", "client_secret_post", "none"];
    assert_eq!(
        texts(&document["grant_types_supported"]),
        ["authorization_code", "client_credentials", "refresh_token"]
    );
    assert_eq!(texts(&document["token_endpoint_auth_methods_supported"]), all);
    assert_eq!(texts(&document["revocation_endpoint_auth_methods_supported"]), all);
    assert_eq!(texts(&document["introspection_endpoint_auth_methods_supported"]), all[..2]);
    for id in ["alexa", "spa", "desktop", "skill"] {
        client_mut(&mut authority, id).disabled = true;
    }
    let document = metadata(&authority, &["en".to_owned()]);
    assert_eq!(texts(&document["grant_types_supported"]), ["client_credentials"]);
    assert_eq!(texts(&document["token_endpoint_auth_methods_supported"]), ["client_secret_post"]);
    assert_eq!(texts(&document["scopes_supported"]), ["read:quiz", "read:whattowear", "write:whattowear"]);
}

#[test]
fn statements_that_follow_the_apis_and_claims() {
    let document = metadata(&authority(), &["en".to_owned()]);
    assert_eq!(
        texts(&document["access_token_signing_alg_values_supported"]),
        ["ES256"],
        "no API here signs with RS256"
    );
    let scopes = texts(&document["scopes_supported"]);
    for scope in ["read:whattowear", "read:quiz", "openid", "profile", "email", "address", "phone", "offline_access"] {
        assert!(scopes.contains(&scope), "{scope}");
    }
    let claims = texts(&document["claims_supported"]);
    for claim in
        ["sub", "auth_time", "acr", "at_hash", "color", "family_name", "email", "phone_number_verified", "address"]
    {
        assert!(claims.contains(&claim), "{claim}");
    }
    assert!(!claims.contains(&"FavoriteColorClaim"), "an access token's claim");
}
