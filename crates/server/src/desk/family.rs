//! How good a site is *for one family*: the decision's criteria, without those that are nothing to this family, and with its own way from its
//! own home.

use std::collections::BTreeSet;

use phteah_planning::matrix::{Cell, Unknown};
use phteah_planning::measure::{Measure, Mode, Service};
use phteah_registry::event::EventId;
use phteah_registry::people::{self, people};
use phteah_registry::state::{Consent, REGISTRATION};
use phteah_registry::status::Status;
use phteah_registry::vocabulary::path;
use phteah_store::registry::desk::{Case, Need};

use crate::ranking::RankedSites;

/// Roads are so much longer than the straight line, on average in a city.
const DETOUR: f64 = 1.3;
/// Kilometres an hour, door to door, by motorbike in the city and on foot.
const BY_MOTORBIKE: f64 = 20.0;
const ON_FOOT: f64 = 4.8;

/// What placing knows of a family.
#[derive(Debug, Clone)]
pub struct Family {
    /// Its id.
    pub id: phteah_registry::event::HouseholdId,
    /// Its head's name in Khmer and in Latin letters.
    pub names: [String; 2],
    /// The code on its card.
    pub code: Option<String>,
    /// How many people.
    pub size: Option<i64>,
    /// Its needs, as far as they are known.
    pub needs: BTreeSet<Need>,
    /// Where it lives: degrees.
    pub home: Option<[f64; 2]>,
    /// Minutes to work now, as the family said.
    pub work_minutes: Option<f64>,
    /// Whether anybody recorded in which years its members were born.
    pub ages_known: bool,
    /// Whether anybody asked about difficulties in seeing, walking and so on.
    pub difficulty_asked: bool,
    /// Where it stands.
    pub statuses: Vec<Status>,
    /// The site that it holds, and how: `offered`, `accepted` or `moved`.
    pub held: Option<(String, &'static str)>,
    /// What a new event comes after.
    pub heads: Vec<EventId>,
    /// Sites that it declined.
    pub declined: BTreeSet<String>,
    /// Whether it agreed that its data are kept and used; `None` where nobody asked.
    pub consent: Option<bool>,
}

impl Family {
    /// What is known of a household that is being placed.
    pub fn of(case: &Case) -> Self {
        let state = &case.state;
        let text = |path: &str| {
            let held = state.facts.get(path).and_then(|fact| fact.values.first());
            held.and_then(|held| held.value.as_text())
                .unwrap_or_default()
                .trim()
                .to_owned()
        };
        let people = people(state);
        let declined = case
            .events
            .iter()
            .filter(|stored| stored.event.kind == phteah_registry::event::Kind::Declined)
            .filter_map(|stored| stored.event.site().map(str::to_owned));
        let consent = match state.consent(REGISTRATION) {
            Consent::Given => Some(true),
            Consent::Withdrawn | Consent::InConflict => Some(false),
            Consent::Unknown => None,
        };
        Self {
            id: case.id,
            names: [text(path::HEAD_NAME), text(path::HEAD_NAME_LATIN)],
            code: case.code.clone(),
            size: people::size(state),
            needs: case.needs.iter().copied().collect(),
            home: case.at,
            work_minutes: state
                .value(path::WORK_MINUTES)
                .and_then(phteah_registry::event::Value::as_f64),
            // A family of one has no children whose ages somebody would have to know.
            ages_known: people
                .iter()
                .any(|one| !one.is_head() && one.values(path::BIRTH_YEAR).next().is_some())
                || people.len() == 1 && people::is_everybody_known(state, &people),
            difficulty_asked: people.iter().any(|one| one.has_great_difficulty().is_some()),
            statuses: state.statuses.clone(),
            held: held(case),
            heads: state.heads.clone(),
            declined: declined.collect(),
            consent,
        }
    }

    /// What is not known of it and would change its scores, in one word each.
    pub fn unknown(&self) -> Vec<&'static str> {
        let mut unknown = Vec::new();
        let mut add = |missing: bool, word| {
            if missing {
                unknown.push(word);
            }
        };
        add(self.home.is_none(), "home");
        add(!self.ages_known, "ages");
        add(!self.difficulty_asked, "difficulty");
        add(self.work_minutes.is_none(), "work");
        add(self.consent.is_none(), "consent");
        unknown
    }
}

/// The site that a household holds, and how; `None` where it holds none, or has left it.
fn held(case: &Case) -> Option<(String, &'static str)> {
    let state = &case.state;
    let how = match state.statuses.iter().max()? {
        Status::Accepted => "accepted",
        Status::NotFound if state.moves.is_empty() => "accepted",
        Status::Moved | Status::Settled | Status::NotFound => "moved",
        _ => return Some((case.offered.clone()?, "offered")),
    };
    Some((case.site.clone()?, how))
}

