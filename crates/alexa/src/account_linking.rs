//! The account-linking settings of a skill: which authorization server, which client, which scopes.
//!
//! Shape: the Skill Management API's "Account Linking Schemas". Accepted with the wrapper of a request
//! (`accountLinkingRequest`), of an answer (`accountLinkingResponse`, without the secret) or alone.

use serde::de::{Error as _, Unexpected};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use url::{Host, Url};

use crate::package::{Fault, Source};

/// Account-linking settings. The client secret is in here: neither `Debug` nor anything else prints it.
#[derive(Clone, PartialEq)]
pub struct AccountLinking {
    /// How the account is linked.
    pub grant: LinkingGrant,
    /// The authorization server's login page, as written: its own query is kept.
    pub authorization_url: String,
    /// Client identifier.
    pub client_id: String,
    /// Scopes asked for, in this order.
    pub scopes: Vec<String>,
    /// Other hosts the login page loads from.
    pub domains: Vec<String>,
    /// Whether the skill may be used before an account is linked.
    pub skip_on_enablement: bool,
    /// Lifetime in seconds to assume when a token answer has no `expires_in`.
    pub default_expiration_seconds: Option<u32>,
    /// Whether an account may be linked in the middle of a conversation (`voiceForwardAccountLinking`).
    pub voice_forward: bool,
    /// Where the provider wants a code of Amazon's after linking (`reciprocalAccessTokenUrl`).
    pub reciprocal_url: Option<String>,
    /// Where the provider's own app takes the authorization request, by platform (`iOS`, `Android`).
    pub platform_urls: Vec<(String, String)>,
    /// What is unusual but can be lived with, in plain words.
    pub warnings: Vec<String>,
}

/// The OAuth grant by which an account is linked.
#[derive(Clone, PartialEq)]
pub enum LinkingGrant {
    /// Authorization code (RFC 6749 section 4.1).
    AuthorizationCode {
        /// Token endpoint for code and refresh token.
        access_token_url: String,
        /// The client's secret; absent in settings read back from the API.
        client_secret: Option<String>,
        /// How the client says who it is.
        scheme: ClientScheme,
        /// Whether a PKCE challenge (S256) is sent.
        pkce: bool,
    },
    /// Implicit (RFC 6749 section 4.2): the token comes in the fragment and cannot be refreshed.
    Implicit,
}

/// How the client says who it is at the token endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientScheme {
    /// In the `Authorization` header (`HTTP_BASIC`).
    HttpBasic,
    /// In the form (`REQUEST_BODY_CREDENTIALS`).
    RequestBody,
}

impl std::fmt::Debug for AccountLinking {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccountLinking")
            .field("authorization_url", &self.authorization_url)
            .field("client_id", &self.client_id)
            .field("scopes", &self.scopes)
            .finish_non_exhaustive()
    }
}

#[derive(Deserialize)]
struct File {
    #[serde(rename = "accountLinkingRequest")]
    request: Option<Settings>,
    #[serde(rename = "accountLinkingResponse")]
    response: Option<Settings>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Settings {
    #[serde(rename = "type")]
    kind: Option<String>,
    authorization_url: Option<String>,
    access_token_url: Option<String>,
    client_id: Option<String>,
    client_secret: Option<String>,
    access_token_scheme: Option<String>,
    scopes: Option<Vec<String>>,
    domains: Option<Vec<String>>,
    #[serde(default, deserialize_with = "lenient_bool")]
    skip_on_enablement: bool,
    #[serde(default, deserialize_with = "lenient_seconds")]
    default_token_expiration_in_seconds: Option<u32>,
    pkce_configuration: Option<Pkce>,
    voice_forward_account_linking: Option<Value>,
    reciprocal_access_token_url: Option<String>,
    #[serde(default, deserialize_with = "crate::interaction_model::or_default")]
    authorization_urls_by_platform: Vec<Platform>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Platform {
    #[serde(default)]
    platform_type: String,
    #[serde(default)]
    platform_authorization_url: String,
}

#[derive(Deserialize)]
struct Pkce {
    status: Option<String>,
    #[serde(rename = "codeChallengeMethod")]
    method: Option<String>,
}

/// Published files write `"false"` for `false`.
fn lenient_bool<'de, D: Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
    match Value::deserialize(from)? {
        Value::Bool(yes) => Ok(yes),
        Value::Null => Ok(false),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Ok(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Ok(false),
        other => Err(D::Error::invalid_type(unexpected(&other), &"true or false")),
    }
}

/// Published files write `"3600"` for `3600`.
fn lenient_seconds<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u32>, D::Error> {
    let value = Value::deserialize(from)?;
    let seconds = match &value {
        Value::Null => return Ok(None),
        Value::Number(number) => number.as_u64().and_then(|seconds| u32::try_from(seconds).ok()),
        Value::String(text) => text.parse().ok(),
        _ => None,
    };
    seconds.map(Some).ok_or_else(|| D::Error::invalid_value(unexpected(&value), &"a whole number of seconds"))
}

fn unexpected(value: &Value) -> Unexpected<'_> {
    match value {
        Value::String(text) => Unexpected::Str(text),
        Value::Bool(yes) => Unexpected::Bool(*yes),
        Value::Number(_) => Unexpected::Other("a number"),
        Value::Array(_) => Unexpected::Seq,
        Value::Object(_) => Unexpected::Map,
        Value::Null => Unexpected::Unit,
    }
}

/// What is said of settings without a secret.
const NO_SECRET: &str = "there is no clientSecret: settings read back from the API leave it out";

impl AccountLinking {
    /// Takes the client's secret from somewhere else where the settings have none of their own; nothing for the implicit grant.
    pub fn take_secret(&mut self, secret: &str) {
        if let LinkingGrant::AuthorizationCode { client_secret: missing @ None, .. } = &mut self.grant {
            *missing = Some(secret.to_owned());
            self.warnings.retain(|warning| warning != NO_SECRET);
        }
    }

