//! An installation with the two authorities of `sayso dev`, without sockets.

pub(crate) mod answer;
pub(crate) mod ask;
pub(crate) mod authorities;
pub(crate) mod browser;
pub(crate) mod log;
pub(crate) mod look;

use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use http::{HeaderValue, Request};
use sayso_authority::record::attribute::Attribute;
use sayso_authority::record::authority::Authority;
use sayso_authority::record::configuration::Configuration;
use sayso_authority::record::user::User;
use sayso_authority::wire::query::with_parameters;
use sayso_connections::fetch::Outgoing;
use sayso_connections::password::PasswordHasher;
use sayso_server::{Ambience, ConnectionSecrets, MasterKeySource, OpenError, Server, Settings};
use sayso_store::{Address, Store, StoredEvent};
use sayso_testkit::tutorials::CLIENT_SECRET;
use sayso_testkit::{HttpsServer, PostgresServer, SeededEntropy, TestClock, records};
use sayso_token::encoding::base64;
use sayso_token::secret::Secret;
use serde_json::Value;
use tempfile::TempDir;
use tokio::sync::OnceCell;
use tower::ServiceExt as _;

pub(crate) use answer::Answer;
pub(crate) use ask::{Ask, CHALLENGE, Linked, Side, VERIFIER};
pub(crate) use authorities::*;
pub(crate) use browser::Browser;

/// What everyone's password is.
pub(crate) const PASSWORD: &str = "correct horse battery teal";
pub(crate) const FORM: &str = "application/x-www-form-urlencoded";
pub(crate) const MASTER: [u8; 32] = [7; 32];

/// An installation. Clones are the same one.
#[derive(Clone)]
pub(crate) struct House {
    pub(crate) clock: TestClock,
    pub(crate) store: Store,
    authorities: [Authority; 2],
    pub(crate) server: Server,
    router: Router,
    directory: Arc<TempDir>,
    seed: u64,
}

impl House {
    pub(crate) async fn open() -> Self {
        Self::with(|_, _| {}).await
    }

    /// With the authorities (wardrobe, quiz) changed.
    pub(crate) async fn with(change: impl FnOnce(&mut Authority, &mut Authority)) -> Self {
        log::capture();
        let directory = Arc::new(tempfile::Builder::new().prefix("sayso-http-").tempdir().unwrap());
        std::fs::write(database(&directory), template().await).unwrap();
        let store = Store::open(&database(&directory)).await.unwrap();
        let clock = TestClock::new();
        let [mut wardrobe, mut quiz] = [authorities::wardrobe(), authorities::quiz()];
        change(&mut wardrobe, &mut quiz);
        Self::furnish(store, clock, directory, ([wardrobe, quiz], 1)).await
    }

    /// One with its memory in a file, and, where PostgreSQL is installed, one with it there.
    pub(crate) async fn on_both_databases() -> Vec<Self> {
        Self::on_both_databases_with(|_, _| {}).await
    }

    /// The same, with the authorities changed.
    pub(crate) async fn on_both_databases_with(change: impl Fn(&mut Authority, &mut Authority)) -> Vec<Self> {
        let mut houses = vec![Self::with(&change).await];
        if let Some(server) = PostgresServer::shared() {
            houses.push(Self::with(&change).await.moved_to(&server.new_schema()).await);
        }
        houses
    }

    /// With its memory on that server.
    pub(crate) async fn on(server: &PostgresServer) -> Self {
        Self::at(&server.new_schema()).await
    }

    /// With its memory at that address of PostgreSQL.
    pub(crate) async fn at(address: &str) -> Self {
        Self::open().await.moved_to(address).await
    }

    async fn moved_to(self, address: &str) -> Self {
        let store = Store::open(Address::parse(address).unwrap()).await.unwrap();
        let file = self;
        copy(&file.store, &store).await;
        Self::furnish(store, file.clock, file.directory, (file.authorities, file.seed)).await
    }

