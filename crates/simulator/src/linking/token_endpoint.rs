//! Talking to the token endpoint: exchanging a code, refreshing (RFC 6749 sections 4.1.3 and 6).

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sayso_alexa::account_linking::{AccountLinking, ClientScheme, LinkingGrant};
use sayso_token::secret::Secret;
use serde_json::{Map, Value};
use url::Url;
use url::form_urlencoded::{Serializer, byte_serialize};

use super::{ALEXA, AUTHORIZATION_SERVER};
use crate::faults::Fault;
use crate::outbound::{Incoming, Lost, Outbound, Outgoing};
use crate::trace::Hop;

/// Amazon waits no longer for a token ("Requirements for Account Linking").
const PATIENCE: Duration = Duration::from_millis(4500);
/// Larger answers are no token answers.
const LARGEST: usize = 64 * 1024;

/// What the token endpoint gave.
pub(crate) struct Granted {
    pub(crate) access_token: Secret,
    pub(crate) refresh_token: Option<Secret>,
    /// Lifetime in seconds, of the answer or else of the settings.
    pub(crate) expires_in: Option<u32>,
    pub(crate) scope: Option<String>,
}

/// Why it gave nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Withheld {
    /// `invalid_grant`: code or refresh token are of no use.
    InvalidGrant(String),
    /// Another refusal, which asking again does not change.
    Refused(String),
    /// Trouble that may pass: no answer in time, or a 5xx.
    Trouble(String),
}

impl Withheld {
    pub(crate) fn reason(&self) -> &str {
        match self {
            Self::InvalidGrant(reason) | Self::Refused(reason) | Self::Trouble(reason) => reason,
        }
    }
}

/// A form to send, with what the client says of itself.
pub(crate) struct ClientForm<'a> {
    pub(crate) title: &'a str,
    pub(crate) url: &'a str,
    pub(crate) fields: Vec<(&'static str, String)>,
}

/// Sends a form as the client of `linking`, by its configured scheme.
pub(crate) async fn send_form(
    outbound: &Outbound,
    linking: &AccountLinking,
    form: ClientForm<'_>,
) -> Result<(Result<Incoming, Lost>, Hop), String> {
    let LinkingGrant::AuthorizationCode { client_secret, scheme, .. } = &linking.grant else {
        return Err("The implicit grant has no token endpoint.".into());
    };
    let url = Url::parse(form.url).map_err(|_| format!("{:?} is no address yet.", form.url))?;
    let mut fields = form.fields;
    fields.push(("client_id", linking.client_id.clone()));
    let mut headers = vec![
        ("content-type", "application/x-www-form-urlencoded".to_owned()),
        ("accept", "application/json".to_owned()),
    ];
    let secret = client_secret.as_deref().unwrap_or_default();
    match scheme {
        ClientScheme::HttpBasic => headers.push(("authorization", basic(&linking.client_id, secret))),
        ClientScheme::RequestBody => fields.push(("client_secret", secret.to_owned())),
    }
    let shown: Map<String, Value> =
        fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone().into())).collect();
    let body = Serializer::new(String::new()).extend_pairs(&fields).finish().into_bytes();
    let outgoing = Outgoing {
        title: form.title,
        from: ALEXA,
        to: AUTHORIZATION_SERVER,
        url,
        headers,
        body,
        shown: shown.into(),
        limit: PATIENCE,
        largest: LARGEST,
    };
    Ok(outbound.post(outgoing).await)
}

/// HTTP Basic with both parts form-encoded first (RFC 6749 section 2.3.1).
fn basic(client_id: &str, secret: &str) -> String {
    let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
    format!("Basic {}", STANDARD.encode(format!("{}:{}", encoded(client_id), encoded(secret))))
}

/// What is asked of the token endpoint, and what is to go wrong with it.
pub(crate) struct Asking<'a> {
    pub(crate) title: &'a str,
    pub(crate) fields: Vec<(&'static str, String)>,
    pub(crate) fault: Option<Fault>,
}

/// Asks for tokens. A hop is there for each request that was sent.
pub(crate) async fn ask(
    outbound: &Outbound,
    linking: &AccountLinking,
    asking: Asking<'_>,
) -> (Result<Granted, Withheld>, Vec<Hop>) {
    let Asking { title, fields, fault } = asking;
    let LinkingGrant::AuthorizationCode { access_token_url: url, .. } = &linking.grant else {
        return (Err(Withheld::Refused("The implicit grant has no token endpoint.".into())), Vec::new());
    };
    let form = || ClientForm { title, url, fields: fields.clone() };
    let mut hops = Vec::new();
    if fault == Some(Fault::TokenDoubled) {
        // The first of two answers is the one that is not heard.
        hops.extend(send_form(outbound, linking, form()).await.ok().map(|(_, hop)| hop));
    }
    let (answered, mut hop) = match send_form(outbound, linking, form()).await {
        Ok(sent) => sent,
        Err(reason) => return (Err(Withheld::Refused(reason)), hops),
    };
    let judged = match (fault, answered) {
        (Some(Fault::TokenLost), Ok(_)) => Err(Withheld::Trouble("The token answer was lost on the way.".into())),
        (Some(Fault::TokenSlow), Ok(_)) | (_, Err(Lost::TooSlow)) => {
            Err(Withheld::Trouble("The token endpoint took longer than 4.5 seconds.".into()))
        }
        (Some(Fault::TokenMalformed), Ok(incoming)) => {
            judge(&Incoming { body: b"<html>Bad gateway</html>".to_vec(), ..incoming }, linking)
        }
        (_, Ok(incoming)) => judge(&incoming, linking),
        (_, Err(Lost::Unreachable)) => Err(Withheld::Trouble("The token endpoint cannot be reached.".into())),
        (_, Err(Lost::TooLarge)) => Err(Withheld::Refused("The token answer is too large.".into())),
    };
    match &judged {
        Ok(granted) => hop.note = Some(remark(granted)),
        Err(withheld) => {
            hop.note.get_or_insert_with(|| withheld.reason().to_owned());
        }
    }
    hops.push(hop);
    (judged, hops)
}

