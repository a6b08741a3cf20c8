//! The six checks, as tables of what passes and what each fault is called.

mod answers;
mod attacks;
mod claims;
mod dpop;
mod presets;

use serde_json::{Map, Value, json};

use super::*;
use crate::algorithm::Algorithm;
use crate::testing::{AUDIENCE, ISSUER, good_claims, key, keys, now, token};
use crate::time::Lifetime;

/// What a careful API demands.
fn want() -> Requirements {
    Requirements::new(ISSUER, AUDIENCE)
        .unwrap()
        .algorithms(vec![Algorithm::Rs256, Algorithm::Es256])
        .scope("read:whattowear")
}

fn judge(token: &str) -> Verdict {
    watched(|watched| watched.jwt(token, &keys(), &want(), now()))
}

/// Judges, and holds that the watcher was told of each check that was passed, in order, and of no other.
#[track_caller]
fn watched(judge: impl FnOnce(&Watched<'_>) -> Verdict) -> Verdict {
    let told = std::cell::RefCell::new(Vec::new());
    let verdict = judge(&Watched { allowed: &|_| true, passed: &|check| told.borrow_mut().push(check) });
    let passed = verdict.checks.iter().filter(|(_, outcome)| *outcome == Outcome::Passed);
    let passed: Vec<Check> = passed.map(|(check, _)| *check).collect();
    assert_eq!(told.into_inner(), passed, "{:?}", verdict.result);
    verdict
}

/// A token of these claims, signed by the authority (ES256, the faster one), judged.
fn judge_claims(claims: &Map<String, Value>) -> Verdict {
    judge(&token(claims, key(Algorithm::Es256)))
}

/// Asserts that exactly this check failed for this reason, that all before it passed and none after it ran.
#[track_caller]
fn assert_denied(name: &str, verdict: &Verdict, check: Check, reason: Reason) {
    let denied = verdict.result.as_ref().expect_err(name);
    assert_eq!((denied.check, denied.reason), (check, reason), "{name}");
    let at = Check::ALL.iter().position(|known| *known == check).unwrap();
    for (place, (known, outcome)) in verdict.checks.iter().enumerate() {
        let expected = match place.cmp(&at) {
            std::cmp::Ordering::Less => Outcome::Passed,
            std::cmp::Ordering::Equal => Outcome::Failed { reason },
            std::cmp::Ordering::Greater => Outcome::NotReached,
        };
        assert_eq!((*known, *outcome), (Check::ALL[place], expected), "{name}");
    }
}

#[test]
fn a_good_token_passes_all_six_with_any_algorithm() {
    let want = || want().algorithms(Algorithm::ALL.to_vec());
    for algorithm in Algorithm::ALL {
        let signed = token(&good_claims(), key(algorithm));
        let verdict = check_jwt(&signed, &keys(), &want(), now(), &|_| true);
        assert_eq!(verdict.checks.len(), 6);
        assert!(verdict.checks.iter().all(|(_, outcome)| *outcome == Outcome::Passed));
        assert_eq!(verdict.claims.as_ref(), Some(&good_claims()));
        let token = verdict.result.unwrap();
        assert_eq!((token.issuer.as_str(), token.subject.as_str()), (ISSUER, "usr_ada"));
        assert_eq!((token.audience, token.client.as_deref()), (vec![AUDIENCE.to_owned()], Some("alexa")));
        assert_eq!(token.scopes, ["read:whattowear", "openid"]);
        assert_eq!((token.id.as_deref(), token.claims), (Some("g.0.r"), good_claims()));
    }
}

#[test]
fn requirements_that_accept_too_much_cannot_be_made() {
    assert_eq!(Requirements::new("", AUDIENCE).unwrap_err(), BadRequirements::NoIssuer);
    assert_eq!(Requirements::new(ISSUER, "").unwrap_err(), BadRequirements::NoAudience);
    let strict = Requirements::new(ISSUER, AUDIENCE).unwrap();
    assert_eq!((strict.issuer(), strict.audience()), (ISSUER, AUDIENCE));
}

#[test]
fn only_the_pinned_algorithms_are_accepted() {
    let es = token(&good_claims(), key(Algorithm::Es256));
    let rs = token(&good_claims(), key(Algorithm::Rs256));
    let base = || Requirements::new(ISSUER, AUDIENCE).unwrap();
    let cases = [
        ("RS256 by default", base(), &rs, true),
        ("ES256 not by default", base(), &es, false),
        ("ES256 pinned", base().algorithms(vec![Algorithm::Es256]), &es, true),
        ("RS256 not when ES256 is pinned", base().algorithms(vec![Algorithm::Es256]), &rs, false),
        ("none pinned", base().algorithms(vec![]), &rs, false),
    ];
    for (name, want, token, passes) in cases {
        let verdict = check_jwt(token, &keys(), &want, now(), &|_| true);
        assert_eq!(want.pins_algorithm(), name != "none pinned", "{name}");
        match passes {
            true => assert!(verdict.result.is_ok(), "{name}"),
            false => assert_denied(name, &verdict, Check::TrustedSignature, Reason::Signature),
        }
    }
}

#[test]
fn clients_and_users_are_asked_only_about_tokens_that_hold() {
    let good = token(&good_claims(), key(Algorithm::Es256));
    let check = |token: &str, want: &Requirements, answer: bool| {
        let asked = std::cell::Cell::new(0);
        let verdict = check_jwt(token, &keys(), want, now(), &|token| {
            asked.set(asked.get() + 1);
            assert_eq!(token.subject, "usr_ada");
            answer
        });
        (verdict, asked.get())
    };
    let (verdict, asked) = check(&good, &want(), false);
    assert_denied("user refused", &verdict, Check::UserAllowed, Reason::User);
    assert_eq!(asked, 1);
    for (clients, passes) in
        [(vec!["alexa"], true), (vec!["x", "alexa"], true), (vec!["Alexa"], false), (vec![], false)]
    {
        let want = want().clients(clients.iter().map(ToString::to_string).collect());
        let (verdict, asked) = check(&good, &want, true);
        assert_eq!((verdict.result.is_ok(), asked), (passes, i32::from(passes)), "{clients:?}");
        if !passes {
            assert_denied("client refused", &verdict, Check::UserAllowed, Reason::Client);
        }
    }
    let foreign = token(&crate::testing::with(good_claims(), "aud", Some(json!("other"))), key(Algorithm::Es256));
    assert_eq!(check(&foreign, &want(), true).1, 0);
}

#[test]
fn claims_are_shown_only_once_the_authority_vouches_for_them() {
    let claims = crate::testing::with(good_claims(), "iss", Some(json!("https://evil.test")));
    let verdict = judge_claims(&claims);
    assert_denied("issuer", &verdict, Check::TrustedSignature, Reason::Issuer);
    assert!(verdict.claims.is_some(), "signed by a trusted key, so it may be shown");
    let forged = token(&good_claims(), crate::testing::strangers_key());
    assert!(judge(&forged).claims.is_none());
    assert!(judge("x.y.z").claims.is_none());
}

#[test]
fn without_a_look_at_the_token_the_rest_is_not_reached() {
    let verdict = Verdict::refused(Check::TrustedSignature, Reason::KeysUnavailable);
    assert_denied("no keys", &verdict, Check::TrustedSignature, Reason::KeysUnavailable);
}

#[test]
fn every_reason_has_a_code_of_its_own_that_serde_prints_too() {
    use Reason::*;
    let all = [
        Audience,
        Authentication,
        Binding,
        Client,
        Expired,
        Format,
        Inactive,
        IntrospectionFailed,
        Issuer,
        KeysUnavailable,
        NotYetValid,
        Scope,
        Signature,
        Type,
        User,
    ];
    let codes: std::collections::BTreeSet<_> = all.iter().map(|reason| reason.code()).collect();
    assert_eq!(codes.len(), all.len());
    let explanations: std::collections::BTreeSet<_> = all.iter().map(|reason| reason.explanation()).collect();
    assert_eq!(explanations.len(), all.len());
    assert!(explanations.iter().all(|text| text.len() > 20));
    let questions: std::collections::BTreeSet<_> = Check::ALL.iter().map(|check| check.question()).collect();
    assert_eq!(questions.len(), Check::ALL.len());
    assert!(questions.iter().all(|text| text.ends_with('?')));
    for reason in all {
        assert_eq!(json!(reason), json!(reason.code()));
        let denied = Denied { check: Check::WellFormed, reason };
        assert_eq!(denied.to_string(), format!("{}: {}", reason.code(), reason.explanation()));
    }
    assert_eq!(
        json!(Check::ALL),
        json!([
            "well_formed",
            "trusted_signature",
            "meant_for_this_api",
            "not_expired",
            "user_allowed",
            "scope_granted"
        ])
    );
}

/// JWT-024, SEED-002: several faults at once: one reason, the earliest check's.
#[test]
fn the_first_fault_in_the_order_of_the_checks_is_the_one_named() {
    let faults: [(&str, &str, Value, Check, Reason); 6] = [
        ("format", "exp", json!("soon"), Check::WellFormed, Reason::Format),
        ("issuer", "iss", json!("https://evil.test"), Check::TrustedSignature, Reason::Issuer),
        ("audience", "aud", json!("other"), Check::MeantForThisApi, Reason::Audience),
        ("expired", "exp", json!(1), Check::NotExpired, Reason::Expired),
        ("client", "client_id", json!("stranger"), Check::UserAllowed, Reason::Client),
        ("scope", "scope", json!("other"), Check::ScopeGranted, Reason::Scope),
    ];
    let want = want().clients(vec!["alexa".into()]);
    for (at, (name, _, _, check, reason)) in faults.iter().enumerate() {
        let mut claims = good_claims();
        for (_, claim, value, ..) in faults[at..].iter().rev() {
            claims.insert((*claim).to_owned(), value.clone());
        }
        let signed = token(&claims, key(Algorithm::Es256));
        let allowed = *check == Check::ScopeGranted;
        assert_denied(name, &check_jwt(&signed, &keys(), &want, now(), &|_| allowed), *check, *reason);
        if *check != Check::WellFormed {
            let forged = token(&claims, crate::testing::strangers_key());
            let verdict = check_jwt(&forged, &keys(), &want, now(), &|_| false);
            assert_denied(name, &verdict, Check::TrustedSignature, Reason::Signature);
        }
    }
}

#[test]
fn leeway_is_capped() {
    let claims = crate::testing::with(good_claims(), "exp", Some(json!(crate::testing::NOW - 121)));
    let generous = want().leeway(Lifetime::from_seconds(u32::MAX));
    let signed = token(&claims, key(Algorithm::Es256));
    let verdict = check_jwt(&signed, &keys(), &generous, now(), &|_| true);
    assert_denied("leeway above 120 s", &verdict, Check::NotExpired, Reason::Expired);
}
