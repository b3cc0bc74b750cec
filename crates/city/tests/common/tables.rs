//! The tables that come with the program, counted over illustrative families.

use std::collections::BTreeSet;

use geo::{BoundingRect, Centroid, Contains};
use phteah_city::families::{FamiliesOptions, Home, NewSite, family};
use phteah_city::{City, CityOptions, Level, SettlementShape};
use phteah_registry::event::Event;
use phteah_registry::fold::fold;
use phteah_registry::indicators::{Count, Counted, IndicatorSet, Places, Population};

/// Sites that are offered; families have moved to every eighth of them.
const SITES: usize = 60;

/// The day of all counts.
pub fn day() -> jiff::civil::Date {
    jiff::civil::date(2026, 11, 29)
}

/// The tables of each population, which are protected together.
pub fn by_population(set: &IndicatorSet) -> Vec<(Population, IndicatorSet)> {
    let found = set.by_population().into_iter();
    found
        .map(|(population, tables)| {
            let ids: Vec<&str> = tables.iter().map(|table| table.id.as_str()).collect();
            (population, set.only(&ids))
        })
        .collect()
}

/// The tables of a set, counted over so many families, and again `releases - 1` times with one in thirty more.
pub fn count(set: IndicatorSet, families: u64, releases: u64) -> (IndicatorSet, Vec<Vec<Counted>>) {
    let city = City::generate(&CityOptions {
        parcels: 2000,
        cell_m: 200.0,
        ..CityOptions::default()
    })
    .unwrap();
    let sangkats: Vec<_> = city
        .boundaries
        .iter()
        .filter(|one| one.level == Level::Sangkat)
        .collect();
    let homes: Vec<Home> = city
        .settlements
        .iter()
        .filter_map(|settlement| {
            let place = match &settlement.geometry {
                SettlementShape::Area(area) => area.centroid()?,
                SettlementShape::Place(place) => *place,
            };
            let within = sangkats.iter().find(|sangkat| {
                let frame = sangkat.geometry.bounding_rect();
                frame.is_some_and(|frame| frame.contains(&place)) && sangkat.geometry.contains(&place)
            })?;
            Some(Home {
                lon: 104.9,
                lat: 11.55,
                sangkat: within.code.clone(),
                households: settlement.households,
            })
        })
        .collect();
    let ids: Vec<String> = (1..=SITES).map(|number| format!("site-{number}")).collect();
    let sites: Vec<NewSite> = ids
        .iter()
        .enumerate()
        .step_by(SITES / 8 + 1)
        .map(|(number, id)| NewSite {
            id: id.clone(),
            lon: 104.9,
            lat: 11.55,
            minutes_to_work: Some(15.0 + 3.0 * (number % 10) as f64),
            minutes_to_school: Some(10.0 + (number % 7) as f64),
            floods_a_year: Some(0.05 * (number % 6) as f64),
        })
        .collect();
    let set = set.in_places(Places {
        sangkats: Some(
            sangkats
                .iter()
                .map(|sangkat| sangkat.code.clone())
                .collect::<BTreeSet<_>>(),
        ),
        sites: Some(ids.into_iter().collect()),
    });
    let options = FamiliesOptions {
        seed: 1,
        today: day(),
        decision: "illustrative".to_owned(),
    };
    let mut counts: Vec<Count<'_>> = set
        .indicators()
        .iter()
        .map(|one| Count::new(one, set.places(), day()))
        .collect();
    let mut rounds = Vec::new();
    for n in 0..families + families * (releases - 1) / 30 {
        if n >= families + families * rounds.len() as u64 / 30 {
            rounds.push(counts.iter().cloned().filter_map(Count::finish).collect());
        }
        for record in family(&options, &homes, &sites, n) {
            let events: Vec<&Event> = record.events.iter().collect();
            let state = fold(record.household, events).unwrap();
            for count in &mut counts {
                count.add(&state);
            }
        }
    }
    rounds.push(counts.into_iter().filter_map(Count::finish).collect());
    (set, rounds)
}
