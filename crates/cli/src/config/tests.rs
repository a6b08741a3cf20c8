#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::path::Path;

use sayso_authority::decide::policy::{Question, permit};
use sayso_authority::record::api::{ScopeConsent, TokenProfile};
use sayso_authority::record::attribute::Kind;
use sayso_authority::record::authority::{Authority, Layout};
use sayso_authority::record::claim::{Carrier, Says};
use sayso_authority::record::client::{ClientAuthentication, GrantType, Rotation};
use sayso_authority::record::policy::{Covers, Factor};
use sayso_store::{Migrate, Retention};
use sayso_token::algorithm::Algorithm;
use sayso_token::secret::Secret;
use sayso_token::time::Lifetime;

use super::*;

mod acme;
mod clients;
mod connections;
mod faults;
mod written;

const SECRET: &str = "0123456789abcdef0123456789abcdef";

/// A file with everything in it; the tables below change one line of it.
const WHOLE: &str = r#"[server]
listen = "127.0.0.1:4000"

[[attribute]]
name = "firstName"

[[attribute]]
name = "favoriteColor"
label = "Favorite color"
self_editable = true
max_chars = 40

[[attribute]]
name = "size"
type = "enum"
label = { en = "Size", de = "Größe" }
choices = ["s", { value = "l", label = { en = "Large" } }]
person = "write"

[[attribute]]
name = "age"
type = "integer"
min = 0
max = 150
person = "none"
admin = "read"

[[attribute]]
name = "country"
pattern = "[A-Z]{2}"
min_chars = 2
hint = "Two letters."
claims = false

[[group]]
name = "gold"
description = "Who pays for more."

[[group]]
name = "household"

[[user]]
username = " Ada "
groups = ["gold"]
password = "colorful-teal"
attributes = { firstName = "Ada", favoriteColor = "teal", age = 36 }

[[authority]]
id = "quiz"
name = "OktaQuizGameSkillAuthServer"
issuer = "http://127.0.0.1:4000/oauth2/quiz"
layout = "okta"
introspection_by_query = true

[[authority.api]]
audience = "https://quiz.example"
profile = "cid"
algorithm = "ES256"
token_lifetime = 3600
scopes = [{ name = "play", text = "play for you", spoken = "play", consent = "implicit", default = true }]

[[authority.claim]]
name = "FavoriteColorClaim"
attribute = "favoriteColor"
scopes = ["profile"]

[[authority.claim]]
name = "color"
carrier = "id_token"
attribute = "favoriteColor"

[[authority.claim]]
name = "liking"
carriers = ["userinfo"]
expression = "user.firstName + ' likes ' + user.favoriteColor"
on_request = true

[[authority.policy]]
name = "voice"
clients = ["alexa"]

[[authority.policy.rule]]
name = "linking"
grants = ["authorization_code"]
scopes = ["openid", "play"]

[[authority.policy.rule]]
name = "paying"
grants = ["authorization_code"]
users = ["Ada"]
groups = ["gold"]
factor = "password"
when = "user.firstName != 'Eve'"
lifetimes = { access_token = 600, refresh_idle = 864001, refresh_total = 8640000 }

[[authority.client]]
id = "alexa"
name = "Sample Quiz Game"
authentication = "secret_post"
secret = "0123456789abcdef0123456789abcdef"
redirect_uris = ["https://layla.amazon.com/api/skill/link/M2AAAAAAAAAAAA"]
scopes = ["openid", "play"]
refresh = { rotation = "strict", overlap = 30, idle = 864000 }

[[authority.client]]
id = "app"
authentication = "none"
native = true
redirect_uris = ["http://127.0.0.1/back"]
pkce_required = true
introspects = ["https://quiz.example"]
"#;

fn checked(text: &str) -> Checked {
    check(Path::new("sayso.toml"), text, false)
}

fn printed(checked: &Checked) -> String {
    checked.findings.iter().map(|finding| format!("{finding}\n")).collect()
}

fn allows(authority: &Authority, client: &str, scope: &str, grant: GrantType) -> bool {
    let (client, scopes) = (authority.client(client).unwrap(), [scope.to_owned()]);
    permit(&Question { authority, client, grant, user: None, api: &authority.apis[0], scopes: &scopes }).is_some()
}

