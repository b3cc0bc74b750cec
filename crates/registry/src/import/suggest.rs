//! A first mapping, from the names and the contents of a survey's columns: for a person to correct.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::cell::Cell;
use super::mapping::{DateOrder, Fact, FactKind};
use super::sheet::{Book, Sheet};
use crate::vocabulary::{self, Answers, Choice, path};

/// Columns that may name a record, in order. Kobo gives a submission that was edited another `_uuid` and leaves `_id` as it is; ODK Central
/// leaves `KEY` as it is and gives another instance id.
const IDS: [&str; 10] = [
    "meta/rootuuid",
    "rootuuid",
    "key",
    "_id",
    "_uuid",
    "record_id",
    "household_id",
    "uuid",
    "instanceid",
    "id",
];
/// Columns that may have the day, in order.
const DAYS: [&str; 10] = [
    "happened_on",
    "day",
    "survey_date",
    "date_of_survey",
    "interview_date",
    "visit_date",
    "today",
    "date",
    "start",
    "_submission_time",
];
/// Columns that may have the time at which it was written down.
const TIMES: [&str; 4] = ["end", "submissiondate", "_submission_time", "start"];
/// Words of a column's name by which it may name a record, where none of [`IDS`] is there.
const OF_IDS: [&str; 9] = ["id", "no", "nr", "number", "code", "ref", "key", "hh", "លេខកូដ"];
/// Words of a column's name by which it does not, even if each record has another: what is somebody's own, or changes.
const NO_IDS: [&str; 9] = [
    "phone",
    "tel",
    "telephone",
    "mobile",
    "contact",
    "card",
    "member",
    "members",
    "ទូរសព្ទ",
];
/// Words of a column's name by which it says who asked: no fact about the family.
const WHO_ASKED: [&str; 6] = [
    "enumerator",
    "interviewer",
    "surveyor",
    "collector",
    "supervisor",
    "staff",
];
/// What columns of these names usually hold.
const KNOWN: [(&str, &str); 33] = [
    ("head_name", "head.name"),
    ("name_of_head", "head.name"),
    ("household_head", "head.name"),
    ("respondent_name", "head.name"),
    ("name", "head.name"),
    ("sex", "head.sex"),
    ("gender", "head.sex"),
    ("head_sex", "head.sex"),
    ("phone", "head.phone"),
    ("telephone", "head.phone"),
    ("household_size", "size"),
    ("hh_size", "size"),
    ("family_size", "size"),
    ("sangkat", "dwelling.sangkat"),
    ("head_birth_year", "head.birth_year"),
    ("tenure", "dwelling.tenure"),
    ("id_poor", "id_poor.card"),
    ("head_of_household", "head.name"),
    ("head_of_family", "head.name"),
    ("family_head", "head.name"),
    ("household_head_name", "head.name"),
    ("hh_head", "head.name"),
    ("phone_number", "head.phone"),
    ("telephone_number", "head.phone"),
    ("mobile", "head.phone"),
    ("mobile_number", "head.phone"),
    ("contact_number", "head.phone"),
    ("members_count", "size"),
    ("no_of_members", "size"),
    ("number_of_members", "size"),
    ("hh_members", "size"),
    ("people_in_household", "size"),
    ("idpoor", "id_poor.card"),
];
/// The same of columns about one of several people.
const KNOWN_OF_MEMBERS: [(&str, &str); 6] = [
    ("full_name", path::NAME),
    ("gender", path::SEX),
    ("year_of_birth", path::BIRTH_YEAR),
    ("born", path::BIRTH_YEAR),
    ("relationship", path::RELATION),
    ("relation_to_head", path::RELATION),
];
/// Words for answers that surveys have beside those of the list of facts.
const ALIKE: [(&str, &str); 4] = [
    ("woman", "female"),
    ("girl", "female"),
    ("man", "male"),
    ("boy", "male"),
];
/// The group in which members of families stand.
const MEMBERS: &str = "members";
/// The most answers that are listed one by one.
const MOST_LISTED: usize = 12;

