//! Where a page ended, as a text that the next request brings back: the values of the sort keys and the feature's number.

use rusqlite::types::{ToSqlOutput, Value as Sql, ValueRef};
use serde_json::Value;

/// The place after a feature.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// The feature's values of the sort keys.
    pub keys: Vec<Sql>,
    /// Its number.
    pub fid: i64,
}

impl Place {
    /// As part of an address.
    pub fn encode(&self) -> String {
        if self.keys.is_empty() {
            return self.fid.to_string();
        }
        let mut all: Vec<Value> = self.keys.iter().map(json).collect();
        all.push(self.fid.into());
        Value::Array(all)
            .to_string()
            .bytes()
            .fold(String::from("k"), |mut text, byte| {
                for digit in [byte >> 4, byte & 15] {
                    text.push(char::from_digit(u32::from(digit), 16).unwrap_or('0'));
                }
                text
            })
    }

    /// Understands what [`encode`](Self::encode) made for so many sort keys.
    pub fn decode(text: &str, keys: usize) -> Option<Self> {
        if keys == 0 {
            return text.parse().ok().map(|fid| Self {
                keys: Vec::new(),
                fid,
            });
        }
        let digits = text
            .strip_prefix('k')
            .filter(|d| d.is_ascii() && d.len() % 2 == 0 && d.len() <= 20_000)?;
        let bytes: Option<Vec<u8>> = (0..digits.len())
            .step_by(2)
            .map(|i| u8::from_str_radix(&digits[i..i + 2], 16).ok())
            .collect();
        let mut all: Vec<Value> = serde_json::from_slice(&bytes?).ok()?;
        let fid = all.pop()?.as_i64()?;
        let keys: Vec<Sql> = if all.len() == keys {
            all.iter().map(sql).collect::<Option<_>>()?
        } else {
            return None;
        };
        Some(Self { keys, fid })
    }
}

fn json(value: &Sql) -> Value {
    match value {
        Sql::Null | Sql::Blob(_) => Value::Null,
        Sql::Integer(n) => (*n).into(),
        Sql::Real(n) => (*n).into(),
        Sql::Text(text) => text.as_str().into(),
    }
}

fn sql(value: &Value) -> Option<Sql> {
    Some(match value {
        Value::Null => Sql::Null,
        Value::Number(n) => n
            .as_i64()
            .map_or_else(|| n.as_f64().map(Sql::Real), |n| Some(Sql::Integer(n)))?,
        Value::String(text) => Sql::Text(text.clone()),
        Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
    })
}

/// Keeps a value beyond its row. A text that is no UTF-8 is unknown.
pub fn owned(value: ValueRef<'_>) -> Sql {
    Sql::try_from(value).unwrap_or(Sql::Null)
}

/// For binding.
pub fn bound(value: &Sql) -> ToSqlOutput<'_> {
    ToSqlOutput::Borrowed(value.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_comes_back_as_it_went() {
        let plain = Place {
            keys: vec![],
            fid: 501_000,
        };
        assert_eq!(plain.encode(), "501000");
        assert_eq!(Place::decode("501000", 0), Some(plain));
        let keys = vec![
            Sql::Text("ភ្នំពេញ 'x'".into()),
            Sql::Null,
            Sql::Real(0.1 + 0.2),
            Sql::Integer(i64::MAX),
        ];
        let sorted = Place { keys, fid: -7 };
        assert_eq!(Place::decode(&sorted.encode(), 4), Some(sorted.clone()));
        assert_eq!(Place::decode(&sorted.encode(), 3), None);
    }

    #[test]
    fn nothing_else_is_a_place() {
        for text in [
            "",
            "k",
            "kzz",
            "k5b5d",
            "kff",
            "1e3",
            "99999999999999999999",
            "k5b747275652c315d",
        ] {
            assert_eq!(Place::decode(text, 1), None, "{text}");
        }
        assert_eq!(Place::decode("x", 0), None);
    }
}
