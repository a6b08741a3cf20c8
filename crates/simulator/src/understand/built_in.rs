//! The built-in intents' own phrases. A skill's samples extend them.
//!
//! Amazon names the intents in "Standard Built-in Intents" and says of each what people say; the lists here are the
//! usual words for these.

/// Phrases for the intent of this name (without `AMAZON.`) in the language of `locale`.
pub(crate) fn phrases(intent: &str, locale: &str) -> impl Iterator<Item = &'static str> {
    let language = locale.get(..2).unwrap_or_default();
    let own = match language {
        "de" => german(intent),
        "fr" => french(intent),
        "es" => spanish(intent),
        "it" => italian(intent),
        "pt" => portuguese(intent),
        "nl" => dutch(intent),
        "ja" => japanese(intent),
        "hi" => hindi(intent),
        "ar" => arabic(intent),
        _ => &[],
    };
    // Hindi is spoken with English words in it.
    let also = if own.is_empty() || language == "hi" { english(intent) } else { &[] };
    own.iter().chain(also).copied()
}

fn english(intent: &str) -> &'static [&'static str] {
    match intent {
        "CancelIntent" => &["cancel", "never mind", "nevermind", "forget it", "cancel that", "cancel it"],
        "HelpIntent" => &["help", "help me", "can you help me", "i need help", "what can i say", "what can you do"],
        "StopIntent" => {
            &["stop", "off", "shut up", "quit", "stop it", "stop that", "goodbye", "bye", "good bye", "that's all"]
        }
        "YesIntent" => &["yes", "yeah", "yep", "sure", "ok", "okay", "yes please", "yup", "correct", "of course"],
        "NoIntent" => &["no", "nope", "no thanks", "no thank you", "nah", "no way"],
        "RepeatIntent" => &[
            "repeat",
            "repeat that",
            "say that again",
            "say it again",
            "repeat it",
            "again please",
            "what did you say",
        ],
        "StartOverIntent" => &["start over", "restart", "start again", "begin again"],
        "NextIntent" => &["next", "skip", "skip forward", "go forward", "next one"],
        "PreviousIntent" => &["previous", "go back", "skip back", "back up", "previous one"],
        "PauseIntent" => &["pause", "pause that", "pause it"],
        "ResumeIntent" => &["resume", "continue", "keep going", "unpause"],
        "LoopOnIntent" => &["loop", "loop on", "keep playing this", "turn loop on", "turn on loop"],
        "LoopOffIntent" => &["loop off", "turn loop off", "turn off loop", "stop looping"],
        "ShuffleOnIntent" => &["shuffle", "shuffle on", "shuffle the music", "shuffle mode", "turn shuffle on"],
        "ShuffleOffIntent" => &["stop shuffling", "shuffle off", "turn off shuffle", "turn shuffle off"],
        "NavigateHomeIntent" => &["home", "go home", "go to the home screen", "navigate home"],
        "NavigateSettingsIntent" => &["settings", "open settings", "show settings"],
        "MoreIntent" => &["more", "show more", "tell me more"],
        "PageUpIntent" => &["page up"],
        "PageDownIntent" => &["page down"],
        "ScrollUpIntent" => &["scroll up"],
        "ScrollDownIntent" => &["scroll down"],
        "ScrollLeftIntent" => &["scroll left"],
        "ScrollRightIntent" => &["scroll right"],
        _ => &[],
    }
}

fn german(intent: &str) -> &'static [&'static str] {
    match intent {
        "CancelIntent" => &["abbrechen", "brich ab", "vergiss es", "egal"],
        "HelpIntent" => &["hilfe", "hilf mir", "kannst du mir helfen", "was kann ich sagen"],
        "StopIntent" => &["stop", "stopp", "aus", "beenden", "halt", "schluss", "tschüss"],
        "YesIntent" => &["ja", "ja bitte", "klar", "okay", "ok", "sicher", "genau"],
        "NoIntent" => &["nein", "nein danke", "nö", "nee"],
        "RepeatIntent" => &["wiederholen", "wiederhole das", "sag das noch einmal", "noch einmal", "noch mal"],
        "StartOverIntent" => &["neu starten", "von vorne", "noch mal von vorne", "neustart"],
        "NextIntent" => &["weiter", "nächstes", "nächster", "nächste", "überspringen"],
        "PreviousIntent" => &["zurück", "vorheriges", "vorheriger", "vorherige"],
        "PauseIntent" => &["pause", "anhalten", "pausieren"],
        "ResumeIntent" => &["fortsetzen", "weitermachen", "mach weiter", "weiterspielen"],
        "NavigateHomeIntent" => &["startseite", "nach hause", "gehe zur startseite"],
        _ => &[],
    }
}

