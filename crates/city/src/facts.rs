//! The facts the city is built on, read from the files embedded out of `geodata`.

use geo::Coord;
use serde::Deserialize;

use crate::model::{CityError, Level};

/// A pair of kilometres, as written in the skeleton.
pub(crate) type Km = [f64; 2];

/// A pair of kilometres as a coordinate in metres, rounded to 1 cm.
pub(crate) fn metres(km: Km) -> Coord<f64> {
    Coord {
        x: (km[0] * 100_000.0).round() / 100.0,
        y: (km[1] * 100_000.0).round() / 100.0,
    }
}

/// The skeleton of the city: see `geodata/city/skeleton.toml` for the meaning of each entry.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Skeleton {
    pub centre: Km,
    pub window: [f64; 4],
    pub flood_coverage: Vec<Km>,
    pub dyke_ring: Vec<Km>,
    pub river: Vec<River>,
    pub lake: Vec<Blob>,
    pub filled_lake: Blob,
    pub canal: Vec<Canal>,
    pub road: Vec<MainRoad>,
    pub rail: Vec<Line>,
    pub relocation: Vec<Relocation>,
    pub factory_belt: Vec<Belt>,
    pub protected: Vec<Reserve>,
}

/// A river: course as `[easting, northing, width in metres]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct River {
    pub name: String,
    pub course: Vec<[f64; 3]>,
}

/// A roundish area.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Blob {
    pub name: String,
    pub centre: Km,
    pub half: Km,
}

/// A canal of even width.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Canal {
    pub name: String,
    pub width_m: f64,
    pub course: Vec<Km>,
}

/// A main road.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MainRoad {
    pub name: String,
    pub class: String,
    #[serde(default)]
    pub oneway: bool,
    pub course: Vec<Km>,
}

/// A named line.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Line {
    pub name: String,
    pub course: Vec<Km>,
}

/// A place to which families were moved before.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Relocation {
    pub centre: Km,
    pub radius: f64,
}

/// Where factories stand, and what share of them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Belt {
    pub centre: Km,
    pub half: Km,
    pub share: f64,
}

/// Land on which nothing may be built.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reserve {
    pub name: String,
    pub reason: String,
    pub centre: Km,
    pub half: Km,
}

/// An administrative unit of the gazetteer.
#[derive(Debug, Clone)]
pub(crate) struct Unit {
    pub code: String,
    pub level: Level,
    pub parent: String,
    pub name_en: String,
    pub name_km: String,
}

/// A point known to lie in a sangkat, or outside the municipality.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// Six digits, or none outside.
    pub code: Option<String>,
    pub at: Coord<f64>,
}

/// Everything known of the real city.
#[derive(Debug)]
pub(crate) struct Facts {
    pub skeleton: Skeleton,
    pub units: Vec<Unit>,
    pub places: Vec<Place>,
}

impl Facts {
    /// Reads the embedded files.
    pub(crate) fn embedded() -> Result<Self, CityError> {
        let skeleton = toml::from_str(include_str!("../../../geodata/city/skeleton.toml"))
            .map_err(|error| CityError::Facts(format!("skeleton.toml: {error}")))?;
        let units = gazetteer(include_str!("../../../geodata/gazetteer.csv"))?;
        let places = places(include_str!("../../../geodata/city/sangkat_places.csv"))?;
        for unit in units.iter().filter(|unit| unit.level == Level::Sangkat) {
            if !places
                .iter()
                .any(|place| place.code.as_deref() == Some(unit.code.as_str()))
            {
                return Err(CityError::Facts(format!(
                    "sangkat {} has no place in sangkat_places.csv",
                    unit.code
                )));
            }
        }
        Ok(Self {
            skeleton,
            units,
            places,
        })
    }

    /// Centre of the city, in metres.
    pub(crate) fn centre(&self) -> Coord<f64> {
        metres(self.skeleton.centre)
    }
}

/// The rows of a plain comma-separated text (no quotes: none of our files has any) with exactly `N` fields.
fn rows<'a, const N: usize>(name: &str, text: &'a str, header: &str) -> Result<Vec<[&'a str; N]>, CityError> {
    let mut lines = text.lines();
    if lines.next() != Some(header) {
        return Err(CityError::Facts(format!(
            "{name} must begin with the line {header}"
        )));
    }
    lines
        .enumerate()
        .map(|(index, line)| {
            let fields: Vec<&str> = line.split(',').collect();
            <[&str; N]>::try_from(fields)
                .map_err(|_| CityError::Facts(format!("{name}, line {}: {N} fields are needed", index + 2)))
        })
        .collect()
}

fn gazetteer(text: &str) -> Result<Vec<Unit>, CityError> {
    rows::<5>("gazetteer.csv", text, "code,level,parent,name_en,name_km")?
        .into_iter()
        .map(|[code, level, parent, name_en, name_km]| {
            let level = match level {
                "khan" => Level::Khan,
                "sangkat" => Level::Sangkat,
                other => return Err(CityError::Facts(format!("gazetteer.csv: unknown level {other}"))),
            };
            Ok(Unit {
                code: code.into(),
                level,
                parent: parent.into(),
                name_en: name_en.into(),
                name_km: name_km.into(),
            })
        })
        .collect()
}

fn places(text: &str) -> Result<Vec<Place>, CityError> {
    rows::<3>("sangkat_places.csv", text, "code,easting_m,northing_m")?
        .into_iter()
        .map(|[code, easting, northing]| {
            let number = |field: &str| {
                field.parse::<i32>().map(f64::from).map_err(|_| {
                    CityError::Facts(format!(
                        "sangkat_places.csv: {field} is no whole number of metres"
                    ))
                })
            };
            Ok(Place {
                code: (code != "outside").then(|| code.to_owned()),
                at: Coord {
                    x: number(easting)?,
                    y: number(northing)?,
                },
            })
        })
        .collect()
}
