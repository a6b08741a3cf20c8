//! Back from the provider, with its answer.

use std::time::Duration;

use axum::extract::{Path, State};
use axum::response::Response;
use http::StatusCode;
use sayso_authority::Decision;
use sayso_authority::decide::connect::{self, connect};
use sayso_authority::decide::sign_in_upstream::{
    ANSWER, Answer, Refused, Remembered, SignedIn, sign_in_upstream, wanted_username,
};
use sayso_authority::decide::upstream::came_back::came_back;
use sayso_authority::decide::upstream::email_domain::may_come_in;
use sayso_authority::decide::upstream::outward::{OUTWARD_LIFETIME, Outward};
use sayso_authority::decide::upstream::userinfo::completed;
use sayso_authority::decide::upstream::{self, id_token};
use sayso_authority::record::connection::Connection;
use sayso_authority::record::identity::UpstreamIdentity;
use sayso_authority::wire::form::Form;
use sayso_authority::wire::provider::{Provider, TokenReply};
use sayso_store::{Lookups, StoreError};
use sayso_token::digest::Digest;

use super::super::faces::{Asker, see_other};
use super::super::flow::path_onward;
use super::{Failed, Onward, Trouble, unknown};
use crate::browser::{browser, clear_outward, outward, session_digest, set_session, visitor};
use crate::place::Place;

/// How long a provider is waited for, all that is asked of it together: the page must be there before the server gives up on it.
const PATIENCE: Duration = Duration::from_millis(3500);

/// `GET /connections/{id}/callback`.
pub(crate) async fn get(State(place): State<Place>, Path(id): Path<String>, asker: Asker) -> Response {
    let Some(connection) = place.authority().connection(&id) else {
        return unknown(&place, &asker);
    };
    let outward = outward(&place, &asker.headers);
    let onward = outward.as_ref().and_then(|outward| Onward::from_text(&outward.return_to, place.now()));
    let answered = tokio::time::timeout(PATIENCE, answered(&place, &asker, connection, outward.as_ref())).await;
    let mut answer = match answered.unwrap_or(Err(unreachable(Trouble::TooSlow.reason()))) {
        Ok((identity, outward)) => {
            let back = Back { place: &place, asker: &asker, connection, identity: &identity, outward };
            match onward {
                Some(Onward::Connect(session)) => back.connected(&session).await,
                Some(onward) => back.signed_in(onward).await,
                // It was sealed here; a flow may have grown old meanwhile.
                None => back.failed(upstream::Refused::Expired.reason(), "upstream_state", StatusCode::BAD_REQUEST),
            }
        }
        Err((reason, words, status)) => {
            let again = onward.map(|onward| onward.again(&place, &asker));
            let again = again.unwrap_or_else(|| place.path("/login"));
            Failed { status, reason, words }.page((&place, &asker), connection, Some(&again))
        }
    };
    if outward.is_some() {
        clear_outward(&place, &mut answer);
    }
    answer
}

/// Why there is no identity: the reason, the words for it, the status.
type Why = (&'static str, &'static str, StatusCode);

fn unreachable(reason: &'static str) -> Why {
    (reason, "upstream_unreachable", StatusCode::SERVICE_UNAVAILABLE)
}

fn distrusted(refused: upstream::Refused) -> Why {
    tracing::info!(
        reason = refused.reason(),
        advice = refused.description(),
        "what a provider answered does not count"
    );
    (refused.reason(), words(refused), StatusCode::BAD_REQUEST)
}

/// Who the provider says they are. Nothing is sent to it before the answer is known to be one to a question of this browser's.
async fn answered<'o>(
    place: &Place,
    asker: &Asker,
    connection: &Connection,
    outward: Option<&'o Outward>,
) -> Result<(UpstreamIdentity, &'o Outward), Why> {
    let now = place.now();
    // Whoever has not left from here has nobody asked for them.
    let outward = outward.ok_or_else(|| distrusted(upstream::Refused::NoFlow))?;
    let response = Form::parse(&asker.query).map_err(|_| distrusted(upstream::Refused::Malformed))?;
    let providers = &place.house.providers;
    let provider = providers.provider(&connection.issuer).await.map_err(|why| unreachable(why.reason()))?;
    let code = came_back(Some(outward), connection, &provider, &response, now).map_err(distrusted)?;
    let secret = place.house.connection_secrets.of(connection).unwrap_or_else(|error| {
        tracing::error!(connection = connection.id, error, "the secret of a connection cannot be read");
        None
    });
    let reply = providers.exchange(connection, &provider, outward, &code, secret.as_ref()).await;
    let reply = reply.map_err(|why| unreachable(why.reason()))?;
    let identity = identified(place, connection, (&provider, outward), &reply).await?;
    may_come_in(connection, &identity).map_err(distrusted)?;
    Ok((identity, outward))
}

/// Whom the tokens name.
async fn identified(
    place: &Place,
    connection: &Connection,
    (provider, outward): (&Provider, &Outward),
    reply: &TokenReply,
) -> Result<UpstreamIdentity, Why> {
    let providers = &place.house.providers;
    let claimed = id_token::claimed(reply, provider).map_err(distrusted)?;
    let keys = providers.keys(provider, claimed.kid()).await.map_err(|why| unreachable(why.reason()))?;
    let identity = id_token::judge(&claimed, connection, outward, &keys, place.now()).map_err(distrusted)?;
    match &reply.access_token {
        Some(token) if provider.userinfo_endpoint.is_some() && lacks(&identity, connection) => {
            let claims = providers.userinfo(provider, token).await.map_err(|why| unreachable(why.reason()))?;
            completed(identity, &claims).map_err(distrusted)
        }
        _ => Ok(identity),
    }
}

