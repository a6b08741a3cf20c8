//! Runs the skill: as an AWS Lambda function where Lambda starts it, as a web server anywhere else.
//!
//! | variable | what |
//! |---|---|
//! | `SKILL_ID` | the skill's id in Alexa's console, `amzn1.ask.skill.…` |
//! | `ISSUER` | the authority, such as `https://id.example` |
//! | `LISTEN` | a web server's address and port, `127.0.0.1:3000` unless set |
//! | `DANGEROUS_LOCAL_ROOT`, `DANGEROUS_LOCAL_CHAIN_URL` | only beside a local simulator: its root as a PEM file, and the address its chains come from |
//!
//! `sayso dev` sets all of them.

use std::env;
use std::error::Error;

use sayso_skill::{DangerousLocalTrust, Outside, Trust, lambda};

use hello_you::{Setup, skill};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    let setup = Setup { skill_id: variable("SKILL_ID")?, trust: trust()?, issuer: variable("ISSUER")? };
    let skill = skill(setup, Outside::system()?).map_err(|error| error.to_string())?;
    if env::var_os("AWS_LAMBDA_RUNTIME_API").is_some() {
        return lambda::run(skill).await;
    }
    let listen = variable("LISTEN").unwrap_or_else(|_| "127.0.0.1:3000".to_owned());
    let listener = tokio::net::TcpListener::bind(listen).await?;
    eprintln!("hello you listens on http://{}", listener.local_addr()?);
    axum::serve(listener, skill.into_router()).await?;
    Ok(())
}

/// Amazon's signatures, unless both variables name a local simulator.
fn trust() -> Result<Trust, Box<dyn Error + Send + Sync>> {
    match (env::var("DANGEROUS_LOCAL_ROOT"), env::var("DANGEROUS_LOCAL_CHAIN_URL")) {
        (Ok(root), Ok(prefix)) => {
            let pem = std::fs::read_to_string(root)?;
            Ok(Trust::DangerousLocal(DangerousLocalTrust::new(&pem, &prefix)?))
        }
        _ => Ok(Trust::Amazon),
    }
}

fn variable(name: &str) -> Result<String, String> {
    env::var(name).map_err(|_| format!("set {name} in the environment"))
}
