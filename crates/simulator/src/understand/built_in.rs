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
        "NextIntent" => &["next", "skip", "skip forward", "skip it", "skip this", "go forward", "next one"],
        "PreviousIntent" => &["previous", "back", "go back", "skip back", "back up", "previous one"],
        "PauseIntent" => &["pause", "pause that", "pause it"],
        "ResumeIntent" => &["resume", "continue", "keep going", "unpause"],
        "LoopOnIntent" => &["loop", "loop on", "keep playing this", "turn loop on", "turn on loop"],
        "LoopOffIntent" => &["loop off", "turn loop off", "turn off loop", "stop looping"],
        "ShuffleOnIntent" => &["shuffle", "shuffle on", "shuffle the music", "shuffle mode", "turn shuffle on"],
        "ShuffleOffIntent" => &["stop shuffling", "shuffle off", "turn off shuffle", "turn shuffle off"],
        "NavigateHomeIntent" => &["home", "go home", "go to the home screen", "navigate home"],
        "NavigateSettingsIntent" => &["settings", "open settings", "show settings", "go to settings"],
        "MoreIntent" => &["more", "show more", "show me more", "tell me more"],
        "PageUpIntent" => &["page up", "go up a page"],
        "PageDownIntent" => &["page down", "go down a page"],
        "ScrollUpIntent" => &["scroll up", "scroll upwards"],
        "ScrollDownIntent" => &["scroll down", "scroll downwards"],
        "ScrollLeftIntent" => &["scroll left", "scroll to the left"],
        "ScrollRightIntent" => &["scroll right", "scroll to the right"],
        _ => &[],
    }
}

