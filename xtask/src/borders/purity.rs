//! What the pure crates, and the SDK without its adapters, may not reach: not directly, and not through others.

use std::collections::BTreeSet;

use crate::finding::Finding;
use crate::workspace;

/// A runtime, a socket, a database, an HTTP stack, a source of chance, a clock: whoever depends on one of these can wait,
/// can be surprised, or can ask the time.
const IMPURE: [&str; 35] = [
    "async-std",
    "axum",
    "axum-core",
    "chrono",
    "curl",
    "deadpool-postgres",
    "diesel",
    "getrandom",
    "h2",
    "hyper",
    "hyper-util",
    "instant",
    "jiff",
    "libsqlite3-sys",
    "mio",
    "polling",
    "postgres",
    "quanta",
    "rand",
    "redis",
    "reqwest",
    "rusqlite",
    "smol",
    "socket2",
    "sqlx",
    "sqlx-core",
    "tokio",
    "tokio-postgres",
    "tokio-rustls",
    "tower",
    "tower-http",
    "tungstenite",
    "ureq",
    "wasm-timer",
    "web-time",
];

/// The SDK may be asynchronous; who serves it, and over what, is the adapter's affair. `mio` and `socket2` are how tokio
/// reaches the network.
const ADAPTERS: [&str; 16] = [
    "axum",
    "axum-core",
    "deadpool-postgres",
    "diesel",
    "hyper",
    "hyper-util",
    "lambda_runtime",
    "libsqlite3-sys",
    "mio",
    "reqwest",
    "rusqlite",
    "socket2",
    "sqlx",
    "tokio-postgres",
    "tower-http",
    "ureq",
];

/// One tree that is looked at.
struct Ground {
    package: &'static str,
    manifest: &'static str,
    /// What `cargo tree` is asked with.
    flags: &'static [&'static str],
    banned: &'static [&'static str],
    reason: &'static str,
}

const GROUNDS: [Ground; 4] = [
    Ground {
        package: "sayso-token",
        manifest: "crates/token/Cargo.toml",
        flags: &["--all-features"],
        banned: &IMPURE,
        reason: PURE,
    },
    Ground {
        package: "sayso-authority",
        manifest: "crates/authority/Cargo.toml",
        flags: &["--all-features"],
        banned: &IMPURE,
        reason: PURE,
    },
    Ground {
        package: "sayso-alexa",
        manifest: "crates/alexa/Cargo.toml",
        flags: &["--all-features"],
        banned: &IMPURE,
        reason: PURE,
    },
    Ground {
        package: "sayso-skill",
        manifest: "crates/skill/Cargo.toml",
        flags: &["--no-default-features"],
        banned: &ADAPTERS,
        reason: "the SDK without its adapters brings no server, no client and no database: put it behind a feature",
    },
];
const PURE: &str = "a decision can neither wait, nor read a clock, nor draw chance: have it handed in";

/// Asks cargo for each tree.
///
/// # Errors
/// When cargo cannot resolve one of them.
pub(crate) fn check() -> anyhow::Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for ground in &GROUNDS {
        findings.extend(judge(ground, &workspace::tree(ground.package, ground.flags)?));
    }
    Ok(findings)
}

fn judge(ground: &Ground, tree: &BTreeSet<String>) -> Vec<Finding> {
    let reached = ground.banned.iter().filter(|name| tree.contains(**name));
    reached
        .map(|name| {
            let how =
                [&["cargo tree -e normal -p", ground.package][..], ground.flags, &["-i", name]].concat().join(" ");
            Finding::error(
                ground.manifest,
                1,
                format!("{} reaches {name}: {} (the way there: {how})", ground.package, ground.reason),
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]

    use super::*;

    fn names(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn cryptography_and_parsing_are_pure() {
        let tree = names(&["sayso-token", "aws-lc-rs", "aws-lc-sys", "serde_json", "zeroize"]);
        assert_eq!(judge(&GROUNDS[0], &tree), []);
    }

    #[test]
    fn chance_and_sockets_are_found_however_deep_they_stand() {
        let findings = judge(&GROUNDS[1], &names(&["sayso-authority", "uuid", "getrandom", "tokio"]));
        assert_eq!(findings.len(), 2);
        assert!(findings[0].text.contains("reaches getrandom"), "{}", findings[0].text);
        assert!(findings[0].text.contains("cargo tree -e normal -p sayso-authority --all-features -i getrandom"));
    }

    #[test]
    fn the_sdk_may_wait_but_not_serve() {
        assert_eq!(judge(&GROUNDS[3], &names(&["tokio", "async-trait", "bytes"])), []);
        assert_eq!(judge(&GROUNDS[3], &names(&["tokio", "mio", "axum"])).len(), 2);
    }
}
