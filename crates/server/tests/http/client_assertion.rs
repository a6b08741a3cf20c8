//! Clients that sign instead of keeping a secret (`private_key_jwt`), at every endpoint that asks who calls.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use sayso_authority::record::authority::Authority;
use sayso_authority::record::client::{AssertionAudience, AssertionRule, ClientAuthentication, ClientKeys};
use sayso_authority::wire::client_credentials::ASSERTION_TYPE;
use sayso_testkit::{HttpsServer, json_answer};
use sayso_token::algorithm::Algorithm;
use sayso_token::jws;
use sayso_token::keyring::SigningKey;
use sayso_token::time::Clock as _;
use serde_json::{Value, json};

use crate::house::*;

pub(crate) fn make_key() -> SigningKey {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    SigningKey::from_pkcs8(Algorithm::Es256, pair.to_pkcs8v1().unwrap().as_ref()).unwrap()
}

pub(crate) fn signing(wardrobe: &mut Authority, id: &str, keys: ClientKeys) {
    let client = find(wardrobe, id);
    client.authentication = ClientAuthentication::PrivateKeyJwt;
    client.secrets.clear();
    let audience = AssertionAudience::Issuer;
    client.assertion = Some(AssertionRule { keys, algorithms: vec![Algorithm::Es256], audience });
}

fn inline(key: &SigningKey) -> ClientKeys {
    ClientKeys::Inline(json!({ "keys": [key.public().to_json()] }))
}

pub(crate) fn assertion(house: &House, client: &str, jti: &str, key: &SigningKey) -> String {
    let now = house.clock.now().seconds();
    let claims = json!({ "iss": client, "sub": client, "aud": WEAR, "iat": now, "exp": now + 60, "jti": jti });
    jws::sign("JWT", claims.as_object().unwrap(), key).unwrap()
}

pub(crate) async fn post(house: &House, path: &str, form: &[(&str, &str)], assertion: &str) -> Answer {
    let mut form = form.to_vec();
    form.extend([("client_assertion_type", ASSERTION_TYPE), ("client_assertion", assertion)]);
    house.post(path, &form).await
}

pub(crate) const OWN: [(&str, &str); 2] = [("grant_type", "client_credentials"), ("audience", WEAR_AUDIENCE)];

#[tokio::test]
async fn a_signed_assertion_opens_every_endpoint_once() {
    let key = make_key();
    let house = House::with(|wardrobe, _| signing(wardrobe, MACHINE_CLIENT, inline(&key))).await;
    let token = post(&house, Side::Wear.token(), &OWN, &assertion(&house, MACHINE_CLIENT, "1", &key)).await;
    assert_eq!(token.status, 200, "{}", token.body);
    let access = token.json()["access_token"].as_str().unwrap().to_owned();
    let form = [("token", access.as_str())];
    let told = post(&house, Side::Wear.introspect(), &form, &assertion(&house, MACHINE_CLIENT, "2", &key)).await;
    assert_eq!(told.json()["active"], true, "{}", told.body);
    let form = [("token", "x"), ("client_id", MACHINE_CLIENT)];
    let revoked = post(&house, Side::Wear.revoke(), &form, &assertion(&house, MACHINE_CLIENT, "3", &key)).await;
    assert_eq!(revoked.status, 200, "{}", revoked.body);
    let stranger = make_key();
    for (path, jti) in [(Side::Wear.token(), "1"), (Side::Wear.introspect(), "2"), (Side::Wear.revoke(), "2")] {
        let form = [OWN[0], OWN[1], ("token", "x")];
        let again = post(&house, path, &form, &assertion(&house, MACHINE_CLIENT, jti, &key)).await;
        again.is_error(401, "invalid_client");
        let forged = post(&house, path, &form, &assertion(&house, MACHINE_CLIENT, "9", &stranger)).await;
        forged.is_error(401, "invalid_client");
    }
    let good = assertion(&house, MACHINE_CLIENT, "4", &key);
    for (name, value) in [("client_secret", "x"), ("client_assertion", "x"), ("client_assertion_type", "x")] {
        let mut form = OWN.to_vec();
        form.push((name, value));
        post(&house, Side::Wear.token(), &form, &good).await.is_error(400, "invalid_request");
    }
    let basic = basic(MACHINE_CLIENT, "x");
    let form = [OWN[0], OWN[1], ("client_assertion_type", ASSERTION_TYPE), ("client_assertion", good.as_str())];
    house.post_body(Side::Wear.token(), Some(&basic), encode(&form)).await.is_error(400, "invalid_request");
    assert_eq!(post(&house, Side::Wear.token(), &OWN, &good).await.status, 200, "none of these has spent it");
    house.post_as(MACHINE_CLIENT, Side::Wear.token(), &OWN).await.is_error(401, "invalid_client");
    let document = house.get("/.well-known/openid-configuration").await.json();
    assert!(document["token_endpoint_auth_methods_supported"].to_string().contains("private_key_jwt"));
    for endpoint in ["token", "introspection", "revocation"] {
        assert_eq!(document[format!("{endpoint}_endpoint_auth_signing_alg_values_supported")], json!(["ES256"]));
    }
}

