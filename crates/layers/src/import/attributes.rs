//! From a source's columns to a role's fields.

use std::collections::BTreeMap;

use super::coerce::{self, Coerced};
use super::map::{FieldMap, FieldSource};
use super::suggest;
use crate::error::{LayersError, Result};
use crate::gpkg;
use crate::open::Sample;
use crate::personal::is_personal;
use crate::roads::{RoadColumns, RoadUse};
use crate::schema::{FieldRule, FieldSpec, Role};
use crate::text::{column_key, is_blank, search_form};
use crate::value::{Field, FieldType, Value};

pub(crate) use crate::schema::SEARCH;

/// That column.
pub(crate) fn search_field() -> Field {
    let mut field = Field::new(SEARCH, FieldType::Text);
    field.meaning = Some("names in the form that searching compares; never published".into());
    field
}

/// Where one field's value comes from.
#[derive(Clone, Debug)]
struct Slot {
    from: From,
    words: BTreeMap<String, String>,
}

#[derive(Clone, Debug)]
enum From {
    Nowhere,
    /// Of several the first that is filled.
    Columns(Vec<usize>),
    Constant(Value),
}

/// How a source's columns fill a role's fields.
pub(super) struct Plan {
    id: Slot,
    slots: Vec<(Option<&'static FieldSpec>, Slot)>,
    fields: Vec<Field>,
    names: Vec<usize>,
    ids_are_codes: bool,
    /// Of roads, the columns that say who may travel them.
    roads: Option<RoadColumns>,
    /// Which column fills which field, for the report.
    pub described: Vec<String>,
    /// Columns that fill nothing.
    pub not_taken: Vec<String>,
    /// Fields that nothing fills, each with a column that may.
    pub suggestions: Vec<String>,
    /// What must be said about the columns.
    pub notes: Vec<String>,
}

/// What a plan is made for.
#[derive(Clone, Copy, Default)]
pub(super) struct Given<'a> {
    /// Which column fills which field, as the caller and the preset say.
    pub map: &'a [FieldMap],
    /// Fields of a program beyond the role's.
    pub extra: &'a [Field],
    /// Whether the map may name fields that the role does not have.
    pub allow_extra: bool,
    /// Columns that are never suggested for a field: choices of a question are no questions.
    pub choices: &'a [String],
    /// The first records, where there are any to look at.
    pub sample: Option<&'a Sample>,
}

/// What was noticed about a value while it was fitted to its field.
pub(super) enum Remark {
    Changed {
        code: &'static str,
        field: String,
        message: String,
    },
    Doubtful {
        code: &'static str,
        field: String,
        message: String,
    },
    Unknown {
        field: String,
        message: String,
    },
    Missing {
        field: String,
        message: String,
    },
}

/// A source's columns while they are matched to fields.
struct Matching<'a> {
    columns: &'a [Field],
    used: Vec<bool>,
    described: Vec<String>,
}

