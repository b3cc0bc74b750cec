//! Presets: known sources that are loaded with one command. Each is a small TOML file; those in `geodata/sources/` come with the program, a
//! deployment's own lie in `DIR/sources/` and take precedence.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::{LayersError, Result, base_name};
use crate::import::map::{FieldMap, FieldSource};
use crate::import::suggest;
use crate::personal::{is_personal, path};
use crate::schema::Role;
use crate::text::column_key;
use crate::value::Field;

mod filter;

pub(crate) use filter::Filter;
pub use filter::{Only, Rule};

/// A known source.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Its name, as in `--preset NAME`.
    pub name: String,
    /// For people.
    pub title: String,
    /// Who publishes it.
    pub publisher: String,
    /// Where it comes from.
    pub url: String,
    /// The form in which it comes.
    pub form: String,
    /// Licence of the data.
    pub licence: String,
    /// Attribution that the licence asks for.
    pub attribution: String,
    /// What is peculiar about it: told in every report.
    #[serde(default)]
    pub traps: Vec<String>,
    /// The layers it fills.
    #[serde(rename = "layer")]
    pub layers: Vec<SourceLayer>,
    /// Name of the file in `DIR/sources/`, of a deployment's own.
    #[serde(default, skip)]
    pub file: Option<String>,
}

/// One layer that a source fills.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceLayer {
    /// What it is used for.
    pub role: Role,
    /// Name of the layer; by default the role's.
    #[serde(default)]
    pub name: Option<String>,
    /// Title of the layer.
    #[serde(default)]
    pub title: Option<String>,
    /// Layers of the file to read, one after another; none: its only one.
    #[serde(default)]
    pub from: Vec<String>,
    /// CRS, where the file never states it.
    #[serde(default)]
    pub crs: Option<String>,
    /// Whether `fields` and rules may name fields that the role does not have; they are then stored as text beside the role's own.
    #[serde(default)]
    pub extra: bool,
    /// Field = column, field = `'text'`, or field = list of columns of which the first that a record has filled is taken; a text in the list
    /// counts where the file has none of the columns.
    #[serde(default)]
    pub fields: BTreeMap<String, OneOrMany>,
    /// Per field: the source's words and what they mean; an empty meaning is "unknown".
    #[serde(default)]
    pub words: BTreeMap<String, BTreeMap<String, String>>,
    /// Only records that meet all of these are of concern.
    #[serde(default)]
    pub only: Vec<Only>,
    /// The first rule that fits sets fields; where there are rules and none fits, the record is of no concern.
    #[serde(default)]
    pub rule: Vec<Rule>,
    /// What stands before the digits of the return period in a raster's file name, such as `RP`.
    #[serde(default)]
    pub return_period_after: Option<String>,
    /// Licence, filled from the source.
    #[serde(default, skip_deserializing)]
    pub licence: String,
    /// Attribution, filled from the source.
    #[serde(default, skip_deserializing)]
    pub attribution: String,
}

/// One column, or several of which the first that is filled is taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum OneOrMany {
    /// One.
    One(String),
    /// Several, by preference.
    Many(Vec<String>),
}

impl OneOrMany {
    fn names(&self) -> &[String] {
        match self {
            Self::One(name) => std::slice::from_ref(name),
            Self::Many(names) => names,
        }
    }
}

const BUILT_IN: [(&str, &str); 10] = [
    ("osm", include_str!("../../../geodata/sources/osm.toml")),
    (
        "jrc-flood",
        include_str!("../../../geodata/sources/jrc-flood.toml"),
    ),
    (
        "wri-aqueduct",
        include_str!("../../../geodata/sources/wri-aqueduct.toml"),
    ),
    ("unosat", include_str!("../../../geodata/sources/unosat.toml")),
    (
        "google-buildings",
        include_str!("../../../geodata/sources/google-buildings.toml"),
    ),
    (
        "microsoft-buildings",
        include_str!("../../../geodata/sources/microsoft-buildings.toml"),
    ),
    ("cod-ab", include_str!("../../../geodata/sources/cod-ab.toml")),
    (
        "copernicus-dem",
        include_str!("../../../geodata/sources/copernicus-dem.toml"),
    ),
    ("odk", include_str!("../../../geodata/sources/odk.toml")),
    ("cadastre", include_str!("../../../geodata/sources/cadastre.toml")),
];

/// All known sources, by name: those that come with the program, and those of a data directory, which take precedence.
pub fn sources(dir: Option<&Path>) -> Result<Vec<Source>> {
    let mut all = BTreeMap::new();
    for (name, text) in BUILT_IN {
        let source = parse(&format!("{name}.toml"), text)?;
        all.insert(source.name.clone(), source);
    }
    if let Some(dir) = dir.map(|dir| dir.join("sources")).filter(|dir| dir.is_dir()) {
        let entries = std::fs::read_dir(&dir).map_err(|e| LayersError::io(&dir, "reading", e))?;
        let mut files: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
        files.retain(|file| file.extension().is_some_and(|e| e == "toml"));
        files.sort();
        for file in files {
            let text = std::fs::read_to_string(&file).map_err(|e| LayersError::io(&file, "reading", e))?;
            let mut source = parse(&base_name(&file), &text)?;
            source.file = Some(base_name(&file));
            all.insert(source.name.clone(), source);
        }
    }
    Ok(all.into_values().collect())
}

