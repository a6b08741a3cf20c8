//! A database of every release is brought up to date with all that is in it.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod deciding;

use deciding::{keep, kept};
use sayso_authority::record::change::Change;
use sayso_authority::record::code::Code;
use sayso_authority::record::grant::{Grant, GrantId, RefreshChain, RefreshStep};
use sayso_authority::record::session::{SESSION_LIFETIME, Session};
use sayso_authority::record::terms::Terms;
use sayso_authority::record::user::{User, UserId};
use sayso_store::schema::Migrate;
use sayso_store::{Address, Retention, Store, StoreError, StoredKey};
use sayso_testkit::records::{ada, digest, grant, user};
use sayso_testkit::{NOW, PostgresServer};
use sayso_token::algorithm::Algorithm;
use sayso_token::digest::Digest;
use sayso_token::secret::Secret;
use sayso_token::time::{Lifetime, Timestamp};
use tempfile::TempDir;

/// Of each released version: its number, the migration that brought it, a database as it left it; and what the two
/// texts hash to. A release adds a line, and no line ever changes: whoever sees this test fail undoes the change, and
/// makes a new migration.
const RELEASED: &[(i64, &str, &str, &str, &str)] = &[
    (
        1,
        include_str!("../migrations/0001_begin.sql"),
        "154506902d5943193412a633cb202c5fa62ed6ffac94538ee628c55be8cab399",
        include_str!("released/schema_1.sql"),
        "5f621b9478f0cde497fe772baa62a1d0dcc7d97505310d512a4543d3e7723f78",
    ),
    (
        2,
        include_str!("../migrations/0002_sealing_and_configuration.sql"),
        "dfdd805b648cadd935d77b6fe7b5060600a2c90d8b9d7bfdbd1b9d29cfdcf4d4",
        include_str!("released/schema_2.sql"),
        "fd9fc3628aadeb0d1cc0cb28e4aa331df52cfd373b2791b2d6979f3463f22cfc",
    ),
];

/// A database as a release left it.
struct Old {
    address: Address,
    _folder: Option<TempDir>,
}

impl Old {
    fn in_a_file(sql: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("sayso.db");
        let connection = rusqlite::Connection::open(&file).unwrap();
        connection.execute_batch(&format!("PRAGMA journal_mode = WAL; {sql}")).unwrap();
        connection.close().unwrap();
        Self { address: Address::File(file), _folder: Some(folder) }
    }

    fn on_a_server(sql: &str) -> Option<Self> {
        let server = PostgresServer::shared()?;
        let old = Self { address: Address::parse(&server.new_schema()).unwrap(), _folder: None };
        server.execute(&format!("SET search_path = {}; {}", old.schema(), sql.replace("X'", "'\\x")));
        Some(old)
    }

    fn on_both(sql: &str) -> impl Iterator<Item = Self> {
        std::iter::once(Self::in_a_file(sql)).chain(Self::on_a_server(sql))
    }

    fn schema(&self) -> String {
        let Address::Postgres(address) = &self.address else { panic!("{}", self.address) };
        address.options().unwrap().replace("-c search_path=", "")
    }

    /// The texts that a query answers with, which may name the schema as `{schema}`.
    fn ask(&self, in_a_file: &str, on_a_server: &str) -> Vec<String> {
        match &self.address {
            Address::File(file) => {
                let connection = rusqlite::Connection::open(file).unwrap();
                let mut query = connection.prepare(in_a_file).unwrap();
                query.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
            }
            Address::Postgres(_) => {
                let schema = self.schema();
                let sql = format!("SET search_path = {schema}; {}", on_a_server.replace("{schema}", &schema));
                let answer = PostgresServer::shared().unwrap().execute(&sql).replace(&format!("{schema}."), "");
                answer.lines().map(str::to_owned).collect()
            }
        }
    }

    /// All tables, columns and indexes.
    fn shape(&self) -> Vec<String> {
        let texts = self.ask(
            "SELECT name || COALESCE(sql, '') FROM sqlite_master ORDER BY name",
            "SELECT concat(table_name, column_name, data_type, is_nullable, column_default) \
             FROM information_schema.columns WHERE table_schema = '{schema}' UNION ALL \
             SELECT indexdef FROM pg_indexes WHERE schemaname = '{schema}' ORDER BY 1",
        );
        texts.iter().map(|text| text.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
    }

    fn numbers(&self) -> Vec<String> {
        let sql = "SELECT CAST(version AS TEXT) FROM schema_version ORDER BY version";
        self.ask(sql, sql)
    }

    fn rows(&self, table: &str) -> Vec<String> {
        let sql = format!("SELECT CAST(count(*) AS TEXT) FROM {table}");
        self.ask(&sql, &sql)
    }
}

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(NOW.millis() + millis)
}

/// Digests and secrets print only a part of themselves.
fn same(found: &impl std::fmt::Debug, stored: &impl std::fmt::Debug) {
    assert_eq!(format!("{found:?}"), format!("{stored:?}"));
}

