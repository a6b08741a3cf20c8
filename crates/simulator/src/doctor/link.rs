//! A link that is there: will it last?

use super::{Checked, trials};
use crate::package::Skill;
use crate::simulator::Inner;

/// Shorter lives of access tokens than this are against Amazon's requirements, in seconds.
const SHORTEST: i64 = 360;

impl Inner {
    /// What the last token answer means for the days to come.
    pub(crate) fn examine_link(&self, skill: &Skill, is_refreshed_next: bool) -> Vec<Checked> {
        let membership = self.household.membership(&skill.slug);
        let trial = trials::LINK;
        let Some(link) = &membership.link else {
            if let Some(lost) = &membership.lost {
                let remedy = "A refresh token must stay good until its successor was used; invalid_grant is for what is really over.";
                return vec![Checked::bad(trial, lost.clone(), remedy)];
            }
            let remedy = "Link in the companion, and look again: how tokens live is only seen in a token answer.";
            return vec![Checked::unknown(trial, "No account is linked here.", remedy)];
        };
        let mut checks = Vec::new();
        if link.refresh_token.is_none() {
            let remedy = "Issue one with every link; many servers want the scope offline_access for it.";
            checks.push(Checked::bad(trial, "There is no refresh token: the link ends with the access token.", remedy));
        }
        let since = link.refreshed_at.unwrap_or(link.linked_at);
        match link.expires_at.map(|end| end.millis_since(since) / 1_000) {
            None => {
                let remedy =
                    "Answer with expires_in, to the code and to every refresh, or set defaultTokenExpirationInSeconds.";
                checks.push(Checked::bad(trial, "The answer had no expires_in: Alexa never refreshes.", remedy));
            }
            Some(seconds) if seconds < SHORTEST => {
                let found = format!("Access tokens live {seconds} seconds.");
                checks.push(Checked::bad(trial, found, "Let them live 360 seconds or more."));
            }
            Some(seconds) => checks.push(Checked::good(trial, format!("Access tokens live {seconds} seconds."))),
        }
        let asked = skill.linking.iter().flat_map(|linking| &linking.scopes);
        if let Some(granted) = &link.scope {
            // Some servers answer this one with a refresh token instead of naming it.
            let is_missing = |scope: &&String| {
                scope.as_str() != "offline_access" && !granted.split_whitespace().any(|one| one == scope.as_str())
            };
            let missing: Vec<&str> = asked.filter(is_missing).map(String::as_str).collect();
            if !missing.is_empty() {
                let found = format!("Asked for, and not granted: {}.", missing.join(", "));
                let remedy = "Allow the client these scopes at the server, or ask for fewer: the skill is refused where it needs one of them.";
                checks.push(Checked::doubtful(trial, found, remedy));
            }
        }
        if link.refreshed_at.is_none() && link.refresh_token.is_some() && !is_refreshed_next {
            let remedy = "Have it refreshed twice here; or move the clock past the end, and try the faults token-lost and token-doubled: the link must outlive both.";
            checks.push(Checked::unknown(trials::REFRESHING, "It has not been refreshed yet.", remedy));
        }
        checks
    }
}
