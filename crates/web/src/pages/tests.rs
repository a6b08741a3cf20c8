use super::*;
use crate::testing::text;
use std::borrow::Cow;

macro_rules! embedded {
    ($name:ident, $($file:literal => $text:expr),*) => {
        struct $name;

        impl RustEmbed for $name {
            fn get(name: &str) -> Option<rust_embed::EmbeddedFile> {
                let text: &'static str = match name {
                    $($file => $text,)*
                    _ => return None,
                };
                let metadata = rust_embed::Metadata::__rust_embed_new([0; 32], None, None);
                Some(rust_embed::EmbeddedFile { data: Cow::Borrowed(text.as_bytes()), metadata })
            }

            fn iter() -> impl Iterator<Item = Cow<'static, str>> + 'static {
                [$($file),*].into_iter().map(Cow::Borrowed)
            }
        }
    };
}

embedded!(Templates,
    "hello.html" => "<html lang=\"{{ lang }}\">{{ t('hello', name=name) }}|{{ t('loud-html', name=name) }}|{{ name }}|{{ t('days', n=days) }}",
    "asks-too-much.html" => "{{ surname }}",
    "unsaid.html" => "{{ t('unsaid') }}",
    "unstyled.html" => "{{ asset('none.css') }}",
    "endless.html" => "{% for a in range(10000) %}{% for b in range(10000) %}{{ b }}{% endfor %}{% endfor %}",
    "styled.html" => "{{ asset('sayso.css') }}");
embedded!(Locales,
    "en.ftl" => "hello = Hello { $name }\nloud-html = <strong>{ $name }</strong>\ndays = { $n ->\n [one] one day\n *[other] { $n } days\n }\n",
    "de.ftl" => "hello = Hallo { $name }\n");

macro_rules! page {
    ($name:ident, $template:literal) => {
        #[derive(Serialize)]
        struct $name {
            name: &'static str,
            days: u32,
        }

        impl Page for $name {
            const TEMPLATE: &'static str = $template;

            fn samples() -> Vec<Self> {
                vec![Self { name: "<Ada>", days: 2 }]
            }
        }
    };
}

page!(Hello, "hello.html");
page!(AsksTooMuch, "asks-too-much.html");
page!(Unsaid, "unsaid.html");
page!(Unstyled, "unstyled.html");
page!(Endless, "endless.html");
page!(Styled, "styled.html");
page!(Absent, "absent.html");

fn pages() -> Pages {
    Pages::load::<Templates, Locales>(Assets::shared(), None).unwrap()
}

#[test]
fn everything_foreign_is_escaped() {
    let html = pages().render(&Hello { name: "<i>&", days: 1 }, &Locale::new("de")).unwrap();
    let escaped = "&lt;i&gt;&amp;";
    assert_eq!(html, format!("<html lang=\"de\">Hallo {escaped}|<strong>{escaped}</strong>|{escaped}|one day"));
}

#[test]
fn a_template_cannot_ask_for_what_is_not_there() {
    let pages = pages();
    assert!(pages.check::<AsksTooMuch>().is_err());
    assert!(pages.check::<Unsaid>().unwrap_err().to_string().contains("unsaid"));
    assert!(pages.check::<Unstyled>().unwrap_err().to_string().contains("none.css"));
    assert!(pages.check::<Absent>().is_err());
    assert!(pages.check::<Hello>().is_ok());
    assert!(pages.check::<Styled>().is_ok());
}

#[test]
fn an_endless_template_runs_out_of_fuel() {
    let said = pages().check::<Endless>().unwrap_err().to_string();
    assert!(said.contains("fuel"), "{said}");
}

#[tokio::test]
async fn a_failing_template_is_answered_neutrally() {
    let answer = pages().answer(StatusCode::OK, &AsksTooMuch { name: "x", days: 1 }, &Locale::new("en"));
    assert_eq!(answer.status(), 500);
    let body = text(answer).await;
    assert!(body.contains("internal_error") && !body.contains("surname"), "{body}");
}

#[test]
fn the_owners_folder_replaces_templates_texts_and_styles() {
    let folder = tempfile::tempdir().unwrap();
    for (path, content) in [
        ("templates/hello.html", "{{ t('greeting', name=name) }}"),
        ("locales/en.ftl", "greeting = Ahoy { $name }\n"),
        ("assets/sayso.css", "body {}"),
    ] {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
    let own = Pages::load::<Templates, Locales>(Assets::shared(), Some(folder.path())).unwrap();
    let en = Locale::new("en");
    assert_eq!(own.render(&Hello { name: "Ada", days: 1 }, &en).unwrap(), "Ahoy Ada");
    let styled = Styled { name: "", days: 0 };
    assert_ne!(own.render(&styled, &en).unwrap(), pages().render(&styled, &en).unwrap());

    std::fs::write(folder.path().join("templates/hello.html"), "one\n{{ unclosed").unwrap();
    let said = Pages::load::<Templates, Locales>(Assets::shared(), Some(folder.path())).unwrap_err().to_string();
    assert!(said.contains("hello.html") && said.contains("line 2"), "{said}");
}
