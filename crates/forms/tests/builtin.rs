//! The forms that come with the program.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

use phteah_forms::{Purpose, builtin};

#[test]
fn each_of_them_converts_and_its_facts_fit() {
    let problems: Vec<String> = builtin::problems()
        .into_iter()
        .flat_map(|(id, problems)| {
            problems
                .into_iter()
                .map(move |problem| format!("{id}: {problem}"))
        })
        .collect();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn each_of_them_speaks_khmer_first_and_english() {
    for version in builtin::all() {
        let form = &version.form;
        assert_eq!(form.languages, ["ខ្មែរ (km)", "English (en)"], "{}", form.id);
        assert!(version.mapping.title.en.is_some() && version.mapping.title.km.is_some());
        assert!(
            form.media().next().is_none(),
            "{} needs files that nobody has",
            form.id
        );
        // pyxform writes "-" where a language lacks a text.
        assert!(
            !version.xml.contains("<value>-</value>"),
            "{} lacks a text",
            form.id
        );
    }
}

#[test]
fn the_survey_asks_for_consent_first() {
    let survey = builtin::all()
        .iter()
        .find(|version| version.id() == "survey")
        .unwrap();
    assert_eq!(survey.mapping.purpose, Purpose::Survey);
    let first = survey
        .form
        .questions
        .iter()
        .find(|question| question.control.as_deref() == Some("select1"))
        .unwrap();
    assert_eq!(first.path, "consent/registration");
    assert!(first.required);
    assert_eq!(survey.form.repeats, ["members[]"]);
    assert_eq!(survey.form.question("place/sangkat").unwrap().choices.len(), 105);
}

#[test]
fn there_is_one_for_each_purpose() {
    let purposes: Vec<(&str, Purpose, &str)> = builtin::all()
        .iter()
        .map(|version| {
            (
                version.id(),
                version.mapping.purpose,
                version.mapping.event.as_str(),
            )
        })
        .collect();
    assert_eq!(
        purposes,
        [
            ("not_found", Purpose::NotFound, "not_found"),
            ("referral", Purpose::Referral, "referred"),
            ("site_task", Purpose::SiteTask, "task_answered"),
            ("survey", Purpose::Survey, "surveyed"),
            ("verification", Purpose::Verification, "verified"),
            ("visit", Purpose::Visit, "visited"),
        ]
    );
}

#[test]
fn forms_about_a_known_household_or_task_change_it_as_an_entity() {
    for version in builtin::all() {
        let form = &version.form;
        let entity = form.entity.as_ref().unwrap();
        if form.id == "site_task" {
            assert!(entity.list == "tasks" && entity.updates && !entity.creates);
            assert_eq!(version.mapping.preset.as_deref(), Some("known_task"));
            continue;
        }
        assert_eq!(entity.list, "households");
        if form.id == "survey" {
            assert!(entity.creates && !entity.updates);
        } else {
            assert!(entity.updates && !entity.creates, "{}", form.id);
            // Our app fills it in, Collect asks for the card.
            assert_eq!(
                version.mapping.preset.as_deref(),
                Some("known_household"),
                "{}",
                form.id
            );
            assert!(form.question("card").is_some_and(|card| card.kind == "barcode"));
        }
    }
}