#[test]
fn the_whole_file_becomes_records() {
    let checked = checked(WHOLE);
    assert!(checked.findings.is_empty(), "{}", printed(&checked));
    let config = checked.config.unwrap();
    assert_eq!(config.users[0].username, "ada");
    assert_eq!(config.users[0].attributes["favoriteColor"], "teal".into());
    assert_eq!((config.attributes[0].label.as_str(), config.attributes[0].max_chars), ("firstName", 200));
    let size = &config.attributes[2];
    assert_eq!((size.label_in("de"), size.label_in("fr"), size.self_editable), ("Größe", "Size", true));
    let Kind::Choice(choices) = &size.kind else { panic!("{size:?}") };
    assert_eq!((choices[0].label_in("en"), choices[1].label_in("en"), choices[1].label_in("fr")), ("s", "Large", "l"));
    let (age, country) = (&config.attributes[3], &config.attributes[4]);
    assert_eq!((&age.kind, age.constraints.min, age.constraints.max), (&Kind::Integer, Some(0), Some(150)));
    assert_eq!((age.access.person_reads, age.access.admin_reads, age.access.admin_writes), (false, true, false));
    assert!(!country.access.claims_read && country.constraints.pattern.as_ref().unwrap().matches("DE"));
    assert_eq!((country.constraints.min_chars, country.hint_in("de")), (Some(2), Some("Two letters.")));
    assert_eq!(config.users[0].attributes["age"], 36.into());
    assert_eq!((config.groups[0].name.as_str(), &config.users[0].groups[..]), ("gold", &["gold".to_owned()][..]));
    assert!(config.attributes[1].self_editable && !config.attributes[0].self_editable);
    let authority = &config.authorities[0];
    assert_eq!(authority.layout, Layout::Okta);
    assert!(authority.introspection_by_query);
    assert_eq!(authority.default_audience.as_deref(), Some("https://quiz.example"));
    let api = &authority.apis[0];
    assert_eq!((api.profile, api.algorithm, api.token_lifetime.seconds()), (TokenProfile::Cid, Algorithm::Es256, 3600));
    assert_eq!(authority.claims[0].carriers, Carrier::OF_ACCESS);
    assert_eq!(authority.claims[1].carriers, Carrier::OF_IDENTITY);
    assert_eq!(authority.claims[1].says, Says::Attribute("favoriteColor".into()));
    let Says::Expression(color) = &authority.claims[2].says else { panic!("an expression") };
    assert_eq!(color.text(), "user.firstName + ' likes ' + user.favoriteColor");
    assert_eq!((&authority.claims[2].carriers[..], authority.claims[2].on_request), (&[Carrier::Userinfo][..], true));
    let scope = &api.scopes[0];
    assert_eq!((scope.spoken.as_deref(), scope.consent, scope.default), (Some("play"), ScopeConsent::Implicit, true));
    let alexa = authority.client("alexa").unwrap();
    assert!(alexa.knows(&Secret::new(SECRET)) && !alexa.knows(&Secret::new("another")));
    assert_eq!(alexa.authentication, ClientAuthentication::SecretPost);
    assert_eq!(alexa.refresh.rotation, Rotation::Strict);
    assert_eq!((alexa.refresh.overlap.seconds(), alexa.refresh.idle.unwrap().seconds()), (30, 864_000));
    let app = authority.client("app").unwrap();
    assert!(app.native && app.pkce_required && app.secrets.is_empty());
    let rule = |client, scope| allows(authority, client, scope, GrantType::AuthorizationCode);
    let paying = &authority.policies[0].rules[1];
    assert_eq!((&paying.users[..], &paying.groups[..]), (&["ada".to_owned()][..], &["gold".to_owned()][..]));
    assert_eq!(
        (paying.factor, paying.when.as_ref().unwrap().text()),
        (Some(Factor::Password), "user.firstName != 'Eve'")
    );
    let seconds = |lifetime: Option<Lifetime>| lifetime.unwrap().seconds();
    let lives = paying.lifetimes;
    assert_eq!([lives.access_token, lives.refresh_idle, lives.refresh_total].map(seconds), [600, 864_001, 8_640_000]);
    assert!(rule("alexa", "play") && !rule("alexa", "profile") && !rule("app", "play"));
}

#[test]
fn signing_keys_are_rotated_by_a_schedule_where_one_is_given() {
    let line = "introspection_by_query = true\n";
    let scheduled = checked(&WHOLE.replace(line, &format!("{line}key_rotation_days = 90\n")));
    assert!(scheduled.findings.is_empty(), "{}", printed(&scheduled));
    assert_eq!(scheduled.config.unwrap().authorities[0].key_rotation_days, Some(90));
}

