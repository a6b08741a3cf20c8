//! Everything out of one database and into another, on whichever engine.

#![allow(clippy::unwrap_used, reason = "tests")]

mod deciding;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use deciding::keep;
use sayso_authority::record::change::Change;
use sayso_authority::record::user::User;
use sayso_store::{Address, Contents, CopyError, Export, Store, StoredKey, export, import};
use sayso_testkit::records::{ada, code, digest, grant, session, user};
use sayso_testkit::{NOW, SeededEntropy, TempStore};
use sayso_token::algorithm::Algorithm;
use sayso_token::seal::Sealer;
use sayso_token::time::Lifetime;

sayso_testkit::on_both_databases! {
    everything_comes_over_to_the_same_engine,
    everything_comes_over_to_the_other_engine,
    a_half_import_says_so_and_is_begun_anew,
    a_database_with_something_in_it_is_left_alone,
    an_export_under_load_is_one_moment,
}

const PEOPLE: usize = 450;

fn sealer() -> Sealer {
    Sealer::new([7; 32])
}

fn person(number: usize) -> User {
    let mut person = user(&format!("person-{number:04}"));
    person.attributes.insert("firstName".to_owned(), format!("Zoë \"{number}\"\n\t\u{1F600}").into());
    person.disabled_at = number.is_multiple_of(7).then_some(NOW);
    person
}

/// Some of everything, in more than one page.
async fn fill(store: &Store) {
    let kid = "first".to_owned();
    let key = StoredKey {
        kid,
        algorithm: Algorithm::Es256,
        generation: 0,
        sealed: "s".to_owned(),
        created_at: NOW,
        revoked_at: None,
    };
    assert!(store.add_signing_key("quiz", &key).await.unwrap());
    for start in (0..PEOPLE).step_by(50) {
        let people = (start..start + 50).map(|number| Change::AddUser(person(number)));
        let grants = (start..start + 50).map(|number| Change::AddGrant(grant(&format!("g-{number}"))));
        let spent = (start..start + 50).map(|number| Change::SpendOnce {
            kind: "consent form",
            value: digest(&format!("form {number}")),
            expires_at: NOW,
        });
        keep(store, &people.chain(grants).chain(spent).collect::<Vec<_>>()).await;
    }
    keep(store, &[Change::AddUser(ada()), Change::AddCode(code("c")), Change::AddSession(session("s"))]).await;
}

async fn assert_filled(store: &Store) {
    let lookups = store.lookups();
    for number in 0..PEOPLE {
        let found = lookups.user(&person(number).id).await.unwrap().unwrap();
        assert_eq!(format!("{found:?}"), format!("{:?}", person(number)));
        let expected = grant(&format!("g-{number}"));
        assert_eq!(format!("{:?}", lookups.grant(&expected.id).await.unwrap().unwrap()), format!("{expected:?}"));
        assert!(lookups.is_spent("consent form", &digest(&format!("form {number}"))).await.unwrap());
    }
    assert_eq!(lookups.signing_keys("quiz").await.unwrap().len(), 1);
    // One for each decision, and one for the signing key.
    assert_eq!(lookups.audit(1000).await.unwrap().len(), PEOPLE / 50 + 2);
    assert!(lookups.code(&digest("c")).await.unwrap().is_none(), "nobody knows whether it was used");
    assert!(lookups.session(&digest("s")).await.unwrap().is_none());
}

async fn out(store: &TempStore, target: &Path) -> Result<Contents, CopyError> {
    let (sealer, mut entropy) = (sealer(), SeededEntropy::new(3));
    let database = store.address();
    let request = Export { database, target, overwrite: false, sealer: &sealer, made_at: NOW };
    export(&request, &mut entropy).await
}

/// A database that is there, empty, and that nobody has open.
async fn empty(like: &TempStore) -> (TempStore, Address) {
    let store = like.another().await;
    store.close().await;
    let address = store.address().clone();
    (store, address)
}