    /// Reads an account-linking file.
    ///
    /// # Errors
    /// A [`Fault`] with its line when the file is no JSON, a required field is missing, a type or scheme is unknown,
    /// or an address is plain http outside this machine.
    pub fn parse(bytes: &[u8]) -> Result<Self, Fault> {
        let source = Source::decode(bytes)?;
        let file: File = source.parse()?;
        let settings = match file.request.or(file.response) {
            Some(settings) => settings,
            None => source.parse::<Settings>()?,
        };
        let mut warnings = Vec::new();
        let kind = required(&source, settings.kind.as_deref(), "type", "AUTH_CODE or IMPLICIT")?;
        if !matches!(kind.as_str(), "AUTH_CODE" | "IMPLICIT") {
            let what = format!("the type {kind:?} is unknown");
            return Err(source.fault_at("type", what, "write \"AUTH_CODE\" or \"IMPLICIT\""));
        }
        let authorization_url =
            required(&source, settings.authorization_url.as_deref(), "authorizationUrl", "the login page's address")?;
        check_address(&source, "authorizationUrl", &authorization_url, &mut warnings)?;
        let client_id = required(&source, settings.client_id.as_deref(), "clientId", "the client's identifier")?;
        let grant =
            if kind == "IMPLICIT" { LinkingGrant::Implicit } else { code_grant(&source, &settings, &mut warnings)? };
        let (scopes, domains) = (settings.scopes.unwrap_or_default(), settings.domains.unwrap_or_default());
        for (name, list) in [("scopes", &scopes), ("domains", &domains)] {
            if list.len() > 15 {
                warnings.push(format!("{name} has {} entries; Amazon accepts at most 15", list.len()));
            }
        }
        Ok(Self {
            grant,
            authorization_url,
            client_id,
            scopes,
            domains,
            skip_on_enablement: settings.skip_on_enablement,
            default_expiration_seconds: settings.default_token_expiration_in_seconds,
            voice_forward: settings.voice_forward_account_linking.as_ref().and_then(Value::as_str) == Some("ENABLED"),
            reciprocal_url: settings.reciprocal_access_token_url.filter(|url| !url.trim().is_empty()),
            platform_urls: settings
                .authorization_urls_by_platform
                .into_iter()
                .map(|platform| (platform.platform_type, platform.platform_authorization_url))
                .collect(),
            warnings,
        })
    }
}

fn code_grant(source: &Source, settings: &Settings, warnings: &mut Vec<String>) -> Result<LinkingGrant, Fault> {
    let access_token_url =
        required(source, settings.access_token_url.as_deref(), "accessTokenUrl", "the token endpoint's address")?;
    check_address(source, "accessTokenUrl", &access_token_url, warnings)?;
    let scheme = match settings.access_token_scheme.as_deref() {
        // The API's default when the field is left out.
        None | Some("HTTP_BASIC") => ClientScheme::HttpBasic,
        Some("REQUEST_BODY_CREDENTIALS") => ClientScheme::RequestBody,
        Some(other) => {
            let what = format!("the access token scheme {other:?} is unknown");
            let fix = "write \"HTTP_BASIC\" or \"REQUEST_BODY_CREDENTIALS\"";
            return Err(source.fault_at("accessTokenScheme", what, fix));
        }
    };
    let pkce = match &settings.pkce_configuration {
        None => false,
        Some(pkce) => {
            let enabled = pkce.status.as_deref().is_some_and(|status| status.eq_ignore_ascii_case("ENABLED"));
            if let Some(method) = pkce.method.as_deref().filter(|method| enabled && *method != "S256") {
                let what = format!("the code challenge method {method:?} is not offered");
                return Err(source.fault_at("codeChallengeMethod", what, "write \"S256\""));
            }
            enabled
        }
    };
    if settings.client_secret.is_none() {
        warnings.push(NO_SECRET.into());
    }
    Ok(LinkingGrant::AuthorizationCode {
        access_token_url,
        client_secret: settings.client_secret.clone(),
        scheme,
        pkce,
    })
}

fn required(source: &Source, value: Option<&str>, name: &str, meaning: &str) -> Result<String, Fault> {
    match value.map(str::trim) {
        Some(value) if !value.is_empty() => Ok(value.to_owned()),
        _ => {
            let near = if value.is_some() { name } else { "accountLinkingRequest" };
            Err(source.fault_at(near, format!("{name} is missing"), format!("add \"{name}\": {meaning}")))
        }
    }
}

/// Addresses must be https; plain http is let through to this machine only, where no one can listen in between.
/// Templates hold words in place of addresses: those are kept, and refused when the address is needed.
fn check_address(source: &Source, name: &str, address: &str, warnings: &mut Vec<String>) -> Result<(), Fault> {
    let Ok(url) = Url::parse(address) else {
        warnings.push(format!("{name} is not an address yet: fill it in before an account can be linked"));
        return Ok(());
    };
    match url.scheme() {
        "https" => Ok(()),
        "http" if is_loopback(&url) => Ok(()),
        "http" => {
            Err(source.fault_at(name, format!("{name} is plain http"), "use https (plain http only to 127.0.0.1)"))
        }
        other => {
            let what = format!("{name} has the scheme {other:?}");
            Err(source.fault_at(name, what, "write an https address"))
        }
    }
}

/// Whether an address points to this machine: `localhost`, `127.0.0.0/8` or `::1`.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;