/// A mapping as TOML. What is only guessed says so.
pub fn suggest(book: &Book, source: &str) -> String {
    let mut out = String::new();
    let _ = writeln!(
        out,
        "# A first mapping, guessed from the columns. Read every line: what stands here becomes what is known about families.\n\
         # Leave out what nobody needs. phteah registry import FILE --mapping THIS tells what it would do, and does nothing.\n"
    );
    let _ = writeln!(
        out,
        "# Names the survey. The ids of its records follow from it: never change it."
    );
    let _ = writeln!(
        out,
        "source = {}",
        quoted(&slug(source).unwrap_or_else(|| "survey".into()).replace('_', "-"))
    );
    let Some(main) = book.sheets.first() else {
        return out;
    };
    if book.sheets.len() > 1 {
        let _ = writeln!(out, "sheet = {}", quoted(&main.name));
    }
    let _ = writeln!(
        out,
        "# What comes first in 3/5/2024: \"dmy\" or \"mdy\".\ndates = \"{}\"",
        if is_month_first(main) { "mdy" } else { "dmy" }
    );
    let mut used: BTreeSet<usize> = BTreeSet::new();
    record(&mut out, main, &mut used);
    location(&mut out, main, &mut used);
    let consents: Vec<usize> = (0..main.header.len())
        .filter(|at| main.header[*at].to_lowercase().contains("consent"))
        .collect();
    // A note of the form is called so as well, and is empty.
    let says_yes = |cell: &Cell| {
        let text = cell.text().ok().flatten().unwrap_or_default().to_lowercase();
        ["yes", "no", "true", "false", "1", "0"].contains(&text.as_str())
    };
    let consent = consents.iter().copied().find(|at| all(main, *at, says_yes));
    let consent = consent.or_else(|| consents.into_iter().find(|at| all(main, *at, |_| true)));
    if let Some(at) = consent {
        used.insert(at);
        let _ = writeln!(
            out,
            "\n# Records of families that did not agree are left out.\n[consent]\ncolumn = {}\npurposes = [\"registration\"]",
            quoted(&main.header[at])
        );
    } else {
        let _ = writeln!(
            out,
            "\n# No column tells whether the family agreed. Where they were asked, say so:\n# [consent]\n# column = \"…\""
        );
    }
    let repeats: Vec<&Sheet> = book.sheets.iter().skip(1).collect();
    let numbered = numbered_groups(main);
    for columns in numbered.values() {
        used.extend(columns.iter().flat_map(|(_, at)| at.iter().copied()));
    }
    let _ = writeln!(out, "\n[facts]");
    facts(&mut out, main, &used, None);
    let mut names = BTreeSet::new();
    for sheet in repeats {
        let slug = slug(last(&sheet.name.to_lowercase().replace('-', "/")));
        let name = unlike(&mut names, &slug.unwrap_or_else(|| "members".into()));
        repeat(&mut out, main, sheet, &name);
    }
    for (group, columns) in &numbered {
        let name = unlike(&mut names, group);
        let _ = writeln!(out, "\n[repeats.{name}.facts]");
        let mut paths = BTreeSet::new();
        for (pattern, at) in columns {
            let field = pattern.rsplit(['/', '}']).next().unwrap_or(pattern);
            let path = unlike(&mut paths, &path_of(field, at[0] + 1, false));
            fact(&mut out, main, at[0], &path, group == MEMBERS, pattern);
        }
    }
    out
}

/// Whether a day in the sheet can only be read with the month first, and none only with the day first.
fn is_month_first(sheet: &Sheet) -> bool {
    let cells = sheet.rows.iter().flat_map(|row| &row.cells);
    let mut month_first = false;
    for text in cells.filter_map(|cell| cell.text().ok().flatten()) {
        let day = text.split_whitespace().next().unwrap_or_default();
        let parts: Vec<u16> = day
            .split(['/', '.', '-'])
            .map_while(|part| part.parse().ok())
            .collect();
        match parts.as_slice() {
            [13..=31, 1..=12, 1900..=9999] => return false,
            [1..=12, 13..=31, 1900..=9999] => month_first = true,
            _ => {}
        }
    }
    month_first
}

