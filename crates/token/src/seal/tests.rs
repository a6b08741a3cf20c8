use proptest::prelude::*;

use super::*;
use crate::testing::Seeded;

/// RFC 5869 appendix A, test cases 1 and 3; the first 32 of their 42 bytes are the first block.
#[test]
fn keys_are_derived_as_rfc_5869_says() {
    let secret = [0x0B; 22];
    let salt: Vec<u8> = (0x00..=0x0C).collect();
    let purpose: Vec<u8> = (0xF0..=0xF9).collect();
    let cases: [(&[u8], &[u8], &str); 2] = [
        (&salt, &purpose, "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"),
        (&[], &[], "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"),
    ];
    for (salt, purpose, expected) in cases {
        let hex: String =
            Root::extract(salt, &secret).expand(purpose).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, expected);
    }
}

#[test]
fn no_purpose_and_no_secret_yields_an_empty_key() {
    for secret in [&b""[..], b"x", &[0; 32]] {
        for purpose in [&b""[..], b"login"] {
            assert_ne!(Root::of(secret).expand(purpose), [0; 32]);
        }
    }
}

#[test]
fn opens_only_for_its_purpose_and_unchanged() {
    let sealer = Sealer::new([7; 32]);
    let sealed = sealer.seal("login", b"hello", &mut Seeded(0));
    assert_eq!(sealer.open("login", &sealed).as_deref(), Some(&b"hello"[..]));
    assert_eq!(sealer.open("consent", &sealed), None);
    assert_eq!(Sealer::new([8; 32]).open("login", &sealed), None);
    for cut in 0..sealed.len() {
        assert_eq!(sealer.open("login", &sealed[..cut]), None, "cut at {cut}");
    }
    for at in 0..sealed.len() {
        let mut changed = sealed.clone().into_bytes();
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).unwrap();
        assert_eq!(sealer.open("login", &changed), None, "changed at {at}");
    }
    for odd in ["", "=", "AAAA", "…", &format!("{sealed}="), &format!(" {sealed}")] {
        assert_eq!(sealer.open("login", odd), None, "{odd:?}");
    }
}

#[test]
fn a_bearer_value_opens_what_it_sealed() {
    let sealed = Sealer::from_bearer("one").seal("successor", b"two", &mut Seeded(0));
    assert_eq!(Sealer::from_bearer("one").open("successor", &sealed).as_deref(), Some(&b"two"[..]));
    assert_eq!(Sealer::from_bearer("two").open("successor", &sealed), None);
}

#[test]
fn a_tag_depends_on_root_purpose_and_bytes() {
    let tags = [
        Sealer::new([1; 32]).tag("a", b"x"),
        Sealer::new([2; 32]).tag("a", b"x"),
        Sealer::new([1; 32]).tag("b", b"x"),
        Sealer::new([1; 32]).tag("a", b"y"),
    ];
    for (at, tag) in tags.iter().enumerate() {
        assert!(tags.iter().skip(at + 1).all(|other| !other.matches(tag)), "{at}");
    }
    assert_eq!(Sealer::new([1; 32]).tag("a", b"x"), tags[0]);
}

#[test]
fn older_keys_open_and_seal_nothing() {
    let (old, new) = (Sealer::new([1; 32]), Sealer::new([2; 32]));
    let both = Sealer::new([2; 32]).opening([[3; 32], [1; 32]]);
    let before = old.seal("login", b"before", &mut Seeded(0));
    assert_eq!(both.open("login", &before).as_deref(), Some(&b"before"[..]));
    assert_eq!(both.open("consent", &before), None);
    assert!(both.knows_tag("a", b"x", &old.tag("a", b"x")) && both.knows_tag("a", b"x", &new.tag("a", b"x")));
    assert!(!both.knows_tag("a", b"y", &old.tag("a", b"x")) && !new.knows_tag("a", b"x", &old.tag("a", b"x")));
    let after = both.seal("login", b"after", &mut Seeded(0));
    assert_eq!(new.open("login", &after).as_deref(), Some(&b"after"[..]));
    assert_eq!((old.open("login", &after), both.tag("a", b"x")), (None, new.tag("a", b"x")));
}

#[test]
fn a_sealer_never_prints_its_key() {
    assert_eq!(format!("{:?}", Sealer::new([7; 32])), "Sealer(…)");
}

proptest! {
    #[test]
    fn whatever_is_sealed_opens_again(plain: Vec<u8>, purpose: String, root: [u8; 32], seed: u64) {
        let sealer = Sealer::new(root);
        let sealed = sealer.seal(&purpose, &plain, &mut Seeded(seed));
        prop_assert_eq!(sealer.open(&purpose, &sealed), Some(plain));
    }

    #[test]
    fn nothing_else_opens_and_nothing_panics(text: String, purpose: String) {
        prop_assert_eq!(Sealer::new([7; 32]).open(&purpose, &text), None);
    }
}
