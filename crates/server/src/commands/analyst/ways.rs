//! The roads as a person hands them in, for one mode of travel, dry and under every flood that cuts them.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use geo::{Coord, Geometry};
use phteah_geoproc::flooded::{deeper_than, edge_depths};
use phteah_geoproc::network::{EdgeSet, Mode, Network, Snap, Snapper, WALKING_PACE};
use phteah_geoproc::surface::representative_point;
use phteah_layers::{Crs, Reprojector};

use super::depth::{self, Depth};
use super::roads::{self, Classes, NO_CLASS, Roads};
use super::{Features, features, plane};
use crate::commands::{CommandError, say};

/// How people travel.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum By {
    /// On foot
    Walk,
    /// By motorbike; one-way streets bind
    Motorbike,
}

/// The roads, who travels on them, and what cuts them.
#[derive(Debug, Args)]
pub struct RoadArgs {
    /// Lines of the roads, with their class
    #[arg(long, value_name = "FILE")]
    pub roads: PathBuf,
    /// Column of the roads that holds their class [default: the first of class, highway, fclass]
    #[arg(long, value_name = "FIELD")]
    pub class_field: Option<String>,
    /// Travel roads of an unknown class like those of this one [default: they are no streets and left out; those that state no class are walked]
    #[arg(long, value_name = "CLASS")]
    pub other_class: Option<String>,
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
}

impl RoadArgs {
    /// Everything that is wrong with the numbers on the command line, these and `more`.
    pub fn check(&self, more: &[(&str, f64)]) -> Result<(), CommandError> {
        let own = [
            ("--cut-depth", self.cut_depth),
            ("--max-snap", self.max_snap),
            ("--join", self.join),
        ];
        let bad: Vec<String> = own
            .iter()
            .chain(more)
            .filter(|(_, number)| !(number.is_finite() && *number >= 0.0))
            .map(|(flag, number)| format!("{flag} is {number}: give a finite number of 0 or more."))
            .collect();
        if bad.is_empty() {
            Ok(())
        } else {
            Err(CommandError::Usage(bad.join("\n")))
        }
    }

    /// How the measures are to be read.
    pub fn conventions(&self, crs: &Crs) -> Vec<(String, String)> {
        vec![
            ("measured_in".to_owned(), crs.name().to_owned()),
            ("off_road".to_owned(), format!("straight at {WALKING_PACE} km/h")),
            ("cut_depth_m".to_owned(), self.cut_depth.to_string()),
            ("max_snap_m".to_owned(), self.max_snap.to_string()),
            ("join_m".to_owned(), self.join.to_string()),
        ]
    }
}

/// A state of the roads: dry, or cut by a flood.
pub struct Flood {
    /// Its return period; `None` where the roads are dry.
    pub years: Option<u32>,
    /// The roads that it closes.
    pub closed: EdgeSet,
    /// Stretches along which its depth is not known throughout.
    unknown: usize,
}

impl Flood {
    /// The state's name: `dry`, `rp100`.
    pub fn name(&self) -> String {
        self.years
            .map_or_else(|| "dry".to_owned(), |years| format!("rp{years}"))
    }
}

/// The network with all that was said of it.
pub struct Ways {
    /// In which everything is measured: projected, in metres.
    pub crs: Crs,
    /// The mode of travel.
    pub mode: Mode,
    /// The roads as a graph.
    pub network: Network,
    /// Dry first, then every flood.
    pub floods: Vec<Flood>,
    roads: Roads,
    cuts: Vec<Depth>,
}

impl Ways {
    /// Reads the roads and floods. `others` are the CRS of what is measured beside the features.
    pub fn read(args: &RoadArgs, features: &Features, others: &[&Crs]) -> Result<Self, CommandError> {
        let cuts = depth::parse(&args.cut, "--cut")?;
        let of_roads = features::open(&args.roads, None)?.crs().clone();
        let crs = plane::metric(features, &[&[&of_roads], others].concat())?;
        let mode = match args.mode {
            By::Walk => Mode::Walk,
            By::Motorbike => Mode::Motorbike,
        };
        let classes = Classes {
            field: args.class_field.as_deref(),
            other: args.other_class.as_deref(),
        };
        let roads = roads::read(&args.roads, &crs, mode, classes)?;
        let network = Network::new(&roads.usable, args.join)
            .map_err(|error| CommandError::Refused(format!("{}: {error}", roads.file)))?;
        let mut floods = vec![Flood {
            years: None,
            closed: EdgeSet::none(),
            unknown: 0,
        }];
        for cut in &cuts {
            floods.push(flood(cut, &roads, &network, &crs, args.cut_depth)?);
        }
        Ok(Self {
            crs,
            mode,
            network,
            floods,
            roads,
            cuts,
        })
    }

