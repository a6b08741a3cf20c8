help = Du kannst nach deiner Lieblingsfarbe fragen, oder sag: Starte ein Quiz.
welcome = Willkommen beim Beispielquiz. { help }
goodbye = Auf Wiedersehen!
not-understood = Das habe ich leider nicht verstanden. { help }
apology = Das Quiz hat gerade leider ein Problem. Bitte versuche es später noch einmal.

color-of-name = Die Lieblingsfarbe von { $name } ist { $color }.
color = Deine Lieblingsfarbe ist { $color }.
no-color-of-name = { $name }, deine Lieblingsfarbe kenne ich noch nicht. Du kannst sie auf deiner Kontoseite eintragen.
no-color = Deine Lieblingsfarbe kenne ich noch nicht. Du kannst sie auf deiner Kontoseite eintragen.

question = { $number ->
    [0] Wie viele Farben hat ein Regenbogen?
    [1] Wie viele Seiten hat ein Sechseck?
    [2] Wie viele Saiten hat eine Geige?
   *[3] Wie viele Beine hat eine Spinne?
}
right = Das ist richtig! { question }
wrong = Nein, die Antwort ist { $right }. { question }
no-number = Ich habe keine Zahl gehört. { question }
last-right = Das ist richtig! { over }
last-wrong = Nein, die Antwort ist { $right }. { over }
over = Das war die letzte Frage. Danke fürs Mitspielen!
