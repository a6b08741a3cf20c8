//! The account page.

use sayso_token::time::Timestamp;
use sayso_web::harmless::harmless;
use sayso_web::pages::Page;
use serde::Serialize;

use super::faces::{Account, Ago, Authority, Client, LONGEST_NAME, Scope};

/// Shows and changes the person's own account: attributes, linked apps, signing out.
///
/// Saving posts `csrf` and one `attribute.<name>` per editable attribute; unlinking posts `csrf` and `link`, the id;
/// signing out posts `csrf`.
#[derive(Clone, Debug, Serialize)]
pub struct AccountPage {
    /// Whose page it is.
    pub authority: Authority,
    /// Whose account.
    pub account: Account,
    /// What is known about the person, in the order shown.
    pub attributes: Vec<Attribute>,
    /// The apps that act for the person.
    pub links: Vec<LinkedApp>,
    /// The apps that a sign-in can be begun at from here.
    pub openable: Vec<OpenableApp>,
    /// The ways to sign in beside the password: connected ones, and those that can be.
    pub ways: Vec<SignInWay>,
    /// Where the forms go.
    pub actions: Actions,
    /// What just happened.
    pub notice: Option<AccountNotice>,
}

/// Where the forms of the account page go, as URL paths, and their token.
#[derive(Clone, Debug, Serialize)]
pub struct Actions {
    /// Saves the attributes.
    pub save: String,
    /// Unlinks one app.
    pub unlink: String,
    /// Takes a way to sign in away.
    pub disconnect: String,
    /// Signs out.
    pub logout: String,
    /// The form token of all of them.
    pub csrf: String,
}

/// One attribute of the profile.
#[derive(Clone, Debug, Serialize)]
pub struct Attribute {
    /// Its name in the configuration, such as `favoriteColor`.
    pub name: String,
    /// The owner's label. Without one, well-known names have a label of ours and any other shows its name.
    pub label: Option<String>,
    /// Its value as it is typed; empty when unknown.
    pub value: String,
    /// How it is typed in.
    pub kind: AttributeKind,
    /// What can be chosen; where nothing is, the value is typed.
    pub choices: Vec<Choice>,
    /// The longest value, in characters; 0 where there is no bound.
    pub max_chars: usize,
    /// The smallest number.
    pub min: Option<i64>,
    /// The largest number.
    pub max: Option<i64>,
    /// The owner's words on how a value is written.
    pub hint: Option<String>,
    /// Whether the person may change it.
    pub editable: bool,
    /// Why the value just posted was refused.
    pub problem: Option<Problem>,
}

/// One that can be chosen.
#[derive(Clone, Debug, Serialize)]
pub struct Choice {
    /// Its value.
    pub value: String,
    /// The owner's label. Without one, ours, the text `profile-` and the value.
    pub label: Option<String>,
}

/// Why a value was refused.
#[derive(Clone, Debug, Serialize)]
pub struct Problem {
    /// The end of the text that tells it: `value-too-long` for `problem-value-too-long`.
    pub kind: String,
    /// The bound that was broken, or 0.
    pub bound: i64,
}

/// How an attribute is typed in: the type of an `input`, but for `lines`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AttributeKind {
    /// A day.
    Date,
    /// An e-mail address.
    Email,
    /// Several lines of text.
    Lines,
    /// A whole number.
    Number,
    /// A telephone number.
    Tel,
    /// One line of text.
    Text,
    /// An address of the web.
    Url,
}

/// An account at a provider elsewhere with which the person signs in, or could.
#[derive(Clone, Debug, Serialize)]
pub struct SignInWay {
    provider: String,
    connected: Option<Connected>,
    connect: Option<String>,
}

/// An account elsewhere that is the person's.
#[derive(Clone, Debug, Serialize)]
struct Connected {
    id: String,
    shown_as: String,
    since: Ago,
    removable: bool,
}

impl SignInWay {
    /// A provider whose account the person could connect; `action` is the URL path that the button posts to, with `connect`.
    pub fn to_connect(provider: &str, action: &str) -> Self {
        let connect = Some(action.to_owned());
        Self { provider: harmless(provider, LONGEST_NAME), connected: None, connect }
    }

    /// An account there that is connected: its id, posted as `identity` when it is taken away, and what it is shown as. The last
    /// way to sign in cannot be.
    pub fn connected(provider: &str, (id, shown_as): (&str, &str), since: Ago, removable: bool) -> Self {
        let shown_as = harmless(shown_as, LONGEST_NAME);
        let connected = Connected { id: id.to_owned(), shown_as, since, removable };
        Self { provider: harmless(provider, LONGEST_NAME), connected: Some(connected), connect: None }
    }
}