/// The source of this name.
pub fn source(dir: Option<&Path>, name: &str) -> Result<Source> {
    let mut all = sources(dir)?;
    if let Some(at) = all.iter().position(|source| source.name == name) {
        return Ok(all.swap_remove(at));
    }
    let known: Vec<&str> = all.iter().map(|source| source.name.as_str()).collect();
    Err(LayersError::Usage(format!(
        "'{name}' is no preset. The presets are: {}.",
        known.join(", ")
    )))
}

fn parse(file: &str, text: &str) -> Result<Source> {
    let wrong = |cause: String| LayersError::Usage(format!("The preset {file} cannot be used: {cause}."));
    let mut source: Source = toml::from_str(text).map_err(|e| wrong(e.to_string().trim().to_owned()))?;
    if source.layers.is_empty() {
        return Err(wrong("it fills no layer".into()));
    }
    for layer in &mut source.layers {
        layer.licence.clone_from(&source.licence);
        layer.attribution.clone_from(&source.attribution);
        let set = layer.rule.iter().flat_map(|rule| rule.set.keys());
        for field in layer.fields.keys().chain(set) {
            let known = layer.role.fields().iter().any(|spec| spec.name == field) || layer.role.is_id(field);
            if !known && !layer.extra {
                return Err(wrong(suggest::unknown_field(
                    layer.role,
                    field,
                    "set extra = true in its layer",
                )));
            }
        }
        for field in layer.words.keys() {
            if !layer.fields.contains_key(field) {
                return Err(wrong(format!(
                    "words are given for '{field}', which no column fills"
                )));
            }
        }
    }
    Ok(source)
}

impl SourceLayer {
    /// The mapping for a file with these columns; what the caller maps goes before. Columns that the file lacks are left away.
    ///
    /// `may_fill` says whether a column, by its index, may fill a field. A column about a person never does.
    pub(crate) fn map_with(
        &self,
        given: &[FieldMap],
        columns: &[Field],
        may_fill: impl Fn(usize, &str) -> bool,
    ) -> Vec<FieldMap> {
        let mut map = given.to_vec();
        for (field, names) in &self.fields {
            if map.iter().any(|m| &m.field == field) {
                continue;
            }
            let mut found: Vec<String> = Vec::new();
            let mut constant = None;
            for name in names.names() {
                if let Some(text) = name.strip_prefix('\'').and_then(|text| text.strip_suffix('\'')) {
                    constant = constant.or(Some(text));
                    continue;
                }
                let column = columns.iter().enumerate().find(|(i, column)| {
                    is_column(&column.name, name) && may_fill(*i, field) && !is_personal(&column.name)
                });
                found.extend(column.map(|(_, column)| column.name.clone()));
            }
            found.dedup();
            let source = match (found.len(), constant) {
                (0, None) => continue,
                // What is the same for all is said only where no column says it: a record whose column is empty is unknown.
                (0, Some(text)) => FieldSource::Constant(text.to_owned()),
                (1, _) => FieldSource::Column(found.swap_remove(0)),
                _ => FieldSource::FirstOf(found),
            };
            map.push(FieldMap {
                field: field.clone(),
                source,
                words: self.words.get(field).cloned().unwrap_or_default(),
            });
        }
        for field in self.rule.iter().flat_map(|rule| rule.set.keys()) {
            if !map.iter().any(|m| &m.field == field) {
                let column = filter::set_column(field);
                map.push(FieldMap {
                    field: field.clone(),
                    source: FieldSource::Column(column),
                    words: BTreeMap::new(),
                });
            }
        }
        map
    }

    /// The columns that the layer's rules add to those of the file.
    pub(crate) fn added_columns(&self) -> Vec<Field> {
        let mut fields: Vec<&String> = self.rule.iter().flat_map(|rule| rule.set.keys()).collect();
        fields.sort();
        fields.dedup();
        fields
            .into_iter()
            .map(|field| Field::new(filter::set_column(field), crate::value::FieldType::Text))
            .collect()
    }

    /// What decides which records are of concern.
    pub(crate) fn filter(&self, columns: &[Field]) -> Filter {
        Filter::new(self, columns)
    }

    /// The return period that a raster's file name tells.
    pub(crate) fn return_period(&self, file: &str) -> Option<u32> {
        return_period_in(file, self.return_period_after.as_deref()?)
    }
}

/// Whether a preset's name for a column means this one; `*` at its beginning stands for any groups in front (`group/question`). Groups and
/// question count as wholes: `*name` is no `username`, no `school_name` and no `respondent_name`.
fn is_column(column: &str, name: &str) -> bool {
    let Some(end) = name.strip_prefix('*') else {
        return column_key(column) == column_key(name);
    };
    let steps = |text| path(text).into_iter().map(column_key).collect::<Vec<_>>();
    steps(column).ends_with(&steps(end))
}

/// The digits that follow `mark` in a file's name.
pub(crate) fn return_period_in(file: &str, mark: &str) -> Option<u32> {
    let (file, mark) = (file.to_ascii_lowercase(), mark.to_ascii_lowercase());
    file.match_indices(&mark).find_map(|(at, _)| {
        let rest = &file[at + mark.len()..];
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        rest[..digits].parse().ok().filter(|rp| *rp > 0)
    })
}
