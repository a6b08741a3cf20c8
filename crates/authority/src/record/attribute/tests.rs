use super::kind::Choice;
use super::*;

fn attribute(kind: Kind) -> Attribute {
    Attribute { kind, ..Attribute::text("a", true, 20) }
}

fn choice(value: &str) -> Choice {
    Choice { value: value.into(), labels: [("de".to_owned(), format!("{value} auf Deutsch"))].into() }
}

fn list(entries: &[&str]) -> AttributeValue {
    entries.iter().map(ToString::to_string).collect::<Vec<_>>().into()
}

#[test]
fn what_is_typed_becomes_a_value_or_says_why_not() {
    let choices = Kind::Choice(vec![choice("small"), choice("large")]);
    let long = "x".repeat(21);
    let ok = |value: AttributeValue| Ok(Some(value));
    for (kind, typed, expected) in [
        (Kind::Text, " teal ", ok("teal".into())),
        (Kind::Text, "  ", Ok(None)),
        (Kind::Text, &long, Err(Misfit::TooLong(20))),
        (Kind::Text, "a\tb", Err(Misfit::ControlCharacter)),
        (Kind::Integer, "-42", ok((-42).into())),
        (Kind::Integer, "4.5", Err(Misfit::NotANumber)),
        (Kind::Integer, "9223372036854775808", Err(Misfit::NotANumber)),
        (Kind::Boolean, "true", ok(true.into())),
        (Kind::Boolean, "false", ok(false.into())),
        (Kind::Boolean, "", Ok(None)),
        (Kind::Boolean, "maybe", Err(Misfit::NotABoolean)),
        (Kind::Email, "ada@a.test", ok("ada@a.test".into())),
        (Kind::Phone, "+49 (170) 123-4567", ok("+491701234567".into())),
        (Kind::Phone, "0170 1234567", Err(Misfit::NotAPhone)),
        (Kind::Date, "2026-11-25", ok("2026-11-25".into())),
        (Kind::Url, "https://a.test/b", ok("https://a.test/b".into())),
        (Kind::Url, "javascript:alert(1)", Err(Misfit::NotAUrl)),
        (choices.clone(), "large", ok("large".into())),
        (choices, "Large", Err(Misfit::NotAChoice)),
        (Kind::List, "tea\r\n\r\n rain \n", ok(list(&["tea", "rain"]))),
        (Kind::List, &long, Err(Misfit::TooLong(20))),
        (Kind::List, &"x\n".repeat(101), Err(Misfit::TooMany(100))),
    ] {
        assert_eq!(attribute(kind.clone()).read(typed), expected, "{kind:?} {typed:?}");
    }
}

#[test]
fn addresses_days_and_numbers_have_their_forms() {
    let fits = |kind: &Kind, text: &str| {
        let attribute = Attribute { kind: kind.clone(), ..Attribute::text("a", true, 300) };
        attribute.read(text).is_ok()
    };
    let labels = format!("a@{}.test", "x".repeat(64));
    for (kind, good, bad) in [
        (
            Kind::Email,
            &["a@b.c", "a.b+c@d-e.test", "o'hara@a.test"][..],
            &["a", "a@b", "@a.test", "a@", "a@b..c", "a@-b.test", "a b@c.test", "a@b@", "ä@a.test", &labels][..],
        ),
        (
            Kind::Date,
            &["2024-02-29", "2000-02-29", "0001-01-01", "9999-12-31"],
            &[
                "2023-02-29",
                "1900-02-29",
                "2026-04-31",
                "2026-13-01",
                "2026-00-01",
                "0000-01-01",
                "26-1-1",
                "2026-1-01",
                "2026-01-01T",
            ],
        ),
        (
            Kind::Phone,
            &["+4917012345", "+1 650-555-0100"],
            &["+0123456789", "+123", "+1234567890123456", "12345678", "+49x1701234"],
        ),
        (
            Kind::Url,
            &["http://a.test", "https://[::1]:8080/x?y#z"],
            &["a.test", "ftp://a.test", "https://", "https:// a", "data:text/html,x"],
        ),
    ] {
        for text in good {
            assert!(fits(&kind, text), "{kind:?} {text:?}");
        }
        for text in bad {
            assert!(!fits(&kind, text), "{kind:?} {text:?}");
        }
    }
}

