//! Which answer is which fact: the small TOML file beside a form, checked against the form.
//!
//! ```toml
//! purpose = "survey"                    # survey, verification, visit, not_found, referral, site_task, other
//! event = "surveyed"                    # the kind of event that a filled form is
//! household = "household"               # the question that holds the household's id
//! location = "place/position"           # where it was recorded
//! consent = "consent/registration"      # without yes to it nothing else is kept
//! title = { en = "Household survey", km = "…" }
//!
//! [repeat_ids]
//! members = "id"                        # in each repeat, the question that holds the id of the one that is meant
//!
//! [facts]
//! "head/name" = "head.name"
//! "members[]/birth_year" = "members/{members}/birth_year"
//!
//! [types]
//! "dwelling/flooded" = "boolean"        # yes and no become true and false
//!
//! [values."head/sex"]                   # other words for a form's choices
//! 1 = "male"
//!
//! [event_by]                            # another kind of event for some answers
//! question = "met"
//! kinds = { gone = "left" }
//!
//! [fields]                              # what the kind of event asks for
//! site = "site"
//! [fields.left]
//! reason = "left/why"
//! ```

use std::collections::BTreeMap;
use std::str::FromStr;

use phteah_registry::check::{self, Code};
use phteah_registry::event::{Event, FactPath, Kind};
use serde::{Deserialize, Serialize};

use crate::error::Problem;
use crate::xform::{Question, XForm};

/// What a form is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// To survey a household.
    Survey,
    /// To look a second time.
    Verification,
    /// To visit after a move.
    Visit,
    /// To say that nobody was met.
    NotFound,
    /// To refer to a service.
    Referral,
    /// To answer a planner's question about a site.
    SiteTask,
    /// Anything else.
    #[default]
    Other,
}

/// How an answer becomes a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ValueType {
    /// As it is.
    Text,
    /// A whole number.
    Integer,
    /// A number.
    Decimal,
    /// `yes`, `true` and `1` are true, `no`, `false` and `0` false; anything else stays a text.
    Boolean,
    /// A day.
    Date,
    /// Several choices.
    List,
    /// A point, as an object of `lon`, `lat` and `accuracy_m`.
    Point,
    /// A photo or sound, by the SHA-256 of its bytes.
    File,
}

/// A text in both languages.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Title {
    /// English.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub en: Option<String>,
    /// Khmer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub km: Option<String>,
}

/// Which kind of event some answers make of a form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventBy {
    /// The question that decides.
    pub question: String,
    /// Choice → kind of event. Any other answer leaves it with [`Mapping::event`].
    pub kinds: BTreeMap<String, String>,
}

/// A field of an event: from one question, or for one kind of event alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum FieldFrom {
    /// The question that holds it.
    Question(String),
    /// Fields of one kind of event, each with its question.
    OfKind(BTreeMap<String, String>),
}

/// Which answer is which fact.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// What the form is for.
    #[serde(default)]
    pub purpose: Purpose,
    /// The kind of event that a filled form is; none: its answers are kept and are no event of a household's life (kind `answered`).
    #[serde(default = "answered")]
    pub event: String,
    /// The form's title where it should differ from the XForm's.
    #[serde(default)]
    pub title: Title,
    /// The question that holds the household's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub household: Option<String>,
    /// The question that an app may fill with the household's id before anybody is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preset: Option<String>,
    /// The question that asks whether the family agrees.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent: Option<String>,
    /// The question that says where it was recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// The question that says on which day it happened; else the day on which the form was begun.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub happened_on: Option<String>,
    /// In each repeat, the question that holds the id of the one that is meant.
    #[serde(default)]
    pub repeat_ids: BTreeMap<String, String>,
    /// Question → path of a fact.
    #[serde(default)]
    pub facts: BTreeMap<String, String>,
    /// Question → how its answer becomes a value, where its type in the form does not say.
    #[serde(default)]
    pub types: BTreeMap<String, ValueType>,
    /// Question → choice → the word for it.
    #[serde(default)]
    pub values: BTreeMap<String, BTreeMap<String, String>>,
    /// Another kind of event for some answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_by: Option<EventBy>,
    /// Fields that the kind of event asks for.
    #[serde(default)]
    pub fields: BTreeMap<String, FieldFrom>,
}

/// The kind of an event that only keeps answers.
pub const ANSWERED: &str = "answered";

fn answered() -> String {
    ANSWERED.to_owned()
}

