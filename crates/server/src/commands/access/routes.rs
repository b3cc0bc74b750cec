//! `phteah access --routes`: the ways themselves, as lines for a map.

use std::path::Path;

use geo::Geometry;
use phteah_geoproc::access::Travel;
use phteah_geoproc::network::Snap;
use phteah_geoproc::route::Route;
use rayon::prelude::*;

use super::{Access, Travelled};
use crate::commands::CommandError;
use crate::commands::analyst::table::Format;
use crate::commands::analyst::ways::Ways;
use crate::commands::analyst::{Column, Features, Problems, Table};

/// A line needs a format that has lines; asked before any work is done.
pub(super) fn check(path: &Path) -> Result<(), CommandError> {
    match Format::of(path)? {
        Format::Csv => Err(CommandError::Usage(format!(
            "{}: a route is a line, which a .csv cannot hold: use .geojson, .gpkg, .fgb or .parquet.",
            path.display()
        ))),
        Format::Parquet | Format::Spatial => Ok(()),
    }
}

/// One way, with what it leads from and to.
struct Drawn<'a> {
    feature: &'a str,
    state: String,
    kind: &'a str,
    service: &'a str,
    route: Route,
}

pub(super) fn write(
    args: &Access,
    out: &Path,
    features: &Features,
    ways: &Ways,
    snapped: &[Option<Snap>],
    travelled: &[Travelled<'_>],
) -> Result<(), CommandError> {
    let mut drawn: Vec<Drawn<'_>> = Vec::new();
    for (flood, state) in ways.floods.iter().enumerate() {
        let travel = Travel::new(&ways.network, ways.mode, &state.closed);
        for way in travelled.iter().filter(|way| way.flood == flood) {
            let draw = |row: usize| {
                let service = way.nearest[row].journey()?.service;
                let route = travel.route(&snapped[row]?, &way.kind.snaps[service]?)?;
                Some(Drawn {
                    feature: &features.ids[row],
                    state: state.name(),
                    kind: &way.kind.name,
                    service: &way.kind.ids[service],
                    route,
                })
            };
            drawn.par_extend((0..features.len()).into_par_iter().filter_map(draw));
        }
    }
    let lines = Features {
        file: features.file.clone(),
        id_name: "id".to_owned(),
        crs: ways.crs.clone(),
        ids: (1..=drawn.len()).map(|number| number.to_string()).collect(),
        shapes: drawn
            .iter()
            .map(|way| Some(Geometry::LineString(way.route.line.clone())))
            .collect(),
        problems: Problems::default(),
    };
    let columns = vec![
        Column::text("feature", |row| Some(drawn[row].feature)),
        Column::text("roads", |row| Some(drawn[row].state.as_str())),
        Column::text("kind", |row| Some(drawn[row].kind)),
        Column::text("service", |row| Some(drawn[row].service)),
        Column::number("minutes", "min", |row| Some(drawn[row].route.minutes)),
        Column::number("metres", "m", |row| Some(drawn[row].route.metres)),
    ];
    Table {
        features: &lines,
        columns,
        name: "routes",
        conventions: args.ways.conventions(&ways.crs),
    }
    .write(out, &args.features)
}
