//! The strip along roads that must stay free, as polygons to be cut out of sites.

use geo::algorithm::buffer::{Buffer, BufferStyle, LineCap};
use geo::{LineString, MultiPolygon};
use rayon::prelude::*;

use crate::index::{Bounds, Tree};
use crate::surface;

/// Everything nearer than `half_width` metres to a road's centre line, for the roads that come that near to any of
/// `shapes`: a polygon for each. Ends are cut straight: a road's reserve does not go on beyond it.
pub fn road_reserve(
    roads: &[LineString<f64>],
    half_width: f64,
    shapes: &[MultiPolygon<f64>],
) -> Vec<MultiPolygon<f64>> {
    let boxes: Vec<Bounds> = shapes
        .iter()
        .filter_map(|shape| surface::bounds(shape).map(|rect| Bounds::from(rect).grown(half_width)))
        .collect();
    let near = Tree::new(&boxes);
    let reserve = |road: &LineString<f64>| {
        let finite = road.0.iter().all(|c| c.x.is_finite() && c.y.is_finite());
        let bounds = road.0.iter().map(|&c| Bounds::of(c, c)).reduce(Bounds::union)?;
        let mut any = false;
        near.search(&bounds, |_| any = true);
        // A line of no length has no sides.
        let long = road.0.windows(2).any(|pair| pair[0] != pair[1]);
        (finite && any && long)
            .then(|| road.buffer_with_style(BufferStyle::new(half_width).line_cap(LineCap::Butt)))
    };
    roads.par_iter().filter_map(reserve).collect()
}
