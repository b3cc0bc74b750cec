//! Ground and flood levels. The ground is high on the levees along the rivers and on the filled city, low in the lakes and
//! the plains behind, and rises to the west. A flood's level falls with the distance from the water; it rises with rarity
//! everywhere, so that its depth never lessens.

use geo::{Coord, Polygon};

use crate::draw::noise;
use crate::facts::{Facts, metres};
use crate::model::{Flood, Grid, NODATA, RETURN_PERIODS, Water, WaterKind};
use crate::raster::Frame;
use crate::shape::{distance, polygon};

/// Level of the Mekong at Chaktomuk in metres above sea level, for each of [`RETURN_PERIODS`].
const STAGES_M: [f64; 6] = [8.6, 9.0, 9.4, 9.8, 10.2, 10.8];
/// Return period in years from which the ring dyke of the old town is overtopped.
const DYKE_YEARS: u32 = 200;
/// Cell of the fields that vary slowly, in metres.
const COARSE_M: f64 = 100.0;
/// Water shallower than this, in metres, counts as dry.
const WET_M: f64 = 0.05;

/// The fields from which ground and flood levels follow at any point.
pub(crate) struct Terrain<'a> {
    seed: u64,
    window: [f64; 4],
    centre: Coord<f64>,
    coarse: Frame,
    from_river: Vec<f64>,
    from_lake: Vec<f64>,
    water: &'a [Water],
    coverage: Polygon<f64>,
    dyke: Polygon<f64>,
}

/// What a cell is, beside its place.
#[derive(Debug, Clone, Copy)]
struct Cell {
    river: bool,
    pond: bool,
    behind_dyke: bool,
}

impl<'a> Terrain<'a> {
    pub(crate) fn new(facts: &Facts, water: &'a [Water], seed: u64) -> Self {
        let coarse = Frame::new(facts.skeleton.window, COARSE_M);
        let from = |kind: WaterKind| coarse.distances(&coarse.mask(of_kind(water, |other| other == kind)));
        let area = |points: &[[f64; 2]]| polygon(&points.iter().map(|&km| metres(km)).collect::<Vec<_>>());
        Self {
            seed,
            window: facts.skeleton.window,
            centre: facts.centre(),
            from_river: from(WaterKind::River),
            from_lake: from(WaterKind::Lake),
            coarse,
            water,
            coverage: area(&facts.skeleton.flood_coverage),
            dyke: area(&facts.skeleton.dyke_ring),
        }
    }

    /// The elevation model and the flood depths at a cell size.
    pub(crate) fn rasters(&self, cell_m: f64) -> (Grid, Vec<Flood>) {
        let frame = Frame::new(self.window, cell_m);
        let cells = self.cells(&frame);
        let covered = frame.mask([&self.coverage]);
        let elevation = frame.grid(|cell, at| self.ground(at, cells[cell]) as f32);
        let falls: Vec<f64> = (0..elevation.values.len())
            .map(|cell| self.fall(frame.middle(cell % frame.cols, cell / frame.cols)))
            .collect();
        let floods = RETURN_PERIODS
            .iter()
            .zip(STAGES_M)
            .map(|(&return_period, stage)| {
                let depth = frame.grid(|cell, _| {
                    let dry = cells[cell].behind_dyke && return_period < DYKE_YEARS && !cells[cell].pond;
                    let ground = f64::from(elevation.values[cell]);
                    match covered[cell] {
                        false => NODATA,
                        true if dry => 0.0,
                        true => depth(stage - falls[cell], ground) as f32,
                    }
                });
                Flood { return_period, depth }
            });
        let floods = floods.collect();
        (elevation, floods)
    }

    /// Depth beyond the usual waters at the middles of a frame's cells when the river stands at `stage` metres at Chaktomuk.
    pub(crate) fn event(&self, frame: &Frame, stage: f64) -> Vec<f64> {
        let cells = self.cells(frame);
        let at = |cell: usize| frame.middle(cell % frame.cols, cell / frame.cols);
        let value = |cell: usize| {
            let kind = cells[cell];
            if kind.behind_dyke || kind.river || kind.pond {
                0.0
            } else {
                depth(stage - self.fall(at(cell)), self.ground(at(cell), kind))
            }
        };
        (0..cells.len()).map(value).collect()
    }

    /// The window of the rasters.
    pub(crate) fn window(&self) -> [f64; 4] {
        self.window
    }

    fn cells(&self, frame: &Frame) -> Vec<Cell> {
        let river = frame.mask(of_kind(self.water, |kind| kind == WaterKind::River));
        let pond = frame.mask(of_kind(self.water, |kind| kind != WaterKind::River));
        let dyke = frame.mask([&self.dyke]);
        let both = river.into_iter().zip(pond).zip(dyke);
        both.map(|((river, pond), behind_dyke)| Cell {
            river,
            pond,
            behind_dyke,
        })
        .collect()
    }

    /// Ground in metres above sea level, rounded to 1 cm.
    fn ground(&self, at: Coord<f64>, cell: Cell) -> f64 {
        let rough = |salt: u64, size: f64| noise(self.seed ^ salt, at.x, at.y, size);
        let near = |d: f64, width: f64| 1.0 / (1.0 + (d / width) * (d / width));
        let small = 0.5 * rough(0x72, 800.0) + 0.2 * rough(0x73, 220.0) + 0.08 * rough(0x74, 70.0);
        let ground = if cell.river {
            0.5 + 2.0 * rough(0x71, 1500.0)
        } else if cell.pond {
            4.6 + small
        } else {
            let levee = 2.4 * near(self.coarse.between(&self.from_river, at), 800.0);
            let shore = 2.2 * near(self.coarse.between(&self.from_lake, at), 700.0);
            let town = distance(at, self.centre) / 5_500.0;
            let fill = 3.0 / (1.0 + town * town * town * town);
            let west = ((489_000.0 - at.x) / 21_000.0).clamp(0.0, 1.0);
            let east = ((at.x - 494_500.0) / 4_000.0).clamp(0.0, 1.0);
            8.1 + levee - shore + fill + 9.0 * west * west.sqrt() - 1.2 * east
                + 0.9 * rough(0x70, 2_600.0)
                + small
        };
        (ground * 100.0).round() / 100.0
    }

    /// How much lower than at Chaktomuk a flood stands: it falls downstream and away from the water.
    fn fall(&self, at: Coord<f64>) -> f64 {
        let river = self.coarse.between(&self.from_river, at);
        let lake = self.coarse.between(&self.from_lake, at) + 1_200.0;
        0.000_28 * river.min(lake) - 0.000_02 * (at.y - self.centre.y)
    }
}

/// Depth of water at a level over ground, in whole centimetres; shallow water is dry.
fn depth(level: f64, ground: f64) -> f64 {
    let depth = ((level - ground) * 100.0).round() / 100.0;
    if depth < WET_M { 0.0 } else { depth }
}

fn of_kind(water: &[Water], is: impl Fn(WaterKind) -> bool) -> impl Iterator<Item = &Polygon<f64>> {
    water
        .iter()
        .filter(move |water| is(water.kind))
        .map(|water| &water.geometry)
}
