//! What is tried, and who says that it matters.

/// Who says so: a title, and the address where it stands.
pub(crate) type Source = (&'static str, &'static str);

/// One thing that is tried.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Trial {
    name: &'static str,
    /// One of several of its kind, such as a region.
    one: &'static str,
    pub(crate) tried: &'static str,
    pub(crate) source: Source,
}

impl Trial {
    const fn new(name: &'static str, source: Source, tried: &'static str) -> Self {
        Self { name, one: "", tried, source }
    }

    /// The same for one of several.
    pub(crate) const fn of(self, one: &'static str) -> Self {
        Self { one, ..self }
    }

    /// The same, of which something else was tried.
    pub(crate) const fn trying(self, tried: &'static str) -> Self {
        Self { tried, ..self }
    }

    pub(crate) fn name(self) -> String {
        if self.one.is_empty() { self.name.to_owned() } else { format!("{} for {}", self.name, self.one) }
    }
}

const REQUIREMENTS: Source = (
    "Amazon, Requirements for account linking",
    "https://developer.amazon.com/docs/alexaplus/account-linking/requirements-account-linking.html",
);
const CODE_GRANT: Source = (
    "Amazon, Configure an authorization code grant",
    "https://developer.amazon.com/ja/docs/alexa/account-linking/configure-authorization-code-grant.html",
);
const TROUBLE: Source = (
    "Amazon, Troubleshooting account linking",
    "https://developer.amazon.com/en-GB/docs/alexa/account-linking/troubleshooting-account-linking.html",
);
const SCHEMAS: Source = (
    "Amazon, Account linking schemas",
    "https://developer.amazon.com/ja-JP/docs/alexa/smapi/account-linking-schemas.html",
);
const BEST: Source = (
    "Amazon, Best practices for account linking",
    "https://developer.amazon.com/docs/alexaplus/account-linking/account-linking-best-practices",
);
const CERTIFICATION: Source = (
    "Amazon, Security testing for an Alexa skill",
    "https://developer.amazon.com/ja/docs/custom-skills/security-testing-for-an-alexa-skill.html",
);
const HOSTING: Source = (
    "Amazon, Host a custom skill as a web service",
    "https://developer.amazon.com/docs/custom-skills/host-a-custom-skill-as-a-web-service.html",
);
const EVENTS: Source = (
    "Amazon, Skill events in Alexa skills; its SDKs take events up to an hour old",
    "https://developer.amazon.com/ja-JP/docs/smapi/skill-events-in-alexa-skills.html",
);
const LONG_STATE: Source = (
    "States of 600 signs and more were seen, and columns of 128 and 256 broke linking",
    "https://github.com/alexa-samples/skill-sample-nodejs-team-lookup/issues/17",
);
const REUSE: Source = (
    "Amazon's wording on old refresh tokens, as quoted by a maintainer",
    "https://github.com/panva/node-oidc-provider/issues/1022",
);
const REDIRECT_URI: Source =
    ("RFC 9700 section 2.1, OAuth 2.0 Security", "https://www.rfc-editor.org/rfc/rfc9700#section-2.1");
const TOKEN_ERRORS: Source = ("RFC 6749 section 5.2", "https://www.rfc-editor.org/rfc/rfc6749#section-5.2");
const PKCE_RULES: Source =
    ("RFC 9700 section 2.1.1 and RFC 7636, PKCE", "https://www.rfc-editor.org/rfc/rfc9700#section-2.1.1");
const SCOPE: Source = ("RFC 6749 section 4.1.2.1", "https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2.1");
const REFRESH_BINDING: Source =
    ("RFC 6749 section 6: a refresh token belongs to its client", "https://www.rfc-editor.org/rfc/rfc6749#section-6");
const SELF_TOLD: Source =
    ("RFC 8414, OAuth 2.0 Authorization Server Metadata", "https://www.rfc-editor.org/rfc/rfc8414#section-2");
const GRANT: Source = (
    "Amazon, Alexa.Authorization interface",
    "https://developer.amazon.com/en-US/docs/alexa/device-apis/alexa-authorization.html",
);
const CLIENT: Source = ("RFC 6749 section 2.3.1", "https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1");

pub(crate) const SETTINGS: Trial =
    Trial::new("Settings", SCHEMAS, "The account-linking file was read as the Skill Management API reads it.");
