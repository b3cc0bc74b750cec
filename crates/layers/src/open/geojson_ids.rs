//! Ids of GeoJSON as they are written. GDAL hides a feature's own `id` where it is a number, and cuts numbers at 2⁶³; both are read here from the
//! text, in a second pass that is only made where the file may have such.

use std::collections::HashMap;
use std::fmt;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// The longest whole number that always fits into 64 bits has 18 digits.
const DIGITS: usize = 19;

/// What the second pass found.
#[derive(Default)]
pub(super) struct GeoJsonIds {
    /// How many features there are.
    pub features: u64,
    /// Whether any feature has an id of its own.
    pub any: bool,
    ids: Vec<Option<Box<str>>>,
    /// Whole numbers that do not fit into 64 bits, by feature (from 1) and property.
    pub exact: HashMap<(u64, String), String>,
}

impl GeoJsonIds {
    /// The id of the `n`th feature, from 1.
    pub fn id(&self, n: u64) -> Option<&str> {
        let at = usize::try_from(n).ok()?.checked_sub(1)?;
        self.ids.get(at)?.as_deref()
    }
}

/// Whether a second pass may find something: whole numbers of many digits or, where no property is called so, the word "id".
pub(super) fn wanted(file: &Path, ids: bool) -> std::io::Result<bool> {
    const WORD: &[u8] = b"\"id\"";
    let mut reader = File::open(file)?;
    let mut chunk = vec![0; 1 << 16];
    let (mut digits, mut fraction, mut matched, mut before) = (0_usize, false, 0_usize, 0_u8);
    loop {
        let read = reader.read(&mut chunk)?;
        if read == 0 {
            return Ok(false);
        }
        for &byte in &chunk[..read] {
            if byte.is_ascii_digit() {
                if digits == 0 {
                    fraction = before == b'.';
                }
                digits += 1;
                if digits >= DIGITS && !fraction {
                    return Ok(true);
                }
            } else {
                digits = 0;
            }
            before = byte;
            matched = match (byte == WORD[matched], byte) {
                (true, _) => matched + 1,
                (false, b'"') => 1,
                _ => 0,
            };
            if matched == WORD.len() {
                if ids {
                    return Ok(true);
                }
                matched = 0;
            }
        }
    }
}

/// Reads a collection of features, one feature, or one on each line.
pub(super) fn read(file: &Path) -> std::result::Result<GeoJsonIds, String> {
    let mut bytes = BufReader::new(File::open(file).map_err(|e| e.to_string())?);
    if bytes
        .fill_buf()
        .is_ok_and(|start| start.starts_with(b"\xef\xbb\xbf"))
    {
        bytes.consume(3);
    }
    let reader = Separated(bytes);
    let mut found = GeoJsonIds::default();
    let mut de = serde_json::Deserializer::from_reader(reader);
    loop {
        // A stream of values ends where nothing but blanks is left.
        let before = found.features;
        match Top(&mut found).deserialize(&mut de) {
            Ok(()) if found.features == before => return Ok(found),
            Ok(()) => {}
            Err(e) if e.is_eof() && found.features > 0 && found.features == before => return Ok(found),
            Err(e) => return Err(e.to_string()),
        }
    }
}

/// GeoJSON text sequences set a record separator before each feature; to JSON it is a blank.
struct Separated<R>(R);

impl<R: Read> Read for Separated<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let n = self.0.read(buffer)?;
        for byte in &mut buffer[..n] {
            if *byte == 0x1e {
                *byte = b' ';
            }
        }
        Ok(n)
    }
}

/// A collection or a feature at the top of a file.
struct Top<'a>(&'a mut GeoJsonIds);

impl<'de> DeserializeSeed<'de> for Top<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, de: D) -> Result<(), D::Error> {
        de.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Top<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a collection of features or a feature")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut one = One::default();
        let mut collection = false;
        while let Some(key) = map.next_key::<String>()? {
            if key == "features" {
                collection = true;
                map.next_value_seed(Features(self.0))?;
            } else {
                one.take(&key, &mut map)?;
            }
        }
        if !collection {
            self.0.add(one);
        }
        Ok(())
    }
}

struct Features<'a>(&'a mut GeoJsonIds);

impl<'de> DeserializeSeed<'de> for Features<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, de: D) -> Result<(), D::Error> {
        de.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Features<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of features")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while let Some(one) = seq.next_element::<One>()? {
            self.0.add(one);
        }
        Ok(())
    }
}

impl GeoJsonIds {
    fn add(&mut self, one: One) {
        self.features += 1;
        let n = self.features;
        self.any |= one.id.is_some();
        self.ids.push(one.id);
        let exact = one.exact.into_iter();
        self.exact
            .extend(exact.map(|(property, text)| ((n, property), text)));
    }
}

/// One feature's id and the numbers of its properties that need all their digits.
#[derive(Default)]
struct One {
    id: Option<Box<str>>,
    exact: Vec<(String, String)>,
}

impl One {
    fn take<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "id" => {
                let raw = map.next_value::<Box<RawValue>>()?;
                self.id = id_text(raw.get());
            }
            "properties" => {
                let properties = map.next_value::<Option<HashMap<String, Box<RawValue>>>>()?;
                let all = properties.unwrap_or_default().into_iter();
                self.exact = all
                    .filter(|(_, raw)| is_long(raw.get()))
                    .map(|(property, raw)| (property, raw.get().to_owned()))
                    .collect();
            }
            _ => {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

impl<'de> serde::Deserialize<'de> for One {
    fn deserialize<D: Deserializer<'de>>(de: D) -> Result<Self, D::Error> {
        struct OneVisitor;
        impl<'de> Visitor<'de> for OneVisitor {
            type Value = One;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a feature")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<One, A::Error> {
                let mut one = One::default();
                while let Some(key) = map.next_key::<String>()? {
                    one.take(&key, &mut map)?;
                }
                Ok(one)
            }
        }
        de.deserialize_map(OneVisitor)
    }
}

/// An id as text: a string without its quotation marks, a number as it is written.
fn id_text(raw: &str) -> Option<Box<str>> {
    if raw.starts_with('"') {
        return serde_json::from_str::<String>(raw)
            .ok()
            .filter(|text| !crate::text::is_blank(text))
            .map(Into::into);
    }
    let number = raw.starts_with(|c: char| c.is_ascii_digit() || c == '-');
    number.then(|| raw.into())
}

/// Whether a value is a whole number that 64 bits do not hold.
fn is_long(raw: &str) -> bool {
    let digits = raw.strip_prefix('-').unwrap_or(raw);
    digits.len() >= DIGITS && digits.bytes().all(|b| b.is_ascii_digit()) && raw.parse::<i64>().is_err()
}
