# Was die Seiten sagen. Ein Schlüssel auf -html ist Markup; was eingesetzt wird, ist maskiert.

skip = Zum Inhalt springen
footer = { $authority } · läuft mit Sayso
problem-prefix = Problem:

## Anmelden

login-title = Anmelden
login-asks-html = <strong>{ $client }</strong> möchte wissen, wer Sie sind.
login-for-client-html = Melden Sie sich dazu mit Ihrem Konto bei <strong>{ $authority }</strong> an.
login-for-account-html = Melden Sie sich mit Ihrem Konto bei <strong>{ $authority }</strong> an, um es zu sehen und zu ändern.
login-which-account-html = Melden Sie sich mit Ihrem Konto bei <strong>{ $authority }</strong> an, nicht mit Ihrem { $other }-Konto.
login-username = Benutzername
login-password = Passwort
login-button = Anmelden
login-cancel = Abbrechen
login-wrong-credentials = Benutzername und Passwort passen nicht zusammen. Bitte prüfen Sie beide und versuchen Sie es noch einmal.
login-too-many-tries = { $minutes ->
    [one] Zu viele Versuche. Bitte warten Sie eine Minute und versuchen Sie es dann noch einmal.
   *[other] Zu viele Versuche. Bitte warten Sie { $minutes } Minuten und versuchen Sie es dann noch einmal.
 }
login-form-expired = Diese Seite war zu lange offen, oder Cookies sind abgeschaltet. Bitte melden Sie sich noch einmal an.
login-busy = Gerade melden sich viele an. Bitte versuchen Sie es gleich noch einmal.
login-or = oder
login-ways = Andere Wege, sich anzumelden
login-with = Weiter mit { $provider }

## Was ein Client über sich sagt

client-tells-html = Von <strong>{ $client }</strong>:
client-policy = Datenschutzerklärung
client-terms = Nutzungsbedingungen

## Zustimmung

consent-title = { $client } verknüpfen?
consent-lede-html = <strong>{ $client }</strong> möchte mit Ihrem Konto bei { $authority } für Sie handeln.
consent-signed-in-as = Angemeldet als
consent-switch = Nicht Sie? Anderes Konto verwenden
consent-scopes = Es darf dann
consent-no-scopes = { $client } erfährt nur, dass Sie es sind, und verlangt sonst nichts.
consent-unverified-html = <strong>{ $client }</strong> wurde von { $authority } nicht geprüft. Erlauben Sie es nur, wenn Sie wissen, wer fragt.
consent-next-html = Wenn Sie es erlauben, geht es zurück zu <strong>{ $domain }</strong>. Ihr Passwort wird nicht weitergegeben.
consent-allow = Erlauben
consent-deny = Nicht erlauben
consent-change-later-html = Sie können das jederzeit in <a href="{ $account }">Ihrem Konto</a> beenden.

## Zurück zur App mit einem Formular

form-post-title = Es geht zurück
form-post-lede-html = Es geht zurück zu <strong>{ $domain }</strong>.
form-post-button = Weiter

## Berechtigungen

scope-openid = Sie beim nächsten Mal wiedererkennen
scope-profile = Ihren Namen und Ihr Profil sehen
scope-email = Ihre E-Mail-Adresse sehen
scope-phone = Ihre Telefonnummer sehen
scope-address = Ihre Postanschrift sehen
scope-offline_access = Verknüpft bleiben, bis Sie die Verknüpfung lösen
scope-unnamed = Eine Berechtigung ohne Beschreibung nutzen

## Konto

