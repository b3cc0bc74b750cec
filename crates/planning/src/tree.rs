//! Reading a table leniently: every missing, mistyped or unknown key becomes a [`Problem`] with its place,
//! and reading goes on. One tree serves TOML and JSON, so a scenario is held to the same rules by either road.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::mistake::Mistake;
use crate::problem::{Problem, What};

/// A closed set of names that appear in input.
pub(crate) trait Named: Copy + 'static {
    /// What a person would call one of them: "a service kind".
    const WHAT: &'static str;
    /// All of them, in the order they are listed to a person.
    const ALL: &'static [Self];
    /// The name used in files and over the wire.
    fn name(self) -> &'static str;
    /// The one with this name.
    fn of(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|one| one.name() == name)
    }
}

/// Parses TOML text into the common tree. Not-a-number and infinity, which JSON lacks, become text so that the
/// reader refuses them where they stand.
pub(crate) fn from_toml(text: &str) -> Result<Value, Vec<Problem>> {
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        let line = error.span().map_or(1, |span| {
            1 + text[..span.start.min(text.len())].matches('\n').count()
        });
        vec![Problem::new(
            format!("line {line}"),
            Mistake::NotToml {
                why: error.message().to_owned(),
            },
        )]
    })?;
    Ok(convert(toml::Value::Table(table)))
}

fn convert(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => Value::String(text),
        toml::Value::Integer(integer) => Value::from(integer),
        toml::Value::Float(float) => serde_json::Number::from_f64(float)
            .map_or_else(|| Value::String(float.to_string()), Value::Number),
        toml::Value::Boolean(boolean) => Value::Bool(boolean),
        toml::Value::Datetime(datetime) => Value::String(datetime.to_string()),
        toml::Value::Array(array) => Value::Array(array.into_iter().map(convert).collect()),
        toml::Value::Table(table) => Value::Object(
            table
                .into_iter()
                .map(|(key, value)| (key, convert(value)))
                .collect(),
        ),
    }
}

/// One table being read. Keys never asked for are reported by [`Table::close`].
pub(crate) struct Table<'v, 'p> {
    map: &'v Map<String, Value>,
    /// Path of this table; empty at the top.
    pub(crate) place: String,
    asked: BTreeSet<&'static str>,
    pub(crate) problems: &'p mut Vec<Problem>,
}

impl<'v, 'p> Table<'v, 'p> {
    /// Opens a value that has to be a table.
    pub(crate) fn open(value: &'v Value, place: String, problems: &'p mut Vec<Problem>) -> Option<Self> {
        if let Value::Object(map) = value {
            return Some(Self {
                map,
                place,
                asked: BTreeSet::new(),
                problems,
            });
        }
        let place = if place.is_empty() {
            "the whole".into()
        } else {
            place
        };
        problems.push(Problem::new(place, Mistake::NotTable { found: value.into() }));
        None
    }

    /// The place of a key of this table.
    pub(crate) fn at(&self, key: &str) -> String {
        if self.place.is_empty() {
            key.into()
        } else {
            format!("{}.{key}", self.place)
        }
    }

    /// Reports a problem at a key of this table, or at the table itself when the key is empty.
    pub(crate) fn problem(&mut self, key: &str, what: impl Into<What>) {
        let place = if key.is_empty() {
            self.place.clone()
        } else {
            self.at(key)
        };
        self.problems.push(Problem::new(place, what));
    }

    /// The value of a key; JSON's null counts as absent.
    pub(crate) fn get(&mut self, key: &'static str) -> Option<&'v Value> {
        self.asked.insert(key);
        self.map.get(key).filter(|value| !value.is_null())
    }

    /// Whether a key is there, without saying that it belongs there.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.map.get(key).is_some_and(|value| !value.is_null())
    }

    fn require<T>(&mut self, key: &'static str, missing: Mistake, value: Option<T>) -> Option<T> {
        if value.is_none() && !self.has(key) {
            self.problem(key, missing);
        }
        value
    }

    /// A number that may be absent.
    pub(crate) fn optional_number(&mut self, key: &'static str) -> Option<f64> {
        let value = self.get(key)?;
        // JSON text such as 1e999 has no number to stand for it; as_f64 never yields NaN.
        let number = value.as_f64().filter(|number| number.is_finite());
        if number.is_none() {
            self.problem(key, Mistake::NotNumber { found: value.into() });
        }
        number
    }

    /// A number that must be there.
    pub(crate) fn number(&mut self, key: &'static str) -> Option<f64> {
        let number = self.optional_number(key);
        self.require(key, Mistake::MissingNumber, number)
    }

    /// A number within `low..=high`, or the default when absent.
    pub(crate) fn number_within(&mut self, key: &'static str, low: f64, high: f64, default: f64) -> f64 {
        match self.optional_number(key) {
            Some(number) if number >= low && number <= high => number,
            Some(number) => {
                let found = number;
                self.problem(key, Mistake::OutOfRange { low, high, found });
                default
            }
            None => default,
        }
    }

