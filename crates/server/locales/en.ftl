# What the authority's pages say. A key that ends in -html is markup; what is filled in is escaped.

skip = Skip to content
footer = { $authority } · runs on Sayso
problem-prefix = Problem:

## Login

login-title = Sign in
login-asks-html = <strong>{ $client }</strong> would like to know who you are.
login-for-client-html = Sign in with your <strong>{ $authority }</strong> account to go on.
login-for-account-html = Sign in with your <strong>{ $authority }</strong> account to see and change it.
login-which-account-html = Sign in with your <strong>{ $authority }</strong> account, not with your { $other } account.
login-username = User name
login-password = Password
login-button = Sign in
login-cancel = Cancel
login-wrong-credentials = User name and password do not match. Please check both and try again.
login-too-many-tries = { $minutes ->
    [one] Too many tries. Please wait a minute, then try again.
   *[other] Too many tries. Please wait { $minutes } minutes, then try again.
 }
login-form-expired = This page was open for too long, or cookies are switched off. Please sign in again.
login-busy = Many people are signing in just now. Please try again in a moment.
login-or = or
login-ways = Other ways to sign in
login-with = Continue with { $provider }

## What a client says of itself

client-tells-html = From <strong>{ $client }</strong>:
client-policy = Privacy policy
client-terms = Terms of service

## Consent

consent-title = Link { $client }?
consent-lede-html = <strong>{ $client }</strong> asks to act for you with your { $authority } account.
consent-signed-in-as = Signed in as
consent-switch = Not you? Use another account
consent-scopes = It will be able to
consent-no-scopes = { $client } will only learn that it is you. It asks for nothing else.
consent-unverified-html = <strong>{ $client }</strong> has not been checked by { $authority }. Allow this only if you know who asks.
consent-next-html = If you allow this, you go back to <strong>{ $domain }</strong>. Your password is not shared.
consent-allow = Allow
consent-deny = Don’t allow
consent-change-later-html = You can end this at any time in <a href="{ $account }">your account</a>.

## Back to the client by a form

form-post-title = Going back
form-post-lede-html = You go back to <strong>{ $domain }</strong>.
form-post-button = Continue

## Scopes. Others have words in the configuration.

scope-openid = Recognize you when you come back
scope-profile = See your name and profile
scope-email = See your e-mail address
scope-phone = See your telephone number
scope-address = See your postal address
scope-offline_access = Stay linked until you unlink it
scope-unnamed = Use a permission that has no description

## Account

account-title = Your account
account-greeting = Hello, { $name }
account-signed-in-as = Signed in as { $username }
account-about = About you
account-about-lede = This is what linked apps may hear about you, if you allowed it.
account-nothing-known = Nothing is kept about you besides your user name.
account-read-only = This cannot be changed here.
account-save = Save
account-saved = Saved. Linked apps learn it the next time they ask.
account-not-saved = Nothing was saved yet. Please look at the marked lines.
account-links = Linked apps
account-links-lede = These apps may act for you.
account-no-links = No app is linked to your account.
account-linked = Linked
account-used = Last used
account-domain = Answers go to
account-unlink = Unlink
account-unlink-one = Unlink { $app }
account-openable = Apps you can open
account-openable-lede = They sign you in with this account.
account-open = Open { $app }
account-unlinked = { $app } is unlinked. It can no longer act for you.
account-ways = Ways to sign in
account-ways-lede = Accounts elsewhere with which you can sign in here.
account-way-account = Account
account-way-since = Connected
account-connect = Connect
account-connect-one = Connect { $provider }
account-connected = Connected. You can sign in with it from now on.
account-disconnect = Disconnect
account-disconnect-one = Disconnect { $provider }
account-disconnected = Disconnected. It signs you in no longer.
account-last-way = This is your only way to sign in, so it stays. Whoever runs this server can give you a password.

going-title = On to { $provider }
going-lede = You sign in there, and come back here.
going-on = Go on to { $provider }

