//! What can be asked, and by whom.

use clap::ValueEnum;
use sayso_testkit::tutorials::{CLIENT_SECRET, MACHINE_CLIENT, WEAR_AUDIENCE};

use crate::installation::{ES256_AUDIENCE, QUIZ_HOST, WEAR_HOST};
use crate::line::{Caller, Question, Refreshing};
use crate::seed::{Linked, TOKEN_PATH, client};

/// A kind of request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Scenario {
    /// A plain handler of a small JSON document, for comparison.
    BareJson,
    /// A plain handler that signs an RS256 token, for comparison.
    BareSigning,
    /// Client credentials, RS256.
    ClientCredentials,
    /// Client credentials, ES256.
    ClientCredentialsEs256,
    /// Chained refreshes with their durable commits, RS256.
    Refresh,
    /// Introspection of a revocable access token.
    Introspection,
    /// The key set.
    Jwks,
    /// The metadata document.
    Discovery,
}

impl Scenario {
    /// Whether the bare server answers.
    pub fn is_bare(self) -> bool {
        matches!(self, Self::BareJson | Self::BareSigning)
    }

    /// Whether each caller needs linked accounts.
    pub(crate) fn needs_grants(self) -> bool {
        matches!(self, Self::Refresh | Self::Introspection)
    }

    /// One caller, who gets these accounts.
    pub(crate) fn caller(self, linked: Vec<Linked>, repeat: Option<u32>) -> Caller {
        let question = match self {
            Self::BareJson => Question::get("bare.example", "/json"),
            Self::BareSigning => Question::post("bare.example", "/sign", credentials(WEAR_AUDIENCE)),
            Self::ClientCredentials => Question::post(WEAR_HOST, "/oauth/token", credentials(WEAR_AUDIENCE)),
            Self::ClientCredentialsEs256 => Question::post(WEAR_HOST, "/oauth/token", credentials(ES256_AUDIENCE)),
            Self::Jwks => Question::get(WEAR_HOST, "/.well-known/jwks.json"),
            Self::Discovery => Question::get(WEAR_HOST, "/.well-known/openid-configuration"),
            Self::Refresh => {
                let chains = linked.into_iter().map(|linked| linked.chain).collect();
                return Caller::Refreshing(Refreshing::new(chains, refresh, repeat));
            }
            Self::Introspection => {
                let token = linked.into_iter().next().map(|linked| linked.access_token).unwrap_or_default();
                let form = format!("token={token}&{}", client());
                Question::post(QUIZ_HOST, "/oauth2/quiz/v1/introspect", form)
            }
        };
        Caller::Same(question, self.words())
    }

    fn words(self) -> &'static str {
        match self {
            Self::BareJson => "status",
            Self::BareSigning | Self::ClientCredentials | Self::ClientCredentialsEs256 | Self::Refresh => {
                "access_token"
            }
            Self::Introspection => "\"active\":true",
            Self::Jwks => "\"keys\"",
            Self::Discovery => "\"issuer\"",
        }
    }
}

/// The request that refreshes.
pub(crate) fn refresh(token: &str) -> Question {
    Question::post(QUIZ_HOST, TOKEN_PATH, format!("grant_type=refresh_token&refresh_token={token}&{}", client()))
}

fn credentials(audience: &str) -> String {
    let secret = CLIENT_SECRET.replace(' ', "+");
    let audience = audience.replace(':', "%3A").replace('/', "%2F");
    format!("grant_type=client_credentials&audience={audience}&client_id={MACHINE_CLIENT}&client_secret={secret}")
}
