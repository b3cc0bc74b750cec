//! The fold, judged by the histories that every program which folds events must agree on: `tests/vectors/fold.json`.
//!
//! The histories are made up: some by hand, for each rule one, others at random from a fixed seed. `UPDATE_GOLDEN=1` writes the file anew;
//! read what changed. The field app's fold reads the same file (`web/src/field/fold/fold.test.ts`).

mod support;

use std::path::PathBuf;

use phteah_registry::event::Event;
use phteah_registry::fold::fold_all;
use phteah_registry::schedule::{Schedule, due_visits};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};
use support::histories::{acts, events};
use support::{event, event_of, household, id, member};

const TODAY: &str = "2027-03-01";

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/fold.json")
}

/// For each rule of docs/registry.md a history.
#[expect(clippy::too_many_lines, reason = "one table of histories")]
fn by_hand() -> Vec<(&'static str, Vec<Event>)> {
    let survey = |n, after: &[u32]| event(n, "surveyed", after, json!({"facts": {"dwelling.rooms": 2}}));
    let moved = |n, after: &[u32], site: &str| {
        event(
            n,
            "moved",
            after,
            json!({"site": site, "happened_on": "2026-11-21"}),
        )
    };
    let born = format!("members/{}/birth_year", member(1));
    vec![
        ("one survey", vec![survey(1, &[])]),
        (
            "a later answer takes the place of an earlier one",
            vec![
                survey(1, &[]),
                event(2, "verified", &[1], json!({"facts": {"dwelling.rooms": 3}})),
            ],
        ),
        (
            "two answers that did not know of each other are a conflict",
            vec![
                survey(1, &[]),
                event(2, "verified", &[1], json!({"facts": {"dwelling.rooms": 3}})),
                event(3, "verified", &[1], json!({"facts": {"dwelling.rooms": 4}})),
            ],
        ),
        (
            "equal answers of two are one value",
            vec![survey(1, &[]), survey(2, &[])],
        ),
        (
            "a correction ends the conflict that it had seen",
            vec![
                survey(1, &[]),
                event(2, "verified", &[1], json!({"facts": {"dwelling.rooms": 3}})),
                event(3, "verified", &[1], json!({"facts": {"dwelling.rooms": 4}})),
                event(4, "corrected", &[2, 3], json!({"facts": {"dwelling.rooms": 4}})),
            ],
        ),
        (
            "the order of ids decides nothing",
            vec![
                event(2, "surveyed", &[5], json!({"facts": {"dwelling.rooms": 5}})),
                event(5, "surveyed", &[], json!({"facts": {"dwelling.rooms": 1}})),
            ],
        ),
        (
            "consent given here, taken back there",
            vec![
                survey(1, &[]),
                event(2, "consent_given", &[1], json!({"purposes": ["follow_up"]})),
                event(3, "consent_withdrawn", &[1], json!({})),
            ],
        ),
        (
            "two sites accepted",
            vec![
                survey(1, &[]),
                event(2, "offered", &[1], json!({"site": "A"})),
                event(3, "offered", &[2], json!({"site": "B"})),
                event(4, "accepted", &[3], json!({"site": "A"})),
                event(5, "accepted", &[3], json!({"site": "B"})),
            ],
        ),
        (
            "moved and visited is settled",
            vec![
                survey(1, &[]),
                moved(2, &[1], "A"),
                event(
                    3,
                    "visited",
                    &[2],
                    json!({"happened_on": "2026-12-22", "facts": {"visit.resident": true}}),
                ),
            ],
        ),
        (
            "a visit that found strangers does not settle",
            vec![
                moved(1, &[], "A"),
                event(2, "visited", &[1], json!({"facts": {"visit.resident": false}})),
            ],
        ),
        (
            "visited after a departure",
            vec![
                moved(1, &[], "A"),
                event(
                    2,
                    "left",
                    &[1],
                    json!({"last_there": "2026-12-01", "first_gone": "2027-01-10", "reason": "work"}),
                ),
                event(3, "visited", &[1], json!({"happened_on": "2026-12-25"})),
            ],
        ),
        (
            "left, and nobody says otherwise",
            vec![
                moved(1, &[], "A"),
                event(2, "left", &[1], json!({"first_gone": "2027-01-10"})),
            ],
        ),
        (
            "begins anew after a departure",
            vec![
                moved(1, &[], "A"),
                event(2, "left", &[1], json!({})),
                survey(3, &[2]),
                event(4, "offered", &[3], json!({"site": "B"})),
            ],
        ),
        (
            "not found twice, then met",
            vec![
                survey(1, &[]),
                event(
                    2,
                    "not_found",
                    &[1],
                    json!({"reason": "nobody_there", "happened_on": "2026-11-22"}),
                ),
                event(
                    3,
                    "not_found",
                    &[2],
                    json!({"reason": "neighbours_say_gone", "happened_on": "2026-11-25"}),
                ),
                event(4, "verified", &[2], json!({})),
            ],
        ),
        (
            "declined, offered again, accepted",
            vec![
                survey(1, &[]),
                event(2, "offered", &[1], json!({"site": "A"})),
                event(3, "declined", &[2], json!({"site": "A", "reason": "far"})),
                event(4, "offered", &[3], json!({"site": "A"})),
                event(5, "accepted", &[4], json!({"site": "A"})),
            ],
        ),
        (
            "a referral with two answers",
            vec![
                survey(1, &[]),
                event(
                    2,
                    "referred",
                    &[1],
                    json!({"service": "school", "to": "the school by the pagoda"}),
                ),
                event(
                    3,
                    "referral_answered",
                    &[2],
                    json!({"referral": id(2), "answer": "accepted"}),
                ),
                event(
                    4,
                    "referral_answered",
                    &[2],
                    json!({"referral": id(2), "answer": "refused"}),
                ),
            ],
        ),
        (
            "a correction of the site undoes the last move",
            vec![
                moved(1, &[], "A"),
                moved(2, &[1], "A"),
                event(
                    3,
                    "corrected",
                    &[2],
                    json!({"facts": {"placement.site": "B", "status": "moved"}}),
                ),
            ],
        ),
        (
            "an unknown kind and a note are kept",
            vec![
                survey(1, &[]),
                event(
                    2,
                    "of_a_later_version",
                    &[1],
                    json!({"facts": {"dwelling.rooms": 9}}),
                ),
                event(3, "noted", &[2], json!({"note": "sealed"})),
            ],
        ),
        ("waiting for an event that is not here", vec![survey(2, &[1])]),
        (
            "a circle",
            vec![
                survey(1, &[2]),
                event(2, "verified", &[1], json!({})),
                survey(3, &[2]),
            ],
        ),
        (
            "two records are one family",
            vec![
                survey(1, &[]),
                event_of(
                    household(2),
                    2,
                    "surveyed",
                    &[],
                    json!({"facts": {"dwelling.rooms": 3}}),
                ),
                event(3, "merged", &[1], json!({"to": household(2)})),
            ],
        ),
        (
            "a record that goes on in two others",
            vec![
                survey(1, &[]),
                event(2, "merged", &[1], json!({"to": household(2)})),
                event(3, "merged", &[1], json!({"to": household(3)})),
            ],
        ),
        (
            "a member goes to another household",
            vec![
                event(1, "surveyed", &[], json!({"facts": {(born.as_str()): 1990}})),
                event(
                    2,
                    "split",
                    &[1],
                    json!({"to": household(2), "members": [member(1)]}),
                ),
                event_of(
                    household(2),
                    3,
                    "surveyed",
                    &[2],
                    json!({"facts": {(born.as_str()): 1991}}),
                ),
            ],
        ),
        (
            "answers of every form, in conflict",
            [
                "null", "true", "false", "10", "9", "\"b\"", "\"ក\"", "[1,2]", "[1]",
            ]
            .iter()
            .zip(1..)
            .map(|(value, n)| {
                let value: Value = serde_json::from_str(value).expect("JSON");
                event(n, "surveyed", &[], json!({"facts": {"dwelling.answer": value}}))
            })
            .collect(),
        ),
    ]
}

