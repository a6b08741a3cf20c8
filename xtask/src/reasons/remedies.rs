//! What to do about reasons whose code does not say it beside them; and what those mean that are given on the spot.

/// Of a reason that is given on the spot, without a comment to take it from.
pub(super) fn meaning(code: &str) -> Option<String> {
    let meanings = [
        ("form_answered_before", "The form was answered before, here or in another window."),
        ("form_unreadable", "The form is not form-encoded UTF-8, or lacks a field."),
        ("link_unknown", "There is no such link, or it is not this person's."),
    ];
    meanings.into_iter().find(|(known, _)| *known == code).map(|(_, meaning)| meaning.to_owned())
}

/// What to do, by the whole code.
const EXACT: &[(&str, &str)] = &[
    ("admin_scope", "give the administrating client the scope, or let another one do it"),
    ("admin_token", "send a live access token of the designated authority for the admin API"),
    ("admin_token_of_a_person", "take a client's own token, by client_credentials"),
    ("beyond_actor", "let somebody do it who has these rights, or leave them out"),
    ("changed_meanwhile", "read it again, and send its ETag as If-Match"),
    ("last_admin", "name another way in first: a client with the admin scopes at the designated authority"),
    ("post_logout_redirect_uri_unknown", "add the address to the client's post_logout_redirect_uris, letter by letter"),
    ("pushed_request_required", "push the request first, and send the browser with the request_uri that came back"),
    ("username_taken", "choose another name, or use the account that is there"),
    ("already_in_group", "nothing: it is as it should be"),
    ("another_person", "sign in as the person that id_token_hint or the claim sub names"),
    ("body_malformed", "look at who sends it: Alexa sends a JSON object with a request"),
    ("certificate_failed", "look at the folder that the message names, and at the clock"),
    ("client_guessing", "look at the address: somebody tries secrets, or a client has an old one"),
    ("client_header_malformed", "send Basic with client_id and client_secret, each form-encoded, in base64"),
    ("client_wrong_method", "send the secret the way the client is registered for, or change its authentication"),
    (
        "client_wrong_secret",
        "compare the secret at the client with the configuration; two may be live while one is replaced",
    ),
    ("client_keys_slow", "look at the client's jwks_uri: it must answer within three seconds"),
    (
        "client_keys_unavailable",
        "look at the client's jwks_uri: it must answer with a JSON Web Key Set, from a public address",
    ),
    ("event_failed", "look at the handler; the log has the error, and Alexa sends the event again for an hour"),
    ("code_challenge", "send the base64url of the verifier's SHA-256, 43 characters"),
    ("code_challenge_method", "send code_challenge_method=S256"),
    ("code_challenge_missing", "send both, or neither"),
    ("code_expired", "redeem codes at once: they are good for a minute"),
    ("code_of_another_client", "redeem a code with the client it was issued to; otherwise somebody has stolen it"),
    ("code_reuse", "redeem a code once. If the client did, two parties have it: the link it began is ended"),
    ("code_unknown", "send the code as it came; it may be another authority's, or forgotten a day after it was spent"),
    ("confidence_level", "ask the person to speak again, or to confirm by voice PIN"),
    ("consent_required", "ask again without prompt=none"),
    ("file_unreadable", "look at the file that the message names"),
    ("form_answered_before", "begin again at the app that asks"),
    ("form_unreadable", "send the page's own form; look at what changes it on the way"),
    (
        "grant_idle",
        "link again; refresh more often, or lengthen refresh.idle of the client or refresh_idle of the rule",
    ),
    ("grant_not_allowed", "add the grant to the client's grants"),
    ("grant_over", "link again; refresh_total of the rule says how long a link lasts"),
    ("grant_revoked", "link again: the person, the client, or a replayed token has ended it; the audit says which"),
    ("group_description_invalid", "use at most 200 characters, none of control"),
    ("group_name_invalid", "use 1 to 80 characters, none of control, no blank at either end"),
    ("group_name_taken", "choose another name, or use the group that is there"),
    ("group_unknown", "name a group that is there"),
    ("link_unknown", "open the account page again"),
    ("login_required", "ask again without prompt=none"),
    ("max_age", "send a number of seconds"),
    ("no_handler", "add a handler that takes the request, such as one for everything else"),
    ("no_matching_policy", "`sayso token preview` names the nearest change"),
    ("not_in_group", "nothing: it is as it should be"),
    ("package_incomplete", "`sayso skill check` says what is missing"),
    ("package_unreadable", "`sayso skill check` says where"),
    ("password_guessing", "wait a quarter of an hour; look at the address"),
    ("password_wrong", "type it again"),
    ("pkce_required", "send code_challenge and code_challenge_method=S256"),
    ("prompt", "send words that are known, with one blank between them"),
    ("prompt_none", "send prompt=none alone"),
    (
        "refresh_reuse",
        "link again. The audit says \"two callers\" (look for a second one) or \"retry after the window\"",
    ),
    ("refresh_token_of_another_client", "refresh with the client that the link was made for"),
    ("refresh_token_unknown", "link again; the token may be another authority's, or its link was forgotten"),
    ("request_object", "send the parameters themselves"),
    (
        "request_repeated",
        "look at what stands before the skill: Alexa sends a request once; a load test must number its own",
    ),
    ("request_untold", "look at the store of spent requests, which is full or cannot be reached"),
    ("request_uri", "send the parameters themselves"),
    ("response_mode", "leave response_mode out, or send one that the metadata names"),
    ("response_refused", "the log names the limit that was passed"),
    ("response_type", "send response_type=code"),
    ("response_type_missing", "send response_type=code"),
    ("setting_invalid", "look at the setting that the message names"),
    ("token_missing", "link the account; the person was sent a card for it"),
    ("token_scanning", "look at the client: it asks about tokens that nobody issued"),
    ("too_many_groups", "take the person out of another group first"),
    ("too_many_wrong_verifiers", "link again; somebody tried verifiers for the code"),
    ("two_apis", "name one API, by audience or by resource"),
    ("unknown_api", "name an API of this authority by audience or resource, or set default_audience"),
    ("unknown_scope", "add the scope to the API and to the client's scopes, or ask for less"),
    ("user_disabled", "enable the account again, if the person is to get in"),
    ("user_unknown", "compare the name with the accounts that are there"),
    ("verifier_wrong", "send the verifier whose SHA-256 was sent as code_challenge"),
];

