//! JSON values as they were written.
//!
//! `serde_json::Value` rounds numbers to what a `f64` holds and silently takes the last of two equal names in an object. An event must come
//! out as it went in, so both are told apart here.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{self, Deserializer as _, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// How deep lists and objects may stand in one another within an event. People's answers need two.
pub const MAX_DEPTH: usize = 12;

/// An object: names in order.
pub type Object = BTreeMap<String, Value>;

/// A value of an answer, or of a field that this version does not know.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    /// Asked, and there is no answer (or the answer was taken back).
    Null,
    /// Yes or no.
    Bool(bool),
    /// A number, with the digits it was written with.
    Number(Number),
    /// A text.
    Text(Box<str>),
    /// A list.
    List(Vec<Value>),
    /// An object.
    Object(Object),
}

/// A number with the digits that it was written with: `1`, `1.0` and `12345678901234567890.1` stay what they are.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Number(Box<str>);

impl Number {
    /// The number's digits as written, valid JSON.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The nearest number that a computer calculates with; None where it is too large.
    pub fn as_f64(&self) -> Option<f64> {
        self.0.parse().ok().filter(|number: &f64| number.is_finite())
    }

    /// The number if it is whole and written without a fraction or an exponent.
    pub fn as_i64(&self) -> Option<i64> {
        self.0.parse().ok()
    }
}

impl Value {
    /// The text, if it is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The answer yes or no, if it is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(answer) => Some(*answer),
            _ => None,
        }
    }

    /// The number, if it is one that a computer calculates with.
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Self::Number(number) => number.as_f64(),
            _ => None,
        }
    }

    /// The whole number, if it is one.
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Self::Number(number) => number.as_i64(),
            _ => None,
        }
    }

    /// The list, if it is one.
    pub fn as_list(&self) -> Option<&[Value]> {
        match self {
            Self::List(list) => Some(list),
            _ => None,
        }
    }

    /// Whether two answers say the same: equal, or numbers of one size (`4` and `4.0`).
    pub fn says_the_same(&self, other: &Self) -> bool {
        const EXACT: f64 = 9_007_199_254_740_992.0;
        if self == other {
            return true;
        }
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => match (a.as_f64(), b.as_f64()) {
                // Bit for bit on purpose: these are numbers that people wrote, not results.
                (Some(a), Some(b)) => a.abs() < EXACT && a.total_cmp(&b).is_eq(),
                _ => false,
            },
            (Self::List(a), Self::List(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.says_the_same(b))
            }
            _ => false,
        }
    }

    /// Appends the value as JSON: no blanks, names in order, numbers as they were written.
    pub fn write(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(true) => out.push_str("true"),
            Self::Bool(false) => out.push_str("false"),
            Self::Number(number) => out.push_str(number.as_str()),
            Self::Text(text) => write_text(text, out),
            Self::List(list) => {
                out.push('[');
                for (i, value) in list.iter().enumerate() {
                    if i > 0 {
                        out.push(',');
                    }
                    value.write(out);
                }
                out.push(']');
            }
            Self::Object(object) => {
                let mut fields = Fields::begin(out);
                for (name, value) in object {
                    value.write(fields.name(name));
                }
                fields.end();
            }
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = String::new();
        self.write(&mut out);
        f.write_str(&out)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<bool> for Value {
    fn from(answer: bool) -> Self {
        Self::Bool(answer)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(Number(number.to_string().into()))
    }
}

/// The writer of one object, whose names the caller gives in order.
pub(super) struct Fields<'a> {
    out: &'a mut String,
    first: bool,
}

impl<'a> Fields<'a> {
    pub(super) fn begin(out: &'a mut String) -> Self {
        out.push('{');
        Self { out, first: true }
    }

    /// Writes a name and hands out where its value goes.
    pub(super) fn name(&mut self, name: &str) -> &mut String {
        if !self.first {
            self.out.push(',');
        }
        self.first = false;
        write_text(name, self.out);
        self.out.push(':');
        self.out
    }

    pub(super) fn end(self) {
        self.out.push('}');
    }
}

/// Appends a JSON string with no escapes but those that JSON asks for.
pub(super) fn write_text(text: &str, out: &mut String) {
    out.push('"');
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| c == '"' || c == '\\' || c < ' ') {
        let (plain, special) = rest.split_at(at);
        out.push_str(plain);
        let byte = special.as_bytes()[0];
        match byte {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            8 => out.push_str("\\b"),
            12 => out.push_str("\\f"),
            byte => out.push_str(&format!("\\u{byte:04x}")),
        }
        rest = &special[1..];
    }
    out.push_str(rest);
    out.push('"');
}

/// Why a text is no JSON that an event may hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NoValue {
    /// No valid JSON; where, as line and column.
    Syntax { line: usize, column: usize },
    /// An object that holds one name twice. The name is not told: it may hold somebody's data.
    RepeatedName,
    /// Deeper than [`MAX_DEPTH`].
    TooDeep,
}

