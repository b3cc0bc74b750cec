//! The facts that may be counted, and what answers they have. A fact that is not here is told as a mistake of whoever wrote the indicator.

use std::collections::BTreeMap;

use crate::vocabulary;

/// What is answered to a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answers {
    /// Yes or no.
    YesNo,
    /// One of these; an empty list: whatever the form offers.
    OneOf(Vec<String>),
    /// A number, in this unit.
    Number(String),
}

/// A fact of a household that may be counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownFact {
    /// Its path.
    pub path: String,
    /// What is answered.
    pub answers: Answers,
}

/// All facts that may be counted.
#[derive(Clone, Debug)]
pub struct Vocabulary(BTreeMap<String, Answers>);

/// What no form may make countable: who somebody is, and what is protected.
const NEVER: [&str; 9] = [
    "protection",
    "name",
    "name_latin",
    "phone",
    "card",
    "code",
    "location",
    "address",
    "note",
];

impl Vocabulary {
    /// The facts that the [list of all facts](vocabulary) lets be counted.
    pub fn built_in() -> Self {
        let counted = vocabulary::facts().iter().filter(|fact| fact.counted);
        let answers = counted.filter_map(|fact| {
            let answers = match fact.answers {
                vocabulary::Answers::YesNo { .. } => Answers::YesNo,
                vocabulary::Answers::Number(unit) => Answers::Number(unit.to_owned()),
                // "unknown" and "other" are categories of every table anyway.
                vocabulary::Answers::OneOf(choices) => {
                    let words = choices.iter().map(|choice| choice.is.clone());
                    let told = words.filter(|word| ![vocabulary::UNKNOWN, "other"].contains(&word.as_str()));
                    Answers::OneOf(told.collect())
                }
                _ => return None,
            };
            Some((fact.path.clone(), answers))
        });
        Self(answers.collect())
    }

    /// The same with a fact of a deployment's own form. Facts about who somebody is, and protected ones, are left out whatever a form says.
    #[must_use]
    pub fn with(mut self, fact: KnownFact) -> Self {
        if !is_never(&fact.path) {
            self.0.insert(fact.path, fact.answers);
        }
        self
    }

    /// What is answered to a question.
    pub fn answers(&self, path: &str) -> Option<&Answers> {
        self.0.get(path)
    }

    /// Why a fact cannot be counted.
    pub fn why_not(&self, path: &str) -> String {
        if is_never(path) {
            return format!("{path} says who somebody is or is protected, and is never counted");
        }
        if vocabulary::fact(path).is_some() {
            return format!("{path} is a fact by which families are never counted");
        }
        let near = self
            .0
            .keys()
            .map(|known| (strsim::jaro_winkler(known, path), known))
            .filter(|(likeness, _)| *likeness > 0.8)
            .max_by(|one, other| one.0.total_cmp(&other.0));
        match near {
            Some((_, known)) => format!("there is no fact {path}; did you mean {known}?"),
            None => format!(
                "there is no fact {path}. There are: {}",
                self.0.keys().cloned().collect::<Vec<_>>().join(", ")
            ),
        }
    }
}

fn is_never(path: &str) -> bool {
    path.contains('/')
        || path
            .split('.')
            .any(|part| NEVER.contains(&part) && path != "id_poor.card")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_somebody_is_is_never_counted() {
        let mut all = Vocabulary::built_in();
        for path in ["head.name", "protection.hidden", "head.phone", "members/1/sex"] {
            all = all.with(KnownFact {
                path: path.into(),
                answers: Answers::YesNo,
            });
            assert_eq!(all.answers(path), None, "{path}");
            assert!(all.why_not(path).contains("never counted"));
        }
        assert!(all.answers("id_poor.card").is_some());
        assert!(all.why_not("wish.near").contains("never counted"));
        assert!(
            all.why_not("dwelling.tenur")
                .contains("did you mean dwelling.tenure")
        );
    }

    #[test]
    fn what_the_list_lets_be_counted_can_be() {
        let all = Vocabulary::built_in();
        for fact in vocabulary::facts().iter().filter(|fact| fact.counted) {
            assert!(!is_never(&fact.path), "{}", fact.path);
            assert!(
                all.answers(&fact.path).is_some(),
                "{} has no answers that can be counted",
                fact.path
            );
        }
        assert_eq!(
            all.answers("outcome.interest_month_usd"),
            Some(&Answers::Number("USD".into()))
        );
        assert_eq!(
            all.answers("outcome.title"),
            Some(&Answers::OneOf(vec![
                "issued".into(),
                "promised".into(),
                "none".into()
            ]))
        );
    }
}
