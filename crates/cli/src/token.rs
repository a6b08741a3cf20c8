//! `sayso token preview`: a dry run, printed.

use std::fmt::Write as _;

use anyhow::Context as _;
use sayso_authority::Ambient;
use sayso_authority::decide::custom_claims::Outcome;
use sayso_authority::decide::policy::trace::{ConditionTrace, PolicyTrace, RuleTrace};
use sayso_authority::decide::preview::{Asked, ClaimPreview, Preview, TokenPreview, preview};
use sayso_authority::record::authority::Authority;
use sayso_authority::record::client::GrantType;
use sayso_authority::record::user::{User, UserId};
use sayso_store::{Address, Store};
use sayso_token::secret::Secret;

use crate::args::token::{self, Token};
use crate::config::{self, Config, SeedUser};
use crate::outside;

/// How a dry run ended; the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// Tokens would be issued.
    Allowed = 0,
    /// They would be refused.
    Refused = 1,
}

/// Plays it, and prints what comes of it.
pub(crate) async fn run(token: &Token) -> anyhow::Result<Ending> {
    let Token::Preview(args) = token;
    let config = config::load_quietly(&args.config)?;
    let authority = authority(&config, args.authority.as_deref())?;
    let grant = GrantType::from(args.grant);
    let user = match &args.user {
        Some(name) if grant != GrantType::ClientCredentials => Some(person(&config, name).await?),
        _ => None,
    };
    let asked = Asked {
        authority,
        schema: &config.attributes,
        client: &args.client,
        grant,
        user: user.as_ref(),
        audience: args.audience.as_deref(),
        scope: args.scope.as_deref(),
    };
    let mut ambience = outside::ambience();
    let now = ambience.clock.now();
    let played = preview(&asked, &mut Ambient { now, entropy: &mut ambience.entropy });
    println!("{}", printed(&played, args)?.trim_end());
    Ok(if played.allowed { Ending::Allowed } else { Ending::Refused })
}

fn authority<'a>(config: &'a Config, id: Option<&str>) -> anyhow::Result<&'a Authority> {
    let known: Vec<&str> = config.authorities.iter().map(|authority| authority.id.as_str()).collect();
    let found = match (id, config.authorities.as_slice()) {
        (Some(id), all) => all.iter().find(|authority| authority.id == id),
        (None, [only]) => Some(only),
        (None, _) => None,
    };
    found.with_context(|| format!("name one of the file's authorities by --authority: {}", known.join(", ")))
}

/// The person as the database knows them; where there is no database yet, as the file brings them along.
async fn person(config: &Config, name: &str) -> anyhow::Result<User> {
    let username = User::canonical(name);
    let there = !matches!(&config.server.database, Address::File(file) if !file.exists());
    if there {
        let store = Store::open_with(&config.server.database, config.server.migrate).await?;
        let found = store.lookups().user_by_username(&username).await;
        store.close().await;
        if let Some(user) = found? {
            return Ok(user);
        }
    }
    let seed = config.users.iter().find(|user| user.username == username);
    seed.map(of_file).with_context(|| format!("nobody signs in as {username:?}; name a person by --user"))
}

fn of_file(seed: &SeedUser) -> User {
    User {
        id: UserId("usr_not_made_yet".to_owned()),
        username: seed.username.clone(),
        password_hash: Secret::new(""),
        attributes: seed.attributes.clone(),
        groups: seed.groups.clone(),
        version: 0,
        created_at: outside::ambience().clock.now(),
        disabled_at: None,
        updated_at: None,
    }
}

fn printed(played: &Preview, args: &token::Preview) -> anyhow::Result<String> {
    if args.json {
        return Ok(serde_json::to_string_pretty(played)?);
    }
    let mut text = String::new();
    match &played.refused {
        Some(refused) => {
            writeln!(text, "Refused: {}", refused.reason)?;
            writeln!(text, "The nearest change that would allow it: {}", refused.nearest_change)?;
        }
        None => writeln!(text, "Allowed")?,
    }
    writeln!(text, "API: {}", played.audience.as_deref().unwrap_or("none"))?;
    writeln!(text, "Scopes: {}", played.scopes.join(" "))?;
    if let Some(lives) = played.lifetimes {
        let or_endless =
            |seconds: Option<u32>| seconds.map_or_else(|| "as long as it likes".to_owned(), |s| format!("{s} s"));
        let (idle, total) = (or_endless(lives.refresh_idle), or_endless(lives.refresh_total));
        writeln!(
            text,
            "Lifetimes: access token {} s, a link unused {idle}, a link in all {total}",
            lives.access_token
        )?;
    }
    played.policies.iter().for_each(|policy| policy_lines(policy, &mut text));
    if !played.claims.is_empty() {
        writeln!(text, "\nClaims")?;
        played.claims.iter().for_each(|claim| claim_lines(claim, &mut text));
    }
    for (name, token) in [("Access token", &played.access_token), ("ID token", &played.id_token)] {
        if let Some(TokenPreview { header, payload }) = token {
            let (header, payload) = (serde_json::to_string(header)?, serde_json::to_string_pretty(payload)?);
            writeln!(text, "\n{name}\n{header}\n{payload}")?;
        }
    }
    Ok(text)
}

fn policy_lines(policy: &PolicyTrace, text: &mut String) {
    let counts = match (policy.counts, policy.clients.matched) {
        (true, _) => "counts: the first assigned to the client",
        (false, true) => "does not count: an earlier one is assigned to the client",
        (false, false) => "is not assigned to the client",
    };
    let _ = writeln!(text, "\nPolicy {:?} {counts} (clients: {})", policy.policy, policy.clients.demanded);
    policy.rules.iter().for_each(|rule| rule_lines(rule, text));
}

fn rule_lines(rule: &RuleTrace, text: &mut String) {
    let allows = if rule.allows { "allows it" } else { "does not decide" };
    let _ = writeln!(text, "  Rule {:?} {allows}", rule.rule);
    for ConditionTrace { condition, matched, demanded, found } in &rule.conditions {
        let mark = if *matched { "matched" } else { "NOT matched" };
        let _ = writeln!(text, "    {condition}: {mark}; demanded {demanded}; found {found}");
    }
}

fn claim_lines(claim: &ClaimPreview, text: &mut String) {
    let carriers: Vec<&str> = claim.carriers.iter().map(|carrier| carrier.name()).collect();
    let said = match &claim.outcome {
        Outcome::Value(value) => format!("= {value}"),
        Outcome::LeftOut(why) => format!("is left out: {why}"),
    };
    let _ = writeln!(text, "  {} {said}", claim.claim);
    let _ = writeln!(text, "    {} in {}", claim.expression, carriers.join(", "));
    if !claim.self_written.is_empty() {
        let _ =
            writeln!(text, "    people write this themselves: {}; it proves nothing", claim.self_written.join(", "));
    }
}
