//! Closed sets of values, each with the words that sources use for it.

use phteah_geoproc::network::CLOSED_CLASSES;

use crate::text::column_key;

/// One allowed value.
#[derive(Debug, PartialEq)]
pub struct Choice {
    /// As it is stored.
    pub name: &'static str,
    /// As sources write it, besides its own name.
    pub synonyms: &'static [&'static str],
}

const fn choice(name: &'static str, synonyms: &'static [&'static str]) -> Choice {
    Choice { name, synonyms }
}

/// The stored form of a word, letters' case and (for words, not for numbers: `-1` is not `1`) punctuation aside.
pub(crate) fn find(choices: &'static [Choice], word: &str) -> Option<&'static str> {
    let names = |c: &'static Choice| std::iter::once(c.name).chain(c.synonyms.iter().copied());
    let word = word.trim().to_lowercase();
    if let Some(exact) = choices
        .iter()
        .find(|c| names(c).any(|name| name.to_lowercase() == word))
    {
        return Some(exact.name);
    }
    let key = column_key(&word);
    if !key.starts_with(char::is_alphabetic) {
        return None;
    }
    choices
        .iter()
        .find(|c| names(c).any(|name| column_key(name) == key))
        .map(|c| c.name)
}

/// Tenure of land.
pub(super) const TENURE: &[Choice] = &[
    choice(
        "state_public",
        &[
            "state public",
            "state public land",
            "public state land",
            "spl",
            "ដីសាធារណៈរបស់រដ្ឋ",
        ],
    ),
    choice(
        "state_private",
        &[
            "state private",
            "state private land",
            "private state land",
            "ដីឯកជនរបស់រដ្ឋ",
        ],
    ),
    choice(
        "hard_title",
        &["hard title", "title", "titled", "private", "ប្លង់រឹង"],
    ),
    choice("soft_title", &["soft title", "possession", "ប្លង់ទន់"]),
    choice("social_land_concession", &["slc", "social concession"]),
    choice("monastery", &["pagoda", "wat", "monastic", "វត្ត"]),
    choice("unknown", &["na", "none", "unclear", "not known"]),
];

/// Whether a parcel can be had.
pub(super) const AVAILABLE: &[Choice] = &[
    choice(
        "yes",
        &["y", "true", "1", "available", "free", "vacant", "បាទ", "ចាស"],
    ),
    choice("no", &["n", "false", "0", "taken", "occupied", "ទេ"]),
    choice("unknown", &["na", "not known"]),
];

/// Road classes, after OpenStreetMap's `highway`, which is what travel speeds are known for.
pub(super) const ROAD_CLASS: &[Choice] = &[
    choice("motorway", &["motorway_link", "expressway"]),
    choice("trunk", &["trunk_link", "national road"]),
    choice("primary", &["primary_link", "boulevard"]),
    choice("secondary", &["secondary_link"]),
    choice("tertiary", &["tertiary_link"]),
    choice("unclassified", &["road", "minor"]),
    choice("residential", &["street"]),
    choice("living_street", &[]),
    choice("service", &["alley"]),
    choice("track", &["dirt road"]),
    choice("pedestrian", &[]),
    choice("footway", &["sidewalk", "crossing", "corridor"]),
    choice("path", &["bridleway"]),
    choice("cycleway", &[]),
    choice("steps", &["stairs"]),
    // Nobody travels there; every class that travel knows as such.
    choice("closed", CLOSED_CLASSES),
];

/// What a road is covered with, as far as it decides whether it can be used in all seasons.
pub(super) const SURFACE: &[Choice] = &[
    choice(
        "paved",
        &[
            "asphalt",
            "concrete",
            "paving_stones",
            "sett",
            "cobblestone",
            "concrete:plates",
            "concrete:lanes",
            "chipseal",
        ],
    ),
    choice(
        "gravel",
        &["fine_gravel", "pebblestone", "compacted", "laterite", "rock"],
    ),
    choice(
        "unpaved",
        &["dirt", "earth", "ground", "mud", "sand", "grass", "soil", "clay"],
    ),
];

/// Directions in which a road may be driven, seen along its line.
pub(super) const ONE_WAY: &[Choice] = &[
    choice("no", &["0", "false", "n", "both", "alternating", "reversible"]),
    choice("forward", &["yes", "1", "true", "y", "f", "ft"]),
    choice("backward", &["-1", "reverse", "t", "tf"]),
];

/// Kinds of service.
pub(super) const SERVICE_KIND: &[Choice] = &[
    choice(
        "primary_school",
        &["school", "primary", "elementary school", "សាលាបឋមសិក្សា"],
    ),
    choice(
        "health_centre",
        &["health center", "clinic", "doctors", "health post", "មណ្ឌលសុខភាព"],
    ),
    choice("hospital", &["referral hospital", "មន្ទីរពេទ្យ"]),
    choice("market", &["marketplace", "ផ្សារ"]),
    choice("nursery", &["childcare", "creche", "crèche", "day care"]),
    choice("preschool", &["kindergarten", "មត្តេយ្យ"]),
    choice("factory", &["works", "industrial", "រោងចក្រ"]),
    choice(
        "social_service",
        &["social facility", "social_centre", "social work", "legal aid"],
    ),
    choice("bus_stop", &["bus", "bus stop", "platform"]),
    choice("water_point", &["drinking_water", "water tap", "well", "pump"]),
];

/// Sources of a flood.
pub(super) const FLOOD_SOURCE: &[Choice] = &[
    choice("river", &["fluvial", "riverine", "inunriver"]),
    choice("rain", &["pluvial", "drainage", "urban"]),
];

/// What an area of a flood zone says. "Not seen" by a satellite is unknown, not dry.
pub(super) const FLOOD_CLASS: &[Choice] = &[
    choice("very_high", &["very high", "extreme", "5"]),
    choice("high", &["4", "3"]),
    choice("medium", &["moderate", "2"]),
    choice("low", &["1"]),
    choice("flooded", &["flood", "inundated", "water", "flood water"]),
    choice("dry", &["no hazard", "none", "0"]),
    choice(
        "unknown",
        &["not seen", "no data", "cloud", "not analysed", "not analyzed"],
    ),
];

/// Levels of administrative division.
pub(super) const LEVEL: &[Choice] = &[
    choice("khan", &["district", "adm2", "srok"]),
    choice("sangkat", &["commune", "adm3", "khum"]),
    choice("village", &["adm4", "phum"]),
    choice("province", &["adm1", "capital", "khaet"]),
];

/// How often a settlement floods.
pub(super) const FLOODING: &[Choice] = &[
    choice("never", &["no", "none", "0"]),
    choice("rarely", &["less than yearly", "sometimes"]),
    choice("yearly", &["every year", "annual", "annually", "yes"]),
    choice("often", &["several times a year", "frequently", "every rain"]),
];