fn german(intent: &str) -> &'static [&'static str] {
    match intent {
        "CancelIntent" => &["abbrechen", "abbruch", "brich ab", "vergiss es", "egal"],
        "HelpIntent" => &["hilfe", "hilf mir", "kannst du mir helfen", "ich brauche hilfe", "was kann ich sagen"],
        "StopIntent" => &["stop", "stopp", "aus", "beenden", "halt", "hör auf", "aufhören", "schluss", "tschüss"],
        "YesIntent" => &["ja", "ja bitte", "klar", "okay", "ok", "sicher", "genau"],
        "NoIntent" => &["nein", "nein danke", "nö", "nee"],
        "RepeatIntent" => &[
            "wiederholen",
            "wiederhole",
            "wiederhole das",
            "sag das noch einmal",
            "noch einmal",
            "noch mal",
            "nochmal",
        ],
        "StartOverIntent" => &["neu starten", "von vorne", "noch mal von vorne", "neustart"],
        "NextIntent" => &["weiter", "nächstes", "nächster", "nächste", "überspringen"],
        "PreviousIntent" => &["zurück", "vorheriges", "vorheriger", "vorherige"],
        "PauseIntent" => &["pause", "anhalten", "pausieren"],
        "ResumeIntent" => &["fortsetzen", "weitermachen", "mach weiter", "weiterspielen"],
        "NavigateHomeIntent" => &["startseite", "nach hause", "gehe zur startseite"],
        "LoopOnIntent" => {
            &["schleife an", "schleife ein", "wiederholung an", "wiederholung einschalten", "endlosschleife"]
        }
        "LoopOffIntent" => &["schleife aus", "wiederholung aus", "wiederholung ausschalten"],
        "ShuffleOnIntent" => &[
            "zufallswiedergabe",
            "zufallswiedergabe an",
            "zufallswiedergabe einschalten",
            "shuffle an",
            "zufällige wiedergabe",
        ],
        "ShuffleOffIntent" => &["zufallswiedergabe aus", "zufallswiedergabe ausschalten", "shuffle aus"],
        "NavigateSettingsIntent" => &["einstellungen", "öffne die einstellungen", "gehe zu den einstellungen"],
        "MoreIntent" => &["mehr", "zeig mehr", "zeige mir mehr", "mehr anzeigen"],
        "PageUpIntent" => &["seite nach oben", "eine seite nach oben"],
        "PageDownIntent" => &["seite nach unten", "eine seite nach unten"],
        "ScrollUpIntent" => &["nach oben", "nach oben scrollen", "scrolle nach oben", "hoch scrollen"],
        "ScrollDownIntent" => &["nach unten", "nach unten scrollen", "scrolle nach unten", "runter scrollen"],
        "ScrollLeftIntent" => &["nach links", "nach links scrollen", "scrolle nach links"],
        "ScrollRightIntent" => &["nach rechts", "nach rechts scrollen", "scrolle nach rechts"],
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
        "LoopOnIntent" => &["en boucle", "active la boucle", "mets en boucle", "répète en boucle"],
        "LoopOffIntent" => &["désactive la boucle", "arrête la boucle"],
        "ShuffleOnIntent" => &["lecture aléatoire", "mode aléatoire", "active la lecture aléatoire", "mélange"],
        "ShuffleOffIntent" => &["désactive la lecture aléatoire", "arrête la lecture aléatoire"],
        "NavigateSettingsIntent" => &["paramètres", "réglages", "va aux paramètres", "ouvre les paramètres"],
        "MoreIntent" => &["plus", "montre plus", "montre-moi plus", "affiche plus"],
        "PageUpIntent" => &["page précédente", "page vers le haut"],
        "PageDownIntent" => &["page suivante", "page vers le bas"],
        "ScrollUpIntent" => &["vers le haut", "défile vers le haut", "fais défiler vers le haut"],
        "ScrollDownIntent" => &["vers le bas", "défile vers le bas", "fais défiler vers le bas"],
        "ScrollLeftIntent" => &["vers la gauche", "défile vers la gauche", "fais défiler vers la gauche"],
        "ScrollRightIntent" => &["vers la droite", "défile vers la droite", "fais défiler vers la droite"],
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
        "LoopOnIntent" => &["en bucle", "activa el bucle", "repetir en bucle"],
        "LoopOffIntent" => &["desactiva el bucle", "quita el bucle"],
        "ShuffleOnIntent" => &["modo aleatorio", "aleatorio", "activa el modo aleatorio", "mezcla"],
        "ShuffleOffIntent" => &["desactiva el modo aleatorio", "quita el modo aleatorio"],
        "NavigateSettingsIntent" => &["ajustes", "configuración", "ir a ajustes", "abre los ajustes"],
        "MoreIntent" => &["más", "muestra más", "muéstrame más", "ver más"],
        "PageUpIntent" => &["página arriba", "página anterior"],
        "PageDownIntent" => &["página abajo", "página siguiente"],
        "ScrollUpIntent" => &["desplázate hacia arriba", "hacia arriba", "sube"],
        "ScrollDownIntent" => &["desplázate hacia abajo", "hacia abajo", "baja"],
        "ScrollLeftIntent" => &["desplázate a la izquierda", "desplázate hacia la izquierda", "hacia la izquierda"],
        "ScrollRightIntent" => &["desplázate a la derecha", "desplázate hacia la derecha", "hacia la derecha"],
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
        "LoopOnIntent" => &["in loop", "attiva il loop", "ripeti in loop"],
        "LoopOffIntent" => &["disattiva il loop", "interrompi il loop"],
        "ShuffleOnIntent" => &["riproduzione casuale", "modalità casuale", "attiva la riproduzione casuale", "mescola"],
        "ShuffleOffIntent" => &["disattiva la riproduzione casuale", "disattiva la modalità casuale"],
        "NavigateSettingsIntent" => &["impostazioni", "vai alle impostazioni", "apri le impostazioni"],
        "MoreIntent" => &["di più", "altro", "mostra altro", "mostrami di più"],
        "PageUpIntent" => &["pagina su", "pagina precedente"],
        "PageDownIntent" => &["pagina giù", "pagina successiva"],
        "ScrollUpIntent" => &["scorri verso l'alto", "scorri in alto", "scorri su"],
        "ScrollDownIntent" => &["scorri verso il basso", "scorri in basso", "scorri giù"],
        "ScrollLeftIntent" => &["scorri a sinistra", "scorri verso sinistra"],
        "ScrollRightIntent" => &["scorri a destra", "scorri verso destra"],
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
        "LoopOnIntent" => &["repetição", "ativar repetição", "em loop", "ativar loop"],
        "LoopOffIntent" => &["desativar repetição", "desativar loop"],
        "ShuffleOnIntent" => &["aleatório", "modo aleatório", "ativar modo aleatório", "embaralhar"],
        "ShuffleOffIntent" => &["desativar modo aleatório", "parar de embaralhar"],
        "NavigateSettingsIntent" => &["configurações", "ajustes", "ir para configurações", "abrir configurações"],
        "MoreIntent" => &["mais", "mostrar mais", "mostre mais"],
        "PageUpIntent" => &["página para cima", "página anterior"],
        "PageDownIntent" => &["página para baixo", "próxima página"],
        "ScrollUpIntent" => &["rolar para cima", "role para cima"],
        "ScrollDownIntent" => &["rolar para baixo", "role para baixo"],
        "ScrollLeftIntent" => &["rolar para a esquerda", "role para a esquerda"],
        "ScrollRightIntent" => &["rolar para a direita", "role para a direita"],
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
        "StartOverIntent" => &["begin opnieuw", "opnieuw beginnen", "start opnieuw"],
        "LoopOnIntent" => &["herhalen aan", "herhaling aan"],
        "LoopOffIntent" => &["herhalen uit", "herhaling uit"],
        "ShuffleOnIntent" => &["shuffle", "shuffle aan"],
        "ShuffleOffIntent" => &["shuffle uit", "stop met shufflen"],
        "NavigateHomeIntent" => &["startscherm", "ga naar het startscherm", "naar huis"],
        "NavigateSettingsIntent" => &["instellingen", "open instellingen"],
        "MoreIntent" => &["meer", "toon meer", "laat meer zien"],
        "ScrollUpIntent" => &["scroll omhoog"],
        "ScrollDownIntent" => &["scroll omlaag"],
        "ScrollLeftIntent" => &["scroll naar links"],
        "ScrollRightIntent" => &["scroll naar rechts"],
        _ => &[],
    }
}

