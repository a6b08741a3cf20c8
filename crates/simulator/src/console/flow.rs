//! A turn as a sequence diagram: what is drawn, in which order. Where it stands is a matter of [`drawing`].

mod drawing;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::times;
use crate::inside::CERTIFICATES;
use crate::linking::{ALEXA, API, AUTHORIZATION_SERVER, BROWSER, SKILL};
use crate::trace::{CheckShown, Hop, Outcome, Turn};
use drawing::{Paper, drawn};

const PERSON: &str = "Person";
/// Who takes part, in the order of the columns.
const ACTORS: [&str; 6] = [PERSON, BROWSER, ALEXA, AUTHORIZATION_SERVER, SKILL, API];

/// One row.
enum Step<'t> {
    Arrow(Arrow<'t>),
    /// A check that the skill, or an API, has made.
    Check(&'t str, &'t CheckShown),
    /// Words at the skill's line.
    Remark(&'static str),
}

/// One arrow.
struct Arrow<'t> {
    from: &'t str,
    to: &'t str,
    label: String,
    /// When it was drawn, in words.
    moment: Option<String>,
    /// Where it leads in the page: the hop of this number.
    hop: Option<usize>,
    is_answer: bool,
    is_bad: bool,
}

/// The turn as SVG. It needs no style of the page around it; every arrow of a hop leads to that hop.
pub(crate) fn diagram(turn: &Turn) -> String {
    drawn(turn, &steps(turn, true), Paper::Desk)
}

/// The turn as two pictures of the same, of which the page's style shows the one that fits.
pub(crate) fn diagrams(turn: &Turn) -> String {
    both(turn, &steps(turn, true))
}

/// A turn under way, as far as it has come. Its arrows lead nowhere yet.
pub(crate) fn sketches(turn: &Turn) -> String {
    both(turn, &steps(turn, false))
}

fn both(turn: &Turn, steps: &[Step<'_>]) -> String {
    drawn(turn, steps, Paper::Desk) + &drawn(turn, steps, Paper::Phone)
}

fn steps(turn: &Turn, leads: bool) -> Vec<Step<'_>> {
    let plain = |from, to, label| Arrow { from, to, label, moment: None, hop: None, is_answer: false, is_bad: false };
    let first = turn.hops.iter().find_map(sent);
    let mut steps = Vec::new();
    if !turn.utterance.is_empty() {
        steps.push(Step::Arrow(plain(PERSON, ALEXA, turn.utterance.clone())));
    }
    let mut hops = (1..).map(|number| leads.then_some(number)).zip(&turn.hops).peekable();
    let mut is_said = false;
    while let Some((number, hop)) = hops.next() {
        steps.push(asked(hop, number, first));
        let mut own = checked(hop);
        while let Some((number, inner)) = hops.next_if(|(_, next)| next.within) {
            if inner.to == API || (inner.to == ALEXA && inner.title != CERTIFICATES) {
                steps.append(&mut own);
            }
            steps.push(asked(inner, number, first));
            // Whom an API asks before it answers.
            while let Some((number, deeper)) = hops.next_if(|(_, next)| next.within && next.from == inner.to) {
                steps.push(asked(deeper, number, first));
                steps.extend(answered(deeper, number));
            }
            steps.append(&mut checked(inner));
            steps.extend(answered(inner, number));
            let heard = inner.spoken.as_ref().map(|words| plain(ALEXA, PERSON, words.clone()));
            steps.extend(heard.map(|arrow| Step::Arrow(Arrow { is_answer: true, hop: number, ..arrow })));
        }
        steps.append(&mut own);
        if hop.told == Some(false) && hop.response.is_some() && !is_said {
            is_said = true;
            steps.push(Step::Remark("tells nothing of its checks"));
        }
        steps.extend(answered(hop, number));
    }
    if let Some(spoken) = &turn.spoken {
        let is_bad = turn.outcome == Outcome::Failed;
        let moment = leads.then(|| format!("{} in all", times::took(turn.millis().saturating_mul(1_000).max(1_000))));
        steps.push(Step::Arrow(Arrow { is_answer: true, is_bad, moment, ..plain(ALEXA, PERSON, spoken.clone()) }));
    }
    steps
}

/// The checks that whoever is asked has made.
fn checked(hop: &Hop) -> Vec<Step<'_>> {
    hop.checks.iter().map(|check| Step::Check(&hop.to, check)).collect()
}

fn asked(hop: &Hop, number: Option<usize>, first: Option<OffsetDateTime>) -> Step<'_> {
    let (from, to, label) = (hop.from.as_str(), hop.to.as_str(), hop.title.clone());
    let moment = sent(hop).zip(first).and_then(|(sent, first)| times::after(sent - first));
    Step::Arrow(Arrow { from, to, label, moment, hop: number, is_answer: false, is_bad: false })
}

/// When a request was sent, where that is known.
fn sent(hop: &Hop) -> Option<OffsetDateTime> {
    OffsetDateTime::parse(hop.at.as_deref()?, &Rfc3339).ok()
}

fn answered(hop: &Hop, number: Option<usize>) -> Option<Step<'_>> {
    let (label, is_bad) = match &hop.response {
        Some(response) => {
            let parts = [response.status.to_string(), times::of(hop)];
            let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty() && part != "0").collect();
            (parts.join(" · "), response.status >= 400)
        }
        // Nobody sees the answer of a page to the browser; and what is still awaited is no answer yet.
        None if hop.from == BROWSER || hop.note.is_none() => return None,
        None => ("no answer".into(), true),
    };
    let (from, to) = (hop.to.as_str(), hop.from.as_str());
    Some(Step::Arrow(Arrow { from, to, label, moment: None, hop: number, is_answer: true, is_bad }))
}
