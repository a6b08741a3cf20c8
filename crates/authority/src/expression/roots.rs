//! The five names that an expression begins with.

use std::collections::{BTreeMap, HashMap};

use cel::Context;
use cel::Value;
use cel::objects::Map;

use super::NoValue;
use crate::record::api::Api;
use crate::record::attribute::AttributeValue;
use crate::record::client::Client;
use crate::record::user::User;

/// The most entries that `groups`, `scope` or a list of the profile may have for an expression to be worked out.
pub const MOST_ITEMS: usize = 100;
/// The most characters that an attribute may have for an expression to see it.
pub const LONGEST_VALUE: usize = 4000;

/// The most characters of one entry of such a list.
pub const LONGEST_ITEM: usize = 200;

/// A name that an expression begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Root {
    User,
    Groups,
    Client,
    Scope,
    Api,
}

impl Root {
    pub(super) const ALL: [Self; 5] = [Self::User, Self::Groups, Self::Client, Self::Scope, Self::Api];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Groups => "groups",
            Self::Client => "client",
            Self::Scope => "scope",
            Self::Api => "api",
        }
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|root| root.name() == name)
    }

    /// Whether it is a list, and has no fields.
    pub(super) const fn is_list(self) -> bool {
        matches!(self, Self::Groups | Self::Scope)
    }
}

/// Fields that a root has whatever the profile schema says.
pub(super) fn fields_of(root: &str) -> impl Iterator<Item = &'static str> {
    let fields: &[&str] = match root {
        "user" => &["id", "username"],
        "client" => &["id", "name"],
        "api" => &["audience", "name"],
        _ => &[],
    };
    fields.iter().copied()
}

/// What an expression is about. Nothing else can be reached from one.
#[derive(Clone, Copy, Debug)]
pub struct Roots<'a> {
    /// `user` with `groups`; nobody for a client's own token.
    pub user: Option<&'a User>,
    /// `client`
    pub client: &'a Client,
    /// `scope`: what is granted.
    pub scope: &'a [String],
    /// `api`; none where a token is for nobody's API.
    pub api: Option<&'a Api>,
}

impl Roots<'_> {
    /// What is there of them for an expression.
    ///
    /// # Errors
    /// Why there cannot be a value, whatever the expression says.
    pub(super) fn values(&self) -> Result<Values, NoValue> {
        let api = self.api.map(|api| [("audience", &api.audience), ("name", &api.name)]);
        Ok(Values {
            user: map(self.profile()),
            groups: list(self.user.map_or(&[], |user| &user.groups), "groups")?,
            client: map(texts(&[("id", &self.client.id), ("name", &self.client.name)])),
            scope: list(self.scope, "scopes")?,
            api: map(texts(api.iter().flatten())),
        })
    }

    /// The profile; an empty attribute is none. The account's own names win over attributes that are called like them.
    fn profile(&self) -> BTreeMap<&str, Value> {
        let Some(user) = self.user else { return BTreeMap::new() };
        let mut all = attributes(&user.attributes);
        all.insert("id", text(&user.id.0));
        all.insert("username", text(&user.username));
        all
    }
}

/// The roots as values of the language.
pub(super) struct Values {
    user: Value,
    groups: Value,
    client: Value,
    scope: Value,
    api: Value,
}

impl Values {
    /// Those of somebody who has these attributes and is in a group.
    pub(super) fn of_somebody(profile: &BTreeMap<String, AttributeValue>) -> Self {
        let some = || Value::from(vec![text("sample")]);
        let named = |fields: [&'static str; 2]| map(fields.map(|field| (field, text("sample"))).into());
        let mut user = attributes(profile);
        user.extend(["id", "username"].map(|name| (name, text("sample"))));
        let (client, api) = (named(["id", "name"]), named(["audience", "name"]));
        Self { user: map(user), groups: some(), client, scope: some(), api }
    }

    pub(super) fn bind(self, context: &mut Context<'_, '_>) {
        let Self { user, groups, client, scope, api } = self;
        let all = [
            (Root::User, user),
            (Root::Groups, groups),
            (Root::Client, client),
            (Root::Scope, scope),
            (Root::Api, api),
        ];
        all.into_iter().for_each(|(root, value)| context.add_variable_from_value(root.name(), value));
    }
}

fn attributes(profile: &BTreeMap<String, AttributeValue>) -> BTreeMap<&str, Value> {
    profile.iter().filter_map(|(name, value)| Some((name.as_str(), attribute(value)?))).collect()
}

/// The value of an attribute; none when it is empty, or larger than the bounds reckon with.
fn attribute(value: &AttributeValue) -> Option<Value> {
    match value {
        AttributeValue::Boolean(value) => Some(Value::Bool(*value)),
        AttributeValue::Integer(value) => Some(Value::Int(*value)),
        AttributeValue::Text(value) => {
            (!value.is_empty() && value.chars().count() <= LONGEST_VALUE).then(|| text(value))
        }
        AttributeValue::List(entries) => {
            let whole: usize = entries.iter().map(|entry| entry.chars().count()).sum();
            if entries.is_empty() || whole > LONGEST_VALUE { None } else { list(entries, "entries").ok() }
        }
    }
}

fn text(text: &str) -> Value {
    Value::from(text)
}

fn texts<'a>(fields: impl IntoIterator<Item = &'a (&'static str, &'a String)>) -> BTreeMap<&'static str, Value> {
    fields.into_iter().map(|(name, value)| (*name, text(value))).collect()
}

fn list(items: &[String], name: &str) -> Result<Value, NoValue> {
    if items.len() > MOST_ITEMS {
        return Err(NoValue::Failed(format!("there are more than {MOST_ITEMS} {name}")));
    }
    if items.iter().any(|item| item.chars().count() > LONGEST_ITEM) {
        return Err(NoValue::Failed(format!("one of the {name} has more than {LONGEST_ITEM} characters")));
    }
    Ok(Value::from(items.iter().map(|item| text(item)).collect::<Vec<_>>()))
}

fn map(fields: BTreeMap<&str, Value>) -> Value {
    let fields: HashMap<_, _> = fields.into_iter().map(|(name, value)| (name.into(), value)).collect();
    Value::Map(Map { map: fields.into() })
}