/// A name that was not given yet: questions of one name in several groups must not become one.
fn unlike(given: &mut BTreeSet<String>, name: &str) -> String {
    let mut fresh = name.to_owned();
    let mut n = 2;
    while !given.insert(fresh.clone()) {
        fresh = format!("{name}_{n}");
        n += 1;
    }
    fresh
}

fn record(out: &mut String, sheet: &Sheet, used: &mut BTreeSet<usize>) {
    let _ = writeln!(out, "\n[record]");
    let unique = |at: &usize| is_unique(sheet, *at);
    let id = IDS
        .iter()
        .find_map(|wanted| {
            find(sheet, |name| {
                name == *wanted || name.ends_with(&format!("/{wanted}"))
            })
            .filter(unique)
        })
        .or_else(|| {
            let named = |at: &usize| may_name_a_record(&sheet.header[*at]);
            (0..sheet.header.len()).filter(named).find(unique)
        });
    if let Some(at) = id {
        used.insert(at);
        let _ = writeln!(
            out,
            "# Names a record for ever: the same file again finds it by this.\nid = {}",
            quoted(&sheet.header[at])
        );
    } else {
        let _ = writeln!(
            out,
            "# No column names each record once. Name one, or several that do together: id = [\"village\", \"number\"].\nid = \"\""
        );
    }
    let order = if is_month_first(sheet) {
        DateOrder::MonthFirst
    } else {
        DateOrder::DayFirst
    };
    let is_day = |at: &usize| most(sheet, *at, |cell| cell.day(order).is_ok());
    let is_called =
        |name: &str, wanted: &str| last(name) == wanted || slug(last(name)).as_deref() == Some(wanted);
    let day = DAYS
        .iter()
        .find_map(|wanted| find(sheet, |name| is_called(name, wanted)).filter(is_day));
    if let Some(at) = day {
        used.insert(at);
        let _ = writeln!(out, "happened_on = {}", quoted(&sheet.header[at]));
    } else {
        let _ = writeln!(
            out,
            "# No column has the day of the visit. Name one with happened_on, or the day of all:\nday = \"\""
        );
    }
    if let Some(at) = TIMES
        .iter()
        .find_map(|wanted| find(sheet, |name| last(name) == *wanted).filter(is_day))
    {
        used.insert(at);
        let _ = writeln!(out, "recorded_at = {}", quoted(&sheet.header[at]));
    }
}

fn location(out: &mut String, sheet: &Sheet, used: &mut BTreeSet<usize>) {
    let ends = |endings: &'static [&'static str]| {
        find(sheet, move |name| {
            endings.iter().any(|ending| {
                name == *ending
                    || name.ends_with(&format!("_{ending}"))
                    || name.ends_with(&format!("/{ending}"))
            })
        })
    };
    let (lons, lats) = (["longitude", "lon", "long", "lng"], ["latitude", "lat"]);
    // A sheet may have several positions: longitude and latitude are of the same one if the rest of their names is.
    let rest = |at: usize, endings: &[&str]| {
        let name = sheet.header[at].trim().to_lowercase();
        let ending = endings
            .iter()
            .filter(|ending| name.ends_with(**ending))
            .max_by_key(|ending| ending.len())?;
        let rest = &name[..name.len() - ending.len()];
        (rest.is_empty() || rest.ends_with(['_', '/', ' ', '-', '.'])).then(|| rest.to_owned())
    };
    let pair = (0..sheet.header.len()).find_map(|lon| {
        let name = rest(lon, &lons)?;
        let lat = (0..sheet.header.len()).find(|lat| rest(*lat, &lats).as_ref() == Some(&name))?;
        (all(sheet, lon, |_| true) && all(sheet, lat, |_| true)).then_some((lon, lat))
    });
    let accuracy = ends(&["precision", "accuracy"]);
    if let Some((lon, lat)) = pair {
        used.extend([lon, lat]);
        let _ = writeln!(
            out,
            "\n[location]\nlon = {}\nlat = {}",
            quoted(&sheet.header[lon]),
            quoted(&sheet.header[lat])
        );
        if let Some(at) = accuracy {
            used.insert(at);
            let _ = writeln!(out, "accuracy_m = {}", quoted(&sheet.header[at]));
        }
    } else if let Some(at) = (0..sheet.header.len()).find(|at| all(sheet, *at, is_geopoint)) {
        used.insert(at);
        let _ = writeln!(out, "\n[location]\ngeopoint = {}", quoted(&sheet.header[at]));
    }
}

