//! OID-008: every way in which a response could be another flow's, and none of them lets a code go out.

use super::*;
use crate::decide::upstream::testing::{STATE, connection, outward, provider};
use crate::testing::{now, seconds_later};

fn advertising() -> Provider {
    Provider { authorization_response_iss_parameter_supported: true, ..provider() }
}

fn answered(query: &str) -> Result<String, Refused> {
    answered_by(&provider(), query)
}

fn answered_by(provider: &Provider, query: &str) -> Result<String, Refused> {
    let form = Form::parse(query).unwrap();
    came_back(Some(&outward()), &connection(), provider, &form, now()).map(|code| code.expose().to_owned())
}

#[test]
fn the_answer_of_this_flow_gives_its_code() {
    let iss = "iss=https%3A%2F%2Fidp.test";
    for query in [
        format!("code=c0de&state={STATE}"),
        format!("state={STATE}&code=c0de&{iss}"),
        format!("code=c0de&state={STATE}&session_state=x&scope=openid%20email&unknown"),
    ] {
        assert_eq!(answered(&query), Ok("c0de".to_owned()), "{query}");
    }
    assert_eq!(answered_by(&advertising(), &format!("code=c&state={STATE}&{iss}")), Ok("c".to_owned()));
    let long = "x".repeat(LONGEST_CODE);
    assert_eq!(answered(&format!("code={long}&state={STATE}")), Ok(long));
    assert_eq!(answered(&format!("code=a%20b~%21&state={STATE}")), Ok("a b~!".to_owned()));
}

#[test]
fn oid_008_a_response_with_another_issuer_or_without_one_that_is_due_is_refused() {
    let code = format!("code=c&state={STATE}");
    for (iss, why) in [
        ("", None),
        ("&iss=https%3A%2F%2Fidp.test", None),
        ("&iss=https%3A%2F%2Fevil.test", Some(Refused::AnotherIssuer)),
        ("&iss=https%3A%2F%2Fidp.test%2F", Some(Refused::AnotherIssuer)),
        ("&iss=https%3A%2F%2FIDP.test", Some(Refused::AnotherIssuer)),
        ("&iss=http%3A%2F%2Fidp.test", Some(Refused::AnotherIssuer)),
        ("&iss=https%3A%2F%2Fidp.test%20", Some(Refused::AnotherIssuer)),
        ("&iss=", Some(Refused::AnotherIssuer)),
        ("&iss", Some(Refused::AnotherIssuer)),
    ] {
        let query = format!("{code}{iss}");
        assert_eq!(answered(&query).err(), why, "{query}");
        let due = if iss.is_empty() { Some(Refused::IssuerMissing) } else { why };
        assert_eq!(answered_by(&advertising(), &query).err(), due, "{query}, advertised");
    }
    // An error is no way round it.
    let error = format!("error=access_denied&state={STATE}");
    assert_eq!(answered_by(&advertising(), &error), Err(Refused::IssuerMissing));
    assert_eq!(answered(&format!("{error}&iss=https%3A%2F%2Fevil.test")), Err(Refused::AnotherIssuer));
}

#[test]
fn oid_008_the_flow_of_one_connection_does_not_end_at_anothers() {
    let good = Form::parse(&format!("code=c&state={STATE}&iss=https%3A%2F%2Fidp.test")).unwrap();
    let refused = |outward: Option<&Outward>, connection: &Connection, provider: &Provider| {
        came_back(outward, connection, provider, &good, now()).unwrap_err()
    };
    let other = Connection { id: "evil".to_owned(), issuer: "https://evil.test".to_owned(), ..connection() };
    let evil = Provider { issuer: "https://evil.test".to_owned(), ..advertising() };
    // B's address, with what A's flow left behind: B would be sent A's code.
    assert_eq!(refused(Some(&outward()), &other, &evil), Refused::AnotherConnection);
    // The same issuer under another connection is another client.
    let twin = Connection { id: "twin".to_owned(), client_id: "other".to_owned(), ..connection() };
    assert_eq!(refused(Some(&outward()), &twin, &provider()), Refused::AnotherConnection);
    // The connection was changed while somebody was away, or the provider is not its own.
    let moved = Connection { issuer: "https://evil.test".to_owned(), ..connection() };
    assert_eq!(refused(Some(&outward()), &moved, &evil), Refused::AnotherIssuer);
    assert_eq!(refused(Some(&outward()), &connection(), &evil), Refused::AnotherIssuer);
    assert_eq!(refused(None, &connection(), &provider()), Refused::NoFlow);
}

#[test]
fn oid_008_the_state_is_this_browsers() {
    for state in ["", "&state", "&state=", "&state=other", "&state=the-stat", "&state=THE-STATE", "&state=the-state%20"]
    {
        assert_eq!(answered(&format!("code=c{state}")), Err(Refused::State), "{state}");
        assert_eq!(answered(&format!("error=access_denied{state}")), Err(Refused::State), "{state}");
    }
    // What is sealed is the digest: it is no state itself.
    let digest = outward().state.base64url();
    assert_eq!(answered(&format!("code=c&state={digest}")), Err(Refused::State));
}

#[test]
fn whoever_comes_late_begins_again() {
    let good = Form::parse(&format!("code=c&state={STATE}")).unwrap();
    for (later, why) in [(599, None), (600, Some(Refused::Expired)), (-30, None), (-31, Some(Refused::Expired))] {
        let got = came_back(Some(&outward()), &connection(), &provider(), &good, seconds_later(later));
        assert_eq!(got.err(), why, "{later}");
    }
}

#[test]
fn what_stands_twice_or_cannot_be_a_code_is_refused() {
    for twice in ["code=d", "state=the-state", "iss=https%3A%2F%2Fidp.test", "error", "x=1", "code="] {
        let query = format!("code=c&state={STATE}&{twice}&{twice}");
        assert_eq!(answered(&query), Err(Refused::Malformed), "{query}");
    }
    for (query, why) in [
        (format!("state={STATE}"), Refused::Code),
        (format!("state={STATE}&code"), Refused::Code),
        (format!("state={STATE}&code=ä"), Refused::Code),
        (format!("state={STATE}&code={}", "x".repeat(LONGEST_CODE + 1)), Refused::Code),
        (format!("state={STATE}&code=a%00"), Refused::Malformed),
        (format!("state={STATE}&code=a%0D%0A"), Refused::Malformed),
        (format!("state={STATE}&code=c&error=access_denied"), Refused::Malformed),
        (format!("state={STATE}&response=a.b.c"), Refused::Code),
        (format!("state={STATE}&id_token=a.b.c&access_token=x"), Refused::Code),
    ] {
        assert_eq!(answered(&query), Err(why), "{query}");
    }
    assert_eq!(answered("").unwrap_err(), Refused::State);
}

#[test]
fn errors_are_told_apart_by_whose_affair_they_are() {
    for (error, why) in [
        ("access_denied", Refused::Denied),
        ("consent_required", Refused::Denied),
        ("interaction_required", Refused::Denied),
        ("login_required", Refused::Denied),
        ("account_selection_required", Refused::Denied),
        ("temporarily_unavailable", Refused::Unavailable),
        ("server_error", Refused::Unavailable),
        ("invalid_scope", Refused::ErrorResponse),
        ("unauthorized_client", Refused::ErrorResponse),
        ("Access_Denied", Refused::ErrorResponse),
        ("%3Cscript%3E", Refused::ErrorResponse),
        ("", Refused::ErrorResponse),
    ] {
        let query = format!("error={error}&error_description=no&state={STATE}");
        assert_eq!(answered(&query), Err(why), "{error}");
    }
}
