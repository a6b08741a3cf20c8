//! Who calls whom.

use sayso_authority::decide::consent::Choice;
use sayso_authority::record::authority::Authority;
use sayso_authority::record::client::{RefreshRule, Rotation};
use sayso_authority::record::user::User;
use sayso_token::seal::Sealer;
use sayso_token::secret::Secret;
use sayso_token::time::Timestamp;

use crate::callers::Holder;
use crate::testing::{LAYLA, PITANGUI, VERIFIER, ada, authority, client_mut, now, sealer};
use crate::world::State;

/// What a caller asks for, each time it is idle.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Ask {
    /// Tokens for the code, proved by this.
    Redeem {
        /// The client that asks.
        client: &'static str,
        /// Its redirect URI.
        redirect_uri: &'static str,
        /// Its verifier.
        verifier: &'static str,
    },
    /// Fresh tokens for the refresh token that this one holds.
    Refresh(Holder),
    /// The end of the link, by the household's refresh token.
    RevokeRefresh,
    /// The end of all access tokens so far, by the household's.
    RevokeAccess,
    /// The end of the link, by the person.
    Unlink,
    /// Whether the household's refresh token is active.
    IntrospectRefresh,
    /// Whether the household's access token is active.
    IntrospectAccess,
    /// That the person may do nothing.
    Disable,
    /// That the person may do things again.
    Enable,
    /// A code, by the consent form; or none.
    Answer(Choice),
    /// A code, by what was allowed before.
    Again,
    /// A session.
    SignIn,
    /// The end of the session.
    SignOut,
    /// Another favorite color.
    Edit(&'static str),
    /// A session, by the answer of a provider that says so of this person there.
    Arrive(&'static str, &'static str),
    /// That this person there is Ada from now on, by an answer of the provider.
    Connect(&'static str, &'static str),
    /// That this person there is Ada no more.
    Disconnect(&'static str),
}

/// One authority, what it remembers at the beginning, and everybody who calls.
pub(crate) struct Scene {
    /// As it is written in Rust, after `Scene::`.
    pub(crate) name: &'static str,
    pub(crate) authority: Authority,
    pub(crate) sealer: Sealer,
    pub(crate) client: &'static str,
    pub(crate) redirect_uri: &'static str,
    pub(crate) callers: Vec<Ask>,
    pub(crate) start: State,
    /// What must happen in some of its interleavings; otherwise they show nothing.
    pub(crate) meets: &'static [&'static str],
}

impl Scene {
    /// A code was sent; its client redeems it twice at once, others with what they know of it; the link is used, ended,
    /// and its person disabled.
    pub(crate) fn codes() -> Self {
        let mut scene = Self::empty("codes()", Rotation::SameSuccessor);
        let verifier = "a-verifier-that-somebody-made-up-of-thin-air";
        let guess = Ask::Redeem { client: scene.client, redirect_uri: LAYLA, verifier };
        scene.open(&[Ask::Answer(Choice::Allow), guess, guess, guess]);
        scene.callers = vec![
            scene.redeem(),
            scene.redeem(),
            guess,
            Ask::Redeem { client: "desktop", redirect_uri: LAYLA, verifier: VERIFIER },
            Ask::Redeem { client: "alexa", redirect_uri: PITANGUI, verifier: VERIFIER },
            Ask::Refresh(Holder::Owner),
            Ask::Unlink,
            Ask::Disable,
        ];
        scene.meets = &[
            "guard lost",
            "code_reuse",
            "code_of_another_client",
            "verifier_wrong",
            "too_many_wrong_verifiers",
            "redirect_uri_differs",
            "code_expired",
            "user_disabled",
            "issued over a stop",
        ];
        scene
    }

    /// A linked household with two callers of its own, and one who copied its token.
    pub(crate) fn refreshing(rotation: Rotation) -> Self {
        let name = match rotation {
            Rotation::SameSuccessor => "refreshing(Rotation::SameSuccessor)",
            Rotation::Static => "refreshing(Rotation::Static)",
            Rotation::Strict => "refreshing(Rotation::Strict)",
        };
        let mut scene = Self::linked(name, rotation);
        scene.callers = vec![
            Ask::Refresh(Holder::Owner),
            Ask::Refresh(Holder::Owner),
            Ask::Refresh(Holder::Thief),
            Ask::IntrospectRefresh,
        ];
        scene.meets = &["guard lost", "same successor", "live token", "refresh_reuse", "grant_revoked"];
        scene
    }

