//! What is looked at in the cells of an XLSForm before it is converted: what the converter would drop, or would write as something that
//! Collect's engine refuses. What can be kept is written so that it is; what cannot is refused with its cell, or told.

use std::collections::{BTreeMap, BTreeSet};

use rxform::xls::{Sheet, Workbook};

use crate::error::Problem;
use crate::parameters;
use crate::xform::is_name;

type Row = BTreeMap<String, String>;

/// Prepares the sheets: what is to be told about them, or all that is wrong.
pub fn prepare(book: &mut Workbook) -> Result<Vec<String>, Vec<Problem>> {
    let (mut problems, mut notes) = (Vec::new(), Vec::new());
    settings(&book.settings, &mut problems);
    choices(&mut book.choices, &mut problems, &mut notes);
    undeclared(book, &mut notes);
    survey(&mut book.survey, &mut problems, &mut notes);
    entities(book, &mut problems);
    if problems.is_empty() {
        Ok(notes)
    } else {
        Err(problems)
    }
}

fn cell(sheet: &str, row: usize, column: &str) -> String {
    format!("sheet {sheet}, row {row}, column {column}")
}

/// A column's name without its language, in the one way in which it is compared.
fn base(header: &str) -> String {
    let name = header.split(':').next().unwrap_or_default();
    name.trim().to_lowercase().replace(' ', "_")
}

/// A row's cells under a column of one of these names, in whatever language.
fn under<'a>(row: &'a Row, names: &'a [&str]) -> impl Iterator<Item = (&'a str, &'a str)> {
    row.iter()
        .filter(|(header, _)| names.contains(&base(header).as_str()))
        .map(|(header, text)| (header.as_str(), text.as_str()))
}

fn settings(sheet: &Sheet, problems: &mut Vec<Problem>) {
    let Some((number, row)) = sheet.rows.first() else {
        return;
    };
    for (header, _) in under(row, &["public_key"]) {
        problems.push(Problem::at(
            cell("settings", *number, header),
            "The form encrypts its answers for somebody else: nobody could read them here. Empty this cell; records are sealed by this program itself.",
        ));
    }
    for (header, text) in under(row, &["form_id", "id_string", "version"]) {
        if !is_name(text.trim()) {
            problems.push(Problem::at(
                cell("settings", *number, header),
                format!(
                    "\"{}\" cannot be used: letters from a to z, digits, \"_\", \"-\" and \".\", at most 100 of them, without spaces.",
                    text.trim()
                ),
            ));
        }
    }
}

fn choices(sheet: &mut Sheet, problems: &mut Vec<Problem>, notes: &mut Vec<String>) {
    // A column of one's own becomes an element of each choice, which has no space in its name.
    let bad: Vec<String> = sheet
        .headers
        .iter()
        .filter(|header| !header.contains(':') && !is_element(header))
        .filter(|header| !["list name", "list_name"].contains(&header.to_lowercase().as_str()))
        .cloned()
        .collect();
    for header in bad {
        notes.push(format!(
            "sheet choices, column {header}: the name of a column has letters, digits, \"_\" and \"-\" and no spaces. The column is left out."
        ));
        sheet.headers.retain(|known| *known != header);
        for (_, row) in &mut sheet.rows {
            row.remove(&header);
        }
    }
    for (number, row) in &sheet.rows {
        let shown = ["label", "image", "audio", "video", "big-image", "media"];
        for (header, _) in under(row, &shown).filter(|(_, text)| text.contains("${")) {
            problems.push(Problem::at(
                cell("choices", *number, header),
                "What is shown of a choice cannot hold an answer (${…}) here. Write it in the label of the question.",
            ));
        }
    }
}

/// Columns for elements of the form whose prefix nothing declares: `body::esri:style` is for another program, and no XML without its namespace.
fn undeclared(book: &mut Workbook, notes: &mut Vec<String>) {
    const DECLARED: [&str; 7] = ["jr", "odk", "orx", "ev", "h", "xsd", "entities"];
    let own: String = book
        .settings
        .rows
        .iter()
        .flat_map(|(_, row)| under(row, &["namespaces"]))
        .map(|(_, text)| text.to_owned())
        .collect();
    let is_unknown = |header: &String| {
        let mut parts = header.split(':').filter(|part| !part.is_empty()).map(str::trim);
        let is_of_form = parts.next().is_some_and(|first| {
            ["body", "control", "bind", "instance"].contains(&first.to_lowercase().as_str())
        });
        match (parts.next(), parts.next()) {
            (Some(prefix), Some(_)) if is_of_form => {
                !DECLARED.contains(&prefix) && !own.contains(&format!("{prefix}="))
            }
            _ => false,
        }
    };
    let bad: Vec<String> = book
        .survey
        .headers
        .iter()
        .filter(|header| is_unknown(header))
        .cloned()
        .collect();
    for header in bad {
        notes.push(format!(
            "sheet survey, column {header}: nothing says what its prefix means (sheet settings, column namespaces). The column is left out."
        ));
        book.survey.headers.retain(|known| *known != header);
        for (_, row) in &mut book.survey.rows {
            row.remove(&header);
        }
    }
}

