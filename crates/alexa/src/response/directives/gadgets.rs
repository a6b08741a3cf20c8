//! Gadgets and buttons beside the device.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::TypedDirective;

directive! {
    /// `GadgetController.SetLight`: lets buttons glow.
    SetLight = "GadgetController.SetLight" {
        /// 1
        version: u32,
        /// Gadget ids; empty for all that are paired.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        target_gadgets: Vec<String>,
        /// When, and how.
        parameters: LightParameters,
    }
}

/// When buttons glow, and how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LightParameters {
    /// What it waits for.
    pub trigger_event: LightTrigger,
    /// Milliseconds from then on; 0 to 65,535.
    pub trigger_event_time_ms: u32,
    /// One for each kind of light.
    pub animations: Vec<LightAnimation>,
}

/// `triggerEvent`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum LightTrigger {
    /// A button is pressed.
    ButtonDown,
    /// A button is released.
    ButtonUp,
    /// Nothing: at once.
    None,
}

/// What a light does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LightAnimation {
    /// How often; 0 to 255.
    pub repeat: u32,
    /// `["1"]`, the light of a button.
    pub target_lights: Vec<String>,
    /// Step by step.
    pub sequence: Vec<LightStep>,
}

/// One step of an animation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LightStep {
    /// How long, in milliseconds; 1 to 65,535.
    pub duration_ms: u32,
    /// `RRGGBB` in hexadecimal.
    pub color: String,
    /// Whether the color is faded into.
    pub blend: bool,
}

directive! {
    /// `GameEngine.StartInputHandler`: listens to buttons.
    StartInputHandler = "GameEngine.StartInputHandler" {
        /// How long at most, in milliseconds; up to 90,000.
        timeout: u32,
        /// Names for gadgets that are not known yet.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        proxies: Vec<String>,
        /// By name: patterns of presses, each with a `type`: `match`, `deviation` or `progress`.
        recognizers: Map<String, Value>,
        /// By name: when the skill is told, with `meets`, `reports` and `shouldEndInputHandler`.
        events: Map<String, Value>,
    }
}

directive! {
    /// `GameEngine.StopInputHandler`
    StopInputHandler = "GameEngine.StopInputHandler" {
        /// The request whose answer started it.
        originating_request_id: String,
    }
}

directive! {
    /// `CustomInterfaceController.StartEventHandler`: listens to a gadget of one's own.
    StartEventHandler = "CustomInterfaceController.StartEventHandler" {
        /// Names the handler; events bring it back.
        token: String,
        /// Which events are told.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        event_filter: Option<EventFilter>,
        /// When it ends.
        expiration: EventExpiration,
    }
}

/// Which events of a gadget are told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EventFilter {
    /// In JsonLogic.
    pub filter_expression: Value,
    /// What happens with those that match.
    pub filter_match_action: FilterMatchAction,
}

/// `filterMatchAction`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum FilterMatchAction {
    /// The skill is told, and the handler ends.
    SendAndTerminate,
    /// The skill is told.
    Send,
}

/// When an event handler ends by itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EventExpiration {
    /// After so many milliseconds; 1,000 to 90,000.
    pub duration_in_milliseconds: u32,
    /// What the skill is told then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expiration_payload: Option<Value>,
}

directive! {
    /// `CustomInterfaceController.StopEventHandler`
    StopEventHandler = "CustomInterfaceController.StopEventHandler" {
        /// The handler's.
        token: String,
    }
}

directive! {
    /// `CustomInterfaceController.SendDirective`: tells a gadget of one's own something.
    SendGadgetDirective = "CustomInterfaceController.SendDirective" {
        /// In which of its interfaces, and what.
        header: GadgetDirectiveHeader,
        /// By the interface's own schema.
        #[serde(default, skip_serializing_if = "Value::is_null")]
        payload: Value,
        /// Which gadget.
        endpoint: GadgetEndpoint,
    }
}

/// `header` of a gadget's directive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GadgetDirectiveHeader {
    /// The interface's name, such as `Custom.Robot`.
    pub namespace: String,
    /// The directive's name in it.
    pub name: String,
}

/// `endpoint` of a gadget's directive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GadgetEndpoint {
    /// As the endpoint enumeration names it: `amzn1.ask.endpoint.…`
    pub endpoint_id: String,
}