attribute-address = Address
attribute-birthdate = Date of birth
attribute-country = Country
attribute-displayName = Display name
attribute-email = E-mail address
attribute-email_verified = E-mail address confirmed
attribute-emailVerified = E-mail address confirmed
attribute-family_name = Last name
attribute-familyName = Last name
attribute-favoriteColor = Favorite color
attribute-firstName = First name
attribute-gender = Gender
attribute-given_name = First name
attribute-givenName = First name
attribute-lastName = Last name
attribute-locale = Language
attribute-locality = Town
attribute-middle_name = Middle name
attribute-middleName = Middle name
attribute-name = Name
attribute-nickname = Nickname
attribute-phone = Telephone number
attribute-phone_number = Telephone number
attribute-phoneNumber = Telephone number
attribute-phone_number_verified = Telephone number confirmed
attribute-phoneNumberVerified = Telephone number confirmed
attribute-picture = Picture
attribute-postal_code = Postal code
attribute-postalCode = Postal code
attribute-preferred_username = Preferred user name
attribute-preferredUsername = Preferred user name
attribute-profile = Profile page
attribute-region = State or region
attribute-street_address = Street and number
attribute-streetAddress = Street and number
attribute-website = Website
attribute-zoneinfo = Time zone

profile-none = –
profile-true = Yes
profile-false = No
profile-hint-lines = One entry on each line.
profile-hint-tel = Begin with + and the country code, such as +1 415 555 0100.

problem-attribute-not-editable = This cannot be changed here.
problem-value-control-character = One line of plain text, please.
problem-value-of-another-kind = This is not a value for this field.
problem-value-not-a-number = A whole number, please, such as 42.
problem-value-not-a-boolean = Yes or no, please.
problem-value-not-an-email = An e-mail address, please, such as name@example.com.
problem-value-not-a-phone = A telephone number, please, that begins with + and the country code.
problem-value-not-a-date = A day, please, such as 2026-11-25.
problem-value-not-a-url = A web address, please, that begins with https://.
problem-value-not-a-choice = Choose one of the list, please.
problem-value-pattern = This is not written the way it is expected here.
problem-value-too-short = At least { $bound } characters, please.
problem-value-too-long = At most { $bound } characters, please.
problem-value-too-small = { $bound } or more, please.
problem-value-too-large = { $bound } or less, please.
problem-value-too-many = At most { $bound } entries, please.

ago-never = Not yet
ago-now = Just now
ago-minutes = { $n } minutes ago
ago-hours = { $n } hours ago
ago-days = { $n } days ago
ago-months = { $n } months ago

## Signing out

logout-title = Sign out?
logout-lede = You are signed in as { $name } ({ $username }).
logout-button = Sign out
logout-stay = Stay signed in
logout-sender = { $client } has sent you here to sign out.
logout-everywhere = Sign out everywhere
logout-everywhere-lede = Signed in on other devices or browsers as well?
signed-out-title = You are signed out
signed-out-lede = Nobody is signed in to { $authority } in this browser any more.
signed-out-links-stay = Linked apps stay linked. To end a link, unlink the app in your account.
signed-out-again = Sign in again

## Home

home-title = Welcome
home-lede = Here you sign in when a voice skill or an app wants to know who is speaking.
home-how = You decide what each of them may learn about you, and you can take it back at any time.
home-account = Open your account
home-account-of = Open your account, { $name }
home-developers = For developers:

## Linked

linked-title = { $client } is linked
linked-lede = { $client } may now act for you with your { $authority } account. You can close this page.

## Errors: error-<reason> says what happened, error-<reason>-remedy what to do.

error-again = Try again
error-reason = Reason
error-request = Request
error-detail = Detail
error-report = If this happens again, give these lines to whoever runs the skill or this server.

