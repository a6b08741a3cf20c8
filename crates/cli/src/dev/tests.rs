#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod own;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use sayso_authority::decide::policy::{Question, permit};
use sayso_authority::record::api::TokenProfile;
use sayso_authority::record::client::GrantType;
use sayso_token::entropy::SharedEntropy;
use serde_json::Value;

use super::folder::Folder;
use super::ports::{BUILT_IN, Ports};
use super::{demo, packages, ready::Ready, voice};
use crate::config::{self, Config, Severity};
use crate::outside::OsEntropy;

fn entropy() -> SharedEntropy {
    SharedEntropy::new(OsEntropy)
}

/// Every file below the folder with its content, but the one that shows it is in use.
fn files(folder: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut left = vec![folder.to_owned()];
    while let Some(path) = left.pop() {
        if path.is_dir() {
            left.extend(fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
        } else if !path.ends_with("in-use") {
            let name = path.strip_prefix(folder).unwrap().display().to_string();
            found.insert(name, fs::read_to_string(&path).unwrap());
        }
    }
    found
}

fn written(path: &Path, ports: Ports) -> Config {
    Folder::open(path).unwrap().config(ports, &entropy()).unwrap()
}

#[test]
fn the_demo_is_written_once_for_its_owner_alone() {
    let top = tempfile::tempdir().unwrap();
    let path = top.path().join("some/where");
    written(&path, BUILT_IN);
    let first = files(&path);
    let names: Vec<&str> = first.keys().map(String::as_str).collect();
    for slug in ["sample-quiz-game", "what-should-i-wear"] {
        for file in ["skill.json", "accountLinking.json", "interactionModels/custom/en-US.json"] {
            assert!(
                names.contains(&format!("skills/{slug}/skill-package/{file}").as_str()),
                "{slug}/{file}: {names:?}"
            );
        }
    }
    for name in &names {
        let mode = fs::metadata(path.join(name)).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{name}");
        assert!(!first[*name].contains("written-by-sayso-dev") && !first[*name].contains("_SECRET%"), "{name}");
    }
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700);
    written(&path, BUILT_IN);
    assert_eq!(files(&path), first);

    let other = top.path().join("other");
    written(&other, BUILT_IN);
    assert_ne!(files(&other)["sayso.toml"], first["sayso.toml"], "each demo has secrets of its own");
}

#[test]
fn the_demo_is_what_the_tutorials_describe() {
    let top = tempfile::tempdir().unwrap();
    let config = written(top.path(), BUILT_IN);
    let [wardrobe, quiz] = &config.authorities[..] else { panic!("two authorities") };
    assert_eq!(
        (wardrobe.issuer.as_str(), quiz.issuer.as_str()),
        ("http://127.0.0.1:4000", "http://127.0.0.1:4000/oauth2/quiz")
    );
    let wear = wardrobe.api("https://whatshouldiwear").unwrap();
    assert!(wear.scope("read:whattowear").is_some() && wear.profile == TokenProfile::Azp && wardrobe.apis.len() == 2);
    let game = quiz.api("http://oktaquizgame.com").unwrap();
    assert_eq!((game.profile, quiz.default_audience.as_deref()), (TokenProfile::Cid, Some("http://oktaquizgame.com")));
    let claims: Vec<_> = quiz.claims.iter().map(|claim| (claim.name.as_str(), claim.attributes())).collect();
    assert_eq!(claims, [("FirstNameClaim", vec!["firstName"]), ("FavoriteColorClaim", vec!["favoriteColor"])]);
    assert!(quiz.introspection_by_query && !wardrobe.introspection_by_query);
    for (authority, client, scope) in
        [(wardrobe, "alexa-what-should-i-wear", "read:whattowear"), (quiz, "alexa-sample-quiz-game", "openid")]
    {
        let client = authority.client(client).unwrap();
        assert_eq!(client.redirect_uris, sayso_simulator::redirect_uris("http://127.0.0.1:4001", voice::VENDOR));
        let scopes = [scope.to_owned()];
        let api = authority.api(authority.default_audience.as_deref().unwrap()).unwrap();
        let grant = GrantType::AuthorizationCode;
        assert!(permit(&Question { authority, client, grant, user: None, api, scopes: &scopes }).is_some());
    }
    let accounts: Vec<_> =
        config.users.iter().map(|user| (user.username.as_str(), user.attributes["favoriteColor"].as_text())).collect();
    assert_eq!(accounts, [("ada", Some("teal")), ("grace", Some("crimson"))]);
}

#[test]
fn only_the_tutorials_own_audience_is_warned_of() {
    let top = tempfile::tempdir().unwrap();
    written(top.path(), BUILT_IN);
    let checked = config::read(&top.path().join("sayso.toml")).unwrap();
    let found: Vec<String> = checked.findings.iter().map(ToString::to_string).collect();
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(checked.findings[0].severity == Severity::Warning && found[0].contains("oktaquizgame"), "{found:?}");
}

