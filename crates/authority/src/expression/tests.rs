#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::testing::{AUDIENCE, ada, authority};

fn evaluated(text: &str) -> Result<Value, NoValue> {
    let (authority, ada) = (authority(), ada());
    let scope = ["read:whattowear".to_owned(), "openid".to_owned()];
    let roots = Roots {
        user: Some(&ada),
        client: authority.client("alexa").unwrap(),
        scope: &scope,
        api: authority.api(AUDIENCE),
    };
    Expression::parse(text).unwrap_or_else(|fault| panic!("{text}: {}", fault.what())).evaluate(&roots)
}

/// What the tutorials' vendor writes in its own language, written here (docs/expressions.md has them side by side).
#[test]
fn expressions_say_what_the_profile_and_the_request_say() {
    for (text, expected) in [
        ("user.favoriteColor", json!("teal")),
        ("user.firstName + ' ' + user.lastName", json!("Ada Lovelace")),
        ("user['firstName']", json!("Ada")),
        ("user.id", json!("usr_ada")),
        ("user.username", json!("ada")),
        ("has(user.nickname) ? user.nickname : user.firstName", json!("Ada")),
        ("user.email.substring(user.email.indexOf('@') + 1)", json!("a.test")),
        ("user.email.split('@', 2)[0].upperAscii()", json!("ADA")),
        ("user.favoriteColor == 'teal' ? 1 : 2", json!(1)),
        ("user.favoriteColor in ['red', 'teal']", json!(true)),
        ("size(user.firstName) * 2 - 1", json!(5)),
        ("user.firstName.replace('A', 'I').lowerAscii().trim()", json!("ida")),
        ("client.id + '@' + client.name", json!("alexa@alexa")),
        ("api.audience", json!(AUDIENCE)),
        ("'openid' in scope", json!(true)),
        ("scope.exists(s, s.startsWith('write:'))", json!(false)),
        ("scope.filter(s, s.contains(':')).map(s, s.split(':', 2)[1])", json!(["whattowear"])),
        ("scope.map(s, s.upperAscii()).join(',')", json!("READ:WHATTOWEAR,OPENID")),
        ("groups", json!([])),
        ("{'first': user.firstName, 'n': 1.5}", json!({"first": "Ada", "n": 1.5})),
        ("int('42') + 1", json!(43)),
        ("[1, 2.5, true, 'x'][3]", json!("x")),
        ("-1 < 0 && !false", json!(true)),
    ] {
        assert_eq!(evaluated(text), Ok(expected), "{text}");
    }
}

#[test]
fn what_has_no_value_says_why() {
    for (text, expected) in [
        ("user.nickname", NoValue::Missing("nickname".into())),
        ("user.nickname + 'x'", NoValue::Missing("nickname".into())),
        ("null", NoValue::Null),
        ("{1: 2}", NoValue::NotJson),
        ("1.0 / 0.0", NoValue::NotJson),
    ] {
        assert_eq!(evaluated(text), Err(expected), "{text}");
    }
    for text in ["'a' + 1", "user.firstName && true", "size(1)", "1 < 'a'", "1 in 2"] {
        assert!(matches!(evaluated(text), Err(NoValue::Types(_))), "{text}: {:?}", evaluated(text));
    }
    for text in ["1 / 0", "scope[7]", "9223372036854775807 + 1", "int('x')", "user.firstName.charAt(-1)"] {
        assert!(matches!(evaluated(text), Err(NoValue::Failed(_))), "{text}: {:?}", evaluated(text));
    }
    let mut ada = ada();
    ada.attributes.insert("note".into(), "x".repeat(4000).into());
    let authority = authority();
    let roots = Roots { user: Some(&ada), client: authority.client("alexa").unwrap(), scope: &[], api: None };
    let twice = Expression::parse("user.note + user.note").unwrap();
    assert_eq!(twice.evaluate(&roots), Err(NoValue::TooLarge));
    ada.attributes.insert("note".into(), "x".repeat(4001).into());
    let roots = Roots { user: Some(&ada), client: authority.client("alexa").unwrap(), scope: &[], api: None };
    assert_eq!(twice.evaluate(&roots), Err(NoValue::Missing("note".into())), "more than the count reckons with");
    let many = vec!["s".to_owned(); 101];
    let counted = Expression::parse("size(scope)").unwrap();
    assert!(matches!(counted.evaluate(&Roots { scope: &many, ..roots }), Err(NoValue::Failed(_))));
    let long = vec!["s".repeat(201)];
    assert!(matches!(counted.evaluate(&Roots { scope: &long, ..roots }), Err(NoValue::Failed(_))));
}

