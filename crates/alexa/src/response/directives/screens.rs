//! What is shown: documents of APL in its three forms, pages of HTML, video, and the templates before APL.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{TypedDirective, object};

directive! {
    /// `VideoApp.Launch`; the answer must not say `shouldEndSession`.
    VideoLaunch = "VideoApp.Launch" {
        /// What is shown.
        video_item: VideoItem,
    }
}

/// `videoItem`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VideoItem {
    /// `https`
    pub source: String,
    /// `title`, `subtitle`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Map<String, Value>>,
}

directive! {
    /// `Hint`: a sentence at the edge of a screen.
    Hint = "Hint" {
        /// `{"type": "PlainText", "text": …}`
        hint: Map<String, Value>,
    }
}

impl Hint {
    /// Shows this sentence.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self { hint: object(json!({"type": "PlainText", "text": text.into()})) }
    }
}

directive! {
    /// `Alexa.Presentation.APL.RenderDocument`
    RenderDocument = "Alexa.Presentation.APL.RenderDocument" {
        /// Names it; later directives and events refer to it.
        token: String,
        /// The document, or `{"type": "Link", "src": "doc://alexa/apl/documents/…"}`.
        document: Map<String, Value>,
        /// What it is filled with.
        #[serde(default, skip_serializing_if = "Map::is_empty")]
        datasources: Map<String, Value>,
        /// Documents of their own that this one refers to, by name.
        #[serde(default, skip_serializing_if = "Map::is_empty")]
        sources: Map<String, Value>,
        /// Packages that the document imports.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        packages: Vec<Value>,
    }
}

impl RenderDocument {
    /// Shows this document, filled with nothing.
    ///
    /// ```
    /// use sayso_alexa::response::{Directive, directives::RenderDocument};
    /// use serde_json::json;
    ///
    /// let document = json!({"type": "APL", "version": "2024.2", "mainTemplate": {"items": [{"type": "Text", "text": "teal"}]}});
    /// let show = RenderDocument::new("color", document.as_object().cloned().unwrap_or_default());
    /// assert_eq!(Directive::from(show).directive_type(), "Alexa.Presentation.APL.RenderDocument");
    /// ```
    #[must_use]
    pub fn new(token: impl Into<String>, document: Map<String, Value>) -> Self {
        let (datasources, sources, packages) = Default::default();
        Self { token: token.into(), document, datasources, sources, packages }
    }
}

directive! {
    /// `Alexa.Presentation.APL.ExecuteCommands`
    ExecuteCommands = "Alexa.Presentation.APL.ExecuteCommands" {
        /// The document's.
        token: String,
        /// Each with a `type`.
        commands: Vec<Map<String, Value>>,
    }
}

directive! {
    /// `Alexa.Presentation.HTML.Start`
    HtmlStart = "Alexa.Presentation.HTML.Start" {
        /// `{"uri": …, "method": "GET", "headers": {…}}`; `https`.
        request: Map<String, Value>,
        /// `{"timeoutInSeconds": …}`: how long the page lives without being used, in seconds; at most 1,800.
        configuration: Map<String, Value>,
        /// What the page is given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        data: Option<Value>,
        /// What of it Alexa turns into speech or sounds.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        transformers: Vec<HtmlTransformer>,
    }
}

directive! {
    /// `Alexa.Presentation.HTML.HandleMessage`
    HtmlMessage = "Alexa.Presentation.HTML.HandleMessage" {
        /// What the page is sent.
        message: Value,
        /// What of it Alexa turns into speech or sounds.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        transformers: Vec<HtmlTransformer>,
    }
}

/// Has a text in a message spoken or turned into a sound, as the page's `alexa.speech` plays it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HtmlTransformer {
    /// `ssmlToSpeech`, `textToSpeech`, `textToHint` or `ssmlToText`.
    pub transformer: String,
    /// Where in the message the text stands, such as `intro.words`.
    pub input_path: String,
    /// Under which name the outcome stands beside it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_name: Option<String>,
}