/// CLI-005: of many who show one assertion at once, at two nodes, one is believed.
#[tokio::test]
async fn cli_005_an_assertion_has_one_winner_over_two_nodes() {
    let key = make_key();
    for house in House::on_both_databases().await {
        let one = house.reconfigured(|wardrobe, _| signing(wardrobe, MACHINE_CLIENT, inline(&key))).await;
        let other = one.reconfigured(|_, _| {}).await;
        let shown = assertion(&one, MACHINE_CLIENT, "once", &key);
        let mut tasks = Vec::new();
        for at in 0..16 {
            let (node, shown) = (if at % 2 == 0 { one.clone() } else { other.clone() }, shown.clone());
            tasks
                .push(tokio::spawn(async move { post(&node, Side::Wear.token(), &OWN, &shown).await.status.as_u16() }));
        }
        let mut answers = Vec::new();
        for task in tasks {
            answers.push(task.await.unwrap());
        }
        answers.sort_unstable();
        assert_eq!(answers[0], 200);
        assert!(answers[1..].iter().all(|status| [401, 429].contains(status)), "{answers:?}");
        one.wait(100);
        one.store.purge(one.clock.now(), &sayso_store::Retention::default()).await.unwrap();
        post(&one, Side::Wear.token(), &OWN, &shown).await.is_error(401, "invalid_client");
    }
}

/// Keys at an address: fetched when needed, again for an unknown id, and refused in words when they cannot be had.
#[tokio::test]
async fn keys_at_an_address_are_fetched_and_followed() {
    let keys = [make_key(), make_key()];
    let set = |key: &SigningKey| json!({ "keys": [key.public().to_json()] }).to_string();
    let shown = std::sync::Arc::new(std::sync::Mutex::new(set(&keys[0])));
    let document = shown.clone();
    let server = HttpsServer::start(&[], move |_| json_answer("200 OK", &document.lock().unwrap())).await;
    let house = House::open().await;
    let url = server.url("/jwks");
    let house = house.trusting(&server, |wardrobe, _| signing(wardrobe, MACHINE_CLIENT, ClientKeys::At(url))).await;
    let ask = async |jti: &str, key: &SigningKey| {
        post(&house, Side::Wear.token(), &OWN, &assertion(&house, MACHINE_CLIENT, jti, key)).await
    };
    assert_eq!(ask("1", &keys[0]).await.status, 200);
    assert_eq!(ask("2", &keys[0]).await.status, 200);
    assert_eq!(server.asked().len(), 1);
    *shown.lock().unwrap() = set(&keys[1]);
    ask("3", &keys[1]).await.is_error(401, "invalid_client");
    house.wait(30);
    assert_eq!(ask("4", &keys[1]).await.status, 200, "the client has another key");
    ask("5", &keys[0]).await.is_error(401, "invalid_client");
    let closed = house.reconfigured(|_, _| {}).await;
    let answer = post(&closed, Side::Wear.token(), &OWN, &assertion(&closed, MACHINE_CLIENT, "6", &keys[1])).await;
    answer.is_error(401, "invalid_client");
    assert!(answer.body.contains("jwks_uri"), "{}", answer.body);
    assert_eq!(server.asked().len(), 2, "this machine is asked only where the settings say so");
}

