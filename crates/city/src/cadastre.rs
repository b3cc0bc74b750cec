//! What the cadastre says of each plot: tenure, use, price, and whether it could be had.

use std::collections::HashMap;

use geo::Polygon;

use crate::draw::{Draw, Part, noise};
use crate::fabric::{Density, Sangkats};
use crate::model::{Known, LandUse, Parcel, Tenure};
use crate::parcels::Quarter;
use crate::plots::{Grain, Plot};
use crate::shape::{in_polygon, polygon, ring_centroid};

/// Turns plots into parcels.
pub(crate) fn generate(
    quarters: &[Quarter],
    density: &Density<'_>,
    sangkats: &Sangkats<'_>,
    filled: &Polygon<f64>,
    seed: u64,
) -> Vec<Parcel> {
    let mut serials: HashMap<Option<usize>, u32> = HashMap::new();
    let mut parcels = Vec::new();
    for quarter in quarters {
        let mut draw = Draw::new(seed, Part::Fabric, (3 << 32) | quarter.item);
        let filled = in_polygon(filled, quarter.centre);
        let usual = tenure(quarter, filled, &mut draw);
        let offer = offer(quarter, filled, &mut draw);
        let mut guess = sangkats.find(quarter.centre, None);
        for plot in &quarter.plots {
            let centre = ring_centroid(&plot.ring);
            let sangkat = sangkats.find(centre, guess);
            guess = sangkat.or(guess);
            let own = if draw.chance(0.12) {
                tenure(quarter, filled, &mut draw)
            } else {
                usual
            };
            let offered = offer.as_ref().filter(|offer| offer.holds(plot));
            let tenure = offered.map_or(own, |offer| offer.tenure);
            let code = sangkat.map(|index| sangkats.get(index).code.clone());
            let serial = serials.entry(sangkat).or_default();
            *serial += 1;
            parcels.push(Parcel {
                parcel_id: format!("{}-{serial:06}", code.as_deref().unwrap_or("000000")),
                sangkat: code,
                tenure,
                land_use: land_use(quarter, tenure, filled, offered.is_some(), &mut draw),
                available: match offered {
                    Some(_) => Known::Yes,
                    None => draw.weighted(&[(Known::No, 0.8), (Known::Unknown, 0.2)]),
                },
                price_usd_m2: price(
                    quarter,
                    density.centre_distance(centre),
                    noise(seed ^ 0x61, centre.x, centre.y, 1200.0),
                    &mut draw,
                ),
                geometry: polygon(&plot.ring),
            });
        }
    }
    parcels
}

/// A group of adjoining plots of one tenure that could be had.
struct Offer {
    tenure: Tenure,
    rows: std::ops::Range<usize>,
    columns: std::ops::Range<usize>,
}

impl Offer {
    fn holds(&self, plot: &Plot) -> bool {
        self.rows.contains(&plot.row) && self.columns.contains(&plot.column)
    }
}

/// Land on offer in a block, if any: seldom in the old town, often where families were moved before.
fn offer(quarter: &Quarter, filled: bool, draw: &mut Draw) -> Option<Offer> {
    let (likely, columns) = match quarter.grain {
        _ if quarter.relocation => (0.85, 6),
        _ if filled => (0.3, 4),
        Grain::Shophouse => (0.06, 14),
        Grain::Villa => (0.08, 8),
        Grain::Compound | Grain::Estate => (0.12, 4),
        Grain::Field => (0.14, 3),
    };
    if !draw.chance(likely) {
        return None;
    }
    let corner = draw.pick(&quarter.plots).clone();
    let (wide, deep) = (draw.whole(1, columns) as usize, draw.whole(1, 2) as usize);
    let tenure = if quarter.relocation {
        draw.weighted(&[
            (Tenure::StatePrivate, 0.5),
            (Tenure::SocialLandConcession, 0.4),
            (Tenure::SoftTitle, 0.1),
        ])
    } else {
        draw.weighted(&[
            (Tenure::StatePrivate, 0.22),
            (Tenure::HardTitle, 0.33),
            (Tenure::SoftTitle, 0.27),
            (Tenure::StatePublic, 0.06),
            (Tenure::SocialLandConcession, 0.05),
            (Tenure::Monastery, 0.03),
            (Tenure::Unknown, 0.04),
        ])
    };
    let rows = corner.row..corner.row + deep;
    Some(Offer {
        tenure,
        rows,
        columns: corner.column..corner.column + wide,
    })
}