/// Whether a cell holds a position as ODK and Kobo write it into one column: latitude, longitude, and perhaps height and radius.
fn is_geopoint(cell: &Cell) -> bool {
    let Ok(Some(text)) = cell.text() else {
        return false;
    };
    let numbers: Option<Vec<f64>> = text.split_whitespace().map(|part| part.parse().ok()).collect();
    let is_place = |lat: f64, lon: f64| lat.abs() <= 90.0 && lon.abs() <= 180.0;
    matches!(numbers.as_deref(), Some([lat, lon] | [lat, lon, _, _]) if is_place(*lat, *lon) && text.contains('.'))
}

fn repeat(out: &mut String, main: &Sheet, sheet: &Sheet, name: &str) {
    let of = find(sheet, |name| name == "_parent_table_name");
    let other = of.and_then(|at| {
        let names = answers_of(sheet, at);
        names.into_iter().find(|of| *of != main.name)
    });
    if let Some(other) = other {
        let _ = writeln!(
            out,
            "\n# left out, its rows belong to rows of {}, not to households: {}",
            quoted(&other),
            quoted(&sheet.name)
        );
        return;
    }
    let _ = writeln!(out, "\n[repeats.{name}]\nsheet = {}", quoted(&sheet.name));
    let mut used = BTreeSet::new();
    let link = |out: &mut String, used: &mut BTreeSet<usize>, own: usize, other: usize| {
        used.insert(own);
        let _ = writeln!(
            out,
            "parent = {}\nof = {}",
            quoted(&sheet.header[own]),
            quoted(&main.header[other])
        );
    };
    let pairs = [
        ("_submission__uuid", "_uuid"),
        ("parent_key", "key"),
        ("_parent_index", "_index"),
    ];
    let found = pairs.iter().find_map(|(own, other)| {
        Some((
            find(sheet, |name| name == *own)?,
            find(main, |name| name == *other)?,
        ))
    });
    if let Some((own, other)) = found {
        link(out, &mut used, own, other);
    } else {
        let _ = writeln!(
            out,
            "# Say which household a row belongs to: a column here, and the same of the household's sheet.\nparent = \"\"\nof = \"\""
        );
    }
    if let Some(at) = find(sheet, |name| name == "key").filter(|at| is_unique(sheet, *at)) {
        used.insert(at);
        let _ = writeln!(out, "id = {}", quoted(&sheet.header[at]));
    }
    let _ = writeln!(out, "\n[repeats.{name}.facts]");
    facts(out, sheet, &used, Some(name));
}

/// Columns such as `member_1_name`, `members[2]/name`: by the name of what there are several of, each with its pattern.
fn numbered_groups(sheet: &Sheet) -> BTreeMap<String, Vec<(String, Vec<usize>)>> {
    let mut patterns: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, name) in sheet.header.iter().enumerate() {
        if let Some(pattern) = pattern(name) {
            patterns.entry(pattern).or_default().push(at);
        }
    }
    let mut groups: BTreeMap<String, Vec<(String, Vec<usize>)>> = BTreeMap::new();
    for (pattern, columns) in patterns {
        if columns.len() > 1 {
            let before = pattern.split("{n}").next().unwrap_or_default();
            let word = last(before.trim_end_matches(['[', '_', '/', '.', ' ']));
            let group = match slug(word).as_deref() {
                Some("member" | "members" | "hh_member" | "person" | "people") | None => MEMBERS.to_owned(),
                Some(other) => other.to_owned(),
            };
            groups.entry(group).or_default().push((pattern, columns));
        }
    }
    groups
}

