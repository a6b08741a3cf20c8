//! The voice side: the console's household, and the demo's skills that it speaks to.

use anyhow::Context as _;
use axum::Router;
use sample_quiz_game::{DangerousLocalTrust, Trust};
use sayso_simulator::{Settings, Simulator, SkillSetup};

use super::folder::Folder;
use super::linked_skill::LinkedSkill;
use super::packages;
use super::ports::Ports;

/// The last part of every redirect URI; `demo.toml` has it too.
pub(super) const VENDOR: &str = "M2SAYSODEMO00";

/// The console, with these skills installed.
pub(super) async fn simulator(
    folder: &Folder,
    skills: &[LinkedSkill],
    ports: Ports,
    ambience: &sayso_server::Ambience,
) -> anyhow::Result<Simulator> {
    let installed = skills.iter().map(|skill| SkillSetup {
        slug: skill.slug.clone(),
        package: skill.package.clone(),
        endpoint: Some(skill.url.clone()),
        revocation_url: Some(skill.revocation_url.clone()),
        client_secret: Some(skill.client_secret.clone()),
        skill_id: None,
        amazon_chain_url: false,
    });
    let settings = Settings {
        data_dir: folder.join("simulator"),
        public_url: ports.console(),
        vendor_id: VENDOR.to_owned(),
        skills: installed.collect(),
        clock: ambience.clock.clone(),
        entropy: ambience.entropy.clone(),
    };
    Ok(Simulator::open(settings).await?)
}

/// The demo's skills, each below its name. They believe this simulator, besides Amazon, and no other.
pub(super) fn skills(skills: &[LinkedSkill], simulator: &Simulator) -> anyhow::Result<Router> {
    let trust = DangerousLocalTrust::new(&simulator.root_certificate_pem(), &simulator.chain_url_prefix())?;
    let mut router = Router::new();
    for skill in skills {
        let slug = skill.slug.as_str();
        let skill_id = simulator.skill_id(slug).with_context(|| format!("the skill {slug} is not installed"))?;
        let trust = Trust::DangerousLocal(trust.clone());
        let own =
            if slug == packages::QUIZ.slug { quiz(skill, skill_id, trust)? } else { wardrobe(skill, skill_id, trust)? };
        router = router.nest(&format!("/{slug}"), own);
    }
    Ok(router)
}

fn quiz(skill: &LinkedSkill, skill_id: String, trust: Trust) -> anyhow::Result<Router> {
    Ok(sample_quiz_game::router(sample_quiz_game::Setup {
        skill_id,
        trust,
        issuer: skill.issuer.clone(),
        introspection_url: format!("{}/v1/introspect", skill.issuer),
        client_id: skill.client_id.clone(),
        client_secret: skill.client_secret.clone(),
    })?)
}

fn wardrobe(skill: &LinkedSkill, skill_id: String, trust: Trust) -> anyhow::Result<Router> {
    Ok(what_should_i_wear::router(what_should_i_wear::Setup {
        skill_id,
        trust,
        issuer: skill.issuer.clone(),
        jwks_url: format!("{}/.well-known/jwks.json", skill.issuer),
        api_url: format!("{}/api", skill.url),
    })?)
}
