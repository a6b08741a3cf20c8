//! The refresh rule as tables; `model` walks it at random.

mod model;
mod restored;

use sayso_token::digest::Digest;
use sayso_token::time::Timestamp;

use super::*;
use crate::decide::identify_token::carried_by;
use crate::decide::refresh_token::{mint, recognise};
use crate::record::user::UserId;
use crate::testing::{
    AUDIENCE, Memory, OTHER_AUDIENCE, Seeded, ada, at, authority, client_mut, disabled, eve, grant, other_authority,
    sealer, seconds_later,
};

/// A linked household: the authority, what it remembers, and every refresh token it ever gave, oldest first.
struct Household {
    authority: Authority,
    client: &'static str,
    user: Option<User>,
    memory: Memory,
    given: Vec<Secret>,
    wanted: Wanted,
    seed: u64,
}

impl Household {
    fn linked(client: &'static str) -> Self {
        let first = mint("wear", &grant().id, 0, &sealer(), &mut Seeded(1));
        let chain = RefreshChain { generation: 0, live: first.1, steps: Vec::new() };
        let grant =
            Grant { client: client.to_owned(), refresh: Some(chain), last_used_at: seconds_later(0), ..grant() };
        Self {
            authority: authority(),
            client,
            user: Some(ada()),
            memory: Memory { grants: vec![grant], ..Memory::default() },
            given: vec![first.0],
            wanted: Wanted::default(),
            seed: 1,
        }
    }

    /// Decides without keeping anything.
    fn decide(&mut self, presented: &Secret, now: Timestamp) -> Decision<TokenReply, Refused> {
        self.seed += 1;
        let sealer = sealer();
        let request = Refresh {
            authority: &self.authority,
            client: self.authority.client(self.client).unwrap(),
            presented,
            token: recognise(&self.authority.id, presented, &sealer),
            grant: self.memory.grants.first().cloned(),
            user: self.user.clone(),
            wanted: self.wanted.clone(),
        };
        at(now, self.seed, |ambient| refresh(&request, &sealer, ambient))
    }

    /// Presents the token of this generation so many seconds after the link; the generation that comes back.
    fn present(&mut self, generation: usize, seconds: i64) -> Result<usize, Refused> {
        let presented = self.given[generation].clone();
        let decision = self.decide(&presented, seconds_later(seconds));
        self.memory.carry_out(&decision.changes).unwrap();
        decision.reply.map(|reply| self.generation_of(&reply))
    }

    fn generation_of(&mut self, reply: &TokenReply) -> usize {
        let token = reply.refresh_token.as_ref().unwrap();
        match self.given.iter().position(|known| known.matches(token)) {
            Some(generation) => generation,
            None => {
                self.given.push(token.clone());
                self.given.len() - 1
            }
        }
    }

    fn grant(&self) -> &Grant {
        self.memory.grants.first().unwrap()
    }

    fn rule(&mut self) -> &mut RefreshRule {
        &mut client_mut(&mut self.authority, self.client).refresh
    }
}

#[test]
fn a_refresh_gives_fresh_tokens_and_a_successor() {
    let mut home = Household::linked("alexa");
    let first = home.given[0].clone();
    let decision = home.decide(&first, seconds_later(5));
    assert!(decision.audit.is_empty());
    home.memory.carry_out(&decision.changes).unwrap();
    let reply = decision.reply.unwrap();
    assert_eq!((reply.expires_in.seconds(), &reply.scopes), (3600, &home.grant().scopes));
    let claims = &reply.access_token.claims;
    assert_eq!((claims["sub"].as_str(), claims["aud"].as_str()), (Some("usr_ada"), Some(AUDIENCE)));
    assert_eq!(claims["scope"], "read:whattowear openid");
    assert!(reply.id_token.is_none());
    let successor = reply.refresh_token.unwrap();
    let chain = home.grant().refresh.as_ref().unwrap();
    assert_eq!((chain.generation, chain.live), (1, Digest::of(successor.expose().as_bytes())));
    assert_eq!(home.grant().last_used_at, seconds_later(5));
    // What is stored opens nothing without the token that was used.
    let kept = format!("{:?}", home.grant());
    assert!(!kept.contains(successor.expose()) && !kept.contains(first.expose()));
    assert!(Sealer::from_bearer(successor.expose()).open(SUCCESSOR, &chain.steps[0].successor).is_none());
}