impl Matching<'_> {
    fn find(&self, name: &str) -> Option<usize> {
        let exact = self.columns.iter().position(|c| c.name == name);
        exact.or_else(|| {
            self.columns
                .iter()
                .position(|c| column_key(&c.name) == column_key(name))
        })
    }

    fn take(&mut self, field: &str, columns: Vec<usize>) -> Slot {
        let names: Vec<&str> = columns.iter().map(|i| self.columns[*i].name.as_str()).collect();
        self.described
            .push(format!("{field} ← {}", names.join(", else ")));
        for i in &columns {
            self.used[*i] = true;
        }
        Slot {
            from: From::Columns(columns),
            words: BTreeMap::new(),
        }
    }

    /// The column that the caller's mapping names.
    fn column(&self, name: &str) -> Result<usize> {
        let column = self.find(name).ok_or_else(|| no_column(name, self.columns))?;
        if is_personal(&self.columns[column].name) {
            return Err(about_a_person(&self.columns[column].name));
        }
        Ok(column)
    }

    /// The slot that the caller's mapping describes, and the type of its values.
    fn mapped(&mut self, mapped: &FieldMap) -> Result<(Slot, FieldType)> {
        let (slot, kind) = match &mapped.source {
            FieldSource::Constant(text) => {
                self.described.push(format!("{} = '{text}'", mapped.field));
                (
                    Slot {
                        from: From::Constant(text.as_str().into()),
                        words: BTreeMap::new(),
                    },
                    FieldType::Text,
                )
            }
            FieldSource::Column(name) => {
                let column = self.column(name)?;
                (self.take(&mapped.field, vec![column]), self.columns[column].kind)
            }
            FieldSource::FirstOf(names) => {
                let columns: Vec<usize> = names
                    .iter()
                    .map(|name| self.column(name))
                    .collect::<Result<_>>()?;
                let mut kinds = columns.iter().map(|i| self.columns[*i].kind);
                let first = kinds.next().unwrap_or(FieldType::Text);
                let kind = if kinds.all(|kind| kind == first) {
                    first
                } else {
                    FieldType::Text
                };
                (self.take(&mapped.field, columns), kind)
            }
        };
        Ok((
            Slot {
                words: mapped.words.clone(),
                ..slot
            },
            kind,
        ))
    }

    /// The columns of these names, by preference, but those about persons.
    fn named<'n>(&self, names: impl Iterator<Item = &'n str>) -> Vec<usize> {
        let mut found: Vec<usize> = Vec::new();
        for column in names.filter_map(|name| self.find(name)) {
            if !found.contains(&column) && !is_personal(&self.columns[column].name) {
                found.push(column);
            }
        }
        found
    }

    /// The columns that fill a field of the role by their names: the first, and of a name that a record lacks the next.
    fn for_field(&self, spec: &FieldSpec) -> Vec<usize> {
        let names = std::iter::once(spec.name).chain(spec.synonyms.iter().copied());
        let mut columns = self.named(names);
        if !spec.is_name() {
            columns.truncate(1);
        }
        columns
    }

    fn not_taken(&self) -> Vec<String> {
        let left = self.columns.iter().zip(&self.used).filter(|(_, used)| !**used);
        left.map(|(column, _)| column.name.clone()).collect()
    }
}

impl Plan {
    /// Matches columns to fields: as the map says, then by name. Fields of the role that no column fills are there all the same, unknown.
    pub fn new(role: Role, columns: &[Field], given: Given<'_>) -> Result<Self> {
        let mut matching = Matching {
            columns,
            used: vec![false; columns.len()],
            described: Vec::new(),
        };
        let mut id = None;
        let mut mapped_slots: BTreeMap<&str, Slot> = BTreeMap::new();
        let mut added: Vec<(Field, Slot)> = Vec::new();
        for mapped in given.map {
            let (slot, kind) = matching.mapped(mapped)?;
            if let Some(spec) = role.fields().iter().find(|spec| spec.name == mapped.field) {
                mapped_slots.insert(spec.name, slot);
            } else if role.is_id(&mapped.field) {
                id = Some(slot);
            } else {
                let field = new_field(&mapped.field, kind)?;
                if !given.allow_extra {
                    let message = suggest::unknown_field(role, &mapped.field, "add --extra.");
                    return Err(LayersError::Usage(message));
                }
                added.push((field, slot));
            }
        }
        let mut slots = Vec::new();
        let mut unfilled: Vec<&'static FieldSpec> = Vec::new();
        for spec in role.fields() {
            let slot = mapped_slots.remove(spec.name).or_else(|| {
                let columns = matching.for_field(spec);
                (!columns.is_empty()).then(|| matching.take(spec.name, columns))
            });
            if slot.is_none() {
                unfilled.push(spec);
            }
            slots.push((Some(spec), slot.unwrap_or(Slot::NOWHERE)));
        }
        let mut notes = Vec::new();
        if id.is_none() {
            let names = std::iter::once("id").chain(role.id_names().iter().copied());
            for column in matching.named(names) {
                if given.sample.is_none_or(|sample| sample.may_be_ids(column)) {
                    id = Some(matching.take("id", vec![column]));
                    break;
                }
                notes.push(format!(
                    "The column '{0}' repeats its values and was not taken for the id. If it is the id all the same, give --map id={0}.",
                    columns[column].name
                ));
            }
        }
        for field in given.extra {
            if let Some(column) = matching.find(&field.name) {
                let slot = matching.take(&field.name, vec![column]);
                added.push((field.clone(), slot));
            }
        }
        let roads = (role == Role::Roads).then(|| RoadColumns::find(columns, None));
        for column in roads.iter().flat_map(RoadColumns::used) {
            matching.used[column] = true;
        }
        let not_taken = matching.not_taken();
        if let Some(spec) = unfilled.iter().find(|spec| spec.required) {
            return Err(no_required(role, spec, columns, &not_taken));
        }
        let mut fields: Vec<Field> = role.fields().iter().map(FieldSpec::field).collect();
        let is_name = |field: &Field| matches!(field.name.as_str(), "name" | "name_km");
        let names: Vec<usize> = (0..fields.len()).filter(|i| is_name(&fields[*i])).collect();
        for (field, slot) in added {
            if fields.iter().any(|f| f.name.eq_ignore_ascii_case(&field.name)) {
                return Err(LayersError::Usage(format!(
                    "The field '{}' is given twice.",
                    field.name
                )));
            }
            fields.push(field);
            slots.push((None, slot));
        }
        if !names.is_empty() {
            fields.push(search_field());
        }
        Ok(Self {
            id: id.unwrap_or(Slot::NOWHERE),
            slots,
            fields,
            names,
            ids_are_codes: role == Role::Boundaries,
            roads,
            described: matching.described,
            suggestions: {
                let mut free = not_taken.clone();
                free.retain(|name| !given.choices.contains(name));
                suggest::columns(&unfilled, &free)
            },
            not_taken,
            notes,
        })
    }

