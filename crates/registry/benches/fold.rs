//! Folding a whole registry: 1,000,000 events of 100,000 made-up households, in the order in which they came; and reading events.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use jiff::Timestamp;
use phteah_registry::event::{Event, EventId, HouseholdId, MemberId};
use phteah_registry::fold::fold_all;
use serde_json::json;

const HOUSEHOLDS: u32 = 100_000;
const EACH: u32 = 10;

fn random(n: u32, salt: u8) -> [u8; 16] {
    let mut bytes = [salt; 16];
    let mixed = u64::from(n).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bytes[..8].copy_from_slice(&mixed.to_be_bytes());
    bytes
}

/// The `n`th event of a household: a survey with twenty facts, a way to a new home, visits with six facts each, one of them by somebody who
/// had not seen the one before.
fn event(household: u32, n: u32) -> Event {
    let id = |n: u32| {
        let at = Timestamp::from_second(1_700_000_000 + i64::from(n * HOUSEHOLDS + household));
        let mut bytes = [0; 10];
        bytes.copy_from_slice(&random(household * EACH + n, 7)[..10]);
        EventId::new(at.expect("a time"), bytes)
    };
    let seen = match n {
        0 => vec![],
        9 => vec![id(7)],
        n => vec![id(n - 1)],
    };
    let (kind, more) = match n {
        0 => ("surveyed", json!({})),
        1 => ("verified", json!({})),
        2 => ("consent_given", json!({})),
        3 => ("offered", json!({"site": "site-7"})),
        4 => ("accepted", json!({"site": "site-7"})),
        5 => ("moved", json!({"site": "site-7", "plot": "A-12"})),
        6 => ("referred", json!({"service": "health centre"})),
        _ => ("visited", json!({})),
    };
    let mut facts = serde_json::Map::new();
    if n == 0 {
        for m in 0..4_u8 {
            let member = MemberId::new(random(household, m));
            for (field, value) in [
                ("name", json!("សុខ សំណាង")),
                ("birth_year", json!(1990)),
                ("sex", json!("f")),
            ] {
                facts.insert(format!("members/{member}/{field}"), value);
            }
        }
        for field in [
            "tenure",
            "rooms",
            "water",
            "toilet",
            "electricity",
            "rent",
            "flooded",
            "since",
        ] {
            facts.insert(format!("dwelling.{field}"), json!("rented"));
        }
    }
    if n >= 7 {
        for field in ["nights", "income", "minutes_to_work", "debt", "school", "water"] {
            facts.insert(format!("visit.{field}"), json!(n));
        }
    }
    let mut event = json!({
        "id": id(n),
        "household": HouseholdId::new(random(household, 9)),
        "kind": kind,
        "after": seen,
        "happened_on": "2026-11-20",
        "recorded_at": "2026-11-20T03:10:00Z",
        "facts": facts,
        "location": {"lon": 104.9, "lat": 11.55, "accuracy_m": 6, "method": "gps"},
    });
    for (name, value) in more.as_object().expect("fields") {
        event[name] = value.clone();
    }
    Event::read(event.to_string().as_bytes()).expect("a good event")
}

fn fold(c: &mut Criterion) {
    let events: Vec<Event> = (0..EACH)
        .flat_map(|n| (0..HOUSEHOLDS).map(move |household| event(household, n)))
        .collect();
    let mut group = c.benchmark_group("registry");
    group.sample_size(10);
    group.warm_up_time(std::time::Duration::from_secs(1));
    group.throughput(Throughput::Elements(u64::from(HOUSEHOLDS * EACH)));
    group.bench_function("fold 1,000,000 events of 100,000 households", |b| {
        b.iter_with_large_drop(|| fold_all(black_box(&events)));
    });
    let json: Vec<String> = events.iter().take(100_000).map(Event::canonical).collect();
    group.throughput(Throughput::Elements(100_000));
    group.bench_function("read 100,000 surveys", |b| {
        b.iter(|| {
            json.iter()
                .filter(|json| Event::read(json.as_bytes()).is_ok())
                .count()
        });
    });
    group.finish();
}

criterion_group!(benches, fold);
criterion_main!(benches);
