//! Decisions as short as they can be, shared by the tests of the store.

use sayso_authority::Decision;
use sayso_authority::record::change::Change;
use sayso_authority::record::event::Event;
use sayso_store::Store;
use sayso_testkit::TestClock;

/// Asks for these changes once. Whether they were kept: a lost guard makes the second decision a refusal.
pub(crate) async fn kept(store: &Store, changes: &[Change]) -> bool {
    let mut tries = 0;
    let settled = store
        .settle(&TestClock::new(), |_, _| {
            tries += 1;
            let decision = if tries == 1 {
                Decision { reply: Ok(()), changes: changes.to_vec(), audit: vec![Event::new("asked", "quiz")] }
            } else {
                Decision::refuse(())
            };
            std::future::ready(Ok(decision))
        })
        .await
        .unwrap();
    settled.is_ok()
}

/// Asks for these changes, which must be kept.
pub(crate) async fn keep(store: &Store, changes: &[Change]) {
    assert!(kept(store, changes).await, "{changes:?}");
}
