//! The rules of slot types and their values.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::model::SCHEMA;
use super::{Findings, names};
use crate::interaction_model::{InteractionModel, SlotType};

/// A value of a slot type may be this long, in characters.
const LONGEST_VALUE: usize = 140;

/// Amazon's slot types, without `AMAZON.`; a locale does not have all of them.
const BUILT_IN: &str = "NUMBER FOUR_DIGIT_NUMBER Ordinal Decimal DATE TIME DURATION PhoneNumber SearchQuery AlphaNumeric \
    LITERAL Literal FirstName US_FIRST_NAME GB_FIRST_NAME DE_FIRST_NAME City US_CITY EUROPE_CITY GB_CITY DE_CITY AT_CITY \
    US_STATE Region AT_REGION DE_REGION GB_REGION Country PostalAddress StreetAddress StreetName Color DayOfWeek Month \
    Language Room Food FoodEstablishment Drink Dessert Animal Actor Artist Athlete Author Director Musician MusicGroup \
    MusicAlbum MusicRecording MusicPlaylist MusicEvent MusicVenue MusicVideo MusicCreativeWorkType Movie MovieSeries \
    MovieTheater ScreeningEvent TVSeason TVEpisode TVSeries TelevisionChannel BroadcastChannel RadioChannel VideoGame \
    SoftwareApplication SoftwareGame Game Genre Book BookSeries Comic WrittenCreativeWorkType CreativeWorkType \
    FictionalCharacter Person Professional ProfessionalType Organization Corporation LocalBusiness LocalBusinessType \
    EducationalOrganization MedicalOrganization FinancialService Service SocialMediaPlatform Sport SportsEvent SportsTeam \
    Airline Airport CivicStructure AdministrativeArea Landform LandmarksOrHistoricalBuildings Residence Festival EventType \
    DeviceType WeatherCondition Anaphor AggregateRating PartySize RelativePosition VisualModeTrigger";

/// Whether Amazon has a slot type of this name, given without `AMAZON.`.
pub(super) fn is_built_in(name: &str) -> bool {
    BUILT_IN.split_whitespace().any(|one| one == name)
}

/// Checks the declared types. `whole` is the file, which says more about them than the model keeps.
pub(super) fn check(findings: &mut Findings<'_>, model: &InteractionModel, whole: &Value) {
    let mut seen = HashSet::new();
    let used: HashSet<&str> =
        model.intents.iter().flat_map(|intent| &intent.slots).map(|slot| slot.kind.as_str()).collect();
    for kind in &model.types {
        let path = ["types", kind.name.as_str()];
        if !kind.name.starts_with("AMAZON.") {
            names::slot_type(findings, &path, &kind.name);
        }
        if !seen.insert(kind.name.as_str()) {
            let what = format!("the slot type {} is declared twice", kind.name);
            findings.error(&path, SCHEMA, what, "merge the two into one");
        }
        if !used.contains(kind.name.as_str()) {
            let fix = "give it to a slot, or drop it";
            findings.warn(&path, format!("no slot has the type {}", kind.name), fix);
        }
        if kind.values.is_empty() && !is_supplied(whole, &kind.name) {
            let what = format!("the slot type {} has no values", kind.name);
            findings.warn(&path, what, "add values, or a supplier of values");
        }
        values(findings, kind);
    }
}

fn is_supplied(whole: &Value, name: &str) -> bool {
    let types = ["/interactionModel/languageModel/types", "/languageModel/types", "/types"];
    let types = types.iter().filter_map(|place| whole.pointer(place)?.as_array()).flatten();
    types
        .filter(|kind| kind.get("name").and_then(Value::as_str) == Some(name))
        .any(|kind| kind.get("valueSupplier").is_some())
}

fn values(findings: &mut Findings<'_>, kind: &SlotType) {
    let (mut words, mut ids): (HashMap<String, &str>, HashMap<&str, &str>) = (HashMap::new(), HashMap::new());
    for value in &kind.values {
        let own = value.name.value.as_str();
        let path = ["types", kind.name.as_str(), "values", own];
        if let Some(earlier) = value.id.as_deref().filter(|id| !id.is_empty()).and_then(|id| ids.insert(id, own)) {
            let what = format!("the values {earlier:?} and {own:?} of {} have the same id", kind.name);
            findings.warn(&path, what, "give each value an id of its own");
        }
        for name in std::iter::once(&value.name.value).chain(&value.name.synonyms) {
            if name.trim().is_empty() {
                let what = format!("the type {} has an empty value or synonym", kind.name);
                findings.error(&path, SCHEMA, what, "drop it");
            } else if name.chars().count() > LONGEST_VALUE {
                let what = format!("a value of {} is longer than {LONGEST_VALUE} characters", kind.name);
                findings.error(&path, Some("INVALID_STRING_LENGTH"), what, "shorten it");
            } else if let Some(earlier) = words.insert(name.to_lowercase(), own).filter(|earlier| *earlier != own) {
                let what = format!("{name:?} means both {earlier:?} and {own:?} in {}", kind.name);
                findings.warn(&path, what, "leave it to one value, or let the skill ask which is meant");
            }
        }
    }
}
