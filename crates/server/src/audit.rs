//! The audit log as it is told: to programs, and line by line to whoever keeps it elsewhere.

use sayso_store::{About, StoredEvent};
use sayso_token::time::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use utoipa::ToSchema;

/// An event of the audit log.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AuditView {
    /// When: the time of the decision (RFC 3339).
    pub at: String,
    /// What happened; docs/reasons.md lists the kinds.
    pub kind: String,
    /// Where; empty for what concerns all authorities.
    pub authority: String,
    /// The client concerned.
    pub client: Option<String>,
    /// The account concerned.
    pub user: Option<String>,
    /// The grant concerned.
    pub grant: Option<String>,
    /// More, by name: `reason` of a refusal, `address` it was asked from, `by` whom.
    #[schema(value_type = Object)]
    pub details: Map<String, Value>,
    /// The number of the seal that it is under; none yet in its first minutes.
    pub seal: Option<i64>,
}

impl AuditView {
    /// As it was kept.
    pub fn of(event: &StoredEvent) -> Self {
        Self {
            at: rfc3339(event.at),
            kind: event.kind.clone(),
            authority: event.authority.clone(),
            client: event.client.clone(),
            user: event.user.clone(),
            grant: event.grant.clone(),
            details: event.details.clone(),
            seal: event.seal,
        }
    }

    /// One line of JSON with its end. Whatever could end a line, move a terminal's cursor or turn the direction of a text
    /// is escaped.
    pub fn line(&self) -> String {
        let mut line = String::new();
        // Texts and maps always serialise.
        for sign in serde_json::to_string(self).unwrap_or_default().chars() {
            match u32::from(sign) {
                code @ (0x7f..=0x9f | 0x61c | 0x200b..=0x200f | 0x2028..=0x202e | 0x2060..=0x2069 | 0xfeff) => {
                    line.push_str(&format!("\\u{code:04x}"));
                }
                _ => line.push(sign),
            }
        }
        line.push('\n');
        line
    }
}

/// Which events are looked for; what is `None` is not asked about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// The account concerned.
    pub user: Option<String>,
    /// The client concerned, or that did it.
    pub client: Option<String>,
    /// The grant concerned.
    pub grant: Option<String>,
    /// Where it happened.
    pub authority: Option<String>,
    /// What happened.
    pub kind: Option<String>,
    /// The reason code of a refusal.
    pub reason: Option<String>,
    /// Not before this time.
    pub since: Option<Timestamp>,
}

impl Filter {
    /// By which index they are found: the one that leaves the fewest.
    pub fn about(&self) -> About {
        match (&self.grant, &self.user, &self.client) {
            (Some(grant), ..) => About::Grant(grant.clone()),
            (None, Some(user), _) => About::User(user.clone()),
            (None, None, Some(client)) => About::Client(client.clone()),
            (None, None, None) => About::All,
        }
    }

    /// Whether the event is one of them.
    pub fn takes(&self, event: &StoredEvent) -> bool {
        let is = |wanted: &Option<String>, found: Option<&str>| wanted.is_none() || wanted.as_deref() == found;
        let detail = |name: &str| event.details.get(name).and_then(Value::as_str);
        is(&self.user, event.user.as_deref())
            && (is(&self.client, event.client.as_deref()) || is(&self.client, detail("by")))
            && is(&self.grant, event.grant.as_deref())
            && is(&self.authority, Some(&event.authority))
            && is(&self.kind, Some(&event.kind))
            && is(&self.reason, detail("reason"))
            && self.since.is_none_or(|since| event.at >= since)
    }
}

/// A time in UTC, to the millisecond.
pub fn rfc3339(time: Timestamp) -> String {
    let nanos = i128::from(time.millis()) * 1_000_000;
    let written = OffsetDateTime::from_unix_timestamp_nanos(nanos).ok().and_then(|time| time.format(&Rfc3339).ok());
    written.unwrap_or_else(|| time.millis().to_string())
}

/// The time that this text writes (RFC 3339).
pub fn parse_time(text: &str) -> Option<Timestamp> {
    let nanos = OffsetDateTime::parse(text, &Rfc3339).ok()?.unix_timestamp_nanos();
    i64::try_from(nanos / 1_000_000).ok().map(Timestamp::from_millis)
}

#[cfg(test)]
mod tests {
    use sayso_store::AuditPlace;
    use serde_json::json;

    use super::*;

    fn event() -> StoredEvent {
        let at = Timestamp::from_millis(1_764_100_000_500);
        let details =
            json!({ "reason": "user_disabled", "by": "ops", "name": "a\r\n\u{1b}[2J\u{9b}\u{202e}\u{2028}é" });
        StoredEvent {
            at,
            place: AuditPlace { at, opening: 1, position: 2 },
            kind: "code_refused".to_owned(),
            authority: "quiz".to_owned(),
            client: Some("alexa".to_owned()),
            user: Some("usr_ada".to_owned()),
            grant: None,
            details: details.as_object().unwrap().clone(),
            seal: Some(7),
        }
    }

    /// ADM-009: CR, LF and escape sequences in names stay inside their line.
    #[test]
    fn adm_009_a_line_is_one_line_whatever_stands_in_it() {
        let line = AuditView::of(&event()).line();
        assert!(line.ends_with("}\n") && line.chars().filter(|sign| sign.is_control()).count() == 1, "{line:?}");
        assert!(!line.contains(['\u{202e}', '\u{2028}']) && line.contains('é'), "{line:?}");
        let read: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(read["details"]["name"], "a\r\n\u{1b}[2J\u{9b}\u{202e}\u{2028}é");
        assert_eq!(read["at"], "2025-11-25T19:46:40.5Z");
    }

    #[test]
    fn all_that_is_asked_for_must_be_so() {
        let text = |value: &str| Some(value.to_owned());
        let later = Some(Timestamp::from_millis(event().at.millis() + 1));
        let cases = [
            (Filter::default(), true),
            (Filter { user: text("usr_ada"), reason: text("user_disabled"), ..Filter::default() }, true),
            (Filter { user: text("usr_ada"), reason: text("other"), ..Filter::default() }, false),
            (Filter { client: text("alexa"), ..Filter::default() }, true),
            (Filter { client: text("ops"), ..Filter::default() }, true),
            (Filter { client: text("user_disabled"), ..Filter::default() }, false),
            (Filter { grant: text("g"), ..Filter::default() }, false),
            (Filter { kind: text("code_refused"), authority: text("quiz"), ..Filter::default() }, true),
            (Filter { since: Some(event().at), ..Filter::default() }, true),
            (Filter { since: later, ..Filter::default() }, false),
        ];
        for (filter, taken) in cases {
            assert_eq!(filter.takes(&event()), taken, "{filter:?}");
        }
        assert_eq!(parse_time("2025-11-25T20:46:40.5+01:00"), Some(event().at));
        assert_eq!(parse_time("yesterday"), None);
    }
}
