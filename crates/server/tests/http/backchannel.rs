//! Back-channel logout: who is told, what, how often, and what becomes of it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use sayso_authority::record::client::Client;
use sayso_testkit::{Asked, HttpsServer};
use sayso_token::jwk::JwkSet;
use sayso_token::jws;
use serde_json::{Map, Value, json};

use crate::house::*;

const GOOD: &str = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
const AWAY: &str = "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

/// A relying party whose answers the test sets.
struct Party {
    server: HttpsServer,
    answer: Arc<Mutex<&'static str>>,
}

impl Party {
    async fn start() -> Self {
        let answer = Arc::new(Mutex::new(GOOD));
        let given = answer.clone();
        let server = HttpsServer::start(&[], move |_| (*given.lock().unwrap()).to_owned()).await;
        Self { server, answer }
    }

    fn answers(&self, answer: &'static str) {
        *self.answer.lock().unwrap() = answer;
    }

    fn listens(&self, client: &mut Client) {
        client.logout.backchannel_logout_uri = Some(self.server.url(&format!("/{}", client.id)));
        client.logout.backchannel_logout_session_required = true;
    }

    /// The house, with these clients of the first authority listening.
    async fn house(&self, house: House) -> House {
        let listening = house.reconfigured(|wardrobe, quiz| {
            for id in [WEAR_CLIENT, OTHER_CLIENT] {
                self.listens(find(wardrobe, id));
            }
            self.listens(find(quiz, QUIZ_CLIENT));
        });
        listening.await.reaching(&self.server).await
    }

    async fn houses(&self) -> Vec<House> {
        let mut houses = Vec::new();
        for house in House::on_both_databases().await {
            houses.push(self.house(house).await);
        }
        houses
    }

    fn told(&self) -> Vec<Asked> {
        self.server.asked()
    }
}

/// The client signs Ada in; the claims of her ID token.
async fn sign_in<'a>(house: &'a House, browser: &mut Browser<'a>, ask: Ask) -> Map<String, Value> {
    let ask = ask.set("scope", "openid");
    let code = browser.allow(&ask, "ada").await.parameter("code").unwrap();
    let linked = Linked::of(&house.redeem(&ask, &code).await);
    jws::parse(linked.answer["id_token"].as_str().unwrap()).unwrap().payload
}

fn other() -> Ask {
    Ask::wear().set("client_id", OTHER_CLIENT)
}

async fn sign_out(browser: &mut Browser<'_>, side: Side) {
    let page = browser.open(&side.page("/logout")).await;
    assert_eq!(browser.press(&page, "logout").await.status, 303);
}

/// The logout token, judged as a client judges it (Back-Channel Logout section 2.6).
async fn judged(house: &House, asked: &Asked, client: &str) -> Map<String, Value> {
    assert_eq!((asked.method.as_str(), asked.target.as_str()), ("POST", format!("/{client}").as_str()));
    assert!(asked.head.contains("content-type: application/x-www-form-urlencoded"), "{}", asked.head);
    let token = asked.body.strip_prefix("logout_token=").unwrap();
    let keys = JwkSet::parse(house.get(Side::Wear.keys()).await.body.as_bytes()).unwrap();
    let parts = jws::parse(token).unwrap();
    assert_eq!((&parts.header["typ"], &parts.header["alg"]), (&json!("logout+jwt"), &json!("RS256")));
    let key = keys.find(parts.header["kid"].as_str().unwrap()).unwrap();
    assert!(key.verifies(parts.signed.as_bytes(), &parts.signature));
    let claims = parts.payload;
    assert_eq!((&claims["iss"], &claims["aud"], &claims["sub"]), (&json!(WEAR), &json!(client), &json!("usr_ada")));
    assert_eq!(claims["events"], json!({ "http://schemas.openid.net/event/backchannel-logout": {} }));
    let now = sayso_token::time::Clock::now(&house.clock).seconds();
    assert!(claims["iat"].as_i64().unwrap() <= now && claims["exp"].as_i64().unwrap() > now);
    assert!(!claims.contains_key("nonce") && claims["jti"].as_str().unwrap().len() > 20);
    claims
}

