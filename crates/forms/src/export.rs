//! What ODK Central and KoboToolbox give out, as filled forms: CSV with a file for each repeat, JSON of their interfaces, ZIP with photos.
//!
//! Names of columns are recognised as these programs write them: `group-question` (Central), `group/question` (Kobo, Central's `OData` as objects in one
//! another), or the question alone where only one is called so. A column that no question is called by is told, and its cells are left out.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Read};

use serde_json::Value;

use crate::central_csv::{ENTITY_ID, OF_THE_SERVER};
use crate::error::Problem;
use crate::library::Version;
use crate::submission::Submission;
use crate::xform::XForm;
use crate::xml::{Element, Node};

/// Most bytes of a file, and of all that is packed in one.
pub const MAX_EXPORT_BYTES: u64 = 512 << 20;
/// Most files packed in one.
const MAX_PARTS: usize = 50_000;
/// Most rows of all its tables. A packed file of a few hundred kilobytes can hold a hundred million short ones.
pub const MAX_ROWS: usize = 100_000;

/// What a file held.
#[derive(Debug, Default)]
pub struct Export {
    /// Filled forms, each with the time at which the other server had received it, where it says.
    pub filled: Vec<(Submission, Option<String>)>,
    /// Photos and sounds by their names.
    pub media: BTreeMap<String, Vec<u8>>,
    /// Rows that are no filled form, with their places. The others go on.
    pub problems: Vec<Problem>,
    /// Repeats of the form of which the file has no table.
    pub missing_repeats: BTreeSet<String>,
    /// Columns that no question of the form is called by.
    pub unknown_columns: BTreeSet<String>,
}

/// Reads a file that is an export of this form. `name` is the file's name, whose ending says what it is.
pub fn read(name: &str, bytes: &[u8], version: &Version) -> Result<Export, Problem> {
    let ending = name
        .rsplit_once('.')
        .map_or("", |(_, ending)| ending)
        .to_ascii_lowercase();
    match ending.as_str() {
        "csv" => {
            let mut export = Export::default();
            tables(&[(name.to_owned(), bytes.to_vec())], version, &mut export)?;
            Ok(export)
        }
        "json" => json(bytes, version),
        "zip" => zip(bytes, version),
        _ => Err(Problem::whole(format!(
            "{name} is neither CSV, JSON nor ZIP, which are what Central and Kobo give out. Of Kobo's workbooks take the JSON instead."
        ))),
    }
}

fn zip(bytes: &[u8], version: &Version) -> Result<Export, Problem> {
    let broken = || Problem::whole("The ZIP cannot be read: get it again from the other server.");
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| broken())?;
    if archive.len() > MAX_PARTS {
        return Err(Problem::whole(format!(
            "The ZIP holds more than {MAX_PARTS} files."
        )));
    }
    let mut export = Export::default();
    let mut csvs = Vec::new();
    let mut left = MAX_EXPORT_BYTES;
    for i in 0..archive.len() {
        let part = archive.by_index(i).map_err(|_| broken())?;
        if part.is_dir() {
            continue;
        }
        let Ok(path) = part.name().map(std::borrow::Cow::into_owned) else {
            continue;
        };
        let mut content = Vec::new();
        part.take(left + 1)
            .read_to_end(&mut content)
            .map_err(|_| broken())?;
        left = left.checked_sub(content.len() as u64).ok_or_else(|| {
            Problem::whole(format!(
                "Unpacked, the ZIP has more than {MAX_EXPORT_BYTES} bytes. Give it out in parts."
            ))
        })?;
        // Nothing is written where a name points: only its last part counts.
        let name = path.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
        let is_table = std::path::Path::new(&path)
            .extension()
            .is_some_and(|ending| ending.eq_ignore_ascii_case("csv"));
        if is_table && !path.contains('/') {
            csvs.push((name, content));
        } else if !name.is_empty() {
            export.media.insert(name, content);
        }
    }
    tables(&csvs, version, &mut export)?;
    Ok(export)
}

