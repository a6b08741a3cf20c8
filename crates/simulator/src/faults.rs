//! What can be made to go wrong in one turn or one linking, to see whether the skill, the server and the person bear it.

use serde_json::Value;

/// Something that goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// No `Signature-256`.
    SignatureMissing,
    /// The signature of another body.
    SignatureWrong,
    /// A signature that is no base64.
    SignatureGarbled,
    /// One byte of the body changed after signing.
    BodyAltered,
    /// No `SignatureCertChainUrl`.
    ChainMissing,
    /// The chain by plain http, which Amazon's never is.
    ChainHttp,
    /// The chain on another host.
    ChainHost,
    /// The chain outside `/echo.api/`.
    ChainPath,
    /// The chain on another port.
    ChainPort,
    /// A certificate whose time is over.
    CertificateExpired,
    /// A certificate whose time has not come.
    CertificateEarly,
    /// A certificate for another name.
    CertificateName,
    /// A certificate of a root nobody trusts.
    CertificateRoot,
    /// Another key and certificate, both good, as after a rotation.
    KeysRotated,
    /// Alexa's clock 200 seconds ahead.
    ClockAhead,
    /// Alexa's clock 200 seconds behind.
    ClockBehind,
    /// A recorded request, sent again after ten minutes.
    Replayed,
    /// A request for another skill.
    SkillId,
    /// The token answer is lost on the way.
    TokenLost,
    /// The token request arrives twice.
    TokenDoubled,
    /// The token answer takes longer than 4.5 seconds.
    TokenSlow,
    /// The token answer is a page instead of JSON.
    TokenMalformed,
}

/// What came of a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// A request that must be refused was refused.
    Refused,
    /// A request that must be refused was answered.
    NotNoticed,
    /// What must go on went on.
    Borne,
    /// What must go on did not.
    NotBorne,
    /// It cannot happen on the way by which the skill is reached.
    DoesNotApply,
}

impl Verdict {
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::NotNoticed => "not_noticed",
            Self::Borne => "borne",
            Self::NotBorne => "not_borne",
            Self::DoesNotApply => "does_not_apply",
        }
    }

    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Refused => "The skill refused the request, as it must.",
            Self::NotNoticed => "The skill answered a request that it must refuse: anyone could send it such requests.",
            Self::Borne => "It went on, as it must.",
            Self::NotBorne => "It did not go on, though it must.",
            Self::DoesNotApply => {
                "It does not apply here: a function or a command is handed the bare event, without a signature, by a cloud that vouches for the caller. The request was sent as it should be; give the skill's web address to try this."
            }
        }
    }
}

impl Fault {
    /// All of them, with their names and what they are in words.
    pub const ALL: [(Self, &'static str, &'static str); 22] = [
        (Self::SignatureMissing, "signature-missing", "The request has no signature."),
        (Self::SignatureWrong, "signature-wrong", "The signature belongs to another body."),
        (Self::SignatureGarbled, "signature-garbled", "The signature is no base64."),
        (Self::BodyAltered, "body-altered", "One byte of the body was changed after signing."),
        (Self::ChainMissing, "chain-missing", "The request names no certificate chain."),
        (Self::ChainHttp, "chain-http", "The certificate chain is named by plain http."),
        (Self::ChainHost, "chain-host", "The certificate chain lies on a foreign host."),
        (Self::ChainPath, "chain-path", "The certificate chain lies outside /echo.api/."),
        (Self::ChainPort, "chain-port", "The certificate chain lies on another port."),
        (Self::CertificateExpired, "certificate-expired", "The signing certificate has expired."),
        (Self::CertificateEarly, "certificate-early", "The signing certificate is not valid yet."),
        (Self::CertificateName, "certificate-name", "The signing certificate is for another name."),
        (Self::CertificateRoot, "certificate-root", "The signing certificate hangs on a root nobody trusts."),
        (Self::KeysRotated, "keys-rotated", "Alexa signs with a new key in mid-session."),
        (Self::ClockAhead, "clock-ahead", "Alexa's clock is 200 seconds ahead."),
        (Self::ClockBehind, "clock-behind", "Alexa's clock is 200 seconds behind."),
        (Self::Replayed, "replayed", "A recorded request is sent again after ten minutes."),
        (Self::SkillId, "skill-id", "The request is meant for another skill."),
        (Self::TokenLost, "token-lost", "The authorization server's token answer is lost on the way."),
        (Self::TokenDoubled, "token-doubled", "The token request reaches the authorization server twice."),
        (Self::TokenSlow, "token-slow", "The token answer takes longer than 4.5 seconds."),
        (Self::TokenMalformed, "token-malformed", "The token answer is a page instead of JSON."),
    ];

