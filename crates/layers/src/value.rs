//! Attribute values, fields and features as they leave this crate.

use std::fmt;
use std::sync::Arc;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// A known attribute value; an unknown one is `None` wherever a value may be missing, never a zero or an empty text.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Text, stored as it came (zero-width spaces in Khmer included).
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A finite number; its unit is the field's.
    Number(f64),
    /// Yes or no.
    Boolean(bool),
    /// A calendar day.
    Date(Date),
}

impl Value {
    /// The text of a text value.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number of a numeric value, whole or not.
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Self::Integer(n) => Some(*n as f64),
            Self::Number(n) => Some(*n),
            _ => None,
        }
    }

    /// The whole number of a value that is one.
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Self::Integer(n) => Some(*n),
            _ => None,
        }
    }

    /// The answer of a yes/no value.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Boolean(b) => Some(*b),
            _ => None,
        }
    }

    /// As JSON. A number that is not finite is never stored, but would be `null` here.
    pub fn to_json(&self) -> serde_json::Value {
        match self {
            Self::Text(text) => text.clone().into(),
            Self::Integer(n) => (*n).into(),
            Self::Number(n) => serde_json::Number::from_f64(*n).map_or(serde_json::Value::Null, Into::into),
            Self::Boolean(b) => (*b).into(),
            Self::Date(day) => day.to_string().into(),
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Integer(n) => write!(f, "{n}"),
            Self::Number(n) => write!(f, "{n}"),
            Self::Boolean(b) => write!(f, "{b}"),
            Self::Date(day) => write!(f, "{day}"),
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Value {
    fn from(n: i64) -> Self {
        Self::Integer(n)
    }
}

impl From<f64> for Value {
    fn from(n: f64) -> Self {
        Self::Number(n)
    }
}

impl From<bool> for Value {
    fn from(b: bool) -> Self {
        Self::Boolean(b)
    }
}

impl From<Date> for Value {
    fn from(day: Date) -> Self {
        Self::Date(day)
    }
}

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldType {
    /// Text.
    Text,
    /// Numbers.
    Number,
    /// Whole numbers.
    Integer,
    /// Yes or no.
    Boolean,
    /// Calendar days.
    Date,
}

/// A field of a layer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// Its name, which is also the column's.
    pub name: String,
    /// What it holds.
    #[serde(rename = "type")]
    pub kind: FieldType,
    /// Unit of its numbers, such as `m` or `USD/m²`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// What it means, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meaning: Option<String>,
}

impl Field {
    /// A field without unit or meaning.
    pub fn new(name: impl Into<String>, kind: FieldType) -> Self {
        Self {
            name: name.into(),
            kind,
            unit: None,
            meaning: None,
        }
    }

    /// The same field with a unit.
    #[must_use]
    pub fn unit(mut self, unit: impl Into<String>) -> Self {
        self.unit = Some(unit.into());
        self
    }
}

/// A feature read from a layer or a file, in the CRS that was asked for.
#[derive(Clone, Debug)]
pub struct Feature {
    /// Number within its layer, rising in reading order; the key by which pages continue.
    pub fid: i64,
    /// The feature's stable id.
    pub id: String,
    /// Its shape; single parts come as `Polygon`, `LineString` or `Point`. `None` only in files with records that have no place.
    pub geometry: Option<geo::Geometry<f64>>,
    /// The layer's fields, the same for all its features.
    pub fields: Arc<[Field]>,
    /// One value per field, in the order of `fields`; `None` is unknown.
    pub values: Vec<Option<Value>>,
}

impl Feature {
    /// The value of a field, `None` where it is unknown or the layer has no such field.
    pub fn get(&self, field: &str) -> Option<&Value> {
        let index = self.fields.iter().position(|f| f.name == field)?;
        self.values.get(index)?.as_ref()
    }

    /// Text of a text field.
    pub fn text(&self, field: &str) -> Option<&str> {
        self.get(field)?.as_str()
    }

    /// Number of a numeric field.
    pub fn number(&self, field: &str) -> Option<f64> {
        self.get(field)?.as_f64()
    }
}
