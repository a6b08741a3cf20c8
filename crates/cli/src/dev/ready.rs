//! What is printed when the demo is ready.

use std::fmt::Write as _;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::linked_skill::LinkedSkill;
use super::ports::{BUILT_IN, Ports};
use crate::config::SeedUser;

/// What runs, and where.
pub(super) struct Ready {
    /// The ports.
    pub(super) ports: Ports,
    /// The accounts to try it with.
    pub(super) users: Vec<SeedUser>,
    /// The skills.
    pub(super) skills: Vec<LinkedSkill>,
    /// The root of the authority's certificate.
    pub(super) tls_ca: PathBuf,
    /// The configuration file.
    pub(super) config: PathBuf,
    /// The first sentence to try.
    pub(super) first: String,
}

impl Ready {
    /// One line for scripts. Its secrets are those of a demo on this machine.
    pub(super) fn json(&self) -> Value {
        let client = |skill: &LinkedSkill| {
            json!({
                "client_id": skill.client_id,
                "client_secret": skill.client_secret.expose(),
                "issuer": skill.issuer,
                "redirect_uris": skill.redirect_uris,
                "scope": skill.scopes.join(" "),
                "skill": skill.slug,
            })
        };
        let account = |user: &SeedUser| json!({ "username": user.username, "password": user.password.expose() });
        let url = |skill: &LinkedSkill| (skill.slug.clone(), json!(skill.url));
        json!({
            "authority": self.ports.authority(),
            "console": self.ports.console(),
            "skills": self.skills.iter().map(url).collect::<serde_json::Map<_, _>>(),
            "accounts": self.users.iter().map(account).collect::<Vec<_>>(),
            "clients": self.skills.iter().map(client).collect::<Vec<_>>(),
            "tls_ca": self.tls_ca,
            "config": self.config,
        })
    }

    /// The same for people; `program` is how they called it.
    pub(super) fn banner(&self, program: &str) -> String {
        let console = self.ports.console();
        let mut text = "\nSayso runs on this machine, for this machine: the skills believe what this console signs. Ctrl-C ends it.\n\n".to_owned();
        let mut line = |name: &str, value: &str, note: &str| {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{}", format!("  {name:<12}{value:<38}{note}").trim_end());
        };
        line("console", &console, "say something, see every hop");
        line("companion", &format!("{console}/companion"), "link and unlink accounts, as the Alexa app does");
        for (at, issuer) in self.issuers().iter().enumerate() {
            line(if at == 0 { "authorities" } else { "" }, issuer, "");
        }
        for (at, user) in self.users.iter().enumerate() {
            let name = if at == 0 { "accounts" } else { "" };
            line(name, &format!("{:<8}{}", user.username, user.password.expose()), "");
        }
        line("written in", &self.config.display().to_string(), "");
        let elsewhere = if self.ports == BUILT_IN { String::new() } else { format!(" --console {console}") };
        let _ = write!(
            text,
            "\nThe first sentence to try, in the console or in a second shell:\n  {program} ask \"{}\"{elsewhere}\n",
            self.first
        );
        text
    }

    fn issuers(&self) -> Vec<String> {
        self.skills.iter().map(|skill| skill.issuer.clone()).rev().collect()
    }
}
