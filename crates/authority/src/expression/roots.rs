//! The five names that an expression begins with.

use std::collections::{BTreeMap, HashMap};

use cel::Context;
use cel::Value;
use cel::objects::Map;

use super::NoValue;
use crate::record::api::Api;
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
    pub(super) fn bind(&self, context: &mut Context<'_, '_>) -> Result<(), NoValue> {
        let api = self.api.map(|api| [("audience", &api.audience), ("name", &api.name)]);
        context.add_variable_from_value(Root::User.name(), map(self.profile()));
        context
            .add_variable_from_value(Root::Groups.name(), list(self.user.map_or(&[], |user| &user.groups), "groups")?);
        context.add_variable_from_value(Root::Scope.name(), list(self.scope, "scopes")?);
        let client = [("id", &self.client.id), ("name", &self.client.name)];
        context.add_variable_from_value(Root::Client.name(), map(texts(&client)));
        context.add_variable_from_value(Root::Api.name(), map(texts(api.iter().flatten())));
        Ok(())
    }

    /// The profile; an empty attribute is none. The account's own names win over attributes that are called like them.
    fn profile(&self) -> BTreeMap<&str, Value> {
        let Some(user) = self.user else { return BTreeMap::new() };
        let shown =
            user.attributes.iter().filter(|(_, value)| !value.is_empty() && value.chars().count() <= LONGEST_VALUE);
        let mut all: BTreeMap<&str, Value> = shown.map(|(name, value)| (name.as_str(), text(value))).collect();
        all.insert("id", text(&user.id.0));
        all.insert("username", text(&user.username));
        all
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
