//! A provider that says what a test wants it to say, and an installation at which people may come by it.

use std::sync::{Arc, Mutex};

use sayso_authority::record::authority::Authority;
use sayso_authority::record::connection::{Connection, ConnectionAuthentication};
use sayso_authority::wire::form::Form;
use sayso_testkit::{Asked, HttpsServer, json_answer};
use sayso_token::jws;
use sayso_token::keyring::SigningKey;
use sayso_token::time::Clock as _;
use serde_json::{Value, json};

use crate::client_assertion::make_key;
use crate::house::*;

/// What the provider knows this server by.
pub(super) const CLIENT: &str = "sayso-at-corp";

/// What it says.
#[derive(Clone)]
pub(super) struct Script {
    /// Claims of the ID token beside those that every one has; `null` takes one away.
    pub(super) claims: Value,
    /// What userinfo says; `null`: there is no such endpoint.
    pub(super) userinfo: Value,
    /// Status and body of the token endpoint, instead of tokens.
    pub(super) token_error: Option<(&'static str, &'static str)>,
    /// The key that signs; the published one, unless a test says otherwise.
    pub(super) signs: Arc<SigningKey>,
    /// Whether discovery says that responses carry `iss`.
    pub(super) sends_iss: bool,
    nonce: String,
    now: i64,
}

/// The provider.
pub(super) struct Corp {
    pub(super) server: HttpsServer,
    pub(super) script: Arc<Mutex<Script>>,
}

/// Where somebody was sent.
pub(super) struct Sent {
    pub(super) url: String,
    pub(super) asked: Form,
}

impl Sent {
    pub(super) fn parameter(&self, name: &str) -> String {
        self.asked.first(name).unwrap_or_default().to_owned()
    }
}

impl Corp {
    pub(super) async fn open() -> Self {
        let key = Arc::new(make_key());
        let published = json!({ "keys": [key.public().to_json()] }).to_string();
        let script = Script {
            claims: json!({}),
            userinfo: Value::Null,
            token_error: None,
            signs: key,
            sends_iss: true,
            nonce: String::new(),
            now: 0,
        };
        let script = Arc::new(Mutex::new(script));
        let told = script.clone();
        let server = HttpsServer::start(&[], move |asked| answer(asked, &told.lock().unwrap(), &published)).await;
        Self { server, script }
    }

    pub(super) fn issuer(&self) -> String {
        self.server.url("")
    }

    pub(super) fn says(&self, change: impl FnOnce(&mut Script)) {
        change(&mut self.script.lock().unwrap());
    }

    /// What was asked at the token endpoint.
    pub(super) fn redemptions(&self) -> Vec<Asked> {
        self.server.asked().into_iter().filter(|asked| asked.target == "/token").collect()
    }

    pub(super) fn connection(&self) -> Connection {
        Connection {
            id: "corp".into(),
            name: "Example Corp".into(),
            issuer: self.issuer(),
            client_id: CLIENT.into(),
            authentication: ConnectionAuthentication::SecretBasic,
            scopes: vec!["email".into(), "profile".into()],
            email_domains: Vec::new(),
            sign_up: true,
        }
    }

    /// The house, at which people may come by this provider.
    pub(super) async fn house(&self) -> House {
        self.house_with(|_| {}).await
    }

    pub(super) async fn house_with(&self, change: impl FnOnce(&mut Connection)) -> House {
        let mut connection = self.connection();
        change(&mut connection);
        House::open().await.trusting(&self.server, |wardrobe, _| with(wardrobe, connection)).await
    }

