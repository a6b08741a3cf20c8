//! Certificates that the server fetches itself: what may be said of them, and what is wrong.

use std::os::unix::fs::PermissionsExt as _;

use sayso_acme::LETS_ENCRYPT;

use super::*;

/// A file in a folder of its own, with these lines in `[server.tls.acme]` and at the end.
fn with(acme: &str, more: &str) -> (tempfile::TempDir, Checked) {
    let folder = tempfile::tempdir().unwrap();
    let text = format!(
        "[server]\nlisten = \"0.0.0.0:443\"\n[server.tls.acme]\n{acme}\n[[authority]]\nid = \"one\"\n\
         issuer = \"https://id.sayso.dev/oauth2/one\"\nlayout = \"auth0\"\n{more}"
    );
    let root = rcgen::generate_simple_self_signed(vec!["ca.internal".to_owned()]).unwrap();
    for (name, content, mode) in [
        ("ca.pem", root.cert.pem(), 0o644),
        ("eab.key", "MDEyMzQ1Njc4OWFiY2RlZg==\n".to_owned(), 0o600),
        ("open.key", "MDEyMzQ1Njc4OWFiY2RlZg".to_owned(), 0o644),
        ("bad.key", "no base64url!".to_owned(), 0o600),
    ] {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
    }
    let checked = check(&folder.path().join("sayso.toml"), &text, false);
    (folder, checked)
}

fn acme(checked: Checked) -> Acme {
    assert!(checked.findings.is_empty(), "{}", printed(&checked));
    match checked.config.unwrap().server.tls {
        Some(Tls::Acme(acme)) => acme,
        other => panic!("{other:?}"),
    }
}

#[test]
fn one_line_is_enough() {
    let (folder, checked) = with("terms_agreed = true", "");
    let found = acme(checked);
    assert_eq!(found.folder, folder.path().join("acme"));
    let settings = found.settings;
    assert_eq!((settings.directory.as_str(), &settings.names[..]), (LETS_ENCRYPT, &["id.sayso.dev".to_owned()][..]));
    assert!(settings.contact.is_none() && settings.external_account.is_none() && settings.extra_ca.is_none());
}

#[test]
fn everything_else_can_be_said() {
    let (folder, checked) = with(
        "terms_agreed = true\ncontact = \"mailto:ops@example.com\"\ndirectory = \"https://ca.internal:9000/acme/acme/directory\"\n\
         directory_ca = \"ca.pem\"\nnames = [\"ID.sayso.dev\", \"id.internal\"]\nfolder = \"/var/lib/sayso/acme\"\n\
         external_account = { id = \"kid-1\", key_file = \"eab.key\" }",
        "",
    );
    let found = acme(checked);
    assert_eq!(found.folder, Path::new("/var/lib/sayso/acme"));
    let settings = found.settings;
    assert_eq!(settings.directory, "https://ca.internal:9000/acme/acme/directory");
    assert_eq!(settings.names, ["id.sayso.dev", "id.internal"]);
    assert_eq!(settings.contact.as_deref(), Some("mailto:ops@example.com"));
    assert_eq!(settings.extra_ca, Some(std::fs::read(folder.path().join("ca.pem")).unwrap()));
    let account = settings.external_account.unwrap();
    assert_eq!((account.id.as_str(), account.key.as_slice()), ("kid-1", b"0123456789abcdef".as_slice()));
}

#[test]
fn the_admin_api_at_a_name_of_its_own_is_in_the_certificate() {
    let api = "[[authority.api]]\naudience = \"https://admin.example\"\nscopes = [{ name = \"admin:users:read\", text = \"see people\" }]\n\
               [admin]\nauthority = \"one\"\naudience = \"https://admin.example\"\nlisten = \"0.0.0.0:8443\"\n";
    let (_folder, checked) = with("terms_agreed = true", &format!("{api}url = \"https://admin.sayso.dev\"\n"));
    let checked = Checked { findings: Vec::new(), ..checked };
    assert_eq!(acme(checked).settings.names, ["id.sayso.dev", "admin.sayso.dev"]);
}

