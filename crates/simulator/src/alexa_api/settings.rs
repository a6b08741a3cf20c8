//! What a skill is told of the customer, the person who speaks and the device.

use sayso_alexa::customer_settings::{Asking, Setting, SettingRefused};
use serde_json::{Value, json};

use super::{Issued, NoAccess, Reply};
use crate::simulator::Inner;

impl Inner {
    /// Answers a question for a setting; `device` is the one in the address, where one is.
    pub(crate) fn tell_setting(
        &self,
        setting: Setting,
        device: Option<&str>,
        access: Result<&mut Issued, NoAccess>,
    ) -> Reply {
        let issued = match access {
            Ok(issued) => issued,
            Err(none) => return refused(setting, SettingRefused::Token, none.words().into()),
        };
        let membership = self.household.membership(&issued.skill);
        let person = membership.persons.iter().find(|(_, one)| Some(&one.person_id) == issued.person_id.as_ref());
        let is_asked_for =
            |permission: &&&str| self.skill(&issued.skill).is_some_and(|skill| skill.manifest.asks_for(permission));
        let is_granted = |permission: &&str| membership.permissions.get(*permission).copied().unwrap_or(false);
        let asked_for: Vec<&&str> = setting.permissions().iter().filter(is_asked_for).collect();
        let asking = Asking {
            is_present_user: membership.user_id == issued.user_id,
            is_own_device: device.is_none_or(|device| device == issued.device_id),
            is_recognised: person.is_some(),
            is_asked_for: !asked_for.is_empty(),
            is_granted: asked_for.into_iter().any(is_granted),
        };
        if let Err(why) = setting.judge(&asking) {
            return refused(setting, why, setting.remedy(why));
        }
        match self.household.home().told(setting, person.map(|(name, _)| name.as_str())) {
            Some(body) => Reply { status: 200, body, ..Reply::default() },
            None => Reply {
                status: 204,
                note: Some("Nothing is stored: a person may have left it empty, and so may a skill find it.".into()),
                ..Reply::default()
            },
        }
    }
}

fn refused(setting: Setting, why: SettingRefused, note: String) -> Reply {
    let told = setting.refusal(why);
    let mut body = json!({"message": told.message});
    if let Some(members) = body.as_object_mut() {
        members.insert(told.member.to_owned(), Value::from(told.code));
    }
    Reply { status: told.status, body, note: Some(note), spoken: None }
}
