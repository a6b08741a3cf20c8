//! How often passwords may be tried, counted over all nodes, and when wrong ones are more than forgetfulness.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use sayso_authority::Decision;
use sayso_authority::record::event::Event;
use sayso_store::StoreError;
use sayso_store::tries::{Allowance, Counted};
use sayso_token::digest::Digest;
use sayso_token::time::Lifetime;
use sayso_web::listen::Peer;

use crate::place::Place;

/// For one account, or from one device that the account knows.
const ACCOUNT: Allowance = Allowance { burst: 10, refill: Lifetime::from_seconds(90) };
/// From one source: an IPv4 address, an IPv6 /64.
const SOURCE: Allowance = Allowance { burst: 60, refill: Lifetime::from_seconds(5) };
/// From one block of sources: an IPv4 /24, an IPv6 /48.
const BLOCK: Allowance = Allowance { burst: 300, refill: Lifetime::from_seconds(1) };
/// Wrong passwords at all accounts, from everywhere. What is beyond is somebody trying a list.
const WRONG: Allowance = Allowance { burst: 200, refill: Lifetime::from_seconds(2) };
/// How often that is told.
const TOLD: Allowance = Allowance { burst: 1, refill: Lifetime::from_seconds(600) };
/// The kind of the event that tells it.
const STUFFING: &str = "credential_stuffing";

fn counted(kind: &str, whose: &str, allowance: Allowance) -> Counted {
    Counted { key: Digest::of(format!("{kind}\n{whose}").as_bytes()), allowance }
}

/// Where somebody comes from, for counting: the address, or what one customer of IPv6 has at least, a /64. Behind a proxy
/// on this machine everyone has its loopback address, which therefore is not counted.
pub(crate) fn source(peer: Option<Peer>) -> Option<IpAddr> {
    let address = peer?.address.to_canonical();
    (!address.is_loopback()).then(|| network(address, 32, 64))
}

/// The network of an address, by the length of its prefix in IPv4 and IPv6.
fn network(address: IpAddr, v4: u32, v6: u32) -> IpAddr {
    match address {
        IpAddr::V4(address) => Ipv4Addr::from(u32::from(address) & u32::MAX.unbounded_shl(32 - v4)).into(),
        IpAddr::V6(address) => Ipv6Addr::from(u128::from(address) & u128::MAX.unbounded_shl(128 - v6)).into(),
    }
}

/// Takes one try from the account (or the known device), one from the source and one from its block, before anything is
/// judged; `Err` with the time to wait when there is none.
pub(crate) async fn take_try(
    place: &Place,
    peer: Option<Peer>,
    account: &str,
) -> Result<Result<(), Lifetime>, StoreError> {
    let source = source(peer);
    let mut from = vec![counted("account", account, ACCOUNT)];
    from.extend(source.map(|source| counted("address", &source.to_string(), SOURCE)));
    from.extend(source.map(|source| counted("block", &network(source, 24, 48).to_string(), BLOCK)));
    let taken = place.house.store.take_tries(&from, place.now()).await?;
    if taken.is_err() {
        tracing::warn!(reason = "password_guessing", ?source, "too many sign-in tries");
    }
    Ok(taken)
}

/// Gives the account's tries back: the password was right.
pub(crate) async fn forget_tries(place: &Place, account: &str) -> Result<(), StoreError> {
    place.house.store.forget_tries(&counted("account", account, ACCOUNT).key).await
}

/// Counts a wrong password. When there are too many everywhere, log and audit are told, once in ten minutes.
pub(crate) async fn count_wrong(place: &Place) -> Result<(), StoreError> {
    let (store, now) = (&place.house.store, place.now());
    if store.take_tries(&[counted("wrong passwords", "", WRONG)], now).await?.is_ok()
        || store.take_tries(&[counted("stuffing told", "", TOLD)], now).await?.is_err()
    {
        return Ok(());
    }
    tracing::warn!(reason = STUFFING, "wrong passwords come by the hundred: somebody tries a list of them");
    let event = &Event::of_directory(STUFFING).detail("wrong_passwords", WRONG.burst);
    let told =
        store.settle(&*place.house.clock, |_, _| async move { Ok(Decision::<(), ()>::reply(()).event(event.clone())) });
    // Nothing is refused here; the event is all there is.
    told.await.map(|_| ())
}

/// Whether a list is being tried now: whoever signs in meanwhile is marked so in the audit, to be found afterwards.
pub(crate) async fn is_stuffed(place: &Place) -> Result<bool, StoreError> {
    place.house.store.is_used_up(&counted("wrong passwords", "", WRONG), place.now()).await
}

/// The detail of an event that happens while a list is being tried.
pub(crate) const DURING: (&str, &str) = ("during", STUFFING);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_customer_of_ipv6_is_one_source() {
        let source = |address: &str| {
            let address = address.parse().unwrap();
            source(Some(Peer { address, tls: false })).map(|address| address.to_string())
        };
        for (address, counted) in [
            ("192.0.2.7", Some("192.0.2.7")),
            ("::ffff:192.0.2.7", Some("192.0.2.7")),
            ("2001:db8:1:2:3:4:5:6", Some("2001:db8:1:2::")),
            ("2001:db8:1:2::", Some("2001:db8:1:2::")),
            ("127.0.0.1", None),
            ("::1", None),
        ] {
            assert_eq!(source(address).as_deref(), counted, "{address}");
        }
        let block = |address: &str| network(address.parse().unwrap(), 24, 48).to_string();
        assert_eq!((block("192.0.2.7").as_str(), block("2001:db8:1:2::3").as_str()), ("192.0.2.0", "2001:db8:1::"));
        assert_eq!(network("192.0.2.7".parse().unwrap(), 0, 0).to_string(), "0.0.0.0");
    }
}
