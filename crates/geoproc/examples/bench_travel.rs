//! Times travel on a road network read from raw arrays, for `tests/bench`: the same arrays are handed to the peers.
//!
//! `bench_travel DIR MODE REPEATS` reads `road_starts.u32` (first vertex of each road, then their total),
//! `road_xy.f64`, `road_kmh.f64` (0 where the mode may not go), `road_oneway.i32` (1 as drawn, −1 against it), and the
//! places `services_xy.f64`, `features_xy.f64`, `origins_xy.f64`, `sites_xy.f64`; all little-endian. It writes the graph
//! that it made and its answers beside them, and prints the times of every piece of work as JSON.

use std::error::Error;
use std::path::Path;
use std::time::Instant;

use geo::{Coord, LineString};
use phteah_geoproc::access::Travel;
use phteah_geoproc::network::{Direction, EdgeSet, Mode, ModeSpeeds, Network, Road, Snap, Snapper};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Places farther from every road than this are off the network.
const MAX_SNAP: f64 = 1000.0;
/// Vertices this close are one.
const TOLERANCE: f64 = 0.5;

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [dir, mode, repeats] = arguments.as_slice() else {
        return Err("usage: bench_travel DIR walk|motorbike REPEATS".into());
    };
    let (dir, repeats) = (Path::new(dir), repeats.parse()?);
    let mode = match mode.as_str() {
        "walk" => Mode::Walk,
        "motorbike" => Mode::Motorbike,
        other => return Err(format!("{other} is no mode: walk or motorbike").into()),
    };
    let roads = roads(dir)?;
    let place = |name: &str| -> Outcome<Vec<Option<Coord<f64>>>> {
        Ok(coords(dir, name)?.into_iter().map(Some).collect())
    };
    let (services, features) = (place("services_xy.f64")?, place("features_xy.f64")?);
    let (origins, sites) = (place("origins_xy.f64")?, place("sites_xy.f64")?);

    let (build, network) = timed(repeats, || Network::new(&roads, TOLERANCE));
    let network = network?;
    let (index, snapper) = timed(repeats, || Snapper::new(&network, mode));
    let (passable, travel) = timed(repeats, || Travel::new(&network, mode, &EdgeSet::none()));
    let (nodes_only, _) = timed(repeats, || {
        travel.nearest(&[], &snapper.snap_all(&services, MAX_SNAP))
    });
    let (snap, snapped) = timed(repeats, || snapper.snap_all(&features, MAX_SNAP));
    let on_road = snapper.snap_all(&services, MAX_SNAP);
    let (answer, nearest) = timed(repeats, || travel.nearest(&snapped, &on_road));
    let (from, to) = (
        snapper.snap_all(&origins, MAX_SNAP),
        snapper.snap_all(&sites, MAX_SNAP),
    );
    let (matrix, times) = timed(repeats, || travel.times(&from, &to));

    write_f64(dir, "nodes.f64", network.nodes().iter().flat_map(|c| [c.x, c.y]))?;
    write_u32(
        dir,
        "edges.u32",
        network.edges().iter().flat_map(|e| [e.from, e.to, e.road]),
    )?;
    write_f64(dir, "lengths.f64", network.edges().iter().map(|e| e.length))?;
    for (name, snaps) in [
        ("services", &on_road),
        ("features", &snapped),
        ("origins", &from),
        ("sites", &to),
    ] {
        write_snaps(dir, name, snaps)?;
    }
    let minutes = nearest
        .iter()
        .map(|a| a.journey().map_or(f64::INFINITY, |j| j.minutes));
    write_f64(dir, "ours_nearest.f64", minutes)?;
    let cells = (0..times.origins()).flat_map(|o| (0..times.destinations()).map(move |d| (o, d)));
    write_f64(
        dir,
        "ours_matrix.f64",
        cells.map(|(o, d)| times.minutes(o, d).unwrap_or(f64::INFINITY)),
    )?;

    let report = network.report();
    println!(
        "{{\"nodes\": {}, \"edges\": {}, \"components\": {}, \"largest_share\": {}, \"build\": {build:?}, \"index\": {index:?}, \
         \"passable\": {passable:?}, \"nodes_only\": {nodes_only:?}, \"snap\": {snap:?}, \"answer\": {answer:?}, \"matrix\": {matrix:?}}}",
        report.nodes, report.edges, report.components, report.largest_share,
    );
    Ok(())
}

fn timed<T>(repeats: usize, mut work: impl FnMut() -> T) -> (Vec<f64>, T) {
    let mut seconds = Vec::new();
    loop {
        let start = Instant::now();
        let result = work();
        seconds.push(start.elapsed().as_secs_f64());
        if seconds.len() >= repeats {
            return (seconds, result);
        }
    }
}

fn roads(dir: &Path) -> Outcome<Vec<Road>> {
    let starts = read(dir, "road_starts.u32", u32::from_le_bytes)?;
    let xy = coords(dir, "road_xy.f64")?;
    let kmh = read(dir, "road_kmh.f64", f64::from_le_bytes)?;
    let oneway = read(dir, "road_oneway.i32", i32::from_le_bytes)?;
    let road = |(i, ends): (usize, &[u32])| {
        let speed = (kmh[i] > 0.0).then_some(kmh[i]);
        let speeds = ModeSpeeds {
            walk: speed,
            motorbike: speed,
        };
        let direction = match oneway[i] {
            0 => Direction::Both,
            1.. => Direction::Forward,
            _ => Direction::Backward,
        };
        let line = LineString::new(xy[ends[0] as usize..ends[1] as usize].to_vec());
        Road::new(line, speeds, direction)
    };
    Ok(starts.windows(2).enumerate().map(road).collect())
}

fn coords(dir: &Path, name: &str) -> Outcome<Vec<Coord<f64>>> {
    let numbers = read(dir, name, f64::from_le_bytes)?;
    Ok(numbers
        .chunks_exact(2)
        .map(|xy| Coord { x: xy[0], y: xy[1] })
        .collect())
}

fn read<T, const N: usize>(dir: &Path, name: &str, decode: fn([u8; N]) -> T) -> Outcome<Vec<T>> {
    let path = dir.join(name);
    let bytes = std::fs::read(&path).map_err(|e| format!("{}: {e}", path.display()))?;
    bytes
        .chunks_exact(N)
        .map(|chunk| Ok(decode(chunk.try_into()?)))
        .collect::<Outcome<_>>()
}

fn write_snaps(dir: &Path, name: &str, snaps: &[Option<Snap>]) -> Outcome<()> {
    let edge = snaps.iter().map(|s| s.map_or(u32::MAX, |s| s.edge));
    write_u32(dir, &format!("{name}_edge.u32"), edge)?;
    let along = snaps
        .iter()
        .flat_map(|s| s.map_or([f64::NAN; 2], |s| [s.along, s.distance]));
    write_f64(dir, &format!("{name}_along_distance.f64"), along)
}

fn write_f64(dir: &Path, name: &str, values: impl Iterator<Item = f64>) -> Outcome<()> {
    Ok(std::fs::write(
        dir.join(name),
        values.flat_map(f64::to_le_bytes).collect::<Vec<u8>>(),
    )?)
}

fn write_u32(dir: &Path, name: &str, values: impl Iterator<Item = u32>) -> Outcome<()> {
    Ok(std::fs::write(
        dir.join(name),
        values.flat_map(u32::to_le_bytes).collect::<Vec<u8>>(),
    )?)
}
