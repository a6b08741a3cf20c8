//! Codes, tokens, secrets and passwords: not in the log at its finest level, not on disk.

use sayso_testkit::tutorials::CLIENT_SECRET;
use sayso_token::encoding::base64;

use crate::house::browser::PageForm;
use crate::house::*;

/// Everything secret of a full life of a link: names for the reader, values to look for.
pub(crate) async fn live(house: &House) -> Vec<(&'static str, String)> {
    let mut secrets = vec![
        ("password", PASSWORD.to_owned()),
        ("wrong password", "not my passw0rd at all".to_owned()),
        ("client secret", CLIENT_SECRET.to_owned()),
        ("basic header", base64(format!("{QUIZ_CLIENT}:").as_bytes()).trim_end_matches('=').to_owned()),
        ("verifier", VERIFIER.to_owned()),
    ];
    let secret = encode(&[("client_secret", CLIENT_SECRET)]);
    for ask in [Ask::wear().pkce().set("scope", "openid email"), Ask::quiz().pkce(), Ask::spa()] {
        let mut browser = house.browser();
        let page = browser.open(&ask.path()).await;
        secrets.push(("form token", PageForm::around(&page, "login").value("csrf").to_owned()));
        let page = browser.log_in(&page, "ada", "not my passw0rd at all").await;
        let answer = browser.log_in(&page, "ada", PASSWORD).await;
        let page = browser.follow(answer).await;
        secrets.push(("form token", PageForm::around(&page, "allow").value("csrf").to_owned()));
        let code = browser.press(&page, "allow").await.parameter("code").unwrap();
        let first = Linked::of(&house.redeem(&ask, &code).await);
        let second = Linked::of(&house.refresh(&ask, &first.refresh).await);
        let query = format!("{}?token={}", ask.side.introspect(), second.access);
        house.post_as(ask.client(), &query, &[]).await;
        house.post_as(ask.client(), ask.side.introspect(), &[("token", &second.access)]).await;
        house.get(&format!("{}?access_token={}", ask.side.userinfo(), second.access)).await;
        house.post(ask.side.userinfo(), &[("access_token", &second.access)]).await;
        house.post(&format!("{}?code={code}&{secret}", ask.side.token()), &[]).await;
        house.redeem(&ask, &code).await;
        house.wait(120);
        house.refresh(&ask, &second.refresh).await;
        house.refresh(&ask, &first.refresh).await;
        house.redeem(&ask, &code).await;
        house.post_as(ask.client(), ask.side.revoke(), &[("token", &second.refresh)]).await;
        secrets.push(("code", code));
        for linked in [first, second] {
            secrets.push(("refresh token", linked.refresh));
            secrets.push(("signature of an access token", linked.access.rsplit('.').next().unwrap().to_owned()));
            if let Some(id_token) = linked.answer.get("id_token") {
                secrets.push(("id token", id_token.as_str().unwrap().to_owned()));
            }
        }
        secrets.extend(browser.cookies.values().map(|value| ("cookie", value.clone())));
    }
    secrets
}

/// COD-015: no code, token or secret in any log.
#[tokio::test]
async fn no_secret_is_logged() {
    let house = House::open().await;
    let secrets = live(&house).await;
    let written = log::written();
    assert!(
        written.contains("answered") && written.contains("TRACE") | written.contains("INFO"),
        "the log is captured"
    );
    assert!(written.contains("refused"));
    for (what, secret) in &secrets {
        assert!(secret.len() >= 12, "{what}");
        let found = written.lines().find(|line| line.contains(secret.as_str()));
        assert_eq!(found, None, "{what}");
    }
    assert!(!written.contains("access_token="), "not even the start of a query");
}

/// COD-016, HA-007: the tables hold digests.
#[tokio::test]
async fn no_bearer_value_lies_on_disk() {
    let house = House::open().await;
    let secrets = live(&house).await;
    let disk = house.disk();
    let holds = |text: &str| disk.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(holds("usr_ada"), "the disk is read");
    for (what, secret) in &secrets {
        assert!(!holds(secret), "{what}");
    }
    assert!(!holds("PRIVATE KEY"));
}

/// RFT-017
#[tokio::test]
async fn what_lies_on_disk_opens_nothing() {
    let house = House::open().await;
    let mut browser = house.browser();
    let ask = Ask::wear();
    let linked = Linked::of(&house.redeem(&ask, &browser.allow(&ask, "ada").await.parameter("code").unwrap()).await);
    house.refresh(&ask, &linked.refresh).await;
    let code = house.code(&ask).await;
    let stored = [
        sayso_token::digest::Digest::of(code.as_bytes()).base64url(),
        sayso_token::digest::Digest::of(linked.refresh.as_bytes()).base64url(),
        "usr_ada".to_owned(),
    ];
    for value in &stored {
        house.redeem(&ask, value).await.is_error(400, "invalid_grant");
        house.refresh(&ask, value).await.is_error(400, "invalid_grant");
        assert!(!house.is_active(Side::Wear, WEAR_CLIENT, value).await);
        let mut thief = house.browser();
        thief.cookies.insert("wear.4000.session".to_owned(), value.clone());
        assert_eq!(thief.get("/account").await.status, 303);
    }
    let session = browser.cookies["wear.4000.session"].clone();
    let mut thief = house.browser();
    let digest = sayso_token::digest::Digest::of(session.as_bytes()).base64url();
    thief.cookies.insert("wear.4000.session".to_owned(), digest);
    assert_eq!(thief.get("/account").await.status, 303);
    assert_eq!(house.redeem(&ask, &code).await.status, 200);
}
