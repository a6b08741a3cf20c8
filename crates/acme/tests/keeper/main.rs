//! The whole of it against an authority of the test's own: the first certificate, renewal, restarts, failures.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod authority;

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};

use authority::{Authority, Mood};
use sayso_acme::folder::Folder;
use sayso_acme::keep::{Item, Keep as _};
use sayso_acme::{ExternalAccount, Keeper, Settings};
use sayso_testkit::{NOW, SeededEntropy, TestClock};
use sayso_token::entropy::SharedEntropy;
use sayso_token::time::{Lifetime, Timestamp};
use serde_json::json;
use tracing::subscriber::DefaultGuard;

const NAME: &str = "id.example";
const DAY: u32 = 24 * 60 * 60;

/// An authority, and a place to keep things.
struct World {
    authority: Authority,
    clock: TestClock,
    folder: tempfile::TempDir,
    settings: Settings,
    log: Log,
    _logging: DefaultGuard,
}

/// What was logged on this thread.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl World {
    async fn new() -> Self {
        let clock = TestClock::at(NOW);
        let authority = Authority::start(&clock).await;
        let log = Log::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
        let settings = Settings {
            directory: authority.directory(),
            names: vec![NAME.to_owned()],
            contact: Some("mailto:ops@example.com".to_owned()),
            external_account: None,
            extra_ca: Some(authority.root()),
        };
        let _logging = tracing::subscriber::set_default(subscriber);
        Self { authority, clock, folder: tempfile::tempdir().unwrap(), settings, log, _logging }
    }

    fn keep(&self) -> Folder {
        Folder::open(self.folder.path(), &self.settings.directory).unwrap()
    }

    /// A process that starts, to which the name leads from now on.
    async fn keeper(&self) -> Keeper {
        let keeper = self.elsewhere().await;
        self.authority.set(|authority| authority.leads_to = Some(keeper.validations()));
        keeper
    }

    /// A process that starts.
    async fn elsewhere(&self) -> Keeper {
        let ambient = (Arc::new(self.clock.clone()) as _, SharedEntropy::new(SeededEntropy::new(7)));
        Keeper::begin(self.settings.clone(), Arc::new(self.keep()), ambient).await.unwrap()
    }

    fn orders(&self) -> usize {
        self.authority.get(|authority| authority.orders.len())
    }

    fn accounts(&self) -> usize {
        self.authority.get(|authority| authority.accounts.len())
    }

    fn pass(&self, seconds: u32) {
        self.clock.advance(Lifetime::from_seconds(seconds));
    }

    /// What was logged since it was asked last.
    fn logged(&self) -> String {
        String::from_utf8(std::mem::take(&mut *self.log.0.lock().unwrap())).unwrap()
    }
}

