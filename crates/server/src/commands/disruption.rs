//! `phteah disruption`: how far every site is from the settlements that would move there, weighted by their households.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use phteah_geoproc::access::Travel;
use phteah_geoproc::matrix::{Disruption as Mean, TravelTimes};
use phteah_geoproc::network::Snap;
use phteah_layers::{Crs, LayersError, Progress};

use super::analyst::features::{self, anywhere};
use super::analyst::table::{Format, complete, push_text};
use super::analyst::ways::{RoadArgs, Ways};
use super::analyst::{Column, Features, Table, fields};
use super::progress::Shown;
use super::{CommandError, say};

/// What the figures mean, told with every table of them.
const MEANING: &str = "mean travel time of the households that can get there; reached_share is the share of all households that can";

/// `phteah disruption`.
#[derive(Debug, Args)]
pub struct Disruption {
    /// The sites: points, or shapes of which a point on them is taken, in any format and CRS
    pub sites: PathBuf,
    /// The settlements that would move, with their number of households, in any format and CRS
    #[arg(long, value_name = "FILE")]
    pub settlements: PathBuf,
    /// Column of the settlements that holds their number of households
    #[arg(long, value_name = "FIELD", default_value = "households")]
    pub households: String,
    /// The roads
    #[command(flatten)]
    pub ways: RoadArgs,
    /// Also write the time from every settlement to every site, as .csv
    #[arg(long, value_name = "FILE")]
    pub times: Option<PathBuf>,
    /// Column that holds the sites' ids [default: one called id, else their number]
    #[arg(long, value_name = "FIELD")]
    pub id: Option<String>,
    /// Where to write: .csv, .geojson, .gpkg, .fgb or .parquet
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}

pub(super) fn run(args: &Disruption) -> Result<(), CommandError> {
    Format::of(&args.out)?;
    if let Some(times) = &args.times
        && Format::of(times)? != Format::Csv
    {
        return Err(CommandError::Usage(format!(
            "{}: times are a plain table, use .csv.",
            times.display()
        )));
    }
    args.ways.check(&[])?;
    let mut progress = Shown::on_stderr();
    progress.start("Reading sites, settlements and roads", None);
    let sites = Features::read(&args.sites, args.id.as_deref(), anywhere)?;
    let (mut settlements, households) = read_settlements(&args.settlements, &args.households)?;
    let ways = Ways::read(&args.ways, &sites, &[&settlements.crs])?;
    let to = snap(&sites, &ways, args.ways.max_snap)?;
    let from = snap(&settlements, &ways, args.ways.max_snap)?;

    progress.start("Travelling", None);
    let times: Vec<TravelTimes> = ways
        .floods
        .iter()
        .map(|flood| Travel::new(&ways.network, ways.mode, &flood.closed).times(&from, &to))
        .collect();
    let means: Vec<Vec<Mean>> = times.iter().map(|times| times.disruption(&households)).collect();
    progress.start("Writing", None);
    let mut columns = Vec::new();
    for (flood, means) in ways.floods.iter().zip(&means) {
        let name = |measure: &str| format!("{}{measure}", ways.prefix(flood));
        let to = &to;
        columns.push(Column::number(name("disruption_minutes"), "min", move |row| {
            means[row].minutes
        }));
        columns.push(Column::number(name("reached_share"), "", move |row| {
            to[row].is_some().then_some(means[row].reached_share)
        }));
        columns.push(Column::text(name("status"), move |row| {
            Some(status(to[row].as_ref(), means[row]))
        }));
    }
    let mut conventions = args.ways.conventions(&ways.crs);
    conventions.push(("disruption".to_owned(), MEANING.to_owned()));
    Table {
        features: &sites,
        columns,
        name: "disruption",
        conventions,
    }
    .write(&args.out, &args.sites)?;
    if let Some(path) = &args.times {
        write_times(path, &settlements, &sites, &ways, &times)?;
    }
    progress.finish();

    let off = |snaps: &[Option<Snap>]| snaps.iter().filter(|snap| snap.is_none()).count();
    for (row, _) in from.iter().enumerate().filter(|(_, snap)| snap.is_none()) {
        let record = format!("record {} ({})", row + 1, settlements.ids[row]);
        settlements.problems.note(
            &settlements.file,
            &record,
            "it lies on no road; none of its households gets anywhere",
        );
    }
    sites.problems.tell();
    settlements.problems.tell();
    ways.tell_problems();
    ways.tell(&args.ways);
    let counted = households.iter().filter(|&&count| count > 0.0).count();
    say(format!(
        "{} households of {counted} settlements, {} of the {} settlements without a number of them or on no road.",
        households.iter().sum::<f64>(),
        (0..from.len())
            .filter(|&row| from[row].is_none() || households[row] <= 0.0)
            .count(),
        from.len()
    ));
    say(format!(
        "{} sites, {} on no road, {} records with something wrong. Written to {}.",
        sites.len(),
        off(&to),
        sites.problems.count() + settlements.problems.count(),
        args.out.display()
    ));
    say(format!("Disruption: {MEANING}."));
    Ok(())
}

