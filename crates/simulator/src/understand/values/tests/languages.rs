use super::{BuiltIn, check};

#[test]
fn german_dates() {
    check(
        BuiltIn::Date,
        "de-DE",
        &[
            ("heute", "2024-05-15"),
            ("morgen", "2024-05-16"),
            ("übermorgen", "2024-05-17"),
            ("vorgestern", "2024-05-13"),
            ("Freitag", "2024-05-17"),
            ("kommenden Freitag", "2024-05-17"),
            ("nächsten Freitag", "2024-05-24"),
            ("heute in einer Woche", "2024-05-22"),
            ("nächsten Montag", "2024-05-20"),
            ("letzten Freitag", "2024-05-10"),
            ("dritten Juni", "2024-06-03"),
            ("der dritte Juni", "2024-06-03"),
            ("20. Mai", "2024-05-20"),
            ("einundzwanzigsten Dezember zweitausendneunzehn", "2019-12-21"),
            ("3.5.2025", "2025-05-03"),
            ("Juni", "2024-06"),
            ("April 2020", "2020-04"),
            ("nächste Woche", "2024-W21"),
            ("letzte Woche", "2024-W19"),
            ("Montag nächster Woche", "2024-05-20"),
            ("nächstes Wochenende", "2024-W21-WE"),
            ("letzten Monat", "2024-04"),
            ("nächstes Jahr", "2025"),
            ("2017", "2017"),
            ("Sommer", "2024-SU"),
            ("Winter 2017", "2017-WI"),
            ("neunziger Jahre", "199X"),
            ("in drei Tagen", "2024-05-18"),
            ("vor zwei Wochen", "2024-05-01"),
            ("vor einem Jahr", "2023"),
            ("Weihnachten", "2024-12-25"),
        ],
    );
}

#[test]
fn german_times() {
    check(
        BuiltIn::Time,
        "de-DE",
        &[
            ("14 Uhr", "14:00"),
            ("vierzehn Uhr dreißig", "14:30"),
            ("acht Uhr abends", "20:00"),
            ("acht Uhr morgens", "08:00"),
            ("halb drei", "02:30"),
            ("um acht", "08:00"),
            ("dreiviertel acht", "07:45"),
            ("fünf vor halb acht", "07:25"),
            ("zehn nach halb acht", "07:40"),
            ("halb drei nachmittags", "14:30"),
            ("viertel nach vier", "04:15"),
            ("viertel vor vier", "03:45"),
            ("zehn nach acht", "08:10"),
            ("Mittag", "12:00"),
            ("Mitternacht", "00:00"),
            ("15:30 Uhr", "15:30"),
            ("heute Abend", "EV"),
            ("Nachmittag", "AF"),
        ],
    );
}

#[test]
fn german_durations() {
    check(
        BuiltIn::Duration,
        "de-DE",
        &[
            ("zehn Minuten", "PT10M"),
            ("eine Stunde", "PT1H"),
            ("eine halbe Stunde", "PT30M"),
            ("eineinhalb Stunden", "PT1H30M"),
            ("eine Viertelstunde", "PT15M"),
            ("zwei Stunden und dreißig Minuten", "PT2H30M"),
            ("drei Tage", "P3D"),
            ("sechs Monate", "P6M"),
        ],
    );
}

#[test]
fn french_dates() {
    check(
        BuiltIn::Date,
        "fr-FR",
        &[
            ("demain", "2024-05-16"),
            ("après-demain", "2024-05-17"),
            ("aujourd'hui", "2024-05-15"),
            ("vendredi", "2024-05-17"),
            ("lundi prochain", "2024-05-20"),
            ("vendredi dernier", "2024-05-10"),
            ("vendredi prochain", "2024-05-17"),
            ("le vingt mai", "2024-05-20"),
            ("le premier juin", "2024-06-01"),
            ("le 14 juillet 1998", "1998-07-14"),
            ("la semaine prochaine", "2024-W21"),
            ("le week-end prochain", "2024-W21-WE"),
            ("ce week-end", "2024-W20-WE"),
            ("le mois dernier", "2024-04"),
            ("l'année prochaine", "2025"),
            ("l'été", "2024-SU"),
            ("dans trois jours", "2024-05-18"),
            ("il y a deux jours", "2024-05-13"),
        ],
    );
}

#[test]
fn french_times() {
    check(
        BuiltIn::Time,
        "fr-FR",
        &[
            ("quinze heures", "15:00"),
            ("15h30", "15:30"),
            ("huit heures et demie", "08:30"),
            ("huit heures du soir", "20:00"),
            ("neuf heures moins le quart", "08:45"),
            ("dix heures vingt", "10:20"),
            ("onze heures cinq", "11:05"),
            ("midi", "12:00"),
            ("minuit", "00:00"),
            ("ce soir", "EV"),
        ],
    );
}

#[test]
fn french_durations() {
    check(
        BuiltIn::Duration,
        "fr-FR",
        &[("une demi-heure", "PT30M"), ("deux heures et demie", "PT2H30M"), ("un quart d'heure", "PT15M")],
    );
}

