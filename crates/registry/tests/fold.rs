//! What follows from events. All households are made up.

mod support;

use phteah_registry::event::Event;
use phteah_registry::fold::{Known, fold, fold_all};
use phteah_registry::state::{Consent, Effect, State, Trouble};
use phteah_registry::status::Status;
use serde_json::{Value, json};
use support::{event, event_of, household, id, member};

fn state(events: &[Event]) -> State {
    fold(household(1), events).expect("a state")
}

fn none() -> Value {
    json!({})
}

fn at(site: &str) -> Value {
    json!({ "site": site })
}

fn rooms(n: i64) -> Value {
    json!({"facts": {"dwelling.rooms": n}})
}

/// The sides of a conflict as JSON, each with the numbers of its events.
fn sides(state: &State, path: &str) -> Vec<(String, usize)> {
    let conflict = state.conflict(path).expect("a conflict");
    conflict
        .sides
        .iter()
        .map(|side| (side.value.to_string(), side.said.len()))
        .collect()
}

#[test]
fn the_way_from_the_survey_to_the_new_home() {
    let events = [
        event(1, "surveyed", &[], rooms(1)),
        event(2, "verified", &[1], none()),
        event(3, "offered", &[2], at("A")),
        event(4, "accepted", &[3], at("A")),
        event(5, "moved", &[4], json!({"site": "A", "plot": "12"})),
        event(6, "visited", &[5], rooms(2)),
    ];
    let statuses = [
        Status::Surveyed,
        Status::Verified,
        Status::Offered,
        Status::Accepted,
        Status::Moved,
        Status::Settled,
    ];
    for (n, status) in statuses.into_iter().enumerate() {
        let state = state(&events[..=n]);
        assert_eq!(state.status(), Some(status));
        assert_eq!(state.conflicts, []);
        assert_eq!(state.heads, [events[n].id]);
    }
    let state = state(&events);
    assert_eq!(state.site(), Some("A"));
    assert_eq!(state.value("dwelling.rooms"), Some(&2.into()));
    assert_eq!(state.moves[0].plot.as_deref(), Some("12"));
    let effects: Vec<Effect> = state.trace.iter().map(|trace| trace.effect).collect();
    assert_eq!(effects[0], Effect::Replaced);
    assert_eq!(effects[5], Effect::Holds);
}

#[test]
fn two_answers_that_knew_nothing_of_each_other_are_a_conflict_until_somebody_corrects_it() {
    let mut events = vec![
        event(1, "surveyed", &[], rooms(1)),
        event(2, "verified", &[1], rooms(2)),
        event(3, "verified", &[1], rooms(3)),
    ];
    let known = |event| Known {
        author: Some("Dara"),
        ..Known::from(event)
    };
    let torn = fold(household(1), events.iter().map(known)).expect("a state");
    assert_eq!(torn.value("dwelling.rooms"), None);
    assert_eq!(sides(&torn, "dwelling.rooms"), [("2".into(), 1), ("3".into(), 1)]);
    let said = &torn.conflicts[0].sides[0].said[0];
    assert_eq!((said.event, said.author.as_deref()), (id(2), Some("Dara")));
    events.push(event(4, "corrected", &[2, 3], rooms(3)));
    let settled = state(&events);
    assert_eq!(settled.conflicts, []);
    assert_eq!(settled.value("dwelling.rooms"), Some(&3.into()));
    // A third answer that did not know of the correction stands against it.
    events.push(event(5, "visited", &[1], rooms(9)));
    assert_eq!(
        sides(&state(&events), "dwelling.rooms"),
        [("3".into(), 1), ("9".into(), 1)]
    );
}

#[test]
fn the_same_answer_twice_is_no_conflict() {
    let events = [
        event(1, "surveyed", &[], json!({"facts": {"income": 4}})),
        event(2, "surveyed", &[], json!({"facts": {"income": 4.0}})),
    ];
    let state = state(&events);
    assert_eq!(state.conflicts, []);
    assert_eq!(state.facts["income"].values[0].by, [id(1), id(2)]);
}

