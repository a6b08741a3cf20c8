use sayso_token::encoding::base64;

use super::*;
use crate::testing::{NEXT_SECRET, SECRET, authority, client_mut};
use crate::wire::client_credentials::client_proof;
use crate::wire::form::Form;

fn basic(id: &str, secret: &str) -> String {
    format!("Basic {}", base64(format!("{id}:{secret}").replace(' ', "+").as_bytes()))
}

fn judge(authority: &Authority, header: Option<&str>, body: &str) -> Result<String, Refused> {
    let proof = client_proof(header, &Form::parse(body).unwrap());
    authenticate_client(authority, &proof).map(|client| client.id.clone())
}

#[test]
fn each_client_proves_itself_its_own_way() {
    let authority = authority();
    let (alexa, skill) = (basic("alexa", SECRET), basic("skill", SECRET));
    type Row<'a> = (&'a str, Option<&'a str>, &'a str, Result<&'a str, Refused>);
    let cases: [Row<'_>; 22] = [
        ("either way, header", Some(&alexa), "", Ok("alexa")),
        ("either way, body", None, "client_id=alexa&client_secret=correct+horse", Ok("alexa")),
        ("header beside its own id", Some(&alexa), "client_id=alexa", Ok("alexa")),
        ("header beside an empty secret", Some(&alexa), "client_id=alexa&client_secret=", Ok("alexa")),
        ("the other live secret", None, "client_id=alexa&client_secret=battery%20staple", Ok("alexa")),
        ("header only", Some(&skill), "", Ok("skill")),
        ("header only, body sent", None, "client_id=skill&client_secret=correct+horse", Err(Refused::WrongMethod)),
        ("body only", None, "client_id=machine&client_secret=correct+horse", Ok("machine")),
        ("public", None, "client_id=spa", Ok("spa")),
        ("public with an empty secret", None, "client_id=spa&client_secret=", Ok("spa")),
        ("public with a secret", None, "client_id=spa&client_secret=correct+horse", Err(Refused::WrongMethod)),
        ("no secret", None, "client_id=alexa", Err(Refused::SecretMissing)),
        ("empty secret", None, "client_id=alexa&client_secret=", Err(Refused::SecretMissing)),
        ("wrong secret", None, "client_id=alexa&client_secret=x", Err(Refused::WrongSecret)),
        ("secret of another case", None, "client_id=alexa&client_secret=Correct+horse", Err(Refused::WrongSecret)),
        ("both, both right", Some(&alexa), "client_secret=correct+horse", Err(Refused::TwoMethods)),
        ("two ids", Some(&alexa), "client_id=spa", Err(Refused::TwoMethods)),
        ("id twice", None, "client_id=spa&client_id=alexa", Err(Refused::TwoMethods)),
        ("secret twice", None, "client_id=alexa&client_secret=x&client_secret=correct+horse", Err(Refused::TwoMethods)),
        ("unknown", None, "client_id=nope&client_secret=x", Err(Refused::Unknown)),
        ("nobody", None, "client_secret=x", Err(Refused::Absent)),
        ("nobody at all", None, "client_id=", Err(Refused::Absent)),
    ];
    for (name, header, body, expected) in cases {
        assert_eq!(judge(&authority, header, body), expected.map(str::to_owned), "{name}");
    }
    let machine = basic("machine", SECRET);
    assert_eq!(judge(&authority, Some(&machine), ""), Err(Refused::WrongMethod));
}

/// CLI-007
#[test]
fn a_header_is_decoded_strictly() {
    let latin = format!("Basic {}", base64(&[b'a', b':', 0xE4]));
    let headers = ["", "Basic", "Basic ", "Basic !!!", "Basic YWxleGE", "Bearer x", "Digest x", &latin];
    let bad: Vec<String> =
        ["alexa", "%zz:x", "alexa:%zz", "alexa:%4"].map(|text| format!("Basic {}", base64(text.as_bytes()))).into();
    for header in headers.into_iter().chain(bad.iter().map(String::as_str)) {
        assert_eq!(judge(&authority(), Some(header), ""), Err(Refused::MalformedHeader), "{header}");
    }
    assert_eq!(judge(&authority(), Some(&basic("", "")), ""), Err(Refused::Unknown));
    assert_eq!(judge(&authority(), Some(&basic("alexa", "")), ""), Err(Refused::WrongSecret));
}

#[test]
fn a_disabled_client_is_nobody_even_with_its_secret() {
    let mut authority = authority();
    for id in ["alexa", "spa"] {
        client_mut(&mut authority, id).disabled = true;
    }
    assert_eq!(judge(&authority, Some(&basic("alexa", SECRET)), ""), Err(Refused::Disabled));
    assert_eq!(judge(&authority, Some(&basic("alexa", "x")), ""), Err(Refused::WrongSecret));
    assert_eq!(judge(&authority, None, "client_id=spa"), Err(Refused::Disabled));
}

/// CLI-011: two secrets while one is being replaced, then one.
#[test]
fn a_secret_taken_away_is_wrong() {
    let mut authority = authority();
    client_mut(&mut authority, "alexa").secrets.remove(0);
    assert_eq!(judge(&authority, Some(&basic("alexa", SECRET)), ""), Err(Refused::WrongSecret));
    assert_eq!(judge(&authority, Some(&basic("alexa", NEXT_SECRET)), ""), Ok("alexa".to_owned()));
    client_mut(&mut authority, "alexa").secrets.clear();
    for secret in ["", SECRET, NEXT_SECRET] {
        assert_eq!(judge(&authority, Some(&basic("alexa", secret)), ""), Err(Refused::WrongSecret));
    }
}

/// CLI-003: what is compared are digests of one length, every one of them, by the library's constant-time comparison.
/// Nothing of a secret, neither its length nor where a guess departs from it, reaches that comparison.
#[test]
fn secrets_are_compared_as_digests() {
    let authority = authority();
    let client = authority.client("alexa").unwrap();
    let kept = format!("{:?}", client.secrets);
    assert!(!kept.contains(SECRET) && !kept.contains(NEXT_SECRET), "{kept}");
    for guess in ["", "c", "correct hors", "correct horsf", "dorrect horse", "correct horse ", &"x".repeat(10_000)] {
        assert!(!client.knows(&sayso_token::secret::Secret::new(guess)), "{guess}");
    }
    for secret in [SECRET, NEXT_SECRET] {
        assert!(client.knows(&sayso_token::secret::Secret::new(secret)));
    }
}

#[test]
fn guessing_a_secret_does_not_tell_which_clients_exist() {
    for refused in [Refused::Unknown, Refused::Disabled, Refused::WrongSecret, Refused::WrongMethod] {
        assert_eq!(refused.description(), Refused::Unknown.description());
        assert_eq!(refused.error(), ErrorCode::InvalidClient);
    }
    assert_eq!(Refused::TwoMethods.error(), ErrorCode::InvalidRequest);
    let reasons = [
        (Refused::Absent, "client_credentials_absent"),
        (Refused::Disabled, "client_disabled"),
        (Refused::MalformedHeader, "client_header_malformed"),
        (Refused::SecretMissing, "client_secret_missing"),
        (Refused::TwoMethods, "client_two_methods"),
        (Refused::Unknown, "client_unknown"),
        (Refused::WrongMethod, "client_wrong_method"),
        (Refused::WrongSecret, "client_wrong_secret"),
    ];
    for (refused, reason) in reasons {
        assert_eq!(refused.reason(), reason);
    }
}
