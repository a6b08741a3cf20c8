//! Where lines, arrows and words stand.

use std::fmt::Write as _;

use super::{ACTORS, Arrow, Step, times};
use crate::linking::{AUTHORIZATION_SERVER, SKILL};
use crate::trace::{CheckShown, Turn};

/// What is drawn on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Paper {
    /// As wide as it takes.
    Desk,
    /// A phone shows it whole: the lines stand close, and words reach over them.
    Phone,
}

const COLUMN: usize = 170;
/// From the edge to the first and the last line.
const EDGE: usize = 66;
/// What the words beside the last line need.
const BESIDE: usize = 208;
/// The same on a phone of 360 pixels, where a drawing has 280 of them.
const PHONE: usize = 280;
const PHONE_EDGE: usize = 28;
const PHONE_COLUMN: (usize, usize) = (52, 150);
/// In letters.
const LONGEST_LABEL: usize = 26;
const ROW: usize = 46;
const LINE: usize = 20;
const TOP: usize = 48;
const GOOD: &str = "#2b8a5f";
const BAD: &str = "#c62828";

/// A paper with the lines of those who take part.
struct Sheet<'t> {
    paper: Paper,
    used: Vec<&'t str>,
    column: usize,
    edge: usize,
    width: usize,
}

impl Sheet<'_> {
    fn of(paper: Paper, steps: &[Step<'_>]) -> Self {
        let takes_part = |actor: &&str| {
            steps.iter().any(|step| matches!(step, Step::Arrow(arrow) if arrow.from == *actor || arrow.to == *actor))
        };
        let used: Vec<&str> = ACTORS.into_iter().filter(takes_part).collect();
        let between = used.len().saturating_sub(1);
        if paper == Paper::Phone {
            let room = PHONE.saturating_sub(2 * PHONE_EDGE);
            let column = (room / between.max(1)).clamp(PHONE_COLUMN.0, PHONE_COLUMN.1);
            let width = (between * column + 2 * PHONE_EDGE).max(PHONE);
            return Self { paper, used, column, edge: PHONE_EDGE, width };
        }
        let speaks = |actor: &&str| {
            steps.iter().any(|step| match step {
                Step::Arrow(_) => false,
                Step::Check(whose, _) => whose == actor,
                Step::Remark(_) => *actor == SKILL,
            })
        };
        let beside = if used.last().is_some_and(speaks) { BESIDE - EDGE } else { 0 };
        let width = between * COLUMN + 2 * EDGE + beside;
        Self { paper, used, column: COLUMN, edge: EDGE, width }
    }

    /// Where the line of somebody stands.
    fn x(&self, actor: &str) -> usize {
        self.used.iter().position(|one| *one == actor).unwrap_or(0) * self.column + self.edge
    }

    /// The middle of words that should stand around `wanted`, and have to stay on the paper.
    fn middle(&self, wanted: usize, words: &str, size: usize) -> usize {
        let half = width(words, size) / 2 + 2;
        wanted.clamp(half.min(self.width / 2), self.width.saturating_sub(half).max(self.width / 2))
    }

    /// Beside a line, on a phone towards the middle.
    fn beside(&self, x: usize) -> (usize, &'static str) {
        if self.paper == Paper::Phone && 2 * x > self.width {
            return (x.saturating_sub(12), " text-anchor=\"end\"");
        }
        (x + 12, "")
    }
}

/// About as wide as words are, in a letter size; fonts differ.
fn width(words: &str, size: usize) -> usize {
    words.chars().count() * size * 11 / 20
}

