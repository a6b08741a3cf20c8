//! Where does a person go to begin a sign-in at a client from here? (OpenID Connect Core section 4)

use sayso_token::pairwise::PairwiseKey;

use super::subject::pairwise_subject;
use crate::record::authority::Authority;
use crate::record::client::{Client, GrantType};
use crate::record::user::UserId;
use crate::wire::query::with_parameters;

/// The address with `iss`, `login_hint` and `target_link_uri`; `None` for a client that begins no sign-in that way.
///
/// The hint is the person's subject at this client, not the name they sign in with: whether the client learns that is
/// the person's to allow.
pub fn initiate_login(authority: &Authority, client: &Client, user: &UserId, key: &PairwiseKey) -> Option<String> {
    let uri = client.authorization.initiate_login_uri.as_deref()?;
    if client.disabled || !client.grants.contains(&GrantType::AuthorizationCode) {
        return None;
    }
    let subject = pairwise_subject(authority, client, user, key);
    let mut parameters =
        vec![("iss", authority.issuer.as_str()), ("login_hint", subject.as_deref().unwrap_or(&user.0))];
    parameters.extend(client.authorization.target_link_uri.as_deref().map(|target| ("target_link_uri", target)));
    Some(with_parameters(uri, &parameters))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::authorization_rule::SubjectType;
    use crate::testing::{ada, authority, client_mut};

    #[test]
    fn the_address_says_who_sends_the_person_and_who_they_are_there() {
        let (mut authority, key) = (authority(), PairwiseKey::new([7; 32]));
        let url =
            |authority: &Authority| initiate_login(authority, authority.client("alexa").unwrap(), &ada().id, &key);
        assert_eq!(url(&authority), None);
        let rule = &mut client_mut(&mut authority, "alexa").authorization;
        rule.initiate_login_uri = Some("https://rp.test/start?x=1".to_owned());
        let expected = "https://rp.test/start?x=1&iss=https%3A%2F%2Fauthority.test&login_hint=usr_ada";
        assert_eq!(url(&authority).as_deref(), Some(expected));
        let rule = &mut client_mut(&mut authority, "alexa").authorization;
        rule.target_link_uri = Some("https://rp.test/home".to_owned());
        rule.subject_type = SubjectType::Pairwise;
        let pairwise = url(&authority).unwrap();
        assert!(pairwise.ends_with("&target_link_uri=https%3A%2F%2Frp.test%2Fhome"), "{pairwise}");
        assert!(pairwise.contains("&login_hint=pw_") && !pairwise.contains("usr_"), "{pairwise}");
        client_mut(&mut authority, "alexa").disabled = true;
        assert_eq!(url(&authority), None);
    }
}
