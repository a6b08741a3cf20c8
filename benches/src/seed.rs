//! People and linked accounts for a run: codes are put into the store, and exchanged over HTTP as a client does it.

use anyhow::{Context as _, anyhow};
use sayso_authority::Decision;
use sayso_authority::record::change::Change;
use sayso_authority::record::code::Code;
use sayso_store::{Address, Store};
use sayso_testkit::records;
use sayso_testkit::tutorials::{CLIENT_SECRET, QUIZ_CLIENT, REDIRECT_URI};
use sayso_token::digest::Digest;
use sayso_token::time::{Clock as _, Lifetime};
use serde_json::Value;
use tokio::task::JoinSet;

use crate::ambience::SystemClock;
use crate::chain::Chain;
use crate::installation::QUIZ_HOST;
use crate::line::{Caller, Line, Question};
use crate::process::Process;

pub(crate) const TOKEN_PATH: &str = "/oauth2/quiz/v1/token";
/// Codes of a run wait until it begins.
const PATIENCE: Lifetime = Lifetime::from_seconds(3600);
/// Written at the same time, so that they share commits.
const AT_ONCE: usize = 64;

/// A linked account as its client holds it.
pub(crate) struct Linked {
    pub(crate) chain: Chain,
    pub(crate) access_token: String,
}

/// Puts `count` people into the database, each with a code to be exchanged, and closes it. `run` names them apart from
/// those of other runs.
pub(crate) async fn codes(database: &str, run: &str, count: u32) -> anyhow::Result<Vec<String>> {
    let store = Store::open(Address::parse(database).context("the database's address")?).await?;
    let mut writing = JoinSet::new();
    let mut codes = Vec::new();
    for number in 0..count {
        let name = format!("{run}-{number}");
        codes.push(name.clone());
        let store = store.clone();
        writing.spawn(async move { one(&store, &name).await });
        while writing.len() >= AT_ONCE {
            writing.join_next().await.context("nothing is written")???;
        }
    }
    while let Some(written) = writing.join_next().await {
        written??;
    }
    store.close().await;
    Ok(codes)
}

async fn one(store: &Store, name: &str) -> anyhow::Result<()> {
    let user = records::user(name);
    store.seed_user(&user).await?;
    let now = SystemClock.now();
    let code = Code {
        user: user.id,
        digest: Digest::of(name.as_bytes()),
        signed_in_at: now,
        issued_at: now,
        expires_at: now + PATIENCE,
        ..records::code(name)
    };
    let code = &code;
    let added: Result<(), ()> = store
        .settle(&SystemClock, |_, _| async move { Ok(Decision::reply(()).change(Change::AddCode(code.clone()))) })
        .await?;
    added.map_err(|()| anyhow!("the code was refused"))
}

/// Exchanges each code.
pub(crate) async fn link(server: &Process, codes: &[String]) -> anyhow::Result<Vec<Linked>> {
    let nothing = Caller::Same(Question::get(QUIZ_HOST, "/"), "");
    let mut line = Line::new(server.address(), nothing);
    let mut linked = Vec::new();
    for code in codes {
        let redirect = REDIRECT_URI.replace(':', "%3A").replace('/', "%2F");
        let form = format!("grant_type=authorization_code&code={code}&redirect_uri={redirect}&{}", client());
        let answer = line.ask(Question::post(QUIZ_HOST, TOKEN_PATH, form)).await;
        let answer = answer.map_err(|fault| anyhow!("a code was not exchanged: {fault}"))?;
        let answer: Value = serde_json::from_slice(&answer)?;
        let field = |name| answer.get(name).and_then(Value::as_str).with_context(|| format!("no {name}"));
        linked.push(Linked {
            chain: Chain::new(field("refresh_token")?),
            access_token: field("access_token")?.to_owned(),
        });
    }
    Ok(linked)
}

/// The parameters that authenticate the linking client.
pub(crate) fn client() -> String {
    format!("client_id={QUIZ_CLIENT}&client_secret={}", CLIENT_SECRET.replace(' ', "+"))
}
