//! Surveys of several shapes become events, or mistakes with their places. All people are illustrative.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

use std::collections::BTreeMap;

use jiff::Timestamp;
use phteah_registry::event::{Event, EventId, Value};
use phteah_registry::import::{Book, Cell, Draft, Drafts, Mapping, Sheet, SheetRow, read, suggest};
use proptest::prelude::*;

fn now() -> Timestamp {
    "2026-11-20T03:10:00Z".parse().unwrap()
}

/// Not a good hash, and the same each time.
fn derive(parts: &[&[u8]]) -> [u8; 32] {
    let mut out = [0_u8; 32];
    let mut state = 0xcbf2_9ce4_8422_2325_u64;
    for (i, byte) in parts
        .iter()
        .flat_map(|part| part.iter().chain(&[0xff]))
        .enumerate()
    {
        state = (state ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        out[i % 32] ^= (state >> 24) as u8;
    }
    for (i, byte) in out.iter_mut().enumerate() {
        state = (state ^ i as u64).wrapping_mul(0x0100_0000_01b3);
        *byte ^= (state >> 32) as u8;
    }
    out
}

fn mapping(json: serde_json::Value) -> Mapping {
    serde_json::from_value(json).unwrap()
}

fn csv(name: &str, text: &str) -> Sheet {
    let mut mistakes = Vec::new();
    let sheet = Sheet::of_csv(name, &format!("{name}.csv"), text.as_bytes(), &mut mistakes).unwrap();
    assert_eq!(mistakes, []);
    sheet
}

fn drafts(sheets: Vec<Sheet>, mapping: &Mapping) -> Drafts {
    read(&Book { sheets }, mapping, &derive, now())
}

fn good(drafts: &Drafts) -> Vec<&Draft> {
    assert_eq!(drafts.mistakes, []);
    drafts
        .records
        .iter()
        .map(|record| record.draft.as_ref().unwrap_or_else(|wrong| panic!("{wrong:?}")))
        .collect()
}

fn wrong(drafts: &Drafts) -> Vec<String> {
    drafts
        .records
        .iter()
        .filter_map(|record| record.draft.as_ref().err())
        .flatten()
        .map(ToString::to_string)
        .collect()
}

fn event(draft: &Draft) -> Event {
    draft.event(&[], &derive).unwrap()
}

fn fact(event: &Event, ending: &str) -> Vec<Value> {
    let found = event
        .facts
        .iter()
        .filter(|(path, _)| path.as_str().ends_with(ending));
    found.map(|(_, value)| value.clone()).collect()
}

fn simple() -> Mapping {
    mapping(serde_json::json!({
        "source": "illustrative-2024",
        "record": {"id": "no", "happened_on": "day"},
        "consent": {"column": "agreed", "yes": ["yes"]},
        "location": {"lon": "lon", "lat": "lat"},
        "facts": {
            "head.name": "name",
            "size": {"column": "size", "type": "whole"},
            "dwelling.tenure": {"column": "tenure", "values": {"rents": "rented", "owns": "no_title"}},
            "survey.wet": {"column": "wet", "type": "yes_no"},
            "record.illustrative": {"constant": true}
        }
    }))
}

const HEADER: &str = "no,day,agreed,name,size,tenure,wet,lon,lat,village\n";

#[test]
fn a_table_becomes_events_and_the_same_table_the_same_ones() {
    let text = format!(
        "{HEADER}1,3/5/2024,yes,សុខ ដារា,៥,rents,yes,104.9,11.55,A\n2,2024-05-04,no,Prak Sothea,4,owns,no,,,B\n3,2024-05-04,yes,,,Owns,n/a,,,B\n"
    );
    let read_once = drafts(vec![csv("main", &text)], &simple());
    let all: Vec<_> = good(&read_once);
    assert_eq!(read_once.left_out, ["main: village"]);
    assert_eq!(
        read_once
            .records
            .iter()
            .map(|record| record.declined)
            .collect::<Vec<_>>(),
        [false, true, false]
    );
    let first = event(all[0]);
    assert_eq!(first.happened_on.to_string(), "2024-05-03");
    assert_eq!(first.recorded_at.at.to_string(), "2024-05-02T17:00:00Z");
    assert_eq!(fact(&first, "size")[0].as_i64(), Some(5));
    assert_eq!(fact(&first, "head.name")[0].as_text(), Some("សុខ ដារា"));
    assert_eq!(fact(&first, "dwelling.tenure")[0].as_text(), Some("rented"));
    assert_eq!(fact(&first, "consent.registration")[0].as_bool(), Some(true));
    assert_eq!(
        fact(&first, "record.source")[0].as_text(),
        Some("illustrative-2024")
    );
    assert!(first.location.is_some());
    let third = event(all[2]);
    assert_eq!(fact(&third, "dwelling.tenure")[0].as_text(), Some("no_title"));
    // What was not answered is not there: unknown is neither zero nor no.
    for path in ["size", "wet", "head.name"] {
        assert_eq!(fact(&third, path), [], "{path}");
    }
    assert!(third.location.is_none());
    let again = drafts(vec![csv("main", &text)], &simple());
    for (one, other) in good(&read_once).into_iter().zip(good(&again)) {
        assert_eq!(event(one).canonical(), event(other).canonical());
        assert!(one.says_the_same(&event(other), &derive));
    }
    // The order of rows and further columns change no record.
    let turned = format!(
        "{HEADER}3,2024-05-04,yes,,,Owns,n/a,,,C\n1,3/5/2024,yes,សុខ ដារា,៥,rents,yes,104.9,11.55,A\n"
    );
    let turned = drafts(vec![csv("main", &turned)], &simple());
    assert_eq!(event(good(&turned)[1]).canonical(), first.canonical());
}

#[test]
fn a_corrected_record_is_another_event_of_the_same_household() {
    let row = |size: u8| format!("{HEADER}1,3/5/2024,yes,Sok Dara,{size},rents,yes,,,A\n");
    let (before, after) = (
        drafts(vec![csv("main", &row(4))], &simple()),
        drafts(vec![csv("main", &row(5))], &simple()),
    );
    let first = event(good(&before)[0]);
    let corrected = good(&after)[0].clone();
    assert!(!corrected.says_the_same(&first, &derive));
    let second = corrected.event(&[first.id], &derive).unwrap();
    assert_eq!(
        (second.household, second.after.clone()),
        (first.household, vec![first.id])
    );
    assert_ne!(second.id, first.id);
    // Back to what it was: not the first event again, which would be a reused id.
    let back = good(&before)[0].event(&[second.id], &derive).unwrap();
    assert_ne!(back.id, first.id);
    assert!(good(&before)[0].says_the_same(&back, &derive));
}

#[test]
fn mistakes_name_row_and_column_and_stop_no_other_record() {
    let text = format!(
        "{HEADER}1,5/13/2024,yes,A,4,rents,yes,,,\n2,2024-05-03,yes,=B1,four,lives,perhaps,104.9,,\n1,2024-05-03,yes,A,4,rents,yes,11.5,104.9,\n,2024-05-03,yes,A,4,rents,yes,,,\n5,2031-05-03,yes,A,4,rents,yes,,,\n6,2024-05-03,yes,A,4,rents,yes,,,\n"
    );
    let read = drafts(vec![csv("main", &text)], &simple());
    let told = wrong(&read);
    for expected in [
        "main.csv: line 2, column day: there is no such day; day and month may have changed places",
        "main.csv: line 3, column name: holds a formula",
        "main.csv: line 3, column size: this is no number",
        "main.csv: line 3, column tenure: holds an answer that the mapping does not list",
        "main.csv: line 3, column wet: is neither yes nor no",
        "main.csv: line 4, column no: names the same record as line 2",
        "main.csv: line 4, column lon: is no place in degrees",
        "main.csv: line 5, column no: is empty",
        "main.csv: line 6, column day: lies ahead of today",
    ] {
        assert!(
            told.iter().any(|line| line.starts_with(expected)),
            "{expected}: {told:#?}"
        );
    }
    assert_eq!(
        read.records.iter().filter(|record| record.draft.is_ok()).count(),
        1
    );
    // What stood there is not told: reports are sent around.
    assert!(
        !told
            .iter()
            .any(|line| line.contains("lives") || line.contains("perhaps"))
    );
}

/// Tables would count an answer that is none as unknown, and nobody would see why.
#[test]
fn what_is_no_answer_to_a_known_question_is_told() {
    let mapping = mapping(serde_json::json!({
        "source": "s", "record": {"id": "no", "happened_on": "when"},
        "facts": {
            "dwelling.tenure": "tenure", "head.sex": "sex", "outcome.water": {"column": "water", "type": "yes_no"},
            "dwelling.sangkat": "sangkat", "own_question": "own"
        }
    }));
    let sheet = csv(
        "s",
        "no,when,tenure,sex,water,sangkat,own\n1,2024-05-03,castle,,yes,Tonle Basak,anything\n2,2024-05-03,,female,no,120101,\n",
    );
    let read = drafts(vec![sheet], &mapping);
    let told = read.records[0].draft.as_ref().unwrap_err();
    let places: Vec<&str> = told.iter().map(|mistake| mistake.place.as_str()).collect();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(
        places.iter().any(|place| place.contains("tenure"))
            && places.iter().any(|place| place.contains("sangkat"))
    );
    assert!(
        told.iter()
            .all(|mistake| !mistake.message.contains("castle") && !mistake.message.contains("Basak"))
    );
    assert!(
        told.iter().any(|mistake| mistake.message.contains("six digits")),
        "{told:?}"
    );
    assert!(read.records[1].draft.is_ok());
}

fn with_members() -> Mapping {
    mapping(serde_json::json!({
        "source": "kobo",
        "record": {"id": "_uuid", "happened_on": "today", "recorded_at": "_submission_time"},
        "location": {"geopoint": "visit/gps"},
        "facts": {"head.name": "visit/head/name"},
        "repeats": {"members": {
            "sheet": "members", "parent": "_parent_index", "of": "_index",
            "facts": {"name": "members/name", "birth_year": {"column": "members/born", "type": "whole"}}
        }}
    }))
}

#[test]
fn groups_and_repeats_of_kobo_and_odk_find_their_household() {
    let main = "today,visit/head/name,visit/gps,_uuid,_submission_time,_index\n2024-05-03,Sok Dara,11.55 104.9 0 4.5,u1,2024-05-03T11:00:00,1\n2024-05-03,Prak Sothea,,u2,2024-05-03T12:00:00,2\n";
    let members =
        "members/name,members/born,_parent_index\nSok Bopha,1990,1\nSok Kolap,2015,1\nPrak Maly,2001,2\n";
    let read = drafts(vec![csv("main", main), csv("members", members)], &with_members());
    let all = good(&read);
    let (first, second) = (event(all[0]), event(all[1]));
    assert_eq!(fact(&first, "/name").len(), 2);
    assert_eq!(fact(&second, "/birth_year")[0].as_i64(), Some(2001));
    // Kobo's server tells the time in UTC and does not say so.
    assert_eq!(first.recorded_at.at.to_string(), "2024-05-03T11:00:00Z");
    let place = first.location.unwrap();
    assert_eq!(
        (place.lon.as_f64(), place.lat.as_f64()),
        (Some(104.9), Some(11.55))
    );
    // Members whose household is not there are told, and stop nobody.
    let lost = "members/name,members/born,_parent_index\nSok Bopha,1990,7\nSok Kolap,2015,\n";
    let read = drafts(vec![csv("main", main), csv("members", lost)], &with_members());
    assert_eq!(read.mistakes, []);
    assert_eq!(
        read.records.iter().filter(|record| record.draft.is_ok()).count(),
        2
    );
    let told = wrong(&read);
    assert!(
        told[0].contains("line 3") && told[0].contains("does not name"),
        "{told:?}"
    );
    assert!(
        told[1].contains("line 2") && told[1].contains("not in the survey"),
        "{told:?}"
    );
}

const ONE_FAMILY: &str = "today,visit/head/name,visit/gps,_uuid,_submission_time,_index\n2024-05-03,Sok Dara,,u1,2024-05-03T11:00:00,1\n";

/// The ids of members by their names, after a survey was taken in and then its changed file.
fn ids_after(before: &Event, rows: &str) -> Result<(Event, BTreeMap<String, String>), String> {
    let members = format!("members/name,members/born,_parent_index\n{rows}");
    let read = drafts(
        vec![csv("main", ONE_FAMILY), csv("members", &members)],
        &with_members(),
    );
    let draft = good(&read)[0].with_members_of(std::slice::from_ref(before), &derive)?;
    let event = draft.event(&[before.id], &derive).unwrap();
    let names = event.facts.iter().filter(|(path, _)| path.field() == "name");
    let named = names
        .filter_map(|(path, name)| Some((name.as_text()?.to_owned(), path.member()?.to_string())))
        .collect();
    Ok((event, named))
}

/// Kobo and ODK give no id to a member of a repeat. Somebody who is taken out of the file must not turn whoever stands behind into himself.
#[test]
fn members_without_an_id_stay_who_they_are_when_others_come_and_go() {
    let (dara, kolap, bopha, rith) = (
        "Dara,1988,1\n",
        "Kolap,2015,1\n",
        "Bopha,1990,1\n",
        "Rith,2001,1\n",
    );
    let members = format!("members/name,members/born,_parent_index\n{dara}{kolap}{bopha}");
    let read = drafts(
        vec![csv("main", ONE_FAMILY), csv("members", &members)],
        &with_members(),
    );
    let first = event(good(&read)[0]);
    let (_, were) = ids_after(&first, &[dara, kolap, bopha].concat()).unwrap();
    let same = |rows: &[&str]| ids_after(&first, &rows.concat()).unwrap().1;

    // Somebody is gone, somebody came before the others, the rows are in another order.
    assert_eq!(same(&[kolap, bopha])["Bopha"], were["Bopha"]);
    let more = same(&[rith, dara, kolap, bopha]);
    assert!(were.iter().all(|(name, id)| more[name] == *id));
    assert!(!were.values().any(|id| *id == more["Rith"]));
    assert_eq!(same(&[bopha, dara, kolap]), were);
    // The year was put right.
    assert_eq!(same(&[dara, "Kolap,2016,1\n", bopha]), were);
    // Who is gone does not come back as somebody else, and the same file again changes nothing.
    let (second, _) = ids_after(&first, &[kolap, bopha].concat()).unwrap();
    let (third, after) = ids_after(&second, &[kolap, bopha, rith].concat()).unwrap();
    assert!(!were.values().any(|id| *id == after["Rith"]));
    assert_eq!(
        ids_after(&third, &[kolap, bopha, rith].concat()).unwrap().1,
        after
    );
    // One is gone and another has other answers: nobody can tell.
    let why = ids_after(&first, &[kolap, rith].concat()).unwrap_err();
    assert!(
        why.contains("who is who") && why.contains("[repeats.members] id"),
        "{why}"
    );
}

#[test]
fn members_in_columns_beside_one_another_are_found_as_far_as_there_are_any() {
    let mapping = mapping(serde_json::json!({
        "source": "wide",
        "record": {"id": ["village", "no"], "day": "2024-05-03"},
        "facts": {"survey.village": "village"},
        "repeats": {"members": {"facts": {
            "name": "member_{n}_name",
            "birth_year": {"column": "member_{n}_born", "type": "whole"},
            "illustrative": {"constant": true}
        }}}
    }));
    let text = "village,no,member_1_name,member_1_born,member_2_name,member_2_born\nA,1,Sok Dara,1980,,\nA,2,Keo Neary,1990,Keo Maly,2015\nB,1,,,,\n";
    let read = drafts(vec![csv("main", text)], &mapping);
    let counts: Vec<usize> = good(&read)
        .into_iter()
        .map(|draft| fact(&event(draft), "/name").len())
        .collect();
    assert_eq!(counts, [1, 2, 0]);
    let future = text.replace("2015", "2051");
    let told = wrong(&drafts(vec![csv("main", &future)], &mapping));
    assert!(
        told[0].starts_with("main.csv: line 3, column member_2_born:"),
        "{told:?}"
    );
}

#[test]
fn cells_of_a_workbook_say_what_they_hold() {
    let sheet = Sheet {
        name: "Sheet1".into(),
        file: "a.xlsx".into(),
        unit: "row",
        header: ["no", "day", "phone"].map(str::to_owned).to_vec(),
        rows: vec![
            SheetRow {
                number: 2,
                cells: vec![
                    Cell::Number(7.0),
                    Cell::Moment("2024-05-03T00:00:00".parse().unwrap()),
                    Cell::Number(12_345_678.0),
                ],
            },
            SheetRow {
                number: 3,
                cells: vec![
                    Cell::Number(8.0),
                    Cell::Number(45_415.0),
                    Cell::Number(855_123_456_789_012_345.0),
                ],
            },
            SheetRow {
                number: 4,
                cells: vec![
                    Cell::Number(9.0),
                    Cell::Broken("holds an error of the spreadsheet (#REF!).".into()),
                    Cell::Empty,
                ],
            },
        ],
    };
    let mapping = mapping(serde_json::json!({
        "source": "s", "record": {"id": "no", "happened_on": "day"}, "facts": {"head.phone": "phone"}
    }));
    let read = drafts(vec![sheet], &mapping);
    let first = event(read.records[0].draft.as_ref().unwrap());
    assert_eq!(fact(&first, "head.phone")[0].as_text(), Some("12345678"));
    let told = wrong(&read);
    assert!(
        told[0].starts_with("a.xlsx: row 3, column phone: has more digits"),
        "{told:?}"
    );
    assert!(
        told[1].starts_with("a.xlsx: row 4, column day: holds an error"),
        "{told:?}"
    );
}

#[test]
fn a_mapping_that_cannot_be_meant_is_told_as_a_whole() {
    let bad = mapping(serde_json::json!({
        "source": "Two Words", "record": {"id": []}, "location": {"lon": "x"},
        "facts": {"Head": "a", "record.source": "b", "size": {"type": "whole"}, "x": "m_{n}"},
        "repeats": {"members": {"sheet": "m", "facts": {"name": "m_{n}"}}, "loans": {"facts": {"sum": "loan"}}}
    }));
    let read = drafts(vec![csv("main", "a,b\n1,2\n")], &bad);
    assert!(read.records.is_empty());
    let told: String = read
        .mistakes
        .iter()
        .map(|mistake| format!("{mistake}\n"))
        .collect();
    for part in [
        "source:",
        "record.id:",
        "record: say when",
        "location:",
        "\"Head\":",
        "record.source\" is set",
        "\"size\": name either",
        "{n} belongs into repeats",
        "repeats.members: say which",
        "have a sheet",
        "repeats.loans",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    let missing = mapping(serde_json::json!({
        "source": "s", "record": {"id": "no", "happened_on": "when"}, "facts": {"size": "members"}
    }));
    let read = drafts(vec![csv("main", "no,day\n1,2\n")], &missing);
    assert_eq!(read.mistakes.len(), 2, "{:?}", read.mistakes);
}

#[test]
#[allow(
    clippy::too_many_lines,
    reason = "a list of surveys and what is guessed of them"
)]
fn a_first_mapping_names_every_column_once() {
    let main = csv(
        "survey 2024",
        "_uuid,today,consent,head_name,sex,HH size,ឈ្មោះ,tenure,_gps_longitude,_gps_latitude,member_1_name,member_2_name,_id\nu1,3/5/2024,yes,A,f,4,x,rents,104.9,11.5,B,C,1\nu2,4/5/2024,yes,B,f,5,y,owns,104.9,11.5,,,2\nu3,5/5/2024,yes,C,m,4,z,rents,104.9,11.5,,,3\nu4,5/5/2024,yes,C,m,4,z,rents,104.9,11.5,,,4\nu5,5/5/2024,yes,D,m,4,w,owns,104.9,11.5,,,5\nu6,5/5/2024,yes,E,m,4,v,owns,104.9,11.5,,,6\n",
    );
    let members = csv("members", "name,age,_parent_index,_submission__uuid\nB,4,1,u1\n");
    let text = suggest(
        &Book {
            sheets: vec![main, members],
        },
        "Survey 2024",
    );
    for line in [
        "source = \"survey-2024\"",
        "id = \"_id\"",
        "happened_on = \"today\"",
        "column = \"consent\"",
        "\"head.name\" = \"head_name\"",
        "\"head.sex\" = { column = \"sex\", values = { \"f\" = \"female\", \"m\" = \"male\" } }",
        // Nobody can tell which paper "owns" means: it is asked.
        "# Say in values which of rented, no_title, soft_title, hard_title, unknown these are: \"owns\"",
        "\"dwelling.tenure\" = { column = \"tenure\", values = { \"rents\" = \"rented\" } }",
        "\"size\" = { column = \"HH size\", type = \"whole\" }",
        "\"survey.answer_7\" = \"ឈ្មោះ\"",
        "lon = \"_gps_longitude\"",
        "# left out: \"_uuid\"",
        "[repeats.members]",
        "parent = \"_submission__uuid\"",
        "\"age\" = { column = \"age\", type = \"whole\" }",
    ] {
        assert!(text.contains(line), "{line} is missing:\n{text}");
    }
    assert!(!text.contains("member_2_name"), "each of a family once:\n{text}");
    // Members by their own words, in Khmer as well.
    let members = csv(
        "members",
        "full name,gender,born,relation,_submission__uuid\nB,ស្រី,2001,Child,u1\nC,boy,2010,Child,u1\n",
    );
    let main = csv("main", "_uuid,today\nu1,2024-05-01\n");
    let text = suggest(
        &Book {
            sheets: vec![main, members],
        },
        "x",
    );
    for line in [
        "\"name\" = \"full name\"",
        "\"sex\" = { column = \"gender\", values = { \"boy\" = \"male\", \"ស្រី\" = \"female\" } }",
        "\"birth_year\" = { column = \"born\", type = \"whole\" }",
        "\"relation\" = { column = \"relation\", values = { \"Child\" = \"child\" } }",
    ] {
        assert!(text.contains(line), "{line} is missing:\n{text}");
    }
    // Nobody's telephone names a record, and who asked is no fact about a family.
    let plain = csv(
        "plain",
        "Phone,HH No.,Interviewer name,Name of head,Family head,Members_count,Lat,Long,Equity card\n012345678,A-1,Sok,A,B,4,11.55,104.9,yes\n012345679,A-2,Dara,C,D,5,11.56,104.91,no\n",
    );
    let text = suggest(&Book { sheets: vec![plain] }, "x");
    for line in [
        "id = \"HH No.\"",
        "\"head.phone\" = \"Phone\"",
        "# left out, it says who asked: \"Interviewer name\"",
        "\"head.name\" = \"Name of head\"",
        "\"survey.family_head\" = \"Family head\"",
        "\"size\" = { column = \"Members_count\", type = \"whole\" }",
        "lon = \"Long\"",
        "lat = \"Lat\"",
    ] {
        assert!(text.contains(line), "{line} is missing:\n{text}");
    }
    // The note of the form is empty, two positions stay two, the month may come first, members of members are no households.
    let main = csv(
        "main",
        "_index,today,Visit date,consent/text,consent/registration,start_longitude,house_longitude,house_latitude,sangkat\n1,3/5/2024,3/5/2024,,yes,104.8,104.9,11.5,Tonle Bassac\n2,3/25/2024,3/25/2024,,no,104.8,104.9,11.5,120101\n",
    );
    let members = csv(
        "members",
        "name,_index,_parent_index,_parent_table_name\nA,1,1,main\n",
    );
    let skills = csv(
        "skills",
        "skill,_parent_index,_parent_table_name\nsews,1,members\n",
    );
    let text = suggest(
        &Book {
            sheets: vec![main, members, skills],
        },
        "x",
    );
    for line in [
        "dates = \"mdy\"",
        "happened_on = \"Visit date\"",
        "column = \"consent/registration\"",
        "lon = \"house_longitude\"",
        "# A sangkat is told by its code of six digits",
        "[repeats.members]",
        "# left out, its rows belong to rows of \"members\", not to households: \"skills\"",
    ] {
        assert!(text.contains(line), "{line} is missing:\n{text}");
    }
    let nameless = csv("nameless", "Phone,Name\n012345678,A\n012345679,B\n");
    let text = suggest(
        &Book {
            sheets: vec![nameless],
        },
        "x",
    );
    assert!(
        text.contains("id = \"\"") && text.contains("No column names each record once"),
        "{text}"
    );
    // Heads of columns are read in Khmer as the forms have them; a position may stand in one column.
    let km = csv(
        "km",
        "លេខកូដ,ឆ្នាំកំណើតមេគ្រួសារ,ទីតាំង\n1,1980,11.55 104.91 0 5\n2,1975,11.56 104.92 0 4\n",
    );
    let text = suggest(&Book { sheets: vec![km] }, "x");
    for line in [
        "id = \"លេខកូដ\"",
        "\"head.birth_year\" = { column = \"ឆ្នាំកំណើតមេគ្រួសារ\", type = \"whole\" }",
        "geopoint = \"ទីតាំង\"",
    ] {
        assert!(text.contains(line), "{line} is missing:\n{text}");
    }
    // Questions of one name in several groups stay apart.
    let twice = csv(
        "main",
        "id,a/hello,b/hello,m_1_x/y,m_2_x/y,m_1_z/y,m_2_z/y\n1,x,w,a,b,c,d\n",
    );
    let text = suggest(&Book { sheets: vec![twice] }, "x");
    for line in [
        "\"survey.hello\" = \"a/hello\"",
        "\"survey.hello_2\" = \"b/hello\"",
        "\"y\" = \"m_{n}_x/y\"",
        "\"y_2\" = \"m_{n}_z/y\"",
    ] {
        assert!(text.contains(line), "{line} is missing:\n{text}");
    }
}

