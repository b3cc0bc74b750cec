//! From a source's columns to a role's fields.

use std::collections::BTreeMap;

use super::coerce::{self, Coerced};
use super::map::{FieldMap, FieldSource};
use crate::error::{LayersError, Result};
use crate::gpkg;
use crate::schema::{FieldRule, FieldSpec, Role};
use crate::text::{column_key, is_blank, search_form};
use crate::value::{Field, FieldType, Value};

/// Column that holds the form of the names that searching compares.
pub(crate) const SEARCH: &str = "name_search";

/// Where one field's value comes from.
#[derive(Clone, Debug)]
struct Slot {
    from: From,
    words: BTreeMap<String, String>,
}

#[derive(Clone, Debug)]
enum From {
    Nowhere,
    Column(usize),
    Constant(Value),
}

/// How a source's columns fill a role's fields.
pub(super) struct Plan {
    id: Slot,
    slots: Vec<(Option<&'static FieldSpec>, Slot)>,
    fields: Vec<Field>,
    names: Vec<usize>,
    ids_are_codes: bool,
    /// Which column fills which field, for the report.
    pub described: Vec<String>,
    /// Columns that fill nothing.
    pub not_taken: Vec<String>,
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

    fn take(&mut self, field: &str, column: usize) -> Slot {
        self.used[column] = true;
        self.described
            .push(format!("{field} ← {}", self.columns[column].name));
        Slot {
            from: From::Column(column),
            words: BTreeMap::new(),
        }
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
                let column = self.find(name).ok_or_else(|| no_column(name, self.columns))?;
                (self.take(&mapped.field, column), self.columns[column].kind)
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

    /// The slot of the first of these names that is a column's.
    fn named<'n>(&mut self, field: &str, mut names: impl Iterator<Item = &'n str>) -> Option<Slot> {
        let column = names.find_map(|name| self.find(name))?;
        Some(self.take(field, column))
    }

    fn not_taken(&self) -> Vec<String> {
        let left = self.columns.iter().zip(&self.used).filter(|(_, used)| !**used);
        left.map(|(column, _)| column.name.clone()).collect()
    }
}

impl Plan {
    /// Matches columns to fields: as `map` says, then by name. Fields of the role that no column fills are there all the same, unknown.
    pub fn new(role: Role, columns: &[Field], map: &[FieldMap], extra: &[Field]) -> Result<Self> {
        let mut matching = Matching {
            columns,
            used: vec![false; columns.len()],
            described: Vec::new(),
        };
        let mut id = None;
        let mut given: BTreeMap<&str, Slot> = BTreeMap::new();
        let mut added: Vec<(Field, Slot)> = Vec::new();
        for mapped in map {
            let (slot, kind) = matching.mapped(mapped)?;
            if let Some(spec) = role.fields().iter().find(|spec| spec.name == mapped.field) {
                given.insert(spec.name, slot);
            } else if role.is_id(&mapped.field) {
                id = Some(slot);
            } else {
                added.push((new_field(&mapped.field, kind)?, slot));
            }
        }
        let mut slots = Vec::new();
        for spec in role.fields() {
            let names = std::iter::once(spec.name).chain(spec.synonyms.iter().copied());
            let slot = given
                .remove(spec.name)
                .or_else(|| matching.named(spec.name, names));
            if slot.is_none() && spec.required {
                return Err(no_required(role, spec, columns));
            }
            slots.push((Some(spec), slot.unwrap_or(Slot::NOWHERE)));
        }
        let names = std::iter::once("id").chain(role.id_names().iter().copied());
        let id = id
            .or_else(|| matching.named("id", names))
            .unwrap_or(Slot::NOWHERE);
        for field in extra {
            if let Some(slot) = matching.named(&field.name, std::iter::once(field.name.as_str())) {
                added.push((field.clone(), slot));
            }
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
            let mut field = Field::new(SEARCH, FieldType::Text);
            field.meaning = Some("names without case and invisible characters, for searching".into());
            fields.push(field);
        }
        let not_taken = matching.not_taken();
        let ids_are_codes = role == Role::Boundaries;
        Ok(Self {
            id,
            slots,
            fields,
            names,
            ids_are_codes,
            described: matching.described,
            not_taken,
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

    /// A record's values in the order of [`Plan::fields`], and what was noticed.
    pub fn values(&self, row: &[Option<Value>], remarks: &mut Vec<Remark>) -> Vec<Option<Value>> {
        let mut values = Vec::with_capacity(self.fields.len());
        for ((spec, slot), field) in self.slots.iter().zip(&self.fields) {
            let raw = slot.value(row);
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
            From::Column(i) => row.get(*i)?.clone()?,
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

fn no_required(role: Role, spec: &FieldSpec, columns: &[Field]) -> LayersError {
    let have: Vec<&str> = columns.iter().map(|c| c.name.as_str()).collect();
    LayersError::Usage(format!(
        "{role} need '{0}' ({1}), and no column has that name: add --map {0}=COLUMN or {0}='text'. The columns are: {2}.",
        spec.name,
        spec.meaning,
        have.join(", ")
    ))
}

fn no_column(name: &str, columns: &[Field]) -> LayersError {
    LayersError::no_column("The file", name, columns.iter().map(|c| c.name.as_str()))
}

/// Words that say a column is about persons. Layers are shared freely, the household registry never leaves: such columns cannot be taken.
const PERSONAL: [&str; 12] = [
    "owner",
    "phone",
    "telephone",
    "mobile",
    "nationalid",
    "idcard",
    "idpoor",
    "headname",
    "headofhousehold",
    "respondent",
    "surname",
    "birth",
];

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
    let key = column_key(name);
    if PERSONAL.iter().any(|word| key.contains(word)) {
        return Err(LayersError::Usage(format!(
            "'{name}' looks like data about a person. Layers are shared; people's data belong in the household registry only."
        )));
    }
    Ok(Field::new(name, kind))
}
