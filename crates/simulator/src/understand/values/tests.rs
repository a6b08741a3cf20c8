#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod composed;
mod languages;

use sayso_token::time::Timestamp;

use super::*;
use crate::understand::words::words;

const ALL: [BuiltIn; 8] = [
    BuiltIn::Number,
    BuiltIn::FourDigits,
    BuiltIn::Ordinal,
    BuiltIn::Date,
    BuiltIn::Time,
    BuiltIn::Duration,
    BuiltIn::PhoneNumber,
    BuiltIn::AlphaNumeric,
];

/// What the whole of `said` comes to on Wednesday, 15 May 2024, at noon.
fn value(kind: BuiltIn, locale: &str, said: &str) -> Option<String> {
    let cut = words(said);
    let vocabulary = Vocabulary::of(locale);
    let now = Moment::at(Timestamp::from_millis(1_715_774_400_000));
    let wanted = BTreeSet::from(ALL);
    let search = Search { wanted: &wanted, vocabulary: vocabulary.as_ref(), locale, now };
    Values::new(said, &cut, &search).whole(kind, 0, cut.len()).map(str::to_owned)
}

fn check(kind: BuiltIn, locale: &str, table: &[(&str, &str)]) {
    let wrong: Vec<String> = table
        .iter()
        .filter_map(|(said, expected)| {
            let found = value(kind, locale, said).unwrap_or_default();
            (found != *expected).then(|| format!("{said:?} is {found:?}, not {expected:?}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{locale}:\n{}", wrong.join("\n"));
}

#[test]
fn english_dates() {
    check(
        BuiltIn::Date,
        "en-US",
        &[
            ("today", "2024-05-15"),
            ("now", "2024-05-15"),
            ("tomorrow", "2024-05-16"),
            ("yesterday", "2024-05-14"),
            ("the day after tomorrow", "2024-05-17"),
            ("day before yesterday", "2024-05-13"),
            ("wednesday", "2024-05-15"),
            ("friday", "2024-05-17"),
            ("monday", "2024-05-20"),
            ("this friday", "2024-05-17"),
            ("coming friday", "2024-05-17"),
            ("coming wednesday", "2024-05-22"),
            ("on friday", "2024-05-17"),
            ("next friday", "2024-05-24"),
            ("next monday", "2024-05-20"),
            ("last friday", "2024-05-10"),
            ("last wednesday", "2024-05-08"),
            ("monday next week", "2024-05-20"),
            ("next week friday", "2024-05-24"),
            ("june third", "2024-06-03"),
            ("june 3rd", "2024-06-03"),
            ("june 3", "2024-06-03"),
            ("the third of june", "2024-06-03"),
            ("3rd of June", "2024-06-03"),
            ("may fifteenth", "2024-05-15"),
            ("may fourteenth", "2025-05-14"),
            ("may twentieth", "2024-05-20"),
            ("may twenty first", "2024-05-21"),
            ("january first", "2025-01-01"),
            ("february twenty ninth", "2028-02-29"),
            ("december twenty-fifth twenty nineteen", "2019-12-25"),
            ("July 4, 1976", "1976-07-04"),
            ("june tenth two thousand and five", "2005-06-10"),
            ("friday june seventh", "2024-06-07"),
            ("Friday, the 7th of June", "2024-06-07"),
            ("5/20/2024", "2024-05-20"),
            ("2024-05-20", "2024-05-20"),
            ("the fifth", "2024-06-05"),
            ("the 31st", "2024-05-31"),
            ("the fifth of next month", "2024-06-05"),
        ],
    );
    check(BuiltIn::Date, "en-GB", &[("20/5/2024", "2024-05-20")]);
}

#[test]
fn english_spans_and_distances() {
    check(
        BuiltIn::Date,
        "en-US",
        &[
            ("june", "2024-06"),
            ("may", "2024-05"),
            ("april", "2025-04"),
            ("last april", "2024-04"),
            ("next may", "2025-05"),
            ("march twenty twenty", "2020-03"),
            ("this week", "2024-W20"),
            ("next week", "2024-W21"),
            ("last week", "2024-W19"),
            ("the week after next", "2024-W22"),
            ("the week of june third", "2024-W23"),
            ("this weekend", "2024-W20-WE"),
            ("the weekend", "2024-W20-WE"),
            ("next weekend", "2024-W21-WE"),
            ("this month", "2024-05"),
            ("next month", "2024-06"),
            ("last month", "2024-04"),
            ("this year", "2024"),
            ("next year", "2025"),
            ("last year", "2023"),
            ("nineteen ninety nine", "1999"),
            ("2016", "2016"),
            ("the year two thousand", "2000"),
            ("this decade", "202X"),
            ("next decade", "203X"),
            ("the nineties", "199X"),
            ("the nineteen eighties", "198X"),
            ("the 1990s", "199X"),
            ("next summer", "2024-SU"),
            ("winter twenty seventeen", "2017-WI"),
            ("this spring", "2024-SP"),
            ("next spring", "2025-SP"),
            ("fall", "2024-FA"),
            ("last winter", "2023-WI"),
            ("in three days", "2024-05-18"),
            ("a week from tomorrow", "2024-05-23"),
            ("two weeks from friday", "2024-05-31"),
            ("two days ago", "2024-05-13"),
            ("a week ago", "2024-05-08"),
            ("three months ago", "2024-02"),
            ("ten years ago", "2014"),
            ("a year from now", "2025"),
            ("christmas", "2024-12-25"),
            ("new year's eve", "2024-12-31"),
            ("the thirtieth of february", ""),
            ("june fortieth", ""),
            ("nine a.m.", ""),
            ("banana", ""),
        ],
    );
}

#[test]
fn english_times() {
    check(
        BuiltIn::Time,
        "en-US",
        &[
            ("five p.m.", "17:00"),
            ("at five p.m.", "17:00"),
            ("5 pm", "17:00"),
            ("5pm", "17:00"),
            ("5:30pm", "17:30"),
            ("10 a.m.", "10:00"),
            ("twelve a.m.", "00:00"),
            ("twelve p.m.", "12:00"),
            ("three thirty p.m.", "15:30"),
            ("three thirty", "03:30"),
            ("15:30", "15:30"),
            ("3:05", "03:05"),
            ("seven oh five", "07:05"),
            ("nine forty five a.m.", "09:45"),
            ("ten thirty", "10:30"),
            ("five o'clock", "05:00"),
            ("half past six", "06:30"),
            ("half past six in the evening", "18:30"),
            ("quarter to nine", "08:45"),
            ("a quarter past nine", "09:15"),
            ("ten past four", "04:10"),
            ("twenty minutes to four p.m.", "15:40"),
            ("quarter to midnight", "23:45"),
            ("noon", "12:00"),
            ("twelve noon", "12:00"),
            ("midnight", "00:00"),
            ("eight in the morning", "08:00"),
            ("eight o'clock in the evening", "20:00"),
            ("nine at night", "21:00"),
            ("fifteen hundred hours", "15:00"),
            ("fifteen hundred", "15:00"),
            ("seventeen thirty", "17:30"),
            ("morning", "MO"),
            ("in the morning", "MO"),
            ("this afternoon", "AF"),
            ("the evening", "EV"),
            ("tonight", "NI"),
            ("at night", "NI"),
            ("now", "12:00"),
            ("eight", "08:00"),
            ("twenty five", ""),
            ("thirteen p.m.", ""),
            ("banana", ""),
        ],
    );
}

#[test]
fn english_durations() {
    check(
        BuiltIn::Duration,
        "en-US",
        &[
            ("ten minutes", "PT10M"),
            ("an hour", "PT1H"),
            ("two hours", "PT2H"),
            ("two hours and thirty minutes", "PT2H30M"),
            ("one hour fifteen minutes ten seconds", "PT1H15M10S"),
            ("an hour and a half", "PT1H30M"),
            ("two and a half hours", "PT2H30M"),
            ("half an hour", "PT30M"),
            ("a quarter of an hour", "PT15M"),
            ("ninety seconds", "PT90S"),
            ("three days", "P3D"),
            ("a day and a half", "P1DT12H"),
            ("1.5 hours", "PT1H30M"),
            ("hour and a half", "PT1H30M"),
            ("three quarters of an hour", "PT45M"),
            ("an hour and a quarter", "PT1H15M"),
            ("one hour and twenty", "PT1H20M"),
            ("a hundred days", "P100D"),
            ("two weeks", "P2W"),
            ("a fortnight", "P2W"),
            ("six months", "P6M"),
            ("eight years", "P8Y"),
            ("one year and two months", "P1Y2M"),
            ("a couple of days", "P2D"),
            ("a decade", "P10Y"),
            ("two weekends", ""),
            ("banana", ""),
        ],
    );
}

#[test]
fn rows_of_digits_and_letters() {
    check(
        BuiltIn::PhoneNumber,
        "en-US",
        &[
            ("206 555 1212", "2065551212"),
            ("(206) 555-1212", "2065551212"),
            ("+1 206 555 1212", "12065551212"),
            ("two oh six five five five one two one two", "2065551212"),
            ("two zero six triple five twelve twelve", "2065551212"),
            ("eight hundred five five five double one two two", "8005551122"),
            ("five five five twenty two thirty", "5552230"),
            ("nine one one", "911"),
            ("one two", ""),
            ("my mother", ""),
        ],
    );
    check(
        BuiltIn::AlphaNumeric,
        "en-US",
        &[
            ("sixteen a.", "16a"),
            ("A B C one two three", "abc123"),
            ("B12", "b12"),
            ("twenty two c", "22c"),
            ("blue", ""),
        ],
    );
    check(
        BuiltIn::Ordinal,
        "en-US",
        &[("first", "1"), ("second", "2"), ("third", "3"), ("twenty first", "21"), ("21st", "21"), ("two", "")],
    );
    check(BuiltIn::Ordinal, "de-DE", &[("erste", "1"), ("dritten", "3"), ("zwanzigsten", "20")]);
    check(BuiltIn::Ordinal, "ja-JP", &[("三番目", "3"), ("12番目", "12")]);
    check(
        BuiltIn::Number,
        "ja-JP",
        &[
            ("二十三", "23"),
            ("三百十二", "312"),
            ("二〇二四", "2024"),
            ("一万二千", "12000"),
            ("十", "10"),
            ("65", "65"),
        ],
    );
}

proptest::proptest! {
    /// Whatever is said at whatever time, looking for values ends and does not panic.
    #[test]
    fn anything_may_be_said(
        said in "(\\PC|[ 0-9:.'a-z]){0,120}",
        picked in proptest::collection::vec(0_usize..24, 0..40),
        millis in proptest::num::i64::ANY,
    ) {
        let bits = ["one", "a", "half", "and", "hour", "june", "second", "may", "next", "to", "past", "of", "the", "year",
            "99999999999999999999", "2024", "friday", "in", "ago", "week", "twenty", "hundred", "billion", "decade"];
        let phrase = picked.iter().map(|at| bits[*at]).collect::<Vec<_>>().join(" ");
        let wanted = BTreeSet::from(ALL);
        for (locale, said) in [("en-US", &phrase), ("en-US", &said), ("ja-JP", &said), ("xx", &said), ("", &said)] {
            let vocabulary = Vocabulary::of(locale);
            let now = Moment::at(Timestamp::from_millis(millis));
            let search = Search { wanted: &wanted, vocabulary: vocabulary.as_ref(), locale, now };
            let cut = words(said);
            let values = Values::new(said, &cut, &search);
            for kind in ALL {
                for at in 0..cut.len() {
                    assert!(values.at(kind, at).iter().all(|reading| reading.end > at && reading.end <= cut.len()));
                }
            }
        }
    }
}
