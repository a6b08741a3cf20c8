//! Values that are put together from pieces, in each language.

use super::{BuiltIn, check};

#[test]
fn days_with_a_part_of_the_day_and_weekdays_with_a_date() {
    for (locale, table) in [
        (
            "en-US",
            &[
                ("tomorrow morning", "2024-05-16"),
                ("friday night", "2024-05-17"),
                ("monday the twentieth", "2024-05-20"),
            ][..],
        ),
        ("de-DE", &[("morgen früh", "2024-05-16"), ("Freitag Abend", "2024-05-17"), ("24.12.", "2024-12-24")]),
        ("fr-FR", &[("demain matin", "2024-05-16"), ("lundi soir", "2024-05-20")]),
        ("es-ES", &[("mañana por la mañana", "2024-05-16"), ("el viernes por la noche", "2024-05-17")]),
        ("it-IT", &[("domani mattina", "2024-05-16"), ("venerdì sera", "2024-05-17")]),
        ("pt-BR", &[("amanhã de manhã", "2024-05-16"), ("sexta à noite", "2024-05-17")]),
        (
            "ja-JP",
            &[
                ("明日の朝", "2024-05-16"),
                ("金曜日の夜", "2024-05-17"),
                ("六月三日月曜日", "2024-06-03"),
                ("次の月曜日", "2024-05-20"),
            ],
        ),
    ] {
        check(BuiltIn::Date, locale, table);
    }
}

#[test]
fn months_seasons_years_and_decades() {
    for (locale, table) in [
        ("en-US", &[("summer of next year", "2025-SU"), ("the seventies", "197X")][..]),
        ("de-DE", &[("vierziger Jahre", "194X"), ("90er", "199X")]),
        (
            "fr-FR",
            &[
                ("les années quatre-vingt-dix", "199X"),
                ("ce mois-ci", "2024-05"),
                ("mille neuf cent quatre-vingt-dix-neuf", "1999"),
                ("l'été de l'année prochaine", "2025-SU"),
            ],
        ),
        ("es-ES", &[("los años noventa", "199X"), ("los ochenta", "198X"), ("los veinte", "2024-05-20")]),
        ("it-IT", &[("gli anni novanta", "199X"), ("millenovecentonovantanove", "1999")]),
        (
            "pt-BR",
            &[
                ("anos noventa", "199X"),
                ("mil novecentos e noventa e nove", "1999"),
                ("vinte de maio de dois mil e vinte e cinco", "2025-05-20"),
            ],
        ),
        (
            "ja-JP",
            &[
                ("1990年代", "199X"),
                ("九十年代", "199X"),
                ("今年の夏", "2024-SU"),
                ("去年の秋", "2023-FA"),
                ("来月の一日", "2024-06-01"),
                ("再来月", "2024-07"),
                ("一昨年", "2022"),
                ("十二月", "2024-12"),
                ("十二月二十四日", "2024-12-24"),
            ],
        ),
    ] {
        check(BuiltIn::Date, locale, table);
    }
}

#[test]
fn times_around_an_hour_that_has_a_name() {
    for (locale, table) in [
        ("en-US", &[("tomorrow evening", "EV"), ("quarter past midnight", "00:15")][..]),
        ("de-DE", &[("viertel acht", "07:15"), ("viertel nach acht", "08:15")]),
        ("fr-FR", &[("midi moins le quart", "11:45"), ("demain matin", "MO")]),
        ("es-ES", &[("una de la madrugada", "01:00")]),
        ("it-IT", &[("le ore diciotto", "18:00"), ("tre e tre quarti", "03:45")]),
        ("pt-BR", &[("hoje à noite", "NI")]),
        (
            "ja-JP",
            &[
                ("七時十五分前", "06:45"),
                ("午後七時十五分前", "18:45"),
                ("午前零時", "00:00"),
                ("お昼の十二時", "12:00"),
                ("八時ちょうど", "08:00"),
                ("深夜一時", "01:00"),
            ],
        ),
    ] {
        check(BuiltIn::Time, locale, table);
    }
}

