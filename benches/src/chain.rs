//! The chain of one grant's refresh tokens, as its client sees it.

use serde_json::Value;

use crate::fault::{BadRotation, Fault};

/// What a client holds of one grant.
#[derive(Clone, Debug)]
pub struct Chain {
    live: String,
    /// The token before, when it was just used; presented again it must lead to `live`.
    used: Option<String>,
    refreshed: u64,
}

impl Chain {
    /// A chain that begins with this token.
    pub fn new(first: impl Into<String>) -> Self {
        Self { live: first.into(), used: None, refreshed: 0 }
    }

    /// The token to present.
    pub fn live(&self) -> &str {
        &self.live
    }

    /// The token used last, if there is one.
    pub fn used(&self) -> Option<&str> {
        self.used.as_deref()
    }

    /// How often it was refreshed.
    pub fn refreshed(&self) -> u64 {
        self.refreshed
    }

    /// Takes the answer to [`live`](Self::live).
    ///
    /// # Errors
    /// What is wrong with it; the chain then stays as it was.
    pub fn advance(&mut self, answer: &[u8]) -> Result<(), Fault> {
        let successor = refresh_token(answer)?;
        if successor == self.live {
            return Err(Fault::Rotation(BadRotation::Unchanged));
        }
        let follows = match (place(&self.live), place(&successor)) {
            (Some((grant, generation)), Some((same, next))) => grant == same && next == generation + 1,
            _ => false,
        };
        if !follows {
            return Err(Fault::Rotation(BadRotation::NotTheSuccessor));
        }
        self.used = Some(std::mem::replace(&mut self.live, successor));
        self.refreshed += 1;
        Ok(())
    }

    /// Takes the answer to [`used`](Self::used), presented once more: nothing but the live token may come.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn repeat(&self, answer: &[u8]) -> Result<(), Fault> {
        let successor = refresh_token(answer)?;
        if successor == self.live { Ok(()) } else { Err(Fault::Rotation(BadRotation::Forked)) }
    }
}

fn refresh_token(answer: &[u8]) -> Result<String, Fault> {
    let answer: Value = serde_json::from_slice(answer).map_err(|_| Fault::Answer)?;
    if answer.get("access_token").and_then(Value::as_str).is_none() {
        return Err(Fault::Answer);
    }
    let token = answer.get("refresh_token").and_then(Value::as_str);
    token.map(str::to_owned).ok_or(Fault::Rotation(BadRotation::Missing))
}

/// The grant and the place in its chain that a token of Sayso's names; to other clients it is opaque.
fn place(token: &str) -> Option<(&str, i64)> {
    let mut parts = token.split('.');
    Some((parts.next()?, parts.next()?.parse().ok()?))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use serde_json::json;

    fn answer(refresh_token: &str) -> Vec<u8> {
        json!({ "access_token": "a", "refresh_token": refresh_token }).to_string().into_bytes()
    }

    #[test]
    fn each_wrong_rotation_is_caught() {
        for (forged, fault) in [
            (answer("srt_a.7.x.t"), BadRotation::Unchanged),
            (answer("srt_b.8.y.t"), BadRotation::NotTheSuccessor),
            (answer("srt_a.9.y.t"), BadRotation::NotTheSuccessor),
            (answer("srt_a.7.y.t"), BadRotation::NotTheSuccessor),
            (answer("something else"), BadRotation::NotTheSuccessor),
            (json!({ "access_token": "a" }).to_string().into_bytes(), BadRotation::Missing),
        ] {
            let mut chain = Chain::new("srt_a.7.x.t");
            assert_eq!(chain.advance(&forged), Err(Fault::Rotation(fault)));
            assert_eq!((chain.live(), chain.used()), ("srt_a.7.x.t", None));
        }
        assert_eq!(Chain::new("srt_a.7.x.t").advance(b"<html>"), Err(Fault::Answer));
    }

    #[test]
    fn a_right_one_is_taken_and_its_repetition_must_agree() {
        let mut chain = Chain::new("srt_a.7.x.t");
        chain.advance(&answer("srt_a.8.y.t")).unwrap();
        assert_eq!((chain.live(), chain.used(), chain.refreshed()), ("srt_a.8.y.t", Some("srt_a.7.x.t"), 1));
        assert_eq!(chain.repeat(&answer("srt_a.8.y.t")), Ok(()));
        assert_eq!(chain.repeat(&answer("srt_a.8.z.t")), Err(Fault::Rotation(BadRotation::Forked)));
    }
}
