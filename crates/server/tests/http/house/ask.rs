//! Authorization requests, and what comes of them.

use sayso_authority::wire::query::with_parameters;
use sayso_testkit::tutorials::CLIENT_SECRET;
use serde_json::Value;

use super::{
    Answer, NATIVE_CLIENT, NATIVE_URI, QUIZ, QUIZ_CLIENT, REDIRECT_URI, SPA_CLIENT, SPA_URI, WEAR, WEAR_AUDIENCE,
    WEAR_CLIENT, basic, encode,
};

/// RFC 7636 appendix B.
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
/// A state with everything that could break on the way.
pub(crate) const STATE: &str = "A1/b+c=d&e f%20\"<ü>";

/// Which authority.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Wear,
    Quiz,
}

impl Side {
    pub(crate) fn issuer(self) -> &'static str {
        self.choose(WEAR, QUIZ)
    }

    pub(crate) fn authorize(self) -> &'static str {
        self.choose("/authorize", "/oauth2/quiz/v1/authorize")
    }

    pub(crate) fn token(self) -> &'static str {
        self.choose("/oauth/token", "/oauth2/quiz/v1/token")
    }

    pub(crate) fn introspect(self) -> &'static str {
        self.choose("/oauth/introspect", "/oauth2/quiz/v1/introspect")
    }

    pub(crate) fn revoke(self) -> &'static str {
        self.choose("/oauth/revoke", "/oauth2/quiz/v1/revoke")
    }

    pub(crate) fn userinfo(self) -> &'static str {
        self.choose("/userinfo", "/oauth2/quiz/v1/userinfo")
    }

    pub(crate) fn keys(self) -> &'static str {
        self.choose("/.well-known/jwks.json", "/oauth2/quiz/v1/keys")
    }

    pub(crate) fn page(self, page: &str) -> String {
        format!("{}{page}", self.choose("", "/oauth2/quiz"))
    }

    fn choose(self, wear: &'static str, quiz: &'static str) -> &'static str {
        match self {
            Self::Wear => wear,
            Self::Quiz => quiz,
        }
    }
}

/// An authorization request; a test changes what it is about.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    pub(crate) side: Side,
    pairs: Vec<(&'static str, String)>,
}

impl Ask {
    /// The first tutorial's linking client for `read:whattowear`.
    pub(crate) fn wear() -> Self {
        Self::new(Side::Wear, WEAR_CLIENT, REDIRECT_URI).set("scope", "read:whattowear").set("audience", WEAR_AUDIENCE)
    }

    /// The second tutorial's linking client.
    pub(crate) fn quiz() -> Self {
        Self::new(Side::Quiz, QUIZ_CLIENT, REDIRECT_URI).set("scope", "openid profile")
    }

    /// The public client, with PKCE.
    pub(crate) fn spa() -> Self {
        Self::wear().set("client_id", SPA_CLIENT).set("redirect_uri", SPA_URI).pkce()
    }

    /// The native client, with PKCE.
    pub(crate) fn native() -> Self {
        Self::wear().set("client_id", NATIVE_CLIENT).set("redirect_uri", NATIVE_URI).pkce()
    }

    fn new(side: Side, client: &str, redirect_uri: &str) -> Self {
        Self { side, pairs: Vec::new() }
            .set("client_id", client)
            .set("redirect_uri", redirect_uri)
            .set("response_type", "code")
            .set("state", STATE)
    }

    pub(crate) fn pkce(self) -> Self {
        self.set("code_challenge", CHALLENGE).set("code_challenge_method", "S256")
    }

    /// With this value instead of any other.
    pub(crate) fn set(self, name: &'static str, value: &str) -> Self {
        self.without(name).add(name, value)
    }

    /// With this value beside any other.
    pub(crate) fn add(mut self, name: &'static str, value: &str) -> Self {
        self.pairs.push((name, value.to_owned()));
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.pairs.retain(|(known, _)| *known != name);
        self
    }

    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn client(&self) -> &str {
        self.value("client_id").unwrap_or_default()
    }

    pub(crate) fn redirect_uri(&self) -> &str {
        self.value("redirect_uri").unwrap_or_default()
    }

    /// The address of the authorization endpoint with the request.
    pub(crate) fn path(&self) -> String {
        self.at(self.side.authorize())
    }

    /// The address of a page of the flow.
    pub(crate) fn page(&self, page: &str) -> String {
        self.at(&self.side.page(page))
    }

    fn at(&self, path: &str) -> String {
        let pairs: Vec<_> = self.pairs.iter().map(|(name, value)| (*name, value.as_str())).collect();
        with_parameters(path, &pairs)
    }

    fn is_public(&self) -> bool {
        [SPA_CLIENT, NATIVE_CLIENT].contains(&self.client())
    }

    /// The `Authorization` header of the client, if it has a secret.
    pub(crate) fn authorization(&self) -> Option<String> {
        (!self.is_public()).then(|| basic(self.client(), CLIENT_SECRET))
    }

    /// `client_id` for the body, as public clients send it.
    pub(crate) fn public_id(&self) -> Option<(&str, &str)> {
        self.is_public().then(|| ("client_id", self.client()))
    }

    /// The body that exchanges `code`.
    pub(crate) fn redemption(&self, code: &str) -> String {
        let mut form =
            vec![("grant_type", "authorization_code"), ("code", code), ("redirect_uri", self.redirect_uri())];
        form.extend(self.public_id());
        if self.value("code_challenge").is_some() {
            form.push(("code_verifier", VERIFIER));
        }
        encode(&form)
    }
}

/// Tokens of a linked account.
#[derive(Clone, Debug)]
pub(crate) struct Linked {
    pub(crate) access: String,
    pub(crate) refresh: String,
    pub(crate) answer: Value,
}

impl Linked {
    #[track_caller]
    pub(crate) fn of(answer: &Answer) -> Self {
        assert_eq!(answer.status, 200, "{}", answer.body);
        let answer = answer.json();
        let text = |name: &str| answer[name].as_str().unwrap_or_default().to_owned();
        Self { access: text("access_token"), refresh: text("refresh_token"), answer }
    }
}
