//! The one list of facts about families: their paths, what is answered, which forms ask, and their words. It is read from
//! `geodata/facts.json`, from which the pages take their words as well.
//!
//! A deployment's own forms may give other facts. They are kept and shown like all others; nothing here knows what they mean.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::event::{FactPath, Value};

/// Paths of facts that the program itself reads, and fields of a member's facts. A test holds them against the list.
pub mod path {
    /// The head's name in Khmer.
    pub const HEAD_NAME: &str = "head.name";
    /// The head's name in Latin letters.
    pub const HEAD_NAME_LATIN: &str = "head.name_latin";
    /// How many people, with the head.
    pub const SIZE: &str = "size";
    /// The code of the sangkat of the home.
    pub const SANGKAT: &str = "dwelling.sangkat";
    /// The code on the card that the team gave out.
    pub const CARD: &str = "card.code";
    /// The ID Poor card.
    pub const ID_POOR: &str = "id_poor.card";
    /// Minutes on the way to work.
    pub const WORK_MINUTES: &str = "work.minutes";
    /// Whether the family lives where it was visited.
    pub const RESIDENT: &str = "visit.resident";
    /// Children of school age, where nobody knows them by name.
    pub const CHILDREN_OF_SCHOOL_AGE: &str = "outcome.children_of_school_age";
    /// Those of them who go to school.
    pub const CHILDREN_AT_SCHOOL: &str = "outcome.children_at_school";
    /// Whether somebody is in danger, so that hardly anybody may know of the family.
    pub const HIDDEN: &str = "protection.hidden";
    /// The survey that a record was taken from.
    pub const SOURCE: &str = "record.source";
    /// Whether it is invented.
    pub const ILLUSTRATIVE: &str = "record.illustrative";

    /// A person's name; of a member, or of the head behind `head.`.
    pub const NAME: &str = "name";
    /// A person's sex.
    pub const SEX: &str = "sex";
    /// The year in which a person was born.
    pub const BIRTH_YEAR: &str = "birth_year";
    /// What a member is to the head.
    pub const RELATION: &str = "relation";
    /// Whether a member goes to school.
    pub const SCHOOL_ATTENDS: &str = "school_attends";
    /// The six questions of the Washington Group's short set.
    pub const DIFFICULTIES: [&str; 6] = [
        "wg_seeing",
        "wg_hearing",
        "wg_walking",
        "wg_remembering",
        "wg_self_care",
        "wg_communicating",
    ];
}

/// What stands for an answer that nobody knows, where a question offers it.
pub const UNKNOWN: &str = "unknown";

/// A word in both languages.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Words {
    /// English.
    pub en: String,
    /// Khmer.
    pub km: String,
}

/// One of the answers to a question.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Choice {
    /// The word that is kept.
    pub is: String,
    /// How people read it.
    #[serde(flatten)]
    pub words: Words,
}

/// What is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answers {
    /// Yes or no, kept as true and false; with `unknown` also the word "unknown".
    YesNo {
        /// Whether the question offers "don't know".
        unknown: bool,
    },
    /// One of these words.
    OneOf(&'static [Choice]),
    /// Some of these words, kept as a list.
    SomeOf(&'static [Choice]),
    /// A number that is not negative, in this unit.
    Number(&'static str),
    /// A year.
    Year,
    /// The six digits of a sangkat.
    Sangkat,
    /// A text.
    Text,
    /// A photo or a sound, by the SHA-256 of its bytes.
    File,
}

/// A fact that the program knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// Its path. `{member}` stands for a member's id.
    pub path: String,
    /// What is answered.
    pub answers: Answers,
    /// What the built-in forms that ask for it are for: `survey`, `visit`, … Empty where none does: it comes from elsewhere.
    pub asked: Vec<String>,
    /// Whether families may ever be counted by it.
    pub counted: bool,
    /// Whether it stands in the list of households that phones with ODK Collect carry open.
    pub listed: bool,
    /// Whether it tells, at a visit, what came of a move.
    pub outcome: bool,
    /// What it is called.
    pub words: Words,
}

impl Fact {
    /// Whether this can be its value. No answer at all can be one of every fact.
    pub fn takes(&self, value: &Value) -> bool {
        let is_one_of = |choices: &[Choice], word: &str| choices.iter().any(|choice| choice.is == word);
        match (&self.answers, value) {
            (_, Value::Null) | (Answers::YesNo { .. }, Value::Bool(_)) | (Answers::Text, Value::Text(_)) => {
                true
            }
            (Answers::YesNo { unknown }, Value::Text(word)) => *unknown && **word == *UNKNOWN,
            (Answers::OneOf(choices), Value::Text(word)) => is_one_of(choices, word),
            (Answers::SomeOf(choices), Value::List(words)) => words
                .iter()
                .all(|word| word.as_text().is_some_and(|word| is_one_of(choices, word))),
            (Answers::Number(_), Value::Number(number)) => {
                number.as_f64().is_some_and(|number| number >= 0.0)
            }
            (Answers::Year, Value::Number(number)) => {
                number.as_i64().is_some_and(|year| (1900..=9999).contains(&year))
            }
            (Answers::Sangkat, Value::Text(code)) => is_sangkat(code),
            (Answers::File, Value::Text(hash)) => {
                hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit())
            }
            _ => false,
        }
    }
}

