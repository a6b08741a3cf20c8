//! What the moves act on: the memory that all share, two nodes, and the callers with their calls under way.

use std::collections::BTreeSet;

use sayso_authority::Ambient;
use sayso_authority::decide::identify_token::Identified;
use sayso_authority::record::user::User;
use sayso_token::digest::Digest;
use sayso_token::secret::Secret;
use sayso_token::time::{Lifetime, Timestamp};

use crate::callers::{Answer, Found, Holder, Request, identified, recognised};
use crate::invariants::{Invariants, Written};
use crate::scenes::{Ask, Scene};
use crate::schedule::Move;
use crate::testing::{Memory, Seeded, now};

/// The second node's clock is so far ahead of the first one's.
const AHEAD: [Lifetime; 2] = [Lifetime::from_seconds(0), Lifetime::from_seconds(2)];

/// With nobody beside it a call needs so many steps at most, one lost guard included.
const LAST_STEPS: usize = 8;

/// What is remembered, what people hold, and who watches.
#[derive(Clone)]
pub(crate) struct State {
    pub(crate) memory: Memory,
    invariants: Invariants,
    owner: Option<Secret>,
    thief: Option<Secret>,
    access: Option<Identified>,
    code: Option<Digest>,
    cookie: Option<Digest>,
    chance: u64,
}

/// How far a call has come.
enum Phase {
    Idle,
    /// Sent, or decided on what was no longer so: everything is looked up from the beginning.
    Asked(Request),
    /// One record was looked up; the user is next.
    Looked(Request, Box<Found>),
    /// Everything was looked up.
    Ready(Request, Box<Found>),
    /// Written; the answer is on its way.
    Answered(Request, Answer),
}

/// One run of a scene.
pub(crate) struct World<'a> {
    scene: &'a Scene,
    state: State,
    callers: Vec<Phase>,
    clock: Timestamp,
    /// What was played so far.
    pub(crate) played: Vec<Move>,
}

impl<'a> World<'a> {
    pub(crate) fn new(scene: &'a Scene) -> Self {
        let callers = scene.callers.iter().map(|_| Phase::Idle).collect();
        Self { scene, state: scene.start.clone(), callers, clock: now(), played: Vec::new() }
    }

    /// Plays one move; what broke by it.
    pub(crate) fn play(&mut self, next: Move) -> Result<(), String> {
        self.played.push(next);
        match next {
            Move::Step(caller) => self.step(caller, false),
            Move::Lose(caller) => self.step(caller, true),
            Move::Wait(millis) => {
                self.clock = Timestamp::from_millis(self.clock.millis() + millis);
                Ok(())
            }
            Move::Crash(node) => {
                let of_node = |caller: &usize| node_of(*caller) == node;
                for caller in (0..self.callers.len()).filter(of_node) {
                    self.callers[caller] = Phase::Idle;
                }
                self.state.invariants.i15_acknowledged_stays(&self.state.memory)
            }
        }
    }

    /// Lets every call that is under way come to its end, and looks at what is left.
    pub(crate) fn come_to_rest(&mut self) -> Result<(), String> {
        for caller in 0..self.callers.len() {
            let mut steps = 0;
            while !matches!(self.callers[caller], Phase::Idle) {
                self.play(Move::Step(caller))?;
                steps += 1;
                if steps > LAST_STEPS {
                    return Err("a call that nobody disturbs comes to no end".to_owned());
                }
            }
        }
        let State { memory, invariants, .. } = &self.state;
        invariants.at_rest(self.scene, memory, self.clock)
    }

    /// What happened on the way.
    pub(crate) fn met(&self) -> &BTreeSet<&'static str> {
        &self.state.invariants.met
    }

    fn step(&mut self, caller: usize, loses: bool) -> Result<(), String> {
        let (state, at) = (&mut self.state, self.played.len());
        let now = self.clock + AHEAD[node_of(caller)];
        let phase = std::mem::replace(&mut self.callers[caller], Phase::Idle);
        self.callers[caller] = match phase {
            Phase::Idle => match state.request(self.scene, self.scene.callers[caller]) {
                Some(request) => state.look(request, now, at),
                None => Phase::Idle,
            },
            Phase::Asked(request) => state.look(request, now, at),
            Phase::Looked(request, mut found) => {
                state.look_for_user(&mut found, at);
                Phase::Ready(request, found)
            }
            Phase::Ready(request, found) => state.write(self.scene, request, &found, at)?,
            Phase::Answered(request, answer) => {
                if !loses {
                    state.hear(&request, answer);
                }
                Phase::Idle
            }
        };
        Ok(())
    }
}

fn node_of(caller: usize) -> usize {
    caller % AHEAD.len()
}

impl State {
    /// This person, and nothing else.
    pub(crate) fn of(user: User) -> Self {
        Self {
            memory: Memory { users: vec![user], ..Memory::default() },
            invariants: Invariants::default(),
            owner: None,
            thief: None,
            access: None,
            code: None,
            cookie: None,
            chance: 1,
        }
    }

