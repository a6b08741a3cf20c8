use super::trace::{nearest_change, trace};
use super::*;
use crate::expression::Expression;
use crate::record::policy::{Covers, Factor, Lifetimes};
use crate::testing::{AUDIENCE, ada, authority};

const CODE: GrantType = GrantType::AuthorizationCode;
const OWN: GrantType = GrantType::ClientCredentials;

fn rule(name: &str) -> Rule {
    Rule::whatever(name, &[CODE])
}

fn only(names: &[&str]) -> Covers {
    Covers::Only(names.iter().map(ToString::to_string).collect())
}

fn policy(name: &str, clients: Covers, rules: &[Rule]) -> Policy {
    Policy { name: name.to_owned(), clients, rules: rules.to_vec() }
}

fn when(text: &str) -> Option<Expression> {
    Some(Expression::parse(text).unwrap())
}

/// Asks as `alexa`, for a person in these groups or for itself.
fn asked<T>(policies: &[Policy], groups: Option<&[&str]>, scopes: &[&str], ask: impl FnOnce(&Question<'_>) -> T) -> T {
    let mut authority = authority();
    authority.policies = policies.to_vec();
    let user = groups.map(|groups| User { groups: groups.iter().map(ToString::to_string).collect(), ..ada() });
    let scopes: Vec<String> = scopes.iter().map(ToString::to_string).collect();
    ask(&Question {
        authority: &authority,
        client: authority.client("alexa").unwrap(),
        grant: if user.is_some() { CODE } else { OWN },
        user: user.as_ref(),
        api: authority.api(AUDIENCE).unwrap(),
        scopes: &scopes,
    })
}

fn allowed(policies: &[Policy], groups: Option<&[&str]>, scopes: &[&str]) -> Option<String> {
    asked(policies, groups, scopes, |question| permit(question).map(|permit| permit.rule.name.clone()))
}

#[test]
fn the_first_policy_of_the_client_counts_and_in_it_the_first_rule() {
    let (first, second) =
        (policy("a", only(&["alexa"]), &[rule("a1"), rule("a2")]), policy("b", Covers::All, &[rule("b1")]));
    assert_eq!(allowed(&[first.clone(), second.clone()], Some(&[]), &[]).as_deref(), Some("a1"));
    assert_eq!(allowed(&[second, first], Some(&[]), &[]).as_deref(), Some("b1"));
    let other = policy("c", only(&["machine"]), &[rule("c1")]);
    assert_eq!(allowed(&[other], Some(&[]), &[]), None);
    assert_eq!(allowed(&[], Some(&[]), &[]), None);
    // A policy that counts and allows nothing is not made good by a later one.
    let strict = policy("d", Covers::All, &[Rule { scopes: only(&["openid"]), ..rule("d1") }]);
    let wide = policy("e", Covers::All, &[rule("e1")]);
    assert_eq!(allowed(&[strict, wide], Some(&[]), &["openid", "profile"]), None);
}

#[test]
fn every_condition_must_match() {
    let gold = Rule { groups: vec!["gold".into()], ..rule("gold") };
    let named = Rule { users: vec!["ada".into()], ..rule("named") };
    let either = Rule { users: vec!["eve".into()], groups: vec!["gold".into()], ..rule("either") };
    let scoped = Rule { scopes: only(&["openid"]), ..rule("scoped") };
    let own = Rule { grants: vec![OWN], ..rule("own") };
    let factor = Rule { factor: Some(Factor::Password), grants: vec![CODE, OWN], ..rule("factor") };
    let team = Rule { when: when("user.email.endsWith('@a.test') && size(scope) == 1"), ..rule("team") };
    let missing = Rule { when: when("user.department == 'sales'"), ..rule("missing") };
    let no_truth = Rule { when: when("'yes'"), ..rule("no truth") };
    let own_when = Rule { when: when("client.id == 'alexa'"), grants: vec![OWN], ..rule("own when") };
    let both = Rule { groups: vec!["gold".into()], ..scoped.clone() };
    let (in_gold, in_none, scope) = (Some(&["gold", "x"][..]), Some(&[][..]), &["openid"][..]);
    for (rule, groups, scopes, expected) in [
        (&gold, in_gold, scope, true),
        (&gold, in_none, scope, false),
        (&gold, None, scope, false),
        (&named, in_none, scope, true),
        (&either, in_gold, scope, true),
        (&either, in_none, scope, false),
        (&scoped, in_none, scope, true),
        (&scoped, in_none, &["openid", "profile"][..], false),
        (&own, None, scope, true),
        (&own, in_none, scope, false),
        (&factor, in_none, scope, true),
        (&factor, None, scope, false),
        (&team, in_none, scope, true),
        (&team, in_none, &["openid", "profile"][..], false),
        (&missing, in_none, scope, false),
        (&no_truth, in_none, scope, false),
        (&own_when, None, scope, true),
        (&both, in_gold, scope, true),
        (&both, in_gold, &["profile"][..], false),
        (&both, in_none, scope, false),
    ] {
        let policies = [policy("p", Covers::All, std::slice::from_ref(rule))];
        assert_eq!(allowed(&policies, groups, scopes).is_some(), expected, "{} {groups:?} {scopes:?}", rule.name);
        assert!(!expected || asked(&policies, groups, scopes, could_permit), "{}", rule.name);
        let nearest = asked(&policies, groups, scopes, nearest_change);
        assert_eq!(nearest.is_none(), expected, "{}: {nearest:?}", rule.name);
        let traced = asked(&policies, groups, scopes, trace);
        let all = traced[0].rules[0].conditions.iter().all(|condition| condition.matched);
        assert_eq!((all, traced[0].rules[0].allows, traced[0].counts), (expected, expected, true), "{}", rule.name);
    }
}

#[test]
fn a_rule_sets_lifetimes_and_leaves_others_open() {
    let seconds = Lifetime::from_seconds;
    let lifetimes = |access_token, refresh_idle, refresh_total| Lifetimes { access_token, refresh_idle, refresh_total };
    for (set, expected) in [
        (lifetimes(None, None, None), (3600, None, None)),
        (lifetimes(Some(seconds(600)), None, Some(seconds(99))), (600, None, Some(99))),
        (lifetimes(Some(seconds(1_000_000)), Some(seconds(7)), None), (86_400, Some(7), None)),
    ] {
        let policies = [policy("p", Covers::All, &[Rule { lifetimes: set, ..rule("r") }])];
        let found = asked(&policies, Some(&[]), &[], |question| {
            let permit = permit(question).unwrap();
            let seconds = |lifetime: Option<Lifetime>| lifetime.map(Lifetime::seconds);
            (permit.access_token().seconds(), seconds(permit.refresh_idle()), seconds(permit.refresh_total()))
        });
        assert_eq!(found, expected);
    }
}

#[test]
fn the_nearest_change_is_named() {
    let gold = Rule { groups: vec!["gold".into()], ..rule("gold") };
    let narrow = Rule { scopes: only(&["profile"]), groups: vec!["gold".into()], ..rule("narrow") };
    for (policies, groups, expected) in [
        (vec![], Some(&[][..]), "add a policy with a rule for this client"),
        (
            vec![policy("p", only(&["spa"]), &[])],
            Some(&[]),
            "add the client \"alexa\" to the clients of a policy, such as \"p\"",
        ),
        (vec![policy("p", Covers::All, &[])], Some(&[]), "add a rule to the policy \"p\""),
        (
            vec![policy("p", Covers::All, &[narrow, gold.clone()])],
            Some(&[]),
            "in the rule \"gold\" of the policy \"p\": add \"ada\" to users, or put them in the group \"gold\"",
        ),
        (
            vec![policy("p", Covers::All, &[Rule { scopes: only(&["a"]), ..rule("r") }])],
            Some(&[]),
            "in the rule \"r\" of the policy \"p\": add \"openid\" to scopes, or ask for less",
        ),
        (
            vec![policy("p", Covers::All, &[rule("r")])],
            None,
            "in the rule \"r\" of the policy \"p\": add \"client_credentials\" to grants",
        ),
        (
            vec![policy("p", Covers::All, &[Rule { when: when("1 == 2"), ..rule("r") }])],
            Some(&[]),
            "in the rule \"r\" of the policy \"p\": make this true, or leave it out: 1 == 2",
        ),
    ] {
        assert_eq!(asked(&policies, groups, &["openid"], nearest_change).as_deref(), Some(expected));
    }
}

#[test]
fn a_trace_tells_what_was_demanded_and_what_there_was() {
    let gold = Rule { groups: vec!["gold".into()], when: when("user.department == 'x'"), ..rule("gold") };
    let policies =
        [policy("other", only(&["spa"]), &[rule("o")]), policy("p", Covers::All, &[gold, rule("r"), rule("s")])];
    let traced = asked(&policies, Some(&["silver"]), &["openid"], trace);
    assert_eq!((traced[0].counts, traced[0].clients.matched, traced[0].rules[0].allows), (false, false, false));
    assert_eq!((traced[0].clients.demanded.as_str(), traced[0].clients.found.as_str()), ("spa", "alexa"));
    let p = &traced[1];
    assert_eq!(p.rules.iter().map(|rule| rule.allows).collect::<Vec<_>>(), [false, true, false]);
    let told: Vec<_> = p.rules[0]
        .conditions
        .iter()
        .map(|told| (told.condition, told.matched, told.demanded.as_str(), told.found.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            ("grants", true, "authorization_code", "authorization_code"),
            ("scopes", true, "all", "openid"),
            ("people", false, "group gold", "user ada, in silver"),
            ("when", false, "user.department == 'x'", "no value: department is not there"),
        ]
    );
}