#[test]
fn what_is_left_out_has_the_documented_default() {
    let checked = checked(&format!(
        r#"
[[authority]]
id = "one"
issuer = "https://id.example"
layout = "auth0"
[[authority.api]]
audience = "https://api.example"
[[authority.api]]
audience = "https://other.example"
[[authority.client]]
id = "alexa"
secret = "{SECRET}"
redirect_uris = ["https://client.example/back"]
"#
    ));
    assert!(checked.findings.is_empty(), "{}", printed(&checked));
    let config = checked.config.unwrap();
    assert_eq!(config.server.listen.to_string(), "127.0.0.1:4000");
    assert_eq!(config.server.database.to_string(), "sayso.db");
    assert_eq!(config.server.master_key, Path::new("master.key"));
    assert_eq!(config.server.pages, None);
    assert_eq!((config.server.migrate, config.server.retention), (Migrate::AtStart, Retention::default()));
    let authority = &config.authorities[0];
    assert_eq!((authority.name.as_str(), authority.default_audience.as_deref()), ("one", None));
    assert!(!authority.introspection_by_query);
    assert_eq!(authority.key_rotation_days, None);
    let kept = serde_json::to_string(authority).unwrap();
    assert!(!kept.contains("key_rotation_days"), "nodes of the version before read it: {kept}");
    let api = &authority.apis[0];
    assert_eq!(
        (api.profile, api.algorithm, api.token_lifetime.seconds()),
        (TokenProfile::Rfc9068, Algorithm::Rs256, 900)
    );
    let client = &authority.clients[0];
    assert_eq!(client.authentication, ClientAuthentication::Secret);
    assert_eq!(client.grants, [GrantType::AuthorizationCode, GrantType::RefreshToken]);
    assert!(!client.pkce_required && !client.native && !client.disabled);
    assert_eq!(client.refresh.rotation, Rotation::SameSuccessor);
    assert_eq!((client.refresh.overlap.seconds(), client.refresh.idle), (60, None));
    let policy = &authority.policies[0];
    assert_eq!(policy.clients, Covers::All);
    for grant in [GrantType::AuthorizationCode, GrantType::ClientCredentials] {
        assert!(allows(authority, "alexa", "openid", grant));
    }
}

#[test]
fn authorities_of_one_installation_stay_apart() {
    for (issuer, words) in [
        ("http://127.0.0.1:4000/oauth2/quiz", "a second time, first in line 51"),
        ("http://127.0.0.1:4000/oauth2/quiz/v1", "lies among the addresses of authority \"quiz\""),
        ("http://localhost:4000", "is not http://127.0.0.1:4000"),
    ] {
        let text = format!("{WHOLE}\n[[authority]]\nid = \"two\"\nissuer = \"{issuer}\"\nlayout = \"okta\"\n");
        let found = printed(&checked(&text));
        assert!(found.contains(words), "{issuer}:\n{found}");
    }
}

#[test]
fn every_unknown_key_is_told_at_once() {
    let text = WHOLE.replace("self_editable", "selfEditable").replace("introspects", "inspects");
    let text = text.replacen("label", "lable", 1);
    let found = printed(&checked(&text));
    for (line, nearest) in [(9, "label"), (10, "self_editable"), (111, "introspects")] {
        assert!(found.contains(&format!("sayso.toml:{line}: error: ")), "{found}");
        assert!(found.contains(&format!("did you mean {nearest:?}?")), "{found}");
    }
}

#[test]
fn an_empty_file_says_what_to_add() {
    let found = printed(&checked(""));
    assert_eq!(
        found,
        "sayso.toml:1: error: there is no authority; add a table [[authority]] with id, issuer and layout\n"
    );
}

#[test]
fn secrets_may_stand_in_a_file_that_others_cannot_read() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let (config, secrets) = (folder.path().join("sayso.toml"), folder.path().join("alexa.secret"));
    let text = WHOLE.replace(&format!("secret = \"{SECRET}\""), "secret_file = \"alexa.secret\"");
    let second = "fedcba9876543210fedcba9876543210";
    std::fs::write(&config, text).unwrap();
    std::fs::set_permissions(&config, std::fs::Permissions::from_mode(0o600)).unwrap();
    for (content, mode, words) in [
        (format!("{SECRET}\n"), 0o600, None),
        (format!("{SECRET}\n\n{second}\n"), 0o640, None),
        (format!("{SECRET}\n"), 0o644, Some("others on this machine can read it; chmod 600 it")),
        (String::new(), 0o600, Some("0 secrets stand in it")),
        (format!("{SECRET}\n{second}\n{second}\n"), 0o600, Some("3 secrets")),
        ("short\n".to_owned(), 0o600, Some("shorter than 32")),
    ] {
        std::fs::write(&secrets, &content).unwrap();
        std::fs::set_permissions(&secrets, std::fs::Permissions::from_mode(mode)).unwrap();
        let checked = read(&config).unwrap();
        match words {
            Some(words) => assert!(printed(&checked).contains(words), "{content:?}: {}", printed(&checked)),
            None => {
                let config = checked.config.unwrap();
                let client = config.authorities[0].client("alexa").unwrap();
                assert!(client.knows(&Secret::new(SECRET)));
                assert_eq!(client.knows(&Secret::new(second)), content.contains(second));
            }
        }
    }
}

