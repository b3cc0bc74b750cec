//! What the desk sees and records, through the store's own front door. All people here are illustrative.
#![allow(clippy::unwrap_used, reason = "helpers of tests may unwrap as tests do")]

use std::collections::BTreeMap;

use crate::field::{Deployment, NORTH, SOUTH, all, event, household, later, now, survey};
use jiff::SignedDuration;
use phteah_registry::event::{EventId, HouseholdId};
use phteah_registry::schedule::Standing;
use phteah_registry::status::Status;
use phteah_registry::vocabulary::outcomes;
use phteah_store::registry::desk::{Found, Need, Order, Page, Question, Recorded, Room, School, Told};
use phteah_store::registry::{Incoming, ReceiptStatus};
use phteah_store::{Actor, Role, StoreError};

fn question() -> Question {
    Question {
        limit: 100,
        ..Question::default()
    }
}

fn page(deployment: &Deployment, actor: &Actor, question: &Question) -> Page {
    match deployment.registry.list(actor, question, now()).unwrap() {
        Found::Page(page) => page,
        Found::Reading(progress) => panic!("a few households are read at once: {progress:?}"),
    }
}

fn ids(page: &Page) -> Vec<HouseholdId> {
    page.households.iter().map(|household| household.id).collect()
}

fn person(deployment: &Deployment, name: &str, role: Role) -> Actor {
    deployment.person(name, role, "North")
}

