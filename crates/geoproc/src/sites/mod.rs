//! Candidate sites: available parcels cut, joined and sized.
//!
//! 1. *Cut*: what must not be built on is taken out of every parcel.
//! 2. *Join*: what is left of parcels of one tenure group joins where it adjoins; a group of pieces larger
//!    than the limit is divided along parcel boundaries.
//! 3. *Size*: net area, compactness and capacity ([`measure`]); what is too small or too thin for a plot is dropped,
//!    saying so.
//!
//! Ids do not depend on the order of the input and name their parcels: the smallest parcel id, a hash of all of them,
//! and a number that tells sites of the same parcels apart.

mod adjoin;
mod cut;
mod deep;
mod divide;
mod inscribed;
mod measure;
mod reserve;

use std::collections::HashMap;

use geo::{MultiPolygon, Polygon, unary_union};
use rayon::prelude::*;

use crate::surface;
use adjoin::Adjoining;

pub use cut::{Cut, Exclusions};
pub use deep::deeper_land;
pub use measure::{SiteMeasures, measure};
pub use reserve::road_reserve;

/// An available parcel.
#[derive(Debug, Clone, Copy)]
pub struct Parcel<'a> {
    /// Its id, unique among the parcels.
    pub id: &'a str,
    /// Parcels join within a group alone: the caller's number for compatible tenure.
    pub group: u32,
    /// Its shape.
    pub shape: &'a MultiPolygon<f64>,
}

/// How sites are made. Lengths in metres, areas in square metres.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rules {
    /// The widest gap that parcels may join across, such as a ditch or a path.
    pub gap: f64,
    /// The least length along which parcels must adjoin; a shared corner is no way from one to the other.
    pub frontage: f64,
    /// Width of a plot: a site in which no circle of this diameter fits is too thin.
    pub plot_width: f64,
    /// Area of a plot.
    pub plot_area: f64,
    /// Share of the net area that goes to lanes and drains, 0 to below 1.
    pub circulation_share: f64,
    /// Adjoining parcels join up to this net area; a single parcel may be larger.
    pub max_area: f64,
}

impl Default for Rules {
    /// Plots of 4 × 12 m, 35 % for circulation, gaps up to half a metre, sites up to 10 ha.
    fn default() -> Self {
        Self {
            gap: 0.5,
            frontage: 2.0,
            plot_width: 4.0,
            plot_area: 48.0,
            circulation_share: 0.35,
            max_area: 100_000.0,
        }
    }
}

/// A rule that no sites can be made by.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("{name} is {value}; give a finite number {expected}")]
pub struct RulesError {
    /// Which rule.
    pub name: &'static str,
    /// Its value.
    pub value: f64,
    /// What it should be.
    pub expected: &'static str,
}

impl Rules {
    /// Everything that is wrong with the rules.
    pub fn problems(&self) -> Vec<RulesError> {
        let positive = |v: f64| v > 0.0;
        let not_negative = |v: f64| v >= 0.0;
        let rows = [
            ("gap", self.gap, "of 0 m or more", not_negative(self.gap)),
            (
                "frontage",
                self.frontage,
                "of 0 m or more",
                not_negative(self.frontage),
            ),
            (
                "plot_width",
                self.plot_width,
                "of more than 0 m",
                positive(self.plot_width),
            ),
            (
                "plot_area",
                self.plot_area,
                "of more than 0 m²",
                positive(self.plot_area),
            ),
            (
                "circulation_share",
                self.circulation_share,
                "from 0 to below 1",
                (0.0..1.0).contains(&self.circulation_share),
            ),
            (
                "max_area",
                self.max_area,
                "of more than 0 m²",
                positive(self.max_area),
            ),
        ];
        let bad = rows
            .into_iter()
            .filter(|&(_, value, _, fits)| !(value.is_finite() && fits));
        bad.map(|(name, value, expected, _)| RulesError {
            name,
            value,
            expected,
        })
        .collect()
    }
}

/// A candidate site.
#[derive(Debug, Clone, PartialEq)]
pub struct Site {
    /// Stable id.
    pub id: String,
    /// Its parcels as indices into the input, by ascending parcel id.
    pub parcels: Vec<usize>,
    /// Tenure group of its parcels.
    pub group: u32,
    /// What may be built on.
    pub shape: MultiPolygon<f64>,
    /// Its size.
    pub measures: SiteMeasures,
}

/// Land that became no site.
#[derive(Debug, Clone, PartialEq)]
pub struct Dropped {
    /// Its parcels as indices into the input, by ascending parcel id.
    pub parcels: Vec<usize>,
    /// Why.
    pub reason: DropReason,
}

/// Why land became no site.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum DropReason {
    /// The parcel has no area, or a coordinate that is not a number.
    NoArea,
    /// The exclusions leave nothing of it.
    Excluded,
    /// Not one plot fits its net area, in m².
    TooSmall {
        /// What is left after the exclusions.
        net_area: f64,
    },
    /// No circle as wide as a plot fits.
    TooThin {
        /// Diameter of the largest circle that fits, in metres, to a fiftieth of a plot's width.
        width: f64,
    },
}

