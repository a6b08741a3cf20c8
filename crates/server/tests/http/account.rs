//! The account page: the profile, the links, signing out.

use crate::house::browser::PageForm;
use sayso_authority::record::attribute::{Attribute, Choice, Kind, Pattern};
use sayso_testkit::records;

use crate::house::*;

#[tokio::test]
async fn unlinking_ends_the_link_at_once() {
    for house in House::on_both_databases().await {
        let linked = house.link(&Ask::wear()).await;
        let mut browser = house.browser();
        let page = browser.sign_in(Side::Wear, "ada").await;
        assert!(page.body.contains("What Should I Wear"));
        let form = PageForm::around(&page, "unlink-1");
        let answer = browser.submit(&form).await;
        assert_eq!(answer.status, 303);
        let page = browser.follow(answer).await;
        assert!(page.body.contains("What Should I Wear is unlinked"), "{}", page.body);
        assert!(!page.body.contains("id=\"unlink-1\""));
        assert!(!house.is_active(Side::Wear, WEAR_CLIENT, &linked.access).await);
        house.refresh(&Ask::wear(), &linked.refresh).await.is_error(400, "invalid_grant");
        assert_eq!(browser.submit(&form).await.status, 303, "twice is fine");
        assert_eq!(house.audit("unlinked_by_person").await.len(), 1);
    }
}

#[tokio::test]
async fn nobody_unlinks_or_edits_for_another() {
    let house = House::open().await;
    let linked = house.link(&Ask::wear()).await;
    let adas_page = house.browser().sign_in(Side::Wear, "ada").await;
    let adas_link = PageForm::around(&adas_page, "unlink-1");

    let mut bob = house.browser();
    let bobs_page = bob.sign_in(Side::Wear, "bob").await;
    let bobs_csrf = PageForm::around(&bobs_page, "save").value("csrf").to_owned();
    bob.submit(&adas_link).await.is_error_page(400, "form_not_this_browser");
    let with_his_token = adas_link.clone().set("csrf", &bobs_csrf);
    bob.submit(&with_his_token).await.is_error_page(404, "link_unknown");
    bob.submit(&with_his_token.set("link", "no-such-link")).await.is_error_page(404, "link_unknown");
    bob.submit(&adas_link.without("csrf")).await.is_error_page(400, "form_not_this_browser");
    let adas_profile = PageForm::around(&adas_page, "save").set("attribute.favoriteColor", "mud");
    bob.submit(&adas_profile).await.is_error_page(400, "form_not_this_browser");
    assert_eq!(house.browser().submit(&adas_profile).await.location(), Some("/login"));
    assert!(house.is_active(Side::Wear, WEAR_CLIENT, &linked.access).await);
    assert!(house.audit("profile_edited").await.is_empty());
}

#[tokio::test]
async fn a_profile_takes_what_its_schema_allows() {
    let house = House::open().await;
    let mut browser = house.browser();
    let page = browser.sign_in(Side::Wear, "ada").await;
    let form = PageForm::around(&page, "attribute-favoriteColor");
    assert_eq!(form.value("attribute.favoriteColor"), "teal");
    for (name, value) in [
        ("attribute.favoriteColor", "x".repeat(41)),
        ("attribute.favoriteColor", "red\nblue".to_owned()),
        ("attribute.email", "evil@evil.test".to_owned()),
        ("attribute.isAdmin", "true".to_owned()),
        ("attribute.", "x".to_owned()),
    ] {
        let answer = browser.submit(&form.clone().set(name, &value)).await;
        assert_eq!(answer.status, 422, "{name}");
        assert!(answer.body.contains("id=\"notice\"") && answer.body.contains("role=\"alert\""), "{}", answer.body);
    }
    assert!(house.audit("profile_edited").await.is_empty());
    let hostile = "\"><script>alert(1)</script>é";
    let saved = browser.submit(&form.set("attribute.favoriteColor", hostile)).await;
    assert_eq!(saved.location(), Some("/account?notice=saved"));
    let page = browser.follow(saved).await;
    assert!(!page.body.contains("<script>"), "{}", page.body);
    assert_eq!(PageForm::around(&page, "save").value("attribute.favoriteColor"), hostile);
    assert_eq!(PageForm::around(&page, "save").value("attribute.firstName"), "Ada");
    let claims = house.introspect(Side::Quiz, QUIZ_CLIENT, &house.link(&Ask::quiz()).await.access).await;
    assert_eq!(claims["FavoriteColorClaim"], hostile);
}

#[tokio::test]
async fn a_removed_attribute_omits_its_claim() {
    let house = House::open().await;
    let linked = house.link(&Ask::quiz()).await;
    let mut browser = house.browser();
    let page = browser.sign_in(Side::Quiz, "ada").await;
    browser.submit(&PageForm::around(&page, "save").set("attribute.favoriteColor", " ")).await;
    let claims = house.introspect(Side::Quiz, QUIZ_CLIENT, &linked.access).await;
    assert_eq!(claims.get("FavoriteColorClaim"), None);
    assert_eq!(claims["active"], true);
}

