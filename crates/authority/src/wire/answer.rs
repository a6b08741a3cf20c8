//! The authorization response, success or error, and how it reaches the client (RFC 6749 sections 4.1.2 and 4.1.2.1).

use super::query::with_parameters;

/// How a response travels (OAuth 2.0 Multiple Response Type Encoding Practices section 2.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ResponseMode {
    /// In the query of the redirect URI.
    #[default]
    Query,
    /// As a form that the browser posts to the redirect URI (OAuth 2.0 Form Post Response Mode).
    FormPost,
}

impl ResponseMode {
    /// All there are.
    pub const ALL: [Self; 2] = [Self::Query, Self::FormPost];

    /// The registered name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::FormPost => "form_post",
        }
    }

    /// By registered name, in exactly that spelling.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.name() == name)
    }
}

/// A response to a trusted redirect URI. `Debug` leaves out the parameters: one of them may be a code.
#[derive(Clone, PartialEq, Eq)]
pub struct ClientAnswer {
    /// Where it goes.
    pub redirect_uri: String,
    /// How it travels.
    pub mode: ResponseMode,
    /// What it says, in order.
    pub parameters: Vec<(&'static str, String)>,
}

impl ClientAnswer {
    /// The URL that carries it in its query.
    pub fn url(&self) -> String {
        let parameters: Vec<_> = self.parameters.iter().map(|(name, value)| (*name, value.as_str())).collect();
        with_parameters(&self.redirect_uri, &parameters)
    }
}

impl std::fmt::Debug for ClientAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = f.debug_struct("ClientAnswer");
        shown.field("redirect_uri", &self.redirect_uri).field("mode", &self.mode).finish_non_exhaustive()
    }
}