/// Each row: what is presented when, and which generation or refusal comes back.
#[test]
fn repeats_get_the_same_successor_or_end_the_grant() {
    const GONE: Result<usize, Refused> = Err(Refused::Revoked);
    const REUSED: Result<usize, Refused> = Err(Refused::Reused);
    let days = |days: i64| days * 24 * 3600;
    let cap = days(30);
    type Rows = Vec<(usize, i64, Result<usize, Refused>)>;
    let tables: Vec<(&str, &'static str, Rows)> = vec![
        ("lost answer, ten minutes later", "alexa", vec![(0, 0, Ok(1)), (0, 600, Ok(1)), (1, 601, Ok(2))]),
        ("lost answer, weeks later", "alexa", vec![(0, 0, Ok(1)), (0, cap - 1, Ok(1)), (1, cap, Ok(2))]),
        (
            "the cap runs from the first use",
            "alexa",
            vec![(0, 0, Ok(1)), (0, cap - 1, Ok(1)), (0, cap, REUSED), (1, cap, GONE)],
        ),
        ("parallel", "alexa", [(0, 0, Ok(1)); 64].to_vec()),
        (
            "reuse after use",
            "alexa",
            vec![(0, 0, Ok(1)), (1, 100, Ok(2)), (0, 161, REUSED), (2, 162, GONE), (0, 163, GONE)],
        ),
        (
            "straggler after use, within the overlap",
            "alexa",
            vec![(0, 0, Ok(1)), (1, 1, Ok(2)), (0, 3, Ok(2)), (0, 59, Ok(2)), (0, 60, REUSED)],
        ),
        (
            "grandparent of three",
            "alexa",
            vec![(0, 0, Ok(1)), (1, 1, Ok(2)), (2, 2, Ok(3)), (0, 59, Ok(3)), (1, 60, Ok(3)), (1, 61, REUSED)],
        ),
        (
            "parent repeats though grandparent is over",
            "alexa",
            vec![
                (0, 0, Ok(1)),
                (1, 100, Ok(2)),
                (1, 5000, Ok(2)),
                (2, 5001, Ok(3)),
                (2, 9000, Ok(3)),
                (1, 9001, REUSED),
            ],
        ),
        (
            "strict: the window does not slide",
            "spa",
            vec![(0, 0, Ok(1)), (0, 20, Ok(1)), (0, 29, Ok(1)), (0, 30, REUSED), (1, 31, GONE)],
        ),
        ("strict: used or not", "spa", vec![(0, 0, Ok(1)), (1, 10, Ok(2)), (0, 29, Ok(2)), (0, 31, REUSED)]),
        ("a clock that went back", "alexa", vec![(0, 100, Ok(1)), (0, 50, Ok(1)), (1, 40, Ok(2)), (0, 30, Ok(2))]),
    ];
    for (name, client, rows) in tables {
        let mut home = Household::linked(client);
        for (at, (generation, seconds, expected)) in rows.into_iter().enumerate() {
            assert_eq!(home.present(generation, seconds), expected, "{name}, row {at}");
        }
    }
}

