//! The state of the device, the account and the speaker at the time of the request.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::interfaces::{AudioPlayerState, Geolocation, TypedViewport, Viewport};
use super::parts::{ContextPart, SupportedInterface};
use super::session::{Application, User};
use crate::bearer::BearerToken;
use crate::field::{Extra, Field};

/// `context`: what the device and the account are at this moment; each interface under its own name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Context {
    /// The skill, the account, the device, the speaker.
    #[serde(rename = "System", default, skip_serializing_if = "Field::is_absent")]
    pub system: Field<System>,
    /// What is played, while the skill plays something or did so last.
    #[serde(rename = "AudioPlayer", default, skip_serializing_if = "Field::is_absent")]
    pub audio_player: Field<Box<AudioPlayerState>>,
    /// Where the device is, if the person allows it and the device knows.
    #[serde(rename = "Geolocation", default, skip_serializing_if = "Field::is_absent")]
    pub geolocation: Field<Box<Geolocation>>,
    /// The one screen of the device.
    #[serde(rename = "Viewport", default, skip_serializing_if = "Field::is_absent")]
    pub viewport: Field<Box<Viewport>>,
    /// All screens and character displays: each with a `type`, `APL` or `APLT`.
    #[serde(rename = "Viewports", default, skip_serializing_if = "Field::is_absent")]
    pub viewports: Field<Vec<TypedViewport>>,
    /// Interfaces without a name above; see [`Context::part`] and [`Context::interface`].
    #[serde(flatten)]
    pub extra: Extra,
}

impl Context {
    /// What an interface tells that has a type in [`super::parts`].
    ///
    /// ```
    /// use sayso_alexa::envelope::RequestEnvelope;
    /// use sayso_alexa::envelope::parts::AplState;
    ///
    /// let body = br#"{"context": {"Alexa.Presentation.APL": {"token": "color"}}, "request": {"type": "LaunchRequest"}}"#;
    /// let envelope = RequestEnvelope::from_slice(body)?;
    /// let shown = envelope.context.known().and_then(|context| context.part::<AplState>());
    /// assert_eq!(shown.and_then(|shown| shown.token.text().map(str::to_owned)).as_deref(), Some("color"));
    /// # Ok::<(), sayso_alexa::envelope::MalformedRequest>(())
    /// ```
    #[must_use]
    pub fn part<T: ContextPart>(&self) -> Option<T> {
        T::deserialize(self.extra.get(T::NAME)?).ok()
    }

    /// What any interface without a name above tells, as it was received: such as `Alexa.Presentation.APL`, `Display`, `Automotive`, `Extensions`,
    /// `Alexa.DataStore.PackageManager`, `AppLink` or `Experimentation`.
    #[must_use]
    pub fn interface(&self, name: &str) -> Option<&Map<String, Value>> {
        self.extra.get(name)?.as_object()
    }
}

/// `context.System`
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct System {
    /// The skill that is addressed.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    pub application: Field<Application>,
    /// The Amazon account.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    pub user: Field<User>,
    /// The device that heard the words.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    pub device: Field<Device>,
    /// Who spoke, when the voice is recognised and the person allows it.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    pub person: Field<Person>,
    /// The household or business unit.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    pub unit: Field<Unit>,
    /// The regional address of Alexa's APIs: `https://api.amazonalexa.com`, `https://api.eu.amazonalexa.com` or
    /// `https://api.fe.amazonalexa.com`.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    pub api_endpoint: Field<String>,
    /// The bearer value for Alexa's APIs during this session.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    pub api_access_token: Field<BearerToken>,
    /// What has no name above.
    #[serde(flatten)]
    pub extra: Extra,
}

/// `context.System.device`
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Device {
    /// `amzn1.ask.device.…`
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    pub device_id: Field<String>,
    /// `amzn1.alexa.endpoint.did.…`, which survives disabling and enabling the skill.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    pub persistent_endpoint_id: Field<String>,
    /// By interface name, with the interface's own settings: `Alexa.Presentation.APL`, `AudioPlayer`, `Geolocation`, …
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    pub supported_interfaces: Field<Map<String, Value>>,
    /// What has no name above.
    #[serde(flatten)]
    pub extra: Extra,
}

/// `context.System.person`: the speaker, if the voice is recognised.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Person {
    /// `amzn1.ask.person.…`, at most 255 characters.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    pub person_id: Field<String>,
    /// The access token of this person's own link, not the account's.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    pub access_token: Field<BearerToken>,
    /// How surely the speaker is known. On the wire, though not in Amazon's published model.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    pub authentication_confidence_level: Field<AuthenticationConfidenceLevel>,
    /// What has no name above.
    #[serde(flatten)]
    pub extra: Extra,
}

/// `authenticationConfidenceLevel`: 300 is a recognised voice, 400 a spoken PIN. A voice alone identifies, it does not
/// authenticate.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AuthenticationConfidenceLevel {
    /// 200, 300 or 400 have been seen.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    pub level: Field<i64>,
    /// `{"policyName": "VOICE_PIN"}` when the PIN was asked for.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    pub custom_policy: Field<Map<String, Value>>,
    /// What has no name above.
    #[serde(flatten)]
    pub extra: Extra,
}

/// `context.System.unit`
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Unit {
    /// At most 255 characters.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    pub unit_id: Field<String>,
    /// Survives disabling and enabling the skill.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    pub persistent_unit_id: Field<String>,
    /// What has no name above.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Device {
    /// What the device says of an interface that has settings, if it has the interface.
    ///
    /// ```
    /// use sayso_alexa::envelope::{Device, parts::AplInterface};
    ///
    /// let device: Device = serde_json::from_str(
    ///     r#"{"supportedInterfaces": {"Alexa.Presentation.APL": {"runtime": {"maxVersion": "2024.2"}}}}"#,
    /// )?;
    /// let runtime = device.interface::<AplInterface>().and_then(|apl| apl.runtime.known().cloned());
    /// assert_eq!(runtime.and_then(|runtime| runtime.max_version.text().map(str::to_owned)).as_deref(), Some("2024.2"));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn interface<T: SupportedInterface>(&self) -> Option<T> {
        T::deserialize(self.supported_interfaces.known()?.get(T::NAME)?).ok()
    }

    /// Whether the device has this interface, such as `AudioPlayer` or `Alexa.Presentation.APL`.
    #[must_use]
    pub fn supports(&self, interface: &str) -> bool {
        self.supported_interfaces.known().is_some_and(|interfaces| interfaces.contains_key(interface))
    }
}
