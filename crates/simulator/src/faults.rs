//! What can be made to go wrong in one turn or one linking, to see whether the skill, the server and the person bear it.

use serde_json::Value;

use crate::trace::Outcome;
use crate::verdict::Verdict;

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
    /// The chain below `/EcHo.aPi/`: the path is compared letter by letter.
    ChainCase,
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
    /// A certificate that is signed by itself alone.
    CertificateSelfSigned,
    /// Another key and certificate, both good, as after a rotation.
    KeysRotated,
    /// The authorization server signs with another key, and the one before stays published.
    AuthorityKeysRotated,
    /// The key that signed the access token is published no more.
    AuthorityKeysRevoked,
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
    /// The code of a linking is exchanged with another PKCE verifier.
    VerifierWrong,
}

impl Fault {
    /// All of them, with their names and what they are in words.
    pub const ALL: [(Self, &'static str, &'static str); 27] = [
        (Self::SignatureMissing, "signature-missing", "The request has no signature."),
        (Self::SignatureWrong, "signature-wrong", "The signature belongs to another body."),
        (Self::SignatureGarbled, "signature-garbled", "The signature is no base64."),
        (Self::BodyAltered, "body-altered", "One byte of the body was changed after signing."),
        (Self::ChainMissing, "chain-missing", "The request names no certificate chain."),
        (Self::ChainHttp, "chain-http", "The certificate chain is named by plain http."),
        (Self::ChainHost, "chain-host", "The certificate chain lies on a foreign host."),
        (Self::ChainPath, "chain-path", "The certificate chain lies outside /echo.api/."),
        (Self::ChainCase, "chain-case", "The certificate chain lies below /EcHo.aPi/, in other letters."),
        (Self::ChainPort, "chain-port", "The certificate chain lies on another port."),
        (Self::CertificateExpired, "certificate-expired", "The signing certificate has expired."),
        (Self::CertificateEarly, "certificate-early", "The signing certificate is not valid yet."),
        (Self::CertificateName, "certificate-name", "The signing certificate is for another name."),
        (Self::CertificateRoot, "certificate-root", "The signing certificate hangs on a root nobody trusts."),
        (Self::CertificateSelfSigned, "certificate-self-signed", "The signing certificate is signed by itself alone."),
        (Self::KeysRotated, "keys-rotated", "Alexa signs with a new key in mid-session."),
        (
            Self::AuthorityKeysRotated,
            "authority-keys-rotated",
            "The authorization server signs with a new key in mid-session.",
        ),
        (
            Self::AuthorityKeysRevoked,
            "authority-keys-revoked",
            "The key that signed the access token is published no more.",
        ),
        (Self::ClockAhead, "clock-ahead", "Alexa's clock is 200 seconds ahead."),
        (Self::ClockBehind, "clock-behind", "Alexa's clock is 200 seconds behind."),
        (Self::Replayed, "replayed", "A recorded request is sent again after ten minutes, a recorded event after 70."),
        (Self::SkillId, "skill-id", "The request is meant for another skill."),
        (Self::TokenLost, "token-lost", "The authorization server's token answer is lost on the way."),
        (Self::TokenDoubled, "token-doubled", "The token request reaches the authorization server twice."),
        (Self::TokenSlow, "token-slow", "The token answer takes longer than 4.5 seconds."),
        (Self::TokenMalformed, "token-malformed", "The token answer is a page instead of JSON."),
        (Self::VerifierWrong, "verifier-wrong", "The code of a linking is exchanged with a wrong PKCE verifier."),
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

    /// Whether it is one of the authorization server's signing keys.
    pub fn is_of_keys(self) -> bool {
        matches!(self, Self::AuthorityKeysRotated | Self::AuthorityKeysRevoked)
    }

    /// Whether it is one of a request to the skill, and so of an event as well.
    pub fn is_of_requests(self) -> bool {
        !self.is_of_tokens() && !self.is_of_keys() && self != Self::VerifierWrong
    }

    /// Whether it can happen in a turn.
    pub fn is_of_turns(self) -> bool {
        self != Self::VerifierWrong
    }

    /// Whether it can happen in a linking: to the exchange of the code, or to the events that tell of it.
    pub fn is_of_linkings(self) -> bool {
        !self.is_of_keys()
    }

    /// Whether a refresh has to happen for it, though the token is good.
    pub(crate) fn needs_refresh(self) -> bool {
        self.is_of_tokens() || self == Self::AuthorityKeysRotated
    }

    /// Whether it is one of the signature, the chain or the age that a signature vouches for: of what only a web service is
    /// sent.
    pub(crate) fn is_of_signature(self) -> bool {
        self.is_of_requests() && self != Self::SkillId
    }

    /// What a fault came to. All but rotated keys and trouble with token answers must be refused.
    pub(crate) fn verdict(self, answered: bool) -> Verdict {
        let must_go_on = matches!(self, Self::KeysRotated | Self::AuthorityKeysRotated) || self.is_of_tokens();
        Verdict::of(must_go_on, answered)
    }

    /// What a fault came to by which the conversation is no other, by how the turn ended.
    pub(crate) fn verdict_of_turn(self, outcome: Outcome) -> Verdict {
        match (self, outcome) {
            (Self::AuthorityKeysRevoked, Outcome::Refused) => Verdict::Refused,
            (Self::AuthorityKeysRevoked, Outcome::Answered) => Verdict::NotYet,
            (Self::AuthorityKeysRevoked, _) => Verdict::NotBorne,
            _ => self.verdict(outcome == Outcome::Answered),
        }
    }

    /// What a fault of a skill event came to. An event may come late.
    pub(crate) fn verdict_of_event(self, answered: bool) -> Verdict {
        Verdict::of(self.must_be_taken(), answered)
    }

    /// Whether an event must be taken all the same.
    pub(crate) fn must_be_taken(self) -> bool {
        matches!(self, Self::KeysRotated | Self::ClockBehind)
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

    /// How far it is off in a skill event, which may come up to an hour late.
    pub(crate) fn event_clock_off(self) -> i64 {
        if self == Self::Replayed { -4_200 } else { self.clock_off() }
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
            Self::ChainCase => Some(format!("https://s3.amazonaws.com{}", path().replace("/echo.api/", "/EcHo.aPi/"))),
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
    fn every_fault_happens_somewhere_and_is_of_one_kind() {
        for (fault, name, _) in Fault::ALL {
            let kinds = [fault.is_of_tokens(), fault.is_of_keys(), fault.is_of_requests(), !fault.is_of_turns()];
            assert_eq!(kinds.iter().filter(|is_one| **is_one).count(), 1, "{name}");
            assert!(fault.is_of_turns() || fault.is_of_linkings(), "{name}");
        }
    }

    #[test]
    fn a_fault_is_judged_by_where_it_happens() {
        for (fault, in_turn, of_event) in [
            (Fault::SignatureWrong, Verdict::NotNoticed, Verdict::NotNoticed),
            (Fault::ClockBehind, Verdict::NotNoticed, Verdict::Borne),
            (Fault::Replayed, Verdict::NotNoticed, Verdict::NotNoticed),
            (Fault::KeysRotated, Verdict::Borne, Verdict::Borne),
        ] {
            assert_eq!((fault.verdict(true), fault.verdict_of_event(true)), (in_turn, of_event), "{fault:?}");
        }
        assert_eq!((Fault::Replayed.clock_off(), Fault::Replayed.event_clock_off()), (-600, -4_200));
        for (fault, outcome, verdict) in [
            (Fault::AuthorityKeysRotated, Outcome::Answered, Verdict::Borne),
            (Fault::AuthorityKeysRotated, Outcome::Refused, Verdict::NotBorne),
            (Fault::AuthorityKeysRevoked, Outcome::Answered, Verdict::NotYet),
            (Fault::AuthorityKeysRevoked, Outcome::Refused, Verdict::Refused),
            (Fault::AuthorityKeysRevoked, Outcome::Failed, Verdict::NotBorne),
            (Fault::TokenLost, Outcome::Answered, Verdict::Borne),
        ] {
            assert_eq!(fault.verdict_of_turn(outcome), verdict, "{fault:?} {outcome:?}");
        }
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
        assert_eq!(Fault::ChainCase.chain_url(url()).as_deref(), Some("https://s3.amazonaws.com/EcHo.aPi/x.pem"));
        assert_eq!(Fault::ChainMissing.chain_url(url()), None);
        assert_eq!(Fault::SkillId.chain_url(url()), Some(url()));
    }
}