/// What to do, by how the code begins.
const BEGINNING: &[(&str, &str)] = &[
    ("access_tokens_differ", "refuse it: Alexa sends one account in one request"),
    ("attribute_", "edit what the schema lets this person or administrator write"),
    ("card_", "shorten the card"),
    (
        "client_assertion_",
        "sign iss and sub with the client id, aud with the issuer, a fresh jti and exp, with a key of the client",
    ),
    ("chain_fetch", "look at the way to s3.amazonaws.com, and at who sends unknown addresses"),
    ("chain_url_", "refuse it: Alexa's addresses look otherwise"),
    ("chain_", "refuse it unless it is Alexa's: then look at the clock and the trusted roots"),
    ("dpop_", "make a proof for each request, with the token's key, its method and address, and a clock that is right"),
    ("dialog_", "leave the session open, or the directive out"),
    ("fetch_", "look at the address and the network between"),
    ("handler_", "look at the handler; the log has the error"),
    ("header_", "look at what stands before the skill: signature headers must arrive as Alexa sent them"),
    ("image_", "shorten the address"),
    ("logout_hint_", "send an ID token that this authority gave to the client that asks"),
    ("no_skill_in", "refuse it: Alexa always names the skill"),
    ("only_", "answer this kind of request with what it may be answered with"),
    ("other_skill_in", "compare the skill id with the one the endpoint serves"),
    ("registration", "look at the address, and at registration_limit"),
    ("response_too_large", "say less, or show less"),
    ("signature_", "look at what stands before the skill: the body must arrive byte for byte"),
    ("speech_", "shorten the speech, and close its SSML"),
    ("stream_", "shorten the stream's address or token"),
    ("timestamp_", "compare the clocks; otherwise a request is being replayed"),
    ("too_many_audio", "use fewer sounds"),
    ("users_differ", "refuse it: Alexa sends one account in one request"),
    ("video_", "leave shouldEndSession out"),
    ("value_", "write a value within the attribute's type and bounds; docs/profile.md has them"),
];

/// What to do.
pub(super) fn remedy(code: &str) -> Option<String> {
    let exact = EXACT.iter().find(|(known, _)| *known == code);
    let found = exact.or_else(|| BEGINNING.iter().find(|(beginning, _)| code.starts_with(beginning)));
    found.map(|(_, remedy)| (*remedy).to_owned())
}