    /// The same memory at the same time under another configuration, as after a restart.
    pub(crate) async fn reconfigured(&self, change: impl FnOnce(&mut Authority, &mut Authority)) -> Self {
        let [mut wardrobe, mut quiz] = self.authorities.clone();
        change(&mut wardrobe, &mut quiz);
        let (store, clock, directory) = (self.store.clone(), self.clock.clone(), self.directory.clone());
        Self::furnish(store, clock, directory, ([wardrobe, quiz], self.seed + 1)).await
    }

    /// The same memory at the same time under another profile schema, as after a restart.
    pub(crate) async fn with_schema(&self, attributes: Vec<Attribute>) -> Self {
        let settings = settings(self.authorities.to_vec(), &self.store, &self.clock, self.seed + 1);
        let server = Server::open(Settings { attributes, ..settings }).await.unwrap();
        let router = server.router();
        Self { server, router, ..self.clone() }
    }

    /// As [`reconfigured`](Self::reconfigured), allowed to fetch from that server on this machine.
    pub(crate) async fn trusting(
        &self,
        server: &HttpsServer,
        change: impl FnOnce(&mut Authority, &mut Authority),
    ) -> Self {
        let house = self.reconfigured(change).await;
        let outgoing = Outgoing { extra_ca: Some(server.ca.clone().into_bytes()), loopback: true };
        let settings = settings(house.authorities.to_vec(), &house.store, &house.clock, house.seed);
        let server = Server::open(Settings { outgoing, ..settings }).await.unwrap();
        let router = server.router();
        Self { server, router, ..house }
    }

    /// Another node on the same memory, which reads its master keys there.
    pub(crate) async fn with_masters(&self, masters: MasterKeySource) -> Self {
        let settings = settings(self.authorities.to_vec(), &self.store, &self.clock, self.seed + 1);
        let server = Server::open(Settings { masters, ..settings }).await.unwrap();
        let router = server.router();
        Self { server, router, ..self.clone() }
    }

    /// Another node on the same memory, whose clock is so many seconds ahead, or behind.
    pub(crate) async fn skewed(&self, seconds: i64) -> Self {
        let clock = TestClock::new();
        let now = sayso_token::time::Clock::now(&self.clock);
        clock.set(sayso_token::time::Timestamp::from_millis(now.millis() + seconds * 1000));
        let server = open(self.authorities.to_vec(), &self.store, &clock, self.seed + 1).await.unwrap();
        let router = server.router();
        Self { clock, server, router, seed: self.seed + 1, ..self.clone() }
    }

    /// The same installation, as after a restart, whose own requests may go to that server on this machine.
    pub(crate) async fn reaching(&self, there: &HttpsServer) -> Self {
        let settings = settings(self.authorities.to_vec(), &self.store, &self.clock, self.seed + 1);
        let outgoing = Outgoing { extra_ca: Some(there.ca.clone().into_bytes()), loopback: true };
        let server = Server::open(Settings { outgoing, ..settings }).await.unwrap();
        let router = server.router();
        Self { server, router, seed: self.seed + 1, ..self.clone() }
    }

    /// The same installation with another memory, as after a restore.
    pub(crate) async fn remembering(&self, store: Store) -> Self {
        let (clock, directory) = (self.clock.clone(), self.directory.clone());
        Self::furnish(store, clock, directory, (self.authorities.clone(), self.seed + 1)).await
    }

    /// Where its memory is, and where copies of it may be put.
    pub(crate) fn file(&self) -> PathBuf {
        database(&self.directory)
    }

    async fn furnish(
        store: Store,
        clock: TestClock,
        directory: Arc<TempDir>,
        (authorities, seed): ([Authority; 2], u64),
    ) -> Self {
        let server = open(authorities.to_vec(), &store, &clock, seed).await.unwrap();
        let router = server.router();
        Self { clock, store, authorities, server, router, directory, seed }
    }

    /// The configuration it was opened with, changed.
    pub(crate) fn configuration(&self, change: impl FnOnce(&mut Authority, &mut Authority)) -> Configuration {
        let [mut wardrobe, mut quiz] = self.authorities.clone();
        change(&mut wardrobe, &mut quiz);
        Configuration { attributes: schema(), authorities: vec![wardrobe, quiz] }
    }