/// Two nodes at once, a revocation in between, an idle link: a token that stays is used like any other.
#[test]
fn a_token_that_stays_is_guarded_and_ends_like_any_other() {
    let mut home = Household::linked("alexa");
    home.rule().rotation = Rotation::Static;
    home.rule().idle = Some(Lifetime::from_seconds(100));
    let token = home.given[0].clone();
    let (one, two) = (home.decide(&token, seconds_later(5)), home.decide(&token, seconds_later(6)));
    home.memory.carry_out(&one.changes).unwrap();
    home.memory.carry_out(&two.changes).unwrap();
    for decision in [one, two] {
        assert!(decision.audit.is_empty());
        assert!(decision.reply.unwrap().refresh_token.unwrap().matches(&token));
    }
    assert_eq!(home.grant().last_used_at, seconds_later(6));
    assert_eq!(home.present(0, 105), Ok(0), "each use puts the end off");
    assert_eq!(home.present(0, 205), Err(Refused::Idle));
    let late = home.decide(&token, seconds_later(110));
    home.memory.carry_out(&[Change::RevokeGrant { grant: grant().id, at: seconds_later(111) }]).unwrap();
    home.memory.carry_out(&late.changes).unwrap_err();
    assert_eq!(home.present(0, 112), Err(Refused::Revoked));
}

/// After a loss of memory the token that a client holds is the one that stays.
#[test]
fn a_token_that_stays_is_adopted_when_memory_was_lost() {
    let mut home = Household::linked("alexa");
    let before = home.memory.grants.clone();
    for generation in 0..3 {
        home.present(generation, 100).unwrap();
    }
    home.memory.grants = before;
    home.rule().rotation = Rotation::Static;
    assert_eq!(home.present(3, 200), Ok(3));
    assert_eq!(home.present(3, 300), Ok(3));
    assert_eq!(home.grant().refresh.as_ref().unwrap().generation, 3);
    assert_eq!(home.present(0, 400), Err(Refused::Reused), "what is behind it is reuse");
}

/// Of two racers the loser has read its clock before the winner's use, and its memory after it.
#[test]
fn a_use_that_seems_yet_to_come_is_no_second_chance() {
    let mut home = Household::linked("spa");
    home.rule().overlap = Lifetime::from_seconds(0);
    assert_eq!(home.present(0, 10), Ok(1));
    assert_eq!(home.present(0, 9), Err(Refused::Reused));
}

#[test]
fn without_overlap_a_strict_token_works_once() {
    let mut home = Household::linked("spa");
    home.rule().overlap = Lifetime::from_seconds(0);
    assert_eq!(home.present(0, 0), Ok(1));
    assert_eq!(home.present(0, 0), Err(Refused::Reused));
}

/// Two nodes decide on the same memory: the second loses its guard, asks again and gives the first one's successor.
#[test]
fn a_lost_race_is_decided_again_without_a_fork() {
    let mut home = Household::linked("alexa");
    let presented = home.given[0].clone();
    let (one, two) = (home.decide(&presented, seconds_later(0)), home.decide(&presented, seconds_later(0)));
    home.memory.carry_out(&one.changes).unwrap();
    home.memory.carry_out(&two.changes).unwrap_err();
    let again = home.decide(&presented, seconds_later(0));
    assert!(again.changes.is_empty() && again.audit.is_empty());
    let tokens = [one.reply.unwrap(), again.reply.unwrap()].map(|reply| reply.refresh_token.unwrap());
    assert!(tokens[0].matches(&tokens[1]));
    assert!(!two.reply.unwrap().refresh_token.unwrap().matches(&tokens[0]), "the loser's was never given");
}

/// A revocation between reading and writing wins over the refresh.
#[test]
fn a_refresh_loses_to_a_revocation() {
    let mut home = Household::linked("alexa");
    let presented = home.given[0].clone();
    let decision = home.decide(&presented, seconds_later(0));
    let revoke = Change::RevokeGrant { grant: grant().id, at: seconds_later(0) };
    home.memory.carry_out(&[revoke]).unwrap();
    home.memory.carry_out(&decision.changes).unwrap_err();
    assert_eq!(home.present(0, 1), Err(Refused::Revoked));
}