account-title = Ihr Konto
account-greeting = Hallo, { $name }
account-signed-in-as = Angemeldet als { $username }
account-about = Über Sie
account-about-lede = Das dürfen verknüpfte Apps über Sie erfahren, wenn Sie es erlaubt haben.
account-nothing-known = Außer Ihrem Benutzernamen ist nichts über Sie gespeichert.
account-read-only = Das lässt sich hier nicht ändern.
account-save = Speichern
account-saved = Gespeichert. Verknüpfte Apps erfahren es, wenn sie das nächste Mal fragen.
account-not-saved = Noch ist nichts gespeichert. Bitte sehen Sie sich die markierten Zeilen an.
account-links = Verknüpfte Apps
account-links-lede = Diese Apps dürfen für Sie handeln.
account-no-links = Mit Ihrem Konto ist keine App verknüpft.
account-linked = Verknüpft
account-used = Zuletzt benutzt
account-domain = Antworten gehen an
account-unlink = Verknüpfung lösen
account-unlink-one = Verknüpfung mit { $app } lösen
account-openable = Apps, die Sie öffnen können
account-openable-lede = Sie melden Sie mit diesem Konto an.
account-open = { $app } öffnen
account-unlinked = Die Verknüpfung mit { $app } ist gelöst. Die App kann nicht mehr für Sie handeln.
account-ways = Wege, sich anzumelden
account-ways-lede = Konten anderswo, mit denen Sie sich hier anmelden können.
account-way-account = Konto
account-way-since = Verbunden
account-connect = Verbinden
account-connect-one = { $provider } verbinden
account-connected = Verbunden. Von nun an können Sie sich damit anmelden.
account-disconnect = Trennen
account-disconnect-one = { $provider } trennen
account-disconnected = Getrennt. Damit kann sich niemand mehr für Sie anmelden.
account-last-way = Es ist Ihr einziger Weg, sich anzumelden, und bleibt deshalb. Wer diesen Server betreibt, kann Ihnen ein Passwort geben.

going-title = Weiter zu { $provider }
going-lede = Sie melden sich dort an und kommen hierher zurück.
going-on = Weiter zu { $provider }

attribute-address = Anschrift
attribute-birthdate = Geburtsdatum
attribute-country = Land
attribute-displayName = Anzeigename
attribute-email = E-Mail-Adresse
attribute-email_verified = E-Mail-Adresse bestätigt
attribute-emailVerified = E-Mail-Adresse bestätigt
attribute-family_name = Nachname
attribute-familyName = Nachname
attribute-favoriteColor = Lieblingsfarbe
attribute-firstName = Vorname
attribute-gender = Geschlecht
attribute-given_name = Vorname
attribute-givenName = Vorname
attribute-lastName = Nachname
attribute-locale = Sprache
attribute-locality = Ort
attribute-middle_name = Zweiter Vorname
attribute-middleName = Zweiter Vorname
attribute-name = Name
attribute-nickname = Spitzname
attribute-phone = Telefonnummer
attribute-phone_number = Telefonnummer
attribute-phoneNumber = Telefonnummer
attribute-phone_number_verified = Telefonnummer bestätigt
attribute-phoneNumberVerified = Telefonnummer bestätigt
attribute-picture = Bild
attribute-postal_code = Postleitzahl
attribute-postalCode = Postleitzahl
attribute-preferred_username = Bevorzugter Benutzername
attribute-preferredUsername = Bevorzugter Benutzername
attribute-profile = Profilseite
attribute-region = Bundesland oder Region
attribute-street_address = Straße und Hausnummer
attribute-streetAddress = Straße und Hausnummer
attribute-website = Website
attribute-zoneinfo = Zeitzone

profile-none = –
profile-true = Ja
profile-false = Nein
profile-hint-lines = Ein Eintrag je Zeile.
profile-hint-tel = Beginnen Sie mit + und der Landesvorwahl, etwa +49 30 1234567.

problem-attribute-not-editable = Das lässt sich hier nicht ändern.
problem-value-control-character = Bitte eine Zeile einfachen Text.
problem-value-of-another-kind = Das ist kein Wert für dieses Feld.
problem-value-not-a-number = Bitte eine ganze Zahl, etwa 42.
problem-value-not-a-boolean = Bitte ja oder nein.
problem-value-not-an-email = Bitte eine E-Mail-Adresse, etwa name@example.com.
problem-value-not-a-phone = Bitte eine Telefonnummer, die mit + und der Landesvorwahl beginnt.
problem-value-not-a-date = Bitte einen Tag, etwa 2026-11-25.
problem-value-not-a-url = Bitte eine Web-Adresse, die mit https:// beginnt.
problem-value-not-a-choice = Bitte wählen Sie etwas aus der Liste.
problem-value-pattern = Das ist nicht so geschrieben, wie es hier erwartet wird.
problem-value-too-short = Bitte mindestens { $bound } Zeichen.
problem-value-too-long = Bitte höchstens { $bound } Zeichen.
problem-value-too-small = Bitte { $bound } oder mehr.
problem-value-too-large = Bitte { $bound } oder weniger.
problem-value-too-many = Bitte höchstens { $bound } Einträge.

