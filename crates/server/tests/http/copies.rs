//! Copies of the database: what they hold is of no use to a thief, and going back to one unlinks nobody and brings
//! nothing back to life.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use sayso_store::{Address, Export, Restoration, Store, backup, export};
use sayso_testkit::SeededEntropy;
use sayso_testkit::tutorials::CLIENT_SECRET;
use sayso_token::encoding::{base64, base64url};
use sayso_token::seal::Sealer;
use sayso_token::time::Clock as _;

use crate::house::browser::PageForm;
use crate::house::{Ask, House, Linked, MASTER, PASSWORD, Side, WEAR_CLIENT};
use crate::secrecy::live;

const SESSION: &str = "wear.4000.session";

fn beside(house: &House, name: &str) -> PathBuf {
    house.file().with_file_name(name)
}

async fn backed_up(house: &House) -> PathBuf {
    let target = beside(house, "backup.db");
    backup(&house.file(), &target, true).await.unwrap();
    target
}

/// The disk is lost, the backup put in another place.
async fn restored(house: &House, source: &Path) -> House {
    let file = beside(house, "restored.db");
    Restoration::prepare(&file, source, house.clock.now()).await.unwrap().finish("then").await.unwrap();
    house.remembering(Store::open(&file).await.unwrap()).await
}

/// What any PKCS#8 key begins with behind its length: version 0, the algorithm. In base64 it may begin at any of three
/// places.
fn private_keys() -> Vec<Vec<u8>> {
    let rsa =
        [&[0x02, 0x01, 0x00, 0x30, 0x0D, 0x06, 0x09][..], &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01]];
    let ec = [&[0x02, 0x01, 0x00, 0x30, 0x13, 0x06, 0x07][..], &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01]];
    let mut forms = vec![b"PRIVATE KEY".to_vec()];
    for raw in [rsa.concat(), ec.concat()] {
        for start in 0..3 {
            let whole = raw[start..start + (raw.len() - start) / 3 * 3].to_vec();
            forms.extend([base64(&whole).into_bytes(), base64url(&whole).into_bytes()]);
        }
        forms.push(raw);
    }
    forms
}

#[test]
fn a_private_key_would_be_found() {
    let ec = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap().to_pkcs8v1().unwrap();
    let rsa = KeyPair::generate(KeySize::Rsa2048).unwrap();
    let rsa = AsDer::<Pkcs8V1Der<'_>>::as_der(&rsa).unwrap();
    let found = |text: &[u8]| private_keys().iter().any(|form| text.windows(form.len()).any(|window| window == form));
    for key in [ec.as_ref(), rsa.as_ref()] {
        assert!(found(key));
        for start in 0..3 {
            let shifted = [&[0; 3][..start], key].concat();
            assert!(found(base64(&shifted).as_bytes()) && found(base64url(&shifted).as_bytes()), "{start}");
        }
    }
    assert!(!found(base64(&[7; 500]).as_bytes()));
}

/// HA-007
#[tokio::test]
async fn no_copy_holds_a_credential() {
    let house = House::open().await;
    let mut secrets: Vec<(&str, Vec<u8>)> =
        live(&house).await.into_iter().map(|(what, text)| (what, text.into_bytes())).collect();
    secrets.extend([
        ("client secret", CLIENT_SECRET.into()),
        ("password", PASSWORD.into()),
        ("master key", MASTER.into()),
    ]);
    secrets.push(("master key", base64url(&MASTER).into_bytes()));
    secrets.extend(private_keys().into_iter().map(|form| ("private key", form)));

    let (target, sealer, mut entropy) = (beside(&house, "all.sayso"), Sealer::new(MASTER), SeededEntropy::new(9));
    let database = Address::File(house.file());
    let request =
        Export { database: &database, target: &target, overwrite: false, sealer: &sealer, made_at: house.clock.now() };
    export(&request, &mut entropy).await.unwrap();
    let backup = backed_up(&house).await;
    let log = house.file().with_extension("db-wal");
    for file in [house.file(), log, backup, target] {
        let bytes = std::fs::read(&file).unwrap();
        assert!(bytes.len() > 1000, "{file:?} is read");
        for (what, secret) in &secrets {
            assert!(secret.len() >= 11, "{what}");
            assert!(!bytes.windows(secret.len()).any(|window| window == secret), "{what} in {file:?}");
        }
    }
}