#[tokio::test]
async fn opaque_tokens_say_nothing_and_do_everything() {
    use sayso_authority::record::api::TokenProfile;
    let house = House::with(|wardrobe, _| wardrobe.apis[0].profile = TokenProfile::Opaque).await;
    let linked = house.link(&Ask::wear().set("scope", "openid profile read:whattowear")).await;
    assert!(linked.access.starts_with("sat_") && !linked.access.contains('.'), "{}", linked.access);
    let told = house.introspect(Side::Wear, MACHINE_CLIENT, &linked.access).await;
    assert_eq!(
        (&told["active"], &told["aud"], &told["client_id"]),
        (&json!(true), &json!(WEAR_AUDIENCE), &json!(WEAR_CLIENT))
    );
    assert_eq!((&told["iss"], &told["token_type"]), (&json!(WEAR), &json!("Bearer")));
    let me = house.bearer("/userinfo", &linked.access).await;
    assert_eq!((me.status.as_u16(), &me.json()["sub"]), (200, &told["sub"]));
    // No other authority reads it, no key signs it, and it is none of another client's business.
    assert!(!house.is_active(Side::Quiz, QUIZ_CLIENT, &linked.access).await);
    assert!(!house.is_active(Side::Wear, OTHER_CLIENT, &linked.access).await);
    house.wait(86_400);
    assert!(!house.is_active(Side::Wear, MACHINE_CLIENT, &linked.access).await, "it ends");
    let fresh = Linked::of(&house.refresh(&Ask::wear(), &linked.refresh).await);
    assert!(fresh.access.starts_with("sat_"));
    assert!(house.is_active(Side::Wear, MACHINE_CLIENT, &fresh.access).await);
    house.post_as(WEAR_CLIENT, Side::Wear.revoke(), &[("token", &fresh.access)]).await;
    assert!(!house.is_active(Side::Wear, MACHINE_CLIENT, &fresh.access).await, "revoked by its epoch");
    assert_eq!(house.bearer("/userinfo", &fresh.access).await.status, 401);
    // A client for itself.
    let own: Value = house.post_as(MACHINE_CLIENT, Side::Wear.token(), &OWN).await.json();
    let own = own["access_token"].as_str().unwrap();
    assert!(own.starts_with("sat_") && house.is_active(Side::Wear, MACHINE_CLIENT, own).await);
    house.post_as(MACHINE_CLIENT, Side::Wear.revoke(), &[("token", own)]).await.is_error(400, "unsupported_token_type");
    let keys = house.get(Side::Wear.keys()).await.body;
    assert!(keys.contains("RS256"), "ID tokens are signed all the same");
    let disk = house.disk();
    for token in [&linked.access, &fresh.access] {
        assert!(!disk.windows(token.len()).any(|part| part == token.as_bytes()), "a bearer value is not kept");
    }
}

/// Lifetimes by API and by client, and a refresh token that stays.
#[tokio::test]
async fn a_client_may_have_its_own_lifetime_and_a_token_that_stays() {
    use sayso_authority::record::client::Rotation;
    use sayso_token::time::Lifetime;
    let house = House::with(|wardrobe, _| {
        find(wardrobe, WEAR_CLIENT).token_lifetime = Some(Lifetime::from_seconds(700));
        find(wardrobe, WEAR_CLIENT).refresh.rotation = Rotation::Static;
    })
    .await;
    let linked = house.link(&Ask::wear()).await;
    assert_eq!(linked.answer["expires_in"], 700);
    let claims = look::claims_of(&linked.access);
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 700);
    for _ in 0..3 {
        house.wait(3600);
        let again = Linked::of(&house.refresh(&Ask::wear(), &linked.refresh).await);
        assert_eq!((again.refresh == linked.refresh, &again.answer["expires_in"]), (true, &json!(700)));
        assert_ne!(again.access, linked.access);
    }
    house.post_as(WEAR_CLIENT, Side::Wear.revoke(), &[("token", &linked.refresh)]).await;
    house.refresh(&Ask::wear(), &linked.refresh).await.is_error(400, "invalid_grant");
    let own = house.post_as(MACHINE_CLIENT, Side::Wear.token(), &OWN).await.json();
    assert_eq!(own["expires_in"], 86_400, "the API's");
}
