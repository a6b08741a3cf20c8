//! What the household has told Amazon, as a form and for scripts.

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Shared;
use super::api::is_person;
use super::manners::refusal;
use crate::home::{Address, DistanceUnits, Home, PersonProfile, PhoneNumber, TemperatureUnit};
use crate::time_zone::TimeZone;

/// `GET /household`
pub(crate) async fn page(State(inner): State<Shared>) -> Response {
    show(&inner, &inner.household.home(), StatusCode::OK, None)
}

fn show(inner: &Shared, home: &Home, status: StatusCode, alert: Option<&str>) -> Response {
    let called = inner.household.persons();
    let persons: Vec<(&String, PersonProfile)> = called.iter().map(|name| (name, home.person(name))).collect();
    let context =
        json!({"page": "companion", "home": home, "persons": persons, "zones": TimeZone::names(), "alert": alert});
    inner.pages.render(status, "household.html", &context)
}

/// The form of the household and its device.
#[derive(Deserialize)]
pub(crate) struct Told {
    name: String,
    given_name: String,
    email: String,
    mobile_country: String,
    mobile_number: String,
    address_line1: String,
    address_line2: String,
    address_line3: String,
    city: String,
    district_or_county: String,
    state_or_region: String,
    postal_code: String,
    country_code: String,
    time_zone: String,
    distance_units: String,
    temperature_unit: String,
}

impl Told {
    /// What it says; persons stay as they are.
    fn home(self, before: Home) -> Home {
        let tidy = |text: String| text.trim().to_owned();
        Home {
            name: tidy(self.name),
            given_name: tidy(self.given_name),
            email: tidy(self.email),
            mobile_number: PhoneNumber {
                country_code: tidy(self.mobile_country),
                phone_number: tidy(self.mobile_number),
            },
            address: Address {
                address_line1: tidy(self.address_line1),
                address_line2: tidy(self.address_line2),
                address_line3: tidy(self.address_line3),
                city: tidy(self.city),
                district_or_county: tidy(self.district_or_county),
                state_or_region: tidy(self.state_or_region),
                postal_code: tidy(self.postal_code),
                country_code: tidy(self.country_code).to_uppercase(),
            },
            time_zone: tidy(self.time_zone),
            distance_units: match self.distance_units.as_str() {
                "METRIC" => Some(DistanceUnits::Metric),
                "IMPERIAL" => Some(DistanceUnits::Imperial),
                _ => None,
            },
            temperature_unit: match self.temperature_unit.as_str() {
                "CELSIUS" => Some(TemperatureUnit::Celsius),
                "FAHRENHEIT" => Some(TemperatureUnit::Fahrenheit),
                _ => None,
            },
            ..before
        }
    }
}

/// `POST /household`
pub(crate) async fn tell(State(inner): State<Shared>, form: Result<Form<Told>, FormRejection>) -> Response {
    let before = inner.household.home();
    let Ok(Form(told)) = form else {
        return show(&inner, &before, StatusCode::BAD_REQUEST, Some("That form could not be read."));
    };
    keep(&inner, told.home(before))
}

/// The form of a person.
#[derive(Deserialize)]
pub(crate) struct ToldOfPerson {
    person: String,
    name: String,
    given_name: String,
    mobile_country: String,
    mobile_number: String,
}

/// `POST /household/persons`
pub(crate) async fn tell_of_person(
    State(inner): State<Shared>,
    form: Result<Form<ToldOfPerson>, FormRejection>,
) -> Response {
    let mut home = inner.household.home();
    let told = form.ok().map(|Form(told)| told).filter(|told| is_person(&told.person));
    let Some(told) = told else {
        let text = "A person's name has letters, digits and hyphens, at most 40.";
        return show(&inner, &home, StatusCode::UNPROCESSABLE_ENTITY, Some(text));
    };
    let mobile_number = PhoneNumber {
        country_code: told.mobile_country.trim().to_owned(),
        phone_number: told.mobile_number.trim().to_owned(),
    };
    let (name, given_name) = (told.name.trim().to_owned(), told.given_name.trim().to_owned());
    home.persons.insert(told.person, PersonProfile { name, given_name, mobile_number });
    keep(&inner, home)
}

/// Keeps what is in bounds; what is not stands in the page again.
fn keep(inner: &Shared, home: Home) -> Response {
    if let Some(wrong) = home.wrong() {
        return show(inner, &home, StatusCode::UNPROCESSABLE_ENTITY, Some(&wrong));
    }
    inner.household.set_home(home);
    Redirect::to("/household").into_response()
}

/// `GET /api/household`
pub(crate) async fn told(State(inner): State<Shared>) -> Response {
    Json(inner.household.home()).into_response()
}

/// `PUT /api/household`: what is left out is invented anew.
pub(crate) async fn set(State(inner): State<Shared>, body: Bytes) -> Response {
    // An object only: the derived reader would take a list as well.
    let read = serde_json::from_slice::<serde_json::Map<String, Value>>(&body)
        .and_then(|members| serde_json::from_value::<Home>(members.into()));
    let home = match read {
        Ok(home) => home,
        Err(error) => {
            let text = format!("That is no household: {error}.");
            return refusal(StatusCode::BAD_REQUEST, "invalid_json", &text);
        }
    };
    let wrong =
        home.persons.keys().find(|name| !is_person(name)).map(|name| format!("{name:?} can be no person's name."));
    if let Some(wrong) = wrong.or_else(|| home.wrong()) {
        return refusal(StatusCode::UNPROCESSABLE_ENTITY, "invalid_household", &wrong);
    }
    inner.household.set_home(home.clone());
    Json(home).into_response()
}
