//! Sees to it that there is a certificate.

use std::sync::Arc;
use std::time::Duration;

use instant_acme::{Account, Error};
use sayso_connections::fetch::{BadOutgoing, NamedServer};
use sayso_token::digest::Digest;
use sayso_token::entropy::SharedEntropy;
use sayso_token::time::{Clock, Lifetime, Timestamp};
use sayso_web::listen::{ShownCertificate, Validations};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::sync::Notify;
use zeroize::Zeroizing;

use crate::account::{self, account};
use crate::answers::Answers;
use crate::directory::Directory;
use crate::failure::{Failure, shown};
use crate::issued::Issued;
use crate::keep::{Item, Keep};
use crate::order::{self, NotOrdered};
use crate::renewal::{self, ASK_AGAIN_AFTER_FAILURE, Failed, Held, Step, Why, Window};
use crate::settings::Settings;
use crate::spread::Spread;
use crate::tries::Tries;

/// How often it looks whether something is to be done: mostly one small file is read.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// No order takes longer.
const LONGEST_ORDER: Duration = Duration::from_secs(300);
/// After a start or a new certificate the authority is asked for its window within this time.
const FIRST_ASKED_WITHIN: i64 = 6 * 60 * 60 * 1000;

/// Why certificates cannot be seen to.
#[derive(Debug, thiserror::Error)]
pub enum CannotBegin {
    /// The directory's root cannot be used.
    #[error(transparent)]
    Outgoing(#[from] BadOutgoing),
}

/// Orders certificates and renews them. There is one for a port, or for several that show the same certificate.
pub struct Keeper {
    settings: Settings,
    keep: Arc<dyn Keep>,
    clock: Arc<dyn Clock>,
    entropy: SharedEntropy,
    directory: Directory,
    shown: ShownCertificate,
    answers: Answers,
    issued: Option<Issued>,
    /// What was kept when it was looked at last.
    seen: Option<Digest>,
    window: Option<Window>,
    ask_at: Option<Timestamp>,
    tries: Tries,
    /// Whether this process has ordered anything.
    has_ordered: bool,
    /// Trouble with what is kept, which is told once.
    told: Option<String>,
}

impl Keeper {
    /// Takes up what is kept, without asking the directory for anything.
    ///
    /// # Errors
    /// [`CannotBegin`]. What is kept and cannot be used is told in the log, and ordered anew.
    pub async fn begin(
        settings: Settings,
        keep: Arc<dyn Keep>,
        (clock, entropy): (Arc<dyn Clock>, SharedEntropy),
    ) -> Result<Self, CannotBegin> {
        let server = NamedServer::new(settings.extra_ca.clone())?;
        let mut keeper = Self {
            directory: Directory::new(server, clock.clone()),
            shown: ShownCertificate::none_yet(),
            answers: Answers::new(settings.names.clone(), keep.clone(), clock.clone()),
            issued: None,
            seen: None,
            window: None,
            ask_at: None,
            tries: Tries::none(&settings),
            has_ordered: false,
            told: None,
            settings,
            keep,
            clock,
            entropy,
        };
        keeper.take_over().await;
        Ok(keeper)
    }

    /// The certificate as it is at each moment.
    pub fn shown(&self) -> ShownCertificate {
        self.shown.clone()
    }

    /// Who answers the authority when it looks at the names.
    pub fn validations(&self) -> Arc<dyn Validations> {
        Arc::new(self.answers.clone())
    }

    /// Does what is to be done, for ever. Each `nudge` has it look at once, and try again although it would wait.
    pub async fn run(mut self, nudge: Arc<Notify>) {
        let mut looks = tokio::time::interval(LOOK_EVERY);
        looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            let nudged = tokio::select! {
                _ = looks.tick() => false,
                () = nudge.notified() => true,
            };
            self.look(nudged).await;
        }
    }

    /// Does what is to be done now.
    pub async fn look(&mut self, nudged: bool) {
        self.take_over().await;
        match self.step(nudged) {
            Step::Order(_) => Box::pin(self.order_in_turn(nudged)).await,
            Step::Ask => Box::pin(self.ask()).await,
            Step::Wait(_) => {}
        }
    }

    fn step(&self, nudged: bool) -> Step {
        let now = self.clock.now();
        let held = self.issued.as_ref().map(|issued| Held {
            validity: issued.validity,
            for_all_names: issued.is_for(&self.settings.names),
            renew_at: renewal::renew_at(issued.validity, self.window, issued.spread()),
            ask_at: self.ask_at,
        });
        renewal::next(held.as_ref(), if nudged { now } else { self.tries.not_before }, now)
    }