/// Whether something was asked for that the ID token does not tell; most providers tell it at their userinfo only (OpenID Connect
/// Core section 5.4).
fn lacks(identity: &UpstreamIdentity, connection: &Connection) -> bool {
    let asked = |scope: &str| connection.scopes.iter().any(|known| known == scope);
    let named = identity.name.is_some() || identity.given_name.is_some() || identity.family_name.is_some();
    (asked("email") && identity.email.is_none()) || (asked("profile") && !named)
}

/// Which words a person hears for it.
fn words(refused: upstream::Refused) -> &'static str {
    use upstream::Refused;
    match refused {
        Refused::Denied => "upstream_denied",
        Refused::NoFlow | Refused::State | Refused::AnotherConnection | Refused::Expired => "upstream_state",
        Refused::EmailDomain | Refused::EmailUnverified => "upstream_domain",
        Refused::Unavailable => "upstream_unreachable",
        _ => "upstream_distrusted",
    }
}

/// Somebody who came back, and whom the provider has named.
struct Back<'a> {
    place: &'a Place,
    asker: &'a Asker,
    connection: &'a Connection,
    identity: &'a UpstreamIdentity,
    outward: &'a Outward,
}

impl Back<'_> {
    fn failed(&self, reason: &'static str, words: &'static str, status: StatusCode) -> Response {
        let onward = Onward::from_text(&self.outward.return_to, self.place.now());
        let again = onward.map(|onward| onward.again(self.place, self.asker));
        Failed { status, reason, words }.page((self.place, self.asker), self.connection, again.as_deref())
    }

    /// The answer, and whose account it is so far.
    fn answer(&self, answered_before: bool) -> Answer<'_> {
        Answer {
            authority: self.place.authority(),
            connection: self.connection,
            identity: self.identity,
            state: self.outward.state,
            state_expires_at: self.outward.begun_at + OUTWARD_LIFETIME,
            answered_before,
        }
    }

    async fn signed_in(&self, onward: Onward) -> Response {
        let place = self.place;
        let store = place.store_for(self.asker.peer);
        let settled =
            store.settle(&*place.house.clock, |lookups, now| async move { self.decide_sign_in(&lookups, now).await });
        let SignedIn { cookie, .. } = match settled.await {
            Ok(Ok(signed_in)) => signed_in,
            Ok(Err(refused)) => {
                let words = match refused {
                    Refused::AnsweredBefore => "upstream_state",
                    Refused::Disabled => "upstream_account_off",
                    Refused::NotConnected => "upstream_not_connected",
                    Refused::UsernameTaken => "upstream_taken",
                };
                return self.failed(refused.reason(), words, StatusCode::FORBIDDEN);
            }
            Err(error) => return self.asker.unavailable(&error),
        };
        let path = match onward {
            Onward::Flow { query, progress } => {
                let progress = progress.with_sign_in(Digest::of(cookie.expose().as_bytes()));
                path_onward(place, "/consent", (&query, progress), &browser(place, &self.asker.headers).0)
            }
            Onward::Account | Onward::Connect(_) => place.path("/account"),
        };
        let mut answer = see_other(&path);
        set_session(place, &mut answer, &cookie);
        answer
    }

    async fn decide_sign_in(
        &self,
        lookups: &Lookups,
        now: sayso_token::time::Timestamp,
    ) -> Result<Decision<SignedIn, Refused>, StoreError> {
        let place = self.place;
        let known = lookups.identity(&self.identity.issuer, &self.identity.subject).await?;
        let user = match &known {
            Some(known) => lookups.user(&known.user).await?,
            None => None,
        };
        let username_taken = match wanted_username(self.connection, self.identity) {
            Some(username) => lookups.user_by_username(&username).await?.is_some(),
            None => false,
        };
        let previous = match session_digest(place, &self.asker.headers) {
            Some(digest) => lookups.joined_session(&digest).await?,
            None => None,
        };
        let remembered = Remembered {
            user: user.as_ref(),
            username_taken,
            schema: &place.house.schema,
            previous: previous.as_ref(),
        };
        let answer = self.answer(lookups.is_spent(ANSWER, &self.outward.state).await?);
        Ok(place.decide(now, |ambient| sign_in_upstream(&answer, &remembered, ambient)))
    }

    /// Only the session that pressed the button gets the account connected: an answer that somebody else was given, and that was
    /// slipped into this browser, finds none.
    async fn connected(&self, session: &Digest) -> Response {
        let place = self.place;
        let visitor = match visitor(place, &self.asker.headers).await {
            Ok(Some(visitor)) if visitor.session.digest.matches(session) => visitor,
            Ok(_) => return self.failed(Trouble::OtherSession.reason(), "upstream_state", StatusCode::BAD_REQUEST),
            Err(error) => return self.asker.unavailable(&error),
        };
        let (user, identity) = (&visitor.user.id, self.identity);
        let store = place.store_for(self.asker.peer);
        let settled = store.settle(&*place.house.clock, |lookups, now| async move {
            let owner = lookups.identity(&identity.issuer, &identity.subject).await?.map(|known| known.user);
            let answer = self.answer(lookups.is_spent(ANSWER, &self.outward.state).await?);
            let connected = lookups.identities_of(user).await?.len();
            Ok(connect(&answer, owner.as_ref(), (user, connected), now))
        });
        match settled.await {
            Ok(Ok(())) => see_other(&place.path("/account?notice=connected")),
            Ok(Err(refused)) => {
                let words = match refused {
                    connect::Refused::AnothersAlready => "upstream_anothers_already",
                    connect::Refused::Enough => "upstream_enough",
                    _ => "upstream_state",
                };
                self.failed(refused.reason(), words, StatusCode::CONFLICT)
            }
            Err(error) => self.asker.unavailable(&error),
        }
    }
}
