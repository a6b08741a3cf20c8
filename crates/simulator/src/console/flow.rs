//! A turn as a sequence diagram.

use std::fmt::Write as _;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::times;
use crate::inside::CERTIFICATES;
use crate::linking::{ALEXA, API, AUTHORIZATION_SERVER, BROWSER, SKILL};
use crate::trace::{CheckShown, Hop, Outcome, Turn};

const PERSON: &str = "Person";
/// Who takes part, in the order of the columns.
const ACTORS: [&str; 6] = [PERSON, BROWSER, ALEXA, AUTHORIZATION_SERVER, SKILL, API];
const COLUMN: usize = 170;
/// From the edge to the first and the last line.
const EDGE: usize = 66;
/// What the words beside the last line need.
const BESIDE: usize = 208;
/// In letters.
const LONGEST_LABEL: usize = 26;
const ROW: usize = 46;
const LINE: usize = 20;
const TOP: usize = 48;
const GOOD: &str = "#2b8a5f";
const BAD: &str = "#c62828";

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
    drawn(turn, &steps(turn, true))
}

/// A turn under way as SVG, as far as it has come. Its arrows lead nowhere yet.
pub(crate) fn sketch(turn: &Turn) -> String {
    drawn(turn, &steps(turn, false))
}

fn drawn(turn: &Turn, steps: &[Step<'_>]) -> String {
    let takes_part = |actor: &&str| {
        steps.iter().any(|step| matches!(step, Step::Arrow(arrow) if arrow.from == *actor || arrow.to == *actor))
    };
    let used: Vec<&str> = ACTORS.into_iter().filter(takes_part).collect();
    let speaks = |actor: &&str| {
        steps.iter().any(|step| match step {
            Step::Arrow(_) => false,
            Step::Check(whose, _) => whose == actor,
            Step::Remark(_) => *actor == SKILL,
        })
    };
    let beside = if used.last().is_some_and(speaks) { BESIDE - EDGE } else { 0 };
    let width = used.len().saturating_sub(1) * COLUMN + 2 * EDGE + beside;
    let height = TOP + steps.iter().map(Step::height).sum::<usize>() + 24;
    let x = |actor: &str| used.iter().position(|one| *one == actor).unwrap_or(0) * COLUMN + EDGE;
    // With links in it, it is no picture.
    let leads = steps.iter().any(|step| matches!(step, Step::Arrow(arrow) if arrow.hop.is_some()));
    let role = if leads { "group" } else { "img" };
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"{role}\" aria-label=\"Sequence of requests and answers\" font-family=\"system-ui, sans-serif\" font-size=\"12\" fill=\"currentColor\" stroke=\"none\">"
    );
    for actor in &used {
        let at = x(actor);
        let _ = write!(
            svg,
            "<text x=\"{at}\" y=\"20\" text-anchor=\"middle\" font-weight=\"600\">{}</text><path d=\"M{at} 30V{}\" stroke=\"currentColor\" stroke-opacity=\".3\"/>",
            escaped(actor),
            height - 8
        );
    }
    let mut top = TOP;
    for step in steps {
        match step {
            Step::Arrow(arrow) => draw(&mut svg, arrow, (x(arrow.from), x(arrow.to), top + 22), turn),
            Step::Check(actor, check) => draw_check(&mut svg, check, (x(actor), top + 4)),
            Step::Remark(words) => {
                let _ = write!(
                    svg,
                    "<text x=\"{}\" y=\"{}\" font-size=\"11\" fill-opacity=\".75\">{}</text>",
                    x(SKILL) + 12,
                    top + 8,
                    escaped(words)
                );
            }
        }
        top += step.height();
    }
    svg.push_str("</svg>");
    svg
}

impl Step<'_> {
    fn height(&self) -> usize {
        if matches!(self, Self::Arrow(_)) { ROW } else { LINE }
    }
}

