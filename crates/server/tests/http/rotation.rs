//! Signing keys are rotated and revoked while nodes serve: whoever verifies tokens by published keys never meets one that
//! they lack, unless the key was revoked.

use axum::body::Body;
use http::Request;
use http::header::AUTHORIZATION;
use sayso_server::configuration::put_in_force;
use sayso_server::sealing::sealing_keys;
use sayso_server::signing_keys::{self, Listed, Refused, Revoked, Rotated};
use sayso_store::Retention;
use sayso_testkit::NOW;
use sayso_token::algorithm::Algorithm;
use sayso_token::jwk::JwkSet;
use sayso_token::jws;
use sayso_token::rotation::{KEYS_MAX_AGE, KNOWN_BEFORE_SIGNING, KeyState, REPLACED_MEMORY};
use sayso_token::time::{Clock as _, Lifetime, Timestamp};

use crate::house::look::{claims_of, header_of, keys};
use crate::house::*;

const DAY: u32 = 24 * 60 * 60;

/// Two nodes on one database, on each engine.
async fn pairs() -> Vec<[House; 2]> {
    let mut pairs = Vec::new();
    for one in House::on_both_databases().await {
        let other = one.reconfigured(|_, _| {}).await;
        pairs.push([one, other]);
    }
    pairs
}

async fn rotate(house: &House, authority: Option<&str>, algorithm: Option<Algorithm>) -> Vec<Rotated> {
    let ambience = house.ambience();
    let sealer = sealing_keys(&house.store, &MASTER.into(), &ambience).await.unwrap().sealer(house.clock.now());
    signing_keys::rotate(&house.store, (authority, algorithm), &sealer, &ambience).await.unwrap()
}

async fn revoke(house: &House, kid: &str) -> Result<Revoked, Refused> {
    let ambience = house.ambience();
    let sealer = sealing_keys(&house.store, &MASTER.into(), &ambience).await.unwrap().sealer(house.clock.now());
    signing_keys::revoke(&house.store, ("quiz", kid), &sealer, &ambience).await
}

async fn listed(house: &House, authority: &str) -> Vec<Listed> {
    signing_keys::list(&house.store, Some(authority), house.clock.now()).await.unwrap()
}

async fn states(house: &House, authority: &str) -> Vec<KeyState> {
    listed(house, authority).await.iter().map(|key| key.state).collect()
}

fn kid(token: &str) -> String {
    header_of(token)["kid"].as_str().unwrap().to_owned()
}

fn verifies(token: &str, keys: &JwkSet) -> bool {
    let parts = jws::parse(token).unwrap();
    keys.find(&kid(token)).is_some_and(|key| key.verifies(parts.signed.as_bytes(), &parts.signature))
}

async fn userinfo(house: &House, token: &str) -> u16 {
    let request = Request::get(Side::Quiz.userinfo()).header(AUTHORIZATION, format!("Bearer {token}"));
    house.send(request.body(Body::empty()).unwrap()).await.status.as_u16()
}

/// What two nodes have given out over time.
struct Seen {
    sets: Vec<(Timestamp, JwkSet)>,
    tokens: Vec<(Timestamp, String)>,
}

impl Seen {
    async fn ask(&mut self, node: &House, refresh: &mut String) {
        let now = node.clock.now();
        self.sets.push((now, keys(node, Side::Quiz).await));
        let linked = Linked::of(&node.refresh(&Ask::quiz(), refresh).await);
        *refresh = linked.refresh;
        self.tokens.push((now, linked.access));
    }

    /// How many of the verifications that there can be fail, of how many: each token, by each set that a verifier may
    /// have kept when it was signed or may fetch before it is over, by a clock that is two minutes behind.
    fn failed(&self) -> (usize, usize) {
        let (mut failed, mut all) = (0, 0);
        for (signed_at, token) in &self.tokens {
            let over = Timestamp::from_seconds(claims_of(token)["exp"].as_i64().unwrap() + 120);
            let met = |served: Timestamp| served >= *signed_at - KEYS_MAX_AGE && served <= over;
            for (_, set) in self.sets.iter().filter(|(served, _)| met(*served)) {
                all += 1;
                failed += usize::from(!verifies(token, set));
            }
        }
        (failed, all)
    }
}