#[tokio::test]
async fn two_edits_at_once_lose_nothing() {
    for house in House::on_both_databases().await {
        let mut browser = house.browser();
        let page = browser.sign_in(Side::Wear, "ada").await;
        let csrf = PageForm::around(&page, "save").without("attribute.firstName").without("attribute.favoriteColor");
        let (mut first, mut second) = (browser.clone(), browser.clone());
        let (name, color) =
            (csrf.clone().set("attribute.firstName", "Countess"), csrf.set("attribute.favoriteColor", "plum"));
        let answers = tokio::join!(first.submit(&name), second.submit(&color));
        assert_eq!((answers.0.status.as_u16(), answers.1.status.as_u16()), (303, 303));
        let page = browser.open("/account").await;
        let form = PageForm::around(&page, "save");
        assert_eq!((form.value("attribute.firstName"), form.value("attribute.favoriteColor")), ("Countess", "plum"));
    }
}

#[tokio::test]
async fn signing_out_ends_the_session_and_keeps_the_links() {
    let house = House::open().await;
    let linked = house.link(&Ask::wear()).await;
    let mut browser = house.browser();
    let page = browser.sign_in(Side::Wear, "ada").await;
    assert_eq!(browser.get("/logout").await.status, 200);
    assert_eq!(browser.get("/account").await.status, 200, "a link alone signs nobody out");
    let form = PageForm::around(&page, "logout");
    let old = browser.clone();
    old.clone().submit(&form.clone().without("csrf")).await.is_error_page(400, "form_not_this_browser");
    let answer = browser.submit(&form).await;
    assert_eq!((answer.status.as_u16(), answer.location()), (303, Some("/signed-out")), "{}", answer.body);
    assert!(answer.cookies()[0].contains("session=;") && answer.cookies()[0].contains("Max-Age=0"));
    assert_eq!(old.clone().get("/account").await.status, 303, "the cookie is dead, whoever holds it");
    assert!(house.is_active(Side::Wear, WEAR_CLIENT, &linked.access).await);
}

/// Fields of the right type, labels and problems in the person's language, and values as what they are in claims.
#[tokio::test]
async fn each_kind_has_its_field_and_its_problem() {
    let house = House::open().await;
    let plain = |name: &str, kind| Attribute { kind, ..Attribute::text(name, true, 40) };
    let mut schema = house.configuration(|_, _| {}).attributes;
    let choice =
        |value: &str| Choice { value: value.into(), labels: [("de".to_owned(), format!("{value} (de)"))].into() };
    let mut age = plain("age", Kind::Integer);
    (age.constraints.min, age.constraints.max) = (Some(0), Some(150));
    let mut country = plain("country", Kind::Text);
    country.constraints.pattern = Some(Pattern::parse("[A-Z]{2}").unwrap());
    country.constraints.hints.insert("de".into(), "Zwei Buchstaben.".into());
    let mut hidden = plain("customer", Kind::Text);
    (hidden.self_editable, hidden.access.person_reads) = (false, false);
    schema.extend([
        age,
        country,
        hidden,
        plain("birthday", Kind::Date),
        plain("site", Kind::Url),
        plain("adult", Kind::Boolean),
        plain("size", Kind::Choice(vec![choice("s"), choice("l")])),
        plain("likes", Kind::List),
        plain("phone_number", Kind::Phone),
    ]);
    let house = house.with_schema(schema).await;
    let mut browser = house.browser();
    let page = browser.sign_in(Side::Wear, "ada").await;
    for field in [
        "id=\"attribute-age\" value=\"\" type=\"number\" step=\"1\" min=\"0\" max=\"150\" name=\"attribute.age\"",
        "type=\"date\" name=\"attribute.birthday\"",
        "<label for=\"attribute-phone_number\">Telephone number</label>",
        "type=\"url\" maxlength=\"40\" name=\"attribute.site\"",
        "<select id=\"attribute-adult\" name=\"attribute.adult\">",
        "<option value=\"true\">Yes</option>",
        "<option value=\"l\">l</option>",
        "<textarea id=\"attribute-likes\" rows=\"4\" name=\"attribute.likes\"",
    ] {
        assert!(page.body.contains(field), "{field} is not in {}", page.body);
    }
    assert!(!page.body.contains("attribute-customer"));
    let form = PageForm::around(&page, "attribute-favoriteColor");
    let form = PageForm { action: format!("{}?ui_locales=de", form.action), ..form };
    let wrong =
        form.clone().set("attribute.age", "151").set("attribute.country", "Germany").set("attribute.likes", "tea");
    let answer = browser.submit(&wrong).await;
    assert_eq!(answer.status, 422);
    for said in ["Bitte 150 oder weniger.", "Zwei Buchstaben.", "value=\"151\"", "<option value=\"l\">l (de)</option>"]
    {
        assert!(answer.body.contains(said), "{said} is not in {}", answer.body);
    }
    let typed = [("age", "36"), ("adult", "true"), ("likes", "tea\r\nrain"), ("size", "l"), ("birthday", "1815-12-10")];
    let right = typed.iter().fold(form, |form, (name, value)| form.set(&format!("attribute.{name}"), value));
    assert_eq!(browser.submit(&right).await.location(), Some("/account?notice=saved"));
    let ada = house.store.lookups().user(&records::ada().id).await.unwrap().unwrap();
    let likes = vec!["tea".to_owned(), "rain".to_owned()];
    assert_eq!((&ada.attributes["age"], &ada.attributes["adult"]), (&36.into(), &true.into()));
    assert_eq!((&ada.attributes["likes"], &ada.attributes["size"]), (&likes.into(), &"l".into()));
    let page = browser.open(&Side::Wear.page("/account")).await;
    assert!(page.body.contains("tea\nrain</textarea>") && page.body.contains("<option value=\"l\" selected>"));
}
