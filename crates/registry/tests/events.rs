//! What is read, what is refused, and that nothing is lost. All households are made up.

use jiff::{SignedDuration, Timestamp};
use phteah_registry::check::{Code, Fault, Mark, faults, marks};
use phteah_registry::event::{Event, EventId, MAX_AFTER, MAX_BYTES, MAX_FACTS, MemberId};
use proptest::prelude::*;
use serde_json::{Value, json};

fn now() -> Timestamp {
    "2026-11-20T04:00:00Z".parse().expect("a time")
}

fn made(at: Timestamp, n: u8) -> String {
    EventId::new(at, [n; 10]).to_string()
}

/// A good survey, in which the test changes what it is about.
fn survey(change: impl FnOnce(&mut Value)) -> String {
    let member = MemberId::new([3; 16]);
    let mut event = json!({
        "id": made(now(), 1),
        "household": "00000000-0000-4000-8000-000000000001",
        "kind": "surveyed",
        "after": [],
        "happened_on": "2026-11-20",
        "recorded_at": "2026-11-20T03:10:00Z",
        "form": {"id": "survey", "version": "3"},
        "facts": {"head.name": "សុខ សំណាង", "dwelling.tenure": "rented", format!("members/{member}/birth_year"): 1990},
        "location": {"lon": 104.9, "lat": 11.55, "accuracy_m": 6, "method": "gps"},
        "files": ["ab".repeat(32)],
    });
    change(&mut event);
    event.to_string()
}

fn of_kind(kind: &str, fields: &Value) -> String {
    survey(|event| {
        event["kind"] = json!(kind);
        for (name, value) in fields.as_object().expect("fields") {
            event[name] = value.clone();
        }
    })
}

/// All faults of an event at the door.
fn at_the_door(json: &str) -> Vec<Fault> {
    match Event::read(json.as_bytes()) {
        Ok(event) => faults(&event, now()),
        Err(unreadable) => unreadable.faults,
    }
}

fn codes(json: &str) -> Vec<Code> {
    at_the_door(json).iter().map(|fault| fault.code).collect()
}

#[test]
fn a_good_event_of_each_kind_is_accepted() {
    let household = "00000000-0000-4000-8000-000000000002";
    let event = made(now(), 9);
    let good = [
        ("surveyed", json!({})),
        ("verified", json!({"facts": {}})),
        ("corrected", json!({"reason": "asked again"})),
        (
            "corrected",
            json!({"facts": {"status": "moved", "placement.site": "site-7", "placement.plot": null}}),
        ),
        ("consent_given", json!({"purposes": ["follow_up"]})),
        ("consent_withdrawn", json!({})),
        ("offered", json!({"site": "site-7", "decision": "D-1"})),
        ("accepted", json!({"site": "site-7"})),
        ("declined", json!({"reason": "far from work"})),
        ("moved", json!({"site": "site-7", "plot": "A-12"})),
        ("visited", json!({})),
        ("not_found", json!({"reason": "nobody_there"})),
        (
            "referred",
            json!({"service": "health centre", "to": "Chbar Ampov", "told": ["size", "work.minutes"]}),
        ),
        (
            "referral_answered",
            json!({"referral": event, "answer": "accepted"}),
        ),
        (
            "left",
            json!({"last_there": "2026-05-01", "first_gone": "2026-06-01", "to": "village", "reason": "no work"}),
        ),
        ("merged", json!({"to": household})),
        (
            "split",
            json!({"to": household, "members": [MemberId::new([3; 16])]}),
        ),
        ("noted", json!({"note": "age-encryption.org/v1 …", "facts": {}})),
        ("task_answered", json!({"task": "T-4"})),
        (
            "vaccinated",
            json!({"site": 5, "status_of_a_later_version": {"deep": [1]}, "facts": {"status": "x"}}),
        ),
    ];
    for (kind, fields) in good {
        assert_eq!(at_the_door(&of_kind(kind, &fields)), [], "{kind}");
    }
}

