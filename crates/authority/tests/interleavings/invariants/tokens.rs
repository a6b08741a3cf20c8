//! I2, I3, I8: what tokens lead to, which of them work, and that none outlives a stop.

use sayso_authority::Ambient;
use sayso_authority::decide::identify_token::Identified;
use sayso_authority::decide::refresh_token::RefreshToken;
use sayso_authority::record::client::Rotation;
use sayso_authority::record::grant::GrantId;
use sayso_authority::wire::token::TokenReply;
use sayso_token::digest::Digest;
use sayso_token::secret::Secret;
use sayso_token::time::{Lifetime, Timestamp};

use super::{Invariants, Written};
use crate::callers::{Answer, identified, is_active, read, refresh_verdict};
use crate::scenes::Scene;
use crate::testing::{Memory, Seeded};

/// For so long an unused successor is repeated (`docs/refresh.md`).
const CONFIRM: Lifetime = Lifetime::from_seconds(30 * 24 * 60 * 60);
/// So many uses are remembered (`docs/refresh.md`).
const REMEMBERED: usize = 8;

/// The refresh tokens of one grant, in the order in which they were given.
#[derive(Clone)]
pub(super) struct Chain {
    grant: GrantId,
    links: Vec<Link>,
}

/// One refresh token.
#[derive(Clone)]
struct Link {
    token: Secret,
    digest: Digest,
    given_at: usize,
    /// By which move it was first used, and at what time.
    first_used: Option<(usize, Timestamp)>,
}

/// Whether a refresh token works, by the words of the rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Works {
    Yes,
    /// The clocks of two nodes disagree about the end of the overlap.
    OneClockSaysSo,
    No,
}

impl Chain {
    fn place(&self, digest: &Digest) -> Option<usize> {
        self.links.iter().position(|link| link.digest == *digest)
    }

    /// How many tokens had been given before the move of that number.
    fn given_before(&self, at: usize) -> usize {
        self.links.iter().filter(|link| link.given_at < at.max(1)).count()
    }

    /// What the rule says of the token at this place, to a decision that looked at this move and time.
    fn works(&self, scene: &Scene, place: usize, (at, now): (usize, Timestamp)) -> Works {
        let newest = self.given_before(at) - 1;
        if place == newest {
            return Works::Yes;
        }
        let rule = scene.rule();
        let Some((_, first_used)) = self.links[place].first_used else { return Works::No };
        let since = now.millis_since(first_used);
        let confirms = rule.rotation == Rotation::SameSuccessor && place + 1 == newest;
        if confirms && since < CONFIRM.millis() {
            return Works::Yes;
        }
        if since >= rule.overlap.millis() {
            return Works::No;
        }
        let uses = self.links[..newest].iter().filter_map(|link| link.first_used.map(|(_, used)| used));
        let over_for_another = uses.max().is_some_and(|latest| latest >= first_used + rule.overlap);
        if over_for_another || newest - place > REMEMBERED { Works::OneClockSaysSo } else { Works::Yes }
    }
}

impl Invariants {
    fn chain(&self, grant: &GrantId) -> &Chain {
        self.chains.iter().find(|chain| chain.grant == *grant).unwrap()
    }

    /// A redeemed code begins a chain.
    pub(super) fn begin_chain(&mut self, written: &Written<'_>, reply: &TokenReply) {
        let token = reply.refresh_token.clone().unwrap();
        let given = read(&token);
        let link = Link { token, digest: given.digest, given_at: written.at, first_used: None };
        self.chains.push(Chain { grant: given.grant, links: vec![link] });
    }

    /// I2: a refresh token has at most one successor, ever; the chain is no tree.
    pub(super) fn i2_one_successor(
        &mut self,
        scene: &Scene,
        written: &Written<'_>,
        (presented, reply): (&RefreshToken, &TokenReply),
    ) -> Result<(), String> {
        let token = reply.refresh_token.clone().unwrap();
        let given = read(&token);
        let chain = self.chains.iter_mut().find(|chain| chain.grant == given.grant).unwrap();
        let place = chain.place(&presented.digest).unwrap();
        if scene.rule().rotation == Rotation::Static {
            self.met.insert("same token");
            let stayed = given.digest == presented.digest;
            return if stayed { Ok(()) } else { Err("I2: a token that was to stay was replaced".to_owned()) };
        }
        if let Some(known) = chain.place(&given.digest) {
            let live = chain.given_before(written.found.looked_at) - 1;
            if known <= place || known != live {
                return Err(format!("I2: token {place} got token {known}, and the newest was {live}"));
            }
            self.met.insert(if known == place + 1 { "same successor" } else { "live token" });
            return Ok(());
        }
        let newest = chain.links.len() - 1;
        if place != newest || chain.links[place].first_used.is_some() {
            return Err(format!("I2: token {place} got a successor of its own beside token {}", place + 1));
        }
        chain.links[place].first_used = Some((written.at, written.found.now));
        chain.links.push(Link { token, digest: given.digest, given_at: written.at, first_used: None });
        Ok(())
    }

