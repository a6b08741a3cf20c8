//! What the household has told Amazon of itself, of its persons and of its device: what a skill may ask for.

use std::collections::BTreeMap;

use sayso_alexa::customer_settings::Setting;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::time_zone::TimeZone;

/// Signs of a text.
const LONGEST: usize = 200;
/// Persons with a profile of their own.
const MOST_PERSONS: usize = 20;

/// The household's account and its device. An empty text is not told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub(crate) struct Home {
    pub(crate) name: String,
    pub(crate) given_name: String,
    pub(crate) email: String,
    pub(crate) mobile_number: PhoneNumber,
    pub(crate) address: Address,
    /// As IANA names it; UTC where it is empty.
    pub(crate) time_zone: String,
    pub(crate) distance_units: Option<DistanceUnits>,
    pub(crate) temperature_unit: Option<TemperatureUnit>,
    /// The profiles of persons, by the name they are called in this household.
    pub(crate) persons: BTreeMap<String, PersonProfile>,
}

/// A telephone number.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub(crate) struct PhoneNumber {
    /// Such as `+1`.
    pub(crate) country_code: String,
    pub(crate) phone_number: String,
}

/// The device's address, as the device address API tells it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub(crate) struct Address {
    pub(crate) address_line1: String,
    pub(crate) address_line2: String,
    pub(crate) address_line3: String,
    pub(crate) city: String,
    pub(crate) district_or_county: String,
    pub(crate) state_or_region: String,
    pub(crate) postal_code: String,
    /// Two letters (ISO 3166-1).
    pub(crate) country_code: String,
}

/// A recognised person's own profile.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub(crate) struct PersonProfile {
    pub(crate) name: String,
    pub(crate) given_name: String,
    pub(crate) mobile_number: PhoneNumber,
}

/// `System.distanceUnits`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum DistanceUnits {
    Metric,
    Imperial,
}

/// `System.temperatureUnit`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum TemperatureUnit {
    Celsius,
    Fahrenheit,
}

impl Default for Home {
    /// An invented household; its telephone number and its domain are kept free for such.
    fn default() -> Self {
        Self {
            name: "Ada Example".into(),
            given_name: "Ada".into(),
            email: "ada@example.com".into(),
            mobile_number: PhoneNumber { country_code: "+1".into(), phone_number: "206-555-0100".into() },
            address: Address {
                address_line1: "1 Example Street".into(),
                city: "Seattle".into(),
                state_or_region: "WA".into(),
                postal_code: "98101".into(),
                country_code: "US".into(),
                ..Address::default()
            },
            time_zone: "UTC".into(),
            distance_units: Some(DistanceUnits::Metric),
            temperature_unit: Some(TemperatureUnit::Celsius),
            persons: BTreeMap::new(),
        }
    }
}

impl PhoneNumber {
    fn told(&self) -> Option<Value> {
        (!self.phone_number.is_empty()).then(|| json!(self))
    }
}

impl Home {
    /// The profile of a person; one who has told nothing has the name they are called by.
    pub(crate) fn person(&self, name: &str) -> PersonProfile {
        self.persons.get(name).cloned().unwrap_or_else(|| {
            let mut letters = name.chars();
            let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
            let given_name = format!("{first}{}", letters.as_str());
            PersonProfile { name: format!("{given_name} Example"), given_name, ..PersonProfile::default() }
        })
    }

    /// The zone of the device.
    pub(crate) fn zone(&self) -> TimeZone {
        TimeZone::named(&self.time_zone).unwrap_or_default()
    }

    /// What is told of a setting, about this person where it is a person's; nothing where nothing is stored.
    pub(crate) fn told(&self, setting: Setting, person: Option<&str>) -> Option<Value> {
        let text = |text: &str| (!text.is_empty()).then(|| json!(text));
        let person = || person.map(|name| self.person(name));
        let address = &self.address;
        match setting {
            Setting::Name => text(&self.name),
            Setting::GivenName => text(&self.given_name),
            Setting::Email => text(&self.email),
            Setting::MobileNumber => self.mobile_number.told(),
            Setting::PersonName => text(&person()?.name),
            Setting::PersonGivenName => text(&person()?.given_name),
            Setting::PersonMobileNumber => person()?.mobile_number.told(),
            Setting::Address => (*address != Address::default()).then(|| json!(address)),
            Setting::CountryAndPostalCode => {
                let is_known = !(address.country_code.is_empty() && address.postal_code.is_empty());
                is_known.then(|| json!({"countryCode": address.country_code, "postalCode": address.postal_code}))
            }
            Setting::TimeZone => text(&self.time_zone),
            Setting::DistanceUnits => self.distance_units.map(|units| json!(units)),
            Setting::TemperatureUnit => self.temperature_unit.map(|unit| json!(unit)),
        }
    }

