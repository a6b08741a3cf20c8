//! One caller on its connection, and what it asks.

use std::net::SocketAddr;

use http::Request;
use http::header::{CONTENT_TYPE, HOST};
use http_body_util::Full;
use hyper::body::Bytes;

use crate::chain::Chain;
use crate::exchange::Exchange;
use crate::fault::Fault;

/// What goes to one endpoint.
#[derive(Clone, Debug)]
pub struct Question {
    /// The `Host`.
    pub host: &'static str,
    /// Path and query.
    pub path: String,
    /// The form to post; `GET` without one.
    pub form: Option<String>,
}

impl Question {
    /// `GET` of a path.
    pub fn get(host: &'static str, path: impl Into<String>) -> Self {
        Self { host, path: path.into(), form: None }
    }

    /// `POST` of a form.
    pub fn post(host: &'static str, path: impl Into<String>, form: String) -> Self {
        Self { host, path: path.into(), form: Some(form) }
    }

    fn request(self) -> Result<Request<Full<Bytes>>, Fault> {
        let request = Request::builder().uri(self.path).header(HOST, self.host);
        let request = match self.form {
            None => request.body(Full::default()),
            Some(form) => {
                request.method("POST").header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(Full::from(form))
            }
        };
        // Only a path that is none could be refused here.
        request.map_err(|_| Fault::Answer)
    }
}

/// What a caller does.
#[derive(Clone, Debug)]
pub enum Caller {
    /// Asks the same thing again and again; the answer must have these words in it.
    Same(Question, &'static str),
    /// Refreshes its grants in turn, each with the token that came last.
    Refreshing(Refreshing),
}

/// A client with linked accounts.
#[derive(Clone, Debug)]
pub struct Refreshing {
    grants: Vec<Chain>,
    ask: fn(&str) -> Question,
    next: usize,
    /// Every so many refreshes a used token is presented again.
    repeat: Option<u32>,
    since_repeat: u32,
}

impl Refreshing {
    /// Over these grants; `ask` makes the request for a refresh token.
    pub fn new(grants: Vec<Chain>, ask: fn(&str) -> Question, repeat: Option<u32>) -> Self {
        Self { grants, ask, next: 0, repeat, since_repeat: 0 }
    }

    async fn turn(&mut self, exchange: &mut Exchange) -> Result<(), Fault> {
        let count = self.grants.len();
        if count == 0 {
            return Err(Fault::Answer);
        }
        let repeating = self.repeat.is_some_and(|every| self.since_repeat >= every);
        let place = if repeating { (self.next + count - 1) % count } else { self.next };
        let chain = self.grants.get_mut(place).ok_or(Fault::Answer)?;
        if repeating && let Some(used) = chain.used() {
            self.since_repeat = 0;
            let answer = exchange.ask((self.ask)(used).request()?).await?;
            return chain.repeat(&answer);
        }
        let answer = exchange.ask((self.ask)(chain.live()).request()?).await?;
        self.since_repeat += 1;
        self.next = (place + 1) % count;
        chain.advance(&answer)
    }
}

/// A caller and its connection.
pub struct Line {
    exchange: Exchange,
    caller: Caller,
}

impl Line {
    /// To the server at this address. It connects with the first question.
    pub fn new(address: SocketAddr, caller: Caller) -> Self {
        Self { exchange: Exchange::with(address), caller }
    }

    /// Asks once and judges the answer.
    ///
    /// # Errors
    /// What was wrong.
    pub async fn turn(&mut self) -> Result<(), Fault> {
        match &mut self.caller {
            Caller::Refreshing(refreshing) => refreshing.turn(&mut self.exchange).await,
            Caller::Same(question, words) => {
                let answer = self.exchange.ask(question.clone().request()?).await?;
                let words = words.as_bytes();
                let found = words.is_empty() || answer.windows(words.len()).any(|window| window == words);
                if found { Ok(()) } else { Err(Fault::Answer) }
            }
        }
    }

    /// Asks something else than its caller does; the answer's body.
    ///
    /// # Errors
    /// What was wrong.
    pub async fn ask(&mut self, question: Question) -> Result<Bytes, Fault> {
        self.exchange.ask(question.request()?).await
    }
}