impl From<serde_json::Error> for NoValue {
    fn from(error: serde_json::Error) -> Self {
        Self::Syntax {
            line: error.line(),
            column: error.column(),
        }
    }
}

/// Reads one JSON value; everything in it is checked.
pub(super) fn read(text: &str) -> Result<Value, NoValue> {
    let raw: &RawValue = serde_json::from_str(text)?;
    read_raw(raw.get(), 0)
}

fn read_raw(text: &str, depth: usize) -> Result<Value, NoValue> {
    if depth > MAX_DEPTH {
        return Err(NoValue::TooDeep);
    }
    Ok(match text.as_bytes().first() {
        Some(b'{') => {
            let (entries, repeated) = serde_json::Deserializer::from_str(text).deserialize_map(Entries)?;
            if repeated {
                return Err(NoValue::RepeatedName);
            }
            let mut object = Object::new();
            for (name, raw) in entries {
                object.insert(name, read_raw(raw.get(), depth + 1)?);
            }
            Value::Object(object)
        }
        Some(b'[') => {
            let items = serde_json::Deserializer::from_str(text).deserialize_seq(Items)?;
            let read = items.into_iter().map(|raw| read_raw(raw.get(), depth + 1));
            Value::List(read.collect::<Result<_, _>>()?)
        }
        Some(b'"') => Value::Text(serde_json::from_str(text)?),
        Some(b't') => Value::Bool(true),
        Some(b'f') => Value::Bool(false),
        Some(b'n') => Value::Null,
        _ => Value::Number(Number(text.into())),
    })
}

struct Entries;

impl<'de> Visitor<'de> for Entries {
    type Value = (BTreeMap<String, &'de RawValue>, bool);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entries = BTreeMap::new();
        let mut repeated = false;
        while let Some((name, raw)) = map.next_entry()? {
            repeated |= entries.insert(name, raw).is_some();
        }
        Ok((entries, repeated))
    }
}

struct Items;

impl<'de> Visitor<'de> for Items {
    type Value = Vec<&'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        while let Some(raw) = seq.next_element()? {
            items.push(raw);
        }
        Ok(items)
    }
}

impl serde::Serialize for Number {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        raw(self.as_str().to_owned())
            .map_err(serde::ser::Error::custom)?
            .serialize(serializer)
    }
}

impl serde::Serialize for Value {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        raw(self.to_string())
            .map_err(serde::ser::Error::custom)?
            .serialize(serializer)
    }
}

impl<'de> serde::Deserialize<'de> for Value {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        read_raw(raw.get(), 0).map_err(|no| {
            de::Error::custom(match no {
                NoValue::RepeatedName => "an object holds one name twice",
                NoValue::TooDeep => "lists and objects stand too deep in one another",
                NoValue::Syntax { .. } => "this is no valid JSON",
            })
        })
    }
}

/// Text that is known to be JSON, to be serialised as it is.
pub(super) fn raw(json: String) -> Result<Box<RawValue>, serde_json::Error> {
    RawValue::from_string(json)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn through(text: &str) -> String {
        read(text).unwrap().to_string()
    }

    #[test]
    fn numbers_keep_their_digits() {
        for number in ["0", "-0", "1.0", "1e400", "12345678901234567890123.10", "0.1000"] {
            assert_eq!(through(number), number);
        }
    }

    #[test]
    fn names_come_in_order_and_blanks_go() {
        assert_eq!(
            through("{ \"b\" : [1 , {}], \"a\": \"\\u1780\\n\\u0001\\\"\\\\/\" }"),
            "{\"a\":\"ក\\n\\u0001\\\"\\\\/\",\"b\":[1,{}]}"
        );
    }

    #[test]
    fn what_readers_would_take_differently_is_refused() {
        assert_eq!(read("{\"a\":1,\"a\":1}"), Err(NoValue::RepeatedName));
        assert_eq!(read("{\"a\":1,\"\\u0061\":1}"), Err(NoValue::RepeatedName));
        for text in ["", "{", "{\"a\":}", "01", "nul", "[1,]", "\"\\ud800\"", "1 2"] {
            assert!(matches!(read(text), Err(NoValue::Syntax { .. })), "{text}");
        }
        let deep = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
        assert!(read(&deep(MAX_DEPTH)).is_ok());
        assert_eq!(read(&deep(MAX_DEPTH + 2)), Err(NoValue::TooDeep));
        assert!(read(&deep(100_000)).is_err());
    }

    #[test]
    fn numbers_of_one_size_say_the_same() {
        let same = |a: &str, b: &str| read(a).unwrap().says_the_same(&read(b).unwrap());
        assert!(same("4", "4.0") && same("[4]", "[4e0]"));
        assert!(!same("4", "5") && !same("4", "\"4\"") && !same("9007199254740993", "9007199254740992"));
    }
}
