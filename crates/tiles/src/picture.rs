//! Rasters as pictures. Depth goes from shallow to deep in one blue whose lightness falls steadily, ground from low to high in one brown whose
//! lightness rises: the order survives colour blindness and a black-and-white printer. Dry is transparent. Where the depth of water is not
//! known the picture is hatched: what no map covers must not look dry.

use geo::Rect;
use phteah_layers::{Block, Grid, LayersError, RasterFile, Window};

use super::grid::{EXTENT, TileId};
use super::plane::Plane;

/// Pixels along one side of a raster tile.
pub const SIDE: usize = 256;

/// Metres, then colour (red, green, blue) and opacity.
type Stop = (f32, [u8; 3], u8);

/// How a number becomes a colour: mixed between two stops, that of the last stop beyond it.
#[derive(Debug)]
pub struct Ramp {
    stops: [Stop; 6],
    /// What lies below is not drawn, in metres.
    from: f32,
    /// Whether unknown cells are hatched; otherwise they are transparent.
    hatched: bool,
}

/// Depth of water. Under a centimetre is dry.
pub const DEPTH: Ramp = Ramp {
    stops: [
        (0.05, [0xde, 0xeb, 0xf7], 120),
        (0.3, [0xc6, 0xdb, 0xef], 160),
        (1.0, [0x6b, 0xae, 0xd6], 190),
        (2.0, [0x21, 0x71, 0xb5], 205),
        (3.0, [0x10, 0x4d, 0x92], 215),
        (5.0, [0x08, 0x30, 0x6b], 220),
    ],
    from: 0.01,
    hatched: true,
};

/// Height of the ground. The city lies between 3 and 20 m; hills around it reach 100.
pub const GROUND: Ramp = Ramp {
    stops: [
        (0.0, [0x4a, 0x3b, 0x2a], 170),
        (5.0, [0x7a, 0x62, 0x45], 170),
        (10.0, [0xa6, 0x8a, 0x63], 170),
        (20.0, [0xcb, 0xb3, 0x8d], 170),
        (50.0, [0xe6, 0xd7, 0xbc], 170),
        (100.0, [0xf6, 0xf0, 0xe2], 170),
    ],
    from: f32::MIN,
    hatched: false,
};

/// Cells read at the most for one tile, along each side: enough for one per pixel and no more.
const MAX_CELLS: usize = 2 * SIDE;

/// Colour, opacity, width and distance in pixels of the lines that hatch what is not known. The distance divides a tile's side, so that lines
/// go on from tile to tile.
const HATCH: [u8; 4] = [0x6b, 0x62, 0x55, 110];
const HATCH_WIDTH: usize = 2;
const HATCH_DISTANCE: usize = 16;

/// Draws one tile of a raster as PNG; a tile of dry cells is a small transparent picture.
pub fn draw(raster: &RasterFile, plane: &Plane, tile: TileId, ramp: &Ramp) -> Result<Vec<u8>, LayersError> {
    let mut pixels = vec![0_u8; SIDE * SIDE * 4];
    let area = tile.window(plane);
    let area = Rect::new((area.min_x, area.min_y), (area.max_x, area.max_y));
    let cells = match raster.grid().window_of(area) {
        Some(window) => Some(Cells::read(raster, window)?),
        None => None,
    };
    if cells.is_some() || ramp.hatched {
        let step = f64::from(EXTENT) / SIDE as f64;
        for row in 0..SIDE {
            for column in 0..SIDE {
                let place = ((column as f64 + 0.5) * step, (row as f64 + 0.5) * step);
                let number = cells
                    .as_ref()
                    .and_then(|cells| tile.unproject(plane, place).and_then(|(x, y)| cells.at(x, y)));
                let colour = match number {
                    Some(number) => ramp.colour(number),
                    None => ramp.unknown(column, row),
                };
                if let Some(colour) = colour {
                    let at = (row * SIDE + column) * 4;
                    pixels[at..at + 4].copy_from_slice(&colour);
                }
            }
        }
    }
    encode(&pixels).map_err(|e| LayersError::Io {
        doing: "drawing a tile".into(),
        source: std::io::Error::other(e),
    })
}

/// A window of a raster as it was read, which may be thinner than its cells.
struct Cells {
    block: Block,
    grid: Grid,
    window: Window,
    columns: usize,
    rows: usize,
}

impl Cells {
    fn read(raster: &RasterFile, window: Window) -> Result<Self, LayersError> {
        let (columns, rows) = (window.columns.min(MAX_CELLS), window.rows.min(MAX_CELLS));
        Ok(Self {
            block: raster.read_decimated(window, columns, rows)?,
            grid: raster.grid(),
            window,
            columns,
            rows,
        })
    }

