//! Where the records of a table without geometry lie: WKT or WKB in a column, two columns of coordinates, or what ODK writes: `lat lon altitude
//! accuracy`, once for a point and several times, with `;` between, for an outline.

use std::path::Path;

use geo::{Coord, Geometry, LineString, Point, Polygon};

use super::OpenOptions;
use super::sample::Sample;
use crate::error::{LayersError, Result, base_name};
use crate::personal::is_personal;
use crate::text::number::{self, Readings};
use crate::text::{column_key, is_blank};
use crate::value::{Field, Value};
use crate::wkb::{self, Parsed};

/// How a record says where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Placement {
    /// By a geometry.
    Native,
    /// By columns. Of several the first that is filled counts: an outline where one was drawn, else a point.
    Columns(Vec<Place>),
}

/// Columns that say where a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// WKT or hexadecimal WKB, with or without an SRID.
    Shape(usize),
    /// Longitude and latitude.
    LonLat(usize, usize),
    /// Easting and northing in a projected CRS.
    EastNorth(usize, usize),
    /// ODK's point or outline.
    Odk(usize),
}

/// A shape, and the SRID that stands with it.
pub(super) type Placed = (Parsed, Option<u32>);

const WKT: [&str; 9] = [
    "wkt",
    "geometry",
    "geom",
    "thegeom",
    "wktgeom",
    "shape",
    "wkbgeometry",
    "wkb",
    "ewkb",
];
const LON: [&str; 5] = ["longitude", "lon", "lng", "long", "x"];
const LAT: [&str; 4] = ["latitude", "lat", "y", "lati"];
const EAST: [&str; 6] = ["easting", "east", "utmx", "utme", "utmeasting", "xutm"];
const NORTH: [&str; 6] = ["northing", "north", "utmy", "utmn", "utmnorthing", "yutm"];

/// Where an interview or a form began or ended: the interviewer's place, not that of what was asked about.
const STARTS: [&str; 9] = [
    "startgeo",
    "startloc",
    "startgps",
    "endgeo",
    "endloc",
    "endgps",
    "backgroundgeo",
    "backgroundloc",
    "deviceloc",
];

impl Placement {
    /// Finds the columns: the ones that were asked for, else by name, those of a survey also by content.
    pub fn find(path: &Path, columns: &[Field], sample: &Sample, options: &OpenOptions) -> Result<Self> {
        if let Some(asked) = &options.place {
            return Ok(Self::Columns(vec![asked_for(path, columns, sample, asked)?]));
        }
        let keys: Vec<String> = columns.iter().map(|c| column_key(&c.name)).collect();
        let exact = |names: &[&str]| {
            names
                .iter()
                .find_map(|name| keys.iter().position(|key| key == name))
        };
        if let Some(i) = exact(&WKT) {
            return Ok(Self::Columns(vec![Place::Shape(i)]));
        }
        let pair = |x: &[&str], y: &[&str]| exact(x).zip(exact(y));
        let named = pair(&LON, &LAT).map(|(x, y)| Place::LonLat(x, y));
        let named = named.or_else(|| pair(&EAST, &NORTH).map(|(x, y)| Place::EastNorth(x, y)));
        let survey = Survey::new(columns, &keys, sample);
        let outline = survey.only(path, columns, &survey.outlines, options)?;
        let point = match named {
            Some(named) => Some(named),
            None => survey.only(path, columns, &survey.points, options)?,
        };
        let places: Vec<Place> = outline.into_iter().chain(point).collect();
        if !places.is_empty() {
            return Ok(Self::Columns(places));
        }
        let have: Vec<&str> = columns.iter().map(|c| c.name.as_str()).collect();
        Err(LayersError::unreadable(
            path,
            match survey.start {
                Some(i) => format!(
                    "the only place in it is '{0}', which is where the interviewer was, not what the record is about; if it is the right one all the same, {1} {0}",
                    columns[i].name, options.advice.place
                ),
                None => format!(
                    "no column says where its records lie: name one 'wkt', or two 'lon' and 'lat', or {} COLUMN. The columns are: {}",
                    options.advice.place,
                    have.join(", ")
                ),
            },
        ))
    }

