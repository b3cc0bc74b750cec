//! The ground that a team works on, as squares of the tile pyramid: quick to ask whether something lies there.

use std::collections::HashSet;

use phteah_layers::{Catalogue, LayersError, Query, Role};
use phteah_store::Area;

use crate::tiles::generalise::Outline;
use crate::tiles::grid::TileId;
use crate::tiles::plane::Plane;
use crate::tiles::projection::{radians_from_world, world_from_radians};

/// Units along one side of the world, as prepared layers count them.
const WORLD: f64 = 4_294_967_296.0;

/// The zoom whose tiles are the squares: some 600 m wide in Cambodia.
const ZOOM: u8 = 16;

/// Units along one side of a square.
const SIDE: f64 = WORLD / 65_536.0;

/// Squares around the area that belong to its map: what lies just beyond it helps to find the way.
const MARGIN: u32 = 1;

/// Squares around it in which services count as near: some 3.5 km.
const NEAR: u32 = 6;

/// The most steps along one edge. No true shape needs more.
const MOST_STEPS: f64 = 20_000.0;

type Square = (u32, u32);

/// Where a team works.
#[derive(Debug)]
pub struct Ground {
    /// The area and its margin; `None` stands for all of the deployment.
    squares: Option<HashSet<Square>>,
    /// The same with all that is near.
    near: HashSet<Square>,
    /// A place within each part of the area, in world units.
    within: Vec<(f64, f64)>,
    /// West, north, east, south in world units.
    bounds: [f64; 4],
}

impl Ground {
    /// The ground of an area; `None` where no loaded boundary says where it lies.
    pub fn of(catalogue: &Catalogue, area: &Area) -> Result<Option<Self>, LayersError> {
        match area {
            Area::Nowhere => Ok(None),
            Area::Everywhere => Ok(Some(Self::everywhere(catalogue))),
            Area::Sangkats(codes) => {
                let plane = Plane::of(&catalogue.crs()?)?;
                let to_world = |x, y| plane.to_world(x, y).map(|(x, y)| (x * WORLD, y * WORLD));
                let mut parts = Vec::new();
                for entry in catalogue.of_role(Role::Boundaries) {
                    catalogue
                        .vector(&entry.name)?
                        .for_each(&Query::default(), |feature| {
                            let is_ours = feature.text("code").is_some_and(|code| codes.contains(code));
                            if is_ours && let Some(shape) = &feature.geometry {
                                parts.extend(Outline::project(shape, &to_world));
                            }
                            Ok::<(), LayersError>(())
                        })?;
                }
                Ok(Self::around(&parts))
            }
        }
    }

    fn everywhere(catalogue: &Catalogue) -> Self {
        let shown = [
            Role::Boundaries,
            Role::Roads,
            Role::Settlements,
            Role::Services,
            Role::Buildings,
        ];
        let bounds = shown
            .into_iter()
            .flat_map(|role| catalogue.of_role(role))
            .map(|entry| entry.bounds);
        let mut known = union(bounds).unwrap_or(catalogue.deployment().extent);
        // Nothing beyond the deployment is its team's area.
        let [west, south, east, north] = catalogue.deployment().extent;
        known = [
            known[0].max(west),
            known[1].max(south),
            known[2].min(east),
            known[3].min(north),
        ];
        let corner = |lon: f64, lat: f64| {
            let (x, y) = world_from_radians(lon.to_radians(), lat.to_radians());
            (x * WORLD, y * WORLD)
        };
        let ((w, n), (e, s)) = (corner(known[0], known[3]), corner(known[2], known[1]));
        Self {
            squares: None,
            near: HashSet::new(),
            within: Vec::new(),
            bounds: [w, n, e, s],
        }
    }

    /// The ground of these polygons; `None` if there are none.
    fn around(parts: &[Outline]) -> Option<Self> {
        let mut squares = HashSet::new();
        let mut within = Vec::new();
        for part in parts {
            let Outline::Polygons(polygons) = part else {
                continue;
            };
            for rings in polygons {
                for ring in rings {
                    edges(ring, |a, b| {
                        steps(a, b, |square| {
                            squares.insert(square);
                            false
                        });
                    });
                }
                fill(rings, &mut squares);
                within.extend(rings.first().and_then(|ring| ring.first()).copied());
            }
        }
        if squares.is_empty() {
            return None;
        }
        let near = widened(&squares, NEAR);
        let squares = widened(&squares, MARGIN);
        let mut bounds = [f64::MAX, f64::MAX, f64::MIN, f64::MIN];
        for &(x, y) in &squares {
            let (x, y) = (f64::from(x) * SIDE, f64::from(y) * SIDE);
            bounds = [
                bounds[0].min(x),
                bounds[1].min(y),
                bounds[2].max(x + SIDE),
                bounds[3].max(y + SIDE),
            ];
        }
        Some(Self {
            squares: Some(squares),
            near,
            within,
            bounds,
        })
    }