#[test]
fn other_ports_change_the_ports_and_nothing_else() {
    let top = tempfile::tempdir().unwrap();
    written(top.path(), BUILT_IN);
    let config_file = top.path().join("sayso.toml");
    let edited = fs::read_to_string(&config_file).unwrap().replace("teal", "amber") + "# mine\n";
    fs::write(&config_file, edited).unwrap();
    let before = files(top.path());

    let config = written(top.path(), Ports::from(5000));
    assert_eq!(config.server.listen.port(), 5000);
    assert_eq!(config.users[0].attributes["favoriteColor"], "amber".into());
    for (name, content) in files(top.path()) {
        assert!(!content.contains("127.0.0.1:400"), "{name}");
        assert_eq!(content.replace("127.0.0.1:500", "127.0.0.1:400"), before[&name], "{name}");
    }
    written(top.path(), BUILT_IN);
    assert_eq!(files(top.path()), before);
}

#[test]
fn one_process_works_in_a_folder() {
    let top = tempfile::tempdir().unwrap();
    let held = Folder::open(top.path()).unwrap();
    let refused = Folder::open(top.path()).err().unwrap().to_string();
    assert!(refused.contains("another `sayso dev`") && refused.contains("--data"), "{refused}");
    drop(held);
    Folder::open(top.path()).unwrap();
}

#[test]
fn files_that_do_not_fit_together_are_named() {
    type Change = fn(&Folder);
    let rows: [(&str, Change); 5] = [
        ("has another client id or secret", |folder| {
            rewrite(&folder.linking_file("sample-quiz-game"), "clientSecret\": \"", "clientSecret\": \"x")
        }),
        ("accountLinking.json: no account linking", |folder| {
            rewrite(&folder.linking_file("sample-quiz-game"), "{", "")
        }),
        ("cannot read", |folder| fs::remove_file(folder.linking_file("sample-quiz-game")).unwrap()),
        ("needs the authority \"quiz\"", |folder| rewrite(&folder.config_file(), "id = \"quiz\"", "id = \"riddle\"")),
        ("another client id", |folder| rewrite(&folder.config_file(), "alexa-sample-quiz-game", "alexa-riddle")),
    ];
    for (words, change) in rows {
        let top = tempfile::tempdir().unwrap();
        let folder = Folder::open(top.path()).unwrap();
        folder.config(BUILT_IN, &entropy()).unwrap();
        change(&folder);
        let config = folder.config(BUILT_IN, &entropy()).unwrap();
        let fault = format!("{:#}", demo::skills(&folder, &config, BUILT_IN).err().unwrap());
        assert!(fault.contains(words) && fault.contains("written anew"), "{words}: {fault}");
    }
}

fn rewrite(file: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(file).unwrap();
    assert!(text.contains(from), "{from} in {}", file.display());
    fs::write(file, text.replace(from, to)).unwrap();
}

#[test]
fn a_demo_for_this_machine_stays_on_it() {
    let top = tempfile::tempdir().unwrap();
    let folder = Folder::open(top.path()).unwrap();
    folder.config(BUILT_IN, &entropy()).unwrap();
    rewrite(&folder.config_file(), "listen = \"127.0.0.1:4000\"", "listen = \"0.0.0.0:4000\"");
    let refused = folder.config(BUILT_IN, &entropy()).unwrap_err().to_string();
    assert!(refused.contains("for this machine alone"), "{refused}");
}

#[test]
fn the_line_for_scripts_has_what_a_script_needs() {
    let top = tempfile::tempdir().unwrap();
    let folder = Folder::open(top.path()).unwrap();
    let ports = Ports::from(4100);
    let config = folder.config(ports, &entropy()).unwrap();
    let skills = demo::skills(&folder, &config, ports).unwrap();
    let ready = Ready {
        ports,
        users: config.users,
        skills,
        tls_ca: "ca.pem".into(),
        config: folder.config_file(),
        first: demo::FIRST.into(),
    };
    let line = ready.json().to_string();
    assert!(!line.contains('\n'));
    let value: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(value["authority"], "http://127.0.0.1:4100");
    assert_eq!(value["console"], "http://127.0.0.1:4101");
    assert_eq!(value["skills"]["sample-quiz-game"], "http://127.0.0.1:4102/sample-quiz-game");
    assert_eq!(value["skills"]["what-should-i-wear"], "http://127.0.0.1:4102/what-should-i-wear");
    assert_eq!(value["accounts"][0]["username"], "ada");
    let client = &value["clients"][0];
    assert_eq!(client["skill"], packages::QUIZ.slug);
    assert_eq!(client["issuer"], "http://127.0.0.1:4100/oauth2/quiz");
    assert_eq!(client["scope"], "openid profile");
    assert_eq!(client["redirect_uris"].as_array().unwrap().len(), 3);
    let secret = client["client_secret"].as_str().unwrap();
    assert!(config.authorities[1].clients[0].knows(&sayso_token::secret::Secret::new(secret)));
    let banner = ready.banner("sayso");
    for part in ["http://127.0.0.1:4101", "ada", "--console http://127.0.0.1:4101", "what is my favorite color"] {
        assert!(banner.contains(part), "{part}: {banner}");
    }
    assert!(!banner.contains(secret), "no client secret is printed for people");
}
