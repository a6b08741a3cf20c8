//! OID-011: one `@`, one domain, letter for letter.

use proptest::prelude::*;

use super::*;
use crate::decide::upstream::testing::{connection, identity};

fn asked(domains: &[&str], email: Option<&str>, verified: bool) -> Result<(), Refused> {
    let domains = domains.iter().map(ToString::to_string).collect();
    let connection = Connection { email_domains: domains, ..connection() };
    let email = email.map(str::to_owned);
    may_come_in(&connection, &UpstreamIdentity { email, email_verified: verified, ..identity() })
}

fn at_corp(email: &str) -> Result<(), Refused> {
    asked(&["corp.test", "xn--bcher-kva.test"], Some(email), true)
}

#[test]
fn without_domains_it_is_for_everybody() {
    for (email, verified) in [(None, false), (Some("a@evil.test"), true), (Some("no address"), false)] {
        assert_eq!(asked(&[], email, verified), Ok(()));
    }
}

#[test]
fn oid_011_only_a_verified_address_counts() {
    assert_eq!(asked(&["corp.test"], None, true), Err(Refused::EmailUnverified));
    assert_eq!(asked(&["corp.test"], Some("a@corp.test"), false), Err(Refused::EmailUnverified));
    assert_eq!(asked(&["corp.test"], Some("a@corp.test"), true), Ok(()));
}

const REFUSED: &[&str] = &[
    // More than one address in one.
    "a@evil.test@corp.test",
    "a@corp.test@evil.test",
    "a@@corp.test",
    "@a@corp.test",
    "a@corp.test@",
    "\"a@evil.test\"@corp.test",
    "\"a\"@corp.test",
    "<a@corp.test>",
    "a@evil.test,b@corp.test",
    "a@evil.test b@corp.test",
    "a,b@corp.test",
    "a;b@corp.test",
    "a(c)@corp.test",
    "a\\@corp.test",
    "Ada <a@corp.test>",
    // Nobody, nowhere.
    "",
    "@",
    "@corp.test",
    " @corp.test",
    "corp.test",
    "a@",
    // Other domains.
    "a@corp.test.evil.test",
    "a@evilcorp.test",
    "a@evil-corp.test",
    "a@sub.corp.test",
    "a@.corp.test",
    "a@corp..test",
    "a@corp",
    "a@test",
    "a@corp.tes",
    "a@corp.test.",
    "a@corp.test..",
    "a@corp.test:25",
    "a@corp.test/evil.test",
    "a@corp.test?x",
    "a@corp.test#x",
    "a@[corp.test]",
    "a@evil.test\\corp.test",
    // Signs that are read past or turned into others somewhere.
    "a@corp.test ",
    " a@corp.test",
    "a @corp.test",
    "a@ corp.test",
    "a@corp.test\n",
    "a@corp\t.test",
    "a\0@corp.test",
    "a@corp.test\0.evil.test",
    "a@corp.test%00",
    "a@%63orp.test",
    "a@corp%2etest",
    "a%40evil.test@corp.test",
    "a%evil.test@corp.test",
    "evil.test!a@corp.test",
    "a＠evil.test@corp.test",
    "a﹫evil.test@corp.test",
    "a＠corp.test",
    "a\u{200b}@corp.test",
    "a@corp\u{200b}.test",
    "a@co\u{ad}rp.test",
    "a@corp\u{2060}.test",
    "a@corp。test",
    "a@corp．test",
    "a@corp｡test",
    // Look-alikes: wide, mathematical, Kelvin's K, Cyrillic and Greek letters, long s, ligatures.
    "a@ｃorp.test",
    "a@ＣＯＲＰ.test",
    "a@𝐜orp.test",
    "a@ⓒorp.test",
    "a@cоrp.test",
    "a@соrр.test",
    "a@cοrp.test",
    "a@corp.teſt",
    "a@corp.teﬆ",
    // Names that decode to ASCII (RUSTSEC-2024-0421), or to nothing.
    "a@xn--corp-.test",
    "a@xn--corp.test",
    "a@corp.xn--test-",
    "a@xn--.test",
    "a@xn--bcher-kva-.test",
    "a@xn--cörp.test",
    "a@bu\u{308}cher.test.evil",
    "a@ｂücher.test",
    "a@bücher\u{200d}.test",
    "a@büch\u{212a}er.test",
];

#[test]
fn oid_011_the_domain_is_one_of_the_list_and_nothing_like_it() {
    for good in [
        "a@corp.test",
        "A@CORP.TEST",
        "a.b+c-d_e@Corp.Test",
        "o'brien@corp.test",
        "jürgen@corp.test",
        "a@bücher.test",
        "a@BÜCHER.test",
        "a@xn--bcher-kva.test",
        "a@XN--BCHER-KVA.test",
    ] {
        assert_eq!(at_corp(good), Ok(()), "{good}");
    }
    for bad in REFUSED {
        assert_eq!(at_corp(bad), Err(Refused::EmailDomain), "{bad:?}");
    }
}

#[test]
fn oid_011_letters_whose_lower_case_is_ascii_are_not_those() {
    for (domain, bad) in [("kelvin.test", "a@\u{212a}elvin.test"), ("istanbul.test", "a@İstanbul.test")] {
        assert_eq!(asked(&[domain], Some(bad), true), Err(Refused::EmailDomain), "{bad}");
    }
    // Two that map to one another in some reading stay two.
    assert_eq!(asked(&["strasse.test"], Some("a@straße.test"), true), Err(Refused::EmailDomain));
    assert_eq!(asked(&["xn--strae-oqa.test"], Some("a@straße.test"), true), Ok(()));
}

proptest! {
    /// Whoever comes in ends, in plain ASCII, in `@` and the domain.
    #[test]
    fn oid_011_nothing_else_comes_in(local in ".{0,8}", between in "[@.a-z%＠。 ]{0,4}", domain in "(?i)corp\\.test") {
        let address = format!("{local}{between}{domain}");
        if asked(&["corp.test"], Some(&address), true).is_ok() {
            prop_assert!(address.to_ascii_lowercase().ends_with("@corp.test"), "{address:?}");
            prop_assert_eq!(address.matches('@').count(), 1);
        }
    }

    #[test]
    fn any_address_is_judged(address in ".{0,40}") {
        prop_assert!(asked(&["corp.test"], Some(&address), true).is_err() || address.ends_with("test"));
    }
}