#[test]
fn spanish_dates() {
    check(
        BuiltIn::Date,
        "es-ES",
        &[
            ("mañana", "2024-05-16"),
            ("pasado mañana", "2024-05-17"),
            ("veinte de mayo", "2024-05-20"),
            ("primero de junio", "2024-06-01"),
            ("uno de junio de 2025", "2025-06-01"),
            ("el viernes", "2024-05-17"),
            ("el próximo lunes", "2024-05-20"),
            ("el lunes que viene", "2024-05-20"),
            ("la próxima semana", "2024-W21"),
            ("la semana pasada", "2024-W19"),
            ("este fin de semana", "2024-W20-WE"),
            ("el mes que viene", "2024-06"),
            ("en dos días", "2024-05-17"),
            ("hace tres días", "2024-05-12"),
        ],
    );
}

#[test]
fn spanish_times() {
    check(
        BuiltIn::Time,
        "es-MX",
        &[
            ("ocho de la noche", "20:00"),
            ("a las ocho", "08:00"),
            ("las ocho de la mañana", "08:00"),
            ("ocho y media", "08:30"),
            ("ocho y cuarto", "08:15"),
            ("nueve menos cuarto", "08:45"),
            ("tres de la tarde", "15:00"),
            ("cinco y veinte", "05:20"),
            ("mediodía", "12:00"),
            ("15:00", "15:00"),
            ("esta noche", "NI"),
        ],
    );
}

#[test]
fn spanish_durations() {
    check(
        BuiltIn::Duration,
        "es-ES",
        &[
            ("media hora", "PT30M"),
            ("una hora y cuarto", "PT1H15M"),
            ("dos horas y media", "PT2H30M"),
            ("tres días", "P3D"),
        ],
    );
}

#[test]
fn italian_dates() {
    check(
        BuiltIn::Date,
        "it-IT",
        &[
            ("oggi", "2024-05-15"),
            ("domani", "2024-05-16"),
            ("venerdì", "2024-05-17"),
            ("lunedì prossimo", "2024-05-20"),
            ("il venti maggio", "2024-05-20"),
            ("il primo giugno", "2024-06-01"),
            ("la settimana prossima", "2024-W21"),
            ("il mese scorso", "2024-04"),
            ("questo weekend", "2024-W20-WE"),
            ("tra tre giorni", "2024-05-18"),
            ("due giorni fa", "2024-05-13"),
        ],
    );
}

#[test]
fn italian_times() {
    check(
        BuiltIn::Time,
        "it-IT",
        &[
            ("le otto di sera", "20:00"),
            ("otto e mezza", "08:30"),
            ("otto e un quarto", "08:15"),
            ("nove meno un quarto", "08:45"),
            ("le quindici e trenta", "15:30"),
            ("mezzogiorno", "12:00"),
            ("mezzanotte", "00:00"),
            ("stasera", "EV"),
        ],
    );
}

#[test]
fn italian_durations() {
    check(
        BuiltIn::Duration,
        "it-IT",
        &[("due ore", "PT2H"), ("trenta minuti", "PT30M"), ("mezz'ora", "PT30M"), ("un'ora e mezza", "PT1H30M")],
    );
}

#[test]
fn portuguese_dates() {
    check(
        BuiltIn::Date,
        "pt-BR",
        &[
            ("amanhã", "2024-05-16"),
            ("sexta-feira", "2024-05-17"),
            ("próxima segunda", "2024-05-20"),
            ("vinte de maio", "2024-05-20"),
            ("dia primeiro de junho", "2024-06-01"),
            ("semana que vem", "2024-W21"),
            ("mês passado", "2024-04"),
            ("daqui a três dias", "2024-05-18"),
            ("há dois dias", "2024-05-13"),
        ],
    );
}

#[test]
fn portuguese_times() {
    check(
        BuiltIn::Time,
        "pt-BR",
        &[
            ("oito da noite", "20:00"),
            ("oito e meia", "08:30"),
            ("oito e quinze", "08:15"),
            ("quinze para as oito", "07:45"),
            ("três horas da tarde", "15:00"),
            ("meio-dia", "12:00"),
            ("meia-noite", "00:00"),
        ],
    );
}

#[test]
fn portuguese_durations() {
    check(BuiltIn::Duration, "pt-BR", &[("meia hora", "PT30M"), ("duas horas e meia", "PT2H30M")]);
}

#[test]
fn japanese_dates() {
    check(
        BuiltIn::Date,
        "ja-JP",
        &[
            ("今日", "2024-05-15"),
            ("明日", "2024-05-16"),
            ("昨日", "2024-05-14"),
            ("明後日", "2024-05-17"),
            ("金曜日", "2024-05-17"),
            ("来週の月曜日", "2024-05-20"),
            ("来週", "2024-W21"),
            ("先月", "2024-04"),
            ("来年", "2025"),
            ("6月3日", "2024-06-03"),
            ("六月三日", "2024-06-03"),
            ("2025年6月3日", "2025-06-03"),
            ("6月", "2024-06"),
            ("週末", "2024-W20-WE"),
            ("3日後", "2024-05-18"),
            ("二週間前", "2024-05-01"),
        ],
    );
}

#[test]
fn japanese_times() {
    check(
        BuiltIn::Time,
        "ja-JP",
        &[
            ("3時", "03:00"),
            ("午後3時", "15:00"),
            ("午後三時半", "15:30"),
            ("午前十時十五分", "10:15"),
            ("14時30分", "14:30"),
            ("正午", "12:00"),
            ("夜8時", "20:00"),
        ],
    );
}

#[test]
fn japanese_durations() {
    check(
        BuiltIn::Duration,
        "ja-JP",
        &[("10分", "PT10M"), ("2時間30分", "PT2H30M"), ("1時間半", "PT1H30M"), ("三日間", "P3D")],
    );
}