    /// What is out of bounds, if anything.
    pub(crate) fn wrong(&self) -> Option<String> {
        if self.persons.len() > MOST_PERSONS {
            return Some(format!("At most {MOST_PERSONS} persons can have a profile."));
        }
        let is_odd = |text: &&String| text.chars().count() > LONGEST || text.chars().any(char::is_control);
        if self.texts().iter().any(is_odd) {
            return Some(format!("A text has at most {LONGEST} signs, and no line breaks."));
        }
        if !self.time_zone.is_empty() && TimeZone::named(&self.time_zone).is_none() {
            return Some(format!("There is no time zone {:?}; write it as IANA does: Europe/Berlin.", self.time_zone));
        }
        if !self.email.is_empty() && !self.email.contains('@') {
            return Some("The e-mail address has no @.".into());
        }
        let code = &self.address.country_code;
        let is_country = code.is_empty() || (code.len() == 2 && code.chars().all(|c| c.is_ascii_uppercase()));
        (!is_country).then(|| "The country is two capital letters, such as US.".into())
    }

    fn texts(&self) -> Vec<&String> {
        let Address {
            address_line1,
            address_line2,
            address_line3,
            city,
            district_or_county,
            state_or_region,
            postal_code,
            country_code,
        } = &self.address;
        let own = [&self.name, &self.given_name, &self.email, &self.time_zone];
        let place = [
            address_line1,
            address_line2,
            address_line3,
            city,
            district_or_county,
            state_or_region,
            postal_code,
            country_code,
        ];
        let numbers = std::iter::once(&self.mobile_number).chain(self.persons.values().map(|one| &one.mobile_number));
        let numbers = numbers.flat_map(|number| [&number.country_code, &number.phone_number]);
        let persons = self.persons.iter().flat_map(|(called, one)| [called, &one.name, &one.given_name]);
        own.into_iter().chain(place).chain(numbers).chain(persons).collect()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_said_is_invented_and_what_is_empty_is_not_told() {
        let home: Home = serde_json::from_str("{}").unwrap();
        assert_eq!(home, Home::default());
        assert_eq!(home.wrong(), None);
        assert_eq!(home.told(Setting::Email, None), Some(json!("ada@example.com")));
        assert_eq!(home.told(Setting::TimeZone, None), Some(json!("UTC")));
        assert_eq!(home.told(Setting::DistanceUnits, None), Some(json!("METRIC")));
        assert_eq!(home.told(Setting::Address, None).unwrap()["stateOrRegion"], "WA");
        let short = json!({"countryCode": "US", "postalCode": "98101"});
        assert_eq!(home.told(Setting::CountryAndPostalCode, None), Some(short));
        assert_eq!(home.told(Setting::PersonGivenName, Some("bob")), Some(json!("Bob")));
        assert_eq!(home.told(Setting::PersonMobileNumber, Some("bob")), None);
        assert_eq!(home.told(Setting::PersonName, None), None);
        let silent = json!({"name": "", "givenName": "", "email": "", "mobileNumber": {}, "address": {}, "timeZone": "",
            "distanceUnits": null, "temperatureUnit": null, "persons": {"bob": {}}});
        let home: Home = serde_json::from_value(silent).unwrap();
        for setting in [
            Setting::Name,
            Setting::GivenName,
            Setting::Email,
            Setting::MobileNumber,
            Setting::Address,
            Setting::CountryAndPostalCode,
            Setting::TimeZone,
            Setting::DistanceUnits,
            Setting::TemperatureUnit,
            Setting::PersonName,
        ] {
            assert_eq!(home.told(setting, Some("bob")), None, "{setting:?}");
        }
    }

    #[test]
    fn what_is_out_of_bounds_is_named() {
        for (home, said) in [
            (json!({"timeZone": "Mars/Olympus"}), "no time zone \"Mars/Olympus\""),
            (json!({"email": "ada"}), "no @"),
            (json!({"address": {"countryCode": "usa"}}), "two capital letters"),
            (json!({"name": "a\nb"}), "no line breaks"),
            (json!({"persons": {"ada": {"name": "x".repeat(201)}}}), "200 signs"),
        ] {
            let read: Home = serde_json::from_value(home.clone()).unwrap();
            assert!(read.wrong().unwrap().contains(said), "{home}");
        }
    }
}
