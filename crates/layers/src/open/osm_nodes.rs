//! Nodes of a map that lie in one place and are not one: where a flyover crosses a street, say; and those that stop somebody, as a gate
//! does. GDAL hands over the course of a way, not its nodes, so these few are looked up in the file itself.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use osmpbf::{BlobDecode, BlobReader, Element, ElementReader};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::error::{LayersError, Result};
use crate::roads::{Stops, stops};

/// Degrees are kept as whole numbers of this fraction, as GDAL keeps them.
const PER_DEGREE: f64 = 1e7;

/// What is to be known of the vertices of a way, counted from 0.
#[derive(Debug, Default)]
pub(super) struct Vertices {
    /// Those that share their place with another node, and which node each is.
    pub apart: Vec<(u32, i64)>,
    /// Those that stop somebody.
    pub barriers: Vec<(u32, Stops)>,
}

/// The ways of which something is to be known.
pub(super) type Apart = HashMap<i64, Vertices>;

/// What is asked of the objects of a file.
enum Seen<'a> {
    Node {
        id: i64,
        lat: f64,
        lon: f64,
        stops: Stops,
    },
    Way {
        id: i64,
        nodes: &'a [i64],
    },
}

/// Looks up, by way, the nodes of streets that share their place with another node of a street, and those that stop somebody.
pub(super) fn apart(path: &Path) -> Result<Apart> {
    let mut ways: Vec<(i64, usize)> = Vec::new();
    let mut refs: Vec<i64> = Vec::new();
    each(path, Wanted::Streets, |seen| {
        if let Seen::Way { id, nodes } = seen {
            refs.extend(nodes);
            ways.push((id, refs.len()));
        }
    })?;
    let mut wanted = refs.clone();
    wanted.sort_unstable();
    wanted.dedup();
    let mut places: Vec<Option<(i32, i32)>> = vec![None; wanted.len()];
    let mut stopping: HashMap<i64, Stops> = HashMap::new();
    each(path, Wanted::Nodes, |seen| {
        if let Seen::Node { id, lat, lon, stops } = seen
            && let Ok(at) = wanted.binary_search(&id)
        {
            let whole = |degrees: f64| (degrees * PER_DEGREE + 0.5).floor() as i32;
            places[at] = Some((whole(lon), whole(lat)));
            if stops != Stops::default() {
                stopping.insert(id, stops);
            }
        }
    })?;
    let mut order: Vec<(i32, i32, i64)> = wanted
        .iter()
        .zip(&places)
        .filter_map(|(&node, place)| place.map(|(x, y)| (x, y, node)))
        .collect();
    order.sort_unstable();
    let shared = order
        .chunk_by(|a, b| (a.0, a.1) == (b.0, b.1))
        .filter(|here| here.len() > 1);
    let shared: HashSet<i64> = shared.flatten().map(|&(.., node)| node).collect();
    let mut apart = Apart::new();
    let mut start = 0;
    for (way, end) in ways {
        let of_way = &refs[std::mem::replace(&mut start, end)..end];
        if !of_way
            .iter()
            .any(|node| shared.contains(node) || stopping.contains_key(node))
        {
            continue;
        }
        // A node that is not in the file is no vertex of the line.
        let is_there = |node: &&i64| wanted.binary_search(node).is_ok_and(|at| places[at].is_some());
        let mut found = Vertices::default();
        for (vertex, node) in (0_u32..).zip(of_way.iter().filter(is_there)) {
            if shared.contains(node) {
                found.apart.push((vertex, *node));
            }
            if let Some(stops) = stopping.get(node) {
                found.barriers.push((vertex, *stops));
            }
        }
        apart.insert(way, found);
    }
    Ok(apart)
}

/// Which objects are handed over.
#[derive(Clone, Copy, PartialEq)]
enum Wanted {
    Nodes,
    /// Ways with a `highway`.
    Streets,
}

fn each(path: &Path, wanted: Wanted, see: impl FnMut(Seen<'_>)) -> Result<()> {
    let pbf = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("pbf"));
    let unreadable = |cause: String| LayersError::unreadable(path, cause);
    if pbf {
        each_of_pbf(path, wanted, see).map_err(|e| unreadable(e.to_string()))
    } else {
        each_of_xml(path, wanted, see).map_err(|e| unreadable(e.to_string()))
    }
}

