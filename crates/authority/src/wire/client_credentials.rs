//! How a client proves itself (RFC 6749 section 2.3.1, RFC 7523 section 2.2).

use sayso_token::claims::text;
use sayso_token::encoding::from_base64;
use sayso_token::jws;
use sayso_token::secret::Secret;

use super::form::{Form, decode};

/// `client_assertion_type` of a signed assertion (RFC 7523 section 2.2).
pub const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Who says to be which client, and how.
#[derive(Clone, Debug)]
pub enum ClientProof {
    /// `private_key_jwt`: a JWT that the client has signed.
    Assertion {
        /// `client_id`, or what the assertion says of itself where the body names none.
        id: String,
        /// The JWT, nothing of it verified.
        assertion: Secret,
    },
    /// `client_secret_basic`: the `Authorization` header.
    Basic {
        /// `client_id`.
        id: String,
        /// The secret.
        secret: Secret,
    },
    /// `client_secret_post`: the body.
    Post {
        /// `client_id`.
        id: String,
        /// The secret.
        secret: Secret,
    },
    /// Only a `client_id`, as public clients send it.
    Named {
        /// `client_id`.
        id: String,
    },
}

impl ClientProof {
    /// The client it speaks of.
    pub fn client_id(&self) -> &str {
        match self {
            Self::Assertion { id, .. } | Self::Basic { id, .. } | Self::Post { id, .. } | Self::Named { id } => id,
        }
    }
}

/// Why no client can be told from a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoClient {
    /// Neither header nor body names a client.
    Absent,
    /// The assertion is no JWT that names a client, or is of a type that is not known.
    MalformedAssertion,
    /// The header cannot be decoded.
    MalformedHeader,
    /// Header and body both carry credentials, or the body carries some twice (RFC 6749 sections 2.3 and 3.2).
    TwoMethods,
}

/// Finds the client's proof in the `Authorization` header and the form body. A `client_id` in the body beside the
/// header is fine as long as it names the same client; a parameter without a value counts as absent (section 3.2).
pub fn client_proof(authorization: Option<&str>, body: &Form) -> Result<ClientProof, NoClient> {
    let one = |name| body.one(name).map_err(|_| NoClient::TwoMethods);
    let in_body = (one("client_id")?, one("client_secret")?);
    let signed = (one("client_assertion_type")?, one("client_assertion")?);
    if signed != (None, None) {
        return match (authorization, in_body.1) {
            (None, None) => assertion(signed, in_body.0),
            _ => Err(NoClient::TwoMethods),
        };
    }
    match (authorization, in_body) {
        (Some(_), (_, Some(_))) => Err(NoClient::TwoMethods),
        (Some(header), (named, None)) => {
            let (id, secret) = basic(header).ok_or(NoClient::MalformedHeader)?;
            if named.is_some_and(|named| named != id) {
                return Err(NoClient::TwoMethods);
            }
            Ok(ClientProof::Basic { id, secret })
        }
        (None, (Some(id), Some(secret))) => Ok(ClientProof::Post { id: id.to_owned(), secret: Secret::new(secret) }),
        (None, (Some(id), None)) => Ok(ClientProof::Named { id: id.to_owned() }),
        (None, (None, _)) => Err(NoClient::Absent),
    }
}

/// RFC 7521 section 4.2: a `client_id` beside the assertion must name the client that the assertion names.
fn assertion(signed: (Option<&str>, Option<&str>), named: Option<&str>) -> Result<ClientProof, NoClient> {
    let (Some(ASSERTION_TYPE), Some(assertion)) = signed else { return Err(NoClient::MalformedAssertion) };
    let subject = jws::parse(assertion).and_then(|parts| text(&parts.payload, "sub").ok().flatten().map(str::to_owned));
    let id = subject.ok_or(NoClient::MalformedAssertion)?;
    if named.is_some_and(|named| named != id) {
        return Err(NoClient::MalformedAssertion);
    }
    Ok(ClientProof::Assertion { id, assertion: Secret::new(assertion) })
}

