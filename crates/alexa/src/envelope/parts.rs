//! What interfaces tell of themselves in `context` beside those that have a member of their own, and in `supportedInterfaces`.
//!
//! They are read when they are asked for, by [`Context::part`](super::Context::part) and [`Device::interface`](super::Device::interface):
//! a request holds them as they came.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::field::object;

/// A part of `context` that is read by [`Context::part`](super::Context::part).
pub trait ContextPart: DeserializeOwned {
    /// Its name in `context`.
    const NAME: &'static str;
}

/// An interface of a device that has settings, read by [`Device::interface`](super::Device::interface).
///
/// The others (`Alexa.Advertisement`, `AudioPlayer`, `Geolocation`, `Navigation`, `VideoApp`) have none: [`super::Device::supports`] says
/// whether they are there.
pub trait SupportedInterface: DeserializeOwned {
    /// Its name in `supportedInterfaces`.
    const NAME: &'static str;
}

object! {
    /// `Alexa.Presentation.APL`: the document that is on the screen.
    AplState {
        /// What the skill named it.
        token: String,
        /// APL's version, such as `2024.2`.
        version: String,
        /// What can be seen of it.
        components_visible_on_screen: Vec<VisibleComponent>,
        /// The lists that it shows, as far as they are loaded.
        data_sources: Vec<Value>,
    }
}

object! {
    /// A component that can be seen.
    VisibleComponent {
        /// In the document.
        id: String,
        /// APL's own.
        uid: String,
        /// `text`, `graphic`, `video`, `mixed`, `empty`.
        #[serde(rename = "type")]
        component_type: String,
        /// `<width>x<height><left><top>:<layer>`, such as `1024x600+0+0:0`.
        position: String,
        /// What can be done with it: `clickable`, `focused`, `list`, `media`, `pager`, `scrollable`, …
        tags: Map<String, Value>,
        /// Six numbers of a transformation.
        transform: Vec<f64>,
        /// 0, unseen, to 1.
        visibility: f64,
        /// What the skill says it stands for, each with `type`, `value`, `id`.
        entities: Vec<Map<String, Value>>,
        /// The components in it.
        children: Vec<VisibleComponent>,
    }
}

object! {
    /// `Alexa.Presentation`: all that is shown, when it is more than one.
    PresentationState {
        /// Each with `type`, `presentationUri` and `context`.
        contexts: Vec<Map<String, Value>>,
    }
}

object! {
    /// `Automotive`: the device is in a car.
    AutomotiveState {
    }
}

object! {
    /// `Display`: the template that is on the screen.
    DisplayState {
        /// What the skill named it.
        token: String,
    }
}

object! {
    /// `Extensions`: Alexa's extensions that the skill may use.
    ExtensionsState {
        /// By their address, such as `aplext:backstack:10`.
        available: Map<String, Value>,
    }
}

object! {
    /// `Alexa.DataStore.PackageManager`: the widgets of the skill on this device.
    PackageManagerState {
        /// Those that are installed.
        installed_packages: Vec<InstalledPackage>,
    }
}

object! {
    /// A widget.
    InstalledPackage {
        /// In the skill's manifest.
        package_id: String,
        /// Which version is installed.
        version: String,
    }
}

object! {
    /// `AppLink`: how an app can be opened from here.
    AppLinkState {
        /// `IOS_APP_STORE`, `GOOGLE_PLAY_STORE`
        supported_catalog_types: Vec<String>,
        /// By catalog: what opens the app on this device.
        direct_launch: Map<String, Value>,
        /// There when the app can be opened on the person's phone instead.
        send_to_device: Map<String, Value>,
    }
}

object! {
    /// `Experimentation`: the experiments that this person is part of.
    ExperimentationState {
        /// Each of them.
        active_experiments: Vec<Experiment>,
    }
}

object! {
    /// An experiment.
    Experiment {
        /// Its id in Alexa's console.
        id: String,
        /// `C`, nothing is changed for them, or `T1`.
        treatment_id: String,
    }
}

object! {
    /// `Alexa.Presentation.APL`
    AplInterface {
        /// What it runs.
        runtime: Runtime,
    }
}

object! {
    /// `Alexa.Presentation.APLT`
    ApltInterface {
        /// What it runs.
        runtime: Runtime,
    }
}

object! {
    /// `Alexa.Presentation.HTML`
    HtmlInterface {
        /// What it runs.
        runtime: Runtime,
    }
}

object! {
    /// What a device runs documents with.
    Runtime {
        /// The newest version that it knows, such as `2024.2`.
        max_version: String,
    }
}

object! {
    /// `AppLink`
    AppLinkInterface {
        /// Such as `2.0`.
        version: String,
    }
}

object! {
    /// `Display`
    DisplayInterface {
        /// Such as `1.0`.
        template_version: String,
        /// Such as `1.0`.
        markup_version: String,
    }
}

macro_rules! named {
    ($kind:ident: $($name:ident = $text:literal,)+) => { $(impl $kind for $name { const NAME: &'static str = $text; })+ };
}

named! { ContextPart:
    AplState = "Alexa.Presentation.APL",
    PresentationState = "Alexa.Presentation",
    AutomotiveState = "Automotive",
    DisplayState = "Display",
    ExtensionsState = "Extensions",
    PackageManagerState = "Alexa.DataStore.PackageManager",
    AppLinkState = "AppLink",
    ExperimentationState = "Experimentation",
}

named! { SupportedInterface:
    AplInterface = "Alexa.Presentation.APL",
    ApltInterface = "Alexa.Presentation.APLT",
    HtmlInterface = "Alexa.Presentation.HTML",
    AppLinkInterface = "AppLink",
    DisplayInterface = "Display",
}
