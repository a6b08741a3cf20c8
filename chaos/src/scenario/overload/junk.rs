//! What strangers send: requests that no client would, secrets and tokens made up, passwords guessed; each from another
//! address, as far as the proxy knows.

use std::net::{Ipv4Addr, SocketAddr};

use anyhow::{Context as _, bail, ensure};
use http::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, HOST, LOCATION, RETRY_AFTER, SET_COOKIE};
use http::{Method, StatusCode};
use reqwest::Client;

use crate::chance::Chance;
use crate::house::{ASSISTANT, AUTHORIZE, DISPLAY, INTROSPECT, REVOKE, TOKEN};
use crate::node::Node;

const FORM: &str = "application/x-www-form-urlencoded";
const LOGIN: &str = "/login";
const USERINFO: &str = "/userinfo";
/// One stranger of so many guesses passwords, and nothing else.
const GUESSERS: u64 = 4;
/// Accounts that are guessed at: each has tries of its own.
const NAMES: u64 = 1_000_000;

/// How a stranger was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answered {
    /// As such a request is.
    Refused,
    /// To come again later, and when.
    Later,
}

/// One stranger, with a login page of the server's open.
pub(super) struct Stranger {
    client: Client,
    address: SocketAddr,
    host: String,
    chance: Chance,
    /// Whether it guesses passwords.
    pub(super) guesses_only: bool,
    /// The browser's cookie and the form's token.
    form: (String, String),
    /// Passwords guessed so far.
    pub(super) guesses: u64,
}

/// What is sent.
struct Junk {
    method: Method,
    path: String,
    authorization: &'static str,
    body: String,
}

impl Junk {
    fn get(path: &str) -> Self {
        Self { method: Method::GET, path: path.to_owned(), authorization: "", body: String::new() }
    }

    fn post(path: &str, body: impl Into<String>) -> Self {
        Self { method: Method::POST, path: path.to_owned(), authorization: "", body: body.into() }
    }

    fn with(self, authorization: &'static str) -> Self {
        Self { authorization, ..self }
    }
}

impl Stranger {
    /// Opens the login page.
    pub(super) async fn new(node: &Node, number: u64) -> anyhow::Result<Self> {
        let Node::There(client, address, host) = node.clone() else { bail!("strangers come from outside") };
        let chance = Chance::new(number, 4);
        let (guesses_only, form) = (number.is_multiple_of(GUESSERS), (String::new(), String::new()));
        let mut stranger = Self { client, address, host, chance, guesses_only, form, guesses: 0 };
        let page = stranger.send(&Junk::get(LOGIN)).await?;
        let cookie = page.headers().get(SET_COOKIE).and_then(|value| value.to_str().ok());
        let cookie = cookie.and_then(|value| value.split(';').next()).context("no cookie")?.to_owned();
        let page = page.text().await?;
        let token = page.split("name=\"csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
        stranger.form = (cookie, token.context("no form")?.to_owned());
        Ok(stranger)
    }

    /// Sends something, and judges the answer.
    pub(super) async fn ask(&mut self) -> anyhow::Result<Answered> {
        let junk = self.junk();
        let answer = self.send(&junk).await?;
        let (status, later) = (answer.status(), answer.headers().contains_key(RETRY_AFTER));
        // All of it is read, as a client does that goes on with its connection.
        let location = answer.headers().get(LOCATION).cloned();
        let body = answer.text().await?;
        let put_off = [StatusCode::TOO_MANY_REQUESTS, StatusCode::SERVICE_UNAVAILABLE].contains(&status);
        let known = status.is_client_error() || put_off || status == StatusCode::SEE_OTHER;
        ensure!(known && put_off == later, "{} {}: {status} {location:?} {body}", junk.method, junk.path);
        Ok(if put_off { Answered::Later } else { Answered::Refused })
    }

    fn junk(&mut self) -> Junk {
        if self.guesses_only {
            self.guesses += 1;
            let (name, guess) = (self.chance.below(NAMES), self.chance.below(u64::MAX));
            let body = format!("csrf={}&username=account-{name}&password=guess-{guess}", self.form.1);
            return Junk::post(LOGIN, body);
        }
        let made_up = self.chance.below(u64::MAX);
        let request = "response_type=code&redirect_uri=https%3A%2F%2Fevil.example%2F";
        match self.chance.below(11) {
            0 => Junk::post(TOKEN, "grant_type=client_credentials").with("Basic d2hhdC1zaG91bGQtaS13ZWFyOndyb25n"),
            1 => Junk::post(TOKEN, format!("grant_type=refresh_token&client_id=nobody-{made_up}&client_secret=x")),
            2 => Junk::post(TOKEN, "grant_type=%zz&&=&grant_type").with("Basic %%%"),
            3 => Junk::post(TOKEN, format!("grant_type=refresh_token&client_id={DISPLAY}&refresh_token=srt_{made_up}")),
            4 => Junk::post(TOKEN, format!("grant_type=authorization_code&client_id={DISPLAY}&code=sac_{made_up}")),
            5 => Junk::get(USERINFO).with("Bearer bm90aGluZw.bm90aGluZw.bm90aGluZw"),
            6 => Junk::post(INTROSPECT, format!("token={made_up}")),
            7 => Junk::post(REVOKE, format!("token={made_up}&client_id={ASSISTANT}&client_secret={made_up}")),
            8 => Junk::get(&format!("{AUTHORIZE}?client_id={ASSISTANT}&{request}")),
            9 => Junk::get(&format!("/{made_up}/wp-login.php")),
            _ => Junk::post(LOGIN, format!("csrf=made-up&username=ada&password={made_up}")),
        }
    }

    async fn send(&mut self, junk: &Junk) -> anyhow::Result<reqwest::Response> {
        // Each request from another address, none of them of a network that is special.
        let from = Ipv4Addr::from(0x0b00_0000 + u32::try_from(self.chance.below(0x4000_0000))?);
        let address = format!("http://{}{}", self.address, junk.path);
        let mut request = self.client.request(junk.method.clone(), address).header(HOST, self.host.as_str());
        request = request.header("x-forwarded-for", from.to_string()).header("accept", "text/html");
        if !self.form.0.is_empty() {
            request = request.header(COOKIE, &self.form.0);
        }
        if !junk.authorization.is_empty() {
            request = request.header(AUTHORIZATION, junk.authorization);
        }
        if junk.method == Method::POST {
            request = request.header(CONTENT_TYPE, FORM).body(junk.body.clone());
        }
        Ok(request.send().await?)
    }
}
