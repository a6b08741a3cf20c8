//! How often passwords may be tried, counted over all nodes.

use sayso_store::StoreError;
use sayso_store::tries::{Allowance, Counted};
use sayso_token::digest::Digest;
use sayso_token::time::Lifetime;
use sayso_web::listen::Peer;

use crate::place::Place;

/// For one account, or from one device that the account knows.
const ACCOUNT: Allowance = Allowance { burst: 10, refill: Lifetime::from_seconds(90) };
/// From one address.
const SOURCE: Allowance = Allowance { burst: 60, refill: Lifetime::from_seconds(5) };

fn counted(kind: &str, whose: &str, allowance: Allowance) -> Counted {
    Counted { key: Digest::of(format!("{kind}\n{whose}").as_bytes()), allowance }
}

/// Takes one try from the account (or the known device) and one from the address, before anything is judged; `Err` with
/// the time to wait when there is none. Behind a proxy on this machine everyone has its loopback address, which therefore
/// is not counted.
pub(crate) async fn take_try(
    place: &Place,
    peer: Option<Peer>,
    account: &str,
) -> Result<Result<(), Lifetime>, StoreError> {
    let address = peer.map(|peer| peer.address.to_canonical()).filter(|address| !address.is_loopback());
    let mut from = vec![counted("account", account, ACCOUNT)];
    from.extend(address.map(|address| counted("address", &address.to_string(), SOURCE)));
    let taken = place.house.store.take_tries(&from, place.now()).await?;
    if taken.is_err() {
        tracing::warn!(reason = "password_guessing", ?address, "too many sign-in tries");
    }
    Ok(taken)
}

/// Gives the account's tries back: the password was right.
pub(crate) async fn forget_tries(place: &Place, account: &str) -> Result<(), StoreError> {
    place.house.store.forget_tries(&counted("account", account, ACCOUNT).key).await
}
