//! Indicators: their files, what is counted, and what a release of them says.
#![allow(clippy::needless_pass_by_value, reason = "what json! makes is given away")]

use std::collections::BTreeMap;

use jiff::civil::{Date, date};
use phteah_registry::disclosure::rules::Rules;
use phteah_registry::event::{Event, HouseholdId};
use phteah_registry::fold::fold_all;
use phteah_registry::indicators::{BUILT_IN, Count, Indicator, IndicatorSet, Places, Vocabulary};
use phteah_registry::releases::{Before, PrepareError, ReleaseSet, prepare};
use phteah_registry::state::State;
use serde_json::{Value, json};

const TODAY: Date = date(2026, 11, 30);

/// The events of one family in the making.
struct Family {
    id: String,
    number: u64,
    events: Vec<Event>,
}

impl Family {
    fn new(number: u64) -> Self {
        Self {
            id: format!("00000000-0000-4000-8000-{number:012x}"),
            number,
            events: Vec::new(),
        }
    }

    fn tell(mut self, kind: &str, day: &str, facts: Value, more: Value) -> Self {
        let id = format!(
            "019ae3a0-0000-7000-8{:03x}-{:012x}",
            self.events.len(),
            self.number
        );
        let after: Vec<String> = self
            .events
            .last()
            .map(|event| event.id.to_string())
            .into_iter()
            .collect();
        let mut event = json!({
            "id": id, "household": self.id, "kind": kind, "after": after, "happened_on": day,
            "recorded_at": format!("{day}T03:10:00Z"), "facts": facts,
        });
        for (name, value) in more.as_object().expect("an object") {
            event[name] = value.clone();
        }
        self.events
            .push(Event::read(event.to_string().as_bytes()).expect("a good event"));
        self
    }

    fn surveyed(self, sangkat: &str, sex: &str) -> Self {
        let facts = json!({"dwelling.sangkat": sangkat, "head.sex": sex});
        self.tell("surveyed", "2022-03-01", facts, json!({}))
    }

    fn moved(self, site: &str, day: &str) -> Self {
        self.tell("moved", day, json!({}), json!({"site": site}))
    }

    fn state(&self) -> State {
        let id: HouseholdId = self.id.parse().expect("an id");
        fold_all(&self.events).remove(&id).expect("its state")
    }
}

fn read(text: &str) -> Indicator {
    Indicator::read(text, &Vocabulary::built_in()).unwrap_or_else(|mistakes| panic!("{mistakes:?}"))
}

/// The finest rows of a table with anybody in them.
fn rows(indicator: &Indicator, families: &[Family]) -> BTreeMap<String, u64> {
    let places = Places::default();
    let mut count = Count::new(indicator, &places, TODAY);
    for family in families {
        count.add(&family.state());
    }
    let counted = count.finish().expect("somebody");
    let table = counted.file.table(counted.file.by(), &[]).expect("a table");
    (0..table.len())
        .filter(|&cell| table.is_leaf(cell) && table.values()[cell] > 0)
        .map(|cell| (table.name(cell), table.values()[cell]))
        .collect()
}

fn one(by: &str) -> Indicator {
    read(&format!(
        "id = \"t\"\ntitle = {{ en = \"a\", km = \"ក\" }}\nabout = {{ en = \"a\", km = \"ក\" }}\nover = \"recorded\"\nby = {by}"
    ))
}

#[test]
fn the_built_in_set_can_be_published_together() {
    let set = IndicatorSet::built_in().unwrap_or_else(|mistakes| panic!("{mistakes:?}"));
    let ids: Vec<&str> = set.indicators().iter().map(|one| one.id.as_str()).collect();
    for id in [
        "families_by_area",
        "disability_by_khan",
        "clinic_referrals",
        "nursery_referrals",
        "moves_and_stay",
        "work_after_move",
    ] {
        assert!(ids.contains(&id), "{id}");
    }
}

/// Whoever copies the example of the documentation has a table that goes with those that come with the program.
#[test]
fn the_example_of_the_documentation_can_be_added() {
    let docs = include_str!("../../../docs/gate.md");
    let begins = docs.find("    id = \"").unwrap();
    let lines = docs[begins..].lines().take_while(|line| line.starts_with("    "));
    let text: Vec<&str> = lines.map(str::trim_start).collect();
    let text = text.join("\n");
    let files = BUILT_IN.into_iter().chain([("own.toml", text.as_str())]);
    let set = IndicatorSet::read(files, &Vocabulary::built_in());
    assert!(set.is_ok_and(|set| set.get("families_by_tenure").is_some()));
}

