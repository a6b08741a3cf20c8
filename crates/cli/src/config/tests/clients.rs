//! Presets, keys and registration; and that docs/clients.md says what can be used.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;

use sayso_authority::record::client::{AssertionAudience, Client, ClientKeys};
use tempfile::TempDir;

use super::*;

const KEYS: &str = r#"{"keys":[{"kty":"EC","crv":"P-256","kid":"one",
    "x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}]}"#;

/// A folder with the files that the examples name.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in ["alexa.secret", "alexa-plus.secret", "google.secret", "portal.secret", "registration.token"] {
        let path = folder.path().join(name);
        fs::write(&path, SECRET).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    }
    fs::write(folder.path().join("nightly-report.jwks.json"), KEYS).unwrap();
    folder
}

fn in_folder(text: &str) -> Checked {
    let folder = folder();
    check(&folder.path().join("sayso.toml"), text, false)
}

const AUTHORITY: &str = r#"
[[authority]]
id = "home"
issuer = "https://id.example"
layout = "auth0"
[[authority.api]]
audience = "https://api.example"
profile = "azp"
token_lifetime = 900
scopes = [{ name = "read:whattowear", text = "read" }, { name = "mcp:tools", text = "use" }, { name = "mcp:service", text = "list" }]
"#;

fn client(preset: &str, more: &str) -> Client {
    let text = format!("{AUTHORITY}\n[[authority.client]]\nid = \"one\"\npreset = \"{preset}\"\n{more}\n");
    let checked = in_folder(&text);
    assert!(checked.findings.is_empty(), "{preset}: {}", printed(&checked));
    checked.config.unwrap().authorities.remove(0).clients.remove(0)
}

#[test]
fn a_preset_is_what_the_file_does_not_say() {
    const SECRET_FILE: &str = "secret_file = \"alexa.secret\"";
    const BACK: &str = "redirect_uris = [\"https://app.example/back\"]";
    let both = &format!("{SECRET_FILE}\n{BACK}");
    let alexa = client("alexa", &format!("{both}\nvendor_id = \"M2A\""));
    let uris = [
        "https://app.example/back",
        "https://layla.amazon.com/api/skill/link/M2A",
        "https://pitangui.amazon.com/api/skill/link/M2A",
    ];
    assert_eq!(alexa.redirect_uris[..3], uris);
    assert_eq!((alexa.redirect_uris.len(), alexa.authentication), (5, ClientAuthentication::Secret));
    assert_eq!(
        (alexa.refresh.rotation, alexa.refresh.idle, alexa.pkce_required),
        (Rotation::SameSuccessor, None, false)
    );
    assert_eq!((alexa.token_profile, alexa.token_lifetime.unwrap().seconds()), (None, 3600));
    let google = client("google", &format!("{SECRET_FILE}\nproject_id = \"home-1\""));
    assert_eq!(google.redirect_uris[1], "https://oauth-redirect-sandbox.googleusercontent.com/r/home-1");
    assert_eq!((google.token_profile, google.refresh.rotation), (Some(TokenProfile::Opaque), Rotation::SameSuccessor));
    let plus = client("alexa_plus", both);
    assert!(plus.grants.contains(&GrantType::ClientCredentials) && plus.pkce_required);
    assert_eq!((plus.token_profile, plus.refresh.idle), (Some(TokenProfile::Rfc9068), None));
    let (with, without) = (client("mcp", both), client("mcp", BACK));
    assert_eq!(
        (with.authentication, without.authentication),
        (ClientAuthentication::Secret, ClientAuthentication::None)
    );
    assert!(with.pkce_required && without.pkce_required && without.refresh.rotation == Rotation::Strict);
    let web = client("web", both);
    assert!(web.pkce_required && web.is_confidential() && web.refresh.idle.unwrap().seconds() == 30 * 86_400);
    let spa = client("spa", BACK);
    assert_eq!((spa.authentication, spa.refresh.overlap.seconds()), (ClientAuthentication::None, 10));
    assert_eq!((spa.refresh.idle.unwrap().seconds(), spa.token_lifetime.unwrap().seconds()), (86_400, 600));
    let native = client("native", "redirect_uris = [\"http://127.0.0.1/back\"]");
    assert!(native.native && native.pkce_required && !native.is_confidential());
    let machine = client("machine", SECRET_FILE);
    assert_eq!((machine.grants.as_slice(), machine.redirect_uris.len()), (&[GrantType::ClientCredentials][..], 0));
    // What the file says counts.
    let more = "authentication = \"secret_basic\"\npkce_required = true\ntoken_profile = \"cid\"\ntoken_lifetime = 600\nnative = true\n\
                grants = [\"authorization_code\"]\nrefresh = { rotation = \"static\", overlap = 5, idle = 864000 }";
    let own = client("google", &format!("{both}\n{more}"));
    assert_eq!((own.authentication, own.pkce_required, own.native), (ClientAuthentication::SecretBasic, true, true));
    assert_eq!((own.token_profile, own.token_lifetime.unwrap().seconds()), (Some(TokenProfile::Cid), 600));
    assert_eq!((own.refresh.rotation, own.refresh.overlap.seconds()), (Rotation::Static, 5));
    assert_eq!((own.refresh.idle.unwrap().seconds(), own.grants.len(), own.redirect_uris.len()), (864_000, 1, 1));
}

