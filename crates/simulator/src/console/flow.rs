//! A turn as a sequence diagram, and as a file for other tools.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::trace::{Hop, Outcome, RequestShown, ResponseShown, Turn};

const PERSON: &str = "Person";
/// Who takes part, in the order of the columns.
const ACTORS: [&str; 5] = [PERSON, "Browser", "Alexa", "Authorization server", "Skill"];
const COLUMN: usize = 170;
/// From the edge to the first and the last line.
const EDGE: usize = 66;
const ROW: usize = 46;
const TOP: usize = 48;

/// One arrow.
struct Arrow<'t> {
    from: &'t str,
    to: &'t str,
    label: String,
    /// Where it leads in the page: the hop of this number.
    hop: Option<usize>,
    is_answer: bool,
    is_bad: bool,
}

/// The turn as SVG. It needs no style of the page around it; every arrow of a hop leads to that hop.
pub(crate) fn diagram(turn: &Turn) -> String {
    drawn(turn, &arrows(turn))
}

/// A turn under way as SVG, as far as it has come. Its arrows lead nowhere yet.
pub(crate) fn sketch(turn: &Turn) -> String {
    let mut arrows = arrows(turn);
    arrows.iter_mut().for_each(|arrow| arrow.hop = None);
    drawn(turn, &arrows)
}

fn drawn(turn: &Turn, arrows: &[Arrow<'_>]) -> String {
    let used: Vec<&str> = ACTORS
        .into_iter()
        .filter(|actor| arrows.iter().any(|arrow| arrow.from == *actor || arrow.to == *actor))
        .collect();
    let (width, height) = (used.len().saturating_sub(1) * COLUMN + 2 * EDGE, TOP + arrows.len() * ROW + 24);
    let x = |actor: &str| used.iter().position(|one| *one == actor).unwrap_or(0) * COLUMN + EDGE;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\" aria-label=\"Sequence of requests and answers\" font-family=\"system-ui, sans-serif\" font-size=\"12\" fill=\"currentColor\" stroke=\"none\">"
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
    for (row, arrow) in arrows.iter().enumerate() {
        draw(&mut svg, arrow, (x(arrow.from), x(arrow.to), TOP + row * ROW + 22), turn);
    }
    svg.push_str("</svg>");
    svg
}

fn draw(svg: &mut String, arrow: &Arrow<'_>, (from, to, y): (usize, usize, usize), turn: &Turn) {
    let color = if arrow.is_bad { "#c62828" } else { "currentColor" };
    let dash = if arrow.is_answer { " stroke-dasharray=\"5 4\"" } else { "" };
    let head = if to >= from {
        format!("M{} {}l7 4l-7 4z", to.saturating_sub(7), y - 4)
    } else {
        format!("M{} {}l-7 4l7 4z", to + 7, y - 4)
    };
    if let Some(hop) = arrow.hop {
        let _ = write!(svg, "<a href=\"/turns/{}#turn-{0}-hop-{hop}\">", turn.id);
    }
    let _ = write!(
        svg,
        "<path d=\"M{from} {y}H{to}\" stroke=\"{color}\" stroke-width=\"1.5\"{dash}/><path d=\"{head}\" fill=\"{color}\"/><text x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
        from.midpoint(to),
        y - 7,
        escaped(&short(&arrow.label))
    );
    if arrow.hop.is_some() {
        svg.push_str("</a>");
    }
}

fn arrows(turn: &Turn) -> Vec<Arrow<'_>> {
    let plain = |from, to, label: String| Arrow { from, to, label, hop: None, is_answer: false, is_bad: false };
    let mut arrows = Vec::new();
    if !turn.utterance.is_empty() {
        arrows.push(plain(PERSON, "Alexa", turn.utterance.clone()));
    }
    for (at, hop) in turn.hops.iter().enumerate() {
        let hop_number = Some(at + 1);
        arrows.push(Arrow { hop: hop_number, ..plain(&hop.from, &hop.to, hop.title.clone()) });
        let (label, is_bad) = match &hop.response {
            Some(response) => (format!("{} · {} ms", response.status, hop.millis), response.status >= 400),
            // Nobody sees the answer of a page to the browser; and what is still awaited is no answer yet.
            None if hop.from == "Browser" || hop.note.is_none() => continue,
            None => ("no answer".into(), true),
        };
        arrows.push(Arrow { hop: hop_number, is_answer: true, is_bad, ..plain(&hop.to, &hop.from, label) });
    }
    if let Some(spoken) = &turn.spoken {
        let is_bad = turn.outcome == Outcome::Failed;
        arrows.push(Arrow { is_answer: true, is_bad, ..plain("Alexa", PERSON, spoken.clone()) });
    }
    arrows
}

fn short(label: &str) -> String {
    if label.chars().count() <= 26 {
        return label.to_owned();
    }
    label.chars().take(25).chain(['…']).collect()
}

fn escaped(text: &str) -> String {
    let kept = text.chars().filter(|sign| !sign.is_control());
    kept.collect::<String>().replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// The hops as an HTTP archive (HAR 1.2), secrets masked as everywhere.
pub(crate) fn archive(turn: &Turn) -> Value {
    let entries: Vec<Value> = turn.hops.iter().filter_map(|hop| entry(turn, hop)).collect();
    json!({"log": {"version": "1.2", "creator": {"name": "Sayso", "version": env!("CARGO_PKG_VERSION")}, "entries": entries}})
}

fn entry(turn: &Turn, hop: &Hop) -> Option<Value> {
    let nothing = ResponseShown::default();
    let (request, response) = (hop.request.as_ref()?, hop.response.as_ref().unwrap_or(&nothing));
    Some(json!({
        "startedDateTime": turn.at,
        "time": hop.millis,
        "comment": format!("{} → {}: {}", hop.from, hop.to, hop.title),
        "request": asked(request),
        "response": {
            "status": response.status, "statusText": "", "httpVersion": "HTTP/1.1", "cookies": [],
            "headers": headers(&response.headers), "redirectURL": "", "headersSize": -1, "bodySize": -1,
            "content": {"size": -1, "mimeType": response.headers.get("content-type").cloned().unwrap_or_default(), "text": text(&response.body)},
        },
        "cache": {},
        "timings": {"send": 0, "wait": hop.millis, "receive": 0},
    }))
}

fn asked(request: &RequestShown) -> Value {
    let mut asked = json!({
        "method": request.method, "url": request.url, "httpVersion": "HTTP/1.1", "cookies": [],
        "headers": headers(&request.headers), "queryString": [], "headersSize": -1, "bodySize": -1,
    });
    if let (false, Some(asked)) = (request.body.is_null(), asked.as_object_mut()) {
        let kind = request.headers.get("content-type").cloned().unwrap_or_default();
        asked.insert("postData".into(), json!({"mimeType": kind, "text": text(&request.body)}));
    }
    asked
}

fn headers(lines: &std::collections::BTreeMap<String, String>) -> Vec<Value> {
    lines.iter().map(|(name, value)| json!({"name": name, "value": value})).collect()
}

fn text(body: &Value) -> String {
    match body {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        body => body.to_string(),
    }
}
