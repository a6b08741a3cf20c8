//! Pages: typed contexts rendered by templates, both replaceable by the owner without a rebuild.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::response::{Html, IntoResponse, Response};
use fluent_bundle::{FluentArgs, FluentValue};
use http::{HeaderMap, StatusCode};
use minijinja::value::{Kwargs, Serde, Value};
use minijinja::{
    AutoEscape, Environment, Error, ErrorKind, Output, State, UndefinedBehavior, context, escape_formatter,
};
use rust_embed::RustEmbed;
use serde::Serialize;

use crate::assets::Assets;
use crate::harmless::escape_html;
use crate::locale::Locale;
use crate::texts::{BadTexts, Texts};

/// A page: what it says is its fields, how it looks its template.
pub trait Page: Serialize {
    /// The template's file name. A name that ends in `.html` is escaped as HTML.
    const TEMPLATE: &'static str;

    /// Pages that show every branch of the template; tests render them all in every language.
    fn samples() -> Vec<Self>
    where
        Self: Sized;
}

/// Templates, texts and assets, ready to render.
#[derive(Clone)]
pub struct Pages(Arc<Ready>);

struct Ready {
    templates: Environment<'static>,
    texts: Arc<Texts>,
    assets: Assets,
}

/// Why pages cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BadPages {
    /// The texts.
    #[error(transparent)]
    Texts(#[from] BadTexts),
    /// A template does not parse, or does not render a sample page.
    #[error("template {template}, line {line}: {problem}")]
    Template {
        /// Which template.
        template: String,
        /// Where, counted from 1; 0 when unknown.
        line: usize,
        /// What is wrong.
        problem: String,
    },
    /// A file of the owner's folder cannot be read.
    #[error("cannot read {file}: {source}")]
    Unreadable {
        /// Which file or folder.
        file: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

/// More instructions than the largest honest page needs; stops an owner's endless loop.
const FUEL: u64 = 2_000_000;

impl Pages {
    /// The templates of `T` and texts of `L`, with the owner's folders `templates`, `locales` and `assets` in
    /// `overrides` laid over them file by file (texts: message by message).
    ///
    /// # Errors
    /// Says which file, and where in it. The owner's templates are only rendered by [`Self::check`].
    pub fn load<T: RustEmbed, L: RustEmbed>(assets: Assets, overrides: Option<&Path>) -> Result<Self, BadPages> {
        let texts = Arc::new(Texts::load::<L>(overrides.map(|folder| folder.join("locales")).as_deref())?);
        let assets = match overrides.map(|folder| folder.join("assets")) {
            Some(folder) => {
                assets.with_folder(&folder).map_err(|source| BadPages::Unreadable { file: folder, source })?
            }
            None => assets,
        };
        let mut templates = environment(&texts, &assets);
        for name in T::iter() {
            let Some(file) = T::get(&name) else { continue };
            let source = String::from_utf8_lossy(&file.data).into_owned();
            templates.add_template_owned(name, source).map_err(bad_template)?;
        }
        if let Some(folder) = overrides.map(|folder| folder.join("templates")) {
            add_folder(&mut templates, &folder)?;
        }
        Ok(Self(Arc::new(Ready { templates, texts, assets })))
    }

    /// The texts.
    pub fn texts(&self) -> &Texts {
        &self.0.texts
    }

    /// The assets, for [`Assets::router`].
    pub fn assets(&self) -> &Assets {
        &self.0.assets
    }

    /// The language for a request: `ui_locales` first, then `Accept-Language`.
    pub fn locale(&self, ui_locales: Option<&str>, headers: &HeaderMap) -> Locale {
        self.0.texts.negotiate(ui_locales, headers)
    }

    /// Renders `page`.
    ///
    /// # Errors
    /// When the template asks for something the page does not have, or does not end.
    pub fn render<P: Page>(&self, page: &P, locale: &Locale) -> Result<String, BadPages> {
        let template = self.0.templates.get_template(P::TEMPLATE).map_err(bad_template)?;
        let page = Value::from(Serde(page));
        let context = context! { lang => locale.tag(), dir => locale.direction(), ..page };
        template.render(context).map_err(bad_template)
    }

    /// Renders `page` as an answer. A template that fails is logged and answered by a neutral page.
    pub fn answer<P: Page>(&self, status: StatusCode, page: &P, locale: &Locale) -> Response {
        match self.render(page, locale) {
            Ok(html) => (status, Html(html)).into_response(),
            Err(error) => {
                tracing::error!(%error, "a page could not be rendered");
                let request = http::Request::builder().header(http::header::ACCEPT, "text/html").body(());
                let asked = request.map(|request| crate::faces::Asked::of(&request)).unwrap_or_default();
                crate::faces::Failure::internal().answer(&asked)
            }
        }
    }

    /// Renders every sample of `P` in every language; at the start, so that an owner's mistake shows before a visitor
    /// meets it.
    ///
    /// # Errors
    /// The first sample that fails.
    pub fn check<P: Page>(&self) -> Result<(), BadPages> {
        for locale in self.0.texts.locales() {
            for page in P::samples() {
                self.render(&page, locale)?;
            }
        }
        Ok(())
    }
}

impl std::fmt::Debug for Pages {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pages").field("texts", &self.0.texts).finish_non_exhaustive()
    }
}

fn environment(texts: &Arc<Texts>, assets: &Assets) -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(FUEL));
    environment.set_recursion_limit(50);
    environment.set_formatter(print);
    environment.add_function("t", {
        let texts = texts.clone();
        move |state: &State, key: &str, args: Kwargs| say(&texts, state, key, &args)
    });
    environment.add_function("has_text", {
        let texts = texts.clone();
        move |state: &State, key: &str| texts.has(&locale_of(state), key)
    });
    environment.add_function("asset", {
        let assets = assets.clone();
        move |name: &str| {
            assets.url(name).ok_or_else(|| Error::new(ErrorKind::InvalidOperation, format!("no asset called {name}")))
        }
    });
    environment
}