fn each_of_pbf(
    path: &Path,
    wanted: Wanted,
    mut see: impl FnMut(Seen<'_>),
) -> std::result::Result<(), osmpbf::Error> {
    let mut nodes = Vec::new();
    ElementReader::from_path(path)?.for_each(|element| match (element, wanted) {
        (Element::Node(node), Wanted::Nodes) => see(Seen::Node {
            id: node.id(),
            lat: node.lat(),
            lon: node.lon(),
            stops: stops(node.tags()),
        }),
        (Element::DenseNode(node), Wanted::Nodes) => see(Seen::Node {
            id: node.id(),
            lat: node.lat(),
            lon: node.lon(),
            stops: stops(node.tags()),
        }),
        (Element::Way(way), Wanted::Streets) if way.tags().any(|(key, _)| key == "highway") => {
            nodes.clear();
            nodes.extend(way.refs());
            see(Seen::Way {
                id: way.id(),
                nodes: &nodes,
            });
        }
        _ => {}
    })
}

fn each_of_xml(
    path: &Path,
    wanted: Wanted,
    mut see: impl FnMut(Seen<'_>),
) -> std::result::Result<(), quick_xml::Error> {
    let mut reader = Reader::from_reader(BufReader::new(File::open(path)?));
    let (mut buffer, mut nodes) = (Vec::new(), Vec::new());
    // The way that is open, and whether it is a street.
    let mut way: Option<(i64, bool)> = None;
    // The node that is open, and its tags.
    let mut node: Option<(i64, f64, f64)> = None;
    let mut tags: Vec<(String, String)> = Vec::new();
    loop {
        buffer.clear();
        let event = reader.read_event_into(&mut buffer)?;
        let ends = match &event {
            Event::Empty(tag) => tag.name().as_ref() == "node",
            Event::End(tag) => tag.name().as_ref() == "node",
            _ => false,
        };
        match event {
            Event::Eof => return Ok(()),
            Event::Start(tag) | Event::Empty(tag) => match (tag.name().as_ref(), wanted) {
                ("node", Wanted::Nodes) => {
                    let degrees = |key| number::<f64>(&tag, key);
                    tags.clear();
                    node = number(&tag, "id")
                        .zip(degrees("lat").zip(degrees("lon")))
                        .map(|(id, (lat, lon))| (id, lat, lon));
                }
                ("tag", Wanted::Nodes) if node.is_some() => {
                    if let (Ok(Some(key)), Ok(Some(value))) =
                        (tag.try_get_attribute("k"), tag.try_get_attribute("v"))
                    {
                        tags.push((key.value.to_string(), value.value.to_string()));
                    }
                }
                ("way", Wanted::Streets) => {
                    nodes.clear();
                    way = number(&tag, "id").map(|id| (id, false));
                }
                ("nd", Wanted::Streets) => nodes.extend(number::<i64>(&tag, "ref")),
                ("tag", Wanted::Streets) => {
                    if let (Some((_, street)), Ok(Some(key))) = (&mut way, tag.try_get_attribute("k")) {
                        *street |= key.value.as_ref() == "highway";
                    }
                }
                _ => {}
            },
            Event::End(tag) if tag.name().as_ref() == "way" => {
                if let Some((id, true)) = way.take() {
                    see(Seen::Way { id, nodes: &nodes });
                }
            }
            _ => {}
        }
        if ends && let Some((id, lat, lon)) = node.take() {
            let stops = stops(tags.iter().map(|(key, value)| (key.as_str(), value.as_str())));
            see(Seen::Node { id, lat, lon, stops });
        }
    }
}

/// The box that a file says it was cut to: west, south, east, north in degrees.
pub(super) fn extent(path: &Path) -> Option<[f64; 4]> {
    let pbf = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("pbf"));
    if pbf {
        extent_of_pbf(path)
    } else {
        extent_of_xml(path)
    }
}

fn extent_of_pbf(path: &Path) -> Option<[f64; 4]> {
    // The header comes first.
    let blob = BlobReader::from_path(path).ok()?.next()?.ok()?;
    let BlobDecode::OsmHeader(header) = blob.decode().ok()? else {
        return None;
    };
    let found = header.bbox()?;
    Some([found.left, found.bottom, found.right, found.top])
}

fn extent_of_xml(path: &Path) -> Option<[f64; 4]> {
    let mut reader = Reader::from_reader(BufReader::new(File::open(path).ok()?));
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer).ok()? {
            Event::Start(tag) | Event::Empty(tag) => match tag.name().as_ref() {
                "bounds" => {
                    let side = |key| number::<f64>(&tag, key);
                    return Some([side("minlon")?, side("minlat")?, side("maxlon")?, side("maxlat")?]);
                }
                "bound" => {
                    let text = tag.try_get_attribute("box").ok()??;
                    let sides: Vec<f64> = text
                        .value
                        .split(',')
                        .map(|side| side.trim().parse().ok())
                        .collect::<Option<_>>()?;
                    let [south, west, north, east] = sides[..] else {
                        return None;
                    };
                    return Some([west, south, east, north]);
                }
                "node" | "way" | "relation" => return None,
                _ => {}
            },
            Event::Eof => return None,
            _ => {}
        }
    }
}

fn number<T: std::str::FromStr>(tag: &BytesStart<'_>, key: &str) -> Option<T> {
    let attribute = tag.try_get_attribute(key).ok()??;
    attribute.value.trim().parse().ok()
}
