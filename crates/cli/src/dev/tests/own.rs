//! A skill of one's own, as `sayso new` writes it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use sayso_token::secret::Secret;

use super::{BUILT_IN, Ports, entropy, rewrite};
use crate::args;
use crate::dev::own::Project;

/// A new skill in `top`.
fn new(top: &Path) -> PathBuf {
    let folder = top.join("lucky-number");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    crate::new::run(&args::New { folder: folder.clone(), sdk: Some(source) }).unwrap();
    folder
}

fn meant(skill: &Path) -> anyhow::Result<Project> {
    let args = args::Dev { data: None, skill: Some(skill.to_owned()), port: None, json: false };
    Ok(Project::meant(&args)?.unwrap())
}

#[test]
fn what_it_keeps_secret_is_made_once_for_its_owner_alone() {
    let top = tempfile::tempdir().unwrap();
    let folder = new(top.path());
    let project = meant(&folder).unwrap();
    let (config, ports) = project.config(None, &entropy()).unwrap();
    assert_eq!(ports, BUILT_IN);
    let skill = project.skill(&config, ports).unwrap();
    assert_eq!((skill.slug.as_str(), skill.url.as_str()), ("lucky-number", "http://127.0.0.1:4002/"));
    assert_eq!(skill.revocation_url, "http://127.0.0.1:4000/oauth/revoke");
    assert!(config.authorities[0].client("alexa").unwrap().knows(&skill.client_secret));
    assert_eq!(project.first_sentence(), "Alexa, ask lucky number who am i");
    let passwords: Vec<String> = config.users.iter().map(|user| user.password.expose().to_owned()).collect();
    assert_ne!(passwords[0], passwords[1]);

    let kept = |name: &str| fs::metadata(folder.join(".sayso/dev").join(name)).unwrap().permissions().mode() & 0o777;
    for name in ["alexa.secret", "ada.password", "grace.password"] {
        assert_eq!(kept(name), 0o600, "{name}");
    }
    let (again, _) = project.config(None, &entropy()).unwrap();
    assert_eq!(again.users[0].password.expose(), passwords[0]);
    assert!(again.authorities[0].client("alexa").unwrap().knows(&skill.client_secret));
}

#[test]
fn nothing_is_made_outside_of_its_folder() {
    let top = tempfile::tempdir().unwrap();
    for path in
        ["../ada.password", ".sayso/dev/../../../ada.password", "elsewhere/ada.password", "/nowhere/ada.password"]
    {
        let folder = new(top.path());
        rewrite(&folder.join("sayso.toml"), ".sayso/dev/ada.password", path);
        let refused = meant(&folder).unwrap().config(None, &entropy()).unwrap_err().to_string();
        assert!(refused.contains("ada.password: No such file"), "{path}: {refused}");
        fs::remove_dir_all(folder).unwrap();
    }
    assert_eq!(fs::read_dir(top.path()).unwrap().count(), 0);
}

#[test]
fn other_ports_change_addresses_and_nothing_else() {
    let top = tempfile::tempdir().unwrap();
    let folder = new(top.path());
    let files = [folder.join("sayso.toml"), folder.join("skill-package/accountLinking.json")];
    let read = || files.each_ref().map(|file| fs::read_to_string(file).unwrap());
    let before = read();
    let project = meant(&folder).unwrap();
    let (config, ports) = project.config(Some(5000), &entropy()).unwrap();
    assert_eq!((config.server.listen.port(), ports), (5000, Ports::from(5000)));
    assert_eq!(project.skill(&config, ports).unwrap().issuer, "http://127.0.0.1:5000");
    for (now, before) in read().iter().zip(&before) {
        assert!(!now.contains("127.0.0.1:400"));
        assert_eq!(&now.replace("127.0.0.1:500", "127.0.0.1:400"), before);
    }
    // Without a port it stays where it is.
    assert_eq!(project.config(None, &entropy()).unwrap().1, Ports::from(5000));
    project.config(Some(4000), &entropy()).unwrap();
    assert_eq!(read(), before);
}

#[test]
fn what_does_not_fit_together_is_named() {
    type Change = fn(&Path);
    let linking = |folder: &Path| folder.join("skill-package/accountLinking.json");
    let rows: [(&str, Change); 6] = [
        ("which no authority in", |folder| rewrite(&folder.join("sayso.toml"), "id = \"alexa\"", "id = \"echo\"")),
        ("which no authority in", |folder| {
            rewrite(
                &folder.join("skill-package/accountLinking.json"),
                "http://127.0.0.1:4000/authorize",
                "https://id.example/authorize",
            )
        }),
        ("accountLinking.json: no account linking", |folder| {
            rewrite(&folder.join("skill-package/accountLinking.json"), "{", "")
        }),
        ("has another secret", |folder| {
            let file = folder.join("skill-package/accountLinking.json");
            rewrite(&file, "\"clientId\"", "\"clientSecret\": \"another\", \"clientId\"")
        }),
        ("listens on 0.0.0.0:4000", |folder| {
            rewrite(&folder.join("sayso.toml"), "listen = \"127.0.0.1", "listen = \"0.0.0.0")
        }),
        ("is not known", |folder| {
            let digest = sayso_token::digest::Digest::of("x".repeat(32).as_bytes()).base64url();
            let written = format!("secret_digests = [\"{digest}\"]");
            rewrite(&folder.join("sayso.toml"), "secret_file = \".sayso/dev/alexa.secret\"", &written)
        }),
    ];
    for (words, change) in rows {
        let top = tempfile::tempdir().unwrap();
        let folder = new(top.path());
        assert!(linking(&folder).is_file());
        change(&folder);
        let project = meant(&folder).unwrap();
        let tried = project.config(None, &entropy()).and_then(|(config, ports)| project.skill(&config, ports));
        let fault = format!("{:#}", tried.err().unwrap());
        assert!(fault.contains(words), "{words}: {fault}");
    }
}

#[test]
fn a_secret_in_the_package_counts_when_it_is_the_right_one() {
    let top = tempfile::tempdir().unwrap();
    let folder = new(top.path());
    let secret = "0123456789abcdef0123456789abcdef";
    rewrite(&folder.join("sayso.toml"), "secret_file = \".sayso/dev/alexa.secret\"", &format!("secret = \"{secret}\""));
    let file = folder.join("skill-package/accountLinking.json");
    rewrite(&file, "\"clientId\"", &format!("\"clientSecret\": \"{secret}\", \"clientId\""));
    let project = meant(&folder).unwrap();
    let (config, ports) = project.config(None, &entropy()).unwrap();
    assert!(config.authorities[0].client("alexa").unwrap().knows(&Secret::new(secret)));
    assert_eq!(project.skill(&config, ports).unwrap().client_secret.expose(), secret);
}

#[test]
fn another_folder_is_no_skill() {
    let top = tempfile::tempdir().unwrap();
    for missing in ["sayso.toml", "skill-package", "Cargo.toml"] {
        let folder = new(top.path());
        fs::rename(folder.join(missing), top.path().join("away")).unwrap();
        let refused = meant(&folder).err().unwrap().to_string();
        assert!(
            refused.contains(&format!("{missing} is missing")) && refused.contains("sayso skill console"),
            "{refused}"
        );
        fs::remove_dir_all(&folder).unwrap();
        fs::remove_dir_all(top.path().join("away")).or_else(|_| fs::remove_file(top.path().join("away"))).unwrap();
    }
}