#[test]
fn a_first_password_may_stand_in_a_file_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let (config, password) = (folder.path().join("sayso.toml"), folder.path().join("ada.password"));
    let written = |user: &str| {
        let text = WHOLE.replace("password = \"colorful-teal\"", user);
        crate::private::write(&config, text.as_bytes()).unwrap();
        read(&config).unwrap()
    };
    for (content, words) in [
        ("a long passphrase \n", None),
        ("a long passphrase \r\n", None),
        ("short\n", Some("password_file: a password has at least 8 characters")),
        ("\n", Some("password_file: a password has at least 8 characters")),
    ] {
        crate::private::write(&password, content.as_bytes()).unwrap();
        let checked = written("password_file = \"ada.password\"");
        match words {
            Some(words) => assert!(printed(&checked).contains(words), "{content:?}: {}", printed(&checked)),
            None => assert_eq!(checked.config.unwrap().users[0].password.expose(), "a long passphrase "),
        }
    }
    for (user, words) in [
        ("", "there is no password; write one of password and password_file"),
        ("password = \"a long one\"\npassword_file = \"ada.password\"", "are both there"),
        ("password_file = \"nowhere\"", "nowhere: "),
    ] {
        let found = printed(&written(user));
        assert!(found.contains(words), "{user:?}: {found}");
    }
}

#[test]
fn a_readable_file_with_secrets_is_warned_of() {
    let found = check(Path::new("sayso.toml"), WHOLE, true);
    assert_eq!(found.findings.len(), 1);
    assert_eq!((found.findings[0].line, found.findings[0].severity), (45, Severity::Warning));
    assert!(found.config.is_some());
}

#[test]
fn the_database_is_a_path_beside_the_file_or_a_server() {
    let with = |address: &str| {
        let text = WHOLE.replacen("[server]", &format!("[server]\ndatabase = \"{address}\""), 1);
        check(Path::new("/etc/sayso/sayso.toml"), &text, true)
    };
    for (written, shown) in [
        ("data/links.db", "/etc/sayso/data/links.db"),
        ("/var/lib/links.db", "/var/lib/links.db"),
        ("sqlite:links.db", "/etc/sayso/links.db"),
        ("postgres://ada:hunter2@db.example/links", "postgres://ada@db.example:5432/links"),
    ] {
        let checked = with(written);
        let server = checked.config.as_ref().unwrap().server.clone();
        assert_eq!(server.database.to_string(), shown);
        assert!(!format!("{server:?} {}", printed(&checked)).contains("hunter2"), "{written}");
        // The first secret in the file is the one that is warned of.
        let first = if written.contains("hunter2") { 2 } else { 46 };
        assert_eq!(checked.findings[0].line, first, "{written}");
    }
}

#[test]
fn migrations_may_be_left_to_the_command_and_the_audit_log_be_kept_for_some_days() {
    let text = WHOLE.replacen("[server]", "[server]\nmigrate = \"by_command\"\naudit_days = 30", 1);
    let server = checked(&text).config.unwrap().server;
    let audit = Lifetime::from_seconds(30 * 24 * 60 * 60);
    assert_eq!((server.migrate, server.retention.audit), (Migrate::ByCommand, audit));
    let longest = WHOLE.replacen("[server]", "[server]\naudit_days = 36500", 1);
    assert_eq!(checked(&longest).config.unwrap().server.retention.audit.seconds(), 3_153_600_000);
}

/// The refusal of an unknown key names the known ones; each of them must stand in the documentation.
#[test]
fn every_key_is_documented() {
    let documentation = include_str!("../../../../docs/configuration.md");
    let mut keys = 0;
    for table in [
        "[server]",
        "[admin]",
        "[[attribute]]",
        "[[user]]",
        "[[authority]]",
        "[[authority.api]]",
        "[[authority.claim]]",
        "[[authority.policy]]",
        "[[authority.policy.rule]]",
        "[[authority.client]]",
        "[authority.client.refresh]",
    ] {
        let text = WHOLE.replacen("[server]\nlisten = \"127.0.0.1:4000\"\n", "", 1);
        let text = text.replacen("refresh = { rotation = \"strict\", overlap = 30, idle = 864000 }\n", "", 1);
        let found = printed(&checked(&format!("{text}\n{table}\nfrobnicate = 1\n")));
        let known = found.split_once("Known here: ").unwrap_or_else(|| panic!("{table}: {found}")).1;
        for key in known.lines().next().unwrap().split(", ") {
            keys += 1;
            let table_of_its_own = documentation.contains(&format!("[[authority.{key}]]"));
            assert!(
                documentation.contains(&format!("| `{key}` |")) || table_of_its_own,
                "{table} {key} is not documented"
            );
        }
    }
    assert!(keys > 40, "{keys}");
}