fn is_element(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(|c| c.is_alphabetic() || c == '_')
        && chars.all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))
}

fn survey(sheet: &mut Sheet, problems: &mut Vec<Problem>, notes: &mut Vec<String>) {
    let mut depth = 0_usize;
    let mut added: BTreeSet<&str> = BTreeSet::new();
    for (number, row) in &mut sheet.rows {
        let kind = under(row, &["type", "command"])
            .next()
            .map(|(_, text)| text.trim().to_lowercase().replace('_', " "))
            .unwrap_or_default();
        let begins = kind.starts_with("begin");
        if kind.starts_with("begin repeat") {
            depth += 1;
        } else if kind.starts_with("end repeat") {
            depth = depth.saturating_sub(1);
        }
        for (header, _) in under(
            row,
            &["constraint_message", "constraining_message", "required_message"],
        )
        .filter(|(_, text)| text.contains("${"))
        {
            problems.push(Problem::at(
                cell("survey", *number, header),
                "A message cannot hold an answer (${…}) here: people would read the sign itself. Write it without.",
            ));
        }
        if depth > 0 {
            for (header, _) in under(row, &["save_to", "saveto"]) {
                problems.push(Problem::at(
                    cell("survey", *number, header),
                    "A repeat cannot make or change entries of a list here: one filled form is about one entry. Take the question out of the repeat, or its save_to away.",
                ));
            }
        }
        if begins && let Some(header) = row.keys().find(|header| is_intent(header)) {
            notes.push(format!(
                "{}: a group does not start another app here. The column is left out in this row.",
                cell("survey", *number, header)
            ));
        }
        let written: Vec<(String, String)> = under(row, &["parameters"])
            .map(|(header, text)| (header.to_owned(), text.to_owned()))
            .collect();
        for (header, text) in written {
            match parameters::settled(&kind, &text) {
                Ok(settled) => {
                    for (parameter, column) in [
                        ("allow-mock-accuracy=true", "bind::odk:allow-mock-accuracy"),
                        ("incremental=true", "body::incremental"),
                    ] {
                        if settled.split(' ').any(|one| one == parameter) {
                            row.insert(column.to_owned(), "true".to_owned());
                            added.insert(column);
                        }
                    }
                    row.insert(header, settled);
                }
                Err(message) => problems.push(Problem::at(cell("survey", *number, &header), message)),
            }
        }
        if kind == "audit" {
            // It has but one name.
            row.entry("name".to_owned()).or_insert_with(|| "audit".to_owned());
        }
        refuse(*number, &kind, row, problems);
        let default = row
            .iter()
            .find(|(header, _)| base(header) == "default")
            .map(|(header, text)| (header.clone(), text.clone()));
        if let Some((header, text)) = default
            // A day with its hyphens is a day there.
            && !kind.contains("date")
        {
            if matches!(kind.as_str(), "image" | "photo") && is_file(&text) {
                row.insert(header, format!("jr://images/{}", text.trim()));
            } else if is_plain(&text) {
                // Its signs would be taken for an expression; a literal is one that says the text.
                row.insert(header, format!("'{}'", text.trim()));
            }
        }
    }
    for column in added {
        if !sheet.headers.iter().any(|header| header == column) {
            sheet.headers.push(column.to_owned());
        }
    }
}

fn is_intent(header: &str) -> bool {
    matches!(
        header.trim().to_lowercase().as_str(),
        "intent" | "body::intent" | "body:intent" | "control::intent" | "control:intent"
    )
}

/// A default of a picture that names a file, and no more.
fn is_file(text: &str) -> bool {
    let text = text.trim();
    !text.is_empty() && !text.contains([':', '/', '(', '$', '\'', '"']) && text.contains('.')
}

