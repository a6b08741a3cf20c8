//! Memory that goes back in time under a living chain: a backup is restored, or a failover loses the last commits.

use proptest::prelude::*;

use super::*;

impl Household {
    /// Presents a token itself, for after a restore a generation may stand for two.
    fn show(&mut self, token: &Secret, seconds: i64) -> Result<Secret, Refused> {
        let decision = self.decide(token, seconds_later(seconds));
        self.memory.carry_out(&decision.changes).unwrap();
        decision.reply.map(|reply| reply.refresh_token.unwrap())
    }

    /// The first `count + 1` tokens of the chain, each used an hour after the other, and memory as it was at each.
    fn lived(client: &'static str, count: i64) -> (Self, Vec<Secret>, Vec<Memory>) {
        let mut home = Self::linked(client);
        home.rule().idle = None;
        let (mut tokens, mut memories) = (home.given.clone(), vec![home.memory.clone()]);
        for use_ in 0..count {
            let next = home.show(&tokens[tokens.len() - 1].clone(), use_ * 3600).unwrap();
            tokens.push(next);
            memories.push(home.memory.clone());
        }
        (home, tokens, memories)
    }

    fn live_generation(&self) -> i64 {
        self.grant().refresh.as_ref().unwrap().generation
    }
}

/// When the tables below begin, in seconds after the link: everything before it is long over.
const LATER: i64 = 1_000_000;

#[test]
fn a_token_from_after_the_backup_is_taken_up_where_it_is() {
    let (mut home, tokens, memories) = Household::lived("alexa", 5);
    home.memory = memories[2].clone();
    let decision = home.decide(&tokens[5], seconds_later(LATER));
    let [event] = &decision.audit[..] else { panic!("one event: {:?}", decision.audit) };
    assert_eq!((event.kind, event.grant.as_deref()), ("refresh_ahead", Some(grant().id.0.as_str())));
    assert_eq!(
        (&event.details["remembered_generation"], &event.details["presented_generation"]),
        (&2.into(), &5.into())
    );
    let [Change::AdvanceRefresh { from_generation: 2, chain, .. }] = &decision.changes[..] else {
        panic!("{:?}", decision.changes)
    };
    let [step] = &chain.steps[..] else { panic!("what was before leads nowhere: {chain:?}") };
    assert_eq!((chain.generation, step.generation), (6, 5));
    home.memory.carry_out(&decision.changes).unwrap();
    let successor = decision.reply.unwrap().refresh_token.unwrap();
    // From here on it is a chain like any other: the same successor again, then the next.
    assert!(home.show(&tokens[5], LATER + 10).unwrap().matches(&successor));
    let next = home.show(&successor, LATER + 20).unwrap();
    assert!(home.show(&tokens[5], LATER + 59).unwrap().matches(&next), "within the overlap");
    assert_eq!(home.live_generation(), 7);
    assert_eq!(home.show(&tokens[5], LATER + 700).unwrap_err(), Refused::Reused);
}

#[test]
fn two_callers_with_a_token_from_ahead_get_one_successor() {
    let (mut home, tokens, memories) = Household::lived("alexa", 3);
    home.memory = memories[0].clone();
    let (one, two) = (home.decide(&tokens[3], seconds_later(LATER)), home.decide(&tokens[3], seconds_later(LATER)));
    home.memory.carry_out(&one.changes).unwrap();
    home.memory.carry_out(&two.changes).unwrap_err();
    let again = home.decide(&tokens[3], seconds_later(LATER));
    assert!(again.changes.is_empty() && again.audit.is_empty());
    let tokens = [one, again].map(|decision| decision.reply.unwrap().refresh_token.unwrap());
    assert!(tokens[0].matches(&tokens[1]));
}

/// Each row: the token presented, by its place before the restore, and what comes of it. Memory went back to 3 of 6.
#[test]
fn an_older_copy_is_found_whoever_comes_first() {
    type Rows = Vec<(usize, Result<i64, Refused>)>;
    const REUSED: Result<i64, Refused> = Err(Refused::Reused);
    const GONE: Result<i64, Refused> = Err(Refused::Revoked);
    let tables: Vec<(&str, &'static str, Rows)> = vec![
        ("the owner first", "alexa", vec![(6, Ok(7)), (4, REUSED), (6, GONE)]),
        ("a copy from after the backup first", "alexa", vec![(4, Ok(5)), (6, Ok(7)), (4, REUSED)]),
        ("a copy from before the backup, at once", "alexa", vec![(1, REUSED), (6, GONE)]),
        ("a copy of the one that was live", "alexa", vec![(3, Ok(4)), (6, Ok(7)), (3, REUSED)]),
        ("strict: the same", "spa", vec![(6, Ok(7)), (4, REUSED)]),
        ("strict: a copy first", "spa", vec![(4, Ok(5)), (6, Ok(7)), (4, REUSED)]),
        // 5 was replaced by 6 before the restore, and by another 6 after it.
        ("another branch", "alexa", vec![(5, Ok(6)), (6, Ok(7)), (5, REUSED)]),
        ("strict: another branch is a second caller", "spa", vec![(5, Ok(6)), (6, REUSED), (5, GONE)]),
    ];
    for (name, client, rows) in tables {
        let (mut home, tokens, memories) = Household::lived(client, 6);
        home.memory = memories[3].clone();
        for (at, (place, expected)) in rows.into_iter().enumerate() {
            let seconds = LATER + i64::try_from(at).unwrap() * 1000;
            let found = home.show(&tokens[place], seconds).map(|_| home.live_generation());
            assert_eq!(found, expected, "{name}, row {at}");
        }
    }
}

