//! Keeping the access token fresh: before a request is sent, one refresh at a time.

use sayso_token::secret::Secret;
use sayso_token::time::{Lifetime, Timestamp};

use super::token_endpoint::{Granted, Withheld, ask};
use crate::household::Link;
use crate::package::Skill;
use crate::scrub::Scrubber;
use crate::simulator::Inner;
use crate::trace::Hop;

/// The token to send, and what was done for it.
#[derive(Default)]
pub(crate) struct Fresh {
    pub(crate) token: Option<Secret>,
    pub(crate) hop: Option<Hop>,
    /// What a person should know of it.
    pub(crate) remark: Option<String>,
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

impl Inner {
    /// The skill's access token, refreshed when its `expires_in` has run out.
    pub(crate) async fn fresh_token(&self, skill: &Skill, scrubber: &mut Scrubber) -> Fresh {
        let Some(link) = self.household.membership(&skill.slug).link else { return Fresh::default() };
        scrubber.know(&link.access_token);
        if !is_over(&link, self.now()) {
            return Fresh { token: Some(link.access_token), ..Fresh::default() };
        }
        let Some(flight) = self.flights.get(&skill.slug) else { return Fresh::default() };
        let _one_at_a_time = flight.lock().await;
        // Whoever waited here finds the work done.
        let Some(link) = self.household.membership(&skill.slug).link else { return Fresh::default() };
        scrubber.know(&link.access_token);
        if !is_over(&link, self.now()) {
            return Fresh { token: Some(link.access_token), ..Fresh::default() };
        }
        let Some(refresh_token) = link.refresh_token.clone() else {
            let remark =
                "The access token has expired and there is no refresh token: Alexa goes on sending the old one.";
            return Fresh { token: Some(link.access_token), remark: Some(remark.into()), hop: None };
        };
        scrubber.know(&refresh_token);
        self.refresh(skill, link, &refresh_token, scrubber).await
    }

    async fn refresh(&self, skill: &Skill, old: Link, refresh_token: &Secret, scrubber: &mut Scrubber) -> Fresh {
        let Some(linking) = &skill.linking else {
            return Fresh { token: Some(old.access_token), ..Fresh::default() };
        };
        let fields =
            vec![("grant_type", "refresh_token".to_owned()), ("refresh_token", refresh_token.expose().to_owned())];
        let (answered, hop) = ask(&self.outbound, linking, "Refresh the access token", fields).await;
        match answered {
            Ok(granted) => {
                let now = self.now();
                for secret in [Some(&granted.access_token), granted.refresh_token.as_ref()].into_iter().flatten() {
                    scrubber.know(secret);
                }
                let mut link = link_from(granted, now);
                // An answer without one leaves the old refresh token good (RFC 6749 section 6).
                link.refresh_token = link.refresh_token.or(old.refresh_token);
                link.scope = link.scope.or(old.scope);
                link.linked_at = old.linked_at;
                link.refreshed_at = Some(now);
                let token = link.access_token.clone();
                if self.still_holds(&skill.slug, &old.access_token) {
                    self.household.link(&skill.slug, link);
                }
                Fresh { token: Some(token), hop, remark: None }
            }
            Err(Withheld::InvalidGrant(reason)) => {
                let why = format!(
                    "The link to your account was lost: the authorization server no longer accepts the refresh token. {reason}"
                );
                if self.still_holds(&skill.slug, &old.access_token) {
                    self.household.lose(&skill.slug, &why);
                }
                Fresh { token: None, hop, remark: Some(why) }
            }
            Err(withheld) => {
                let remark = format!("The token could not be refreshed, so the old one is sent. {}", withheld.reason());
                Fresh { token: Some(old.access_token), hop, remark: Some(remark) }
            }
        }
    }

    /// Whether the link is still the one that was refreshed: the person may have unlinked it meanwhile.
    fn still_holds(&self, skill: &str, access_token: &Secret) -> bool {
        self.household.membership(skill).link.is_some_and(|link| link.access_token.matches(access_token))
    }
}

/// A token of unknown lifetime is never over: without `expires_in` Alexa cannot know.
fn is_over(link: &Link, now: Timestamp) -> bool {
    link.expires_at.is_some_and(|end| end <= now)
}
