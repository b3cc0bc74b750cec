//! The list of facts (`geodata/facts.json`) against the forms that come with the program: they are where answers come from.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

use std::collections::{BTreeMap, BTreeSet};

use phteah_forms::library::Version;
use phteah_forms::mapping::ValueType;
use phteah_forms::{Purpose, builtin};
use phteah_registry::vocabulary::{Answers, Choice, UNKNOWN, fact, facts, reasons};

/// Words of a question's English label that tell its unit.
const UNITS: [(&str, &[&str]); 7] = [
    ("people", &["members"]),
    ("minutes", &["Minutes"]),
    ("nights", &["Nights"]),
    ("riel", &["riel"]),
    ("USD", &["US dollars"]),
    ("children", &["Children", "Of these"]),
    ("births", &["Births", "Of these"]),
];

/// A question as its sheet has it.
#[derive(Debug, Default)]
struct Asked {
    list: Option<String>,
    en: String,
    constraint: String,
}

struct Sheets {
    questions: BTreeMap<String, Asked>,
    choices: BTreeMap<String, Vec<[String; 3]>>,
    /// Every Khmer text.
    khmer: BTreeSet<String>,
}

/// The cells of a row by the names of their columns.
fn cells(rows: &[Vec<String>]) -> impl Iterator<Item = BTreeMap<&str, &str>> {
    let names = rows[0].iter().map(String::as_str);
    rows[1..].iter().map(move |row| {
        let cells = row.iter().map(String::as_str);
        names.clone().zip(cells).collect()
    })
}

fn sheets(form: &str) -> Sheets {
    let [(_, survey), (_, choices), ..] = builtin::sheets(form).unwrap();
    let mut found = Sheets {
        questions: BTreeMap::new(),
        choices: BTreeMap::new(),
        khmer: BTreeSet::new(),
    };
    let mut around: Vec<String> = Vec::new();
    for row in cells(&survey) {
        let of = |name: &str| row.get(name).copied().unwrap_or_default();
        let (kind, name) = (of("type"), of("name"));
        found.khmer.extend(
            row.iter()
                .filter(|(column, _)| column.ends_with("(km)"))
                .map(|(_, text)| (*text).to_owned()),
        );
        match kind {
            "begin group" => around.push(name.to_owned()),
            "begin repeat" => around.push(format!("{name}[]")),
            "end group" | "end repeat" => {
                around.pop();
            }
            _ => {
                let path = [around.join("/").as_str(), name].join("/");
                let asked = Asked {
                    list: kind.split_once(' ').map(|(_, list)| list.to_owned()),
                    en: of("label::English (en)").to_owned(),
                    constraint: of("constraint").to_owned(),
                };
                found
                    .questions
                    .insert(path.trim_start_matches('/').to_owned(), asked);
            }
        }
    }
    for row in cells(&choices) {
        let of = |name: &str| row.get(name).copied().unwrap_or_default().to_owned();
        let choice = [of("name"), of("label::English (en)"), of("label::ខ្មែរ (km)")];
        found.khmer.insert(choice[2].clone());
        found.choices.entry(of("list_name")).or_default().push(choice);
    }
    found
}

/// `members/{children}/school_attends` as the list has it.
fn in_list(template: &str) -> String {
    match template.split_once('{').zip(template.split_once('}')) {
        Some(((before, _), (_, after))) => format!("{before}{{member}}{after}"),
        None => template.to_owned(),
    }
}

fn purpose(version: &Version) -> String {
    serde_json::to_value(version.mapping.purpose)
        .unwrap()
        .as_str()
        .unwrap()
        .to_owned()
}

fn as_sheet(choices: &[Choice]) -> Vec<[String; 3]> {
    let line = |choice: &Choice| {
        [
            choice.is.clone(),
            choice.words.en.clone(),
            choice.words.km.clone(),
        ]
    };
    choices.iter().map(line).collect()
}