#[test]
fn a_correction_leaves_other_conflicts_alone() {
    let both = |rooms: i64, water: &str| json!({"facts": {"dwelling.rooms": rooms, "dwelling.water": water}});
    let events = [
        event(1, "surveyed", &[], both(1, "well")),
        event(2, "surveyed", &[], both(2, "piped")),
        event(3, "corrected", &[1, 2], rooms(2)),
    ];
    let state = state(&events);
    assert!(state.conflict("dwelling.rooms").is_none());
    assert!(state.conflict("dwelling.water").is_some());
}

#[test]
fn two_sites_accepted_are_a_conflict_at_once_or_one_after_the_other() {
    for after in [vec![2], vec![2, 3]] {
        let mut events = vec![
            event(1, "offered", &[], at("A")),
            event(2, "offered", &[1], at("B")),
            event(3, "accepted", &[2], at("A")),
            event(4, "accepted", &after, at("B")),
        ];
        let torn = state(&events);
        assert_eq!(torn.site(), None);
        assert_eq!(
            sides(&torn, "placement.site"),
            [("\"A\"".into(), 1), ("\"B\"".into(), 1)]
        );
        // Moving does not settle it.
        events.push(event(5, "moved", &[3, 4], at("B")));
        assert!(state(&events).conflict("placement.site").is_some());
        events.push(event(
            6,
            "corrected",
            &[5],
            json!({"facts": {"placement.site": "B"}}),
        ));
        let settled = state(&events);
        assert_eq!((settled.site(), settled.conflicts.len()), (Some("B"), 0));
        assert_eq!(settled.status(), Some(Status::Moved));
    }
}

#[test]
fn a_new_offer_makes_another_site_possible() {
    let events = [
        event(1, "accepted", &[], at("A")),
        event(2, "offered", &[1], at("B")),
        event(3, "accepted", &[2], at("B")),
        event(4, "moved", &[3], at("B")),
        event(5, "offered", &[4], at("C")),
        event(6, "accepted", &[5], at("C")),
        event(7, "moved", &[6], at("C")),
    ];
    let state = state(&events);
    assert_eq!((state.site(), state.status()), (Some("C"), Some(Status::Moved)));
    assert_eq!(state.conflicts, []);
    assert_eq!(state.moves.len(), 2);
}

#[test]
fn who_declines_after_accepting_has_no_site() {
    let mut events = vec![
        event(1, "offered", &[], at("A")),
        event(2, "accepted", &[1], at("A")),
        event(3, "declined", &[2], json!({"reason": "far from work"})),
    ];
    let state_then = state(&events);
    assert_eq!(
        (state_then.status(), state_then.sites.len()),
        (Some(Status::Declined), 0)
    );
    events.push(event(4, "offered", &[3], at("B")));
    assert_eq!(state(&events).status(), Some(Status::Offered));
    // Moved where it declined, and nobody says why.
    events.push(event(5, "moved", &[3], at("A")));
    assert_eq!(state(&events).conflicts.len(), 1);
}

#[test]
fn accepted_here_and_declined_there_is_a_conflict() {
    let mut events = vec![
        event(1, "offered", &[], at("A")),
        event(2, "accepted", &[1], at("A")),
        event(3, "declined", &[1], json!({"site": "A", "reason": "too small"})),
    ];
    let torn = state(&events);
    assert_eq!(torn.statuses, [Status::Declined, Status::Accepted]);
    assert_eq!(
        sides(&torn, "status"),
        [("\"declined\"".into(), 1), ("\"accepted\"".into(), 1)]
    );
    events.push(event(
        4,
        "corrected",
        &[2, 3],
        json!({"facts": {"status": "accepted"}}),
    ));
    assert_eq!(state(&events).status(), Some(Status::Accepted));
    assert_eq!(state(&events).conflicts, []);
}

