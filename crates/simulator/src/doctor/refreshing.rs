//! Whether a link outlives a refresh that comes twice, as it does whenever an answer is lost.

use sayso_alexa::account_linking::AccountLinking;
use sayso_token::secret::Secret;

use super::{Checked, trials};
use crate::linking::refresh::renewed;
use crate::linking::token_endpoint::{Asking, Granted, Withheld, ask};
use crate::package::Skill;
use crate::simulator::Inner;

const REMEDY: &str = "Answer the same refresh token again until its successor was used, best with the same successor, and end no link for it.";

impl Inner {
    /// Refreshes the household's link twice at once, again, and by its successor. The link goes on with what comes of it.
    pub(crate) async fn examine_refreshing(&self, skill: &Skill, linking: &AccountLinking) -> Vec<Checked> {
        let Some(flight) = self.flights.get(&skill.slug) else { return Vec::new() };
        let _one_at_a_time = flight.lock().await;
        let Some(link) = self.household.membership(&skill.slug).link else { return Vec::new() };
        let Some(first) = link.refresh_token.clone() else { return Vec::new() };
        let (one, other) = tokio::join!(self.refreshed(linking, &first), self.refreshed(linking, &first));
        let late = self.refreshed(linking, &first).await;
        let newest = |granted: &Granted| granted.refresh_token.clone();
        let all = [&one, &other, &late];
        let successor = all.iter().rev().find_map(|answer| answer.as_ref().ok().and_then(newest)).unwrap_or(first);
        let last = self.refreshed(linking, &successor).await;
        let checked = judge(&all, &last);
        let lasting = [last, late, other, one].into_iter().find_map(Result::ok);
        match lasting {
            Some(granted) => {
                let link = renewed(granted, &link, self.now());
                self.household.link(&skill.slug, None, link);
            }
            None => self.household.lose(&skill.slug, None, &checked.found),
        }
        vec![checked]
    }

    async fn refreshed(&self, linking: &AccountLinking, token: &Secret) -> Result<Granted, Withheld> {
        let fields = vec![("grant_type", "refresh_token".to_owned()), ("refresh_token", token.expose().to_owned())];
        ask(&self.outbound, linking, Asking { title: "Examine the link", fields, fault: None }).await.0
    }
}

/// What the answers to the same token mean, and the one to its successor after them.
fn judge(same: &[&Result<Granted, Withheld>; 3], last: &Result<Granted, Withheld>) -> Checked {
    let trial = trials::TWICE;
    let refused = same.iter().filter(|answer| answer.is_err()).count();
    if same.iter().all(|answer| matches!(answer, Err(Withheld::Trouble(_)))) {
        return Checked::unknown(
            trial,
            "The token endpoint did not answer.",
            "Look at the checks of the token endpoint first.",
        );
    }
    if let Err(Withheld::InvalidGrant(reason) | Withheld::Refused(reason)) = last {
        let found = format!("The link was alive, and died of it: {reason}");
        return Checked::bad(trial, found, REMEDY);
    }
    if same.iter().any(|answer| matches!(answer, Err(Withheld::InvalidGrant(_)))) {
        let found = format!(
            "{refused} of three were refused with invalid_grant, on which Alexa drops the link. Its successor still worked."
        );
        return Checked::bad(trial, found, REMEDY);
    }
    if refused > 0 || last.is_err() {
        let found = "Not each was answered, but none was refused for good; the link goes on.";
        return Checked::doubtful(trial, found, REMEDY);
    }
    let lives = [same[0], same[1], same[2], last];
    if lives.iter().any(|answer| answer.as_ref().is_ok_and(|granted| granted.expires_in.is_none())) {
        let remedy = "Answer every refresh with expires_in, not only the code.";
        return Checked::bad(trial, "Each was answered, but without expires_in: Alexa never refreshes again.", remedy);
    }
    Checked::good(trial, "Each was answered, and the link goes on.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Health;

    fn granted(expires_in: Option<u32>) -> Result<Granted, Withheld> {
        Ok(Granted { access_token: Secret::new("a"), refresh_token: None, expires_in, scope: None })
    }

    #[test]
    fn answers_are_judged_by_what_becomes_of_the_link() {
        let good = || granted(Some(3_600));
        let dead = || Err(Withheld::InvalidGrant("invalid_grant.".into()));
        let trouble = || Err(Withheld::Trouble("503".into()));
        for (one, other, late, last, health, said) in [
            (good(), good(), good(), good(), Health::Good, "goes on"),
            (good(), dead(), good(), good(), Health::Bad, "1 of three"),
            (good(), dead(), dead(), dead(), Health::Bad, "died of it"),
            (good(), good(), good(), dead(), Health::Bad, "died of it"),
            (good(), trouble(), good(), good(), Health::Doubtful, "none was refused for good"),
            (good(), good(), good(), trouble(), Health::Doubtful, "the link goes on"),
            (trouble(), trouble(), trouble(), trouble(), Health::Unknown, "did not answer"),
            (good(), good(), good(), granted(None), Health::Bad, "expires_in"),
        ] {
            let checked = judge(&[&one, &other, &late], &last);
            assert_eq!(checked.health, health, "{checked:?}");
            assert!(checked.found.contains(said), "{said}: {checked:?}");
        }
    }
}