impl Answers {
    /// What can be answered, as the end of a sentence: `one of owned, rented`.
    pub fn in_words(&self) -> String {
        let listed = |choices: &[Choice]| {
            let words: Vec<&str> = choices.iter().map(|choice| choice.is.as_str()).collect();
            words.join(", ")
        };
        match self {
            Self::YesNo { unknown: false } => "yes or no".to_owned(),
            Self::YesNo { unknown: true } => format!("yes, no or {UNKNOWN}"),
            Self::OneOf(choices) => format!("one of {}", listed(choices)),
            Self::SomeOf(choices) => format!("some of {}", listed(choices)),
            Self::Number(unit) => format!("a number ({unit}), not below 0"),
            Self::Year => "a year of four digits".to_owned(),
            Self::Sangkat => "the six digits of a sangkat".to_owned(),
            Self::Text => "a text".to_owned(),
            Self::File => "a file's SHA-256".to_owned(),
        }
    }
}

/// Whether a text is a sangkat's code: six digits, of which the first four are the khan's. Whether there is such a sangkat is another question.
pub fn is_sangkat(code: &str) -> bool {
    code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit())
}

/// All facts, in the order in which people read them.
pub fn facts() -> &'static [Fact] {
    &ALL.facts
}

/// The fact of a path; of a member's, whatever the member's id. `None` where only a deployment's own form can have given it.
///
/// ```
/// use phteah_registry::vocabulary::fact;
/// assert_eq!(fact("head.sex").unwrap().words.en, "Sex of the head");
/// assert_eq!(fact("members/00000000-0000-4000-8000-000000000001/sex").unwrap().path, "members/{member}/sex");
/// assert_eq!(fact("dwelling.rooms"), None);
/// ```
pub fn fact(path: &str) -> Option<&'static Fact> {
    let of_member = path
        .strip_prefix("members/")
        .and_then(|rest| rest.split_once('/'))
        .map(|(_, field)| format!("members/{{member}}/{field}"));
    let at = ALL.by_path.get(of_member.as_deref().unwrap_or(path))?;
    ALL.facts.get(*at)
}

/// The same of a path that was read.
pub fn fact_at(path: &FactPath) -> Option<&'static Fact> {
    fact(path.as_str())
}

/// The facts that tell, at a visit, what came of a move, in the order in which people read them.
pub fn outcomes() -> &'static [&'static Fact] {
    static OUTCOMES: LazyLock<Vec<&'static Fact>> =
        LazyLock::new(|| facts().iter().filter(|fact| fact.outcome).collect());
    &OUTCOMES
}

/// How people read [`UNKNOWN`] in answer to a question of yes or no.
pub fn unknown() -> &'static Words {
    &ALL.unknown
}

/// The words for the field `reason` of a kind of event: why nobody was met (`not_found`), why a family left (`left`). Others may be written.
pub fn reasons(kind: &str) -> &'static [Choice] {
    ALL.reasons.get(kind).map_or(&[], |reasons| *reasons)
}