fn draw(svg: &mut String, arrow: &Arrow<'_>, (from, to, y): (usize, usize, usize), turn: &Turn) {
    let color = if arrow.is_bad { BAD } else { "currentColor" };
    let weight = if arrow.is_bad { " font-weight=\"600\"" } else { "" };
    let dash = if arrow.is_answer { " stroke-dasharray=\"5 4\"" } else { "" };
    let head = if to >= from {
        format!("M{} {}l7 4l-7 4z", to.saturating_sub(7), y - 4)
    } else {
        format!("M{} {}l-7 4l7 4z", to + 7, y - 4)
    };
    if let Some(hop) = arrow.hop {
        let _ = write!(svg, "<a href=\"/turns/{}?hop={hop}#turn-{0}-hop-{hop}\">", turn.id);
    }
    let _ = write!(
        svg,
        "<path d=\"M{from} {y}H{to}\" stroke=\"{color}\" stroke-width=\"1.5\"{dash}/><path d=\"{head}\" fill=\"{color}\"/><text x=\"{}\" y=\"{}\" text-anchor=\"middle\"{weight}>{}</text>",
        from.midpoint(to),
        y - 7,
        escaped(&short(&arrow.label))
    );
    if let Some(moment) = &arrow.moment {
        let _ = write!(
            svg,
            "<text x=\"{}\" y=\"{}\" text-anchor=\"middle\" font-size=\"10\" fill-opacity=\".7\">{}</text>",
            from.midpoint(to),
            y + 13,
            escaped(moment)
        );
    }
    if arrow.hop.is_some() {
        svg.push_str("</a>");
    }
}

/// A sign on a line, green, red or hollow, and beside it what was checked and how long that took.
fn draw_check(svg: &mut String, check: &CheckShown, (x, y): (usize, usize)) {
    let sign = match check.outcome.as_str() {
        "passed" => format!(
            "<circle cx=\"{x}\" cy=\"{y}\" r=\"7\" fill=\"{GOOD}\"/><path d=\"M{} {y}l2.5 3l5 -6\" fill=\"none\" stroke=\"#fff\" stroke-width=\"1.8\"/>",
            x - 4
        ),
        "failed" => format!(
            "<circle cx=\"{x}\" cy=\"{y}\" r=\"7\" fill=\"{BAD}\"/><path d=\"M{} {}l6 6m0 -6l-6 6\" stroke=\"#fff\" stroke-width=\"1.8\"/>",
            x - 3,
            y - 3
        ),
        _ => format!("<circle cx=\"{x}\" cy=\"{y}\" r=\"4\" fill=\"currentColor\" fill-opacity=\".4\"/>"),
    };
    let name = short(brief(&check.check));
    let words = match (check.outcome.as_str(), check.micros) {
        ("passed", Some(micros)) => format!("{name} · {}", times::took(micros)),
        ("passed", None) => name,
        ("failed", Some(micros)) => format!("{name}: failed · {}", times::took(micros)),
        ("failed", None) => format!("{name}: failed"),
        _ => format!("{name}: not reached"),
    };
    let weight = if check.outcome == "failed" { " font-weight=\"600\"" } else { "" };
    let _ =
        write!(svg, "{sign}<text x=\"{}\" y=\"{}\" font-size=\"11\"{weight}>{}</text>", x + 12, y + 4, escaped(&words));
}

fn brief(check: &str) -> &str {
    match check {
        "well_formed" => "Well formed",
        "trusted_signature" => "Trusted",
        "meant_for_this_api" => "For this API",
        "not_expired" => "Not expired",
        "user_allowed" => "User allowed",
        "scope_granted" => "Scope granted",
        other => other,
    }
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

/// As much of a label as fits above an arrow. Of a path the end says more: `POST …/api/laundry`.
fn short(label: &str) -> String {
    let length = label.chars().count();
    if length <= LONGEST_LABEL {
        return label.to_owned();
    }
    if let Some((method, path)) = label.split_once(" /") {
        let room = LONGEST_LABEL.saturating_sub(method.chars().count() + 2);
        let fits = |at: &usize| path.get(*at..).is_some_and(|end| end.chars().count() <= room);
        let cut = path.match_indices('/').map(|(at, _)| at).find(fits);
        if let Some(end) = cut.and_then(|at| path.get(at..)).filter(|_| !method.contains(' ')) {
            return format!("{method} …{end}");
        }
    }
    label.chars().take(LONGEST_LABEL - 1).chain(['…']).collect()
}

fn escaped(text: &str) -> String {
    let kept = text.chars().filter(|sign| !sign.is_control());
    kept.collect::<String>().replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::short;

    #[test]
    fn labels_are_cut_where_they_say_least() {
        for (label, shown) in [
            ("GET /today", "GET /today"),
            ("POST /what-should-i-wear/api/laundry", "POST …/api/laundry"),
            ("GET /v1/accounts/4711/transactions", "GET …/4711/transactions"),
            ("DELETE /a-path-of-one-segment-that-is-long", "DELETE /a-path-of-one-seg…"),
            ("alexa, is it 1 /2 or not, tell me", "alexa, is it 1 /2 or not,…"),
            ("Straße, Größe, Füße, Grüße und", "Straße, Größe, Füße, Grüß…"),
        ] {
            assert_eq!(short(label), shown);
        }
    }
}