#[test]
fn constraints_are_told_with_their_bound() {
    let mut number = attribute(Kind::Integer);
    (number.constraints.min, number.constraints.max) = (Some(0), Some(120));
    for (typed, expected) in
        [("-1", Err(Misfit::TooSmall(0))), ("121", Err(Misfit::TooLarge(120))), ("0", Ok(Some(0.into())))]
    {
        assert_eq!(number.read(typed), expected, "{typed}");
    }
    let mut code = attribute(Kind::Text);
    code.constraints.min_chars = Some(2);
    code.constraints.pattern = Some(Pattern::parse("[A-Z]+|[0-9]+").unwrap());
    for (typed, expected) in [
        ("DE", Ok(Some("DE".into()))),
        ("D", Err(Misfit::TooShort(2))),
        ("DE1", Err(Misfit::Pattern)),
        ("xDE", Err(Misfit::Pattern)),
        ("12", Ok(Some("12".into()))),
    ] {
        assert_eq!(code.read(typed), expected, "{typed}");
    }
    assert_eq!(
        (Misfit::TooShort(2).bound(), Misfit::TooSmall(-1).bound(), Misfit::Pattern.bound()),
        (Some(2), Some(-1), None)
    );
    code.kind = Kind::List;
    assert_eq!(code.read("DE\nxDE"), Err(Misfit::Pattern));
}

/// EXP-004: patterns take linear time, and one that would be large when compiled is refused when it is read.
#[test]
fn exp_004_a_pattern_is_linear_or_refused() {
    let catastrophic = Pattern::parse("(a+)+$").unwrap();
    assert!(!catastrophic.matches(&format!("{}!", "a".repeat(4000))), "no back-tracking, however many ways there are");
    for text in ["(", "a)|(b", "[", "(?=a)", r"(a)\1", "a{1000}{1000}{1000}", &"(".repeat(30), &"a".repeat(201)] {
        assert!(Pattern::parse(text).is_err(), "{text}");
    }
}

#[test]
fn an_attribute_of_the_first_version_is_kept_in_its_words() {
    let old = r#"{"name":"color","label":"Color","self_editable":true,"max_chars":40}"#;
    let attribute: Attribute = serde_json::from_str(old).unwrap();
    assert_eq!((&attribute.kind, attribute.access), (&Kind::Text, Access::default()));
    assert_eq!(serde_json::to_string(&attribute).unwrap(), old);
    let mut whole = Attribute { kind: Kind::Choice(vec![choice("small")]), ..attribute };
    whole.labels.insert("de".into(), "Farbe".into());
    whole.constraints.pattern = Some(Pattern::parse("a+").unwrap());
    whole.access.claims_read = false;
    let kept = serde_json::to_string(&whole).unwrap();
    let read: Attribute = serde_json::from_str(&kept).unwrap();
    assert_eq!((&read.kind, &read.constraints, read.access), (&whole.kind, &whole.constraints, whole.access));
    assert_eq!((read.label_in("de"), read.label_in("fr")), ("Farbe", "Color"));
}

#[test]
fn a_value_is_kept_as_plain_json() {
    for (value, kept) in [
        (AttributeValue::from("42"), r#""42""#),
        (42.into(), "42"),
        (true.into(), "true"),
        (list(&["a", "b"]), r#"["a","b"]"#),
    ] {
        assert_eq!(serde_json::to_string(&value).unwrap(), kept);
        assert_eq!(serde_json::from_str::<AttributeValue>(kept).unwrap(), value);
        assert_eq!(value.to_json().to_string(), kept);
    }
    assert!(AttributeValue::from("").is_empty() && list(&[]).is_empty() && !AttributeValue::from(false).is_empty());
}