    /// Whether any column or word fills a field.
    pub fn fills(&self, field: &str) -> bool {
        self.slots.iter().any(|(spec, slot)| {
            spec.is_some_and(|spec| spec.name == field) && !matches!(slot.from, From::Nowhere)
        })
    }

    /// The fields as they will be stored.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// The id that the source gives a record. A division's id is its code, in the form that codes have here.
    pub fn id(&self, row: &[Option<Value>]) -> Option<String> {
        let raw = self.id.value(row)?;
        if self.ids_are_codes
            && let Coerced::Taken(code) | Coerced::Changed(code, ..) | Coerced::Doubtful(code, ..) =
                coerce::coerce(FieldRule::AnyCode, &raw)
        {
            return Some(code.to_string());
        }
        let text = coerce::plain_text(&raw);
        (!is_blank(&text)).then(|| text.trim().to_owned())
    }

    /// What the tags of a road say, its own fields as they are mapped.
    fn road(&self, row: &[Option<Value>]) -> Option<RoadUse> {
        let columns = self.roads.as_ref()?;
        let mapped = |tag: &str| {
            let (_, slot) = self
                .slots
                .iter()
                .find(|(spec, _)| spec.is_some_and(|spec| spec.name == tag))?;
            slot.value(row)
        };
        Some(columns.road_with(row, mapped))
    }

    /// A record's values in the order of [`Plan::fields`], and what was noticed.
    pub fn values(&self, row: &[Option<Value>], remarks: &mut Vec<Remark>) -> Vec<Option<Value>> {
        let mut values = Vec::with_capacity(self.fields.len());
        let road = self.road(row);
        for ((spec, slot), field) in self.slots.iter().zip(&self.fields) {
            let raw = slot.value(row);
            if let Some(decided) = road.as_ref().and_then(|road| road.stored(&field.name)) {
                values.push(decided);
                continue;
            }
            values.push(match spec {
                Some(spec) => Self::fitted(spec, raw, remarks),
                None => raw.and_then(|raw| of_kind(raw, field.kind)),
            });
        }
        if !self.names.is_empty() {
            let forms: Vec<String> = self
                .names
                .iter()
                .filter_map(|i| values[*i].as_ref()?.as_str().map(search_form))
                .collect();
            values.push((!forms.is_empty()).then(|| Value::Text(forms.join(" "))));
        }
        values
    }

