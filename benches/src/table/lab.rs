//! Where measurements are made: a folder on the disk in question, servers, callers, and rounds in turn.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, ensure};
use tempfile::TempDir;

use crate::args;
use crate::drive::{Length, Pace, drive};
use crate::line::Line;
use crate::process::{Process, Start};
use crate::scenario::Scenario;
use crate::seed::{self, Linked};

/// Callers of a side, unless a row names another number.
pub(super) const CALLERS: usize = 16;
/// Linked accounts of each caller.
pub(super) const GRANTS: usize = 8;

pub(super) struct Lab {
    folder: TempDir,
    pub(super) start: Start,
    pub(super) full: bool,
    only: Option<String>,
    seconds: Duration,
    rounds: u32,
}

/// A server and its callers.
pub(super) struct Side<'a> {
    pub(super) server: &'a Process,
    pub(super) lines: Vec<Line>,
}

/// What a side did in a round, or the median of several.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cost {
    /// CPU of the server for each request, in microseconds.
    pub(super) cpu: f64,
    /// Requests per second.
    pub(super) rate: f64,
}

/// Two sides, in turn; the ratios are medians over the rounds, not ratios of medians.
pub(super) struct Compared {
    pub(super) first: Cost,
    pub(super) second: Cost,
    /// CPU of the second over that of the first.
    pub(super) cpu: f64,
    /// Rate of the second over that of the first.
    pub(super) rate: f64,
}

impl Lab {
    pub(super) fn open(args: &args::Table, program: &Path) -> anyhow::Result<Self> {
        let mut folder = tempfile::Builder::new();
        folder.prefix("sayso-load-");
        let folder = match &args.folder {
            None => folder.tempdir()?,
            Some(parent) => folder.tempdir_in(parent).with_context(|| parent.display().to_string())?,
        };
        Ok(Self {
            start: Start::new(program, folder.path()),
            folder,
            full: args.full,
            only: args.only.as_ref().map(|word| word.to_lowercase()),
            seconds: Duration::from_secs_f64(args.seconds),
            rounds: args.rounds,
        })
    }

    pub(super) fn wants(&self, name: &str) -> bool {
        self.only.as_ref().is_none_or(|word| name.to_lowercase().contains(word.as_str()))
    }

    /// A file of this name in the lab.
    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(super) fn seconds(&self) -> Duration {
        self.seconds
    }

    pub(super) fn rounds(&self) -> u32 {
        self.rounds
    }

    /// A server on this database with `count` accounts linked at it.
    pub(super) async fn linked(&self, database: &str, count: usize) -> anyhow::Result<(Process, Vec<Linked>)> {
        let codes = seed::codes(database, "person", u32::try_from(count)?).await?;
        let server = self.start.sayso(database)?;
        let linked = seed::link(&server, &codes).await?;
        Ok((server, linked))
    }

    /// Callers of the server, each with its share of these accounts.
    pub(super) fn side<'a>(&self, server: &'a Process, scenario: Scenario, mut linked: Vec<Linked>) -> Side<'a> {
        let share = linked.len() / CALLERS;
        let lines = (0..CALLERS).map(|_| {
            let own = linked.split_off(linked.len() - share);
            Line::new(server.address(), scenario.caller(own, None))
        });
        Side { server, lines: lines.collect() }
    }

    /// Drives both in turn, changing who begins, after a short round for the caches that does not count.
    pub(super) async fn compare(&self, first: &mut Side<'_>, second: &mut Side<'_>) -> anyhow::Result<Compared> {
        first.round(self.seconds / 4).await?;
        second.round(self.seconds / 4).await?;
        let mut rounds = Vec::new();
        for round in 0..self.rounds {
            rounds.push(if round % 2 == 0 {
                let one = first.round(self.seconds).await?;
                (one, second.round(self.seconds).await?)
            } else {
                let other = second.round(self.seconds).await?;
                (first.round(self.seconds).await?, other)
            });
        }
        Ok(Compared::of(&rounds))
    }
}

impl Side<'_> {
    /// Drives for so long; an error when any request failed.
    pub(super) async fn round(&mut self, time: Duration) -> anyhow::Result<Cost> {
        self.drive(Length::Time(time)).await
    }

    pub(super) async fn drive(&mut self, length: Length) -> anyhow::Result<Cost> {
        let before = self.server.cpu()?;
        let (tally, lines) = drive(std::mem::take(&mut self.lines), Pace::Closed, length).await?;
        self.lines = lines;
        tally.verdict()?;
        let used = self.server.cpu()? - before;
        Ok(Cost { cpu: used.as_secs_f64() * 1e6 / tally.requests() as f64, rate: tally.rate() })
    }
}

impl Compared {
    pub(super) fn of(rounds: &[(Cost, Cost)]) -> Self {
        let middle = |of: fn(&(Cost, Cost)) -> f64| median(rounds.iter().map(of).collect());
        Self {
            first: Cost { cpu: middle(|(one, _)| one.cpu), rate: middle(|(one, _)| one.rate) },
            second: Cost { cpu: middle(|(_, other)| other.cpu), rate: middle(|(_, other)| other.rate) },
            cpu: middle(|(one, other)| other.cpu / one.cpu),
            rate: middle(|(one, other)| other.rate / one.rate),
        }
    }
}

/// The middle one; of an even number the upper of the two.
pub(super) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// The database's address, for a file.
pub(super) fn address(file: &Path) -> anyhow::Result<String> {
    let text = file.to_str().context("the folder's name is not UTF-8")?;
    ensure!(!text.contains("://"), "a file, not an address");
    Ok(text.to_owned())
}
