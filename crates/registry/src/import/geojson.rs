//! Features of a GeoJSON file as rows: their properties, and where they lie.

use serde_json::{Map, Value};

use super::cell::Cell;
use super::sheet::{Sheet, SheetRow};
use crate::table::Mistake;

/// Columns for where a feature lies.
const LON: &str = "longitude";
const LAT: &str = "latitude";

impl Sheet {
    /// Reads a collection of points. Groups of properties become columns such as `head/name`.
    pub fn of_geojson(name: &str, file: &str, bytes: &[u8], mistakes: &mut Vec<Mistake>) -> Option<Self> {
        let mut mistake = |place: String, message: &str| {
            mistakes.push(Mistake {
                file: file.to_owned(),
                place,
                message: message.to_owned(),
            });
        };
        let read: Result<Value, _> =
            serde_json::from_slice(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes));
        let read = match read {
            Ok(read) => read,
            Err(error) => {
                let place = format!("line {}, sign {}", error.line(), error.column());
                mistake(place, "is no valid JSON.");
                return None;
            }
        };
        let Some(features) = read.get("features").and_then(Value::as_array) else {
            mistake(String::new(), "is no GeoJSON collection of features.");
            return None;
        };
        let foreign = read
            .pointer("/crs/properties/name")
            .and_then(Value::as_str)
            .is_some_and(|name| !(name.contains("CRS84") || name.contains("4326")));
        if foreign {
            mistake(
                String::new(),
                "is not in WGS 84 (degrees): export it in EPSG:4326.",
            );
            return None;
        }
        let mut header: Vec<String> = Vec::new();
        let mut found: Vec<(u64, Vec<(usize, Cell)>)> = Vec::new();
        for (at, feature) in features.iter().enumerate() {
            let number = at as u64 + 1;
            let mut flat = Vec::new();
            let mut put = |column: String, cell: Cell| {
                let at = header.iter().position(|name| *name == column).unwrap_or_else(|| {
                    header.push(column);
                    header.len() - 1
                });
                flat.push((at, cell));
            };
            let mut lost = false;
            if let Some(properties) = feature.get("properties").and_then(Value::as_object) {
                flatten("", properties, &mut put, &mut lost);
            }
            match feature.get("geometry") {
                None | Some(Value::Null) => {}
                Some(geometry) => {
                    if let Some((lon, lat)) = point(geometry) {
                        put(LON.to_owned(), Cell::Number(lon));
                        put(LAT.to_owned(), Cell::Number(lat));
                    } else {
                        let broken = || Cell::Broken("the feature is no point in degrees.".to_owned());
                        put(LON.to_owned(), broken());
                        put(LAT.to_owned(), broken());
                    }
                }
            }
            if lost {
                mistake(
                    format!("feature {number}"),
                    "has a list of objects among its properties, which cannot be taken in: export members as a table of their own.",
                );
            }
            found.push((number, flat));
        }
        if header.is_empty() {
            mistake(String::new(), "has no feature with properties.");
            return None;
        }
        let rows = found.into_iter().map(|(number, flat)| {
            let mut cells = vec![Cell::Empty; header.len()];
            for (at, cell) in flat {
                cells[at] = cell;
            }
            SheetRow { number, cells }
        });
        Some(Self {
            name: name.to_owned(),
            file: file.to_owned(),
            unit: "feature",
            rows: rows.collect(),
            header,
        })
    }
}

fn flatten(
    group: &str,
    properties: &Map<String, Value>,
    put: &mut impl FnMut(String, Cell),
    lost: &mut bool,
) {
    for (name, value) in properties {
        let column = if group.is_empty() {
            name.clone()
        } else {
            format!("{group}/{name}")
        };
        let cell = match value {
            Value::Null => Cell::Empty,
            Value::Bool(answer) => Cell::Bool(*answer),
            // As it was written: a telephone number is no number to calculate with.
            Value::Number(number) => Cell::Text(number.to_string()),
            Value::String(text) => Cell::Text(text.clone()),
            Value::Array(list) if list.iter().all(|one| one.is_string() || one.is_number()) => {
                let words: Vec<String> = list
                    .iter()
                    .map(|one| one.as_str().map_or_else(|| one.to_string(), str::to_owned))
                    .collect();
                Cell::Text(words.join(" "))
            }
            Value::Array(_) => {
                *lost = true;
                continue;
            }
            Value::Object(inner) => {
                // Members are told in objects within lists; a group may lie in a group, and no deeper.
                if group.matches('/').count() < 6 {
                    flatten(&column, inner, put, lost);
                } else {
                    *lost = true;
                }
                continue;
            }
        };
        put(column, cell);
    }
}

fn point(geometry: &Value) -> Option<(f64, f64)> {
    if geometry.get("type")?.as_str()? != "Point" {
        return None;
    }
    let place = geometry.get("coordinates")?.as_array()?;
    let (lon, lat) = (place.first()?.as_f64()?, place.get(1)?.as_f64()?);
    ((-180.0..=180.0).contains(&lon) && (-90.0..=90.0).contains(&lat)).then_some((lon, lat))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn properties_and_points_become_columns() {
        let text = r#"{"type":"FeatureCollection","features":[
            {"type":"Feature","properties":{"id":1,"head":{"name":"A"},"assets":["radio","tv"]},"geometry":{"type":"Point","coordinates":[104.9,11.5]}},
            {"type":"Feature","properties":{"id":2,"wet":true},"geometry":{"type":"Polygon","coordinates":[]}}]}"#;
        let mut mistakes = Vec::new();
        let sheet = Sheet::of_geojson("a", "a.geojson", text.as_bytes(), &mut mistakes).unwrap();
        assert_eq!(mistakes, []);
        let cell = |row: usize, column: &str| &sheet.rows[row].cells[sheet.column(column).unwrap()];
        assert_eq!(cell(0, "head/name"), &Cell::Text("A".into()));
        assert_eq!(cell(0, "assets"), &Cell::Text("radio tv".into()));
        assert_eq!(cell(0, "longitude"), &Cell::Number(104.9));
        assert_eq!(cell(1, "head/name"), &Cell::Empty);
        assert!(matches!(cell(1, "latitude"), Cell::Broken(_)));
    }

    #[test]
    fn what_is_none_is_said() {
        for (text, why) in [
            ("{", "valid JSON"),
            ("[]", "no GeoJSON"),
            (r#"{"features":[]}"#, "no feature"),
            (
                r#"{"features":[{}],"crs":{"properties":{"name":"EPSG:32648"}}}"#,
                "WGS 84",
            ),
        ] {
            let mut mistakes = Vec::new();
            assert!(Sheet::of_geojson("a", "a.geojson", text.as_bytes(), &mut mistakes).is_none());
            assert!(mistakes[0].to_string().contains(why), "{mistakes:?}");
        }
    }
}