pub(crate) const CERTIFIED: Trial = Trial::new(
    "Certification",
    CERTIFICATION,
    "The manifest was read for what a reviewer of a skill with account linking looks for.",
);
pub(crate) const LINKING: Trial = Trial::new("Account linking", SCHEMAS, "The package was looked through.");
pub(crate) const LOGIN: Trial = Trial::new(
    "Login page",
    CODE_GRANT,
    "The login page was asked for as Alexa does, with this region's redirect URI, the scopes and PKCE of the settings.",
);
pub(crate) const CERTIFICATE: Trial = Trial::new(
    "Certificate",
    HOSTING,
    "A TLS handshake was begun; the chain that the server sends was judged by the public authorities, and nothing was fetched to fill it up.",
);
pub(crate) const METADATA: Trial = Trial::new(
    "What the server says of itself",
    SELF_TOLD,
    "The metadata at the well-known addresses above the login page was held against the settings.",
);
pub(crate) const SCOPES: Trial = Trial::new(
    "Scopes, one by one",
    SCOPE,
    "Since all scopes together are refused, the login page was asked for with each alone.",
);
pub(crate) const PKCE: Trial = Trial::new(
    "PKCE",
    PKCE_RULES,
    "The login page was asked for with a challenge by S256, and with a plain one or without any, beside what the settings say.",
);
pub(crate) const VERIFIER: Trial = Trial::new(
    "A wrong verifier",
    PKCE_RULES,
    "The code that came at once was exchanged with another verifier, and one more without any.",
);
pub(crate) const STATE: Trial = Trial::new(
    "A state of 4000 signs",
    LONG_STATE,
    "The login page was asked for with a state of 4000 signs of all kinds.",
);
pub(crate) const FOREIGN: Trial = Trial::new(
    "A redirect URI of somebody else",
    REDIRECT_URI,
    "The login page was asked for with a redirect URI that nobody registered.",
);
pub(crate) const CLOCK: Trial = Trial::new(
    "The server's clock",
    HOSTING,
    "The Date of the login page's answer was compared with this machine's clock.",
);
pub(crate) const PHONE: Trial = Trial::new(
    "The page on a phone",
    REQUIREMENTS,
    "The login page's source was read for what the app's web view does not do.",
);
pub(crate) const BRAND: Trial =
    Trial::new("Whose page it is", BEST, "The login page's source was searched for the skill's name.");
pub(crate) const ENDPOINT: Trial = Trial::new("Token endpoint", CODE_GRANT, "The type of the settings was read.");
pub(crate) const EXCHANGE: Trial = Trial::new(
    "Exchange of a code",
    TOKEN_ERRORS,
    "A code that nobody issued was exchanged, with the client of the settings.",
);
pub(crate) const SCHEME: Trial = Trial::new(
    "Client authentication",
    CLIENT,
    "The same was asked with the client's secret in the other place: header or body.",
);
pub(crate) const REFRESH: Trial = Trial::new(
    "Refresh of a token",
    TOKEN_ERRORS,
    "A refresh token that nobody issued was sent, with the client of the settings.",
);
pub(crate) const ANSWER_TIME: Trial = Trial::new(
    "Time of the token answer",
    REQUIREMENTS,
    "The answers to the made-up code and token were timed; the slower counts.",
);
pub(crate) const LINK: Trial =
    Trial::new("The link", REQUIREMENTS, "The last token answer of the link in this console was looked at.");
pub(crate) const RESUBMITTED: Trial = Trial::new(
    "Changes since the link",
    REFRESH_BINDING,
    "Client, secret, addresses, scopes, vendor and skill were compared with what the account here was linked with last.",
);
pub(crate) const REFRESHING: Trial =
    Trial::new("Refreshing", TROUBLE, "It was looked up whether the link here was ever refreshed.");
pub(crate) const TWICE: Trial = Trial::new(
    "The same refresh twice",
    REUSE,
    "The link's refresh token was sent twice at the same time and a third time after that, as when an answer is lost; then its successor.",
);
pub(crate) const ANSWER: Trial =
    Trial::new("The skill's answer", TROUBLE, "The skill was launched by somebody without an account.");
pub(crate) const SKILL_CLOCK: Trial =
    Trial::new("The skill's clock", HOSTING, "The Date of the skill's answer was compared with this machine's clock.");
pub(crate) const ACCEPT_GRANT: Trial = Trial::new(
    "AcceptGrant",
    GRANT,
    "A smart home skill was handed a made-up code, as Alexa hands one over when a skill that sends events is enabled.",
);
pub(crate) const UNSIGNED: Trial =
    Trial::new("Requests without a signature", HOSTING, "The same request was sent without Signature-256.");
pub(crate) const OLD: Trial = Trial::new(
    "A request of half an hour ago",
    HOSTING,
    "A launch was sent, well signed, with a timestamp 30 minutes old.",
);
pub(crate) const LATE: Trial = Trial::new(
    "A late event",
    EVENTS,
    "A skill event that happened 30 minutes ago was sent, well signed, of a user whom nobody is.",
);
pub(crate) const MADE_UP: Trial = Trial::new(
    "Tokens that nobody issued",
    CERTIFICATION,
    "Intents were asked without a token until one asked to link; that one was asked again with a made-up token, and with a forged JWT.",
);
pub(crate) const PRIVACY: Trial =
    Trial::new("Privacy policy and terms", CERTIFICATION, "The addresses in the manifest were opened.");
