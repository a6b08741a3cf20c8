//! Keeping the access token fresh: before a request is sent, one refresh at a time.

use sayso_alexa::account_linking::AccountLinking;
use sayso_token::secret::Secret;
use sayso_token::time::{Lifetime, Timestamp};

use super::token_endpoint::{Asking, Granted, Withheld, ask};
use crate::faults::Fault;
use crate::household::{Habits, Link};
use crate::package::Skill;
use crate::scrub::Scrubber;
use crate::simulator::Inner;
use crate::trace::Hop;

/// The token to send, and what was done for it.
#[derive(Default)]
pub(crate) struct Fresh {
    pub(crate) token: Option<Secret>,
    pub(crate) hops: Vec<Hop>,
    /// What a person should know of it.
    pub(crate) remark: Option<String>,
}

/// Whose token is wanted, and what is to go wrong on the way.
#[derive(Clone, Copy)]
pub(crate) struct Wanted<'a> {
    pub(crate) skill: &'a Skill,
    /// The recognised person whose own link is meant; the household's otherwise.
    pub(crate) person: Option<&'a str>,
    pub(crate) fault: Option<Fault>,
}

/// The link that an answer of the token endpoint gives.
pub(crate) fn link_from(granted: Granted, now: Timestamp) -> Link {
    Link {
        access_token: granted.access_token,
        refresh_token: granted.refresh_token,
        expires_at: granted.expires_in.map(|seconds| now + Lifetime::from_seconds(seconds)),
        scope: granted.scope,
        linked_at: now,
        refreshed_at: None,
    }
}

/// The same link after a refresh.
pub(crate) fn renewed(granted: Granted, old: &Link, now: Timestamp) -> Link {
    let link = link_from(granted, now);
    Link {
        // An answer without one leaves the old refresh token good (RFC 6749 section 6).
        refresh_token: link.refresh_token.or_else(|| old.refresh_token.clone()),
        scope: link.scope.or_else(|| old.scope.clone()),
        linked_at: old.linked_at,
        refreshed_at: Some(now),
        ..link
    }
}

impl Inner {
    /// The access token, refreshed when its `expires_in` has run out, or when a fault needs a refresh to happen in.
    pub(crate) async fn fresh_token(&self, wanted: Wanted<'_>, scrubber: &mut Scrubber) -> Fresh {
        let habits = self.household.membership(&wanted.skill.slug).habits;
        let is_forced = wanted.fault.is_some_and(Fault::needs_refresh);
        let Some(link) = self.link_of(wanted) else { return Fresh::default() };
        scrubber.know(&link.access_token);
        if !is_forced && !is_over(&link, &habits, self.now()) {
            return Fresh { token: Some(link.access_token), ..Fresh::default() };
        }
        let Some(flight) = self.flights.get(&wanted.skill.slug) else { return Fresh::default() };
        let _one_at_a_time = flight.lock().await;
        // Whoever waited here finds the work done.
        let Some(link) = self.link_of(wanted) else { return Fresh::default() };
        scrubber.know(&link.access_token);
        if !is_forced && !is_over(&link, &habits, self.now()) {
            return Fresh { token: Some(link.access_token), ..Fresh::default() };
        }
        let Some(refresh_token) = link.refresh_token.clone() else {
            let remark =
                "The access token has expired and there is no refresh token: Alexa goes on sending the old one.";
            return Fresh { token: Some(link.access_token), remark: Some(remark.into()), hops: Vec::new() };
        };
        scrubber.know(&refresh_token);
        self.refresh(wanted, link, &habits, scrubber).await
    }

    pub(crate) fn link_of(&self, wanted: Wanted<'_>) -> Option<Link> {
        self.household.membership(&wanted.skill.slug).link_of(wanted.person).cloned()
    }

    async fn refresh(&self, wanted: Wanted<'_>, old: Link, habits: &Habits, scrubber: &mut Scrubber) -> Fresh {
        let (Some(linking), Some(refresh_token)) = (&wanted.skill.linking, &old.refresh_token) else {
            return Fresh { token: Some(old.access_token), ..Fresh::default() };
        };
        let (answered, hops) = self.ask_again(linking, refresh_token, (habits, wanted.fault)).await;
        match answered {
            Ok(granted) => {
                let now = self.now();
                for secret in [Some(&granted.access_token), granted.refresh_token.as_ref()].into_iter().flatten() {
                    scrubber.know(secret);
                }
                let link = renewed(granted, &old, now);
                let token = link.access_token.clone();
                if self.still_holds(wanted, &old.access_token) {
                    self.household.link(&wanted.skill.slug, wanted.person, link);
                }
                Fresh { token: Some(token), hops, remark: None }
            }
            Err(Withheld::InvalidGrant(reason)) => {
                let why = format!(
                    "The link to your account was lost: the authorization server no longer accepts the refresh token. {reason}"
                );
                if self.still_holds(wanted, &old.access_token) {
                    self.household.lose(&wanted.skill.slug, wanted.person, &why);
                }
                Fresh { token: None, hops, remark: Some(why) }
            }
            Err(withheld) => {
                let remark = format!("The token could not be refreshed, so the old one is sent. {}", withheld.reason());
                Fresh { token: Some(old.access_token), hops, remark: Some(remark) }
            }
        }
    }

    /// Asks once, or as often as Alexa's habits have it: twice at once, or again after trouble.
    async fn ask_again(
        &self,
        linking: &AccountLinking,
        refresh_token: &Secret,
        (habits, fault): (&Habits, Option<Fault>),
    ) -> (Result<Granted, Withheld>, Vec<Hop>) {
        let asking = || Asking {
            title: "Refresh the access token",
            fields: vec![
                ("grant_type", "refresh_token".to_owned()),
                ("refresh_token", refresh_token.expose().to_owned()),
            ],
            fault,
        };
        if habits.refreshes_twice {
            let (first, second) =
                tokio::join!(ask(&self.outbound, linking, asking()), ask(&self.outbound, linking, asking()));
            let ((one, mut hops), (other, more)) = (first, second);
            hops.extend(more);
            return (other.or(one), hops);
        }
        let (mut answered, mut hops) = ask(&self.outbound, linking, asking()).await;
        for _ in 0..habits.retries {
            if !matches!(answered, Err(Withheld::Trouble(_))) {
                break;
            }
            let (again, more) = ask(&self.outbound, linking, Asking { fault: None, ..asking() }).await;
            answered = again;
            hops.extend(more);
        }
        (answered, hops)
    }

    /// Whether the link is still the one that was refreshed: the person may have unlinked it meanwhile.
    fn still_holds(&self, wanted: Wanted<'_>, access_token: &Secret) -> bool {
        self.link_of(wanted).is_some_and(|link| link.access_token.matches(access_token))
    }
}

/// A token of unknown lifetime is never over: without `expires_in` Alexa cannot know.
fn is_over(link: &Link, habits: &Habits, now: Timestamp) -> bool {
    let early = i64::from(habits.refresh_early_seconds) * 1_000;
    link.expires_at.is_some_and(|end| end.millis().saturating_sub(early) <= now.millis())
}
