//! All sites with all values at once, by column: what the map needs to add up weights by itself.

use std::collections::BTreeMap;

use phteah_layers::measures::{DivisionName, Place};
use phteah_planning::decision::RankedCriterion;
use phteah_planning::matrix::Cell;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Text, rounded, square_metres};
use crate::ranking::{RankedSites, tile::standing};

/// Decimals of values, bounds and scores: sums of them settle ties as the server does.
const DECIMALS: i32 = 9;

/// The matrix; every list is by row.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Matrix {
    /// Ids of the criteria.
    pub criteria: Vec<String>,
    /// The sites.
    pub sites: MatrixSites,
    /// Per criterion, per site: 0 worst to 1 best; null is unknown.
    pub value: Vec<Vec<Option<f64>>>,
    /// Per criterion: `[row, lowest, highest]` value of every site that is known between bounds only, by row. A value of null
    /// is open over the whole of `range`.
    pub bounds: Vec<Vec<(u32, f64, f64)>>,
    /// Per criterion: the lowest and highest value that an unknown measure may turn out to have: what its value function can
    /// give, and 0 where there may be no way at all.
    pub range: Vec<(f64, f64)>,
    /// Per criterion, per site: the raw number, null where it is unknown, a category, or holds for a part of the households alone.
    pub raw: Vec<Vec<Option<f64>>>,
    /// Per site: 0 ranked, 1 excluded, 2 not known whether excluded.
    pub excluded: Vec<u8>,
    /// Per site: rank.
    pub rank: Vec<Option<u32>>,
    /// Per site: score.
    pub score: Vec<Option<f64>>,
    /// Per criterion: whether no layer is loaded for it. Such a criterion makes no site too little known.
    pub without_layer: Vec<bool>,
    /// Names of every khan and sangkat in `sites`, by code.
    pub places: BTreeMap<String, Text>,
    /// What people call the sites that lie in no known khan, by their row: *1.2 km north-east of Prey Sa*.
    pub elsewhere: BTreeMap<u32, Text>,
}

/// The sites of the matrix, by column.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct MatrixSites {
    /// Ids.
    pub id: Vec<String>,
    /// Longitudes, degrees.
    pub lon: Vec<f64>,
    /// Latitudes, degrees.
    pub lat: Vec<f64>,
    /// Net areas, square metres.
    pub area_m2: Vec<f64>,
    /// Capacities, households.
    pub capacity: Vec<u32>,
    /// Codes of khans.
    pub khan: Vec<Option<String>>,
    /// Codes of sangkats.
    pub sangkat: Vec<Option<String>>,
    /// Numbers within the sangkat, or else the khan, or else the city. With the name of that they make what people call a
    /// site: *Chbar Ampov Ti Muoy 3*.
    pub number: Vec<u32>,
}

impl From<&RankedSites> for Matrix {
    fn from(ranked: &RankedSites) -> Self {
        let (ranking, sites) = (&ranked.ranking, &ranked.measured.sites);
        let rows = 0..ranking.ids.len();
        let codes = |division: fn(&Place) -> Option<&DivisionName>| {
            sites
                .iter()
                .map(|site| division(&site.place).map(|division| division.code.clone()))
                .collect()
        };
        Self {
            criteria: ranking
                .criteria
                .iter()
                .map(|criterion| criterion.id.clone())
                .collect(),
            sites: MatrixSites {
                id: ranking.ids.clone(),
                lon: rows
                    .clone()
                    .map(|row| rounded(ranked.position(row).0, 6))
                    .collect(),
                lat: rows
                    .clone()
                    .map(|row| rounded(ranked.position(row).1, 6))
                    .collect(),
                area_m2: sites.iter().map(|site| square_metres(site.area_m2)).collect(),
                capacity: sites.iter().map(|site| site.capacity).collect(),
                khan: codes(|place| place.khan.as_ref()),
                sangkat: codes(|place| place.sangkat.as_ref()),
                number: sites.iter().map(|site| site.place.number).collect(),
            },
            value: ranking
                .criteria
                .iter()
                .map(|criterion| {
                    rows.clone()
                        .map(|row| criterion.value(row).map(|v| rounded(v, DECIMALS)))
                        .collect()
                })
                .collect(),
            bounds: ranking
                .criteria
                .iter()
                .map(|criterion| bounds(criterion, rows.clone()))
                .collect(),
            range: ranking
                .criteria
                .iter()
                .map(|criterion| {
                    let (low, high) = criterion.open();
                    (rounded(low, DECIMALS), rounded(high, DECIMALS))
                })
                .collect(),
            raw: ranking
                .criteria
                .iter()
                .map(|criterion| {
                    let raw = |row: usize| match criterion.raw(row) {
                        // A number that holds for some alone is not worth what the value function says.
                        Cell::Known(_) if criterion.reached_share(row) < 1.0 => None,
                        Cell::Known(number) => Some(rounded(number, 4)),
                        Cell::Interval(..) | Cell::Category(_) | Cell::Unknown(_) => None,
                    };
                    rows.clone().map(raw).collect()
                })
                .collect(),
            excluded: ranking
                .status
                .iter()
                .map(|&status| standing(status) as u8)
                .collect(),
            rank: ranking.rank.clone(),
            score: ranking
                .score
                .iter()
                .map(|score| score.map(|s| rounded(s, DECIMALS)))
                .collect(),
            without_layer: ranking
                .criteria
                .iter()
                .map(|criterion| criterion.without_layer)
                .collect(),
            places: sites
                .iter()
                .flat_map(|site| [&site.place.khan, &site.place.sangkat])
                .flatten()
                .map(|division| (division.code.clone(), (&division.name).into()))
                .collect(),
            elsewhere: (0_u32..)
                .zip(sites)
                .filter(|(_, site)| site.place.sangkat.is_none() && site.place.khan.is_none())
                .map(|(row, site)| (row, (&site.place.label()).into()))
                .collect(),
        }
    }
}

/// The rows of which something is known, but no exact value.
fn bounds(criterion: &RankedCriterion, rows: std::ops::Range<usize>) -> Vec<(u32, f64, f64)> {
    rows.filter(|&row| criterion.value(row).is_some())
        .map(|row| (row, criterion.value_bounds(row)))
        .filter(|(_, (low, high))| low < high)
        .map(|(row, (low, high))| (row as u32, rounded(low, DECIMALS), rounded(high, DECIMALS)))
        .collect()
}