#[derive(Deserialize)]
struct File {
    answers: BTreeMap<String, Vec<Choice>>,
    unknown: Words,
    reasons: BTreeMap<String, Vec<Choice>>,
    facts: Vec<Line>,
}

#[derive(Deserialize)]
#[allow(clippy::struct_excessive_bools, reason = "each is a word of the list's line")]
struct Line {
    path: String,
    kind: String,
    answers: Option<String>,
    unit: Option<String>,
    #[serde(default)]
    unknown: bool,
    #[serde(default)]
    asked: Vec<String>,
    #[serde(default)]
    counted: bool,
    #[serde(default)]
    listed: bool,
    #[serde(default)]
    outcome: bool,
    #[serde(flatten)]
    words: Words,
}

struct All {
    facts: Vec<Fact>,
    by_path: BTreeMap<String, usize>,
    unknown: Words,
    reasons: BTreeMap<String, &'static [Choice]>,
}

static ALL: LazyLock<All> = LazyLock::new(|| {
    let text = include_str!("../../../geodata/facts.json");
    read(text).unwrap_or_else(|why| unreachable!("geodata/facts.json, which the tests read, is wrong: {why}"))
});

/// Reads the list. It is read once and stays for ever, so its words may be borrowed for ever.
fn read(text: &str) -> Result<All, String> {
    let file: File = serde_json::from_str(text).map_err(|e| e.to_string())?;
    let lists: BTreeMap<String, &'static [Choice]> = kept(file.answers);
    let mut facts = Vec::with_capacity(file.facts.len());
    let mut by_path = BTreeMap::new();
    for line in file.facts {
        let choices = || {
            let name = line.answers.as_deref().unwrap_or_default();
            lists
                .get(name)
                .copied()
                .ok_or_else(|| format!("{}: there is no list of answers \"{name}\"", line.path))
        };
        let answers = match (line.kind.as_str(), &line.unit) {
            ("yes_no", None) => Answers::YesNo {
                unknown: line.unknown,
            },
            ("one_of", None) => Answers::OneOf(choices()?),
            ("some_of", None) => Answers::SomeOf(choices()?),
            ("number", Some(unit)) => Answers::Number(Box::leak(unit.clone().into_boxed_str())),
            ("year", None) => Answers::Year,
            ("sangkat", None) => Answers::Sangkat,
            ("text", None) => Answers::Text,
            ("file", None) => Answers::File,
            _ => return Err(format!("{}: its kind or its unit is wrong", line.path)),
        };
        if by_path.insert(line.path.clone(), facts.len()).is_some() {
            return Err(format!("{} stands there twice", line.path));
        }
        facts.push(Fact {
            path: line.path,
            answers,
            asked: line.asked,
            counted: line.counted,
            listed: line.listed,
            outcome: line.outcome,
            words: line.words,
        });
    }
    Ok(All {
        facts,
        by_path,
        unknown: file.unknown,
        reasons: kept(file.reasons),
    })
}