ago-never = Noch nie
ago-now = Gerade eben
ago-minutes = Vor { $n } Minuten
ago-hours = Vor { $n } Stunden
ago-days = Vor { $n } Tagen
ago-months = Vor { $n } Monaten

## Abmelden

logout-title = Abmelden?
logout-lede = Sie sind als { $name } ({ $username }) angemeldet.
logout-button = Abmelden
logout-stay = Angemeldet bleiben
logout-sender = { $client } hat Sie hierher geschickt, um Sie abzumelden.
logout-everywhere = Überall abmelden
logout-everywhere-lede = Auch auf anderen Geräten oder in anderen Browsern angemeldet?
signed-out-title = Sie sind abgemeldet
signed-out-lede = In diesem Browser ist niemand mehr bei { $authority } angemeldet.
signed-out-links-stay = Verknüpfte Apps bleiben verknüpft. Eine Verknüpfung lösen Sie in Ihrem Konto.
signed-out-again = Wieder anmelden

## Startseite

home-title = Willkommen
home-lede = Hier melden Sie sich an, wenn ein Sprach-Skill oder eine App wissen möchte, wer spricht.
home-how = Sie entscheiden, was jede davon über Sie erfährt, und können es jederzeit zurücknehmen.
home-account = Konto öffnen
home-account-of = Konto öffnen, { $name }
home-developers = Für Entwickler:

## Verknüpft

linked-title = { $client } ist verknüpft
linked-lede = { $client } darf jetzt mit Ihrem Konto bei { $authority } für Sie handeln. Sie können diese Seite schließen.

## Fehler

error-again = Noch einmal versuchen
error-reason = Grund
error-request = Anfrage
error-detail = Einzelheit
error-report = Wenn es wieder geschieht, geben Sie diese Zeilen an die weiter, die den Skill oder diesen Server betreiben.

