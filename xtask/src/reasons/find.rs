//! Finds the reason codes of a file.

use std::collections::BTreeMap;

use proc_macro2::TokenTree;
use syn::visit::{self, Visit};
use syn::{
    Attribute, Expr, ExprCall, ExprMethodCall, ImplItemFn, Item, ItemEnum, ItemImpl, Lit, Macro, Meta, Pat, Stmt, Type,
};

use super::{Chapter, Reason, remedies};

type Texts = BTreeMap<String, String>;

/// What the file refuses, if anything.
pub(super) fn chapter(place: &str, syntax: &syn::File, texts: &Texts) -> Option<Chapter> {
    let mut found = Found { texts, enums: BTreeMap::new(), reasons: Vec::new() };
    // Enums first: the functions that name their variants may stand before them.
    found.enums(&syntax.items);
    found.visit_file(syntax);
    if found.reasons.is_empty() {
        return None;
    }
    let krate = place.split('/').nth(1).unwrap_or_default().to_owned();
    let title = docs(&syntax.attrs);
    let title = if title.is_empty() { place.to_owned() } else { title };
    let mut reasons = found.reasons;
    reasons.sort_by(|a, b| a.code.cmp(&b.code));
    reasons.dedup_by(|a, b| a.code == b.code);
    Some(Chapter { krate, title, reasons })
}

/// The first paragraph of the comments on something, on one line.
fn docs(attributes: &[Attribute]) -> String {
    let lines = attributes.iter().filter_map(|attribute| match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("doc") => text(&pair.value),
        _ => None,
    });
    let paragraph: Vec<String> = lines.map(|line| line.trim().to_owned()).take_while(|line| !line.is_empty()).collect();
    paragraph.join(" ")
}

/// A text that stands there.
fn text(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Str(text) => Some(text.value()),
            _ => None,
        },
        Expr::Block(block) => match block.block.stmts.as_slice() {
            [Stmt::Expr(inner, None)] => text(inner),
            _ => None,
        },
        _ => None,
    }
}

fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        Meta::List(list) => list.path.is_ident("cfg") && list.tokens.to_string().contains("test"),
        _ => false,
    })
}

/// What a function answers for each variant; under an empty name for all others.
type Arms<'a> = BTreeMap<String, &'a Expr>;

struct Found<'a> {
    texts: &'a Texts,
    /// By enum, by variant: its comment.
    enums: BTreeMap<String, BTreeMap<String, String>>,
    reasons: Vec<Reason>,
}

impl Found<'_> {
    fn enums(&mut self, items: &[Item]) {
        for item in items {
            match item {
                Item::Enum(ItemEnum { ident, variants, .. }) => {
                    let comments = variants.iter().map(|variant| (variant.ident.to_string(), docs(&variant.attrs)));
                    self.enums.entry(ident.to_string()).or_default().extend(comments);
                }
                Item::Mod(module) if !is_test(&module.attrs) => {
                    if let Some((_, items)) = &module.content {
                        self.enums(items);
                    }
                }
                _ => {}
            }
        }
    }

    fn note(&mut self, code: String, wire: Option<String>, meaning: &str, remedy: Option<String>) {
        let told = |end: &str| self.texts.get(&format!("error-{code}{end}")).cloned();
        let meaning =
            if meaning.is_empty() { told("").or_else(|| remedies::meaning(&code)) } else { Some(meaning.to_owned()) };
        let remedy = remedies::remedy(&code).or(remedy).or_else(|| told("-remedy")).unwrap_or_default();
        self.reasons.push(Reason { wire, meaning: meaning.unwrap_or_default(), remedy, code });
    }

    /// The reasons that an enum gives, with what its other functions say of the variants.
    fn of_enum(&mut self, name: &str, functions: &BTreeMap<String, Arms<'_>>) {
        let Some(reasons) = functions.get("reason").or_else(|| functions.get("code").filter(|_| name == "Reason"))
        else {
            return;
        };
        let comments = self.enums.get(name).cloned().unwrap_or_default();
        let said = |function: &str, variant: &str, otherwise: bool| {
            let arms = functions.get(function)?;
            arms.get(variant).or_else(|| arms.get("").filter(|_| otherwise)).copied()
        };
        for (variant, expression) in reasons {
            let Some(code) = text(expression) else { continue };
            let wire = said("error", variant, true).and_then(registered);
            let remedy = said("description", variant, false).or_else(|| said("explanation", variant, false));
            let meaning = comments.get(variant).cloned().unwrap_or_default();
            self.note(code, wire, &meaning, remedy.and_then(text));
        }
    }
}

