//! What Alexa tells a skill about the customer, the person who speaks and the device, and what it wants to be asked with.
//!
//! Addresses, permissions and statuses: Amazon's "Customer Profile", "Person Profile" and "Device Settings REST API Reference" and
//! the official SDKs' `services.ups` and `services.deviceAddress`.

/// Something that a skill can ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Setting {
    /// The customer's full name.
    Name,
    /// The customer's first name.
    GivenName,
    /// The customer's e-mail address.
    Email,
    /// The customer's mobile telephone number.
    MobileNumber,
    /// The full name of the recognised person.
    PersonName,
    /// Their first name.
    PersonGivenName,
    /// Their mobile telephone number.
    PersonMobileNumber,
    /// The device's whole address.
    Address,
    /// Country and postal code of that.
    CountryAndPostalCode,
    /// The device's time zone, as IANA names it.
    TimeZone,
    /// `METRIC` or `IMPERIAL`.
    DistanceUnits,
    /// `CELSIUS` or `FAHRENHEIT`.
    TemperatureUnit,
}

/// What of a call decides whether it is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asking {
    /// The token's user is the one whom the skill has now: disabling a skill gives another.
    pub is_present_user: bool,
    /// The device in the address is the token's.
    pub is_own_device: bool,
    /// A person was recognised.
    pub is_recognised: bool,
    /// The manifest asks for one of the permissions.
    pub is_asked_for: bool,
    /// The customer has granted one of them.
    pub is_granted: bool,
}

/// Why a setting is not told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettingRefused {
    /// There is no good token.
    Token,
    /// It is another device's.
    Device,
    /// Nobody was recognised.
    Nobody,
    /// The manifest does not ask for the permission.
    NotAskedFor,
    /// The customer has not granted it.
    NotGranted,
}

/// The body of a refusal: which member holds the code, the code, the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// HTTP status.
    pub status: u16,
    /// `code`, or `type` in the device address API.
    pub member: &'static str,
    /// What that says.
    pub code: &'static str,
    /// Amazon's words.
    pub message: &'static str,
}

const NAME: &[&str] = &["alexa::profile:name:read"];
const GIVEN_NAME: &[&str] = &["alexa::profile:given_name:read"];
const EMAIL: &[&str] = &["alexa::profile:email:read"];
const MOBILE_NUMBER: &[&str] = &["alexa::profile:mobile_number:read"];
/// Anybody may know it.
const FREE: &[&str] = &[];
/// As manifests write it, and as older ones do.
const ADDRESS: &[&str] = &["alexa::devices:all:address:full:read", "read::alexa:device:all:address"];
/// Who may know the whole may know a part.
const COUNTRY_AND_POSTAL_CODE: &[&str] = &[
    "alexa:devices:all:address:country_and_postal_code:read",
    "read::alexa:device:all:address:country_and_postal_code",
    "alexa::devices:all:address:full:read",
    "read::alexa:device:all:address",
];

/// What a setting is called, where it lies (`{deviceId}` stands for the device's id), and what it takes.
const TABLE: [(Setting, &str, &str, &[&str]); 12] = [
    (Setting::Name, "Profile.name", "/v2/accounts/~current/settings/Profile.name", NAME),
    (Setting::GivenName, "Profile.givenName", "/v2/accounts/~current/settings/Profile.givenName", GIVEN_NAME),
    (Setting::Email, "Profile.email", "/v2/accounts/~current/settings/Profile.email", EMAIL),
    (
        Setting::MobileNumber,
        "Profile.mobileNumber",
        "/v2/accounts/~current/settings/Profile.mobileNumber",
        MOBILE_NUMBER,
    ),
    (Setting::PersonName, "the person's name", "/v2/persons/~current/profile/name", NAME),
    (Setting::PersonGivenName, "the person's givenName", "/v2/persons/~current/profile/givenName", GIVEN_NAME),
    (
        Setting::PersonMobileNumber,
        "the person's mobileNumber",
        "/v2/persons/~current/profile/mobileNumber",
        MOBILE_NUMBER,
    ),
    (Setting::Address, "the address", "/v1/devices/{deviceId}/settings/address", ADDRESS),
    (
        Setting::CountryAndPostalCode,
        "countryAndPostalCode",
        "/v1/devices/{deviceId}/settings/address/countryAndPostalCode",
        COUNTRY_AND_POSTAL_CODE,
    ),
    (Setting::TimeZone, "System.timeZone", "/v2/devices/{deviceId}/settings/System.timeZone", FREE),
    (Setting::DistanceUnits, "System.distanceUnits", "/v2/devices/{deviceId}/settings/System.distanceUnits", FREE),
    (
        Setting::TemperatureUnit,
        "System.temperatureUnit",
        "/v2/devices/{deviceId}/settings/System.temperatureUnit",
        FREE,
    ),
];

