//! Illustrative families: plausible, repeatable, and taken by the very checks that real records go through.

use std::collections::BTreeSet;

use jiff::civil::date;
use phteah_city::families::{FamiliesOptions, FamilyRecord, Home, NewSite, family};
use phteah_registry::check::faults;
use phteah_registry::event::{Event, Kind};
use phteah_registry::vocabulary::{fact_at, reasons};

fn options() -> FamiliesOptions {
    FamiliesOptions {
        seed: 7,
        today: date(2026, 11, 30),
        decision: "illustrative".into(),
    }
}

fn homes() -> Vec<Home> {
    vec![
        Home {
            lon: 104.9,
            lat: 11.55,
            sangkat: "120101".into(),
            households: 120,
        },
        Home {
            lon: 104.88,
            lat: 11.58,
            sangkat: "120702".into(),
            households: 40,
        },
    ]
}

fn sites() -> Vec<NewSite> {
    let site = |id: &str, work: f64, floods: f64| NewSite {
        id: id.into(),
        lon: 104.8,
        lat: 11.5,
        minutes_to_work: Some(work),
        minutes_to_school: Some(12.0),
        floods_a_year: Some(floods),
    };
    vec![site("near", 10.0, 0.0), site("far", 90.0, 0.3)]
}

fn records(count: u64) -> Vec<FamilyRecord> {
    (0..count)
        .flat_map(|n| family(&options(), &homes(), &sites(), n))
        .collect()
}

#[test]
fn the_same_seed_gives_the_same_families() {
    assert_eq!(records(60), records(60));
    let other = FamiliesOptions { seed: 8, ..options() };
    assert_ne!(
        family(&other, &homes(), &sites(), 3),
        family(&options(), &homes(), &sites(), 3)
    );
}

#[test]
fn every_event_passes_the_checks_and_lies_before_today() {
    let now = "2026-11-30T12:00:00Z".parse().unwrap();
    let mut ids = BTreeSet::new();
    for record in records(1_000) {
        let mut seen = BTreeSet::new();
        for event in &record.events {
            assert_eq!(faults(event, now), [], "{}", event.canonical());
            assert!(event.happened_on <= options().today);
            assert_eq!(event.household, record.household);
            assert!(
                event.after.iter().all(|id| seen.contains(id)),
                "what it comes after stands before it"
            );
            assert!(event.canonical().contains(r#""record.illustrative":true"#));
            assert!(ids.insert(event.id), "no id comes twice");
            seen.insert(event.id);
        }
    }
}

#[test]
fn what_is_faulty_is_refused_for_one_reason() {
    let now = "2026-11-30T12:00:00Z".parse().unwrap();
    let faulty: Vec<String> = records(600)
        .into_iter()
        .flat_map(|record| record.faulty)
        .collect();
    assert_eq!(faulty.len(), 3);
    for json in faulty {
        let event = Event::read(json.as_bytes()).expect("it can be read");
        assert_eq!(faults(&event, now).len(), 1);
    }
}

#[test]
fn all_kinds_of_things_happen_and_far_sites_lose_more_families() {
    let records = records(3_000);
    let count = |kind: Kind| {
        records
            .iter()
            .flat_map(|record| &record.events)
            .filter(|event| event.kind == kind)
            .count()
    };
    for kind in [
        Kind::Surveyed,
        Kind::Verified,
        Kind::Corrected,
        Kind::Offered,
        Kind::Accepted,
        Kind::Declined,
        Kind::Moved,
        Kind::Visited,
        Kind::NotFound,
        Kind::Left,
        Kind::Referred,
        Kind::ReferralAnswered,
        Kind::Merged,
        Kind::Split,
    ] {
        assert!(count(kind.clone()) > 0, "{kind}");
    }
    assert!(records.len() > 3_000, "some were surveyed twice, or split");
    assert!(records.iter().any(|record| record.hidden));
    let left_of = |site: &str| {
        let moved: Vec<&FamilyRecord> = records
            .iter()
            .filter(|record| {
                record
                    .events
                    .iter()
                    .any(|event| event.kind == Kind::Moved && event.site() == Some(site))
            })
            .collect();
        let left = moved
            .iter()
            .filter(|record| record.events.iter().any(|event| event.kind == Kind::Left))
            .count();
        left as f64 / moved.len() as f64
    };
    assert!(
        left_of("far") > 1.5 * left_of("near"),
        "{} {}",
        left_of("far"),
        left_of("near")
    );
}

/// The record says of itself that it is illustrative, and everything else is an answer that a form that comes with the program can give.
#[test]
fn every_answer_is_one_that_the_forms_can_give() {
    let form_of = |kind: &Kind| match kind {
        Kind::Surveyed => "survey",
        Kind::Verified | Kind::Corrected => "verification",
        Kind::Visited => "visit",
        Kind::Referred => "referral",
        other => panic!("no form gives facts of {other}"),
    };
    let mut given = BTreeSet::new();
    for event in records(1_500).iter().flat_map(|record| &record.events) {
        for (path, value) in &event.facts {
            let fact = fact_at(path).unwrap_or_else(|| panic!("{path} is in no list of facts"));
            assert!(fact.takes(value), "{path}: {value:?}");
            if fact.path != "record.illustrative" {
                let form = form_of(&event.kind);
                assert!(
                    fact.asked.iter().any(|asked| asked == form),
                    "{form} does not ask {path}"
                );
                given.insert(fact.path.as_str());
            }
        }
        if let Some(reason) = event.text("reason")
            && matches!(event.kind, Kind::Left | Kind::NotFound)
        {
            let known = reasons(&event.kind.to_string());
            assert!(known.iter().any(|choice| choice.is == reason), "{reason}");
        }
    }
    let outcomes = phteah_registry::vocabulary::facts()
        .iter()
        .filter(|fact| fact.outcome);
    for fact in outcomes {
        assert!(
            given.contains(fact.path.as_str()),
            "nobody is asked {}",
            fact.path
        );
    }
}

#[test]
fn families_are_flooded_where_water_comes() {
    let told = |site: &str, wet: bool| {
        records(3_000)
            .iter()
            .flat_map(|record| &record.events)
            .filter(|event| event.kind == Kind::Visited && event.site() == Some(site))
            .filter(|event| event.facts["outcome.flooded"].as_bool() == Some(wet))
            .count()
    };
    assert_eq!(told("near", true), 0, "no water comes there");
    assert!(told("near", false) > 100);
    assert!(told("far", true) > 50 && told("far", false) > 50);
}
