//! `phteah access`: how far it is from every feature to the nearest service of each kind, along the roads.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use geo::Coord;
use phteah_geoproc::access::{Access as Nearest, Travel};
use phteah_geoproc::flooded;
use phteah_geoproc::network::{EdgeSet, Mode, Network, Snap, Snapper, WALKING_PACE};
use phteah_geoproc::surface::representative_point;
use phteah_layers::{Crs, Progress};

use super::analyst::depth::{self, Depth};
use super::analyst::features::{self, anywhere};
use super::analyst::roads::{self, Roads};
use super::analyst::table::Format;
use super::analyst::{Column, Features, Problems, Table, fields, plane};
use super::progress::Shown;
use super::{CommandError, say};

/// How people travel.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum By {
    /// On foot
    Walk,
    /// By motorbike; one-way streets bind
    Motorbike,
}

/// `phteah access`.
#[derive(Debug, Args)]
pub struct Access {
    /// Points, or shapes of which a point on them is taken, in any format and CRS
    pub features: PathBuf,
    /// Lines of the roads, with their class
    #[arg(long, value_name = "FILE")]
    pub roads: PathBuf,
    /// Points of the services, with their kind
    #[arg(long, value_name = "FILE")]
    pub services: PathBuf,
    /// How people travel
    #[arg(long)]
    pub mode: By,
    /// A flood that cuts roads, as a depth raster and its return period: every column comes once dry and once for it
    #[arg(long, value_name = "YEARS=RASTER")]
    pub cut: Vec<String>,
    /// Depth in metres beyond which a road is cut
    #[arg(long, value_name = "METRES", default_value_t = 0.3)]
    pub cut_depth: f64,
    /// Farther from every road than this is off the network
    #[arg(long, value_name = "METRES", default_value_t = 1000.0)]
    pub max_snap: f64,
    /// Vertices of roads this close together are one crossing
    #[arg(long, value_name = "METRES", default_value_t = 0.5)]
    pub join: f64,
    /// Also count the services of each kind within this time
    #[arg(long, value_name = "MINUTES")]
    pub within: Option<f64>,
    /// Column that holds the features' ids [default: one called id, else their number]
    #[arg(long, value_name = "FIELD")]
    pub id: Option<String>,
    /// Where to write: .csv, .geojson, .gpkg, .fgb or .parquet
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}