directive! {
    /// `Alexa.Presentation.APL.SendIndexListData`: the answer to a `LoadIndexListData`, a part of a long list.
    SendIndexListData = "Alexa.Presentation.APL.SendIndexListData" {
        /// The request's; absent when the list changes unasked.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        correlation_token: Option<String>,
        /// The list's, in the data sources.
        list_id: String,
        /// Grows by one with each change of the list.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        list_version: Option<i64>,
        /// The place of the first of these items.
        start_index: i64,
        /// The place of the list's first item, once it is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        minimum_inclusive_index: Option<i64>,
        /// The place after the list's last item, once it is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        maximum_exclusive_index: Option<i64>,
        /// Items in a row.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        items: Vec<Value>,
    }
}

directive! {
    /// `Alexa.Presentation.APL.SendTokenListData`: the answer to a `LoadTokenListData`, a page of a long list.
    SendTokenListData = "Alexa.Presentation.APL.SendTokenListData" {
        /// The request's.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        correlation_token: Option<String>,
        /// The list's, in the data sources.
        list_id: String,
        /// Names this page.
        page_token: String,
        /// Names the page after it; absent at the end.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        next_page_token: Option<String>,
        /// The page's items.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        items: Vec<Value>,
    }
}

directive! {
    /// `Alexa.Presentation.APL.UpdateIndexListData`: a list that is shown changes.
    UpdateIndexListData = "Alexa.Presentation.APL.UpdateIndexListData" {
        /// The document's.
        token: String,
        /// The list's, in the data sources.
        list_id: String,
        /// One more than before.
        list_version: i64,
        /// What changes, in order.
        operations: Vec<ListOperation>,
    }
}

/// One change of a list; places are counted from 0.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum ListOperation {
    /// One item more.
    InsertItem {
        /// Its place.
        index: i64,
        /// The item.
        item: Value,
    },
    /// Several items more, in a row.
    InsertMultipleItems {
        /// The first one's place.
        index: i64,
        /// The items.
        items: Vec<Value>,
    },
    /// Another item in this place.
    SetItem {
        /// The place.
        index: i64,
        /// The item.
        item: Value,
    },
    /// One item less.
    DeleteItem {
        /// Its place.
        index: i64,
    },
    /// Several items less, in a row.
    DeleteMultipleItems {
        /// The first one's place.
        index: i64,
        /// How many.
        count: i64,
    },
}

directive! {
    /// `Alexa.Presentation.APLA.RenderDocument`: sounds and speech, mixed.
    RenderAudioDocument = "Alexa.Presentation.APLA.RenderDocument" {
        /// Names it; errors refer to it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        token: Option<String>,
        /// The document, or `{"type": "Link", "src": "doc://alexa/apla/documents/…"}`.
        document: Map<String, Value>,
        /// What it is filled with.
        #[serde(default, skip_serializing_if = "Map::is_empty")]
        datasources: Map<String, Value>,
    }
}

directive! {
    /// `Alexa.Presentation.APLT.RenderDocument`: on a display of characters, such as a clock's.
    RenderTextDocument = "Alexa.Presentation.APLT.RenderDocument" {
        /// Names it; later directives and events refer to it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        token: Option<String>,
        /// Which kind of display it is for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        target_profile: Option<TextProfile>,
        /// The document.
        document: Map<String, Value>,
        /// What it is filled with.
        #[serde(default, skip_serializing_if = "Map::is_empty")]
        datasources: Map<String, Value>,
    }
}

/// `targetProfile`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TextProfile {
    /// Four characters with a colon between, as of an Echo Dot with a clock.
    FourCharacterClock,
    /// Any.
    None,
}

directive! {
    /// `Alexa.Presentation.APLT.ExecuteCommands`
    ExecuteTextCommands = "Alexa.Presentation.APLT.ExecuteCommands" {
        /// The document's.
        token: String,
        /// Each with a `type`: `Idle`, `Parallel`, `Scroll`, `SetPage`, `AutoPage`, …
        commands: Vec<Map<String, Value>>,
    }
}

directive! {
    /// `Display.RenderTemplate`: what there was before APL; new skills use [`RenderDocument`].
    RenderTemplate = "Display.RenderTemplate" {
        /// With a `type`, such as `BodyTemplate1` or `ListTemplate1`.
        template: Map<String, Value>,
    }
}
