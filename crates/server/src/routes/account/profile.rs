//! The account page: the person's profile and the apps linked to it.

use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use sayso_authority::Decision;
use sayso_authority::decide::connect::{self, disconnect as decide_disconnect};
use sayso_authority::decide::edit_profile::{Problem as Refusal, Refused, edit_profile};
use sayso_authority::decide::initiate_login::initiate_login;
use sayso_authority::decide::unlink::{NotTheirs, unlink as decide_unlink};
use sayso_authority::record::attribute::{Attribute as Schema, AttributeValue, Kind};
use sayso_authority::record::client::Client as KnownClient;
use sayso_authority::record::grant::{Grant, GrantId};
use sayso_authority::wire::form::Form;
use sayso_store::StoreError;
use sayso_web::csrf::PostedForm;

use super::faces::{Asker, account, authority, client, scopes, see_other};
use super::logout::purpose;
use super::ways;
use crate::browser::{Visitor, visitor};
use crate::pages::{
    AccountNotice, AccountPage, Actions, Ago, Attribute, AttributeKind, Choice, Client, LinkedApp, OpenableApp,
    Problem, Scope,
};
use crate::place::Place;

/// `GET /account`.
pub(crate) async fn get(State(place): State<Place>, asker: Asker) -> Response {
    let visitor = match someone(&place, &asker).await {
        Ok(visitor) => visitor,
        Err(answer) => return *answer,
    };
    let query = Form::parse(&asker.query).unwrap_or_default();
    let notice = match query.first("notice") {
        Some("saved") => Some(AccountNotice::Saved),
        Some("unlinked") => {
            let app = query.first("app").and_then(|id| place.authority().client(id));
            app.map(|app| AccountNotice::Unlinked { app: app.name.clone() })
        }
        Some("connected") => Some(AccountNotice::Connected),
        Some("disconnected") => Some(AccountNotice::Disconnected),
        _ => None,
    };
    show(&place, &asker, &visitor, &Shown { notice, ..Shown::default() }).await
}

/// `POST /account`: saves attributes.
pub(crate) async fn save(State(place): State<Place>, asker: Asker, body: Bytes) -> Response {
    let (visitor, form) = match posted(&place, &asker, &body).await {
        Ok(posted) => posted,
        Err(answer) => return *answer,
    };
    let edits: BTreeMap<String, String> = form
        .pairs()
        .filter_map(|(name, value)| Some((name.strip_prefix("attribute.")?.to_owned(), value.to_owned())))
        .collect();
    let (place, id, edits) = (&place, &visitor.user.id, &edits);
    let settled = place
        .store_for(asker.peer)
        .settle(&*place.house.clock, |lookups, now| async move {
            let user = lookups.user(id).await?.ok_or(StoreError::Contended)?;
            Ok(edit_profile(place.authority(), &place.house.schema, &user, edits, now))
        })
        .await;
    match settled {
        Ok(Ok(_)) => see_other(&place.path("/account?notice=saved")),
        Ok(Err(refused)) => {
            let shown = Shown { notice: Some(AccountNotice::NotSaved), edits: edits.clone(), refused: Some(refused) };
            show(place, &asker, &visitor, &shown).await
        }
        Err(error) => asker.unavailable(&error),
    }
}

/// `POST /account/unlink`: ends all links of the app that has this one.
pub(crate) async fn unlink(State(place): State<Place>, asker: Asker, body: Bytes) -> Response {
    let (visitor, form) = match posted(&place, &asker, &body).await {
        Ok(posted) => posted,
        Err(answer) => return *answer,
    };
    let grant = GrantId(form.first("link").unwrap_or_default().to_owned());
    let found = place.house.store.lookups().grant(&grant).await;
    let app = found.ok().flatten().map(|grant| grant.client).unwrap_or_default();
    let (place, id, grant) = (&place, &visitor.user.id, &grant);
    let settled: Result<Result<(), NotTheirs>, _> = place
        .store_for(asker.peer)
        .settle(&*place.house.clock, |lookups, now| async move {
            let found = lookups.grant(grant).await?;
            let living = lookups.grants_of_user(id, Some(&place.authority().id)).await?;
            let links = (found.as_ref(), &living[..]);
            let decision: Decision<_, _> =
                place.decide(now, |ambient| decide_unlink(place.authority(), id, links, ambient));
            Ok(decision)
        })
        .await;
    match settled {
        Ok(Ok(())) => {
            let app = sayso_authority::wire::query::with_parameters("/account?notice=unlinked", &[("app", &app)]);
            see_other(&place.path(&app))
        }
        Ok(Err(NotTheirs)) => asker.refused(place, StatusCode::NOT_FOUND, "link_unknown"),
        Err(error) => asker.unavailable(&error),
    }
}

