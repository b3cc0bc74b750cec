//! Streets by name: the roads of a deployment, put together by what people call them.

use std::collections::{BTreeMap, HashMap};

use geo::{Coord, CoordsIter, Geometry};
use phteah_geoproc::union_find::UnionFind;

use crate::catalogue::Catalogue;
use crate::crs::{Crs, Reprojector};
use crate::deployment::LocalText;
use crate::error::{LayersError, Result};
use crate::gpkg::Query;
use crate::measures::{DivisionName, sangkats};
use crate::names::edits;
use crate::schema::Role;
use crate::text::{is_blank, street_words};

/// Roads of one name that come within so many metres of each other are one street; farther apart they are two.
const GAP_M: f64 = 400.0;

/// Longer names are no names of streets.
const LONGEST_NAME: usize = 200;

/// Fields in which a road has a name, the first of each language being the one that is shown.
const NAME_FIELDS: [&str; 8] = [
    "name",
    "name_en",
    "name_km",
    "alt_name",
    "alt_name_km",
    "old_name",
    "loc_name",
    "ref",
];

/// From so many letters on a word may be spelt in another way, by one letter; from twice as many by two.
const FORGIVING_FROM: usize = 5;

/// A street, or the part of one that lies by itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Street {
    /// Its name; a language that has none shows the other's.
    pub name: LocalText,
    /// A place on it, longitude and latitude in degrees.
    pub at: [f64; 2],
    /// West, south, east, north in degrees.
    pub bounds: [f64; 4],
    /// The sangkat in which that place lies, as far as the boundaries say.
    pub sangkat: Option<DivisionName>,
    /// The words of each of its names.
    words: Vec<Vec<String>>,
}

/// All streets of a deployment, to be searched.
#[derive(Debug, Default)]
pub struct StreetIndex {
    streets: Vec<Street>,
}

/// A road with a name.
struct Piece {
    names: Names,
    bounds: [f64; 4],
    middle: Coord<f64>,
}

#[derive(Clone, Default)]
struct Names {
    en: Option<String>,
    km: Option<String>,
    words: Vec<Vec<String>>,
}

impl StreetIndex {
    /// Which layers an index is of: another key, another index.
    pub fn key(catalogue: &Catalogue) -> String {
        let named = |role| {
            catalogue
                .of_role(role)
                .map(|entry| format!("{}:{};", entry.name, entry.hash))
                .collect::<String>()
        };
        named(Role::Roads) + &named(Role::Boundaries)
    }

    /// Reads the names of all roads. Roads without one, and those without a place, are left out.
    pub fn of(catalogue: &Catalogue) -> Result<Self> {
        let mut groups: BTreeMap<Vec<String>, Vec<Piece>> = BTreeMap::new();
        for layer in catalogue.of_role(Role::Roads) {
            catalogue
                .vector(&layer.name)?
                .for_each(&Query::default(), |feature| {
                    let names = Names::of(|field| feature.text(field));
                    if let (Some(key), Some(geometry)) = (names.words.first(), &feature.geometry)
                        && let Some((bounds, middle)) = extent(geometry)
                    {
                        groups.entry(key.clone()).or_default().push(Piece {
                            names,
                            bounds,
                            middle,
                        });
                    }
                    Ok::<(), LayersError>(())
                })?;
        }
        let clusters: Vec<Vec<Piece>> = groups.into_values().flat_map(apart).collect();
        let middles: Vec<Coord<f64>> = clusters.iter().map(|pieces| middle(pieces)).collect();
        let to_degrees = Reprojector::new(&catalogue.crs()?, &Crs::wgs84())?;
        let mut streets = Vec::with_capacity(clusters.len());
        for ((pieces, at), sangkat) in clusters
            .into_iter()
            .zip(&middles)
            .zip(sangkats(catalogue, &middles)?)
        {
            // What the plane of the deployment does not have cannot be shown on its map.
            let Ok((lon, lat)) = to_degrees.point(at.x, at.y) else {
                continue;
            };
            let Ok(bounds) = to_degrees.bounds(around(&pieces)) else {
                continue;
            };
            streets.push(Street::of(&pieces, [lon, lat], bounds, sangkat));
        }
        Ok(Self { streets })
    }

