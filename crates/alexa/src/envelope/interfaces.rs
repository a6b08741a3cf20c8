//! What the device tells about itself beside `System`: sound, place, screen.

use serde_json::{Map, Number, Value};

use crate::field::{object, text_enum};

object! {
    /// `context.AudioPlayer`
    AudioPlayerState {
        /// What the skill named the stream; at most 1,024 characters.
        token: String,
        /// How far into the stream, in milliseconds.
        offset_in_milliseconds: i64,
        /// Whether it plays.
        player_activity: PlayerActivity,
    }
}

text_enum! {
    /// `playerActivity`
    PlayerActivity {
        /// It plays.
        Playing = "PLAYING",
        /// It was paused.
        Paused = "PAUSED",
        /// It ended by itself.
        Finished = "FINISHED",
        /// It waits for data.
        BufferUnderrun = "BUFFER_UNDERRUN",
        /// Nothing was played yet.
        Idle = "IDLE",
        /// It was stopped.
        Stopped = "STOPPED",
    }
}

object! {
    /// `context.Geolocation`; numbers as they came, for not all fit a 64-bit float.
    Geolocation {
        /// When this was measured: ISO 8601.
        timestamp: String,
        /// Whether the person allows it, and whether it works.
        location_services: LocationServices,
        /// Latitude and longitude.
        coordinate: Coordinate,
        /// Above the sea.
        altitude: Altitude,
        /// Where it moves to.
        heading: Heading,
        /// How fast it moves.
        speed: Speed,
    }
}

object! {
    /// `locationServices`
    LocationServices {
        /// `ENABLED`, `DISABLED` or `UNKNOWN`: whether the person allows it.
        access: String,
        /// `RUNNING` or `STOPPED`: whether the device measures.
        status: String,
    }
}

object! {
    /// `coordinate`
    Coordinate {
        /// -90 to 90, north positive.
        latitude_in_degrees: Number,
        /// -180 to 180, east positive.
        longitude_in_degrees: Number,
        /// Radius in metres in which the device is.
        accuracy_in_meters: Number,
    }
}

object! {
    /// `altitude`
    Altitude {
        /// Metres above the sea.
        altitude_in_meters: Number,
        /// Metres by which that may be wrong.
        accuracy_in_meters: Number,
    }
}

object! {
    /// `heading`
    Heading {
        /// From true north, clockwise; above 0 up to 360.
        direction_in_degrees: Number,
        /// Degrees by which that may be wrong.
        accuracy_in_degrees: Number,
    }
}

object! {
    /// `speed`
    Speed {
        /// Metres per second.
        speed_in_meters_per_second: Number,
        /// Metres per second by which that may be wrong.
        accuracy_in_meters_per_second: Number,
    }
}

object! {
    /// `context.Viewport`
    Viewport {
        /// The ways in which the screen may be looked at.
        experiences: Vec<Experience>,
        /// `HUB`, `MOBILE`, `PC`, `TV` or `AUTO`.
        mode: String,
        /// `RECTANGLE` or `ROUND`.
        shape: String,
        /// Pixels across at most.
        pixel_width: i64,
        /// Pixels down at most.
        pixel_height: i64,
        /// Pixels across of the window now.
        current_pixel_width: i64,
        /// Pixels down of the window now.
        current_pixel_height: i64,
        /// Dots per inch.
        dpi: i64,
        /// `SINGLE` when it can be touched; empty or absent when not.
        touch: Vec<String>,
        /// `DIRECTION` when there are arrow keys.
        keyboard: Vec<String>,
        /// `codecs`: `H_264_41`, `H_264_42`.
        video: Map<String, Value>,
    }
}

object! {
    /// One way in which a screen may be looked at.
    Experience {
        /// How wide it appears from the usual distance, in minutes of arc.
        arc_minute_width: Number,
        /// How high it appears.
        arc_minute_height: Number,
        /// Whether it can be turned.
        can_rotate: bool,
        /// Whether its window can change.
        can_resize: bool,
    }
}

object! {
    /// One of `context.Viewports`; which members there are depends on the type.
    TypedViewport {
        /// `APL`, a screen, or `APLT`, a display of characters.
        #[serde(rename = "type")]
        viewport_type: String,
        /// Tells several apart.
        id: String,
        /// `APL`: `RECTANGLE` or `ROUND`.
        shape: String,
        /// `APL`: dots per inch.
        dpi: i64,
        /// `APL`: `STANDARD` or `OVERLAY`.
        presentation_type: String,
        /// `APL`: whether it can be turned.
        can_rotate: bool,
        /// `APL`: `current` with `mode`, `size` in pixels, `video` and `dialog`.
        configuration: Map<String, Value>,
        /// `APLT`: `FOUR_CHARACTER_CLOCK` or `NONE`.
        supported_profiles: Vec<String>,
        /// `APLT`: characters in a line.
        line_length: i64,
        /// `APLT`: lines.
        line_count: i64,
        /// `APLT`: `SEVEN_SEGMENT`.
        character_format: String,
        /// `APLT`: signs between characters, such as a clock's colon, each with `x`, `y` and `characters`.
        inter_segments: Vec<Map<String, Value>>,
    }
}
