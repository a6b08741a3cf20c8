//! The skill: does it answer, ask for a link as it must, and refuse what Alexa has not signed?

use super::Checked;
use crate::deliver::Letter;
use crate::endpoint::Endpoint;
use crate::envelope::{self, Speaker, Within};
use crate::faults::Fault;
use crate::package::Skill;
use crate::simulator::Inner;

impl Inner {
    /// Launches the skill without an account, outside of the conversation.
    pub(crate) async fn examine_skill(&self, skill: &Skill) -> Vec<Checked> {
        let name = "The skill's answer";
        let endpoint = match skill.endpoint() {
            Ok(endpoint) => endpoint,
            Err(reason) => return vec![Checked::bad(name, reason, "Name where the skill is reached.")],
        };
        let launched = self.deliver(&self.launch(skill, None)).await;
        let mut checks = vec![match launched.answer {
            Err(broken) => Checked::bad(name, broken.reason, "See the skill's log."),
            Ok(answer) if answer.asks_to_link() && answer.spoken.is_none() => {
                let remedy = "Say what to do in the Alexa app; certification wants both.";
                Checked::doubtful(name, "It sends a LinkAccount card without a word.", remedy)
            }
            Ok(answer) if answer.asks_to_link() => Checked::good(name, "It asks to link, with a card and in words."),
            Ok(answer) if answer.says_something() => Checked::good(name, "It answers without an account."),
            Ok(_) => Checked::doubtful(name, "It says nothing to who has no account.", "Say what the skill needs."),
        }];
        if matches!(endpoint, Endpoint::Web(_)) {
            let name = "Requests without a signature";
            let forged = self.deliver(&self.launch(skill, Some(Fault::SignatureMissing))).await;
            let status = forged.hops.into_iter().next().and_then(|hop| hop.response).map(|response| response.status);
            checks.push(match (status, forged.answer) {
                (_, Ok(_)) => {
                    Checked::bad(name, "They are answered.", "Verify the signature; certification fails otherwise.")
                }
                (Some(400..=499), _) => Checked::good(name, "They are refused."),
                _ => Checked::unknown(name, "The skill gave no clear answer.", "Refuse them with status 400."),
            });
        }
        checks
    }

    fn launch<'a>(&self, skill: &'a Skill, fault: Option<Fault>) -> Letter<'a> {
        let locale = skill.voices.keys().next().map_or("en-US", String::as_str);
        let session = self.new_session(&skill.slug, locale);
        let membership = self.household.membership(&skill.slug);
        let device_id = self.household.device_id();
        let speaker = Speaker {
            skill_id: &skill.skill_id,
            user_id: &membership.user_id,
            device_id: &device_id,
            access_token: None,
            person: None,
            permissions: &membership.permissions,
        };
        let within = Within { session_id: &session.session_id, is_new: true, attributes: &session.attributes };
        let request = envelope::launch(&self.request_id(), self.real_now(), locale);
        let body = envelope::body(&speaker, Some(&within), request);
        Letter { skill, title: "Examine the skill", body, fault }
    }
}
