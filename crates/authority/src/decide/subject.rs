//! Who is a person to a client? (OpenID Connect Core section 8)

use sayso_token::claims::{text, texts};
use sayso_token::jwk::JwkSet;
use sayso_token::pairwise::PairwiseKey;
use sayso_token::secret::Secret;

use super::issued_id_token::issued_id_token;
use crate::record::authority::Authority;
use crate::record::client::Client;
use crate::record::user::UserId;

/// The pairwise subject of this person for this client; `None`: their id is their subject.
pub fn pairwise_subject(authority: &Authority, client: &Client, user: &UserId, key: &PairwiseKey) -> Option<String> {
    client.sector().map(|sector| key.subject(&authority.id, sector, &user.0))
}

/// The subject that an `id_token_hint` names: an ID token that this authority has issued to this client, however long
/// ago, as long as its key is published. `None` for anything else, an access token among it.
pub fn hinted_subject(authority: &Authority, client: &Client, hint: &str, keys: &JwkSet) -> Option<String> {
    let claims = issued_id_token(authority, &Secret::new(hint), keys)?;
    let ours = texts(&claims, "aud").ok()?.contains(&client.id);
    let subject = text(&claims, "sub").ok()??;
    ours.then(|| subject.to_owned())
}

#[cfg(test)]
mod tests {
    use sayso_token::jws;
    use serde_json::{Map, Value, json};

    use super::*;
    use crate::testing::{ISSUER, authority, key, make_key, other_authority};

    fn token(typ: &str, claims: &Value) -> String {
        jws::sign(typ, claims.as_object().unwrap_or(&Map::new()), key()).unwrap()
    }

    #[test]
    fn only_our_own_id_token_for_this_client_is_a_hint() {
        let authority = authority();
        let keys = JwkSet::new(vec![key().public().clone()]);
        let client = authority.client("alexa").unwrap();
        let claims = |changes: Value| {
            let mut claims = json!({ "iss": ISSUER, "aud": "alexa", "sub": "usr_ada", "exp": 1 });
            claims.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
            claims
        };
        let good = token("JWT", &claims(json!({})));
        let hinted = |hint: &str| hinted_subject(&authority, client, hint, &keys);
        assert_eq!(hinted(&good).as_deref(), Some("usr_ada"), "expired long ago");
        assert_eq!(hinted(&token("JWT", &claims(json!({ "aud": ["x", "alexa"] })))).as_deref(), Some("usr_ada"));
        let cut = good.get(..good.len() - 2).unwrap();
        for bad in [
            token("at+jwt", &claims(json!({}))),
            token("logout+jwt", &claims(json!({}))),
            token("JWT", &claims(json!({ "aud": "spa" }))),
            token("JWT", &claims(json!({ "iss": "https://evil.test" }))),
            token("JWT", &claims(json!({ "sub": 1 }))),
            token("JWT", &json!({})),
            jws::sign("JWT", claims(json!({})).as_object().unwrap(), &make_key()).unwrap(),
            cut.to_owned(),
            "x".to_owned(),
            String::new(),
        ] {
            assert_eq!(hinted(&bad), None, "{bad}");
        }
        assert_eq!(hinted_subject(&other_authority(), client, &good, &keys), None);
    }
}
