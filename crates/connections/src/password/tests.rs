use sayso_token::entropy::Entropy;

use super::*;

/// A salt that differs from call to call, as a real one does.
struct Counting(u8);

impl Entropy for Counting {
    fn fill(&mut self, dest: &mut [u8]) {
        self.0 += 1;
        dest.fill(self.0);
    }
}

fn entropy() -> SharedEntropy {
    SharedEntropy::new(Counting(0))
}

#[tokio::test]
async fn only_the_password_itself_fits_its_hash() {
    let hasher = PasswordHasher::new(2);
    let stored = hasher.hash(&Secret::new("correct horse"), &entropy()).await.unwrap();
    let cases =
        [("correct horse", true), ("correct horse ", false), ("Correct horse", false), ("correct", false), ("", false)];
    for (offered, fits) in cases {
        assert_eq!(hasher.verify(Some(&stored), &Secret::new(offered)).await, Ok(fits), "{offered:?}");
    }
}

#[tokio::test]
async fn a_hash_is_a_phc_string_with_its_own_salt() {
    let (hasher, entropy) = (PasswordHasher::new(1), entropy());
    let first = hasher.hash(&Secret::new("pw"), &entropy).await.unwrap();
    let second = hasher.hash(&Secret::new("pw"), &entropy).await.unwrap();
    let start = "$argon2id$v=19$m=19456,t=2,p=1$";
    for hash in [&first, &second] {
        assert!(hash.expose().starts_with(start), "{}", hash.expose());
    }
    assert_ne!(first.expose(), second.expose());
}

#[tokio::test]
async fn a_hash_made_elsewhere_is_understood() {
    // `echo -n password | argon2 somesalt -id -t 2 -m 16 -p 1`: a vector of the reference implementation.
    let foreign = Secret::new("$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc");
    let hasher = PasswordHasher::new(1);
    assert_eq!(hasher.verify(Some(&foreign), &Secret::new("password")).await, Ok(true));
    assert_eq!(hasher.verify(Some(&foreign), &Secret::new("differentpassword")).await, Ok(false));
}

#[tokio::test]
async fn what_is_no_hash_fits_nothing() {
    let hasher = PasswordHasher::new(2);
    let stored = [
        "",
        "password",
        "$argon2id$",
        "$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "$argon2id$v=19$m=4294967295,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "$argon2id$v=19$m=64,t=4294967295,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ",
    ];
    for stored in stored {
        assert_eq!(hasher.verify(Some(&Secret::new(stored)), &Secret::new("password")).await, Ok(false), "{stored}");
    }
}

/// What this thread has used of a processor, in nanoseconds: other work on the machine does not count.
fn used() -> u64 {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    stat.split(' ').next().unwrap().parse().unwrap()
}

/// PWD-002
#[test]
fn a_missing_user_costs_as_much_as_a_wrong_password() {
    let stored = argon::hash(&Secret::new("pw"), &[7; argon::SALT_BYTES]).unwrap();
    let damaged = Secret::new("$argon2id$v=19$m=19456,t=2,p=1$");
    let mut least = [u64::MAX; 3];
    for _ in 0..5 {
        for (least, stored) in least.iter_mut().zip([Some(&stored), None, Some(&damaged)]) {
            let before = used();
            assert!(!argon::fits(stored, &Secret::new("wrong")));
            *least = (used() - before).min(*least);
        }
    }
    let [known, missing, damaged] = least;
    for other in [missing, damaged] {
        assert!(other * 2 > known && known * 2 > other, "known {known} ns, missing {missing} ns, damaged {damaged} ns");
    }
}

#[tokio::test]
async fn an_overlong_password_is_refused_unhashed() {
    let hasher = PasswordHasher::new(1);
    // No place is free, so anything that asks for one is busy.
    let _all = Arc::clone(&hasher.places).acquire_owned().await.unwrap();
    let hasher = hasher.waiting_at_most(0, Duration::ZERO);
    let (longest, too_long) = (Secret::new("x".repeat(512)), Secret::new("x".repeat(513)));
    assert_eq!(hasher.verify(None, &too_long).await, Ok(false));
    assert_eq!(hasher.hash(&too_long, &entropy()).await.unwrap_err(), NotHashed::TooLong);
    assert_eq!(hasher.verify(None, &longest).await, Err(Busy));
    assert_eq!(hasher.hash(&longest, &entropy()).await.unwrap_err(), NotHashed::Busy(Busy));
}

/// PWD-007
#[tokio::test]
async fn whoever_waits_too_long_or_in_too_long_a_queue_hears_busy() {
    let hasher = PasswordHasher::new(1).waiting_at_most(1, Duration::from_millis(50));
    let place = Arc::clone(&hasher.places).acquire_owned().await.unwrap();
    let waiting = tokio::spawn({
        let hasher = hasher.clone();
        async move { hasher.verify(None, &Secret::new("pw")).await }
    });
    while hasher.waiting.load(Ordering::Relaxed) == 0 {
        tokio::task::yield_now().await;
    }
    // The queue is full: at once.
    assert_eq!(hasher.verify(None, &Secret::new("pw")).await, Err(Busy));
    // The one in the queue: when its patience ends.
    assert_eq!(waiting.await.unwrap(), Err(Busy));
    assert_eq!(hasher.waiting.load(Ordering::Relaxed), 0);
    drop(place);
    assert_eq!(hasher.verify(None, &Secret::new("pw")).await, Ok(false));
}

#[tokio::test]
async fn a_caller_that_goes_away_does_not_let_more_be_hashed_at_once() {
    let hasher = PasswordHasher::new(1).waiting_at_most(0, Duration::ZERO);
    let (go_on, wait) = std::sync::mpsc::channel::<()>();
    let caller = tokio::spawn({
        let hasher = hasher.clone();
        async move { hasher.off_thread(move || wait.recv()).await }
    });
    while hasher.places.available_permits() == 1 {
        tokio::task::yield_now().await;
    }
    caller.abort();
    let _ = caller.await;
    assert_eq!(hasher.verify(None, &Secret::new("pw")).await, Err(Busy));
    drop(go_on);
    let hasher = hasher.waiting_at_most(1, Duration::from_secs(10));
    assert_eq!(hasher.verify(None, &Secret::new("pw")).await, Ok(false));
}
