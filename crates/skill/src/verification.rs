//! Whether a request comes from Alexa, is fresh, and is meant for this skill.
//!
//! The order matters: nothing is fetched before the address passed, nothing is parsed before the signature over the raw
//! bytes passed.

use std::sync::Arc;

use sayso_alexa::addressee::{self, AddresseeRefused};
use sayso_alexa::envelope::RequestEnvelope;
use sayso_alexa::signature::{ChainUrlRefused, HeaderRefused, SignatureRefused, check_chain_url, exactly_one};
use sayso_alexa::timestamp::{self, TimestampRefused, Tolerance};
use sayso_token::digest::Digest;
use sayso_token::time::Lifetime;
use serde::Serialize;

use crate::certificates::{Certificates, ChainUnavailable};
use crate::outside::Outside;
use crate::spent::SpentIds;
use crate::trust::Trust;

/// A request as it was received: the values of the two headers, all of them, and the raw body.
#[derive(Clone, Debug, Default)]
pub struct Post<'a> {
    /// Every value of `Signature-256`.
    pub signatures: Vec<&'a [u8]>,
    /// Every value of `SignatureCertChainUrl`.
    pub chain_urls: Vec<&'a [u8]>,
    /// The body, untouched by any parser.
    pub body: &'a [u8],
}

/// One thing that is checked about a request, in the order of checking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestCheck {
    /// Each header is there exactly once.
    Headers,
    /// The chain may be fetched from this address.
    ChainUrl,
    /// The chain speaks for Alexa.
    Certificate,
    /// The signature is over these bytes.
    Signature,
    /// The body is a request.
    Body,
    /// It is fresh.
    Timestamp,
    /// It is meant for this skill.
    SkillId,
    /// It speaks of one account.
    Account,
    /// It came for the first time.
    Once,
}

impl RequestCheck {
    /// All of them, in order.
    pub const ALL: [Self; 9] = [
        Self::Headers,
        Self::ChainUrl,
        Self::Certificate,
        Self::Signature,
        Self::Body,
        Self::Timestamp,
        Self::SkillId,
        Self::Account,
        Self::Once,
    ];

    /// What the check asks, in plain words.
    #[must_use]
    pub fn question(self) -> &'static str {
        match self {
            Self::Headers => "Are both signature headers there exactly once?",
            Self::ChainUrl => "May the certificate chain be fetched from this address?",
            Self::Certificate => "Does the chain lead to a trusted root, and name echo-api.amazon.com?",
            Self::Signature => "Is the signature over exactly these bytes?",
            Self::Body => "Is the body a request?",
            Self::Timestamp => "Was it sent just now?",
            Self::SkillId => "Is it meant for this skill?",
            Self::Account => "Do session and context speak of one account?",
            Self::Once => "Did it come for the first time?",
        }
    }
}

