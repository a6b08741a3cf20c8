//! A custom claim: what a token or an answer says beside the protocol's own words.

use serde::{Deserialize, Serialize};

use crate::expression::Expression;

/// What may carry a custom claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Carrier {
    /// Access tokens.
    AccessToken,
    /// ID tokens.
    IdToken,
    /// Introspection answers.
    Introspection,
    /// Userinfo answers.
    Userinfo,
}

impl Carrier {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::AccessToken, Self::IdToken, Self::Introspection, Self::Userinfo];

    /// What a skill that holds an access token reads, in the token or about it.
    pub const OF_ACCESS: [Self; 2] = [Self::AccessToken, Self::Introspection];

    /// What a client that signs somebody in reads.
    pub const OF_IDENTITY: [Self; 2] = [Self::IdToken, Self::Userinfo];

    /// Its name in configuration and answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AccessToken => "access_token",
            Self::IdToken => "id_token",
            Self::Introspection => "introspection",
            Self::Userinfo => "userinfo",
        }
    }
}

/// What a claim says.
#[derive(Clone, Debug, PartialEq)]
pub enum Says {
    /// What an attribute of the profile says; the short form of `user.` and its name.
    Attribute(String),
    /// What an expression says.
    Expression(Expression),
}

/// A custom claim. Where it has no value, it is left out.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "Kept", into = "Kept")]
pub struct Claim {
    /// The claim's name.
    pub name: String,
    /// Where it appears.
    pub carriers: Vec<Carrier>,
    /// What it says.
    pub says: Says,
    /// Only with one of these scopes; empty means always.
    pub scopes: Vec<String>,
    /// Only when the `claims` parameter asks for it (OpenID Connect Core section 5.5).
    pub on_request: bool,
}

impl Claim {
    /// The attributes of the profile that it comes from.
    pub fn attributes(&self) -> Vec<&str> {
        match &self.says {
            Says::Attribute(name) => vec![name.as_str()],
            Says::Expression(expression) => expression.attributes().iter().map(String::as_str).collect(),
        }
    }
}

/// The words that the first versions have for carriers.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Pair {
    AccessToken,
    IdToken,
}

/// How a claim is kept. One that the first versions could describe is kept in their words, so that nodes of that version
/// read it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    carrier: Option<Pair>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    carriers: Option<Vec<Carrier>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    attribute: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expression: Option<Expression>,
    scopes: Vec<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    on_request: bool,
}

impl TryFrom<Kept> for Claim {
    type Error = &'static str;

    fn try_from(kept: Kept) -> Result<Self, Self::Error> {
        let carriers = match (kept.carrier, kept.carriers) {
            (Some(Pair::AccessToken), None) => Carrier::OF_ACCESS.to_vec(),
            (Some(Pair::IdToken), None) => Carrier::OF_IDENTITY.to_vec(),
            (None, Some(carriers)) => carriers,
            _ => return Err("a claim has either carrier or carriers"),
        };
        let says = match (kept.attribute, kept.expression) {
            (Some(attribute), None) => Says::Attribute(attribute),
            (None, Some(expression)) => Says::Expression(expression),
            _ => return Err("a claim has either an attribute or an expression"),
        };
        Ok(Self { name: kept.name, carriers, says, scopes: kept.scopes, on_request: kept.on_request })
    }
}

impl From<Claim> for Kept {
    fn from(claim: Claim) -> Self {
        let (carrier, carriers) = match claim.carriers.as_slice() {
            pair if pair == Carrier::OF_ACCESS => (Some(Pair::AccessToken), None),
            pair if pair == Carrier::OF_IDENTITY => (Some(Pair::IdToken), None),
            _ => (None, Some(claim.carriers)),
        };
        let (attribute, expression) = match claim.says {
            Says::Attribute(name) => (Some(name), None),
            Says::Expression(expression) => (None, Some(expression)),
        };
        let (name, scopes, on_request) = (claim.name, claim.scopes, claim.on_request);
        Self { name, carrier, carriers, attribute, expression, scopes, on_request }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_of_the_first_version_is_kept_in_its_words() {
        let old = r#"{"name":"color","carrier":"id_token","attribute":"favoriteColor","scopes":["profile"]}"#;
        let claim: Claim = serde_json::from_str(old).unwrap();
        assert_eq!(claim.carriers, Carrier::OF_IDENTITY);
        assert_eq!((&claim.says, claim.on_request), (&Says::Attribute("favoriteColor".into()), false));
        assert_eq!(serde_json::to_string(&claim).unwrap(), old);
    }

    #[test]
    fn a_claim_is_read_as_it_was_kept_or_not_at_all() {
        let claim = Claim {
            name: "tier".into(),
            carriers: vec![Carrier::AccessToken],
            says: Says::Expression(Expression::parse("'gold' in groups").unwrap()),
            scopes: Vec::new(),
            on_request: true,
        };
        let kept = serde_json::to_string(&claim).unwrap();
        let read: Claim = serde_json::from_str(&kept).unwrap();
        assert_eq!((read.carriers, read.says, read.on_request), (claim.carriers, claim.says, true));
        for broken in [
            r#"{"name":"a","attribute":"b","scopes":[]}"#,
            r#"{"name":"a","carrier":"id_token","scopes":[]}"#,
            r#"{"name":"a","carrier":"id_token","attribute":"b","expression":"user.b","scopes":[]}"#,
            r#"{"name":"a","carrier":"id_token","carriers":[],"attribute":"b","scopes":[]}"#,
            r#"{"name":"a","carrier":"id_token","expression":"nobody.b","scopes":[]}"#,
            r#"{"name":"a","carrier":"id_token","attribute":"b","scopes":[],"more":1}"#,
        ] {
            assert!(serde_json::from_str::<Claim>(broken).is_err(), "{broken}");
        }
    }
}