fn remark(granted: &Granted) -> String {
    let mut remark = match granted.expires_in {
        Some(seconds) if seconds < 360 => {
            format!("Tokens received, good for {seconds} s; Amazon asks for 360 s or more.")
        }
        Some(seconds) => format!("Tokens received, good for {seconds} s."),
        None => "Tokens received without expires_in: Alexa never learns when to refresh.".to_owned(),
    };
    if granted.refresh_token.is_none() {
        remark.push_str(" No refresh token in the answer.");
    }
    remark
}

fn judge(incoming: &Incoming, linking: &AccountLinking) -> Result<Granted, Withheld> {
    let answer: Value = serde_json::from_slice(&incoming.body).unwrap_or(Value::Null);
    let text = |field: &str| answer.get(field).and_then(Value::as_str).filter(|text| !text.is_empty());
    if incoming.status >= 500 || incoming.status == 429 {
        return Err(Withheld::Trouble(format!("The token endpoint answered with status {}.", incoming.status)));
    }
    if incoming.status != 200 {
        let error = text("error").unwrap_or("no error code");
        let described = text("error_description").map(|text| format!(" ({text})")).unwrap_or_default();
        let reason = format!("The token endpoint refused with status {}: {error}{described}.", incoming.status);
        return Err(if error == "invalid_grant" { Withheld::InvalidGrant(reason) } else { Withheld::Refused(reason) });
    }
    let Some(access_token) = text("access_token") else {
        return Err(Withheld::Refused("The token answer has no access_token.".into()));
    };
    if !text("token_type").is_some_and(|kind| kind.eq_ignore_ascii_case("bearer")) {
        return Err(Withheld::Refused("The token answer's token_type is not Bearer.".into()));
    }
    let seconds = answer.get("expires_in").and_then(|value| match value {
        Value::Number(number) => number.as_u64().and_then(|seconds| u32::try_from(seconds).ok()),
        Value::String(text) => text.parse().ok(),
        _ => None,
    });
    Ok(Granted {
        access_token: Secret::new(access_token),
        refresh_token: text("refresh_token").map(Secret::new),
        expires_in: seconds.or(linking.default_expiration_seconds),
        scope: text("scope").map(str::to_owned),
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn basic_credentials_are_form_encoded_first() {
        let header = basic("alexa:skill %+/é", "p@ss:w/ord+%é");
        let decoded = STANDARD.decode(header.strip_prefix("Basic ").unwrap()).unwrap();
        assert_eq!(String::from_utf8(decoded).unwrap(), "alexa%3Askill+%25%2B%2F%C3%A9:p%40ss%3Aw%2Ford%2B%25%C3%A9");
    }

    #[test]
    fn token_answers_are_judged() {
        let settings = br#"{"type": "AUTH_CODE", "authorizationUrl": "https://a.example/a", "clientId": "c",
            "accessTokenUrl": "https://a.example/t", "clientSecret": "s", "defaultTokenExpirationInSeconds": 900}"#;
        let linking = AccountLinking::parse(settings).unwrap();
        let judged = |status, body: &str| {
            judge(&Incoming { status, headers: Default::default(), body: body.as_bytes().to_vec() }, &linking)
        };
        let good =
            judged(200, r#"{"access_token": "a", "token_type": "bearer", "refresh_token": "r", "expires_in": 60}"#);
        assert_eq!(good.unwrap().expires_in, Some(60));
        let silent = judged(200, r#"{"access_token": "a", "token_type": "Bearer"}"#).unwrap();
        assert_eq!((silent.expires_in, silent.refresh_token.is_none()), (Some(900), true));
        for (status, body, kind) in [
            (400, r#"{"error": "invalid_grant"}"#, "grant"),
            (400, r#"{"error": "invalid_scope"}"#, "refused"),
            (401, r#"{"error": "invalid_client"}"#, "refused"),
            (500, r#"{"error": "invalid_grant"}"#, "trouble"),
            (503, "busy", "trouble"),
            (429, "", "trouble"),
            (302, "", "refused"),
            (200, "<html>", "refused"),
            (200, r#"{"access_token": "", "token_type": "Bearer"}"#, "refused"),
            (200, r#"{"access_token": "a", "token_type": "mac"}"#, "refused"),
            (200, r#"{"access_token": "a"}"#, "refused"),
        ] {
            let found = match judged(status, body).err().unwrap() {
                Withheld::InvalidGrant(_) => "grant",
                Withheld::Refused(_) => "refused",
                Withheld::Trouble(_) => "trouble",
            };
            assert_eq!(found, kind, "{status} {body}");
        }
    }
}