    /// What commands run beside it have.
    pub(crate) fn ambience(&self) -> Ambience {
        Ambience { clock: Arc::new(self.clock.clone()), entropy: SeededEntropy::shared(self.seed + 1000) }
    }

    pub(crate) fn browser(&self) -> Browser<'_> {
        Browser::new(self)
    }

    /// Lets seconds go by.
    pub(crate) fn wait(&self, seconds: u32) {
        self.clock.advance(sayso_token::time::Lifetime::from_seconds(seconds));
    }

    /// All bytes that lie on disk.
    pub(crate) fn disk(&self) -> Vec<u8> {
        let files = std::fs::read_dir(self.directory.path()).unwrap();
        files.flat_map(|file| std::fs::read(file.unwrap().path()).unwrap()).collect()
    }

    /// The newest audit events of that kind.
    pub(crate) async fn audit(&self, kind: &str) -> Vec<StoredEvent> {
        let events = self.store.lookups().audit(1000).await.unwrap();
        events.into_iter().filter(|event| event.kind == kind).collect()
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        self.send_from(Ipv4Addr::LOCALHOST.into(), request).await
    }

    /// Sends from that address.
    pub(crate) async fn send_from(&self, address: IpAddr, mut request: Request<Body>) -> Answer {
        request.headers_mut().entry(HOST).or_insert(HeaderValue::from_static("127.0.0.1:4000"));
        let peer = sayso_web::listen::Peer { address, tls: false };
        request.extensions_mut().insert(peer);
        Answer::of(self.router.clone().oneshot(request).await.unwrap()).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    /// Gets with an access token.
    pub(crate) async fn bearer(&self, path: &str, token: &str) -> Answer {
        let request = Request::get(path).header(AUTHORIZATION, format!("Bearer {token}"));
        self.send(request.body(Body::empty()).unwrap()).await
    }

    /// Posts a form without an `Authorization` header.
    pub(crate) async fn post(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        self.post_body(path, None, encode(form)).await
    }

    /// Posts a form as this confidential client, by HTTP Basic.
    pub(crate) async fn post_as(&self, client: &str, path: &str, form: &[(&str, &str)]) -> Answer {
        self.post_body(path, Some(&basic(client, CLIENT_SECRET)), encode(form)).await
    }

    pub(crate) async fn post_body(&self, path: &str, authorization: Option<&str>, body: String) -> Answer {
        let mut request = Request::post(path).header(CONTENT_TYPE, FORM);
        if let Some(authorization) = authorization {
            request = request.header(AUTHORIZATION, authorization);
        }
        self.send(request.body(Body::from(body)).unwrap()).await
    }

    /// Ada allows; the code.
    pub(crate) async fn code(&self, ask: &Ask) -> String {
        self.browser().allow(ask, "ada").await.parameter("code").unwrap()
    }

    /// Exchanges a code as the client that asked.
    pub(crate) async fn redeem(&self, ask: &Ask, code: &str) -> Answer {
        self.post_body(ask.side.token(), ask.authorization().as_deref(), ask.redemption(code)).await
    }

    /// Ada links her account.
    pub(crate) async fn link(&self, ask: &Ask) -> Linked {
        let code = self.code(ask).await;
        let answer = self.redeem(ask, &code).await;
        Linked::of(&answer)
    }

    pub(crate) async fn refresh(&self, ask: &Ask, refresh_token: &str) -> Answer {
        self.refresh_with(ask, refresh_token, &[]).await
    }

    pub(crate) async fn refresh_with(&self, ask: &Ask, refresh_token: &str, more: &[(&str, &str)]) -> Answer {
        let mut form = vec![("grant_type", "refresh_token"), ("refresh_token", refresh_token)];
        form.extend(ask.public_id());
        form.extend(more);
        self.post_body(ask.side.token(), ask.authorization().as_deref(), encode(&form)).await
    }

    /// What the authority says of a token to this client.
    pub(crate) async fn introspect(&self, side: Side, client: &str, token: &str) -> Value {
        let answer = self.post_as(client, side.introspect(), &[("token", token)]).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()
    }

    pub(crate) async fn is_active(&self, side: Side, client: &str, token: &str) -> bool {
        let answer = self.introspect(side, client, token).await;
        if answer["active"] == false {
            assert_eq!(answer.as_object().unwrap().len(), 1, "an inactive token says nothing else: {answer}");
        }
        answer["active"].as_bool().unwrap()
    }
}

