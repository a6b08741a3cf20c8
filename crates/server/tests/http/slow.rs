//! What a request waits for falls silent: the caller hears in time to try again, and then all goes on.

use std::path::PathBuf;

use sayso_authority::record::client::ClientKeys;
use sayso_testkit::{HttpsServer, PostgresServer, json_answer};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, UnixListener, UnixStream};
use tokio::sync::watch;

use crate::client_assertion::{OWN, assertion, make_key, post, signing};
use crate::house::*;

/// A way to PostgreSQL on which all comes to a standstill, and goes on.
struct Way {
    folder: TempDir,
    open: watch::Sender<bool>,
}

impl Way {
    fn to(server: PathBuf) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(folder.path().join(".s.PGSQL.5432")).unwrap();
        let open = watch::Sender::new(true);
        let is_open = open.subscribe();
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let far = UnixStream::connect(server.join(".s.PGSQL.5432")).await.unwrap();
                let ((near_read, near_write), (far_read, far_write)) = (near.into_split(), far.into_split());
                for (mut from, mut to) in [(near_read, far_write), (far_read, near_write)] {
                    let mut is_open = is_open.clone();
                    tokio::spawn(async move {
                        let mut part = vec![0; 65536];
                        while let Ok(read @ 1..) = from.read(&mut part).await {
                            if is_open.wait_for(|open| *open).await.is_err()
                                || to.write_all(&part[..read]).await.is_err()
                            {
                                break;
                            }
                        }
                    });
                }
            }
        });
        Self { folder, open }
    }
}

/// ALX-015: Alexa gives up after 4.5 s, and takes silence for a broken link.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn while_postgresql_is_silent_the_answer_is_to_try_again_and_then_all_goes_on() {
    let Some(server) = PostgresServer::start() else { return };
    let address = server.new_schema();
    let socket = address.split_once("host=").unwrap().1.split('&').next().unwrap();
    let way = Way::to(socket.into());
    let house = House::at(&address.replace(socket, way.folder.path().to_str().unwrap())).await;
    let linked = house.link(&Ask::wear()).await;
    let code = house.code(&Ask::wear()).await;

    let mut browser = house.browser();
    browser.allow(&Ask::wear(), "ada").await;

    way.open.send_replace(false);
    let (wear, of_access, of_refresh) = (Ask::wear(), [("token", &*linked.access)], [("token", &*linked.refresh)]);
    let (refreshed, redeemed, introspected, revoked, page) = tokio::join!(
        house.refresh(&wear, &linked.refresh),
        house.redeem(&wear, &code),
        house.post_as(WEAR_CLIENT, Side::Wear.introspect(), &of_access),
        house.post_as(WEAR_CLIENT, Side::Wear.revoke(), &of_refresh),
        browser.get("/account"),
    );
    let answers = [refreshed, redeemed, introspected, revoked];
    for answer in &answers {
        answer.is_error(503, "temporarily_unavailable");
        assert_eq!(answer.header("retry-after"), "2");
    }
    // On a connection that was there before, the store itself would have waited longer.
    let cut_off = answers.iter().any(|answer| answer.body.contains("takes longer than it should"));
    assert!(cut_off, "{:?}", answers.map(|answer| answer.body));
    assert_eq!((page.status.as_u16(), page.header("retry-after")), (503, "2"), "{}", page.body);
    assert_eq!(house.get(Side::Wear.keys()).await.status, 200, "what needs no memory is answered");

    way.open.send_replace(true);
    let again = house.refresh(&Ask::wear(), &linked.refresh).await;
    assert_eq!(again.status, 200, "{}", again.body);
    let more = house.refresh(&Ask::wear(), &linked.refresh).await;
    assert_eq!(again.json()["refresh_token"], more.json()["refresh_token"], "whatever was carried out, it was once");
    assert!(house.is_active(Side::Wear, WEAR_CLIENT, &linked.access).await);
    assert!(house.audit("refresh_reuse").await.is_empty(), "a try that was not answered is no theft");
}

/// A client's keys are somebody else's server.
#[tokio::test]
async fn a_client_whose_keys_do_not_come_in_time_is_told_to_try_again() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://localhost:{}/jwks", silent.local_addr().unwrap().port());
    let other = HttpsServer::start(&[], |_| json_answer("200 OK", "{}")).await;
    let keys = ClientKeys::At(url);
    let house = House::open().await.trusting(&other, |wardrobe, _| signing(wardrobe, MACHINE_CLIENT, keys)).await;
    let key = make_key();
    for jti in ["1", "2"] {
        let shown = assertion(&house, MACHINE_CLIENT, jti, &key);
        let answer = post(&house, Side::Wear.token(), &OWN, &shown).await;
        answer.is_error(503, "temporarily_unavailable");
        assert_eq!(answer.header("retry-after"), "10");
        assert!(answer.body.contains("jwks_uri"), "{}", answer.body);
    }
}