    fn settings(change: impl FnOnce(&mut serde_json::Map<String, Value>)) -> Vec<u8> {
        let mut value = serde_json::json!({"type": "AUTH_CODE", "authorizationUrl": "https://id.example/authorize",
            "accessTokenUrl": "https://id.example/token", "clientId": "alexa", "clientSecret": "s3cret"});
        change(value.as_object_mut().unwrap());
        serde_json::to_vec_pretty(&serde_json::json!({ "accountLinkingRequest": value })).unwrap()
    }

    #[test]
    fn plain_http_reaches_this_machine_only() {
        for (address, good) in [
            ("http://127.0.0.1:4000/authorize", true),
            ("http://localhost:4000/authorize", true),
            ("http://[::1]:4000/authorize", true),
            ("http://127.0.0.1.example.com/authorize", false),
            ("http://192.168.1.4/authorize", false),
            ("HTTP://id.example/authorize", false),
            ("ftp://id.example/authorize", false),
            ("javascript:alert(1)", false),
            ("https://id.example/authorize?audience=x", true),
        ] {
            let bytes = settings(|s| drop(s.insert("authorizationUrl".into(), address.into())));
            assert_eq!(AccountLinking::parse(&bytes).is_ok(), good, "{address}");
        }
    }

    #[test]
    fn faults_name_line_and_remedy() {
        for (name, value, what) in [
            ("clientId", Value::Null, "clientId is missing"),
            ("clientId", " ".into(), "clientId is missing"),
            ("type", "PASSWORD".into(), "unknown"),
            ("accessTokenScheme", "mTLS".into(), "unknown"),
            ("accessTokenUrl", Value::Null, "accessTokenUrl is missing"),
            ("skipOnEnablement", "perhaps".into(), "expected true or false"),
            ("defaultTokenExpirationInSeconds", "-1".into(), "whole number of seconds"),
            (
                "pkceConfiguration",
                serde_json::json!({"status": "ENABLED", "codeChallengeMethod": "plain"}),
                "challenge",
            ),
        ] {
            let bytes = settings(|s| drop(s.insert(name.into(), value.clone())));
            let fault = AccountLinking::parse(&bytes).unwrap_err();
            assert!(fault.what.contains(what), "{name}: {fault}");
            assert!(fault.line >= 2 && !fault.fix.is_empty(), "{name}: {fault}");
            assert!(!fault.to_string().contains("s3cret"));
        }
    }

    #[test]
    fn nothing_prints_the_secret() {
        let linking = AccountLinking::parse(&settings(|_| ())).unwrap();
        assert!(!format!("{linking:?}").contains("s3cret"));
    }

    #[test]
    fn a_secret_from_elsewhere_fills_the_gap_and_nothing_else() {
        let text = |own: &str| {
            format!(
                r#"{{"type": "AUTH_CODE", "authorizationUrl": "https://id.example/a", "accessTokenUrl": "https://id.example/t",
                    "accessTokenScheme": "HTTP_BASIC", "clientId": "alexa"{own}}}"#
            )
        };
        for (own, expected) in [("", "elsewhere"), (r#", "clientSecret": "own""#, "own")] {
            let mut settings = AccountLinking::parse(text(own).as_bytes()).unwrap();
            settings.take_secret("elsewhere");
            let LinkingGrant::AuthorizationCode { client_secret, .. } = &settings.grant else { panic!("{own}") };
            assert_eq!(client_secret.as_deref(), Some(expected), "{own}");
            assert!(settings.warnings.is_empty(), "{:?}", settings.warnings);
        }
    }
}