    /// One whole call, with nobody beside it.
    pub(crate) fn call(&mut self, scene: &Scene, ask: Ask, now: Timestamp) -> Result<(), String> {
        let mut phase = Phase::Asked(self.request(scene, ask).unwrap());
        loop {
            phase = match phase {
                Phase::Idle => return Ok(()),
                Phase::Asked(request) => self.look(request, now, 0),
                Phase::Looked(request, mut found) => {
                    self.look_for_user(&mut found, 0);
                    Phase::Ready(request, found)
                }
                Phase::Ready(request, found) => self.write(scene, request, &found, 0)?,
                Phase::Answered(request, answer) => {
                    self.hear(&request, answer);
                    Phase::Idle
                }
            }
        }
    }

    /// What the caller sends now; `None` when it has nothing to ask with.
    fn request(&mut self, scene: &Scene, ask: Ask) -> Option<Request> {
        let refresh = |token: &Secret| Identified::Refresh(recognised(&scene.sealer, token));
        Some(match ask {
            Ask::Redeem { client, redirect_uri, verifier } => {
                Request::Redeem { client, redirect_uri, verifier, code: self.code? }
            }
            Ask::Refresh(holder) => {
                let presented = match holder {
                    Holder::Owner => self.owner.clone()?,
                    Holder::Thief => {
                        let copied = self.thief.take().or_else(|| self.owner.clone())?;
                        self.thief.insert(copied).clone()
                    }
                };
                let token = recognised(&scene.sealer, &presented);
                Request::Refresh { holder, presented, token }
            }
            Ask::RevokeRefresh => Request::Revoke(refresh(self.owner.as_ref()?)),
            Ask::RevokeAccess => Request::Revoke(self.access.clone()?),
            Ask::Unlink => Request::Unlink(self.memory.grants.first()?.id.clone()),
            Ask::IntrospectRefresh => Request::Introspect(refresh(self.owner.as_ref()?)),
            Ask::IntrospectAccess => Request::Introspect(self.access.clone()?),
            Ask::Disable => Request::Disable,
            Ask::Enable => Request::Enable,
            Ask::Answer(choice) => Request::Answer(choice),
            Ask::Again => Request::Again,
            Ask::SignIn => Request::SignIn,
            Ask::SignOut => Request::SignOut(self.cookie?),
            Ask::Edit(color) => Request::Edit(color),
            Ask::Arrive(subject, state) => Request::Arrive { subject, state },
            Ask::Connect(subject, state) => Request::Connect { subject, state },
            Ask::Disconnect(subject) => Request::Disconnect(subject),
        })
    }

    fn look(&self, request: Request, now: Timestamp, at: usize) -> Phase {
        let (found, user_is_next) = request.look(&self.memory, now, at);
        let found = Box::new(found);
        if user_is_next { Phase::Looked(request, found) } else { Phase::Ready(request, found) }
    }

    fn look_for_user(&self, found: &mut Found, at: usize) {
        let of_code = found.code.as_ref().map(|code| &code.user);
        let user = found.grant.as_ref().map(|grant| &grant.user).or(of_code);
        found.user = user.and_then(|user| self.memory.user(user)).cloned();
        found.user_looked_at = at;
    }

    /// Decides and writes in one transaction; when a guard is lost, nothing is kept and all is looked up again.
    fn write(&mut self, scene: &Scene, request: Request, found: &Found, at: usize) -> Result<Phase, String> {
        let mut entropy = Seeded(self.chance);
        let mut ambient = Ambient { now: found.now, entropy: &mut entropy };
        let verdict = request.decide(scene, found, &mut ambient);
        self.chance = entropy.0;
        let Ok(before) = self.memory.keep(&verdict.changes, &verdict.audit, found.now) else {
            self.invariants.met.insert("guard lost");
            let lost = request.is_asked_once();
            return Ok(if lost { Phase::Answered(request, Answer::Refused) } else { Phase::Asked(request) });
        };
        let written = Written { at, request: &request, found, verdict: &verdict, before: &before };
        self.invariants.written(scene, &written, &self.memory)?;
        let answer = verdict.reply.unwrap_or(Answer::Refused);
        Ok(Phase::Answered(request, answer))
    }

    /// The answer arrives: the caller keeps what it was given, and relies on what it was told.
    fn hear(&mut self, request: &Request, answer: Answer) {
        self.invariants.acknowledged(request, &answer, &self.memory);
        match answer {
            Answer::Tokens(reply) => {
                if let Request::Refresh { holder: Holder::Thief, .. } = request {
                    self.thief = reply.refresh_token;
                } else {
                    self.access = Some(identified(&reply));
                    self.owner = reply.refresh_token;
                }
            }
            Answer::Code(code) => self.code = Some(Digest::of(code.expose().as_bytes())),
            Answer::Cookie(cookie) => self.cookie = Some(Digest::of(cookie.expose().as_bytes())),
            Answer::Done | Answer::Active(_) | Answer::Refused => {}
        }
    }
}