#[test]
fn halves_and_quarters_of_a_duration() {
    check(BuiltIn::Duration, "de-DE", &[("ein halbes Jahr", "P6M"), ("einen halben Tag", "PT12H")]);
    check(BuiltIn::Duration, "it-IT", &[("mezzora", "PT30M"), ("mezz'ora", "PT30M")]);
    check(BuiltIn::Duration, "pt-BR", &[("três quartos de hora", "PT45M"), ("meia hora", "PT30M")]);
    check(BuiltIn::Duration, "ja-JP", &[("一ヶ月", "P1M"), ("一か月間", "P1M")]);
}

#[test]
fn numbers_below_zero_large_ones_and_inflected_ones() {
    for (locale, table) in [
        ("en-US", &[("minus five", "-5"), ("negative twenty one", "-21"), ("-5", "-5"), ("five", "5")][..]),
        ("de-DE", &[("minus zehn", "-10"), ("einem", "1"), ("1.000", "1000"), ("12.345.678", "12345678")]),
        ("fr-FR", &[("moins cinq", "-5"), ("nonante-neuf", "99")]),
        ("es-ES", &[("menos cinco", "-5"), ("veintiún", "21")]),
        ("it-IT", &[("meno cinque", "-5"), ("un milione", "1000000"), ("due milioni trecentomila", "2300000")]),
        ("pt-BR", &[("menos cinco", "-5"), ("um milhão", "1000000")]),
        ("ja-JP", &[("マイナス五", "-5"), ("ゼロ", "0"), ("零", "0"), ("一億二千万", "120000000")]),
    ] {
        check(BuiltIn::Number, locale, table);
    }
    check(BuiltIn::Number, "en-US", &[("3.500", ""), ("minus", "")]);
}

#[test]
fn ordinals_that_are_words_of_their_own() {
    check(BuiltIn::Ordinal, "fr-FR", &[("premier", "1"), ("seconde", "2"), ("vingt et unième", "21")]);
    check(BuiltIn::Ordinal, "es-ES", &[("primer", "1"), ("tercer", "3"), ("vigésimo primero", "21")]);
    check(BuiltIn::Ordinal, "it-IT", &[("prima", "1")]);
    check(BuiltIn::Ordinal, "pt-BR", &[("primeira", "1"), ("vigésimo primeiro", "21")]);
    check(BuiltIn::Ordinal, "ja-JP", &[("三つ目", "3"), ("二番目", "2"), ("二日", "")]);
}

#[test]
fn rows_of_digits_are_said_in_many_ways() {
    for (kind, locale, table) in [
        (BuiltIn::FourDigits, "en-US", &[("double one two three", "1123"), ("sixty forty five", "6045")][..]),
        (BuiltIn::FourDigits, "es-ES", &[("doce treinta y cuatro", "1234"), ("mil novecientos noventa", "1990")]),
        (BuiltIn::FourDigits, "pt-BR", &[("doze trinta e quatro", "1234"), ("um meia três quatro", "1634")]),
        (BuiltIn::FourDigits, "ja-JP", &[("ゼロゼロ四二", "0042"), ("六〇四五", "6045")]),
        (
            BuiltIn::PhoneNumber,
            "fr-FR",
            &[
                ("zéro un vingt-trois quarante-cinq soixante-sept quatre-vingt-neuf", "0123456789"),
                ("01.23.45.67.89", "0123456789"),
                ("01 23 45 67 89", "0123456789"),
            ],
        ),
        (BuiltIn::PhoneNumber, "pt-BR", &[("nove meia meia dois", "9662")]),
        (BuiltIn::PhoneNumber, "de-DE", &[("null drei null eins zwei drei", "030123")]),
        (BuiltIn::AlphaNumeric, "ja-JP", &[("n 十七", "n17"), ("n h 五〇九", "nh509")]),
        (BuiltIn::AlphaNumeric, "en-US", &[("a one hundred", "a100"), ("b twenty two", "b22")]),
    ] {
        check(kind, locale, table);
    }
}