/// One row of a table, by its columns.
type Row = BTreeMap<String, String>;

struct Table {
    /// The repeat that its rows are of; empty for the form itself.
    repeat: String,
    file: String,
    rows: Vec<(u64, Row)>,
}

fn tables(files: &[(String, Vec<u8>)], version: &Version, export: &mut Export) -> Result<(), Problem> {
    let form = &version.form;
    let mut left = MAX_ROWS;
    let mut tables = Vec::new();
    for (file, bytes) in files {
        tables.push(table(file, bytes, form, &mut left, &mut export.problems)?);
    }
    let Some(main) = tables.iter().find(|table| table.repeat.is_empty()) else {
        return Err(Problem::whole(
            "None of the files has a row for each filled form (a column KEY, _uuid or instanceID, and none PARENT_KEY).",
        ));
    };
    orphans(&tables, &mut export.problems);
    let without = form
        .repeats
        .iter()
        .filter(|repeat| !tables.iter().any(|table| table.repeat == **repeat));
    export
        .missing_repeats
        .extend(without.map(|repeat| repeat.replace("[]", "")));
    for (number, row) in &main.rows {
        let place = format!("{}, row {number}", main.file);
        if let Some(why) = set_aside(|name| row.get(name).cloned()) {
            export.problems.push(Problem::at(place, why));
            continue;
        }
        let key = cell(
            row,
            &[
                "KEY",
                "meta-instanceID",
                "meta/instanceID",
                "instanceID",
                "_uuid",
                "__id",
            ],
        );
        let Some(key) = key else {
            export.problems.push(Problem::at(
                place,
                "The row has no id (KEY, instanceID or _uuid).",
            ));
            continue;
        };
        let mut root = root(form);
        fill(&mut root, row, form, "", &mut export.unknown_columns);
        repeats(&mut root, form, "", key, &tables, &mut export.unknown_columns);
        let received = cell(
            row,
            &["SubmissionDate", "_submission_time", "__system/submissionDate"],
        );
        let version = cell(row, &["FormVersion", "__version__", "formVersion"]).unwrap_or(&form.version);
        if let Some(id) = cell(row, &[ENTITY_ID]) {
            entity(&mut root, form, id);
        }
        let (instance, first) = (
            cell(
                row,
                &["meta-instanceID", "meta/instanceID", "instanceID", "_uuid"],
            )
            .unwrap_or(key),
            cell(row, &["KEY", "meta/rootUuid", "rootUuid", "meta-rootUuid"]),
        );
        push(export, root, form, version, (instance, first), received);
    }
    Ok(())
}

/// Tells of rows of repeats that belong to no row.
fn orphans(tables: &[Table], problems: &mut Vec<Problem>) {
    let keys: BTreeSet<&String> = tables
        .iter()
        .flat_map(|table| &table.rows)
        .filter_map(|(_, row)| row.get("KEY"))
        .collect();
    for table in tables.iter().filter(|table| !table.repeat.is_empty()) {
        for (number, row) in &table.rows {
            if row.get("PARENT_KEY").is_none_or(|parent| !keys.contains(parent)) {
                problems.push(Problem::at(
                    format!("{}, row {number}", table.file),
                    "The row belongs to no filled form of the export (PARENT_KEY). It is left out.",
                ));
            }
        }
    }
}

/// Why the other server says that a filled form does not count.
fn set_aside(of: impl Fn(&str) -> Option<String>) -> Option<&'static str> {
    let is = |names: &[&str], words: &[&str]| {
        names
            .iter()
            .filter_map(|name| of(name))
            .any(|said| words.contains(&said.as_str()))
    };
    if is(&["ReviewState", "__system/reviewState"], &["rejected"])
        || is(
            &[
                "_validation_status",
                "_validation_status/uid",
                "_validation_status/label",
            ],
            &["validation_status_not_approved", "Not Approved", "not_approved"],
        )
    {
        return Some("It was rejected in the other server, and is left out.");
    }
    of("__system/deletedAt")
        .is_some_and(|when| !when.is_empty())
        .then_some("It was deleted in the other server, and is left out.")
}