    /// The fault of this name, such as `signature-wrong`.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, own, _)| *own == name).map(|(fault, _, _)| *fault)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(fault, _, _)| *fault == self).map_or("", |(_, name, _)| name)
    }

    /// What it is, in words.
    pub fn about(self) -> &'static str {
        Self::ALL.iter().find(|(fault, _, _)| *fault == self).map_or("", |(_, _, about)| about)
    }

    /// Whether it is one of the token endpoint rather than of the request to the skill.
    pub fn is_of_tokens(self) -> bool {
        matches!(self, Self::TokenLost | Self::TokenDoubled | Self::TokenSlow | Self::TokenMalformed)
    }

    /// Whether it is one of the signature, the chain or the age that a signature vouches for: of what only a web service is
    /// sent.
    pub(crate) fn is_of_signature(self) -> bool {
        !self.is_of_tokens() && self != Self::SkillId
    }

    /// What a fault of a request came to. A skill must refuse all but a rotated key.
    pub(crate) fn verdict(self, answered: bool) -> Verdict {
        let must_go_on = self == Self::KeysRotated || self.is_of_tokens();
        match (must_go_on, answered) {
            (true, true) => Verdict::Borne,
            (true, false) => Verdict::NotBorne,
            (false, true) => Verdict::NotNoticed,
            (false, false) => Verdict::Refused,
        }
    }

    /// How far Alexa's clock is off, in seconds.
    pub(crate) fn clock_off(self) -> i64 {
        match self {
            Self::ClockAhead => 200,
            Self::ClockBehind => -200,
            Self::Replayed => -600,
            _ => 0,
        }
    }

    /// Changes the body before it is signed.
    pub(crate) fn before_signing(self, body: &mut Value) {
        if self == Self::SkillId {
            let other = "amzn1.ask.skill.00000000-0000-4000-8000-000000000000";
            for place in ["/session/application/applicationId", "/context/System/application/applicationId"] {
                if let Some(id) = body.pointer_mut(place) {
                    *id = other.into();
                }
            }
        }
    }

    /// Changes the bytes after they were signed: the JSON stays JSON.
    pub(crate) fn after_signing(self, raw: &mut Vec<u8>) {
        if self == Self::BodyAltered {
            raw.push(b' ');
        }
    }

    /// The signature in place of the good one; nothing when it is left out.
    pub(crate) fn signature(self, good: String) -> Option<String> {
        match self {
            Self::SignatureMissing => None,
            Self::SignatureGarbled => Some("%% this is no base64 %%".into()),
            // Still base64 of as many bytes: the first differs.
            Self::SignatureWrong => {
                let first = if good.starts_with('A') { 'B' } else { 'A' };
                Some(good.chars().enumerate().map(|(at, sign)| if at == 0 { first } else { sign }).collect())
            }
            _ => Some(good),
        }
    }

    /// The chain's address in place of the good one; nothing when it is left out.
    pub(crate) fn chain_url(self, good: String) -> Option<String> {
        let path = || url::Url::parse(&good).map(|url| url.path().to_owned()).unwrap_or_default();
        match self {
            Self::ChainMissing => None,
            // Amazon's own address by plain http: what is good for a simulator on this machine must not excuse it.
            Self::ChainHttp => Some(format!("http://s3.amazonaws.com{}", path())),
            Self::ChainHost => Some(format!("https://s3.amazonaws.com.example.com{}", path())),
            Self::ChainPath => Some(format!("https://s3.amazonaws.com/echo.api/../other{}", path())),
            Self::ChainPort => Some(format!("https://s3.amazonaws.com:563{}", path())),
            _ => Some(good),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_has_a_name_of_its_own() {
        for (fault, name, about) in Fault::ALL {
            assert_eq!(Fault::named(name), Some(fault));
            assert_eq!((fault.name(), fault.about()), (name, about));
        }
        assert_eq!(Fault::named("rain"), None);
    }

    #[test]
    fn signatures_and_addresses_are_spoilt() {
        let good = || "QUJD".to_owned();
        assert_eq!(Fault::SignatureMissing.signature(good()), None);
        assert_eq!(Fault::SignatureWrong.signature(good()).as_deref(), Some("AUJD"));
        assert_eq!(Fault::SignatureWrong.signature("AUJD".into()).as_deref(), Some("BUJD"));
        assert_eq!(Fault::KeysRotated.signature(good()), Some(good()));
        let url = || "http://127.0.0.1:4001/echo.api/x.pem".to_owned();
        assert_eq!(Fault::ChainPort.chain_url(url()).as_deref(), Some("https://s3.amazonaws.com:563/echo.api/x.pem"));
        assert_eq!(Fault::ChainMissing.chain_url(url()), None);
        assert_eq!(Fault::SkillId.chain_url(url()), Some(url()));
    }
}
