//! Releases through the store: who may, in which order, against what. All people here are illustrative.
#![allow(clippy::unwrap_used, reason = "helpers of tests may unwrap as tests do")]

mod field;

use std::collections::BTreeMap;

use field::{Deployment, all, event, household, later, now};
use jiff::SignedDuration;
use phteah_registry::event::HouseholdId;
use phteah_registry::indicators::{IndicatorSet, Vocabulary};
use phteah_registry::releases::ReleaseSet;
use phteah_store::registry::{ReceiptStatus, ReleaseAudit, ReleaseState};
use phteah_store::{Actor, Role, StoreError};

const PLACES: [&str; 4] = ["120101", "120102", "120201", "120202"];

/// Families surveyed: how many in each of the places, with a head of either sex in turn.
fn survey(deployment: &Deployment, actor: &Actor, counts: [usize; 4]) -> Vec<HouseholdId> {
    let mut ids = Vec::new();
    let mut events = Vec::new();
    for (place, count) in PLACES.iter().zip(counts) {
        for number in 0..count {
            let id = household();
            let sex = ["female", "male"][number % 2];
            let facts = format!(
                r#""facts":{{"dwelling.sangkat":"{place}","head.sex":"{sex}","head.name":"Illustrative","record.illustrative":true}}"#
            );
            events.push(event(id, "surveyed", &[], &facts).1);
            ids.push(id);
        }
    }
    for batch in events.chunks(400) {
        assert!(all(&deployment.push(actor, batch), ReceiptStatus::Stored));
    }
    ids
}

fn tables() -> IndicatorSet {
    IndicatorSet::built_in()
        .unwrap()
        .only(&["families_by_area", "disability_by_khan"])
}

/// No table is named.
const ALL: &[&str] = &[];

struct House {
    deployment: Deployment,
    planner: Actor,
    coordinator: Actor,
    worker: Actor,
}

fn house() -> House {
    let deployment = Deployment::new();
    House {
        planner: deployment.person("Planner Illustrative", Role::Planner, "All"),
        coordinator: deployment.person("Coordinator Illustrative", Role::Coordinator, "All"),
        worker: deployment.person("Caseworker Illustrative", Role::Caseworker, "All"),
        deployment,
    }
}

impl House {
    fn prepare(&self) -> i64 {
        let made =
            self.deployment
                .registry
                .prepare_release(&self.planner, &tables(), ALL, ("monthly", now()));
        made.unwrap_or_else(|error| panic!("{error}")).n
    }

    fn set(&self, n: i64) -> ReleaseSet {
        self.deployment.registry.release_set(&self.planner, n).unwrap().1
    }
}

/// The counts of a table by the names of its cells.
fn counts(set: &ReleaseSet, table: &str) -> BTreeMap<String, Option<u64>> {
    assert!(set.left_out.is_empty(), "{:?}", set.left_out);
    let table = set.table(table).unwrap();
    let cells = table.cells.iter();
    cells.map(|cell| (cell.names.join("|"), cell.families)).collect()
}

#[test]
fn one_prepares_and_another_confirms() {
    let house = house();
    survey(&house.deployment, &house.worker, [40, 30, 36, 5]);
    let n = house.prepare();
    let registry = &house.deployment.registry;
    let set = house.set(n);
    let told = counts(&set, "families_by_area");
    assert_eq!(told["total|total"], Some(111));
    assert_eq!(told["1202|120202"], None);
    assert!(set.illustrative);
    // Not published, and not by whoever prepared it.
    assert!(registry.published_release(&house.planner, n).is_err());
    let error = registry
        .confirm_release(&house.planner, n, "", now())
        .unwrap_err();
    assert!(matches!(error, StoreError::Denied(_)), "{error}");
    // Not by the command line as such either.
    let error = registry
        .confirm_release(&house.deployment.root, n, "", now())
        .unwrap_err();
    assert!(error.to_string().contains("by persons"), "{error}");
    let confirmed = registry
        .confirm_release(&house.coordinator, n, "looked at", now())
        .unwrap();
    assert_eq!(confirmed.state, ReleaseState::Confirmed);
    let (record, public) = registry.published_release(&house.planner, n).unwrap();
    assert_eq!(record.hash, confirmed.hash);
    assert!(!serde_json::to_string(&public).unwrap().contains("reason"));
    // Frozen: a second confirmation changes nothing.
    assert!(
        registry
            .confirm_release(&house.coordinator, n, "", now())
            .is_err()
    );
}

