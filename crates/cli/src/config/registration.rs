//! Whether clients may register themselves at an authority, and as what.

use sayso_authority::record::registration::{MOST_REGISTERED, Registration};

use super::finding::Findings;
use super::shape::{self, RegistrationMode};
use super::{IDENTITY_SCOPES, KnownScopes, secret};

/// More would be too many to keep in the memory of every node.
const LARGEST_LIMIT: u32 = 5000;

/// What the authority's table says of it.
pub(super) fn registration(
    table: &shape::Authority,
    known: &KnownScopes<'_>,
    findings: &mut Findings<'_>,
) -> Option<Registration> {
    let mode = table.registration.unwrap_or(RegistrationMode::Off);
    let token_secrets = tokens(table, mode, findings);
    for scope in table.registration_scopes.iter().flatten() {
        known.check(scope, findings);
    }
    let most = limit(table, findings);
    if mode == RegistrationMode::Off {
        return None;
    }
    let scopes = match &table.registration_scopes {
        Some(scopes) => scopes.iter().map(|scope| scope.get_ref().clone()).collect(),
        None => IDENTITY_SCOPES.map(str::to_owned).to_vec(),
    };
    Some(Registration { token_secrets, scopes, most })
}

fn tokens(
    table: &shape::Authority,
    mode: RegistrationMode,
    findings: &mut Findings<'_>,
) -> Option<Vec<sayso_token::digest::Digest>> {
    let key = "registration_token_digests";
    if let (RegistrationMode::Token, None, Some(digests)) =
        (mode, &table.registration_token_file, &table.registration_token_digests)
    {
        return Some(secret::written_out(digests, key, findings));
    }
    if let Some(digests) = &table.registration_token_digests {
        let fix = "take it out, or write registration = \"token\" without a file beside it";
        findings.error(digests.span(), key, "no token is needed to register here, or a file has it", fix);
    }
    match (mode, &table.registration_token_file) {
        (RegistrationMode::Token, Some(file)) => Some(secret::from_file(file, "registration_token_file", findings)),
        (RegistrationMode::Token, None) => {
            let fix = "add registration_token_file with the tokens, one a line; or write registration = \"open\"";
            let what = "clients would need a token that nobody has";
            findings.error(table.id.span(), "registration", what, fix);
            Some(Vec::new())
        }
        (_, Some(file)) => {
            let fix = "take it out, or write registration = \"token\"";
            findings.error(file.span(), "registration_token_file", "no token is needed to register here", fix);
            None
        }
        (_, None) => None,
    }
}

fn limit(table: &shape::Authority, findings: &mut Findings<'_>) -> u32 {
    let Some(written) = &table.registration_limit else { return MOST_REGISTERED };
    let within = u32::try_from(*written.get_ref()).ok().filter(|most| (1..=LARGEST_LIMIT).contains(most));
    if within.is_none() {
        let what = format!("{} clients cannot register", written.get_ref());
        findings.error(written.span(), "registration_limit", what, format!("choose 1 to {LARGEST_LIMIT}"));
    }
    within.unwrap_or(MOST_REGISTERED)
}