    /// How many streets it holds.
    pub fn len(&self) -> usize {
        self.streets.len()
    }

    /// Whether no road has a name.
    pub fn is_empty(&self) -> bool {
        self.streets.is_empty()
    }

    /// The streets that fit best, best first, at most so many: whose name is the one asked for, then those that begin with it, then those
    /// that hold its words, then other spellings of it. Time: one pass over all names.
    pub fn find(&self, query: &str, most: usize) -> Vec<&Street> {
        let wanted = street_words(&query.chars().take(LONGEST_NAME).collect::<String>());
        if wanted.is_empty() {
            return Vec::new();
        }
        let mut found: Vec<(Fit, &Street)> = self
            .streets
            .iter()
            .filter_map(|street| {
                let fits = street.words.iter().filter_map(|words| fit(&wanted, words));
                Some((fits.min()?, street))
            })
            .collect();
        found.sort_by(|a, b| {
            let size = |street: &Street| {
                (street.bounds[2] - street.bounds[0]) + (street.bounds[3] - street.bounds[1])
            };
            a.0.cmp(&b.0)
                .then_with(|| size(b.1).total_cmp(&size(a.1)))
                .then_with(|| a.1.name.en.cmp(&b.1.name.en))
        });
        found.truncate(most);
        found.into_iter().map(|(_, street)| street).collect()
    }
}

impl Street {
    fn of(pieces: &[Piece], at: [f64; 2], bounds: [f64; 4], sangkat: Option<DivisionName>) -> Self {
        // The spelling that most of its roads have.
        let usual = |pick: fn(&Names) -> Option<&String>| {
            let mut counts: HashMap<&String, usize> = HashMap::new();
            for name in pieces.iter().filter_map(|piece| pick(&piece.names)) {
                *counts.entry(name).or_default() += 1;
            }
            let best = counts
                .into_iter()
                .max_by(|a, b| a.1.cmp(&b.1).then_with(|| b.0.cmp(a.0)));
            best.map(|(name, _)| name.clone())
        };
        let (en, km) = (usual(|names| names.en.as_ref()), usual(|names| names.km.as_ref()));
        let either = en.clone().or_else(|| km.clone()).unwrap_or_default();
        let mut words: Vec<Vec<String>> = pieces
            .iter()
            .flat_map(|piece| piece.names.words.clone())
            .collect();
        words.sort_unstable();
        words.dedup();
        Self {
            name: LocalText {
                en: en.unwrap_or_else(|| either.clone()),
                km: km.unwrap_or(either),
            },
            at,
            bounds,
            sangkat,
            words,
        }
    }
}

impl Names {
    fn of<'f>(text: impl Fn(&'static str) -> Option<&'f str>) -> Self {
        let mut names = Self::default();
        for field in NAME_FIELDS {
            let Some(name) = text(field).filter(|name| !is_blank(name) && name.len() <= LONGEST_NAME) else {
                continue;
            };
            let words = street_words(name);
            if words.is_empty() {
                continue;
            }
            // Many maps have the Khmer name where the English one is expected.
            let shown = if name.chars().any(|c| ('\u{1780}'..='\u{17ff}').contains(&c)) {
                &mut names.km
            } else {
                &mut names.en
            };
            if shown.is_none() {
                *shown = Some(name.trim().to_owned());
            }
            if !names.words.contains(&words) {
                names.words.push(words);
            }
        }
        names
    }
}