#[test]
fn nobody_else_prepares_or_sees() {
    let house = house();
    survey(&house.deployment, &house.worker, [40, 30, 36, 20]);
    let n = house.prepare();
    let registry = &house.deployment.registry;
    let partner = house
        .deployment
        .person("Partner Illustrative", Role::Partner, "All");
    for actor in [&house.worker, &partner] {
        assert!(registry.releases(actor).is_err());
        assert!(registry.release_set(actor, n).is_err());
        assert!(
            registry
                .prepare_release(actor, &tables(), ALL, ("", now()))
                .is_err()
        );
        assert!(registry.confirm_release(actor, n, "", now()).is_err());
        assert!(registry.withdraw_release(actor, n, None, "why", now()).is_err());
    }
}

#[test]
fn of_two_at_once_the_second_has_to_be_prepared_anew() {
    let house = house();
    survey(&house.deployment, &house.worker, [40, 30, 36, 20]);
    let (first, second) = (house.prepare(), house.prepare());
    let registry = &house.deployment.registry;
    registry
        .confirm_release(&house.coordinator, first, "", now())
        .unwrap();
    let error = registry
        .confirm_release(&house.coordinator, second, "", now())
        .unwrap_err();
    assert!(
        matches!(
            error,
            StoreError::Refused {
                code: "release_overtaken",
                ..
            }
        ),
        "{error}"
    );
}

#[test]
fn who_is_hidden_or_erased_meanwhile_makes_it_stale() {
    let house = house();
    let ids = survey(&house.deployment, &house.worker, [40, 30, 36, 20]);
    let registry = &house.deployment.registry;
    let confirm = |n| registry.confirm_release(&house.coordinator, n, "", now());
    let is_stale = |n| {
        let error = confirm(n).unwrap_err();
        let stale = matches!(
            error,
            StoreError::Refused {
                code: "release_stale",
                ..
            }
        );
        assert!(stale, "{error}");
    };
    let n = house.prepare();
    registry
        .hide(&house.worker, ids[3], true, "somebody is in danger", now())
        .unwrap();
    is_stale(n);
    // Counted anew, all numbers that differ would tell who was hidden: the counts stand, and cannot be published.
    let again = house.prepare();
    assert_eq!(house.set(again), house.set(n));
    is_stale(again);
    // Once many have come, it is one of many changes.
    survey(&house.deployment, &house.worker, [12, 10, 11, 0]);
    let later = house.prepare();
    assert_ne!(house.set(later), house.set(n));
    let root = &house.deployment.root;
    registry.erase(root, root, ids[4], "asked to", now()).unwrap();
    is_stale(later);
    survey(&house.deployment, &house.worker, [12, 10, 11, 0]);
    assert_eq!(confirm(house.prepare()).unwrap().state, ReleaseState::Confirmed);
}

#[test]
fn hidden_families_leave_no_trace() {
    let (with, without) = (house(), house());
    for house in [&with, &without] {
        survey(&house.deployment, &house.worker, [40, 31, 36, 12]);
    }
    let more = survey(&with.deployment, &with.worker, [7, 0, 4, 11]);
    for id in more {
        with.deployment
            .registry
            .hide(&with.worker, id, true, "in danger", now())
            .unwrap();
    }
    let (one, other) = (with.prepare(), without.prepare());
    let bytes = |house: &House, n| serde_json::to_vec(&house.set(n)).unwrap();
    assert_eq!(bytes(&with, one), bytes(&without, other));
    let hash = |house: &House| {
        house.deployment.registry.releases(&house.planner).unwrap()[0]
            .hash
            .clone()
    };
    assert_eq!(hash(&with), hash(&without));
}

