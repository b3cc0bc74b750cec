//! The form that searching compares, judged by the texts that every program which searches must agree on.

use phteah_planning::text::search_form;
use proptest::prelude::*;

#[derive(serde::Deserialize)]
struct Vectors {
    same: Vec<Vec<String>>,
    different: Vec<Vec<String>>,
    contains: Vec<[String; 2]>,
}

fn vectors() -> Vectors {
    serde_json::from_str(include_str!("../../../tests/vectors/search-form.json"))
        .expect("the vectors are JSON")
}

#[test]
fn what_people_take_for_one_is_one() {
    for group in vectors().same {
        for text in &group {
            assert_eq!(
                search_form(text),
                search_form(&group[0]),
                "{}",
                text.escape_unicode()
            );
        }
    }
}

#[test]
fn what_people_tell_apart_stays_apart() {
    for group in vectors().different {
        for (i, a) in group.iter().enumerate() {
            for b in &group[i + 1..] {
                assert_ne!(search_form(a), search_form(b));
            }
        }
    }
}

#[test]
fn a_part_of_a_name_is_found_in_it() {
    for [name, part] in vectors().contains {
        assert!(
            search_form(&name).contains(&search_form(&part)),
            "{part} in {name}"
        );
    }
}

#[test]
fn signs_of_a_pattern_stay() {
    assert_eq!(search_form("%ទី ១_\\%"), "%ទី1_\\%");
}

proptest! {
    #[test]
    fn a_search_form_is_its_own_search_form(text in "[ក-៝០-៩ \u{200b}aÉß%]{0,12}|\\PC{0,12}") {
        let once = search_form(&text);
        prop_assert_eq!(search_form(&once), once);
    }
}
