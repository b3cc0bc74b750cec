//! `phteah sites`: the candidate sites that a scenario makes of the available parcels, before they are judged.

mod drawn;

use std::path::PathBuf;

use clap::Args;
use geo::Geometry;
use phteah_layers::{Catalogue, Progress, measures};
use phteah_planning::scenario::Scenario;

use super::analyst::table::Format;
use super::analyst::{Column, Features, Problems, Table};
use super::progress::Shown;
use super::{CommandError, say, tell};
use crate::cli::Data;
use crate::scenarios;

/// How compactness is defined, told with every table of it.
const COMPACTNESS: &str = "Polsby-Popper: 4π × area ÷ perimeter², 1 for a circle";

/// `phteah sites`.
#[derive(Debug, Args)]
pub struct Sites {
    /// Where the layers are
    #[command(flatten)]
    pub data: Data,
    /// The scenario, a TOML file: its rules say how parcels become sites
    #[arg(long, value_name = "FILE")]
    pub scenario: PathBuf,
    /// Polygons drawn by hand, in any format and CRS: every measure that the scenario names is taken of each, instead of making sites of
    /// parcels
    #[arg(long, value_name = "FILE")]
    pub drawn: Option<PathBuf>,
    /// Column that holds the drawn polygons' ids [default: one called id, else their number]
    #[arg(long, value_name = "FIELD", requires = "drawn")]
    pub id: Option<String>,
    /// Where to write: .csv, .geojson, .gpkg, .fgb or .parquet
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}

pub(super) fn run(args: &Sites) -> Result<(), CommandError> {
    Format::of(&args.out)?;
    let catalogue = Catalogue::open(&args.data.dir)?;
    let scenario = scenarios::read(&args.scenario)?;
    match &args.drawn {
        Some(file) => drawn::run(args, file, &catalogue, &scenario)?,
        None => of_parcels(args, &catalogue, scenario)?,
    }
    if catalogue.is_illustrative() {
        say("Illustrative data: generated, not a survey of real places.");
    }
    Ok(())
}

fn of_parcels(args: &Sites, catalogue: &Catalogue, scenario: Scenario) -> Result<(), CommandError> {
    // Without criteria nothing is measured: only the rules for sites are followed.
    let scenario = Scenario {
        criteria: Vec::new(),
        exclusions: Vec::new(),
        ..scenario
    };
    let mut progress = Shown::on_stderr();
    let measured = measures::measure(catalogue, &scenario, &mut progress)?;
    let sites = &measured.sites;
    let features = Features {
        file: "sites".to_owned(),
        id_name: "id".to_owned(),
        crs: catalogue.crs()?,
        ids: sites.iter().map(|site| site.id.clone()).collect(),
        shapes: sites
            .iter()
            .map(|site| Some(Geometry::MultiPolygon(site.shape.clone())))
            .collect(),
        problems: Problems::default(),
    };
    let parcels: Vec<String> = sites.iter().map(|site| site.parcels.join(" ")).collect();
    let columns = vec![
        Column::number("net_area_m2", "m²", |row| Some(sites[row].area_m2)),
        Column::integer("capacity", |row| Some(i64::from(sites[row].capacity))),
        Column::number("compactness", "", |row| Some(sites[row].compactness)),
        Column::number("price_usd_m2", "USD/m²", |row| sites[row].price_usd_m2),
        Column::text("parcels", |row| Some(parcels[row].as_str())),
    ];
    let conventions = vec![
        ("compactness".to_owned(), COMPACTNESS.to_owned()),
        ("illustrative".to_owned(), catalogue.is_illustrative().to_string()),
    ];
    Table {
        features: &features,
        columns,
        name: "sites",
        conventions,
    }
    .write(&args.out, &args.scenario)?;
    progress.finish();
    let mut dropped = Problems::default();
    for piece in &measured.dropped {
        dropped.note("dropped", &piece.parcels.join(" "), &piece.reason);
    }
    dropped.tell();
    measured
        .warnings
        .iter()
        .for_each(|warning| tell(format!("Note: {}", warning.message)));
    say(format!(
        "{} candidate sites, {} pieces of land dropped. Written to {}.",
        sites.len(),
        dropped.count(),
        args.out.display()
    ));
    Ok(())
}
