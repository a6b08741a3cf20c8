//! What can be chosen to go wrong, page by page.

use sayso_alexa::account_linking::LinkingGrant;

use crate::faults::Fault;
use crate::linking::events::Event;
use crate::package::Skill;

/// A fault's name, and what it is in words.
pub(super) type Choice = (&'static str, &'static str);

/// Faults that a person may choose from.
pub(super) fn choices(may: impl Fn(Fault) -> bool) -> Vec<Choice> {
    Fault::ALL.iter().filter(|(fault, ..)| may(*fault)).map(|(_, name, about)| (*name, *about)).collect()
}

/// The fault of this name that may happen here; none for an empty name.
///
/// # Errors
/// What there is, when there is none of this name.
pub(super) fn named(name: &str, may: impl Fn(Fault) -> bool) -> Result<Option<Fault>, String> {
    if name.is_empty() {
        return Ok(None);
    }
    Fault::named(name).filter(|fault| may(*fault)).map(Some).ok_or_else(|| {
        let known: Vec<&str> = choices(may).into_iter().map(|(name, _)| name).collect();
        format!("There is no fault {name:?} here. There are: {}.", known.join(", "))
    })
}

/// What can befall the exchange of a code.
pub(super) fn of_exchanges(skill: &Skill) -> Vec<Choice> {
    let grant = skill.linking.as_ref().map(|linking| &linking.grant);
    let (exchanges, pkce) = match grant {
        Some(LinkingGrant::AuthorizationCode { pkce, .. }) => (true, *pkce),
        Some(LinkingGrant::Implicit) | None => (false, false),
    };
    choices(|fault| (exchanges && fault.is_of_tokens()) || (pkce && fault == Fault::VerifierWrong))
}

/// What can befall the event that tells the skill, if it wants to be told of one of these.
pub(super) fn of_events(skill: &Skill, events: &[Event]) -> Vec<Choice> {
    if events.iter().any(|event| event.is_wanted_by(skill)) { choices(Fault::is_of_requests) } else { Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_may_happen_here_is_taken() {
        assert_eq!(named("", Fault::is_of_requests), Ok(None));
        assert_eq!(named("replayed", Fault::is_of_requests), Ok(Some(Fault::Replayed)));
        for name in ["token-lost", "rain"] {
            let refused = named(name, Fault::is_of_requests).unwrap_err();
            assert!(refused.contains(name) && refused.contains("signature-wrong"), "{refused}");
        }
    }
}
