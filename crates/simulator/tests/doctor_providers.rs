//! The doctor at providers that have one fault each, and at one that has none: PKCE, scopes, certificates, what has changed since a
//! link was made; and at smart home skills.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod stubs;

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use sayso_simulator::{Checked, Examination, Health, Returning};
use sayso_token::digest::Digest;
use serde_json::{Value, json};
use stubs::World;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

fn here() -> Examination<'static> {
    Examination { returning: Returning::Here, refreshes_twice: false }
}

/// How a provider of this test behaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Manner {
    /// Whether it gives a code without asking anybody to sign in.
    at_once: bool,
    refuses_challenges: bool,
    demands_challenges: bool,
    takes_plain: bool,
    ignores_verifiers: bool,
    /// Scopes that it refuses.
    refuses: &'static [&'static str],
    /// Whether it refuses two scopes together.
    one_scope: bool,
    shows_errors: bool,
}

type Fields = HashMap<String, String>;

impl Manner {
    fn authorize(self, asked: &Fields) -> Response {
        let field = |name: &str| asked.get(name).map(String::as_str).unwrap_or_default();
        if !field("redirect_uri").starts_with(stubs::CONSOLE) {
            return StatusCode::BAD_REQUEST.into_response();
        }
        let (challenge, method) = (asked.get("code_challenge"), field("code_challenge_method"));
        let scopes: Vec<&str> = field("scope").split(' ').filter(|one| !one.is_empty()).collect();
        let is_refused = |scope: &&str| self.refuses.contains(scope);
        let error = match challenge {
            Some(_) if self.refuses_challenges => Some("invalid_request"),
            None if self.demands_challenges => Some("invalid_request"),
            Some(_) if method == "plain" && !self.takes_plain => Some("invalid_request"),
            _ if scopes.iter().any(is_refused) || (self.one_scope && scopes.len() > 1) => Some("invalid_scope"),
            _ => None,
        };
        let back = |name: &str, value: &str| {
            let query = [(name, value), ("state", field("state"))];
            let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
            Redirect::to(&format!("{}?{query}", field("redirect_uri"))).into_response()
        };
        match (error, challenge) {
            (Some(_), _) if self.shows_errors => StatusCode::BAD_REQUEST.into_response(),
            (Some(error), _) => back("error", error),
            // The code holds what it is worth: this provider remembers nothing.
            (None, challenge) if self.at_once => {
                back("code", &format!("code.{}", challenge.map_or("", String::as_str)))
            }
            _ => Html("<meta name=\"viewport\" content=\"width=device-width\"><p>Sample Quiz Game</p>").into_response(),
        }
    }

    fn token(self, form: &Fields) -> Response {
        let challenge = form.get("code").and_then(|code| code.strip_prefix("code."));
        let verifier = form.get("code_verifier").map(|verifier| Digest::of(verifier.as_bytes()).base64url());
        let fits = challenge.is_some_and(|challenge| challenge.is_empty() || verifier.as_deref() == Some(challenge));
        if fits || (challenge.is_some() && self.ignores_verifiers) {
            return Json(json!({"access_token": "x", "token_type": "Bearer", "expires_in": 3600})).into_response();
        }
        (StatusCode::BAD_REQUEST, Json(json!({"error": "invalid_grant"}))).into_response()
    }
}

async fn authorize(State(manner): State<Manner>, Query(asked): Query<Fields>) -> Response {
    manner.authorize(&asked)
}

async fn token(State(manner): State<Manner>, headers: HeaderMap, body: String) -> Response {
    if !headers.contains_key(header::AUTHORIZATION) {
        return (StatusCode::UNAUTHORIZED, Json(json!({"error": "invalid_client"}))).into_response();
    }
    manner.token(&url::form_urlencoded::parse(body.as_bytes()).into_owned().collect())
}