/// Who gets there: `reached` by all, `reached_in_part`, `unreachable` to all, or `off_network`.
fn status(site: Option<&Snap>, mean: Mean) -> &'static str {
    match (site, mean.minutes) {
        (None, _) => "off_network",
        (_, None) => "unreachable",
        (_, Some(_)) if mean.reached_share < 1.0 => "reached_in_part",
        _ => "reached",
    }
}

fn snap(features: &Features, ways: &Ways, max_snap: f64) -> Result<Vec<Option<Snap>>, CommandError> {
    let shapes = features.shapes_in(&ways.crs)?;
    Ok(ways.snap(shapes.iter().map(Option::as_ref), max_snap))
}

/// The settlements and their numbers of households; one that states none counts as 0, and that is told.
fn read_settlements(path: &Path, column: &str) -> Result<(Features, Vec<f64>), CommandError> {
    let file = features::open(path, None)?;
    fields::required(&file, column)?;
    let crs: Crs = file.crs().clone();
    let mut households: Vec<Option<f64>> = Vec::new();
    file.for_each(&crs, |settlement| {
        let count = features::text(&settlement, Some(column)).and_then(|text| text.parse::<f64>().ok());
        households.push(count.filter(|count| count.is_finite() && *count >= 0.0));
        Ok(())
    })?;
    let mut settlements = Features::read(path, None, anywhere)?;
    for (row, _) in households.iter().enumerate().filter(|(_, count)| count.is_none()) {
        let record = format!("record {} ({})", row + 1, settlements.ids[row]);
        settlements.problems.note(
            &settlements.file,
            &record,
            format_args!("its {column} is no number of households; it does not count"),
        );
    }
    let households: Vec<f64> = households.into_iter().map(Option::unwrap_or_default).collect();
    if !households.iter().any(|&count| count > 0.0) {
        return Err(CommandError::Refused(format!(
            "{}: no settlement states a number of households above 0 in {column}: there is nobody whose way could be measured.",
            settlements.file
        )));
    }
    Ok((settlements, households))
}

/// A row for every settlement and site; an empty cell where there is no way.
fn write_times(
    path: &Path,
    settlements: &Features,
    sites: &Features,
    ways: &Ways,
    times: &[TravelTimes],
) -> Result<(), CommandError> {
    complete(path, |unfinished| {
        let io = |error| LayersError::io(unfinished, "writing", error);
        let mut file = std::io::BufWriter::new(std::fs::File::create(unfinished).map_err(io)?);
        let mut line = String::from("settlement,site");
        for flood in &ways.floods {
            line.push_str(&format!(",{}minutes", ways.prefix(flood)));
        }
        for (from, settlement) in settlements.ids.iter().enumerate() {
            for (to, site) in sites.ids.iter().enumerate() {
                line.push('\n');
                push_text(&mut line, settlement);
                line.push(',');
                push_text(&mut line, site);
                for times in times {
                    line.push(',');
                    if let Some(minutes) = times.minutes(from, to) {
                        line.push_str(&minutes.to_string());
                    }
                }
                file.write_all(line.as_bytes()).map_err(io)?;
                line.clear();
            }
        }
        file.write_all(b"\n").map_err(io)?;
        Ok(file.flush().map_err(io)?)
    })
}