/// Why a request was refused. The sender learns only that it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestRefused {
    /// A header is missing or repeated.
    #[error(transparent)]
    Headers(#[from] HeaderRefused),
    /// The address of the chain is not one of Amazon's.
    #[error(transparent)]
    ChainUrl(#[from] ChainUrlRefused),
    /// There is no good chain.
    #[error("{0}")]
    Certificate(&'static str),
    /// The signature is wrong.
    #[error(transparent)]
    Signature(#[from] SignatureRefused),
    /// The body is not a JSON object with a request.
    #[error("the body is not a JSON object with a request")]
    Body,
    /// The time is wrong.
    #[error(transparent)]
    Timestamp(#[from] TimestampRefused),
    /// Another skill's request.
    #[error(transparent)]
    SkillId(AddresseeRefused),
    /// Two accounts in one request.
    #[error(transparent)]
    Account(AddresseeRefused),
    /// The same request came before.
    #[error("the request came before")]
    Repeated,
    /// It cannot be told whether the request came before.
    #[error("it cannot be told whether the request came before")]
    Untold,
}

impl From<ChainUnavailable> for RequestRefused {
    fn from(why: ChainUnavailable) -> Self {
        Self::Certificate(why.reason())
    }
}

impl RequestRefused {
    /// The check that failed.
    #[must_use]
    pub fn check(self) -> RequestCheck {
        match self {
            Self::Headers(_) => RequestCheck::Headers,
            Self::ChainUrl(_) => RequestCheck::ChainUrl,
            Self::Certificate(_) => RequestCheck::Certificate,
            Self::Signature(_) => RequestCheck::Signature,
            Self::Body => RequestCheck::Body,
            Self::Timestamp(_) => RequestCheck::Timestamp,
            Self::SkillId(_) => RequestCheck::SkillId,
            Self::Account(_) => RequestCheck::Account,
            Self::Repeated | Self::Untold => RequestCheck::Once,
        }
    }

    /// The stable reason code.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::Headers(refused) => refused.reason(),
            Self::ChainUrl(refused) => refused.reason(),
            Self::Certificate(reason) => reason,
            Self::Signature(refused) => refused.reason(),
            Self::Body => "body_malformed",
            Self::Timestamp(refused) => refused.reason(),
            Self::SkillId(refused) | Self::Account(refused) => refused.reason(),
            Self::Repeated => "request_repeated",
            Self::Untold => "request_untold",
        }
    }

    /// Whether the sender had proven to be Alexa (or the trusted simulator) when this was found.
    pub(crate) fn is_past_the_signature(self) -> bool {
        match self.check() {
            RequestCheck::Headers | RequestCheck::ChainUrl | RequestCheck::Certificate | RequestCheck::Signature => {
                false
            }
            RequestCheck::Body
            | RequestCheck::Timestamp
            | RequestCheck::SkillId
            | RequestCheck::Account
            | RequestCheck::Once => true,
        }
    }
}

/// Judges requests for one skill.
pub(crate) struct Verifier {
    pub(crate) skill_id: String,
    pub(crate) trust: Trust,
    pub(crate) tolerance: Tolerance,
    pub(crate) certificates: Certificates,
    pub(crate) spent: Arc<dyn SpentIds>,
}

impl Verifier {
    /// Runs all checks on what was posted, in order.
    pub(crate) async fn verify(&self, post: &Post<'_>, outside: &Outside) -> Result<RequestEnvelope, RequestRefused> {
        let signature = exactly_one(post.signatures.iter().copied())?;
        let chain_url = exactly_one(post.chain_urls.iter().copied())?;
        let chain_url = check_chain_url(chain_url, self.trust.dangerous_prefix())?;
        let now = outside.clock.now();
        let chain = self.certificates.chain(&chain_url, &self.trust, &*outside.fetch, now).await?;
        chain.verify(post.body, signature)?;

        let envelope = RequestEnvelope::from_slice(post.body).map_err(|_| RequestRefused::Body)?;
        self.check_envelope(&envelope, outside)?;
        self.check_once(&envelope, post.body, outside).await?;
        Ok(envelope)
    }

    /// Whether a request came for the first time. Skill events are left out: Alexa sends them again until one is answered, for an
    /// hour, and what they tell is as true the second time.
    async fn check_once(
        &self,
        envelope: &RequestEnvelope,
        body: &[u8],
        outside: &Outside,
    ) -> Result<(), RequestRefused> {
        let request = envelope.request().ok_or(RequestRefused::Body)?;
        if timestamp::may_come_late(request) {
            return Ok(());
        }
        let id = Digest::of(request.request_id.text().map_or(body, str::as_bytes));
        let now = outside.clock.now();
        // By then its time alone refuses it, however far ahead it lies.
        let until = now + Lifetime::from_seconds(2 * Tolerance::WIDEST_SECONDS);
        match self.spent.spend(id, until, now).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(RequestRefused::Repeated),
            Err(why) => {
                tracing::error!(%why, "a request could not be remembered");
                Err(RequestRefused::Untold)
            }
        }
    }

    /// The checks that do not need a signature.
    fn check_envelope(&self, envelope: &RequestEnvelope, outside: &Outside) -> Result<(), RequestRefused> {
        let request = envelope.request().ok_or(RequestRefused::Body)?;
        if request.request_type.text().is_none() {
            return Err(RequestRefused::Body);
        }
        timestamp::check(request, outside.clock.now().millis(), self.tolerance)?;
        self.check_addressee(envelope)
    }

    /// Whether the request is meant for this skill and speaks of one account.
    pub(crate) fn check_addressee(&self, envelope: &RequestEnvelope) -> Result<(), RequestRefused> {
        addressee::check_skill(envelope, &self.skill_id).map_err(RequestRefused::SkillId)?;
        addressee::check_account(envelope).map_err(RequestRefused::Account)
    }
}