fn table(
    file: &str,
    bytes: &[u8],
    form: &XForm,
    left: &mut usize,
    problems: &mut Vec<Problem>,
) -> Result<Table, Problem> {
    let text = std::str::from_utf8(bytes).map_err(|_| {
        Problem::at(
            file,
            "The file is not UTF-8: get it again, without opening it in a spreadsheet.",
        )
    })?;
    // A carriage return would make the reader count every row one line too early.
    let text = text
        .strip_prefix('\u{feff}')
        .unwrap_or(text)
        .replace("\r\n", "\n");
    // Kobo lets people choose the semicolon.
    let head = text.lines().next().unwrap_or_default();
    let delimiter = if head.matches(';').count() > head.matches(',').count() {
        b';'
    } else {
        b','
    };
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .from_reader(text.as_bytes());
    let columns: Vec<String> = reader
        .headers()
        .map_err(|_| Problem::at(file, "The first row cannot be read."))?
        .iter()
        .map(|column| column.trim().to_owned())
        .collect();
    let mut seen = BTreeSet::new();
    if let Some(twice) = columns
        .iter()
        .find(|column| !column.is_empty() && !seen.insert(*column))
    {
        return Err(Problem::at(
            file,
            format!(
                "Two columns are called {twice}: nobody can tell which of them counts. Rename or remove one."
            ),
        ));
    }
    let mut rows = Vec::new();
    for record in reader.records() {
        *left = left.checked_sub(1).ok_or_else(|| {
            Problem::at(
                file,
                format!("The tables have more than {MAX_ROWS} rows. Give them out in parts."),
            )
        })?;
        let record = record.map_err(|e| {
            let line = e.position().map_or(0, csv::Position::line);
            Problem::at(
                format!("{file}, row {line}"),
                "The row cannot be read: a quotation mark is open.",
            )
        })?;
        let number = record.position().map_or(0, csv::Position::line);
        if record.len() != columns.len() {
            problems.push(Problem::at(
                format!("{file}, row {number}"),
                format!(
                    "The row has {} cells, and the first row has {}: its answers would stand under the wrong questions. A comma in a text needs quotation marks.",
                    record.len(),
                    columns.len()
                ),
            ));
            continue;
        }
        let cells = columns
            .iter()
            .cloned()
            .zip(record.iter().map(|cell| cell.trim().to_owned()));
        rows.push((number, cells.filter(|(_, cell)| !cell.is_empty()).collect()));
    }
    let repeat = repeat_of(file, &columns, form)?;
    Ok(Table {
        repeat,
        file: file.to_owned(),
        rows,
    })
}

/// The repeat that a table's rows are of; empty for the form itself.
fn repeat_of(file: &str, columns: &[String], form: &XForm) -> Result<String, Problem> {
    if !columns.iter().any(|column| column == "PARENT_KEY") {
        return Ok(String::new());
    }
    // Central names the file of a repeat by the form and the repeat, with a number where several are called the same.
    let stem = file.trim_end_matches(".csv");
    let (stem, number) = match stem
        .rsplit_once('~')
        .map(|(stem, number)| (stem, number.parse::<usize>()))
    {
        Some((stem, Ok(number))) => (stem, number),
        _ => (stem, 1),
    };
    let mut named = form.repeats.iter().filter(|repeat| {
        let plain = repeat.replace("[]", "");
        stem.ends_with(&format!("-{}", plain.replace('/', "-")))
            || stem.ends_with(&format!("-{}", last(&plain)))
    });
    named.nth(number.saturating_sub(1)).cloned().ok_or_else(|| {
        let why =
            "The file has rows of a repeat (PARENT_KEY), and the form has no repeat that it is named by.";
        Problem::at(file, why)
    })
}

