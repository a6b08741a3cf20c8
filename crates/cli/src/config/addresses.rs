//! Issuers and redirect URIs: which addresses may stand in a configuration.

use url::{Host, Url};

use super::finding::Findings;
use super::shape::Text;

/// What is wrong with an address, and what to do about it.
type Fault = (String, &'static str);

/// Notes what is wrong with an issuer identifier (RFC 8414 section 2).
pub(super) fn issuer(text: &Text, findings: &mut Findings<'_>) {
    if let Err((what, fix)) = check_issuer(text.get_ref()) {
        findings.error(text.span(), "issuer", what, fix);
    }
}

fn check_issuer(issuer: &str) -> Result<(), Fault> {
    let url = parse(issuer)?;
    if issuer.contains(['?', '#']) {
        return Err(("an issuer has no query and no fragment".into(), "end it with the path"));
    }
    if issuer.ends_with('/') {
        let fix = "leave the slash out: tokens are compared with the issuer letter by letter";
        return Err((format!("{issuer:?} ends with a slash"), fix));
    }
    // Whoever compares `iss` as a text must meet one spelling only.
    let normal = url.as_str().trim_end_matches('/');
    if normal != issuer {
        return Err((
            format!("{issuer:?} is spelled in an unusual way"),
            "write host in lower case, no default port, no . or .. in the path",
        ));
    }
    let plain = |sign: char| sign.is_ascii_alphanumeric() || matches!(sign, '-' | '.' | '_' | '~' | '/');
    if !url.path().chars().all(plain) || url.path().contains("//") {
        let fix = "use letters, digits, hyphens, dots, _ and ~ between single slashes";
        return Err((format!("the path {:?} holds other signs", url.path()), fix));
    }
    Ok(())
}

/// Notes what is wrong with the issuer identifier of a provider elsewhere. How it is spelled is the provider's affair, a slash at its
/// end included.
pub(super) fn provider(text: &Text, findings: &mut Findings<'_>) {
    let faults = match parse(text.get_ref()) {
        Ok(_) if !text.get_ref().contains(['?', '#']) => return,
        Ok(_) => ("an issuer has no query and no fragment".into(), "write it as its discovery document does"),
        Err(fault) => fault,
    };
    findings.error(text.span(), "issuer", faults.0, faults.1);
}

/// Notes what is wrong with a redirect URI (RFC 6749 section 3.1.2, RFC 9700 section 4.1), one for after signing out among
/// them.
pub(super) fn redirect_uri(text: &Text, key: &str, findings: &mut Findings<'_>) {
    if let Err((what, fix)) = check_redirect_uri(text.get_ref()) {
        findings.error(text.span(), key, what, fix);
    }
}

/// Notes what is wrong with an address that a page links to.
pub(super) fn link(text: &Text, key: &str, findings: &mut Findings<'_>) {
    if let Err((what, fix)) = check_redirect_uri(text.get_ref()) {
        findings.error(text.span(), key, what, fix);
    }
}

/// Notes what is wrong with an address that the server itself posts to.
pub(super) fn backchannel(text: &Text, key: &str, findings: &mut Findings<'_>) {
    let faults = match check_redirect_uri(text.get_ref()) {
        Ok(()) if text.get_ref().starts_with("https://") => return,
        Ok(()) => ("plain http is not posted to".into(), "use an https address"),
        Err(fault) => fault,
    };
    findings.error(text.span(), key, faults.0, faults.1);
}

fn check_redirect_uri(uri: &str) -> Result<(), Fault> {
    parse(uri)?;
    if uri.contains('#') {
        let fix = "end it before the #: the answer must not mix with a fragment";
        return Err((format!("{uri:?} has a fragment"), fix));
    }
    if uri.contains('*') {
        let fix = "write each address out: redirect URIs are compared letter by letter, never by a pattern";
        return Err((format!("{uri:?} has a wildcard"), fix));
    }
    Ok(())
}

/// An absolute https address, or http to this machine, without credentials.
fn parse(address: &str) -> Result<Url, Fault> {
    if let Some(sign) = address.chars().find(|sign| !sign.is_ascii_graphic() || *sign == '\\') {
        let what = format!("{address:?} holds {sign:?}, which no address may");
        return Err((what, "percent-encode it or leave it out"));
    }
    let relative = (format!("{address:?} is no whole address"), "begin with https:// and the host");
    let url = Url::parse(address).map_err(|_| relative.clone())?;
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(&url) => {}
        "http" => {
            let fix = "use https; plain http is for 127.0.0.1, [::1] and localhost only";
            return Err((format!("{address:?} is plain http to another machine"), fix));
        }
        scheme @ ("javascript" | "data" | "file" | "vbscript" | "blob") => {
            return Err((format!("{scheme}: would run or read something in the browser"), "use an https address"));
        }
        scheme => {
            let fix = "use an https address; an app's own scheme is not supported yet, an https app link is";
            return Err((format!("the scheme {scheme}: is not supported"), fix));
        }
    }
    if !address.get(url.scheme().len()..).is_some_and(|rest| rest.starts_with("://")) || !url.has_host() {
        return Err(relative);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(("a name or password stands before the host".into(), "leave it out: addresses end up in logs"));
    }
    Ok(url)
}