impl Mapping {
    /// What a form without a file beside it gets: its answers are kept, and nothing is made of them.
    pub fn none() -> Self {
        Self {
            event: answered(),
            ..Self::default()
        }
    }

    /// Reads the file and checks it against the form.
    pub fn read(text: &str, form: &XForm) -> Result<Self, Vec<Problem>> {
        let mapping: Self = toml::from_str(text).map_err(|error| {
            let place = error.span().map_or_else(String::new, |span| {
                let line = 1 + text[..span.start].bytes().filter(|byte| *byte == b'\n').count();
                format!("line {line}")
            });
            vec![Problem::at(
                place,
                format!("{}.", error.message().trim_end_matches('.')),
            )]
        })?;
        let problems = mapping.problems(form, text);
        if problems.is_empty() {
            Ok(mapping)
        } else {
            Err(problems)
        }
    }

    /// All questions that something is taken from.
    fn named(&self) -> Vec<(&str, &'static str)> {
        let mut named: Vec<(&str, &'static str)> = Vec::new();
        named.extend(self.household.as_deref().map(|q| (q, "household")));
        named.extend(self.preset.as_deref().map(|q| (q, "preset")));
        named.extend(self.consent.as_deref().map(|q| (q, "consent")));
        named.extend(self.location.as_deref().map(|q| (q, "location")));
        named.extend(self.happened_on.as_deref().map(|q| (q, "happened_on")));
        named.extend(self.facts.keys().map(|q| (q.as_str(), "facts")));
        named.extend(self.types.keys().map(|q| (q.as_str(), "types")));
        named.extend(self.values.keys().map(|q| (q.as_str(), "values")));
        named.extend(self.event_by.iter().map(|by| (by.question.as_str(), "event_by")));
        for from in self.fields.values() {
            match from {
                FieldFrom::Question(question) => named.push((question, "fields")),
                FieldFrom::OfKind(fields) => named.extend(fields.values().map(|q| (q.as_str(), "fields"))),
            }
        }
        named
    }

    fn problems(&self, form: &XForm, text: &str) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut wrong =
            |word: &str, message: String| problems.push(Problem::at(line_of(text, word), message));
        for (path, part) in self.named() {
            if form.question(path).is_none() {
                wrong(
                    path,
                    format!(
                        "{part} names the question {path}, which the form does not have.{}",
                        near(path, form)
                    ),
                );
            }
        }
        for (repeat, id) in &self.repeat_ids {
            let path = format!("{repeat}[]");
            let known = form
                .repeats
                .iter()
                .find(|known| known.replace("[]", "") == *repeat || **known == path);
            match known {
                None => wrong(
                    repeat,
                    format!("repeat_ids names {repeat}, which is no repeat of the form."),
                ),
                Some(known) if form.question(&format!("{known}/{id}")).is_none() => wrong(
                    repeat,
                    format!(
                        "repeat_ids says that {id} holds the id in the repeat {repeat}; there is no such question in it."
                    ),
                ),
                Some(_) => {}
            }
        }
        for (question, fact) in &self.facts {
            let Some(asked) = form.question(question) else {
                continue;
            };
            if let Some(message) = self.fact_problem(asked, fact) {
                wrong(question, message);
            }
        }
        for (question, words) in &self.values {
            let Some(asked) = form.question(question).filter(|asked| !asked.choices.is_empty()) else {
                continue;
            };
            for word in words.keys().filter(|word| !asked.choices.contains(word)) {
                wrong(
                    question,
                    format!("values has a word for {word}, which is no choice of {question}."),
                );
            }
        }
        if let Some(by) = &self.event_by
            && let Some(asked) = form.question(&by.question)
        {
            for choice in by.kinds.keys() {
                if !asked.choices.is_empty() && !asked.choices.contains(choice) {
                    wrong(
                        "event_by",
                        format!(
                            "event_by says what {choice} means, which is no choice of {}.",
                            by.question
                        ),
                    );
                }
            }
        }
        for kind in self.kinds() {
            for message in self.kind_problems(kind) {
                wrong("event", message);
            }
        }
        problems
    }

    /// The kinds of events that a filled form may be.
    pub fn kinds(&self) -> impl Iterator<Item = &str> {
        let by = self
            .event_by
            .iter()
            .flat_map(|by| by.kinds.values().map(String::as_str));
        std::iter::once(self.event.as_str()).chain(by)
    }

