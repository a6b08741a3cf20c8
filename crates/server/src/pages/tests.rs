//! Every page in every language, and the rules all of them keep.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::collections::BTreeSet;

use super::*;
use sayso_web::locale::Locale;
use sayso_web::pages::Page;

/// Name, language and HTML of every sample of every page.
fn rendered() -> Vec<(String, Locale, String)> {
    fn add<P: Page>(pages: &Pages, all: &mut Vec<(String, Locale, String)>) {
        for locale in pages.texts().locales() {
            for (number, sample) in P::samples().iter().enumerate() {
                let name = format!("{}-{number}-{}", P::TEMPLATE.trim_end_matches(".html"), locale.tag());
                all.push((name, locale.clone(), pages.render(sample, locale).unwrap()));
            }
        }
    }
    let pages = load(None).unwrap();
    let mut all = Vec::new();
    add::<AccountPage>(&pages, &mut all);
    add::<ConsentPage>(&pages, &mut all);
    add::<ErrorPage>(&pages, &mut all);
    add::<GoingPage>(&pages, &mut all);
    add::<HomePage>(&pages, &mut all);
    add::<LinkedPage>(&pages, &mut all);
    add::<LoginPage>(&pages, &mut all);
    add::<LogoutPage>(&pages, &mut all);
    add::<SignedOutPage>(&pages, &mut all);
    all
}

/// The values of an attribute, in order.
fn values<'a>(html: &'a str, attribute: &str) -> Vec<&'a str> {
    let opening = format!(" {attribute}=\"");
    html.split(&opening).skip(1).map(|rest| rest.split('"').next().unwrap()).collect()
}

#[test]
fn no_page_needs_or_loads_anything_foreign() {
    for (name, _, html) in rendered() {
        // The one script is ours, from a file of its own, on the page that sends an answer on.
        let scripts = html.matches("<script").count();
        let ours = html.matches("<script src=\"/assets/").count();
        assert!(scripts == ours && scripts == usize::from(name.starts_with("form-post")), "{name}: {scripts} scripts");
        for forbidden in ["<style", " style=", " onclick", "javascript:", "<iframe"] {
            assert!(!html.contains(forbidden), "{name}: {forbidden}");
        }
        for link in values(&html, "src").into_iter().chain(values(&html, "href")).chain(values(&html, "action")) {
            // Where a person goes who presses a button or opens an app of theirs.
            let chosen = link.starts_with("https://app.example/");
            assert!(link.starts_with('/') || link == "#main" || chosen, "{name}: {link}");
            assert!(!link.starts_with("//"), "{name}: {link}");
        }
    }
}

#[test]
fn what_is_foreign_is_harmless() {
    for (name, _, html) in rendered() {
        for sign in ['\u{202e}', '\u{200b}', '\u{2068}'] {
            assert!(!html.contains(sign), "{name}: {sign:?}");
        }
        for tag in ["<b>", "<cb>", "<Quiz>"] {
            assert!(!html.contains(tag), "{name}: {tag}");
        }
        assert!(!html.contains(&"x".repeat(61)), "{name}: an overlong name is cut");
    }
}

#[test]
fn every_page_has_landmarks_one_heading_and_labels() {
    for (name, locale, html) in rendered() {
        assert!(html.contains(&format!("<html lang=\"{}\" dir=\"ltr\">", locale.tag())), "{name}");
        for once in ["<main id=\"main\"", "<h1", "<header ", "<footer ", "<title>", "name=\"viewport\""] {
            assert_eq!(html.matches(once).count(), 1, "{name}: {once}");
        }
        let ids = values(&html, "id");
        assert_eq!(ids.len(), ids.iter().collect::<BTreeSet<_>>().len(), "{name}: an id is used twice");
        for label in values(&html, "for").into_iter().chain(values(&html, "aria-describedby")) {
            assert!(ids.contains(&label), "{name}: {label} names nothing");
        }
        let fields: usize = ["<input", "<select", "<textarea"].map(|field| html.matches(field).count()).iter().sum();
        let visible = fields - html.matches("type=\"hidden\"").count();
        assert_eq!(values(&html, "for").len(), visible, "{name}: a field without label");
        assert!(values(&html, "autofocus").len() <= 1, "{name}");
    }
}

