//! Candidate sites out of the parcels of the catalogue.

use phteah_planning::notice::Notice;
use std::collections::HashMap;

use geo::{Coord, Geometry, MultiPolygon};
use phteah_geoproc::sites::{self, DropReason, Parcel, Rules};
use phteah_geoproc::surface::{self, representative_point};
use phteah_planning::measure::Tenure;
use phteah_planning::scenario::Scenario;

use super::cut_out;
use super::input::Inputs;
use super::place::Place;
use super::under;
use crate::error::{LayersError, Result};
use crate::schema::Role;

/// A candidate site.
#[derive(Debug, Clone)]
pub struct Site {
    /// Stable id: the same parcels under the same rules have it again.
    pub id: String,
    /// Ids of its parcels, ascending; none for a site drawn by hand.
    pub parcels: Vec<String>,
    /// What may be built on, in the deployment's CRS.
    pub shape: MultiPolygon<f64>,
    /// A point on it, in the deployment's CRS.
    pub centre: Coord<f64>,
    /// Net area in m².
    pub area_m2: f64,
    /// Households that it holds.
    pub capacity: u32,
    /// 4π × area ÷ perimeter².
    pub compactness: f64,
    /// Tenure of the larger part of its area; `Unknown` also where that part is not known.
    pub tenure: Tenure,
    /// Mean price, weighted by the parcels' areas; `None` where a parcel's price is not known, or where a site drawn by hand lies on
    /// parcels by less than half.
    pub price_usd_m2: Option<f64>,
    /// Where it lies.
    pub place: Place,
}

/// A site drawn by hand, in the deployment's CRS, and what is stated of its land.
#[derive(Debug, Clone, Copy)]
pub struct DrawnSite<'a> {
    /// Its id.
    pub id: &'a str,
    /// Its outline.
    pub shape: &'a MultiPolygon<f64>,
    /// Its tenure; `None` takes that of the parcels under it.
    pub tenure: Option<Tenure>,
    /// Its price; `None` takes that of the parcels under it.
    pub price_usd_m2: Option<f64>,
}

impl<'a> From<(&'a str, &'a MultiPolygon<f64>)> for DrawnSite<'a> {
    fn from((id, shape): (&'a str, &'a MultiPolygon<f64>)) -> Self {
        Self {
            id,
            shape,
            tenure: None,
            price_usd_m2: None,
        }
    }
}

/// Available land that became no site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DroppedPiece {
    /// Ids of its parcels.
    pub parcels: Vec<String>,
    /// Why, as a sentence.
    pub reason: String,
}

struct Available {
    id: String,
    shape: MultiPolygon<f64>,
    tenure: Tenure,
    price: Option<f64>,
}

/// Joins the available parcels of the catalogue into sites.
pub(super) fn assemble(
    inputs: &mut Inputs<'_>,
    scenario: &Scenario,
) -> Result<(Vec<Site>, Vec<DroppedPiece>)> {
    let available = available(inputs, scenario)?;
    let group_of: HashMap<Tenure, u32> = (0..).zip(&scenario.sites.tenures).flat_map(tenures_of).collect();
    let usable: Vec<&Available> = available
        .iter()
        .filter(|parcel| group_of.contains_key(&parcel.tenure))
        .collect();
    let parcels: Vec<Parcel<'_>> = usable
        .iter()
        .map(|parcel| Parcel {
            id: &parcel.id,
            group: group_of[&parcel.tenure],
            shape: &parcel.shape,
        })
        .collect();
    let shapes: Vec<MultiPolygon<f64>> = usable.iter().map(|parcel| parcel.shape.clone()).collect();
    let exclusions = cut_out::exclusions(inputs, scenario, &shapes)?;
    let made = sites::assemble(&parcels, &exclusions, &rules(scenario)).map_err(|problems| {
        LayersError::refused(
            problems
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join("; "),
        )
    })?;
    let ids = |indices: &[usize]| {
        indices
            .iter()
            .map(|&index| usable[index].id.clone())
            .collect::<Vec<_>>()
    };
    let mut dropped: Vec<DroppedPiece> = made
        .dropped
        .into_iter()
        .map(|piece| DroppedPiece {
            parcels: ids(&piece.parcels),
            reason: reason(piece.reason),
        })
        .collect();
    let mut kept = Vec::with_capacity(made.sites.len());
    for site in made.sites {
        let capacity = u32::try_from(site.measures.capacity).unwrap_or(u32::MAX);
        let parcels: Vec<&Available> = site.parcels.iter().map(|&index| usable[index]).collect();
        if capacity < scenario.sites.min_capacity {
            let least = scenario.sites.min_capacity;
            let reason = format!("It holds {capacity} households, fewer than the {least} asked for.");
            dropped.push(DroppedPiece {
                parcels: ids(&site.parcels),
                reason,
            });
            continue;
        }
        let Some(centre) = representative_point(&Geometry::MultiPolygon(site.shape.clone())) else {
            continue;
        };
        kept.push(Site {
            id: site.id,
            parcels: parcels.iter().map(|parcel| parcel.id.clone()).collect(),
            centre,
            area_m2: site.measures.net_area,
            capacity,
            compactness: site.measures.compactness,
            tenure: tenure(&parcels),
            price_usd_m2: price(&parcels),
            shape: site.shape,
            place: Place::default(),
        });
    }
    Ok((kept, dropped))
}