#[test]
fn each_missing_foreign_or_strange_field_of_a_kind_is_told() {
    let household = "00000000-0000-4000-8000-000000000001";
    let bad = [
        ("corrected", json!({"facts": {}}), Code::FieldMissing),
        (
            "corrected",
            json!({"facts": {"status": "flying"}}),
            Code::FactInvalid,
        ),
        (
            "corrected",
            json!({"facts": {"placement.site": 7}}),
            Code::FactInvalid,
        ),
        (
            "surveyed",
            json!({"facts": {"placement.site": "site-7"}}),
            Code::FactReserved,
        ),
        ("surveyed", json!({"site": "site-7"}), Code::FieldForeign),
        ("visited", json!({"note": "not here"}), Code::FieldForeign),
        (
            "consent_given",
            json!({"purposes": "follow_up"}),
            Code::FieldInvalid,
        ),
        ("offered", json!({}), Code::FieldMissing),
        ("accepted", json!({"site": null}), Code::FieldMissing),
        ("accepted", json!({"site": "  "}), Code::FieldInvalid),
        ("accepted", json!({"site": "x".repeat(201)}), Code::FieldInvalid),
        ("moved", json!({"site": 7}), Code::FieldInvalid),
        ("declined", json!({"site": "site-7"}), Code::FieldMissing),
        ("not_found", json!({"reason": "They Left!"}), Code::FieldInvalid),
        ("referred", json!({}), Code::FieldMissing),
        (
            "referred",
            json!({"service": "hospital", "told": ["Everything!"]}),
            Code::FieldInvalid,
        ),
        (
            "referred",
            json!({"service": "hospital", "told": "size"}),
            Code::FieldInvalid,
        ),
        (
            "referral_answered",
            json!({"referral": household, "answer": "done"}),
            Code::FieldInvalid,
        ),
        ("left", json!({"last_there": "2026-13-01"}), Code::FieldInvalid),
        (
            "left",
            json!({"last_there": "2026-06-02", "first_gone": "2026-06-01"}),
            Code::DateOrder,
        ),
        ("merged", json!({"to": household}), Code::HouseholdItself),
        ("merged", json!({"to": "H-77"}), Code::FieldInvalid),
        (
            "split",
            json!({"to": "00000000-0000-4000-8000-000000000002", "members": []}),
            Code::FieldInvalid,
        ),
        (
            "split",
            json!({"to": "00000000-0000-4000-8000-000000000002", "members": [MemberId::new([3; 16]), MemberId::new([3; 16])]}),
            Code::MemberRepeated,
        ),
        ("noted", json!({"note": "x".repeat(10_001)}), Code::TextTooLong),
        ("task_answered", json!({}), Code::FieldMissing),
    ];
    for (kind, fields, code) in bad {
        assert_eq!(codes(&of_kind(kind, &fields)), [code], "{kind} {fields}");
    }
}

/// What the desk's page sends, kind by kind: `web/src/desk/events.test.ts` makes these fields of the same forms.
#[test]
fn what_the_desk_sends_is_accepted() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../tests/vectors/desk-events.json"
    );
    let text = std::fs::read_to_string(path).expect("the vectors are there");
    let vectors: Value = serde_json::from_str(&text).expect("the vectors are JSON");
    let cases = ["dialog", "others"].map(|part| vectors[part].as_array().expect("cases"));
    assert!(cases.iter().all(|cases| cases.len() > 3));
    for case in cases.into_iter().flatten() {
        let mut fields = json!({"facts": {}});
        fields
            .as_object_mut()
            .expect("fields")
            .extend(case["fields"].as_object().expect("fields").clone());
        let kind = case["kind"].as_str().expect("a kind");
        assert_eq!(at_the_door(&of_kind(kind, &fields)), [], "{case}");
    }
}