#[test]
fn an_attribute_is_what_its_kind_says() {
    let mut ada = ada();
    let long = vec!["x".repeat(200); 21];
    let values =
        [("age", 36.into()), ("adult", true.into()), ("likes", vec!["tea".to_owned()].into()), ("all", long.into())];
    ada.attributes.extend(values.map(|(name, value)| (name.to_owned(), value)));
    let authority = authority();
    let roots = Roots { user: Some(&ada), client: authority.client("alexa").unwrap(), scope: &[], api: None };
    let value = |text: &str| Expression::parse(text).unwrap().evaluate(&roots);
    assert_eq!(value("user.age + 1"), Ok(json!(37)));
    assert_eq!(value("user.adult && 'tea' in user.likes"), Ok(json!(true)));
    assert_eq!(value("user.likes.map(l, l.upperAscii())"), Ok(json!(["TEA"])));
    assert!(matches!(value("user.age + 'x'"), Err(NoValue::Types(_))), "{:?}", value("user.age + 'x'"));
    assert_eq!(value("size(user.all)"), Err(NoValue::Missing("all".into())), "more than the count reckons with");
}

#[test]
fn nobody_has_no_profile() {
    let authority = authority();
    let roots = Roots { user: None, client: authority.client("machine").unwrap(), scope: &[], api: None };
    let value = |text: &str| Expression::parse(text).unwrap().evaluate(&roots);
    assert_eq!(value("user.firstName"), Err(NoValue::Missing("firstName".into())));
    assert_eq!(value("user.id"), Err(NoValue::Missing("id".into())));
    assert_eq!(value("api.name"), Err(NoValue::Missing("name".into())));
    assert_eq!(value("client.id"), Ok(json!("machine")));
}

/// EXP-003: an expression reaches the subject's profile and what the request is about, nothing else.
#[test]
fn exp_003_only_the_subject_can_be_named() {
    for (text, expected) in [
        ("users['eve'].email", Fault::UnknownName("users".into())),
        ("password", Fault::UnknownName("password".into())),
        ("client.secrets", Fault::UnknownField { root: "client", field: "secrets".into() }),
        ("client['secrets']", Fault::UnknownField { root: "client", field: "secrets".into() }),
        ("api.keys", Fault::UnknownField { root: "api", field: "keys".into() }),
        ("user", Fault::WholeRoot("user")),
        ("user[client.id]", Fault::WholeRoot("user")),
        ("[user].map(u, u.password_hash)", Fault::WholeRoot("user")),
        ("[1].map(client, client)[0] == client", Fault::WholeRoot("client")),
        ("groups.members", Fault::UnknownField { root: "groups", field: "members".into() }),
        ("env('HOME')", Fault::UnknownFunction("env".into())),
        ("type(user.id)", Fault::UnknownFunction("type".into())),
        ("timestamp('2026-01-01T00:00:00Z')", Fault::UnknownFunction("timestamp".into())),
        ("optional.of(1)", Fault::UnknownFunction("of".into())),
        ("user.a.matches('(a+)+$')", Fault::UnknownFunction("matches".into())),
        ("'%s'.format([user.id])", Fault::UnknownFunction("format".into())),
        ("size()", Fault::UnknownFunction("size".into())),
        ("b'abc'", Fault::NotOffered("bytes")),
        ("Point{x: 1}", Fault::NotOffered("a structure")),
    ] {
        assert_eq!(Expression::parse(text).unwrap_err(), expected, "{text}");
        assert!(!expected.what().is_empty() && !expected.remedy().is_empty(), "{text}");
    }
    // The profile itself holds no secret; whether `password_hash` is an attribute is for the configuration to say.
    let expression = Expression::parse("user.password_hash").unwrap();
    assert_eq!(expression.attributes().iter().collect::<Vec<_>>(), ["password_hash"]);
    let authority = authority();
    let roots = Roots { user: Some(&ada()), client: authority.client("alexa").unwrap(), scope: &[], api: None };
    assert_eq!(expression.evaluate(&roots), Err(NoValue::Missing("password_hash".into())));
}

/// EXP-002: what could run long or grow large is refused when it is read, before anybody's token waits for it.
#[test]
fn exp_002_an_expression_ends_soon_or_is_refused() {
    let doubled = format!("[user.id]{}", (0..20).map(|at| format!(".map(a{at}, a{at} + a{at})")).collect::<String>());
    let deep = |open: &str, close: &str, times: usize| format!("{}1{}", open.repeat(times), close.repeat(times));
    let cases = [
        (deep("(", ")", 10_000), Fault::TooLong),
        (deep("[", "]", 400), Fault::TooDeep),
        (deep("(1+", ")", 200), Fault::TooDeep),
        (deep("size([", "])", 100), Fault::TooDeep),
        (format!("{}true", "!".repeat(900)), Fault::TooDeep),
        (format!("{}1", "- ".repeat(400)), Fault::TooDeep),
        (vec!["1"; 400].join("+"), Fault::TooDeep),
        (format!("{}1", "true ? 1 : ".repeat(80)), Fault::TooDeep),
        (format!("user{}", ".a".repeat(300)), Fault::TooDeep),
        ("groups.exists(a, groups.exists(b, a == b))".into(), Fault::TooCostly),
        ("groups.map(a, scope.map(b, a + b))".into(), Fault::TooCostly),
        ("user.a.split('').all(c, c != 'x')".into(), Fault::TooCostly),
        ("user.a.replace('', user.a)".into(), Fault::TooCostly),
        ("groups.join(user.a + user.a)".into(), Fault::TooCostly),
        (doubled, Fault::TooCostly),
        ("user.a.split(',').map(p, p + p)".into(), Fault::TooCostly),
    ];
    for (text, expected) in cases {
        assert_eq!(Expression::parse(&text).unwrap_err(), expected, "{}", text.chars().take(60).collect::<String>());
    }
    for text in ["groups.exists(g, g.startsWith('a') || g == 'b')", "groups.filter(g, g.contains('x')).map(g, g + '!')"]
    {
        assert!(Expression::parse(text).is_ok(), "{text}");
    }
}

