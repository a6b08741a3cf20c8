//! The shape of the configuration file: tables, keys and their types. What the values mean is checked elsewhere.
//!
//! `docs/configuration.md` describes every key; a key added here needs a row there.

use std::collections::BTreeMap;

use sayso_authority::record::api::ScopeConsent;
use sayso_authority::record::attribute::AttributeValue;
use sayso_authority::record::claim::Carrier;
use sayso_authority::record::client::ConsentMemory;
use sayso_authority::record::connection::ConnectionAuthentication;
use sayso_token::algorithm::Algorithm;
use sayso_token::secret::Secret;
use serde::Deserialize;
use toml::Spanned;

/// A text whose place in the file is known.
pub(super) type Text = Spanned<String>;

/// The whole file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    #[serde(default)]
    pub(super) server: Server,
    pub(super) admin: Option<Admin>,
    #[serde(default, rename = "attribute")]
    pub(super) attributes: Vec<Attribute>,
    #[serde(default, rename = "group")]
    pub(super) groups: Vec<Group>,
    #[serde(default, rename = "user")]
    pub(super) users: Vec<User>,
    #[serde(default, rename = "authority")]
    pub(super) authorities: Vec<Authority>,
}

/// `[server]`
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Server {
    pub(super) listen: Option<Text>,
    pub(super) database: Option<Text>,
    pub(super) master_key: Option<String>,
    pub(super) pages: Option<Text>,
    pub(super) migrate: Option<Migrate>,
    pub(super) audit_days: Option<Spanned<i64>>,
    pub(super) outgoing_ca: Option<Text>,
    #[serde(default)]
    pub(super) outgoing_loopback: bool,
    #[serde(default)]
    pub(super) connection_secrets: BTreeMap<Text, Text>,
    pub(super) tls: Option<Spanned<Tls>>,
    #[serde(default)]
    pub(super) trusted_proxies: Vec<Text>,
    pub(super) proxy_header: Option<ProxyHeader>,
}

/// `tls`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Tls {
    pub(super) certificate: Option<Text>,
    pub(super) key: Option<Text>,
    pub(super) acme: Option<Spanned<Acme>>,
}

/// `acme`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Acme {
    pub(super) terms_agreed: Option<Spanned<bool>>,
    pub(super) contact: Option<Text>,
    pub(super) directory: Option<Text>,
    pub(super) directory_ca: Option<Text>,
    pub(super) names: Option<Spanned<Vec<Text>>>,
    pub(super) folder: Option<Text>,
    pub(super) external_account: Option<ExternalAccount>,
}

/// `external_account`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ExternalAccount {
    pub(super) id: Text,
    pub(super) key_file: Text,
}

/// `proxy_header`
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ProxyHeader {
    XForwardedFor,
    Forwarded,
}

/// `migrate`
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Migrate {
    AtStart,
    ByCommand,
}

/// `[admin]`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Admin {
    pub(super) authority: Text,
    pub(super) audience: Text,
    pub(super) listen: Option<Text>,
    pub(super) url: Option<Text>,
}

/// `[[attribute]]`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Attribute {
    pub(super) name: Text,
    pub(super) label: Option<Spanned<Label>>,
    #[serde(rename = "type")]
    pub(super) kind: Option<AttributeType>,
    pub(super) self_editable: Option<bool>,
    pub(super) person: Option<Spanned<Rights>>,
    pub(super) admin: Option<Spanned<Rights>>,
    pub(super) claims: Option<bool>,
    pub(super) min_chars: Option<Spanned<i64>>,
    pub(super) max_chars: Option<Spanned<i64>>,
    pub(super) min: Option<Spanned<i64>>,
    pub(super) max: Option<Spanned<i64>>,
    pub(super) pattern: Option<Text>,
    pub(super) hint: Option<Spanned<Label>>,
    pub(super) choices: Option<Spanned<Vec<Choice>>>,
}

/// A text for all languages, or one for each.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Label {
    One(String),
    ByLanguage(BTreeMap<String, String>),
}

/// `type`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum AttributeType {
    String,
    Integer,
    Boolean,
    Email,
    Phone,
    Date,
    Enum,
    Url,
    List,
}

