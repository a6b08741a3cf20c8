//! On the way to a provider elsewhere.

use sayso_web::pages::Page;
use serde::Serialize;

use super::faces::Authority;

/// Sends the browser to a provider. It is a page and no redirect: browsers hold redirects after a form to the addresses that the
/// form's page allows, and which one a provider asks for is known only now.
#[derive(Clone, Debug, Serialize)]
pub struct GoingPage {
    /// Where the person comes back to.
    pub authority: Authority,
    /// What the provider is called.
    pub provider: String,
    /// Its authorization endpoint, with the request.
    pub url: String,
}

impl Page for GoingPage {
    const TEMPLATE: &'static str = "going.html";

    fn samples() -> Vec<Self> {
        let url = "https://app.example/authorize?client_id=sayso&state=x".to_owned();
        vec![Self { authority: Authority::sample(), provider: "Example Corp".to_owned(), url }]
    }
}
