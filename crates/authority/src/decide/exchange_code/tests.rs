//! Each way a code is refused, and what is remembered of it.

use sayso_token::time::Timestamp;

use super::*;
use crate::decide::refresh_token::recognise;
use crate::record::code::CODE_LIFETIME;
use crate::record::terms::Terms;
use crate::record::user::UserId;
use crate::testing::{
    AUDIENCE, CHALLENGE, LAYLA, Memory, OTHER_AUDIENCE, PITANGUI, VERIFIER, ada, at, authority, client_mut, disabled,
    eve, now, other_authority, sealer, seconds_later,
};

/// A code that `alexa` was sent, with a challenge.
fn code() -> Code {
    Code {
        digest: Digest::of(b"sac_x"),
        authority: "wear".to_owned(),
        client: "alexa".to_owned(),
        user: ada().id,
        redirect_uri: LAYLA.to_owned(),
        audience: AUDIENCE.to_owned(),
        scopes: vec!["read:whattowear".to_owned(), "openid".to_owned()],
        code_challenge: Some(CHALLENGE.to_owned()),
        nonce: Some("n1".to_owned()),
        terms: Terms::default(),
        sid: Some("sid of the session".to_owned()),
        signed_in_at: seconds_later(-20),
        issued_at: now(),
        expires_at: now() + CODE_LIFETIME,
        wrong_proofs: 0,
        spent_at: None,
        spent_proof: None,
        grant: None,
    }
}

/// A redemption to be changed piece by piece.
struct Redemption {
    authority: Authority,
    client: &'static str,
    user: Option<User>,
    redirect_uri: Option<&'static str>,
    verifier: Option<String>,
    audience: Option<&'static str>,
    memory: Memory,
}

fn redemption() -> Redemption {
    Redemption {
        authority: authority(),
        client: "alexa",
        user: Some(ada()),
        redirect_uri: Some(LAYLA),
        verifier: Some(VERIFIER.to_owned()),
        audience: None,
        memory: Memory { codes: vec![code()], ..Memory::default() },
    }
}

impl Redemption {
    fn decide(&self, now: Timestamp) -> Decision<TokenReply, Refused> {
        let request = ExchangeCode {
            authority: &self.authority,
            client: self.authority.client(self.client).unwrap(),
            code: self.memory.codes.first().cloned(),
            user: self.user.clone(),
            redirect_uri: self.redirect_uri.map(str::to_owned),
            code_verifier: self.verifier.as_deref().map(Secret::new),
            wanted: Wanted { audience: self.audience.map(str::to_owned), scope: None },
        };
        at(now, 5, |ambient| exchange_code(&request, &sealer(), ambient))
    }

    /// Decides and remembers; the refusal, if one, and the kinds of audit events.
    fn redeem(&mut self, seconds: i64) -> (Result<TokenReply, Refused>, Vec<&'static str>) {
        let decision = self.decide(seconds_later(seconds));
        self.memory.carry_out(&decision.changes).unwrap();
        (decision.reply, decision.audit.iter().map(|event| event.kind).collect())
    }

    #[track_caller]
    fn assert_refused(&mut self, seconds: i64, refused: Refused) {
        assert_eq!(self.redeem(seconds).0.unwrap_err(), refused);
    }

    fn is_spent(&self) -> bool {
        self.memory.codes[0].spent_at.is_some()
    }
}

#[test]
fn a_good_redemption_begins_a_grant() {
    let mut redemption = redemption();
    let (reply, audit) = redemption.redeem(3);
    let reply = reply.unwrap();
    assert_eq!(audit, ["account_linked"]);
    let grant = redemption.memory.grants.first().unwrap();
    assert_eq!((grant.client.as_str(), &grant.user, grant.audience.as_str()), ("alexa", &ada().id, AUDIENCE));
    assert_eq!((grant.created_at, grant.signed_in_at, grant.epoch), (seconds_later(3), seconds_later(-20), 0));
    assert_eq!(grant.scopes, code().scopes);
    let refresh = reply.refresh_token.unwrap();
    let recognised = recognise("wear", &refresh, &sealer()).unwrap();
    assert_eq!((&recognised.grant, recognised.generation), (&grant.id, 0));
    assert_eq!(recognised.digest, grant.refresh.as_ref().unwrap().live);
    let claims = &reply.access_token.claims;
    assert_eq!((claims["sub"].as_str(), claims["client_id"].as_str()), (Some("usr_ada"), Some("alexa")));
    assert!(claims["jti"].as_str().unwrap().starts_with(&format!("{}.0.", grant.id.0)));
    let id_token = reply.id_token.unwrap().claims;
    assert_eq!((id_token["aud"].as_str(), id_token["nonce"].as_str()), (Some("alexa"), Some("n1")));
    assert_eq!(id_token["auth_time"], seconds_later(-20).seconds());
    let spent = redemption.memory.codes.first().unwrap();
    assert_eq!((spent.spent_at, spent.grant.as_ref()), (Some(seconds_later(3)), Some(&grant.id)));
}