/// Sites drawn by hand: what must not be built on is cut out of them; their tenure and price are those stated, else those of the parcels
/// under them. An `Err` says why one of them is no site.
pub(super) fn drawn(
    inputs: &mut Inputs<'_>,
    scenario: &Scenario,
    drawn: &[DrawnSite<'_>],
) -> Result<Vec<std::result::Result<Site, &'static str>>> {
    let near: Vec<MultiPolygon<f64>> = drawn.iter().map(|plot| plot.shape.clone()).collect();
    let exclusions = cut_out::exclusions(inputs, scenario, &near)?;
    let shapes: Vec<&MultiPolygon<f64>> = drawn.iter().map(|plot| plot.shape).collect();
    let rules = rules(scenario);
    let cut = exclusions.cut_all(&shapes).into_iter().zip(drawn);
    cut.map(|(cut, plot)| {
        let mut site = site(cut, plot.id, &rules);
        if let Ok(site) = &mut site {
            let (tenure, price) = under::land(inputs, &site.shape)?;
            site.tenure = plot.tenure.unwrap_or(tenure);
            site.price_usd_m2 = plot.price_usd_m2.or(price);
        }
        Ok(site)
    })
    .collect()
}

fn site(cut: sites::Cut, id: &str, rules: &Rules) -> std::result::Result<Site, &'static str> {
    const NO_AREA: &str = "The drawn site has no area: draw at least three corners.";
    let left = match cut {
        sites::Cut::Left(left) => left,
        sites::Cut::Nothing => {
            return Err(
                "All of the drawn site lies where nothing may be built (water, protected land, road reserve or deep flood): draw it elsewhere.",
            );
        }
        sites::Cut::NoArea => return Err(NO_AREA),
    };
    let measures = sites::measure(&left, rules);
    let centre = representative_point(&Geometry::MultiPolygon(left.clone())).ok_or(NO_AREA)?;
    Ok(Site {
        id: id.to_owned(),
        parcels: Vec::new(),
        centre,
        area_m2: measures.net_area,
        capacity: u32::try_from(measures.capacity).unwrap_or(u32::MAX),
        compactness: measures.compactness,
        tenure: Tenure::Unknown,
        price_usd_m2: None,
        shape: left,
        place: Place::default(),
    })
}

fn tenures_of((group, tenures): (u32, &Vec<Tenure>)) -> impl Iterator<Item = (Tenure, u32)> {
    tenures.iter().map(move |&tenure| (tenure, group))
}

/// Parcels that can be had. An answer that is missing is no yes; how many there are of those is said.
fn available(inputs: &mut Inputs<'_>, scenario: &Scenario) -> Result<Vec<Available>> {
    let (mut parcels, mut all, mut not_known) = (Vec::new(), 0_usize, 0_usize);
    let layers = inputs.features(Role::Parcels, |feature| {
        all += 1;
        let answer = feature.text("available");
        not_known += usize::from(!matches!(answer, Some("yes" | "no")));
        let wanted = match answer {
            Some("yes") => true,
            Some("no") => false,
            _ => scenario.sites.take_unknown_availability,
        };
        if !wanted {
            return;
        }
        let tenure = feature
            .text("tenure")
            .and_then(Tenure::from_name)
            .unwrap_or(Tenure::Unknown);
        let price = feature.number("price_usd_m2");
        let id = feature.id;
        if let Some(shape) = feature.geometry.and_then(polygons) {
            parcels.push(Available {
                id,
                shape,
                tenure,
                price,
            });
        }
    })?;
    if layers == 0 || all == 0 {
        inputs.warn(Notice::NoParcels);
    } else if parcels.is_empty() {
        inputs.warn(Notice::NoAvailableParcels {
            parcels: all,
            silent: not_known,
        });
    }
    Ok(parcels)
}

fn rules(scenario: &Scenario) -> Rules {
    let s = &scenario.sites;
    Rules {
        gap: s.join_gap_m,
        plot_width: s.plot_width_m,
        plot_area: s.plot_width_m * s.plot_depth_m,
        circulation_share: s.circulation_share,
        ..Rules::default()
    }
}

/// The tenure that covers most of the area; of several that cover the same, the first of the domain's table.
fn tenure(parcels: &[&Available]) -> Tenure {
    let area_of = |tenure: Tenure| -> f64 {
        parcels
            .iter()
            .filter(|parcel| parcel.tenure == tenure)
            .map(|parcel| surface::area(&parcel.shape))
            .sum()
    };
    let mut best = (Tenure::Unknown, 0.0);
    for &tenure in Tenure::ALL {
        let area = area_of(tenure);
        if area > best.1 {
            best = (tenure, area);
        }
    }
    best.0
}

fn price(parcels: &[&Available]) -> Option<f64> {
    let (mut area, mut cost) = (0.0, 0.0);
    for parcel in parcels {
        let of_parcel = surface::area(&parcel.shape);
        area += of_parcel;
        cost += of_parcel * parcel.price?;
    }
    (area > 0.0).then(|| cost / area)
}

fn reason(reason: DropReason) -> String {
    match reason {
        DropReason::NoArea => "The parcel has no area.".into(),
        DropReason::Excluded => "All of it lies where nothing may be built.".into(),
        DropReason::TooSmall { net_area } => format!("Not one plot fits in its {net_area:.0} m²."),
        DropReason::TooThin { width } => format!("It is {width:.1} m wide at the most, too thin for a plot."),
    }
}

/// The polygons of a geometry; `None` for one that has none.
pub(super) fn polygons(geometry: Geometry<f64>) -> Option<MultiPolygon<f64>> {
    match geometry {
        Geometry::Polygon(polygon) => Some(MultiPolygon::new(vec![polygon])),
        Geometry::MultiPolygon(parts) => Some(parts),
        _ => None,
    }
}
