//! Questions with several answers: survey tools export one column of 0 and 1 for each choice (`water_source/piped`). Such a column is no
//! question of its own: that "flooding" was not named among the reasons to move does not say that it never floods.

use crate::open::Sample;
use crate::schema::FieldRule;
use crate::value::{Field, FieldType, Value};

/// The questions of a file whose choices are columns.
#[derive(Default)]
pub(super) struct Answers {
    questions: Vec<Question>,
    /// Columns of 0 and 1 within a group.
    marks: Vec<usize>,
}

struct Question {
    name: String,
    choices: Vec<(usize, String)>,
    /// Whether the file has a column with all the answers already.
    is_column: bool,
}

impl Answers {
    pub fn find(columns: &[Field], sample: &Sample) -> Self {
        let mut all = Self::default();
        let mut groups: Vec<Question> = Vec::new();
        let mut no_question: Vec<&str> = Vec::new();
        for (i, column) in columns.iter().enumerate() {
            let Some((parent, choice)) = column.name.rsplit_once(['/', '.', ':']) else {
                continue;
            };
            let mut texts = sample.texts(i).peekable();
            if texts.peek().is_none() {
                continue;
            }
            if !texts.all(|text| is_mark(&text)) {
                // A group of questions, not the choices of one.
                no_question.push(parent);
                continue;
            }
            all.marks.push(i);
            let choice = (i, choice.to_owned());
            match groups.iter_mut().find(|question| question.name == parent) {
                Some(question) => question.choices.push(choice),
                None => groups.push(Question {
                    name: parent.to_owned(),
                    choices: vec![choice],
                    is_column: columns.iter().any(|c| c.name == parent),
                }),
            }
        }
        groups.retain(|question| {
            (question.choices.len() > 1 || question.is_column)
                && !no_question.contains(&question.name.as_str())
        });
        all.questions = groups;
        all
    }

    fn added(&self) -> impl Iterator<Item = &Question> {
        self.questions.iter().filter(|question| !question.is_column)
    }

    /// A column for each question, with the names of the choices that were made.
    pub fn columns(&self) -> impl Iterator<Item = Field> + '_ {
        self.added()
            .map(|question| Field::new(question.name.clone(), FieldType::Text))
    }

    /// Adds a record's answers to its values, in the order of the columns.
    pub fn append(&self, row: &mut Vec<Option<Value>>) {
        let asked = row.len();
        for question in self.added() {
            let made: Vec<&str> = question
                .choices
                .iter()
                .filter(|(i, _)| *i < asked && row[*i].as_ref().is_some_and(is_made))
                .map(|(_, choice)| choice.as_str())
                .collect();
            row.push((!made.is_empty()).then(|| Value::Text(made.join("; "))));
        }
    }

    /// Whether a column may fill a field with this rule: a choice fills none, and a lone 0 or 1 is no word.
    pub fn may_fill(&self, column: usize, rule: Option<FieldRule>) -> bool {
        let is_choice = |question: &Question| question.choices.iter().any(|(i, _)| *i == column);
        if self.questions.iter().any(is_choice) {
            return false;
        }
        let counts = matches!(
            rule,
            None | Some(FieldRule::YesNo | FieldRule::Integer(..) | FieldRule::Number(..))
        );
        counts || !self.marks.contains(&column)
    }

    /// The columns of 0 and 1 within groups.
    pub fn marks(&self, columns: &[Field]) -> Vec<String> {
        let marks = self.marks.iter().filter_map(|i| columns.get(*i));
        marks.map(|column| column.name.clone()).collect()
    }

    /// What the report says of them.
    pub fn note(&self) -> Option<String> {
        let names: Vec<&str> = self
            .questions
            .iter()
            .map(|question| question.name.as_str())
            .collect();
        (!names.is_empty()).then(|| {
            format!(
                "Columns of 0 and 1 were taken as choices of one question, not as questions of their own: {}. If they are questions, name the column with --map.",
                names.join(", ")
            )
        })
    }
}

fn is_mark(text: &str) -> bool {
    let text = text.trim();
    ["0", "1", "true", "false"]
        .iter()
        .any(|mark| text.eq_ignore_ascii_case(mark))
}

fn is_made(value: &Value) -> bool {
    let text = value.to_string();
    text.trim() == "1" || text.trim().eq_ignore_ascii_case("true")
}
