//! `phteah exposure`: how deep every feature lies under water at each return period, and per year.

use std::path::PathBuf;

use clap::Args;
use phteah_geoproc::annual;
use phteah_geoproc::exposure::{Bounds, Exposure as Exposed, exposure};
use phteah_geoproc::grid::Raster;
use phteah_layers::Progress;

use super::analyst::depth::{self, Depth};
use super::analyst::features::{Area, ground};
use super::analyst::table::Format;
use super::analyst::{Column, Features, Table};
use super::progress::Shown;
use super::{CommandError, say, tell};

/// `phteah exposure`.
#[derive(Debug, Args)]
pub struct Exposure {
    /// Polygons, or points, in any format and CRS; a point has the depth of the cell in which it lies
    pub features: PathBuf,
    /// A flood depth raster and its annual return period; repeat it for each
    #[arg(long, value_name = "YEARS=RASTER", required = true)]
    pub hazard: Vec<String>,
    /// Depth in metres beyond which land counts as flooded deep
    #[arg(long, value_name = "METRES", default_value_t = 0.3)]
    pub deeper_than: f64,
    /// Column that holds the features' ids [default: one called id, else their number]
    #[arg(long, value_name = "FIELD")]
    pub id: Option<String>,
    /// Where to write: .csv, .geojson, .gpkg, .fgb or .parquet
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}

pub(super) fn run(args: &Exposure) -> Result<(), CommandError> {
    Format::of(&args.out)?;
    if !args.deeper_than.is_finite() || args.deeper_than < 0.0 {
        return Err(CommandError::Usage(format!(
            "--deeper-than is {}: give a depth in metres of 0 or more.",
            args.deeper_than
        )));
    }
    let depths = depth::parse(&args.hazard, "--hazard")?;
    let periods: Vec<f64> = depths
        .iter()
        .map(|depth| f64::from(depth.return_period))
        .collect();
    let weights = annual::weights(&periods).map_err(|error| CommandError::Usage(error.to_string()))?;
    let mut progress = Shown::on_stderr();
    progress.start("Reading features", None);
    let features = Features::read(&args.features, args.id.as_deref(), ground)?;
    progress.start("Measuring depths", None);
    let exposed = measure(&features, &depths, args.deeper_than)?;
    progress.start("Writing", None);
    Table {
        columns: columns(&depths, &exposed, &weights),
        name: "exposure",
        conventions: vec![
            ("deeper_than_m".into(), args.deeper_than.to_string()),
            ("annual".into(), annual::CONVENTIONS.into()),
            ("bounds".into(), BOUNDS.into()),
        ],
        features: &features,
    }
    .write(&args.out, &args.features)?;
    progress.finish();

    features.problems.tell();
    depths.iter().flat_map(Depth::remarks).for_each(tell);
    let rows = 0..features.len();
    let unknown = rows
        .clone()
        .filter(|&row| exposed.iter().any(|raster| raster[row].known.is_none()))
        .count();
    let partly = rows
        .filter(|&row| {
            exposed
                .iter()
                .any(|raster| (1e-300..1.0).contains(&raster[row].known_share))
        })
        .count();
    say(format!(
        "{} features: {unknown} unknown at one return period or more, {partly} known in part, {} with something wrong. Written to {}.",
        features.len(),
        features.problems.count(),
        args.out.display()
    ));
    say(format!("Annual figures: {}.", annual::CONVENTIONS));
    say(format!("Lowest and highest: {BOUNDS}."));
    // The program ends here: giving millions of polygons back to the system one by one would take longer than measuring some of them.
    std::mem::forget((features, exposed));
    Ok(())
}

/// What the bounds of a feature that is known in part mean.
const BOUNDS: &str = "where the known share is below one, the unknown part taken as dry, and as deep as the deepest part seen of the feature";

/// `result[raster][feature]`; rasters of one CRS are taken together, so that those of one grid share their coverage.
fn measure(
    features: &Features,
    depths: &[Depth],
    deeper_than: f64,
) -> Result<Vec<Vec<Exposed>>, CommandError> {
    let mut measured: Vec<Vec<Exposed>> = vec![Vec::new(); depths.len()];
    for first in 0..depths.len() {
        if !measured[first].is_empty() {
            continue;
        }
        let same: Vec<usize> = (first..depths.len())
            .filter(|&other| depths[other].crs == depths[first].crs)
            .collect();
        let shapes = features.shapes_in(&depths[first].crs)?;
        let areas: Vec<Area> = shapes.iter().map(|shape| Area(shape.as_ref())).collect();
        let rasters: Vec<&dyn Raster> = same
            .iter()
            .map(|&raster| &depths[raster] as &dyn Raster)
            .collect();
        let results =
            exposure(&areas, &rasters, deeper_than).map_err(|error| refused(&error, &same, depths))?;
        for (raster, result) in same.into_iter().zip(results) {
            measured[raster] = result;
        }
    }
    Ok(measured)
}