#[test]
fn reuse_is_told_apart_in_the_audit_and_kills_access_tokens() {
    let cases = [
        ("retry after the window", vec![(0, 0)], (0, 30), Some(30_000)),
        ("two callers", vec![(0, 0), (1, 10)], (0, 31), Some(31_000)),
        // The next use dropped the step, for it was over.
        ("two callers", vec![(0, 0), (1, 40)], (0, 41), None),
    ];
    for (verdict, history, (generation, seconds), since) in cases {
        let mut home = Household::linked("spa");
        for (generation, seconds) in history {
            home.present(generation, seconds).unwrap();
        }
        let named = (grant().id, 0);
        assert!(carried_by(&named, home.memory.grants.first(), &home.authority));
        let presented = home.given[generation].clone();
        let decision = home.decide(&presented, seconds_later(seconds));
        assert_eq!(decision.reply.unwrap_err(), Refused::Reused);
        let [event] = &decision.audit[..] else { panic!("one event") };
        assert_eq!((event.kind, event.authority.as_str()), ("refresh_reuse", "wear"));
        assert_eq!(event.details["verdict"], verdict);
        assert_eq!(event.details["millis_since_first_use"].as_i64(), since);
        assert_eq!((event.client.as_deref(), event.user.as_deref()), (Some("spa"), Some("usr_ada")));
        assert!(home.given.iter().all(|token| !format!("{event:?}").contains(token.expose())));
        home.memory.carry_out(&decision.changes).unwrap();
        assert!(!carried_by(&named, home.memory.grants.first(), &home.authority));
    }
}

/// Everything remembered is judged anew at each refresh (I4, I8); none of these refusals ends the link.
#[test]
fn what_was_taken_away_is_not_given_again() {
    type Take = fn(&mut Household);
    let wanted = |audience: Option<&str>, scope: Option<&str>| Wanted {
        audience: audience.map(str::to_owned),
        scope: scope.map(str::to_owned),
    };
    let cases: Vec<(&str, Take, Refused)> = vec![
        ("user disabled", |home| home.user = Some(disabled(ada())), Refused::UserDisabled),
        ("user gone", |home| home.user = None, Refused::UserDisabled),
        ("another user", |home| home.user = Some(eve()), Refused::UserDisabled),
        ("policies removed", |home| home.authority.policies.clear(), Refused::NoMatchingPolicy),
        ("rule removed", |home| home.authority.policies[0].rules.clear(), Refused::NoMatchingPolicy),
        ("rule for machines", |home| home.authority.policies[0].rules[0].grants.truncate(0), Refused::NoMatchingPolicy),
        (
            "scope taken from the client",
            |home| client_mut(&mut home.authority, "alexa").scopes.retain(|scope| scope != "openid"),
            Refused::NoMatchingPolicy,
        ),
        ("scope taken from the API", |home| home.authority.apis[0].scopes.clear(), Refused::NoMatchingPolicy),
        ("API removed", |home| home.authority.apis.clear(), Refused::NoMatchingPolicy),
        (
            "refresh taken from the client",
            |home| client_mut(&mut home.authority, "alexa").grants.truncate(1),
            Refused::GrantNotAllowed,
        ),
        ("another client", |home| home.client = "desktop", Refused::ForeignClient),
        ("grant forgotten", |home| home.memory.grants.clear(), Refused::Unknown),
        ("another authority's grant", |home| home.memory.grants[0].authority = "quiz".to_owned(), Refused::Unknown),
        ("another grant", |home| home.memory.grants[0].id.0.push('x'), Refused::Unknown),
        ("no refresh in the grant", |home| home.memory.grants[0].refresh = None, Refused::Unknown),
        ("revoked", |home| home.memory.grants[0].revoked_at = Some(seconds_later(0)), Refused::Revoked),
    ];
    for (name, take, refused) in cases {
        let mut home = Household::linked("alexa");
        take(&mut home);
        let presented = home.given[0].clone();
        let decision = home.decide(&presented, seconds_later(1));
        assert_eq!(decision.reply.unwrap_err(), refused, "{name}");
        assert!(decision.changes.is_empty() && decision.audit.is_empty(), "{name}");
    }
    let upgrades = [
        (wanted(Some(OTHER_AUDIENCE), None), Err(Refused::OtherApi)),
        (wanted(Some(""), None), Err(Refused::OtherApi)),
        (wanted(Some(AUDIENCE), None), Ok("read:whattowear openid")),
        (wanted(None, Some("openid write:whattowear")), Err(Refused::ScopeNotGranted)),
        (wanted(None, Some("profile")), Err(Refused::ScopeNotGranted)),
        (wanted(None, Some("read:\"x\"")), Err(Refused::ScopeNotGranted)),
        (wanted(None, Some("openid openid")), Ok("openid")),
        (wanted(None, Some("openid read:whattowear")), Ok("openid read:whattowear")),
    ];
    for (wanted, expected) in upgrades {
        let mut home = Household::linked("alexa");
        home.wanted = wanted.clone();
        let presented = home.given[0].clone();
        let decision = home.decide(&presented, seconds_later(1));
        let found = decision.reply.map(|reply| reply.access_token.claims["scope"].as_str().unwrap().to_owned());
        assert_eq!(found, expected.map(str::to_owned), "{wanted:?}");
    }
}

