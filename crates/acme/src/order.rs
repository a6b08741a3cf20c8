//! One order (RFC 8555 section 7.4): from the names to the certificate.

use std::time::Duration;

use instant_acme::{
    Account, AuthorizationStatus, CertificateIdentifier, ChallengeType, Error, Identifier, NewOrder, Order,
    OrderStatus, RetryPolicy,
};
use rcgen::{CertificateParams, DistinguishedName, KeyPair};
use sayso_token::digest::Digest;
use zeroize::Zeroizing;

use crate::answers::Answers;
use crate::failure::{Failure, short_type};

/// How patiently the directory is asked whether it has got on.
const POLLING: RetryPolicy =
    RetryPolicy::new().initial_delay(Duration::from_millis(250)).backoff(1.5).timeout(Duration::from_secs(120));

/// The order could not be made.
pub(crate) enum NotOrdered {
    /// The directory does not know the account any more.
    NoAccount,
    /// Anything else.
    Failed(Failure),
}

/// Makes the order; with the certificate that it takes the place of, where the directory wants to know (RFC 9773 section 5).
pub(crate) async fn begin(
    account: &Account,
    names: &[String],
    replaces: Option<CertificateIdentifier<'static>>,
) -> Result<Order, NotOrdered> {
    let identifiers: Vec<Identifier> = names.iter().cloned().map(Identifier::Dns).collect();
    let order = NewOrder::new(&identifiers);
    if let Some(replaced) = replaces {
        match account.new_order(&NewOrder::new(&identifiers).replaces(replaced)).await {
            Ok(order) => return Ok(order),
            Err(Error::Api(problem)) if matches!(short_type(&problem), "rateLimited" | "accountDoesNotExist") => {
                return Err(refused(&Error::Api(problem)));
            }
            // It does not offer it, or counts that certificate as replaced already.
            Err(error) => tracing::debug!(%error, "ordered without saying what is replaced"),
        }
    }
    account.new_order(&order).await.map_err(|error| refused(&error))
}

fn refused(error: &Error) -> NotOrdered {
    match error {
        Error::Api(problem) if short_type(problem) == "accountDoesNotExist" => NotOrdered::NoAccount,
        error => NotOrdered::Failed(Failure::of(error)),
    }
}

/// Shows the directory that the names are ours, and has the certificate issued; its key and the chain, in PEM.
pub(crate) async fn finish(
    mut order: Order,
    names: &[String],
    answers: &Answers,
) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let failed = |error: Error| Failure::of(&error);
    prove(&mut order, answers).await?;
    match order.poll_ready(&POLLING).await {
        Ok(OrderStatus::Ready) => {}
        Ok(_) => return Err(complaint(&mut order).await),
        Err(Error::Api(problem)) => return Err(Failure::of_problem(&problem)),
        Err(error) => return Err(failed(error)),
    }
    let unmade = |error: rcgen::Error| Failure::Certificate(error.to_string());
    let key = KeyPair::generate().map_err(unmade)?;
    let mut params = CertificateParams::new(names.to_vec()).map_err(unmade)?;
    params.distinguished_name = DistinguishedName::new();
    let request = params.serialize_request(&key).map_err(unmade)?;
    order.finalize_csr(request.der()).await.map_err(failed)?;
    let chain = order.poll_certificate(&POLLING).await.map_err(failed)?;
    let key = Zeroizing::new(key.serialize_pem());
    Ok(Zeroizing::new([key.as_bytes(), chain.as_bytes()].concat()))
}

/// Has the directory look at each name that it does not know to be ours.
async fn prove(order: &mut Order, answers: &Answers) -> Result<(), Failure> {
    let failed = |error: Error| Failure::of(&error);
    let mut authorizations = order.authorizations();
    while let Some(authorization) = authorizations.next().await {
        let mut authorization = authorization.map_err(failed)?;
        if authorization.status == AuthorizationStatus::Valid {
            continue;
        }
        let name = authorization.identifier().to_string();
        let Some(mut challenge) = authorization.challenge(ChallengeType::TlsAlpn01) else {
            return Err(Failure::NoChallenge(name));
        };
        let digest = Digest::from_bytes(challenge.key_authorization().digest().as_ref());
        let digest = digest.ok_or_else(|| Failure::Validation("its challenge has no SHA-256".to_owned()))?;
        answers.give(&name, digest).await?;
        challenge.set_ready().await.map_err(failed)?;
    }
    Ok(())
}

/// What the directory has to say of the names that it could not see to be ours.
async fn complaint(order: &mut Order) -> Failure {
    let mut authorizations = order.authorizations();
    while let Some(Ok(mut authorization)) = authorizations.next().await {
        let Ok(state) = authorization.refresh().await else { continue };
        let name = state.identifier().to_string();
        if let Some(problem) = state.challenges.iter().find_map(|challenge| challenge.error.as_ref()) {
            return match Failure::of_problem(problem) {
                Failure::Validation(text) => Failure::Validation(format!("{name}: {text}")),
                other => other,
            };
        }
    }
    Failure::Validation("it does not say why".to_owned())
}