    /// I3: a refresh token works only while it is the live one, or as the rule of overlap and confirmation allows.
    pub(super) fn i3_allowed(&self, scene: &Scene, written: &Written<'_>, token: &RefreshToken) -> Result<(), String> {
        let (chain, found) = (self.chain(&token.grant), written.found);
        let place = chain.place(&token.digest).unwrap();
        if chain.works(scene, place, (found.looked_at, found.now)) == Works::No {
            return Err(format!("I3: token {place} of {} still worked", chain.links.len()));
        }
        Ok(())
    }

    /// I3, the other way: what is taken for theft is none that the rule allows, and the grant has ended by it.
    pub(super) fn i3_reuse_ends_the_grant(
        &self,
        scene: &Scene,
        written: &Written<'_>,
        (token, after): (&RefreshToken, &Memory),
    ) -> Result<(), String> {
        let (chain, found) = (self.chain(&token.grant), written.found);
        let place = chain.place(&token.digest).unwrap();
        if chain.works(scene, place, (found.looked_at, found.now)) == Works::Yes {
            return Err(format!("I3: token {place} of {} was taken for theft", chain.links.len()));
        }
        match after.grant(&token.grant) {
            Some(grant) if grant.revoked_at.is_some() => Ok(()),
            _ => Err("I3: theft was seen, and the grant lives".to_owned()),
        }
    }

    /// I3, of every token ever given: presented now, those and only those work that may; none of an ended grant.
    pub(super) fn i3_only_these_work(&self, scene: &Scene, memory: &Memory, now: Timestamp) -> Result<(), String> {
        let mut entropy = Seeded(0);
        for chain in &self.chains {
            let grant = memory.grant(&chain.grant).ok_or("I3: a grant is gone")?;
            let user = memory.user(&grant.user);
            for (place, link) in chain.links.iter().enumerate() {
                let token = RefreshToken {
                    grant: chain.grant.clone(),
                    generation: i64::try_from(place).unwrap(),
                    digest: link.digest,
                };
                let mut ambient = Ambient { now, entropy: &mut entropy };
                let reply = refresh_verdict(scene, (&link.token, &token), (Some(grant), user), &mut ambient).reply;
                let works = matches!(reply, Ok(Answer::Tokens(_)));
                let ended = self.had_ended(&chain.grant, usize::MAX) || self.was_disabled(usize::MAX);
                let idle = matches!(reply, Err("grant_idle"));
                let may = chain.works(scene, place, (usize::MAX, now));
                if (works && (ended || may == Works::No)) || (!works && !ended && !idle && may == Works::Yes) {
                    let count = chain.links.len();
                    return Err(format!("I3: token {place} of {count}: {works}, rule {may:?}, ended {ended}"));
                }
            }
        }
        Ok(())
    }

    /// I8: no decision that looked after a stop issues a token; what one issued that had looked before is inactive.
    pub(super) fn i8_nothing_after_a_stop(
        &mut self,
        scene: &Scene,
        written: &Written<'_>,
        (reply, after): (&TokenReply, &Memory),
    ) -> Result<(), String> {
        let (found, token) = (written.found, identified(reply));
        let grant = token.grant().unwrap();
        if self.had_ended(grant, found.looked_at) {
            return Err("I8: a token of a grant that had ended".to_owned());
        }
        if self.was_disabled(found.user_looked_at) {
            return Err("I8: a token of a person who was disabled".to_owned());
        }
        let ended = self.had_ended(grant, written.at);
        if ended && !written.verdict.changes.is_empty() {
            return Err("I8: the guard let a chain go on that had ended meanwhile".to_owned());
        }
        if ended || self.was_disabled(written.at) {
            self.met.insert("issued over a stop");
            let grant = after.grant(grant);
            let user = grant.and_then(|grant| after.user(&grant.user));
            if is_active(scene, &token, grant, (user, found.now)) {
                return Err("I8: a token that was issued over a stop is active".to_owned());
            }
        }
        self.issued.push(token);
        Ok(())
    }

    /// I8: who asks after a stop hears that the token is inactive.
    pub(super) fn i8_inactive_after_a_stop(&self, written: &Written<'_>, token: &Identified) -> Result<(), String> {
        let found = written.found;
        let ended = token.grant().is_some_and(|grant| self.had_ended(grant, found.looked_at));
        if ended || self.was_disabled(found.user_looked_at) {
            return Err("I8: introspection said active after a stop".to_owned());
        }
        Ok(())
    }

    /// I8: every access token ever issued is active exactly while it, its epoch, its grant and its person live.
    pub(super) fn i8_active_only_while_it_lives(
        &self,
        scene: &Scene,
        memory: &Memory,
        now: Timestamp,
    ) -> Result<(), String> {
        for token in &self.issued {
            let Identified::Access(access) = token else { continue };
            let (id, epoch) = access.grant.as_ref().unwrap();
            let grant = memory.grant(id);
            let user = grant.and_then(|grant| memory.user(&grant.user));
            let revocations = memory
                .audit
                .iter()
                .filter(|(_, event)| event.kind == "access_tokens_revoked" && event.grant.as_ref() == Some(&id.0));
            let stopped = self.had_ended(id, usize::MAX) || self.was_disabled(usize::MAX);
            let lives = !stopped && i64::try_from(revocations.count()) == Ok(*epoch) && now < access.expires_at;
            if is_active(scene, token, grant, (user, now)) != lives {
                return Err(format!("I8: an access token of epoch {epoch} should be active: {lives}"));
            }
        }
        Ok(())
    }
}