    /// A linked household whose link is ended in every way while it is used.
    pub(crate) fn stopping(rotation: Rotation) -> Self {
        let name = match rotation {
            Rotation::SameSuccessor => "stopping(Rotation::SameSuccessor)",
            Rotation::Static => "stopping(Rotation::Static)",
            Rotation::Strict => "stopping(Rotation::Strict)",
        };
        let mut scene = Self::linked(name, rotation);
        scene.callers = vec![
            Ask::Refresh(Holder::Owner),
            Ask::Refresh(Holder::Owner),
            Ask::Refresh(Holder::Thief),
            Ask::RevokeAccess,
            Ask::IntrospectAccess,
            Ask::Disable,
            Ask::Enable,
            Ask::RevokeRefresh,
            Ask::Unlink,
            Ask::IntrospectRefresh,
            Ask::Again,
        ];
        scene.meets = match rotation {
            Rotation::Static => {
                &["guard lost", "must ask", "same token", "grant_revoked", "user_disabled", "issued over a stop"]
            }
            Rotation::SameSuccessor | Rotation::Strict => &[
                "guard lost",
                "must ask",
                "same successor",
                "refresh_reuse",
                "grant_revoked",
                "user_disabled",
                "issued over a stop",
            ],
        };
        scene
    }

    /// A person with a consent form that is answered several times, a session and a profile.
    pub(crate) fn forms() -> Self {
        let mut scene = Self::empty("forms()", Rotation::SameSuccessor);
        scene.callers = vec![
            Ask::Answer(Choice::Allow),
            Ask::Answer(Choice::Allow),
            Ask::Answer(Choice::Deny),
            scene.redeem(),
            Ask::SignIn,
            Ask::SignOut,
            Ask::Edit("red"),
            Ask::Edit("green"),
            Ask::Disable,
            Ask::Enable,
        ];
        scene.meets = &["guard lost", "answered before", "no session", "user_disabled"];
        scene
    }

    /// A person without a password, whose ways to sign in are connected, used and taken away. An answer is brought twice.
    pub(crate) fn elsewhere() -> Self {
        let mut scene = Self::empty("elsewhere()", Rotation::SameSuccessor);
        scene.start = State::of(User { password_hash: Secret::new(""), ..ada() });
        scene.open(&[Ask::Connect("one", "first"), Ask::Connect("two", "second")]);
        scene.callers = vec![
            Ask::Disconnect("one"),
            Ask::Disconnect("two"),
            Ask::Arrive("one", "third"),
            Ask::Arrive("one", "third"),
            Ask::Arrive("two", "fourth"),
            Ask::Connect("one", "fifth"),
            Ask::Connect("one", "fifth"),
            Ask::Connect("two", "sixth"),
            Ask::Disable,
            Ask::Enable,
        ];
        scene.meets = &[
            "guard lost",
            "upstream_answered_before",
            "upstream_last_way",
            "upstream_not_connected",
            "upstream_not_theirs",
            "user_disabled",
        ];
        scene
    }

    /// The refresh rule in force.
    pub(crate) fn rule(&self) -> RefreshRule {
        self.authority.client(self.client).unwrap().refresh
    }

    fn linked(name: &'static str, rotation: Rotation) -> Self {
        let mut scene = Self::empty(name, rotation);
        scene.open(&[Ask::Answer(Choice::Allow), scene.redeem()]);
        scene
    }

    fn empty(name: &'static str, rotation: Rotation) -> Self {
        let (client, redirect_uri) = match rotation {
            Rotation::SameSuccessor | Rotation::Static => ("alexa", LAYLA),
            Rotation::Strict => ("spa", "https://App.Test/Cb?x=1"),
        };
        let (mut authority, sealer) = (authority(), sealer());
        client_mut(&mut authority, client).refresh.rotation = rotation;
        Self { name, authority, sealer, client, redirect_uri, callers: Vec::new(), start: State::of(ada()), meets: &[] }
    }

    /// What went before, one call after the other.
    fn open(&mut self, asks: &[Ask]) {
        let opening: Timestamp = now();
        let mut start = self.start.clone();
        for ask in asks {
            start.call(self, *ask, opening).unwrap();
        }
        self.start = start;
    }

    /// The client's own redemption.
    fn redeem(&self) -> Ask {
        Ask::Redeem { client: self.client, redirect_uri: self.redirect_uri, verifier: VERIFIER }
    }
}
