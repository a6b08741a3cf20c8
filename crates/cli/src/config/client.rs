//! `[[authority.client]]`

use sayso_authority::record::client::{Client, ClientAuthentication, GrantType, RefreshRule, Rotation};
use sayso_authority::record::logout_rule::LogoutRule;
use sayso_authority::record::registration::REGISTERED;
use sayso_token::algorithm::Algorithm;
use sayso_token::time::Lifetime;
use toml::Spanned;

use super::finding::Findings;
use super::preset::{self, Defaults};
use super::{KnownScopes, addresses, api, assertion, authorization_rule, names, policy, secret, shape};

/// The longest overlap: who steals a refresh token profits from it, too.
const LONGEST_OVERLAP: i64 = 600;
/// A link that rests for less would end while its people sleep.
const SHORTEST_IDLE: i64 = 86_400;

/// The client that the table describes; `audiences` are those of its authority.
pub(super) fn client(
    table: &shape::Client,
    audiences: &[&str],
    known: &KnownScopes<'_>,
    findings: &mut Findings<'_>,
) -> Client {
    names::identifier(&table.id, "id", findings);
    if table.id.get_ref().starts_with(REGISTERED) {
        let what = format!("ids that begin with {REGISTERED} are those of clients that registered themselves");
        findings.error(table.id.span(), "id", what, "begin it otherwise");
    }
    if table.id.get_ref().starts_with("usr_") {
        let what = "ids that begin with usr_ are those of people";
        findings.error(table.id.span(), "id", what, "begin it otherwise, so that neither can pose as the other");
    }
    for uri in &table.redirect_uris {
        addresses::redirect_uri(uri, "redirect_uris", findings);
    }
    for scope in &table.scopes {
        known.check(scope, findings);
    }
    for audience in &table.introspects {
        if !audiences.contains(&audience.get_ref().as_str()) {
            let what = format!("this authority has no API {:?}", audience.get_ref());
            findings.error(audience.span(), "introspects", what, "write the audience of one of its APIs");
        }
    }
    let defaults = preset::defaults(table, findings);
    let authentication = authentication(table.authentication.unwrap_or(defaults.authentication));
    let mut redirect_uris = texts(&table.redirect_uris);
    redirect_uris
        .extend(defaults.redirect_uris.iter().filter(|uri| !redirect_uris.contains(uri)).cloned().collect::<Vec<_>>());
    if authentication == ClientAuthentication::None && matches!(table.refresh.rotation, Some(shape::Rotation::Static)) {
        let fix = "choose strict or same_successor: nothing would show that a refresh token was copied";
        findings.error(table.id.span(), "refresh.rotation", "a public client cannot keep one refresh token", fix);
    }
    let grants = grants(table, (authentication, &defaults, &redirect_uris), findings);
    Client {
        id: table.id.get_ref().clone(),
        name: names::shown(table.name.as_ref(), "name", &table.id, findings),
        authentication,
        secrets: secrets(table, authentication, findings),
        redirect_uris,
        native: table.native.unwrap_or(defaults.native),
        grants,
        scopes: texts(&table.scopes),
        pkce_required: pkce_required(table, (authentication, &defaults), findings),
        refresh: refresh(&table.refresh, &defaults, findings),
        introspects: texts(&table.introspects),
        logout: logout(&table.logout, findings),
        disabled: table.disabled,
        authorization: authorization_rule::rule(table, findings),
        id_token_algorithm: table.id_token_algorithm.unwrap_or(Algorithm::Rs256),
        userinfo_algorithm: table.userinfo_algorithm,
        token_profile: table.token_profile.or(defaults.profile).map(api::profile),
        token_lifetime: api::lifetime(table.token_lifetime.as_ref(), "token_lifetime", findings)
            .or(defaults.token_lifetime.map(Lifetime::from_seconds)),
        assertion: assertion::rule(table, authentication, findings),
        default_max_age: table.default_max_age,
        consent: table.consent,
    }
}

/// What it wants to know of sessions that end, and where people may go then.
fn logout(table: &shape::Logout, findings: &mut Findings<'_>) -> LogoutRule {
    for uri in &table.post_logout_redirect_uris {
        addresses::redirect_uri(uri, "logout.post_logout_redirect_uris", findings);
    }
    if let Some(uri) = &table.backchannel_logout_uri {
        addresses::backchannel(uri, "logout.backchannel_logout_uri", findings);
    }
    LogoutRule {
        post_logout_redirect_uris: texts(&table.post_logout_redirect_uris),
        backchannel_logout_uri: table.backchannel_logout_uri.as_ref().map(|uri| uri.get_ref().clone()),
        backchannel_logout_session_required: table.backchannel_logout_session_required,
    }
}

fn texts(list: &[shape::Text]) -> Vec<String> {
    list.iter().map(|text| text.get_ref().clone()).collect()
}

fn authentication(written: shape::Authentication) -> ClientAuthentication {
    match written {
        shape::Authentication::Secret => ClientAuthentication::Secret,
        shape::Authentication::SecretBasic => ClientAuthentication::SecretBasic,
        shape::Authentication::SecretPost => ClientAuthentication::SecretPost,
        shape::Authentication::None => ClientAuthentication::None,
        shape::Authentication::PrivateKeyJwt => ClientAuthentication::PrivateKeyJwt,
    }
}