#[test]
fn narrowing_is_for_one_answer_only() {
    let mut home = Household::linked("alexa");
    home.wanted.scope = Some("openid".to_owned());
    home.present(0, 0).unwrap();
    home.wanted.scope = None;
    let presented = home.given[1].clone();
    let reply = home.decide(&presented, seconds_later(1)).reply.unwrap();
    assert_eq!(reply.scopes, ["read:whattowear", "openid"]);
}

/// Neither another authority's token nor a made-up one is ever taken for reuse.
#[test]
fn only_tokens_of_this_authority_count() {
    let mut home = Household::linked("alexa");
    home.present(0, 0).unwrap();
    home.present(1, 100).unwrap();
    let foreign = mint("quiz", &grant().id, 0, &sealer(), &mut Seeded(9)).0;
    let other_key = mint("wear", &grant().id, 0, &Sealer::new([8; 32]), &mut Seeded(9)).0;
    let old = home.given[0].expose().to_owned();
    let made_up =
        [foreign, other_key, Secret::new(""), Secret::new(&old[..old.len() - 1]), Secret::new(format!("{old} "))];
    for token in made_up {
        let decision = home.decide(&token, seconds_later(200));
        assert_eq!(decision.reply.unwrap_err(), Refused::Unknown);
        assert!(decision.changes.is_empty() && decision.audit.is_empty());
    }
    home.authority = other_authority();
    let presented = home.given[2].clone();
    assert_eq!(home.decide(&presented, seconds_later(201)).reply.unwrap_err(), Refused::Unknown);
}

/// Only an authenticated client of the grant can show that a token leaked.
#[test]
fn another_client_with_an_old_token_ends_nothing() {
    let mut home = Household::linked("alexa");
    home.present(0, 0).unwrap();
    home.present(1, 100).unwrap();
    home.client = "desktop";
    assert_eq!(home.present(0, 200), Err(Refused::ForeignClient));
    home.client = "alexa";
    assert_eq!(home.present(2, 201), Ok(3));
}