#[test]
fn a_client_gets_what_it_is_registered_for() {
    let mut plain = redemption();
    client_mut(&mut plain.authority, "alexa").grants.truncate(1);
    plain.memory.codes[0].scopes = vec!["read:whattowear".to_owned()];
    let reply = plain.redeem(0).0.unwrap();
    assert!(reply.refresh_token.is_none() && reply.id_token.is_none());
    assert!(plain.memory.grants[0].refresh.is_none());
}

/// What is refused before anything about the code is touched.
#[test]
fn refusals_that_leave_the_code_as_it_was() {
    type Spoil = fn(&mut Redemption);
    let cases: [(&str, Spoil, i64, Refused); 7] = [
        ("no code", |r| r.memory.codes.clear(), 0, Refused::Unknown),
        ("another authority's code", |r| r.authority = other_authority(), 0, Refused::Unknown),
        ("another client's code", |r| r.client = "desktop", 0, Refused::ForeignClient),
        ("grant not allowed", |r| r.client = "machine", 0, Refused::GrantNotAllowed),
        ("over", |_| {}, 60, Refused::Expired),
        ("long over", |_| {}, 1_000_000, Refused::Expired),
        ("verifier without challenge", |r| r.memory.codes[0].code_challenge = None, 0, Refused::VerifierUnasked),
    ];
    for (name, spoil, seconds, refused) in cases {
        let mut redemption = redemption();
        spoil(&mut redemption);
        let decision = redemption.decide(seconds_later(seconds));
        assert_eq!(decision.reply.unwrap_err(), refused, "{name}");
        assert!(decision.changes.is_empty(), "{name}");
    }
    redemption().redeem(59).0.unwrap();
    let mut foreign = redemption();
    foreign.client = "desktop";
    assert_eq!(foreign.redeem(0).1, ["code_of_another_client"]);
    foreign.client = "alexa";
    foreign.redeem(1).0.unwrap();
}

/// What spends the code for good, so that nothing can be tried again.
#[test]
fn refusals_that_spend_the_code() {
    type Spoil = fn(&mut Redemption);
    let cases: [(&str, Spoil, Refused); 14] = [
        ("other registered URI", |r| r.redirect_uri = Some(PITANGUI), Refused::RedirectUriDiffers),
        ("no URI", |r| r.redirect_uri = None, Refused::RedirectUriDiffers),
        ("URI in another case", |r| r.redirect_uri = Some("https://LAYLA.amazon.com/"), Refused::RedirectUriDiffers),
        ("user disabled", |r| r.user = Some(disabled(ada())), Refused::UserDisabled),
        ("user gone", |r| r.user = None, Refused::UserDisabled),
        ("another user", |r| r.user = Some(eve()), Refused::UserDisabled),
        ("another API", |r| r.audience = Some(OTHER_AUDIENCE), Refused::OtherApi),
        ("unknown API", |r| r.audience = Some("x"), Refused::OtherApi),
        ("policies removed", |r| r.authority.policies.clear(), Refused::NoMatchingPolicy),
        ("rule removed", |r| r.authority.policies[0].rules.clear(), Refused::NoMatchingPolicy),
        ("API removed", |r| r.authority.apis.clear(), Refused::NoMatchingPolicy),
        ("scope taken from the API", |r| r.authority.apis[0].scopes.clear(), Refused::NoMatchingPolicy),
        (
            "scope taken from the client",
            |r| client_mut(&mut r.authority, "alexa").scopes.clear(),
            Refused::NoMatchingPolicy,
        ),
        (
            "policy for others only",
            |r| r.authority.policies[0].clients = crate::record::policy::Covers::Only(vec!["spa".to_owned()]),
            Refused::NoMatchingPolicy,
        ),
    ];
    for (name, spoil, refused) in cases {
        let mut spoilt = redemption();
        spoil(&mut spoilt);
        let decision = spoilt.decide(now());
        let [event] = &decision.audit[..] else { panic!("{name}: one event") };
        assert_eq!((event.kind, event.user.as_deref()), ("code_refused", Some("usr_ada")), "{name}");
        assert_eq!(event.details["reason"], refused.reason(), "{name}");
        assert_eq!(spoilt.redeem(0).0.unwrap_err(), refused, "{name}");
        assert!(spoilt.is_spent() && spoilt.memory.grants.is_empty(), "{name}");
        let mut right = Redemption { memory: spoilt.memory, ..redemption() };
        assert_eq!(right.redeem(10).0.unwrap_err(), Refused::Reused, "{name}");
    }
    let mut same_api = redemption();
    same_api.audience = Some(AUDIENCE);
    same_api.redeem(0).0.unwrap();
}