    /// Shows what is kept, if it is another certificate than the one in use. One that is taken away stays in use, and another is
    /// ordered.
    async fn take_over(&mut self) {
        let kept = match self.keep.load(&Item::Certificate).await {
            Ok(kept) => kept,
            Err(error) => return self.tell_once(error.to_string()),
        };
        self.told = None;
        let digest = kept.as_ref().map(|kept| Digest::of(kept));
        if digest == self.seen {
            return;
        }
        self.seen = digest;
        self.window = None;
        self.issued = match kept.map(|kept| Issued::read(&kept, self.shown.provider())) {
            None => None,
            Some(Ok(issued)) => return self.use_from_now_on(issued),
            Some(Err(error)) => {
                tracing::error!(%error, "the certificate that is kept cannot be used; another one is ordered");
                None
            }
        };
        self.ask_at = None;
    }

    fn use_from_now_on(&mut self, issued: Issued) {
        let until = moment(issued.validity.until);
        tracing::info!(until, names = self.names(), "a certificate is in use, for connections from now on");
        self.shown.show(issued.certified.clone());
        self.window = None;
        self.ask_at = issued.identifier.as_ref().map(|_| {
            let later = issued.spread().of(FIRST_ASKED_WITHIN);
            Timestamp::from_millis(self.clock.now().millis().saturating_add(later))
        });
        self.issued = Some(issued);
    }

    fn tell_once(&mut self, error: String) {
        if self.told.as_ref() != Some(&error) {
            tracing::error!(error, "what is kept of certificates cannot be read; the one in use stays");
            self.told = Some(error);
        }
    }

    /// Orders, unless somebody else who serves the names does.
    async fn order_in_turn(&mut self, nudged: bool) {
        match self.keep.take_turn().await {
            Ok(true) => {}
            Ok(false) => return tracing::debug!("somebody else orders a certificate"),
            Err(error) => return self.failed(error.into()).await,
        }
        // Whoever had the turn before may have got one, or been told to wait.
        self.take_over().await;
        self.tries = self.kept_tries().await;
        match self.step(nudged) {
            Step::Order(why) => self.order(why).await,
            Step::Wait(until) if until == self.tries.not_before => tracing::warn!(
                "a certificate is to be ordered, but the last order was a moment ago or came to nothing: tried again at {}, or \
                 at once on SIGHUP",
                moment(until)
            ),
            _ => {}
        }
        if let Err(error) = self.keep.end_turn().await {
            // It ends by itself after some minutes.
            tracing::debug!(%error, "the turn to order certificates could not be ended");
        }
    }

    /// How the tries of all who serve the names went; what could not be kept of this process's own counts as well.
    async fn kept_tries(&self) -> Tries {
        let kept = self.keep.load(&Item::Tries).await.unwrap_or_default();
        let kept = kept.and_then(|kept| Tries::read(&kept, &self.settings, self.has_ordered));
        kept.filter(|kept| kept.not_before > self.tries.not_before).unwrap_or(self.tries)
    }

    async fn order(&mut self, why: Why) {
        let (names, directory) = (self.names(), self.settings.directory.as_str());
        tracing::info!(names, directory, "a certificate is ordered: {}", why.words());
        self.has_ordered = true;
        // What an earlier refusal wished for is over.
        let _over = self.directory.wished();
        let before = self.tries;
        // It counts from its beginning: a process that is cut off and started again and again waits as well. And where nothing
        // can be kept, nothing is ordered.
        let begun = self.after_failure(true, None);
        if let Err(failure) = self.remember(begun).await {
            self.tries = before;
            return self.failed(failure).await;
        }
        let issued = tokio::time::timeout(LONGEST_ORDER, Box::pin(self.issue())).await.unwrap_or(Err(Failure::TooSlow));
        self.answers.take_back(&self.settings.names).await;
        let kept = match issued {
            Ok((bundle, issued)) => match self.keep.save(&Item::Certificate, &bundle).await {
                Ok(()) => Ok(()),
                Err(error) => {
                    // Until the next start it does as well.
                    self.use_from_now_on(issued);
                    Err(error.into())
                }
            },
            Err(failure) => Err(failure),
        };
        self.tries = before;
        if let Err(failure) = kept {
            return self.failed(failure).await;
        }
        self.take_over().await;
        let now = self.clock.now();
        if let (Step::Order(why), Some(_)) = (self.step(true), &self.issued) {
            return self
                .failed(Failure::Certificate(format!("it was issued a moment ago, and yet {}", why.words())))
                .await;
        }
        let not_before = self.issued.as_ref().map_or(now, |issued| renewal::not_before_after(now, issued.validity));
        if let Err(error) = self.remember(Tries { failures: 0, not_before, ..self.tries }).await {
            tracing::warn!(%error, "that a certificate was issued could not be noted");
        }
    }