/// Thirty minutes and thirty-five: the difference is who needs 30 to 34.
#[test]
fn a_question_is_asked_once() {
    let table = |id: &str, over: &str, by: &str, more: &str| {
        format!(
            "id = \"{id}\"\ntitle = {{ en = \"a\", km = \"ក\" }}\nabout = {{ en = \"a\", km = \"ក\" }}\nover = \"{over}\"\nby = {by}\n{more}"
        )
    };
    let minutes = |column: &str, band: u32| {
        format!("[\"khan\", {{ column = \"{column}\", fact = \"work.minutes\", bands = [{band}] }}]")
    };
    let told = |one: &str, other: &str| {
        let files = [("one.toml", one), ("other.toml", other)];
        let mistakes = IndicatorSet::read(files, &Vocabulary::built_in())
            .err()
            .unwrap_or_default();
        mistakes
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("\n")
    };
    let one = table("one", "recorded", &minutes("a", 30), "");
    let other = table("other", "recorded", &minutes("b", 35), "");
    assert!(told(&one, &other).contains("in other groups or under another name"));
    let median = "[median]\nfact = \"work.minutes\"\nstep = 5";
    let other = table("other", "recorded", "[\"khan\", \"under_six\"]", median);
    assert!(told(&one, &other).contains("how many have not answered"));
    assert!(told(&other, &one).contains("how many have not answered"));
    let other = table(
        "other",
        "moved",
        "[\"site\", { column = \"b\", fact = \"work.minutes\", bands = [20] }]",
        "",
    );
    assert!(told(&one, &other).contains("in one of them only"));
    let other = table(
        "other",
        "recorded",
        "[\"khan\", { column = \"b\", fact = \"visit.resident\" }]",
        "",
    );
    assert!(told(&one, &other).contains("only families who moved"));
    let other = table("other", "recorded", "[\"khan\", \"under_six\"]", "");
    assert_eq!(told(&one, &other), "");
}

#[test]
fn all_mistakes_are_told_at_once() {
    let text = r#"
        id = "Families"
        title = { en = "Families" }
        about = { en = "a", km = "ក" }
        over = "everybody"
        period = { from = "2026-13-01" }
        by = ["head_sex", { column = "t", fact = "dwelling.tenur" }, { column = "n", fact = "head.name" }, { column = "w", fact = "work.minutes" },
              { column = "k", fact = "dwelling.tenure", values = ["rented", "leased"] }]
        colour = "red"
        [[share]]
        name = "share_x"
        column = "k"
        of = ["rented", "gone"]
        among = ["rented"]
        [median]
        fact = "head.sex"
    "#;
    let mistakes = Indicator::read(text, &Vocabulary::built_in()).unwrap_err();
    let told: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
    for wanted in [
        "id: use small letters",
        "title.km: it is missing",
        "over: write \"recorded\"",
        "period.from: write a day",
        "by[0]: there is no breakdown 'head_sex'",
        "by[1].fact: there is no fact dwelling.tenur; did you mean dwelling.tenure?",
        "by[2].fact: head.name says who somebody is or is protected, and is never counted",
        "by[3].bands: work.minutes is a number",
        "by[4].values[1]: dwelling.tenure has no answer 'leased'",
        "colour: it is not known here",
        "share[0].of: k has no category 'gone'",
        "median.fact: head.sex is no number",
    ] {
        assert!(
            told.iter().any(|one| one.starts_with(wanted)),
            "{wanted} is not among {told:#?}"
        );
    }
}

