//! How a client proves itself (RFC 6749 section 2.3.1).

use sayso_token::encoding::from_base64;
use sayso_token::secret::Secret;

use super::form::{Form, decode};

/// Who says to be which client, and how.
#[derive(Clone, Debug)]
pub enum ClientProof {
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
            Self::Basic { id, .. } | Self::Post { id, .. } | Self::Named { id } => id,
        }
    }
}

/// Why no client can be told from a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoClient {
    /// Neither header nor body names a client.
    Absent,
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
    use sayso_token::encoding::base64;

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
}