#[test]
fn a_visit_after_a_departure_is_a_conflict() {
    for after in [vec![1], vec![2]] {
        let mut events = vec![
            event(1, "moved", &[], at("A")),
            event(2, "left", &[1], none()),
            event(3, "visited", &after, none()),
        ];
        let torn = state(&events);
        assert_eq!(torn.statuses, [Status::Settled, Status::Left], "{after:?}");
        // Another visit does not settle it.
        events.push(event(4, "visited", &[2, 3], none()));
        assert!(state(&events).conflict("status").is_some());
        events.push(event(5, "corrected", &[4], json!({"facts": {"status": "left"}})));
        assert_eq!(state(&events).status(), Some(Status::Left));
        assert_eq!(state(&events).conflicts, []);
        // Surveyed again, it begins anew.
        events.push(event(6, "surveyed", &[5], none()));
        events.push(event(7, "visited", &[6], none()));
        assert_eq!(state(&events).status(), Some(Status::Surveyed));
    }
}

#[test]
fn not_found_lasts_until_somebody_meets_the_family() {
    let mut events = vec![
        event(1, "moved", &[], at("A")),
        event(2, "not_found", &[1], json!({"reason": "nobody_there"})),
    ];
    assert_eq!(state(&events).status(), Some(Status::NotFound));
    events.push(event(3, "visited", &[2], none()));
    let met = state(&events);
    assert_eq!(met.status(), Some(Status::Settled));
    assert!(met.contacts[0].is_replaced && !met.contacts[1].is_replaced);
}

#[test]
fn a_visit_that_finds_another_family_settles_nobody() {
    let events = [
        event(1, "moved", &[], at("A")),
        event(2, "visited", &[1], json!({"facts": {"visit.resident": false}})),
    ];
    assert_eq!(state(&events).status(), Some(Status::Moved));
}

#[test]
fn consent_is_given_and_taken_back_for_each_purpose() {
    let purposes = json!({"purposes": ["follow_up"]});
    let mut events = vec![
        event(1, "consent_given", &[], none()),
        event(2, "consent_given", &[1], purposes.clone()),
    ];
    let given = state(&events);
    assert_eq!(given.consent("registration"), Consent::Given);
    assert_eq!(given.consent("follow_up"), Consent::Given);
    assert_eq!(given.consent("photos"), Consent::Unknown);
    events.push(event(3, "consent_withdrawn", &[2], none()));
    events.push(event(4, "consent_given", &[2], purposes));
    let torn = state(&events);
    assert_eq!(torn.consent("registration"), Consent::Withdrawn);
    assert_eq!(torn.consent("follow_up"), Consent::InConflict);
}

#[test]
fn referrals_and_their_answers() {
    let mut events = vec![
        event(1, "referred", &[], json!({"service": "health centre"})),
        event(
            2,
            "referral_answered",
            &[1],
            json!({"referral": id(1), "answer": "accepted"}),
        ),
        event(
            3,
            "referral_answered",
            &[1],
            json!({"referral": id(1), "answer": "done"}),
        ),
    ];
    assert_eq!(state(&events).referrals[0].answers, ["done".into()]);
    events.push(event(
        4,
        "referral_answered",
        &[1],
        json!({"referral": id(1), "answer": "refused"}),
    ));
    let torn = state(&events);
    assert_eq!(torn.referrals[0].answers.len(), 2);
    let path = format!("referrals/{}/answer", id(1));
    assert!(torn.conflict(&path).is_some());
    let mut fix = json!({"facts": {}});
    fix["facts"][&path] = json!("refused");
    events.push(event(5, "corrected", &[2, 3, 4], fix));
    assert_eq!(state(&events).referrals[0].answers, ["refused".into()]);
}

#[test]
fn an_event_that_waits_counts_and_is_told() {
    let events = [event(2, "visited", &[1], rooms(2))];
    let waiting = state(&events);
    assert_eq!(waiting.value("dwelling.rooms"), Some(&2.into()));
    assert_eq!(
        waiting.troubles,
        [Trouble::Waiting {
            event: id(2),
            missing: vec![id(1)]
        }]
    );
    let events = [events[0].clone(), event(1, "surveyed", &[], rooms(1))];
    assert_eq!(state(&events).troubles, []);
    assert_eq!(state(&events).value("dwelling.rooms"), Some(&2.into()));
}