/// Whoever goes on from a stale copy until it has passed the owner is told apart when the owner comes.
#[test]
fn a_copy_that_has_passed_the_owner_ends_the_grant() {
    let (mut home, tokens, memories) = Household::lived("alexa", 4);
    home.memory = memories[2].clone();
    let mut copy = tokens[2].clone();
    for step in 0..3 {
        copy = home.show(&copy, LATER + step * 1000).unwrap();
    }
    assert_eq!(home.live_generation(), 5);
    assert_eq!(home.show(&tokens[4], LATER + 3000).unwrap_err(), Refused::Reused);
    assert_eq!(home.show(&copy, LATER + 3001).unwrap_err(), Refused::Revoked);
}

#[test]
fn nobody_knows_how_long_a_token_from_ahead_has_rested() {
    let (mut home, tokens, memories) = Household::lived("spa", 3);
    home.rule().idle = Some(Lifetime::from_seconds(24 * 3600));
    home.memory = memories[1].clone();
    assert_eq!(home.show(&tokens[1], LATER).unwrap_err(), Refused::Idle, "the live one rested, as far as we know");
    let next = home.show(&tokens[3], LATER).unwrap();
    assert_eq!(home.show(&next, LATER + 24 * 3600).unwrap_err(), Refused::Idle, "from now on it is known");
}

/// Everything else is judged as for any token.
#[test]
fn a_token_from_ahead_is_no_way_around_a_refusal() {
    let (mut home, tokens, memories) = Household::lived("alexa", 3);
    home.memory = memories[1].clone();
    home.client = "desktop";
    assert_eq!(home.show(&tokens[3], LATER).unwrap_err(), Refused::ForeignClient);
    home.client = "alexa";
    home.user = Some(disabled(ada()));
    assert_eq!(home.show(&tokens[3], LATER).unwrap_err(), Refused::UserDisabled);
    home.user = Some(ada());
    let made_up = Secret::new(tokens[3].expose().replacen(".3.", ".9.", 1));
    assert_eq!(home.show(&made_up, LATER).unwrap_err(), Refused::Unknown, "nobody can make one");
    home.memory.carry_out(&[Change::RevokeGrant { grant: grant().id, at: seconds_later(LATER) }]).unwrap();
    assert_eq!(home.show(&tokens[3], LATER).unwrap_err(), Refused::Revoked);
}

/// What happens to an owner whose server forgets.
#[derive(Clone, Debug)]
enum Move {
    /// A refresh whose answer is lost so many times before it arrives.
    Refresh { pause: i64, lost: usize },
    /// A backup is made.
    Backup,
    /// The backup of that number is restored.
    Restore(usize),
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let refresh = (1i64..100_000, 0usize..3).prop_map(|(pause, lost)| Move::Refresh { pause, lost });
    let one = prop_oneof![6 => refresh, 2 => Just(Move::Backup), 2 => (0usize..8).prop_map(Move::Restore)];
    proptest::collection::vec(one, 1..50)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    /// Whatever is restored whenever: the owner stays linked, and an older copy is found once the owner has come twice.
    #[test]
    fn an_owner_outlives_every_restore_and_an_older_copy_does_not(
        client in proptest::sample::select(vec!["alexa", "spa"]),
        moves in moves(),
        copy in any::<proptest::sample::Index>(),
    ) {
        let mut home = Household::linked(client);
        home.rule().idle = None;
        let strict = home.rule().rotation == Rotation::Strict;
        let (mut held, mut now) = (home.given[0].clone(), 0);
        let (mut used, mut backups) = (Vec::new(), vec![home.memory.clone()]);
        let more = [Move::Refresh { pause: 1, lost: 0 }, Move::Refresh { pause: 1, lost: 0 }];
        for step in moves.into_iter().chain(more) {
            match step {
                Move::Backup => backups.push(home.memory.clone()),
                Move::Restore(number) => home.memory = backups[number % backups.len()].clone(),
                Move::Refresh { pause, lost } => {
                    now += pause;
                    for _ in 0..if strict { lost.min(1) } else { lost } {
                        prop_assert!(home.show(&held, now).is_ok());
                        now += 7;
                    }
                    let next = home.show(&held, now);
                    prop_assert!(next.is_ok(), "the owner is refused: {:?}", next);
                    used.push(std::mem::replace(&mut held, next.unwrap()));
                    let chain = home.grant().refresh.as_ref().unwrap();
                    prop_assert!(chain.live.matches(&Digest::of(held.expose().as_bytes())), "one token is live");
                    prop_assert!(chain.steps.iter().all(|step| step.generation < chain.generation));
                }
            }
        }
        prop_assert!(home.grant().revoked_at.is_none());
        // The last one used may still repeat.
        used.pop();
        let copy = used[copy.index(used.len())].clone();
        prop_assert_eq!(home.show(&copy, now + 1000).unwrap_err(), Refused::Reused);
        prop_assert_eq!(home.show(&held, now + 1001).unwrap_err(), Refused::Revoked);
    }
}