    fn fitted(spec: &'static FieldSpec, raw: Option<Value>, remarks: &mut Vec<Remark>) -> Option<Value> {
        let field = || spec.name.to_owned();
        let value = match raw.map_or(Coerced::Unknown, |raw| coerce::coerce(spec.rule, &raw)) {
            Coerced::Unknown => None,
            Coerced::Taken(value) => Some(value),
            Coerced::Changed(value, code, message) => {
                remarks.push(Remark::Changed {
                    code,
                    field: field(),
                    message,
                });
                Some(value)
            }
            Coerced::Doubtful(value, code, message) => {
                remarks.push(Remark::Doubtful {
                    code,
                    field: field(),
                    message,
                });
                Some(value)
            }
            Coerced::Bad(message) if spec.required => {
                remarks.push(Remark::Missing {
                    field: field(),
                    message,
                });
                return None;
            }
            Coerced::Bad(message) => {
                remarks.push(Remark::Unknown {
                    field: field(),
                    message,
                });
                None
            }
        };
        if value.is_none() && spec.required {
            remarks.push(Remark::Missing {
                field: field(),
                message: "it is empty".into(),
            });
        }
        value
    }
}

impl Slot {
    const NOWHERE: Self = Self {
        from: From::Nowhere,
        words: BTreeMap::new(),
    };

    fn value(&self, row: &[Option<Value>]) -> Option<Value> {
        let raw = match &self.from {
            From::Nowhere => return None,
            From::Constant(value) => value.clone(),
            From::Columns(columns) => columns
                .iter()
                .filter_map(|i| row.get(*i)?.as_ref())
                .find(|value| !matches!(value, Value::Text(text) if is_blank(text)))?
                .clone(),
        };
        if self.words.is_empty() {
            return Some(raw);
        }
        let word = coerce::plain_text(&raw);
        match self.words.get(word.trim()) {
            Some(meaning) if meaning.is_empty() => None,
            Some(meaning) => Some(Value::Text(meaning.clone())),
            None => Some(raw),
        }
    }
}

/// A value of a field that belongs to no role, kept in the type its column has.
fn of_kind(raw: Value, kind: FieldType) -> Option<Value> {
    match (kind, raw) {
        (FieldType::Text, Value::Text(text)) if is_blank(&text) => None,
        (FieldType::Text, raw) => Some(Value::Text(coerce::plain_text(&raw))),
        (FieldType::Number, raw) => raw.as_f64().filter(|n| n.is_finite()).map(Value::Number),
        (FieldType::Integer, raw) => raw.as_i64().map(Value::Integer),
        (FieldType::Boolean, raw) => raw.as_bool().map(Value::Boolean),
        (FieldType::Date, Value::Date(day)) => Some(Value::Date(day)),
        (FieldType::Date, _) => None,
    }
}

fn no_required(role: Role, spec: &'static FieldSpec, columns: &[Field], not_taken: &[String]) -> LayersError {
    let have: Vec<&str> = columns.iter().map(|c| c.name.as_str()).collect();
    let hint: String = suggest::columns(&[spec], not_taken)
        .iter()
        .map(|hint| format!(" Perhaps {hint}."))
        .collect();
    LayersError::Usage(format!(
        "{role} need '{0}' ({1}), and no column has that name: add --map {0}=COLUMN or {0}='text'.{hint} The columns are: {2}.",
        spec.name,
        spec.meaning,
        have.join(", ")
    ))
}

fn no_column(name: &str, columns: &[Field]) -> LayersError {
    LayersError::no_column("The file", name, columns.iter().map(|c| c.name.as_str()))
}

fn about_a_person(name: &str) -> LayersError {
    LayersError::Usage(format!(
        "'{name}' looks like data about a person. Layers are shared; people's data belong in the household registry only."
    ))
}

fn new_field(name: &str, kind: FieldType) -> Result<Field> {
    let fine = name.len() <= 60
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if !fine || [gpkg::FID, gpkg::GEOMETRY, gpkg::ID, SEARCH].contains(&name) {
        return Err(LayersError::Usage(format!(
            "'{name}' cannot be a field's name: use lower-case letters, digits and _, begin with a letter."
        )));
    }
    if is_personal(name) {
        return Err(about_a_person(name));
    }
    Ok(Field::new(name, kind))
}