/// The entity that a filled form made or changed, in a table that this program gave out.
fn entity(root: &mut Element, form: &XForm, id: &str) {
    let Some(shape) = &form.entity else { return };
    let what = if shape.creates { "create" } else { "update" };
    descend(root, "meta/entity").attributes = [("dataset", shape.list.as_str()), ("id", id), (what, "1")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec();
}

fn last(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn cell<'a>(row: &'a Row, names: &[&str]) -> Option<&'a str> {
    names.iter().find_map(|name| row.get(*name)).map(String::as_str)
}

fn root(form: &XForm) -> Element {
    Element {
        name: form.root.clone(),
        namespace: String::new(),
        attributes: Vec::new(),
        nodes: Vec::new(),
        line: 0,
    }
}

fn push(
    export: &mut Export,
    mut root: Element,
    form: &XForm,
    version: &str,
    (instance, first): (&str, Option<&str>),
    received: Option<&str>,
) {
    root.attributes = vec![
        ("id".to_owned(), form.id.clone()),
        ("version".to_owned(), version.to_owned()),
    ];
    let whole = |id: &str| {
        if id.contains(':') {
            id.to_owned()
        } else {
            format!("uuid:{id}")
        }
    };
    let instance = whole(instance);
    set(&mut root, "meta/instanceID", &instance);
    // One that was edited there keeps the id of its first answers beside its own.
    if let Some(first) = first.map(whole).filter(|first| *first != instance) {
        set(&mut root, "meta/deprecatedID", &first);
    }
    match Submission::of(root) {
        Ok(submission) => export.filled.push((submission, received.map(str::to_owned))),
        Err(problem) => export.problems.push(problem),
    }
}

/// What a column may be called for a question below `around` (a repeat, or nothing).
fn names(path: &str, around: &str) -> [String; 4] {
    let whole = path.replace("[]", "");
    let below = path
        .strip_prefix(around)
        .unwrap_or(path)
        .trim_start_matches('/')
        .replace("[]", "");
    [
        below.replace('/', "-"),
        below.clone(),
        whole.clone(),
        whole.replace('/', "-"),
    ]
}

/// Puts the answers of a row where they belong; questions of deeper repeats have tables of their own.
fn fill(element: &mut Element, row: &Row, form: &XForm, around: &str, unknown: &mut BTreeSet<String>) {
    let mut used: BTreeSet<String> = BTreeSet::new();
    for question in &form.questions {
        let inside = question.repeats().last().unwrap_or_default();
        if inside != around || question.path.starts_with("meta/") {
            continue;
        }
        let below = question
            .path
            .strip_prefix(around)
            .unwrap_or(&question.path)
            .trim_start_matches('/');
        let mut candidates: Vec<String> = names(&question.path, around).to_vec();
        let short = last(&question.path).to_owned();
        let is_only_one = form
            .questions
            .iter()
            .filter(|other| last(&other.path) == short)
            .count()
            == 1;
        if is_only_one {
            candidates.push(short);
        }
        let found = candidates.iter().find_map(|name| Some((name, row.get(name)?)));
        if let Some((name, text)) = found {
            used.insert(name.clone());
            set(element, below, text);
        } else if question.kind == "geopoint" {
            // Central writes a point in four columns.
            for name in &candidates {
                let of = |what: &str| row.get(&format!("{name}-{what}")).map(String::as_str);
                if let (Some(lat), Some(lon)) = (of("Latitude"), of("Longitude")) {
                    let point = format!(
                        "{lat} {lon} {} {}",
                        of("Altitude").unwrap_or("0"),
                        of("Accuracy").unwrap_or("0")
                    );
                    set(element, below, &point);
                    used.extend(
                        ["Latitude", "Longitude", "Altitude", "Accuracy"]
                            .map(|what| format!("{name}-{what}")),
                    );
                    break;
                }
            }
        }
    }
    unknown.extend(
        row.keys()
            .filter(|column| !used.contains(*column) && !is_of_the_server(column))
            .cloned(),
    );
}