    /// The whole of an order; what comes of it can be shown, and in PEM be kept.
    async fn issue(&self) -> Result<(Zeroizing<Vec<u8>>, Issued), Failure> {
        let names = &self.settings.names;
        let replaces = self.issued.as_ref().and_then(|issued| issued.identifier.clone());
        let account = self.account().await?;
        let order = match order::begin(&account, names, replaces).await {
            Err(NotOrdered::NoAccount) => {
                tracing::warn!("the directory does not know the account any more; another one is made");
                let account = account::new(&self.settings, &*self.keep, &self.directory).await?;
                order::begin(&account, names, None).await
            }
            begun => begun,
        };
        let order = order.map_err(|error| match error {
            NotOrdered::NoAccount => Failure::Account("it does not know the account that it has just made".to_owned()),
            NotOrdered::Failed(failure) => failure,
        })?;
        let bundle = order::finish(order, names, &self.answers).await?;
        let issued =
            Issued::read(&bundle, self.shown.provider()).map_err(|error| Failure::Certificate(error.to_string()))?;
        if issued.is_for(names) {
            Ok((bundle, issued))
        } else {
            Err(Failure::Certificate("it lacks a name that was ordered".to_owned()))
        }
    }

    async fn account(&self) -> Result<Account, Failure> {
        account(&self.settings, &*self.keep, &self.directory).await
    }

    async fn failed(&mut self, failure: Failure) {
        let heard = !matches!(failure, Failure::Unreachable(_));
        let tries = self.after_failure(heard, self.directory.wished());
        if let Err(error) = self.remember(tries).await {
            tracing::warn!(%error, "that an order failed could not be noted");
        }
        let (now, Tries { failures, not_before, .. }) = (self.clock.now(), tries);
        let in_use = self.issued.as_ref().map(|issued| issued.validity.until);
        let meanwhile = match in_use {
            Some(until) if now < until => format!("The one in use stays, and is good until {}", moment(until)),
            Some(until) => format!("The one in use is over since {}: clients do not accept it", moment(until)),
            None if self.shown.current().is_some() => "The one in use stays".to_owned(),
            None => "Without one no connection is answered".to_owned(),
        };
        tracing::error!(
            reason = failure.reason(),
            names = self.names(),
            directory = self.settings.directory,
            failures,
            "a certificate could not be had: {failure}. What to do: {}. {meanwhile}. Tried again at {}, or at once on SIGHUP",
            failure.description(),
            moment(not_before)
        );
    }

    /// The tries with one more that failed, which wants to be waited out.
    fn after_failure(&self, heard: bool, wished: Option<Lifetime>) -> Tries {
        let failures = self.tries.failures.saturating_add(1);
        let spread = Spread::from(self.entropy.bytes::<4>());
        let wait = renewal::wait(Failed { failures, heard, wished }, spread);
        Tries { failures, not_before: self.clock.now() + wait, ..self.tries }
    }

    async fn remember(&mut self, tries: Tries) -> Result<(), Failure> {
        self.tries = tries;
        let text = serde_json::to_vec(&tries).map_err(|error| Failure::Keep(error.to_string()))?;
        Ok(self.keep.save(&Item::Tries, &text).await?)
    }

    /// Asks the authority when it would like to renew (RFC 9773).
    async fn ask(&mut self) {
        let Some(identifier) = self.issued.as_ref().and_then(|issued| issued.identifier.clone()) else {
            self.ask_at = None;
            return;
        };
        let asked = match self.account().await {
            Ok(account) => account.renewal_info(&identifier).await.map_err(Some),
            Err(failure) => {
                tracing::debug!(%failure, "the authority could not be asked when it would like to renew");
                Err(None)
            }
        };
        let now = self.clock.now();
        match asked {
            Ok((info, after)) => {
                let (start, end) = (info.suggested_window.start, info.suggested_window.end);
                let window = Window { start: timestamp(start), end: timestamp(end) };
                if self.window != Some(window) {
                    let why = info.explanation_url.as_deref().map(shown).unwrap_or_default();
                    let (start, end) = (moment(window.start), moment(window.end));
                    tracing::info!(start, end, why, "the authority would like the certificate to be renewed then");
                }
                self.window = Some(window);
                let after = Lifetime::from_seconds(u32::try_from(after.as_secs()).unwrap_or(u32::MAX));
                self.ask_at = Some(now + renewal::ask_again(after));
            }
            Err(Some(Error::Unsupported(_))) => self.ask_at = None,
            Err(error) => {
                tracing::debug!(?error, "the authority could not say when it would like to renew");
                self.ask_at = Some(now + ASK_AGAIN_AFTER_FAILURE);
            }
        }
    }

    fn names(&self) -> String {
        self.settings.names.join(" ")
    }
}

fn timestamp(time: OffsetDateTime) -> Timestamp {
    Timestamp::from_seconds(time.unix_timestamp())
}

/// A moment as a person reads it.
fn moment(time: Timestamp) -> String {
    let time = OffsetDateTime::from_unix_timestamp(time.seconds()).ok();
    time.and_then(|time| time.format(&Rfc3339).ok()).unwrap_or_default()
}
