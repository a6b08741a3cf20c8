//! What must hold, each under its number. The watcher keeps its own account of what was given, used and ended, and when;
//! it never looks at the chain that the decisions keep.

mod audited;
mod promises;
mod tokens;

use std::collections::BTreeSet;

use sayso_authority::decide::identify_token::Identified;
use sayso_authority::record::grant::GrantId;
use sayso_authority::record::user::User;
use sayso_token::digest::Digest;
use sayso_token::time::Timestamp;

use crate::callers::{Answer, Found, Request, Verdict};
use crate::scenes::Scene;
use crate::testing::Memory;
use promises::Promise;
use tokens::Chain;

/// A decision that was just written.
pub(crate) struct Written<'a> {
    /// The number of the move.
    pub(crate) at: usize,
    pub(crate) request: &'a Request,
    pub(crate) found: &'a Found,
    pub(crate) verdict: &'a Verdict,
    /// The tables as they were before.
    pub(crate) before: &'a Memory,
}

/// The watcher.
#[derive(Clone, Default)]
pub(crate) struct Invariants {
    redeemed: Vec<Digest>,
    forms_answered: usize,
    /// The answers of providers that signed somebody in.
    answers: BTreeSet<&'static str>,
    chains: Vec<Chain>,
    /// Every access token that was issued.
    issued: Vec<Identified>,
    /// Which grants were ended, and by which move.
    ended: Vec<(GrantId, usize)>,
    /// When the person was disabled (`true`) or enabled again.
    stops: Vec<(usize, bool)>,
    signed_out: Vec<Digest>,
    /// What happened on the way that the scene is about.
    pub(crate) met: BTreeSet<&'static str>,
    promises: Vec<Promise>,
}

impl Invariants {
    /// Looks at a decision that was just written.
    pub(crate) fn written(&mut self, scene: &Scene, written: &Written<'_>, after: &Memory) -> Result<(), String> {
        self.note_stops(written, after);
        if let Err(reason) = written.verdict.reply {
            self.met.insert(reason);
        }
        self.i20_audited_once(written, after)?;
        a_way_to_sign_in_stays(written.before, after)?;
        match (&written.verdict.reply, written.request) {
            (Ok(Answer::Tokens(reply)), Request::Redeem { code, .. }) => {
                self.i1_redeemed_once(*code)?;
                self.begin_chain(written, reply);
                self.i8_nothing_after_a_stop(scene, written, (reply, after))
            }
            (Ok(Answer::Tokens(reply)), Request::Refresh { token, .. }) => {
                self.i3_allowed(scene, written, token)?;
                self.i2_one_successor(scene, written, (token, reply))?;
                self.i8_nothing_after_a_stop(scene, written, (reply, after))
            }
            (Err("refresh_reuse"), Request::Refresh { token, .. }) => {
                self.i3_reuse_ends_the_grant(scene, written, (token, after))
            }
            (Ok(Answer::Active(true)), Request::Introspect(token)) => self.i8_inactive_after_a_stop(written, token),
            (Ok(_), Request::Answer(_)) => self.i13_accepted_once(),
            (Ok(Answer::Cookie(_)), Request::Arrive { state, .. }) => self.i13_answer_accepted_once(state),
            _ => Ok(()),
        }
    }

    /// I1: each code has at most one successful redemption.
    fn i1_redeemed_once(&mut self, code: Digest) -> Result<(), String> {
        if self.redeemed.contains(&code) {
            return Err("I1: a code was redeemed twice".to_owned());
        }
        self.redeemed.push(code);
        Ok(())
    }

    /// I13: a one-time value is accepted at most once.
    fn i13_accepted_once(&mut self) -> Result<(), String> {
        self.forms_answered += 1;
        if self.forms_answered > 1 {
            return Err("I13: a consent form was answered twice".to_owned());
        }
        Ok(())
    }

    /// I13, of the answers of providers.
    fn i13_answer_accepted_once(&mut self, state: &'static str) -> Result<(), String> {
        if self.answers.insert(state) { Ok(()) } else { Err("I13: a provider's answer was taken twice".to_owned()) }
    }

    /// Looks at what is left when nobody calls any more.
    pub(crate) fn at_rest(&self, scene: &Scene, memory: &Memory, now: Timestamp) -> Result<(), String> {
        self.i3_only_these_work(scene, memory, now)?;
        self.i8_active_only_while_it_lives(scene, memory, now)?;
        self.i15_acknowledged_stays(memory)?;
        audited::i20_replays(memory)
    }

    /// What this decision ended or stopped.
    fn note_stops(&mut self, written: &Written<'_>, after: &Memory) {
        for (before, after) in written.before.grants.iter().zip(&after.grants) {
            if before.revoked_at.is_none() && after.revoked_at.is_some() {
                self.ended.push((after.id.clone(), written.at));
            }
        }
        for (before, after) in written.before.users.iter().zip(&after.users) {
            if before.disabled_at.is_some() != after.disabled_at.is_some() {
                self.stops.push((written.at, after.disabled_at.is_some()));
            }
        }
        let left = |session: &&sayso_authority::record::session::Session| after.session(&session.digest).is_none();
        self.signed_out.extend(written.before.sessions.iter().filter(left).map(|session| session.digest));
    }

    /// Whether the grant had ended before the move of that number.
    fn had_ended(&self, grant: &GrantId, at: usize) -> bool {
        self.ended.iter().any(|(ended, when)| ended == grant && *when < at)
    }

    /// Whether the person was disabled before the move of that number, and not enabled again.
    fn was_disabled(&self, at: usize) -> bool {
        self.stops.iter().rev().find(|(when, _)| *when < at).is_some_and(|(_, disabled)| *disabled)
    }
}

/// Whoever could sign in can still, unless they are stopped by others.
fn a_way_to_sign_in_stays(before: &Memory, after: &Memory) -> Result<(), String> {
    let has_a_way = |memory: &Memory, user: &User| {
        user.has_password() || memory.identities.iter().any(|known| known.user == user.id)
    };
    match after.users.iter().find(|user| has_a_way(before, user) && !has_a_way(after, user)) {
        Some(user) => Err(format!("{} has no way left to sign in", user.username)),
        None => Ok(()),
    }
}