/// `person`, `admin`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Rights {
    None,
    Read,
    Write,
}

/// One of `choices`
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Choice {
    Plain(String),
    Labelled { value: String, label: Label },
}

/// `[[group]]`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Group {
    pub(super) name: Text,
    pub(super) description: Option<Text>,
}

/// `[[user]]`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct User {
    pub(super) username: Text,
    pub(super) password: Option<Spanned<Secret>>,
    pub(super) password_file: Option<Text>,
    #[serde(default)]
    pub(super) attributes: BTreeMap<Text, Spanned<AttributeValue>>,
    #[serde(default)]
    pub(super) groups: Vec<Text>,
}

/// `[[authority]]`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Authority {
    pub(super) id: Text,
    pub(super) name: Option<Text>,
    pub(super) issuer: Text,
    pub(super) layout: Layout,
    pub(super) default_audience: Option<Text>,
    #[serde(default)]
    pub(super) introspection_by_query: bool,
    pub(super) key_rotation_days: Option<Spanned<i64>>,
    pub(super) registration: Option<RegistrationMode>,
    pub(super) registration_token_file: Option<Text>,
    pub(super) registration_token_digests: Option<Spanned<Vec<Text>>>,
    pub(super) registration_scopes: Option<Vec<Text>>,
    pub(super) registration_limit: Option<Spanned<i64>>,
    #[serde(default, rename = "api")]
    pub(super) apis: Vec<Api>,
    #[serde(default, rename = "claim")]
    pub(super) claims: Vec<Claim>,
    #[serde(default, rename = "policy")]
    pub(super) policies: Vec<Policy>,
    #[serde(default, rename = "client")]
    pub(super) clients: Vec<Client>,
    #[serde(default, rename = "connection")]
    pub(super) connections: Vec<Connection>,
}

/// `[[authority.connection]]`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Connection {
    pub(super) id: Text,
    pub(super) name: Option<Text>,
    pub(super) issuer: Text,
    pub(super) client_id: Text,
    #[serde(default)]
    pub(super) authentication: ConnectionAuthentication,
    pub(super) scopes: Option<Vec<Text>>,
    #[serde(default)]
    pub(super) email_domains: Vec<Text>,
    #[serde(default)]
    pub(super) sign_up: bool,
}

/// `registration`
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum RegistrationMode {
    Off,
    Open,
    Token,
}

/// `layout`
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Layout {
    Auth0,
    Okta,
}

/// `[[authority.api]]`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Api {
    pub(super) audience: Text,
    pub(super) name: Option<Text>,
    pub(super) algorithm: Option<Algorithm>,
    pub(super) profile: Option<Profile>,
    pub(super) token_lifetime: Option<Spanned<i64>>,
    #[serde(default)]
    pub(super) scopes: Vec<Scope>,
}

/// `profile`
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Profile {
    Rfc9068,
    Azp,
    Cid,
    Opaque,
}

/// One of `scopes`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Scope {
    pub(super) name: Text,
    pub(super) text: Text,
    pub(super) spoken: Option<Text>,
    #[serde(default)]
    pub(super) consent: ScopeConsent,
    #[serde(default)]
    pub(super) default: bool,
}

/// `[[authority.claim]]`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Claim {
    pub(super) name: Text,
    pub(super) carrier: Option<CarrierPair>,
    pub(super) carriers: Option<Spanned<Vec<Carrier>>>,
    pub(super) attribute: Option<Text>,
    pub(super) expression: Option<Text>,
    #[serde(default)]
    pub(super) scopes: Vec<Text>,
    #[serde(default)]
    pub(super) on_request: bool,
}

/// `carrier`
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum CarrierPair {
    AccessToken,
    IdToken,
}

/// `[[authority.policy]]`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Policy {
    pub(super) name: Text,
    pub(super) clients: Option<Vec<Text>>,
    #[serde(default, rename = "rule")]
    pub(super) rules: Vec<Rule>,
}