    /// Whether coordinates are longitude and latitude by their very form.
    pub fn is_lon_lat(&self) -> bool {
        match self {
            Self::Native => false,
            Self::Columns(places) => places
                .iter()
                .all(|place| matches!(place, Place::LonLat(..) | Place::Odk(_))),
        }
    }

    /// Which columns are read, in words for the report.
    pub fn described(&self, columns: &[Field]) -> Option<String> {
        let Self::Columns(places) = self else { return None };
        let name = |i: usize| columns[i].name.clone();
        let each: Vec<String> = places
            .iter()
            .map(|place| match *place {
                Place::Shape(i) | Place::Odk(i) => name(i),
                Place::LonLat(x, y) | Place::EastNorth(x, y) => format!("{} and {}", name(x), name(y)),
            })
            .collect();
        Some(format!("place ← {}", each.join(", else ")))
    }

    /// The columns that are read.
    pub fn columns(&self) -> Vec<usize> {
        let places = match self {
            Self::Native => &[][..],
            Self::Columns(places) => places,
        };
        places
            .iter()
            .flat_map(|place| match *place {
                Place::Shape(i) | Place::Odk(i) => vec![i],
                Place::LonLat(x, y) | Place::EastNorth(x, y) => vec![x, y],
            })
            .collect()
    }

    /// The shape that a row describes.
    pub fn shape(&self, row: &[Option<Value>]) -> std::result::Result<Option<Placed>, String> {
        let Self::Columns(places) = self else {
            return Ok(None);
        };
        for place in places {
            if let Some(placed) = place.shape(row)? {
                return Ok(Some(placed));
            }
        }
        Ok(None)
    }
}

impl Place {
    fn shape(self, row: &[Option<Value>]) -> std::result::Result<Option<Placed>, String> {
        let text = |i: usize| {
            let text = row.get(i).and_then(Option::as_ref).map(ToString::to_string);
            text.filter(|text| !is_blank(text))
        };
        let number = |i: usize, what: &str| match text(i) {
            None => Ok(None),
            Some(text) => coordinate(&text, what)
                .map(Some)
                .ok_or_else(|| format!("its {what} '{}' is no number", shortened(&text))),
        };
        let pair = |(x, x_name): (usize, &str), (y, y_name): (usize, &str)| {
            let both = number(x, x_name)?.zip(number(y, y_name)?);
            Ok(both.map(|(x, y)| (flat(Point::new(x, y).into()), None)))
        };
        match self {
            Self::Shape(i) => text(i).map(|text| written_shape(&text)).transpose(),
            Self::LonLat(x, y) => pair((x, "longitude"), (y, "latitude")),
            Self::EastNorth(x, y) => pair((x, "easting"), (y, "northing")),
            Self::Odk(i) => match text(i) {
                None => Ok(None),
                Some(text) => odk(&text)
                    .map(|geometry| Some((flat(geometry), None)))
                    .ok_or_else(|| format!("'{}' is no 'lat lon altitude accuracy'", shortened(&text))),
            },
        }
    }
}

/// A coordinate as people write it: with a decimal comma, with Khmer digits, and degrees with minutes and seconds.
fn coordinate(text: &str, what: &str) -> Option<f64> {
    let sides = match what {
        "longitude" => ['E', 'W'],
        "latitude" => ['N', 'S'],
        _ => {
            let Readings { plain, others } = number::readings(text);
            // What may be meant in two ways is not guessed.
            return plain.or(if others.len() == 1 {
                others.first().copied()
            } else {
                None
            });
        }
    };
    let plain = text.trim().parse::<f64>().ok();
    plain.or_else(|| number::degrees(text, sides).filter(|degrees| degrees.abs() <= 180.0))
}

/// Whether a column holds shapes by its name.
pub(super) fn has_shape_column(columns: &[Field]) -> bool {
    columns
        .iter()
        .any(|c| WKT.contains(&column_key(&c.name).as_str()))
}