#[test]
fn a_circle_is_told_and_nothing_is_lost() {
    let events = [
        event(1, "surveyed", &[2], rooms(1)),
        event(2, "verified", &[1], rooms(2)),
        event(3, "visited", &[2], json!({"facts": {"dwelling.water": "well"}})),
    ];
    let state = state(&events);
    assert_eq!(
        state.troubles,
        [Trouble::Circle {
            events: vec![id(1), id(2)]
        }]
    );
    assert_eq!(sides(&state, "dwelling.rooms").len(), 2);
    assert_eq!(state.trace.len(), 3);
    assert_eq!(state.heads, [id(3)]);
}

#[test]
fn one_id_with_two_contents_is_told_and_the_choice_does_not_depend_on_order() {
    let events = [
        event(1, "surveyed", &[], rooms(1)),
        event(1, "surveyed", &[], rooms(2)),
    ];
    let forth = fold_all(&events);
    let back = fold_all(events.iter().rev());
    assert_eq!(forth, back);
    assert_eq!(forth[&household(1)].troubles, [Trouble::SameId { event: id(1) }]);
}

#[test]
fn unknown_kinds_are_kept_in_their_place() {
    let events = [
        event(1, "surveyed", &[], rooms(1)),
        event(2, "vaccinated", &[1], rooms(7)),
        event(3, "visited", &[2], rooms(2)),
    ];
    let state = state(&events);
    assert_eq!(state.value("dwelling.rooms"), Some(&2.into()));
    assert_eq!(state.trace[1].effect, Effect::Kept);
    assert_eq!(state.heads, [id(3)]);
}

#[test]
fn what_a_note_says_is_in_no_state() {
    let events = [event(
        1,
        "noted",
        &[],
        json!({"note": "sealed", "facts": {"danger": true}}),
    )];
    assert!(state(&events).facts.is_empty());
    assert_eq!(state(&events).trace[0].effect, Effect::Kept);
}

#[test]
fn one_word_of_danger_hides_a_household() {
    let hidden = |is: bool| json!({"facts": {"protection.hidden": is}});
    let events = [
        event(1, "surveyed", &[], hidden(false)),
        event(2, "visited", &[], hidden(true)),
    ];
    assert!(state(&events).is_hidden());
    assert!(!state(&events[..1]).is_hidden());
}

#[test]
fn merging_keeps_both_histories() {
    let mut events = vec![
        event(1, "surveyed", &[], rooms(1)),
        event_of(household(2), 2, "surveyed", &[], rooms(2)),
        event_of(household(2), 3, "merged", &[1, 2], json!({"to": household(1)})),
    ];
    let states = fold_all(&events);
    let one = &states[&household(1)];
    assert_eq!(one.records, [household(1), household(2)]);
    assert_eq!(one.trace.len(), 3);
    assert_eq!(sides(one, "dwelling.rooms").len(), 2);
    let two = &states[&household(2)];
    assert_eq!(
        (two.status(), two.merged_into),
        (Some(Status::Merged), Some(household(1)))
    );
    assert_eq!(two.value("dwelling.rooms"), Some(&2.into()));
    events.push(event(4, "corrected", &[3], rooms(2)));
    assert_eq!(fold_all(&events)[&household(1)].conflicts, []);
    // The merge was a mistake.
    events.push(event_of(
        household(2),
        5,
        "corrected",
        &[3],
        json!({"facts": {"status": "surveyed"}}),
    ));
    let states = fold_all(&events);
    assert_eq!(states[&household(1)].records, [household(1)]);
    assert_eq!(states[&household(2)].status(), Some(Status::Surveyed));
}

