//! Rendering: templates compiled in, HTML escaped by default.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use minijinja::{AutoEscape, Environment, Error, Output, State, UndefinedBehavior, Value, escape_formatter};
use serde::Serialize;
use serde_json::json;

use super::views::TurnView;

const TEMPLATES: [(&str, &str); 15] = [
    ("layout.html", include_str!("../../templates/layout.html")),
    ("talk.html", include_str!("../../templates/talk.html")),
    ("turn.html", include_str!("../../templates/turn.html")),
    ("checks.html", include_str!("../../templates/checks.html")),
    ("flow.html", include_str!("../../templates/flow.html")),
    ("landing.html", include_str!("../../templates/landing.html")),
    ("doctor.html", include_str!("../../templates/doctor.html")),
    ("flows.html", include_str!("../../templates/flows.html")),
    ("companion.html", include_str!("../../templates/companion.html")),
    ("household.html", include_str!("../../templates/household.html")),
    ("skill.html", include_str!("../../templates/skill.html")),
    ("timeline.html", include_str!("../../templates/timeline.html")),
    ("model.html", include_str!("../../templates/model.html")),
    ("linking.html", include_str!("../../templates/linking.html")),
    ("notice.html", include_str!("../../templates/notice.html")),
];

/// All pages.
pub(crate) struct Pages {
    environment: Environment<'static>,
}

impl Pages {
    /// Compiles the templates.
    pub(crate) fn new() -> Self {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_formatter(print);
        for (name, source) in TEMPLATES {
            if let Err(error) = environment.add_template(name, source) {
                tracing::error!(%error, "the page {name} cannot be compiled");
            }
        }
        Self { environment }
    }

    /// One page.
    pub(crate) fn render(&self, status: StatusCode, name: &str, values: &impl Serialize) -> Response {
        let rendered =
            self.environment.get_template(name).and_then(|template| template.render(minijinja::value::Serde(values)));
        match rendered {
            Ok(html) => (status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], html).into_response(),
            Err(error) => {
                tracing::error!(%error, "the page {name} cannot be rendered");
                (StatusCode::INTERNAL_SERVER_ERROR, "This page cannot be shown; see the log.").into_response()
            }
        }
    }

    /// A turn alone.
    pub(crate) fn turn(&self, turn: &TurnView) -> Response {
        self.render(StatusCode::OK, "turn.html", &json!({ "turn": turn }))
    }

    /// A page with nothing but a message and a way on.
    pub(crate) fn notice(&self, status: StatusCode, title: &str, text: &str, way_on: (&str, &str)) -> Response {
        let values =
            json!({"page": "notice", "title": title, "text": text, "way_on": way_on.0, "way_on_text": way_on.1});
        self.render(status, "notice.html", &values)
    }
}

/// Like minijinja's own formatter, but a `/` stays one: `action="/companion"` is read by simple programs too.
fn print(out: &mut Output, state: &mut State, value: &Value) -> Result<(), Error> {
    match value.as_str() {
        Some(text) if matches!(state.auto_escape(), AutoEscape::Html) && !value.is_safe() => {
            Ok(out.write_str(&escape(text))?)
        }
        _ => escape_formatter(out, state, value),
    }
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            sign => escaped.push(sign),
        }
    }
    escaped
}