pub(super) fn run(args: &Access) -> Result<(), CommandError> {
    check(args)?;
    let cuts = depth::parse(&args.cut, "--cut")?;
    let mode = match args.mode {
        By::Walk => Mode::Walk,
        By::Motorbike => Mode::Motorbike,
    };
    let mut progress = Shown::on_stderr();
    progress.start("Reading features, roads and services", None);
    let features = Features::read(&args.features, args.id.as_deref(), anywhere)?;
    let (of_roads, of_services) = (
        features::open(&args.roads, None)?.crs().clone(),
        features::open(&args.services, None)?.crs().clone(),
    );
    let crs = plane::metric(&features, &[&of_roads, &of_services])?;
    let roads = roads::read(&args.roads, &crs)?;
    let services = Services::read(args, &crs)?;
    progress.start("Building the network", None);
    let network = Network::new(&roads.usable, args.join)
        .map_err(|error| CommandError::Refused(format!("{}: {error}", roads.file)))?;
    let snapper = Snapper::new(&network, mode);
    let places: Vec<Option<Coord<f64>>> = features
        .shapes_in(&crs)?
        .iter()
        .map(|shape| representative_point(shape.as_ref()?))
        .collect();
    let snapped = snapper.snap_all(&places, args.max_snap);
    let kinds: Vec<Kind> = services.by_kind(&snapper, args.max_snap);

    progress.start("Travelling", None);
    let mut floods = vec![Flood {
        name: None,
        closed: EdgeSet::none(),
    }];
    for cut in &cuts {
        let closed = closed_by(cut, &roads, &network, &crs, args.cut_depth)?;
        floods.push(Flood {
            name: Some(cut.return_period),
            closed,
        });
    }
    let mut travelled = Vec::new();
    for flood in &floods {
        let travel = Travel::new(&network, mode, &flood.closed);
        for kind in &kinds {
            let nearest = travel.nearest(&snapped, &kind.snaps);
            let within = args
                .within
                .map(|minutes| travel.within(&snapped, &kind.snaps, minutes));
            travelled.push(Travelled {
                prefix: flood.prefix(cuts.is_empty()),
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
    let conventions = vec![
        ("measured_in".to_owned(), crs.name().to_owned()),
        ("off_road".to_owned(), format!("straight at {WALKING_PACE} km/h")),
        ("cut_depth_m".to_owned(), args.cut_depth.to_string()),
        ("max_snap_m".to_owned(), args.max_snap.to_string()),
        ("join_m".to_owned(), args.join.to_string()),
    ];
    Table {
        features: &features,
        columns,
        name: "access",
        conventions,
    }
    .write(&args.out, &args.features)?;
    progress.finish();

    [&features.problems, &roads.problems, &services.problems]
        .into_iter()
        .for_each(Problems::tell);
    cuts.iter()
        .flat_map(Depth::remarks)
        .for_each(|remark| eprintln!("{remark}"));
    tell(args, &network, &roads, &floods, &kinds, &features);
    Ok(())
}

/// Everything that is wrong with the numbers on the command line.
fn check(args: &Access) -> Result<(), CommandError> {
    Format::of(&args.out)?;
    let numbers = [
        ("--cut-depth", args.cut_depth),
        ("--max-snap", args.max_snap),
        ("--join", args.join),
        ("--within", args.within.unwrap_or(0.0)),
    ];
    let bad: Vec<String> = numbers
        .into_iter()
        .filter(|(_, number)| !(number.is_finite() && *number >= 0.0))
        .map(|(flag, number)| format!("{flag} is {number}: give a finite number of 0 or more."))
        .collect();
    if bad.is_empty() {
        Ok(())
    } else {
        Err(CommandError::Usage(bad.join("\n")))
    }
}

/// A state of the roads: dry, or cut by a flood.
struct Flood {
    name: Option<u32>,
    closed: EdgeSet,
}

impl Flood {
    /// What the names of its columns begin with; nothing where there is only the dry state.
    fn prefix(&self, alone: bool) -> String {
        match self.name {
            None if alone => String::new(),
            None => "dry_".to_owned(),
            Some(years) => format!("rp{years}_"),
        }
    }
}

/// The roads that a flood closes. A bridge stands above the water that a depth raster shows beneath it.
fn closed_by(
    cut: &Depth,
    roads: &Roads,
    network: &Network,
    crs: &Crs,
    limit: f64,
) -> Result<EdgeSet, CommandError> {
    if cut.crs != *crs {
        return Err(CommandError::Refused(format!(
            "{} is in {}, the roads are measured in {}: warp the raster first, for example with gdalwarp -t_srs {}.",
            cut.file,
            cut.crs.name(),
            crs.name(),
            crs.name()
        )));
    }
    let depths = flooded::edge_depths(network, cut)
        .map_err(|error| CommandError::Refused(format!("{}: {error}", cut.file)))?;
    let deep = flooded::deeper_than(&depths, limit);
    let bridge = |edge: u32| roads.bridges[network.edges()[edge as usize].road as usize];
    Ok((0..network.edges().len() as u32)
        .filter(|&edge| deep.contains(edge) && !bridge(edge))
        .collect())
}

/// A service's id and place; no place where its geometry is empty.
type Named = (String, Option<Coord<f64>>);

/// The services as their file gives them.
struct Services {
    by_kind: BTreeMap<String, Vec<Named>>,
    problems: Problems,
}

/// The services of one kind.
struct Kind {
    name: String,
    ids: Vec<String>,
    snaps: Vec<Option<Snap>>,
}

impl Services {
    fn read(args: &Access, crs: &Crs) -> Result<Self, CommandError> {
        let id = {
            let file = features::open(&args.services, None)?;
            fields::usual(&file, &["id", "service_id", "osm_id"])
        };
        let file = features::open(&args.services, id.as_deref())?;
        let kind = fields::usual(&file, &["kind"]).ok_or_else(|| {
            CommandError::Refused(format!(
                "{} has no column 'kind': it says what a service is, such as primary_school.",
                file.file()
            ))
        })?;
        let mut services = Self {
            by_kind: BTreeMap::new(),
            problems: Problems::default(),
        };
        file.for_each(crs, |service| {
            let record = format!("service {}", service.id);
            let Some(kind) = features::text(&service, Some(&kind)) else {
                services
                    .problems
                    .note(file.file(), &record, "its kind is empty; it was left out");
                return Ok(());
            };
            let place = service.geometry.as_ref().and_then(representative_point);
            if place.is_none() {
                services
                    .problems
                    .note(file.file(), &record, "it has no place; nobody reaches it");
            }
            services
                .by_kind
                .entry(kind)
                .or_default()
                .push((service.id, place));
            Ok(())
        })?;
        Ok(services)
    }

    fn by_kind(&self, snapper: &Snapper<'_>, max_snap: f64) -> Vec<Kind> {
        let kind = |(name, services): (&String, &Vec<Named>)| {
            let places: Vec<Option<Coord<f64>>> = services.iter().map(|(_, place)| *place).collect();
            Kind {
                name: name.clone(),
                ids: services.iter().map(|(id, _)| id.clone()).collect(),
                snaps: snapper.snap_all(&places, max_snap),
            }
        };
        self.by_kind.iter().map(kind).collect()
    }
}

/// Every feature's way to one kind of service, in one state of the roads.
struct Travelled<'a> {
    prefix: String,
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

/// What the network is made of, and what became of the places.
fn tell(
    args: &Access,
    network: &Network,
    roads: &Roads,
    floods: &[Flood],
    kinds: &[Kind],
    features: &Features,
) {
    let report = network.report();
    say(format!(
        "Network: {} nodes, {} edges, {} components, {:.1} km, {:.1} % of the length in the largest component.",
        report.nodes,
        report.edges,
        report.components,
        report.length / 1000.0,
        report.largest_share * 100.0
    ));
    say(format!(
        "Roads: {} vertices joined within {} m, {} segments without length, {} lines without length, {} with a coordinate that is no number.",
        report.joined_vertices,
        args.join,
        report.zero_length_segments,
        report.empty_lines,
        report.invalid_lines
    ));
    for (what, count) in roads.unusable() {
        say(format!(
            "Roads of class {what}: {count}, left out because nobody's speed on it is known."
        ));
    }
    for flood in floods {
        if let Some(years) = flood.name {
            say(format!(
                "Flood of {years} years: {} edges cut, deeper than {} m; bridges stay open.",
                flood.closed.len(),
                args.cut_depth
            ));
        }
    }
    for kind in kinds {
        let off = kind.snaps.iter().filter(|snap| snap.is_none()).count();
        say(format!(
            "{}: {} services, {off} of them farther than {} m from a road.",
            kind.name,
            kind.ids.len(),
            args.max_snap
        ));
    }
    if kinds.is_empty() {
        say("There is no service: no column but the ids was written.");
    }
    say(format!(
        "{} features, {} with something wrong. Written to {}.",
        features.len(),
        features.problems.count(),
        args.out.display()
    ));
}