    /// The value at a place; `None` outside or where it is unknown.
    fn at(&self, x: f64, y: f64) -> Option<f32> {
        let part = self.grid.part(self.window);
        let share_x = (x - part.west) / (part.cell_width * part.columns as f64);
        let share_y = (part.north - y) / (part.cell_height * part.rows as f64);
        if !(0.0..1.0).contains(&share_x) || !(0.0..1.0).contains(&share_y) {
            return None;
        }
        let column = ((share_x * self.columns as f64) as usize).min(self.columns - 1);
        let row = ((share_y * self.rows as f64) as usize).min(self.rows - 1);
        let at = row * self.columns + column;
        self.block.valid[at].then(|| self.block.values[at])
    }
}

impl Ramp {
    /// What is drawn at a pixel of a tile where nothing is known.
    fn unknown(&self, column: usize, row: usize) -> Option<[u8; 4]> {
        (self.hatched && (column + row) % HATCH_DISTANCE < HATCH_WIDTH).then_some(HATCH)
    }

    /// Colour and opacity of a number; `None` where nothing is drawn.
    fn colour(&self, number: f32) -> Option<[u8; 4]> {
        if number < self.from {
            return None;
        }
        let right = self.stops.partition_point(|stop| stop.0 <= number);
        let (low, high) = (
            self.stops[right.saturating_sub(1)],
            self.stops[right.min(self.stops.len() - 1)],
        );
        let share = if high.0 > low.0 {
            (number - low.0) / (high.0 - low.0)
        } else {
            0.0
        };
        let mix = |a: u8, b: u8| (f32::from(a) + (f32::from(b) - f32::from(a)) * share).round() as u8;
        Some([
            mix(low.1[0], high.1[0]),
            mix(low.1[1], high.1[1]),
            mix(low.1[2], high.1[2]),
            mix(low.2, high.2),
        ])
    }
}

fn encode(pixels: &[u8]) -> Result<Vec<u8>, png::EncodingError> {
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, SIDE as u32, SIDE as u32);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(pixels)?;
    writer.finish()?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lightness(c: [u8; 4]) -> f64 {
        0.2126 * f64::from(c[0]) + 0.7152 * f64::from(c[1]) + 0.0722 * f64::from(c[2])
    }

    #[test]
    fn deeper_is_never_lighter_nor_more_transparent() {
        let drawn: Vec<_> = (1..=700)
            .filter_map(|cm| DEPTH.colour(cm as f32 / 100.0))
            .collect();
        assert_eq!(drawn.len(), 700);
        for pair in drawn.windows(2) {
            assert!(
                lightness(pair[1]) <= lightness(pair[0]) + 0.6 && pair[1][3] >= pair[0][3],
                "{pair:?}"
            );
        }
        assert!(lightness(drawn[0]) > lightness(drawn[699]) + 100.0);
    }

    #[test]
    fn higher_ground_is_never_darker() {
        let drawn: Vec<_> = (-5..=150).filter_map(|m| GROUND.colour(m as f32)).collect();
        assert_eq!(drawn.len(), 156);
        assert!(
            drawn
                .windows(2)
                .all(|pair| lightness(pair[1]) >= lightness(pair[0]) - 0.6)
        );
    }

    #[test]
    fn dry_ground_and_nonsense_are_transparent() {
        assert_eq!(DEPTH.colour(0.0), None);
        assert_eq!(DEPTH.colour(-3.0), None);
        assert_eq!(DEPTH.colour(1.0e9), Some([0x08, 0x30, 0x6b, 220]));
    }

    #[test]
    fn what_no_map_covers_does_not_look_dry() {
        let hatched = |column, row| DEPTH.unknown(column, row).is_some();
        assert!(hatched(0, 0) && !hatched(8, 0));
        // Lines go on into the tiles beside it.
        assert!(
            (0..SIDE)
                .all(|at| hatched(at, 3) == hatched(at + SIDE, 3) && hatched(3, at) == hatched(3, at + SIDE))
        );
        assert_eq!(GROUND.unknown(0, 0), None);
    }

    #[test]
    fn an_empty_picture_is_small() {
        let bytes = encode(&vec![0; SIDE * SIDE * 4]).unwrap();
        assert!(
            bytes.starts_with(&[0x89, b'P', b'N', b'G']) && bytes.len() < 1500,
            "{} bytes",
            bytes.len()
        );
    }
}