/// The columns that a person named: one with a shape or a survey's place, or two, x first.
fn asked_for(path: &Path, columns: &[Field], sample: &Sample, asked: &str) -> Result<Place> {
    let find = |name: &str| {
        let name = name.trim();
        let key = column_key(name);
        let exact = columns.iter().position(|c| c.name == name);
        exact
            .or_else(|| columns.iter().position(|c| column_key(&c.name) == key))
            .ok_or_else(|| {
                LayersError::no_column(&base_name(path), name, columns.iter().map(|c| c.name.as_str()))
            })
    };
    // A column's name may hold a comma itself.
    let whole = columns.iter().any(|c| c.name == asked);
    if let Some((x, y)) = asked.split_once(',').filter(|_| !whole) {
        let (x, y) = (find(x)?, find(y)?);
        let within = |i: usize, most: f64| {
            sample
                .texts(i)
                .filter_map(|text| text.trim().parse::<f64>().ok())
                .all(|v| v.abs() <= most)
        };
        return Ok(if within(x, 180.0) && within(y, 90.0) {
            Place::LonLat(x, y)
        } else {
            Place::EastNorth(x, y)
        });
    }
    let i = find(asked)?;
    Ok(
        if sample.texts(i).next().is_some_and(|text| odk(&text).is_some()) {
            Place::Odk(i)
        } else {
            Place::Shape(i)
        },
    )
}

/// Places that a survey's columns give, each with the question it belongs to.
struct Survey {
    points: Vec<(String, Place)>,
    outlines: Vec<(String, Place)>,
    /// A column that says where the interviewer was.
    start: Option<usize>,
}

impl Survey {
    fn new(columns: &[Field], keys: &[String], sample: &Sample) -> Self {
        let mut all = Self {
            points: Vec::new(),
            outlines: Vec::new(),
            start: None,
        };
        // ODK Central and KoboToolbox write `gps-Latitude` and `_gps_latitude` beside the question, others `gps_lat`.
        for (i, column) in columns.iter().enumerate() {
            let found = [
                ("longitude", "latitude"),
                ("lon", "lat"),
                ("lng", "lat"),
                ("long", "lat"),
            ]
            .into_iter()
            .find_map(|(lon, lat)| {
                let question = before(&column.name, lon)?;
                let other = columns
                    .iter()
                    .position(|c| before(&c.name, lat) == Some(question))?;
                Some((column_key(question), other))
            });
            if let Some((question, other)) = found {
                all.add(columns, i, question, Place::LonLat(i, other));
            }
        }
        for (i, key) in keys.iter().enumerate() {
            let mut texts = sample.texts(i).peekable();
            if texts.peek().is_some() && texts.all(|text| odk(&text).is_some()) {
                all.add(columns, i, key.clone(), Place::Odk(i));
            }
        }
        // Outlines are told from points by what is in them.
        let points = std::mem::take(&mut all.points);
        for (question, place) in points {
            let outline = matches!(place, Place::Odk(i) if sample.texts(i).any(|text| text.contains(';')));
            let list = if outline {
                &mut all.outlines
            } else {
                &mut all.points
            };
            // The two columns that Kobo adds to a question say the same as the question's own.
            if list.iter().all(|(known, _)| *known != question) {
                list.push((question, place));
            }
        }
        all
    }

    fn add(&mut self, columns: &[Field], i: usize, question: String, place: Place) {
        if STARTS.iter().any(|start| question.contains(start)) || is_personal(&columns[i].name) {
            self.start = self.start.or(Some(i));
        } else {
            self.points.push((question, place));
        }
    }

    /// The one place of a list; several are a person's choice.
    #[allow(clippy::unused_self, reason = "reads as a part of the search for a place")]
    fn only(
        &self,
        path: &Path,
        columns: &[Field],
        list: &[(String, Place)],
        options: &OpenOptions,
    ) -> Result<Option<Place>> {
        if list.len() < 2 {
            return Ok(list.first().map(|(_, place)| *place));
        }
        let names: Vec<String> = list
            .iter()
            .map(|(_, place)| match *place {
                Place::Shape(i) | Place::Odk(i) => columns[i].name.clone(),
                Place::LonLat(x, y) | Place::EastNorth(x, y) => {
                    format!("{},{}", columns[x].name, columns[y].name)
                }
            })
            .collect();
        Err(LayersError::Usage(format!(
            "Several columns of {} say where its records lie: {}. Take one: {} {}.",
            base_name(path),
            names.join("; "),
            options.advice.place,
            names[0]
        )))
    }
}