/// `[[authority.policy.rule]]`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rule {
    pub(super) name: Text,
    pub(super) grants: Spanned<Vec<Spanned<Grant>>>,
    pub(super) scopes: Option<Vec<Text>>,
    #[serde(default)]
    pub(super) users: Vec<Text>,
    #[serde(default)]
    pub(super) groups: Vec<Text>,
    pub(super) when: Option<Text>,
    pub(super) factor: Option<Text>,
    #[serde(default)]
    pub(super) lifetimes: Lifetimes,
}

/// `lifetimes`
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Lifetimes {
    pub(super) access_token: Option<Spanned<i64>>,
    pub(super) refresh_idle: Option<Spanned<i64>>,
    pub(super) refresh_total: Option<Spanned<i64>>,
}

/// A grant type (RFC 6749 section 1.3)
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Grant {
    AuthorizationCode,
    ClientCredentials,
    RefreshToken,
}

/// `[[authority.client]]`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Client {
    pub(super) id: Text,
    pub(super) name: Option<Text>,
    pub(super) authentication: Option<Authentication>,
    pub(super) secret: Option<Spanned<Secret>>,
    pub(super) secret_file: Option<Text>,
    pub(super) secret_digests: Option<Spanned<Vec<Text>>>,
    #[serde(default)]
    pub(super) redirect_uris: Vec<Text>,
    pub(super) native: Option<bool>,
    pub(super) grants: Option<Vec<Grant>>,
    #[serde(default)]
    pub(super) scopes: Vec<Text>,
    pub(super) pkce_required: Option<Spanned<bool>>,
    #[serde(default)]
    pub(super) refresh: Refresh,
    #[serde(default)]
    pub(super) introspects: Vec<Text>,
    #[serde(default)]
    pub(super) logout: Logout,
    #[serde(default)]
    pub(super) disabled: bool,
    #[serde(default)]
    pub(super) consent: ConsentMemory,
    pub(super) id_token_algorithm: Option<Algorithm>,
    pub(super) userinfo_algorithm: Option<Algorithm>,
    pub(super) preset: Option<Preset>,
    pub(super) vendor_id: Option<Text>,
    pub(super) project_id: Option<Text>,
    pub(super) token_profile: Option<Profile>,
    pub(super) token_lifetime: Option<Spanned<i64>>,
    pub(super) old_secret: Option<Spanned<Secret>>,
    pub(super) jwks: Option<Text>,
    pub(super) jwks_file: Option<Text>,
    pub(super) jwks_uri: Option<Text>,
    pub(super) assertion_algorithm: Option<Algorithm>,
    pub(super) assertion_audience: Option<AssertionAudience>,
    pub(super) default_max_age: Option<u32>,
    #[serde(default)]
    pub(super) authorization: Authorization,
}

/// `authorization`
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Authorization {
    pub(super) pushed_only: bool,
    pub(super) subject_type: Option<Spanned<SubjectType>>,
    pub(super) sector_identifier: Option<Text>,
    pub(super) initiate_login_uri: Option<Text>,
    pub(super) target_link_uri: Option<Text>,
    pub(super) policy_uri: Option<Text>,
    pub(super) tos_uri: Option<Text>,
}

/// `subject_type` (OpenID Connect Core section 8)
#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(super) enum SubjectType {
    Public,
    Pairwise,
}

/// `preset`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Preset {
    Alexa,
    AlexaPlus,
    Google,
    Machine,
    Mcp,
    Native,
    Spa,
    Web,
}

/// `assertion_audience`
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum AssertionAudience {
    Issuer,
    IssuerOrTokenEndpoint,
}

/// `authentication`
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Authentication {
    Secret,
    SecretBasic,
    SecretPost,
    None,
    PrivateKeyJwt,
}

/// `refresh`
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Refresh {
    pub(super) rotation: Option<Rotation>,
    pub(super) overlap: Option<Spanned<i64>>,
    pub(super) idle: Option<Spanned<i64>>,
}

/// `logout`
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Logout {
    #[serde(default)]
    pub(super) post_logout_redirect_uris: Vec<Text>,
    pub(super) backchannel_logout_uri: Option<Text>,
    #[serde(default)]
    pub(super) backchannel_logout_session_required: bool,
}

/// `rotation`
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Rotation {
    SameSuccessor,
    Strict,
    Static,
}
