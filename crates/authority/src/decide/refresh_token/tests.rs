use proptest::prelude::*;

use super::*;
use crate::testing::{Seeded, grant, sealer};

fn minted(generation: i64) -> (Secret, Digest) {
    mint("wear", &grant().id, generation, &sealer(), &mut Seeded(3))
}

#[test]
fn what_was_minted_is_recognised() {
    for generation in [0, 1, 7, i64::MAX] {
        let (token, digest) = minted(generation);
        let expected = RefreshToken { grant: grant().id, generation, digest };
        assert_eq!(recognise("wear", &token, &sealer()), Some(expected));
        assert_eq!(digest, Digest::of(token.expose().as_bytes()));
    }
}

#[test]
fn another_authority_or_installation_does_not_know_it() {
    let (token, _) = minted(0);
    for authority in ["quiz", "", "Wear", "wear\n", "wear2"] {
        assert_eq!(recognise(authority, &token, &sealer()), None, "{authority:?}");
    }
    assert_eq!(recognise("wear", &token, &Sealer::new([8; 32])), None);
}

/// CVE-2026-27840: a cut token is no token; nor is one changed, lengthened or put together anew.
#[test]
fn cut_or_changed_at_any_byte_it_is_unknown() {
    let (token, _) = minted(12);
    let text = token.expose();
    let unknown = |text: String| recognise("wear", &Secret::new(text), &sealer()).is_none();
    for at in 0..text.len() {
        assert!(unknown(text[..at].to_owned()), "cut at {at}");
        assert!(unknown(text[at + 1..].to_owned()), "cut before {at}");
        assert!(unknown(format!("{}{}", &text[..at], &text[at + 1..])), "without {at}");
        for sign in ["A", "B", "0", "1", ".", "-", "ä", "\0"] {
            let changed = format!("{}{sign}{}", &text[..at], &text[at + 1..]);
            assert!(changed == text || unknown(changed), "{sign:?} at {at}");
            assert!(unknown(format!("{}{sign}{}", &text[..at], &text[at..])), "{sign:?} put in at {at}");
        }
    }
    for tail in ["", "=", ".", "A", " ", "\n"] {
        assert!(tail.is_empty() || unknown(format!("{text}{tail}")));
        assert!(unknown(format!(" {text}{tail}")));
    }
    let (other, _) = minted(13);
    let (body, _) = text.rsplit_once('.').unwrap();
    let (_, tag) = other.expose().rsplit_once('.').unwrap();
    assert!(unknown(format!("{body}.{tag}")), "another token's tag");
}

#[test]
fn every_token_is_another() {
    let mut entropy = Seeded(1);
    let mut seen = std::collections::HashSet::new();
    for _ in 0..1000 {
        let (token, digest) = mint("wear", &grant().id, 0, &sealer(), &mut entropy);
        assert!(seen.insert(digest) && token.expose().len() > 90);
    }
}

proptest! {
    #[test]
    fn made_up_tokens_never_panic_and_are_unknown(text: String, bytes: Vec<u8>) {
        let tag = sayso_token::encoding::base64url(&bytes);
        for text in [text.clone(), format!("srt_{text}"), format!("srt_{text}.0.x.{tag}"), format!("{text}.{tag}")] {
            prop_assert_eq!(recognise("wear", &Secret::new(text), &sealer()), None);
        }
    }
}