impl<'ast> Visit<'ast> for Found<'_> {
    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        if !is_test(&module.attrs) {
            visit::visit_item_mod(self, module);
        }
    }

    fn visit_file(&mut self, file: &'ast syn::File) {
        let mut functions: BTreeMap<String, BTreeMap<String, Arms<'_>>> = BTreeMap::new();
        for item in &file.items {
            if let Item::Impl(ItemImpl { self_ty, items, .. }) = item
                && let Type::Path(path) = &**self_ty
                && let Some(last) = path.path.segments.last()
            {
                let own = functions.entry(last.ident.to_string()).or_default();
                for item in items {
                    if let syn::ImplItem::Fn(function) = item {
                        own.extend(arms(function).map(|arms| (function.sig.ident.to_string(), arms)));
                    }
                }
            }
        }
        for (name, functions) in &functions {
            self.of_enum(name, functions);
        }
        visit::visit_file(self, file);
    }

    /// `fault(ErrorCode::X, "reason", "description")` and `invalid("reason", "description")`.
    fn visit_expr_call(&mut self, call: &'ast ExprCall) {
        if let Expr::Path(path) = &*call.func {
            let arguments: Vec<&Expr> = call.args.iter().collect();
            match (path.path.segments.last().map(|last| last.ident.to_string()).as_deref(), arguments.as_slice()) {
                (Some("fault"), [error, reason, description]) => {
                    if let (Some(code), Some(said)) = (text(reason), text(description)) {
                        self.note(code, registered(error), &said, None);
                    }
                }
                (Some("invalid"), [reason, description]) => {
                    if let (Some(code), Some(said)) = (text(reason), text(description)) {
                        self.note(code, Some("invalid_request".to_owned()), &said, None);
                    }
                }
                _ => {}
            }
        }
        visit::visit_expr_call(self, call);
    }

    /// `asker.refused(place, status, "reason")`.
    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        if call.method == "refused"
            && let Some(code) = call.args.last().and_then(text)
        {
            self.note(code, None, "", None);
        }
        visit::visit_expr_method_call(self, call);
    }

    /// `tracing::warn!(reason = "reason", "what happened")`.
    fn visit_macro(&mut self, called: &'ast Macro) {
        let is_log = called.path.segments.first().is_some_and(|first| first.ident == "tracing");
        let tokens: Vec<TokenTree> = called.tokens.clone().into_iter().collect();
        let literal = |token: &TokenTree| match token {
            TokenTree::Literal(literal) => {
                syn::parse_str::<syn::LitStr>(&literal.to_string()).ok().map(|text| text.value())
            }
            _ => None,
        };
        let reason = tokens.windows(3).find_map(|window| match window {
            [TokenTree::Ident(name), TokenTree::Punct(sign), value] if name == "reason" && sign.as_char() == '=' => {
                literal(value)
            }
            _ => None,
        });
        if let (true, Some(code)) = (is_log, reason) {
            let message = tokens.last().and_then(literal).unwrap_or_default();
            self.note(code, None, &message, None);
        }
        visit::visit_macro(self, called);
    }
}

/// The arms of a function that is one `match` of `self`.
fn arms(function: &ImplItemFn) -> Option<Arms<'_>> {
    let [Stmt::Expr(Expr::Match(choice), None)] = function.block.stmts.as_slice() else { return None };
    let mut arms = Arms::new();
    for arm in &choice.arms {
        for variant in variants(&arm.pat) {
            arms.insert(variant, &*arm.body);
        }
    }
    Some(arms)
}

fn variants(pattern: &Pat) -> Vec<String> {
    let last = |path: &syn::Path| path.segments.last().map(|last| last.ident.to_string()).into_iter().collect();
    match pattern {
        Pat::Path(path) => last(&path.path),
        Pat::TupleStruct(pattern) => last(&pattern.path),
        Pat::Struct(pattern) => last(&pattern.path),
        Pat::Or(or) => or.cases.iter().flat_map(variants).collect(),
        Pat::Wild(_) => vec![String::new()],
        _ => Vec::new(),
    }
}

/// `ErrorCode::InvalidGrant` as it stands on the wire.
fn registered(expression: &Expr) -> Option<String> {
    let Expr::Path(path) = expression else { return None };
    let [.., kind, name] = path.path.segments.iter().collect::<Vec<_>>()[..] else { return None };
    if kind.ident != "ErrorCode" {
        return None;
    }
    let mut wire = String::new();
    for sign in name.ident.to_string().chars() {
        if sign.is_ascii_uppercase() && !wire.is_empty() {
            wire.push('_');
        }
        wire.push(sign.to_ascii_lowercase());
    }
    Some(wire)
}
