//! What went wrong, and whether to try again. What the server says of data (a constraint, a value) is not passed on:
//! it may quote what is stored.

use std::error::Error as _;

use deadpool_postgres::PoolError;
use deadpool_postgres::TimeoutType;
use tokio_postgres::Error;
use tokio_postgres::error::SqlState;

use crate::StoreError;
use crate::address::PostgresAddress;

/// Why a transaction was not carried out.
#[derive(Debug)]
pub(super) enum Failure {
    /// Another transaction stood in the way; nothing was kept, and it may be tried again at once.
    Collision,
    /// The connection broke before a commit was asked for; nothing was kept.
    Disconnected(String),
    /// The server did not answer in time, or broke off in the very commit: the connection is in doubt.
    Unknown(String),
    /// The server refused.
    Refused(StoreError),
}

impl Failure {
    pub(super) fn of(error: &Error) -> Self {
        let Some(state) = error.code() else {
            // A value that does not fit its column never left this process.
            let here = error.is_closed() || error.source().is_some_and(|source| source.is::<std::io::Error>());
            return if here { Self::Disconnected(said(error)) } else { Self::Refused(does_not_fit(None)) };
        };
        match state {
            &SqlState::T_R_SERIALIZATION_FAILURE | &SqlState::T_R_DEADLOCK_DETECTED => Self::Collision,
            // Someone else's row came between the look and the write; the statement's own condition sees it the next time.
            &SqlState::UNIQUE_VIOLATION => Self::Collision,
            state if is_going(state) => Self::Disconnected(said(error)),
            state if matches!(class(state), "22" | "42") => Self::Refused(does_not_fit(Some(state))),
            &SqlState::DATA_CORRUPTED | &SqlState::INDEX_CORRUPTED => Self::Refused(StoreError::Corrupt(format!(
                "PostgreSQL found damage (SQLSTATE {}); restore a backup, and keep the damaged files",
                state.code()
            ))),
            _ => Self::Refused(StoreError::Unavailable(said(error))),
        }
    }

    /// The same in the moment of the commit, when only the server knows what became of it.
    pub(super) fn of_commit(error: &Error) -> Self {
        match Self::of(error) {
            Self::Disconnected(why) => Self::Unknown(why),
            other => other,
        }
    }

    pub(super) fn slow() -> Self {
        Self::Unknown("PostgreSQL did not answer in time".to_owned())
    }

    pub(super) fn leaves_connection_in_doubt(&self) -> bool {
        matches!(self, Self::Disconnected(_) | Self::Unknown(_))
    }
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Collision => Self::Contended,
            Failure::Disconnected(why) | Failure::Unknown(why) => Self::Unavailable(why),
            Failure::Refused(error) => error,
        }
    }
}

fn does_not_fit(state: Option<&SqlState>) -> StoreError {
    let state = state.map(|state| format!(" (SQLSTATE {})", state.code())).unwrap_or_default();
    StoreError::Corrupt(format!("a row or statement does not fit the schema{state}"))
}

fn class(state: &SqlState) -> &str {
    state.code().get(..2).unwrap_or_default()
}

/// The server shuts down, starts, has given this connection up, or takes no writes (any more): it is a standby.
fn is_going(state: &SqlState) -> bool {
    class(state) == "08" || matches!(state.code(), "57P01" | "57P02" | "57P03" | "57P05" | "25P03" | "25006")
}

/// In words for the operator. Only what is about the connection is quoted.
pub(super) fn said(error: &Error) -> String {
    if let Some(refusal) = error.as_db_error() {
        let state = refusal.code();
        let harmless = matches!(class(state), "08" | "28" | "3D" | "3F" | "53" | "57") || state.code() == "42501";
        let words = if harmless { refusal.message() } else { "it refused" };
        return format!("PostgreSQL: {words} (SQLSTATE {})", state.code());
    }
    let mut words = error.to_string();
    let mut source = error.source();
    while let Some(deeper) = source {
        let more = deeper.to_string();
        if !words.contains(&more) {
            words = format!("{words}: {more}");
        }
        source = deeper.source();
    }
    format!("PostgreSQL: {words}")
}

pub(super) fn no_connection(error: &PoolError) -> String {
    match error {
        PoolError::Closed => "it was closed".to_owned(),
        PoolError::Timeout(TimeoutType::Wait) => "all connections to PostgreSQL are in use".to_owned(),
        PoolError::Timeout(_) => "PostgreSQL did not accept a connection in time".to_owned(),
        PoolError::Backend(error) | PoolError::PostCreateHook(deadpool_postgres::HookError::Backend(error)) => {
            said(error)
        }
        _ => "there is no connection to PostgreSQL".to_owned(),
    }
}

pub(super) fn cannot_open(address: &PostgresAddress, why: impl ToString) -> StoreError {
    let advice = "check the address, that the server runs and accepts this user from here, and its certificate";
    StoreError::cannot_open(address, why, advice)
}