#[test]
fn every_fact_of_every_form_is_in_the_list_with_the_same_answers() {
    let mut wrong = Vec::new();
    for version in builtin::all() {
        let sheets = sheets(version.id());
        for (question, template) in &version.mapping.facts {
            let mut tell =
                |what: String| wrong.push(format!("{}: {question} ({template}): {what}", version.id()));
            let Some(fact) = fact(&in_list(template)) else {
                tell("is not in geodata/facts.json".into());
                continue;
            };
            if !fact.asked.contains(&purpose(version)) {
                tell("the list does not say that this form asks it".into());
            }
            let asked = version.form.question(question).unwrap();
            let sheet = &sheets.questions[question];
            let names: Vec<&str> = asked.choices.iter().map(String::as_str).collect();
            let labelled = || sheet.list.as_ref().and_then(|list| sheets.choices.get(list));
            let how = version.mapping.value_type(asked);
            let words = phteah_registry::vocabulary::unknown();
            let fits = match fact.answers {
                Answers::YesNo { unknown } => {
                    let offered: &[&str] = if unknown {
                        &["yes", "no", UNKNOWN]
                    } else {
                        &["yes", "no"]
                    };
                    let known = unknown && asked.control.is_some();
                    how == ValueType::Boolean
                        && (asked.control.is_none() || names == offered)
                        && labelled()
                            .is_none_or(|list| !known || [&list[2][1], &list[2][2]] == [&words.en, &words.km])
                }
                Answers::OneOf(choices) => how == ValueType::Text && labelled() == Some(&as_sheet(choices)),
                Answers::SomeOf(choices) => how == ValueType::List && labelled() == Some(&as_sheet(choices)),
                Answers::Number(unit) => {
                    let (_, words) = UNITS.iter().find(|(name, _)| *name == unit).unwrap();
                    matches!(how, ValueType::Integer | ValueType::Decimal)
                        && words.iter().any(|word| sheet.en.contains(word))
                        && sheet.constraint.contains(". >= ")
                }
                Answers::Year => how == ValueType::Integer && sheet.constraint.contains(". >= 1900"),
                Answers::Sangkat => names.len() > 100 && names.iter().all(|name| name.len() == 6),
                Answers::Text => how == ValueType::Text && names.is_empty(),
                Answers::File => how == ValueType::File,
            };
            if !fits {
                tell(format!(
                    "the list says {:?}, the form {how:?} of {names:?}",
                    fact.answers
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_the_list_says_is_asked_is_asked() {
    for fact in facts() {
        let asking: BTreeSet<String> = builtin::all()
            .iter()
            .filter(|version| {
                version
                    .mapping
                    .facts
                    .values()
                    .any(|template| in_list(template) == fact.path)
            })
            .map(|version| purpose(version))
            .collect();
        let said: BTreeSet<String> = fact.asked.iter().cloned().collect();
        assert_eq!(asking, said, "{}", fact.path);
    }
}

#[test]
fn reasons_are_those_of_the_form() {
    let version = builtin::all()
        .iter()
        .find(|version| version.mapping.purpose == Purpose::NotFound)
        .unwrap();
    let lists = sheets(version.id()).choices;
    assert_eq!(as_sheet(reasons("left")), lists["why"]);
    // One of the answers makes another kind of event.
    let by = version.mapping.event_by.as_ref().unwrap();
    let others: Vec<[String; 3]> = lists["found"]
        .iter()
        .filter(|choice| !by.kinds.contains_key(&choice[0]))
        .cloned()
        .collect();
    assert_eq!(as_sheet(reasons("not_found")), others);
}

#[test]
fn what_forms_show_of_last_time_is_in_the_list_of_households() {
    let of_the_list: BTreeSet<String> = facts()
        .iter()
        .filter(|fact| fact.listed)
        .map(|fact| fact.path.replace('.', "_"))
        .chain(["name", "label", "code", "status", "site"].map(str::to_owned))
        .collect();
    let mut shown = BTreeSet::new();
    for version in builtin::all() {
        for part in version.xml.split("instance('households')/root/item[").skip(1) {
            let after = part.split_once("]/").unwrap().1;
            let name: String = after
                .chars()
                .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
                .collect();
            // What entities themselves need begins with two underscores.
            assert!(
                name.starts_with("__") || of_the_list.contains(&name),
                "{}: {name}",
                version.id()
            );
            shown.insert(name);
        }
    }
    assert!(shown.contains("outcome_nights_a_week") && shown.contains("head_name"));
}

/// Every Khmer word of the list is put together of labels of the forms and of terms of `docs/khmer.md`, which name their sources.
#[test]
fn khmer_words_come_from_the_forms_or_from_the_khmer_list() {
    let is_khmer = |c: char| ('\u{1780}'..='\u{17d3}').contains(&c) || c == '\u{17d7}';
    let parts = |text: &str| -> Vec<String> {
        text.split(|c: char| !is_khmer(c))
            .filter(|part| !part.is_empty())
            .map(str::to_owned)
            .collect()
    };
    let mut known: BTreeSet<String> = BTreeSet::new();
    for version in builtin::all() {
        for text in &sheets(version.id()).khmer {
            known.extend(parts(text));
        }
        known.extend(version.mapping.title.km.iter().flat_map(|title| parts(title)));
    }
    for row in include_str!("../../../docs/khmer.md")
        .lines()
        .filter(|row| row.starts_with('|'))
    {
        known.extend(row.split('|').nth(2).into_iter().flat_map(parts));
    }
    let is_composed = |text: &str| {
        let mut reached = vec![false; text.len() + 1];
        reached[0] = true;
        for from in 0..text.len() {
            if reached[from] {
                for part in known
                    .iter()
                    .filter(|part| text[from..].starts_with(part.as_str()))
                {
                    reached[from + part.len()] = true;
                }
            }
        }
        reached[text.len()]
    };
    let unknown: Vec<String> = facts()
        .iter()
        .flat_map(|fact| parts(&fact.words.km))
        .filter(|part| !is_composed(part))
        .collect();
    assert!(known.len() > 500);
    assert!(unknown.is_empty(), "no source has these words: {unknown:?}");
}