#[tokio::test]
async fn a_rotation_under_traffic_costs_not_one_verification() {
    for [one, other] in pairs().await {
        let linked = one.link(&Ask::quiz()).await;
        let id_token = linked.answer["id_token"].as_str().unwrap().to_owned();
        let mut seen =
            Seen { sets: Vec::new(), tokens: vec![(one.clock.now(), id_token), (one.clock.now(), linked.access)] };
        let mut refresh = linked.refresh;
        let begun = one.clock.now();
        // Seconds after the rotation; the moments before and after each change are among them.
        for moment in
            [0, 1, 60, 299, 600, 899, 900, 901, 1000, 1200, 2400, 4499, 4600, 86_400, 87_599, 87_600, 87_601, 90_000]
        {
            one.clock.set(begun + Lifetime::from_seconds(moment));
            if moment == 1 {
                let rotated = rotate(&one, Some("quiz"), None).await;
                assert_eq!((rotated.len(), rotated[0].made), (1, true));
            }
            // One node looks before the traffic, the other after it.
            one.server.catch_up().await.unwrap();
            for node in [&one, &other] {
                seen.ask(node, &mut refresh).await;
            }
            other.server.catch_up().await.unwrap();
        }
        let (failed, all) = seen.failed();
        assert_eq!(failed, 0, "of {all}");
        assert!(all > 300, "{all}");
        // The property would see what goes wrong: without the keys published ahead, verifications fail.
        let late = Seen { sets: seen.sets[..2].to_vec(), tokens: seen.tokens[seen.tokens.len() - 4..].to_vec() };
        assert!(late.tokens.iter().all(|(_, token)| !verifies(token, &late.sets[0].1)));
        let kids: Vec<String> = seen.tokens.iter().map(|(_, token)| kid(token)).collect();
        assert_ne!(kids.first(), kids.last());
        assert_eq!(states(&one, "quiz").await, [KeyState::Signing, KeyState::Retired]);
        for node in [&one, &other] {
            assert_eq!(keys(node, Side::Quiz).await.len(), 1, "published no more");
        }
        let added = one.audit("signing_key_added").await;
        assert_eq!(
            (&added[0].authority, &added[0].details["kid"]),
            (&"quiz".to_owned(), &kids.last().unwrap().as_str().into())
        );
    }
}

#[tokio::test]
async fn a_key_is_published_at_once_and_signs_a_quarter_of_an_hour_later() {
    for [one, other] in pairs().await {
        let first = one.link(&Ask::quiz()).await;
        let rotated = rotate(&one, Some("quiz"), Some(Algorithm::Rs256)).await;
        let [Rotated { next, signing: Some(signing), made: true }] = &rotated[..] else { panic!("{rotated:?}") };
        assert_eq!((next.state, next.signs_from), (KeyState::Next, Some(NOW + KNOWN_BEFORE_SIGNING)));
        assert_eq!(signing.kid, kid(&first.access));
        let mut refresh = first.refresh.clone();
        for (wait, signer) in [(0, &signing.kid), (899, &signing.kid), (1, &next.kid)] {
            one.wait(wait);
            for node in [&one, &other] {
                node.server.catch_up().await.unwrap();
                let published = keys(node, Side::Quiz).await;
                assert!(published.find(&next.kid).is_some() && published.find(&signing.kid).is_some());
                let linked = Linked::of(&node.refresh(&Ask::quiz(), &refresh).await);
                assert_eq!(kid(&linked.access), *signer);
                refresh = linked.refresh;
            }
        }
        // What was signed before is still good, by our own word as well.
        assert!(verifies(&first.access, &keys(&other, Side::Quiz).await));
        assert!(other.is_active(Side::Quiz, QUIZ_CLIENT, &first.access).await);
        // A node that starts now has the same.
        let late = one.reconfigured(|_, _| {}).await;
        assert_eq!(late.get(Side::Quiz.keys()).await.body, one.get(Side::Quiz.keys()).await.body);
    }
}