/// `POST /account/disconnect`: takes a way to sign in away.
pub(crate) async fn disconnect(State(place): State<Place>, asker: Asker, body: Bytes) -> Response {
    let (visitor, form) = match posted(&place, &asker, &body).await {
        Ok(posted) => posted,
        Err(answer) => return *answer,
    };
    let (place, id, named) = (&place, &visitor.user.id, form.first("identity").unwrap_or_default());
    let settled = place
        .store_for(asker.peer)
        .settle(&*place.house.clock, |lookups, _| async move {
            let user = lookups.user(id).await?.ok_or(StoreError::Contended)?;
            let identities = lookups.identities_of(id).await?;
            let which = identities.iter().find(|identity| identity.id() == named);
            let key = which.map_or(("", ""), |identity| (identity.issuer.as_str(), identity.subject.as_str()));
            Ok(decide_disconnect(&user, key, &identities))
        })
        .await;
    match settled {
        Ok(Ok(())) => see_other(&place.path("/account?notice=disconnected")),
        Ok(Err(refused @ connect::Refused::LastWay)) => asker.refused(place, StatusCode::CONFLICT, refused.reason()),
        Ok(Err(refused)) => asker.refused(place, StatusCode::NOT_FOUND, refused.reason()),
        Err(error) => asker.unavailable(&error),
    }
}

/// The visitor, or the way to the login page.
async fn someone(place: &Place, asker: &Asker) -> Result<Visitor, Box<Response>> {
    match visitor(place, &asker.headers).await {
        Ok(Some(visitor)) => Ok(visitor),
        Ok(None) => Err(Box::new(see_other(&place.path("/login")))),
        Err(error) => Err(Box::new(asker.unavailable(&error))),
    }
}

/// The visitor and the form they posted, once it is known to be theirs.
async fn posted(place: &Place, asker: &Asker, body: &Bytes) -> Result<(Visitor, Form), Box<Response>> {
    let visitor = someone(place, asker).await?;
    let form = std::str::from_utf8(body).ok().and_then(|text| Form::parse(text).ok());
    let form = form.ok_or_else(|| Box::new(asker.refused(place, StatusCode::BAD_REQUEST, "form_unreadable")))?;
    let token = form.first("csrf").unwrap_or_default();
    let check = PostedForm { purpose: &purpose(place), browser: &visitor.cookie, token };
    match place.house.csrf.check(&asker.headers, &place.authority().issuer, &check) {
        Ok(()) => Ok((visitor, form)),
        Err(forged) => Err(Box::new(asker.refused(place, StatusCode::BAD_REQUEST, forged.reason()))),
    }
}

/// What the page shows beside what is remembered.
#[derive(Default)]
struct Shown {
    notice: Option<AccountNotice>,
    /// What was just typed and not saved.
    edits: BTreeMap<String, String>,
    refused: Option<Refused>,
}

async fn show(place: &Place, asker: &Asker, visitor: &Visitor, shown: &Shown) -> Response {
    let grants = place.house.store.lookups().grants_of_user(&visitor.user.id, Some(&place.authority().id)).await;
    let grants = match grants {
        Ok(grants) => grants,
        Err(error) => return asker.unavailable(&error),
    };
    let ways = match ways::of(place, &visitor.user).await {
        Ok(ways) => ways,
        Err(error) => return asker.unavailable(&error),
    };
    let readable = place.house.schema.iter().filter(|rule| rule.access.person_reads);
    let page = AccountPage {
        authority: authority(place),
        account: account(&visitor.user),
        attributes: readable.map(|rule| attribute(rule, visitor, shown, asker.locale(place).language())).collect(),
        links: linked_apps(place, &grants),
        openable: openable(place, visitor),
        ways,
        actions: Actions {
            save: place.path("/account"),
            unlink: place.path("/account/unlink"),
            disconnect: place.path("/account/disconnect"),
            logout: place.path("/logout"),
            csrf: place.house.csrf.issue(&purpose(place), &visitor.cookie),
        },
        notice: shown.notice.clone(),
    };
    let status = if shown.refused.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    asker.show(place, status, &page)
}

