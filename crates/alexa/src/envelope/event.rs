//! What the rarer types of requests have of their own.

use serde_json::{Map, Value};

use super::interfaces::AudioPlayerState;
use crate::bearer::BearerToken;
use crate::field::{object, text_enum};

object! {
    /// `SessionResumedRequest`: a task that was started with `Connections.StartConnection` is over.
    SessionResumedRequest {
        /// What it came to.
        cause: ConnectionCompleted,
    }
}

object! {
    /// `cause` of a resumed session.
    ConnectionCompleted {
        /// `ConnectionCompleted`
        #[serde(rename = "type")]
        cause_type: String,
        /// What the skill gave to tell its tasks apart.
        token: String,
        /// How it went, by HTTP's codes.
        status: TaskStatus,
        /// What the task answers; of `AMAZON.VerifyPerson` a [`VerifyPersonResult`].
        result: Map<String, Value>,
    }
}

object! {
    /// `status` of a task.
    TaskStatus {
        /// `"200"`, `"400"`, `"403"`, `"404"`, `"500"`, as a text.
        code: String,
        /// For the developer.
        message: String,
    }
}

impl ConnectionCompleted {
    /// The answer of `AMAZON.VerifyPerson`, if it is one.
    #[must_use]
    pub fn verify_person(&self) -> Option<VerifyPersonResult> {
        serde_json::from_value(Value::Object(self.result.known()?.clone())).ok()
    }
}

object! {
    /// `result` of `AMAZON.VerifyPerson`. What counts afterwards is `person.authenticationConfidenceLevel` of this request.
    VerifyPersonResult {
        /// `"2"`
        version: String,
        /// Whether the person proved to be who the voice says.
        status: VerifyPersonStatus,
        /// Why not.
        reason: VerifyPersonReason,
    }
}

text_enum! {
    /// `status` of `AMAZON.VerifyPerson`
    VerifyPersonStatus {
        /// The PIN was right.
        Achieved = "ACHIEVED",
        /// It was not.
        NotAchieved = "NOT_ACHIEVED",
        /// The person has not enabled it.
        NotEnabled = "NOT_ENABLED",
    }
}

text_enum! {
    /// `reason` of `AMAZON.VerifyPerson`
    VerifyPersonReason {
        /// Locked after three wrong tries.
        MethodLockout = "METHOD_LOCKOUT",
        /// The person has no PIN.
        VerificationMethodNotSetup = "VERIFICATION_METHOD_NOT_SETUP",
        /// The PIN was wrong.
        NotMatch = "NOT_MATCH",
    }
}

object! {
    /// `body` of a skill event.
    SkillEventBody {
        /// `SkillAccountLinked`: the access token of the new link.
        access_token: BearerToken,
        /// `SkillPermissionAccepted` and `SkillPermissionChanged`: what is granted now, for the account.
        accepted_permissions: Vec<AcceptedPermission>,
        /// The same, for the person.
        accepted_person_permissions: Vec<AcceptedPermission>,
        /// `ProactiveSubscriptionChanged` and `NotificationSubscriptionChanged`: what is subscribed to now.
        subscriptions: Vec<Subscription>,
        /// `SkillDisabled`: whether Alexa keeps the user id for a return.
        user_information_persistence_status: PersistenceStatus,
    }
}

object! {
    /// One granted permission of Alexa's own.
    AcceptedPermission {
        /// Its name, such as `alexa::profile:given_name:read`.
        scope: String,
    }
}

object! {
    /// One subscription to proactive events.
    Subscription {
        /// Such as `AMAZON.OrderStatus.Updated`.
        event_name: String,
    }
}

text_enum! {
    /// `userInformationPersistenceStatus` of `SkillDisabled`
    PersistenceStatus {
        /// The user id comes back when the skill is enabled again.
        Persisted = "PERSISTED",
        /// It does not: what is kept about it can be deleted.
        NotPersisted = "NOT_PERSISTED",
    }
}

object! {
    /// `AudioPlayer.PlaybackStarted`, `…Finished`, `…Stopped`, `…NearlyFinished`, `…Failed`
    AudioPlayerEvent {
        /// What the skill named the stream; at most 1,024 characters.
        token: String,
        /// How far into the stream, in milliseconds.
        offset_in_milliseconds: i64,
        /// `PlaybackFailed`: `type` such as `MEDIA_ERROR_SERVICE_UNAVAILABLE`, and `message`.
        error: RequestError,
        /// `PlaybackFailed`: what was playing, which need not be what failed.
        current_playback_state: AudioPlayerState,
    }
}

object! {
    /// An error as Alexa tells it.
    RequestError {
        /// `INVALID_RESPONSE`, `DEVICE_COMMUNICATION_ERROR`, `INTERNAL_SERVICE_ERROR`, …
        #[serde(rename = "type")]
        error_type: String,
        /// For the developer.
        message: String,
    }
}

object! {
    /// `System.ExceptionEncountered`
    ExceptionEncountered {
        /// What was wrong.
        error: RequestError,
        /// Which answer it was.
        cause: ExceptionCause,
    }
}

object! {
    /// `cause` of an exception.
    ExceptionCause {
        /// The request whose answer was refused.
        request_id: String,
    }
}