fn french(intent: &str) -> &'static [&'static str] {
    match intent {
        "CancelIntent" => &["annule", "annuler", "laisse tomber", "oublie"],
        "HelpIntent" => &["aide", "aide-moi", "aidez-moi", "à l'aide", "peux-tu m'aider", "j'ai besoin d'aide"],
        "StopIntent" => &["stop", "arrête", "arrêter", "au revoir", "quitter"],
        "YesIntent" => &["oui", "oui s'il te plaît", "d'accord", "bien sûr", "ok", "ouais"],
        "NoIntent" => &["non", "non merci"],
        "RepeatIntent" => &["répète", "répéter", "redis-le", "encore une fois"],
        "StartOverIntent" => &["recommence", "recommencer", "depuis le début"],
        "NextIntent" => &["suivant", "suivante", "passe au suivant"],
        "PreviousIntent" => &["précédent", "précédente", "retour", "reviens en arrière"],
        "PauseIntent" => &["pause", "mets en pause"],
        "ResumeIntent" => &["reprends", "reprendre", "continue", "continuer"],
        "NavigateHomeIntent" => &["accueil", "retourne à l'accueil"],
        _ => &[],
    }
}

fn spanish(intent: &str) -> &'static [&'static str] {
    match intent {
        "CancelIntent" => &["cancela", "cancelar", "olvídalo", "déjalo"],
        "HelpIntent" => &["ayuda", "ayúdame", "necesito ayuda"],
        "StopIntent" => &["para", "stop", "detente", "salir", "adiós", "basta", "alto", "termina"],
        "YesIntent" => &["sí", "sí por favor", "claro", "vale", "de acuerdo", "ok"],
        "NoIntent" => &["no", "no gracias"],
        "RepeatIntent" => &["repite", "repetir", "repítelo", "otra vez"],
        "StartOverIntent" => &["empezar de nuevo", "reiniciar", "empieza de nuevo", "desde el principio"],
        "NextIntent" => &["siguiente", "próximo", "próxima", "pasa"],
        "PreviousIntent" => &["anterior", "atrás", "vuelve atrás"],
        "PauseIntent" => &["pausa", "pausar"],
        "ResumeIntent" => &["reanudar", "continúa", "continuar", "sigue"],
        "NavigateHomeIntent" => &["inicio", "ir a inicio"],
        _ => &[],
    }
}

fn italian(intent: &str) -> &'static [&'static str] {
    match intent {
        "CancelIntent" => &["annulla", "lascia stare", "lascia perdere"],
        "HelpIntent" => &["aiuto", "aiutami", "ho bisogno di aiuto"],
        "StopIntent" => &["stop", "basta", "esci", "ferma", "fermati", "chiudi"],
        "YesIntent" => &["sì", "sì grazie", "va bene", "certo", "ok"],
        "NoIntent" => &["no", "no grazie"],
        "RepeatIntent" => &["ripeti", "ripetilo", "ancora una volta"],
        "StartOverIntent" => &["ricomincia", "ricominciamo", "dall'inizio"],
        "NextIntent" => &["avanti", "prossimo", "prossima", "successivo", "salta"],
        "PreviousIntent" => &["indietro", "precedente", "torna indietro"],
        "PauseIntent" => &["pausa", "metti in pausa"],
        "ResumeIntent" => &["riprendi", "continua"],
        "NavigateHomeIntent" => &["home", "vai alla home"],
        _ => &[],
    }
}

fn portuguese(intent: &str) -> &'static [&'static str] {
    match intent {
        "CancelIntent" => &["cancelar", "cancela", "deixa pra lá", "esquece"],
        "HelpIntent" => &["ajuda", "me ajuda", "me ajude", "preciso de ajuda"],
        "StopIntent" => &["parar", "pare", "para", "sair", "tchau"],
        "YesIntent" => &["sim", "sim por favor", "claro", "ok", "tá bom"],
        "NoIntent" => &["não", "não obrigado", "não obrigada"],
        "RepeatIntent" => &["repetir", "repete", "repita", "de novo"],
        "StartOverIntent" => &["recomeçar", "começar de novo", "reiniciar"],
        "NextIntent" => &["próximo", "próxima", "avançar", "pular"],
        "PreviousIntent" => &["anterior", "voltar"],
        "PauseIntent" => &["pausar", "pausa"],
        "ResumeIntent" => &["continuar", "continua", "retomar"],
        "NavigateHomeIntent" => &["início", "ir para o início"],
        _ => &[],
    }
}