#[test]
fn bad_envelopes_are_told() {
    let year_ahead = now() + SignedDuration::from_hours(365 * 24);
    let bad: Vec<(&str, String, Code)> = vec![
        (
            "no v7",
            survey(|e| e["id"] = json!("00000000-0000-4000-8000-000000000001")),
            Code::IdInvalid,
        ),
        ("no id", survey(|e| e["id"] = Value::Null), Code::FieldMissing),
        ("a number as id", survey(|e| e["id"] = json!(7)), Code::IdInvalid),
        (
            "a year ahead",
            survey(|e| e["id"] = json!(made(year_ahead, 1))),
            Code::IdAhead,
        ),
        (
            "no v4",
            survey(|e| e["household"] = json!(made(now(), 1))),
            Code::HouseholdInvalid,
        ),
        (
            "kind",
            survey(|e| e["kind"] = json!("Surveyed!")),
            Code::KindInvalid,
        ),
        (
            "long kind",
            survey(|e| e["kind"] = json!("a".repeat(101))),
            Code::KindInvalid,
        ),
        ("after", survey(|e| e["after"] = json!(["x"])), Code::AfterInvalid),
        ("after", survey(|e| e["after"] = json!("x")), Code::AfterInvalid),
        (
            "after itself",
            survey(|e| e["after"] = json!([made(now(), 1)])),
            Code::AfterItself,
        ),
        (
            "after too many",
            survey(|e| e["after"] = json!(vec![made(now(), 2); MAX_AFTER + 1])),
            Code::TooMany,
        ),
        (
            "day",
            survey(|e| e["happened_on"] = json!("20 November 2026")),
            Code::DateInvalid,
        ),
        (
            "day",
            survey(|e| e["happened_on"] = json!("2026-02-30")),
            Code::DateInvalid,
        ),
        (
            "old day",
            survey(|e| e["happened_on"] = json!("1812-01-01")),
            Code::DateInvalid,
        ),
        (
            "time",
            survey(|e| e["recorded_at"] = json!("2026-11-20T03:10:00")),
            Code::DateInvalid,
        ),
        (
            "form",
            survey(|e| e["form"] = json!({"id": "survey"})),
            Code::FormInvalid,
        ),
        ("facts", survey(|e| e["facts"] = json!([1])), Code::FactsInvalid),
        (
            "path",
            survey(|e| e["facts"] = json!({"Head Name": "x"})),
            Code::FactPathInvalid,
        ),
    ];
    for (what, json, code) in bad {
        assert_eq!(codes(&json), [code], "{what}");
    }
}

#[test]
fn bad_answers_places_and_files_are_told() {
    let member = MemberId::new([3; 16]);
    let bad: Vec<(&str, String, Code)> = vec![
        (
            "born",
            survey(|e| e["facts"][format!("members/{member}/birth_year")] = json!(2027)),
            Code::BirthInFuture,
        ),
        (
            "born",
            survey(|e| e["facts"]["head.birth_date"] = json!("2027-01-01")),
            Code::BirthInFuture,
        ),
        (
            "born",
            survey(|e| e["facts"]["head.birth_year"] = json!("long ago")),
            Code::FactInvalid,
        ),
        (
            "born",
            survey(|e| e["facts"]["head.birth_year"] = json!(1)),
            Code::FactInvalid,
        ),
        (
            "age",
            survey(|e| e["facts"]["head.age"] = json!(-3)),
            Code::FactInvalid,
        ),
        (
            "location",
            survey(|e| e["location"]["lat"] = json!(95)),
            Code::LocationInvalid,
        ),
        (
            "location",
            survey(|e| e["location"] = json!({"lon": 104.9})),
            Code::LocationInvalid,
        ),
        (
            "location",
            survey(|e| e["location"]["accuracy_m"] = json!(-1)),
            Code::LocationInvalid,
        ),
        (
            "files",
            survey(|e| e["files"] = json!(["photo.jpg"])),
            Code::FileHashInvalid,
        ),
        (
            "text",
            survey(|e| e["facts"]["head.name"] = json!("ក".repeat(10_001))),
            Code::TextTooLong,
        ),
        (
            "deep text",
            survey(|e| e["later"] = json!({"a": ["x".repeat(10_001)]})),
            Code::TextTooLong,
        ),
        (
            "note",
            of_kind("noted", &json!({"note": "x".repeat(10_000_000)})),
            Code::EventTooLarge,
        ),
        ("json", "{\"id\":".into(), Code::JsonInvalid),
        ("array", "[]".into(), Code::JsonInvalid),
        (
            "twice",
            survey(|_| ()).replacen('{', "{\"kind\":\"moved\",", 1),
            Code::FieldRepeated,
        ),
        (
            "deep",
            survey(|_| ()).replacen('{', &format!("{{\"x\":{}{},", "[".repeat(40), "]".repeat(40)), 1),
            Code::JsonTooDeep,
        ),
    ];
    for (what, json, code) in bad {
        assert_eq!(codes(&json), [code], "{what}");
    }
}