#[test]
fn files_that_cannot_be_published_together_are_told() {
    let by = |id: &str, by: &str| {
        format!(
            "id = \"{id}\"\ntitle = {{ en = \"a\", km = \"ក\" }}\nabout = {{ en = \"a\", km = \"ក\" }}\nover = \"recorded\"\nby = {by}"
        )
    };
    let files = [
        ("1.toml", by("one", r#"["khan", "school"]"#)),
        ("2.toml", by("two", r#"["khan", "disability", "school"]"#)),
        ("3.toml", by("three", r#"["site"]"#)),
        ("4.toml", by("one", r#"["khan", "under_six"]"#)),
    ];
    let files = files.iter().map(|(name, text)| (*name, text.as_str()));
    let mistakes = IndicatorSet::read(files, &Vocabulary::built_in()).unwrap_err();
    let told: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
    assert!(told[0].starts_with("2.toml: by: one counts the same families by school as well"));
    assert!(
        told.iter()
            .any(|one| one.starts_with("3.toml: by[0]: one counts the same families by khan"))
    );
    assert!(
        told.iter()
            .any(|one| one.starts_with("4.toml: id: another file has the id one"))
    );
}

#[test]
fn each_family_counts_once_and_what_is_not_known_is_a_category() {
    let families = [
        Family::new(1).surveyed("120101", "female"),
        Family::new(2).surveyed("120102", "male"),
        // Nobody wrote down where, and the sex is in conflict with nothing: it was never asked.
        Family::new(3).tell("surveyed", "2022-03-01", json!({}), json!({})),
        Family::new(4).surveyed("Tonle Bassac", "female"),
    ];
    let found = rows(
        &one(r#"["khan>sangkat", { column = "sex", fact = "head.sex" }]"#),
        &families,
    );
    let expected = BTreeMap::from([
        ("1201 > 120101, female".to_owned(), 1),
        ("1201 > 120102, male".to_owned(), 1),
        ("unknown > unknown, unknown".to_owned(), 1),
        ("unknown > unknown, female".to_owned(), 1),
    ]);
    assert_eq!(found, expected);
}

#[test]
fn who_is_hidden_has_withdrawn_or_goes_on_elsewhere_is_not_counted() {
    let families = [
        Family::new(1).surveyed("120101", "female"),
        Family::new(2).surveyed("120101", "female").tell(
            "corrected",
            "2022-04-01",
            json!({"protection.hidden": true}),
            json!({"reason": "asked to"}),
        ),
        Family::new(3).surveyed("120101", "female").tell(
            "consent_withdrawn",
            "2022-04-01",
            json!({}),
            json!({}),
        ),
        Family::new(4).surveyed("120101", "female").tell(
            "merged",
            "2022-04-01",
            json!({}),
            json!({"to": "00000000-0000-4000-8000-000000000001", "reason": "twice"}),
        ),
    ];
    assert_eq!(
        rows(&one(r#"["khan"]"#), &families),
        BTreeMap::from([("1201".to_owned(), 1)])
    );
}

#[test]
fn children_school_and_difficulties() {
    let a = "00000000-0000-4000-8000-0000000000aa";
    let b = "00000000-0000-4000-8000-0000000000bb";
    let member = |id: &str, born: i32, more: &[(&str, Value)]| {
        let mut facts = json!({format!("members/{id}/birth_year"): born});
        for (field, value) in more {
            facts[format!("members/{id}/{field}")] = value.clone();
        }
        facts
    };
    let both = |one: Value, other: Value| {
        let mut all = one;
        for (path, value) in other.as_object().expect("facts") {
            all[path] = value.clone();
        }
        all
    };
    let tell = |number, facts| Family::new(number).tell("surveyed", "2022-03-01", facts, json!({}));
    let goes = [("school_attends", json!(true))];
    let stays = [("school_attends", json!(false))];
    let families = [
        tell(1, both(member(a, 2015, &goes), member(b, 2014, &stays))),
        tell(2, both(member(a, 2015, &goes), member(b, 1980, &[]))),
        tell(3, member(a, 2023, &[("wg_walking", json!("a_lot"))])),
        // A child of school age of whom nobody asked.
        tell(4, member(a, 2015, &[])),
        tell(5, json!({})),
        // Two people were asked about difficulties; of the third nobody has told anything.
        tell(
            6,
            both(
                member(a, 2015, &goes),
                json!({"head.sex": "female", "head.wg_seeing": "some", "size": 3}),
            ),
        ),
        // The head alone: no member is told of, and there is none.
        tell(
            7,
            json!({"head.birth_year": 1950, "head.wg_walking": "cannot", "size": 1}),
        ),
    ];
    let by = one(r#"["khan", "school", "under_six", "disability"]"#);
    let place = "unknown";
    let expected = BTreeMap::from([
        (format!("{place}, some_attend, no, unknown"), 1),
        (format!("{place}, all_attend, no, unknown"), 1),
        (format!("{place}, no_child_of_school_age, yes, recorded"), 1),
        (format!("{place}, unknown, no, unknown"), 1),
        (format!("{place}, unknown, unknown, unknown"), 1),
        (format!("{place}, unknown, unknown, none_recorded"), 1),
        (format!("{place}, no_child_of_school_age, no, recorded"), 1),
    ]);
    assert_eq!(rows(&by, &families), expected);
}

#[test]
fn how_long_families_stayed() {
    let visit = |family: Family, day: &str| family.tell("visited", day, json!({}), json!({"site": "S1"}));
    let left = |family: Family, there: &str, gone: &str| {
        family.tell(
            "left",
            gone,
            json!({}),
            json!({"last_there": there, "first_gone": gone}),
        )
    };
    let moved = |number| {
        Family::new(number)
            .surveyed("120101", "male")
            .moved("S1", "2021-06-01")
    };
    let families = [
        // Moved and never met again: it is known to have been there on the first day.
        moved(1),
        // Visited some days before three years were over: that was the visit of the third year.
        visit(visit(moved(2), "2022-06-10"), "2024-05-20"),
        left(moved(3), "2021-09-01", "2022-01-15"),
        // Left between the first and the fourth year: not known before or after which of the ends.
        left(visit(moved(4), "2022-03-01"), "2022-03-01", "2025-07-01"),
        left(moved(5), "2022-09-01", "2023-01-15"),
        Family::new(6).surveyed("120101", "male"),
    ];
    let indicator = read(
        "id = \"t\"\ntitle = { en = \"a\", km = \"ក\" }\nabout = { en = \"a\", km = \"ក\" }\nover = \"moved\"\nby = [\"site\", \"moved_year\", \"stay\"]",
    );
    let expected = BTreeMap::from([
        ("S1, 2021, there_not_yet_12_months".to_owned(), 1),
        ("S1, 2021, there_at_36_months".to_owned(), 1),
        ("S1, 2021, gone_before_12_months".to_owned(), 1),
        ("S1, 2021, unknown".to_owned(), 1),
        ("S1, 2021, gone_12_to_36_months".to_owned(), 1),
    ]);
    assert_eq!(rows(&indicator, &families), expected);
    // Who moved this year cannot have stayed for three; a visit some weeks early counts as that of the year.
    let impossible =
        |year: &str, stay: &str| indicator.is_impossible(&[("moved_year", year), ("stay", stay)], TODAY);
    assert!(impossible("2026", "there_at_36_months"));
    assert!(!impossible("2026", "there_at_12_months"));
    // Only visits are early: that somebody has gone is told by the day.
    assert!(impossible("2026", "gone_12_to_36_months"));
    assert!(!impossible("2025", "gone_12_to_36_months"));
    assert!(impossible("2025", "gone_36_to_60_months"));
    assert!(!impossible("2023", "there_at_36_months"));
    assert!(!impossible("2026", "there_not_yet_12_months"));
}

#[test]
fn the_latest_referral_counts() {
    let referred = |number: u64, answers: &[&str]| {
        let mut family = Family::new(number).surveyed("120101", "male");
        for (at, answer) in answers.iter().enumerate() {
            let day = format!("2024-0{}-01", at + 1);
            family = family.tell("referred", &day, json!({}), json!({"service": "nursery"}));
            let referral = family.events.last().expect("the referral").id.to_string();
            if !answer.is_empty() {
                family = family.tell(
                    "referral_answered",
                    &day,
                    json!({}),
                    json!({"referral": referral, "answer": answer}),
                );
            }
        }
        family
    };
    let families = [
        referred(1, &["refused", "done"]),
        referred(2, &["done", ""]),
        referred(3, &[]),
        referred(4, &["no_show"]),
    ];
    let found = rows(
        &one(r#"["khan", { column = "answer", referral = "nursery" }]"#),
        &families,
    );
    let expected = BTreeMap::from([
        ("1201, done".to_owned(), 1),
        ("1201, no_answer_yet".to_owned(), 1),
        ("1201, not_referred".to_owned(), 1),
        ("1201, no_show".to_owned(), 1),
    ]);
    assert_eq!(found, expected);
}

/// Two sites with families of whom so many kept their work.
fn work(kept: [u64; 2], lost: [u64; 2]) -> Vec<Family> {
    let mut families = Vec::new();
    let mut number = 0;
    for site in 0..2 {
        for (count, answer) in [(kept[site], true), (lost[site], false)] {
            for _ in 0..count {
                number += 1;
                let minutes = 20 + (number * 7) % 40;
                families.push(
                    Family::new(number)
                        .surveyed("120101", "female")
                        .moved(&format!("S{site}"), "2024-02-01")
                        .tell(
                            "visited",
                            "2024-08-01",
                            json!({"outcome.work_kept": answer, "work.minutes": minutes}),
                            json!({"site": format!("S{site}")}),
                        ),
                );
            }
        }
    }
    families
}

fn released(families: &[Family], before: &[Before]) -> Result<ReleaseSet, PrepareError> {
    let set = IndicatorSet::built_in()
        .expect("the set")
        .only(&["work_after_move"]);
    let mut counts: Vec<Count<'_>> = set
        .indicators()
        .iter()
        .map(|one| Count::new(one, set.places(), TODAY))
        .collect();
    for family in families {
        let state = family.state();
        for count in &mut counts {
            count.add(&state);
        }
    }
    let counted: Vec<_> = counts.into_iter().filter_map(Count::finish).collect();
    prepare(&set, &counted, TODAY, Rules::default(), before)
}

fn cell<'a>(set: &'a ReleaseSet, names: &[&str]) -> &'a phteah_registry::releases::ReleasedCell {
    set.tables[0]
        .cells
        .iter()
        .find(|cell| cell.names == names)
        .expect("such a cell")
}

#[test]
fn shares_are_made_of_what_is_told() {
    let set = released(&work([40, 30], [20, 5]), &[]).unwrap_or_else(|error| panic!("{error}"));
    // 70 of 95 kept it; at the second site five lost it, so that its share would tell them.
    assert_eq!(cell(&set, &["total", "total"]).families, Some(95));
    assert_eq!(cell(&set, &["S1", "no"]).families, None);
    let share = |names: &[&str]| cell(&set, names).shares.first().copied().flatten();
    assert_eq!(share(&["S1", "total"]), None);
    let totals = (
        cell(&set, &["total", "yes"]).families,
        cell(&set, &["total", "no"]).families,
    );
    match totals {
        (Some(yes), Some(no)) => {
            assert_eq!((yes, no), (70, 25));
            assert!((share(&["total", "total"]).expect("both are told") - 70.0 / 95.0).abs() < 1e-12);
        }
        _ => assert_eq!(share(&["total", "total"]), None),
    }
    // Readers get no reason, and everything else.
    let public = set.public();
    assert!(public.tables[0].cells.iter().all(|cell| cell.reason.is_none()));
    assert!(set.tables[0].cells.iter().any(|cell| cell.reason.is_some()));
    assert!(!serde_json::to_string(&public).expect("JSON").contains("small"));
}

#[test]
fn a_median_moves_only_when_many_have_come() {
    let first = released(&work([40, 30], [20, 15]), &[]).unwrap_or_else(|error| panic!("{error}"));
    let told = cell(&first, &["total", "total"]);
    let median = told.median.expect("enough answers");
    assert!((median % 5.0).abs() < f64::EPSILON, "{median}");
    assert_eq!(told.median_of, Some((105, TODAY)));
    let before = [Before {
        name: "release 1".into(),
        of: None,
        set: first.public(),
        erased_since: 0,
        is_published: true,
    }];
    // The same number of families, and all of them far away now: the former median stands.
    let far: Vec<Family> = work([40, 30], [20, 15])
        .into_iter()
        .map(|family| {
            family.tell(
                "visited",
                "2025-08-01",
                json!({"work.minutes": 90}),
                json!({"site": "S0"}),
            )
        })
        .collect();
    let second = released(&far, &before).unwrap_or_else(|error| panic!("{error}"));
    let told = cell(&second, &["total", "total"]);
    if told.families == Some(105) {
        assert_eq!(told.median, Some(median));
    }
}

/// That there is a median says that 20 have answered: of 27 families it would tell that 7 at most have not.
#[test]
fn a_median_does_not_tell_how_many_have_not_answered() {
    let set = released(&work([40, 30], [27, 30]), &[]).unwrap_or_else(|error| panic!("{error}"));
    let median = |names: &[&str]| (cell(&set, names).families, cell(&set, names).median.is_some());
    assert_eq!(median(&["S0", "no"]), (Some(27), false));
    assert_eq!(median(&["S1", "no"]), (Some(30), true));
}

/// A step that is no whole number is a mistake, and not the finest step.
#[test]
fn the_step_of_a_median_is_a_whole_number() {
    for step in ["nan", "inf", "2.5", "5.0", "\"5\"", "true", "0", "-5", "1001"] {
        let text = format!("median = {{ fact = \"work.minutes\", step = {step} }}");
        let mistakes = Indicator::read(&text, &Vocabulary::built_in()).unwrap_err();
        let told: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
        assert!(
            told.iter()
                .any(|one| one.starts_with("median.step: write a whole number")),
            "{step}: {told:#?}"
        );
    }
}

#[test]
fn rules_are_never_lowered() {
    let set = IndicatorSet::built_in()
        .expect("the set")
        .only(&["work_after_move"]);
    let mut first = released(&work([40, 30], [20, 15]), &[]).unwrap_or_else(|error| panic!("{error}"));
    first.threshold = 20;
    let before = [Before {
        name: "release 1".into(),
        of: None,
        set: first,
        erased_since: 0,
        is_published: true,
    }];
    let error = prepare(&set, &[], TODAY, Rules::default(), &before).unwrap_err();
    assert!(error.to_string().contains("below the 20 of release 1"), "{error}");
    let error = prepare(&set, &[], TODAY, Rules::default(), &[]).unwrap_err();
    assert_eq!(error, PrepareError::Nobody("work_after_move".into()));
}