fn dutch(intent: &str) -> &'static [&'static str] {
    match intent {
        "CancelIntent" => &["annuleer", "annuleren", "laat maar"],
        "HelpIntent" => &["help", "help me", "hulp"],
        "StopIntent" => &["stop", "stoppen", "klaar"],
        "YesIntent" => &["ja", "ja graag", "zeker", "oké"],
        "NoIntent" => &["nee", "nee bedankt"],
        "RepeatIntent" => &["herhaal", "herhaal dat", "nog een keer"],
        "NextIntent" => &["volgende"],
        "PreviousIntent" => &["vorige", "terug"],
        "PauseIntent" => &["pauze", "pauzeer"],
        "ResumeIntent" => &["hervat", "ga verder"],
        _ => &[],
    }
}

fn japanese(intent: &str) -> &'static [&'static str] {
    match intent {
        "CancelIntent" => &["キャンセル", "キャンセルして", "やめる"],
        "HelpIntent" => &["ヘルプ", "助けて", "使い方を教えて"],
        "StopIntent" => &["ストップ", "止めて", "終了", "終わり", "バイバイ"],
        "YesIntent" => &["はい", "うん", "お願い", "オーケー"],
        "NoIntent" => &["いいえ", "いや", "ちがう"],
        "RepeatIntent" => &["もう一度", "もう一回", "くり返して", "リピート"],
        "StartOverIntent" => &["最初から", "はじめから", "やり直し"],
        "NextIntent" => &["次", "次へ", "スキップ"],
        "PreviousIntent" => &["前", "前へ", "戻って"],
        "PauseIntent" => &["一時停止", "ちょっと待って"],
        "ResumeIntent" => &["再開", "続けて"],
        "NavigateHomeIntent" => &["ホーム", "ホームに戻って"],
        _ => &[],
    }
}

fn hindi(intent: &str) -> &'static [&'static str] {
    match intent {
        "CancelIntent" => &["रद्द करो", "रद्द करें", "कैंसिल", "कैंसिल करो", "रहने दो"],
        "HelpIntent" => &["मदद", "मदद करो", "मेरी मदद करो", "सहायता", "हेल्प"],
        "StopIntent" => &["रुको", "रुक जाओ", "बंद करो", "बस करो", "स्टॉप", "अलविदा"],
        "YesIntent" => &["हाँ", "जी हाँ", "जी", "हाँ जी", "ठीक है", "बिल्कुल"],
        "NoIntent" => &["नहीं", "जी नहीं", "ना", "नहीं चाहिए"],
        "RepeatIntent" => &["दोहराओ", "फिर से बोलो", "फिर से कहो", "दोबारा बोलो"],
        "StartOverIntent" => &["फिर से शुरू करो", "शुरू से शुरू करो", "शुरुआत से"],
        "NextIntent" => &["अगला", "आगे", "आगे बढ़ो"],
        "PreviousIntent" => &["पिछला", "पीछे", "पीछे जाओ"],
        "PauseIntent" => &["पॉज़", "पॉज़ करो", "रोको"],
        "ResumeIntent" => &["जारी रखो", "फिर से चलाओ"],
        _ => &[],
    }
}

fn arabic(intent: &str) -> &'static [&'static str] {
    match intent {
        "CancelIntent" => &["إلغاء", "ألغ", "ألغي", "لا يهم"],
        "HelpIntent" => &["مساعدة", "المساعدة", "ساعدني", "ساعديني"],
        "StopIntent" => &["توقف", "توقفي", "قف", "إيقاف", "أوقف", "مع السلامة"],
        "YesIntent" => &["نعم", "أجل", "أيوه", "حسنا", "موافق"],
        "NoIntent" => &["لا", "لا شكرا", "كلا"],
        "RepeatIntent" => &["كرر", "أعد", "مرة أخرى", "كرري"],
        "StartOverIntent" => &["ابدأ من جديد", "من البداية"],
        "NextIntent" => &["التالي", "التالية"],
        "PreviousIntent" => &["السابق", "السابقة", "ارجع"],
        "PauseIntent" => &["توقف مؤقت", "إيقاف مؤقت"],
        "ResumeIntent" => &["استئناف", "استمر", "تابع", "أكمل"],
        "NavigateHomeIntent" => &["الرئيسية", "الصفحة الرئيسية"],
        _ => &[],
    }
}