/// What a criterion says of a site for a family.
#[derive(Debug, Clone)]
pub struct Part {
    /// The criterion, by its place in the ranking.
    pub criterion: usize,
    /// Its share in this family's score, 0 to 1.
    pub share: f64,
    /// The site's value, 0 worst to 1 best; what counts of it where it is not known.
    pub value: f64,
    /// Whether the value is known.
    pub known: bool,
    /// The number behind it, where there is one.
    pub raw: Option<f64>,
    /// The category behind it.
    pub category: Option<String>,
    /// Estimated from this family's own home, by the straight line.
    pub own: bool,
}

/// Why a criterion counts nothing for a family, or `true` where it counts.
fn counts(measure: &Measure, family: &Family) -> bool {
    match measure {
        Measure::TravelTime { service, .. } | Measure::ServicesWithin { service, .. } => match service {
            Service::PrimarySchool => {
                !family.ages_known
                    || family.needs.contains(&Need::SchoolAge)
                    || family.needs.contains(&Need::UnderSix)
            }
            Service::Nursery | Service::Preschool => {
                !family.ages_known || family.needs.contains(&Need::UnderSix)
            }
            _ => true,
        },
        // What land costs and how many fit is for whoever pays, not for the family.
        Measure::LandPrice
        | Measure::CostPerHousehold
        | Measure::Area
        | Measure::Capacity
        | Measure::Compactness => false,
        _ => true,
    }
}

/// Every criterion of a site for a family, those that count nothing left out. `row` is the site's in the ranking.
pub fn parts(family: &Family, ranked: &RankedSites, row: usize) -> Vec<Part> {
    let criteria = &ranked.ranking.criteria;
    let counted: Vec<usize> = (0..criteria.len())
        .filter(|i| {
            criteria[*i].weight > 0.0 && !criteria[*i].without_layer && counts(&criteria[*i].measure, family)
        })
        .collect();
    let all: f64 = counted.iter().map(|i| criteria[*i].weight).sum();
    counted
        .into_iter()
        .map(|i| {
            let criterion = &criteria[i];
            let share = criterion.weight / all;
            if let (Measure::Disruption { mode }, Some(home)) = (&criterion.measure, family.home) {
                let minutes = own_minutes(home, ranked.position(row), *mode);
                return Part {
                    criterion: i,
                    share,
                    value: criterion.function.of(minutes),
                    known: true,
                    raw: Some(minutes),
                    category: None,
                    own: true,
                };
            }
            let (raw, category) = match criterion.raw(row) {
                Cell::Known(number) => (Some(number), None),
                Cell::Category(name) => (None, Some(name.to_owned())),
                Cell::Interval(..) | Cell::Unknown(_) => (None, None),
            };
            let unreachable = matches!(criterion.raw(row), Cell::Unknown(Unknown::Unreachable));
            Part {
                criterion: i,
                share,
                value: criterion.counted(row),
                known: unreachable || criterion.value(row).is_some(),
                raw,
                category,
                own: false,
            }
        })
        .collect()
}

/// The score of a site for a family, 0 to 1.
pub fn score(parts: &[Part]) -> f64 {
    parts.iter().map(|part| part.share * part.value).sum()
}

/// Minutes from a family's home to a site, estimated from the straight line.
pub fn own_minutes(home: [f64; 2], (lon, lat): (f64, f64), mode: Option<Mode>) -> f64 {
    let speed = if mode == Some(Mode::Walk) {
        ON_FOOT
    } else {
        BY_MOTORBIKE
    };
    kilometres(home, [lon, lat]) * DETOUR / speed * 60.0
}

/// Kilometres between two places in degrees, on the sphere.
pub fn kilometres(a: [f64; 2], b: [f64; 2]) -> f64 {
    const RADIUS_KM: f64 = 6_371.0;
    let [lon1, lat1, lon2, lat2] = [a[0], a[1], b[0], b[1]].map(f64::to_radians);
    let half =
        ((lat2 - lat1) / 2.0).sin().powi(2) + lat1.cos() * lat2.cos() * ((lon2 - lon1) / 2.0).sin().powi(2);
    2.0 * RADIUS_KM * half.sqrt().asin()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_degree_of_latitude_is_111_kilometres() {
        let distance = kilometres([104.9, 11.0], [104.9, 12.0]);
        assert!((distance - 111.19).abs() < 0.01, "{distance}");
        assert!(kilometres([104.9, 11.5], [104.9, 11.5]).abs() < 1e-9);
        // 10 km in a straight line: 13 km of road, 39 minutes at 20 km/h.
        let minutes = own_minutes([104.9, 11.0], (104.9, 11.0 + 10.0 / 111.195), None);
        assert!((minutes - 39.0).abs() < 0.05, "{minutes}");
    }
}
