//! Whether an expression fits the profile schema: tried on somebody who has everything.

use std::collections::BTreeMap;

use cel::Context;
use cel::common::ast::{EntryExpr, Expr, IdedExpr};

use super::roots::Values;
use super::{Expression, NoValue, context, evaluate};
use crate::record::attribute::{Attribute, AttributeValue, Kind};

impl Expression {
    /// What in it does not fit together, such as a number and a text, for a person who has every attribute of the schema.
    /// Each part is tried by itself, so that what stands behind a condition is seen as well.
    pub fn misfit(&self, schema: &[Attribute]) -> Option<String> {
        let context: Context<'_, '_> = context(Values::of_somebody(&profile(schema)));
        let mut parts = Vec::new();
        outside_of_macros(&self.parsed, &mut parts);
        parts.into_iter().find_map(|part| match evaluate(part, &context) {
            Err(NoValue::Types(why)) => Some(why),
            _ => None,
        })
    }
}

/// The parts that name nothing but roots; those within a macro name what it binds.
fn outside_of_macros<'a>(part: &'a IdedExpr, parts: &mut Vec<&'a IdedExpr>) {
    match &part.expr {
        Expr::Call(call) => {
            let within = call.target.as_deref().into_iter().chain(&call.args);
            within.for_each(|part| outside_of_macros(part, parts));
        }
        Expr::List(list) => list.elements.iter().for_each(|part| outside_of_macros(part, parts)),
        Expr::Map(map) => {
            for entry in &map.entries {
                if let EntryExpr::MapEntry(entry) = &entry.expr {
                    outside_of_macros(&entry.value, parts);
                }
            }
        }
        // `user` alone is no value to try.
        Expr::Ident(_) => return,
        _ => {}
    }
    parts.push(part);
}

fn profile(schema: &[Attribute]) -> BTreeMap<String, AttributeValue> {
    let value = |attribute: &Attribute| match &attribute.kind {
        Kind::Text => "text".into(),
        Kind::Integer => 1.into(),
        Kind::Boolean => true.into(),
        Kind::Email => "somebody@example.com".into(),
        Kind::Phone => "+14155550100".into(),
        Kind::Date => "2026-01-01".into(),
        Kind::Url => "https://example.com".into(),
        Kind::Choice(choices) => choices.first().map_or("", |choice| &choice.value).into(),
        Kind::List => vec!["entry".to_owned()].into(),
    };
    schema.iter().map(|attribute| (attribute.name.clone(), value(attribute))).collect()
}
