//! An installation under a scenario: its database, how its process is started, and the book of its links.

use sayso_authority::record::change::Change;
use sayso_token::time::{Clock, Timestamp};

use crate::database::{Database, keep};
use crate::house::{self, ASSISTANT, DISPLAY};
use crate::ledger::{Link, State};
use crate::process::{Launch, Process};

/// Live links that a round goes on with, beside its new ones.
const OLD: usize = 64;

/// The machine's clock: the process under test has no other.
#[derive(Clone, Copy, Debug)]
pub struct MachineClock;

impl Clock for MachineClock {
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

/// A database, and how the process on it is started.
#[derive(Debug)]
pub struct Installation {
    /// The database.
    pub database: Database,
    /// How its process is started.
    pub launch: Launch,
    /// Every link that was ever made.
    pub book: Vec<Link>,
    /// Codes made so far.
    made: usize,
    seed: u64,
}

impl Installation {
    /// One whose process runs for the first time: schema and keys are made.
    ///
    /// # Errors
    /// It does not start.
    pub async fn begin(seed: u64, database: Database) -> anyhow::Result<(Self, Process)> {
        let launch = Launch::new(database.folder(), database.address())?;
        let process = launch.start().await?;
        Ok((Self::around(seed, database, launch).await?, process))
    }

    /// One whose process runs already.
    ///
    /// # Errors
    /// The database cannot be opened.
    pub async fn around(seed: u64, database: Database, launch: Launch) -> anyhow::Result<Self> {
        let store = database.open().await?;
        store.seed_user(&house::person("ada")).await?;
        store.close().await;
        Ok(Self { database, launch, book: Vec::new(), made: 0, seed })
    }

    /// Adds codes, by a store of its own beside the running process, which is closed again.
    ///
    /// # Errors
    /// The store's.
    pub async fn add_codes(&mut self, many: usize) -> anyhow::Result<()> {
        let (first, person) = (self.made, house::person("ada"));
        let client = |number: usize| if number % 3 == 2 { DISPLAY } else { ASSISTANT };
        let name = |number| format!("code-{}-{number}-of-the-book", self.seed);
        let links: Vec<_> = (first..first + many).map(|number| Link::new(name(number), client(number))).collect();
        let now = MachineClock.now();
        let code = |link: &Link| Change::AddCode(house::code(&link.code, link.client, &person, (now, true)));
        let store = self.database.open().await?;
        keep(&store, &MachineClock, links.iter().map(code).collect()).await?;
        store.close().await;
        self.made += many;
        self.book.extend(links);
        Ok(())
    }

    /// Takes the links out of the book that a round is about: those that are codes, and the newest of the others.
    pub fn take(&mut self) -> Vec<Link> {
        let (mut taken, mut rest, mut old) = (Vec::new(), Vec::new(), 0);
        for link in self.book.drain(..).rev() {
            let goes = link.state == State::Code || (link.state == State::Live && old < OLD);
            old += usize::from(goes && link.state == State::Live);
            if goes { taken.push(link) } else { rest.push(link) }
        }
        rest.reverse();
        self.book = rest;
        taken
    }

    /// The answers that were received whole.
    pub fn answers(&self) -> u64 {
        self.book.iter().map(|link| link.answers).sum()
    }

    /// How many links are in that state.
    pub fn count(&self, state: State) -> usize {
        self.book.iter().filter(|link| link.state == state).count()
    }
}
