//! Which of the scopes it is that the server refuses.

use sayso_alexa::account_linking::AccountLinking;

use super::authorization::{Asked, Reception};
use super::{Checked, trials};
use crate::simulator::Inner;

/// Amazon takes no more; more are not tried one by one.
const MOST_SCOPES: usize = 15;

impl Inner {
    /// When all scopes together are refused, asks for each alone.
    pub(super) async fn examine_scopes(
        &self,
        linking: &AccountLinking,
        uri: &str,
        together: &Reception,
    ) -> Option<Checked> {
        let Reception::Refused(why) = together else { return None };
        let as_set = Asked::as_set(linking, uri);
        if linking.scopes.is_empty() {
            return None;
        }
        // Where the request is refused without any of them as well, something else is wrong with it.
        let bare = self.received(linking, Asked { scopes: &[], ..as_set }).await;
        if !bare.is_taken() && why != "invalid_scope" {
            return None;
        }
        let (mut taken, mut refused) = (Vec::new(), Vec::new());
        for scope in linking.scopes.iter().take(MOST_SCOPES) {
            match self.received(linking, Asked { scopes: std::slice::from_ref(scope), ..as_set }).await {
                Reception::Taken | Reception::Code(_) => taken.push(scope.as_str()),
                Reception::Refused(_) => refused.push(scope.as_str()),
                Reception::Unclear => {}
            }
        }
        Some(judge(&taken, &refused))
    }
}

fn judge(taken: &[&str], refused: &[&str]) -> Checked {
    let trial = trials::SCOPES;
    let (goes, fails) = (taken.join(", "), refused.join(", "));
    match (taken, refused) {
        ([], []) => Checked::unknown(trial, "The server gave no clear answer to any of them.", ""),
        ([], _) => {
            let remedy =
                "Allow the client these scopes at the server, and look whether it is the client that is meant.";
            Checked::bad(trial, format!("Each is refused by itself: {fails}."), remedy)
        }
        (_, []) => {
            let remedy = "Look in the server's log which scopes do not go together, and ask for fewer.";
            Checked::bad(trial, format!("Each is taken by itself, but not all together: {goes}."), remedy)
        }
        _ => {
            let remedy = "Allow the client these scopes at the server, or take them out of the settings; a name that is nearly right is a common reason.";
            Checked::bad(trial, format!("Refused: {fails}. Taken: {goes}."), remedy)
        }
    }
}
