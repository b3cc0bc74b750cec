//! `phteah sites`: the candidate sites that a scenario makes of the available parcels, before they are judged.

use std::path::PathBuf;

use clap::Args;
use geo::Geometry;
use phteah_geoproc::sites::{Rules, measure as measure_shape};
use phteah_layers::{Catalogue, Progress};

use super::analyst::table::Format;
use super::analyst::{Column, Features, Problems, Table};
use super::progress::Shown;
use super::{CommandError, say};
use crate::cli::Data;
use crate::ranking::measure;
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
    /// Where to write: .csv, .geojson, .gpkg, .fgb or .parquet
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}

pub(super) fn run(args: &Sites) -> Result<(), CommandError> {
    Format::of(&args.out)?;
    let catalogue = Catalogue::open(&args.data.dir)?;
    let scenario = scenarios::read(&args.scenario)?;
    let mut progress = Shown::on_stderr();
    progress.start("Making candidate sites", None);
    let measured = measure::measure(&catalogue, &scenario)?;
    let sites = &measured.sites;
    let features = Features {
        file: "sites".to_owned(),
        id_name: "id".to_owned(),
        crs: catalogue.crs()?,
        ids: measured.matrix.ids().to_vec(),
        shapes: sites.iter().map(|site| Some(Geometry::MultiPolygon(site.geometry.clone()))).collect(),
        problems: Problems::default(),
    };
    // Compactness depends on the shape alone, not on the rules.
    let rules = Rules::default();
    let parcels: Vec<String> = sites.iter().map(|site| site.parcels.join(" ")).collect();
    let columns = vec![
        Column::number("net_area_m2", "m²", |row| Some(sites[row].area_m2)),
        Column::integer("capacity", |row| i64::try_from(sites[row].capacity).ok()),
        Column::number("compactness", "", |row| Some(measure_shape(&sites[row].geometry, &rules).compactness)),
        Column::text("parcels", |row| Some(parcels[row].as_str())),
    ];
    let conventions = vec![
        ("compactness".to_owned(), COMPACTNESS.to_owned()),
        ("illustrative".to_owned(), catalogue.is_illustrative().to_string()),
    ];
    Table { features: &features, columns, name: "sites", conventions }.write(&args.out, &args.scenario)?;
    progress.finish();
    measured.warnings.iter().for_each(|warning| eprintln!("Note: {}", warning.message));
    say(format!("{} candidate sites. Written to {}.", sites.len(), args.out.display()));
    if catalogue.is_illustrative() {
        say("Illustrative data: generated, not a survey of real places.");
    }
    Ok(())
}