#[test]
fn what_is_wrong_is_told_in_words() {
    let long = format!("\"{}.dev\"", ["a"; 130].join("."));
    let many: Vec<String> = (0..101).map(|number| format!("\"n{number}.sayso.dev\"")).collect();
    for (lines, words) in [
        ("", "terms_agreed: certificates are issued to those only who agree"),
        ("terms_agreed = false", "then write terms_agreed = true"),
        ("terms_agreed = true\ncontact = \"ops@example.com\"", "the authority cannot write to \"ops@example.com\""),
        ("terms_agreed = true\ncontact = \"mailto:a@b.example,c@d.example\"", "write one address"),
        ("terms_agreed = true\ncontact = \"mailto:a@b.example?subject=x\"", "write one address"),
        ("terms_agreed = true\ndirectory = \"http://ca.internal/directory\"", "is no address of a directory"),
        ("terms_agreed = true\ndirectory = \"letsencrypt\"", "is no address of a directory"),
        ("terms_agreed = true\ndirectory_ca = \"no.pem\"", "directory_ca: "),
        ("terms_agreed = true\ndirectory_ca = \"eab.key\"", "no certificate stands in it"),
        ("terms_agreed = true\nnames = [\"*.sayso.dev\"]", "can only be shown by DNS"),
        ("terms_agreed = true\nnames = [\"id.sayso.dev\", \"https://id.sayso.dev\"]", "is no name of the DNS"),
        ("terms_agreed = true\nnames = [\"id.sayso.dev\", \"192.0.2.7\"]", "is no name of the DNS"),
        ("terms_agreed = true\nnames = [\"id.sayso.dev\", \"a_b.sayso.dev\"]", "is no name of the DNS"),
        ("terms_agreed = true\nnames = [\"id.sayso.dev\", \"../../etc\"]", "is no name of the DNS"),
        ("terms_agreed = true\nnames = [\"id.sayso.dev\", \"\"]", "is no name of the DNS"),
        (&format!("terms_agreed = true\nnames = [\"id.sayso.dev\", {long}]"), "is no name of the DNS"),
        (&format!("terms_agreed = true\nnames = [{}]", many.join(", ")), "101 names are too many"),
        ("terms_agreed = true\nnames = [\"id.sayso.dev\", \"id.sayso.dev\"]", "stands there a second time"),
        (
            "terms_agreed = true\nnames = [\"www.sayso.dev\"]",
            "the host of https://id.sayso.dev/oauth2/one is not among them",
        ),
        (
            "terms_agreed = true\nnames = [\"id.sayso.dev\", \"id.internal\"]",
            "no public authority issues for \"id.internal\"",
        ),
        (
            "terms_agreed = true\nnames = [\"id.sayso.dev\", \"localhost\"]",
            "no public authority issues for \"localhost\"",
        ),
        (
            "terms_agreed = true\nexternal_account = { id = \"k\", key_file = \"no.key\" }",
            "external_account.key_file: ",
        ),
        ("terms_agreed = true\nexternal_account = { id = \"k\", key_file = \"open.key\" }", "chmod 600 it"),
        ("terms_agreed = true\nexternal_account = { id = \"k\", key_file = \"bad.key\" }", "it holds no key"),
        ("terms_agreed = true\nemail = \"x\"", "unknown key \"email\""),
    ] {
        let (_folder, checked) = with(lines, "");
        let told = printed(&checked);
        assert!(checked.config.is_none() && told.contains(words), "{lines}:\n{told}");
        assert!(!told.contains("MDEyMzQ1"), "{told}");
    }
}

#[test]
fn issuers_need_a_name_and_the_port_where_the_authority_looks() {
    for (issuer, error, words) in [
        ("http://127.0.0.1:4000/oauth2/one", true, "with tls the server speaks https only"),
        ("https://192.0.2.7/oauth2/one", true, "has no name that a certificate could be ordered for"),
        ("https://id.sayso.dev:8443/oauth2/one", false, "the authority looks at port 443 of id.sayso.dev"),
    ] {
        let text = format!(
            "[server]\nlisten = \"0.0.0.0:8443\"\n[server.tls.acme]\nterms_agreed = true\n[[authority]]\nid = \"one\"\n\
             issuer = \"{issuer}\"\nlayout = \"auth0\"\n"
        );
        let checked = checked(&text);
        assert!(printed(&checked).contains(words), "{issuer}: {}", printed(&checked));
        assert_eq!(checked.config.is_none(), error, "{issuer}");
    }
}
