//! What came of a fault, in a word and in a sentence.

use crate::faults::Fault;

/// Why faults of a signature cannot happen to a function or a command.
pub(crate) const UNSIGNED: &str = "a function or a command is handed the bare event, without a signature, by a cloud that vouches for the caller. The request was sent as it should be; give the skill's web address to try this.";

/// What came of a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// What must be refused was refused.
    Refused,
    /// What must be refused was answered.
    NotNoticed,
    /// What must be refused sooner or later was answered, as it may be for some minutes.
    NotYet,
    /// What must go on went on.
    Borne,
    /// What must go on did not.
    NotBorne,
    /// It cannot happen here.
    DoesNotApply,
}

impl Verdict {
    /// By whether what happens must go on, or be refused.
    pub(crate) fn of(must_go_on: bool, answered: bool) -> Self {
        match (must_go_on, answered) {
            (true, true) => Self::Borne,
            (true, false) => Self::NotBorne,
            (false, true) => Self::NotNoticed,
            (false, false) => Self::Refused,
        }
    }

    /// As scripts read it.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::NotNoticed => "not_noticed",
            Self::NotYet => "not_yet",
            Self::Borne => "borne",
            Self::NotBorne => "not_borne",
            Self::DoesNotApply => "does_not_apply",
        }
    }

    /// As people read it.
    pub(crate) fn words(self, fault: Fault) -> &'static str {
        match (self, fault) {
            (Self::Refused, Fault::VerifierWrong) => {
                "The authorization server issued nothing, as it must. To a person, linking failed."
            }
            (Self::NotNoticed, Fault::VerifierWrong) => {
                "The authorization server issued tokens all the same, so whoever catches a code can use it: it must compare the verifier with the challenge (RFC 7636 section 4.6)."
            }
            (Self::Refused, Fault::AuthorityKeysRevoked) => {
                "The skill believes the token no longer, as it must, and the person hears that. The link lives: the next refresh brings a token of the new key (move the clock past this one's end), and so does linking again."
            }
            (Self::Borne, Fault::AuthorityKeysRotated) => {
                "It went on, as it must: the skill has found the new key, and a person notices nothing."
            }
            (Self::NotBorne, Fault::AuthorityKeysRotated) => {
                "It did not go on, though it must: the key before has to stay published until all that it signed is over, and a skill has to fetch the keys again when a token names one that it does not know."
            }
            (Self::Refused, _) => "The skill refused the request, as it must.",
            (Self::NotNoticed, Fault::Replayed) => {
                "The skill answered a request that it must refuse: whoever has recorded one can send it again."
            }
            (Self::NotNoticed, _) => {
                "The skill answered a request that it must refuse: anyone could send it such requests."
            }
            (Self::NotYet, _) => {
                "The skill answered: it still believes the key, as it may for as long as it keeps keys, a minute with Sayso's SDK and some ten with common libraries. Say it again after that; then it must refuse."
            }
            (Self::Borne, _) => "It went on, as it must.",
            (Self::NotBorne, _) => "It did not go on, though it must.",
            (Self::DoesNotApply, _) => "It does not apply here.",
        }
    }
}