#[tokio::test]
async fn for_a_trial_a_key_signs_at_once_and_the_one_before_stays_published() {
    for [one, other] in pairs().await {
        let mut before = one.link(&Ask::quiz()).await;
        for waiting in [false, true, false] {
            if waiting {
                assert!(rotate(&one, Some("quiz"), None).await[0].made);
            }
            let ambience = one.ambience();
            let sealer = sealing_keys(&one.store, &MASTER.into(), &ambience).await.unwrap().sealer(one.clock.now());
            let rotated = signing_keys::rotate_at_once(&one.store, "quiz", &sealer, &ambience).await.unwrap();
            let [Rotated { next, signing: Some(signing), made: true }] = &rotated[..] else { panic!("{rotated:?}") };
            assert_eq!((next.state, &signing.kid), (KeyState::Signing, &kid(&before.access)));
            for node in [&one, &other] {
                assert!(node.server.catch_up().await.unwrap());
                let published = keys(node, Side::Quiz).await;
                let after = Linked::of(&node.refresh(&Ask::quiz(), &before.refresh).await);
                assert_eq!(kid(&after.access), next.kid);
                assert!(verifies(&before.access, &published) && verifies(&after.access, &published));
                before = after;
            }
        }
        let sealer = sealing_keys(&one.store, &MASTER.into(), &one.ambience()).await.unwrap().newest();
        let refused = signing_keys::rotate_at_once(&one.store, "shop", &sealer, &one.ambience()).await.unwrap_err();
        assert!(refused.to_string().contains("has no signing keys"), "{refused}");
    }
}

#[tokio::test]
async fn two_rotations_at_the_same_moment_make_one_key() {
    for [one, other] in pairs().await {
        let (first, second) = tokio::join!(rotate(&one, Some("quiz"), None), rotate(&other, Some("quiz"), None));
        assert_eq!(first[0].next.kid, second[0].next.kid);
        assert_eq!(u8::from(first[0].made) + u8::from(second[0].made), 1);
        let third = rotate(&one, Some("quiz"), None).await;
        assert_eq!((third[0].made, &third[0].next), (false, &first[0].next), "one waits already");
        assert_eq!(states(&one, "quiz").await, [KeyState::Next, KeyState::Signing]);
    }
}

#[tokio::test]
async fn all_keys_are_rotated_unless_one_is_named_and_what_is_not_there_is_told() {
    let house = House::open().await;
    let one = rotate(&house, Some("wear"), Some(Algorithm::Es256)).await;
    assert_eq!(
        one.iter().map(|one| (one.next.authority.as_str(), one.next.algorithm)).collect::<Vec<_>>(),
        [("wear", Algorithm::Es256)]
    );
    let all = rotate(&house, None, None).await;
    let told: Vec<_> = all.iter().map(|one| (one.next.authority.as_str(), one.next.algorithm, one.made)).collect();
    let expected =
        [("quiz", Algorithm::Rs256, true), ("wear", Algorithm::Es256, false), ("wear", Algorithm::Rs256, true)];
    assert_eq!(told, expected);
    let ambience = house.ambience();
    let sealer = sealing_keys(&house.store, &MASTER.into(), &ambience).await.unwrap().newest();
    for (which, words) in [
        ((Some("shop"), None), "authority \"shop\" has no signing keys"),
        ((Some("quiz"), Some(Algorithm::Es256)), "there is no ES256 key"),
    ] {
        let refused = signing_keys::rotate(&house.store, which, &sealer, &ambience).await.unwrap_err().to_string();
        assert!(refused.contains(words), "{refused}");
    }
    let refused = revoke(&house, "nonsense").await.unwrap_err().to_string();
    assert!(refused.contains("sayso keys list"), "{refused}");
}

#[tokio::test]
async fn a_revoked_key_is_out_at_once_and_what_it_signed_with_it() {
    for [one, other] in pairs().await {
        let before = one.link(&Ask::quiz()).await;
        let stolen = kid(&before.access);
        assert_eq!(userinfo(&one, &before.access).await, 200);
        let done = revoke(&one, &stolen).await.unwrap();
        let successor = done.signing.unwrap();
        assert_eq!((done.key.state, done.before, successor.signs_from), (KeyState::Revoked, false, Some(NOW)));
        let mut refresh = before.refresh.clone();
        for node in [&one, &other] {
            assert!(node.server.catch_up().await.unwrap());
            let published = keys(node, Side::Quiz).await;
            assert!(published.find(&stolen).is_none() && published.len() == 1);
            assert!(!node.is_active(Side::Quiz, QUIZ_CLIENT, &before.access).await);
            assert_eq!(userinfo(node, &before.access).await, 401);
            let after = Linked::of(&node.refresh(&Ask::quiz(), &refresh).await);
            assert_eq!(kid(&after.access), successor.kid, "the link stays");
            assert!(verifies(&after.access, &published));
            assert!(node.is_active(Side::Quiz, QUIZ_CLIENT, &after.access).await);
            assert_eq!(userinfo(node, &after.access).await, 200);
            refresh = after.refresh;
        }
        let again = revoke(&one, &stolen).await.unwrap();
        assert!(again.before && again.signing.unwrap().kid == successor.kid);
        assert_eq!(one.audit("signing_key_revoked").await.len(), 1);
        assert_eq!(one.audit("signing_key_added").await[0].details["kid"], successor.kid);
    }
}