object! {
    /// `Connections.Response`
    ConnectionsResponse {
        /// The name in the `Connections.SendRequest`: `Buy`, `Upsell`, `Cancel`, `AskFor`, …
        name: String,
        /// How it went, by HTTP's codes.
        status: TaskStatus,
        /// What it came to, such as `purchaseResult`.
        payload: Map<String, Value>,
        /// What the skill gave to tell its requests apart.
        token: String,
    }
}

object! {
    /// `Connections.Request`
    ConnectionsRequest {
        /// The task's name.
        name: String,
        /// Its input.
        payload: Map<String, Value>,
    }
}

object! {
    /// `Dialog.InputRequest`
    DialogInput {
        /// `name` and `slots`.
        input: Map<String, Value>,
    }
}

object! {
    /// `Dialog.API.Invoked`
    ApiInvoked {
        /// What is called with what.
        api_request: ApiRequest,
    }
}

object! {
    /// `apiRequest`
    ApiRequest {
        /// The API's name in the model.
        name: String,
        /// By argument name.
        arguments: Map<String, Value>,
        /// The slots the arguments came from.
        slots: Map<String, Value>,
    }
}

object! {
    /// `Messaging.MessageReceived`
    MessageReceived {
        /// What the backend sent.
        message: Map<String, Value>,
    }
}

object! {
    /// `Alexa.Authorization.Grant`
    AuthorizationGrant {
        /// Wraps the grant.
        body: AuthorizationGrantBody,
    }
}

object! {
    /// `body` of an `Alexa.Authorization.Grant`
    AuthorizationGrantBody {
        /// The grant.
        grant: Grant,
    }
}

object! {
    /// `grant`
    Grant {
        /// `OAuth2.AuthorizationCode`
        #[serde(rename = "type")]
        grant_type: String,
        /// The code, to be exchanged once at Login with Amazon.
        code: BearerToken,
    }
}

object! {
    /// Something happened on a screen; which members there are depends on the type.
    ScreenEvent {
        /// What the skill named the document.
        token: String,
        /// `UserEvent`: what `SendEvent` was given.
        arguments: Vec<Value>,
        /// `UserEvent`: the component it came from.
        source: Value,
        /// `UserEvent`: values of the components that were named.
        components: Value,
        /// `RuntimeError`: what went wrong, each with `type`, `reason`, `message`.
        errors: Vec<Map<String, Value>>,
        /// `Load…ListData`: to be repeated in the answer's directive.
        correlation_token: String,
        /// `Load…ListData`: which list.
        list_id: String,
        /// `LoadIndexListData`: the first item that is wanted.
        start_index: i64,
        /// `LoadIndexListData`: how many are wanted.
        count: i64,
        /// `LoadTokenListData`: the page that is wanted.
        page_token: String,
        /// `HTML.Message`: what the page sent.
        message: Value,
        /// `HTML.RuntimeError`: what went wrong.
        error: Map<String, Value>,
    }
}

object! {
    /// A reminder or a list changed.
    PersonalEvent {
        /// When it happened: ISO 8601.
        event_creation_time: String,
        /// When Alexa sent it: ISO 8601.
        event_publishing_time: String,
        /// What changed.
        body: PersonalEventBody,
    }
}

object! {
    /// `body` of a changed reminder or list; which members there are depends on the type.
    PersonalEventBody {
        /// A reminder: its id in Alexa's reminders API.
        alert_token: String,
        /// `ReminderDeleted`: the ids of those that are gone.
        alert_tokens: Vec<String>,
        /// A reminder: `ON` or `COMPLETED`.
        status: String,
        /// The list's id.
        list_id: String,
        /// `Items…`: the ids of the items.
        list_item_ids: Vec<String>,
    }
}

object! {
    /// `Alexa.DataStore.*`: something happened to a widget of the skill, or to what it shows; which members there are depends on the type.
    DataStoreEvent {
        /// `PackageManager.UsagesInstalled`, `…UsagesRemoved`: `packageId`, `packageVersion` and `usages`, each with `location` and `instanceId`.
        payload: Map<String, Value>,
        /// `PackageManager.UpdateRequest`, `…InstallationError`: which widget.
        package_id: String,
        /// `PackageManager.InstallationError`: its version.
        version: String,
        /// `PackageManager.UpdateRequest`: the version there is.
        from_version: String,
        /// `PackageManager.UpdateRequest`: the version there will be.
        to_version: String,
        /// `Error`, `PackageManager.InstallationError`: `type` and `content`.
        error: Map<String, Value>,
    }
}

object! {
    /// `Alexa.Advertisement.*`: how it went with an advertisement that `InjectAds` asked for; which members there are depends on the type.
    AdvertisementEvent {
        /// The advertisement's.
        token: String,
        /// `ReadyToEnqueueAudio`: after which stream the skill's next one is to be enqueued.
        previous_token: String,
        /// `AdNotRendered`: `type` and `message`.
        reason: RequestError,
    }
}

object! {
    /// A button or a gadget sent something, or its time is over.
    GadgetEvent {
        /// `GameEngine`: the request that started the input handler.
        originating_request_id: String,
        /// `CustomInterfaceController`: what the skill named the event handler.
        token: String,
        /// What happened.
        events: Vec<Map<String, Value>>,
        /// `CustomInterfaceController.Expired`: what the skill gave for the end.
        expiration_payload: Value,
    }
}
