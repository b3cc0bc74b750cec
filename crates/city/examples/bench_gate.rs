//! How long the gate takes for the tables that come with the program, over illustrative families.
//!
//! ```text
//! cargo run --release -p phteah-city --example bench_gate -- 3000 [TABLE…]
//! ```
//!
//! The tables are prepared three times, each time with one family in thirty more and with all releases before at hand. Prints, for the tables of each
//! population, how many cells they have, which share is hidden, and the seconds that protecting and attacking took.
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a benchmark")]

use std::collections::BTreeSet;
use std::time::Instant;

use geo::{BoundingRect, Centroid, Contains};
use phteah_city::families::{FamiliesOptions, Home, NewSite, family};
use phteah_city::{City, CityOptions, Level, SettlementShape};
use phteah_registry::disclosure::rules::Rules;
use phteah_registry::event::Event;
use phteah_registry::fold::fold;
use phteah_registry::indicators::{Count, Counted, IndicatorSet, Places};
use phteah_registry::releases::{Before, prepare};

/// How often a release is prepared.
const RELEASES: u64 = 3;
/// Sites that are offered; families have moved to every tenth of them.
const SITES: usize = 60;

fn main() {
    let mut args = std::env::args().skip(1);
    let families: u64 = args.next().map_or(3000, |number| number.parse().unwrap());
    let asked: Vec<String> = args.collect();
    let set = IndicatorSet::built_in().unwrap();
    let ids: Vec<&str> = asked.iter().map(String::as_str).collect();
    let set = if ids.is_empty() { set } else { set.only(&ids) };
    let began = Instant::now();
    let (set, rounds) = count(set, families);
    let seconds = |began: Instant| began.elapsed().as_secs_f64();
    println!("{families} families made and counted in {:.1} s", seconds(began));
    for (population, tables) in set.by_population() {
        let ids: Vec<&str> = tables.iter().map(|table| table.id.as_str()).collect();
        let some = set.only(&ids);
        let mut before: Vec<Before> = Vec::new();
        for (number, counted) in rounds.iter().enumerate() {
            let name = format!("release {} of {}", number + 1, population.word());
            let began = Instant::now();
            match prepare(&some, counted, day(), Rules::default(), &before) {
                Ok(made) => {
                    let (cells, hidden) = made.cost();
                    let share = 100.0 * hidden as f64 / cells as f64;
                    println!(
                        "{name}: {cells} cells, {share:.1} % hidden, {:.1} s",
                        seconds(began)
                    );
                    before.push(Before {
                        name,
                        set: made,
                        erased_since: 0,
                        is_published: true,
                    });
                }
                Err(error) => println!("{name}: {error}, {:.1} s", seconds(began)),
            }
        }
    }
}

fn day() -> jiff::civil::Date {
    jiff::civil::date(2026, 11, 29)
}

fn count(set: IndicatorSet, families: u64) -> (IndicatorSet, Vec<Vec<Counted>>) {
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
    for n in 0..families + families * (RELEASES - 1) / 30 {
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