fn grants(
    table: &shape::Client,
    (authentication, defaults, redirect_uris): (ClientAuthentication, &Defaults, &[String]),
    findings: &mut Findings<'_>,
) -> Vec<GrantType> {
    let written = table.grants.as_deref().unwrap_or(&defaults.grants);
    let grants: Vec<GrantType> = written.iter().map(|grant| policy::grant_type(*grant)).collect();
    let has = |grant| grants.contains(&grant);
    let span = table.id.span();
    if grants.is_empty() {
        let fix = "name one, such as authorization_code, or set disabled = true";
        findings.error(span.clone(), "grants", "a client without a grant gets nothing", fix);
    }
    if has(GrantType::AuthorizationCode) && redirect_uris.is_empty() {
        let fix =
            "write down where codes may be sent; Alexa shows the addresses of a skill on its Account Linking page";
        findings.error(span.clone(), "redirect_uris", "authorization_code needs a redirect URI", fix);
    }
    if has(GrantType::RefreshToken) && !has(GrantType::AuthorizationCode) {
        let fix = "add authorization_code, or take refresh_token out";
        findings.error(span.clone(), "grants", "refresh tokens come from an authorization code only", fix);
    }
    if has(GrantType::ClientCredentials) && authentication == ClientAuthentication::None {
        let fix = "give it a secret, or take client_credentials out";
        findings.error(span, "grants", "client_credentials needs a client that can prove itself", fix);
    }
    grants
}

fn secrets(
    table: &shape::Client,
    authentication: ClientAuthentication,
    findings: &mut Findings<'_>,
) -> Vec<sayso_token::digest::Digest> {
    let span = table.id.span();
    let (old, digests) = (table.old_secret.is_some(), table.secret_digests.is_some());
    let some = table.secret.is_some() || table.secret_file.is_some() || old || digests;
    match (authentication, some) {
        (ClientAuthentication::PrivateKeyJwt, true) => {
            let fix = "take the secret out: its key is all that it proves itself with";
            findings.error(span, "secret", "a client that signs has no secret", fix);
            Vec::new()
        }
        (ClientAuthentication::PrivateKeyJwt, false) => Vec::new(),
        (ClientAuthentication::None, true) => {
            let fix = "take the secret out, or authentication = \"none\"";
            findings.error(span, "secret", "a public client keeps no secret", fix);
            Vec::new()
        }
        (ClientAuthentication::None, false) => Vec::new(),
        (_, true) => secret::digests(table, findings),
        (_, false) => {
            let fix = "add secret or secret_file; an app that cannot keep one has authentication = \"none\"";
            findings.error(span, "secret", "the client has nothing to prove itself with", fix);
            Vec::new()
        }
    }
}

fn pkce_required(
    table: &shape::Client,
    (authentication, defaults): (ClientAuthentication, &Defaults),
    findings: &mut Findings<'_>,
) -> bool {
    let public = authentication == ClientAuthentication::None;
    match &table.pkce_required {
        None => public || defaults.pkce_required,
        Some(required) if public && !*required.get_ref() => {
            let what = "a public client must use PKCE";
            let fix =
                "leave it out or set it to true: without a secret, PKCE is all that ties a code to who asked for it";
            findings.error(required.span(), "pkce_required", what, fix);
            true
        }
        Some(required) => *required.get_ref(),
    }
}

fn refresh(table: &shape::Refresh, defaults: &Defaults, findings: &mut Findings<'_>) -> RefreshRule {
    RefreshRule {
        rotation: match table.rotation.unwrap_or(defaults.rotation) {
            shape::Rotation::SameSuccessor => Rotation::SameSuccessor,
            shape::Rotation::Strict => Rotation::Strict,
            shape::Rotation::Static => Rotation::Static,
        },
        overlap: Lifetime::from_seconds(overlap(table.overlap.as_ref(), defaults.overlap, findings)),
        idle: idle(table.idle.as_ref(), findings).or(defaults.idle).map(Lifetime::from_seconds),
    }
}

fn overlap(written: Option<&Spanned<i64>>, default: u32, findings: &mut Findings<'_>) -> u32 {
    let Some(written) = written else { return default };
    if !(0..=LONGEST_OVERLAP).contains(written.get_ref()) {
        let what = format!("an overlap of {} seconds is not possible", written.get_ref());
        let fix = "choose 0 to 600: long enough for a repeated request, short enough for a thief";
        findings.error(written.span(), "refresh.overlap", what, fix);
    }
    u32::try_from(*written.get_ref()).unwrap_or(default)
}

fn idle(written: Option<&Spanned<i64>>, findings: &mut Findings<'_>) -> Option<u32> {
    let written = written?;
    if *written.get_ref() < SHORTEST_IDLE {
        let what = format!("a link that ends after {} unused seconds would be lost overnight", written.get_ref());
        let fix = "choose at least 86400 (a day), or leave it out: then an idle household stays linked";
        findings.error(written.span(), "refresh.idle", what, fix);
    }
    match u32::try_from(*written.get_ref()) {
        Ok(seconds) => Some(seconds),
        Err(_) => {
            let fix = "leave it out: then an idle household stays linked";
            findings.error(written.span(), "refresh.idle", "this is too long to be counted", fix);
            None
        }
    }
}
