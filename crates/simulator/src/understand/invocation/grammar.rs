//! The small words around an invocation name, per language.

mod romance;

use super::is_at;
use crate::understand::words::{Word, words};

/// The small words around an invocation name in one language.
pub(super) struct Grammar {
    /// What stands before the name to launch it.
    pub(super) launch: &'static [&'static str],
    /// What stands before the name to ask it something.
    pub(super) ask: &'static [&'static str],
    /// What connects the name with the wish behind it.
    pub(super) connect: &'static [&'static str],
    /// What connects a wish with the name behind it.
    pub(super) from: &'static [&'static str],
    /// What people call a skill, before its name.
    pub(super) noun: &'static [&'static str],
    /// Words of courtesy, which mean nothing around an invocation.
    pub(super) courtesy: &'static [&'static str],
    /// The same where they stand only behind a wish.
    pub(super) thanks: &'static [&'static str],
    /// Whether the name may come first, with the verb behind it.
    pub(super) name_first: bool,
    /// What stands behind the name to launch it; in languages with the verb first, its other part.
    pub(super) launch_behind: &'static [&'static str],
    /// What stands between the name and a wish.
    pub(super) ask_behind: &'static [&'static str],
}

pub(super) const WAKE_WORDS: [&str; 13] = [
    "alexa",
    "hey alexa",
    "echo",
    "computer",
    "amazon",
    "ziggy",
    "アレクサ",
    "エコー",
    "アマゾン",
    "コンピューター",
    "एलेक्सा",
    "अलेक्सा",
    "أليكسا",
];

impl Grammar {
    /// The sentence without the words of courtesy at its ends.
    pub(super) fn without_courtesy<'w>(&self, said: &'w [Word]) -> &'w [Word] {
        let mut rest = said;
        for phrase in self.courtesy.iter().map(|phrase| words(phrase)) {
            if rest.len() > phrase.len() && is_at(rest, 0, &phrase) {
                rest = rest.get(phrase.len()..).unwrap_or_default();
            }
        }
        rest
    }

    /// The sentence without the words of courtesy before and behind it.
    pub(super) fn without_courtesy_at_ends<'w>(&self, said: &'w [Word]) -> &'w [Word] {
        let mut rest = self.without_courtesy(said);
        for phrase in self.courtesy.iter().chain(self.thanks).map(|phrase| words(phrase)) {
            let before = rest.len().saturating_sub(phrase.len());
            if before > 0 && is_at(rest, before, &phrase) {
                rest = rest.get(..before).unwrap_or_default();
            }
        }
        rest
    }

    /// Whether these words say nothing but courtesy.
    pub(super) fn is_courtesy(&self, said: &[Word]) -> bool {
        self.courtesy
            .iter()
            .map(|phrase| words(phrase))
            .any(|phrase| phrase.len() == said.len() && is_at(said, 0, &phrase))
    }
}

const NONE: Grammar = Grammar {
    launch: &[],
    ask: &[],
    connect: &[],
    from: &[],
    noun: &[],
    courtesy: &[],
    thanks: &[],
    name_first: false,
    launch_behind: &[],
    ask_behind: &[],
};

const ENGLISH: Grammar = Grammar {
    launch: &[
        "open",
        "launch",
        "start",
        "begin",
        "use",
        "load",
        "run",
        "play",
        "resume",
        "talk to",
        "talk with",
        "speak to",
        "speak with",
        "enable",
        "open up",
        "do",
        "go to",
        "search",
        "start playing",
        "play the game",
        "start the game",
        "start playing the game",
        "let's play",
    ],
    ask: &["ask", "tell", "ask for"],
    connect: &[
        "to",
        "for",
        "about",
        "that",
        "if",
        "whether",
        "and",
        "and ask",
        "and ask for",
        "and say",
        "and tell",
        "and tell me",
        "on",
        "to ask",
        "to say",
        "to tell me",
        "and ask it to",
        "and tell it to",
        "and ask to",
        "regarding",
    ],
    from: &["from", "using", "with", "in", "on", "by", "through", "via", "at"],
    noun: &["skill", "game", "app"],
    courtesy: &[
        "please",
        "can you",
        "could you",
        "would you",
        "can you please",
        "could you please",
        "i want to",
        "i'd like to",
    ],
    thanks: &["thanks", "thank you"],
    ..NONE
};

