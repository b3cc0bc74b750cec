//! Where a site lies: its khan and sangkat, and what people call it.

use std::collections::BTreeMap;

use geo::{BoundingRect, Closest, ClosestPoint, Contains, Coord, MultiPolygon, Point};
use phteah_geoproc::surface::representative_point;
use phteah_planning::notice::Notice;
use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};

use super::input::Inputs;
use super::sites::{Site, polygons};
use crate::catalogue::Catalogue;
use crate::crs::{Crs, Reprojector};
use crate::deployment::LocalText;
use crate::error::Result;
use crate::gazetteer;
use crate::names::Names;
use crate::schema::Role;
use crate::text::numbered;

/// A khan or sangkat with its names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DivisionName {
    /// 4 digits (khan) or 6 (sangkat).
    pub code: String,
    /// Names in both languages, the layer's own before all others; where one is missing, the other or the code stands for it.
    pub name: LocalText,
}

/// Where a site lies.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Place {
    /// Its khan.
    pub khan: Option<DivisionName>,
    /// Its sangkat.
    pub sangkat: Option<DivisionName>,
    /// Of a site in no known division: how far and which way it lies from the nearest named place, or else its coordinates.
    pub elsewhere: Option<LocalText>,
    /// Counts the sites of one sangkat (or of one such place), the roomiest first: with the name, what people call the site.
    pub number: u32,
}

impl Place {
    /// What people call the site: *Chbar Ampov Ti Muoy 3*, or *1.2 km north-east of Prey Sa*.
    pub fn label(&self) -> LocalText {
        let n = self.number;
        if let Some(LocalText { en, km }) = self.sangkat.as_ref().or(self.khan.as_ref()).map(|d| &d.name) {
            return LocalText {
                en: numbered(en, n),
                km: numbered(km, n),
            };
        }
        match &self.elsewhere {
            Some(LocalText { en, km }) if n > 1 => LocalText {
                en: format!("{en} ({n})"),
                km: format!("{km} ({n})"),
            },
            Some(only) => only.clone(),
            // Before it has been located.
            None => LocalText {
                en: format!("Site {n}"),
                km: format!("ទីតាំង {n}"),
            },
        }
    }
}

type Outline = GeomWithData<Rectangle<[f64; 2]>, usize>;

/// Khans and sangkats with their outlines.
#[derive(Debug)]
pub(super) struct Divisions {
    divisions: Vec<Division>,
    tree: RTree<Outline>,
    /// Named places to find the way from, where no division is known.
    landmarks: Vec<(LocalText, Coord<f64>)>,
    crs: Crs,
}

/// A khan or sangkat of the layer.
#[derive(Debug)]
struct Division {
    name: DivisionName,
    /// The khan of a sangkat, where it is known which that is.
    khan: Option<DivisionName>,
    shape: MultiPolygon<f64>,
}

impl Divisions {
    pub(super) fn load(inputs: &mut Inputs<'_>) -> Result<Self> {
        let divisions = load(inputs)?;
        let outlines = divisions.iter().enumerate().filter_map(|(index, division)| {
            let rect = division.shape.bounding_rect()?;
            let rectangle =
                Rectangle::from_corners([rect.min().x, rect.min().y], [rect.max().x, rect.max().y]);
            Some(Outline::new(rectangle, index))
        });
        let tree = RTree::bulk_load(outlines.collect());
        let landmarks = if divisions.is_empty() {
            landmarks(inputs)?
        } else {
            Vec::new()
        };
        Ok(Self {
            divisions,
            tree,
            landmarks,
            crs: inputs.catalogue().crs()?,
        })
    }

    /// Finds khan and sangkat of every site, or the way from the nearest named place, and numbers the sites of each.
    pub(super) fn locate(&self, sites: &mut [Site]) {
        let mut to_degrees = None;
        for site in sites.iter_mut() {
            (site.place.khan, site.place.sangkat) = self.at(site.centre);
            if site.place.sangkat.is_none() && site.place.khan.is_none() {
                let way = to_degrees.get_or_insert_with(|| Reprojector::new(&self.crs, &Crs::wgs84()).ok());
                site.place.elsewhere = self.elsewhere(site.centre, way.as_ref());
            }
        }
        number(sites);
    }

    /// The khan and the sangkat in which a point lies.
    fn at(&self, point: Coord) -> (Option<DivisionName>, Option<DivisionName>) {
        let here = AABB::from_point([point.x, point.y]);
        let mut found: Vec<usize> = self
            .tree
            .locate_in_envelope_intersecting(here)
            .map(|outline| outline.data)
            .filter(|&index| self.divisions[index].shape.contains(&Point(point)))
            .collect();
        found.sort_unstable();
        let of_level = |digits: usize| {
            found
                .iter()
                .map(|&i| &self.divisions[i])
                .find(|division| division.name.code.len() == digits)
        };
        let sangkat = of_level(6);
        let khan = of_level(4)
            .map(|khan| khan.name.clone())
            .or_else(|| sangkat?.khan.clone());
        (khan, sangkat.map(|sangkat| sangkat.name.clone()))
    }