    /// The fields of a kind of event, each with the question that it comes from.
    pub fn fields_of(&self, kind: &str) -> Vec<(&str, &str)> {
        let mut fields = Vec::new();
        for (name, from) in &self.fields {
            match from {
                FieldFrom::Question(question) => fields.push((name.as_str(), question.as_str())),
                FieldFrom::OfKind(of) if name == kind => {
                    fields.extend(
                        of.iter()
                            .map(|(name, question)| (name.as_str(), question.as_str())),
                    );
                }
                FieldFrom::OfKind(_) => {}
            }
        }
        fields
    }

    /// What an event of this kind would lack, or have too much.
    fn kind_problems(&self, kind: &str) -> Vec<String> {
        if kind == ANSWERED {
            return Vec::new();
        }
        if !Kind::named(kind).is_known() {
            return vec![format!("{kind} is no kind of event that this program knows.")];
        }
        if matches!(kind, "corrected" | "noted" | "merged" | "split" | "offered") {
            return vec![format!("Events of the kind {kind} are not recorded by forms.")];
        }
        // An event with only the names of its fields: values are judged when there are some.
        let mut event = serde_json::json!({
            "id": "01900000-0000-7000-8000-000000000001", "household": "00000000-0000-4000-8000-000000000001",
            "kind": kind, "after": [], "happened_on": "2026-01-01", "recorded_at": "2026-01-01T00:00:00Z",
        });
        for (name, _) in self.fields_of(kind) {
            event[name] = serde_json::Value::String("x".to_owned());
        }
        let Ok(event) = Event::read(event.to_string().as_bytes()) else {
            return vec!["fields names something that cannot be a field of an event.".to_owned()];
        };
        check::faults(&event, jiff::Timestamp::MAX)
            .into_iter()
            .filter_map(|fault| match fault.code {
                Code::FieldMissing => Some(format!(
                    "An event of the kind {kind} must have the field {}: say in [fields] which question gives it.",
                    fault.field
                )),
                Code::FieldForeign => Some(fault.message),
                _ => None,
            })
            .collect()
    }

    fn fact_problem(&self, asked: &Question, fact: &str) -> Option<String> {
        let repeats: Vec<&str> = asked.repeats().collect();
        let mut path = fact.to_owned();
        for repeat in &repeats {
            let plain = repeat.replace("[]", "");
            let name = plain.rsplit('/').next().unwrap_or_default();
            let slot = format!("{{{name}}}");
            if !path.contains(&slot) {
                continue;
            }
            if !self.repeat_ids.contains_key(&plain) {
                return Some(format!(
                    "{} stands in the repeat {plain}, and repeat_ids does not say which question in it holds the id of the one that is meant.",
                    asked.path
                ));
            }
            path = path.replace(&slot, "00000000-0000-4000-8000-000000000001");
        }
        if !repeats.is_empty() && path == fact {
            return Some(format!(
                "{} is asked several times. Its fact needs the id of the one that is meant, such as members/{{members}}/birth_year.",
                asked.path
            ));
        }
        let Ok(path) = FactPath::from_str(&path) else {
            return Some(format!(
                "{fact} is no path of a fact: names in small Latin letters joined by dots, such as dwelling.tenure, or members/{{members}}/birth_year."
            ));
        };
        let reserved = path.as_str() == "status" || path.as_str().starts_with("placement.");
        reserved.then(|| format!("{fact} follows from what happened, and no form sets it."))
    }

    /// How the answer of a question becomes a value.
    pub fn value_type(&self, asked: &Question) -> ValueType {
        if let Some(said) = self.types.get(&asked.path) {
            return *said;
        }
        match (asked.kind.as_str(), asked.control.as_deref()) {
            ("int" | "integer", _) => ValueType::Integer,
            ("decimal", _) => ValueType::Decimal,
            ("boolean", _) => ValueType::Boolean,
            ("date", _) => ValueType::Date,
            ("geopoint", _) => ValueType::Point,
            ("binary", _) | (_, Some("upload")) => ValueType::File,
            (_, Some("select" | "rank")) => ValueType::List,
            _ => ValueType::Text,
        }
    }
}

/// A question that may have been meant.
fn near(path: &str, form: &XForm) -> String {
    let last = path.rsplit('/').next().unwrap_or(path);
    form.questions
        .iter()
        .find(|question| question.path.rsplit('/').next() == Some(last))
        .map_or_else(String::new, |question| format!(" Is {} meant?", question.path))
}

/// The line on which a word first stands.
fn line_of(text: &str, word: &str) -> String {
    text.lines()
        .position(|line| line.contains(word))
        .map_or_else(String::new, |at| format!("line {}", at + 1))
}