const GERMAN: Grammar = Grammar {
    launch: &[
        "öffne",
        "starte",
        "start",
        "beginne",
        "beginn",
        "spiele",
        "spiel",
        "lade",
        "sprich mit",
        "rede mit",
        "nutze",
        "benutze",
        "verwende",
        "aktiviere",
        "starte das spiel",
        "mach",
        "führe",
        "öffnen",
        "starten",
    ],
    ask: &["frage", "frag", "sage", "sag", "bitte", "befrage", "frage bei", "frag bei"],
    connect: &[
        "nach",
        "ob",
        "dass",
        "zu",
        "um",
        "und",
        "für",
        "über",
        "und frage",
        "und frag",
        "und sage",
        "und sag",
        "wegen",
    ],
    from: &["mit", "von", "aus", "bei", "auf", "in", "über", "an", "mithilfe von", "mit hilfe von"],
    noun: &["skill", "spiel", "app"],
    courtesy: &["bitte", "kannst du", "kannst du bitte", "könntest du"],
    thanks: &["danke"],
    launch_behind: &["öffnen", "starten", "auf", "aus"],
    ..NONE
};

const DUTCH: Grammar = Grammar {
    launch: &["open", "start", "begin", "speel", "gebruik", "praat met", "spreek met", "laad"],
    ask: &["vraag aan", "vraag", "zeg tegen", "zeg", "vertel"],
    connect: &["om", "naar", "of", "dat", "over", "en", "voor"],
    from: &["met", "van", "via", "in", "aan", "bij"],
    noun: &["skill", "spel", "app"],
    courtesy: &["alsjeblieft", "alstublieft", "kun je"],
    thanks: &["bedankt"],
    ..NONE
};

const HINDI: Grammar = Grammar {
    launch: &["open", "launch", "start", "play", "run", "खोलो", "शुरू करो", "चालू करो", "ओपन", "स्टार्ट"],
    ask: &["ask", "tell", "पूछो"],
    connect: &["to", "for", "about", "से", "कि", "और"],
    from: &["from", "with", "using", "से", "में", "पर"],
    noun: &["skill", "स्किल", "गेम"],
    courtesy: &["please", "कृपया", "प्लीज"],
    thanks: &[],
    name_first: true,
    launch_behind: &[
        "खोलो",
        "खोलें",
        "खोलिए",
        "को खोलो",
        "ओपन करो",
        "open करो",
        "शुरू करो",
        "शुरू करें",
        "को शुरू करो",
        "start करो",
        "स्टार्ट करो",
        "चालू करो",
        "चलाओ",
        "खेलो",
        "से बात करो",
    ],
    ask_behind: &[
        "से पूछो कि",
        "से पूछो",
        "से पूछें",
        "से पूछिए",
        "से कहो कि",
        "से कहो",
        "से बोलो",
        "को बोलो",
        "को कहो",
        "को बताओ",
        "से",
        "में",
        "पर",
        "को",
    ],
};

const ARABIC: Grammar = Grammar {
    launch: &["افتح", "افتحي", "شغل", "شغلي", "ابدأ", "ابدئي", "استخدم", "تحدث مع", "تكلم مع", "العب", "قم بتشغيل"],
    ask: &["اسأل", "اسألي", "اطلب من", "اطلبي من", "قل ل", "قل إلى", "أخبر", "أخبري"],
    connect: &["أن", "عن", "إذا", "إن", "و", "على", "ل", "هل"],
    from: &["من", "باستخدام", "مع", "في", "عبر", "على", "بواسطة"],
    noun: &["مهارة", "لعبة"],
    courtesy: &["من فضلك", "لو سمحت", "هل يمكنك"],
    ..NONE
};

const JAPANESE: Grammar = Grammar {
    noun: &["スキル", "スキルの"],
    courtesy: &["ねえ"],
    thanks: &["ください", "下さい", "お願い", "お願いします"],
    name_first: true,
    launch_behind: &[
        "を開いて",
        "をひらいて",
        "を開いてください",
        "を起動して",
        "を起動してください",
        "を起動",
        "をスタート",
        "をスタートして",
        "を始めて",
        "をはじめて",
        "を始めてください",
        "を使って",
        "を開始して",
        "を開始",
        "をオープン",
        "を実行して",
        "をプレイして",
        "で遊ぼう",
        "につないで",
        "をやって",
        "開いて",
        "起動",
        "スタート",
    ],
    ask_behind: &[
        "を開いて",
        "を使って",
        "を使い",
        "に",
        "で",
        "から",
        "にきいて",
        "に聞いて",
        "を起動して",
        "を開いてから",
        "の",
        "へ",
    ],
    ..NONE
};

/// The grammar of the language of `locale`; English for one that is not known.
pub(super) fn grammar(locale: &str) -> &'static Grammar {
    match locale.get(..2).unwrap_or_default() {
        "de" => &GERMAN,
        "fr" => &romance::FRENCH,
        "es" => &romance::SPANISH,
        "it" => &romance::ITALIAN,
        "pt" => &romance::PORTUGUESE,
        "nl" => &DUTCH,
        "hi" => &HINDI,
        "ar" => &ARABIC,
        "ja" => &JAPANESE,
        _ => &ENGLISH,
    }
}