fn kept(lists: BTreeMap<String, Vec<Choice>>) -> BTreeMap<String, &'static [Choice]> {
    lists
        .into_iter()
        .map(|(name, choices)| (name, &*Box::leak(choices.into_boxed_slice())))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::is_name;

    #[test]
    fn the_list_can_be_read_and_every_path_is_one() {
        assert!(facts().len() > 60);
        for fact in facts() {
            let path = fact
                .path
                .replace("{member}", "00000000-0000-4000-8000-000000000001");
            assert!(path.parse::<FactPath>().is_ok(), "{path}");
            assert_eq!(super::fact(&path), Some(fact));
            for words in [&fact.words.en, &fact.words.km] {
                assert!(!words.trim().is_empty(), "{path} has no words in one language");
            }
            if let Answers::OneOf(choices) | Answers::SomeOf(choices) = fact.answers {
                assert!(
                    choices.len() > 1 && choices.iter().all(|choice| is_name(&choice.is)),
                    "{path}"
                );
                let mut words: Vec<&str> = choices.iter().map(|choice| choice.is.as_str()).collect();
                words.sort_unstable();
                words.dedup();
                assert_eq!(words.len(), choices.len(), "{path}: an answer stands there twice");
            }
        }
        for kind in ["not_found", "left"] {
            assert!(reasons(kind).len() > 2);
        }
        assert_eq!(reasons("declined"), []);
    }

    #[test]
    fn paths_that_the_program_reads_are_in_the_list() {
        use path::*;
        for path in [
            HEAD_NAME,
            HEAD_NAME_LATIN,
            SIZE,
            SANGKAT,
            CARD,
            ID_POOR,
            WORK_MINUTES,
            RESIDENT,
            CHILDREN_OF_SCHOOL_AGE,
            CHILDREN_AT_SCHOOL,
            HIDDEN,
            SOURCE,
            ILLUSTRATIVE,
        ] {
            assert!(fact(path).is_some(), "{path}");
        }
        let of_everybody = [NAME, SEX, BIRTH_YEAR].into_iter().chain(DIFFICULTIES);
        for field in of_everybody.clone() {
            assert!(fact(&format!("head.{field}")).is_some(), "{field}");
        }
        for field in of_everybody.chain([RELATION, SCHOOL_ATTENDS]) {
            assert!(fact(&format!("members/{{member}}/{field}")).is_some(), "{field}");
        }
    }

    #[test]
    fn who_somebody_is_and_what_is_protected_is_neither_counted_nor_an_outcome() {
        for fact in facts() {
            if fact.counted || fact.outcome {
                assert!(
                    !matches!(fact.answers, Answers::Text | Answers::File),
                    "{}",
                    fact.path
                );
                assert!(
                    !fact.path.starts_with("protection") && !fact.path.contains('/'),
                    "{}",
                    fact.path
                );
            }
            if fact.outcome {
                assert!(
                    fact.counted && fact.asked.iter().any(|form| form == "visit"),
                    "{}",
                    fact.path
                );
            }
            // The list lies open on phones: no number and no note.
            if fact.listed {
                assert!(!["head.phone", "id_poor.equity_card", "card.code"].contains(&fact.path.as_str()));
            }
        }
    }

    #[test]
    fn a_value_fits_or_does_not() {
        use serde_json::json;
        let value = |json: serde_json::Value| {
            let event = format!(
                r#"{{"id":"01900000-0000-7000-8000-000000000001","household":"00000000-0000-4000-8000-000000000001","kind":"surveyed","after":[],"happened_on":"2026-01-01","recorded_at":"2026-01-01T00:00:00Z","facts":{{"x":{json}}}}}"#
            );
            let event = crate::event::Event::read(event.as_bytes()).unwrap();
            event.facts.values().next().unwrap().clone()
        };
        for (path, yes, no) in [
            (
                "outcome.flooded",
                vec![json!(true), json!("unknown"), json!(null)],
                vec![json!("yes"), json!(1)],
            ),
            ("outcome.grievance", vec![json!(false)], vec![json!("unknown")]),
            (
                "outcome.title",
                vec![json!("issued"), json!("unknown")],
                vec![json!(true), json!("yes")],
            ),
            (
                "wish.near",
                vec![json!(["work"]), json!([])],
                vec![json!("work"), json!(["moon"])],
            ),
            (
                "work.minutes",
                vec![json!(0), json!(12.5)],
                vec![json!(-1), json!("12")],
            ),
            (
                "head.birth_year",
                vec![json!(1990)],
                vec![json!(90), json!("1990"), json!(1990.5)],
            ),
            (
                "dwelling.sangkat",
                vec![json!("120101")],
                vec![json!(120_101), json!("1201")],
            ),
            ("head.name", vec![json!("សុខ")], vec![json!(7)]),
            (
                "dwelling.photo",
                vec![json!("0a".repeat(32))],
                vec![json!("house.jpg")],
            ),
        ] {
            let fact = fact(path).unwrap();
            for one in yes {
                assert!(fact.takes(&value(one.clone())), "{path} {one}");
            }
            for one in no {
                assert!(!fact.takes(&value(one.clone())), "{path} {one}");
            }
        }
    }
}
