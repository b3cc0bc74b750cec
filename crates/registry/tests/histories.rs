//! Properties of the fold over random histories of up to eight devices.

mod support;

use std::collections::{BTreeMap, BTreeSet};

use phteah_registry::event::{Event, EventId, FactPath, Kind};
use phteah_registry::fold::fold_all;
use phteah_registry::state::{Effect, State};
use proptest::prelude::*;
use proptest::test_runner::Config;
use support::histories::{Act, acts, events};

/// How many histories each property is tried on; `PHTEAH_HISTORIES` sets another number.
fn config() -> Config {
    let cases = std::env::var("PHTEAH_HISTORIES")
        .ok()
        .and_then(|n| n.parse().ok());
    Config {
        cases: cases.unwrap_or(300),
        failure_persistence: None,
        ..Config::default()
    }
}

/// All events that each event comes after, near and far.
fn pasts(events: &[Event]) -> BTreeMap<EventId, BTreeSet<EventId>> {
    let mut pasts: BTreeMap<EventId, BTreeSet<EventId>> = BTreeMap::new();
    // The events are listed in the order in which they were made.
    for event in events {
        let mut past: BTreeSet<EventId> = event.after.iter().copied().collect();
        for id in &event.after {
            past.extend(&pasts[id]);
        }
        pasts.insert(event.id, past);
    }
    pasts
}

/// The conflicts of a set of events: path, and events on all sides.
fn conflicts(state: &State) -> BTreeMap<String, BTreeSet<EventId>> {
    state
        .conflicts
        .iter()
        .map(|conflict| {
            let said = conflict.sides.iter().flat_map(|side| &side.said);
            (conflict.path.to_string(), said.map(|said| said.event).collect())
        })
        .collect()
}