#[tokio::test]
async fn a_waiting_key_takes_over_and_one_that_waits_or_was_replaced_is_revoked_without_another() {
    let house = House::open().await;
    let first = listed(&house, "quiz").await[0].kid.clone();
    let second = rotate(&house, Some("quiz"), None).await[0].next.kid.clone();
    let done = revoke(&house, &first).await.unwrap();
    assert_eq!(done.signing.map(|key| key.kid), Some(second.clone()), "no third key");
    assert_eq!(states(&house, "quiz").await, [KeyState::Signing, KeyState::Revoked]);

    let third = rotate(&house, Some("quiz"), None).await[0].next.kid.clone();
    let done = revoke(&house, &third).await.unwrap();
    assert_eq!(done.signing.map(|key| key.kid), Some(second.clone()));
    let fourth = rotate(&house, Some("quiz"), None).await;
    assert_eq!((fourth[0].made, fourth[0].next.state), (true, KeyState::Next), "it waits its time");
    house.wait(900);
    let done = revoke(&house, &second).await.unwrap();
    assert_eq!(done.signing.map(|key| key.kid), Some(fourth[0].next.kid.clone()));
    house.server.catch_up().await.unwrap();
    assert_eq!(keys(&house, Side::Quiz).await.len(), 1);
}

#[tokio::test]
async fn a_schedule_is_kept_by_whichever_node_sees_it_first_and_old_keys_are_forgotten() {
    for [one, other] in pairs().await {
        let monthly = one.configuration(|_, quiz| quiz.key_rotation_days = Some(30));
        let sealer = sealing_keys(&one.store, &MASTER.into(), &one.ambience()).await.unwrap().sealer(NOW);
        put_in_force(&monthly, &one.store, &sealer, &one.ambience()).await.unwrap();
        let look = async || {
            let (here, there) = tokio::join!(one.server.catch_up(), other.server.catch_up());
            assert!(here.is_ok() && there.is_ok());
        };
        look().await;
        let first = listed(&one, "quiz").await[0].kid.clone();
        one.wait(30 * DAY - 1);
        look().await;
        assert_eq!(states(&one, "quiz").await, [KeyState::Signing]);
        one.wait(1);
        look().await;
        look().await;
        assert_eq!(states(&one, "quiz").await, [KeyState::Next, KeyState::Signing], "one, whoever made it");
        assert_eq!(states(&one, "wear").await, [KeyState::Signing, KeyState::Signing], "only where it is asked for");
        one.wait(KNOWN_BEFORE_SIGNING.seconds());
        look().await;
        for node in [&one, &other] {
            let published = keys(node, Side::Quiz).await;
            assert!(published.len() == 2 && published.find(&first).is_some());
            assert_ne!(kid(&node.link(&Ask::quiz()).await.access), first);
        }
        one.wait(REPLACED_MEMORY.seconds());
        look().await;
        let purged = one.store.purge(one.clock.now(), &Retention::default()).await.unwrap();
        assert_eq!(purged.replaced_keys, 1);
        let left = listed(&one, "quiz").await;
        assert!(left.iter().all(|key| key.kid != first));
        assert_eq!(left.iter().map(|key| key.state).collect::<Vec<_>>(), [KeyState::Next, KeyState::Signing]);
    }
}

#[tokio::test]
async fn keys_are_published_for_as_long_as_the_rule_counts_on() {
    let house = House::open().await;
    let answer = house.get(Side::Quiz.keys()).await;
    assert_eq!(answer.header("cache-control"), format!("public, max-age={}", KEYS_MAX_AGE.seconds()));
    let body = answer.json();
    for key in body["keys"].as_array().unwrap() {
        for private in ["d", "p", "q", "dp", "dq", "qi", "k", "oth"] {
            assert!(key.get(private).is_none(), "{private}");
        }
    }
}