/// What the converter would take, and a phone would show otherwise than it was meant.
fn refuse(number: usize, kind: &str, row: &Row, problems: &mut Vec<Problem>) {
    let mut no =
        |header: &str, message: &str| problems.push(Problem::at(cell("survey", number, header), message));
    for (header, _) in
        under(row, &["guidance_hint", "noapperrorstring"]).filter(|(_, text)| text.contains("${"))
    {
        no(
            header,
            "This text cannot hold an answer (${…}) here: people would read the sign itself. Write it without.",
        );
    }
    for (header, _) in under(row, &["label", "hint"]).filter(|(_, text)| text.contains("instance(")) {
        no(
            header,
            "A text cannot look something up (instance(…)) here: people would read the formula. Look it up in a question of type calculate, and name that: ${…}.",
        );
    }
    for (header, text) in under(row, &["type", "command"]) {
        if kind.starts_with("select") && text.contains("${") {
            no(
                header,
                "The entries of a repeat cannot be the choices of another question here. Name a list of the sheet choices or a file.",
            );
        }
    }
    for (header, text) in under(row, &["name", "tag"]) {
        if text.trim() == "meta" {
            no(
                header,
                "\"meta\" is the name of what a form says of itself. Give this another name.",
            );
        }
    }
    if kind.starts_with("begin") {
        for (header, _) in under(row, &["save_to", "saveto"]) {
            no(
                header,
                "A group has no answer that could be kept in a list. Take the save_to away, or write it beside a question.",
            );
        }
    }
    let says = |names: &[&str]| {
        row.keys().any(|header| {
            names.contains(&base(header).as_str()) || header.to_lowercase().contains("calculate")
        })
    };
    if kind == "calculate" && !says(&["calculation", "calculate", "default", "trigger", "bind"]) {
        no(
            "calculation",
            "Nothing says what is to be worked out. Write it here.",
        );
    }
}

/// Whether a default with signs of arithmetic in it is a text all the same: an address, a name with hyphens, a day or a number with them.
fn is_plain(default: &str) -> bool {
    let text = default.trim();
    if !text.contains(['-', '+', '*', '|']) || text.contains(['\'', '"', '(', '[', '$']) {
        return false;
    }
    let is_address = text.contains("://") && !text.contains(char::is_whitespace);
    let is_token = |token: &str| {
        let digits = token.split('-').all(|part| {
            !part.is_empty() && part.chars().all(|c| c.is_ascii_digit() || matches!(c, ':' | '.'))
        });
        is_element(token) || digits
    };
    // A number with a sign is worked out to itself.
    is_address || (text.parse::<f64>().is_err() && text.split_whitespace().all(is_token))
}

fn entities(book: &Workbook, problems: &mut Vec<Problem>) {
    let mut depth = 0_usize;
    let mut inside: BTreeSet<String> = BTreeSet::new();
    for (_, row) in &book.survey.rows {
        let first = |names: &[&str]| {
            let names = names.to_vec();
            under(row, &names)
                .next()
                .map(|(_, text)| text.trim().to_owned())
                .unwrap_or_default()
        };
        let kind = first(&["type", "command"]).to_lowercase().replace('_', " ");
        if kind.starts_with("end repeat") {
            depth = depth.saturating_sub(1);
        }
        if depth > 0 {
            inside.insert(first(&["name", "tag", "value"]));
        }
        if kind.starts_with("begin repeat") {
            depth += 1;
        }
    }
    let mut saved: BTreeSet<String> = BTreeSet::new();
    for (number, row) in &book.survey.rows {
        for (header, text) in under(row, &["save_to", "saveto"]) {
            let message = if book.entities.rows.is_empty() {
                "Nothing says in which list this is kept: add the sheet entities, or take the save_to away."
            } else if !saved.insert(text.trim().to_owned()) {
                "Another question is kept under this name already. Give each its own."
            } else {
                continue;
            };
            problems.push(Problem::at(cell("survey", *number, header), message));
        }
    }
    for (number, row) in &book.entities.rows {
        for (header, text) in row {
            if base(header) == "repeat" {
                problems.push(of_repeat(*number, header));
                continue;
            }
            let mut named = text.split("${").skip(1).filter_map(|rest| rest.split('}').next());
            if named.any(|name| inside.contains(name.trim())) {
                problems.push(of_repeat(*number, header));
            }
        }
    }
}

fn of_repeat(row: usize, header: &str) -> Problem {
    Problem::at(
        cell("entities", row, header),
        "A repeat cannot make or change entries of a list here: one filled form is about one entry. Name a question that stands in no repeat.",
    )
}

