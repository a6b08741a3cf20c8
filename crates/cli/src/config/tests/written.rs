//! What is written of a configuration says the same when it is read.

use proptest::prelude::*;
use sayso_authority::decide::plan::plan;
use sayso_authority::record::configuration::Configuration;
use sayso_server::configuration::file::written;
use toml::Value;

use super::*;

fn configuration(text: &str) -> Configuration {
    let checked = checked(text);
    let Some(config) = checked.config else { panic!("{}\n{text}", printed(&checked)) };
    Configuration { attributes: config.attributes, authorities: config.authorities }
}

/// Reads, writes, and reads again.
#[track_caller]
fn assert_goes_around(text: &str) -> String {
    let first = configuration(text);
    let file = written(&first);
    let second = configuration(&file);
    assert_eq!(plan(Some(&first), &second), [], "{file}");
    assert_eq!(written(&second), file);
    assert_eq!(sayso_server::configuration::digest(&first), sayso_server::configuration::digest(&second));
    file
}

#[test]
fn what_is_in_the_files_of_the_tests_and_the_demo_goes_around() {
    let file = assert_goes_around(WHOLE);
    assert!(!file.contains(SECRET) && !file.contains("[[user]]") && !file.contains("[server]"), "{file}");
    assert!(file.contains("secret_digests = [\""), "{file}");
    let demo = include_str!("../../dev/demo.toml");
    let secrets = demo.replace("%WARDROBE_SECRET%", SECRET).replace("%QUIZ_SECRET%", SECRET);
    assert_goes_around(&secrets.replace("%ADA%", "colorful-teal").replace("%GRACE%", "colorful-crimson"));
}

/// What stands in the file otherwise than it is kept: presets, keys, registration.
#[test]
fn clients_of_every_kind_go_around() {
    let keys = r#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;
    let client = |id: &str, more: &str| {
        format!("\n[[authority.client]]\nid = \"{id}\"\nredirect_uris = [\"https://a.example/\"]\n{more}\n")
    };
    let signs = "authentication = \"private_key_jwt\"";
    let secret = format!("secret = \"{SECRET}\"");
    let text = [
        WHOLE.replacen("layout = ", "registration = \"open\"\nregistration_limit = 7\nlayout = ", 1),
        client("one", &format!("{secret}\npreset = \"alexa\"\nvendor_id = \"M2A\"\ndefault_max_age = 60")),
        client("two", &format!("{secret}\npreset = \"google\"\nrefresh = {{ rotation = \"static\" }}")),
        client("three", "preset = \"spa\""),
        client(
            "four",
            &format!(
                "{signs}\njwks = '{keys}'\nassertion_algorithm = \"EdDSA\"\nid_token_algorithm = \"PS256\"\n\
                      userinfo_algorithm = \"RS256\""
            ),
        ),
        client(
            "five",
            &format!(
                "{signs}\njwks_uri = \"https://a.example/jwks\"\nassertion_audience = \"issuer_or_token_endpoint\""
            ),
        ),
        client("six", &format!("{secret}\nold_secret = \"0123456789abcdef0123456789abcdee\"")),
    ];
    let file = assert_goes_around(&text.concat());
    for line in
        ["registration = \"open\"", "jwks_uri = ", "assertion_algorithm = \"EdDSA\"", "token_profile = \"opaque\""]
    {
        assert!(file.contains(line), "{line}: {file}");
    }
    let digest = sayso_token::digest::Digest::of(SECRET.as_bytes()).base64url();
    let lines = format!("registration = \"token\"\nregistration_token_digests = [\"{digest}\"]\nlayout = ");
    assert_goes_around(&WHOLE.replacen("layout = ", &lines, 1));
}

#[test]
fn connections_go_around() {
    let connection = |id: &str, more: &str| {
        format!(
            "\n[[authority.connection]]\nid = \"{id}\"\nissuer = \"https://{id}.test/\"\nclient_id = \"x\"\n{more}\n"
        )
    };
    let text = [
        WHOLE.to_owned(),
        connection("one", ""),
        connection("two", "scopes = []\nauthentication = \"none\"\nname = \"Two & more\""),
        connection(
            "three",
            "authentication = \"secret_post\"\nemail_domains = [\"a.test\", \"b.test\"]\nsign_up = true",
        ),
    ];
    let file = assert_goes_around(&text.concat());
    assert!(file.contains("[[authority.connection]]") && file.contains("scopes = [\"openid\"]"), "{file}");
}

#[test]
fn a_digest_stands_for_its_secret() {
    let file = written(&configuration(WHOLE));
    let read = configuration(&file);
    assert!(read.authorities[0].client("alexa").unwrap().knows(&Secret::new(SECRET)));
    let digest = sayso_token::digest::Digest::of(SECRET.as_bytes()).base64url();
    let line = format!("secret = \"{SECRET}\"");
    for (instead, words) in [
        (format!("secret_digests = [\"{digest}\"]\n{line}"), "only one of"),
        ("secret_digests = [\"short\"]".to_owned(), "is no digest"),
        ("secret_digests = []".to_owned(), "0 secrets"),
        (format!("secret_digests = [\"{digest}\", \"{digest}\", \"{digest}\"]"), "3 secrets"),
    ] {
        let found = printed(&checked(&WHOLE.replace(&line, &instead)));
        assert!(found.contains(words) && !found.contains("short\""), "{instead}: {found}");
    }
}