/// All texts in the file that could be a value of some kind.
fn texts(file: &Path) -> BTreeSet<String> {
    let bytes = std::fs::read(file).unwrap();
    let may_be = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
    let runs = bytes.split(|byte| !may_be(byte)).filter(|run| (16..2000).contains(&run.len()));
    runs.map(|run| String::from_utf8(run.to_vec()).unwrap()).collect()
}

#[tokio::test]
async fn nothing_in_a_backup_opens_anything() {
    let house = House::open().await;
    let ask = Ask::wear();
    let mut browser = house.browser();
    let code = browser.allow(&ask, "ada").await.parameter("code").unwrap();
    let linked = Linked::of(&house.redeem(&ask, &code).await);
    let fresh = Linked::of(&house.refresh(&ask, &linked.refresh).await);
    let unspent = house.code(&ask).await;
    let backup = backed_up(&house).await;
    let mut found = texts(&backup);
    assert!(found.iter().any(|text| text.contains("usr_ada")), "the backup is read");
    // Digests are bytes there.
    let known = [&code, &linked.refresh, &fresh.refresh, &unspent, &browser.cookies[SESSION]];
    found.extend(known.map(|value| sayso_token::digest::Digest::of(value.as_bytes()).base64url()));
    assert!(found.len() > 20, "{found:?}");
    for value in &found {
        assert_ne!(house.redeem(&ask, value).await.status, 200, "{value}");
        assert_ne!(house.refresh(&ask, value).await.status, 200, "{value}");
        let info = house.post(ask.side.userinfo(), &[("access_token", value)]).await;
        assert_ne!(info.status, 200, "{value}");
        let mut thief = house.browser();
        thief.cookies.insert(SESSION.to_owned(), value.clone());
        assert_eq!(thief.get("/account").await.status, 303, "{value}");
    }
    assert_eq!(house.redeem(&ask, &unspent).await.status, 200, "the real one works");
    assert_eq!(house.refresh(&ask, &fresh.refresh).await.status, 200);
}

/// HA-006
#[tokio::test]
async fn after_a_restore_links_go_on_and_what_was_spent_stays_spent() {
    let house = House::open().await;
    let ask = Ask::wear();
    let (first, idle) = (house.link(&ask).await, house.link(&ask).await);
    let mut browser = house.browser();
    let asking = ask.clone().add("prompt", "consent");
    let page = browser.consent_page(&asking, "ada").await;
    let form = PageForm::around(&page, "allow");
    let source = backed_up(&house).await;

    // Since the backup: a form is answered, its code redeemed, a link refreshed often, another one made.
    let code = browser.submit(&form).await.parameter("code").unwrap();
    let since = Linked::of(&house.redeem(&ask, &code).await);
    let mut tokens = vec![first.clone()];
    for _ in 0..4 {
        house.wait(100);
        tokens.push(Linked::of(&house.refresh(&ask, &tokens[tokens.len() - 1].refresh).await));
    }
    let back = restored(&house, &source).await;

    // The form, its code and the session: all gone.
    let mut returning = browser.at(&back);
    let again = returning.submit(&form).await;
    assert_eq!(again.parameter("code"), None, "{:?}", again.location());
    assert!(again.location().is_some_and(|path| path.contains("/login")), "{:?}", again.location());
    let page = returning.consent_page(&asking, "ada").await;
    assert_eq!(page.status, 200);
    returning.submit(&form).await.is_error_page(400, "form_not_this_browser");
    back.redeem(&ask, &code).await.is_error(400, "invalid_grant");

    // A link made since is not in the backup.
    back.refresh(&ask, &since.refresh).await.is_error(400, "invalid_grant");
    assert!(!back.is_active(Side::Wear, WEAR_CLIENT, &since.access).await);

    // Whoever is linked stays so: with the newest token, and with the one from then.
    let next = Linked::of(&back.refresh(&ask, &tokens[4].refresh).await);
    assert!(back.is_active(Side::Wear, WEAR_CLIENT, &next.access).await);
    let events = back.audit("refresh_ahead").await;
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].details["presented_generation"], 4);
    assert_eq!(Linked::of(&back.refresh(&ask, &tokens[4].refresh).await).refresh, next.refresh, "a lost answer");
    assert_eq!(back.refresh(&ask, &idle.refresh).await.status, 200);

    // An older copy is found.
    back.wait(100);
    back.refresh(&ask, &tokens[2].refresh).await.is_error(400, "invalid_grant");
    assert_eq!(back.audit("refresh_reuse").await.len(), 1);
    back.refresh(&ask, &next.refresh).await.is_error(400, "invalid_grant");
}