async fn provider(manner: Manner) -> String {
    let router = Router::new().route("/authorize", get(authorize)).route("/token", post(token)).with_state(manner);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

async fn examined(manner: Manner, change: impl FnOnce(&mut Value)) -> Vec<Checked> {
    let provider = provider(manner).await;
    let world = World::with(|settings| {
        settings["authorizationUrl"] = format!("{provider}/authorize").into();
        settings["accessTokenUrl"] = format!("{provider}/token").into();
        change(settings);
    })
    .await;
    world.simulator.examine("sample-quiz-game", here()).await.unwrap()
}

fn all<'c>(checks: &'c [Checked], name: &str) -> Vec<&'c Checked> {
    checks.iter().filter(|one| one.name == name).collect()
}

/// How the provider behaves, what the settings are changed to, and how the check ends.
type Row = (Manner, fn(&mut Value), Health, &'static str);

fn on(_: &mut Value) {}

fn no_pkce(settings: &mut Value) {
    settings.as_object_mut().unwrap().remove("pkceConfiguration");
}

#[tokio::test]
async fn a_provider_without_a_fault_has_no_finding() {
    for at_once in [false, true] {
        let checks = examined(Manner { at_once, ..Manner::default() }, |_| ()).await;
        let provider: Vec<&Checked> = checks.iter().filter(|one| one.name.starts_with("Login page for")).collect();
        assert!(provider.len() == 3 && provider.iter().all(|one| one.health == Health::Good), "{provider:#?}");
        let pkce = all(&checks, "PKCE");
        assert_eq!((pkce.len(), pkce[0].health), (1, Health::Good), "{pkce:#?}");
        let verifier = all(&checks, "A wrong verifier");
        assert_eq!(verifier[0].health, if at_once { Health::Good } else { Health::Unknown }, "{verifier:#?}");
        for name in [
            "Scopes, one by one",
            "Certificate",
            "AcceptGrant",
            "Changes since the link",
            "What the server says of itself",
        ] {
            assert!(all(&checks, name).is_empty(), "{name}: {checks:#?}");
        }
    }
}

#[tokio::test]
async fn pkce_is_tried_with_and_without() {
    let rows: [Row; 6] = [
        (Manner { refuses_challenges: true, ..Manner::default() }, on, Health::Bad, "takes it without"),
        (Manner { demands_challenges: true, ..Manner::default() }, no_pkce, Health::Bad, "demands PKCE"),
        (Manner { takes_plain: true, ..Manner::default() }, on, Health::Doubtful, "plain too"),
        (Manner { refuses_challenges: true, ..Manner::default() }, no_pkce, Health::Doubtful, "would refuse one"),
        (Manner::default(), no_pkce, Health::Good, "would take one"),
        (Manner { demands_challenges: true, ..Manner::default() }, on, Health::Good, "plain is refused"),
    ];
    for (manner, change, health, said) in rows {
        for shows_errors in [false, true] {
            let checks = examined(Manner { shows_errors, ..manner }, change).await;
            let [one] = &all(&checks, "PKCE")[..] else { panic!("{manner:?}: {checks:#?}") };
            assert!(one.health == health && one.found.contains(said), "{manner:?}: {one:?}");
            assert!(all(&checks, "Scopes, one by one").is_empty(), "the scopes are not to blame: {checks:#?}");
        }
    }
}

#[tokio::test]
async fn a_verifier_that_nobody_compares_is_found() {
    let checks = examined(Manner { at_once: true, ignores_verifiers: true, ..Manner::default() }, |_| ()).await;
    let verifier = all(&checks, "A wrong verifier");
    assert!(verifier[0].health == Health::Bad && verifier[0].found.contains("wrong verifier"), "{verifier:?}");

    // Where people have to sign in, it is looked up what was tried by hand.
    let page = provider(Manner::default()).await;
    let world = World::with(|settings| settings["authorizationUrl"] = format!("{page}/authorize").into()).await;
    let link = async |fault: &str| {
        let kind = [("content-type", "application/x-www-form-urlencoded")];
        let body = format!("fault={fault}");
        let (_, headers, _) = world.send(Method::POST, "/companion/sample-quiz-game/enable", &kind, &body).await;
        let to = url::Url::parse(headers["location"].to_str().unwrap()).unwrap();
        let cookie = headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        let query = format!("code=c&state={}", stubs::parameter(&to, "state"));
        world.come_back(&stubs::parameter(&to, "redirect_uri"), &query, &cookie).await
    };
    for (answer, health) in [(Some((400, json!({"error": "invalid_grant"}))), Health::Good), (None, Health::Bad)] {
        world.told().token_answers = answer.into_iter().collect();
        link("verifier-wrong").await;
        let checks = world.simulator.examine("sample-quiz-game", here()).await.unwrap();
        let verifier = all(&checks, "A wrong verifier");
        assert_eq!(verifier[0].health, health, "{verifier:?}");
    }
}

#[tokio::test]
async fn the_scope_that_is_refused_is_named() {
    let scopes = |settings: &mut Value| settings["scopes"] = json!(["openid", "profile", "read:all"]);
    for (manner, said) in [
        (Manner { refuses: &["read:all"], ..Manner::default() }, "Refused: read:all. Taken: openid, profile."),
        (
            Manner { refuses: &["openid", "profile", "read:all"], ..Manner::default() },
            "Each is refused by itself: openid, profile, read:all.",
        ),
        (Manner { one_scope: true, ..Manner::default() }, "Each is taken by itself, but not all together"),
    ] {
        for shows_errors in [false, true] {
            let checks = examined(Manner { shows_errors, ..manner }, scopes).await;
            let [one] = &all(&checks, "Scopes, one by one")[..] else { panic!("{manner:?}: {checks:#?}") };
            assert!(one.health == Health::Bad && one.found.contains(said) && !one.remedy.is_empty(), "{one:?}");
        }
    }
}

fn authority(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params
}

/// A server on this machine that speaks TLS with this chain, and nothing else; its address.
async fn tls(chain: Vec<CertificateDer<'static>>, key: &KeyPair) -> String {
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = config.with_no_client_auth().with_single_cert(chain, key).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let acceptor = TlsAcceptor::from(Arc::new(config));
        while let Ok((stream, _)) = listener.accept().await {
            let _broken_off = acceptor.accept(stream).await;
        }
    });
    format!("https://localhost:{port}")
}