fn attribute(rule: &Schema, visitor: &Visitor, shown: &Shown, language: &str) -> Attribute {
    let typed = shown.edits.get(&rule.name).filter(|_| rule.self_editable).cloned();
    let kept = || visitor.user.attributes.get(&rule.name).map(AttributeValue::typed).unwrap_or_default();
    let own_label = !rule.labels.is_empty() || rule.label != rule.name;
    let problem = shown.refused.as_ref().and_then(|refused| refused.of(&rule.name));
    Attribute {
        name: rule.name.clone(),
        label: own_label.then(|| rule.label_in(language).to_owned()),
        value: typed.unwrap_or_else(kept),
        kind: kind(rule),
        choices: choices(rule, language),
        // What a text area takes as one line counts more than one entry, so nothing is said of its length.
        max_chars: if rule.kind == Kind::List { 0 } else { rule.max_chars },
        min: rule.constraints.min,
        max: rule.constraints.max,
        hint: rule.hint_in(language).map(str::to_owned),
        editable: rule.self_editable,
        problem: problem.map(|problem| Problem {
            kind: problem.reason().replace('_', "-"),
            bound: match problem {
                Refusal::Misfit(misfit) => misfit.bound().unwrap_or_default(),
                Refusal::NotEditable => 0,
            },
        }),
    }
}

fn kind(rule: &Schema) -> AttributeKind {
    match rule.kind {
        // Attributes of schemas that say nothing of kinds: an address is typed as one all the same.
        Kind::Text if rule.name == "email" => AttributeKind::Email,
        Kind::Text | Kind::Boolean | Kind::Choice(_) => AttributeKind::Text,
        Kind::Integer => AttributeKind::Number,
        Kind::Email => AttributeKind::Email,
        Kind::Phone => AttributeKind::Tel,
        Kind::Date => AttributeKind::Date,
        Kind::Url => AttributeKind::Url,
        Kind::List => AttributeKind::Lines,
    }
}

fn choices(rule: &Schema, language: &str) -> Vec<Choice> {
    match &rule.kind {
        Kind::Boolean => ["true", "false"].map(|value| Choice { value: value.to_owned(), label: None }).into(),
        Kind::Choice(choices) => {
            let one = |choice: &sayso_authority::record::attribute::Choice| Choice {
                value: choice.value.clone(),
                label: Some(choice.label_in(language).to_owned()),
            };
            choices.iter().map(one).collect()
        }
        _ => Vec::new(),
    }
}

/// The apps that begin a sign-in when somebody comes from here, linked or not.
fn openable(place: &Place, visitor: &Visitor) -> Vec<OpenableApp> {
    let clients = place.authority().clients.iter();
    let app = |known: &KnownClient| {
        let url = initiate_login(place.authority(), known, &visitor.user.id, &place.house.pairwise)?;
        let uri = known.redirect_uris.first().map_or("", String::as_str);
        Some(OpenableApp { client: client(known, uri), url })
    };
    clients.filter_map(app).collect()
}

/// One for each app, however many links it has: in the order in which they were linked first.
fn linked_apps(place: &Place, grants: &[Grant]) -> Vec<LinkedApp> {
    let mut apps: Vec<(&Grant, Vec<&Grant>)> = Vec::new();
    for grant in grants {
        match apps.iter_mut().find(|(first, _)| first.client == grant.client) {
            Some((_, links)) => links.push(grant),
            None => apps.push((grant, vec![grant])),
        }
    }
    apps.into_iter().map(|(first, links)| linked_app(place, first, &links)).collect()
}

fn linked_app(place: &Place, first: &Grant, links: &[&Grant]) -> LinkedApp {
    let known = place.authority().client(&first.client);
    let uri = known.and_then(|client| client.redirect_uris.first()).map_or("", String::as_str);
    let mut may: Vec<Scope> = Vec::new();
    for link in links {
        let scopes = scopes(&link.scopes, place.authority().api(&link.audience));
        may.extend(scopes.into_iter().filter(|scope| !may.contains(scope)).collect::<Vec<_>>());
    }
    LinkedApp {
        id: first.id.0.clone(),
        // Whoever is not there any more has a name no longer.
        client: known.map_or_else(|| Client::new(&first.client, uri), |known| client(known, uri)),
        scopes: may,
        linked: Ago::of(Some(first.created_at), place.now()),
        used: Ago::of(links.iter().map(|link| link.last_used_at).max(), place.now()),
    }
}