/// The engine counts rasters, people name them.
fn refused(
    error: &phteah_geoproc::exposure::ExposureError,
    same: &[usize],
    depths: &[Depth],
) -> CommandError {
    use phteah_geoproc::exposure::ExposureError as E;
    let file = |raster: usize| depths[same[raster]].file.as_str();
    CommandError::Refused(match error {
        E::Grid { raster, cause } => format!("{}: {cause}", file(*raster)),
        E::Read(read) => format!(
            "{}: {} Check or fetch the file again.",
            file(read.raster),
            read.cause
        ),
        E::TooManyFeatures(_) => error.to_string(),
    })
}

/// One end of what a year brings.
type End = fn(&Exposed) -> Option<f64>;

fn columns<'a>(depths: &'a [Depth], exposed: &'a [Vec<Exposed>], weights: &'a [f64]) -> Vec<Column<'a>> {
    let mut columns = Vec::new();
    for (depth, raster) in depths.iter().zip(exposed) {
        let name = |measure: &str| format!("rp{}_{measure}", depth.return_period);
        columns.push(Column::number(name("mean"), "m", |row| {
            Some(raster[row].known?.mean)
        }));
        columns.push(Column::number(name("max"), "m", |row| {
            Some(raster[row].known?.max)
        }));
        columns.push(Column::number(name("deeper_share"), "", |row| {
            Some(raster[row].known?.deeper_share)
        }));
        columns.push(Column::number(name("known_share"), "", |row| {
            Some(raster[row].known_share)
        }));
    }
    // The integral is linear: of the whole, of the least and of the most that each return period may be.
    let annual = move |measure: fn(&Exposed) -> Option<f64>| {
        move |row: usize| annual::expected(weights, exposed.iter().map(|raster| measure(&raster[row])))
    };
    columns.push(Column::number(
        "annual_depth",
        "m/year",
        annual(|e| Some(e.known?.mean)),
    ));
    columns.push(Column::number(
        "annual_share",
        "1/year",
        annual(|e| Some(e.known?.deeper_share)),
    ));

    let partly = |exposed: &Exposed| exposed.known_share < 1.0;
    for (depth, raster) in depths.iter().zip(exposed) {
        let bounds: [(&str, &str, Measured); 2] = [
            ("mean", "m", Exposed::mean_bounds),
            ("deeper_share", "", Exposed::deeper_share_bounds),
        ];
        for (measure, unit, of) in bounds {
            for (end, pick) in ENDS {
                let cell = move |row: usize| {
                    let exposed = Some(&raster[row]).filter(|exposed| partly(exposed))?;
                    of(exposed).map(pick)
                };
                columns.push(Column::number(
                    format!("rp{}_{measure}_{end}", depth.return_period),
                    unit,
                    cell,
                ));
            }
        }
    }
    let any_partly = move |row: usize| exposed.iter().any(|raster| partly(&raster[row]));
    let ends: [(&str, End); 4] = [
        ("annual_depth_lowest", |e| Some(e.mean_bounds()?.lowest)),
        ("annual_depth_highest", |e| Some(e.mean_bounds()?.highest)),
        ("annual_share_lowest", |e| Some(e.deeper_share_bounds()?.lowest)),
        ("annual_share_highest", |e| Some(e.deeper_share_bounds()?.highest)),
    ];
    for (name, measure) in ends {
        let unit = if name.contains("depth") {
            "m/year"
        } else {
            "1/year"
        };
        let whole = annual(measure);
        columns.push(Column::number(name, unit, move |row| {
            any_partly(row).then(|| whole(row)).flatten()
        }));
    }
    columns
}

type Measured = fn(&Exposed) -> Option<Bounds>;
type Pick = fn(Bounds) -> f64;

const ENDS: [(&str, Pick); 2] = [
    ("lowest", |bounds| bounds.lowest),
    ("highest", |bounds| bounds.highest),
];