fn japanese(intent: &str) -> &'static [&'static str] {
    match intent {
        "CancelIntent" => &["キャンセル", "キャンセルして", "やめる", "やめて", "取り消し", "取り消して"],
        "HelpIntent" => &["ヘルプ", "助けて", "使い方", "使い方を教えて", "どうすればいいの"],
        "StopIntent" => &[
            "ストップ",
            "止めて",
            "とめて",
            "停止",
            "中止",
            "中止して",
            "終了",
            "終了して",
            "終わり",
            "おわり",
            "バイバイ",
        ],
        "YesIntent" => &["はい", "うん", "ええ", "お願い", "お願いします", "オーケー", "いいよ"],
        "NoIntent" => &["いいえ", "いいや", "いや", "ううん", "ちがう", "違う", "違います"],
        "RepeatIntent" => &["もう一度", "もう一度言って", "もう一回", "くり返して", "繰り返して", "リピート"],
        "StartOverIntent" => &["最初から", "はじめから", "初めから", "やり直し", "やり直して"],
        "NextIntent" => &["次", "次へ", "次に進んで", "スキップ", "スキップして"],
        "PreviousIntent" => &["前", "前へ", "前に戻って", "戻る", "戻って"],
        "PauseIntent" => &["一時停止", "一時停止して", "ポーズ", "ちょっと待って"],
        "ResumeIntent" => &["再開", "再開して", "続けて", "続き"],
        "NavigateHomeIntent" => &["ホーム", "ホームに戻って"],
        "LoopOnIntent" => &["ループ", "ループして", "ループ再生", "ループをオン", "ループオン"],
        "LoopOffIntent" => &["ループをオフ", "ループオフ", "ループを止めて", "ループ解除"],
        "ShuffleOnIntent" => &["シャッフル", "シャッフルして", "シャッフル再生", "シャッフルをオン", "シャッフルオン"],
        "ShuffleOffIntent" => &["シャッフルをオフ", "シャッフルオフ", "シャッフルを止めて", "シャッフル解除"],
        "NavigateSettingsIntent" => &["設定", "設定を開いて"],
        "MoreIntent" => &["もっと", "もっと見る", "もっと見せて"],
        "PageUpIntent" => &["前のページ"],
        "PageDownIntent" => &["次のページ"],
        "ScrollUpIntent" => &["上にスクロール", "上にスクロールして"],
        "ScrollDownIntent" => &["下にスクロール", "下にスクロールして"],
        "ScrollLeftIntent" => &["左にスクロール", "左にスクロールして"],
        "ScrollRightIntent" => &["右にスクロール", "右にスクロールして"],
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
        "NavigateHomeIntent" => &["होम", "होम पर जाओ", "घर"],
        "MoreIntent" => &["और", "और दिखाओ"],
        "NavigateSettingsIntent" => &["सेटिंग्स", "सेटिंग्स खोलो"],
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
        "LoopOnIntent" => &["تكرار", "شغل التكرار", "ابدئي وضع التكرار"],
        "LoopOffIntent" => &["أوقف التكرار", "وقفي التكرار"],
        "ShuffleOnIntent" => &["عشوائي", "شغل الوضع العشوائي"],
        "ShuffleOffIntent" => &["أوقف الوضع العشوائي"],
        "NavigateSettingsIntent" => &["الإعدادات"],
        "MoreIntent" => &["المزيد", "أكثر"],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Cancel, help, stop and the like are said in every locale; what moves a screen or a queue, where it is offered.
    #[test]
    fn every_language_has_phrases_for_the_intents() {
        let everywhere =
            "Cancel Help Stop Yes No Repeat StartOver Next Previous Pause Resume NavigateHome More NavigateSettings";
        let of_seven = "LoopOn LoopOff ShuffleOn ShuffleOff PageUp PageDown ScrollUp ScrollDown ScrollLeft ScrollRight";
        for locale in ["en-US", "de-DE", "fr-CA", "es-MX", "it-IT", "pt-BR", "ja-JP", "nl-NL", "hi-IN", "ar-SA"] {
            let has_all = !matches!(locale, "nl-NL" | "hi-IN" | "ar-SA");
            let names = everywhere.split(' ').chain(of_seven.split(' ').filter(|_| has_all));
            for name in names {
                assert!(phrases(&format!("{name}Intent"), locale).next().is_some(), "{locale}: {name}");
            }
        }
    }

    /// No phrase stands for two intents, so that the order of a model does not decide.
    #[test]
    fn no_phrase_means_two_intents() {
        let names = "Cancel Help Stop Yes No Repeat StartOver Next Previous Pause Resume NavigateHome More NavigateSettings \
                     LoopOn LoopOff ShuffleOn ShuffleOff PageUp PageDown ScrollUp ScrollDown ScrollLeft ScrollRight";
        for locale in ["en-US", "de-DE", "fr-FR", "es-ES", "it-IT", "pt-BR", "ja-JP", "nl-NL", "hi-IN", "ar-SA"] {
            let mut seen = std::collections::BTreeMap::new();
            for name in names.split_whitespace() {
                for phrase in phrases(&format!("{name}Intent"), locale) {
                    let other = seen.insert(phrase, name);
                    assert_eq!(other, None, "{locale}: {phrase:?} is {name} too");
                }
            }
        }
    }
}