async fn people_read_back(store: &Store) {
    let mut first = User { version: 3, password_hash: Secret::new("hash of ada"), ..ada() };
    first.attributes.remove("firstName");
    let bob =
        User { password_hash: Secret::new("hash of bob"), created_at: at(1), disabled_at: Some(at(2)), ..user("bob") };
    for stored in [first, bob] {
        let found = store.lookups().user(&stored.id).await.unwrap().unwrap();
        same(&found, &stored);
        assert!(found.password_hash.matches(&stored.password_hash));
        same(&store.lookups().user_by_username(&stored.username).await.unwrap().unwrap(), &stored);
    }
    let session = Session {
        digest: digest("session"),
        authority: "quiz".to_owned(),
        user: ada().id,
        signed_in_at: NOW,
        expires_at: NOW + SESSION_LIFETIME,
        sid: Session::sid_of(&digest("session")),
        upstream: None,
    };
    same(&store.lookups().session(&session.digest).await.unwrap().unwrap(), &session);
}

async fn codes_read_back(store: &Store) {
    let fresh = Code {
        digest: digest("code fresh"),
        authority: "quiz".to_owned(),
        client: "alexa".to_owned(),
        user: ada().id,
        redirect_uri: "https://layla.amazon.com/api/skill/link/M1".to_owned(),
        audience: "https://api.example/quiz".to_owned(),
        scopes: vec!["openid".to_owned(), "profile".to_owned()],
        code_challenge: Some("the challenge".to_owned()),
        nonce: Some("the nonce".to_owned()),
        terms: Terms::default(),
        signed_in_at: NOW,
        sid: None,
        issued_at: at(5),
        expires_at: at(60_005),
        wrong_proofs: 2,
        spent_at: None,
        spent_proof: None,
        grant: None,
    };
    let spent = Code {
        digest: digest("code spent"),
        scopes: Vec::new(),
        code_challenge: None,
        nonce: None,
        wrong_proofs: 0,
        spent_at: Some(at(9)),
        spent_proof: Some(digest("proof")),
        grant: Some(GrantId("linked".to_owned())),
        ..fresh.clone()
    };
    for stored in [fresh, spent] {
        let found = store.lookups().code(&stored.digest).await.unwrap().unwrap();
        same(&found, &stored);
        assert_eq!((found.digest, found.spent_proof), (stored.digest, stored.spent_proof));
    }
    assert!(store.lookups().is_spent("form", &digest("form")).await.unwrap());
}

fn linked() -> Grant {
    let step =
        RefreshStep { generation: 6, token: digest("linked 6"), first_used_at: at(70), successor: "sealed".to_owned() };
    Grant {
        client: "alexa".to_owned(),
        audience: "https://api.example/quiz".to_owned(),
        created_at: at(9),
        last_used_at: at(70),
        epoch: 4,
        refresh: Some(RefreshChain { generation: 7, live: digest("linked 7"), steps: vec![step] }),
        ..grant("linked")
    }
}

async fn grants_read_back(store: &Store) {
    let ended = Grant {
        scopes: Vec::new(),
        last_used_at: at(9),
        epoch: 0,
        revoked_at: Some(at(80)),
        refresh: grant("ended").refresh,
        id: GrantId("ended".to_owned()),
        ..linked()
    };
    let short = Grant {
        id: GrantId("short".to_owned()),
        authority: "wear".to_owned(),
        client: "app".to_owned(),
        user: UserId("usr_bob".to_owned()),
        audience: "https://api.example/wear".to_owned(),
        revoked_at: None,
        refresh: None,
        ..ended.clone()
    };
    for stored in [linked(), ended, short] {
        let found = store.lookups().grant(&stored.id).await.unwrap().unwrap();
        same(&found, &stored);
        assert_eq!(found.refresh, stored.refresh);
    }
    assert_eq!(store.lookups().grants_of_user(&ada().id, None).await.unwrap().len(), 1);
}

async fn keys_and_events_read_back(store: &Store) {
    let key = |generation: i64| StoredKey {
        kid: format!("kid-{generation}"),
        algorithm: Algorithm::Rs256,
        generation,
        sealed: format!("sealed key {generation}"),
        created_at: at(generation),
        revoked_at: None,
    };
    assert_eq!(store.lookups().signing_keys("quiz").await.unwrap(), [key(1), key(0)]);
    let events = store.lookups().audit(100).await.unwrap();
    let told: Vec<_> = events.iter().map(|event| (event.kind.as_str(), event.at, event.grant.as_deref())).collect();
    assert_eq!(told, [("signed_in", at(9), None), ("account_linked", at(9), Some("linked"))]);
    assert_eq!(events[1].client.as_deref(), Some("alexa"));
    assert_eq!(events[1].details["audience"], "https://api.example/quiz");
}