    /// A whole number within `low..=high` that may be absent.
    pub(crate) fn optional_whole(&mut self, key: &'static str, low: u32, high: u32) -> Option<u32> {
        let number = self.optional_number(key)?;
        if number.fract() == 0.0 && number >= f64::from(low) && number <= f64::from(high) {
            return Some(number as u32);
        }
        self.problem(
            key,
            Mistake::NotWhole {
                low: low.into(),
                high: high.into(),
                found: number,
            },
        );
        None
    }

    /// Yes or no that may be absent.
    pub(crate) fn optional_bool(&mut self, key: &'static str) -> Option<bool> {
        let value = self.get(key)?;
        if !value.is_boolean() {
            self.problem(key, Mistake::NotTrueOrFalse { found: value.into() });
        }
        value.as_bool()
    }

    /// Text that may be absent; empty text is refused.
    pub(crate) fn optional_text(&mut self, key: &'static str) -> Option<&'v str> {
        let value = self.get(key)?;
        let text = value.as_str().filter(|text| !text.trim().is_empty());
        if text.is_none() {
            self.problem(key, Mistake::NotText { found: value.into() });
        }
        text
    }

    /// Text that must be there.
    pub(crate) fn text(&mut self, key: &'static str) -> Option<&'v str> {
        let text = self.optional_text(key);
        self.require(key, Mistake::MissingText, text)
    }

    /// A name of a closed set that may be absent.
    pub(crate) fn optional_choice<T: Named>(&mut self, key: &'static str) -> Option<T> {
        let value = self.get(key)?;
        let choice = value.as_str().and_then(T::of);
        if choice.is_none() {
            self.problem(key, not_a::<T>(value));
        }
        choice
    }

    /// A name of a closed set that must be there.
    pub(crate) fn choice<T: Named>(&mut self, key: &'static str) -> Option<T> {
        let choice = self.optional_choice(key);
        let missing = Mistake::MissingChoice {
            what: T::WHAT.into(),
            known: names::<T>(),
        };
        self.require(key, missing, choice)
    }

    /// A list that may be absent.
    pub(crate) fn optional_list(&mut self, key: &'static str) -> Option<&'v [Value]> {
        let value = self.get(key)?;
        if let Value::Array(list) = value {
            return Some(list);
        }
        self.problem(key, Mistake::NotList { found: value.into() });
        None
    }

    /// A list that must be there.
    pub(crate) fn list(&mut self, key: &'static str) -> Option<&'v [Value]> {
        let list = self.optional_list(key);
        self.require(key, Mistake::MissingList, list)
    }

    /// A table under a key that may be absent.
    pub(crate) fn optional_table(&mut self, key: &'static str) -> Option<Table<'v, '_>> {
        let value = self.get(key)?;
        let place = self.at(key);
        Table::open(value, place, self.problems)
    }

    /// A table under a key that must be there.
    pub(crate) fn table(&mut self, key: &'static str) -> Option<Table<'v, '_>> {
        if !self.has(key) {
            self.asked.insert(key);
            self.problem(key, Mistake::MissingTable);
        }
        self.optional_table(key)
    }

    /// The tables of an array of tables (`[[key]]`), each opened in turn; absent means none.
    pub(crate) fn each<T>(
        &mut self,
        key: &'static str,
        mut read: impl FnMut(Table<'v, '_>) -> Option<T>,
    ) -> Vec<Option<T>> {
        let list = self.optional_list(key).unwrap_or_default();
        let mut all = Vec::with_capacity(list.len());
        for (index, value) in list.iter().enumerate() {
            let place = format!("{}[{index}]", self.at(key));
            all.push(Table::open(value, place, self.problems).and_then(&mut read));
        }
        all
    }

    /// Every key with its value, for a table whose keys are free.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&'v String, &'v Value)> + use<'v> {
        self.map.iter()
    }

    /// Reports the keys that nobody asked for: a misspelt key must not be silently without effect.
    pub(crate) fn close(mut self) {
        let strangers: Vec<&String> = self
            .map
            .keys()
            .filter(|key| !self.asked.contains(key.as_str()))
            .collect();
        let known: Vec<String> = self.asked.iter().map(|key| (*key).to_owned()).collect();
        for key in strangers {
            self.problem(key, Mistake::UnknownKey { known: known.clone() });
        }
    }
}

/// What is wrong with a value that is not one of a closed set.
pub(crate) fn not_a<T: Named>(value: &Value) -> Mistake {
    Mistake::NotOneOf {
        found: value.into(),
        what: T::WHAT.into(),
        known: names::<T>(),
    }
}

/// The names of a closed set.
fn names<T: Named>() -> Vec<String> {
    T::ALL.iter().map(|one| one.name().to_owned()).collect()
}