#[test]
fn one_member_id_in_two_spellings_is_used_twice() {
    let member = MemberId::new([0xab; 16]);
    let json = survey(|e| {
        e["facts"][format!("members/{member}/name")] = json!("A");
        e["facts"][format!("members/{}/name", member.to_string().to_uppercase())] = json!("B");
    });
    assert!(codes(&json).contains(&Code::MemberRepeated));
    let twice = survey(|_| ()).replacen("\"head.name\"", "\"dwelling.tenure\"", 1);
    assert_eq!(codes(&twice), [Code::FieldRepeated]);
}

#[test]
fn all_faults_are_told_at_once_and_none_repeats_what_was_said() {
    let json = survey(|e| {
        e["id"] = json!("secret-id");
        e["household"] = Value::Null;
        e["happened_on"] = json!("secret");
        e["facts"]["Secret Path"] = json!("secret");
        e["location"]["lat"] = json!("secret");
    });
    let unreadable = Event::read(json.as_bytes()).unwrap_err();
    assert_eq!(unreadable.id.as_deref(), Some("secret-id"));
    assert_eq!(unreadable.faults.len(), 5);
    for fault in unreadable.faults {
        assert!(
            !format!("{fault:?}").to_lowercase().contains("secret"),
            "{fault:?}"
        );
    }
}

#[test]
fn too_many_facts_are_refused() {
    let json = survey(|e| {
        for i in 0..MAX_FACTS {
            e["facts"][format!("x.a{i}")] = json!(1);
        }
    });
    assert_eq!(codes(&json), [Code::TooMany]);
}

#[test]
fn a_phone_that_is_late_or_a_month_ahead_is_accepted_and_marked() {
    for days in [-730_i64, 30] {
        let clock = now() + SignedDuration::from_hours(24 * days);
        let json = survey(|e| {
            e["id"] = json!(made(clock, 1));
            e["recorded_at"] = json!(clock.to_string());
        });
        let event = Event::read(json.as_bytes()).unwrap();
        assert_eq!(faults(&event, now()), []);
        let offset = Some(SignedDuration::from_hours(24 * days));
        assert!(marks(&event, now(), offset).contains(&Mark::ClockWrong));
    }
}

#[test]
fn strange_locations_are_kept_and_marked() {
    let of = |location: Value| {
        let event = Event::read(survey(|e| e["location"] = location).as_bytes()).unwrap();
        assert_eq!(faults(&event, now()), []);
        marks(&event, now(), Some(SignedDuration::from_mins(10)))
    };
    assert_eq!(of(json!({"lon": 104.9, "lat": 11.55, "accuracy_m": 6})), []);
    assert_eq!(of(json!({"lon": 104.9, "lat": 11.55, "method": "map"})), []);
    assert_eq!(of(json!({"lon": 104.9, "lat": 11.55})), [Mark::Imprecise]);
    assert_eq!(
        of(json!({"lon": 104.9, "lat": 11.55, "accuracy_m": 3000})),
        [Mark::Imprecise]
    );
    assert_eq!(
        of(json!({"lon": 102.9, "lat": 10.1, "accuracy_m": 6})),
        [Mark::OutsideCountry]
    );
    assert_eq!(
        of(json!({"lon": 0, "lat": 0, "accuracy_m": 0})),
        [Mark::OutsideCountry]
    );
}

