//! Telling clients of sessions that ended (OpenID Connect Back-Channel Logout).
//!
//! What is to be told is in the database since the moment the session ended. Whoever ends one tries at once, while the person
//! waits a moment; what did not arrive is tried again by whichever node looks next.

use std::convert::Infallible;
use std::time::Duration;

use futures_util::future::join_all;
use sayso_authority::Decision;
use sayso_authority::decide::subject::pairwise_subject;
use sayso_authority::decide::tell_logout::{Attempt, begin, finish};
use sayso_authority::record::logout_notice::LogoutNotice;
use sayso_authority::wire::token::Protection;
use sayso_store::{Store, StoreError};
use sayso_token::jws;
use sayso_token::time::Clock;

use crate::place::Place;

/// How long a person waits for clients to hear of it, before they are sent on.
const PERSON_WAITS: Duration = Duration::from_secs(2);
/// How many are told at once.
const AT_ONCE: usize = 8;

/// Tells what was just remembered. What takes longer than a person should wait goes on without them.
pub(crate) async fn tell_while_waiting(place: &Place, notices: Vec<LogoutNotice>) {
    let tell_each = notices.into_iter().map(|notice| {
        let place = place.clone();
        tokio::spawn(async move { tell_here(&place, &notice).await })
    });
    let all: Vec<_> = tell_each.collect();
    if !all.is_empty() && tokio::time::timeout(PERSON_WAITS, join_all(all)).await.is_err() {
        tracing::debug!("clients are still being told of a sign-out");
    }
}

async fn tell_here(place: &Place, notice: &LogoutNotice) {
    // Those of other authorities are told from there, by whoever looks next.
    if notice.authority == place.authority().id {
        note(tell(std::slice::from_ref(place), &place.house.store, &*place.house.clock, notice).await);
    }
}

/// Tells what is due now; how many notices that were.
pub(crate) async fn tell_due(places: &[Place], store: &Store, clock: &dyn Clock) -> Result<usize, StoreError> {
    let due = store.lookups().due_logout_notices(clock.now()).await?;
    for some in due.chunks(AT_ONCE) {
        let mut told = Vec::new();
        for notice in some {
            told.push(tell(places, store, clock, notice));
        }
        join_all(told).await.into_iter().for_each(note);
    }
    Ok(due.len())
}

fn note(told: Result<(), StoreError>) {
    if let Err(error) = told {
        tracing::warn!(%error, "what a client was told of a sign-out could not be kept; it is told again");
    }
}

/// One attempt at one notice, unless another has taken it.
async fn tell(places: &[Place], store: &Store, clock: &dyn Clock, notice: &LogoutNotice) -> Result<(), StoreError> {
    let place = places.iter().find(|place| place.authority().id == notice.authority);
    let begun = store.settle(clock, |lookups, now| async move {
        Ok(match lookups.logout_notice(&notice.id).await? {
            Some(found) if found.attempts == notice.attempts => {
                let subject = place.and_then(|place| subject(place, &found));
                begin(place.map(Place::authority), &found, subject.as_deref().unwrap_or(&found.user.0), now)
            }
            _ => Decision::reply(None),
        })
    });
    let Some(attempt) = sure(begun.await?) else { return Ok(()) };
    let Some(place) = place else { return Ok(()) };
    let outcome = post(place, &attempt).await;
    let told = &attempt.notice;
    let (client, attempts) = (&told.client, told.attempts);
    match outcome {
        Ok(()) => tracing::info!(client, attempts, "a client was told of a sign-out"),
        Err(reason) => tracing::warn!(client, attempts, reason, "a client could not be told of a sign-out"),
    }
    let ended = store.settle(clock, |lookups, _| async move {
        Ok(match lookups.logout_notice(&told.id).await? {
            Some(_) => finish(told, outcome),
            None => Decision::reply(()),
        })
    });
    sure(ended.await?);
    Ok(())
}

/// Who the person is to a client with pairwise subjects, which must not learn their id from this either.
fn subject(place: &Place, notice: &LogoutNotice) -> Option<String> {
    let client = place.authority().client(&notice.client)?;
    pairwise_subject(place.authority(), client, &notice.user, &place.house.pairwise)
}

async fn post(place: &Place, attempt: &Attempt) -> Result<(), &'static str> {
    let Protection::Signed(algorithm) = attempt.token.protection else { return Err("no_signing_key") };
    let key = place.desk.keyring.signer(algorithm).ok_or("no_signing_key")?;
    let token = jws::sign(attempt.token.typ, &attempt.token.claims, key).ok_or("no_signing_key")?;
    // A compact JWS holds no sign that a form would have to encode.
    let form = format!("logout_token={token}");
    place.house.fetcher.post_form(&attempt.url, form).await.map_err(|failed| failed.reason())
}

fn sure<T>(settled: Result<T, Infallible>) -> T {
    match settled {
        Ok(reply) => reply,
        Err(never) => match never {},
    }
}