/// What stands before this ending in a column's name, if there is something and the ending is a word of its own.
fn before<'a>(name: &'a str, ending: &str) -> Option<&'a str> {
    let at = name.len().checked_sub(ending.len())?;
    let (question, end) = name.split_at_checked(at)?;
    let fits = end.eq_ignore_ascii_case(ending) && question.ends_with(['_', '-', '.', '/', ' ', ':']);
    (fits && !column_key(question).is_empty()).then_some(question)
}

fn flat(geometry: Geometry<f64>) -> Parsed {
    Parsed {
        geometry,
        had_z: false,
        had_curves: false,
        unclosed_rings: 0,
    }
}

/// Reads WKT or hexadecimal WKB, either with the SRID that `PostGIS` writes.
pub(super) fn written_shape(text: &str) -> std::result::Result<Placed, String> {
    let text = text.trim();
    let (srid, body) = match text.split_once(';') {
        Some((srid, body)) if srid.len() > 5 && srid[..5].eq_ignore_ascii_case("SRID=") => {
            (srid[5..].trim().parse().ok(), body)
        }
        _ => (None, text),
    };
    let hex = body.strip_prefix("\\x").unwrap_or(body);
    if hex.len() >= 10 && hex.starts_with('0') && hex.bytes().all(|b| b.is_ascii_hexdigit()) {
        let bytes = bytes_of(hex).ok_or("its WKB has an odd number of digits")?;
        let parsed = wkb::parse(&bytes).map_err(|e| format!("its WKB cannot be read: {e}"))?;
        return Ok((parsed, srid.or_else(|| wkb::srid(&bytes))));
    }
    // Some sources break long WKT over several lines.
    let body = body.replace(['\n', '\r'], " ");
    let geometry = gdal::vector::Geometry::from_wkt(body.trim())
        .map_err(|_| "its shape cannot be read, neither as WKT nor as WKB in hexadecimal digits")?;
    let bytes = geometry.iso_wkb().map_err(|e| e.to_string())?;
    let parsed = wkb::parse(&bytes).map_err(str::to_owned)?;
    Ok((parsed, srid))
}

fn bytes_of(hex: &str) -> Option<Vec<u8>> {
    let digits = hex.as_bytes();
    let digit = |d: u8| char::from(d).to_digit(16);
    digits
        .chunks(2)
        .map(|pair| match *pair {
            [high, low] => u8::try_from(digit(high)? * 16 + digit(low)?).ok(),
            _ => None,
        })
        .collect()
}

/// Reads `lat lon [altitude [accuracy]]`, once or several times with `;` between. Several points that end where they began enclose an area.
fn odk(text: &str) -> Option<Geometry<f64>> {
    let points: Vec<Coord<f64>> = text
        .split(';')
        .filter(|part| !part.trim().is_empty())
        .map(geopoint)
        .collect::<Option<_>>()?;
    match points[..] {
        [] => None,
        [only] => Some(Point(only).into()),
        [first, .., last] if first == last && points.len() >= 4 => {
            Some(Polygon::new(LineString(points), Vec::new()).into())
        }
        _ => Some(LineString(points).into()),
    }
}

fn geopoint(text: &str) -> Option<Coord<f64>> {
    let numbers: Vec<f64> = text
        .split_whitespace()
        .map(|word| word.parse().ok())
        .collect::<Option<_>>()?;
    match numbers[..] {
        [lat, lon] | [lat, lon, _] | [lat, lon, _, _] if lat.abs() <= 90.0 && lon.abs() <= 180.0 => {
            Some(Coord { x: lon, y: lat })
        }
        _ => None,
    }
}

fn shortened(text: &str) -> String {
    let mut short: String = text.chars().take(60).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}