error-general = This did not work
error-general-remedy = Go back to where you came from and try again.
error-internal_error = Something went wrong on our side
error-internal_error-remedy = Please try again. Nothing you entered was kept.
error-not_found = There is nothing at this address
error-not_found-remedy = Check the address, or start again from the app you came from.
error-client_unknown = We do not know the app that sent you
error-client_unknown-remedy = Nothing was shared. The maker of the app must register it here, with the right client id.
error-redirect_uri_unknown = The app gave an address for the answer that is not its own
error-redirect_uri_unknown-remedy = Nothing was shared. The maker of the app must register this redirect URI exactly as it is sent.
error-redirect_uri_missing = The app did not say where to answer
error-redirect_uri_missing-remedy = Nothing was shared. The maker of the app must send a redirect URI.
error-request_malformed = The request cannot be understood
error-request_malformed-remedy = Start again from the app you came from; if it happens again, its maker must correct the request.
error-client_disabled = This app is switched off here
error-client_disabled-remedy = Nothing was shared. Whoever runs this server can switch it on again.
error-client_id_missing = The app did not say which app it is
error-client_id_missing-remedy = Nothing was shared. The maker of the app must send its client id.
error-invalid_request_uri = This request has expired or was used before
error-invalid_request_uri-remedy = Nothing was shared. Go back to the app you came from and start again.
error-parameter_repeated = The request says the same thing twice
error-parameter_repeated-remedy = Start again from the app you came from; if it happens again, its maker must correct the request.
error-flow_expired = This sign-in has expired
error-flow_expired-remedy = Go back to the app you came from and start linking again.
error-flow_unknown = This sign-in does not belong to this browser
error-flow_unknown-remedy = Go back to the app you came from and start linking again. Cookies must be allowed.
error-form_expired = This page was open for too long
error-form_expired-remedy = Nothing was changed. Open the page again and repeat what you did.
error-form_not_this_browser = This form does not belong to this browser
error-form_not_this_browser-remedy = Nothing was changed. Allow cookies, open the page again and repeat what you did.
error-form_cross_site = Another site sent this form
error-form_cross_site-remedy = Nothing was changed. If you meant to do this, open the page here yourself.
error-busy = Too much is going on just now
error-busy-remedy = Please try again in a moment.
error-connection_unknown = This way to sign in is not offered here
error-connection_unknown-remedy = Go back and choose another one.
error-upstream_denied = You did not sign in at { $provider }
error-upstream_denied-remedy = Nothing was shared. Try again, or sign in another way.
error-upstream_unreachable = { $provider } cannot be asked just now
error-upstream_unreachable-remedy = Try again in a moment, or sign in another way.
error-upstream_distrusted = The answer of { $provider } cannot be trusted
error-upstream_distrusted-remedy = You were not signed in. Try again; if it happens again, tell whoever runs this server.
error-upstream_state = This sign-in at { $provider } is not the one that was begun here
error-upstream_state-remedy = It took too long, was answered before, or was begun in another window or browser. Begin anew, in one window, with cookies allowed.
error-upstream_domain = This account of { $provider } may not sign in here
error-upstream_domain-remedy = Only verified addresses of certain domains may. Choose another account there.
error-upstream_not_connected = Nobody here has connected this account of { $provider }
error-upstream_not_connected-remedy = Sign in with your password, and connect it on your account page. After that it signs you in.
error-upstream_taken = There is an account with this address here already
error-upstream_taken-remedy = Sign in with its password, and connect { $provider } on your account page.
error-upstream_account_off = Your account here is switched off
error-upstream_account_off-remedy = Ask whoever runs this server.
error-upstream_anothers_already = This account of { $provider } belongs to another account here
error-upstream_anothers_already-remedy = Sign in to that one and disconnect it there, or choose another account at { $provider }.
error-upstream_enough = You have connected as many accounts as one may
error-upstream_enough-remedy = Disconnect one of them first.
error-upstream_last_way = This is your only way to sign in
error-upstream_last_way-remedy = Connect another one first, or ask whoever runs this server for a password.
error-upstream_too_long = The app that sent you asks for too much at once
error-upstream_too_long-remedy = Sign in with a password, or tell the maker of the app to push its requests (PAR).