/// Opens an installation of these authorities.
pub(crate) async fn open(
    authorities: Vec<Authority>,
    store: &Store,
    clock: &TestClock,
    seed: u64,
) -> Result<Server, OpenError> {
    Server::open(settings(authorities, store, clock, seed)).await
}

fn settings(authorities: Vec<Authority>, store: &Store, clock: &TestClock, seed: u64) -> Settings {
    Settings {
        admin: crate::admin::settings(&authorities),
        authorities,
        attributes: schema(),
        store: store.clone(),
        masters: MASTER.into(),
        clock: Arc::new(clock.clone()),
        entropy: SeededEntropy::shared(seed),
        overrides: None,
        outgoing: Outgoing::default(),
        connection_secrets: ConnectionSecrets::new(|id| Ok(Secret::new(format!("secret of {id}")))),
    }
}

/// `application/x-www-form-urlencoded`.
pub(crate) fn encode(form: &[(&str, &str)]) -> String {
    with_parameters("?", form).split_off(1)
}

/// The `Authorization` header of a client.
pub(crate) fn basic(client: &str, secret: &str) -> String {
    let part = |text: &str| encode(&[("", text)]).split_off(1);
    format!("Basic {}", base64(format!("{}:{}", part(client), part(secret)).as_bytes()))
}

fn schema() -> Vec<Attribute> {
    let attribute = |name: &str, label: &str, self_editable| Attribute {
        label: label.to_owned(),
        ..Attribute::text(name, self_editable, 40)
    };
    vec![
        attribute("firstName", "First name", true),
        attribute("favoriteColor", "Favorite color", true),
        attribute("email", "E-mail address", false),
    ]
}

fn database(directory: &TempDir) -> PathBuf {
    directory.path().join("sayso.db")
}

/// A database with keys, Ada, Bob and the disabled Mallory: RSA keys and hashes are made once for all tests.
async fn template() -> &'static [u8] {
    static TEMPLATE: OnceCell<Vec<u8>> = OnceCell::const_new();
    TEMPLATE.get_or_init(make_template).await
}

async fn make_template() -> Vec<u8> {
    let directory = tempfile::Builder::new().prefix("sayso-http-").tempdir().unwrap();
    let file = database(&directory);
    let store = Store::open(&file).await.unwrap();
    let clock = TestClock::new();
    open(vec![authorities::wardrobe(), authorities::quiz()], &store, &clock, 0).await.unwrap();
    let hash = PasswordHasher::new(1).hash(&Secret::new(PASSWORD), &SeededEntropy::shared(0)).await.unwrap();
    for mut user in [records::ada(), records::user("bob"), records::user("mallory")] {
        user.password_hash = hash.clone();
        seed(&store, &user).await;
    }
    let mallory = records::user("mallory").id;
    assert!(store.disable_user(&mallory, sayso_testkit::NOW).await.unwrap());
    store.close().await;
    read(&file)
}

/// The people and keys of the template.
async fn copy(from: &Store, to: &Store) {
    for key in from.lookups().sealing_keys().await.unwrap() {
        assert!(to.add_first_sealing_key(&key).await.unwrap());
    }
    for authority in [authorities::wardrobe(), authorities::quiz()] {
        for key in from.lookups().signing_keys(&authority.id).await.unwrap() {
            assert!(to.add_signing_key(&authority.id, &key).await.unwrap());
        }
    }
    for user in [records::ada(), records::user("bob"), records::user("mallory")] {
        seed(to, &from.lookups().user(&user.id).await.unwrap().unwrap()).await;
    }
}

async fn seed(store: &Store, user: &User) {
    assert!(store.seed_user(user).await.unwrap());
}

fn read(file: &Path) -> Vec<u8> {
    std::fs::read(file).unwrap()
}
