//! Today's administrative divisions of Phnom Penh: 14 khans, 105 sangkats.
//!
//! Facts from the gazetteer of the General Department of Digital Economy (GDDE), Ministry of Economy and Finance, 2025; attribution required.

use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Who must be named where these facts are shown.
pub const ATTRIBUTION: &str = "Gazetteer: GDDE, Ministry of Economy and Finance of Cambodia, 2025";

/// A khan or a sangkat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Division {
    /// 4 digits (khan) or 6 (sangkat).
    pub code: String,
    /// In English letters.
    pub en: String,
    /// In Khmer.
    pub km: String,
}

static ALL: LazyLock<BTreeMap<String, Division>> =
    LazyLock::new(|| parse(include_str!("../../../geodata/gazetteer.csv")));

fn parse(text: &str) -> BTreeMap<String, Division> {
    let mut reader = csv::ReaderBuilder::new()
        .comment(Some(b'#'))
        .from_reader(text.as_bytes());
    // By name, not by place: the file holds more than is needed here.
    let headers = reader.headers().cloned().unwrap_or_default();
    let column = |name: &str| headers.iter().position(|header| header == name);
    let places = (column("code"), column("name_en"), column("name_km"));
    let rows = reader.records().flatten().filter_map(|row| {
        let cell = |at: Option<usize>| row.get(at?).map(str::to_owned);
        let (code, en, km) = (cell(places.0)?, cell(places.1)?, cell(places.2)?);
        Some((code.clone(), Division { code, en, km }))
    });
    rows.collect()
}

/// The division with this code.
pub fn division(code: &str) -> Option<&'static Division> {
    ALL.get(code)
}

/// All khans, by code.
pub fn khans() -> impl Iterator<Item = &'static Division> {
    ALL.values().filter(|d| d.code.len() == 4)
}

/// All sangkats, by code.
pub fn sangkats() -> impl Iterator<Item = &'static Division> {
    ALL.values().filter(|d| d.code.len() == 6)
}

/// Whether a khan's or sangkat's code belongs to the province described here, yet is not in the gazetteer. Other provinces' codes, and those of
/// villages, cannot be judged and are not.
pub fn is_outdated(code: &str) -> bool {
    let ours = khans()
        .next()
        .and_then(|khan| khan.code.get(..2))
        .is_some_and(|province| code.starts_with(province));
    ours && matches!(code.len(), 4 | 6) && !ALL.contains_key(code)
}