fn tenure(quarter: &Quarter, filled: bool, draw: &mut Draw) -> Tenure {
    use Tenure::{HardTitle, Monastery, SocialLandConcession, SoftTitle, StatePrivate, StatePublic, Unknown};
    let shares: [f64; 7] = match quarter.grain {
        _ if filled => [0.05, 0.15, 0.75, 0.0, 0.0, 0.0, 0.05],
        _ if quarter.relocation => [0.05, 0.42, 0.05, 0.08, 0.36, 0.0, 0.04],
        Grain::Shophouse => [0.04, 0.02, 0.60, 0.26, 0.01, 0.01, 0.06],
        Grain::Villa => [0.05, 0.03, 0.52, 0.31, 0.01, 0.01, 0.07],
        Grain::Compound | Grain::Estate => [0.14, 0.10, 0.42, 0.19, 0.02, 0.05, 0.08],
        Grain::Field => [0.08, 0.11, 0.24, 0.46, 0.02, 0.01, 0.08],
    };
    let terms = [
        StatePublic,
        StatePrivate,
        HardTitle,
        SoftTitle,
        SocialLandConcession,
        Monastery,
        Unknown,
    ];
    let weights: [(Tenure, f64); 7] = std::array::from_fn(|k| (terms[k], shares[k]));
    draw.weighted(&weights)
}

fn land_use(quarter: &Quarter, tenure: Tenure, filled: bool, offered: bool, draw: &mut Draw) -> LandUse {
    use LandUse::{Agricultural, Commercial, Industrial, Mixed, Public, Religious, Residential, Vacant};
    let field = quarter.grain == Grain::Field;
    match tenure {
        _ if offered || filled => {
            draw.weighted(&[(Vacant, 0.8), (if field { Agricultural } else { Vacant }, 0.2)])
        }
        Tenure::Monastery => Religious,
        Tenure::StatePublic if !field => draw.weighted(&[(Public, 0.8), (Vacant, 0.1), (Residential, 0.1)]),
        _ => draw.weighted(match quarter.grain {
            Grain::Shophouse => &[
                (Mixed, 0.45),
                (Residential, 0.45),
                (Commercial, 0.08),
                (Vacant, 0.02),
            ],
            Grain::Villa => &[
                (Residential, 0.8),
                (Commercial, 0.08),
                (Mixed, 0.05),
                (Vacant, 0.07),
            ],
            Grain::Compound | Grain::Estate => &[
                (Residential, 0.42),
                (Commercial, 0.2),
                (Industrial, 0.12),
                (Vacant, 0.16),
                (Agricultural, 0.1),
            ],
            Grain::Field => &[
                (Agricultural, 0.78),
                (Vacant, 0.14),
                (Residential, 0.05),
                (Industrial, 0.03),
            ],
        }),
    }
}

/// Asking price in whole US$ per m²: falls with the distance from the centre, wavers by quarter and by plot.
fn price(quarter: &Quarter, centre_distance_m: f64, quarter_noise: f64, draw: &mut Draw) -> Option<f64> {
    let known = draw.chance(0.9);
    let d = centre_distance_m / 2_600.0;
    let by_grain = match quarter.grain {
        Grain::Shophouse => 1.0,
        Grain::Villa => 0.9,
        Grain::Compound => 0.8,
        Grain::Estate => 0.6,
        Grain::Field => 0.35,
    };
    let usual = (12.0 + 3_900.0 / (1.0 + d * d)) * by_grain;
    let price = usual * (1.0 + 0.25 * quarter_noise) * draw.between(0.85, 1.15);
    known.then(|| price.round().max(3.0))
}
