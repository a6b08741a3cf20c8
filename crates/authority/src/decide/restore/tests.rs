use sayso_token::digest::Digest;

use super::*;
use crate::testing::{ada, disabled, eve, grant as fresh, seconds_later};

fn chain(generation: i64, live: &str) -> RefreshChain {
    RefreshChain { generation, live: Digest::of(live.as_bytes()), steps: Vec::new() }
}

fn at(generation: i64, live: &str) -> Grant {
    Grant { refresh: Some(chain(generation, live)), ..fresh() }
}

/// Each row: what the backup has, what the replaced database has, and what must stand; `None`: the backup's.
#[test]
fn only_what_ended_since_is_taken_over() {
    let revoked = |grant: Grant| Grant { revoked_at: Some(seconds_later(9)), ..grant };
    let epoch = |epoch, grant: Grant| Grant { epoch, ..grant };
    let rows: Vec<(&str, Grant, Grant, Option<Grant>)> = vec![
        ("the same", at(3, "c"), at(3, "c"), None),
        ("refreshed since", at(3, "c"), at(5, "e"), Some(at(5, "e"))),
        ("refreshed on another branch", at(3, "c"), at(3, "C"), Some(at(3, "C"))),
        ("the backup is further on", at(5, "e"), at(3, "c"), None),
        ("revoked since", at(3, "c"), revoked(at(3, "c")), Some(revoked(at(3, "c")))),
        ("revoked then, alive now", revoked(at(3, "c")), at(3, "c"), None),
        ("access tokens revoked since", epoch(1, at(3, "c")), epoch(4, at(3, "c")), Some(epoch(4, at(3, "c")))),
        ("a higher epoch in the backup", epoch(4, at(3, "c")), epoch(1, at(3, "c")), None),
        ("all of it", epoch(0, at(3, "c")), epoch(2, revoked(at(7, "g"))), Some(epoch(2, revoked(at(7, "g"))))),
        ("no refresh tokens", Grant { refresh: None, ..fresh() }, at(3, "c"), None),
        ("no refresh tokens there", at(3, "c"), Grant { refresh: None, ..fresh() }, None),
    ];
    for (name, restored, replaced, expected) in rows {
        assert_eq!(format!("{:?}", grant(&restored, &replaced)), format!("{expected:?}"), "{name}");
    }
}

#[test]
fn when_it_was_used_goes_with_the_chain() {
    let used = |seconds, grant: Grant| Grant { last_used_at: seconds_later(seconds), ..grant };
    let better = grant(&used(1, at(3, "c")), &used(8, at(5, "e"))).unwrap();
    assert_eq!(better.last_used_at, seconds_later(8));
    assert!(
        grant(&at(3, "c"), &Grant { scopes: Vec::new(), ..at(3, "c") }).is_none(),
        "what was allowed is the backup's"
    );
}

#[test]
fn another_record_knows_nothing() {
    let mut other = at(9, "i");
    other.id.0.push('x');
    assert!(grant(&at(3, "c"), &other).is_none());
    assert_eq!(user_disabled_at(&ada(), &disabled(eve())), None);
}

#[test]
fn whoever_was_disabled_since_stays_so() {
    let since = disabled(ada()).disabled_at;
    assert!(since.is_some());
    assert_eq!(user_disabled_at(&ada(), &disabled(ada())), since);
    assert_eq!(user_disabled_at(&disabled(ada()), &ada()), None, "enabled since: the operator does it again");
    assert_eq!(user_disabled_at(&ada(), &ada()), None);
}

#[test]
fn another_password_set_since_stays() {
    let other = User { password_hash: sayso_token::secret::Secret::new("$argon2id$other"), ..ada() };
    assert_eq!(password_since(&ada(), &other).unwrap().expose(), "$argon2id$other");
    assert!(password_since(&ada(), &ada()).is_none());
    assert!(password_since(&eve(), &other).is_none());
}