#[test]
fn merges_in_a_chain_a_circle_and_apart() {
    let merged =
        |n: u32, from: u8, to: u8| event_of(household(from), n, "merged", &[], json!({"to": household(to)}));
    let chain = fold_all(&[merged(1, 3, 2), merged(2, 2, 1)]);
    assert_eq!(chain[&household(3)].merged_into, Some(household(1)));
    assert_eq!(chain[&household(1)].trace.len(), 2);
    let circle = fold_all(&[merged(1, 3, 2), merged(2, 2, 3)]);
    assert_eq!(circle[&household(3)].merged_into, Some(household(2)));
    assert_eq!(
        circle[&household(2)].troubles,
        [Trouble::MergeCircle {
            records: vec![household(2), household(3)]
        }]
    );
    let torn = fold_all(&[merged(1, 3, 2), merged(2, 3, 1)]);
    assert_eq!(torn[&household(3)].merged_into, None);
    assert_eq!(sides(&torn[&household(3)], "merged.to").len(), 2);
}

/// Facts of the members 1 and 2 of household 1.
fn family() -> Event {
    let mut fields = json!({"facts": {}});
    for n in [1, 2] {
        fields["facts"][format!("members/{}/birth_year", member(n))] = json!(1980 + i32::from(n));
    }
    event(1, "surveyed", &[], fields)
}

fn split(n: u32, after: &[u32], to: u8) -> Event {
    event(
        n,
        "split",
        after,
        json!({"to": household(to), "members": [member(2)]}),
    )
}

#[test]
fn splitting_gives_members_with_all_that_is_known_of_them() {
    let born = format!("members/{}/birth_year", member(2));
    let mut events = vec![
        family(),
        split(2, &[1], 2),
        event_of(household(2), 3, "surveyed", &[2], rooms(1)),
    ];
    let states = fold_all(&events);
    let (old, new) = (&states[&household(1)], &states[&household(2)]);
    assert_eq!(old.members(), [member(1)].into());
    assert_eq!(old.given_away[&member(2)], [household(2)]);
    assert_eq!(new.members(), [member(2)].into());
    assert_eq!(new.value(&born), Some(&1982.into()));
    assert_eq!(
        (new.split_from[0].household, new.split_from[0].event),
        (household(1), id(2))
    );
    assert_eq!(new.troubles, []);
    assert_eq!(new.trace[0].effect, Effect::Inherited);
    // The new household goes on from there, and splits again.
    let mut later = json!({"facts": {}});
    later["facts"][&born] = json!(1983);
    events.push(event_of(household(2), 4, "visited", &[3], later));
    let members = json!({"to": household(3), "members": [member(2)]});
    events.push(event_of(household(2), 5, "split", &[4], members));
    let states = fold_all(&events);
    assert_eq!(states[&household(3)].value(&born), Some(&1983.into()));
    assert_eq!(states[&household(2)].members().len(), 0);
}

#[test]
fn one_member_given_to_two_households_is_a_conflict_until_corrected() {
    let mut events = vec![family(), split(2, &[1], 2), split(3, &[1], 3)];
    let home = format!("members/{}/household", member(2));
    let states = fold_all(&events);
    assert_eq!(sides(&states[&household(1)], &home).len(), 2);
    assert_eq!(states[&household(2)].members().len(), 1);
    let mut fix = json!({"facts": {}});
    fix["facts"][&home] = json!(household(3));
    events.push(event(4, "corrected", &[2, 3], fix));
    let states = fold_all(&events);
    assert_eq!(states[&household(1)].conflicts, []);
    assert_eq!(states[&household(2)].members().len(), 0);
    assert_eq!(states[&household(3)].members().len(), 1);
    let mut back = json!({"facts": {}});
    back["facts"][&home] = json!(household(1));
    events.push(event(5, "corrected", &[4], back));
    let states = fold_all(&events);
    assert_eq!(states[&household(1)].members().len(), 2);
    assert_eq!(states[&household(3)].members().len(), 0);
}

#[test]
fn what_is_written_about_a_member_after_they_went_is_seen() {
    let mut later = json!({"facts": {}});
    later["facts"][format!("members/{}/school", member(2))] = json!(true);
    let events = [family(), split(2, &[1], 2), event(3, "visited", &[2], later)];
    assert_eq!(fold_all(&events)[&household(1)].members().len(), 2);
}
