//! The facts that may be counted, and what answers they have. A fact that is not here is told as a mistake of whoever wrote the indicator.

use std::collections::BTreeMap;

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

const YES_NO: [&str; 12] = [
    "dwelling.flooded_last_year",
    "outcome.work_kept",
    "outcome.water",
    "outcome.electricity",
    "outcome.toilet",
    "outcome.flooded",
    "outcome.debt",
    "outcome.title_issued",
    "outcome.grievance",
    "outcome.clinic_used",
    "outcome.recommends",
    "visit.resident",
];

const NUMBERS: [(&str, &str); 4] = [
    ("size", "people"),
    ("work.minutes", "minutes"),
    ("outcome.nights_a_week", "nights"),
    ("outcome.interest_month", "USD"),
];

const CHOICES: [(&str, &[&str]); 5] = [
    ("head.sex", &["female", "male"]),
    (
        "dwelling.tenure",
        &["rented", "no_title", "soft_title", "hard_title"],
    ),
    ("id_poor.card", &["none", "poor_1", "poor_2"]),
    (
        "work.kind",
        &["vendor", "factory", "construction", "driver", "none", "other"],
    ),
    ("outcome.plot", &["kept", "pledged", "sold"]),
];

impl Vocabulary {
    /// The facts of the built-in forms.
    pub fn built_in() -> Self {
        let yes_no = YES_NO.iter().map(|path| ((*path).to_owned(), Answers::YesNo));
        let numbers = NUMBERS
            .iter()
            .map(|(path, unit)| ((*path).to_owned(), Answers::Number((*unit).to_owned())));
        let choices = CHOICES.iter().map(|(path, values)| {
            let values = values.iter().map(|value| (*value).to_owned()).collect();
            ((*path).to_owned(), Answers::OneOf(values))
        });
        Self(yes_no.chain(numbers).chain(choices).collect())
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
        for path in ["head.name", "protection.hidden", "contact.phone", "members/1/sex"] {
            all = all.with(KnownFact {
                path: path.into(),
                answers: Answers::YesNo,
            });
            assert_eq!(all.answers(path), None, "{path}");
            assert!(all.why_not(path).contains("never counted"));
        }
        assert!(all.answers("id_poor.card").is_some());
        assert!(
            all.why_not("dwelling.tenur")
                .contains("did you mean dwelling.tenure")
        );
    }
}
