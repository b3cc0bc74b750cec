//! The forms that come with the program, in Khmer and English. Their sources are the sheets of XLSForms as CSV, so that a change of a word
//! shows in a comparison; `geodata/forms/README.md` says where the words come from.

use std::sync::{Arc, OnceLock};

use rxform::xls::{Sheet, Workbook, sheet_from_rows};

use crate::convert;
use crate::error::Problem;
use crate::library::Version;
use crate::mapping::Mapping;

struct Source {
    id: &'static str,
    survey: &'static str,
    choices: &'static str,
    settings: &'static str,
    entities: &'static str,
    facts: &'static str,
}

macro_rules! source {
    ($id:literal, $entities:expr) => {
        Source {
            id: $id,
            survey: include_str!(concat!("../../../geodata/forms/", $id, "/survey.csv")),
            choices: include_str!(concat!("../../../geodata/forms/", $id, "/choices.csv")),
            settings: include_str!(concat!("../../../geodata/forms/", $id, "/settings.csv")),
            entities: $entities,
            facts: include_str!(concat!("../../../geodata/forms/", $id, "/facts.toml")),
        }
    };
}

static SOURCES: &[Source] = &[
    source!(
        "not_found",
        include_str!("../../../geodata/forms/not_found/entities.csv")
    ),
    source!(
        "referral",
        include_str!("../../../geodata/forms/referral/entities.csv")
    ),
    source!(
        "site_task",
        include_str!("../../../geodata/forms/site_task/entities.csv")
    ),
    source!(
        "survey",
        include_str!("../../../geodata/forms/survey/entities.csv")
    ),
    source!(
        "verification",
        include_str!("../../../geodata/forms/verification/entities.csv")
    ),
    source!("visit", include_str!("../../../geodata/forms/visit/entities.csv")),
];

/// All of them, converted when they are first asked for.
pub fn all() -> &'static [Arc<Version>] {
    static ALL: OnceLock<Vec<Arc<Version>>> = OnceLock::new();
    ALL.get_or_init(|| {
        SOURCES
            .iter()
            // A form that cannot be converted fails the tests of this crate.
            .filter_map(|source| version(source).ok().map(Arc::new))
            .collect()
    })
}

/// What is wrong with the forms that come with the program: nothing, or the tests fail.
pub fn problems() -> Vec<(&'static str, Vec<Problem>)> {
    SOURCES
        .iter()
        .filter_map(|source| Some((source.id, version(source).err()?)))
        .collect()
}

/// The sheets of one of them, for those who want to make their own of it: survey, choices, settings, entities.
pub fn sheets(id: &str) -> Option<[(&'static str, Vec<Vec<String>>); 4]> {
    let source = SOURCES.iter().find(|source| source.id == id)?;
    Some([
        ("survey", rows(source.survey)),
        ("choices", rows(source.choices)),
        ("settings", rows(source.settings)),
        ("entities", rows(source.entities)),
    ])
}

/// The file that says which of its answers are which facts.
pub fn facts(id: &str) -> Option<&'static str> {
    SOURCES
        .iter()
        .find(|source| source.id == id)
        .map(|source| source.facts)
}

fn version(source: &Source) -> Result<Version, Vec<Problem>> {
    let book = Workbook {
        survey: sheet(source.survey),
        choices: sheet(source.choices),
        settings: sheet(source.settings),
        external_choices: Sheet::default(),
        entities: sheet(source.entities),
    };
    let converted = convert::from_sheets(book, source.id, None)?;
    let mapping = Mapping::read(source.facts, &converted.form)?;
    Ok(Version::built_in(converted, mapping))
}

fn sheet(csv: &str) -> Sheet {
    sheet_from_rows(rows(csv))
}

fn rows(csv: &str) -> Vec<Vec<String>> {
    csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(csv.as_bytes())
        .records()
        .filter_map(Result::ok)
        .map(|record| record.iter().map(str::to_owned).collect())
        .collect()
}
