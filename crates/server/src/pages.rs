//! The authority's pages as people see them: one typed context per page, its template in `templates/`, its words in
//! `locales/`. Names that come from outside are made harmless when a context is built.

mod account;
mod consent;
mod faces;
mod form_post;
mod going;
mod login;
mod notices;

use std::path::Path;

use rust_embed::RustEmbed;
use sayso_web::assets::Assets;
use sayso_web::pages::{BadPages, Pages};

pub use account::{
    AccountNotice, AccountPage, Actions, Attribute, AttributeKind, Choice, LinkedApp, OpenableApp, Problem, SignInWay,
};
pub use consent::ConsentPage;
pub use faces::{Account, Ago, Authority, Client, Form, Scope};
pub use form_post::FormPostPage;
pub use going::GoingPage;
pub use login::{LoginPage, LoginProblem, Way};
pub use notices::{ErrorPage, HomePage, LinkedPage, LogoutPage, SignedOutPage};

/// The embedded templates.
#[derive(RustEmbed)]
#[folder = "templates/"]
struct Templates;

/// The embedded scripts.
#[derive(RustEmbed)]
#[folder = "assets/"]
struct Scripts;

/// The embedded texts.
#[derive(RustEmbed)]
#[folder = "locales/"]
struct Locales;

/// All pages, with the owner's `templates`, `locales` and `assets` folders in `overrides` laid over them, every page
/// rendered once in every language as a check.
///
/// # Errors
/// Names the owner's file, and the line, that cannot be used.
pub fn load(overrides: Option<&Path>) -> Result<Pages, BadPages> {
    let pages = Pages::load::<Templates, Locales>(Assets::shared().with::<Scripts>(), overrides)?;
    pages.check::<AccountPage>()?;
    pages.check::<ConsentPage>()?;
    pages.check::<ErrorPage>()?;
    pages.check::<FormPostPage>()?;
    pages.check::<GoingPage>()?;
    pages.check::<HomePage>()?;
    pages.check::<LinkedPage>()?;
    pages.check::<LoginPage>()?;
    pages.check::<LogoutPage>()?;
    pages.check::<SignedOutPage>()?;
    Ok(pages)
}

#[cfg(test)]
mod tests;
