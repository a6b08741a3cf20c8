//! Providers elsewhere, and the secrets for them.

use std::os::unix::fs::PermissionsExt as _;

use sayso_authority::record::connection::ConnectionAuthentication;

use super::*;

const CORP: &str = "
[[authority.connection]]
id = \"corp\"
issuer = \"https://login.corp.test/\"
client_id = \"sayso\"
";

fn with(server: &str, more: &str) -> String {
    format!("{}{CORP}{more}", WHOLE.replacen("[server]\n", &format!("[server]\n{server}\n"), 1))
}

#[test]
fn a_connection_is_what_its_table_says() {
    let config = checked(&with("", "")).config.unwrap();
    let [corp] = &config.authorities[0].connections[..] else { panic!("one") };
    assert_eq!((corp.name.as_str(), corp.issuer.as_str()), ("corp", "https://login.corp.test/"));
    assert_eq!(corp.scopes, ["openid", "email", "profile"]);
    assert_eq!((corp.authentication, corp.sign_up), (ConnectionAuthentication::SecretBasic, false));
    let more = "name = \"Corp\"\nauthentication = \"none\"\nscopes = [\"email\", \"openid\"]\nsign_up = true\n\
                email_domains = [\"Corp.TEST\", \"b\u{fc}cher.test\"]\n";
    let config = checked(&with("", more)).config.unwrap();
    let corp = &config.authorities[0].connections[0];
    assert_eq!((corp.name.as_str(), corp.authentication), ("Corp", ConnectionAuthentication::None));
    assert_eq!(corp.scopes, ["openid", "email"]);
    assert_eq!(corp.email_domains, ["corp.test", "xn--bcher-kva.test"]);
    assert!(corp.sign_up);
}

#[test]
fn what_is_wrong_with_a_connection_is_told() {
    for (more, found) in [
        (
            "[[authority.connection]]\nid = \"corp\"\nissuer = \"https://a.test\"\nclient_id = \"x\"\n",
            "\"corp\" stands here a second time",
        ),
        (
            "[[authority.connection]]\nid = \"a/b\"\nissuer = \"https://a.test\"\nclient_id = \"x\"\n",
            "cannot be the id of a connection",
        ),
        (
            "[[authority.connection]]\nid = \"b\"\nissuer = \"http://a.test\"\nclient_id = \"x\"\n",
            "plain http to another machine",
        ),
        (
            "[[authority.connection]]\nid = \"b\"\nissuer = \"https://a.test?x=1\"\nclient_id = \"x\"\n",
            "no query and no fragment",
        ),
        (
            "[[authority.connection]]\nid = \"b\"\nissuer = \"https://a.test\"\nclient_id = \"\"\n",
            "client_id: this is empty",
        ),
        ("email_domains = [\"@corp.test\"]\n", "is no domain"),
        ("email_domains = [\"127.0.0.1\"]\n", "is no domain"),
        ("email_domains = [\"corp.test.\"]\n", "is no domain"),
        ("email_domains = [\"*.corp.test\"]\n", "is no domain"),
        ("email_domains = [\"corp.test\"]\nscopes = [\"profile\"]\n", "add \"email\" to scopes"),
        ("scopes = [\"two words\"]\n", "is no scope name"),
    ] {
        let checked = checked(&with("", more));
        assert!(checked.config.is_none() && printed(&checked).contains(found), "{more}: {}", printed(&checked));
    }
}

#[test]
fn a_secret_that_is_not_there_is_told_and_keeps_nobody_from_their_password() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("corp");
    let named = format!("connection_secrets = {{ corp = {:?} }}", file.to_str().unwrap());
    let told = |text: &str| {
        let checked = checked(text);
        assert!(checked.config.is_some(), "{}", printed(&checked));
        printed(&checked)
    };
    assert!(told(&with("", "")).contains("it has no secret here"));
    assert!(!told(&with("", "authentication = \"none\"\n")).contains("secret"));
    assert!(told(&with(&named, "")).contains("connection_secrets"), "the file is missing");
    for (held, mode, words) in [
        ("s3cret\n", 0o600, None),
        ("s3cret\n", 0o644, Some("others on this machine can read it")),
        ("", 0o600, Some("not one secret stands in it")),
        ("one\ntwo\n", 0o600, Some("not one secret stands in it")),
        ("t\u{f6}o", 0o600, Some("more than visible ASCII")),
    ] {
        std::fs::write(&file, held).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
        let told = told(&with(&named, ""));
        match words {
            Some(words) => assert!(told.contains(words) && !told.contains("s3cret"), "{held:?}: {told}"),
            None => assert!(!told.contains("connection_secrets"), "{told}"),
        }
    }
    assert_eq!(
        read_secret(&file).err().map(|(what, _)| what),
        Some("the secret in it holds more than visible ASCII".into())
    );
    let other = format!("connection_secrets = {{ other = {:?} }}", file.to_str().unwrap());
    assert!(told(&with(&other, "")).contains("this file has no connection \"other\""));
}
