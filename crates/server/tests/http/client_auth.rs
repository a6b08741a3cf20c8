//! How a client proves itself at the endpoints it calls.

use std::net::Ipv4Addr;

use axum::body::Body;
use http::Request;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use sayso_authority::record::client::ClientAuthentication;
use sayso_testkit::tutorials::CLIENT_SECRET;
use sayso_token::digest::Digest;
use sayso_token::encoding::base64;

use crate::house::*;

const BODY: &str = "grant_type=client_credentials&audience=https%3A%2F%2Fwhatshouldiwear";

/// Each endpoint that authenticates clients, with a body that is otherwise fine.
fn endpoints() -> [(&'static str, String); 3] {
    [
        (Side::Wear.token(), BODY.to_owned()),
        (Side::Wear.introspect(), "token=x".to_owned()),
        (Side::Wear.revoke(), "token=x".to_owned()),
    ]
}

/// CLI-001
#[tokio::test]
async fn one_method_at_a_time() {
    let house = House::open().await;
    let header = basic(MACHINE_CLIENT, CLIENT_SECRET);
    let id = encode(&[("client_id", MACHINE_CLIENT)]);
    let secret = encode(&[("client_secret", CLIENT_SECRET)]);
    for (path, body) in endpoints() {
        for (authorization, more, status) in [
            (Some(&header), String::new(), 200),
            (Some(&header), format!("&{id}"), 200),
            (None, format!("&{id}&{secret}"), 200),
            (Some(&header), format!("&{secret}"), 400),
            (Some(&header), format!("&{id}&{secret}"), 400),
            (Some(&header), "&client_id=someone-else".to_owned(), 400),
            (None, format!("&{id}&{id}&{secret}"), 400),
            (None, format!("&{id}&{secret}&{secret}"), 400),
        ] {
            let answer = house.post_body(path, authorization.map(String::as_str), format!("{body}{more}")).await;
            assert_eq!(answer.status.as_u16(), status, "{path} {more}: {}", answer.body);
            if status == 400 {
                answer.is_error(400, "invalid_request");
            }
        }
    }
}

/// CLI-007
#[tokio::test]
async fn whoever_proves_nothing_hears_the_same() {
    let house = House::open().await;
    let raw = |bytes: &[u8]| format!("Basic {}", base64(bytes));
    let headers = [
        basic(MACHINE_CLIENT, "wrong"),
        basic(MACHINE_CLIENT, ""),
        basic("nobody", CLIENT_SECRET),
        basic(RETIRED_CLIENT, CLIENT_SECRET),
        basic(SPA_CLIENT, CLIENT_SECRET),
        basic(QUIZ_CLIENT, CLIENT_SECRET),
        basic("", ""),
        "Basic".to_owned(),
        "Basic !!!".to_owned(),
        "Basic  ".to_owned(),
        "Bearer abc".to_owned(),
        raw(b"no colon"),
        raw(b"a:%zz"),
        raw(&[0xE4, b':', b'x']),
        raw(b"\0:\0"),
        format!("Basic {}", "A".repeat(20_000)),
    ];
    for (path, body) in endpoints() {
        for header in &headers {
            let answer = house.post_body(path, Some(header), body.clone()).await;
            if answer.status == 429 {
                house.wait(600);
                continue;
            }
            answer.is_error(401, "invalid_client");
            assert!(answer.header("www-authenticate").starts_with("Basic "), "{header}");
            assert!(!answer.body.contains(CLIENT_SECRET) && !answer.body.contains("nobody"));
            house.wait(60);
        }
        let nobody = house.post_body(path, None, body.clone()).await;
        nobody.is_error(401, "invalid_client");
        let secretless = format!("{body}&{}", encode(&[("client_id", MACHINE_CLIENT)]));
        house.post_body(path, None, secretless).await.is_error(401, "invalid_client");
    }
}

#[tokio::test]
async fn unknown_disabled_and_wrong_sound_alike() {
    let house = House::open().await;
    let mut bodies = Vec::new();
    for (client, secret) in
        [("nobody", CLIENT_SECRET), (RETIRED_CLIENT, CLIENT_SECRET), (MACHINE_CLIENT, "x"), (RETIRED_CLIENT, "x")]
    {
        let answer = house.post_body(Side::Wear.token(), Some(&basic(client, secret)), BODY.to_owned()).await;
        assert_eq!(answer.status, 401);
        bodies.push(answer.body);
    }
    assert!(bodies.iter().all(|body| *body == bodies[0]), "{bodies:?}");
}

#[tokio::test]
async fn a_header_that_stands_twice_or_is_no_text_names_nobody() {
    let house = House::open().await;
    let header = basic(MACHINE_CLIENT, CLIENT_SECRET);
    let twice = Request::post(Side::Wear.token()).header(AUTHORIZATION, &header).header(AUTHORIZATION, &header);
    let binary = Request::post(Side::Wear.token()).header(AUTHORIZATION, &b"Basic \xff\xfe"[..]);
    for request in [twice, binary] {
        let request = request.header(CONTENT_TYPE, FORM).body(Body::from(BODY)).unwrap();
        house.send(request).await.is_error(401, "invalid_client");
    }
}

#[tokio::test]
async fn a_registered_method_is_the_only_one() {
    let house = House::with(|wardrobe, _| {
        find(wardrobe, WEAR_CLIENT).authentication = ClientAuthentication::SecretBasic;
        find(wardrobe, OTHER_CLIENT).authentication = ClientAuthentication::SecretPost;
    })
    .await;
    let path = Side::Wear.revoke();
    for (client, by_header, by_body) in [(WEAR_CLIENT, 200, 401), (OTHER_CLIENT, 401, 200)] {
        let answer = house.post_as(client, path, &[("token", "x")]).await;
        assert_eq!(answer.status.as_u16(), by_header, "{client}");
        let form = [("token", "x"), ("client_id", client), ("client_secret", CLIENT_SECRET)];
        assert_eq!(house.post(path, &form).await.status.as_u16(), by_body, "{client}");
    }
}

#[tokio::test]
async fn id_and_secret_are_form_encoded_within_basic() {
    let odd = "a:b%+ ü&=";
    let house = House::with(|wardrobe, _| {
        let machine = find(wardrobe, MACHINE_CLIENT);
        machine.id = odd.to_owned();
        machine.secrets = vec![Digest::of(odd.as_bytes())];
    })
    .await;
    let answer = house.post_body(Side::Wear.token(), Some(&basic(odd, odd)), BODY.to_owned()).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let raw = format!("Basic {}", base64(format!("{odd}:{odd}").as_bytes()));
    let answer = house.post_body(Side::Wear.token(), Some(&raw), BODY.to_owned()).await;
    answer.is_error(401, "invalid_client");
}

/// CLI-011
#[tokio::test]
async fn while_a_secret_is_replaced_both_hold() {
    let house = House::with(|wardrobe, _| {
        find(wardrobe, MACHINE_CLIENT).secrets.push(Digest::of(b"the new one"));
    })
    .await;
    let after = house
        .reconfigured(|wardrobe, _| {
            find(wardrobe, MACHINE_CLIENT).secrets.remove(0);
        })
        .await;
    for (house, secret, status) in [
        (&house, CLIENT_SECRET, 200),
        (&house, "the new one", 200),
        (&after, "the new one", 200),
        (&after, CLIENT_SECRET, 401),
    ] {
        let header = basic(MACHINE_CLIENT, secret);
        assert_eq!(house.post_body(Side::Wear.token(), Some(&header), BODY.to_owned()).await.status.as_u16(), status);
    }
}

/// CLI-008
#[tokio::test]
async fn guessing_a_secret_is_slowed_and_locks_nobody_out() {
    let house = House::open().await;
    let guess = |client: &str, secret: &str| {
        Request::post(Side::Wear.token())
            .header(CONTENT_TYPE, FORM)
            .header(AUTHORIZATION, basic(client, secret))
            .body(Body::from(BODY))
            .unwrap()
    };
    let mut refused = 0;
    for n in 0..50_u8 {
        let from = Ipv4Addr::new(10, 0, 0, n % 10).into();
        let answer = house.send_from(from, guess(MACHINE_CLIENT, &format!("guess {n}"))).await;
        if answer.status == 429 {
            refused += 1;
            assert!(answer.header("retry-after").parse::<u32>().unwrap() > 0);
            answer.is_error(429, "temporarily_unavailable");
        } else {
            answer.is_error(401, "invalid_client");
        }
    }
    assert_eq!(refused, 30, "twenty at once, from wherever they come");
    for from in [Ipv4Addr::new(10, 0, 0, 1), Ipv4Addr::LOCALHOST] {
        let answer = house.send_from(from.into(), guess(MACHINE_CLIENT, CLIENT_SECRET)).await;
        assert_eq!(answer.status, 200, "the right secret holds: {}", answer.body);
    }
    let other = house.send_from(Ipv4Addr::new(10, 0, 0, 1).into(), guess(WEAR_CLIENT, "guess")).await;
    other.is_error(401, "invalid_client");
}

/// CLI-012
#[tokio::test]
async fn a_disabled_client_gets_nothing_anywhere() {
    let house = House::open().await;
    let linked = house.link(&Ask::wear()).await;
    let off = house.reconfigured(|wardrobe, _| find(wardrobe, WEAR_CLIENT).disabled = true).await;
    for path in [Side::Wear.introspect(), Side::Wear.revoke()] {
        off.post_as(WEAR_CLIENT, path, &[("token", &linked.access)]).await.is_error(401, "invalid_client");
    }
    off.refresh(&Ask::wear(), &linked.refresh).await.is_error(401, "invalid_client");
    off.get(&Ask::wear().path()).await.is_error_page(400, "client_disabled");
    assert!(!off.is_active(Side::Wear, MACHINE_CLIENT, &linked.access).await, "its tokens are dead as well");
    assert!(house.is_active(Side::Wear, MACHINE_CLIENT, &linked.access).await);
}
