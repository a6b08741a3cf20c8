//! The rules of account-linking settings.

use serde_json::Value;
use url::Url;

use super::{Finding, Findings};
use crate::account_linking::{AccountLinking, is_loopback};
use crate::package::Source;

/// So many scopes, and so many domains, are accepted.
const MOST: usize = 15;
/// The shortest life of an access token that Alexa works with, in seconds.
const SHORTEST: u64 = 360;

/// Checks account-linking settings, with any wrapper or none.
pub fn check_account_linking(bytes: &[u8]) -> Vec<Finding> {
    let read = Source::decode(bytes).and_then(|source| source.parse::<Value>().map(|whole| (source, whole)));
    let (source, whole) = match read {
        Ok(read) => read,
        Err(fault) => return vec![Finding::unreadable(fault, "CONTENT_PARSE_FAILURE")],
    };
    let mut findings = Findings::new(&source);
    let settings = whole.get("accountLinkingRequest").or(whole.get("accountLinkingResponse")).unwrap_or(&whole);
    wrapper(&mut findings, &whole);
    let is_code = kind(&mut findings, settings);
    address(&mut findings, settings, "authorizationUrl", true);
    address(&mut findings, settings, "accessTokenUrl", is_code);
    address(&mut findings, settings, "reciprocalAccessTokenUrl", false);
    if text(settings, "clientId").is_none() {
        missing(&mut findings, "clientId");
    }
    if is_code {
        code_grant(&mut findings, settings, whole.get("accountLinkingResponse").is_some());
    }
    lists(&mut findings, settings);
    switches(&mut findings, settings);
    let parsed = AccountLinking::parse(bytes);
    if let (Err(fault), false) = (parsed, findings.has_errors()) {
        findings.found.push(Finding::unreadable(fault, "INVALID_DATA_TYPE"));
    }
    findings.into_sorted()
}

fn text<'v>(settings: &'v Value, key: &str) -> Option<&'v str> {
    settings.get(key).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty())
}

fn missing(findings: &mut Findings<'_>, key: &str) {
    let fix = format!("add \"{key}\"");
    findings.error(&["accountLinkingRequest"], Some("MISSING_REQUIRED_PROPERTY"), format!("{key} is missing"), fix);
}

fn wrapper(findings: &mut Findings<'_>, whole: &Value) {
    if whole.get("accountLinkingRequest").is_some() {
        return;
    }
    let what = match whole.get("accountLinkingResponse") {
        Some(_) => "these settings were read back: they have no secret, and cannot be sent as they are",
        None => "the settings have no wrapper; Amazon answers \"Parsing error due to empty body\" to that",
    };
    findings.warn(&["accountLinkingResponse"], what, "wrap them in {\"accountLinkingRequest\": {…}} before sending");
}

/// Checks the type, and says whether it is the code grant.
fn kind(findings: &mut Findings<'_>, settings: &Value) -> bool {
    match text(settings, "type") {
        Some("AUTH_CODE") => true,
        Some("IMPLICIT") => {
            let what = "the implicit grant gives tokens that cannot be refreshed";
            findings.warn(&["type"], what, "use AUTH_CODE");
            if settings.get("accessTokenUrl").is_some() {
                let what = "the implicit grant has no accessTokenUrl";
                findings.warn(&["accessTokenUrl"], what, "drop it, or use AUTH_CODE");
            }
            false
        }
        Some(other) => {
            let what = format!("the type {other:?} is unknown");
            findings.error(&["type", other], Some("INVALID_ENUM_VALUE"), what, "write AUTH_CODE or IMPLICIT");
            false
        }
        None => {
            missing(findings, "type");
            false
        }
    }
}

fn address(findings: &mut Findings<'_>, settings: &Value, key: &str, is_required: bool) {
    let Some(address) = text(settings, key) else {
        if is_required {
            missing(findings, key);
        }
        return;
    };
    let Ok(url) = Url::parse(address) else {
        let fix = "write the https address before an account is linked";
        return findings.warn(&[key], format!("{key} is not an address yet"), fix);
    };
    let code = Some("INVALID_URL_FORMAT");
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(&url) => {
            let what = format!("{key} leads to this machine: only the simulator reaches it");
            findings.warn(&[key], what, "write a public https address before the skill is uploaded");
        }
        "http" => findings.error(&[key], code, format!("{key} is plain http"), "use https"),
        other => findings.error(&[key], code, format!("{key} has the scheme {other:?}"), "write an https address"),
    }
    if url.scheme() == "https" && url.port().is_some() {
        let what = format!("{key} has the port {}; Alexa links on 443 only", url.port().unwrap_or_default());
        findings.warn(&[key], what, "serve it on 443, and leave the port out");
    }
    if url.fragment().is_some() {
        findings.warn(&[key], format!("{key} has a fragment, which no request carries"), "leave out what follows #");
    }
}