#[test]
fn every_release_ever_made_is_in_the_audit_of_the_next() {
    let house = house();
    survey(&house.deployment, &house.worker, [40, 30, 36, 20]);
    let registry = &house.deployment.registry;
    let first = house.prepare();
    registry
        .confirm_release(&house.coordinator, first, "", now())
        .unwrap();
    let before = counts(&house.set(first), "families_by_area");
    assert_eq!(before["1201|120101"], Some(40));
    // Even with the first release withdrawn, what has changed by few is not told.
    survey(&house.deployment, &house.worker, [2, 12, 0, 25]);
    let withdrawn = registry
        .withdraw_release(&house.coordinator, first, None, "wrong year in the title", now())
        .unwrap();
    assert_eq!(withdrawn.state, ReleaseState::Withdrawn);
    assert!(registry.published_release(&house.planner, first).is_err());
    let second = counts(&house.set(house.prepare()), "families_by_area");
    let mut compared = 0;
    for (cell, value) in &second {
        if let (Some(now), Some(Some(before))) = (value, before.get(cell)) {
            let change = now.abs_diff(*before);
            assert!(change == 0 || change >= 10, "{cell}: {before} and {now}");
            compared += 1;
        }
    }
    assert!(compared >= 5, "{compared} numbers stand in both");
    assert_eq!(second["1201|120101"], None, "42 after 40");
    assert_eq!(second["total|total"], Some(165));
}