impl Setting {
    /// The setting that lies there, and the device that is named on the way.
    #[must_use]
    pub fn at(path: &str) -> Option<(Self, Option<&str>)> {
        TABLE.iter().find_map(|(setting, _, pattern, _)| match pattern.split_once("{deviceId}") {
            None => (path == *pattern).then_some((*setting, None)),
            Some((before, after)) => {
                let device = path.strip_prefix(before)?.strip_suffix(after)?;
                (!device.is_empty() && !device.contains('/')).then_some((*setting, Some(device)))
            }
        })
    }

    fn row(self) -> (&'static str, &'static [&'static str]) {
        let row = TABLE.iter().find(|(setting, ..)| *setting == self);
        row.map_or(("", FREE), |(_, title, _, permissions)| (*title, *permissions))
    }

    /// What it is called.
    #[must_use]
    pub fn title(self) -> &'static str {
        self.row().0
    }

    /// The permissions one of which it takes; none when anybody may know it.
    #[must_use]
    pub fn permissions(self) -> &'static [&'static str] {
        self.row().1
    }

    fn is_of_person(self) -> bool {
        matches!(self, Self::PersonName | Self::PersonGivenName | Self::PersonMobileNumber)
    }

    fn is_of_address(self) -> bool {
        matches!(self, Self::Address | Self::CountryAndPostalCode)
    }

    /// Whether it is told.
    ///
    /// # Errors
    /// What is missing.
    pub fn judge(self, asking: &Asking) -> Result<(), SettingRefused> {
        if !asking.is_present_user {
            return Err(SettingRefused::Token);
        }
        if !asking.is_own_device {
            return Err(SettingRefused::Device);
        }
        if self.is_of_person() && !asking.is_recognised {
            return Err(SettingRefused::Nobody);
        }
        if self.permissions().is_empty() || asking.is_granted {
            return Ok(());
        }
        Err(if asking.is_asked_for { SettingRefused::NotGranted } else { SettingRefused::NotAskedFor })
    }

    /// How a refusal is told in this setting's interface.
    #[must_use]
    pub fn refusal(self, refused: SettingRefused) -> Refusal {
        let told = |status, code, message| {
            let member = if self.is_of_address() { "type" } else { "code" };
            Refusal { status, member, code, message }
        };
        match (self.is_of_address(), refused) {
            (true, SettingRefused::Token) => told(403, "FORBIDDEN", "The authentication token is not valid."),
            (true, SettingRefused::NotGranted) => {
                told(403, "FORBIDDEN", "Access to this resource has not yet been requested.")
            }
            (true, SettingRefused::NotAskedFor) => {
                told(403, "FORBIDDEN", "Access to this resource cannot be requested.")
            }
            (true, _) => told(403, "FORBIDDEN", "The authentication token does not have access to resource."),
            (false, SettingRefused::Token) => {
                told(401, "INVALID_TOKEN", "The authentication token is malformed or invalid.")
            }
            (false, SettingRefused::NotGranted) => {
                told(403, "ACCESS_DENIED", "Access denied with reason: ACCESS_NOT_REQUESTED")
            }
            (false, SettingRefused::NotAskedFor) => told(403, "ACCESS_DENIED", "Access denied with reason: FORBIDDEN"),
            (false, _) => told(403, "ACCESS_DENIED", "The authentication token does not have access to resource."),
        }
    }

    /// What to do about a refusal.
    #[must_use]
    pub fn remedy(self, refused: SettingRefused) -> String {
        let permission = self.permissions().first().copied().unwrap_or_default();
        match refused {
            SettingRefused::Token => {
                "The token is not good for this user any more: use that of the present request.".into()
            }
            SettingRefused::Device => {
                "The device in the address is not that of the request: use context.System.device.deviceId.".into()
            }
            SettingRefused::Nobody => {
                "Nobody was recognised: only a request with context.System.person leads to a person's profile.".into()
            }
            SettingRefused::NotAskedFor => {
                format!("The manifest does not ask for {permission}: add it to its permissions.")
            }
            SettingRefused::NotGranted => format!(
                "{permission} is not granted: grant it in the companion, where an AskForPermissionsConsent card would lead a person."
            ),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_is_found_where_it_lies_and_nothing_beside_it() {
        for (setting, title, pattern, _) in TABLE {
            let path = pattern.replace("{deviceId}", "amzn1.ask.device.X");
            let device = pattern.contains("{deviceId}").then_some("amzn1.ask.device.X");
            assert_eq!(Setting::at(&path), Some((setting, device)), "{path}");
            assert_eq!(setting.title(), title);
        }
        for path in [
            "",
            "/v2/accounts/~current/settings/Profile.age",
            "/v2/accounts/~current/settings/Profile.name/",
            "/v1/devices//settings/address",
            "/v1/devices/a/b/settings/address",
            "/v2/devices/x/settings/System",
            "/v2/persons/~current/profile/email",
        ] {
            assert_eq!(Setting::at(path), None, "{path}");
        }
    }

    #[test]
    fn what_is_missing_first_is_said() {
        let all = Asking {
            is_present_user: true,
            is_own_device: true,
            is_recognised: true,
            is_asked_for: true,
            is_granted: true,
        };
        let none = Asking { is_asked_for: false, is_granted: false, ..all };
        for (setting, asking, judged) in [
            (Setting::Email, all, Ok(())),
            (Setting::Email, Asking { is_recognised: false, ..all }, Ok(())),
            (Setting::Email, Asking { is_granted: false, ..all }, Err(SettingRefused::NotGranted)),
            (Setting::Email, none, Err(SettingRefused::NotAskedFor)),
            (Setting::Email, Asking { is_present_user: false, ..all }, Err(SettingRefused::Token)),
            (Setting::PersonName, all, Ok(())),
            (Setting::PersonName, Asking { is_recognised: false, ..all }, Err(SettingRefused::Nobody)),
            (Setting::Address, Asking { is_own_device: false, ..all }, Err(SettingRefused::Device)),
            (Setting::Address, Asking { is_granted: false, ..all }, Err(SettingRefused::NotGranted)),
            (Setting::TimeZone, none, Ok(())),
            (Setting::TimeZone, Asking { is_own_device: false, ..all }, Err(SettingRefused::Device)),
        ] {
            assert_eq!(setting.judge(&asking), judged, "{setting:?} {asking:?}");
        }
    }

    #[test]
    fn each_interface_refuses_in_its_own_shape() {
        use SettingRefused::{Device, Nobody, NotAskedFor, NotGranted, Token};
        for (setting, refused, status, member, message) in [
            (Setting::Email, Token, 401, "code", "malformed"),
            (Setting::Email, NotGranted, 403, "code", "ACCESS_NOT_REQUESTED"),
            (Setting::Email, NotAskedFor, 403, "code", "reason: FORBIDDEN"),
            (Setting::PersonName, Nobody, 403, "code", "does not have access"),
            (Setting::TimeZone, Device, 403, "code", "does not have access"),
            (Setting::Address, Token, 403, "type", "not valid"),
            (Setting::Address, NotGranted, 403, "type", "not yet been requested"),
            (Setting::CountryAndPostalCode, NotAskedFor, 403, "type", "cannot be requested"),
        ] {
            let told = setting.refusal(refused);
            assert_eq!((told.status, told.member), (status, member), "{setting:?} {refused:?}");
            assert!(told.message.contains(message), "{told:?}");
            assert!(!setting.remedy(refused).is_empty());
        }
    }
}
