//! Runs the skill and its API alone. `sayso dev` runs it too, together with everything around it.
//!
//! | variable | what |
//! |---|---|
//! | `SKILL_ID` | the skill's id in Alexa's console, `amzn1.ask.skill.…` |
//! | `ISSUER` | the authority, `http://127.0.0.1:4000` |
//! | `JWKS_URL` | `http://127.0.0.1:4000/.well-known/jwks.json` |
//! | `LISTEN` | address and port, `127.0.0.1:3002` unless set; the API is below `/api` |
//! | `API_URL` | where the skill reaches the API, `http://127.0.0.1:3002/api` unless set |
//! | `DANGEROUS_LOCAL_ROOT`, `DANGEROUS_LOCAL_CHAIN_URL` | only beside a local simulator: its root as a PEM file, and the address its chains come from, `http://127.0.0.1:4001/echo.api/` |

use std::env;
use std::error::Error;

use sayso_skill::{DangerousLocalTrust, Trust};
use what_should_i_wear::{Setup, router};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt::init();
    let listener = tokio::net::TcpListener::bind(variable("LISTEN").unwrap_or("127.0.0.1:3002".to_owned())).await?;
    let address = listener.local_addr()?;
    let setup = Setup {
        skill_id: variable("SKILL_ID")?,
        trust: trust()?,
        issuer: variable("ISSUER")?,
        jwks_url: variable("JWKS_URL")?,
        api_url: variable("API_URL").unwrap_or(format!("http://{address}/api")),
    };
    eprintln!("what should i wear listens on http://{address}");
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
