//! The authority's endpoints through their router, without a socket: what Sayso itself costs. The store is a real file
//! with durable commits. `bare RS256` is one signature with the same key size, the floor under every JWT.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]
#![allow(clippy::disallowed_methods, reason = "the bare signature demands the library's source of chance")]

use std::hint::black_box;
use std::sync::Arc;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use axum::Router;
use axum::body::Body;
use axum::http::Request;
use criterion::{Criterion, criterion_group, criterion_main};
use http_body_util::BodyExt as _;
use sayso_authority::Decision;
use sayso_authority::decide::refresh_token::mint;
use sayso_authority::record::change::Change;
use sayso_authority::record::grant::RefreshChain;
use sayso_server::sealing::sealing_keys;
use sayso_server::{Ambience, Server, Settings};
use sayso_testkit::tutorials::{
    CLIENT_SECRET, MACHINE_CLIENT, QUIZ_CLIENT, WEAR_AUDIENCE, quiz_authority, wear_authority,
};
use sayso_testkit::{NOW, SeededEntropy, TempStore, TestClock, records};
use serde_json::Value;
use tokio::runtime::Runtime;
use tower::ServiceExt as _;

const MASTER: [u8; 32] = [7; 32];

struct House {
    router: Router,
    store: TempStore,
}

impl House {
    async fn open() -> Self {
        let store = TempStore::open().await;
        store.seed_user(&records::ada()).await.unwrap();
        let settings = Settings {
            authorities: vec![wear_authority(), quiz_authority()],
            attributes: Vec::new(),
            store: store.clone(),
            masters: MASTER.into(),
            clock: Arc::new(TestClock::new()),
            entropy: SeededEntropy::shared(1),
            overrides: None,
            admin: None,
            outgoing: sayso_server::Outgoing::default(),
            connection_secrets: sayso_server::ConnectionSecrets::none(),
        };
        Self { router: Server::open(settings).await.unwrap().router(), store }
    }

    async fn post(&self, url: &str, form: &str) -> Value {
        let (host, path) = url.strip_prefix("https://").unwrap().split_once('/').unwrap();
        let request = Request::post(format!("/{path}"))
            .header("host", host)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(form.to_owned()));
        let answer = self.router.clone().oneshot(request.unwrap()).await.unwrap();
        assert_eq!(answer.status(), 200, "{url}");
        serde_json::from_slice(&answer.into_body().collect().await.unwrap().to_bytes()).unwrap()
    }

    /// A linked account; its first refresh token.
    async fn link(&self) -> String {
        let mut grant = records::grant("AAAAAAAAAAAAAAAAAAAAAA");
        let ambience = Ambience { clock: Arc::new(TestClock::new()), entropy: SeededEntropy::shared(3) };
        let sealer = sealing_keys(&self.store, &MASTER.into(), &ambience).await.unwrap().sealer(NOW);
        let (token, live) = mint("quiz", &grant.id, 0, &sealer, &mut SeededEntropy::new(2));
        grant.refresh = Some(RefreshChain { generation: 0, live, steps: Vec::new() });
        let grant = &grant;
        let added: Result<(), ()> =
            self.store
                .settle(&TestClock::new(), |_, _| async move {
                    Ok(Decision::reply(()).change(Change::AddGrant(grant.clone())))
                })
                .await
                .unwrap();
        added.unwrap();
        token.expose().to_owned()
    }

    async fn refresh(&self, token: &str) -> Value {
        let form = format!(
            "grant_type=refresh_token&refresh_token={token}&client_id={QUIZ_CLIENT}&client_secret={}",
            CLIENT_SECRET.replace(' ', "+")
        );
        self.post("https://quiz.example/oauth2/quiz/v1/token", &form).await
    }
}

fn endpoints(criterion: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    let house = runtime.block_on(House::open());
    let secret = CLIENT_SECRET.replace(' ', "+");
    let mut group = criterion.benchmark_group("authority");

    let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
    let mut signature = vec![0; pair.public_modulus_len()];
    group.bench_function("bare RS256", |bencher| {
        bencher.iter(|| {
            pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), black_box(&[0; 300]), &mut signature).unwrap();
        });
    });

    let form = format!(
        "grant_type=client_credentials&audience={WEAR_AUDIENCE}&client_id={MACHINE_CLIENT}&client_secret={secret}"
    );
    group.bench_function("client credentials, RS256", |bencher| {
        bencher.iter(|| runtime.block_on(house.post("https://wear.example/oauth/token", black_box(&form))));
    });

    let mut token = runtime.block_on(house.link());
    group.bench_function("refresh with its durable commit, RS256", |bencher| {
        bencher.iter(|| {
            let reply = runtime.block_on(house.refresh(&token));
            token = reply["refresh_token"].as_str().unwrap().to_owned();
        });
    });

    let access = runtime.block_on(house.refresh(&token));
    let form =
        format!("token={}&client_id={QUIZ_CLIENT}&client_secret={secret}", access["access_token"].as_str().unwrap());
    group.bench_function("introspection of a revocable token", |bencher| {
        bencher.iter(|| {
            let url = "https://quiz.example/oauth2/quiz/v1/introspect";
            let answer = runtime.block_on(house.post(url, black_box(&form)));
            assert_eq!(answer["active"], true);
        });
    });
    group.finish();
}

criterion_group!(benches, endpoints);
criterion_main!(benches);