/// The box of a road, and the vertex in its middle.
fn extent(geometry: &Geometry<f64>) -> Option<([f64; 4], Coord<f64>)> {
    let count = geometry.coords_count();
    let middle = geometry.coords_iter().nth(count / 2)?;
    let box_ = geometry.coords_iter().fold(
        [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY],
        |b, c| [b[0].min(c.x), b[1].min(c.y), b[2].max(c.x), b[3].max(c.y)],
    );
    box_.iter()
        .all(|bound| bound.is_finite())
        .then_some((box_, middle))
}

/// Roads of one name, those together that lie near each other. Swept from west to east: each is held against those alone whose boxes
/// have not ended before it begins.
fn apart(mut pieces: Vec<Piece>) -> Vec<Vec<Piece>> {
    pieces.sort_by(|a, b| a.bounds[0].total_cmp(&b.bounds[0]));
    let mut sets = UnionFind::new(pieces.len());
    let mut open: Vec<usize> = Vec::new();
    for (index, piece) in pieces.iter().enumerate() {
        open.retain(|&other| pieces[other].bounds[2] + GAP_M >= piece.bounds[0]);
        for &other in &open {
            let other_bounds = &pieces[other].bounds;
            if other_bounds[3] + GAP_M >= piece.bounds[1] && piece.bounds[3] + GAP_M >= other_bounds[1] {
                sets.union(other as u32, index as u32);
            }
        }
        open.push(index);
    }
    let mut clusters: BTreeMap<u32, Vec<Piece>> = BTreeMap::new();
    for (index, piece) in pieces.into_iter().enumerate() {
        clusters.entry(sets.find(index as u32)).or_default().push(piece);
    }
    clusters.into_values().collect()
}

fn around(pieces: &[Piece]) -> [f64; 4] {
    pieces.iter().map(|piece| piece.bounds).fold(
        [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY],
        |a, b| [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])],
    )
}

/// The place on a street that is nearest to the middle of its box.
fn middle(pieces: &[Piece]) -> Coord<f64> {
    let [west, south, east, north] = around(pieces);
    let (x, y) = (f64::midpoint(west, east), f64::midpoint(south, north));
    let away = |at: Coord<f64>| (at.x - x).hypot(at.y - y);
    pieces
        .iter()
        .map(|piece| piece.middle)
        .min_by(|a, b| away(*a).total_cmp(&away(*b)))
        .unwrap_or(Coord { x, y })
}

/// How well a name fits what is asked for, the smaller the better: by its words, and by how many more it has.
type Fit = (u8, usize);

fn fit(wanted: &[String], words: &[String]) -> Option<Fit> {
    let each = wanted
        .iter()
        .map(|word| words.iter().filter_map(|own| word_fit(word, own)).min());
    let worst = each.collect::<Option<Vec<u8>>>()?.into_iter().max()?;
    Some((worst, words.len().saturating_sub(wanted.len())))
}

/// 0 the same word; 1 it begins so (a number goes on with a letter, not with another digit); 2 a Khmer word holds it, or a number goes on;
/// 3 another spelling.
fn word_fit(wanted: &str, own: &str) -> Option<u8> {
    if wanted == own {
        return Some(0);
    }
    if let Some(rest) = own.strip_prefix(wanted) {
        let goes_on =
            wanted.ends_with(|c: char| c.is_ascii_digit()) && rest.starts_with(|c: char| c.is_ascii_digit());
        return Some(if goes_on { 2 } else { 1 });
    }
    if wanted.is_ascii() != own.is_ascii() {
        return None;
    }
    if !wanted.is_ascii() {
        return own.contains(wanted).then_some(2);
    }
    let letters = |word: &str| word.chars().collect::<Vec<char>>();
    let plain = |word: &str| word.chars().all(|c| !c.is_ascii_digit());
    let allowed = (wanted.len() / FORGIVING_FROM).min(2);
    // Of a number every digit counts.
    let near = allowed > 0
        && plain(wanted)
        && plain(own)
        && wanted.len().abs_diff(own.len()) <= allowed
        && edits(&letters(wanted), &letters(own)) <= allowed;
    near.then_some(3)
}
