//! The consent page.

use sayso_web::pages::Page;
use serde::Serialize;

use super::faces::{Account, Authority, Client, Form, Scope};

/// Asks whether a client may act for the account. Posts `csrf`, `flow` and `decision`, which is `allow`, `deny` or
/// `switch` (another account).
#[derive(Clone, Debug, Serialize)]
pub struct ConsentPage {
    /// Whose page it is.
    pub authority: Authority,
    /// Who asks.
    pub client: Client,
    /// For which account.
    pub account: Account,
    /// What is asked for; may be empty.
    pub scopes: Vec<Scope>,
    /// Where the form goes.
    pub form: Form,
}

impl Page for ConsentPage {
    const TEMPLATE: &'static str = "consent.html";

    fn samples() -> Vec<Self> {
        let first = Self {
            authority: Authority::sample(),
            client: Client::sample(),
            account: Account::sample(),
            scopes: Scope::samples(),
            form: Form::sample(),
        };
        let hostile = Self {
            client: Client::hostile_sample(),
            scopes: Vec::new(),
            account: Account::new("", "someone.with.a.very.long.address@mail.department.example.com"),
            ..first.clone()
        };
        vec![first, hostile]
    }
}
