//! `phteah overlay`: how much of every feature lies in zones of each class.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;
use geo::MultiPolygon;
use phteah_geoproc::overlay::{ClassArea, FeatureZones, Zones};
use phteah_layers::{Crs, Progress};

use super::analyst::features::{self, Area, Sound, area};
use super::analyst::table::Format;
use super::analyst::{Column, Features, Problems, Table, fields, plane};
use super::progress::Shown;
use super::{CommandError, say};

/// `phteah overlay`.
#[derive(Debug, Args)]
pub struct Overlay {
    /// Polygons in any format and CRS
    pub features: PathBuf,
    /// Polygons of the zones, in any format and CRS
    pub zones: PathBuf,
    /// Column of the zones that holds their class
    #[arg(long, value_name = "FIELD")]
    pub by: String,
    /// Column that holds the features' ids [default: one called id, else their number]
    #[arg(long, value_name = "FIELD")]
    pub id: Option<String>,
    /// Where to write: .csv, .geojson, .gpkg, .fgb or .parquet
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}

pub(super) fn run(args: &Overlay) -> Result<(), CommandError> {
    Format::of(&args.out)?;
    let mut progress = Shown::on_stderr();
    progress.start("Reading features and zones", None);
    let features = Features::read(&args.features, args.id.as_deref(), area)?;
    let zones_crs = features::open(&args.zones, None)?.crs().clone();
    let crs = plane::metric(&features, &[&zones_crs])?;
    let zones = read_zones(args, &crs)?;
    progress.start("Laying features over zones", None);
    let shapes = features.shapes_in(&crs)?;
    let areas: Vec<Area> = shapes.iter().map(|shape| Area(shape.as_ref())).collect();
    let laid = Zones::new(zones.polygons.iter().map(|(zone, class)| (zone, *class))).overlay(&areas);
    progress.start("Writing", None);
    let mut columns = Vec::new();
    for (class, name) in zones.classes.iter().enumerate() {
        columns.push(Column::number(
            format!("{name}_m2"),
            "m²",
            measure(&laid, class, |part| part.area),
        ));
        columns.push(Column::number(
            format!("{name}_share"),
            "",
            measure(&laid, class, |part| part.share),
        ));
    }
    let conventions = vec![("measured_in".to_owned(), crs.name().to_owned())];
    Table {
        features: &features,
        columns,
        name: "overlay",
        conventions,
    }
    .write(&args.out, &args.features)?;
    progress.finish();

    features.problems.tell();
    zones.problems.tell();
    say(format!(
        "{} features over {} zones of {} classes, {} records with something wrong; areas measured in {}. Written to {}.",
        features.len(),
        zones.polygons.len(),
        zones.classes.len(),
        features.problems.count() + zones.problems.count(),
        crs.name(),
        args.out.display()
    ));
    say("Overlapping zones of one class count once; touching is not overlapping.");
    Ok(())
}

/// A measure of the part in one class. A feature without an area is unknown; one that meets no zone of the class has none.
fn measure(
    laid: &[FeatureZones],
    class: usize,
    of: fn(&ClassArea) -> f64,
) -> impl Fn(usize) -> Option<f64> + Sync {
    move |row| {
        let feature = &laid[row];
        let part = feature.classes.iter().find(|part| part.class == class);
        (feature.area > 0.0).then(|| part.map_or(0.0, of))
    }
}

/// The zones, with the classes in alphabetical order.
struct ReadZones {
    polygons: Vec<(MultiPolygon<f64>, usize)>,
    classes: Vec<String>,
    problems: Problems,
}

fn read_zones(args: &Overlay, crs: &Crs) -> Result<ReadZones, CommandError> {
    let file = features::open(&args.zones, None)?;
    let by = fields::required(&file, &args.by)?;
    let mut problems = Problems::default();
    let mut found: Vec<(MultiPolygon<f64>, String)> = Vec::new();
    file.for_each(crs, |zone| {
        let record = format!("zone {}", zone.fid);
        let Some(class) = features::text(&zone, Some(&by)) else {
            problems.note(
                file.file(),
                &record,
                format_args!("its {by} is empty; it was left out"),
            );
            return Ok(());
        };
        let shape = zone
            .geometry
            .ok_or_else(|| "it has no geometry that can be read".to_owned());
        match shape.and_then(area) {
            Ok(Sound { shape, repair }) => {
                if let Some(repair) = repair {
                    problems.note(file.file(), &record, format_args!("repaired: {repair}"));
                }
                found.push((features::into_polygons(shape), class));
            }
            Err(why) => problems.note(file.file(), &record, format_args!("{why}; it was left out")),
        }
        Ok(())
    })?;
    let mut numbers: BTreeMap<String, usize> = found.iter().map(|(_, class)| (class.clone(), 0)).collect();
    numbers
        .values_mut()
        .enumerate()
        .for_each(|(number, place)| *place = number);
    let polygons = found
        .into_iter()
        .map(|(zone, class)| (zone, numbers[&class]))
        .collect();
    Ok(ReadZones {
        polygons,
        classes: numbers.into_keys().collect(),
        problems,
    })
}