fn of_one_household(acts: &[Act]) -> Vec<Event> {
    let acts: Vec<Act> = acts
        .iter()
        .filter(|act| !(16..=18).contains(&act.what))
        .map(|act| Act {
            household: 1,
            ..act.clone()
        })
        .collect();
    events(&acts)
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_order_any_duplicates_and_any_portions_give_the_same_states(
        acts in acts(40), keys in prop::collection::vec(any::<u32>(), 80), cut in 0_usize..40,
    ) {
        let events = events(&acts);
        let expected = fold_all(&events);
        let mut shuffled: Vec<&Event> = events.iter().chain(events.iter().take(cut)).collect();
        let mut keys = keys.iter().cycle();
        shuffled.sort_by_cached_key(|_| keys.next());
        prop_assert_eq!(&fold_all(shuffled.iter().copied()), &expected);
        // In portions: what a replica has is the union of what came.
        let (first, second) = shuffled.split_at(cut.min(shuffled.len()));
        let replica: BTreeMap<EventId, &Event> = second.iter().chain(first).map(|event| (event.id, *event)).collect();
        prop_assert_eq!(&fold_all(replica.into_values()), &expected);
        // Passed on through JSON.
        let passed: Vec<Event> = events.iter().map(|event| Event::read(event.canonical().as_bytes()).unwrap()).collect();
        prop_assert_eq!(&fold_all(&passed), &expected);
    }

    #[test]
    fn every_event_has_a_trace_and_what_holds_is_told_by_an_event(acts in acts(40)) {
        let events = events(&acts);
        let states = fold_all(&events);
        for event in &events {
            let state = &states[&event.household];
            let traces: Vec<_> = state.trace.iter().filter(|trace| trace.said.event == event.id).collect();
            prop_assert_eq!(traces.len(), 1);
            prop_assert_ne!(traces[0].effect, Effect::Inherited);
            let is_kept = matches!(event.kind, Kind::Noted | Kind::Other(_));
            prop_assert_eq!(is_kept, traces[0].effect == Effect::Kept, "{:?}", traces[0]);
        }
        let ids: BTreeSet<EventId> = events.iter().map(|event| event.id).collect();
        for state in states.values() {
            prop_assert!(!state.statuses.is_empty());
            prop_assert_eq!(state.statuses.len() > 1, state.conflict("status").is_some());
            let traced: BTreeSet<EventId> = state.trace.iter().map(|trace| trace.said.event).collect();
            prop_assert_eq!(traced.len(), state.trace.len());
            prop_assert!(traced.is_subset(&ids));
            for fact in state.facts.values() {
                prop_assert!(!fact.values.is_empty());
                prop_assert!(fact.values.iter().all(|held| held.by.iter().all(|id| traced.contains(id))));
            }
        }
    }

    #[test]
    fn a_fact_holds_exactly_the_values_that_nothing_came_after(acts in acts(40)) {
        let events = of_one_household(&acts);
        let pasts = pasts(&events);
        let states = fold_all(&events);
        let Some(state) = states.values().next() else { return Ok(()) };
        let paths: BTreeSet<&str> = events.iter().flat_map(|event| event.facts.keys()).map(FactPath::as_str).collect();
        for path in paths.into_iter().filter(|path| !matches!(*path, "status" | "placement.site")) {
            let setting: Vec<&Event> = events
                .iter()
                .filter(|event| event.kind.is_known() && event.facts.contains_key(path))
                .collect();
            let standing: BTreeSet<EventId> = setting
                .iter()
                .map(|event| event.id)
                .filter(|id| !setting.iter().any(|late| pasts[&late.id].contains(id)))
                .collect();
            let held: BTreeSet<EventId> = state
                .facts
                .get(path)
                .into_iter()
                .flat_map(|fact| fact.values.iter().flat_map(|held| held.by.iter().copied()))
                .collect();
            prop_assert_eq!(held, standing, "{}", path);
        }
    }

    #[test]
    fn a_correction_ends_exactly_the_conflicts_it_came_after(acts in acts(30), seen in any::<u64>(), path in 0_usize..3) {
        let before = of_one_household(&acts);
        prop_assume!(!before.is_empty());
        let states = fold_all(&before);
        let state = states.values().next().unwrap();
        let pasts = pasts(&before);
        // A correction by somebody who had seen some of the events.
        let mut after: BTreeSet<EventId> = BTreeSet::new();
        for (n, event) in before.iter().enumerate() {
            if seen >> (n % 64) & 1 == 1 {
                after.insert(event.id);
            }
        }
        let known: BTreeSet<EventId> = after.iter().flat_map(|id| pasts[id].iter().copied()).chain(after.iter().copied()).collect();
        let (path, value) = [
            ("dwelling.rooms", serde_json::json!(99)),
            ("status", serde_json::json!("verified")),
            ("placement.site", serde_json::json!("Z")),
        ][path].clone();
        let correction = support::event(5_000, "corrected", &[], serde_json::json!({"facts": {(path): value}, "after": after}));
        let mut all = before.clone();
        all.push(correction.clone());
        let states = fold_all(&all);
        let corrected = states.values().next().unwrap();
        let (then, now) = (conflicts(state), conflicts(corrected));
        for (other, events) in &then {
            if other == path {
                let is_ended = events.is_subset(&known);
                let still: BTreeSet<EventId> = now.get(path).cloned().unwrap_or_default();
                if is_ended {
                    // Nothing that it came after is on any side any more.
                    prop_assert!(still.is_disjoint(&known), "{path}: {still:?}");
                } else {
                    let open: Vec<&EventId> = events.difference(&known).collect();
                    // What it did not know of stands against it, unless that alone says nothing about the path any more.
                    prop_assert!(!open.is_empty());
                    prop_assert!(still.is_disjoint(&known));
                }
            } else if !matches!(path, "status" | "placement.site") || !matches!(other.as_str(), "status" | "placement.site") {
                prop_assert_eq!(Some(events), now.get(other), "{} was not corrected", other);
            }
        }
    }
}