/// Whether an address points to this machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// First segments of the paths that an authority answers below its issuer; another authority's issuer cannot begin
/// with one of them there.
const TAKEN: [&str; 16] = [
    ".well-known",
    "account",
    "assets",
    "authorize",
    "connections",
    "consent",
    "health",
    "login",
    "logout",
    "oauth",
    "oauth2",
    "oidc",
    "register",
    "signed-out",
    "userinfo",
    "v1",
];

/// Whether the addresses of `inner` would fall among those of `outer`; both are issuers. `/oauth2/{id}` is free when
/// `outer` has no path: that is how several authorities of one installation are told apart.
pub(super) fn collide(outer: &str, inner: &str) -> bool {
    let Some(rest) = inner.strip_prefix(outer).and_then(|rest| rest.strip_prefix('/')) else { return false };
    let mut segments = rest.split('/');
    let (first, second) = (segments.next().unwrap_or_default(), segments.next());
    let own_place = first == "oauth2" && second.is_some_and(|id| id != "v1");
    TAKEN.contains(&first) && !own_place
}

/// The scheme and the host with its port: `https://id.example`.
pub(super) fn origin(address: &str) -> Option<String> {
    Url::parse(address).ok().map(|url| url.origin().ascii_serialization())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn issuers_have_one_spelling() {
        for (issuer, good) in [
            ("https://id.example", true),
            ("https://id.example/oauth2/quiz", true),
            ("https://id.example:8443", true),
            ("http://127.0.0.1:4000", true),
            ("http://localhost:4000/a", true),
            ("http://[::1]:4000", true),
            ("http://id.example", false),
            ("http://127.0.0.1.example", false),
            ("https://id.example/", false),
            ("https://id.example/a/", false),
            ("https://id.example?x=1", false),
            ("https://id.example#x", false),
            ("https://ID.example", false),
            ("https://id.example:443", false),
            ("https://id.example/a/../b", false),
            ("https://id.example/a//b", false),
            ("https://id.example/{a}", false),
            ("https://id.example/a:b", false),
            ("https://user:pass@id.example", false),
            ("https:id.example", false),
            ("id.example", false),
            ("ftp://id.example", false),
            ("", false),
        ] {
            assert_eq!(check_issuer(issuer).is_ok(), good, "{issuer}");
        }
    }

    #[test]
    fn redirect_uris_lead_to_one_place() {
        for (uri, wrong) in [
            ("https://layla.amazon.com/api/skill/link/M2AAAAAAAAAAAA", None),
            ("http://127.0.0.1:4001/na/api/skill/link/M2AAAAAAAAAAAA", None),
            ("http://[::1]/back", None),
            ("https://client.example/back?fixed=1", None),
            ("http://client.example/back", Some("plain http")),
            ("https://client.example/back#here", Some("fragment")),
            ("https://client.example/*", Some("wildcard")),
            ("https://*.client.example/back", Some("wildcard")),
            ("javascript:alert(1)", Some("javascript:")),
            ("JavaScript://client.example/%0aalert(1)", Some("javascript:")),
            ("data:text/html,x", Some("data:")),
            ("file:///etc/passwd", Some("file:")),
            ("com.example.app:/back", Some("com.example.app:")),
            ("/back", Some("no whole address")),
            ("https:/client.example/back", Some("no whole address")),
            ("https://client.example\\@evil.example", Some("no address may")),
            ("https://client.example/a b", Some("no address may")),
            ("https://name@client.example/back", Some("before the host")),
        ] {
            let found = check_redirect_uri(uri).err();
            match (wrong, &found) {
                (None, None) => {}
                (Some(part), Some((what, _))) if what.contains(part) => {}
                _ => panic!("{uri}: expected {wrong:?}, found {found:?}"),
            }
        }
    }

    #[test]
    fn an_authority_must_not_sit_on_addresses_of_another() {
        let root = "http://127.0.0.1:4000";
        for (inner, collides) in [
            ("http://127.0.0.1:4000/oauth2/quiz", false),
            ("http://127.0.0.1:4000/quiz", false),
            ("http://127.0.0.1:4000/oauth", true),
            ("http://127.0.0.1:4000/login", true),
            ("http://127.0.0.1:4000/oauth2", true),
            ("http://127.0.0.1:4000/v1/authorize", true),
            ("http://127.0.0.1:40001/login", false),
            ("http://127.0.0.1:4000", false),
        ] {
            assert_eq!(collide(root, inner), collides, "{inner}");
        }
    }
}
