//! A thread that lets others go first.

/// How far it steps back, on the system's scale from -20 to 19. Where every core is busy, a thread fifteen steps further
/// back gets a thirtieth of what another gets; where a core is free, all of it.
#[cfg(target_os = "linux")]
const STEPS: i32 = 15;

/// Whoever guesses passwords has the server work 20 ms for each guess. Those who have proved themselves, and ask for a
/// token, are not to wait for that: this thread has from now on what the others leave over.
#[cfg(target_os = "linux")]
pub(super) fn after_everybody_else() {
    // On Linux each thread has a place of its own. Where the system refuses, it works as the others do.
    let this = Some(rustix::thread::gettid());
    if let Ok(place) = rustix::process::getpriority_process(this) {
        let _ = rustix::process::setpriority_process(this, place.saturating_add(STEPS).min(19));
    }
}

/// Elsewhere the place is the whole process's, which must keep it.
#[cfg(not(target_os = "linux"))]
pub(super) fn after_everybody_else() {}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn only_the_thread_itself_steps_back() {
        let of_this_thread = || rustix::process::getpriority_process(Some(rustix::thread::gettid())).unwrap();
        let before = of_this_thread();
        let other = std::thread::spawn(move || {
            after_everybody_else();
            of_this_thread()
        });
        assert_eq!(other.join().unwrap(), (before + STEPS).min(19));
        assert_eq!(of_this_thread(), before);
    }
}