/// Like minijinja's own formatter, but a `/` stays one: `action="/login"` is read by simple programs too.
fn print(out: &mut Output, state: &mut State, value: &Value) -> Result<(), Error> {
    match value.as_str() {
        Some(text) if matches!(state.auto_escape(), AutoEscape::Html) && !value.is_safe() => {
            Ok(out.write_str(&escape_html(text))?)
        }
        _ => escape_formatter(out, state, value),
    }
}

fn locale_of(state: &State) -> Locale {
    let tag = state.lookup("lang");
    Locale::new(tag.as_ref().and_then(Value::as_str).unwrap_or(Locale::FALLBACK))
}

/// The template function `t("key", name=value)`. A key that ends in `-html` is the owner's trusted markup: it is not
/// escaped, its arguments are.
fn say(texts: &Texts, state: &State, key: &str, given: &Kwargs) -> Result<Value, Error> {
    let markup = key.ends_with("-html");
    let mut args = FluentArgs::new();
    for name in given.args() {
        let value: Value = given.get(name)?;
        let value: FluentValue<'static> = match (value.as_i64(), value.as_str()) {
            (Some(number), _) => number.into(),
            (None, Some(text)) if markup => escape_html(text).into(),
            (None, Some(text)) => text.to_owned().into(),
            (None, None) if value.is_undefined() => {
                return Err(Error::new(ErrorKind::UndefinedError, format!("argument {name} of text {key}")));
            }
            (None, None) => value.to_string().into(),
        };
        args.set(name.to_owned(), value);
    }
    let text = texts
        .say(&locale_of(state), key, &args)
        .ok_or_else(|| Error::new(ErrorKind::InvalidOperation, format!("no text called {key}")))?;
    Ok(if markup { Value::from_safe_string(text) } else { Value::from(text) })
}

fn add_folder(templates: &mut Environment<'static>, folder: &Path) -> Result<(), BadPages> {
    if !folder.is_dir() {
        return Ok(());
    }
    let unreadable = |file: &Path| {
        let file = file.to_owned();
        move |source| BadPages::Unreadable { file, source }
    };
    for entry in std::fs::read_dir(folder).map_err(unreadable(folder))? {
        let path = entry.map_err(unreadable(folder))?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
            continue;
        };
        if path.is_file() && name.ends_with(".html") {
            let source = std::fs::read_to_string(&path).map_err(unreadable(&path))?;
            templates.add_template_owned(name.to_owned(), source).map_err(bad_template)?;
        }
    }
    Ok(())
}

fn bad_template(error: Error) -> BadPages {
    let cause = std::error::Error::source(&error).map(|cause| format!(" ({cause})")).unwrap_or_default();
    BadPages::Template {
        template: error.name().unwrap_or("?").to_owned(),
        line: error.line().unwrap_or(0),
        problem: format!("{error}{cause}"),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