#[test]
fn other_marks() {
    let event = |json: String| Event::read(json.as_bytes()).unwrap();
    let unknown = event(of_kind("vaccinated", &json!({"dose": 2})));
    assert_eq!(marks(&unknown, now(), None), [Mark::KindUnknown]);
    let early = event(survey(|e| e["happened_on"] = json!("2026-11-25")));
    assert_eq!(marks(&early, now(), None), [Mark::HappenedAfterRecorded]);
    let wrong = event(survey(|e| e["recorded_at"] = json!("2026-11-20T04:11:00Z")));
    assert_eq!(marks(&wrong, now(), None), [Mark::ClockWrong]);
    let offset = Some(SignedDuration::from_secs(-601));
    assert_eq!(marks(&event(survey(|_| ())), now(), offset), [Mark::ClockWrong]);
}

#[test]
fn nothing_of_a_later_version_is_lost() {
    let json = survey(|e| e["form"]["language"] = json!("km"))
        .replacen(
            '{',
            "{\"a\":1.50,\"zz\":{\"n\":123456789012345678901234567890,\"t\":[null,\"\\u1780\"]},",
            1,
        )
        .replacen("\"lon\":104.9", "\"lon\":104.900,\"altitude_m\":12.0", 1);
    let event = Event::read(json.as_bytes()).unwrap();
    let canonical = event.canonical();
    for part in [
        "\"a\":1.50",
        "\"language\":\"km\"",
        "\"altitude_m\":12.0",
        "\"lon\":104.900",
        "\"zz\":{\"n\":123456789012345678901234567890,\"t\":[null,\"ក\"]}",
    ] {
        assert!(canonical.contains(part), "{part} in {canonical}");
    }
    assert_eq!(Event::read(canonical.as_bytes()).unwrap().canonical(), canonical);
    assert_eq!(serde_json::to_string(&event).unwrap(), canonical);
    assert_eq!(serde_json::from_str::<Event>(&json).unwrap(), event);
}

#[test]
fn every_code_and_mark_has_a_name_of_its_own() {
    let mut names: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    names.extend(Mark::ALL.iter().map(|mark| mark.as_str()));
    let all = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all);
    for code in Code::ALL {
        assert!(Fault::of(code).message.ends_with('.'));
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(|x| json!(x)),
        ".{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(".{0,6}", inner, 0..4).prop_map(|map| json!(map)),
        ]
    })
}

proptest! {
    #[test]
    fn no_bytes_bring_the_reader_down(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Event::read(&bytes);
    }

    #[test]
    fn no_field_brings_the_reader_down_and_what_is_read_comes_out_again(
        name in prop_oneof![Just("after"), Just("facts"), Just("form"), Just("location"), Just("files"), Just("kind"),
            Just("id"), Just("happened_on"), Just("recorded_at"), Just("site"), Just("new_field")],
        value in any_json(),
    ) {
        let json = survey(|e| e[name] = value);
        if let Ok(event) = Event::read(json.as_bytes()) {
            let _ = faults(&event, now());
            let _ = marks(&event, now(), None);
            let canonical = event.canonical();
            prop_assert!(canonical.len() <= MAX_BYTES);
            prop_assert_eq!(Event::read(canonical.as_bytes()).map(|e| e.canonical()), Ok(canonical));
        }
    }

    #[test]
    fn fields_of_a_later_version_come_out_as_they_came_in(value in any_json()) {
        let json = survey(|e| e["of_a_later_version"] = value.clone());
        let came_in: phteah_registry::event::Value = serde_json::from_str(&value.to_string()).unwrap();
        let event = Event::read(json.as_bytes()).unwrap();
        prop_assert_eq!(&event.more["of_a_later_version"], &came_in);
        let written = format!("\"of_a_later_version\":{came_in}");
        prop_assert!(event.canonical().contains(&written));
    }
}