/// A column's name with `{n}` for a number that stands between other signs.
fn pattern(name: &str) -> Option<String> {
    let start = name.find(|c: char| c.is_ascii_digit())?;
    let length = name[start..].find(|c: char| !c.is_ascii_digit())?;
    let number: usize = name[start..start + length].parse().ok()?;
    let apart = |c: char| !c.is_alphanumeric();
    let before = name[..start].chars().next_back().is_some_and(apart);
    let after = name[start + length..].chars().next().is_some_and(apart);
    ((1..=40).contains(&number) && before && after)
        .then(|| format!("{}{{n}}{}", &name[..start], &name[start + length..]))
}

/// The lines of a sheet's columns; `group` is what there are several of in it, `None` in the sheet of households.
fn facts(out: &mut String, sheet: &Sheet, used: &BTreeSet<usize>, group: Option<&str>) {
    let mut taken = BTreeSet::new();
    for (at, name) in sheet.header.iter().enumerate() {
        if used.contains(&at) {
            continue;
        }
        // What the forms' own programs add.
        let low = name.to_lowercase();
        let is_machinery = low.starts_with('_')
            || low.contains("meta/")
            || matches!(
                last(&low),
                "deviceid" | "formhub" | "__version__" | "instanceid" | "subscriberid" | "username"
            );
        let is_note = sheet
            .rows
            .iter()
            .all(|row| row.cells.get(at).is_none_or(Cell::is_empty));
        let mut path = path_of(name, at + 1, group.is_none());
        if taken.contains(&path) && vocabulary::fact(&path).is_some() {
            // Another column holds that already.
            path = own_path(name, at + 1, group.is_none());
        }
        let path = unlike(&mut taken, &path);
        if says_who_asked(name) {
            let _ = writeln!(out, "# left out, it says who asked: {}", quoted(name));
        } else if is_machinery || is_note || name.is_empty() {
            let _ = writeln!(out, "# left out: {}", quoted(name));
        } else {
            fact(out, sheet, at, &path, group == Some(MEMBERS), name);
        }
    }
}

fn fact(out: &mut String, sheet: &Sheet, at: usize, path: &str, of_member: bool, column: &str) {
    let whole = if of_member {
        format!("members/{{member}}/{path}")
    } else {
        path.to_owned()
    };
    let known = vocabulary::fact(&whole).map(|fact| fact.answers);
    let path = quoted(path);
    let column = quoted(column);
    let holds = |kind: FactKind| {
        let mapping_fact = Fact {
            kind,
            ..Fact::default()
        };
        all(sheet, at, |cell| super::cell::fits(cell, &mapping_fact))
    };
    if matches!(known, Some(Answers::Sangkat)) && !all(sheet, at, is_code) {
        let _ = writeln!(
            out,
            "# A sangkat is told by its code of six digits: a name is no place here."
        );
    }
    let line = if let Some(Answers::OneOf(choices)) = known {
        one_of(out, sheet, at, choices, &column)
    } else if matches!(known, Some(Answers::Text | Answers::Sangkat)) {
        // Codes and telephone numbers are no numbers to calculate with.
        column
    } else if holds(FactKind::YesNo) {
        format!("{{ column = {column}, type = \"yes_no\" }}")
    } else if holds(FactKind::Whole) {
        format!("{{ column = {column}, type = \"whole\" }}")
    } else if holds(FactKind::Number) {
        format!("{{ column = {column}, type = \"number\" }}")
    } else if holds(FactKind::Date) {
        format!("{{ column = {column}, type = \"date\" }}")
    } else if let Some(answers) = few(sheet, at) {
        let word = |answer: &String| slug(answer).unwrap_or_else(|| answer.clone());
        listed(&column, answers.iter().map(|answer| (answer, word(answer))))
    } else {
        column
    };
    let _ = writeln!(out, "{path} = {line}");
}

/// Whether a cell holds a sangkat's code.
fn is_code(cell: &Cell) -> bool {
    cell.text()
        .ok()
        .flatten()
        .is_some_and(|code| vocabulary::is_sangkat(&code))
}