#[test]
fn every_form_is_posted_with_its_token() {
    for (name, _, html) in rendered() {
        for form in html.split("<form").skip(1) {
            let form = form.split("</form>").next().unwrap();
            assert!(form.contains("method=\"post\""), "{name}");
            assert_eq!(form.matches("name=\"csrf\" value=\"c5rf\"").count(), 1, "{name}");
        }
    }
}

#[test]
fn the_stable_ids_are_there() {
    let all = rendered();
    for (page, ids) in [
        ("login-0-", &["username", "password", "login", "cancel"][..]),
        ("login-1-", &["username", "password", "login"]),
        ("consent-0-", &["allow", "deny", "switch"]),
        ("account-4-", &["save", "logout", "attribute-favoriteColor", "attribute-firstName", "unlink-1", "unlink-2"]),
        ("logout-0-", &["logout"]),
        ("error-0-", &["reason", "request-id", "detail"]),
        ("home-0-", &["account"]),
    ] {
        let pages: Vec<_> = all.iter().filter(|(name, _, _)| name.starts_with(page)).collect();
        assert_eq!(pages.len(), 2, "{page} in two languages");
        for (name, _, html) in pages {
            for id in ids {
                assert!(values(html, "id").contains(id), "{name}: {id}");
            }
        }
    }
    let own = all.iter().find(|(name, _, _)| name == "login-1-en").unwrap();
    assert!(!own.2.contains("id=\"cancel\""), "there is nobody to answer when no client asks");
}

#[test]
fn the_login_page_says_which_account_it_wants() {
    let pages = load(None).unwrap();
    let html = pages.render(&LoginPage::samples()[0], &pages.texts().locales()[1]).unwrap();
    assert!(html.contains("not with your Amazon account"), "{html}");
    assert!(html.contains("<strong>Sample Quiz Game</strong> would like to know who you are"));
}

#[test]
fn the_consent_page_names_client_account_scopes_and_domain() {
    let all = rendered();
    let (_, _, html) = all.iter().find(|(name, _, _)| name == "consent-0-en").unwrap();
    for said in [
        "Sample Quiz Game",
        "Ada Byron",
        "Know your first name and favorite color",
        "Stay linked until you unlink it",
        "layla.amazon.com",
        "Don’t allow",
    ] {
        assert!(html.contains(said), "{said}");
    }
    assert!(!html.contains("has not been checked"));
    let (_, _, hostile) = all.iter().find(|(name, _, _)| name == "consent-1-en").unwrap();
    assert!(hostile.contains("has not been checked") && hostile.contains("com.example.app"));
}

#[test]
fn translations_are_complete() {
    let pages = load(None).unwrap();
    for (file, text) in [("en", include_str!("../../locales/en.ftl")), ("de", include_str!("../../locales/de.ftl"))] {
        for line in text.lines() {
            let Some((key, _)) = line.split_once(" =") else {
                continue;
            };
            if key.starts_with(['#', ' ']) {
                continue;
            }
            assert!(pages.texts().lacking(key).is_empty(), "{key} of {file} is missing elsewhere");
            let remedy = key.strip_prefix("error-").filter(|reason| {
                !reason.ends_with("-remedy") && !["again", "reason", "request", "detail", "report"].contains(reason)
            });
            if let Some(reason) = remedy {
                assert!(pages.texts().lacking(&format!("error-{reason}-remedy")).is_empty(), "{reason}");
            }
        }
    }
}

#[test]
fn the_owners_mistake_is_found_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let templates = folder.path().join("templates");
    std::fs::create_dir_all(&templates).unwrap();
    std::fs::write(templates.join("login.html"), "<p>\n{{ passwort }}").unwrap();
    let said = load(Some(folder.path())).unwrap_err().to_string();
    assert!(said.contains("login.html, line 2"), "{said}");
    std::fs::write(templates.join("login.html"), "<p>mine</p>").unwrap();
    assert!(load(Some(folder.path())).is_ok());
}
