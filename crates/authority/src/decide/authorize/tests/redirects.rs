//! Redirect URIs: byte-equal or a page, and the one freedom of loopback ports.

use super::{Step, ask, assert_page, good_with};
use crate::decide::authorize::{AuthorizeOutcome, PageRefusal};
use crate::record::authority::Authority;
use crate::testing::{LAYLA, PITANGUI, authority, client_mut};

fn of_client(client: &str, uri: &str) -> String {
    good_with(&[("client_id", client), ("redirect_uri", uri)])
}

#[track_caller]
fn assert_refused(authority: &Authority, client: &str, uri: &str) {
    let outcome = ask(authority, &of_client(client, uri), Some(10), Step::Arrival);
    match outcome {
        AuthorizeOutcome::ErrorPage(PageRefusal::RedirectUriUnknown { nearest }) => {
            let registered = &authority.client(client).unwrap().redirect_uris;
            assert!(nearest.is_some_and(|nearest| registered.contains(&nearest)), "{uri}");
        }
        other => panic!("{uri}: {other:?}"),
    }
}

#[track_caller]
fn assert_accepted(authority: &Authority, client: &str, uri: &str) {
    match ask(authority, &of_client(client, uri), None, Step::Arrival) {
        AuthorizeOutcome::SignIn { target } => assert_eq!(target.redirect_uri, uri),
        other => panic!("{uri}: {other:?}"),
    }
}

/// The client with one registered URI and PKCE left to it.
fn registered(uri: &str) -> Authority {
    let mut authority = authority();
    client_mut(&mut authority, "alexa").redirect_uris = vec![uri.to_owned()];
    authority
}

#[test]
fn each_registered_uri_is_accepted() {
    for uri in [LAYLA, PITANGUI] {
        assert_accepted(&authority(), "alexa", uri);
    }
}

#[test]
fn the_nearest_registered_uri_is_told_to_the_operator() {
    let sent = PITANGUI.replace("M1", "M2");
    let expected = PageRefusal::RedirectUriUnknown { nearest: Some(PITANGUI.to_owned()) };
    assert_page(&authority(), &of_client("alexa", &sent), &expected);
}

/// RED-002: nothing is normalised, nothing decoded twice.
#[test]
fn dot_segments_and_their_encodings() {
    let tails =
        ["/../evil", "/..;/evil", "/%2e%2e/evil", "/%252e%252e/evil", "%2f..", "/.", "/", "//", "%00", " ", "%20"];
    for tail in tails {
        assert_refused(&authority(), "alexa", &format!("{LAYLA}{tail}"));
    }
    assert_refused(&authority(), "alexa", &LAYLA.replace("/api", "/x/../api"));
    assert_refused(&authority(), "alexa", &LAYLA.replace("/api", "/./api"));
    assert_refused(&authority(), "alexa", &LAYLA.replace("/api", "//api"));
    assert_refused(&authority(), "alexa", &LAYLA.replace("skill", "%73kill"));
}

#[test]
fn hosts_that_look_alike() {
    let uris = [
        "https://layla.amazon.com.evil.test/api/skill/link/M1",
        "https://layla.amazon.com@evil.test/api/skill/link/M1",
        "https://evil.test/https://layla.amazon.com/api/skill/link/M1",
        "https://layla.amazon.com:443/api/skill/link/M1",
        "https://layla.amazon.com./api/skill/link/M1",
        "https://läyla.amazon.com/api/skill/link/M1",
        "//layla.amazon.com/api/skill/link/M1",
        "http://layla.amazon.com/api/skill/link/M1",
        "https:\\\\layla.amazon.com/api/skill/link/M1",
        "https://layla.amazon.com/api/skill/link/M",
        "https://layla.amazon.com/api/skill/link/M12",
        "*",
        "https://*",
    ];
    for uri in uris {
        assert_refused(&authority(), "alexa", uri);
    }
}