/// The steps as SVG.
pub(super) fn drawn(turn: &Turn, steps: &[Step<'_>], paper: Paper) -> String {
    let sheet = Sheet::of(paper, steps);
    let (width, height) = (sheet.width, TOP + steps.iter().map(Step::height).sum::<usize>() + 24);
    // With links in it, it is no picture.
    let leads = steps.iter().any(|step| matches!(step, Step::Arrow(arrow) if arrow.hop.is_some()));
    let role = if leads { "group" } else { "img" };
    let class = if paper == Paper::Phone { "on-phone" } else { "on-desk" };
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"{class}\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"{role}\" aria-label=\"Sequence of requests and answers\" font-family=\"system-ui, sans-serif\" font-size=\"12\" fill=\"currentColor\" stroke=\"none\">"
    );
    draw_lines(&mut svg, &sheet, height);
    let mut top = TOP;
    for step in steps {
        match step {
            Step::Arrow(arrow) => draw(&mut svg, arrow, (&sheet, top + 22), turn),
            Step::Check(actor, check) => draw_check(&mut svg, check, (&sheet, sheet.x(actor), top + 4)),
            Step::Remark(words) => {
                let (x, anchor) = sheet.beside(sheet.x(SKILL));
                let _ = write!(
                    svg,
                    "<text x=\"{x}\" y=\"{}\" font-size=\"11\" fill-opacity=\".75\"{anchor}>{}</text>",
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

/// Everybody's line, with the name above it.
fn draw_lines(svg: &mut String, sheet: &Sheet<'_>, height: usize) {
    let is_phone = sheet.paper == Paper::Phone;
    let size = if is_phone { 11 } else { 12 };
    for actor in &sheet.used {
        let at = sheet.x(actor);
        // The longest name takes two lines where there is no room for it in one.
        let names = match actor.split_once(' ').filter(|_| is_phone && *actor == AUTHORIZATION_SERVER) {
            Some((first, second)) => vec![(first, 10), (second, 23)],
            None => vec![(*actor, 20)],
        };
        for (name, y) in names {
            let _ = write!(
                svg,
                "<text x=\"{}\" y=\"{y}\" text-anchor=\"middle\" font-size=\"{size}\" font-weight=\"600\">{}</text>",
                sheet.middle(at, name, size),
                escaped(name)
            );
        }
        let _ = write!(svg, "<path d=\"M{at} 30V{}\" stroke=\"currentColor\" stroke-opacity=\".3\"/>", height - 8);
    }
}

impl Step<'_> {
    fn height(&self) -> usize {
        if matches!(self, Self::Arrow(_)) { ROW } else { LINE }
    }
}

fn draw(svg: &mut String, arrow: &Arrow<'_>, (sheet, y): (&Sheet<'_>, usize), turn: &Turn) {
    let (from, to) = (sheet.x(arrow.from), sheet.x(arrow.to));
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
    let label = short(&arrow.label);
    let _ = write!(
        svg,
        "<path d=\"M{from} {y}H{to}\" stroke=\"{color}\" stroke-width=\"1.5\"{dash}/><path d=\"{head}\" fill=\"{color}\"/><text x=\"{}\" y=\"{}\" text-anchor=\"middle\"{weight}>{}</text>",
        sheet.middle(from.midpoint(to), &label, 12),
        y - 7,
        escaped(&label)
    );
    if let Some(moment) = &arrow.moment {
        let _ = write!(
            svg,
            "<text x=\"{}\" y=\"{}\" text-anchor=\"middle\" font-size=\"10\" fill-opacity=\".7\">{}</text>",
            sheet.middle(from.midpoint(to), moment, 10),
            y + 13,
            escaped(moment)
        );
    }
    if arrow.hop.is_some() {
        svg.push_str("</a>");
    }
}

/// A sign on a line, green, red or hollow, and beside it what was checked and how long that took.
fn draw_check(svg: &mut String, check: &CheckShown, (sheet, x, y): (&Sheet<'_>, usize, usize)) {
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
    let (beside, anchor) = sheet.beside(x);
    let _ = write!(
        svg,
        "{sign}<text x=\"{beside}\" y=\"{}\" font-size=\"11\"{anchor}{weight}>{}</text>",
        y + 4,
        escaped(&words)
    );
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
#[allow(clippy::indexing_slicing)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_shows_it_whole() {
        for (count, expected) in [(2, 280), (3, 280), (5, 280), (6, 316)] {
            let steps: Vec<Step<'_>> = (ACTORS.iter().zip(&ACTORS[1..count]))
                .map(|(&from, &to)| {
                    let label = "x".repeat(LONGEST_LABEL);
                    let (moment, hop, is_answer, is_bad) = (None, None, false, false);
                    Step::Arrow(Arrow { from, to, label, moment, hop, is_answer, is_bad })
                })
                .collect();
            let sheet = Sheet::of(Paper::Phone, &steps);
            assert_eq!((sheet.used.len(), sheet.width), (count, expected));
            let words = "User allowed · under 1 µs";
            for actor in &sheet.used {
                let x = sheet.x(actor);
                assert!(x >= PHONE_EDGE && x + PHONE_EDGE <= sheet.width, "{actor} at {x}");
                let (at, half) = (sheet.middle(x, words, 12), width(words, 12) / 2);
                assert!(at >= half && at + half <= sheet.width, "{words} around {at}");
            }
            assert_eq!(
                sheet.middle(140, &"x".repeat(200), 12),
                sheet.width / 2,
                "what does not fit stands in the middle"
            );
        }
    }

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
