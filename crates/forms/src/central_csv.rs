//! Filled forms as tables, as ODK Central gives them out: one for the form, one for each repeat, joined by `KEY` and `PARENT_KEY`.

use std::collections::BTreeMap;

use crate::library::Version;
use crate::recover::Recovered;
use crate::xform::Question;
use crate::xml::Element;

/// A filled form, and what the server says of it.
#[derive(Debug, Clone)]
pub struct Row {
    /// The filled form.
    pub filled: Recovered,
    /// The version of the form that was filled.
    pub version: String,
    /// When the server received it, RFC 3339.
    pub received: String,
    /// Whose account sent it.
    pub submitter: Option<(String, String)>,
    /// The device that sent it.
    pub device: Option<String>,
    /// How many filled forms it replaced.
    pub edits: usize,
    /// The household that it is about: the id of its entity.
    pub household: String,
}

/// A table: its file's name and its bytes.
pub type Table = (String, Vec<u8>);

/// The column that holds the id of the entity. Central has none for it; without it a household would be another one where it comes in again.
pub const ENTITY_ID: &str = "meta-entity-id";

/// Columns of the form's own table that Central adds to the answers.
pub(crate) const OF_THE_SERVER: [&str; 10] = [
    "KEY",
    "SubmitterID",
    "SubmitterName",
    "AttachmentsPresent",
    "AttachmentsExpected",
    "Status",
    "ReviewState",
    "DeviceID",
    "Edits",
    "FormVersion",
];

/// The tables of a form. `versions` are those that were filled, the newest first: their questions are the columns.
pub fn tables(form: &str, versions: &[&Version], rows: &[Row]) -> Vec<Table> {
    let mut questions: Vec<&Question> = Vec::new();
    let mut repeats: Vec<&String> = Vec::new();
    for version in versions {
        for question in &version.form.questions {
            if !questions.iter().any(|known| known.path == question.path) {
                questions.push(question);
            }
        }
        for repeat in &version.form.repeats {
            if !repeats.contains(&repeat) {
                repeats.push(repeat);
            }
        }
    }
    let has_entity = versions.iter().any(|version| version.form.entity.is_some());
    let mut tables = vec![main(form, &questions, rows, has_entity)];
    for (name, repeat) in names(form, &repeats).into_iter().zip(&repeats) {
        tables.push((name, of_repeat(repeat, &questions, rows)));
    }
    tables
}

/// The names of the files of repeats: by the repeat, with a number where two are called the same.
fn names(form: &str, repeats: &[&String]) -> Vec<String> {
    let last = |repeat: &str| {
        let plain = repeat.trim_end_matches("[]");
        plain.rsplit('/').next().unwrap_or(plain).to_owned()
    };
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    repeats
        .iter()
        .map(|repeat| {
            let name = last(repeat);
            let same = repeats.iter().filter(|other| last(other) == name).count();
            if same == 1 {
                return format!("{form}-{name}.csv");
            }
            let count = counts.entry(name.clone()).or_default();
            *count += 1;
            format!("{form}-{name}~{count}.csv")
        })
        .collect()
}

/// The repeat that a question stands in, and its columns there.
fn columns(question: &Question, around: &str) -> Vec<String> {
    let below = question.path.strip_prefix(around).unwrap_or(&question.path);
    let name = below.trim_start_matches('/').replace('/', "-");
    if question.kind == "geopoint" {
        return ["Latitude", "Longitude", "Altitude", "Accuracy"]
            .map(|part| format!("{name}-{part}"))
            .to_vec();
    }
    vec![name]
}

fn around(question: &Question) -> &str {
    question.repeats().last().unwrap_or_default()
}