    /// Whether some of a shape, in world units, lies on it.
    pub fn touches(&self, outline: &Outline) -> bool {
        let Some(squares) = &self.squares else { return true };
        let has = |square: Square| squares.contains(&square);
        match outline {
            Outline::Points(points) => points.iter().any(|&at| square_of(at).is_some_and(has)),
            Outline::Lines(lines) => lines.iter().any(|line| {
                line.windows(2).any(|pair| steps(pair[0], pair[1], has))
                    || line.first().is_some_and(|&at| square_of(at).is_some_and(has))
            }),
            Outline::Polygons(polygons) => polygons.iter().any(|rings| {
                let mut touched = false;
                for ring in rings {
                    edges(ring, |a, b| touched = touched || steps(a, b, has));
                }
                touched || self.within.iter().any(|&at| is_inside(rings, at))
            }),
        }
    }

    /// Whether a place, in world units, is near it.
    pub fn is_near(&self, at: (f64, f64)) -> bool {
        self.squares.is_none() || square_of(at).is_some_and(|square| self.near.contains(&square))
    }

    /// The tiles of a zoom, no greater than 16, that show some of it.
    pub fn tiles(&self, zoom: u8) -> Vec<TileId> {
        let mut places: Vec<(u32, u32)> = if let Some(squares) = &self.squares {
            let shift = u32::from(ZOOM.saturating_sub(zoom));
            let all: HashSet<(u32, u32)> = squares.iter().map(|(x, y)| (x >> shift, y >> shift)).collect();
            all.into_iter().collect()
        } else {
            let side = WORLD / f64::from(1_u32 << zoom);
            let [w, n, e, s] = self.bounds.map(|v| (v / side).floor() as u32);
            (w..=e).flat_map(|x| (n..=s).map(move |y| (x, y))).collect()
        };
        places.sort_unstable();
        places
            .into_iter()
            .filter_map(|(x, y)| TileId::new(zoom, x, y))
            .collect()
    }

    /// How many tiles [`Ground::tiles`] gives at most.
    pub fn count(&self, zoom: u8) -> u64 {
        let side = WORLD / f64::from(1_u32 << zoom);
        let [w, n, e, s] = self.bounds.map(|v| (v / side).floor());
        ((e - w + 1.0) * (s - n + 1.0)).max(0.0) as u64
    }

    /// West, south, east, north in degrees.
    pub fn bounds_in_degrees(&self) -> [f64; 4] {
        let [w, n, e, s] = self.bounds;
        let degrees = |x: f64, y: f64| {
            let (lon, lat) = radians_from_world(x / WORLD, y / WORLD);
            (lon.to_degrees(), lat.to_degrees())
        };
        let ((west, north), (east, south)) = (degrees(w, n), degrees(e, s));
        [west, south, east, north]
    }

    /// West, south, east, north in a layer's plane, so that nothing which touches the ground lies outside; everything where the plane does not
    /// reach so far.
    pub fn box_in(&self, plane: &Plane) -> [f64; 4] {
        const STEPS: i32 = 16;
        const EVERYTHING: [f64; 4] = [f64::MIN, f64::MIN, f64::MAX, f64::MAX];
        // Meridians and parallels are curved in the plane: a little beyond what the steps along the edges find.
        const MORE_M: f64 = 100.0;
        let [w, n, e, s] = self.bounds.map(|v| v / WORLD);
        let mut found = [f64::MAX, f64::MAX, f64::MIN, f64::MIN];
        for step in 0..=STEPS {
            let part = f64::from(step) / f64::from(STEPS);
            let (x, y) = (w + (e - w) * part, n + (s - n) * part);
            for (x, y) in [(x, n), (x, s), (w, y), (e, y)] {
                let Some((x, y)) = plane.from_world(x, y) else {
                    return EVERYTHING;
                };
                found = [found[0].min(x), found[1].min(y), found[2].max(x), found[3].max(y)];
            }
        }
        [
            found[0] - MORE_M,
            found[1] - MORE_M,
            found[2] + MORE_M,
            found[3] + MORE_M,
        ]
    }
}

/// A place in the layer's plane in world units.
pub fn in_world(plane: &Plane, x: f64, y: f64) -> Option<(f64, f64)> {
    plane.to_world(x, y).map(|(x, y)| (x * WORLD, y * WORLD))
}

fn union(all: impl Iterator<Item = [f64; 4]>) -> Option<[f64; 4]> {
    all.reduce(|a, b| [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])])
}

fn square_of((x, y): (f64, f64)) -> Option<Square> {
    let place = |v: f64| (0.0..WORLD).contains(&v).then_some((v / SIDE) as u32);
    Some((place(x)?, place(y)?))
}

/// The edges of a ring that is not closed.
fn edges(ring: &[(f64, f64)], mut each: impl FnMut((f64, f64), (f64, f64))) {
    for (i, &a) in ring.iter().enumerate() {
        each(a, ring[(i + 1) % ring.len()]);
    }
}