/// All sites by ascending id, and what became none.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Assembly {
    /// The sites.
    pub sites: Vec<Site>,
    /// What was dropped.
    pub dropped: Vec<Dropped>,
}

/// A connected part of what the exclusions leave of a parcel.
struct Piece {
    parcel: usize,
    shape: Polygon<f64>,
    area: f64,
}

/// Makes candidate sites of available parcels.
pub fn assemble(
    parcels: &[Parcel],
    exclusions: &Exclusions,
    rules: &Rules,
) -> Result<Assembly, Vec<RulesError>> {
    let problems = rules.problems();
    if !problems.is_empty() {
        return Err(problems);
    }
    let mut order: Vec<usize> = (0..parcels.len()).collect();
    order.sort_by_key(|&parcel| (parcels[parcel].id, parcel));

    let shapes: Vec<&MultiPolygon<f64>> = order.iter().map(|&parcel| parcels[parcel].shape).collect();
    let mut assembly = Assembly::default();
    let mut pieces: Vec<Piece> = Vec::new();
    for (&parcel, cut) in order.iter().zip(exclusions.cut_all(&shapes)) {
        let reason = match cut {
            Cut::NoArea => DropReason::NoArea,
            Cut::Nothing => DropReason::Excluded,
            Cut::Left(left) => {
                pieces.extend(left.0.into_iter().map(|shape| Piece {
                    parcel,
                    area: surface::area(&shape),
                    shape,
                }));
                continue;
            }
        };
        assembly.dropped.push(Dropped {
            parcels: vec![parcel],
            reason,
        });
    }

    let adjoining = Adjoining::new(&pieces, |piece| parcels[piece.parcel].group, rules);
    let groups = divide::divide(&pieces, &adjoining, rules.max_area);
    let sized: Vec<Result<Site, Dropped>> = groups
        .par_iter()
        .map(|members| size(members, &pieces, parcels, rules))
        .collect();
    for result in sized {
        match result {
            Ok(site) => assembly.sites.push(site),
            Err(dropped) => assembly.dropped.push(dropped),
        }
    }
    number(&mut assembly.sites);
    Ok(assembly)
}

/// Joins pieces into one site, or tells why they make none.
fn size(members: &[u32], pieces: &[Piece], parcels: &[Parcel], rules: &Rules) -> Result<Site, Dropped> {
    let members: Vec<&Piece> = members.iter().map(|&piece| &pieces[piece as usize]).collect();
    // Pieces are in the order of their parcels' ids.
    let mut used: Vec<usize> = members.iter().map(|piece| piece.parcel).collect();
    used.dedup();
    let shape = match members.as_slice() {
        [single] => MultiPolygon::new(vec![single.shape.clone()]),
        several => unary_union(several.iter().map(|piece| &piece.shape)),
    };
    let measures = measure(&shape, rules);
    let dropped = |reason| {
        Err(Dropped {
            parcels: used.clone(),
            reason,
        })
    };
    if measures.capacity == 0 {
        return dropped(DropReason::TooSmall {
            net_area: measures.net_area,
        });
    }
    let width = inscribed::width_up_to(&shape, rules.plot_width);
    if width < rules.plot_width {
        return dropped(DropReason::TooThin { width });
    }
    let ids: Vec<&str> = used.iter().map(|&parcel| parcels[parcel].id).collect();
    let id = format!("{}-{:08x}", ids[0], hash(&ids));
    Ok(Site {
        id,
        group: parcels[used[0]].group,
        parcels: used,
        shape,
        measures,
    })
}

/// Numbers the sites of the same parcels, the largest first, and sorts all by id.
fn number(sites: &mut [Site]) {
    let corner = |site: &Site| surface::bounds(&site.shape).map_or((0.0, 0.0), |b| (b.min().x, b.min().y));
    sites.sort_by(|a, b| {
        let ((ax, ay), (bx, by)) = (corner(a), corner(b));
        let by_area = b.measures.net_area.total_cmp(&a.measures.net_area);
        a.id.cmp(&b.id)
            .then(by_area)
            .then(ax.total_cmp(&bx))
            .then(ay.total_cmp(&by))
    });
    let mut numbers: HashMap<String, usize> = HashMap::new();
    for site in sites.iter_mut() {
        let number = numbers.entry(site.id.clone()).or_default();
        *number += 1;
        site.id = format!("{}-{number}", site.id);
    }
    sites.sort_by(|a, b| a.id.cmp(&b.id));
}

/// FNV-1a over the ids, folded to 32 bits: tells sets of parcels apart, guards nothing.
fn hash(ids: &[&str]) -> u32 {
    // A byte that no UTF-8 text holds ends every id.
    let bytes = ids.iter().flat_map(|id| id.bytes().chain([0xff]));
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    (hash >> 32) as u32 ^ hash as u32
}