fn listed<'a>(column: &str, answers: impl Iterator<Item = (&'a String, String)>) -> String {
    let values: Vec<String> = answers
        .map(|(answer, word)| format!("{} = {}", quoted(answer), quoted(&word)))
        .collect();
    format!("{{ column = {column}, values = {{ {} }} }}", values.join(", "))
}

/// The line of a fact that is one of some words: which of a survey's answers is which. What cannot be told is asked above it.
fn one_of(out: &mut String, sheet: &Sheet, at: usize, choices: &[Choice], column: &str) -> String {
    let answers = answers_of(sheet, at);
    let (found, open): (Vec<_>, Vec<_>) = answers
        .iter()
        .map(|answer| (answer, meant(answer, choices)))
        .partition(|(_, word)| word.is_some());
    if !open.is_empty() {
        let words: Vec<&str> = choices.iter().map(|choice| choice.is.as_str()).collect();
        let shown: Vec<String> = open
            .iter()
            .take(MOST_LISTED)
            .map(|(answer, _)| quoted(answer))
            .collect();
        let _ = writeln!(
            out,
            "# Say in values which of {} these are: {}{}",
            words.join(", "),
            shown.join(", "),
            if open.len() > MOST_LISTED { ", …" } else { "" }
        );
    }
    listed(
        column,
        found
            .into_iter()
            .filter_map(|(answer, word)| Some((answer, word?))),
    )
}

/// The word that an answer means: the same word, its label in one of the languages, or a beginning that only one has.
fn meant(answer: &str, choices: &[Choice]) -> Option<String> {
    let low = answer.trim().to_lowercase();
    let word = ALIKE
        .iter()
        .find(|(alike, _)| *alike == low)
        .map_or(low.as_str(), |(_, word)| word);
    let same = |choice: &&Choice| {
        choice.is == word
            || choice.words.en.to_lowercase() == word
            || choice.words.km == answer.trim()
            || slug(word).is_some_and(|slug| slug == choice.is)
    };
    let mut begins = choices
        .iter()
        .filter(|choice| !word.is_empty() && choice.is.starts_with(word));
    let only = begins.next().filter(|_| begins.next().is_none());
    choices.iter().find(same).or(only).map(|choice| choice.is.clone())
}

/// All answers of a column.
fn answers_of(sheet: &Sheet, at: usize) -> BTreeSet<String> {
    let cells = sheet.rows.iter().filter_map(|row| row.cells.get(at));
    cells.filter_map(|cell| cell.text().ok().flatten()).collect()
}

/// The answers of a column, where there are few and each is there often.
fn few(sheet: &Sheet, at: usize) -> Option<BTreeSet<String>> {
    let mut answers = BTreeSet::new();
    let mut filled = 0;
    for row in &sheet.rows {
        if let Some(text) = row.cells.get(at)?.text().ok()? {
            filled += 1;
            answers.insert(text);
            if answers.len() > MOST_LISTED {
                return None;
            }
        }
    }
    (filled >= 3 * answers.len() && answers.len() > 1 && answers.iter().all(|answer| answer.len() <= 40))
        .then_some(answers)
}

fn all(sheet: &Sheet, at: usize, fits: impl Fn(&Cell) -> bool) -> bool {
    let mut filled = sheet
        .rows
        .iter()
        .filter_map(|row| row.cells.get(at))
        .filter(|cell| !cell.is_empty())
        .peekable();
    filled.peek().is_some() && filled.all(fits)
}

fn most(sheet: &Sheet, at: usize, fits: impl Fn(&Cell) -> bool) -> bool {
    let filled: Vec<&Cell> = sheet
        .rows
        .iter()
        .filter_map(|row| row.cells.get(at))
        .filter(|cell| !cell.is_empty())
        .collect();
    !filled.is_empty() && 2 * filled.iter().filter(|cell| fits(cell)).count() > filled.len()
}