/// Walks along an edge in steps of a third of a square until one of the squares pleases.
fn steps(a: (f64, f64), b: (f64, f64), mut pleases: impl FnMut(Square) -> bool) -> bool {
    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
    let count = (dx.abs().max(dy.abs()) / (SIDE / 3.0))
        .ceil()
        .clamp(1.0, MOST_STEPS);
    let mut last = None;
    for step in 0..=(count as u32) {
        let part = f64::from(step) / count;
        let square = square_of((a.0 + dx * part, a.1 + dy * part));
        if square != last && square.is_some_and(&mut pleases) {
            return true;
        }
        last = square;
    }
    false
}

/// Adds the squares whose middles lie inside.
fn fill(rings: &[Vec<(f64, f64)>], squares: &mut HashSet<Square>) {
    let ys = rings.iter().flatten().map(|&(_, y)| y);
    let (low, high) = ys.fold((f64::MAX, f64::MIN), |(low, high), y| (low.min(y), high.max(y)));
    if low > high {
        return;
    }
    let (first, last) = (
        (low.max(0.0) / SIDE) as u32,
        (high.min(WORLD - 1.0) / SIDE) as u32,
    );
    for row in first..=last {
        let y = (f64::from(row) + 0.5) * SIDE;
        let mut crossings: Vec<f64> = Vec::new();
        for ring in rings {
            edges(ring, |a, b| {
                if (a.1 > y) != (b.1 > y) {
                    crossings.push(a.0 + (y - a.1) / (b.1 - a.1) * (b.0 - a.0));
                }
            });
        }
        crossings.sort_unstable_by(f64::total_cmp);
        for pair in crossings.chunks_exact(2) {
            let from = (pair[0].max(0.0) / SIDE - 0.5).ceil().max(0.0) as u32;
            let to = (pair[1].min(WORLD - 1.0) / SIDE - 0.5).floor();
            if to >= 0.0 {
                squares.extend((from..=(to as u32)).map(|column| (column, row)));
            }
        }
    }
}

/// Whether a place lies inside of rings, by the parity of crossings.
fn is_inside(rings: &[Vec<(f64, f64)>], (x, y): (f64, f64)) -> bool {
    let mut inside = false;
    for ring in rings {
        edges(ring, |a, b| {
            if (a.1 > y) != (b.1 > y) && a.0 + (y - a.1) / (b.1 - a.1) * (b.0 - a.0) > x {
                inside = !inside;
            }
        });
    }
    inside
}

fn widened(squares: &HashSet<Square>, by: u32) -> HashSet<Square> {
    let last = (1_u32 << ZOOM) - 1;
    squares
        .iter()
        .flat_map(|&(x, y)| {
            let xs = x.saturating_sub(by)..=x.saturating_add(by).min(last);
            xs.flat_map(move |x| {
                let ys = y.saturating_sub(by)..=y.saturating_add(by).min(last);
                ys.map(move |y| (x, y))
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A square of so many squares, with a hole of one in its middle.
    fn block(from: f64, to: f64) -> Outline {
        let ring = |low: f64, high: f64| {
            [(low, low), (high, low), (high, high), (low, high)].map(|(x, y)| (x * SIDE, y * SIDE))
        };
        Outline::Polygons(vec![vec![ring(from, to).to_vec()]])
    }

    fn at(x: f64, y: f64) -> Outline {
        Outline::Points(vec![(x * SIDE, y * SIDE)])
    }

    #[test]
    fn an_area_and_one_square_around_it() {
        let ground = Ground::around(&[block(100.2, 103.8)]).unwrap();
        for (place, expected) in [
            (99.5, true),
            (98.9, false),
            (102.0, true),
            (104.9, true),
            (105.1, false),
        ] {
            assert_eq!(ground.touches(&at(place, 102.0)), expected, "{place}");
            assert_eq!(ground.touches(&at(102.0, place)), expected, "{place}");
        }
        // 4 × 4 squares hold the area, 6 × 6 with the margin.
        assert_eq!(ground.tiles(16).len(), 36);
        assert_eq!(
            ground.tiles(10),
            [TileId::new(10, 1, 1).unwrap()],
            "99 and 104 of 64 are 1"
        );
        assert!(ground.is_near((97.0 * SIDE, 102.0 * SIDE)) && !ground.is_near((93.0 * SIDE, 102.0 * SIDE)));
    }

    #[test]
    fn what_passes_through_or_lies_around_touches_it() {
        let ground = Ground::around(&[block(100.2, 103.8)]).unwrap();
        let line = |points: &[(f64, f64)]| {
            Outline::Lines(vec![points.iter().map(|&(x, y)| (x * SIDE, y * SIDE)).collect()])
        };
        assert!(
            ground.touches(&line(&[(50.0, 102.0), (150.0, 102.0)])),
            "passes through"
        );
        assert!(
            !ground.touches(&line(&[(50.0, 98.0), (150.0, 98.0)])),
            "passes by"
        );
        assert!(ground.touches(&block(10.0, 500.0)), "lies around");
        assert!(!ground.touches(&block(200.0, 210.0)), "lies elsewhere");
        assert!(Ground::around(&[]).is_none());
    }
}
