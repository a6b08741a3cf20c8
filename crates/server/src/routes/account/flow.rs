//! An authorization request on its way through the pages. The request travels in the URL, and beside it, sealed for this
//! browser, how far it has come: nothing is kept of it here.

use axum::response::Response;
use sayso_authority::decide::authorize::{
    AuthorizeOutcome, PageRefusal, Progress, Question, Recognition, SignedIn, authorize,
};
use sayso_authority::decide::push_request::{meant, named};
use sayso_authority::wire::authorize::AuthorizeRequest;
use sayso_authority::wire::query::with_parameters;
use sayso_store::{Lookups, StoreError};
use sayso_token::digest::Digest;

use super::faces::{Asker, see_other, with_query};
use crate::browser::{Visitor, browser, set_browser};
use crate::place::Place;

/// The parameter that carries the progress, sealed.
const PROGRESS: &str = "flow";

/// A request at one step of its way.
pub(super) struct Flow<'a> {
    place: &'a Place,
    /// The request as it came, without our own parameter.
    query: String,
    /// What it means, if it can be read.
    pub(super) request: Result<AuthorizeRequest, PageRefusal>,
    pub(super) progress: Progress,
    /// The value that the progress is sealed for, and whether the browser has yet to learn it.
    browser: (String, bool),
}

impl<'a> Flow<'a> {
    /// At the authorization endpoint: whatever the URL says of a progress, the request arrives now.
    pub(super) async fn arriving(place: &'a Place, asker: &Asker) -> Result<Self, StoreError> {
        Self::at(place, asker, false).await
    }

    /// At one of the pages. A progress that was not sealed for this request and browser, or too long ago, is none.
    pub(super) async fn under_way(place: &'a Place, asker: &Asker) -> Result<Self, StoreError> {
        Self::at(place, asker, true).await
    }

    async fn at(place: &'a Place, asker: &Asker, under_way: bool) -> Result<Self, StoreError> {
        let (mut query, sealed) = apart(&asker.query);
        let (now, browser) = (place.now(), browser(place, &asker.headers));
        let purpose = purpose(place, &query, &browser.0);
        let opened = sealed.filter(|_| under_way).and_then(|sealed| place.house.sealer.open(&purpose, &sealed));
        let progress = opened.and_then(|bytes| Progress::from_bytes(&bytes, now));
        let progress = progress.unwrap_or_else(|| Progress::arriving(now));
        let lookups = place.house.store.lookups();
        let (request, language) = read(place, &query, progress, &lookups).await?;
        // The pages read their language from the URL; that of a pushed request has to be told to them.
        if let Some(language) = language.filter(|_| !under_way) {
            query = with_parameters(&format!("?{query}"), &[("ui_locales", &language)]).split_off(1);
        }
        Ok(Self { place, query, request, progress, browser })
    }

    /// What comes next, for whoever sits at the browser.
    pub(super) fn outcome(&self, signed_in: Option<SignedIn<'_>>) -> AuthorizeOutcome<'a> {
        let by = Recognition { keys: &self.place.desk.public, pairwise: &self.place.house.pairwise };
        let now = self.place.now();
        let question = Question { request: &self.request, progress: self.progress, signed_in, by, now };
        authorize(self.place.authority(), &question)
    }

    /// The address of another page of this flow.
    pub(super) fn path(&self, page: &str) -> String {
        path_onward(self.place, page, (&self.query, self.progress), &self.browser.0)
    }

    /// What [`path_onward`] takes the flow up again with.
    pub(super) fn onward(&self) -> (String, Progress) {
        (self.query.clone(), self.progress)
    }

    /// Sends the browser to another page of this flow.
    pub(super) fn go_to(&self, page: &str) -> Response {
        let mut answer = see_other(&self.path(page));
        self.remember_browser(&mut answer);
        answer
    }

    /// Tells the browser the value that the progress is sealed for, unless it knows it.
    pub(super) fn remember_browser(&self, answer: &mut Response) {
        if self.browser.1 {
            set_browser(self.place, answer, &self.browser.0);
        }
    }

    /// The value that the forms of this flow are bound to before sign-in.
    pub(super) fn browser(&self) -> &str {
        &self.browser.0
    }
}

/// The address of a page of the flow with that query, as far as it has come in the browser that holds this value.
pub(super) fn path_onward(place: &Place, page: &str, (query, progress): (&str, Progress), browser: &str) -> String {
    let purpose = purpose(place, query, browser);
    let sealed = place.house.sealer.seal(&purpose, &progress.to_bytes(), &mut place.house.entropy.clone());
    with_parameters(&with_query(&place.path(page), query), &[(PROGRESS, &sealed)])
}

/// Decides for a visitor what comes next.
pub(super) fn outcome_for<'a>(flow: &Flow<'a>, visitor: Option<&Visitor>) -> AuthorizeOutcome<'a> {
    flow.outcome(visitor.map(Visitor::signed_in))
}

fn purpose(place: &Place, query: &str, browser: &str) -> String {
    let bound = Digest::of(format!("{query}\n{browser}").as_bytes()).base64url();
    format!("flow/{}/{bound}", place.authority().id)
}

/// The query without our own parameter, and that one's value.
fn apart(query: &str) -> (String, Option<String>) {
    let own = |pair: &&str| pair.split('=').next() == Some(PROGRESS);
    let sealed = query.split('&').find(own).and_then(|pair| pair.split_once('=')).map(|(_, value)| value.to_owned());
    let rest: Vec<&str> = query.split('&').filter(|pair| !own(pair)).collect();
    (rest.join("&"), sealed)
}

/// The request of the query, or the pushed one that it names; and the language that a pushed one asks for.
async fn read(
    place: &Place,
    query: &str,
    progress: Progress,
    lookups: &Lookups,
) -> Result<(Result<AuthorizeRequest, PageRefusal>, Option<String>), StoreError> {
    let sent = match AuthorizeRequest::parse(query) {
        Ok(sent) => sent,
        Err(unreadable) => return Ok((Err(unreadable.into()), None)),
    };
    let Some(digest) = named(&sent) else { return Ok((Ok(sent), None)) };
    let pushed = lookups.pushed_request(&digest).await?;
    let request = meant(place.authority(), &sent, pushed.as_ref(), progress);
    let language = request.as_ref().ok().and_then(|request| request.ui_locales.clone());
    Ok((request, language))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_parameter_is_taken_out_and_nothing_else() {
        for (query, rest, sealed) in [
            ("", "", None),
            ("a=1&flow=x&b=2", "a=1&b=2", Some("x")),
            ("flow=x", "", Some("x")),
            ("flow=x&flow=y&flows=z", "flows=z", Some("x")),
            ("a=flow", "a=flow", None),
            ("flow&a=1", "a=1", None),
            ("a=%ff&&b", "a=%ff&&b", None),
        ] {
            assert_eq!(apart(query), (rest.to_owned(), sealed.map(str::to_owned)), "{query}");
        }
    }
}
