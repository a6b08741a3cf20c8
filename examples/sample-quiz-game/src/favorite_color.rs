//! "What is my favorite color?"

use sayso_skill::{Answer, Handler, HandlerError, HandlerInput, Requirement, async_trait};

/// Answers with the favorite color of whoever linked the account.
pub struct FavoriteColor;

#[async_trait]
impl Handler for FavoriteColor {
    fn can_handle(&self, input: &HandlerInput) -> bool {
        input.is_intent("FavoriteColorIntent")
    }

    // The one line that makes this handler safe: without a token that passes all six checks, `handle` is not run.
    fn requires(&self) -> Option<Requirement> {
        Some(Requirement::linked_account())
    }

    async fn handle(&self, input: &mut HandlerInput) -> Result<Answer, HandlerError> {
        // The authority has vouched for these claims a moment ago. A claim may still be missing: nobody has to have a
        // favorite color. It is spoken as words, so a color of "<audio …>" is read aloud, not played.
        let claims = &input.verified_token()?.claims;
        let claim =
            |name: &str| claims.get(name).and_then(|value| value.as_str()).filter(|text| !text.trim().is_empty());
        let speech = match (claim("FirstNameClaim"), claim("FavoriteColorClaim")) {
            (Some(name), Some(color)) => {
                input.text_with("color-of-name", [("name", name.into()), ("color", color.into())])
            }
            (None, Some(color)) => input.text_with("color", [("color", color.into())]),
            (Some(name), None) => input.text_with("no-color-of-name", [("name", name.into())]),
            (None, None) => input.text("no-color"),
        }?;
        Ok(input.respond().speak(speech).end_session())
    }
}
