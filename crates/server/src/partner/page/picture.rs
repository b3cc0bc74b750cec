//! A small map of a layer as SVG: a sample of its features, drawn to half a pixel.

use std::collections::HashSet;
use std::fmt::Write;

use geo::{Coord, CoordsIter, Geometry, Polygon};

use crate::api::error::ApiError;
use crate::partner::data::scan::sample;
use crate::partner::data::source::VisibleLayer;

/// Features drawn at most: more would fill a picture of this size.
const FEATURES: usize = 3000;
const WIDTH: f64 = 320.0;
const HEIGHT: f64 = 220.0;
const MARGIN: f64 = 6.0;

/// Draws the layer.
pub fn draw(layer: &VisibleLayer) -> Result<String, ApiError> {
    let mut shapes = Vec::new();
    sample(layer, FEATURES, |row| {
        if let Some(wkb) = row.wkb() {
            shapes.push(
                phteah_layers::wkb::parse(wkb)
                    .map_err(ApiError::internal)?
                    .geometry,
            );
        }
        Ok(())
    })?;
    Ok(svg(&shapes))
}

fn svg(shapes: &[Geometry<f64>]) -> String {
    let mut bounds = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
    for c in shapes.iter().flat_map(CoordsIter::coords_iter) {
        bounds = [
            bounds[0].min(c.x),
            bounds[1].min(c.y),
            bounds[2].max(c.x),
            bounds[3].max(c.y),
        ];
    }
    let (width, height) = (
        (bounds[2] - bounds[0]).max(1e-9),
        (bounds[3] - bounds[1]).max(1e-9),
    );
    let scale = ((WIDTH - 2.0 * MARGIN) / width).min((HEIGHT - 2.0 * MARGIN) / height);
    let (left, top) = ((WIDTH - width * scale) / 2.0, (HEIGHT - height * scale) / 2.0);
    // Half pixels: what falls on the same one is drawn once.
    let place = |c: Coord<f64>| {
        let x = ((left + (c.x - bounds[0]) * scale) * 2.0).round() as i32;
        let y = ((top + (bounds[3] - c.y) * scale) * 2.0).round() as i32;
        (x, y)
    };
    let mut pen = Pen::default();
    for shape in shapes {
        match shape {
            Geometry::Polygon(p) => pen.polygon(p, &place),
            Geometry::MultiPolygon(m) => m.iter().for_each(|p| pen.polygon(p, &place)),
            Geometry::LineString(l) => pen.path(l.coords().copied().map(place).collect(), false),
            Geometry::MultiLineString(m) => m
                .iter()
                .for_each(|l| pen.path(l.coords().copied().map(place).collect(), false)),
            other => other.coords_iter().map(place).for_each(|at| pen.dot(at)),
        }
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" width=\"{WIDTH}\" height=\"{HEIGHT}\">\
         <rect width=\"100%\" height=\"100%\" fill=\"#eef2f0\"/>\
         <g transform=\"scale(0.5)\"><path d=\"{}\" fill=\"#1d6b6b\" fill-opacity=\"0.45\" stroke=\"#124a4a\" stroke-width=\"0.8\"/>\
         <path d=\"{}\" fill=\"none\" stroke=\"#124a4a\" stroke-width=\"1.2\"/>\
         <path d=\"{}\" fill=\"none\" stroke=\"#b2431e\" stroke-width=\"5\" stroke-linecap=\"round\"/></g></svg>",
        pen.areas, pen.lines, pen.dots
    )
}

fn turns_right(ring: &[(i32, i32)]) -> bool {
    let wide = |v: i32| i64::from(v);
    ring.windows(2)
        .map(|w| wide(w[0].0) * wide(w[1].1) - wide(w[1].0) * wide(w[0].1))
        .sum::<i64>()
        >= 0
}

#[derive(Default)]
struct Pen {
    areas: String,
    lines: String,
    dots: String,
    taken: HashSet<(i32, i32)>,
}

impl Pen {
    /// Outer rings turn one way and holes the other: where polygons lie on each other, as divisions of two levels do, all stay filled.
    fn polygon(&mut self, polygon: &Polygon<f64>, place: &impl Fn(Coord<f64>) -> (i32, i32)) {
        let rings = std::iter::once((polygon.exterior(), true))
            .chain(polygon.interiors().iter().map(|hole| (hole, false)));
        for (ring, outer) in rings {
            let mut places: Vec<_> = ring.coords().copied().map(place).collect();
            if turns_right(&places) != outer {
                places.reverse();
            }
            self.path(places, true);
        }
    }

    fn path(&mut self, mut kept: Vec<(i32, i32)>, closed: bool) {
        kept.dedup();
        let path = if closed { &mut self.areas } else { &mut self.lines };
        match kept.as_slice() {
            [] => {}
            // Under half a pixel: one speck for all that fall there.
            [at] | [at, _] if closed => {
                if self.taken.insert(*at) {
                    let _ = write!(path, "M{} {}h1v1h-1z", at.0, at.1);
                }
            }
            [first, rest @ ..] => {
                let _ = write!(path, "M{} {}", first.0, first.1);
                for at in rest {
                    let _ = write!(path, "L{} {}", at.0, at.1);
                }
                if closed {
                    path.push('z');
                }
            }
        }
    }

    fn dot(&mut self, at: (i32, i32)) {
        if self.taken.insert(at) {
            let _ = write!(self.dots, "M{} {}h0", at.0, at.1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_falls_on_the_same_speck_is_drawn_once() {
        let far: Geometry<f64> = geo::Point::new(100_000.0, 80_000.0).into();
        let many = (0..500).map(|i| Geometry::from(geo::Point::new(f64::from(i) * 0.001, 0.0)));
        let svg = svg(&many.chain([far]).collect::<Vec<_>>());
        assert_eq!(svg.matches("h0").count(), 2);
        assert!(!svg.contains("NaN") && !svg.contains("inf"));
    }

    #[test]
    fn a_division_within_a_division_stays_filled_and_a_hole_open() {
        let ring = |points: &[(f64, f64)]| geo::LineString::from(points.to_vec());
        let khan = ring(&[(0.0, 0.0), (9.0, 0.0), (9.0, 9.0), (0.0, 9.0), (0.0, 0.0)]);
        let other_way = ring(&[(1.0, 1.0), (1.0, 5.0), (5.0, 5.0), (5.0, 1.0), (1.0, 1.0)]);
        let hole = ring(&[(6.0, 6.0), (8.0, 6.0), (8.0, 8.0), (6.0, 8.0), (6.0, 6.0)]);
        let svg = svg(&[
            Polygon::new(khan, vec![hole]).into(),
            Polygon::new(other_way, vec![]).into(),
        ]);
        assert!(!svg.contains("evenodd"));
        let path = svg.split("<path d=\"").nth(1).unwrap().split('"').next().unwrap();
        let turns: Vec<bool> = path
            .split('M')
            .skip(1)
            .map(|ring| {
                let places: Vec<(i32, i32)> = ring
                    .trim_end_matches('z')
                    .split('L')
                    .map(|at| at.split_once(' ').unwrap())
                    .map(|(x, y)| (x.parse().unwrap(), y.parse().unwrap()))
                    .collect();
                turns_right(&places)
            })
            .collect();
        assert_eq!(turns, [true, false, true]);
    }

    #[test]
    fn nothing_is_an_empty_map() {
        let svg = svg(&[]);
        assert!(svg.starts_with("<svg") && !svg.contains("NaN"));
    }
}