async fn moved(from: TempStore, to: (TempStore, Address)) {
    fill(&from).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("all.sayso");
    let contents = out(&from, &file).await.unwrap();
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.lines().count() > 3 && !text.contains("person-"), "sealed as a whole");
    let taken = import(&to.1, &file, &sealer(), NOW).await.unwrap();
    assert_eq!((taken.users, taken.grants, taken.schema), (contents.users, contents.grants, contents.schema));
    assert_eq!(taken.restored_at, Some(NOW));
    let store = Store::open(&to.1).await.unwrap();
    assert_filled(&store).await;
    // It works like any other.
    keep(&store, &[Change::AddUser(user("new")), Change::AddGrant(grant("new"))]).await;
    store.close().await;
}

async fn everything_comes_over_to_the_same_engine(store: TempStore) {
    let to = empty(&store).await;
    moved(store, to).await;
}

async fn everything_comes_over_to_the_other_engine(store: TempStore) {
    let other = match store.address() {
        Address::File(_) => TempStore::on_postgres().await,
        Address::Postgres(_) => Some(TempStore::open().await),
    };
    let Some(other) = other else { return };
    let to = empty(&other).await;
    moved(store, to).await;
}

async fn a_half_import_says_so_and_is_begun_anew(store: TempStore) {
    fill(&store).await;
    let folder = tempfile::tempdir().unwrap();
    let (whole, cut) = (folder.path().join("whole"), folder.path().join("cut"));
    out(&store, &whole).await.unwrap();
    let text = fs::read_to_string(&whole).unwrap();
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    fs::write(&cut, lines.split_last().unwrap().1.concat()).unwrap();
    let (_kept, address) = empty(&store).await;

    let error = import(&address, &cut, &sealer(), NOW).await.unwrap_err().to_string();
    assert!(error.contains("cut off"), "{error}");
    let refused = Store::open(&address).await.unwrap_err().to_string();
    assert!(refused.contains("import") && refused.contains("again"), "{refused}");
    import(&address, &whole, &sealer(), NOW).await.unwrap();
    assert_filled(&Store::open(&address).await.unwrap()).await;
}

async fn a_database_with_something_in_it_is_left_alone(store: TempStore) {
    fill(&store).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("all");
    out(&store, &file).await.unwrap();
    let again = out(&store, &file).await.unwrap_err();
    assert!(matches!(again, CopyError::Exists { .. }), "{again}");
    let other = store.another().await;
    keep(&other, &[Change::AddUser(ada())]).await;
    let error = import(other.address(), &file, &sealer(), NOW).await.unwrap_err();
    assert!(matches!(error, CopyError::NotEmpty { .. }), "{error}");
    assert!(other.lookups().user(&ada().id).await.unwrap().is_some());
    assert!(other.open_again().await.is_ok(), "and is usable");

    // Of a foreign key, or of something else, nothing is begun.
    let (_kept, address) = empty(&store).await;
    let foreign = import(&address, &file, &Sealer::new([8; 32]), NOW).await.unwrap_err().to_string();
    assert!(foreign.contains("master key"), "{foreign}");
    fs::write(folder.path().join("text"), "something else\n").unwrap();
    for name in ["text", "nothing"] {
        let path: PathBuf = folder.path().join(name);
        let error = import(&address, &path, &sealer(), NOW).await.unwrap_err().to_string();
        assert!(error.contains(name), "{error}");
    }
    assert!(Store::open(&address).await.is_ok());
}

/// Pairs that are written together are exported together.
async fn an_export_under_load_is_one_moment(store: TempStore) {
    fill(&store).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("all");
    let writing = async {
        let mut number = 0;
        loop {
            let name = format!("while-{number:05}");
            keep(&store, &[Change::AddUser(user(&name)), Change::AddGrant(grant(&name))]).await;
            number += 1;
            tokio::task::yield_now().await;
        }
    };
    let contents = tokio::select! {
        contents = out(&store, &file) => contents.unwrap(),
        () = writing => unreachable!(),
    };
    assert!(contents.grants >= i64::try_from(PEOPLE).unwrap());
    let (_kept, address) = empty(&store).await;
    let taken = import(&address, &file, &sealer(), NOW + Lifetime::from_seconds(1)).await.unwrap();
    // Ada came alone.
    assert_eq!(taken.users, taken.grants + 1);
}