/// Columns that the other server adds.
fn is_of_the_server(column: &str) -> bool {
    // Kobo writes the parts of a place beside it: _place/position_latitude.
    column.starts_with('_')
        || last(column).starts_with('_')
        || column.starts_with("meta")
        || column.starts_with("SET-OF-")
        || OF_THE_SERVER.contains(&column)
        || ["PARENT_KEY", "SubmissionDate", "instanceID", "formhub/uuid"].contains(&column)
}

fn repeats(
    element: &mut Element,
    form: &XForm,
    around: &str,
    key: &str,
    tables: &[Table],
    unknown: &mut BTreeSet<String>,
) {
    for repeat in &form.repeats {
        let parent = repeat
            .trim_end_matches("[]")
            .rfind("[]")
            .map_or("", |at| &repeat[..at + 2]);
        if parent != around {
            continue;
        }
        for table in tables.iter().filter(|table| table.repeat == *repeat) {
            for (_, row) in table
                .rows
                .iter()
                .filter(|(_, row)| row.get("PARENT_KEY").is_some_and(|of| of == key))
            {
                let mut one = root(form);
                fill(&mut one, row, form, repeat, unknown);
                if let Some(own) = row.get("KEY") {
                    repeats(&mut one, form, repeat, own, tables, unknown);
                }
                add_repeat(element, repeat.strip_prefix(around).unwrap_or(repeat), one);
            }
        }
    }
}

/// Adds one instance of a repeat where it belongs.
fn add_repeat(element: &mut Element, path: &str, mut one: Element) {
    let path = path.trim_start_matches('/').trim_end_matches("[]");
    let (groups, name) = path.rsplit_once('/').unwrap_or(("", path));
    name.clone_into(&mut one.name);
    descend(element, groups).nodes.push(Node::Element(one));
}

/// The element at a path of groups, made where it is not there.
fn descend<'a>(element: &'a mut Element, path: &str) -> &'a mut Element {
    let Some((name, rest)) = (match path.split_once('/') {
        Some((name, rest)) => Some((name, rest)),
        None if path.is_empty() => None,
        None => Some((path, "")),
    }) else {
        return element;
    };
    let at = element
        .nodes
        .iter()
        .position(|node| matches!(node, Node::Element(child) if child.name == name));
    let at = at.unwrap_or_else(|| {
        element.nodes.push(Node::Element(Element {
            name: name.to_owned(),
            namespace: String::new(),
            attributes: Vec::new(),
            nodes: Vec::new(),
            line: 0,
        }));
        element.nodes.len() - 1
    });
    match &mut element.nodes[at] {
        Node::Element(child) => descend(child, rest),
        Node::Text(_) => unreachable!("the place of an element"),
    }
}

fn set(element: &mut Element, path: &str, text: &str) {
    descend(element, path).nodes = vec![Node::Text(text.to_owned())];
}