/// Where a house is: no attempt, no bad measurement and nothing far away moves it silently.
#[allow(clippy::too_many_lines, reason = "a list of histories")]
fn places() -> Vec<(&'static str, Vec<Event>)> {
    let home = json!({"lon": 104.9282, "lat": 11.5564, "accuracy_m": 6, "method": "gps"});
    let next_door = json!({"lon": 104.9290, "lat": 11.5570, "accuracy_m": 20, "method": "gps"});
    let across_town = json!({"lon": 104.95, "lat": 11.60, "accuracy_m": 8, "method": "gps"});
    let there = json!({"lon": 104.95, "lat": 11.60, "accuracy_m": 8, "method": "gps", "confirmed": true});
    let pointed = json!({"lon": 104.9285, "lat": 11.5560, "method": "map"});
    let vague = json!({"lon": 104.8, "lat": 11.5, "accuracy_m": 900, "method": "gps"});
    let paris = json!({"lon": 2.3522, "lat": 48.8566, "accuracy_m": 5, "method": "gps", "confirmed": true});
    let at = |n, kind: &str, after: &[u32], place: &Value| event(n, kind, after, json!({"location": place}));
    let moved = |n, after: &[u32]| event(n, "moved", after, json!({"site": "A"}));
    let left = |n, after: &[u32]| event(n, "left", after, json!({"first_gone": "2027-01-10"}));
    vec![
        (
            "an attempt, a departure and a referral in another country leave the house where it is",
            vec![
                at(1, "surveyed", &[], &home),
                event(
                    2,
                    "not_found",
                    &[1],
                    json!({"reason": "nobody_there", "location": paris}),
                ),
                event(
                    3,
                    "referred",
                    &[2],
                    json!({"service": "school", "location": across_town}),
                ),
            ],
        ),
        (
            "a survey in another country does not move the house, whatever was said",
            vec![
                at(1, "surveyed", &[], &home),
                at(2, "verified", &[1], &paris),
                at(3, "verified", &[2], &next_door),
            ],
        ),
        (
            "a bad place is better than none, and gives way to a better one",
            vec![
                at(1, "surveyed", &[], &paris),
                at(2, "verified", &[1], &vague),
                at(3, "verified", &[2], &home),
                at(4, "verified", &[3], &vague),
            ],
        ),
        (
            "only bad places: the last one",
            vec![at(1, "surveyed", &[], &paris), at(2, "surveyed", &[1], &paris)],
        ),
        (
            "across town, and nobody has said that it moved",
            vec![
                at(1, "surveyed", &[], &home),
                at(2, "verified", &[1], &across_town),
                at(3, "verified", &[2], &pointed),
            ],
        ),
        (
            "across town, and somebody has said so",
            vec![
                at(1, "surveyed", &[], &home),
                at(2, "verified", &[1], &across_town),
                at(3, "verified", &[2], &there),
            ],
        ),
        (
            "a correction says where it is",
            vec![
                at(1, "surveyed", &[], &home),
                at(2, "corrected", &[1], &across_town),
            ],
        ),
        (
            "two surveys that did not know of each other, far apart",
            vec![
                at(1, "surveyed", &[], &across_town),
                at(2, "surveyed", &[], &home),
            ],
        ),
        (
            "after a move nobody knows the new house yet",
            vec![
                at(1, "surveyed", &[], &home),
                moved(2, &[1]),
                at(3, "verified", &[1], &next_door),
            ],
        ),
        (
            "a visit after a move tells of the new house",
            vec![
                at(1, "surveyed", &[], &home),
                moved(2, &[1]),
                at(3, "visited", &[2], &across_town),
                at(4, "visited", &[3], &home),
            ],
        ),
        (
            "who left and was found again lives elsewhere",
            vec![
                at(1, "surveyed", &[], &home),
                left(2, &[1]),
                at(3, "surveyed", &[2], &across_town),
            ],
        ),
        (
            "the place goes on in the record that two became",
            vec![
                at(1, "surveyed", &[], &home),
                event_of(
                    household(2),
                    2,
                    "surveyed",
                    &[],
                    json!({"facts": {"dwelling.rooms": 3}}),
                ),
                event(3, "merged", &[1], json!({"to": household(2)})),
            ],
        ),
    ]
}