/// `Basic` with id and secret form-encoded before they are joined, as RFC 6749 section 2.3.1 asks.
fn basic(header: &str) -> Option<(String, Secret)> {
    let (scheme, credentials) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(from_base64(credentials.trim())?).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    Some((decode(id).ok()?, Secret::new(decode(secret).ok()?)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use sayso_token::encoding::{base64, base64url};

    fn proof(header: Option<&str>, body: &str) -> Result<ClientProof, NoClient> {
        client_proof(header, &Form::parse(body).unwrap())
    }

    #[test]
    fn one_method_at_a_time() {
        let header = format!("Basic {}", base64(b"a%3Ab:s%2Bs"));
        let found = proof(Some(&header), "client_id=a:b").unwrap();
        assert!(matches!(found, ClientProof::Basic { id, secret } if id == "a:b" && secret.expose() == "s+s"));
        assert_eq!(proof(Some(&header), "client_secret=x").unwrap_err(), NoClient::TwoMethods);
        assert_eq!(proof(Some(&header), "client_id=other").unwrap_err(), NoClient::TwoMethods);
        assert_eq!(proof(None, "").unwrap_err(), NoClient::Absent);
        assert!(matches!(proof(None, "client_id=a").unwrap(), ClientProof::Named { .. }));
        assert!(matches!(proof(None, "client_id=a&client_secret=b").unwrap(), ClientProof::Post { .. }));
    }

    #[test]
    fn headers_that_cannot_be_decoded_name_nobody() {
        let latin = format!("Basic {}", base64(&[0xE4, b':', b'x']));
        let escape = format!("Basic {}", base64(b"a:%zz"));
        let colonless = format!("Basic {}", base64(b"abc"));
        for header in ["Basic", "Basic !!!", "Bearer abc", &latin, &escape, &colonless] {
            assert_eq!(proof(Some(header), "").unwrap_err(), NoClient::MalformedHeader, "{header}");
        }
    }

    #[test]
    fn an_assertion_names_its_client_and_stands_alone() {
        let jwt = |payload: &str| format!("{}.{}.AA", base64url(b"{\"alg\":\"ES256\"}"), base64url(payload.as_bytes()));
        let body = |jwt: &str| format!("client_assertion_type={ASSERTION_TYPE}&client_assertion={jwt}");
        let good = body(&jwt("{\"sub\":\"a\"}"));
        let header = format!("Basic {}", base64(b"a:s"));
        for named in ["", "&client_id=a", "&client_secret="] {
            let found = proof(None, &format!("{good}{named}")).unwrap();
            assert!(matches!(found, ClientProof::Assertion { id, .. } if id == "a"), "{named}");
        }
        for (body, header, why) in [
            (format!("{good}&client_id=b"), None, NoClient::MalformedAssertion),
            (format!("{good}&client_secret=s"), None, NoClient::TwoMethods),
            (good.clone(), Some(&header), NoClient::TwoMethods),
            (format!("{good}&{good}"), None, NoClient::TwoMethods),
            (format!("client_assertion_type={ASSERTION_TYPE}&client_id=a"), None, NoClient::MalformedAssertion),
            (format!("client_assertion={}", jwt("{\"sub\":\"a\"}")), None, NoClient::MalformedAssertion),
            (good.replace("jwt-bearer", "saml2-bearer"), None, NoClient::MalformedAssertion),
            (body(&jwt("{}")), None, NoClient::MalformedAssertion),
            (body(&jwt("{\"sub\":1}")), None, NoClient::MalformedAssertion),
            (body(&jwt("{\"sub\":\"a\",\"sub\":\"b\"}")), None, NoClient::MalformedAssertion),
            (body("a.b"), None, NoClient::MalformedAssertion),
        ] {
            assert_eq!(proof(header.map(String::as_str), &body).unwrap_err(), why, "{body}");
        }
    }
}