/// An app that acts for the person.
#[derive(Clone, Debug, Serialize)]
pub struct LinkedApp {
    /// One of its links, as posted when unlinking.
    pub id: String,
    /// The app.
    pub client: Client,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// Since when.
    pub linked: Ago,
    /// When it last refreshed or asked about its token.
    pub used: Ago,
}

/// An app that begins a sign-in when the person comes from here (OpenID Connect Core section 4).
#[derive(Clone, Debug, Serialize)]
pub struct OpenableApp {
    /// The app.
    pub client: Client,
    /// Where it begins.
    pub url: String,
}

/// What just happened on the account page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum AccountNotice {
    /// An account at a provider elsewhere was connected.
    Connected,
    /// An account at a provider elsewhere was disconnected.
    Disconnected,
    /// A value was refused; see the attribute's problem. Nothing was saved.
    NotSaved,
    /// The attributes were saved.
    Saved,
    /// An app was unlinked.
    Unlinked {
        /// The app's name.
        app: String,
    },
}

impl AccountPage {
    fn sample() -> Self {
        let attribute = |name: &str, value: &str| Attribute {
            name: name.into(),
            label: None,
            value: value.into(),
            kind: AttributeKind::Text,
            choices: Vec::new(),
            max_chars: 100,
            min: None,
            max: None,
            hint: None,
            editable: true,
            problem: None,
        };
        let choice = |value: &str, label: Option<&str>| Choice {
            value: value.into(),
            label: label.or(Some(value).filter(|value| value.len() == 1)).map(Into::into),
        };
        let now = Timestamp::from_seconds(1_800_000_000);
        let ago = |seconds: i64| Ago::of(Some(Timestamp::from_seconds(1_800_000_000 - seconds)), now);
        let link = |id: &str, client, used| LinkedApp {
            id: id.into(),
            client,
            scopes: Scope::samples().into_iter().take(2).collect(),
            linked: ago(12 * 86_400),
            used,
        };
        let wear = Client::new("What Should I Wear", "https://pitangui.amazon.com/api/skill/link/M2");
        Self {
            authority: Authority::sample(),
            account: Account::sample(),
            attributes: vec![
                attribute("firstName", "Ada"),
                attribute("favoriteColor", "teal"),
                Attribute { kind: AttributeKind::Email, editable: false, ..attribute("email", "ada@example.com") },
                Attribute { kind: AttributeKind::Date, ..attribute("birthday", "1815-12-10") },
                Attribute { kind: AttributeKind::Lines, ..attribute("likes", "tea\nrain") },
                Attribute {
                    choices: vec![choice("s", None), choice("<b>", Some("<b>Large</b>"))],
                    ..attribute("size", "s")
                },
                Attribute { choices: vec![choice("true", None), choice("false", None)], ..attribute("adult", "true") },
                Attribute {
                    label: Some("Shoe size".into()),
                    kind: AttributeKind::Number,
                    hint: Some("As in <b>Europe</b>.".into()),
                    min: Some(20),
                    max: Some(50),
                    ..attribute("shoeSize", "")
                },
            ],
            links: vec![link("g1", Client::sample(), ago(300)), link("g2", wear, Ago::of(None, now))],
            openable: vec![OpenableApp {
                client: Client::hostile_sample(),
                url: "https://app.example/start?iss=x&login_hint=%22".into(),
            }],
            ways: vec![
                SignInWay::connected("Example Corp", ("i1", "ada@corp.test"), ago(86_400 * 3), true),
                SignInWay::connected("Other", ("i2", "<b>ada</b>"), ago(300), false),
                SignInWay::to_connect("Third \u{202e}", "/connections/third/begin"),
            ],
            actions: Actions {
                save: "/account".into(),
                unlink: "/account/unlink".into(),
                disconnect: "/account/disconnect".into(),
                logout: "/logout".into(),
                csrf: "c5rf".into(),
            },
            notice: None,
        }
    }
}

impl Page for AccountPage {
    const TEMPLATE: &'static str = "account.html";

    fn samples() -> Vec<Self> {
        let first = Self::sample();
        let mut refused = Self { notice: Some(AccountNotice::NotSaved), ..first.clone() };
        if let Some(attribute) = refused.attributes.last_mut() {
            attribute.problem = Some(Problem { kind: "value-too-long".into(), bound: 100 });
            attribute.kind = AttributeKind::Tel;
        }
        let unlinked = AccountNotice::Unlinked { app: "<Quiz>".into() };
        vec![
            Self { notice: Some(AccountNotice::Saved), ..first.clone() },
            Self { notice: Some(AccountNotice::Connected), ..first.clone() },
            refused,
            Self {
                notice: Some(unlinked),
                links: Vec::new(),
                openable: Vec::new(),
                ways: Vec::new(),
                attributes: Vec::new(),
                ..first.clone()
            },
            first,
        ]
    }
}