/// Histories of several devices, from a fixed seed.
fn at_random() -> Vec<(String, Vec<Event>)> {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    (0..40)
        .map(|n| {
            let acts = acts(12).new_tree(&mut runner).expect("acts").current();
            (format!("random {n}"), events(&acts))
        })
        .collect()
}

fn history(name: &str, events: &[Event]) -> Value {
    let today = TODAY.parse().expect("a day");
    let states = fold_all(events);
    let due: Value = states
        .iter()
        .map(|(household, state)| {
            let visits = due_visits(state, &Schedule::default(), today);
            (household.to_string(), json!(visits))
        })
        .collect::<serde_json::Map<_, _>>()
        .into();
    json!({"name": name, "events": events, "states": states.values().collect::<Vec<_>>(), "due": due})
}

#[test]
fn the_fold_gives_what_the_vectors_say() {
    let histories: Vec<Value> = by_hand()
        .iter()
        .chain(&places())
        .map(|(name, events)| history(name, events))
        .chain(at_random().iter().map(|(name, events)| history(name, events)))
        .collect();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        let lines: Vec<String> = histories.iter().map(|one| format!("  {one}")).collect();
        let text = format!(
            "{{\n \"about\": \"Made-up histories, and the states that the fold gives. Every program that folds events must agree with all of them.\",\n \"today\": \"{TODAY}\",\n \"histories\": [\n{}\n ]\n}}\n",
            lines.join(",\n")
        );
        std::fs::write(path(), text).expect("the vectors are written");
        return;
    }
    let text = std::fs::read_to_string(path()).expect("the vectors are there");
    let kept: Value = serde_json::from_str(&text).expect("the vectors are JSON");
    let kept = kept["histories"].as_array().expect("histories");
    assert_eq!(kept.len(), histories.len());
    for (kept, made) in kept.iter().zip(&histories) {
        assert_eq!(kept, made, "{}", made["name"]);
    }
}