#[test]
fn what_is_not_the_language_is_told_with_its_place() {
    for text in ["user.", "'open", "1 +", "a b", "}", "\u{0}", "user.firstName ||", "\"\\u12\""] {
        let Err(Fault::Unreadable { line, column, message }) = Expression::parse(text) else { panic!("{text:?}") };
        assert!(line >= 1 && column >= 1 && !message.is_empty(), "{text:?}");
    }
    assert_eq!(Expression::parse("  "), Err(Fault::Empty));
}

#[test]
fn an_expression_is_kept_as_its_text() {
    let kept = serde_json::to_string(&Expression::parse(" user.id ").unwrap()).unwrap();
    assert_eq!(kept, r#""user.id""#);
    assert_eq!(serde_json::from_str::<Expression>(&kept).unwrap().text(), "user.id");
    let error = serde_json::from_str::<Expression>(r#""nobody.id""#).unwrap_err().to_string();
    assert!(error.contains("nothing of the name \"nobody\"; begin with one of user"), "{error}");
}

/// Something like an expression: parts that fit together, and parts that do not.
fn parts() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("user.firstName"),
        Just("user.x"),
        Just("groups"),
        Just("scope"),
        Just("client.id"),
        Just("1"),
        Just("-7"),
        Just("'é\\n'"),
        Just("true"),
        Just("null"),
        Just("9223372036854775807"),
        Just("1.5e308"),
        Just("[]"),
        Just("{}"),
    ]
    .prop_map(str::to_owned);
    leaf.prop_recursive(4, 24, 3, |part| {
        prop_oneof![
            (
                part.clone(),
                part.clone(),
                prop::sample::select(vec!["+", "-", "*", "/", "%", "==", "<", "in", "&&", "||"])
            )
                .prop_map(|(a, b, sign)| format!("({a} {sign} {b})")),
            (part.clone(), part.clone(), part.clone()).prop_map(|(a, b, c)| format!("({a} ? {b} : {c})")),
            (part.clone(), part.clone()).prop_map(|(a, b)| format!("{a}[{b}]")),
            (
                part.clone(),
                part.clone(),
                prop::sample::select(vec![
                    "contains",
                    "startsWith",
                    "endsWith",
                    "indexOf",
                    "lastIndexOf",
                    "charAt",
                    "split",
                    "join",
                    "substring"
                ])
            )
                .prop_map(|(a, b, name)| format!("{a}.{name}({b})")),
            (part.clone(), part.clone(), part.clone()).prop_map(|(a, b, c)| format!("{a}.substring({b}, {c})")),
            (part.clone(), part.clone(), part.clone()).prop_map(|(a, b, c)| format!("{a}.replace({b}, {c})")),
            (part.clone(), part.clone(), prop::sample::select(vec!["map", "filter", "all", "exists", "exists_one"]))
                .prop_map(|(a, b, name)| format!("{a}.{name}(v, {b} == v)")),
            (part.clone(), prop::sample::select(vec!["size", "int", "double", "string", "bool", "!", "-"]))
                .prop_map(|(a, name)| format!("{name}({a})")),
            (part.clone(), part).prop_map(|(a, b)| format!("{{'k': {a}, {b}: 1}}")),
        ]
    })
}

proptest! {
    /// Whatever is written: it is refused, or it has a value, or it says why not. It never panics.
    #[test]
    fn nothing_that_is_written_panics(text in parts()) {
        if let Ok(expression) = Expression::parse(&text) {
            let (authority, ada, scope) = (authority(), ada(), vec!["openid".to_owned(); 3]);
            let roots =
                Roots { user: Some(&ada), client: authority.client("alexa").unwrap(), scope: &scope, api: None };
            if let Ok(value) = expression.evaluate(&roots) {
                prop_assert!(value.to_string().len() <= LARGEST_RESULT);
            }
        }
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in any::<String>()) {
        let _ = Expression::parse(&text);
    }

    #[test]
    fn no_signs_make_the_parser_panic(text in r#"[\(\)\[\]\{\}\?:!\-+*/%<>=&|.,'"\\a-c0-9xub \n]{0,60}"#) {
        let _ = Expression::parse(&text);
    }
}