#[test]
fn what_does_not_fit_a_preset_is_told() {
    for (more, words) in [
        ("preset = \"alexa\"", "authorization_code needs a redirect URI"),
        ("preset = \"alexa\"\nvendor_id = \"M2/../x\"", "\"M2/../x\" is no id"),
        ("preset = \"google\"\nvendor_id = \"M2A\"", "another preset, or none"),
        ("preset = \"mcp\"\nproject_id = \"home\"", "another preset, or none"),
        ("preset = \"spa\"\npkce_required = false", "a public client must use PKCE"),
        ("preset = \"spa\"\nrefresh = { rotation = \"static\" }", "cannot keep one refresh token"),
        ("preset = \"machine\"\nauthentication = \"none\"", "needs a client that can prove itself"),
        ("preset = \"alexia\"", "did you mean \"alexa\"?"),
        ("id2 = 1", "unknown key"),
    ] {
        let text = format!("{AUTHORITY}\n[[authority.client]]\nid = \"one\"\n{more}\n");
        let found = printed(&in_folder(&text));
        assert!(found.contains(words), "{more}: {found}");
    }
    let reserved = format!(
        "{AUTHORITY}\n[[authority.client]]\nid = \"dyn_one\"\nsecret = \"{SECRET}\"\nredirect_uris = [\"https://a.example/\"]\n"
    );
    assert!(printed(&in_folder(&reserved)).contains("registered themselves"));
}

#[test]
fn keys_and_secrets_of_clients_are_read() {
    let text = |more: &str| {
        format!("{AUTHORITY}\n[[authority.client]]\nid = \"one\"\nredirect_uris = [\"https://a.example/\"]\n{more}\n")
    };
    let read = |more: &str| {
        let checked = in_folder(&text(more));
        assert!(checked.findings.is_empty(), "{more}: {}", printed(&checked));
        checked.config.unwrap().authorities.remove(0).clients.remove(0)
    };
    let file = "authentication = \"private_key_jwt\"\njwks_file = \"nightly-report.jwks.json\"\nassertion_algorithm = \"ES256\"";
    let rule = read(file).assertion.unwrap();
    assert!(matches!(&rule.keys, ClientKeys::Inline(set) if set["keys"][0]["kid"] == "one"));
    assert_eq!((rule.algorithms.as_slice(), rule.audience), (&[Algorithm::Es256][..], AssertionAudience::Issuer));
    let at = "authentication = \"private_key_jwt\"\njwks_uri = \"https://a.example/jwks\"\nassertion_audience = \"issuer_or_token_endpoint\"";
    let rule = read(at).assertion.unwrap();
    assert_eq!(rule.keys, ClientKeys::At("https://a.example/jwks".to_owned()));
    assert_eq!(
        (rule.algorithms.as_slice(), rule.audience),
        (&[Algorithm::Rs256][..], AssertionAudience::IssuerOrTokenEndpoint)
    );
    let old = "0123456789abcdef0123456789abcdee";
    let two = read(&format!("secret = \"{SECRET}\"\nold_secret = \"{old}\""));
    assert!(two.knows(&Secret::new(SECRET)) && two.knows(&Secret::new(old)) && two.secrets.len() == 2);
    let kept = serde_json::to_string(&two).unwrap();
    for absent in ["assertion", "token_profile", "token_lifetime", "default_max_age", "id_token_algorithm"] {
        assert!(!kept.contains(absent), "nodes of the version before read it: {kept}");
    }
}

#[test]
fn registration_is_off_unless_it_is_switched_on() {
    let with =
        |lines: &str| in_folder(&AUTHORITY.replace("layout = \"auth0\"\n", &format!("layout = \"auth0\"\n{lines}\n")));
    let read = |lines: &str| {
        let checked = with(lines);
        assert!(checked.findings.is_empty(), "{lines}: {}", printed(&checked));
        checked.config.unwrap().authorities.remove(0).registration
    };
    assert_eq!(read(""), None);
    assert_eq!(read("registration = \"off\""), None);
    let open = read("registration = \"open\"").unwrap();
    assert_eq!((open.token_secrets, open.scopes.len(), open.most), (None, IDENTITY_SCOPES.len(), 500));
    let lines = "registration = \"token\"\nregistration_token_file = \"registration.token\"\nregistration_scopes = [\"openid\", \"mcp:tools\"]\nregistration_limit = 7";
    let token = read(lines).unwrap();
    assert_eq!(
        (token.token_secrets.unwrap().len(), token.scopes.as_slice(), token.most),
        (1, &["openid".to_owned(), "mcp:tools".to_owned()][..], 7)
    );
    for (lines, words) in [
        ("registration = \"token\"", "a token that nobody has"),
        ("registration = \"open\"\nregistration_token_file = \"registration.token\"", "no token is needed"),
        ("registration = \"open\"\nregistration_limit = 0", "0 clients cannot register"),
        ("registration = \"open\"\nregistration_scopes = [\"admin\"]", "has the scope \"admin\""),
        ("registration = \"token\"\nregistration_token_file = \"nowhere\"", "nowhere"),
        ("registration = \"yes\"", "unknown value \"yes\""),
    ] {
        let found = printed(&with(lines));
        assert!(found.contains(words), "{lines}: {found}");
    }
}

/// Every example of the page is one that can be used.
#[test]
fn the_examples_of_the_documentation_can_be_used() {
    let page = include_str!("../../../../../docs/clients.md");
    let mut examples = 0;
    for block in page.split("```toml\n").skip(1) {
        let block = block.split("```").next().unwrap();
        let text = match block.contains("[[authority]]") {
            true => {
                let lines = block.split_once("id = \"home\"\n").unwrap().1;
                AUTHORITY.replace("layout = \"auth0\"\n", &format!("layout = \"auth0\"\n{lines}\n"))
            }
            false => format!("{AUTHORITY}\n{}", block.replace("\"mcp:", "\"plus:")),
        };
        let checked = in_folder(&text);
        assert!(checked.config.is_some(), "{block}\n{}", printed(&checked));
        examples += 1;
    }
    assert_eq!(examples, 5);
}