    /// How far and which way it is from the nearest named place; where none is known, the coordinates.
    fn elsewhere(&self, here: Coord<f64>, to_degrees: Option<&Reprojector>) -> Option<LocalText> {
        let finest = self
            .divisions
            .iter()
            .map(|d| d.name.code.len())
            .max()
            .unwrap_or(0);
        let edges = self
            .divisions
            .iter()
            .filter(|division| division.name.code.len() == finest)
            .filter_map(|division| match division.shape.closest_point(&Point(here)) {
                Closest::Intersection(at) | Closest::SinglePoint(at) => Some((&division.name.name, at.0)),
                Closest::Indeterminate => None,
            });
        let marks = self.landmarks.iter().map(|(name, at)| (name, *at));
        let distance = |at: Coord<f64>| (here.x - at.x).hypot(here.y - at.y);
        let nearest = edges
            .chain(marks)
            .min_by(|a, b| distance(a.1).total_cmp(&distance(b.1)));
        if let Some((name, at)) = nearest {
            return Some(way_from(name, (here.x - at.x, here.y - at.y)));
        }
        let (lon, lat) = to_degrees?.point(here.x, here.y).ok()?;
        let text = format!("{lat:.4}, {lon:.4}");
        Some(LocalText {
            en: text.clone(),
            km: text,
        })
    }
}

/// The sangkat in which each of these points lies, in the deployment's CRS; `None` where the boundaries do not say.
pub fn sangkats(catalogue: &Catalogue, points: &[Coord]) -> Result<Vec<Option<DivisionName>>> {
    let divisions = Divisions::load(&mut Inputs::new(catalogue))?;
    Ok(points.iter().map(|&point| divisions.at(point).1).collect())
}

/// *1.2 km north-east of Prey Sa*. `east` and `north` are metres from the place.
fn way_from(place: &LocalText, (east, north): (f64, f64)) -> LocalText {
    // Clockwise from the north; an eighth of the circle each.
    const WAYS: [(&str, &str); 8] = [
        ("north", "ជើង"),
        ("north-east", "ជើង-កើត"),
        ("east", "កើត"),
        ("south-east", "ត្បូង-កើត"),
        ("south", "ត្បូង"),
        ("south-west", "ត្បូង-លិច"),
        ("west", "លិច"),
        ("north-west", "ជើង-លិច"),
    ];
    let turn = east.atan2(north).rem_euclid(std::f64::consts::TAU) / std::f64::consts::TAU;
    let (way, way_km) = WAYS[(turn * 8.0).round() as usize % 8];
    let metres = east.hypot(north);
    let (far, far_km) = if metres < 995.0 {
        // Nobody needs it to the metre, and 0 m would be no distance.
        let metres = ((metres / 10.0).round() * 10.0).max(10.0);
        (format!("{metres} m"), format!("{metres} ម"))
    } else {
        let kilometres = format!("{:.1}", metres / 1000.0);
        (format!("{kilometres} km"), format!("{kilometres} គម"))
    };
    LocalText {
        en: format!("{far} {way} of {}", place.en),
        km: format!("ចម្ងាយ {far_km} ទិស{way_km} ពី {}", place.km),
    }
}

fn load(inputs: &mut Inputs<'_>) -> Result<Vec<Division>> {
    let mut read: Vec<(String, Option<String>, Option<String>, MultiPolygon<f64>)> = Vec::new();
    let layers = inputs.features(Role::Boundaries, |feature| {
        let Some(code) = feature
            .text("code")
            .filter(|code| matches!(code.len(), 4 | 6))
            .map(str::to_owned)
        else {
            return;
        };
        let text = |field: &str| feature.text(field).map(str::to_owned);
        let (en, km) = (text("name"), text("name_km"));
        if let Some(shape) = feature.geometry.and_then(polygons) {
            read.push((code, en, km, shape));
        }
    })?;
    if layers == 0 {
        inputs.warn(Notice::NoBoundaries);
    }
    let of_today = read.iter().all(|(code, en, km, _)| {
        !gazetteer::is_of_another_place(code, Names::new(en.as_deref(), km.as_deref()))
    });
    let division = |(code, en, km, shape): (String, Option<String>, Option<String>, MultiPolygon<f64>)| {
        let own = Names::new(en.as_deref(), km.as_deref());
        let known = gazetteer::join(&code, own, of_today);
        let khan = known
            .and_then(|known| gazetteer::division(known.code.get(..4)?))
            .map(|khan| DivisionName {
                code: khan.code.clone(),
                name: LocalText {
                    en: khan.en.clone(),
                    km: khan.km.clone(),
                },
            });
        Division {
            name: DivisionName {
                name: names(&code, own, known),
                code,
            },
            khan,
            shape,
        }
    };
    let mut all: Vec<Division> = read.into_iter().map(division).collect();
    khans_by_place(&mut all);
    Ok(all)
}

