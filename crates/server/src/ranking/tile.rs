//! Tiles of ranked sites.

use phteah_layers::{Catalogue, LayersError};
use phteah_planning::decision::RowStatus;

use super::RankedSites;
use crate::tiles::generalise::Outline;
use crate::tiles::grid::TileId;
use crate::tiles::mvt::Value;
use crate::tiles::plane::Plane;
use crate::tiles::vector::{self, Small, TileFeature};

/// Name of the tile layer.
pub const LAYER: &str = "sites";

/// Decimals of values and scores in tiles: colours need no more, and equal values share one entry.
const DECIMALS: f64 = 1000.0;

/// Names of the value properties, `v0` for the first criterion.
fn value_names(criteria: usize) -> Vec<String> {
    (0..criteria).map(|n| format!("v{n}")).collect()
}

/// Makes a tile: gzipped MVT, no bytes where there is no site. The best-ranked site wins where there is room for one.
pub fn make(ranked: &RankedSites, catalogue: &Catalogue, tile: TileId) -> Result<Vec<u8>, LayersError> {
    let plane = Plane::of(&catalogue.crs()?)?;
    let area = tile.window(&plane);
    let ranking = &ranked.ranking;
    let names = value_names(ranking.criteria.len());
    let mut features = Vec::new();
    for &row in &ranking.order {
        let index = row as usize;
        if !meets(ranked.bounds(index), area) {
            continue;
        }
        let geometry = geo::Geometry::MultiPolygon(ranked.site(index).shape.clone());
        let Some(outline) = Outline::project(&geometry, &|x, y| tile.project(&plane, x, y)) else {
            continue;
        };
        let mut attributes = Vec::with_capacity(5 + names.len());
        attributes.push(("i", Value::Integer(i64::from(row))));
        attributes.push(("id", Value::Text(ranking.ids[index].clone())));
        let x = if ranking.too_little_known(index) {
            TOO_LITTLE_KNOWN
        } else {
            standing(ranking.status[index])
        };
        attributes.push(("x", Value::Integer(x)));
        if let Some(score) = ranking.score[index] {
            attributes.push(("s", coarse(score)));
        }
        if let Some(rank) = ranking.rank[index] {
            attributes.push(("r", Value::Integer(i64::from(rank))));
        }
        for (name, criterion) in names.iter().zip(&ranking.criteria) {
            if let Some(value) = criterion.value(index) {
                attributes.push((name.as_str(), coarse(value)));
            }
        }
        features.push(TileFeature {
            id: Some(u64::from(row)),
            outline,
            attributes,
        });
    }
    vector::build(LAYER, &features, tile.zoom(), Small::Mark).map_err(|source| LayersError::Io {
        doing: "encoding a tile".into(),
        source,
    })
}

/// How a site stands that has no rank because too little is known of it.
const TOO_LITTLE_KNOWN: i64 = 3;

/// 0 ranked, 1 excluded, 2 not known whether excluded.
pub fn standing(status: RowStatus) -> i64 {
    match status {
        RowStatus::Ranked => 0,
        RowStatus::Excluded => 1,
        RowStatus::ExclusionUnknown => 2,
    }
}

fn coarse(value: f64) -> Value {
    Value::Coarse(((value * DECIMALS).round() / DECIMALS) as f32)
}

fn meets([west, south, east, north]: [f64; 4], area: crate::tiles::grid::Window) -> bool {
    west <= area.max_x && east >= area.min_x && south <= area.max_y && north >= area.min_y
}