fn is_unique(sheet: &Sheet, at: usize) -> bool {
    let mut seen = BTreeSet::new();
    !sheet.rows.is_empty()
        && sheet.rows.iter().all(|row| {
            let text = row.cells.get(at).map(Cell::text);
            text.and_then(Result::ok)
                .flatten()
                .is_some_and(|text| seen.insert(text))
        })
}

fn find(sheet: &Sheet, fits: impl Fn(&str) -> bool) -> Option<usize> {
    sheet
        .header
        .iter()
        .position(|name| fits(&name.trim().to_lowercase()))
}

/// The last part of a column's name, without its groups.
fn last(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// The path that a column's name tells: by its own words in either language, or by what such columns usually hold.
fn path_of(name: &str, number: usize, is_main: bool) -> String {
    let low = name.trim().to_lowercase();
    let slug = slug(last(&low));
    let usual: &[(&str, &str)] = if is_main { &KNOWN } else { &KNOWN_OF_MEMBERS };
    let known = usual.iter().find(|(known, _)| slug.as_deref() == Some(*known));
    known
        .map(|(_, path)| *path)
        .or_else(|| in_words(last(&low), is_main))
        .map_or_else(|| own_path(name, number, is_main), str::to_owned)
}

/// A path of the survey's own.
fn own_path(name: &str, number: usize, is_main: bool) -> String {
    let name = slug(last(&name.trim().to_lowercase())).unwrap_or_else(|| format!("answer_{number}"));
    if is_main { format!("survey.{name}") } else { name }
}

/// The fact of a survey that people call so, in one of the languages.
fn in_words(name: &str, is_main: bool) -> Option<&'static str> {
    let name = without_gaps(name);
    let facts = vocabulary::facts().iter();
    let mut asked = facts.filter(|fact| fact.asked.iter().any(|form| form == "survey"));
    asked.find_map(|fact| {
        let field = fact.path.strip_prefix("members/{member}/");
        let path = if is_main == field.is_none() {
            field.unwrap_or(&fact.path)
        } else {
            return None;
        };
        [&fact.words.en, &fact.words.km]
            .into_iter()
            .any(|words| !name.is_empty() && without_gaps(words) == name)
            .then_some(path)
    })
}

/// A text in small letters without what stands between its words.
fn without_gaps(text: &str) -> String {
    let is_between = |c: &char| c.is_whitespace() || c.is_ascii_punctuation() || *c == '\u{200b}';
    text.to_lowercase().chars().filter(|c| !is_between(c)).collect()
}

fn words_of(name: &str) -> Vec<String> {
    let low = name.trim().to_lowercase();
    let words = low.split(|c: char| c.is_whitespace() || c.is_ascii_punctuation());
    words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

fn may_name_a_record(name: &str) -> bool {
    let words = words_of(name);
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(&word.as_str()));
    has(&OF_IDS) && !has(&NO_IDS) && !says_who_asked(name)
}

fn says_who_asked(name: &str) -> bool {
    words_of(name)
        .iter()
        .any(|word| WHO_ASKED.contains(&word.as_str()))
}

/// A name of small Latin letters, digits and `_`; `None` where a text has no Latin letter.
fn slug(text: &str) -> Option<String> {
    let mut slug = String::new();
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            slug.push(c.to_ascii_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('_') {
            slug.push('_');
        }
    }
    let slug = slug
        .trim_matches('_')
        .trim_start_matches(|c: char| c.is_ascii_digit() || c == '_');
    let slug: String = slug.chars().take(60).collect();
    (!slug.is_empty()).then_some(slug)
}

fn quoted(text: &str) -> String {
    // A basic string of TOML is written like one of JSON.
    serde_json::Value::from(text)
        .to_string()
        .replace('\u{7f}', "\\u007f")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_columns_usually_hold_is_in_the_list_of_facts() {
        for (column, path) in KNOWN {
            assert!(vocabulary::fact(path).is_some(), "{column}: {path}");
        }
        for (column, field) in KNOWN_OF_MEMBERS {
            let path = format!("members/{{member}}/{field}");
            assert!(vocabulary::fact(&path).is_some(), "{column}: {path}");
        }
    }
}