#[test]
fn a_challenge_needs_its_verifier() {
    let wrong = [
        None,
        Some(String::new()),
        Some(VERIFIER[1..].to_owned()),
        Some(format!("{VERIFIER}x")),
        Some(VERIFIER.to_lowercase()),
        Some(CHALLENGE.to_owned()),
        Some("a".repeat(42)),
        Some("a".repeat(129)),
        Some(format!("{VERIFIER} ")),
    ];
    for verifier in wrong {
        let expected = if verifier.is_none() { Refused::VerifierMissing } else { Refused::VerifierWrong };
        let mut redemption = redemption();
        redemption.verifier.clone_from(&verifier);
        redemption.assert_refused(0, expected);
        assert_eq!(redemption.memory.codes[0].wrong_proofs, 1, "{verifier:?}");
        assert!(!redemption.is_spent());
        redemption.verifier = Some(VERIFIER.to_owned());
        redemption.redeem(1).0.unwrap();
    }
    // A verifier of the wrong form is none, even where its digest fits.
    for text in ["a".repeat(42), "a".repeat(129), "ä".repeat(30), format!("{}\n", "a".repeat(50))] {
        let mut redemption = redemption();
        redemption.memory.codes[0].code_challenge = Some(Digest::of(text.as_bytes()).base64url());
        redemption.verifier = Some(text);
        redemption.assert_refused(0, Refused::VerifierWrong);
    }
    for length in [43, 128] {
        let text = "a.b-c_d~".chars().cycle().take(length).collect::<String>();
        let mut redemption = redemption();
        redemption.memory.codes[0].code_challenge = Some(Digest::of(text.as_bytes()).base64url());
        redemption.verifier = Some(text);
        redemption.redeem(0).0.unwrap();
    }
    let mut without = redemption();
    without.memory.codes[0].code_challenge = None;
    without.verifier = None;
    without.redeem(0).0.unwrap();
}

/// COD-012: after five wrong verifiers the right one is too late.
#[test]
fn a_verifier_cannot_be_guessed() {
    let mut redemption = redemption();
    redemption.verifier = Some("g".repeat(43));
    for attempt in 1..=5 {
        let (reply, audit) = redemption.redeem(attempt);
        assert_eq!(reply.unwrap_err(), Refused::VerifierWrong);
        assert_eq!(audit, if attempt == 5 { vec!["code_guessing"] } else { vec![] }, "attempt {attempt}");
    }
    redemption.assert_refused(6, Refused::TooManyWrongProofs);
    redemption.verifier = Some(VERIFIER.to_owned());
    redemption.assert_refused(7, Refused::TooManyWrongProofs);
    assert!(redemption.memory.grants.is_empty());
}

/// Guesses sent at once are counted one by one: the loser of the guard is decided again.
#[test]
fn guesses_at_once_are_each_counted() {
    let mut redemption = redemption();
    redemption.verifier = None;
    let (one, two) = (redemption.decide(now()), redemption.decide(now()));
    redemption.memory.carry_out(&one.changes).unwrap();
    redemption.memory.carry_out(&two.changes).unwrap_err();
    redemption.redeem(0).0.unwrap_err();
    assert_eq!(redemption.memory.codes[0].wrong_proofs, 2);
}