/// The certificate that is shown.
fn shown(keeper: &Keeper) -> Option<Vec<u8>> {
    keeper.shown().current().map(|certified| certified.cert.first().unwrap().to_vec())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_first_certificate_a_restart_and_a_renewal() {
    let world = World::new().await;
    let mut keeper = world.keeper().await;
    assert_eq!((shown(&keeper), world.authority.requests()), (None, 0), "nothing is asked before the first look");
    keeper.look(false).await;
    let first = shown(&keeper).expect("a certificate");
    assert_eq!((world.orders(), world.accounts()), (1, 1));
    let account = world.authority.get(|authority| authority.accounts[0].clone());
    assert_eq!(
        (&account["contact"], &account["termsOfServiceAgreed"]),
        (&json!(["mailto:ops@example.com"]), &json!(true))
    );
    assert!(keeper.validations().answer(NAME.to_owned()).await.is_none(), "the answer is taken back");

    // A restart takes up what is kept and asks nobody.
    let asked = world.authority.requests();
    let mut keeper = world.keeper().await;
    assert_eq!(shown(&keeper).as_ref(), Some(&first));
    keeper.look(false).await;
    world.pass(59 * DAY);
    keeper.look(true).await;
    assert_eq!((world.orders(), shown(&keeper)), (1, Some(first.clone())), "a nudge renews nothing that is good");
    // Whether the authority offers renewal information is asked once within six hours.
    assert!(world.authority.requests() <= asked + 2, "{}", world.authority.requests());

    world.pass(4 * DAY + 1);
    keeper.look(false).await;
    let second = shown(&keeper).unwrap();
    assert!(second != first && (world.orders(), world.accounts()) == (2, 1));
    assert_eq!(
        world.authority.get(|authority| authority.orders[1].get("replaces").cloned()),
        None,
        "it offers no such thing"
    );
    let logged = world.logged();
    assert!(!logged.contains("ERROR") && !logged.contains("PRIVATE KEY"), "{logged}");

    // Whoever takes the certificate away has another one made; the one in use stays meanwhile.
    world.pass(3601);
    world.keep().forget(&Item::Certificate).await.unwrap();
    world.authority.set(|authority| authority.mood = Mood::Down);
    keeper.look(false).await;
    assert_eq!(shown(&keeper), Some(second));
    world.authority.set(|authority| authority.mood = Mood::Well);
    keeper.look(true).await;
    assert_eq!(world.orders(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn each_failure_says_what_to_do_and_leaves_the_certificate_in_use() {
    for (mood, reason, words) in [
        (Mood::Down, "acme_unreachable", "it answered with status 503"),
        (Mood::RateLimited, "acme_rate_limited", "What to do: wait"),
        (Mood::WebOnly, "acme_no_challenge", "no tls-alpn-01 challenge for id.example"),
        (Mood::Caa, "acme_refused", "CAA records"),
        (Mood::Stale, "acme_certificate", "it was issued a moment ago, and yet the one in use is over"),
        (Mood::OtherName, "acme_certificate", "it lacks a name that was ordered"),
    ] {
        let world = World::new().await;
        let mut keeper = world.keeper().await;
        keeper.look(false).await;
        let first = shown(&keeper);
        world.pass(70 * DAY);
        world.authority.set(|authority| authority.mood = mood);
        world.logged();
        keeper.look(false).await;
        let logged = world.logged();
        let error = logged.lines().find(|line| line.contains("ERROR")).unwrap_or_else(|| panic!("{mood:?}: {logged}"));
        for part in [reason, words, "Tried again at ", "SIGHUP", NAME] {
            assert!(error.contains(part), "{mood:?}: {part}: {error}");
        }
        assert_eq!(logged.lines().filter(|line| line.contains("ERROR")).count(), 1, "{logged}");
        if mood != Mood::Stale {
            assert_eq!(shown(&keeper), first, "{mood:?}");
            assert!(error.contains("The one in use stays, and is good until"), "{error}");
        }

        // Looking again asks for nothing before the wait is over, nor does a restart; a nudge does.
        let asked = world.authority.requests();
        keeper.look(false).await;
        let mut again = world.keeper().await;
        again.look(false).await;
        assert_eq!(world.authority.requests(), asked, "{mood:?}");
        let wait = match mood {
            Mood::RateLimited => 3600,
            // What answers in its place says so, and it could not be reached.
            Mood::Down => 30,
            _ => 120,
        };
        world.pass(wait - 1);
        again.look(false).await;
        assert_eq!(world.authority.requests(), asked, "{mood:?}");
        world.authority.set(|authority| authority.mood = Mood::Well);
        world.pass(wait / 4 + 1);
        again.look(false).await;
        let healed = shown(&again);
        assert!(healed.is_some() && healed != first, "{mood:?}: {}", world.logged());
        // What the other process has got is taken over.
        keeper.look(false).await;
        assert_eq!(shown(&keeper), healed, "{mood:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_name_that_leads_elsewhere_is_told_with_what_the_authority_saw() {
    let world = World::new().await;
    let mut keeper = world.elsewhere().await;
    keeper.look(false).await;
    let logged = world.logged();
    for part in
        ["acme_validation", "id.example: ", "nobody answers there", "port 443", "Without one no connection is answered"]
    {
        assert!(logged.contains(part), "{part}: {logged}");
    }
    assert_eq!((shown(&keeper), world.orders()), (None, 1));
    // A second failure waits twice as long.
    world.pass(151);
    keeper.look(false).await;
    assert_eq!(world.orders(), 2);
    world.pass(239);
    keeper.look(false).await;
    assert_eq!(world.orders(), 2);
    // The operator has mended it, and does not want to wait.
    world.authority.set(|authority| authority.leads_to = Some(keeper.validations()));
    keeper.look(true).await;
    assert!(shown(&keeper).is_some() && world.orders() == 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_account_is_made_again_where_it_is_forgotten_and_told_a_new_contact() {
    let mut world = World::new().await;
    world.keeper().await.look(false).await;
    world.pass(70 * DAY);
    world.authority.set(|authority| authority.mood = Mood::Forgetful);
    world.settings.contact = Some("mailto:night@example.com".to_owned());
    let mut keeper = world.keeper().await;
    keeper.look(false).await;
    assert_eq!((world.orders(), world.accounts()), (2, 2), "{}", world.logged());
    assert_eq!(world.authority.get(|authority| authority.contacts.clone()), [json!(["mailto:night@example.com"])]);
    // Neither is the account that cannot be read.
    world.pass(70 * DAY);
    world.keep().save(&Item::Account, b"{}").await.unwrap();
    keeper.look(false).await;
    assert_eq!((world.orders(), world.accounts()), (3, 3));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_account_elsewhere_is_shown_where_the_directory_wants_one() {
    let mut world = World::new().await;
    world.authority.set(|authority| authority.mood = Mood::WantsExternalAccount);
    world.keeper().await.look(false).await;
    let logged = world.logged();
    assert!(logged.contains("acme_account") && logged.contains("give it an `external_account`"), "{logged}");
    let key = b"0123456789abcdef0123456789abcdef".to_vec();
    world.settings.external_account = Some(ExternalAccount { id: "kid-1".to_owned(), key: key.clone().into() });
    let shows = format!("{:?}", world.settings);
    assert!(shows.contains("kid-1") && !shows.contains("48, 49, 50"), "{shows}");
    // It is another matter now: nothing is waited for.
    let mut keeper = world.keeper().await;
    keeper.look(false).await;
    assert!(shown(&keeper).is_some(), "{}", world.logged());
    let bound = world.authority.get(|authority| authority.accounts[0]["externalAccountBinding"].clone());
    let protected = sayso_token::encoding::from_base64url(bound["protected"].as_str().unwrap()).unwrap();
    let protected: serde_json::Value = serde_json::from_slice(&protected).unwrap();
    assert_eq!((&protected["alg"], &protected["kid"]), (&json!("HS256"), &json!("kid-1")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn other_names_are_ordered_at_once_and_the_old_certificate_stays_until_then() {
    let mut world = World::new().await;
    let mut keeper = world.keeper().await;
    keeper.look(false).await;
    let first = shown(&keeper);
    world.settings.names = vec!["new.example".to_owned()];
    let mut keeper = world.keeper().await;
    assert_eq!(shown(&keeper), first);
    keeper.look(false).await;
    assert!(shown(&keeper) != first && world.orders() == 2, "{}", world.logged());
    assert!(world.logged().contains("lacks a name"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_authority_may_say_when_to_renew() {
    let world = World::new().await;
    let begin = NOW.seconds() - 3600;
    let day = |number: i64| begin + number * i64::from(DAY);
    world.authority.set(|authority| authority.window = Some((day(40), day(41))));
    let mut keeper = world.keeper().await;
    keeper.look(false).await;
    let first = shown(&keeper);
    // Asked within six hours, and not before it wishes to be asked again.
    world.pass(6 * 3600);
    keeper.look(false).await;
    let asked = world.authority.requests();
    world.pass(6 * 3600 - 60);
    keeper.look(false).await;
    assert_eq!(world.authority.requests(), asked);
    let logged = world.logged();
    assert!(logged.contains("the authority would like the certificate to be renewed then"), "{logged}");
    world.clock.set(Timestamp::from_seconds(day(40) - 1));
    keeper.look(false).await;
    keeper.look(false).await;
    assert_eq!(shown(&keeper), first);
    // Something was wrong with what it has issued: now is late already.
    world.clock.set(Timestamp::from_seconds(day(20)));
    world.authority.set(|authority| authority.window = Some((begin, begin + 60)));
    let mut keeper = world.keeper().await;
    world.pass(6 * 3600);
    keeper.look(false).await;
    keeper.look(false).await;
    assert!(shown(&keeper) != first && world.orders() == 2, "{}", world.logged());
    let replaced = world.authority.get(|authority| authority.orders[1]["replaces"].as_str().map(str::to_owned));
    assert!(replaced.is_some_and(|replaced| replaced.split('.').count() == 2));
    // Although the authority says the same of the new one, it is not ordered again and again.
    for _ in 0..50 {
        world.pass(60);
        keeper.look(false).await;
    }
    assert_eq!(world.orders(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn where_nothing_can_be_kept_nothing_is_ordered_and_what_was_issued_is_not_thrown_away() {
    let world = World::new().await;
    let mut keeper = world.keeper().await;
    let in_the_way = |name: &str| world.keep().path().join(name);
    std::fs::create_dir(in_the_way("tries.json.new")).unwrap();
    keeper.look(false).await;
    let logged = world.logged();
    assert!(logged.contains("acme_keep") && logged.contains("tries.json"), "{logged}");
    assert_eq!((world.authority.requests(), shown(&keeper)), (0, None));

    std::fs::remove_dir(in_the_way("tries.json.new")).unwrap();
    std::fs::create_dir(in_the_way("certificate.pem.new")).unwrap();
    keeper.look(true).await;
    let logged = world.logged();
    assert!(logged.contains("acme_keep") && logged.contains("The one in use stays, and is good until"), "{logged}");
    assert!(shown(&keeper).is_some());
    world.pass(DAY);
    keeper.look(false).await;
    assert_eq!(world.orders(), 1);
}

/// Who is cut off in the middle has tried.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_process_that_is_killed_while_it_orders_does_not_try_again_at_once() {
    let world = World::new().await;
    let mut cut_off = world.keeper().await;
    // It has asked for something, and there is much more to ask for.
    tokio::select! {
        () = cut_off.look(false) => panic!("{}", world.logged()),
        () = async { while world.authority.requests() < 2 { tokio::task::yield_now().await } } => {}
    }
    drop(cut_off);
    let mut keeper = world.keeper().await;
    let asked = world.authority.requests();
    world.logged();
    keeper.look(false).await;
    assert_eq!((world.authority.requests(), shown(&keeper)), (asked, None));
    let logged = world.logged();
    assert!(logged.contains("WARN") && logged.contains("at once on SIGHUP"), "{logged}");
    world.pass(151);
    keeper.look(false).await;
    assert!(shown(&keeper).is_some(), "{}", world.logged());
}

/// Two nodes whose files say different things must not order by turns.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nodes_with_different_names_do_not_order_by_turns() {
    let mut world = World::new().await;
    let mut one = world.keeper().await;
    one.look(false).await;
    world.settings.names = vec!["other.example".to_owned()];
    let mut other = world.keeper().await;
    other.look(false).await;
    assert_eq!(world.orders(), 2);
    for _ in 0..10 {
        world.pass(300);
        one.look(false).await;
        other.look(false).await;
    }
    assert_eq!(world.orders(), 2, "{}", world.logged());
}

/// Two processes share a folder, as nodes share a database: either answers for both, one orders.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn either_of_two_answers_and_one_orders() {
    let world = World::new().await;
    let (mut one, mut other) = (world.elsewhere().await, world.elsewhere().await);
    world.authority.set(|authority| authority.leads_to = Some(other.validations()));
    tokio::join!(one.look(false), other.look(false));
    other.look(false).await;
    one.look(false).await;
    assert_eq!(world.orders(), 1, "{}", world.logged());
    assert!(shown(&one).is_some() && shown(&one) == shown(&other));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_cannot_be_used_of_what_is_kept_is_ordered_anew() {
    let world = World::new().await;
    world.keep().save(&Item::Certificate, b"rubbish").await.unwrap();
    world.keep().save(&Item::Tries, b"rubbish").await.unwrap();
    let mut keeper = world.keeper().await;
    let logged = world.logged();
    assert!(logged.contains("cannot be used; another one is ordered"), "{logged}");
    keeper.look(false).await;
    assert!(shown(&keeper).is_some(), "{}", world.logged());
    assert!(Path::new(world.keep().path()).join("certificate.pem").is_file());
}
