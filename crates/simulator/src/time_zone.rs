//! Time zones, as IANA names them. The rules are compiled in: the same on every machine.

use jiff::tz::TimeZoneDatabase;
use sayso_token::time::Timestamp;

/// A time zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeZone(jiff::tz::TimeZone);

impl Default for TimeZone {
    /// UTC.
    fn default() -> Self {
        Self(jiff::tz::TimeZone::UTC)
    }
}

impl TimeZone {
    /// The zone of this name, such as `Europe/Berlin`; case does not count.
    pub fn named(name: &str) -> Option<Self> {
        TimeZoneDatabase::bundled().get(name).ok().map(Self)
    }

    /// What a clock on the wall shows at `now`, as if it stood in UTC: what "tomorrow" counts from.
    pub fn wall_clock(&self, now: Timestamp) -> Timestamp {
        // What lies outside of the calendar has no offset that anybody knows.
        let offset = jiff::Timestamp::from_second(now.seconds()).map_or(0, |moment| self.0.to_offset(moment).seconds());
        Timestamp::from_millis(now.millis().saturating_add(i64::from(offset) * 1_000))
    }

    /// Names of zones to choose from: those of places.
    pub(crate) fn names() -> Vec<String> {
        let all = TimeZoneDatabase::bundled();
        let of_place = |name: &String| name.contains('/') && !name.starts_with("Etc/");
        all.available().map(|name| name.to_string()).filter(of_place).collect()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_on_the_wall_goes_by_its_zone_and_season() {
        // 2024-05-15T22:30:00Z and 2024-01-15T22:30:00Z.
        let (summer, winter) = (Timestamp::from_seconds(1_715_812_200), Timestamp::from_seconds(1_705_357_800));
        for (name, in_summer, in_winter) in [
            ("UTC", 0, 0),
            ("Europe/Berlin", 7_200, 3_600),
            ("europe/berlin", 7_200, 3_600),
            ("America/Los_Angeles", -25_200, -28_800),
            ("Asia/Kolkata", 19_800, 19_800),
            ("Pacific/Kiritimati", 50_400, 50_400),
        ] {
            let zone = TimeZone::named(name).unwrap();
            let off = |now: Timestamp| zone.wall_clock(now).seconds() - now.seconds();
            assert_eq!((off(summer), off(winter)), (in_summer, in_winter), "{name}");
        }
        for unknown in ["", "Mars/Olympus", "Berlin", "../etc/passwd", "+02:00"] {
            assert_eq!(TimeZone::named(unknown), None, "{unknown}");
        }
        let end = Timestamp::from_millis(i64::MAX);
        assert_eq!(TimeZone::named("Asia/Tokyo").unwrap().wall_clock(end), end);
        assert_eq!(TimeZone::default(), TimeZone::named("UTC").unwrap());
        assert!(TimeZone::names().iter().any(|name| name == "Europe/Berlin"));
    }
}