#[tokio::test]
async fn certificates_are_judged_as_they_are_sent() {
    let (root_key, between_key, key) =
        (KeyPair::generate().unwrap(), KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
    let root = authority("Own Root").self_signed(&root_key).unwrap();
    let between =
        authority("Own Between").signed_by(&between_key, &Issuer::new(authority("Own Root"), root_key)).unwrap();
    let issuer = Issuer::new(authority("Own Between"), between_key);
    let leaf = |name: &str, ended: bool| {
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        if ended {
            params.not_after = time::OffsetDateTime::from_unix_timestamp(1_800_000_000 - 3 * 86_400).unwrap();
        }
        params.signed_by(&key, &issuer).unwrap().der().clone()
    };
    let (good, root, between) = (leaf("localhost", false), root.der().clone(), between.der().clone());
    for (chain, said) in [
        (vec![good.clone()], "the certificate of \"Own Between\" was not sent"),
        (vec![good, between.clone(), root.clone()], "the chain ends at \"Own Root\", which is no public authority"),
        (vec![leaf("id.example", false), between.clone(), root.clone()], "is not for localhost, but for id.example"),
        (vec![leaf("localhost", true), between, root], "ended 3 days ago"),
    ] {
        let address = tls(chain, &key).await;
        let world = World::with(|settings| settings["accessTokenUrl"] = format!("{address}/token").into()).await;
        let checks = world.simulator.examine("sample-quiz-game", here()).await.unwrap();
        let found = all(&checks, "Certificate");
        let one = found.iter().find(|one| one.found.contains(said)).unwrap_or_else(|| panic!("{said}: {found:#?}"));
        assert!(
            one.health == Health::Bad && one.remedy.ends_with('.') && one.found.contains("token endpoint"),
            "{one:?}"
        );
    }
}

#[tokio::test]
async fn what_has_changed_since_the_link_is_said() {
    let mut world = World::new().await;
    world.link().await;
    let changes = async |world: &World| {
        let checks = world.simulator.examine("sample-quiz-game", here()).await.unwrap();
        all(&checks, "Changes since the link").into_iter().cloned().collect::<Vec<_>>()
    };
    let [one] = &changes(&world).await[..] else { panic!("one check") };
    assert_eq!(one.health, Health::Good);

    let file = world.folder.path().join("package/skill-package/accountLinking.json");
    let mut settings: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    settings["accountLinkingRequest"]["clientId"] = "another".into();
    std::fs::write(&file, settings.to_string()).unwrap();
    world.restart().await;
    let [one] = &changes(&world).await[..] else { panic!("one check") };
    assert!(one.health == Health::Bad && one.found.contains("clientId was \"alexa skill\""), "{one:?}");

    settings["accountLinkingRequest"]["clientId"] = "alexa skill".into();
    settings["accountLinkingRequest"]["clientSecret"] = "another-secret".into();
    std::fs::write(&file, settings.to_string()).unwrap();
    world.restart().await;
    let [one] = &changes(&world).await[..] else { panic!("one check") };
    assert!(one.health == Health::Doubtful && one.found.contains("clientSecret is another"), "{one:?}");
    // It is known although the link is gone, until the skill is disabled.
    world.clock.forward(3601);
    world.told().token_answers = vec![(400, json!({"error": "invalid_grant"}))];
    world.ask("ask sample quiz game what is my favorite color").await;
    assert_eq!(changes(&world).await.len(), 1);
    let kept = std::fs::read_to_string(world.folder.path().join("data/household.json")).unwrap();
    assert!(
        kept.contains("linked_with") && !kept.contains(stubs::SECRET) && !kept.contains("another-secret"),
        "{kept}"
    );
    world.send(Method::POST, "/companion/sample-quiz-game/unlink", &[], "").await;
    assert!(changes(&world).await.is_empty());
}

/// A package of smart home alone, and the command that answers its directives.
async fn smart_home(answer: &str, permissions: Value) -> Vec<Checked> {
    let manifest = json!({"manifest": {"manifestVersion": "1.0",
        "publishingInformation": {"locales": {"en-US": {"name": "Lamps"}}}, "permissions": permissions,
        "apis": {"smartHome": {"endpoint": {"uri": "arn:aws:lambda:us-east-1:1:function:lamps"}, "protocolVersion": "3"}}}});
    let command = if answer.is_empty() { None } else { Some(format!("command:cat >/dev/null; echo '{answer}'")) };
    let world = World::of(
        |_| (),
        |package| {
            std::fs::write(package.join("skill.json"), manifest.to_string()).unwrap();
            std::fs::remove_dir_all(package.join("interactionModels")).unwrap();
        },
        |_| command,
    )
    .await;
    assert_eq!(world.get("/companion/sample-quiz-game").await.0, 200);
    assert_eq!(world.get("/").await.0, 200);
    world.simulator.examine("sample-quiz-game", here()).await.unwrap()
}

#[tokio::test]
async fn a_smart_home_skill_is_handed_a_code() {
    let asks = json!([{"name": "alexa::async_event:write"}]);
    let event = |namespace: &str, name: &str, kind: &str| {
        json!({"event": {"header": {"namespace": namespace, "name": name}, "payload": {"type": kind}}}).to_string()
    };
    for (answer, permissions, health, said) in [
        (event("Alexa.Authorization", "AcceptGrant.Response", ""), asks.clone(), Health::Good, "It is accepted"),
        (
            event("Alexa.Authorization", "ErrorResponse", "ACCEPT_GRANT_FAILED"),
            asks.clone(),
            Health::Good,
            "is refused with",
        ),
        (event("Alexa", "ErrorResponse", "INTERNAL_ERROR"), asks.clone(), Health::Doubtful, "INTERNAL_ERROR"),
        ("{}".into(), asks.clone(), Health::Bad, "enabling fails for everybody"),
        (String::new(), asks.clone(), Health::Unknown, "ARN"),
        (String::new(), json!([]), Health::Good, "hands it no code"),
    ] {
        let checks = smart_home(&answer, permissions).await;
        let [one] = &all(&checks, "AcceptGrant")[..] else { panic!("{answer}: {checks:#?}") };
        assert!(one.health == health && one.found.contains(said), "{answer}: {one:?}");
        assert!(all(&checks, "The skill's answer").is_empty(), "nobody speaks to it by name");
    }
}