/// A spent code again: an echo is harmless, anything else ends the grant.
#[test]
fn reuse_ends_the_grant_unless_it_is_an_echo() {
    type Change = fn(&mut Redemption);
    let cases: [(&str, Change, i64, bool); 9] = [
        ("echo at once", |_| {}, 0, false),
        ("echo after 5 s", |_| {}, 5, false),
        ("a second later", |_| {}, 6, true),
        ("half a minute later", |_| {}, 31, true),
        ("a day later", |_| {}, 86_400, true),
        ("another verifier at once", |r| r.verifier = Some("v".repeat(43)), 0, true),
        ("no verifier at once", |r| r.verifier = None, 0, true),
        ("another redirect URI at once", |r| r.redirect_uri = Some(PITANGUI), 0, true),
        ("a code without challenge proves nothing", |r| r.memory.codes[0].code_challenge = None, 0, true),
    ];
    for (name, change, seconds, ends) in cases {
        let mut redemption = redemption();
        redemption.redeem(0).0.unwrap();
        change(&mut redemption);
        let (reply, audit) = redemption.redeem(seconds);
        assert_eq!(reply.unwrap_err(), Refused::Reused, "{name}");
        assert_eq!(audit, if ends { vec!["code_reuse"] } else { vec![] }, "{name}");
        assert_eq!(redemption.memory.grants[0].revoked_at.is_some(), ends, "{name}");
    }
}

#[test]
fn a_stranger_with_a_spent_code_ends_nothing() {
    let mut redemption = redemption();
    redemption.redeem(0).0.unwrap();
    redemption.client = "desktop";
    redemption.assert_refused(100, Refused::ForeignClient);
    assert!(redemption.memory.grants[0].revoked_at.is_none());
}

/// COD-003: of many at once, one wins; the others are echoes with PKCE.
#[test]
fn of_many_at_once_one_wins() {
    let mut redemption = redemption();
    let decisions: Vec<_> = (0..64).map(|_| redemption.decide(now())).collect();
    let won = decisions.iter().filter(|decision| redemption.memory.carry_out(&decision.changes).is_ok()).count();
    assert_eq!(won, 1);
    for _ in 0..63 {
        redemption.assert_refused(0, Refused::Reused);
    }
    assert!(redemption.memory.grants[0].revoked_at.is_none());
}

#[test]
fn refusals_sound_alike_where_they_must() {
    let all = [
        (Refused::Expired, "code_expired", ErrorCode::InvalidGrant),
        (Refused::ForeignClient, "code_of_another_client", ErrorCode::InvalidGrant),
        (Refused::GrantNotAllowed, "grant_not_allowed", ErrorCode::UnauthorizedClient),
        (Refused::NoMatchingPolicy, "no_matching_policy", ErrorCode::InvalidGrant),
        (Refused::OtherApi, "code_for_another_api", ErrorCode::InvalidTarget),
        (Refused::RedirectUriDiffers, "redirect_uri_differs", ErrorCode::InvalidGrant),
        (Refused::Reused, "code_reuse", ErrorCode::InvalidGrant),
        (Refused::TooManyWrongProofs, "too_many_wrong_verifiers", ErrorCode::InvalidGrant),
        (Refused::Unknown, "code_unknown", ErrorCode::InvalidGrant),
        (Refused::UserDisabled, "user_disabled", ErrorCode::InvalidGrant),
        (Refused::VerifierMissing, "verifier_missing", ErrorCode::InvalidGrant),
        (Refused::VerifierUnasked, "verifier_without_challenge", ErrorCode::InvalidGrant),
        (Refused::VerifierWrong, "verifier_wrong", ErrorCode::InvalidGrant),
    ];
    for (refused, reason, error) in all {
        assert_eq!((refused.reason(), refused.error()), (reason, error));
    }
    for refused in [Refused::Expired, Refused::ForeignClient, Refused::Reused, Refused::UserDisabled] {
        assert_eq!(refused.description(), Refused::Unknown.description());
    }
}

#[test]
fn nothing_printed_holds_a_secret() {
    let redemption = redemption();
    let decision = redemption.decide(now());
    let printed = format!("{decision:?}");
    let refresh = decision.reply.unwrap().refresh_token.unwrap();
    assert!(!printed.contains(refresh.expose()) && !printed.contains(VERIFIER));
    assert_eq!(ada().id, UserId("usr_ada".to_owned()));
}
