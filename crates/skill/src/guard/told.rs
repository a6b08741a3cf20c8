//! A judgement of which a local simulator may be told.

use sayso_token::digest::Digest;
use sayso_token::guard::{AccessToken, Check, Denied, Reason, Verdict};

use super::Guard;
use crate::outside::Outside;
use crate::requirement::Requirement;
use crate::trace::{Callee, Laps, Trace};

impl Guard {
    /// Judges a token that came some other way than in a request of Alexa's, with the key it was shown with; what is checked and whom
    /// the guard asks is noted in `trace`, if there is one.
    pub(crate) async fn check_told(
        &self,
        shown: (&str, Option<&Digest>),
        requirement: &Requirement,
        outside: &Outside,
        trace: Option<&mut Trace>,
    ) -> Result<AccessToken, Denied> {
        let Some(trace) = trace else {
            let (verdict, _) = self.verdict(shown, requirement, outside, &Laps::default()).await;
            return without_voice(verdict, requirement);
        };
        let laps = trace.laps();
        let outside = trace.calls().in_sight(outside, Callee::AuthorizationServer);
        let (verdict, seen) = self.verdict(shown, requirement, &outside, &laps).await;
        trace.note_verdict(self.mode_name(), &verdict, seen, &laps);
        if verdict.result.is_ok() && requirement.confidence_demanded().is_some() {
            trace.note_speaker();
        }
        without_voice(verdict, requirement)
    }
}

/// How surely a speaker is known cannot be told of a token alone.
fn without_voice(verdict: Verdict, requirement: &Requirement) -> Result<AccessToken, Denied> {
    let token = verdict.result?;
    match requirement.confidence_demanded() {
        Some(_) => Err(Denied { check: Check::UserAllowed, reason: Reason::User }),
        None => Ok(token),
    }
}
