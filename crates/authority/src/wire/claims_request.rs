//! The `claims` parameter (OpenID Connect Core section 5.5).

use sayso_token::json::parse_strict_object;
use serde_json::{Map, Value};

use crate::record::terms::RequestedClaims;

/// More names, or longer ones, no honest request has.
const MAX_NAMES: usize = 64;
const LONGEST_NAME: usize = 100;

/// The parameter cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unreadable;

/// What it asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClaimsRequest {
    /// The claims, by name. Whether one is essential changes nothing: whatever is known and allowed is told.
    pub claims: RequestedClaims,
    /// If not empty: the person must be one of these to the client (section 5.5.1).
    pub subjects: Vec<String>,
    /// If not empty: the sign-in must be worth one of these, for `acr` was asked for as essential (section 5.5.1.1).
    pub essential_acrs: Vec<String>,
}

impl ClaimsRequest {
    /// Reads the parameter. Members and names that are not understood are passed over, as the specification asks.
    ///
    /// # Errors
    /// When it is no JSON object of objects, or unreasonably large.
    pub fn parse(text: &str) -> Result<Self, Unreadable> {
        let object = parse_strict_object(text.as_bytes()).map_err(|_| Unreadable)?;
        let (id_token, userinfo) = (member(&object, "id_token")?, member(&object, "userinfo")?);
        let mut request = Self::default();
        for part in [&id_token, &userinfo].into_iter().copied().flatten() {
            request.subjects.extend(values(part.get("sub"))?);
        }
        let acr = id_token.and_then(|claims| claims.get("acr"));
        let essential = acr.and_then(|acr| acr.get("essential")).and_then(Value::as_bool).unwrap_or_default();
        let acrs = values(acr)?;
        request.essential_acrs = if essential { acrs } else { Vec::new() };
        request.claims = RequestedClaims { id_token: names(id_token)?, userinfo: names(userinfo)? };
        Ok(request)
    }
}

fn member<'a>(object: &'a Map<String, Value>, name: &str) -> Result<Option<&'a Map<String, Value>>, Unreadable> {
    match object.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(claims)) => Ok(Some(claims)),
        Some(_) => Err(Unreadable),
    }
}

fn names(claims: Option<&Map<String, Value>>) -> Result<Vec<String>, Unreadable> {
    let names: Vec<String> = claims.into_iter().flat_map(Map::keys).cloned().collect();
    let fine = names.len() <= MAX_NAMES && names.iter().all(|name| name.len() <= LONGEST_NAME);
    if fine { Ok(names) } else { Err(Unreadable) }
}

/// The texts of `value` or `values`.
fn values(claim: Option<&Value>) -> Result<Vec<String>, Unreadable> {
    let text = |value: &Value| value.as_str().map(str::to_owned).ok_or(Unreadable);
    match claim {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Object(wanted)) => match (wanted.get("value"), wanted.get("values")) {
            (Some(one), _) => Ok(vec![text(one)?]),
            (None, Some(Value::Array(some))) if some.len() <= MAX_NAMES => some.iter().map(text).collect(),
            (None, Some(_)) => Err(Unreadable),
            (None, None) => Ok(Vec::new()),
        },
        Some(_) => Err(Unreadable),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_understood_is_read_and_the_rest_passed_over() {
        let text = r#"{"userinfo":{"name":{"essential":true},"email":null,"http://x/y":{"a":1}},
            "id_token":{"auth_time":{"essential":true},"acr":{"essential":true,"values":["1","2"]},
            "sub":{"value":"usr_ada"}},"other":3}"#;
        let request = ClaimsRequest::parse(text).unwrap();
        assert_eq!(request.claims.userinfo, ["name", "email", "http://x/y"]);
        assert_eq!(request.claims.id_token, ["auth_time", "acr", "sub"]);
        assert_eq!((request.subjects, request.essential_acrs), (vec!["usr_ada".into()], vec!["1".into(), "2".into()]));
        let voluntary = ClaimsRequest::parse(r#"{"id_token":{"acr":{"values":["2"]}}}"#).unwrap();
        assert!(voluntary.essential_acrs.is_empty());
        for nothing in ["{}", r#"{"id_token":null}"#, r#"{"userinfo":{},"id_token":{}}"#] {
            assert_eq!(ClaimsRequest::parse(nothing), Ok(ClaimsRequest::default()), "{nothing}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        let many: Vec<String> = (0..65).map(|number| format!("\"n{number}\":null")).collect();
        let many = format!("{{\"userinfo\":{{{}}}}}", many.join(","));
        let long = format!("{{\"userinfo\":{{\"{}\":null}}}}", "x".repeat(101));
        for bad in [
            "",
            "[]",
            "null",
            "{",
            "{}x",
            r#"{"id_token":[]}"#,
            r#"{"userinfo":"name"}"#,
            r#"{"id_token":{"sub":"usr_ada"}}"#,
            r#"{"id_token":{"sub":{"value":1}}}"#,
            r#"{"id_token":{"acr":{"essential":true,"values":"1"}}}"#,
            r#"{"id_token":{},"id_token":{}}"#,
            &many,
            &long,
        ] {
            assert_eq!(ClaimsRequest::parse(bad), Err(Unreadable), "{bad}");
        }
    }
}