fn json(bytes: &[u8], version: &Version) -> Result<Export, Problem> {
    let document: Value = serde_json::from_slice(bytes)
        .map_err(|e| Problem::at(format!("line {}", e.line()), "The file is no JSON here."))?;
    // Kobo: {"results": […]}, Central's `OData`: {"value": […]}, or the list alone.
    let list = document
        .get("results")
        .or_else(|| document.get("value"))
        .unwrap_or(&document);
    let Some(list) = list.as_array() else {
        return Err(Problem::whole(
            "The file has no list of filled forms (results, value, or a list alone).",
        ));
    };
    let form = &version.form;
    let mut export = Export::default();
    let next = ["next", "@odata.nextLink"]
        .iter()
        .find_map(|name| document.get(*name));
    if next.is_some_and(|next| !next.is_null()) {
        export.problems.push(Problem::whole(
            "The file holds the first part of the filled forms alone: the other server has more (next). Get them and take them in as well.",
        ));
    }
    for (number, one) in list.iter().enumerate() {
        let place = format!("filled form {}", number + 1);
        let Some(object) = one.as_object() else {
            export
                .problems
                .push(Problem::at(place, "This is no filled form."));
            continue;
        };
        let text = |names: &[&str]| names.iter().find_map(|name| at(one, name)).map(plain);
        let Some(key) = text(&["meta/instanceID", "instanceID", "__id", "_uuid"]) else {
            export
                .problems
                .push(Problem::at(place, "It has no id (instanceID, __id or _uuid)."));
            continue;
        };
        if let Some(why) = set_aside(|name| at(one, name).map(plain)) {
            export.problems.push(Problem::at(place, why));
            continue;
        }
        let mut root = root(form);
        let mut flat = Row::new();
        flatten(
            object,
            "",
            form,
            &mut root,
            &mut flat,
            &mut export.unknown_columns,
        );
        fill(&mut root, &flat, form, "", &mut export.unknown_columns);
        let received = text(&["_submission_time", "__system/submissionDate"]);
        let told = text(&["__version__", "__system/formVersion"]);
        let told = told
            .as_deref()
            .filter(|told| *told == form.version)
            .unwrap_or(&form.version)
            .to_owned();
        let first = text(&["__id", "meta/rootUuid", "rootUuid"]);
        push(
            &mut export,
            root,
            form,
            &told,
            (&key, first.as_deref()),
            received.as_deref(),
        );
    }
    Ok(export)
}

/// A value by a name that may lead through objects.
fn at<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    value
        .get(name)
        .or_else(|| name.split('/').try_fold(value, |value, part| value.get(part)))
        .filter(|value| !value.is_null())
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.trim().to_owned(),
        // `OData` writes a point as GeoJSON.
        Value::Object(object) if object.get("type").is_some_and(|kind| kind == "Point") => {
            let number = |at: usize| {
                object["coordinates"]
                    .get(at)
                    .map_or_else(|| "0".to_owned(), Value::to_string)
            };
            let accuracy = object
                .get("properties")
                .and_then(|more| more.get("accuracy"))
                .map_or_else(|| "0".to_owned(), Value::to_string);
            format!("{} {} {} {accuracy}", number(1), number(0), number(2))
        }
        other => other.to_string(),
    }
}

/// Answers of an object by their paths; what repeats goes into the element at once.
fn flatten(
    object: &serde_json::Map<String, Value>,
    around: &str,
    form: &XForm,
    element: &mut Element,
    flat: &mut Row,
    unknown: &mut BTreeSet<String>,
) {
    for (name, value) in object {
        let path = if around.is_empty() || name.starts_with(&format!("{}/", around.replace("[]", ""))) {
            name.clone()
        } else {
            format!("{around}/{name}")
        };
        let plain_path = path.replace("[]", "");
        let repeat = form
            .repeats
            .iter()
            .find(|repeat| repeat.replace("[]", "") == plain_path);
        match (value, repeat) {
            (Value::Null, _) => {}
            (Value::Array(list), Some(repeat)) => {
                for item in list.iter().filter_map(Value::as_object) {
                    let mut one = root(form);
                    let mut cells = Row::new();
                    flatten(item, repeat, form, &mut one, &mut cells, unknown);
                    fill(&mut one, &cells, form, repeat, unknown);
                    let outer = repeat
                        .trim_end_matches("[]")
                        .rfind("[]")
                        .map_or("", |at| &repeat[..at + 2]);
                    add_repeat(element, repeat.strip_prefix(outer).unwrap_or(repeat), one);
                }
            }
            (Value::Object(inner), _) if inner.get("type").is_none_or(|kind| kind != "Point") => {
                flatten(inner, &path, form, element, flat, unknown);
            }
            (value, _) => {
                flat.insert(plain_path, plain(value));
            }
        }
    }
}