#[test]
fn a_count_that_fell_is_looked_at_as_if_the_erased_had_been_in_it_and_as_if_not() {
    // Ten families leave the count of the first sangkat, since they take their consent back. With nobody erased that is told.
    let fallen = |erased: usize| {
        let house = house();
        let ids = survey(&house.deployment, &house.worker, [60, 50, 56, 40]);
        let first = counts(&house.set(house.prepare()), "families_by_area");
        let place = "1201|120101";
        assert_eq!(first[place], Some(60));
        let registry = &house.deployment.registry;
        for id in &ids[..10 - erased] {
            let withdrawn = event(*id, "consent_withdrawn", &[], r#""facts":{}"#).1;
            assert!(all(
                &house.deployment.push(&house.worker, &[withdrawn]),
                ReceiptStatus::Stored
            ));
        }
        let root = &house.deployment.root;
        for id in &ids[10 - erased..10] {
            registry.erase(root, root, *id, "asked to", now()).unwrap();
        }
        // So many have come elsewhere that numbers can be told at all.
        survey(&house.deployment, &house.worker, [0, 30, 40, 50]);
        let second = counts(&house.set(house.prepare()), "families_by_area");
        assert_eq!(second["1202|total"], Some(186));
        second[place]
    };
    assert_eq!(fallen(0), Some(50));
    // 60 and 50 differ by ten, but by nine if the erased family had been elsewhere.
    assert_eq!(fallen(1), None);
}

#[test]
fn the_threshold_goes_up_only() {
    let house = house();
    survey(&house.deployment, &house.worker, [40, 30, 36, 20]);
    let registry = &house.deployment.registry;
    let root = &house.deployment.root;
    registry
        .raise_release_threshold(root, 15, "the board", now())
        .unwrap();
    let error = registry.raise_release_threshold(root, 12, "", now()).unwrap_err();
    assert!(error.to_string().contains("never lowered"), "{error}");
    let made = registry
        .prepare_release(&house.planner, &tables(), ALL, ("", now()))
        .unwrap();
    assert_eq!(made.threshold, 15);
    assert!(
        registry
            .raise_release_threshold(&house.planner, 20, "", now())
            .is_err()
    );
}

#[test]
fn an_audit_repeats_what_was_done_and_tells_what_has_changed() {
    let house = house();
    let ids = survey(&house.deployment, &house.worker, [40, 30, 36, 20]);
    let registry = &house.deployment.registry;
    let n = house.prepare();
    let audit = || {
        registry
            .audit_release(&house.planner, &tables(), n, ("checked", now()))
            .unwrap()
    };
    assert!(matches!(audit(), ReleaseAudit::Same(_)));
    // It is about the families of its day, whoever has come since, and whatever was counted since.
    survey(&house.deployment, &house.worker, [12, 0, 10, 0]);
    assert!(matches!(audit(), ReleaseAudit::Same(_)));
    assert_ne!(house.set(house.prepare()), house.set(n));
    assert!(matches!(audit(), ReleaseAudit::Same(_)));
    // Of somebody who was erased nothing remains that could be counted again.
    let root = &house.deployment.root;
    registry.erase(root, root, ids[0], "asked to", now()).unwrap();
    let ReleaseAudit::Changed(tables) = audit() else {
        panic!("one of those who were counted is erased")
    };
    assert!(tables.contains(&"families_by_area".to_owned()));
}

/// All numbers that are told, by table and cell.
fn told(set: &ReleaseSet) -> BTreeMap<(String, Vec<String>), u64> {
    let tables = set.tables.iter();
    tables
        .flat_map(|table| {
            let cells = table.cells.iter();
            cells.filter_map(|cell| Some(((table.id.clone(), cell.names.clone()), cell.families?)))
        })
        .collect()
}

/// Somebody prepares release after release to see what comes of each family that is recorded.
#[test]
fn no_two_previews_differ_by_few_families() {
    let house = house();
    survey(&house.deployment, &house.worker, [40, 30, 36, 4]);
    let registry = &house.deployment.registry;
    let mut seen: Vec<ReleaseSet> = vec![house.set(house.prepare())];
    let mut different = 1;
    // Families come one by one, to every place in turn.
    for number in 0..45 {
        let mut counts = [0; 4];
        counts[number % 4] = 1;
        survey(&house.deployment, &house.worker, counts);
        let set = house.set(house.prepare());
        for before in &seen {
            let before = told(before);
            for (cell, now) in told(&set) {
                let change = before.get(&cell).map_or(0, |before| now.abs_diff(*before));
                assert!(change == 0 || change >= 10, "{cell:?} changed by {change}");
            }
        }
        if seen.last() != Some(&set) {
            assert!(set.left_out.is_empty(), "{:?}", set.left_out);
            different += 1;
            seen.push(set);
        }
    }
    // What is seen changes with every tenth family, not with each.
    assert_eq!(different, 5);
    let all = ("families_by_area".to_owned(), vec!["total".to_owned(); 2]);
    let totals: Vec<Option<u64>> = seen.iter().map(|set| told(set).get(&all).copied()).collect();
    assert_eq!(totals, [Some(110), Some(120), Some(130), Some(140), Some(150)]);
    assert_eq!(registry.releases(&house.planner).unwrap().len(), 46);
}

/// All tables are counted at once, whichever are asked for. One that is declared meanwhile waits: counted alone, it would not be protected together
/// with those that stand, and what all of them tell together would be looked at by nobody.
#[test]
fn a_table_that_is_added_waits_for_the_next_counts() {
    let house = house();
    let ids = survey(&house.deployment, &house.worker, [40, 30, 36, 20]);
    let registry = &house.deployment.registry;
    let declared = IndicatorSet::built_in().unwrap();
    let declared = declared.only(&["families_by_area", "disability_by_khan", "clinic_referrals"]);
    let fewer = declared.without("clinic_referrals");
    let prepare =
        |set: &IndicatorSet, ids: &[&str]| registry.prepare_release(&house.planner, set, ids, ("", now()));
    let first = prepare(&fewer, &["families_by_area"]).unwrap();
    // It was counted with the first one, although nobody had asked for it; three come, and it is the same.
    survey(&house.deployment, &house.worker, [3, 0, 0, 0]);
    let other = house.set(prepare(&fewer, &["disability_by_khan"]).unwrap().n);
    assert_eq!(counts(&other, "disability_by_khan")["1201|total"], Some(70));
    assert_eq!(prepare(&fewer, &["families_by_area"]).unwrap().hash, first.hash);
    // One more is declared: by its name it is refused, and with all it is left out.
    let error = prepare(&declared, &["clinic_referrals"]).unwrap_err().to_string();
    assert!(
        error.contains("was not declared then") && error.contains("10 families or more"),
        "{error}"
    );
    let all = house.set(prepare(&declared, ALL).unwrap().n);
    assert_eq!((all.tables.len(), all.left_out.len()), (2, 1));
    assert_eq!(all.left_out[0].id, "clinic_referrals");
    // One is hidden: the counts of before stand still.
    registry
        .hide(&house.worker, ids[3], true, "in danger", now())
        .unwrap();
    assert_eq!(prepare(&fewer, &["families_by_area"]).unwrap().hash, first.hash);
    // Once enough have come, all are counted.
    survey(&house.deployment, &house.worker, [10, 10, 0, 0]);
    let next = house.set(prepare(&declared, ALL).unwrap().n);
    assert_eq!((next.tables.len(), next.left_out.len()), (3, 0));
}

/// What a table is called is no other table: a mistake in its title is mended without waiting.
#[test]
fn a_table_is_called_as_its_file_says_now() {
    let house = house();
    survey(&house.deployment, &house.worker, [40, 30, 36, 20]);
    let registry = &house.deployment.registry;
    let prepare = |title: &str| {
        let text = format!(
            "id = \"own\"\ntitle = {{ en = \"{title}\", km = \"ក\" }}\nabout = {{ en = \"a\", km = \"ក\" }}\nover = \"recorded\"\nby = [\"khan\", {{ column = \"sex\", fact = \"head.sex\" }}]"
        );
        let set = IndicatorSet::read([("own.toml", text.as_str())], &Vocabulary::built_in()).unwrap();
        let made = registry
            .prepare_release(&house.planner, &set, ALL, ("", now()))
            .unwrap();
        (set, made.n)
    };
    let (_, first) = prepare("Sexx of heads");
    let (set, second) = prepare("Sex of heads");
    let (first, then) = (house.set(first), house.set(second));
    assert_eq!(then.table("own").unwrap().title[0], "Sex of heads");
    assert!(
        then.table("own")
            .unwrap()
            .says_the_same(first.table("own").unwrap())
    );
    let audit = registry
        .audit_release(&house.planner, &set, second, ("", now()))
        .unwrap();
    assert!(matches!(audit, ReleaseAudit::Same(_)), "{audit:?}");
}

#[test]
fn what_planners_are_shown_are_the_counts_of_the_gate() {
    let house = house();
    survey(&house.deployment, &house.worker, [40, 30, 36, 4]);
    let registry = &house.deployment.registry;
    assert!(registry.counts(&house.planner).unwrap().is_none());
    assert!(registry.counts(&house.worker).is_err());
    let (record, is_new) = registry
        .count_for_releases(&house.planner, &tables(), ("", now()))
        .unwrap();
    assert!(is_new);
    let counts = registry.counts(&house.coordinator).unwrap().unwrap();
    assert_eq!(counts.record, record);
    let n = house.prepare();
    assert_eq!(counts.set.public(), house.set(n).public());
    let (again, is_new) = registry
        .count_for_releases(&house.coordinator, &tables(), ("", now()))
        .unwrap();
    assert_eq!((again, is_new), (record, false));
    assert!(
        registry
            .count_for_releases(&house.worker, &tables(), ("", now()))
            .is_err()
    );
}

#[test]
fn a_table_that_cannot_be_told_leaves_the_others_alone() {
    let house = house();
    survey(&house.deployment, &house.worker, [40, 30, 36, 20]);
    let registry = &house.deployment.registry;
    let all = IndicatorSet::built_in().unwrap();
    let made = registry
        .prepare_release(&house.planner, &all, ALL, ("", now()))
        .unwrap();
    let set = house.set(made.n);
    assert!(set.table("families_by_area").is_some());
    let out = set
        .left_out
        .iter()
        .find(|out| out.id == "moves_and_stay")
        .unwrap();
    assert!(out.why.contains("nobody is counted"), "{}", out.why);
    assert!(set.public().left_out.is_empty());
    // Asked for by name, it is refused.
    for _ in 0..2 {
        let asked = ["families_by_area", "moves_and_stay"];
        let error = registry
            .prepare_release(&house.planner, &all, &asked, ("", now()))
            .unwrap_err();
        assert!(error.to_string().contains("nobody is counted"), "{error}");
    }
    // What is declared no more is in the counts still, and in no release.
    let fewer = all.only(&["families_by_area"]);
    let made = registry
        .prepare_release(&house.planner, &fewer, ALL, ("", now()))
        .unwrap();
    let tables = house.set(made.n).tables;
    assert_eq!(
        tables.iter().map(|table| table.id.as_str()).collect::<Vec<_>>(),
        ["families_by_area"]
    );
}

/// A file of a table that is changed and changed back: each release tells what was counted as the file says then, or nothing.
#[test]
fn a_table_is_told_as_it_is_declared() {
    let house = house();
    survey(&house.deployment, &house.worker, [40, 30, 36, 20]);
    let registry = &house.deployment.registry;
    let prepare = |column: &str| {
        let by = match column {
            "sex" => r#"{ column = "sex", fact = "head.sex" }"#,
            _ => r#"{ column = "tenure", fact = "dwelling.tenure", values = ["rented"] }"#,
        };
        let text = format!(
            "id = \"own\"\ntitle = {{ en = \"a\", km = \"ក\" }}\nabout = {{ en = \"a\", km = \"ក\" }}\nover = \"recorded\"\nby = [\"khan\", {by}]"
        );
        let set = IndicatorSet::read([("own.toml", text.as_str())], &Vocabulary::built_in()).unwrap();
        let made = registry.prepare_release(&house.planner, &set, ALL, ("", now()))?;
        Ok::<_, StoreError>(house.set(made.n).table("own").unwrap().by.clone())
    };
    for _ in 0..2 {
        assert_eq!(prepare("sex").unwrap(), [["khan"], ["sex"]]);
        let error = prepare("tenure").unwrap_err().to_string();
        assert!(error.contains("was not declared then"), "{error}");
    }
    survey(&house.deployment, &house.worker, [10, 10, 0, 0]);
    assert_eq!(prepare("tenure").unwrap(), [["khan"], ["tenure"]]);
}

/// What was told once is not told in other groups, over other families or another period.
#[test]
fn a_question_that_was_told_is_not_asked_in_another_way() {
    let house = house();
    survey(&house.deployment, &house.worker, [40, 30, 36, 20]);
    let registry = &house.deployment.registry;
    let prepare = |id: &str, by: &str, more: &str| {
        let text = format!(
            "id = \"{id}\"\ntitle = {{ en = \"a\", km = \"ក\" }}\nabout = {{ en = \"a\", km = \"ក\" }}\nover = \"recorded\"\n{more}\nby = [\"khan\", {by}]"
        );
        let set = IndicatorSet::read([("own.toml", text.as_str())], &Vocabulary::built_in()).unwrap();
        registry.prepare_release(&house.planner, &set, ALL, ("", now()))
    };
    let sex = r#"{ column = "sex", fact = "head.sex" }"#;
    let many = || survey(&house.deployment, &house.worker, [10, 10, 10, 10]);
    prepare("own", sex, "").unwrap();
    many();
    let fails = |id: &str, by: &str, more: &str, why: &str| {
        let error = prepare(id, by, more).unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
    };
    let renamed = r#"{ column = "s", fact = "head.sex" }"#;
    fails(
        "own",
        renamed,
        "",
        "another name of the column (sex: female,male)",
    );
    fails("new", renamed, "", "another name of the column");
    fails(
        "own",
        sex,
        r#"period = { from = "2020-01-01" }"#,
        "Keep the period",
    );
    // As it was, and another question, they are told.
    prepare("own", sex, "").unwrap();
    many();
    prepare("new", r#""disability""#, "").unwrap();
    // A median of what is counted, or another one of the same fact.
    many();
    let size = |step: &str| format!("median = {{ fact = \"size\"{step} }}");
    prepare("own", sex, &size("")).unwrap();
    many();
    fails(
        "own",
        sex,
        &size(", step = 5"),
        "was counted otherwise before (own in steps of 1)",
    );
    let bands = r#"{ column = "size", fact = "size", bands = [5] }"#;
    fails("new", bands, "", "have not answered");
}

/// What was prepared under a lower threshold is not confirmed; and what only those who prepare have seen does not stand in the way of the next release.
#[test]
fn a_raised_threshold_holds_for_what_was_prepared() {
    let house = house();
    survey(&house.deployment, &house.worker, [12, 40, 36, 25]);
    let registry = &house.deployment.registry;
    let first = house.prepare();
    assert_eq!(
        counts(&house.set(first), "families_by_area")["1201|120101"],
        Some(12)
    );
    let root = &house.deployment.root;
    registry
        .raise_release_threshold(root, 15, "small villages", now())
        .unwrap();
    let error = registry
        .confirm_release(&house.coordinator, first, "", now())
        .unwrap_err();
    assert!(
        error.to_string().contains("the threshold is 15 by now"),
        "{error}"
    );
    let second = house.prepare();
    let told = counts(&house.set(second), "families_by_area");
    assert_eq!((told["1201|120101"], told["total|total"]), (None, Some(113)));
    registry
        .confirm_release(&house.coordinator, second, "", now())
        .unwrap();
    // One that is confirmed is not stored anew after that.
    registry
        .raise_release_threshold(root, 20, "small villages", now())
        .unwrap();
    let error = registry.release_to_store(&house.coordinator, second).unwrap_err();
    assert!(
        error.to_string().contains("the threshold is 20 by now"),
        "{error}"
    );
}

#[test]
fn a_release_is_sealed_and_outlives_the_key() {
    let mut house = house();
    survey(&house.deployment, &house.worker, [40, 30, 36, 20]);
    let n = house.prepare();
    let before = house.set(n);
    house
        .deployment
        .registry
        .rotate_key(
            &house.deployment.root,
            "yearly",
            later(SignedDuration::from_hours(1)),
        )
        .unwrap();
    assert_eq!(house.set(n), before);
    house.deployment.reopen();
    assert_eq!(house.set(n), before);
    let file = std::fs::read(house.deployment.data().join("registry.sqlite")).unwrap();
    let has = |text: &str| file.windows(text.len()).any(|part| part == text.as_bytes());
    assert!(has("CREATE TABLE release") && has("CREATE TABLE release_count"));
    let counts = house.deployment.registry.counts(&house.planner).unwrap().unwrap();
    assert_eq!(counts.set, before);
    assert!(!has("families_by_area") && !has("120101"));
}

#[test]
fn what_was_prepared_and_never_confirmed_is_discarded_with_a_reason() {
    let house = house();
    survey(&house.deployment, &house.worker, [40, 30, 36, 20]);
    let registry = &house.deployment.registry;
    let n = house.prepare();
    assert!(
        registry
            .withdraw_release(&house.planner, n, None, " ", now())
            .is_err()
    );
    // Who saw it in another state has something else in mind.
    let stale = registry.withdraw_release(&house.planner, n, Some(ReleaseState::Confirmed), "why", now());
    assert!(
        matches!(&stale, Err(StoreError::Refused { code: "release_overtaken", message }) if message.contains("prepared")),
        "{stale:?}"
    );
    let record = registry
        .withdraw_release(
            &house.planner,
            n,
            Some(ReleaseState::Prepared),
            "another title",
            now(),
        )
        .unwrap();
    assert_eq!(record.state, ReleaseState::Discarded);
    assert!(
        registry
            .confirm_release(&house.coordinator, n, "", now())
            .is_err()
    );
    assert!(matches!(
        registry.release_set(&house.planner, 99).unwrap_err(),
        StoreError::NotFound(_)
    ));
}