fn main(form: &str, questions: &[&Question], rows: &[Row], has_entity: bool) -> Table {
    let own: Vec<&&Question> = questions
        .iter()
        .filter(|question| around(question).is_empty())
        .collect();
    let mut head = vec!["SubmissionDate".to_owned()];
    head.extend(own.iter().flat_map(|question| columns(question, "")));
    if has_entity {
        head.push(ENTITY_ID.to_owned());
    }
    head.extend(OF_THE_SERVER.map(str::to_owned));
    let mut table = Csv::begin(&head);
    for row in rows {
        let filled = &row.filled;
        let mut cells = vec![row.received.clone()];
        for question in &own {
            let text = if question.path == "meta/instanceID" {
                filled.instance.clone()
            } else {
                find(&filled.root, &question.path)
            };
            add(&mut cells, question, text);
        }
        if has_entity {
            cells.push(row.household.clone());
        }
        let (id, name) = row.submitter.clone().unwrap_or_default();
        let files = filled.files.len().to_string();
        cells.extend([
            filled.instance.clone(),
            id,
            name,
            files.clone(),
            files,
            String::new(),
            String::new(),
            row.device.clone().unwrap_or_default(),
            row.edits.to_string(),
            row.version.clone(),
        ]);
        table.add(&cells);
    }
    (format!("{form}.csv"), table.end())
}

fn of_repeat(repeat: &str, questions: &[&Question], rows: &[Row]) -> Vec<u8> {
    let own: Vec<&&Question> = questions
        .iter()
        .filter(|question| around(question) == repeat)
        .collect();
    let mut head: Vec<String> = own
        .iter()
        .flat_map(|question| columns(question, repeat))
        .collect();
    head.extend(["PARENT_KEY".to_owned(), "KEY".to_owned()]);
    let mut table = Csv::begin(&head);
    for row in rows {
        let mut found = Vec::new();
        let key = &row.filled.instance;
        entries(&row.filled.root, repeat, key, key, &mut found);
        for (entry, parent, key) in found {
            let mut cells = Vec::new();
            for question in &own {
                let below = question.path[repeat.len()..].trim_start_matches('/');
                add(&mut cells, question, find(entry, below));
            }
            cells.extend([parent, key]);
            table.add(&cells);
        }
    }
    table.end()
}

/// The entries of a repeat below an element, each with the key of what it stands in and its own: `uuid:…/members[2]`.
fn entries<'a>(
    element: &'a Element,
    path: &str,
    parent: &str,
    here: &str,
    found: &mut Vec<(&'a Element, String, String)>,
) {
    let (name, rest) = path.split_once('/').unwrap_or((path, ""));
    let Some(plain) = name.strip_suffix("[]") else {
        if let Some(child) = element.child(name) {
            entries(child, rest, parent, &format!("{here}/{name}"), found);
        }
        return;
    };
    for (number, child) in element.elements().filter(|child| child.name == plain).enumerate() {
        let key = format!("{here}/{plain}[{}]", number + 1);
        if rest.is_empty() {
            found.push((child, parent.to_owned(), key));
        } else {
            entries(child, rest, &key, &key, found);
        }
    }
}

/// The answer at a path without repeats.
fn find(element: &Element, path: &str) -> String {
    let found = path
        .split('/')
        .try_fold(element, |element, name| element.child(name));
    found.map(Element::text).unwrap_or_default()
}

fn add(cells: &mut Vec<String>, question: &Question, text: String) {
    if question.kind != "geopoint" {
        cells.push(text);
        return;
    }
    let mut parts = text.split_whitespace();
    cells.extend((0..4).map(|_| parts.next().unwrap_or_default().to_owned()));
}

struct Csv(csv::Writer<Vec<u8>>);

impl Csv {
    fn begin(head: &[String]) -> Self {
        let mut table = Self(csv::Writer::from_writer(Vec::new()));
        table.add(head);
        table
    }

    /// Writing to memory cannot fail, and every row has as many cells as there are columns.
    fn add(&mut self, cells: &[String]) {
        let _ = self.0.write_record(cells);
    }

    fn end(self) -> Vec<u8> {
        self.0.into_inner().unwrap_or_default()
    }
}
