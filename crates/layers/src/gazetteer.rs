//! Today's administrative divisions of Phnom Penh: 14 khans, 105 sangkats.
//!
//! Facts from the gazetteer of the General Department of Digital Economy (GDDE), Ministry of Economy and Finance, 2025; attribution required.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::names::{Likeness, Names};

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

impl Division {
    /// Its names, for comparing.
    pub fn names(&self) -> Names<'_> {
        Names::new(Some(&self.en), Some(&self.km))
    }
}

/// Whether the gazetteer gives this code to a place of another name.
pub fn is_of_another_place(code: &str, names: Names<'_>) -> bool {
    division(code).is_some_and(|known| names.compared(known.names()) == Likeness::Different)
}

/// The division of the same level that has this name, whatever its code; `None` where none has it, or more than one.
pub fn named(digits: usize, names: Names<'_>) -> Option<&'static Division> {
    let all: Vec<&Division> = ALL.values().filter(|d| d.code.len() == digits).collect();
    let at = names.find(all.iter().map(|division| division.names()))?;
    Some(all[at])
}

/// Which of today's divisions a place of a file is: that of its code where the names agree, else that of its name. A place without a name is
/// that of its code only in a file `of_today`, none of whose codes means another place.
pub fn join(code: &str, names: Names<'_>, of_today: bool) -> Option<&'static Division> {
    let known = division(code);
    match known.map(|known| names.compared(known.names())) {
        Some(Likeness::Same) => known,
        Some(Likeness::Unknown) if of_today => known,
        _ => named(code.len(), names),
    }
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

/// Sangkats that somebody may have meant by a name in English or Khmer letters or by a code, the nearest first.
pub fn nearest_sangkats(text: &str, count: usize) -> Vec<&'static Division> {
    let text = text.trim().to_lowercase();
    let distance = |known: &str| strsim::damerau_levenshtein(&known.to_lowercase(), &text);
    let mut all: Vec<(usize, &Division)> = sangkats()
        .map(|sangkat| {
            let written = [&sangkat.code, &sangkat.en, &sangkat.km];
            let least = written.iter().map(|known| distance(known)).min();
            (least.unwrap_or(usize::MAX), sangkat)
        })
        .collect();
    all.sort_by(|a, b| (a.0, &a.1.code).cmp(&(b.0, &b.1.code)));
    all.into_iter().take(count).map(|(_, sangkat)| sangkat).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_that_means_another_place_today_is_joined_by_name() {
        // An earlier division gave 121104 to Kouk Roka; today it is Preaek Lieb's.
        let own = Names::new(Some("Kouk Roka"), None);
        assert!(is_of_another_place("121104", own));
        let found = join("121104", own, false).unwrap();
        assert_eq!((found.en.as_str(), found.code == "121104"), ("Kouk Roka", false));
        // A name that nobody has joins nothing.
        assert_eq!(
            join("121104", Names::new(Some("Nowhere At All"), None), false),
            None
        );
    }

    #[test]
    fn a_code_alone_is_believed_only_in_a_file_of_today() {
        let nameless = Names::default();
        assert!(join("121104", nameless, true).is_some());
        assert_eq!(join("121104", nameless, false), None);
    }

    #[test]
    fn every_division_is_found_by_its_own_name_or_by_none() {
        for division in khans().chain(sangkats()) {
            assert!(!is_of_another_place(&division.code, division.names()));
            if let Some(found) = named(division.code.len(), division.names()) {
                assert_eq!(found, division);
            }
        }
    }

    #[test]
    fn the_nearest_sangkat_of_a_misspelt_one_comes_first() {
        for sangkat in sangkats() {
            assert_eq!(nearest_sangkats(&sangkat.code, 1), [sangkat]);
        }
        let one = division("120101").unwrap();
        let misspelt = one.en.replacen(|letter: char| letter.is_lowercase(), "", 1);
        assert!(nearest_sangkats(&misspelt, 3).contains(&one));
    }
}
