//! Which configuration counts when a node starts: its file's, or the one in force.

use sayso_token::digest::Digest;
use sayso_token::time::Timestamp;

/// A configuration file, as a node finds it at its start.
#[derive(Clone, Copy, Debug)]
pub struct Offered {
    /// The digest of the configuration it describes.
    pub digest: Digest,
    /// When the file was last written.
    pub written_at: Timestamp,
}

/// A configuration that was put in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Applied {
    /// The digest of the configuration.
    pub digest: Digest,
    /// When it was put in force.
    pub applied_at: Timestamp,
}

/// What a starting node does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnStart {
    /// Puts its file's configuration in force, for all nodes.
    Apply,
    /// Goes on: the file describes what is in force.
    Same,
    /// Takes what is in force instead of its file's: that was in force before and has been replaced since, so the file
    /// is one that nobody brought up to date.
    Follow,
}

/// Decides it. `applied` are the configurations that were in force, the newest first.
///
/// A file that was never in force is somebody's new will. One that was is either left over on this node, and must not
/// undo what was decided elsewhere, or has been brought back on purpose: then it was written after it was replaced.
pub fn on_start(offered: &Offered, applied: &[Applied]) -> OnStart {
    let Some(in_force) = applied.first() else { return OnStart::Apply };
    if in_force.digest == offered.digest {
        return OnStart::Same;
    }
    let was_in_force = applied.iter().any(|earlier| earlier.digest == offered.digest);
    if was_in_force && offered.written_at <= in_force.applied_at { OnStart::Follow } else { OnStart::Apply }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_was_replaced_undoes_nothing_unless_it_was_written_since() {
        let at = Timestamp::from_seconds;
        let applied = |name: &str, seconds| Applied { digest: Digest::of(name.as_bytes()), applied_at: at(seconds) };
        let history = [applied("c", 30), applied("b", 20), applied("a", 10)];
        for (name, written, history, expected) in [
            ("a", 5, &history[3..], OnStart::Apply),
            ("a", 5, &history[2..], OnStart::Same),
            ("b", 5, &history[2..], OnStart::Apply),
            ("c", 5, &history[..], OnStart::Same),
            ("a", 5, &history[..], OnStart::Follow),
            ("b", 30, &history[..], OnStart::Follow),
            ("b", 31, &history[..], OnStart::Apply),
            // New, however old the file says it is: clocks and archives keep odd times.
            ("d", 0, &history[..], OnStart::Apply),
        ] {
            let offered = Offered { digest: Digest::of(name.as_bytes()), written_at: at(written) };
            assert_eq!(on_start(&offered, history), expected, "{name} written at {written}, {} before", history.len());
        }
    }
}