async fn guards_still_work(store: &Store) {
    let spend = |code: &str| Change::SpendCode {
        code: digest(code),
        at: at(20),
        proof: digest("p"),
        grant: Some(GrantId("linked".to_owned())),
    };
    let advance = |grant: &str, from_generation: i64| {
        let chain = RefreshChain { generation: from_generation + 1, live: digest("next"), steps: Vec::new() };
        Change::AdvanceRefresh { grant: GrantId(grant.to_owned()), from_generation, chain, used_at: at(100) }
    };
    let spend_once = |name: &str| Change::SpendOnce { kind: "form", value: digest(name), expires_at: at(1) };
    let cases = [
        ("a spent code", spend("code spent"), false),
        ("a fresh code", spend("code fresh"), true),
        ("the same once more", spend("code fresh"), false),
        ("an old generation", advance("linked", 6), false),
        ("the live generation", advance("linked", 7), true),
        ("the same once more", advance("linked", 7), false),
        ("a revoked grant", advance("ended", 0), false),
        ("a grant without refresh", advance("short", 0), false),
        ("a spent value", spend_once("form"), false),
        ("another value", spend_once("other form"), true),
        ("a name that is taken", Change::AddUser(User { id: UserId("usr_other".to_owned()), ..ada() }), false),
        ("a grant that is there", Change::AddGrant(linked()), false),
        ("a live grant", Change::RevokeGrant { grant: GrantId("linked".to_owned()), at: at(200) }, true),
    ];
    for (name, change, wins) in cases {
        assert_eq!(kept(store, &[change]).await, wins, "{name}");
    }
    // Revoking once more is no loss, and does not move the time.
    keep(store, &[Change::RevokeGrant { grant: GrantId("ended".to_owned()), at: at(200) }]).await;
    let ended = store.lookups().grant(&GrantId("ended".to_owned())).await.unwrap().unwrap();
    assert_eq!(ended.revoked_at, Some(at(80)));
}

#[test]
fn the_text_of_what_was_released_never_changes() {
    let hex = |text: &str| -> String {
        Digest::of(text.as_bytes()).as_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
    };
    for (version, migration, its_digest, database, its_own) in RELEASED {
        assert_eq!(hex(migration), *its_digest, "migration {version}");
        assert_eq!(hex(database), *its_own, "database of schema {version}");
    }
    let numbers: Vec<i64> = RELEASED.iter().map(|released| released.0).collect();
    assert_eq!(numbers, (1..).take(RELEASED.len()).collect::<Vec<i64>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn every_released_schema_is_brought_up_to_date_with_what_is_in_it() {
    for (version, _, _, sql, _) in RELEASED {
        for old in Old::on_both(sql) {
            let refused = Store::open_with(&old.address, Migrate::ByCommand).await.unwrap_err();
            assert!(matches!(refused, StoreError::OlderSchema { found, .. } if found == *version), "{refused}");
            let steps = Store::outlook(&old.address).await.unwrap().steps;
            assert_eq!(old.numbers().len() as i64, *version, "looking changes nothing");
            let store = Store::open(&old.address).await.unwrap();
            assert_eq!(old.numbers().len() as i64, version + steps.len() as i64);
            people_read_back(&store).await;
            codes_read_back(&store).await;
            grants_read_back(&store).await;
            keys_and_events_read_back(&store).await;
            if *version >= 2 {
                assert_eq!(
                    (old.rows("sealing_keys"), old.rows("configurations")),
                    (vec!["1".into()], vec!["1".into()])
                );
            }
            guards_still_work(&store).await;
            store.purge(NOW + Lifetime::from_seconds(400 * 24 * 60 * 60), &Retention::default()).await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upgraded_database_is_like_a_new_one_and_a_second_start_changes_nothing() {
    const TABLES: [&str; 9] = [
        "users",
        "sessions",
        "codes",
        "grants",
        "spent_once",
        "signing_keys",
        "audit_events",
        "schema_version",
        "schema_compatibility",
    ];
    for (_, _, _, sql, _) in RELEASED {
        for (old, new) in Old::on_both(sql).zip(Old::on_both("")) {
            Store::open(&old.address).await.unwrap().close().await;
            Store::open(&new.address).await.unwrap().close().await;
            let (shape, numbers) = (old.shape(), old.numbers());
            assert_eq!(shape, new.shape());
            assert_eq!(numbers, new.numbers());
            let rows = TABLES.map(|table| old.rows(table));
            let again = Store::open_with(&old.address, Migrate::ByCommand).await.unwrap();
            assert!(Store::migrate(&old.address).await.unwrap().is_empty());
            assert_eq!((old.shape(), old.numbers(), TABLES.map(|table| old.rows(table))), (shape, numbers, rows));
            keep(&again, &[Change::AddGrant(grant("new"))]).await;
        }
    }
}

/// Several nodes of the new version start on the old schema at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn several_starts_at_once_upgrade_once() {
    for old in Old::on_both(RELEASED[0].3) {
        let starts: Vec<_> = (0..6)
            .map(|_| {
                let address = old.address.clone();
                tokio::spawn(async move { Store::open(&address).await.map(drop) })
            })
            .collect();
        for start in starts {
            start.await.unwrap().unwrap();
        }
        let new = Store::outlook(&old.address).await.unwrap();
        assert_eq!((old.numbers().len() as i64, new.steps.len()), (new.known, 0));
        people_read_back(&Store::open(&old.address).await.unwrap()).await;
    }
}
