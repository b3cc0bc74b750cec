//! `phteah access`: how far it is from every feature to the nearest service of each kind, along the roads.

mod routes;
mod services;

use std::path::PathBuf;

use clap::Args;
use phteah_geoproc::access::{Access as Nearest, Travel};
use phteah_geoproc::network::Snap;
use phteah_layers::Progress;

use self::services::{Kind, Services};
use super::analyst::features::{self, anywhere};
use super::analyst::table::Format;
use super::analyst::ways::{RoadArgs, Ways};
use super::analyst::{Column, Features, Problems, Table};
use super::progress::Shown;
use super::{CommandError, say};

/// `phteah access`.
#[derive(Debug, Args)]
pub struct Access {
    /// Points, or shapes of which a point on them is taken, in any format and CRS
    pub features: PathBuf,
    /// Points of the services, with their kind
    #[arg(long, value_name = "FILE")]
    pub services: PathBuf,
    /// Column of the services that holds their kind [default: kind]
    #[arg(long, value_name = "FIELD", conflicts_with = "kind")]
    pub kind_field: Option<String>,
    /// The kind of all services, such as `health_centre`, where no column says it
    #[arg(long, value_name = "NAME")]
    pub kind: Option<String>,
    /// The roads
    #[command(flatten)]
    pub ways: RoadArgs,
    /// Also count the services of each kind within this time
    #[arg(long, value_name = "MINUTES")]
    pub within: Option<f64>,
    /// Also write the routes as lines, one from every feature to the nearest service of each kind: .geojson, .gpkg, .fgb or .parquet
    #[arg(long, value_name = "FILE")]
    pub routes: Option<PathBuf>,
    /// Column that holds the features' ids [default: one called id, else their number]
    #[arg(long, value_name = "FIELD")]
    pub id: Option<String>,
    /// Where to write: .csv, .geojson, .gpkg, .fgb or .parquet
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}

pub(super) fn run(args: &Access) -> Result<(), CommandError> {
    Format::of(&args.out)?;
    args.routes.as_deref().map_or(Ok(()), routes::check)?;
    args.ways.check(&[("--within", args.within.unwrap_or(0.0))])?;
    let mut progress = Shown::on_stderr();
    progress.start("Reading features, roads and services", None);
    let features = Features::read(&args.features, args.id.as_deref(), anywhere)?;
    let of_services = features::open(&args.services, None)?.crs().clone();
    let ways = Ways::read(&args.ways, &features, &[&of_services])?;
    let services = Services::read(args, &ways.crs)?;
    let shapes = features.shapes_in(&ways.crs)?;
    let snapped = ways.snap(shapes.iter().map(Option::as_ref), args.ways.max_snap);
    let kinds: Vec<Kind> = services.by_kind(&ways, args.ways.max_snap);

    progress.start("Travelling", None);
    let mut travelled = Vec::new();
    for (flood, state) in ways.floods.iter().enumerate() {
        let travel = Travel::new(&ways.network, ways.mode, &state.closed);
        for kind in &kinds {
            let nearest = travel.nearest(&snapped, &kind.snaps);
            let within = args
                .within
                .map(|minutes| travel.within(&snapped, &kind.snaps, minutes));
            travelled.push(Travelled {
                prefix: ways.prefix(state),
                flood,
                kind,
                nearest,
                within,
            });
        }
    }
    progress.start("Writing", None);
    let columns = travelled
        .iter()
        .flat_map(|travelled| travelled.columns(args.within))
        .collect();
    Table {
        features: &features,
        columns,
        name: "access",
        conventions: args.ways.conventions(&ways.crs),
    }
    .write(&args.out, &args.features)?;
    if let Some(out) = &args.routes {
        progress.start("Drawing routes", None);
        routes::write(args, out, &features, &ways, &snapped, &travelled)?;
    }
    progress.finish();

    [&features.problems, &services.problems]
        .into_iter()
        .for_each(Problems::tell);
    ways.tell_problems();
    ways.tell(&args.ways);
    tell(args, &kinds, &features, &snapped);
    Ok(())
}

/// Every feature's way to one kind of service, in one state of the roads.
struct Travelled<'a> {
    prefix: String,
    /// Index of the state.
    flood: usize,
    kind: &'a Kind,
    nearest: Vec<Nearest>,
    within: Option<Vec<Option<u32>>>,
}

impl Travelled<'_> {
    fn columns(&self, minutes: Option<f64>) -> Vec<Column<'_>> {
        let name = |measure: &str| format!("{}{}_{measure}", self.prefix, self.kind.name);
        let journey = |row: usize| self.nearest[row].journey();
        let mut columns = vec![
            Column::number(name("minutes"), "min", move |row| Some(journey(row)?.minutes)),
            Column::number(name("metres"), "m", move |row| Some(journey(row)?.metres)),
            Column::text(name("id"), move |row| {
                Some(self.kind.ids[journey(row)?.service].as_str())
            }),
            Column::text(name("status"), |row| Some(self.nearest[row].status())),
        ];
        if let (Some(minutes), Some(within)) = (minutes, &self.within) {
            columns.push(Column::integer(name(&format!("within_{minutes}_min")), |row| {
                within[row].map(i64::from)
            }));
        }
        columns
    }
}

/// What became of the places.
fn tell(args: &Access, kinds: &[Kind], features: &Features, snapped: &[Option<Snap>]) {
    for kind in kinds {
        let off = kind.snaps.iter().filter(|snap| snap.is_none()).count();
        say(format!(
            "{}: {} services, {off} of them farther than {} m from a road.",
            kind.name,
            kind.ids.len(),
            args.ways.max_snap
        ));
    }
    if kinds.is_empty() {
        say("There is no service: no column but the ids was written.");
    }
    let off = snapped.iter().filter(|snap| snap.is_none()).count();
    say(format!(
        "{} features, {off} on no road, {} with something wrong. Written to {}.",
        features.len(),
        features.problems.count(),
        args.out.display()
    ));
    if let Some(routes) = &args.routes {
        say(format!("The routes are in {}.", routes.display()));
    }
}