/// What a policy's rule says goes before what the client says, and is judged at each refresh.
#[test]
fn a_rule_of_a_policy_ends_what_is_old_or_rested() {
    let day = 24 * 3600;
    let home = |client, idle: Option<u32>, total: Option<u32>| {
        let mut home = Household::linked(client);
        let lifetimes = &mut home.authority.policies[0].rules[0].lifetimes;
        lifetimes.refresh_idle = idle.map(|days| Lifetime::from_seconds(days * 24 * 3600));
        lifetimes.refresh_total = total.map(|days| Lifetime::from_seconds(days * 24 * 3600));
        home
    };
    assert_eq!(home("alexa", Some(2), None).present(0, 2 * day - 1), Ok(1));
    assert_eq!(home("alexa", Some(2), None).present(0, 2 * day), Err(Refused::Idle));
    assert_eq!(home("spa", Some(3), None).present(0, 2 * day), Ok(1), "the client alone says one day");
    // The grant began 90 seconds before its first token.
    let mut old = home("alexa", None, Some(2));
    assert_eq!((old.present(0, day), old.present(1, 2 * day - 91)), (Ok(1), Ok(2)));
    assert_eq!(old.present(2, 2 * day - 90), Err(Refused::Over));
}

#[test]
fn a_grant_rests_as_long_as_its_rule_allows() {
    let day = 24 * 3600;
    let mut idle = Household::linked("spa");
    assert_eq!(idle.present(0, day - 1), Ok(1));
    assert_eq!(idle.present(1, 2 * day - 2), Ok(2));
    assert_eq!(idle.present(2, 3 * day - 2), Err(Refused::Idle));
    assert_eq!(Household::linked("alexa").present(0, 3650 * day), Ok(1), "an idle household stays linked");
}

/// Refreshing grows nothing without bound, and the tokens that may repeat are among what is kept.
#[test]
fn the_cost_of_a_chain_is_constant() {
    let mut home = Household::linked("alexa");
    for generation in 0..100 {
        assert_eq!(home.present(generation, i64::try_from(generation / 10).unwrap()), Ok(generation + 1));
        assert!(home.grant().refresh.as_ref().unwrap().steps.len() <= MAX_STEPS);
    }
    assert_eq!(home.present(100 - MAX_STEPS, 10), Ok(100));
    for generation in 100..110 {
        let seconds = i64::try_from(generation).unwrap() * 3600;
        assert_eq!(home.present(generation, seconds), Ok(generation + 1));
        assert_eq!(home.grant().refresh.as_ref().unwrap().steps.len(), 1);
    }
}

#[test]
fn a_token_tells_nothing_but_its_place() {
    let home = Household::linked("alexa");
    let text = home.given[0].expose();
    for hidden in ["usr_ada", "alexa", "wear"] {
        assert!(!text.contains(hidden), "{text}");
    }
    assert_eq!(home.user.as_ref().unwrap().id, UserId("usr_ada".to_owned()));
}

#[test]
fn refusals_sound_as_they_should() {
    let table = [
        (Refused::ForeignClient, "refresh_token_of_another_client", ErrorCode::InvalidGrant),
        (Refused::GrantNotAllowed, "grant_not_allowed", ErrorCode::UnauthorizedClient),
        (Refused::Idle, "grant_idle", ErrorCode::InvalidGrant),
        (Refused::NoMatchingPolicy, "no_matching_policy", ErrorCode::InvalidGrant),
        (Refused::OtherApi, "refresh_for_another_api", ErrorCode::InvalidTarget),
        (Refused::Reused, "refresh_reuse", ErrorCode::InvalidGrant),
        (Refused::Revoked, "grant_revoked", ErrorCode::InvalidGrant),
        (Refused::ScopeNotGranted, "scope_not_granted", ErrorCode::InvalidScope),
        (Refused::Unknown, "refresh_token_unknown", ErrorCode::InvalidGrant),
        (Refused::UserDisabled, "user_disabled", ErrorCode::InvalidGrant),
    ];
    let unknown = Refused::Unknown.description();
    for (refused, reason, error) in table {
        assert_eq!((refused.reason(), refused.error()), (reason, error));
        // Whoever holds a token that is not theirs learns nothing about it.
        assert_eq!(refused.description() == unknown, error == ErrorCode::InvalidGrant, "{reason}");
    }
}
