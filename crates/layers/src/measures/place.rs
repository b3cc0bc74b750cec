//! Where a site lies: its khan and sangkat, and what people call it.

use std::collections::BTreeMap;

use geo::{BoundingRect, Contains, Coord, MultiPolygon, Point};
use phteah_planning::notice::Notice;
use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};

use super::input::Inputs;
use super::sites::{Site, polygons};
use crate::catalogue::Catalogue;
use crate::deployment::LocalText;
use crate::error::Result;
use crate::gazetteer;
use crate::schema::Role;

/// A khan or sangkat with its names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DivisionName {
    /// 4 digits (khan) or 6 (sangkat).
    pub code: String,
    /// Names in both languages; where one is missing, the other or the code stands for it.
    pub name: LocalText,
}

/// Where a site lies.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Place {
    /// Its khan.
    pub khan: Option<DivisionName>,
    /// Its sangkat.
    pub sangkat: Option<DivisionName>,
    /// Counts the sites of one sangkat, the roomiest first: with the sangkat's name, what people call it.
    pub number: u32,
}

impl Place {
    /// What people call the site: *Chbar Ampov Ti Muoy 3*.
    pub fn label(&self) -> LocalText {
        let nowhere = Self::nowhere();
        let division = self.sangkat.as_ref().or(self.khan.as_ref());
        let LocalText { en, km } = division.map_or(&nowhere, |division| &division.name);
        LocalText {
            en: format!("{en} {}", self.number),
            km: format!("{km} {}", self.number),
        }
    }

    /// What stands before the number of a site that lies in no known division.
    pub fn nowhere() -> LocalText {
        LocalText {
            en: "Site".into(),
            km: "ទីតាំង".into(),
        }
    }
}

type Outline = GeomWithData<Rectangle<[f64; 2]>, usize>;

/// Khans and sangkats with their outlines.
#[derive(Debug)]
pub(super) struct Divisions {
    divisions: Vec<(DivisionName, MultiPolygon<f64>)>,
    tree: RTree<Outline>,
}

impl Divisions {
    pub(super) fn load(inputs: &mut Inputs<'_>) -> Result<Self> {
        let divisions = load(inputs)?;
        let outlines = divisions.iter().enumerate().filter_map(|(index, (_, shape))| {
            let rect = shape.bounding_rect()?;
            let rectangle =
                Rectangle::from_corners([rect.min().x, rect.min().y], [rect.max().x, rect.max().y]);
            Some(Outline::new(rectangle, index))
        });
        let tree = RTree::bulk_load(outlines.collect());
        Ok(Self { divisions, tree })
    }

    /// Finds khan and sangkat of every site and numbers the sites of each sangkat.
    pub(super) fn locate(&self, sites: &mut [Site]) {
        for site in sites.iter_mut() {
            (site.place.khan, site.place.sangkat) = self.at(site.centre);
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
            .filter(|&index| self.divisions[index].1.contains(&Point(point)))
            .collect();
        found.sort_unstable();
        let of_level = |digits: usize| {
            found
                .iter()
                .map(|&i| &self.divisions[i].0)
                .find(|d| d.code.len() == digits)
                .cloned()
        };
        let sangkat = of_level(6);
        let khan = of_level(4).or_else(|| {
            let code = sangkat.as_ref()?.code.get(..4)?.to_owned();
            Some(DivisionName {
                name: names(&code, None, None),
                code,
            })
        });
        (khan, sangkat)
    }
}

/// The sangkat in which each of these points lies, in the deployment's CRS; `None` where the boundaries do not say.
pub fn sangkats(catalogue: &Catalogue, points: &[Coord]) -> Result<Vec<Option<DivisionName>>> {
    let divisions = Divisions::load(&mut Inputs::new(catalogue))?;
    Ok(points.iter().map(|&point| divisions.at(point).1).collect())
}

fn load(inputs: &mut Inputs<'_>) -> Result<Vec<(DivisionName, MultiPolygon<f64>)>> {
    let mut divisions: Vec<(DivisionName, MultiPolygon<f64>)> = Vec::new();
    let layers = inputs.features(Role::Boundaries, |feature| {
        let Some(code) = feature
            .text("code")
            .filter(|code| matches!(code.len(), 4 | 6))
            .map(str::to_owned)
        else {
            return;
        };
        let (en, km) = (
            feature.text("name").map(str::to_owned),
            feature.text("name_km").map(str::to_owned),
        );
        if let Some(shape) = feature.geometry.and_then(polygons) {
            divisions.push((
                DivisionName {
                    name: names(&code, en, km),
                    code,
                },
                shape,
            ));
        }
    })?;
    if layers == 0 {
        inputs.warn(Notice::NoBoundaries);
    }
    Ok(divisions)
}

/// The names that the layer gives, else the gazetteer's.
fn names(code: &str, en: Option<String>, km: Option<String>) -> LocalText {
    let known = gazetteer::division(code);
    let en = en.or_else(|| known.map(|d| d.en.clone()));
    let km = km.or_else(|| known.map(|d| d.km.clone()));
    let fallback = || {
        en.clone()
            .or_else(|| km.clone())
            .unwrap_or_else(|| code.to_owned())
    };
    LocalText {
        en: en.clone().unwrap_or_else(fallback),
        km: km.clone().unwrap_or_else(fallback),
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
                    .map(|d| d.code.clone()),
            )
            .or_default();
        *count += 1;
        place.number = *count;
    }
}