    /// Where shapes, in the CRS of the network, meet the roads.
    pub fn snap<'a>(
        &self,
        shapes: impl IntoIterator<Item = Option<&'a Geometry<f64>>>,
        max_snap: f64,
    ) -> Vec<Option<Snap>> {
        let places: Vec<Option<Coord<f64>>> = shapes
            .into_iter()
            .map(|shape| shape.and_then(representative_point))
            .collect();
        Snapper::new(&self.network, self.mode).snap_all(&places, max_snap)
    }

    /// What the names of a state's columns begin with; nothing where there is only the dry state.
    pub fn prefix(&self, flood: &Flood) -> String {
        if self.floods.len() == 1 {
            String::new()
        } else {
            format!("{}_", flood.name())
        }
    }

    /// What was wrong with single roads and rasters, on stderr.
    pub fn tell_problems(&self) {
        self.roads.problems.tell();
        self.cuts
            .iter()
            .flat_map(Depth::remarks)
            .for_each(super::super::tell);
    }

    /// What the network is made of, and what the floods cut.
    pub fn tell(&self, args: &RoadArgs) {
        let report = self.network.report();
        say(format!(
            "Network: {} nodes, {} edges, {} components, {:.1} km, {:.1} % of the length in the largest component.",
            report.nodes,
            report.edges,
            report.components,
            report.length / 1000.0,
            report.largest_share * 100.0
        ));
        say(format!(
            "Roads: {} vertices joined within {} m, {} segments without length, {} lines without length, {} with a coordinate that is no number or no place on Earth.",
            report.joined_vertices,
            args.join,
            report.zero_length_segments,
            report.empty_lines,
            report.invalid_lines
        ));
        if report.edges == 0 {
            say("There is no road to travel on: every place is off the network.");
        }
        for (what, count) in self.roads.closed() {
            say(format!(
                "Roads of class {what}: {count}, on which nobody travels."
            ));
        }
        if self.roads.forbidden() > 0 {
            say(format!(
                "Roads that their tags close to this mode of travel: {}.",
                self.roads.forbidden()
            ));
        }
        for (what, count) in self.roads.unusable() {
            let become_of_them = match (&args.other_class, self.mode) {
                (Some(like), _) => format!("travelled like {like}"),
                (None, Mode::Walk) if what == NO_CLASS => "walked like any other road".to_owned(),
                (None, _) => {
                    "a class that is not known here, so left out; --other-class travels them like another class".to_owned()
                }
            };
            say(format!("Roads of class {what}: {count}, {become_of_them}."));
        }
        for flood in &self.floods {
            let Some(years) = flood.years else { continue };
            say(format!(
                "Flood of {years} years: {} edges cut, deeper than {} m; bridges stay open.",
                flood.closed.len(),
                args.cut_depth
            ));
            if flood.unknown > 0 {
                say(format!(
                    "Flood of {years} years: not known along the whole of {} of {} edges; what is not known stays open.",
                    flood.unknown, report.edges
                ));
            }
        }
    }
}

/// The roads that a flood closes, measured on the raster's own grid and CRS. A bridge stands above the water that a depth raster shows
/// beneath it.
fn flood(
    cut: &Depth,
    roads: &Roads,
    network: &Network,
    crs: &Crs,
    limit: f64,
) -> Result<Flood, CommandError> {
    let to_raster = Reprojector::new(crs, &cut.crs)?;
    let depths = if to_raster.is_identity() {
        edge_depths(network, cut)
    } else {
        edge_depths(&network.map_coords(|x, y| to_raster.coords(x, y))?, cut)
    };
    let depths = depths.map_err(|error| CommandError::Refused(format!("{}: {error}", cut.file)))?;
    let deep = deeper_than(&depths, limit);
    let bridge = |edge: u32| roads.bridges[network.edges()[edge as usize].road as usize];
    Ok(Flood {
        years: Some(cut.return_period),
        closed: (0..network.edges().len() as u32)
            .filter(|&edge| deep.contains(edge) && !bridge(edge))
            .collect(),
        unknown: depths.iter().filter(|depth| depth.known_share < 1.0).count(),
    })
}
