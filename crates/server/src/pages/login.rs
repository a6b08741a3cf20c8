//! The login page.

use sayso_web::harmless::harmless;
use sayso_web::pages::Page;
use serde::Serialize;

use super::faces::{Authority, Client, Form, LONGEST_NAME};

/// Asks for user name and password. Posts `csrf`, `flow`, `username`, `password` and `decision`, which is `login` or
/// `cancel`.
#[derive(Clone, Debug, Serialize)]
pub struct LoginPage {
    /// Whose account is asked for.
    pub authority: Authority,
    /// Who wants to know; none when the person signs in for the account page. Without one there is no cancel button.
    pub client: Option<Client>,
    /// Where the form goes.
    pub form: Form,
    /// What was typed before, or a `login_hint`.
    pub username: String,
    /// Where they may sign in instead.
    pub ways: Vec<Way>,
    /// Why the person sees the page again.
    pub problem: Option<LoginProblem>,
}

/// A provider elsewhere at which a person may sign in. Posts `csrf`.
#[derive(Clone, Debug, Serialize)]
pub struct Way {
    id: String,
    name: String,
    action: String,
}

impl Way {
    /// The connection of that id to a provider of that name; `action` is the URL path that its button posts to.
    pub fn new(id: &str, name: &str, action: &str) -> Self {
        Self { id: id.to_owned(), name: harmless(name, LONGEST_NAME), action: action.to_owned() }
    }

    fn samples() -> Vec<Self> {
        vec![
            Self::new("corp", "Example Corp", "/connections/corp/begin?client_id=quiz&flow=s3aled"),
            Self::new("other", &format!("<b>Other\u{202e}</b> {}", "x".repeat(1000)), "/connections/other/begin"),
        ]
    }
}

/// Why a sign-in did not work. Unknown user, wrong password and disabled account are one and the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(into = "Told")]
pub enum LoginProblem {
    /// The server has too many sign-ins in hand (503).
    Busy,
    /// The form lay open too long, or came from another browser (400).
    FormExpired,
    /// Too many tries (429).
    TooManyTries {
        /// When the next one is allowed, in seconds.
        wait_seconds: u32,
    },
    /// No such user, wrong password or disabled account.
    WrongCredentials,
}

/// [`LoginProblem`] as the template reads it: the key of the text and its number.
#[derive(Serialize)]
struct Told {
    key: &'static str,
    minutes: u32,
}

impl From<LoginProblem> for Told {
    fn from(problem: LoginProblem) -> Self {
        let (key, minutes) = match problem {
            LoginProblem::Busy => ("login-busy", 0),
            LoginProblem::FormExpired => ("login-form-expired", 0),
            LoginProblem::TooManyTries { wait_seconds } => ("login-too-many-tries", wait_seconds.div_ceil(60).max(1)),
            LoginProblem::WrongCredentials => ("login-wrong-credentials", 0),
        };
        Self { key, minutes }
    }
}

impl Page for LoginPage {
    const TEMPLATE: &'static str = "login.html";

    fn samples() -> Vec<Self> {
        let first = Self {
            authority: Authority::sample(),
            client: Some(Client::sample()),
            form: Form::sample(),
            username: String::new(),
            ways: Vec::new(),
            problem: None,
        };
        let problems = [
            LoginProblem::WrongCredentials,
            LoginProblem::TooManyTries { wait_seconds: 90 },
            LoginProblem::FormExpired,
            LoginProblem::Busy,
        ];
        let again =
            problems.map(|problem| Self { username: "ada\"><script>".into(), problem: Some(problem), ..first.clone() });
        let for_account = Self { client: None, form: Form { flow: None, ..Form::sample() }, ..first.clone() };
        let hostile = Self { client: Some(Client::hostile_sample()), ..first.clone() };
        let elsewhere = Self { ways: Way::samples(), ..first.clone() };
        [vec![first, for_account, hostile, elsewhere], again.to_vec()].concat()
    }
}