#[tokio::test]
async fn every_client_of_the_session_is_told_before_the_person_goes_on() {
    let party = Party::start().await;
    let mut heard = 0;
    for house in party.houses().await {
        let (mut browser, mut elsewhere) = (house.browser(), house.browser());
        let first = sign_in(&house, &mut browser, Ask::wear()).await;
        let second = sign_in(&house, &mut browser, other()).await;
        assert_eq!(first["sid"], second["sid"], "one session");
        let third = sign_in(&house, &mut elsewhere, Ask::wear()).await;
        assert_ne!(first["sid"], third["sid"]);
        sign_out(&mut browser, Side::Wear).await;

        let mut told = party.told().split_off(heard);
        told.sort_by(|one, other| other.target.cmp(&one.target));
        heard += told.len();
        assert_eq!(told.len(), 2, "{told:?}");
        for (asked, client) in told.iter().zip([WEAR_CLIENT, OTHER_CLIENT]) {
            assert_eq!(judged(&house, asked, client).await["sid"], first["sid"]);
        }
        assert_eq!(house.audit("logout_delivered").await.len(), 2);
        house.wait(3600);
        assert_eq!(house.server.tell_logouts().await.unwrap(), 0, "nothing is left to tell");
        assert_eq!(party.told().len(), heard);
    }
}

#[tokio::test]
async fn a_client_that_is_away_is_told_later_also_after_a_restart() {
    let party = Party::start().await;
    for house in party.houses().await {
        party.answers(AWAY);
        let mut browser = house.browser();
        let signed_in = sign_in(&house, &mut browser, Ask::wear()).await;
        let before = party.told().len();
        sign_out(&mut browser, Side::Wear).await;
        assert_eq!(browser.get("/account").await.status, 303, "signed out all the same");
        assert_eq!(party.told().len(), before + 1);
        house.server.tell_logouts().await.unwrap();
        assert_eq!(party.told().len(), before + 1, "not due yet");
        house.wait(6);
        house.server.tell_logouts().await.unwrap();
        assert_eq!(party.told().len(), before + 2);

        party.answers(GOOD);
        let restarted = house.reaching(&party.server).await;
        house.wait(31);
        assert_eq!(restarted.server.tell_logouts().await.unwrap(), 1);
        let told = party.told();
        assert_eq!(told.len(), before + 3);
        assert_eq!(judged(&house, told.last().unwrap(), WEAR_CLIENT).await["sid"], signed_in["sid"]);
        let [event] = &house.audit("logout_delivered").await[..] else { panic!("one event") };
        assert_eq!((event.client.as_deref(), &event.details["attempts"]), (Some(WEAR_CLIENT), &json!(3)));
    }
}

#[tokio::test]
async fn a_client_that_never_answers_is_given_up() {
    let party = Party::start().await;
    party.answers(AWAY);
    let house = party.house(House::open().await).await;
    let mut browser = house.browser();
    sign_in(&house, &mut browser, Ask::wear()).await;
    sign_out(&mut browser, Side::Wear).await;
    for _ in 0..10 {
        house.wait(3601);
        house.server.tell_logouts().await.unwrap();
    }
    assert_eq!(party.told().len(), 6);
    let [event] = &house.audit("logout_undelivered").await[..] else { panic!("one event") };
    assert_eq!((&event.details["attempts"], &event.details["reason"]), (&json!(6), &json!("fetch_status")));
    assert!(house.audit("logout_delivered").await.is_empty());
}

#[tokio::test]
async fn of_several_nodes_one_tells() {
    let party = Party::start().await;
    for house in party.houses().await {
        party.answers(AWAY);
        let mut browser = house.browser();
        sign_in(&house, &mut browser, Ask::wear()).await;
        sign_out(&mut browser, Side::Wear).await;
        party.answers(GOOD);
        let before = party.told().len();
        house.wait(6);
        let other = house.reaching(&party.server).await;
        let (one, two) = tokio::join!(house.server.tell_logouts(), other.server.tell_logouts());
        assert!(one.is_ok() && two.is_ok());
        assert_eq!(party.told().len(), before + 1);
        assert_eq!(house.audit("logout_delivered").await.len(), 1);
    }
}