/// Finds the khan of sangkats of which neither code nor name tells it by where they lie: in the khan of the layer that covers their middle.
fn khans_by_place(all: &mut [Division]) {
    let khans: Vec<(DivisionName, MultiPolygon<f64>)> = all
        .iter()
        .filter(|division| division.name.code.len() == 4)
        .map(|khan| (khan.name.clone(), khan.shape.clone()))
        .collect();
    if khans.is_empty() {
        return;
    }
    for sangkat in all
        .iter_mut()
        .filter(|division| division.name.code.len() == 6 && division.khan.is_none())
    {
        let middle = representative_point(&geo::Geometry::MultiPolygon(sangkat.shape.clone()));
        let around = |shape: &MultiPolygon<f64>| middle.is_some_and(|middle| shape.contains(&Point(middle)));
        sangkat.khan = khans
            .iter()
            .find(|(_, shape)| around(shape))
            .map(|(name, _)| name.clone());
    }
}

/// Places with names that are no secret: services.
fn landmarks(inputs: &mut Inputs<'_>) -> Result<Vec<(LocalText, Coord<f64>)>> {
    let mut found = Vec::new();
    inputs.features(Role::Services, |feature| {
        let (en, km) = (feature.text("name"), feature.text("name_km"));
        let name = names("", Names::new(en, km), None);
        if let (false, Some(geo::Geometry::Point(at))) = (name.en.is_empty(), &feature.geometry) {
            found.push((name, at.0));
        }
    })?;
    Ok(found)
}

/// The names that the layer gives, else those of the gazetteer's division that was found to be the same; where there are none, the code.
fn names(code: &str, own: Names<'_>, known: Option<&gazetteer::Division>) -> LocalText {
    let en = own.en.map(str::to_owned).or_else(|| known.map(|d| d.en.clone()));
    let km = own.km.map(str::to_owned).or_else(|| known.map(|d| d.km.clone()));
    let either = en
        .clone()
        .or_else(|| km.clone())
        .unwrap_or_else(|| code.to_owned());
    LocalText {
        en: en.unwrap_or_else(|| either.clone()),
        km: km.unwrap_or(either),
    }
}

fn number(sites: &mut [Site]) {
    let mut order: Vec<usize> = (0..sites.len()).collect();
    order.sort_by(|&a, &b| {
        sites[b]
            .capacity
            .cmp(&sites[a].capacity)
            .then_with(|| sites[a].id.cmp(&sites[b].id))
    });
    let mut counts: BTreeMap<Option<String>, u32> = BTreeMap::new();
    for index in order {
        let place = &mut sites[index].place;
        let count = counts
            .entry(
                place
                    .sangkat
                    .as_ref()
                    .or(place.khan.as_ref())
                    .map(|d| d.code.clone())
                    .or_else(|| place.elsewhere.as_ref().map(|way| way.en.clone())),
            )
            .or_default();
        *count += 1;
        place.number = *count;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_in_both_languages() {
        let place = LocalText {
            en: "Prey Sa".into(),
            km: "ព្រៃស".into(),
        };
        let way = |east: f64, north: f64| way_from(&place, (east, north));
        assert_eq!(way(900.0, 800.0).en, "1.2 km north-east of Prey Sa");
        assert_eq!(way(900.0, 800.0).km, "ចម្ងាយ 1.2 គម ទិសជើង-កើត ពី ព្រៃស");
        assert_eq!(way(0.0, -254.0).en, "250 m south of Prey Sa");
        assert_eq!(way(-3.0, 0.1).en, "10 m west of Prey Sa");
        assert_eq!(way(-0.1, 2000.0).en, "2.0 km north of Prey Sa");
        assert_eq!(way(999.0, 0.0).en, "1.0 km east of Prey Sa");
    }

    #[test]
    fn a_number_is_added_only_where_several_have_one_name() {
        let mut place = Place {
            elsewhere: Some(way_from(
                &LocalText {
                    en: "A".into(),
                    km: "ក".into(),
                },
                (0.0, 1500.0),
            )),
            number: 1,
            ..Place::default()
        };
        assert_eq!(place.label().en, "1.5 km north of A");
        place.number = 2;
        assert_eq!(place.label().en, "1.5 km north of A (2)");
    }
}