    /// Presses the button on a login or account page; where the browser is sent.
    pub(super) async fn leave(&self, house: &House, browser: &mut Browser<'_>, page: &Answer, button: &str) -> Sent {
        let going = browser.press(page, button).await;
        assert_eq!(going.status, 200, "{}", going.body);
        let url = going.body.split("id=\"continue\" href=\"").nth(1).unwrap().split('"').next().unwrap();
        let url = url.replace("&amp;", "&").replace("&#x2f;", "/");
        assert!(going.body.contains("http-equiv=\"refresh\""), "nobody has to press a button");
        assert!(url.starts_with(&format!("{}/authorize?", self.issuer())), "{url}");
        let asked = Form::parse(url.split_once('?').unwrap().1).unwrap();
        let now = house.clock.now().seconds();
        let nonce = asked.first("nonce").unwrap().to_owned();
        self.says(|script| (script.nonce, script.now) = (nonce, now));
        Sent { url, asked }
    }

    /// Comes back as the provider sends people back.
    pub(super) async fn come_back(&self, browser: &mut Browser<'_>, sent: &Sent) -> Answer {
        let path = self.way_back(sent);
        browser.get(&path).await
    }

    pub(super) fn way_back(&self, sent: &Sent) -> String {
        let query = [("code", "c0de"), ("state", &sent.parameter("state")), ("iss", &self.issuer())];
        format!("/connections/corp/callback?{}", encode(&query))
    }

    /// Who got an account by it.
    pub(super) async fn newcomers(&self, house: &House) -> Vec<String> {
        let added = house.audit("user_added").await.into_iter();
        added
            .filter(|event| event.details.get("connection").is_some_and(|by| by == "corp"))
            .filter_map(|event| event.user)
            .collect()
    }

    /// Signs in for the account page.
    pub(super) async fn sign_in(&self, house: &House, browser: &mut Browser<'_>) -> Answer {
        let page = browser.open("/account").await;
        let sent = self.leave(house, browser, &page, "with-corp").await;
        let answer = self.come_back(browser, &sent).await;
        browser.follow(answer).await
    }
}

pub(super) fn with(authority: &mut Authority, connection: Connection) {
    authority.connections.push(connection);
}

fn answer(asked: &Asked, script: &Script, published: &str) -> String {
    let host = asked.head.lines().find_map(|line| line.strip_prefix("host: ")).unwrap_or_default();
    let issuer = format!("https://{host}");
    match asked.target.as_str() {
        "/.well-known/openid-configuration" => {
            let mut document = json!({
                "issuer": issuer,
                "authorization_endpoint": format!("{issuer}/authorize"),
                "token_endpoint": format!("{issuer}/token"),
                "jwks_uri": format!("{issuer}/keys"),
                "id_token_signing_alg_values_supported": ["RS256", "ES256"],
                "authorization_response_iss_parameter_supported": script.sends_iss,
            });
            if !script.userinfo.is_null() {
                document["userinfo_endpoint"] = json!(format!("{issuer}/userinfo"));
            }
            json_answer("200 OK", &document.to_string())
        }
        "/keys" => json_answer("200 OK", published),
        "/userinfo" => json_answer("200 OK", &script.userinfo.to_string()),
        "/token" => match script.token_error {
            Some((status, body)) => json_answer(status, body),
            None => {
                let tokens =
                    json!({ "token_type": "Bearer", "access_token": "at", "id_token": id_token(script, &issuer) });
                json_answer("200 OK", &tokens.to_string())
            }
        },
        _ => json_answer("404 Not Found", "{}"),
    }
}

fn id_token(script: &Script, issuer: &str) -> String {
    let mut claims = json!({
        "iss": issuer,
        "aud": CLIENT,
        "sub": "jane-at-corp",
        "iat": script.now,
        "exp": script.now + 300,
        "nonce": script.nonce,
        "sid": "session-at-corp",
        "email": "jane@corp.test",
        "email_verified": true,
        "given_name": "Jane",
    });
    for (name, value) in script.claims.as_object().unwrap() {
        match value {
            Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
            value => claims[name] = value.clone(),
        }
    }
    jws::sign("JWT", claims.as_object().unwrap(), &script.signs).unwrap()
}