/// The form as Collect's engine reads it: a repeat in a repeat has its template in the outer template alone, and what asks for the last filled
/// form has its instance.
pub fn mended(xml: &str, columns: &[String]) -> String {
    let xml = &as_written(xml, columns);
    let Some((from, to)) = primary_instance(xml) else {
        return xml.to_owned();
    };
    let mut out = xml[..from].to_owned();
    out.push_str(&without_doubles(&xml[from..to]));
    let rest = &xml[to..];
    let end = "</instance>";
    if rest.contains("__last-saved") && !rest.contains("id=\"__last-saved\"") {
        out.push_str(end);
        out.push_str("\n      <instance id=\"__last-saved\" src=\"jr://instance/last-saved\"/>");
        out.push_str(&rest[end.len()..]);
    } else {
        out.push_str(rest);
    }
    out
}

/// Columns of choices as they were written: filters ask for them by that name, and the converter writes them in small letters.
fn as_written(xml: &str, columns: &[String]) -> String {
    let mut out = xml.to_owned();
    let Some((_, primary)) = primary_instance(xml) else {
        return out;
    };
    for column in columns.iter().filter(|column| is_element(column)) {
        let small = column.to_lowercase();
        if small == *column || columns.contains(&small) {
            continue;
        }
        let mut lists = out.split_off(primary);
        for (from, to) in [
            (format!("<{small}>"), format!("<{column}>")),
            (format!("</{small}>"), format!("</{column}>")),
            (format!("<{small}/>"), format!("<{column}/>")),
        ] {
            // Not beyond the lists: the questions stand behind them.
            let end = lists.rfind("</instance>").unwrap_or(0);
            let behind = lists.split_off(end);
            lists = lists.replace(&from, &to) + &behind;
        }
        out += &lists;
    }
    out
}

/// Where the content of the first instance begins and ends.
fn primary_instance(xml: &str) -> Option<(usize, usize)> {
    let from = xml.find("<instance>")? + "<instance>".len();
    Some((from, from + xml[from..].find("</instance>")?))
}

#[derive(Clone, Copy, PartialEq)]
enum Inside {
    Neither,
    Template,
    Copy,
}

struct Frame<'a> {
    inside: Inside,
    /// Repeats that have had their template.
    templates: BTreeSet<&'a str>,
    /// Where it began, if all of it is left out.
    cut: Option<usize>,
}

/// Leaves out the copy of a repeat that stands in a template, and the template of one that stands in a copy.
fn without_doubles(instance: &str) -> String {
    let mut out = String::new();
    let mut kept = 0;
    let mut frames: Vec<Frame<'_>> = vec![Frame {
        inside: Inside::Neither,
        templates: BTreeSet::new(),
        cut: None,
    }];
    let mut at = 0;
    while let Some(open) = instance[at..].find('<').map(|n| at + n) {
        let Some(close) = instance[open..].find('>').map(|n| open + n + 1) else {
            break;
        };
        let tag = &instance[open + 1..close - 1];
        at = close;
        let mut ended = None;
        if tag.starts_with('/') {
            ended = frames.pop().and_then(|frame| frame.cut);
        } else {
            let is_cut = frames.iter().any(|frame| frame.cut.is_some());
            let Some(parent) = frames.last_mut() else { break };
            let name = tag.split([' ', '/', '\n', '\t']).next().unwrap_or_default();
            let is_template = tag.contains(" jr:template=");
            let is_copy = !is_template && parent.templates.contains(name);
            let is_double = match parent.inside {
                Inside::Neither => false,
                Inside::Template => is_copy,
                Inside::Copy => is_template,
            };
            if is_template {
                parent.templates.insert(name);
            }
            let inside = match parent.inside {
                Inside::Neither if is_template => Inside::Template,
                Inside::Neither if is_copy => Inside::Copy,
                other => other,
            };
            let cut = (is_double && !is_cut).then(|| instance[..open].trim_end().len());
            if tag.ends_with('/') {
                ended = cut;
            } else {
                frames.push(Frame {
                    inside,
                    templates: BTreeSet::new(),
                    cut,
                });
            }
        }
        if let Some(from) = ended
            && from >= kept
        {
            out.push_str(&instance[kept..from]);
            kept = at;
        }
        if frames.is_empty() {
            break;
        }
    }
    out.push_str(&instance[kept..]);
    out
}