proptest! {
    #[test]
    fn no_file_and_no_mapping_bring_the_reader_down(
        bytes in prop::collection::vec(any::<u8>(), 0..400),
        header in "[a-c,;\t\"\n=0-9០-៩]{0,60}",
    ) {
        let mut mistakes = Vec::new();
        for text in [bytes.as_slice(), header.as_bytes()] {
            if let Some(sheet) = Sheet::of_csv("a", "a", text, &mut mistakes) {
                let book = Book { sheets: vec![sheet] };
                let guess = suggest(&book, "x");
                prop_assert!(guess.contains("[record]"));
                let _ = read(&book, &simple(), &derive, now());
            }
            let _ = Sheet::of_geojson("a", "a", text, &mut mistakes);
        }
    }

    #[test]
    fn every_good_record_becomes_an_event_that_can_be_read_again(
        name in "[\u{1780}-\u{17b3}A-Za-z ]{0,20}", size in 0_u32..40, day in 1_u8..29
    ) {
        let text = format!("{HEADER}1,{day}/5/2024,yes,\"{name}\",{size},rents,yes,,,\n");
        let read = drafts(vec![csv("main", &text)], &simple());
        for draft in good(&read) {
            let made = event(draft);
            let again = Event::read(made.canonical().as_bytes()).unwrap();
            prop_assert_eq!(&again, &made);
            prop_assert!(draft.says_the_same(&made, &derive));
            let later = draft.event(&[EventId::new(now(), [7; 10])], &derive).unwrap();
            prop_assert!(later.id != made.id);
        }
    }
}
