//! Our tokens suffice for our own guard, in both modes, and only where they are meant to.

use sayso_token::algorithm::Algorithm;
use sayso_token::guard::{Check, Outcome, Reason, Requirements, Verdict, check_introspection, check_jwt};
use sayso_token::time::Clock as _;

use crate::house::look::keys;
use crate::house::*;

fn anyone(_: &sayso_token::guard::AccessToken) -> bool {
    true
}

fn reason(verdict: &Verdict) -> Option<Reason> {
    verdict.result.as_ref().err().map(|denied| denied.reason)
}

async fn local(house: &House, side: Side, token: &str, want: &Requirements) -> Verdict {
    check_jwt(token, &keys(house, side).await, want, house.clock.now(), &anyone)
}

async fn remote(house: &House, (side, client): (Side, &str), token: &str, want: &Requirements) -> Verdict {
    let answer = house.post_as(client, side.introspect(), &[("token", token)]).await;
    check_introspection(answer.status.as_u16(), answer.body.as_bytes(), want, house.clock.now(), &anyone)
}

#[tokio::test]
async fn both_tutorials_tokens_pass_all_six_checks_in_both_modes() {
    let house = House::open().await;
    for (ask, audience, scope) in
        [(Ask::wear(), WEAR_AUDIENCE, "read:whattowear"), (Ask::quiz(), QUIZ_AUDIENCE, "profile")]
    {
        let token = house.link(&ask).await.access;
        let want = Requirements::new(ask.side.issuer(), audience).unwrap().scope(scope);
        let want = want.clients(vec![ask.client().to_owned()]);
        let verdicts = [
            local(&house, ask.side, &token, &want).await,
            remote(&house, (ask.side, ask.client()), &token, &want).await,
        ];
        for verdict in verdicts {
            assert!(verdict.checks.iter().all(|(_, outcome)| *outcome == Outcome::Passed), "{verdict:?}");
            assert_eq!(verdict.checks.len(), Check::ALL.len());
            assert_eq!(verdict.result.unwrap().client.as_deref(), Some(ask.client()));
        }
    }
    let ask = Ask::wear().set("audience", SHOES_AUDIENCE).set("scope", "read:shoes");
    let token = house.link(&ask).await.access;
    let want = Requirements::new(WEAR, SHOES_AUDIENCE).unwrap().scope("read:shoes");
    assert_eq!(reason(&local(&house, Side::Wear, &token, &want).await), Some(Reason::Signature), "RS256 is pinned");
    let want = want.algorithms(vec![Algorithm::Es256]);
    assert_eq!(reason(&local(&house, Side::Wear, &token, &want).await), None);
}

#[tokio::test]
async fn what_is_not_meant_for_an_api_is_denied() {
    let house = House::open().await;
    let linked = house.link(&Ask::wear().set("scope", "openid read:whattowear")).await;
    let narrow = house.link(&Ask::wear().set("scope", "openid")).await;
    let quiz = house.link(&Ask::quiz()).await;
    let id_token = linked.answer["id_token"].as_str().unwrap();
    let want = Requirements::new(WEAR, WEAR_AUDIENCE).unwrap().scope("read:whattowear");
    let shoes = Requirements::new(WEAR, SHOES_AUDIENCE).unwrap();
    for (token, want, expected) in [
        (linked.access.as_str(), &want, None),
        (&narrow.access, &want, Some(Reason::Scope)),
        (&linked.access, &shoes, Some(Reason::Audience)),
        (&quiz.access, &want, Some(Reason::Signature)),
        (&linked.refresh, &want, Some(Reason::Format)),
    ] {
        assert_eq!(reason(&local(&house, Side::Wear, token, want).await), expected);
    }
    assert!(local(&house, Side::Wear, id_token, &want).await.result.is_err());
    for foreign in [id_token, &linked.refresh, &quiz.access] {
        let verdict = remote(&house, (Side::Wear, WEAR_CLIENT), foreign, &want).await;
        assert!(verdict.result.is_err());
    }
    house.wait(86_400 + 120);
    assert_eq!(reason(&local(&house, Side::Wear, &linked.access, &want).await), Some(Reason::Expired));
}

#[tokio::test]
async fn only_introspection_hears_of_a_revocation() {
    let house = House::open().await;
    let linked = house.link(&Ask::quiz()).await;
    let want = Requirements::new(QUIZ, QUIZ_AUDIENCE).unwrap();
    house.post_as(QUIZ_CLIENT, Side::Quiz.revoke(), &[("token", &linked.refresh)]).await;
    let verdict = remote(&house, (Side::Quiz, QUIZ_CLIENT), &linked.access, &want).await;
    assert_eq!(reason(&verdict), Some(Reason::Inactive));
    assert_eq!(reason(&local(&house, Side::Quiz, &linked.access, &want).await), None, "until it expires");
}
