//! What has changed since an account was linked: on a live skill, such a change takes all links away.

use sayso_alexa::account_linking::AccountLinking;

use super::{Checked, Health, trials};
use crate::linking::linked_with::LinkedWith;
use crate::package::Skill;
use crate::simulator::Inner;

impl Inner {
    /// Holds the settings against what the account here was linked with last.
    pub(crate) fn examine_changes(&self, skill: &Skill, linking: &AccountLinking) -> Vec<Checked> {
        let membership = self.household.membership(&skill.slug);
        let Some(before) = &membership.linked_with else { return Vec::new() };
        changes(before, &LinkedWith::of(linking, &self.vendor_id, &skill.skill_id))
    }
}

/// What is another than before, and what becomes of the links.
fn changes(before: &LinkedWith, now: &LinkedWith) -> Vec<Checked> {
    let trial = trials::RESUBMITTED;
    let mut checks = Vec::new();
    let mut change = |health, what: String, remedy: &str| {
        checks.push(Checked::new(trial, health, (what, remedy)));
    };
    let from_to = |what: &str, from: &str, to: &str| {
        format!("{what} was {from:?} when the account was linked, and is {to:?} now.")
    };
    if before.skill_id != now.skill_id {
        let remedy = "Take up the old id again (.ask/ask-states.json), or tell people: to another skill everybody has another user id, and links anew.";
        change(Health::Bad, from_to("The skill's id", &before.skill_id, &now.skill_id), remedy);
    }
    if before.client_id != now.client_id {
        let remedy = "Keep the client of a live skill: refresh tokens belong to the client that they were issued to, so that every link made with the old one ends at its next refresh.";
        change(Health::Bad, from_to("clientId", &before.client_id, &now.client_id), remedy);
    } else if before.secret != now.secret && before.secret.is_some() && now.secret.is_some() {
        let remedy = "Let the server take both secrets until the new settings are live everywhere; refuse the wrong one with invalid_client, which keeps links, never with invalid_grant, which ends them.";
        change(Health::Doubtful, "clientSecret is another than the account was linked with.".into(), remedy);
    }
    let (token_url, token_url_now) = (before.token_url.as_deref(), now.token_url.as_deref());
    if token_url != token_url_now {
        let remedy = "See that the new address knows the refresh tokens of the old one, before the settings are live: links end at their next refresh otherwise.";
        let (from, to) = (token_url.unwrap_or("none"), token_url_now.unwrap_or("none"));
        change(Health::Doubtful, from_to("accessTokenUrl", from, to), remedy);
    }
    if before.authorization_url != now.authorization_url {
        let remedy = "See that the same people have the same accounts there; links that are made stay as they are.";
        let found = from_to("authorizationUrl", &before.authorization_url, &now.authorization_url);
        change(Health::Doubtful, found, remedy);
    }
    if before.vendor_id != now.vendor_id {
        let remedy = "Register the redirect URIs of this vendor id as well: every one of them ends with it.";
        change(Health::Doubtful, from_to("The vendor id", &before.vendor_id, &now.vendor_id), remedy);
    }
    if before.scopes != now.scopes {
        let remedy = "A link keeps the scopes it was made with: let the skill ask to link again where one is missing.";
        let found = from_to("scopes", &before.scopes.join(" "), &now.scopes.join(" "));
        change(Health::Doubtful, found, remedy);
    }
    if checks.is_empty() {
        return vec![Checked::good(
            trial,
            "Client, addresses, scopes, vendor and skill are those that the account was linked with.",
        )];
    }
    checks
}

#[cfg(test)]
mod tests {
    use sayso_token::digest::Digest;

    use super::*;

    fn with() -> LinkedWith {
        LinkedWith {
            client_id: "alexa".into(),
            secret: Some(Digest::of(b"one")),
            authorization_url: "https://id.example/authorize".into(),
            token_url: Some("https://id.example/token".into()),
            scopes: vec!["openid".into()],
            vendor_id: "M2ONE".into(),
            skill_id: "amzn1.ask.skill.one".into(),
        }
    }

    #[test]
    fn each_change_says_what_becomes_of_links() {
        assert_eq!(changes(&with(), &with()).iter().map(|one| one.health).collect::<Vec<_>>(), [Health::Good]);
        type Change = fn(&mut LinkedWith);
        let rows: [(Change, Health, &str); 7] = [
            (|now| now.client_id = "other".into(), Health::Bad, "clientId was \"alexa\""),
            (|now| now.secret = Some(Digest::of(b"two")), Health::Doubtful, "clientSecret is another"),
            (|now| now.token_url = Some("https://b.example/token".into()), Health::Doubtful, "https://b.example/token"),
            (|now| now.authorization_url = "https://b.example".into(), Health::Doubtful, "authorizationUrl was"),
            (|now| now.vendor_id = "M2TWO".into(), Health::Doubtful, "vendor id was \"M2ONE\""),
            (|now| now.skill_id = "amzn1.ask.skill.two".into(), Health::Bad, "skill's id was"),
            (|now| now.scopes.push("email".into()), Health::Doubtful, "is \"openid email\" now"),
        ];
        for (change, health, said) in rows {
            let mut now = with();
            change(&mut now);
            let checks = changes(&with(), &now);
            let [one] = checks.as_slice() else { panic!("{checks:?}") };
            assert!(one.health == health && one.found.contains(said) && !one.remedy.is_empty(), "{said}: {one:?}");
        }
        let without = LinkedWith { secret: None, ..with() };
        assert_eq!(changes(&with(), &without).iter().map(|one| one.health).collect::<Vec<_>>(), [Health::Good]);
    }
}
