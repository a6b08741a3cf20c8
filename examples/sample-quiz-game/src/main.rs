//! Runs the skill alone. `sayso dev` runs it too, together with everything around it.
//!
//! | variable | what |
//! |---|---|
//! | `SKILL_ID` | the skill's id in Alexa's console, `amzn1.ask.skill.…` |
//! | `ISSUER` | the authority, `http://127.0.0.1:4000/oauth2/quiz` |
//! | `INTROSPECTION_URL` | `http://127.0.0.1:4000/oauth2/quiz/v1/introspect` |
//! | `CLIENT_ID`, `CLIENT_SECRET` | as whom the skill asks there |
//! | `LISTEN` | address and port, `127.0.0.1:3001` unless set |
//! | `DANGEROUS_LOCAL_ROOT`, `DANGEROUS_LOCAL_CHAIN_URL` | only beside a local simulator: its root as a PEM file, and the address its chains come from, `http://127.0.0.1:4001/echo.api/` |

use std::env;
use std::error::Error;

use sample_quiz_game::{Setup, router};
use sayso_skill::token::secret::Secret;
use sayso_skill::{DangerousLocalTrust, Trust};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt::init();
    let setup = Setup {
        skill_id: variable("SKILL_ID")?,
        trust: trust()?,
        issuer: variable("ISSUER")?,
        introspection_url: variable("INTROSPECTION_URL")?,
        client_id: variable("CLIENT_ID")?,
        client_secret: Secret::new(variable("CLIENT_SECRET")?),
    };
    let listener = tokio::net::TcpListener::bind(variable("LISTEN").unwrap_or("127.0.0.1:3001".to_owned())).await?;
    eprintln!("sample quiz game listens on http://{}", listener.local_addr()?);
    axum::serve(listener, router(setup)?).await?;
    Ok(())
}

/// Amazon's signatures, unless both variables name a local simulator.
fn trust() -> Result<Trust, Box<dyn Error>> {
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