fn code_grant(findings: &mut Findings<'_>, settings: &Value, is_answer: bool) {
    match text(settings, "accessTokenScheme") {
        Some("HTTP_BASIC" | "REQUEST_BODY_CREDENTIALS") => {}
        None => {
            findings.warn(&["accessTokenUrl"], "accessTokenScheme is missing; HTTP_BASIC is taken", "write it down")
        }
        Some(other) => {
            let what = format!("the access token scheme {other:?} is unknown");
            let fix = "write HTTP_BASIC or REQUEST_BODY_CREDENTIALS";
            findings.error(&["accessTokenScheme"], Some("INVALID_ENUM_VALUE"), what, fix);
        }
    }
    if text(settings, "clientSecret").is_none() && !is_answer {
        findings.warn(&["clientId"], "there is no clientSecret", "add it when the settings are sent");
    }
    if text(settings, "authorizationUrl").is_some()
        && text(settings, "authorizationUrl") == text(settings, "accessTokenUrl")
    {
        let what = "authorizationUrl and accessTokenUrl are the same";
        findings.warn(&["accessTokenUrl"], what, "write the login page, and the token endpoint");
    }
    let pkce = settings.get("pkceConfiguration");
    let method = pkce.and_then(|pkce| pkce.get("codeChallengeMethod")).and_then(Value::as_str);
    let is_on = pkce.and_then(|pkce| text(pkce, "status")).is_some_and(|status| status.eq_ignore_ascii_case("ENABLED"));
    if let Some(method) = method.filter(|method| is_on && *method != "S256") {
        let what = format!("the code challenge method {method:?} is not offered");
        findings.error(&["codeChallengeMethod"], Some("INVALID_ENUM_VALUE"), what, "write S256");
    }
}

fn lists(findings: &mut Findings<'_>, settings: &Value) {
    for key in ["scopes", "domains"] {
        let entries: Vec<&str> =
            settings.get(key).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
        if entries.len() > MOST {
            let what = format!("{key} has {} entries; Amazon accepts {MOST}", entries.len());
            findings.error(&[key], Some("INVALID_ARRAY_SIZE"), what, "drop some");
        }
        let mut seen = std::collections::HashSet::new();
        for entry in entries {
            if !seen.insert(entry) {
                findings.error(&[key], Some("DUPLICATE_ARRAY_ITEMS"), format!("{key} has {entry:?} twice"), "keep one");
            }
            if key == "domains" && (entry.contains("://") || entry.contains('/') || entry.contains(char::is_whitespace))
            {
                let what = format!("the domain {entry:?} is more than a host");
                findings.warn(&[key, entry], what, "write the host alone, such as login.example.com");
            }
            if key == "scopes" && entry.contains(char::is_whitespace) {
                let what = format!("the scope {entry:?} holds a blank");
                findings.warn(&[key, entry], what, "write each scope as an entry of its own");
            }
        }
    }
    if settings.get("scopes").and_then(Value::as_array).is_none_or(Vec::is_empty) {
        findings.warn(&["clientId"], "there are no scopes; smart home skills need one", "add \"scopes\"");
    }
    let own = settings.get("redirectUrls").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    for url in own.filter(|url| url.contains("/spa/skill/account-linking-status") || url.contains("/api/skill/link/")) {
        let what = "redirectUrls are your app's own addresses, and this is one of Alexa's";
        findings.warn(&["redirectUrls", url], what, "register it with the authorization server instead");
    }
}

fn switches(findings: &mut Findings<'_>, settings: &Value) {
    match settings.get("skipOnEnablement") {
        Some(Value::Bool(true)) => {}
        Some(Value::String(text)) if ["true", "false"].contains(&text.to_lowercase().as_str()) => {
            findings.warn(&["skipOnEnablement"], "skipOnEnablement is a text", "write true or false without quotes");
        }
        _ => {
            let what = "skipOnEnablement is off: nobody enables the skill without linking, and LinkAccount cards are of no use";
            findings.warn(&["skipOnEnablement"], what, "write true, unless nothing works without an account");
        }
    }
    let seconds = settings.get("defaultTokenExpirationInSeconds");
    if seconds.is_some_and(Value::is_string) {
        let what = "defaultTokenExpirationInSeconds is a text";
        findings.warn(&["defaultTokenExpirationInSeconds"], what, "write the number without quotes");
    }
    if let Some(seconds) = seconds.and_then(Value::as_u64).filter(|seconds| *seconds < SHORTEST) {
        let what = format!("access tokens of {seconds} seconds are over before Alexa uses them");
        findings.warn(&["defaultTokenExpirationInSeconds"], what, format!("write {SHORTEST} or more"));
    }
    let forward = text(settings, "voiceForwardAccountLinking").unwrap_or("DISABLED");
    if !matches!(forward, "ENABLED" | "DISABLED") {
        let what = format!("voiceForwardAccountLinking {forward:?} is unknown");
        let fix = "write ENABLED or DISABLED";
        findings.error(&["voiceForwardAccountLinking"], Some("INVALID_ENUM_VALUE"), what, fix);
    }
    if forward == "ENABLED" && !text(settings, "authorizationUrl").is_some_and(|url| url.contains("amazon.com/ap/oa")) {
        let what = "voice-forward account linking works with Login with Amazon only";
        findings.warn(&["voiceForwardAccountLinking"], what, "write DISABLED");
    }
}
