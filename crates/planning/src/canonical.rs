//! A canonical encoding for hashes: the same for the same content, whatever the order of keys, the spelling of
//! numbers, the machine or the library that wrote the JSON.

use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// SHA-256 over the canonical encoding, in hexadecimal.
///
/// Each value is encoded as a type letter, a length where it has one, and its content; keys of a table in byte
/// order; numbers as the big-endian bits of their 64-bit float, so that `1` and `1.0` are the same. Integers
/// beyond 2^53 are encoded as decimal text. Absent and null keys of a table count as the same.
pub fn digest(value: &impl Serialize) -> String {
    // Serialisation to a tree fails only for maps without text keys, which no type of this crate has.
    let tree = serde_json::to_value(value).unwrap_or(Value::Null);
    let mut hasher = Sha256::new();
    feed(&tree, &mut hasher);
    hex(&hasher.finalize())
}

/// Bytes in hexadecimal.
fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .map(|half| char::from(DIGITS[usize::from(half)]))
        .collect()
}

fn feed(value: &Value, hasher: &mut Sha256) {
    match value {
        Value::Null => hasher.update(b"n"),
        Value::Bool(boolean) => hasher.update([b'b', u8::from(*boolean)]),
        Value::Number(number) => feed_number(number, hasher),
        Value::String(text) => feed_text(text, hasher),
        Value::Array(items) => {
            hasher.update(b"a");
            hasher.update((items.len() as u64).to_be_bytes());
            for item in items {
                feed(item, hasher);
            }
        }
        Value::Object(map) => {
            let mut entries: Vec<_> = map.iter().filter(|(_, value)| !value.is_null()).collect();
            entries.sort_unstable_by(|left, right| left.0.cmp(right.0));
            hasher.update(b"o");
            hasher.update((entries.len() as u64).to_be_bytes());
            for (key, value) in entries {
                feed_text(key, hasher);
                feed(value, hasher);
            }
        }
    }
}

fn feed_text(text: &str, hasher: &mut Sha256) {
    hasher.update(b"s");
    hasher.update((text.len() as u64).to_be_bytes());
    hasher.update(text.as_bytes());
}

fn feed_number(number: &serde_json::Number, hasher: &mut Sha256) {
    const EXACT: u64 = 1 << 53;
    let too_long = number.as_u64().is_some_and(|whole| whole > EXACT)
        || number.as_i64().is_some_and(|whole| whole.unsigned_abs() > EXACT);
    match number.as_f64() {
        Some(float) if !too_long => {
            // Both zeros are the same number.
            let float = if float == 0.0 { 0.0 } else { float };
            hasher.update(b"f");
            hasher.update(float.to_bits().to_be_bytes());
        }
        _ => {
            hasher.update(b"i");
            feed_text(&number.to_string(), hasher);
        }
    }
}