/// RED-004
#[test]
fn letter_case() {
    let authority = registered("https://App.Test/Cb");
    assert_accepted(&authority, "alexa", "https://App.Test/Cb");
    for uri in ["https://app.test/cb", "HTTPS://App.Test/Cb", "https://App.Test/cb", "https://app.test/Cb"] {
        assert_refused(&authority, "alexa", uri);
    }
}

/// RED-005
#[test]
fn query_parameters() {
    let authority = registered("https://app.test/cb?x=1");
    assert_accepted(&authority, "alexa", "https://app.test/cb?x=1");
    let tails = ["?x=1&y=2", "?x=2", "", "?", "?y=2&x=1", "?x=1&", "?x=1&x=1", "?x=%31", "?X=1"];
    for tail in tails {
        assert_refused(&authority, "alexa", &format!("https://app.test/cb{tail}"));
    }
}

/// RED-006
#[test]
fn fragments() {
    for tail in ["#", "#x", "%23", "?#"] {
        assert_refused(&authority(), "alexa", &format!("{LAYLA}{tail}"));
    }
}

/// RED-007
#[test]
fn dangerous_schemes() {
    let uris = [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "about:blank",
        "urn:ietf:wg:oauth:2.0:oob",
        "app.evil:/cb",
    ];
    for uri in uris {
        for client in ["alexa", "desktop"] {
            assert_refused(&authority(), client, uri);
        }
    }
}

/// RED-009
#[test]
fn a_native_app_varies_its_loopback_port_and_nothing_else() {
    let authority = authority();
    for uri in ["http://127.0.0.1/cb", "http://127.0.0.1:49152/cb", "http://127.0.0.1:1/cb", "http://[::1]:65535/cb"] {
        assert_accepted(&authority, "desktop", uri);
    }
    let refused = [
        "http://127.0.0.1:49152/cb?x=1",
        "http://127.0.0.1:49152/cb#",
        "http://127.0.0.1:49152/cb/",
        "http://127.0.0.1:49152/other",
        "http://127.0.0.1:49152",
        "http://127.0.0.1:49152?/cb",
        "http://127.0.0.1:/cb",
        "http://127.0.0.1:+80/cb",
        "http://127.0.0.1:-80/cb",
        "http://127.0.0.1: 80/cb",
        "http://127.0.0.1:80 /cb",
        "http://127.0.0.1:65536/cb",
        "http://127.0.0.1:0x50/cb",
        "http://127.0.0.1:８０/cb",
        "http://127.0.0.1:80:80/cb",
        "http://127.0.0.1:80@evil.test/cb",
        "http://127.0.0.1:80\\@evil.test/cb",
        "http://127.0.0.1.evil.test:49152/cb",
        "http://127.0.0.1@evil.test/cb",
        "http://127.0.0.2:49152/cb",
        "http://127.1:49152/cb",
        "http://2130706433:49152/cb",
        "http://0.0.0.0:49152/cb",
        "http://x@127.0.0.1:49152/cb",
        "https://127.0.0.1:49152/cb",
        "HTTP://127.0.0.1:49152/cb",
        "http://[::1]x:80/cb",
        "http://[::ffff:127.0.0.1]:80/cb",
        "http://[0:0:0:0:0:0:0:1]:80/cb",
        // Registered, but a name and not a loopback address: as it stands only.
        "http://localhost:49152/cb",
    ];
    for uri in refused {
        assert_refused(&authority, "desktop", uri);
    }
    assert_accepted(&authority, "desktop", "http://localhost/cb");
    let mut v4_only = authority.clone();
    client_mut(&mut v4_only, "desktop").redirect_uris = vec!["http://127.0.0.1/cb".to_owned()];
    assert_refused(&v4_only, "desktop", "http://[::1]:49152/cb");
}

/// RED-010
#[test]
fn loopback_is_nothing_special_to_others() {
    assert_refused(&authority(), "alexa", "http://127.0.0.1:8080/cb");
    let not_native = registered("http://127.0.0.1/cb");
    assert_refused(&not_native, "alexa", "http://127.0.0.1:8080/cb");
    let mut without = authority();
    client_mut(&mut without, "alexa").native = true;
    assert_refused(&without, "alexa", "http://127.0.0.1:8080/cb");
}