#[tokio::test]
async fn whatever_ends_a_session_is_told() {
    let party = Party::start().await;
    let house = party.house(House::open().await).await;
    let heard = AtomicUsize::new(0);
    let news = || {
        let all = party.told().len();
        all - heard.swap(all, Ordering::Relaxed)
    };
    // Signing in anew is the same session to clients; somebody else at the same browser is its end.
    let mut browser = house.browser();
    let before = sign_in(&house, &mut browser, Ask::wear()).await;
    browser.open(&other().set("prompt", "login").path()).await;
    let page = browser.get("/login").await;
    browser.log_in(&page, "ada", PASSWORD).await;
    assert_eq!(sign_in(&house, &mut browser, other()).await["sid"], before["sid"]);
    house.server.tell_logouts().await.unwrap();
    assert_eq!(news(), 0);
    let page = browser.get("/login").await;
    browser.log_in(&page, "bob", PASSWORD).await;
    house.server.tell_logouts().await.unwrap();
    assert_eq!(news(), 2, "both clients of the session that somebody else took over");

    // Everywhere, at each authority.
    let (mut phone, mut desk) = (house.browser(), house.browser());
    sign_in(&house, &mut phone, Ask::wear()).await;
    sign_in(&house, &mut desk, Ask::quiz()).await;
    let page = desk.open("/oauth2/quiz/logout").await;
    desk.press(&page, "logout-everywhere").await;
    house.server.tell_logouts().await.unwrap();
    assert_eq!(news(), 2);

    // An operator's stop.
    let mut browser = house.browser();
    sign_in(&house, &mut browser, Ask::wear()).await;
    let ada = sayso_testkit::records::ada().id;
    assert!(house.store.disable_user(&ada, sayso_token::time::Clock::now(&house.clock)).await.unwrap());
    house.server.tell_logouts().await.unwrap();
    assert_eq!(news(), 1);
    assert!(house.store.enable_user(&ada, sayso_token::time::Clock::now(&house.clock)).await.unwrap());
    assert_eq!(browser.get("/account").await.status, 303, "enabling brings no session back");
}

#[tokio::test]
async fn addresses_inside_are_never_posted_to() {
    let party = Party::start().await;
    let listening = House::open().await;
    let listening = listening.reconfigured(|wardrobe, _| party.listens(find(wardrobe, WEAR_CLIENT))).await;
    let mut browser = listening.browser();
    sign_in(&listening, &mut browser, Ask::wear()).await;
    sign_out(&mut browser, Side::Wear).await;
    assert!(party.told().is_empty(), "loopback is not public");
    assert_eq!(browser.get("/account").await.status, 303);
}

/// OpenID Connect Core section 8: a client with pairwise subjects learns nobody's id from a logout token.
#[tokio::test]
async fn a_pairwise_client_is_told_of_the_subject_that_it_knows() {
    use sayso_authority::record::authorization_rule::SubjectType;

    let party = Party::start().await;
    let house = House::open().await;
    let house = house.reconfigured(|wardrobe, _| {
        let client = find(wardrobe, WEAR_CLIENT);
        party.listens(client);
        client.authorization.subject_type = SubjectType::Pairwise;
        client.authorization.sector_identifier = Some("skills.test".to_owned());
    });
    let house = house.await.reaching(&party.server).await;
    let mut browser = house.browser();
    let known = sign_in(&house, &mut browser, Ask::wear()).await;
    sign_out(&mut browser, Side::Wear).await;
    let told = party.told();
    let token = told[0].body.strip_prefix("logout_token=").unwrap();
    let claims = jws::parse(token).unwrap().payload;
    assert_eq!(claims["sub"], known["sub"]);
    assert!(!format!("{known:?}{claims:?}").contains("usr_ada"));
}
