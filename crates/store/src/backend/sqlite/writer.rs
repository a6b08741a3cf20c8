//! The one writer: it commits many callers' batches in one durable transaction.
//!
//! While one commit waits for the disk, callers queue up; the next commit takes all of them. Each batch stands in its
//! own savepoint, so one that fails or loses its guard leaves the others alone. Nobody hears an answer before the
//! commit has succeeded.

use std::thread;

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::{run, trouble};
use crate::StoreError;
use crate::backend::{Statement, Written};

/// Batches in one transaction at most, so that the first of them does not wait for ever.
const GROUP: usize = 256;
/// Batches that may wait; further callers wait before they queue up.
const QUEUE: usize = 1024;

type Answer = Result<Written, StoreError>;

#[derive(Debug)]
struct Batch {
    statements: Vec<Statement>,
    answer: oneshot::Sender<Answer>,
}

#[derive(Debug)]
enum Job {
    Write(Batch),
    Close(oneshot::Sender<()>),
}

/// The way to the writer thread.
#[derive(Debug)]
pub(super) struct Writer {
    jobs: mpsc::Sender<Job>,
}

impl Writer {
    pub(super) fn start(connection: Connection) -> Result<Self, StoreError> {
        let (jobs, queue) = mpsc::channel(QUEUE);
        thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || work(connection, queue))
            .map_err(|error| StoreError::Unavailable(format!("no thread for the writer: {error}")))?;
        Ok(Self { jobs })
    }

    pub(super) async fn write(&self, statements: Vec<Statement>) -> Answer {
        let (answer, wait) = oneshot::channel();
        self.jobs.send(Job::Write(Batch { statements, answer })).await.map_err(|_| closed())?;
        wait.await.map_err(|_| closed())?
    }

    pub(super) async fn close(&self) {
        let (done, wait) = oneshot::channel();
        if self.jobs.send(Job::Close(done)).await.is_ok() {
            // An error means that the thread is gone, which is what was asked for.
            let _ = wait.await;
        }
    }
}

fn closed() -> StoreError {
    StoreError::Unavailable("it was closed".to_owned())
}

fn work(connection: Connection, mut queue: mpsc::Receiver<Job>) {
    let mut closing = None;
    while closing.is_none() {
        let Some(first) = queue.blocking_recv() else { break };
        let mut group = Vec::new();
        let mut next = Some(first);
        while let Some(job) = next {
            match job {
                Job::Write(batch) => group.push(batch),
                Job::Close(done) => {
                    closing = Some(done);
                    break;
                }
            }
            next = if group.len() < GROUP { queue.try_recv().ok() } else { None };
        }
        commit(&connection, group);
    }
    // Whoever still waits in the queue hears that the store is closed, for its answer is dropped.
    drop(queue);
    leave(connection);
    if let Some(done) = closing {
        let _ = done.send(());
    }
}

/// Folds the log into the file, so that the file alone is the whole database.
fn leave(connection: Connection) {
    if let Err(error) = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())) {
        tracing::warn!(error = %trouble(error), "the log was not folded into the database; the next start does it");
    }
    if let Err((_, error)) = connection.close() {
        tracing::warn!(error = %trouble(error), "the database was not closed cleanly");
    }
}

/// One durable transaction for the whole group.
fn commit(connection: &Connection, group: Vec<Batch>) {
    if group.is_empty() {
        return;
    }
    match transaction(connection, &group) {
        Ok(answers) => {
            for (batch, answer) in group.into_iter().zip(answers) {
                // A caller that went away does not matter: what it asked for is durable, or was refused.
                let _ = batch.answer.send(answer);
            }
        }
        Err(error) => {
            tracing::error!(%error, batches = group.len(), "a commit failed; nothing of it was kept");
            for batch in group {
                let _ = batch.answer.send(Err(error.clone()));
            }
        }
    }
}

fn transaction(connection: &Connection, group: &[Batch]) -> Result<Vec<Answer>, StoreError> {
    plain(connection, "BEGIN IMMEDIATE")?;
    let answers = group.iter().map(|batch| isolated(connection, &batch.statements)).collect::<Result<Vec<_>, _>>();
    let committed = answers.and_then(|answers| plain(connection, "COMMIT").map(|()| answers));
    if committed.is_err() && !connection.is_autocommit() {
        plain(connection, "ROLLBACK")?;
    }
    committed
}

/// One batch, kept as a whole or not at all. The outer error is one that took the whole transaction with it.
fn isolated(connection: &Connection, statements: &[Statement]) -> Result<Answer, StoreError> {
    // A single statement that fails is undone by SQLite itself, and one whose guard finds no row has changed none.
    let alone = statements.len() == 1;
    if !alone {
        plain(connection, "SAVEPOINT batch")?;
    }
    let answer = carry_out(connection, statements);
    if !matches!(answer, Ok(Written::Kept(_))) {
        // A full disk or a broken file makes SQLite roll the whole transaction back by itself.
        if connection.is_autocommit() {
            return Err(answer.err().unwrap_or_else(|| StoreError::Unavailable("the transaction was lost".to_owned())));
        }
        if !alone {
            plain(connection, "ROLLBACK TO batch")?;
        }
    }
    if !alone {
        plain(connection, "RELEASE batch")?;
    }
    Ok(answer)
}

