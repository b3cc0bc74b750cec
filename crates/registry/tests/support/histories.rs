//! Random histories of several devices that see one another's events late or never.

use phteah_registry::event::Event;
use proptest::prelude::*;
use serde_json::json;

use super::{event_of, household, id, member};

/// One thing that a device does.
#[derive(Debug, Clone)]
pub struct Act {
    /// The device.
    pub device: usize,
    /// What it has seen of the others before: for each device how many of its events, in sixteenths of what there is.
    pub seen: Vec<u8>,
    /// What it records.
    pub what: u8,
    /// A number that the event is about.
    pub number: u8,
    /// The household.
    pub household: u8,
}

/// Up to `most` acts of up to eight devices.
pub fn acts(most: usize) -> impl Strategy<Value = Vec<Act>> {
    let act = (
        0_usize..8,
        prop::collection::vec(0_u8..=16, 8),
        0_u8..22,
        0_u8..3,
        1_u8..4,
    );
    prop::collection::vec(act, 1..most).prop_map(|acts| {
        acts.into_iter()
            .map(|(device, seen, what, number, household)| Act {
                device,
                seen,
                what,
                number,
                household,
            })
            .collect()
    })
}

/// The events that the acts give. Each names the heads of what its device had seen of its household and of those tied to it.
pub fn events(acts: &[Act]) -> Vec<Event> {
    let mut made: Vec<Vec<usize>> = vec![Vec::new(); 8];
    let mut seen_by: Vec<std::collections::BTreeSet<usize>> = vec![std::collections::BTreeSet::new(); 8];
    let mut after_of: Vec<std::collections::BTreeSet<usize>> = Vec::new();
    let mut events: Vec<Event> = Vec::new();
    for (n, act) in acts.iter().enumerate() {
        for (device, share) in act.seen.iter().enumerate() {
            let count = made[device].len() * usize::from(*share) / 16;
            let more: Vec<usize> = made[device][..count].to_vec();
            for event in more {
                let before = after_of[event].clone();
                seen_by[act.device].insert(event);
                seen_by[act.device].extend(before);
            }
        }
        let of = household(act.household);
        let is_tied = act.what >= 16 && act.what <= 18;
        let seen: Vec<usize> = seen_by[act.device]
            .iter()
            .copied()
            .filter(|event| is_tied || events[*event].household == of)
            .collect();
        let is_head = |event: &usize| !seen.iter().any(|late| after_of[*late].contains(event));
        let heads: Vec<u32> = seen
            .iter()
            .copied()
            .filter(is_head)
            .map(|event| u32::try_from(event).expect("small"))
            .collect();
        let mut before: std::collections::BTreeSet<usize> = seen.iter().copied().collect();
        for event in &seen {
            before.extend(after_of[*event].iter().copied());
        }
        after_of.push(before);
        events.push(recorded(act, u32::try_from(n).expect("small"), &heads));
        made[act.device].push(n);
        seen_by[act.device].insert(n);
    }
    events
}

fn recorded(act: &Act, n: u32, after: &[u32]) -> Event {
    let site = ["A", "B", "C"][usize::from(act.number)];
    let other = household(act.household % 3 + 1);
    let status = ["moved", "left", "declined"][usize::from(act.number)];
    let facts = json!({"facts": {"dwelling.rooms": act.number, "dwelling.tenure": "rented"}});
    let born = json!({"facts": {(format!("members/{}/birth_year", member(act.number + 1))): 1990 + i32::from(act.number)}});
    let (kind, mut fields) = match act.what {
        0 => ("surveyed", facts),
        1 => ("surveyed", born),
        2 => ("verified", facts),
        3 => ("corrected", facts),
        4 => ("corrected", json!({"facts": {"status": status}})),
        5 => ("corrected", json!({"facts": {"placement.site": site}})),
        6 => ("consent_given", json!({})),
        7 => ("consent_withdrawn", json!({"purposes": ["follow_up"]})),
        8 => ("offered", json!({"site": site})),
        9 => ("accepted", json!({"site": site})),
        10 => ("declined", json!({"site": site, "reason": "far"})),
        11 => ("moved", json!({"site": site, "plot": site})),
        12 => ("visited", facts),
        13 => ("not_found", json!({"reason": "nobody_there"})),
        14 => ("referred", json!({"service": "school"})),
        15 => (
            "referral_answered",
            json!({"referral": id(u32::from(act.number)), "answer": "accepted"}),
        ),
        16 => ("merged", json!({"to": other})),
        17 | 18 => ("split", json!({"to": other, "members": [member(act.number + 1)]})),
        19 => ("left", json!({"to": "village"})),
        20 => ("noted", json!({"note": "sealed"})),
        _ => ("of_a_later_version", facts),
    };
    if matches!(act.what, 0 | 2 | 3 | 11 | 12 | 13) {
        fields["location"] = place(act);
    }
    event_of(household(act.household), n, kind, after, fields)
}

/// At home, across town, or a measurement that cannot be meant.
fn place(act: &Act) -> serde_json::Value {
    match (act.number, act.device % 3) {
        (0, _) => json!({"lon": 104.9282, "lat": 11.5564, "accuracy_m": 6}),
        (1, 0) => json!({"lon": 104.95, "lat": 11.6, "accuracy_m": 8, "confirmed": true}),
        (1, _) => json!({"lon": 104.95, "lat": 11.6, "accuracy_m": 8}),
        (_, 0) => json!({"lon": 104.9, "lat": 11.5}),
        _ => json!({"lon": 2.3522, "lat": 48.8566, "accuracy_m": 5}),
    }
}
