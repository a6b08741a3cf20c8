//! The page that carries an answer to a client as a form.

use sayso_authority::wire::answer::ClientAnswer;
use sayso_web::pages::Page;
use serde::Serialize;

use super::faces::{Authority, Client};

/// Posts an answer to the client (OAuth 2.0 Form Post Response Mode): by itself where scripts run, else by its button.
#[derive(Clone, Debug, Serialize)]
pub struct FormPostPage {
    /// Whose page it is.
    pub authority: Authority,
    client: Client,
    action: String,
    fields: Vec<Field>,
}

#[derive(Clone, Debug, Serialize)]
struct Field {
    name: &'static str,
    value: String,
}

impl FormPostPage {
    /// The page of this answer.
    pub fn new(authority: Authority, answer: &ClientAnswer) -> Self {
        let field = |(name, value): &(&'static str, String)| Field { name, value: value.clone() };
        Self {
            authority,
            client: Client::new("", &answer.redirect_uri),
            action: answer.redirect_uri.clone(),
            fields: answer.parameters.iter().map(field).collect(),
        }
    }
}

impl Page for FormPostPage {
    const TEMPLATE: &'static str = "form-post.html";

    fn samples() -> Vec<Self> {
        let answer = ClientAnswer {
            redirect_uri: "https://app.example/cb?x=1".into(),
            mode: sayso_authority::wire::answer::ResponseMode::FormPost,
            parameters: vec![("code", "sac_x".into()), ("state", "\"><script>".into())],
        };
        vec![Self::new(Authority::sample(), &answer)]
    }
}
