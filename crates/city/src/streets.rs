//! From lines to roads: junctions become shared vertices, streets end at the water, main roads bridge it, and what is not
//! connected to the network is left out.

use std::collections::HashMap;

use geo::{Coord, LineString};

use crate::blocks::Line;
use crate::model::Road;
use crate::near::Obstacles;
use crate::planar::{Key, insert, key};
use crate::shape::{along, segment_distance};

/// Builds the roads from the lines; the first `main` lines may bridge water.
pub(crate) fn roads(lines: Vec<Line>, main: usize, banks: &Obstacles) -> Vec<Road> {
    let mut roads = Vec::new();
    for (index, line) in lines.into_iter().enumerate() {
        let mut points = line.points;
        let mut at: Vec<_> = line
            .junctions
            .iter()
            .map(|&c| (nearest_segment(&points, c), c))
            .collect();
        insert(&mut points, &mut at);
        let wet: Vec<bool> = points.windows(2).map(|w| over_water(w, banks)).collect();
        let broken = wet.contains(&true);
        for (run, wet) in runs(&wet) {
            if wet && index >= main {
                continue;
            }
            roads.push(Road {
                road_id: String::new(),
                name_en: line.name.clone(),
                class: line.class,
                surface: line.surface,
                // A street that the water cuts short must be left the way it was entered.
                oneway: line.oneway && (index < main || !broken),
                bridge: wet,
                reserve_m: line.reserve_m,
                geometry: LineString(points[run.start..=run.end].to_vec()),
            });
        }
    }
    let mut roads = largest_network(roads);
    for (index, road) in roads.iter_mut().enumerate() {
        road.road_id = format!("R{:06}", index + 1);
    }
    roads
}

fn nearest_segment(points: &[Coord<f64>], c: Coord<f64>) -> usize {
    let far = |index: &usize| segment_distance(points[*index], points[index + 1], c);
    (0..points.len() - 1)
        .min_by(|a, b| far(a).total_cmp(&far(b)))
        .unwrap_or(0)
}

fn over_water(w: &[Coord<f64>], banks: &Obstacles) -> bool {
    banks.near(w) || banks.in_water(along(w[0], w[1], 0.5))
}

/// Stretches of equal value: the segments `start..end` and the value.
fn runs(values: &[bool]) -> Vec<(std::ops::Range<usize>, bool)> {
    let mut out: Vec<(std::ops::Range<usize>, bool)> = Vec::new();
    for (index, &value) in values.iter().enumerate() {
        match out.last_mut() {
            Some((run, last)) if *last == value => run.end = index + 1,
            _ => out.push((index..index + 1, value)),
        }
    }
    out
}

/// The roads of the largest connected network, in their order.
fn largest_network(roads: Vec<Road>) -> Vec<Road> {
    let mut number: HashMap<Key, usize> = HashMap::new();
    let mut parent: Vec<usize> = Vec::new();
    let mut first_of = Vec::with_capacity(roads.len());
    for road in &roads {
        let mut before = None;
        for c in &road.geometry.0 {
            let next = parent.len();
            let vertex = *number.entry(key(*c)).or_insert(next);
            if vertex == next {
                parent.push(next);
            }
            if let Some(before) = before {
                let (a, b) = (root(&mut parent, before), root(&mut parent, vertex));
                parent[a.max(b)] = a.min(b);
            }
            before = Some(vertex);
        }
        first_of.push(before.unwrap_or(0));
    }
    let mut size = vec![0usize; parent.len()];
    for vertex in 0..parent.len() {
        let network = root(&mut parent, vertex);
        size[network] += 1;
    }
    let largest = (0..size.len())
        .max_by_key(|&network| (size[network], usize::MAX - network))
        .unwrap_or(0);
    let kept = roads.into_iter().zip(first_of);
    kept.filter(|&(_, vertex)| root(&mut parent, vertex) == largest)
        .map(|(road, _)| road)
        .collect()
}

fn root(parent: &mut [usize], mut vertex: usize) -> usize {
    while parent[vertex] != vertex {
        parent[vertex] = parent[parent[vertex]];
        vertex = parent[vertex];
    }
    vertex
}
