//! The way to the server: encrypted, to the server that was meant, with the password that was given.

#![allow(clippy::unwrap_used, reason = "tests")]

use sayso_store::{Address, Store, StoreError};
use sayso_testkit::PostgresServer;

const ENCRYPTED: &str = "SELECT count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) \
     WHERE ssl AND application_name = 'sayso'";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_the_server_that_was_meant_is_given_the_password() {
    let certificate = || rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let (own, other) = (certificate(), certificate());
    // Free a moment ago, which is as good as it gets.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let started = PostgresServer::start_encrypted(port, &own.cert.pem(), &own.signing_key.serialize_pem());
    let Some(server) = started else { return };
    server.execute("ALTER ROLE sayso PASSWORD 'teal&green'");
    let directory = tempfile::tempdir().unwrap();
    let file = |name: &str, content: &str| {
        let file = directory.path().join(name);
        std::fs::write(&file, content).unwrap();
        format!("sslrootcert={}", file.display())
    };
    let trusted = file("own.pem", &own.cert.pem());
    let open = async |password: &str, host: &str, parameters: &str| {
        let text = format!("postgres://sayso:{password}@{host}:{port}/postgres?sslmode=verify-full&{parameters}");
        Store::open(Address::parse(&text).unwrap()).await
    };
    let store = open("teal%26green", "localhost", &trusted).await.unwrap();
    store.ready().await.unwrap();
    assert!(server.count(ENCRYPTED) > 0);
    for (password, host, parameters, word) in [
        ("hunter2", "localhost", trusted.clone(), "password authentication failed"),
        ("hunter2", "127.0.0.1", trusted.clone(), "not valid for"),
        ("hunter2", "localhost", file("other.pem", &other.cert.pem()), "certificate"),
        ("hunter2", "localhost", "pool_size=2".to_owned(), "UnknownIssuer"),
        ("hunter2", "localhost", file("empty.pem", ""), "there is none"),
        ("hunter2", "localhost", "sslrootcert=/nowhere.pem".to_owned(), "/nowhere.pem"),
    ] {
        let error = open(password, host, &parameters).await.unwrap_err();
        assert!(matches!(error, StoreError::CannotOpen { .. }), "{error:?}");
        let said = format!("{error} {error:?}");
        assert!(said.contains(word) && !said.contains("hunter2"), "{word}: {said}");
    }
}