/// What is sent to the admin API is held to the same rules, and opens no file.
#[test]
fn what_is_sent_is_only_what_is_put_in_force() {
    let sent = written(&configuration(WHOLE));
    let read = read_sent(&sent).unwrap();
    assert_eq!(plan(Some(&configuration(WHOLE)), &read), []);
    let secret = format!("secret = \"{SECRET}\"");
    for (text, words) in [
        (WHOLE.to_owned(), "server is each node's own"),
        (format!("{sent}\n[admin]\nauthority = \"quiz\"\naudience = \"x\"\n"), "admin is each node's own"),
        (sent.replace("secret_digests = ", "secret_file = \"/etc/passwd\"\n#"), "no file is read"),
        (
            sent.replace("secret_digests = ", "jwks_file = \"/etc/passwd\"\nsecret_digests = "),
            "jwks_file: no file is read",
        ),
        (
            sent.replace("layout = \"okta\"", "layout = \"okta\"\nregistration_token_file = \"/etc/passwd\""),
            "registration_token_file: no file is read",
        ),
        (sent.replace("layout = \"okta\"", "layout = \"octa\""), "unknown value"),
        (String::new(), "there is no authority"),
        ("[[".to_owned(), "not TOML"),
    ] {
        let found = read_sent(&text).unwrap_err().join("\n");
        assert!(found.contains(words) && !found.contains(&secret), "{words}: {found}");
    }
}

/// A name as people write them, with all that TOML has to escape.
fn name() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9\"'\\\\#=\\[\\]{},.äß€😀][a-zA-Z0-9\"'\\\\#=\\[\\]{},.äß€😀 -]{0,30}[a-z\"\\\\]"
}

/// A client's lines: which of them are there is up to chance.
fn client() -> impl Strategy<Value = String> {
    (name(), any::<[bool; 6]>(), 0u32..=600, proptest::option::of(86_400u32..9_999_999)).prop_map(
        |(name, flags, overlap, idle)| {
            let [named, public, native, disabled, always, machine] = flags;
            let mut lines = Vec::new();
            lines.extend(named.then(|| format!("name = {}", Value::String(name))));
            lines.push(if public { "authentication = \"none\"".into() } else { format!("secret = \"{SECRET}\"") });
            lines.push(format!("native = {native}\ndisabled = {disabled}"));
            lines.extend(always.then(|| "consent = \"always\"".to_owned()));
            lines.extend(native.then(|| {
                "logout = { post_logout_redirect_uris = [\"https://client.example/bye\"], backchannel_logout_uri = \
                 \"https://client.example/ended\" }"
                    .to_owned()
            }));
            lines.extend((machine && !public).then(|| "grants = [\"client_credentials\"]".to_owned()));
            let idle = idle.map(|idle| format!(", idle = {idle}")).unwrap_or_default();
            lines.push(format!("refresh = {{ overlap = {overlap}{idle} }}"));
            lines.push(
                "redirect_uris = [\"https://client.example/back\", \"http://127.0.0.1:4001/other?x=1\"]".to_owned(),
            );
            lines.extend(always.then(|| {
                let rule = "pushed_only = true, subject_type = \"pairwise\", sector_identifier = \"a.test\"";
                let starts = "initiate_login_uri = \"https://a.test/in\", target_link_uri = \"https://a.test/\"";
                let tells = "policy_uri = \"https://a.test/policy\", tos_uri = \"https://a.test/terms\"";
                format!("authorization = {{ {rule}, {starts}, {tells} }}")
            }));
            lines.push("scopes = [\"play\", \"openid\"]".to_owned());
            lines.join("\n")
        },
    )
}

fn authority() -> impl Strategy<Value = String> {
    (name(), name(), any::<[bool; 4]>(), proptest::collection::vec(client(), 0..3)).prop_map(
        |(name, sentence, [implicit, default, policy, rotated], clients)| {
            let consent = if implicit { "implicit" } else { "required" };
            let (name, sentence) = (Value::String(name), Value::String(sentence));
            let mut text = format!("name = {name}\nlayout = \"okta\"\n");
            if rotated {
                text.push_str("key_rotation_days = 30\n");
            }
            text.push_str(&format!(
                "[[authority.api]]\naudience = \"https://a.example\"\nname = {name}\nscopes = [{{ name = \"play\", text = \
                 {sentence}, spoken = {sentence}, consent = \"{consent}\", default = {default} }}]\n"
            ));
            for (number, client) in clients.iter().enumerate() {
                text.push_str(&format!("[[authority.client]]\nid = \"client{number}\"\n{client}\n"));
            }
            if policy {
                text.push_str(&format!(
                    "[[authority.policy]]\nname = {name}\n[[authority.policy.rule]]\nname = \"all\"\n\
                     grants = [\"authorization_code\"]\nscopes = []\n"
                ));
            }
            text
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_a_file_says_goes_around(authorities in proptest::collection::vec(authority(), 1..3)) {
        let tables = authorities.iter().enumerate().map(|(number, rest)| {
            format!("[[authority]]\nid = \"one{number}\"\nissuer = \"https://id.example/oauth2/{number}\"\n{rest}")
        });
        assert_goes_around(&tables.collect::<Vec<_>>().join("\n"));
    }
}