fn carry_out(connection: &Connection, statements: &[Statement]) -> Answer {
    let mut returned = Vec::with_capacity(statements.len());
    for statement in statements {
        let rows = run(connection, &statement.sql, &statement.values).map_err(trouble)?;
        if statement.guarded && rows.is_empty() {
            return Ok(Written::GuardLost);
        }
        returned.push(rows);
    }
    Ok(Written::Kept(returned))
}

fn plain(connection: &Connection, sql: &str) -> Result<(), StoreError> {
    run(connection, sql, &[]).map(drop).map_err(trouble)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::Value;

    fn things() -> Connection {
        let connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch(
                "PRAGMA foreign_keys = ON;
                 CREATE TABLE things (name TEXT NOT NULL PRIMARY KEY, size BIGINT NOT NULL);
                 CREATE TABLE parts (thing TEXT REFERENCES things (name) DEFERRABLE INITIALLY DEFERRED);",
            )
            .unwrap();
        connection
    }

    fn add(name: &str) -> Statement {
        Statement::guarded(
            "INSERT INTO things (name, size) VALUES ($1, 1) ON CONFLICT DO NOTHING RETURNING name",
            [name.into()],
        )
    }

    fn group(batches: Vec<Vec<Statement>>) -> (Vec<Batch>, Vec<oneshot::Receiver<Answer>>) {
        batches
            .into_iter()
            .map(|statements| {
                let (answer, wait) = oneshot::channel();
                (Batch { statements, answer }, wait)
            })
            .unzip()
    }

    fn outcomes(connection: &Connection, batches: Vec<Vec<Statement>>) -> Vec<&'static str> {
        let (group, answers) = group(batches);
        commit(connection, group);
        answers
            .into_iter()
            .map(|mut answer| match answer.try_recv() {
                Ok(Ok(Written::Kept(_))) => "kept",
                Ok(Ok(Written::GuardLost)) => "lost",
                Ok(Err(_)) => "error",
                Err(_) => "no answer",
            })
            .collect()
    }

    fn names(connection: &Connection) -> Vec<String> {
        run(connection, "SELECT name FROM things ORDER BY name", &[])
            .unwrap()
            .into_iter()
            .map(|mut row| row.text("things.name").unwrap())
            .collect()
    }

    #[test]
    fn each_batch_of_a_group_stands_alone() {
        let connection = things();
        let not_null = Statement::plain("UPDATE things SET size = $1", [Value::Null]);
        let no_table = Statement::plain("DELETE FROM nowhere", []);
        let half = Statement::plain("INSERT INTO things (name, size) VALUES ('e', 1), ('a', 1)", []);
        let batches = vec![
            vec![add("a")],
            vec![add("b"), add("a")],
            vec![add("c"), not_null],
            vec![add("d"), no_table],
            vec![half],
            vec![add("b")],
            vec![add("b")],
            vec![],
        ];
        let expected = ["kept", "lost", "error", "error", "error", "kept", "lost", "kept"];
        assert_eq!(outcomes(&connection, batches), expected);
        assert_eq!(names(&connection), ["a", "b"]);
    }

    #[test]
    fn when_the_commit_fails_nobody_is_told_otherwise_and_nothing_is_kept() {
        let connection = things();
        let orphan = Statement::plain("INSERT INTO parts (thing) VALUES ($1)", ["nothing".into()]);
        assert_eq!(outcomes(&connection, vec![vec![add("a")], vec![orphan], vec![add("b")]]), ["error"; 3]);
        assert!(names(&connection).is_empty());
        assert_eq!(outcomes(&connection, vec![vec![add("c")]]), ["kept"], "the next one finds a clean slate");
        assert_eq!(names(&connection), ["c"]);
    }

    #[test]
    fn a_full_disk_fails_what_does_not_fit_and_leaves_a_usable_store() {
        let connection = things();
        connection.query_row("PRAGMA max_page_count = 10", [], |_| Ok(())).unwrap();
        let big = || add(&"x".repeat(200_000));
        let answers = outcomes(&connection, vec![vec![add("a")], vec![add("b"), big()], vec![add("c")]]);
        // Whatever SQLite had to give up, an answer and the table agree.
        let kept: Vec<&str> = ["a", "b", "c"]
            .iter()
            .zip(&answers)
            .filter(|(_, answer)| **answer == "kept")
            .map(|(name, _)| *name)
            .collect();
        assert_eq!(answers.get(1), Some(&"error"));
        assert_eq!(names(&connection), kept);
        assert_eq!(outcomes(&connection, vec![vec![add("d")]]), ["kept"]);
    }
}