error-general = Das hat nicht geklappt
error-general-remedy = Gehen Sie dahin zurück, wo Sie herkamen, und versuchen Sie es noch einmal.
error-internal_error = Bei uns ist etwas schiefgegangen
error-internal_error-remedy = Bitte versuchen Sie es noch einmal. Nichts von Ihren Eingaben wurde behalten.
error-not_found = Unter dieser Adresse ist nichts
error-not_found-remedy = Prüfen Sie die Adresse, oder beginnen Sie noch einmal in der App, aus der Sie kamen.
error-client_unknown = Wir kennen die App nicht, die Sie geschickt hat
error-client_unknown-remedy = Nichts wurde weitergegeben. Wer die App macht, muss sie hier mit der richtigen Client-ID eintragen.
error-redirect_uri_unknown = Die App nennt für die Antwort eine Adresse, die nicht ihre ist
error-redirect_uri_unknown-remedy = Nichts wurde weitergegeben. Wer die App macht, muss diese Redirect-URI genau so eintragen, wie sie gesendet wird.
error-redirect_uri_missing = Die App hat nicht gesagt, wohin die Antwort soll
error-redirect_uri_missing-remedy = Nichts wurde weitergegeben. Wer die App macht, muss eine Redirect-URI senden.
error-request_malformed = Die Anfrage ist nicht zu verstehen
error-request_malformed-remedy = Beginnen Sie noch einmal in der App, aus der Sie kamen; geschieht es wieder, muss die Anfrage der App berichtigt werden.
error-client_disabled = Diese App ist hier abgeschaltet
error-client_disabled-remedy = Nichts wurde weitergegeben. Wer diesen Server betreibt, kann sie wieder einschalten.
error-client_id_missing = Die App hat nicht gesagt, welche App sie ist
error-client_id_missing-remedy = Nichts wurde weitergegeben. Wer die App macht, muss ihre Client-ID senden.
error-invalid_request_uri = Diese Anfrage ist abgelaufen oder wurde schon benutzt
error-invalid_request_uri-remedy = Nichts wurde weitergegeben. Gehen Sie zurück zu der App, von der Sie kamen, und beginnen Sie von vorn.
error-parameter_repeated = Die Anfrage sagt dasselbe zweimal
error-parameter_repeated-remedy = Beginnen Sie noch einmal in der App, aus der Sie kamen; geschieht es wieder, muss die Anfrage der App berichtigt werden.
error-flow_expired = Diese Anmeldung ist abgelaufen
error-flow_expired-remedy = Gehen Sie zurück zu der App, aus der Sie kamen, und beginnen Sie die Verknüpfung noch einmal.
error-flow_unknown = Diese Anmeldung gehört nicht zu diesem Browser
error-flow_unknown-remedy = Gehen Sie zurück zu der App, aus der Sie kamen, und beginnen Sie noch einmal. Cookies müssen erlaubt sein.
error-form_expired = Diese Seite war zu lange offen
error-form_expired-remedy = Nichts wurde geändert. Öffnen Sie die Seite noch einmal und wiederholen Sie Ihre Eingabe.
error-form_not_this_browser = Dieses Formular gehört nicht zu diesem Browser
error-form_not_this_browser-remedy = Nichts wurde geändert. Erlauben Sie Cookies, öffnen Sie die Seite noch einmal und wiederholen Sie Ihre Eingabe.
error-form_cross_site = Eine andere Website hat dieses Formular gesendet
error-form_cross_site-remedy = Nichts wurde geändert. Wenn Sie das wollten, öffnen Sie die Seite hier selbst.
error-busy = Gerade ist zu viel los
error-busy-remedy = Bitte versuchen Sie es gleich noch einmal.
error-connection_unknown = Dieser Weg, sich anzumelden, wird hier nicht angeboten
error-connection_unknown-remedy = Gehen Sie zurück und wählen Sie einen anderen.
error-upstream_denied = Sie haben sich bei { $provider } nicht angemeldet
error-upstream_denied-remedy = Es wurde nichts weitergegeben. Versuchen Sie es noch einmal, oder melden Sie sich anders an.
error-upstream_unreachable = { $provider } lässt sich gerade nicht fragen
error-upstream_unreachable-remedy = Versuchen Sie es gleich noch einmal, oder melden Sie sich anders an.
error-upstream_distrusted = Der Antwort von { $provider } ist nicht zu trauen
error-upstream_distrusted-remedy = Sie wurden nicht angemeldet. Versuchen Sie es noch einmal; geschieht es wieder, sagen Sie es dem Betreiber dieses Servers.
error-upstream_state = Diese Anmeldung bei { $provider } ist nicht die, die hier begonnen wurde
error-upstream_state-remedy = Sie hat zu lange gedauert, wurde schon beantwortet oder begann in einem anderen Fenster oder Browser. Beginnen Sie neu, in einem Fenster und mit erlaubten Cookies.
error-upstream_domain = Dieses Konto bei { $provider } darf sich hier nicht anmelden
error-upstream_domain-remedy = Das dürfen nur bestätigte Adressen bestimmter Domains. Wählen Sie dort ein anderes Konto.
error-upstream_not_connected = Niemand hat hier dieses Konto bei { $provider } verbunden
error-upstream_not_connected-remedy = Melden Sie sich mit Ihrem Passwort an und verbinden Sie es auf Ihrer Kontoseite. Danach meldet es Sie an.
error-upstream_taken = Mit dieser Adresse gibt es hier schon ein Konto
error-upstream_taken-remedy = Melden Sie sich mit seinem Passwort an und verbinden Sie { $provider } auf Ihrer Kontoseite.
error-upstream_account_off = Ihr Konto ist hier abgeschaltet
error-upstream_account_off-remedy = Fragen Sie den Betreiber dieses Servers.
error-upstream_anothers_already = Dieses Konto bei { $provider } gehört hier zu einem anderen Konto
error-upstream_anothers_already-remedy = Melden Sie sich dort an und trennen Sie es, oder wählen Sie bei { $provider } ein anderes Konto.
error-upstream_enough = Mehr Konten lassen sich nicht verbinden
error-upstream_enough-remedy = Trennen Sie zuerst eines davon.
error-upstream_last_way = Das ist Ihr einziger Weg, sich anzumelden
error-upstream_last_way-remedy = Verbinden Sie erst einen anderen, oder bitten Sie den Betreiber dieses Servers um ein Passwort.
error-upstream_too_long = Die App, die Sie geschickt hat, fragt zu viel auf einmal
error-upstream_too_long-remedy = Melden Sie sich mit einem Passwort an, oder sagen Sie dem Hersteller der App, dass er seine Anfragen vorab schicken soll (PAR).