fn offer(household: HouseholdId, site: &str, after: &[EventId]) -> (EventId, Incoming) {
    let (id, json) = event(
        household,
        "offered",
        after,
        &format!(r#""site":"{site}","decision":"d1""#),
    );
    (id, Incoming::read(&json))
}

fn room(site: &str, places: u32) -> Room {
    let sites = BTreeMap::from([(site.to_owned(), places)]);
    Room {
        offered: sites.clone(),
        accepted: sites,
    }
}

fn refused(recorded: &Recorded) -> &str {
    match recorded {
        Recorded::Refused(refusal) => refusal.notes[0].code.as_str(),
        Recorded::Taken(_) => "",
    }
}

#[test]
fn a_list_shows_what_its_reader_may_know_of_and_nothing_else() {
    let deployment = Deployment::on(super::place());
    let chief = person(&deployment, "Chief Illustrative", Role::Coordinator);
    let caseworker = person(&deployment, "Case Illustrative", Role::Caseworker);
    let south = deployment.person("South Illustrative", Role::Coordinator, "South");
    let planner = person(&deployment, "Plan Illustrative", Role::Planner);
    let [a, b, hidden] = [household(), household(), household()];
    let events = [
        survey(a, NORTH, "Sok Sopheap").1,
        survey(b, SOUTH, "Keo Dara").1,
        survey(hidden, NORTH, "Chan Bopha").1,
    ];
    assert!(all(
        &deployment.push(&deployment.root, &events),
        ReceiptStatus::Stored
    ));
    let registry = &deployment.registry;
    registry
        .give(
            &deployment.root,
            hidden,
            &[caseworker.account().unwrap().clone()],
            "",
            now(),
        )
        .unwrap();
    registry.hide(&caseworker, hidden, true, "danger", now()).unwrap();
    assert_eq!(ids(&page(&deployment, &chief, &question())), [a]);
    assert_eq!(ids(&page(&deployment, &south, &question())), [b]);
    let mut own = ids(&page(&deployment, &caseworker, &question()));
    own.sort_unstable();
    let mut both = vec![a, hidden];
    both.sort_unstable();
    assert_eq!(own, both);
    assert!(matches!(
        registry.list(&planner, &question(), now()),
        Err(StoreError::Denied(_))
    ));
    // Looking for its name, its code or its page: as for one that is not there.
    let looks = |text: &str| Question {
        text: text.to_owned(),
        ..question()
    };
    assert_eq!(page(&deployment, &chief, &looks("Bopha")).total, 0);
    let nobody = registry.case(&chief, household(), "", now()).unwrap_err();
    for unseen in [hidden, b] {
        let error = registry.case(&chief, unseen, "", now()).unwrap_err();
        assert_eq!(error.to_string(), nobody.to_string());
        assert!(matches!(error, StoreError::NotFound(_)));
        let after = Question {
            after: Some(unseen),
            ..question()
        };
        assert_eq!(ids(&page(&deployment, &chief, &after)), [a], "it begins no page");
    }
    let today = registry.today(&chief, now()).unwrap().unwrap();
    assert_eq!(today.households, 1);
    // Writing to it is refused in the same words, and nothing of it lies in quarantine.
    for unseen in [hidden, b, household()] {
        let (_, json) = event(unseen, "visited", &[], "");
        let recorded = registry
            .record(&chief, vec![Incoming::read(&json)], &Room::default(), "", now())
            .unwrap();
        assert_eq!(refused(&recorded[0]), "not_found");
    }
    assert!(
        registry
            .quarantine(&chief, None, 0, 10, now())
            .unwrap()
            .is_empty()
    );
}

#[test]
fn names_are_found_in_both_scripts_with_mistakes_and_codes_exactly() {
    let deployment = Deployment::on(super::place());
    let chief = person(&deployment, "Chief Illustrative", Role::Coordinator);
    let [a, b] = [household(), household()];
    let facts = |latin: &str, khmer: &str, code: &str| {
        format!(
            r#""facts":{{"dwelling.sangkat":"{NORTH}","head.name":"{khmer}","head.name_latin":"{latin}","card.code":"{code}","head.phone":"012 345 67{}"}}"#,
            code.len()
        )
    };
    let events = [
        event(
            a,
            "surveyed",
            &[],
            &facts("Sok Sopheap", "សុខ សុភាព", "0118-8FZR-M"),
        )
        .1,
        event(b, "surveyed", &[], &facts("Keo Dara", "កែវ តារា", "0119-8FZR")).1,
    ];
    deployment.push(&deployment.root, &events);
    let find = |text: &str| {
        let asked = Question {
            text: text.to_owned(),
            ..question()
        };
        ids(&page(&deployment, &chief, &asked))
    };
    for text in [
        "sopheap",
        "Sopheip Sok",
        "សុភាព",
        "សុខសុភាព",
        "0118 8fzr m",
        "+855 12 345 6711",
    ] {
        assert_eq!(find(text), [a], "{text}");
    }
    assert_eq!(find("dara"), [b]);
    assert_eq!(find("nobody at all"), []);
    // A corrected name is found at once.
    let mine = Question {
        limit: 1,
        ..question()
    };
    let head = deployment
        .registry
        .case(&chief, b, "", now())
        .unwrap()
        .state
        .heads[0];
    let (_, json) = event(
        b,
        "corrected",
        &[head],
        r#""facts":{"head.name_latin":"Keo Veasna"}"#,
    );
    deployment
        .registry
        .record(
            &chief,
            vec![Incoming::read(&json)],
            &Room::default(),
            "misheard",
            now(),
        )
        .unwrap();
    assert_eq!(find("veasna"), [b]);
    assert_eq!(page(&deployment, &chief, &mine).total, 2);
}

#[test]
fn filters_combine_and_pages_follow_one_another_without_gap_or_repeat() {
    let deployment = Deployment::on(super::place());
    let chief = person(&deployment, "Chief Illustrative", Role::Coordinator);
    let mut all_ids = Vec::new();
    for n in 0..57 {
        let h = household();
        let sex = if n % 3 == 0 { "female" } else { "male" };
        let born = if n % 5 == 0 { 2024 } else { 1990 };
        let facts = format!(
            r#""facts":{{"dwelling.sangkat":"{NORTH}","head.name_latin":"Name {n:02}","head.sex":"{sex}","members/{}/birth_year":{born}}}"#,
            household()
        );
        deployment.push(&deployment.root, &[event(h, "surveyed", &[], &facts).1]);
        all_ids.push(h);
    }
    let needs = Question {
        needs: vec![Need::WomanHead, Need::UnderSix],
        ..question()
    };
    // Multiples of 15 below 57.
    assert_eq!(page(&deployment, &chief, &needs).total, 4);
    let nobody = Question {
        statuses: vec![Status::Moved],
        ..needs
    };
    assert_eq!(page(&deployment, &chief, &nobody).total, 0);
    for order in [Order::Recent, Order::Name, Order::Due] {
        let mut found = Vec::new();
        let mut after = None;
        loop {
            let asked = Question {
                order,
                after,
                limit: 10,
                ..Question::default()
            };
            let page = page(&deployment, &chief, &asked);
            assert_eq!(page.total, 57);
            found.extend(ids(&page));
            after = found.last().copied();
            if !page.more {
                break;
            }
        }
        if order == Order::Name {
            assert_eq!(found, all_ids);
        }
        found.sort_unstable();
        let mut expected = all_ids.clone();
        expected.sort_unstable();
        assert_eq!(found, expected, "{order:?}");
    }
    let error = deployment.registry.list(&chief, &Question::default(), now());
    assert!(matches!(error, Err(StoreError::Usage(_))));
}

#[test]
fn the_day_has_its_late_visits_silent_referrals_conflicts_and_odd_surveys() {
    let deployment = Deployment::on(super::place());
    let chief = person(&deployment, "Chief Illustrative", Role::Coordinator);
    let [moved, silent, torn] = [household(), household(), household()];
    let mut events = Vec::new();
    for h in [moved, silent, torn] {
        let (id, json) = survey(h, NORTH, "Sok Dara");
        events.push(json);
        if h == moved {
            let (_, json) = event(h, "moved", &[id], r#""site":"s1""#);
            events.push(json.replace("\"happened_on\":\"2026-11-20\"", "\"happened_on\":\"2026-09-01\""));
        } else if h == silent {
            let (_, json) = event(h, "referred", &[id], r#""service":"health_centre""#);
            events.push(json.replace("\"happened_on\":\"2026-11-20\"", "\"happened_on\":\"2026-11-01\""));
        } else {
            for size in [4, 5] {
                events.push(event(h, "verified", &[id], &format!(r#""facts":{{"size":{size}}}"#)).1);
            }
        }
    }
    for n in 0..6 {
        let (_, json) = survey(household(), NORTH, &format!("Spot {n}"));
        let at = r#""location":{"lon":104.9,"lat":11.55,"accuracy_m":5},"after""#;
        events.push(json.replace("\"after\"", at));
    }
    assert!(all(
        &deployment.push(&deployment.root, &events),
        ReceiptStatus::Stored
    ));
    let today = deployment.registry.today(&chief, now()).unwrap().unwrap();
    // One month after 1 September, closed on 8 October; the third month's window opens on 17 November, before the 20th.
    assert_eq!((today.visits.len(), today.due, today.overdue), (1, 1, 0));
    assert_eq!((today.visits[0].id, today.visits[0].months), (moved, 3));
    assert_eq!(today.visits[0].standing, Standing::Due);
    assert_eq!((today.silent[0].id, today.silent[0].days), (silent, 19));
    assert_eq!((today.conflicts[0].0, today.conflicts[0].2), (torn, 1));
    assert_eq!((today.crowds.len(), today.crowds[0].surveys), (1, 6));
    // The same day's rows say the right thing on another day: nothing was written meanwhile.
    let after = later(SignedDuration::from_hours(24 * 40));
    let today = deployment.registry.today(&chief, after).unwrap().unwrap();
    assert_eq!(
        (today.overdue, today.visits[0].standing),
        (1, Standing::Escalated)
    );
}

#[test]
fn the_last_place_is_never_given_twice() {
    let deployment = Deployment::on(super::place());
    let [one, two] =
        ["One Illustrative", "Two Illustrative"].map(|name| person(&deployment, name, Role::Coordinator));
    let families: Vec<HouseholdId> = (0..12).map(|_| household()).collect();
    let surveys: Vec<(EventId, String)> = families.iter().map(|h| survey(*h, NORTH, "Sok Dara")).collect();
    let texts: Vec<String> = surveys.iter().map(|(_, json)| json.clone()).collect();
    deployment.push(&deployment.root, &texts);
    // Two coordinators at two browsers offer the same five places to six families each, at once.
    let half = |from: usize, actor: &Actor| -> Vec<Recorded> {
        (from..from + 6)
            .flat_map(|i| {
                let (_, incoming) = offer(families[i], "s1", &[surveys[i].0]);
                deployment
                    .registry
                    .record(actor, vec![incoming], &room("s1", 5), "", now())
                    .unwrap()
            })
            .collect()
    };
    let recorded: Vec<Recorded> = std::thread::scope(|scope| {
        let first = scope.spawn(|| half(0, &one));
        let second = scope.spawn(|| half(6, &two));
        [first.join().unwrap(), second.join().unwrap()].concat()
    });
    let taken = recorded
        .iter()
        .filter(|one| matches!(one, Recorded::Taken(_)))
        .count();
    let full = recorded.iter().filter(|one| refused(one) == "site_full").count();
    assert_eq!((taken, full), (5, 7));
    assert_eq!(deployment.registry.places_taken(&one).unwrap()["s1"], 5);
    // Who declines gives the place back, and one more family gets it.
    let given = recorded
        .iter()
        .position(|one| matches!(one, Recorded::Taken(_)))
        .unwrap();
    let waits = recorded
        .iter()
        .position(|one| refused(one) == "site_full")
        .unwrap();
    let head = deployment
        .registry
        .case(&one, families[given], "", now())
        .unwrap()
        .state
        .heads[0];
    let (_, json) = event(
        families[given],
        "declined",
        &[head],
        r#""site":"s1","reason":"too far""#,
    );
    let answered = deployment
        .registry
        .record(&one, vec![Incoming::read(&json)], &Room::default(), "", now())
        .unwrap();
    assert_eq!(refused(&answered[0]), "");
    let again = |actor: &Actor, i: usize| {
        let (_, incoming) = offer(families[i], "s1", &[surveys[i].0]);
        let recorded = deployment
            .registry
            .record(actor, vec![incoming], &room("s1", 5), "", now());
        refused(&recorded.unwrap()[0]).to_owned()
    };
    assert_eq!(again(&two, waits), "");
    assert_eq!(again(&one, given), "site_full");
    // Who holds an offer of the full site accepts it; who gave its place back cannot have it again by accepting.
    let accepts = |i: usize| {
        let heads = deployment
            .registry
            .case(&one, families[i], "", now())
            .unwrap()
            .state
            .heads;
        let (_, json) = event(families[i], "accepted", &heads, r#""site":"s1""#);
        let recorded =
            deployment
                .registry
                .record(&one, vec![Incoming::read(&json)], &room("s1", 5), "", now());
        refused(&recorded.unwrap()[0]).to_owned()
    };
    let offered = |i: usize| {
        deployment
            .registry
            .case(&one, families[i], "", now())
            .unwrap()
            .offered
    };
    assert_eq!((offered(waits), offered(given)), (Some("s1".to_owned()), None));
    assert_eq!(
        (accepts(waits), accepts(given)),
        (String::new(), "site_full".to_owned())
    );
    assert_eq!(offered(waits), None);
    assert_eq!(deployment.registry.places_taken(&one).unwrap()["s1"], 5);
    // A site that the decision does not have is offered to nobody, and nobody but a coordinator offers.
    let (_, elsewhere) = offer(families[0], "s9", &[surveys[0].0]);
    let recorded = deployment
        .registry
        .record(&one, vec![elsewhere], &room("s1", 5), "", now())
        .unwrap();
    assert_eq!(refused(&recorded[0]), "site_full");
    let caseworker = person(&deployment, "Case Illustrative", Role::Caseworker);
    assert_eq!(again(&caseworker, waits), "no_right");
}

#[test]
fn what_is_recorded_and_read_at_the_desk_is_in_the_audit() {
    let deployment = Deployment::on(super::place());
    let chief = person(&deployment, "Chief Illustrative", Role::Coordinator);
    let h = household();
    let (first, json) = survey(h, NORTH, "Sok Dara");
    deployment.push(&deployment.root, &[json]);
    let before = deployment
        .registry
        .audit(&deployment.root, None, 100)
        .unwrap()
        .len();
    deployment.registry.case(&chief, h, "asked", now()).unwrap();
    let (_, json) = event(h, "verified", &[first], "");
    let recorded = deployment
        .registry
        .record(
            &chief,
            vec![Incoming::read(&json), Incoming::read("{}")],
            &Room::default(),
            "",
            now(),
        )
        .unwrap();
    assert_eq!(refused(&recorded[0]), "");
    assert!(matches!(recorded[1], Recorded::Refused(_)));
    let rows = deployment.registry.audit(&deployment.root, None, 100).unwrap();
    let words: Vec<&str> = rows.iter().map(|row| row.what.as_str()).collect();
    assert_eq!(rows.len(), before + 2, "{words:?}");
    for row in rows
        .iter()
        .filter(|row| ["household_read", "event_recorded"].contains(&row.what.as_str()))
    {
        assert_eq!(row.subject, h.to_string());
        assert!(!format!("{row:?}").contains("Sok"));
    }
}

#[test]
fn stays_are_told_by_visits_and_hidden_families_are_in_no_count() {
    let deployment = Deployment::on(super::place());
    let chief = person(&deployment, "Chief Illustrative", Role::Coordinator);
    let planner = person(&deployment, "Plan Illustrative", Role::Planner);
    let caseworker = person(&deployment, "Case Illustrative", Role::Caseworker);
    let on = |json: String, day: &str| {
        json.replace(
            "\"happened_on\":\"2026-11-20\"",
            &format!("\"happened_on\":\"{day}\""),
        )
    };
    let family = |leaves: bool| {
        let h = household();
        let facts =
            format!(r#""facts":{{"dwelling.sangkat":"{NORTH}","head.name":"Sok Dara","work.minutes":20}}"#);
        let (first, surveyed) = event(h, "surveyed", &[], &facts);
        let (second, moved) = event(h, "moved", &[first], r#""site":"s1""#);
        let told = r#""facts":{"outcome.work_kept":true,"outcome.debt":"unknown","outcome.title":"issued","outcome.children_of_school_age":3,"outcome.children_at_school":2}"#;
        let (third, visited) = event(h, "visited", &[second], told);
        let mut events = vec![
            on(surveyed, "2025-12-01"),
            on(moved, "2026-01-01"),
            on(visited, "2026-02-01"),
        ];
        if leaves {
            let more = r#""first_gone":"2026-04-01","reason":"work too far""#;
            events.push(on(event(h, "left", &[third], more).1, "2026-04-03"));
        }
        deployment.push(&deployment.root, &events);
        h
    };
    let (_, _, hidden) = (family(false), family(true), family(true));
    deployment
        .registry
        .give(
            &deployment.root,
            hidden,
            &[caseworker.account().unwrap().clone()],
            "",
            now(),
        )
        .unwrap();
    deployment
        .registry
        .hide(&caseworker, hidden, true, "danger", now())
        .unwrap();
    // Who reads no household is told the gate's counts alone.
    assert!(matches!(
        deployment.registry.stays(&planner, now()).unwrap_err(),
        StoreError::Denied(_)
    ));
    for actor in [&chief, &caseworker] {
        let stays = deployment.registry.stays(actor, now()).unwrap().unwrap();
        assert_eq!(stays.len(), 2);
        // 31 days in January; 28 in February and 31 in March.
        assert_eq!((stays[0].last_there, stays[0].first_gone), (31, None));
        assert_eq!((stays[1].last_there, stays[1].first_gone), (31, Some(90)));
        assert_eq!(stays[1].reason.as_deref(), Some("work too far"));
        let told = |path: &str| {
            let at = outcomes().iter().position(|fact| fact.path == path).unwrap();
            stays[0].told[at]
        };
        assert_eq!(told("outcome.work_kept"), Told::Answer(0));
        assert_eq!(told("outcome.title"), Told::Answer(0));
        assert_eq!(told("outcome.debt"), Told::Unknown);
        assert_eq!(told("outcome.flooded"), Told::NotAsked);
        // A survey had told it before the move: that is no outcome of it.
        assert_eq!(told("work.minutes"), Told::NotAsked);
        let school = School {
            asked: true,
            known: 3,
            attend: 2,
        };
        assert_eq!(stays[0].school, school);
    }
    let worker = person(&deployment, "Field Illustrative", Role::FieldWorker);
    assert!(matches!(
        deployment.registry.stays(&worker, now()),
        Err(StoreError::Denied(_))
    ));
}

#[test]
fn a_new_offer_after_a_departure_is_the_site_that_the_family_holds() {
    let deployment = Deployment::on(super::place());
    let chief = person(&deployment, "Chief Illustrative", Role::Coordinator);
    let h = household();
    let (surveyed, json) = survey(h, NORTH, "Sok Dara");
    let (moved, moving) = event(h, "moved", &[surveyed], r#""site":"s1""#);
    let (left, leaving) = event(h, "left", &[moved], "");
    deployment.push(&deployment.root, &[json, moving, leaving]);
    let (_, incoming) = offer(h, "s2", &[left]);
    let recorded = deployment
        .registry
        .record(&chief, vec![incoming], &room("s2", 5), "", now())
        .unwrap();
    assert_eq!(refused(&recorded[0]), "");
    let case = deployment.registry.case(&chief, h, "", now()).unwrap();
    assert_eq!(case.state.statuses, [Status::Left], "until it answers");
    assert_eq!(
        (case.offered.as_deref(), case.site.as_deref()),
        (Some("s2"), Some("s2")),
        "not the site that it left"
    );
}

#[test]
fn a_survey_from_outside_the_country_is_told() {
    let deployment = Deployment::on(super::place());
    let chief = person(&deployment, "Chief Illustrative", Role::Coordinator);
    let h = household();
    let (_, json) = event(
        h,
        "surveyed",
        &[],
        &format!(
            r#""facts":{{"dwelling.sangkat":"{NORTH}"}},"location":{{"lon":2.35,"lat":48.85,"accuracy_m":5,"method":"gps"}}"#
        ),
    );
    deployment.push(&deployment.root, &[json]);
    let today = deployment.registry.today(&chief, now()).unwrap().unwrap();
    let outside: Vec<HouseholdId> = today.outside.into_iter().map(|(id, _)| id).collect();
    assert_eq!(outside, [h]);
}

/// A survey of a family of `size` at a place, with the names of its people.
fn surveyed_at(h: HouseholdId, at: [f64; 2], size: u16, people: &[&str]) -> String {
    let members: Vec<String> = people[1..]
        .iter()
        .map(|name| format!(r#""members/{}/name_latin":"{name}""#, household()))
        .collect();
    let members = if members.is_empty() {
        String::new()
    } else {
        format!(",{}", members.join(","))
    };
    let more = format!(
        r#""facts":{{"dwelling.sangkat":"{NORTH}","head.name_latin":"{}","size":{size}{members}}},
            "location":{{"lon":{},"lat":{},"accuracy_m":5,"method":"gps"}}"#,
        people[0], at[0], at[1]
    );
    event(h, "surveyed", &[], &more).1
}

#[test]
fn the_day_and_a_familys_page_show_the_same_likely_duplicates() {
    let deployment = Deployment::on(super::place());
    let chief = person(&deployment, "Chief Illustrative", Role::Coordinator);
    let all: Vec<HouseholdId> = (0..9).map(|_| household()).collect();
    let east = |metres: f64| [104.9 + metres / 109_000.0, 11.56];
    // Seven neighbours have the same common name; of these two are of one size and 100 metres apart, across a round number of degrees.
    let mut events: Vec<String> = (0..5)
        .map(|i| surveyed_at(all[i], east(1_000.0 * (i + 1) as f64), 4, &["Sok Chan"]))
        .collect();
    events.push(surveyed_at(all[5], east(-50.0), 6, &["Sok Chan"]));
    events.push(surveyed_at(all[6], east(50.0), 6, &["Chan Sok"]));
    // Two are far from each other, and everybody in one is in the other.
    let people = ["Keo Dara", "Keo Maly", "Nhem Sothy", "Keo Pisey"];
    events.push(surveyed_at(all[7], east(9_000.0), 4, &people));
    events.push(surveyed_at(all[8], east(20_000.0), 5, &people));
    deployment.push(&deployment.root, &events);
    let registry = &deployment.registry;
    let likely = |i: usize| -> Vec<HouseholdId> {
        let case = registry.case(&chief, all[i], "", now()).unwrap();
        case.likely.iter().map(|twin| twin.household).collect()
    };
    let groups = || -> Vec<Vec<HouseholdId>> {
        let today = registry.today(&chief, now()).unwrap().unwrap();
        assert_eq!(today.twins_all, today.twins.len());
        today.twins.into_iter().map(|twins| twins.households).collect()
    };
    assert_eq!(groups(), [vec![all[5], all[6]], vec![all[7], all[8]]]);
    for (i, own) in all.iter().enumerate() {
        let expected: Vec<HouseholdId> = groups()
            .into_iter()
            .filter(|group| group.contains(own))
            .flatten()
            .filter(|other| other != own)
            .collect();
        assert_eq!(likely(i), expected, "{i}");
    }
    // A record that was joined to another is counted nowhere any more, and is found by its status or by a search.
    let heads = registry.case(&chief, all[8], "", now()).unwrap().state.heads;
    let (_, json) = event(all[8], "merged", &heads, &format!(r#""to":"{}""#, all[7]));
    let recorded = registry.record(&chief, vec![Incoming::read(&json)], &Room::default(), "", now());
    assert_eq!(refused(&recorded.unwrap()[0]), "");
    assert_eq!(groups(), [vec![all[5], all[6]]]);
    assert!(likely(7).is_empty());
    let count = registry.today(&chief, now()).unwrap().unwrap().households;
    assert_eq!((count, page(&deployment, &chief, &question()).total), (8, 8));
    let merged = Question {
        statuses: vec![Status::Merged],
        ..question()
    };
    assert_eq!(ids(&page(&deployment, &chief, &merged)), [all[8]]);
    let named = Question {
        text: "Nhem Sothy".into(),
        ..question()
    };
    assert_eq!(page(&deployment, &chief, &named).total, 2);
}

#[test]
fn the_day_counts_the_silent_referrals_that_the_list_finds() {
    let deployment = Deployment::on(super::place());
    let chief = person(&deployment, "Chief Illustrative", Role::Coordinator);
    let families: Vec<HouseholdId> = (0..3).map(|_| household()).collect();
    let mut events = Vec::new();
    let today = now()
        .to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(7)))
        .date();
    for (i, h) in families.iter().enumerate() {
        let (first, json) = survey(*h, NORTH, "Sok Dara");
        events.push(json);
        // The first has two that are old, the second one, the third one of yesterday.
        for days in [[40, 30].as_slice(), &[20], &[1]][i] {
            let on = today.checked_sub(jiff::Span::new().days(*days)).unwrap();
            let (_, json) = event(*h, "referred", &[first], r#""service":"hospital""#);
            let mut json: serde_json::Value = serde_json::from_str(&json).unwrap();
            json["happened_on"] = serde_json::json!(on.to_string());
            events.push(json.to_string());
        }
    }
    deployment.push(&deployment.root, &events);
    let day = deployment.registry.today(&chief, now()).unwrap().unwrap();
    let silent = Question {
        silent: true,
        ..question()
    };
    let found = page(&deployment, &chief, &silent);
    assert_eq!((day.silent_all, day.silent.len(), found.total), (2, 2, 2));
    assert_eq!((day.silent[0].id, day.silent[0].days), (families[0], 40));
    let open = Question {
        referrals: true,
        ..question()
    };
    assert_eq!(page(&deployment, &chief, &open).total, 3);
}

#[test]
fn what_the_desk_refuses_is_not_said_to_be_kept() {
    let deployment = Deployment::on(super::place());
    let chief = person(&deployment, "Chief Illustrative", Role::Coordinator);
    let [a, b] = [household(), household()];
    let mut told = Vec::new();
    for h in [a, b] {
        let (first, text) = survey(h, NORTH, "Sok Sopheap");
        let (_, moved) = event(h, "moved", &[first], r#""site":"site-7","plot":"12""#);
        let events = [text, moved].map(|event| Incoming::read(&event)).to_vec();
        told = deployment
            .registry
            .record(&chief, events, &Room::default(), "", now())
            .unwrap();
    }
    let Recorded::Refused(refusal) = &told[1] else {
        panic!("{told:?}");
    };
    let note = &refusal.notes[0];
    assert_eq!(note.code, "plot_taken");
    assert!(
        note.message.contains("Nothing was recorded") && !note.message.contains("kept,"),
        "{note:?}"
    );
    assert_eq!(deployment.registry.quarantine_waiting(&chief).unwrap(), 0);
}

#[test]
fn a_file_that_another_key_sealed_says_so() {
    let [here, there] = [(), ()].map(|()| Deployment::on(super::place()));
    let mut file = Vec::new();
    there
        .registry
        .export(&there.root, false, "", &mut file, now())
        .unwrap();
    let refused = here
        .registry
        .take_file(
            &here.root,
            &phteah_store::AnswerableTasks::default(),
            &mut file.as_slice(),
            now(),
        )
        .unwrap_err()
        .to_string();
    assert!(
        refused.contains("sealed with the key") && !refused.contains("registry.sqlite"),
        "{refused}"
    );
}
